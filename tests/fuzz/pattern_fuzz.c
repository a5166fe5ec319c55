/* pattern_fuzz.c: a line with a token pattern, then a text that it is looked for in. */
#include "engine/tokens.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static savor_status look_at(void *sink, sv_str token, savor_error *err)
{
    uint64_t *sum = sink;
    (void)err;
    for (size_t i = 0; i < token.n; i++) /* every byte has to be there */
        *sum = *sum * 31 + (unsigned char)token.p[i];
    return SAVOR_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sv_str all = {(const char *)data, size};
    size_t end = sv_str_find(all, '\n');
    sv_analyzer analyzer = {.min_n = 1, .max_n = 2, .lowercase = true, .accents = SV_ACCENTS_STRIP};
    sv_str text = {all.p + end, size - end};
    uint64_t sum = 0;
    sv_arena arena;
    if (size > 4096 || !sv_utf8_check_surrogates(all.p, all.n))
        return 0;
    sv_arena_init(&arena, (size_t)1 << 26);
    savor_status st = sv_pattern_parse((sv_str){all.p, end}, &arena, &analyzer.pattern, NULL);
    if (!st)
        st = sv_analyzer_split(&analyzer, text, &arena, look_at, &sum, NULL);
    analyzer.unit = size % 2 ? SV_TOKENS_CHARS : SV_TOKENS_CHARS_IN_WORDS;
    if (st != SAVOR_INTERNAL)
        st = sv_analyzer_split(&analyzer, text, &arena, look_at, &sum, NULL);
    sv_arena_deinit(&arena);
    return st == SAVOR_INTERNAL ? -1 : 0;
}
