"$SAVOR" models inspect --help
