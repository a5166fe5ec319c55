case=$MODELS/xgb-squarederror-v3
"$SAVOR" models predict -m "$case/model" -i "$case/requests/01.json" -o out.json && cat out.json && echo
umask 077
"$SAVOR" models predict -m "$case/model" -i "$case/requests/02.json" -o private.json && ls -l private.json | cut -c1-10
ls
