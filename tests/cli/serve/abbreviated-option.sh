# long options are never abbreviated
"$SAVOR" models serve --model x --env-manager local
