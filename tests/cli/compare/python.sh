# SAVOR_LAB: a folder of Python environments v1, v2, v3 with MLflow 1.x, 2.x, 3.x
if [ -z "$SAVOR_LAB" ]; then
    echo "skipped: SAVOR_LAB names no Python environments"
    exit 77
fi
case=$MODELS/xgb-squarederror-v3
python=$SAVOR_LAB/v3/bin/python
"$SAVOR" models compare -m "$case/model" -i "$case/requests/03.json" --against python --python "$python" 2> /dev/null || exit 1
# the answer of a model server that refuses is compared by status and error_code
echo '{"dataframe_split": {"columns": ["age"], "data": [[1.0]]}}' | \
    "$SAVOR" models compare -m "$case/model" --against python --python "$python" 2> /dev/null | cut -c1-50
