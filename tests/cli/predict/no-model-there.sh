"$SAVOR" models predict -m none
