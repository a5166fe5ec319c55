"$SAVOR" models schema --help
