mkdir m
cat > m/MLmodel <<'EOF'
flavors: {}
mlflow_version: 3.17.2
signature:
  inputs: '[{"type": "double", "name": "a b"}, {"type": "string", "name": "c", "required": false}]'
  outputs: '[{"type": "long"}]'
EOF
"$SAVOR" models schema m --proto
"$SAVOR" models schema m > schema.json
"$SAVOR" models schema m --openapi > openapi.json
python3 -c "
import json
schema, openapi = json.load(open('schema.json')), json.load(open('openapi.json'))
print(json.dumps(schema['\$defs']['Row']))
print(*sorted(openapi['paths']), *sorted(openapi['components']['schemas']))"
