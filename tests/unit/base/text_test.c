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
        cmocka_unit_test(test_utf8),
        cmocka_unit_test(test_integers),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_unquote),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
