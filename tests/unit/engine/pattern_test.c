/* pattern.c and pattern_match.c against findall of CPython's re. */
#include "engine/pattern.h"
#include "unit/test.h"

static const struct {
    const char *pattern, *text;
    const char *found[12];
} cases[] = {
    {"\134w+", "a_1 caf\303\251, x", {"a_1", "caf\303\251", "x", NULL}},
    {"(\077u)\134b\134w+\134b", "don't stop", {"don", "t", "stop", NULL}},
    {"[a-z]{2,3}", "abcdefg ab a", {"abc", "def", "ab", NULL}},
    {"\134S+", " a b\302\240c\343\200\200d", {"a", "b", "c", "d", NULL}},
    {"[^\134W\134d_]+", "ab1_c", {"ab", "c", NULL}},
    {"(\134w)\134w*", "one two", {"o", "t", NULL}},
    {"\134w*", "ab, c", {"ab", "", "", "c", "", NULL}},
    {"a|ab|abc", "abc", {"a", NULL}},
    {"abc|ab|a", "abcab", {"abc", "ab", NULL}},
    {"\134w+\077(\077=\134s)", "ab cd ef", {"ab", "cd", NULL}},
    {"(\077<!\134S)\134w+(\077!\134S)", "ab c-d ef", {"ab", "ef", NULL}},
    {"(\077<=a)b", "ab cb", {"b", NULL}},
    {"(\077:\134w+-)*\134w+", "a-b-c d", {"a-b-c", "d", NULL}},
    {"^\134w+|\134w+$", "one two three\012", {"one", "three", NULL}},
    {"(\077m)^\134w+$", "one\012two x\012three", {"one", "three", NULL}},
    {"(\077s)a.b", "a\012b a\011b", {"a\012b", "a\011b", NULL}},
    {"a.b", "a\012b a\011b", {"a\011b", NULL}},
    {"x{2}y{,1}", "xxyxxx", {"xxy", "xx", NULL}},
    {"a{b", "a{b", {"a{b", NULL}},
    {"[]a-]+", "]-a b", {"]-a", NULL}},
    {"[\134u00e0-\134u00ff]+", "caf\303\251\303\250", {"\303\251\303\250", NULL}},
    {"\134x41\134t\077", "A\011A", {"A\011", "A", NULL}},
    {"[+\134-*/.]", "1+2-3*4", {"+", "-", "*", NULL}},
    {"\134B\134w", "ab cd", {"b", "d", NULL}},
    {"\134Aa|b\134Z", "ab", {"a", "b", NULL}},
    {"(\077P<w>\134d+)\134s", "1 22 3", {"1", "22", NULL}},
    {"a\077\077b", "ab", {"ab", NULL}},
    {"(a)|b", "ab", {"a", "", NULL}},
    {"", "ab", {"", "", "", NULL}},
    {"\134d+|[a-z]+", "12ab\331\243", {"12", "ab", "\331\243", NULL}},
    {"[\134w']+", "it's", {"it's", NULL}},
    {"a*\077", "aa", {"", "a", "", "a", "", NULL}},
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

static void test_find_all(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sv_arena arena;
        const sv_pattern *pattern;
        found f = {cases[i].found};
        sv_arena_init(&arena, 1 << 24);
        assert_int_equal(sv_pattern_parse(sv_str_of(cases[i].pattern), &arena, &pattern, NULL), SAVOR_OK);
        assert_int_equal(sv_pattern_find_all(pattern, sv_str_of(cases[i].text), &arena, expect, &f, NULL), SAVOR_OK);
        assert_null(*f.next);
        sv_arena_deinit(&arena);
    }
}

static void test_refusals(void **state)
{
    static const struct {
        const char *text;
        savor_status status;
    } bad[] = {
        {"(", SAVOR_FORMAT},           {")", SAVOR_FORMAT},           {"[a", SAVOR_FORMAT},
        {"*a", SAVOR_FORMAT},          {"a{3,2}", SAVOR_FORMAT},      {"[b-a]", SAVOR_FORMAT},
        {"\\", SAVOR_FORMAT},          {"\\x1", SAVOR_FORMAT},        {"(?<=a+)b", SAVOR_FORMAT},
        {"(?i)a", SAVOR_UNSUPPORTED},  {"(a)(b)", SAVOR_UNSUPPORTED}, {"\\1", SAVOR_UNSUPPORTED},
        {"(a*)*", SAVOR_UNSUPPORTED},  {"a++", SAVOR_UNSUPPORTED},    {"(?>a)", SAVOR_UNSUPPORTED},
        {"\\p{L}", SAVOR_UNSUPPORTED}, {"a{2000}", SAVOR_FORMAT},     {"(?:a{1000}){1000}", SAVOR_UNSUPPORTED},
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        sv_arena arena;
        const sv_pattern *pattern;
        sv_arena_init(&arena, 1 << 24);
        assert_int_equal(sv_pattern_parse(sv_str_of(bad[i].text), &arena, &pattern, NULL), bad[i].status);
        assert_null(pattern);
        sv_arena_deinit(&arena);
    }
}

static savor_status ignore(void *sink, sv_str token, savor_error *err)
{
    (void)sink, (void)token, (void)err;
    return SAVOR_OK;
}

/* Where re would not end in a lifetime, there is a limit. */
static void test_explosion(void **state)
{
    sv_arena arena;
    const sv_pattern *pattern;
    (void)state;
    sv_arena_init(&arena, 1 << 28);
    assert_int_equal(sv_pattern_parse(SV_STR("(?:a|a)+b"), &arena, &pattern, NULL), SAVOR_OK);
    sv_str text = SV_STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
    assert_int_equal(sv_pattern_find_all(pattern, text, &arena, ignore, NULL, NULL), SAVOR_LIMIT);
    sv_arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_find_all),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_explosion),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
