/* xgboost_binary_fuzz.c: XGBoost models in the deprecated binary format, read and walked. */
#include "fuzz/xgboost_load.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { return load_bytes(data, size); }
