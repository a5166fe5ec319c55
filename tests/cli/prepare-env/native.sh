# a native model needs no environment, whatever is asked for
MLFLOW_ENV_ROOT=$PWD/root "$SAVOR" models prepare-env -m "$MODELS/xgb-squarederror-v3/model" --env-manager conda; ls
