case=$MODELS/xgb-squarederror-v3
echo '{"predictions": [-0.7129347324371338, -2.13547420501709, 1.6471325159072876, 1.3370637893676758]}' > other.json
"$SAVOR" models compare -m "$case/model" -i "$case/requests/01.json" --against other.json --tol 1e-6 --json
"$SAVOR" models compare -m "$case/model" -i "$case/requests/01.json" --against other.json --tol 1e-9 > /dev/null || echo $?
