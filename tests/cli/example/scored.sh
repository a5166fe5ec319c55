# the request is ready: the model answers it
case=$MODELS/lgb-zero-as-missing-v1
"$SAVOR" models example "$case/model" > request.json
"$SAVOR" models predict -m "$case/model" -i request.json > answer.json && echo scored
"$SAVOR" models example "$case/model" --profile 3.x -o newer.json
python3 -c "import json; print(*json.load(open('request.json')), *json.load(open('newer.json')))"
