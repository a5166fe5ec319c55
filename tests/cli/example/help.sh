"$SAVOR" models example --help
