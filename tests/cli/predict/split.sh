# exactly the body of the answer, without a line end
case=$MODELS/xgb-squarederror-v3
"$SAVOR" models predict -m "$case/model" -i "$case/requests/01.json"
