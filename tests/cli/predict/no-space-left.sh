case=$MODELS/xgb-squarederror-v3
"$SAVOR" models predict -m "$case/model" -i "$case/requests/02.json" > /dev/full
