"$SAVOR" models serve -m x -p abc; "$SAVOR" models serve -m x -p 70000; "$SAVOR" models serve -m x -p=80
