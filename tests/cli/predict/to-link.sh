# what a link points to is replaced, and keeps its mode
case=$MODELS/xgb-squarederror-v3
mkdir there
echo old > there/out.json
chmod 640 there/out.json
ln -s there/out.json link.json
"$SAVOR" models predict -m "$case/model" -i "$case/requests/02.json" -o link.json && cat there/out.json && echo
ls -l there/out.json | cut -c1-10
test -L link.json && ls . there
