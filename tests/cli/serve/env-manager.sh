"$SAVOR" models serve -m x --env-manager bogus; "$SAVOR" models serve -m x --env-manager LOCAL
