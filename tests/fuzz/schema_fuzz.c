/* schema_fuzz.c: a schema that was read can be written, and reads and writes the same again. */
#include "model/schema.h"

#include <stdlib.h>

static savor_status rewrite_schema(sv_str text, sv_buf *out)
{
    sv_arena arena;
    const sv_schema *schema;
    savor_error err;
    sv_arena_init(&arena, 64 << 20);
    savor_status st = sv_schema_read(text, &arena, &schema, &err);
    if (!st && schema)
        sv_schema_write(schema, out);
    sv_arena_deinit(&arena);
    return st;
}

static savor_status rewrite_params(sv_str text, sv_buf *out)
{
    sv_arena arena;
    sv_signature signature = {0};
    savor_error err;
    sv_arena_init(&arena, 64 << 20);
    savor_status st = sv_params_read(text, &arena, &signature, &err);
    if (!st && signature.has_params)
        sv_params_write(&signature, out);
    sv_arena_deinit(&arena);
    return st;
}

static void check(sv_str text, savor_status (*rewrite)(sv_str, sv_buf *))
{
    sv_buf first = SV_BUF_INIT(8 << 20), second = SV_BUF_INIT(8 << 20);
    if (!rewrite(text, &first) && !first.failed &&
        (rewrite(sv_buf_view(&first), &second) || !sv_str_equal(sv_buf_view(&first), sv_buf_view(&second))))
        abort();
    sv_buf_deinit(&first);
    sv_buf_deinit(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sv_str text = {(const char *)data, size};
    check(text, rewrite_schema);
    check(text, rewrite_params);
    return 0;
}
