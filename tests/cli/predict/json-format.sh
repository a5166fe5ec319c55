"$SAVOR" models predict -m x -j columns
