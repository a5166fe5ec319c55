/* compare_test.c: what counts as a difference. Steps between numbers come from numpy.nextafter and struct. */
#include <savor/compare.h>

#include "base/alloc.h"

#include "unit/test.h"

#include <stdio.h>
#include <string.h>

typedef struct row {
    const char *a, *b;
    uint64_t n_values, n_different, n_unlike, n_misshapen;
    const char *first; /* path; "" when the answers are the same */
} row;

static savor_status compare(const char *a, const char *b, const savor_compare_options *options, savor_comparison *out,
                            savor_error *err)
{
    return savor_compare(a, strlen(a), b, strlen(b), options, out, err);
}

static void test_verdicts(void **state)
{
    (void)state;
    static const row ROWS[] = {
        {"{\"predictions\": [1.0, 2.5]}", "{\"predictions\": [1.0, 2.5]}", 2, 0, 0, 0, ""},
        {"{\"predictions\": [1.0, 2.5]}", "[1.0, 2.5]", 2, 0, 0, 0, ""},
        {"{\"predictions\": [1.0]}", "{\"predictions\": [1.0], \"dtype\": \"float64\", \"hex\": [\"0x1p+0\"]}", 1, 0,
         0, 0, ""},
        {"[NaN, Infinity, -Infinity]", "[NaN, Infinity, -Infinity]", 3, 0, 0, 0, ""},
        {"[0.10000000000000001]", "[0.1]", 1, 0, 0, 0, ""},
        {"[1.0, 1]", "[1.0, 1.0]", 2, 1, 1, 0, "predictions[1]"},
        {"[null]", "[NaN]", 1, 1, 1, 0, "predictions[0]"},
        {"[true]", "[1]", 1, 1, 1, 0, "predictions[0]"},
        {"[0.0]", "[-0.0]", 1, 1, 0, 0, "predictions[0]"},
        {"[1e400]", "[1e308]", 1, 1, 0, 0, "predictions[0]"},
        {"[NaN]", "[1.0]", 1, 1, 0, 0, "predictions[0]"},
        {"[1.0, [2.0, \"x\"]]", "[1.0, [2.0, \"y\"]]", 3, 1, 1, 0, "predictions[1][1]"},
        {"[{\"a\": 1, \"b\": [3, 4]}]", "[{\"a\": 1, \"b\": [3, 5]}]", 3, 1, 1, 0, "predictions[0][\"b\"][1]"},
        {"{\"a\": 1, \"b\": 2}", "{\"b\": 2, \"a\": 1}", 0, 1, 0, 1, "predictions"},
        {"{\"a\": 1}", "{\"b\": 1}", 0, 1, 0, 1, "predictions"},
        {"[1, 2]", "[1, 2, 3]", 0, 1, 0, 1, "predictions"},
        {"[[], {}]", "[{}, []]", 2, 2, 2, 0, "predictions[0]"},
        {"[123456789012345678901]", "[123456789012345678902]", 1, 1, 1, 0, "predictions[0]"},
        {"\"caf\\u00e9\"", "\"caf\xc3\xa9\"", 1, 0, 0, 0, ""},
        {"[]", "[]", 0, 0, 0, 0, ""},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        savor_comparison c;
        savor_error err;
        savor_status st = compare(ROWS[i].a, ROWS[i].b, NULL, &c, &err);
        assert_int_equal(st, ROWS[i].n_different ? SAVOR_DIFFERENT : SAVOR_OK);
        assert_int_equal(c.n_values, ROWS[i].n_values);
        assert_int_equal(c.n_different, ROWS[i].n_different);
        assert_int_equal(c.n_beyond, ROWS[i].n_different);
        assert_int_equal(c.n_unlike, ROWS[i].n_unlike);
        assert_int_equal(c.n_misshapen, ROWS[i].n_misshapen);
        assert_string_equal(c.first.path, ROWS[i].first);
    }
}

/* numpy: nextafter(0.1, 1) = 0.10000000000000002; nextafter(float32(1), 2) = 1.00000011920929; tiny 5e-324 */
static void test_distances(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        uint64_t ulp_double, ulp_float, n_float32_pairs;
    } ROWS[] = {
        {"[0.1]", "[0.10000000000000002]", 1, 0, 0},
        {"[1.0]", "[1.00000011920928955078125]", 536870912, 1, 1},
        {"[0.0]", "[-0.0]", 1, 1, 1},
        {"[5e-324]", "[-5e-324]", 3, 0, 0},
        {"[1.0]", "[1.0]", 0, 0, 1},
        {"[1.7976931348623157e308]", "[-1.7976931348623157e308]", 18437736874454810623u, 0, 0},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        savor_comparison c;
        savor_status st = compare(ROWS[i].a, ROWS[i].b, NULL, &c, NULL);
        assert_int_equal(st, ROWS[i].ulp_double ? SAVOR_DIFFERENT : SAVOR_OK);
        assert_true(c.max_ulp_double == ROWS[i].ulp_double);
        assert_true(c.max_ulp_float == ROWS[i].ulp_float);
        assert_int_equal(c.n_float32_pairs, ROWS[i].n_float32_pairs);
    }
}

