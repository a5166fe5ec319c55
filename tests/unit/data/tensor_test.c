/* tensor_test.c: every element type as a double, half floats exactly, and the spellings of numpy's dtypes. */
#include "data/tensor.h"

#include "base/alloc.h"
#include "data/frame.h"
#include "unit/test.h"

#include <math.h>

/* Values from numpy.float16. */
static void test_half(void **state)
{
    (void)state;
    static const struct {
        uint16_t bits;
        double value;
    } ROWS[] = {
        {0x0000, 0x0.0p+0},    {0x8000, -0x0.0p+0},  {0x0001, 0x1p-24},          {0x8001, -0x1p-24},
        {0x03ff, 0x1.ff8p-15}, {0x0400, 0x1p-14},    {0x3555, 0x1.554p-2},       {0x3c00, 0x1p+0},
        {0xbc00, -0x1p+0},     {0x3c01, 0x1.004p+0}, {0x7bff, 0x1.ffcp+15},      {0xfbff, -0x1.ffcp+15},
        {0x4248, 0x1.92p+1},   {0x2e66, 0x1.998p-4}, {0x7c00, (double)INFINITY}, {0xfc00, -(double)INFINITY},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        sv_tensor t = sv_tensor_view(SAVOR_FLOAT16, 1, 0, &ROWS[i].bits);
        double got = 5;
        assert_true(sv_tensor_to_double(&t, 0, &got));
        if (memcmp(&got, &ROWS[i].value, sizeof got) != 0)
            fail_msg("%04x: %a, expected %a", ROWS[i].bits, got, ROWS[i].value);
    }
    static const uint16_t NANS[] = {0x7e00, 0xfe00, 0x7c01, 0xffff};
    sv_tensor t = sv_tensor_view(SAVOR_FLOAT16, 4, 0, NANS);
    for (size_t i = 0; i < 4; i++) {
        double got = 5;
        assert_true(sv_tensor_to_double(&t, i, &got) && got != got);
    }
}

static void expect(savor_dtype dtype, const void *data, double first, double second)
{
    sv_tensor t = sv_tensor_view(dtype, 1, 2, data);
    sv_column column = {.dtype = dtype, .data = data};
    double got[2] = {-7, -7}, cell = -7;
    assert_int_equal(t.n_dims, 2);
    assert_int_equal(t.n_items, 2);
    assert_true(sv_tensor_to_double(&t, 0, &got[0]) && sv_tensor_to_double(&t, 1, &got[1]));
    assert_true(sv_column_to_double(&column, 1, &cell) && cell == got[1]);
    if (got[0] != first || got[1] != second)
        fail_msg("%s: %a %a", savor_dtype_name(dtype), got[0], got[1]);
}

static void test_numbers(void **state)
{
    (void)state;
    expect(SAVOR_BOOL, (const uint8_t[]){0, 1}, 0, 1);
    expect(SAVOR_INT8, (const int8_t[]){-128, 127}, -128, 127);
    expect(SAVOR_INT16, (const int16_t[]){-32768, 32767}, -32768, 32767);
    expect(SAVOR_INT32, (const int32_t[]){INT32_MIN, INT32_MAX}, -0x1p31, 0x1.fffffffcp30);
    expect(SAVOR_INT64, (const int64_t[]){INT64_MIN, 9007199254740993}, -0x1p63, 0x1p53);
    expect(SAVOR_UINT8, (const uint8_t[]){0, 255}, 0, 255);
    expect(SAVOR_UINT16, (const uint16_t[]){0, 65535}, 0, 65535);
    expect(SAVOR_UINT32, (const uint32_t[]){0, UINT32_MAX}, 0, 0x1.fffffffep31);
    expect(SAVOR_UINT64, (const uint64_t[]){1, UINT64_MAX}, 1, 0x1p64);
    expect(SAVOR_FLOAT32, (const float[]){0.1F, -1e-45F}, 0x1.99999ap-4, -0x1p-149);
    expect(SAVOR_FLOAT64, (const double[]){0.1, 1e308}, 0.1, 1e308);
}

static void test_no_numbers(void **state)
{
    (void)state;
    static const savor_dtype OTHERS[] = {SAVOR_STRING, SAVOR_BYTES, SAVOR_DATETIME_NS, SAVOR_OBJECT};
    static const uint64_t DATA[4] = {0};
    for (size_t i = 0; i < sizeof OTHERS / sizeof OTHERS[0]; i++) {
        sv_tensor t = sv_tensor_view(OTHERS[i], 1, 0, DATA);
        double got = 5;
        assert_int_equal(t.n_dims, 1);
        assert_false(sv_tensor_to_double(&t, 0, &got));
        assert_true(got == 5);
    }
}

