case=$MODELS/xgb-softprob-v1
# a recorded error: error_code is compared, the message is not
"$SAVOR" models compare -m "$case/model" -i "$case/requests/05.json" --against "$case/expected/05.json"
"$SAVOR" models compare -m "$case/model" -i "$case/requests/05.json" --against "$case/expected/01.json" || echo $?
"$SAVOR" models compare -m "$case/model" -i "$case/requests/01.json" --against "$case/expected/05.json" --json
