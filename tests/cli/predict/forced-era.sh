# MLflow 1.x knows no dataframe_split
case=$MODELS/xgb-squarederror-v3
"$SAVOR" models predict -m "$case/model" -i "$case/requests/01.json" --profile 1.x || echo $?
SAVOR_PROFILE=3.x "$SAVOR" models predict -m "$case/model" -i "$case/requests/02.json"
