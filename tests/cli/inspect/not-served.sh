# described, but no engine can answer
case=$MODELS/xgb-squarederror-v3
cp -r "$case/model" m && rm m/model.*
"$SAVOR" models inspect m
