"$SAVOR" models signature --help
