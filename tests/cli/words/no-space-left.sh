"$SAVOR" models serve --help > /dev/full
