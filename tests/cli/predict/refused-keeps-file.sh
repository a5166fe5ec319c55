# a failure leaves what was there
case=$MODELS/xgb-squarederror-v3
echo old > out.json
echo '{"dataframe_split": {"columns": ["age"], "data": [[1.0]]}}' > in.json
"$SAVOR" models predict -m "$case/model" -i in.json -o out.json
code=$?
cat out.json
ls
exit $code
