"$SAVOR" models predict -m x --env-manager bogus
