# an empty variable is an absent one, so the model is looked for
MLFLOW_PORT= "$SAVOR" models serve -m none
