"$SAVOR" models compare -m x --against y -j columns
