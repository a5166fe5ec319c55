/* infer_test.c: the dtype of a column of Python values, as pandas' maybe_convert_objects finds it. */
#include "data/infer.h"

#include "unit/test.h"

typedef struct row {
    unsigned seen;
    savor_dtype dtype2, dtype3; /* before pandas 3, and from then on */
} row;

static void test_dtypes(void **state)
{
    (void)state;
    static const row ROWS[] = {
        {0, SAVOR_OBJECT, SAVOR_OBJECT},
        {SV_SEEN_NULL, SAVOR_OBJECT, SAVOR_OBJECT},
        {SV_SEEN_NULL | SV_SEEN_NAN, SAVOR_FLOAT64, SAVOR_FLOAT64},
        {SV_SEEN_INT, SAVOR_INT64, SAVOR_INT64},
        {SV_SEEN_INT | SV_SEEN_NULL, SAVOR_FLOAT64, SAVOR_FLOAT64},
        {SV_SEEN_INT | SV_SEEN_FLOAT, SAVOR_FLOAT64, SAVOR_FLOAT64},
        {SV_SEEN_UINT | SV_SEEN_INT, SAVOR_UINT64, SAVOR_UINT64},
        {SV_SEEN_UINT | SV_SEEN_INT | SV_SEEN_NEGATIVE, SAVOR_OBJECT, SAVOR_OBJECT},
        {SV_SEEN_HUGE, SAVOR_OBJECT, SAVOR_OBJECT},
        {SV_SEEN_BOOL, SAVOR_BOOL, SAVOR_BOOL},
        {SV_SEEN_BOOL | SV_SEEN_NULL, SAVOR_OBJECT, SAVOR_OBJECT},
        {SV_SEEN_BOOL | SV_SEEN_INT, SAVOR_OBJECT, SAVOR_OBJECT},
        {SV_SEEN_TEXT | SV_SEEN_NULL, SAVOR_OBJECT, SAVOR_STRING},
        {SV_SEEN_TEXT | SV_SEEN_INT, SAVOR_OBJECT, SAVOR_OBJECT},
        {SV_SEEN_TIME | SV_SEEN_NULL, SAVOR_DATETIME_NS, SAVOR_DATETIME_NS},
        {SV_SEEN_OTHER, SAVOR_OBJECT, SAVOR_OBJECT},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        assert_int_equal(sv_infer_dtype(ROWS[i].seen, 2), ROWS[i].dtype2);
        assert_int_equal(sv_infer_dtype(ROWS[i].seen, 3), ROWS[i].dtype3);
    }
    assert_int_equal(sv_see_big_integer(SV_STR("18446744073709551615")), SV_SEEN_UINT);
    assert_int_equal(sv_see_big_integer(SV_STR("18446744073709551616")), SV_SEEN_HUGE);
    assert_int_equal(sv_see_big_integer(SV_STR("-9223372036854775809")), SV_SEEN_HUGE);
}

static void test_column(void **state)
{
    (void)state;
    sv_arena arena;
    sv_column out;
    static const sv_value CELLS[] = {{.kind = SV_VALUE_INT, .u.i = 7}, {.kind = SV_VALUE_NONE}};
    static const sv_value TEXTS[] = {{.kind = SV_VALUE_STRING, .n = 1, .u.p = "a"}, {.kind = SV_VALUE_NONE}};
    sv_column column = {.dtype = SAVOR_OBJECT, .data = CELLS};
    sv_arena_init(&arena, 1 << 16);
    assert_int_equal(sv_column_infer(&column, 2, 2, &arena, &out, NULL), SAVOR_OK);
    assert_int_equal(out.dtype, SAVOR_FLOAT64);
    assert_true(((const double *)out.data)[0] == 7);
    column.data = TEXTS;
    assert_int_equal(sv_column_infer(&column, 2, 3, &arena, &out, NULL), SAVOR_OK);
    assert_int_equal(out.dtype, SAVOR_STRING);
    assert_null(((const sv_str *)out.data)[1].p);
    assert_int_equal(sv_column_infer(&column, 2, 2, &arena, &out, NULL), SAVOR_OK);
    assert_ptr_equal(out.data, TEXTS);
    sv_arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_dtypes), cmocka_unit_test(test_column)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
