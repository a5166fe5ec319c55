case=$MODELS/xgb-squarederror-v3
for n in 01 02 03 04; do "$SAVOR" models compare -m "$case/model" -i "$case/requests/$n.json" --against "$case/expected/$n.json"; done
