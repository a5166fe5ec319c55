case=$MODELS/xgb-squarederror-v3
"$SAVOR" models compare -m "$case/model" -i "$case/requests/01.json" --against python --python ./none
