#include "fuzz/catboost_load.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    savor_error err;
    (void)catboost_load_and_predict((sv_str){(const char *)data, size}, sv_catboost_read_json, &err);
    return 0;
}
