/* convert_test.c: Python's and numpy's conversions. Expected values come from CPython 3.11 and numpy 2.4. */
#include "data/convert.h"

#include "unit/test.h"

#include <math.h>

static sv_value text_value(const char *text)
{
    return (sv_value){.kind = SV_VALUE_STRING, .n = strlen(text), .u.p = text};
}

static void test_text_to_double(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double value;
    } GOOD[] = {{"1", 1},
                {" 7 ", 7},
                {"+5", 5},
                {"-2.5e3", -2500},
                {"1_000", 1000},
                {"inf", INFINITY},
                {"-Infinity", -INFINITY},
                {".5", 0.5},
                {"5.", 5},
                {"\v1\f", 1}};
    static const char *const BAD[] = {"",     " ",     "abc", "1__0", "_1", "1_",
                                      "0x10", "1,000", "--1", "+-1",  "1e", "nanx"};
    for (size_t i = 0; i < sizeof GOOD / sizeof GOOD[0]; i++) {
        double out = 0;
        sv_value v = text_value(GOOD[i].text);
        assert_null(sv_value_to_double(&v, &out));
        assert_true(out == GOOD[i].value);
    }
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        double out;
        sv_value v = text_value(BAD[i]);
        assert_non_null(sv_value_to_double(&v, &out));
    }
}

/* float(numpy.array(1.5)); an array with dimensions has none. */
static void test_array_to_double(void **state)
{
    (void)state;
    double value = 1.5, out = 0;
    sv_tensor t = {.dtype = SAVOR_FLOAT64, .n_items = 1, .data = &value};
    sv_value v = {.kind = SV_VALUE_ARRAY, .n = 1, .u.tensor = &t};
    assert_null(sv_value_to_double(&v, &out));
    assert_true(out == 1.5);
    t = sv_tensor_view(SAVOR_FLOAT64, 1, 0, &value);
    assert_non_null(sv_value_to_double(&v, &out));
}

static void test_to_int64(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t value;
    } GOOD[] = {{"1_000", 1000}, {" 7 ", 7}, {"+5", 5}, {"-9223372036854775808", INT64_MIN}};
    static const char *const BAD[] = {"2.5", "1e3", "", "-", "0x10", "9223372036854775808", "1 0"};
    int64_t out;
    for (size_t i = 0; i < sizeof GOOD / sizeof GOOD[0]; i++) {
        sv_value v = text_value(GOOD[i].text);
        assert_null(sv_value_to_int64(&v, &out));
        assert_int_equal(out, GOOD[i].value);
    }
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        sv_value v = text_value(BAD[i]);
        assert_non_null(sv_value_to_int64(&v, &out));
    }
    sv_value f = {.kind = SV_VALUE_FLOAT, .u.f = -2.9}, nan = {.kind = SV_VALUE_FLOAT, .u.f = NAN},
             none = {.kind = SV_VALUE_NONE};
    sv_value big = {.kind = SV_VALUE_FLOAT, .u.f = 0x1p63};
    assert_null(sv_value_to_int64(&f, &out));
    assert_int_equal(out, -2);
    assert_non_null(sv_value_to_int64(&nan, &out));
    assert_non_null(sv_value_to_int64(&none, &out));
    assert_non_null(sv_value_to_int64(&big, &out));
}

/* numpy.float16(x).view("u2") */
static void test_half(void **state)
{
    (void)state;
    static const struct {
        double value;
        uint16_t bits;
    } ROWS[] = {{0, 0},          {-0.0, 0x8000}, {1, 0x3C00},       {65504, 0x7BFF},   {65519.99, 0x7BFF},
                {65520, 0x7C00}, {-1e9, 0xFC00}, {0x1p-24, 0x0001}, {0x1p-25, 0x0000}, {0x1.8p-24, 0x0002},
                {0.1, 0x2E66}};
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++)
        assert_int_equal(sv_double_to_half(ROWS[i].value), ROWS[i].bits);
}

static void test_str(void **state)
{
    (void)state;
    sv_arena arena;
    sv_arena_init(&arena, 1 << 20);
    sv_value items[] = {text_value("it's"),
                        {.kind = SV_VALUE_FLOAT, .u.f = 1e16},
                        {.kind = SV_VALUE_NONE},
                        {.kind = SV_VALUE_BOOL, .u.i = 1}};
    sv_value pair[] = {text_value("k"), {.kind = SV_VALUE_LIST, .n = 4, .u.items = items}};
    sv_value dict = {.kind = SV_VALUE_DICT, .n = 1, .u.items = pair}, line = text_value("a\n\x7f\\\"'"),
             list = {.kind = SV_VALUE_LIST, .n = 1, .u.items = &line};
    assert_true(sv_str_is(sv_value_to_text(&dict, &arena), "{'k': [\"it's\", 1e+16, None, True]}"));
    assert_true(sv_str_is(sv_value_to_text(&list, &arena), "['a\\n\\x7f\\\\\"\\'']"));
    assert_true(sv_str_is(sv_value_to_text(&line, &arena), "a\n\x7f\\\"'"));
    sv_arena_deinit(&arena);
}

