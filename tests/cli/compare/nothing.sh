"$SAVOR" models compare -m x
