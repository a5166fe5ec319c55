"$SAVOR" models
