# MLflow 1.x refuses both together; later ones let --no-conda win
"$SAVOR" models serve -m x --profile 1.x --no-conda --env-manager local
