/* npy_dtype_test.c: numpy's descriptions of elements, and raw elements in every order. */
#include "unit/test.h"

#include "format/npy_dtype.h"

static sv_arena arena;
static savor_error err;

static int set_up(void **state)
{
    (void)state;
    sv_arena_init(&arena, (size_t)1 << 20);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    sv_arena_deinit(&arena);
    return 0;
}

static void test_elements(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        char kind;
        size_t bytes;
        bool is_swapped;
        savor_status check;
    } CASES[] = {
        {"<f8", 'f', 8, false, SAVOR_OK},
        {">i4", 'i', 4, true, SAVOR_OK},
        {"|b1", 'b', 1, false, SAVOR_OK},
        {"?", 'b', 1, false, SAVOR_OK},
        {"<U5", 'U', 20, false, SAVOR_OK},
        {"|S3", 'S', 3, false, SAVOR_OK},
        {"<M8[ns]", 'M', 8, false, SAVOR_OK},
        {"<M8[25s]", 'M', 8, false, SAVOR_OK},
        {"<M8[M]", 'M', 8, false, SAVOR_UNSUPPORTED},
        {"<m8[s]", 'm', 8, false, SAVOR_UNSUPPORTED},
        {"<c16", 'c', 16, false, SAVOR_UNSUPPORTED},
        {"<f16", 'f', 16, false, SAVOR_UNSUPPORTED},
        {"|V7", 'V', 7, false, SAVOR_UNSUPPORTED},
        {"|O", 'O', 8, false, SAVOR_OK},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        sv_npy_dtype d;
        assert_int_equal(sv_npy_dtype_parse(sv_str_of(CASES[i].text), &d, &err), SAVOR_OK);
        assert_int_equal(d.kind, CASES[i].kind);
        assert_int_equal(d.item_bytes, CASES[i].bytes);
        assert_int_equal(d.is_swapped, CASES[i].is_swapped);
        assert_int_equal(sv_npy_dtype_check(&d, &err), CASES[i].check);
    }
    static const char *const BAD[] = {"", "<", "x8", "<f", "f8x", "<M8[", "<M8[q]", "<U99999999999999999999"};
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        sv_npy_dtype d;
        if (sv_npy_dtype_parse(sv_str_of(BAD[i]), &d, &err) != SAVOR_FORMAT)
            fail_msg("\"%s\" was read", BAD[i]);
    }
}

/* np.dtype([('a', 'u1'), ('b', '>f8'), ('c', '<i4', (2, 2))], align=True).descr */
static void test_fields(void **state)
{
    (void)state;
    sv_npy_dtype d;
    static const char text[] = "[('a', '|u1'), ('', '|V7'), ('b', '>f8'), (('title', 'c'), '<i4', (2, 2))]";
    assert_int_equal(sv_npy_descr_parse(sv_str_of(text), &arena, &d, &err), SAVOR_OK);
    assert_int_equal(d.n_fields, 3);
    assert_int_equal(d.item_bytes, 32);
    assert_int_equal(d.fields[1].offset_bytes, 8);
    assert_true(d.field_swapped[1] && !d.field_swapped[2]);
    assert_true(sv_str_is(d.fields[2].name, "c"));
    assert_int_equal(d.fields[2].n_items, 4);
    assert_int_equal(sv_npy_descr_parse(SV_STR("'<f4'"), &arena, &d, &err), SAVOR_OK);
    assert_int_equal(sv_npy_descr_parse(SV_STR("[('a', '<U2')]"), &arena, &d, &err), SAVOR_UNSUPPORTED);
    assert_int_equal(sv_npy_descr_parse(SV_STR("[('a', [('b', '<f8')])]"), &arena, &d, &err), SAVOR_UNSUPPORTED);
    static const char *const BAD[] = {"",
                                      "[",
                                      "[(",
                                      "[('a'",
                                      "[('a',)]",
                                      "[('a', '<f8'",
                                      "[('a', '<f8', (3,",
                                      "'<f8' 1",
                                      "[('a', '<f8')('b', '<f8')]",
                                      "[('a', '<f8', (99999999999, 99999999999))]"};
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++)
        if (sv_npy_descr_parse(sv_str_of(BAD[i]), &arena, &d, &err) != SAVOR_FORMAT)
            fail_msg("\"%s\" was read", BAD[i]);
}

