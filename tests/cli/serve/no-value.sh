"$SAVOR" models serve -m x -p; "$SAVOR" models serve --host; "$SAVOR" models serve -h