static void test_casts(void **state)
{
    (void)state;
    sv_arena arena;
    const void *out;
    savor_error err;
    static const int64_t INTS[] = {2147483648, -1};
    static const double FLOATS[] = {3e9, -2.9}, HOLED[] = {1, NAN};
    static const sv_str TEXTS[] = {{"a\0\0", 3}, {"b", 1}};
    static const uint64_t BIG[] = {UINT64_MAX};
    sv_arena_init(&arena, 1 << 20);
    assert_int_equal(sv_items_cast(SAVOR_INT64, INTS, 2, SAVOR_INT32, &arena, &out, &err), SAVOR_OK);
    assert_int_equal(((const int32_t *)out)[0], INT32_MIN); /* wraps */
    assert_int_equal(sv_items_cast(SAVOR_FLOAT64, FLOATS, 2, SAVOR_INT32, &arena, &out, &err), SAVOR_OK);
    assert_int_equal(((const int32_t *)out)[0], INT32_MIN);
    assert_int_equal(((const int32_t *)out)[1], -2);
    assert_int_equal(sv_items_cast(SAVOR_FLOAT64, HOLED, 2, SAVOR_INT64, &arena, &out, &err), SAVOR_BAD_REQUEST);
    assert_null(out);
    assert_int_equal(sv_items_cast(SAVOR_STRING, TEXTS, 2, SAVOR_BYTES, &arena, &out, &err), SAVOR_OK);
    assert_int_equal(((const sv_str *)out)[0].n, 1); /* numpy loses NULs at the end */
    assert_int_equal(sv_items_cast(SAVOR_UINT64, BIG, 1, SAVOR_OBJECT, &arena, &out, &err), SAVOR_OK);
    assert_true(
        sv_str_is((sv_str){((const sv_value *)out)->u.p, ((const sv_value *)out)->n}, "18446744073709551615"));
    assert_int_equal(sv_items_cast(SAVOR_INT64, INTS, 2, SAVOR_INT64, &arena, &out, &err), SAVOR_OK);
    assert_ptr_equal(out, INTS);
    sv_arena_deinit(&arena);
}

/* numpy 2 refuses Python integers that do not fit; text that has no NUL behind it is shown no further than it goes.
 */
static void test_refusals(void **state)
{
    (void)state;
    sv_arena arena;
    const void *out;
    savor_error err;
    char text[4] = {'1', '0', '0', '0'};
    sv_value v = {.kind = SV_VALUE_STRING, .n = 4, .u.p = text},
             word = {.kind = SV_VALUE_STRING, .n = 2, .u.p = "abcdef"};
    sv_arena_init(&arena, 1 << 20);
    assert_int_equal(sv_items_to_integers(SAVOR_OBJECT, &v, 1, SAVOR_UINT8, &arena, &out, &err), SAVOR_BAD_REQUEST);
    assert_string_equal(err.message, "Python integer 1000 out of bounds for uint8 in row 0");
    assert_int_equal(sv_items_cast(SAVOR_OBJECT, &v, 1, SAVOR_UINT8, &arena, &out, &err), SAVOR_OK);
    assert_int_equal(*(const uint8_t *)out, 232);
    assert_int_equal(sv_items_cast(SAVOR_OBJECT, &word, 1, SAVOR_FLOAT64, &arena, &out, &err), SAVOR_BAD_REQUEST);
    assert_string_equal(err.message,
                        "could not convert str \"ab\" in row 0 to float64: could not convert string to float");
    sv_arena_deinit(&arena);
}

/* pandas.to_numeric */
static void test_numeric(void **state)
{
    (void)state;
    sv_arena arena;
    sv_column out;
    savor_error err;
    sv_value ints[] = {text_value("7"), {.kind = SV_VALUE_BOOL, .u.i = 1}},
             mixed[] = {text_value(""), text_value("2.5")};
    sv_value bad[] = {text_value("1_0")}, dict[] = {{.kind = SV_VALUE_DICT, .n = 1, .u.items = mixed}};
    sv_column column = {.dtype = SAVOR_OBJECT, .data = ints};
    sv_arena_init(&arena, 1 << 20);
    assert_int_equal(sv_column_to_numeric(&column, 2, &arena, &out, &err), SAVOR_OK);
    assert_int_equal(out.dtype, SAVOR_INT64);
    assert_int_equal(((const int64_t *)out.data)[0], 7);
    column.data = mixed;
    assert_int_equal(sv_column_to_numeric(&column, 2, &arena, &out, &err), SAVOR_OK);
    assert_int_equal(out.dtype, SAVOR_FLOAT64);
    assert_true(isnan(((const double *)out.data)[0]) && ((const double *)out.data)[1] == 2.5);
    column.data = bad;
    assert_int_equal(sv_column_to_numeric(&column, 1, &arena, &out, &err), SAVOR_BAD_REQUEST);
    column.data = dict;
    assert_int_equal(sv_column_to_numeric(&column, 1, &arena, &out, &err), SAVOR_BAD_REQUEST);
    sv_arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_to_double),
        cmocka_unit_test(test_array_to_double),
        cmocka_unit_test(test_to_int64),
        cmocka_unit_test(test_half),
        cmocka_unit_test(test_str),
        cmocka_unit_test(test_casts),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_numeric),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