/* np.asfortranarray([[0, 1, 2], [3, 4, 5]]), big-endian int16. */
static void test_order(void **state)
{
    (void)state;
    static const char bytes[] = "\0\0\0\3\0\1\0\4\0\2\0\5";
    sv_npy_raw raw = {.n_dims = 2, .shape = {2, 3}, .is_fortran = true, .bytes = {bytes, 12}};
    sv_npy_dtype d;
    sv_array array;
    assert_int_equal(sv_npy_dtype_parse(SV_STR(">i2"), &d, &err), SAVOR_OK);
    assert_int_equal(sv_npy_array_read(&d, &raw, &arena, &array, &err), SAVOR_OK);
    for (int i = 0; i < 6; i++)
        assert_int_equal(((const int16_t *)array.tensor.data)[i], i);
    raw.is_fortran = false; /* the same bytes as rows of the transposed array, and its axes */
    raw.is_permuted = true;
    raw.axes[0] = 1;
    raw.axes[1] = 0;
    assert_int_equal(sv_npy_array_read(&d, &raw, &arena, &array, &err), SAVOR_OK);
    assert_int_equal(((const int16_t *)array.tensor.data)[1], 1);
    raw.shape[0] = 3;
    assert_int_equal(sv_npy_array_read(&d, &raw, &arena, &array, &err), SAVOR_FORMAT);
    raw.shape[0] = SIZE_MAX / 2;
    assert_int_equal(sv_npy_array_read(&d, &raw, &arena, &array, &err), SAVOR_FORMAT);
}

static void test_texts(void **state)
{
    (void)state;
    sv_npy_raw raw = {.n_dims = 1, .shape = {2}, .bytes = {"a\0\0\0\xac\x20\0\0\0\0\0\0\0\0\0\0", 16}};
    sv_npy_dtype d;
    sv_array array;
    assert_int_equal(sv_npy_dtype_parse(SV_STR("<U2"), &d, &err), SAVOR_OK);
    assert_int_equal(sv_npy_array_read(&d, &raw, &arena, &array, &err), SAVOR_OK);
    const sv_str *texts = array.tensor.data;
    assert_true(sv_str_is(texts[0], "a\xe2\x82\xac"));
    assert_int_equal(texts[1].n, 0);
    raw.bytes.p = "a\0\0\0\xac\x20\0\0\0\0\x11\0\0\0\0\0"; /* U+110000 */
    assert_int_equal(sv_npy_array_read(&d, &raw, &arena, &array, &err), SAVOR_FORMAT);
}

static void test_dates(void **state)
{
    (void)state;
    int64_t days[2] = {18262, INT64_MIN};
    sv_npy_raw raw = {.n_dims = 1, .shape = {2}, .bytes = {(const char *)days, sizeof days}};
    sv_npy_dtype d;
    sv_array array;
    assert_int_equal(sv_npy_dtype_parse(SV_STR("<M8[D]"), &d, &err), SAVOR_OK);
    assert_int_equal(sv_npy_array_read(&d, &raw, &arena, &array, &err), SAVOR_OK);
    assert_true(((const int64_t *)array.tensor.data)[0] == INT64_C(1577836800000000000));
    assert_true(((const int64_t *)array.tensor.data)[1] == SV_NAT);
    days[0] = INT64_MAX / 2;
    assert_int_equal(sv_npy_array_read(&d, &raw, &arena, &array, &err), SAVOR_UNSUPPORTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_elements), cmocka_unit_test(test_fields), cmocka_unit_test(test_order),
        cmocka_unit_test(test_texts),    cmocka_unit_test(test_dates),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
