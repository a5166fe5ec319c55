# an option that MLflow of the forced era has not
"$SAVOR" models serve -m x --profile 3.x --enable-mlserver
