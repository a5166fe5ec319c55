case=$MODELS/xgb-softprob-v1
for n in 01 02 03; do
    "$SAVOR" models compare -m "$case/model" -i "$case/requests/$n.json" --against "$case/expected/$n.json" > out || cat out
done
"$SAVOR" models compare -m "$case/model" -i "$case/requests/04.csv" -t csv --against "$case/expected/04.json" > out || cat out
"$SAVOR" models compare -m "$case/model" -i "$case/requests/02.json" -j records --against "$case/expected/02.json" > out || cat out
