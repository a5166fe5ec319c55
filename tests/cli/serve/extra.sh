"$SAVOR" models serve -m x y; "$SAVOR" models serve x y z; "$SAVOR" models serve -- x -y
