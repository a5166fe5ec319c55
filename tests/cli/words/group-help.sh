"$SAVOR" models --help && "$SAVOR" help models > again && "$SAVOR" models --help | cmp - again
