case=$MODELS/xgb-squarederror-v3
for body in '' '{' '[1]' 5 '{"inputs": {"zz": [1]}}' '{"inputs": [1], "instances": [1]}'; do
    printf %s "$body" | "$SAVOR" models predict -m "$case/model" || echo $?
done
