# MLflow 1.x ends with 0 here, later ones with 1
"$SAVOR" models prepare-env -m "$MODELS/xgb-squarederror-v3/model" --env-manager local --profile 1.x && "$SAVOR" models prepare-env -m "$MODELS/xgb-squarederror-v3/model" --env-manager local
