"$SAVOR" models serve -m x --no-conda=1
