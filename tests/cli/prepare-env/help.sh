"$SAVOR" models prepare-env --help
