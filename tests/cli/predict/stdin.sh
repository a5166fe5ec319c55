case=$MODELS/xgb-squarederror-v3
"$SAVOR" models predict -m "$case/model" < "$case/requests/02.json"
echo
"$SAVOR" models predict -m "$case/model" -i - -o - < "$case/requests/02.json"
echo
cat "$case/requests/02.json" | "$SAVOR" models predict -m "$case/model"
