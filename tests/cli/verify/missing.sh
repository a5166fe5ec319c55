# one file is missing, one is cut
mkdir m && printf 'flavors:\n  sklearn: {pickled_model: model.pkl}\n' > m/MLmodel
printf "(cnumpy\nndarray\n" > m/cut.pickle
"$SAVOR" models verify m
