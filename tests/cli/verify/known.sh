mkdir m && printf 'flavors:\n  sklearn: {pickled_model: model.pkl}\n' > m/MLmodel
printf "(csklearn.dummy\nDummyRegressor\ncnumpy\nndarray\nt." > m/model.pkl
"$SAVOR" models verify -m m --json
