MLFLOW_PORT=abc "$SAVOR" models serve -m x
