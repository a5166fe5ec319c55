"$SAVOR" models serve -m none --env-manager local; "$SAVOR" models serve none
