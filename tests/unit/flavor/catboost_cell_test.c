#include "flavor/catboost_rows.h"
#include "unit/test.h"

#include <math.h>
#include <string.h>

/* Verdicts of _catboost._float_or_nan in CatBoost 1.2.2 and 1.2.10. */
static void texts_become_numbers_or_not(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double value;
    } NUMBERS[] = {{"1.5", 1.5},
                   {" 1.5", 1.5},
                   {"\t1", 1},
                   {"1e3", 1000},
                   {"1E5", 1e5},
                   {"1e+5", 1e5},
                   {"0x10", 16},
                   {"-0x10", -16},
                   {"0X1f", 31},
                   {"+5", 5},
                   {"1.", 1},
                   {".5", 0.5},
                   {"-.5", -0.5},
                   {"1e400", (double)INFINITY},
                   {"3.5e38", (double)INFINITY},
                   {"00012", 12},
                   {"1e-400", 0},
                   {"1e99999999999", (double)INFINITY},
                   {"0x123456789abcdef01", 2.0988295987639353e19}};
    static const char *const MISSING[] = {"",     "-",      "na",      "NA",      "Na",       "nan",
                                          "NaN",  "NAN",    "N/A",     "n/a",     "#N/A",     "#NA",
                                          "null", "NULL",   "Null",    "None",    "none",     "-NaN",
                                          "-nan", "1.#IND", "-1.#IND", "1.#QNAN", "-1.#QNAN", "#N/A N/A"};
    static const char *const REFUSED[] = {"1.5 ",
                                          "inf",
                                          "-inf",
                                          "abc",
                                          "1_000",
                                          "Infinity",
                                          "true",
                                          "1,5",
                                          "1e",
                                          "nAn",
                                          "1d5",
                                          "0x1p3",
                                          "--",
                                          "?",
                                          ".",
                                          "Nan",
                                          "<NA>",
                                          "nil",
                                          "NONE",
                                          "+nan",
                                          "+",
                                          "+-5",
                                          "0x",
                                          "0xg",
                                          "1..2",
                                          "1\t",
                                          "- 5",
                                          "1e+",
                                          "NaT",
                                          "\xc2\xa0"
                                          "1"};
    catboost_cell at = {0};
    float out;
    for (size_t i = 0; i < sizeof NUMBERS / sizeof *NUMBERS; i++) {
        sv_str cell = sv_str_of(NUMBERS[i].text);
        assert_true(sv_catboost_cells_to_floats(SAVOR_STRING, &cell, 1, 1, &out, &at));
        if (out != (float)NUMBERS[i].value)
            fail_msg("%s was %g", NUMBERS[i].text, (double)out);
    }
    for (size_t i = 0; i < sizeof MISSING / sizeof *MISSING; i++) {
        sv_str cell = sv_str_of(MISSING[i]);
        assert_true(sv_catboost_cells_to_floats(SAVOR_STRING, &cell, 1, 1, &out, &at) && isnan(out));
    }
    for (size_t i = 0; i < sizeof REFUSED / sizeof *REFUSED; i++) {
        sv_str cell = sv_str_of(REFUSED[i]);
        if (sv_catboost_cells_to_floats(SAVOR_STRING, &cell, 1, 1, &out, &at))
            fail_msg("%s was taken", REFUSED[i]);
    }
}

static void objects_become_numbers_or_not(void **state)
{
    (void)state;
    const sv_value good[] = {{.kind = SV_VALUE_NONE},
                             {.kind = SV_VALUE_BOOL, .u.i = 1},
                             {.kind = SV_VALUE_INT, .u.i = -3},
                             {.kind = SV_VALUE_FLOAT, .u.f = 1e39},
                             {.kind = SV_VALUE_STRING, .n = 2, .u.p = "42"}};
    const sv_value bad[] = {{.kind = SV_VALUE_LIST}, {.kind = SV_VALUE_DICT}, {.kind = SV_VALUE_DATETIME, .u.i = 5}};
    const int64_t times[] = {5, SV_NAT};
    catboost_cell at = {0};
    float out[5];
    assert_true(sv_catboost_cells_to_floats(SAVOR_OBJECT, good, 5, 1, out, &at));
    assert_true(isnan(out[0]) && out[1] == 1 && out[2] == -3 && isinf(out[3]) && out[4] == 42);
    for (size_t i = 0; i < 3; i++)
        assert_false(sv_catboost_cells_to_floats(SAVOR_OBJECT, &bad[i], 1, 1, out, &at));
    assert_false(sv_catboost_cells_to_floats(SAVOR_DATETIME_NS, times, 2, 1, out, &at));
    assert_true(out[0] == 5 && at.row == 1 && at.refusal);
}

static void strides_pass_over_other_columns(void **state)
{
    (void)state;
    const double cells[] = {1, 9, 2, 9, 3};
    const bool truths[] = {true, false, false};
    catboost_cell at = {0};
    float out[3];
    assert_true(sv_catboost_cells_to_floats(SAVOR_FLOAT64, cells, 3, 2, out, &at));
    assert_true(out[0] == 1 && out[1] == 2 && out[2] == 3);
    assert_true(sv_catboost_cells_to_floats(SAVOR_BOOL, truths, 2, 2, out, &at));
    assert_true(out[0] == 1 && out[1] == 0);
}

/* Numbers are named by their digits: the hash of 12345678 is that of "12345678" (city_hash_test.c). */
static void categories_are_texts_and_whole_numbers(void **state)
{
    (void)state;
    const int64_t number = 12345678;
    const uint64_t unsigned_number = 123456789;
    const sv_str texts[] = {{"abc", 3}, {"", 0}, {NULL, 0}};
    const sv_str digits[] = {{"-7", 2}, {"1", 1}};
    const sv_value objects[] = {{.kind = SV_VALUE_INT, .u.i = -7}, {.kind = SV_VALUE_BOOL, .u.i = 1}};
    const sv_value bad[] = {{.kind = SV_VALUE_FLOAT, .u.f = 1}, {.kind = SV_VALUE_NONE}, {.kind = SV_VALUE_LIST}};
    const double real = 1;
    catboost_cell at = {0};
    uint32_t out[3], expected[2];
    assert_true(sv_catboost_cells_to_hashes(SAVOR_INT64, &number, 1, 1, out, &at) && out[0] == 1054993967u);
    assert_true(sv_catboost_cells_to_hashes(SAVOR_UINT64, &unsigned_number, 1, 1, out, &at) && out[0] == 1389760245u);
    assert_true(sv_catboost_cells_to_hashes(SAVOR_STRING, texts, 2, 1, out, &at));
    assert_true(out[0] == 978243121u && out[1] == 797982799u);
    assert_true(sv_catboost_cells_to_hashes(SAVOR_STRING, digits, 2, 1, expected, &at));
    assert_true(sv_catboost_cells_to_hashes(SAVOR_OBJECT, objects, 2, 1, out, &at));
    assert_memory_equal(out, expected, sizeof expected);
    assert_false(sv_catboost_cells_to_hashes(SAVOR_STRING, texts, 3, 1, out, &at));
    assert_int_equal(at.row, 2);
    assert_false(sv_catboost_cells_to_hashes(SAVOR_FLOAT64, &real, 1, 1, out, &at));
    for (size_t i = 0; i < 3; i++)
        assert_false(sv_catboost_cells_to_hashes(SAVOR_OBJECT, &bad[i], 1, 1, out, &at));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_become_numbers_or_not),
        cmocka_unit_test(objects_become_numbers_or_not),
        cmocka_unit_test(strides_pass_over_other_columns),
        cmocka_unit_test(categories_are_texts_and_whole_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
