#include "fuzz/lightgbm_load.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    savor_error err;
    (void)lightgbm_load_and_predict((sv_str){(const char *)data, size}, &err);
    return 0;
}
