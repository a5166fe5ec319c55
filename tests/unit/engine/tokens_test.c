/* tokens.c against build_analyzer() of scikit-learn 1.9.1 and its murmurhash3_bytes_s32. */
#include "engine/tokens.h"
#include "unit/test.h"

static const struct {
    sv_token_unit unit;
    bool lowercase, stops;
    sv_accents accents;
    const char *pattern;
    size_t min_n, max_n;
    const char *text;
    const char *found[40];
} cases[] = {
    {SV_TOKENS_WORDS,
     true,
     false,
     SV_ACCENTS_KEEP,
     NULL,
     1,
     1,
     "The cat sat. A cat\314\201 caf\303\251!",
     {"the", "cat", "sat", "cat", "caf\303\251", NULL}},
    {SV_TOKENS_WORDS,
     true,
     false,
     SV_ACCENTS_KEEP,
     NULL,
     1,
     2,
     "one two  three",
     {"one", "two", "three", "one two", "two three", NULL}},
    {SV_TOKENS_WORDS,
     true,
     true,
     SV_ACCENTS_KEEP,
     NULL,
     2,
     3,
     "the quick and the red fox ran",
     {"quick red", "red fox", "fox ran", "quick red fox", "red fox ran", NULL}},
    {SV_TOKENS_CHARS,
     true,
     false,
     SV_ACCENTS_KEEP,
     NULL,
     1,
     2,
     "a  b\011\012c\303\251",
     {"a", " ", "b", " ", "c", "\303\251", "a ", " b", "b ", " c", "c\303\251", NULL}},
    {SV_TOKENS_CHARS_IN_WORDS,
     true,
     false,
     SV_ACCENTS_KEEP,
     NULL,
     2,
     4,
     "ab  c\303\251 x",
     {" a", "ab", "b ", " ab", "ab ", " ab ", " c", "c\303\251", "\303\251 ", " c\303\251", "c\303\251 ",
      " c\303\251 ", " x", "x ", " x ", NULL}},
    {SV_TOKENS_CHARS_IN_WORDS, true, false, SV_ACCENTS_KEEP, NULL, 1, 5, "a bcd", {" ",     "a",   " ",    " a",
                                                                                   "a ",    " a ", " ",    "b",
                                                                                   "c",     "d",   " ",    " b",
                                                                                   "bc",    "cd",  "d ",   " bc",
                                                                                   "bcd",   "cd ", " bcd", "bcd ",
                                                                                   " bcd ", NULL}},
    {SV_TOKENS_WORDS,
     false,
     false,
     SV_ACCENTS_TO_ASCII,
     NULL,
     1,
     1,
     "Caf\303\251 NA\303\217VE \346\235\261\344\272\254 x\302\262y",
     {"Cafe", "NAIVE", "x2y", NULL}},
    {SV_TOKENS_WORDS,
     true,
     false,
     SV_ACCENTS_STRIP,
     "\134w+",
     1,
     1,
     "Caf\303\251 \346\235\261\344\272\254 \302\275",
     {"cafe", "\346\235\261\344\272\254", "1", "2", NULL}},
    {SV_TOKENS_WORDS, true, false, SV_ACCENTS_KEEP, NULL, 3, 3, "only two", {NULL}},
};

static const struct {
    const char *text;
    int32_t hash;
} hashes[] = {
    {"", 0},
    {"a", 1009084850},
    {"ab", -1681926305},
    {"abc", -1277324294},
    {"abcd", 1139631978},
    {"city=Lyon", 1190711055},
    {"caf\303\251", 605818632},
    {"the quick brown fox", 519850996},
};
/* What was found so far must be the first of what is expected. */
typedef struct found {
    const char *const *next;
} found;

static savor_status expect(void *sink, sv_str token, savor_error *err)
{
    found *f = sink;
    (void)err;
    assert_non_null(*f->next);
    assert_true(sv_str_is(token, *f->next));
    f->next++;
    return SAVOR_OK;
}

static void read_case(size_t i, sv_arena *arena, sv_analyzer *out)
{
    *out = (sv_analyzer){cases[i].unit, cases[i].lowercase, cases[i].accents, NULL, cases[i].stops,
                         {0},           cases[i].min_n,     cases[i].max_n};
    sv_index_init(&out->stop_words, arena);
    for (size_t k = 0; cases[i].stops && sv_english_stop_words[k]; k++)
        assert_int_equal(sv_index_put(&out->stop_words, sv_str_of(sv_english_stop_words[k]), k, NULL), SAVOR_OK);
    if (cases[i].pattern)
        assert_int_equal(sv_pattern_parse(sv_str_of(cases[i].pattern), arena, &out->pattern, NULL), SAVOR_OK);
}

static void test_split(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sv_arena arena;
        sv_analyzer analyzer;
        found f = {cases[i].found};
        sv_arena_init(&arena, 1 << 24);
        read_case(i, &arena, &analyzer);
        assert_int_equal(sv_analyzer_split(&analyzer, sv_str_of(cases[i].text), &arena, expect, &f, NULL), SAVOR_OK);
        assert_null(*f.next);
        sv_arena_deinit(&arena);
    }
}

static void test_short_of_memory(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sv_arena arena, small;
        sv_analyzer analyzer;
        savor_status st = SAVOR_LIMIT;
        sv_arena_init(&arena, 1 << 24);
        read_case(i, &arena, &analyzer);
        for (size_t room = 0; st; room += 16) {
            found f = {cases[i].found};
            sv_arena_init(&small, room);
            st = sv_analyzer_split(&analyzer, sv_str_of(cases[i].text), &small, expect, &f, NULL);
            assert_true(st == SAVOR_OK || st == SAVOR_LIMIT || st == SAVOR_NOMEM);
            sv_arena_deinit(&small);
        }
        sv_arena_deinit(&arena);
    }
}

static void test_hashes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof hashes / sizeof *hashes; i++)
        assert_int_equal(sv_murmur3(sv_str_of(hashes[i].text)), hashes[i].hash);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_split),
        cmocka_unit_test(test_short_of_memory),
        cmocka_unit_test(test_hashes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
