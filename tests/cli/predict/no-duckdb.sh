export SAVOR_DUCKDB_LIB=/nowhere/libduckdb.so
printf PAR1 | "$SAVOR" models predict -m "$MODELS/xgb-squarederror-v3/model" -t parquet
