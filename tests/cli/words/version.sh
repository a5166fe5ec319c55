"$SAVOR" --version
