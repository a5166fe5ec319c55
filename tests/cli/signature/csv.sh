# each era's inference of one CSV file
printf 'a,b,c\n1,2.5,x\n2,,y\n' > rows.csv
for era in 1.x 2.x 3.x; do "$SAVOR" models signature --infer rows.csv --profile $era; done
