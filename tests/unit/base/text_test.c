/* text_test.c: str.h: UTF-8 verdicts, integers, order. */
#include "base/str.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_utf8),
        cmocka_unit_test(test_integers),
        cmocka_unit_test(test_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
