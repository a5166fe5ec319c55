# what a model calls itself cannot colour the terminal
mkdir m
cat > m/MLmodel <<'EOF'
flavors:
  acme_scorer:
    data: model.bin
  "odd\e[31m\u202ename": {}
mlflow_version: 9.1.0
EOF
"$SAVOR" models inspect m > out || echo $?
grep -v "^problem\|^[a-z0-9_]*: *none" out
"$SAVOR" models predict -m m -i /dev/null
