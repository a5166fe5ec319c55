/* mlmodel_fuzz.c: an MLmodel that was read can be written, and its bytes stay the same from then on. */
#include "model/mlmodel.h"

#include <stdlib.h>

/* Reads `text` and writes it to `out`. */
static savor_status rewrite(sv_str text, sv_buf *out)
{
    sv_arena arena;
    const sv_mlmodel *model;
    savor_error err;
    sv_arena_init(&arena, 64 << 20);
    savor_status st = sv_mlmodel_read(text, &arena, &model, &err);
    if (!st)
        st = sv_mlmodel_write(model, out, &err);
    sv_arena_deinit(&arena);
    return st;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sv_buf first = SV_BUF_INIT(8 << 20), second = SV_BUF_INIT(16 << 20);
    if (!rewrite((sv_str){(const char *)data, size}, &first)) {
        savor_status st = rewrite(sv_buf_view(&first), &second);
        if (st ? st != SAVOR_LIMIT : !sv_str_equal(sv_buf_view(&first), sv_buf_view(&second)))
            abort();
    }
    sv_buf_deinit(&first);
    sv_buf_deinit(&second);
    return 0;
}
