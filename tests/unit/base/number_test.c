/* number_test.c: Python's repr of doubles, and reading them back (expected texts from CPython's repr and float). */
#include "base/number.h"

#include "unit/test.h"

#include <math.h>

static void check_text(double value, const char *expected)
{
    char text[SV_DOUBLE_TEXT_MAX + 1];
    size_t n = sv_double_to_text(value, text);
    text[n] = '\0';
    assert_string_equal(text, expected);
}

static void test_repr(void **state)
{
    (void)state;
    check_text(0.0, "0.0");
    check_text(-0.0, "-0.0");
    check_text(1.0, "1.0");
    check_text(100.0, "100.0");
    check_text(0.1, "0.1");
    check_text(1e16, "1e+16");
    check_text(9999999999999998.0, "9999999999999998.0");
    check_text(1e22, "1e+22");
    check_text(0.0001, "0.0001");
    check_text(0.00001, "1e-05");
    check_text(1.5e-7, "1.5e-07");
    check_text(5e-324, "5e-324");
    check_text(1.7976931348623157e308, "1.7976931348623157e+308");
    check_text(123456.789, "123456.789");
    check_text((double)0.1f, "0.10000000149011612");
    check_text(NAN, "nan");
    check_text(-INFINITY, "-inf");
}

static void test_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double value;
    } ROWS[] = {
        {"1", 1},
        {"-1.5", -1.5},
        {".5", 0.5},
        {"5.", 5},
        {"1e400", INFINITY},
        {"-1e400", -INFINITY},
        {"1e-400", 0},
        {"0.000e999999999999", 0},
        {"0e999999", 0},
        {"1e-999999999999", 0},
        {"1E+2", 100},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        double value = 7;
        assert_true(sv_text_to_double(sv_str_of(ROWS[i].text), &value));
        assert_true(value == ROWS[i].value);
    }
    static const char *const BAD[] = {"",     "-",  "+1",  " 1", "1 ",  "inf", "nan",
                                      "0x10", "1e", "1e+", ".",  "1_0", "--1"};
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        double value;
        assert_false(sv_text_to_double(sv_str_of(BAD[i]), &value));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_repr),
        cmocka_unit_test(test_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
