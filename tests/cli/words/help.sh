"$SAVOR" --help
