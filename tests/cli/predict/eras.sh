# which era has which option; "no such directory" means that the option was taken
for o in "-j split" "--env A=b" "-r six" --no-conda; do for p in 1.x 2.x 3.x; do echo "$p $o"; "$SAVOR" models predict -m none --profile $p $o 2>&1 | tail -1; done; done