/* What np.dtype(text).name is; NULL: refused, or a type that is not held here. */
static void test_spellings(void **state)
{
    (void)state;
    static const struct {
        const char *name, *spellings;
    } ROWS[] = {
        {"bool", "bool ? b1 bool_ |b1"},
        {"int8", "int8 byte b i1 |i1"},
        {"int16", "int16 short h i2"},
        {"int32", "int32 intc i i4 =i4 <i4"},
        {"int64", "int64 int int_ long longlong l q i8 p intp"},
        {"uint8", "uint8 ubyte B u1"},
        {"uint16", "uint16 ushort H u2"},
        {"uint32", "uint32 uintc I u4"},
        {"uint64", "uint64 uint ulong L Q u8 P uintp"},
        {"float16", "float16 half e f2"},
        {"float32", "float32 single f f4"},
        {"float64", "float64 float double d f8 <f8"},
        {"str", "str U U0 str_ <U"},
        {"bytes", "bytes S S0 bytes_ |S a"},
        {"object", "object O object_"},
        {"datetime64[ns]", "datetime64[ns] datetime64 <M8[ns] M8[s]"},
        {NULL, ">f8 complex128 c16 V g float128 timedelta64 int7 Float64 category = < FLOAT64 Int64"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++)
        for (sv_str rest = sv_str_of(ROWS[i].spellings); rest.n;) {
            size_t n = sv_str_find(rest, ' '), skip = n + (n < rest.n);
            sv_str text = {rest.p, n};
            savor_dtype got = SAVOR_BYTES;
            rest = (sv_str){rest.p + skip, rest.n - skip};
            if (sv_dtype_of(text, &got) != (ROWS[i].name != NULL))
                fail_msg("%.*s", SV_FMT(text));
            if (ROWS[i].name && strcmp(savor_dtype_name(got), ROWS[i].name) != 0)
                fail_msg("%.*s is %s", SV_FMT(text), savor_dtype_name(got));
        }
    savor_dtype got;
    assert_false(sv_dtype_of(SV_STR(""), &got));
    assert_string_equal(savor_dtype_name((savor_dtype)99), "unknown");
    assert_int_equal(sv_dtype_size(SAVOR_FLOAT16), 2);
    assert_int_equal(sv_dtype_kind(SAVOR_UINT16), 'u');
}

static void test_labels(void **state)
{
    (void)state;
    char room[24];
    double cells[2] = {1, 2};
    sv_column columns[] = {
        {.name = sv_label_text(SV_STR("0")), .dtype = SAVOR_FLOAT64, .data = cells},
        {.name = sv_label_number(0), .dtype = SAVOR_FLOAT64, .data = cells},
        {.name = sv_label_number(INT64_MIN), .dtype = SAVOR_FLOAT64, .data = cells},
        {.name = sv_label_number(0), .dtype = SAVOR_FLOAT64, .data = cells},
    };
    sv_frame frame = {.n_rows = 2, .n_columns = 4, .columns = columns};
    sv_label text = sv_label_text(SV_STR("0")), number = sv_label_number(0), none = sv_label_number(1);
    assert_false(sv_label_equal(&text, &number)); /* 0 and "0" are two labels */
    assert_ptr_equal(sv_frame_find(&frame, &text), &columns[0]);
    assert_ptr_equal(sv_frame_find(&frame, &number), &columns[1]); /* the first of two */
    assert_null(sv_frame_find(&frame, &none));
    assert_true(sv_str_is(sv_label_show(&columns[2].name, room), "-9223372036854775808"));
    assert_true(sv_str_is(sv_label_show(&text, room), "0"));
}

static void test_room(void **state)
{
    (void)state;
    sv_arena arena;
    sv_arena_init(&arena, 1 << 20);
    assert_non_null(sv_column_alloc(&arena, SAVOR_OBJECT, 0));
    assert_non_null(sv_column_alloc(&arena, SAVOR_OBJECT, 100));
    assert_null(sv_column_alloc(&arena, SAVOR_OBJECT, SIZE_MAX / 8)); /* the product does not fit */
    assert_null(sv_column_alloc(&arena, SAVOR_BOOL, 1 << 21));
    sv_arena_deinit(&arena);
}

static void test_values(void **state)
{
    (void)state;
    static const struct {
        sv_value value;
        const char *type;
        bool is_missing;
    } ROWS[] = {
        {{.kind = SV_VALUE_NONE}, "NoneType", true},
        {{.kind = SV_VALUE_BOOL, .u.i = 0}, "bool", false},
        {{.kind = SV_VALUE_INT, .u.i = SV_NAT}, "int", false},
        {{.kind = SV_VALUE_BIGINT, .u.p = "99999999999999999999", .n = 20}, "int", false},
        {{.kind = SV_VALUE_FLOAT, .u.f = 0}, "float", false},
        {{.kind = SV_VALUE_FLOAT, .u.f = (double)NAN}, "float", true},
        {{.kind = SV_VALUE_STRING, .u.p = "", .n = 0}, "str", false},
        {{.kind = SV_VALUE_BYTES, .u.p = "", .n = 0}, "bytes", false},
        {{.kind = SV_VALUE_DATETIME, .u.i = SV_NAT}, "datetime", true},
        {{.kind = SV_VALUE_DATETIME, .u.i = 0}, "datetime", false},
        {{.kind = SV_VALUE_LIST}, "list", false},
        {{.kind = SV_VALUE_DICT}, "dict", false},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        assert_string_equal(sv_value_type_name(&ROWS[i].value), ROWS[i].type);
        assert_int_equal(sv_value_is_missing(&ROWS[i].value), ROWS[i].is_missing);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_half),      cmocka_unit_test(test_numbers), cmocka_unit_test(test_no_numbers),
        cmocka_unit_test(test_spellings), cmocka_unit_test(test_labels),  cmocka_unit_test(test_room),
        cmocka_unit_test(test_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
