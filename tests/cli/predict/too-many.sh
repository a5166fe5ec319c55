set --; i=0; while [ $i -lt 65 ]; do set -- "$@" --env a=$i; i=$((i+1)); done; "$SAVOR" models predict -m x "$@"
