touch rows.txt
"$SAVOR" models signature --infer rows.txt
echo '[1' > cut.json
"$SAVOR" models signature --infer cut.json
"$SAVOR" models signature --infer none.json
echo '[1]' > list.json
"$SAVOR" models signature --infer list.json --params list.json
