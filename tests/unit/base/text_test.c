/* text_test.c: str.h: UTF-8 verdicts, integers, order. */
#include "base/str.h"

#include <stdlib.h>

#include "unit/test.h"

static void test_utf8(void **state)
{
    (void)state;
    static const char *const GOOD[] = {
        "", "abc", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "12345678\xc3\xa9", "\xf4\x8f\xbf\xbf"};
    static const char *const BAD[] = {
        "\xff", "\xc3", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "a\x80", "12345678\xe2\x82"};
    for (size_t i = 0; i < sizeof GOOD / sizeof GOOD[0]; i++)
        assert_true(sv_utf8_check(GOOD[i], strlen(GOOD[i])));
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++)
        assert_false(sv_utf8_check(BAD[i], strlen(BAD[i])));
    assert_true(sv_utf8_check_surrogates("\xed\xa0\x80", 3));
    for (uint32_t c = 1; c < 0x110000; c = c * 3 + 1) {
        char text[4];
        uint32_t back;
        size_t n = sv_utf8_put(c, text);
        assert_int_equal(sv_utf8_get(text, &back), n);
        assert_int_equal(back, c);
    }
}

/* A bad byte at each place of texts of each length: whole blocks, words and what is left over. */
static void test_utf8_places(void **state)
{
    (void)state;
    char text[80];
    for (size_t n = 1; n <= sizeof text; n++)
        for (size_t at = 0; at < n; at++) {
            memset(text, 'x', n);
            assert_true(sv_utf8_check(text, n));
            text[at] = '\x80';
            assert_false(sv_utf8_check(text, n));
        }
}

/* Each length, and one byte that differs at each place. */
static void test_equal(void **state)
{
    (void)state;
    char a[40], b[40];
    for (size_t n = 0; n <= sizeof a; n++) {
        for (size_t i = 0; i < n; i++)
            a[i] = b[i] = (char)(i * 37 + n);
        assert_true(sv_str_equal((sv_str){a, n}, (sv_str){b, n}));
        for (size_t i = 0; i < n; i++) {
            b[i] = (char)(b[i] ^ 0x80);
            assert_false(sv_str_equal((sv_str){a, n}, (sv_str){b, n}));
            b[i] = a[i];
        }
        if (n)
            assert_false(sv_str_equal((sv_str){a, n}, (sv_str){b, n - 1}));
    }
}

static void test_integers(void **state)
{
    (void)state;
    int64_t i;
    assert_true(sv_str_to_int64(SV_STR("-9223372036854775808"), &i) && i == INT64_MIN);
    assert_true(sv_str_to_int64(SV_STR("+7"), &i) && i == 7);
    assert_false(sv_str_to_int64(SV_STR("9223372036854775808"), &i));
    assert_false(sv_str_to_int64(SV_STR(""), &i));
    assert_false(sv_str_to_int64(SV_STR("-"), &i));
    assert_false(sv_str_to_int64(SV_STR("1 "), &i));
}

static void test_order(void **state)
{
    (void)state;
    assert_true(sv_str_compare(SV_STR("a"), SV_STR("ab")) < 0);
    assert_true(sv_str_compare(SV_STR("b"), SV_STR("ab")) > 0);
    assert_int_equal(sv_str_compare(SV_STR("x"), SV_STR("x")), 0);
    assert_true(sv_str_is(sv_str_trim(SV_STR(" \t x y\r\n")), "x y"));
    assert_true(sv_str_is(sv_str_cut(SV_STR("abc"), 3), "abc"));
    assert_true(sv_str_is(sv_str_cut(SV_STR("abc"), 2), "ab"));
    assert_true(sv_str_is(sv_str_cut(SV_STR("a\xc3\xa9"), 2), "a"));
}

static void test_unquote(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"", ""},       {"a b", "a b"}, {"%41%6a%6A", "Ajj"}, {"%", "%"},     {"%4", "%4"},
        {"%4x", "%4x"}, {"%%41", "%A"}, {"%2541", "%41"},     {"a%2", "a%2"}, {"%c3%a9+", "\xc3\xa9+"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *copy = malloc(strlen(cases[i].in) + 1);
        assert_non_null(copy);
        size_t n = sv_str_unquote(sv_str_of(cases[i].in), copy);
        assert_int_equal(n, strlen(cases[i].out));
        assert_memory_equal(copy, cases[i].out, n);
        free(copy);
    }
    for (int c = -128; c < 128; c++) {
        const char *digits = "0123456789abcdefABCDEF", *at = c ? strchr(digits, c) : NULL;
        long digit = at ? at - digits : -1;
        assert_int_equal(sv_hex_digit((char)c), digit < 16 ? digit : digit - 6);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_utf8),     cmocka_unit_test(test_utf8_places), cmocka_unit_test(test_equal),
        cmocka_unit_test(test_integers), cmocka_unit_test(test_order),       cmocka_unit_test(test_unquote),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
