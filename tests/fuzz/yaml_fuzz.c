/* yaml_fuzz.c: what was read can be written, and reads and writes the same again. */
#include "text/yaml.h"

#include <stdlib.h>

/* Merge keys and shared values may need more anchors than the source had: then reading again says LIMIT. */
static void check_again(sv_str text)
{
    sv_arena arena;
    sv_buf out = SV_BUF_INIT(16 << 20);
    const sv_node *node;
    sv_arena_init(&arena, 64 << 20);
    savor_status st = sv_yaml_parse(text, &SV_YAML_LIMITS, &arena, &node, NULL);
    if (st && st != SAVOR_LIMIT)
        abort();
    if (!st && (sv_yaml_write(node, &out, NULL) || !sv_str_equal(text, sv_buf_view(&out))))
        abort();
    sv_buf_deinit(&out);
    sv_arena_deinit(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sv_arena arena;
    sv_buf out = SV_BUF_INIT(8 << 20);
    const sv_node *node;
    savor_error err;
    sv_arena_init(&arena, 64 << 20);
    if (!sv_yaml_parse((sv_str){(const char *)data, size}, &SV_YAML_LIMITS, &arena, &node, &err) &&
        !sv_yaml_write(node, &out, &err))
        check_again(sv_buf_view(&out));
    sv_buf_deinit(&out);
    sv_arena_deinit(&arena);
    return 0;
}
