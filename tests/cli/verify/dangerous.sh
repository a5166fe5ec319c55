# a pickle that calls a program, by two names for one; nothing is called
mkdir -p m/data && printf 'flavors:\n  sklearn: {pickled_model: model.pkl}\n' > m/MLmodel
printf "(cposix\nsystem\n(S'touch called'\ntRcsklearn.base\nos.system\nc__main__\nMine\nt." > m/model.pkl
printf "(csklearn.dummy\nDummyRegressor\ncnumpy\nndarray\nt." > m/data/second.joblib
"$SAVOR" models verify m; code=$?; ls; exit $code
