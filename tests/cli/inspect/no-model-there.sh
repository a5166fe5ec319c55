"$SAVOR" models inspect none; "$SAVOR" models inspect -m none --json
