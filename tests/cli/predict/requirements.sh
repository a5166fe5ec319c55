"$SAVOR" models predict -m x -r six --env-manager local; "$SAVOR" models predict -m x -r six --no-conda
