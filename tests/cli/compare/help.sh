"$SAVOR" models compare --help
