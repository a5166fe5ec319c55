# what predict wrote, and params; as JSON and as MLmodel has it
case=$MODELS/xgb-squarederror-v3
printf '{"t": 0.5, "words": ["a"]}' > params.json
"$SAVOR" models predict -m "$case/model" -i "$case/requests/01.json" -o answer.json
"$SAVOR" models signature --infer "$case/requests/01.json" --outputs answer.json --params params.json > out.json
python3 -c "
import json
signature = json.load(open('out.json'))
print(*signature)
print(*(spec['type'] for name in ('inputs', 'outputs', 'params') for spec in json.loads(signature[name])))"
echo '[{"a": 1}]' | "$SAVOR" models signature --infer - --yaml
