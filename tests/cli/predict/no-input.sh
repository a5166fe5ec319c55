case=$MODELS/xgb-squarederror-v3
"$SAVOR" models predict -m "$case/model" -i none.json; "$SAVOR" models predict -m "$case/model" -i .
