"$SAVOR" models verify --help
