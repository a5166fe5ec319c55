/* xgboost_ubj_fuzz.c: XGBoost models as UBJSON, read and walked. */
#include "fuzz/xgboost_load.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { return load_bytes(data, size); }
