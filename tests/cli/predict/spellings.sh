case=$MODELS/xgb-squarederror-v3
"$SAVOR" models predict --content-type=json --env-manager local --model-uri="file://$case/model" -i"$case/requests/02.json"
echo
"$SAVOR" models predict -tjson --model-uri "$case/model/" --install-mlflow --input-path "$case/requests/02.json"
