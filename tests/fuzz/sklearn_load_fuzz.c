/* sklearn_load_fuzz.c: any bytes as a pickled or skops estimator; one that loads is asked all that it can answer. */
#include "fuzz/foreign.h"
#include "fuzz/sklearn_load.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    savor_error err = {0};
    sv_str bytes = {(const char *)data, size};
    if (!is_foreign(bytes) && sklearn_load_and_predict(bytes, &err) && err.message[0] == 0)
        abort(); /* a refusal says why */
    return 0;
}
