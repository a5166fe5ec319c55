"$SAVOR" models example "$MODELS/xgb-squarederror-v3/model"
