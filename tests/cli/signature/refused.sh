# 2.16 and 1.30 refuse what later ones call "any"
echo '[1, 1.5]' > mixed.json
for era in 1.x 2.x 3.x; do "$SAVOR" models signature --infer mixed.json --profile $era; done
echo '{"a": [1]}' > dict.json
"$SAVOR" models signature --infer dict.json --profile 1.x
