# SAVOR_LAB: a folder of Python environments v1, v2, v3 with MLflow 1.x, 2.x, 3.x
if [ -z "$SAVOR_LAB" ]; then
    echo "skipped: SAVOR_LAB names no Python environments"
    exit 77
fi
compare() {
    "$SAVOR" models compare "$@" 2> err || cat err
}
compare -m "$MODELS/xgb-softprob-v1/model" -i "$MODELS/xgb-softprob-v1/requests/03.json" --against python \
    --python "$SAVOR_LAB/v1/bin/python"
compare -m "$MODELS/xgb-softprob-v1/model" -i "$MODELS/xgb-softprob-v1/requests/04.csv" -t csv --against python \
    --python "$SAVOR_LAB/v1/bin/python"
compare -m "$MODELS/xgb-clf-multi-v2/model" -i "$MODELS/xgb-clf-multi-v2/requests/03.json" --against python \
    --python "$SAVOR_LAB/v2/bin/python"
# from standard input, in the variable's environment; a refusal is compared by status and error_code
SAVOR_PYTHON=$SAVOR_LAB/v3/bin/python
export SAVOR_PYTHON
model=$MODELS/xgb-squarederror-v3/model
compare -m "$model" --against python < "$MODELS/xgb-squarederror-v3/requests/03.json"
echo '{"dataframe_split": {"columns": ["age"], "data": [[1.0]]}}' | compare -m "$model" --against python | cut -c1-40
ls
