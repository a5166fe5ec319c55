case=$MODELS/xgb-softprob-v1
for profile in auto 1.x; do
    "$SAVOR" models predict -m "$case/model" -i "$case/requests/01.json" -j split --profile $profile && echo
    "$SAVOR" models predict -m "$case/model" -i "$case/requests/01.json" --profile $profile && echo
    "$SAVOR" models predict -m "$case/model" -i "$case/requests/02.json" --json-format records --profile $profile && echo
    "$SAVOR" models predict -m "$case/model" -i "$case/requests/04.csv" -t csv --profile $profile && echo
done
# a body for records is no body for split, which is what MLflow 1.x expects; auto looks at it
"$SAVOR" models predict -m "$case/model" -i "$case/requests/02.json" --profile 1.x || echo $?
"$SAVOR" models predict -m "$case/model" -i "$case/requests/02.json"
