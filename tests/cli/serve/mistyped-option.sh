"$SAVOR" models serve -m x --prot 5000; "$SAVOR" models serve -m x --env-maneger local
