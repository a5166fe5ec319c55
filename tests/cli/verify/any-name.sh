# MLmodel names a pickle of the oldest protocol that has another file's name, and once more inside gzip; nothing is called
mkdir m && printf 'flavors:\n  sklearn: {pickled_model: weights.json}\n  other: {data: weights.gz, text: notes.txt}\n' > m/MLmodel
printf "cposix\nsystem\n(S'touch called'\ntR." > m/weights.json
gzip -n < m/weights.json > m/weights.gz
echo "(not a pickle" > m/notes.txt
"$SAVOR" models verify m; code=$?; ls; exit $code
