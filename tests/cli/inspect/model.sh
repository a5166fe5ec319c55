case=$MODELS/xgb-squarederror-v3
"$SAVOR" models inspect "$case/model" && "$SAVOR" models inspect -m "$case/model" --json > out.json && python3 -c "import json; print(json.load(open('out.json'))['engine'])"
