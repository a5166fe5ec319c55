"$SAVOR" models predict
