# one line, with quotes that the shell takes
mkdir m
cat > m/MLmodel <<'EOF'
flavors: {}
mlflow_version: 3.17.2
saved_input_example_info: {artifact_path: input_example.json, serving_input_path: serving_input_example.json, type: json_object}
EOF
cat > m/serving_input_example.json <<'EOF'
{
  "inputs": [
    "it's",
    "a \"b\"\n  c"
  ]
}
EOF
echo '["it'"'"'s", "a \"b\"\n  c"]' > m/input_example.json
"$SAVOR" models example m --curl
"$SAVOR" models example m --curl --host ::1 --port 8080 | sed 's/ -H.*//'
eval "set -- $("$SAVOR" models example m --curl)"
printf '%s\n' "$6"
