/* json_fuzz.c: what was parsed can be walked node by node, written, and parsed and written the same again. */
#include "text/json.h"

#include <stdlib.h>

/* Containers end exactly where their members do, and a value's text lies somewhere. */
static void walk(const sv_json *root)
{
    const sv_json *end = sv_json_next(root);
    for (const sv_json *v = root; v < end; v++) {
        if (v->kind > SV_JSON_OBJECT)
            abort();
        if (v->kind == SV_JSON_STRING && !sv_utf8_check_surrogates(v->u.p, v->n))
            abort();
        if (v->kind < SV_JSON_ARRAY)
            continue;
        const sv_json *at = v + 1;
        size_t n = v->kind == SV_JSON_OBJECT ? 2 * (size_t)v->n : v->n;
        for (size_t i = 0; i < n && at < end; i++) {
            if (v->kind == SV_JSON_OBJECT && i % 2 == 0 && at->kind != SV_JSON_STRING)
                abort();
            at = sv_json_next(at);
        }
        if (at != sv_json_next(v))
            abort();
    }
}

static void check_again(sv_str text)
{
    sv_arena arena;
    sv_buf out = SV_BUF_INIT((size_t)16 << 20);
    const sv_json *v;
    sv_arena_init(&arena, (size_t)64 << 20);
    if (sv_json_parse(text, &SV_JSON_LIMITS, &arena, &v, NULL, NULL))
        abort();
    sv_json_put_value(&out, v);
    if (sv_buf_check(&out, NULL) || !sv_str_equal(text, sv_buf_view(&out)))
        abort();
    sv_buf_deinit(&out);
    sv_arena_deinit(&arena);
}

static void check(sv_str text, sv_json_limits limits)
{
    sv_arena arena;
    sv_buf out = SV_BUF_INIT((size_t)16 << 20);
    sv_json_fault fault = {NULL, 0};
    const sv_json *v;
    sv_arena_init(&arena, (size_t)64 << 20);
    savor_status st = sv_json_parse(text, &limits, &arena, &v, &fault, NULL);
    if (st == SAVOR_FORMAT && fault.offset > text.n)
        abort();
    if (!st) {
        walk(v);
        sv_json_put_value(&out, v);
        if (!sv_buf_check(&out, NULL) && !limits.is_ujson)
            check_again(sv_buf_view(&out));
    }
    sv_buf_deinit(&out);
    sv_arena_deinit(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sv_str text = {(const char *)data, size};
    if (size > 1 << 16 || !sv_utf8_check_surrogates(text.p, text.n)) /* the parser's callers check first */
        return 0;
    check(text, SV_JSON_LIMITS);
    check(text, SV_UJSON_LIMITS);
    return 0;
}
