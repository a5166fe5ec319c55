cd "$MODELS/xgb-squarederror-v3" || exit 1
"$SAVOR" models predict -m model -i requests/01.json --output-type csv | head -1
"$SAVOR" models predict -m model -i requests/01.json --output-type csv | wc -l
"$SAVOR" models predict -m model -i requests/01.json --output-type arrow | tail -c 8 | od -An -tx1
"$SAVOR" models predict -m model -i requests/01.json --output-type csv --profile 3.x | head -c 15
