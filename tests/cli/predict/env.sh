"$SAVOR" models predict -m x --env A=b --env-manager local; "$SAVOR" models predict -m x --env A
