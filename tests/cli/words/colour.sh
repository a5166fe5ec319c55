# colour only where it is wanted: standard error is no terminal here
for variable in A=1 FORCE_COLOR=1 NO_COLOR=1 "FORCE_COLOR=1 NO_COLOR=1" FORCE_COLOR=; do
    env $variable "$SAVOR" models predict -m x --env-manager bogus 2>&1 | sed "s/$(printf '\033')/ESC/g; s/Invalid.*//"
done
