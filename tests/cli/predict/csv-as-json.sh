# the content type is json unless told otherwise, as MLflow has it
printf 'a,b\n1,2\n' > rows.csv
"$SAVOR" models predict -m "$MODELS/xgb-squarederror-v3/model" -i rows.csv