static void test_tolerance(void **state)
{
    (void)state;
    savor_compare_options options = {.size = sizeof options, .tolerance = 1e-6};
    savor_comparison c;
    savor_error err;
    assert_int_equal(compare("[1.0, 2.0, 4.0]", "[1.0000001, 2.5, 4.000001]", &options, &c, &err), SAVOR_DIFFERENT);
    assert_int_equal(c.n_different, 3);
    assert_int_equal(c.n_beyond, 1);
    assert_string_equal(c.first.path, "predictions[1]");
    assert_string_equal(c.worst.path, "predictions[1]");
    assert_string_equal(c.first.a, "2.0");
    assert_string_equal(c.first.b, "2.5");
    assert_true(c.max_absolute == 0.5);
    assert_true(c.max_relative == 0.5 / 2.5);
    assert_string_equal(err.message, "1 of 3 values differed; first predictions[1]: 2.0 against 2.5");
    /* within: told, but no fault */
    assert_int_equal(compare("[1.0]", "[1.0000001]", &options, &c, &err), SAVOR_OK);
    assert_int_equal(c.n_different, 1);
    assert_string_equal(c.first.path, "predictions[0]");
    /* integers and infinities know no tolerance */
    options.tolerance = 1;
    assert_int_equal(compare("[1]", "[2]", &options, &c, &err), SAVOR_DIFFERENT);
    assert_int_equal(compare("[Infinity]", "[1.0]", &options, &c, &err), SAVOR_DIFFERENT);
}

static void test_shell(void **state)
{
    (void)state;
    savor_compare_options options = {.size = sizeof options, .same_shell = 1};
    savor_comparison c;
    assert_int_equal(compare("{\"predictions\": [1]}", "[1]", &options, &c, NULL), SAVOR_DIFFERENT);
    assert_int_equal(c.n_misshapen, 1);
    assert_int_equal(compare("{\"predictions\": [1]}", "{\"predictions\": [1]}", &options, &c, NULL), SAVOR_OK);
}

static void test_long_values_are_cut(void **state)
{
    (void)state;
    char a[600] = "\"", key[640];
    savor_comparison c;
    memset(a + 1, 'x', 500);
    a[501] = '"';
    assert_int_equal(compare(a, "1", NULL, &c, NULL), SAVOR_DIFFERENT);
    assert_string_equal(c.first.a, "\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"...");
    snprintf(key, sizeof key, "{%s: 1}", a);
    assert_int_equal(compare(key, key, NULL, &c, NULL), SAVOR_OK);
    snprintf(key, sizeof key, "{%s: [1, 2]}", a);
    assert_int_equal(compare(key, "{}", NULL, &c, NULL), SAVOR_DIFFERENT);
    assert_string_equal(c.first.a, "object of 1");
}

static void test_refusals(void **state)
{
    (void)state;
    savor_comparison c;
    savor_error err;
    assert_int_equal(compare("[1", "[1]", NULL, &c, &err), SAVOR_BAD_REQUEST);
    assert_int_equal(compare("[1]", "", NULL, &c, &err), SAVOR_BAD_REQUEST);
    assert_int_equal(compare("[1]", "\xff", NULL, &c, &err), SAVOR_BAD_REQUEST);
    assert_int_equal(c.n_values, 0);
    char deep[2400];
    memset(deep, '[', 1200);
    memset(deep + 1200, ']', 1199);
    deep[2399] = 0;
    assert_int_equal(compare(deep, "1", NULL, &c, &err), SAVOR_LIMIT);
}

static void test_deepest(void **state)
{
    (void)state;
    static char deep[2001];
    savor_comparison c;
    memset(deep, '[', 1000);
    memset(deep + 1000, ']', 1000);
    assert_int_equal(compare(deep, deep, NULL, &c, NULL), SAVOR_OK);
}

static void test_memory_runs_out(void **state)
{
    (void)state;
    savor_comparison c;
    savor_error err;
    savor_status st = SAVOR_NOMEM;
    for (long n = 0; st == SAVOR_NOMEM && n < 100; n++) {
        sv_alloc_fail_after(n);
        st = compare("[1, {\"a\\n\": 2}]", "[1, {\"a\\n\": 2}]", NULL, &c, &err);
        sv_alloc_fail_after(-1);
    }
    assert_int_equal(st, SAVOR_OK);
}

static void test_tolerance_text(void **state)
{
    (void)state;
    static const char *const BAD[] = {"", "x", "-1", "inf", "1e999", "nan", " 1"};
    double tolerance = 7;
    savor_error err;
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++)
        assert_int_equal(savor_tolerance_read(BAD[i], &tolerance, &err), SAVOR_USAGE);
    assert_true(tolerance == 7);
    assert_int_equal(savor_tolerance_read("1e-6", &tolerance, &err), SAVOR_OK);
    assert_true(tolerance == 1e-6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verdicts),       cmocka_unit_test(test_distances),
        cmocka_unit_test(test_tolerance),      cmocka_unit_test(test_shell),
        cmocka_unit_test(test_refusals),       cmocka_unit_test(test_long_values_are_cut),
        cmocka_unit_test(test_deepest),        cmocka_unit_test(test_memory_runs_out),
        cmocka_unit_test(test_tolerance_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
