"$SAVOR" models serve --help
