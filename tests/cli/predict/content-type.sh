for t in xml JSON application/json ""; do "$SAVOR" models predict -m x -t "$t" --env-manager local; done
