"$SAVOR" models serve --env-manager local
