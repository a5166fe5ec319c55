/* csv_test.c: rows, cells and numbers; the verdicts are those of pandas 1.5.3 and 3.1.1. */
#include "base/buf.h"
#include "text/csv.h"
#include "text/csv_number.h"

#include "unit/test.h"

#include <math.h>

#define CELLS_MAX 64

/* All rows as "cell|cell;" text, the header first; the error's message when there is one. */
static void show(const char *text, bool cut_at_nul, size_t n, sv_buf *out)
{
    sv_arena arena;
    sv_csv_reader reader;
    sv_str cells[CELLS_MAX];
    savor_error err = {0};
    size_t n_rows = 0;
    sv_arena_init(&arena, 1 << 20);
    savor_status st = sv_csv_open((sv_str){text, n}, cut_at_nul, &arena, &reader, &err);
    for (size_t i = 0; st == SAVOR_OK && i < reader.n_header; i++)
        sv_buf_printf(out, "%.*s|", SV_FMT(reader.header[i]));
    if (st == SAVOR_OK) {
        sv_buf_put_text(out, ";");
        st = sv_csv_read(&reader, CELLS_MAX / reader.width, cells, &n_rows, &err);
    }
    for (size_t i = 0; st == SAVOR_OK && i < n_rows * reader.width; i++)
        sv_buf_printf(out, "%.*s|%s", SV_FMT(cells[i]), (i + 1) % reader.width ? "" : ";");
    if (st)
        sv_buf_put_text(out, err.message);
    sv_arena_deinit(&arena);
}

static void check(const char *text, const char *want)
{
    sv_buf out = SV_BUF_INIT(1 << 16);
    show(text, false, strlen(text), &out);
    assert_string_equal(sv_buf_view(&out).p, want);
    sv_buf_deinit(&out);
}

static void test_rows(void **state)
{
    (void)state;
    check("a,b\n1,2\n", "a|b|;1|2|;");
    check("a,b\r\n1,2\r3,4", "a|b|;1|2|;3|4|;");
    check("\n \t\na,b\n\n1\n\n", "a|b|;1||;");
    check("\xef\xbb\xbf\"a\",b\n", "a|b|;");
    check("a\n1,2\n3\n", "a|;1|2|;3||;");
    check("a\n 1\n", "a|; 1|;");
    check("a,b\n\r,2\n", "a|b|;2||;");
    check("a,b,c\n\r, x,1\n", "a|b|c|;| x|1|;");
}

static void test_quotes(void **state)
{
    (void)state;
    check("a\n\"x,\n\"\"y\"\"\"\n", "a|;x,\n\"y\"|;");
    check("a\n\"x\"y\"z\n", "a|;xy\"z|;");
    check("a\nx\"y,\"\"\n", "a|;x\"y||;");
    check("a\n\"x\n", "Error tokenizing data. C error: EOF inside string starting at row 1");
}

static void test_refused(void **state)
{
    (void)state;
    check("", "No columns to parse from file");
    check(" \n", "No columns to parse from file");
    check("a,b\n1,2\n\n3,4,5\n", "a|b|;Error tokenizing data. C error: Expected 2 fields in line 4, saw 3");
}

static void test_nul(void **state)
{
    (void)state;
    sv_buf out = SV_BUF_INIT(1 << 16);
    show("a\nx\0y\n", true, 6, &out);
    assert_string_equal(sv_buf_view(&out).p, "a|;x|;");
    sv_buf_deinit(&out);
}

static void check_double(const char *text, double legacy, double exact)
{
    double got = 0;
    assert_int_equal(sv_csv_double_legacy(sv_str_of(text), &got), !isnan(legacy));
    assert_true(isnan(legacy) || (got == legacy && signbit(got) == signbit(legacy)));
    assert_int_equal(sv_csv_double_exact(sv_str_of(text), &got), !isnan(exact));
    assert_true(isnan(exact) || (got == exact && signbit(got) == signbit(exact)));
}

static void test_doubles(void **state)
{
    (void)state;
    check_double("1.5", 1.5, 1.5);
    check_double(" -.25\t", -0.25, -0.25);
    check_double("-0.0", -0.0, -0.0);
    check_double("5.", 5, 5);
    check_double("1234567.8", 1234567.8, 1234567.8);
    check_double("0.30000000000000004", 0.3, 0.30000000000000004);
    check_double("1e309", NAN, (double)INFINITY);
    check_double("1e4294967301", 1e5, (double)INFINITY);
    check_double("-1e-700", 0, -0.0);
    check_double("+1e 5", NAN, 1e5);
    check_double("-InFinity", -(double)INFINITY, -(double)INFINITY);
    static const char *const NONE[] = {"",      ".",    "+",   "1e",  "1e+", "+-1", "1 2",
                                       "1.5.2", " inf", "nan", "0x1", "1_0", "1,5"};
    for (size_t i = 0; i < sizeof NONE / sizeof *NONE; i++)
        check_double(NONE[i], NAN, NAN);
}

static void test_integers(void **state)
{
    (void)state;
    int64_t n;
    assert_int_equal(sv_csv_int64(SV_STR(" -007 "), true, &n), SV_CSV_INT_OK);
    assert_int_equal(n, -7);
    assert_int_equal(sv_csv_int64(SV_STR("-9223372036854775808"), true, &n), SV_CSV_INT_OK);
    assert_true(n == INT64_MIN);
    assert_int_equal(sv_csv_int64(SV_STR("9223372036854775808"), true, &n), SV_CSV_INT_TOO_BIG);
    assert_int_equal(sv_csv_int64(SV_STR("9223372036854775808.5"), true, &n), SV_CSV_INT_TOO_BIG);
    assert_int_equal(sv_csv_int64(SV_STR("9223372036854775808.5"), false, &n), SV_CSV_INT_NONE);
    assert_int_equal(sv_csv_int64(SV_STR("1.0"), true, &n), SV_CSV_INT_NONE);
    char digits[16];
    size_t n_digits;
    assert_true(sv_csv_bigint(SV_STR(" -00_1 "), digits, &n_digits));
    assert_true(sv_str_is((sv_str){digits, n_digits}, "-1"));
    assert_false(sv_csv_bigint(SV_STR("1__0"), digits, &n_digits));
    assert_false(sv_csv_bigint(SV_STR("1_"), digits, &n_digits));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows), cmocka_unit_test(test_quotes),  cmocka_unit_test(test_refused),
        cmocka_unit_test(test_nul),  cmocka_unit_test(test_doubles), cmocka_unit_test(test_integers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
