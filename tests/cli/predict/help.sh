"$SAVOR" models predict --help
