"$SAVOR" models serve -m x --nope; "$SAVOR" models serve -m x -Z
