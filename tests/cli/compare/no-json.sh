case=$MODELS/xgb-squarederror-v3
echo hello > other.json
"$SAVOR" models compare -m "$case/model" -i "$case/requests/01.json" --against other.json; "$SAVOR" models compare -m "$case/model" -i "$case/requests/01.json" --against none.json
