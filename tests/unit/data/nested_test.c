/* nested_test.c: numpy.array of nested values and back. Shapes and dtypes as numpy 2.4 gives them. */
#include "data/nested.h"

#include "base/alloc.h"
#include "unit/test.h"

#define INT(x)                           \
    {                                    \
        .kind = SV_VALUE_INT, .u.i = (x) \
    }
#define FLOAT(x)                           \
    {                                      \
        .kind = SV_VALUE_FLOAT, .u.f = (x) \
    }
#define TEXT(x)                                                 \
    {                                                           \
        .kind = SV_VALUE_STRING, .n = sizeof(x) - 1, .u.p = (x) \
    }
#define LIST(...)                                                                                                 \
    {                                                                                                             \
        .kind = SV_VALUE_LIST, .n = sizeof((sv_value[]){__VA_ARGS__}) / sizeof(sv_value), .u.items = (sv_value[]) \
        {                                                                                                         \
            __VA_ARGS__                                                                                           \
        }                                                                                                         \
    }
#define NONE                  \
    {                         \
        .kind = SV_VALUE_NONE \
    }
#define EMPTY                 \
    {                         \
        .kind = SV_VALUE_LIST \
    }
#define DICT                  \
    {                         \
        .kind = SV_VALUE_DICT \
    }
#define NUMPY_INT32(x)                                                                      \
    {                                                                                       \
        .kind = SV_VALUE_INT, .variant = SV_VARIANT_NUMPY, .dtype = SAVOR_INT32, .u.i = (x) \
    }
#define BIG(x)                                                  \
    {                                                           \
        .kind = SV_VALUE_BIGINT, .n = sizeof(x) - 1, .u.p = (x) \
    }
#define BOOL(x)                           \
    {                                     \
        .kind = SV_VALUE_BOOL, .u.i = (x) \
    }

typedef struct row {
    sv_value value;
    savor_dtype dtype;
    uint32_t n_dims;
    size_t shape[3];
    bool is_ragged;
} row;

static void test_arrays(void **state)
{
    (void)state;
    const row ROWS[] = {
        {INT(7), SAVOR_INT64, 0, {0}, false},
        {DICT, SAVOR_OBJECT, 0, {0}, false},
        {EMPTY, SAVOR_FLOAT64, 1, {0}, false},
        {LIST(EMPTY, EMPTY), SAVOR_FLOAT64, 2, {2, 0}, false},
        {LIST(INT(1), INT(2)), SAVOR_INT64, 1, {2}, false},
        {LIST(INT(1), FLOAT(2.5)), SAVOR_FLOAT64, 1, {2}, false},
        {LIST(BOOL(1), INT(2)), SAVOR_INT64, 1, {2}, false},
        {LIST(BOOL(1), BOOL(0)), SAVOR_BOOL, 1, {2}, false},
        {LIST(INT(1), TEXT("a")), SAVOR_STRING, 1, {2}, false},
        {LIST(INT(1), NONE), SAVOR_OBJECT, 1, {2}, false},
        {LIST(INT(-1), BIG("9223372036854775808")), SAVOR_FLOAT64, 1, {2}, false},
        {LIST(BIG("18446744073709551616")), SAVOR_OBJECT, 1, {1}, false},
        {LIST(NUMPY_INT32(1), NUMPY_INT32(2)), SAVOR_INT32, 1, {2}, false},
        {LIST(NUMPY_INT32(1), INT(2)), SAVOR_INT64, 1, {2}, false},
        {LIST(DICT, DICT), SAVOR_OBJECT, 1, {2}, false},
        {LIST(LIST(INT(1), INT(2)), LIST(INT(3), INT(4))), SAVOR_INT64, 2, {2, 2}, false},
        {LIST(LIST(INT(1)), LIST(INT(3), INT(4))), 0, 0, {0}, true},
        {LIST(LIST(INT(1)), INT(3)), 0, 0, {0}, true},
        {LIST(INT(3), LIST(INT(1))), 0, 0, {0}, true},
        {LIST(DICT, LIST(INT(1))), 0, 0, {0}, true},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        sv_arena arena;
        sv_tensor t;
        sv_arena_init(&arena, 1 << 20);
        savor_status st = sv_value_to_tensor(&ROWS[i].value, &arena, &t, NULL);
        assert_int_equal(st, ROWS[i].is_ragged ? SAVOR_BAD_REQUEST : SAVOR_OK);
        if (!st) {
            assert_int_equal(t.dtype, ROWS[i].dtype);
            assert_int_equal(t.n_dims, ROWS[i].n_dims);
            assert_memory_equal(t.shape, ROWS[i].shape, t.n_dims * sizeof *t.shape);
        }
        sv_arena_deinit(&arena);
    }
}

/* numpy has 64 dimensions, libsavor 32; the value is refused, however deep. */
static void test_depth(void **state)
{
    (void)state;
    sv_arena arena;
    sv_tensor t;
    sv_value levels[200] = {INT(1)};
    for (size_t i = 1; i < 200; i++)
        levels[i] = (sv_value){.kind = SV_VALUE_LIST, .n = 1, .u.items = &levels[i - 1]};
    sv_arena_init(&arena, 1 << 20);
    assert_int_equal(sv_value_to_tensor(&levels[32], &arena, &t, NULL), SAVOR_OK);
    assert_int_equal(t.n_dims, 32);
    assert_int_equal(sv_value_to_tensor(&levels[33], &arena, &t, NULL), SAVOR_BAD_REQUEST);
    assert_int_equal(sv_value_to_tensor(&levels[199], &arena, &t, NULL), SAVOR_BAD_REQUEST);
    sv_arena_deinit(&arena);
}

static void test_index(void **state)
{
    (void)state;
    sv_arena arena;
    static const int64_t ITEMS[] = {1, 2, 3, 4, 5, 6};
    sv_tensor t = sv_tensor_view(SAVOR_INT64, 3, 2, ITEMS), again;
    sv_value first, item, list;
    sv_arena_init(&arena, 1 << 20);
    assert_int_equal(sv_tensor_index(&t, 2, &arena, &first, NULL), SAVOR_OK);
    assert_int_equal(first.kind, SV_VALUE_ARRAY);
    assert_int_equal(first.n, 2);
    assert_string_equal(sv_value_type_name(&first), "ndarray");
    assert_int_equal(sv_tensor_index(first.u.tensor, 1, &arena, &item, NULL), SAVOR_OK);
    assert_int_equal(item.u.i, 6);
    assert_int_equal(item.variant, SV_VARIANT_NUMPY); /* a numpy.int64, no int */
    assert_int_equal(item.dtype, SAVOR_INT64);
    assert_int_equal(sv_tensor_to_value(&t, &arena, &list, NULL), SAVOR_OK);
    assert_int_equal(list.n, 3);
    assert_int_equal(list.u.items[1].u.items[0].u.i, 3);
    assert_int_equal(list.u.items[1].u.items[0].variant, SV_VARIANT_PLAIN); /* tolist() gives Python's int */
    assert_int_equal(sv_value_to_tensor(&list, &arena, &again, NULL), SAVOR_OK);
    assert_memory_equal(again.data, ITEMS, sizeof ITEMS);
    sv_arena_deinit(&arena);
}

/* Arrays of one shape are stacked; one of 0 dimensions stays what it is among objects. */
static void test_arrays_of_arrays(void **state)
{
    (void)state;
    sv_arena arena;
    static const float ITEMS[] = {0.5F, 1.5F};
    sv_tensor t = sv_tensor_view(SAVOR_FLOAT32, 2, 0, ITEMS), out, none = {.dtype = SAVOR_OBJECT, .n_items = 1};
    sv_value nothing = NONE, cells[2];
    none.data = &nothing;
    sv_arena_init(&arena, 1 << 20);
    assert_int_equal(sv_value_of_tensor(&t, &arena, &cells[0], NULL), SAVOR_OK);
    cells[1] = cells[0];
    sv_value list = {.kind = SV_VALUE_LIST, .n = 2, .u.items = cells};
    assert_int_equal(sv_value_to_tensor(&list, &arena, &out, NULL), SAVOR_OK);
    assert_int_equal(out.dtype, SAVOR_FLOAT32);
    assert_int_equal(out.n_dims, 2);
    assert_int_equal(sv_value_of_tensor(&none, &arena, &cells[0], NULL), SAVOR_OK);
    assert_int_equal(sv_value_to_tensor(&list, &arena, &out, NULL), SAVOR_BAD_REQUEST); /* (), (2,) */
    list.n = 1;
    assert_int_equal(sv_value_to_tensor(&list, &arena, &out, NULL), SAVOR_OK);
    assert_int_equal(((const sv_value *)out.data)[0].kind, SV_VALUE_ARRAY);
    sv_arena_deinit(&arena);
}

/* pandas.Series: numpy scalars of one dtype keep it, mixed ones do not. */
static void test_columns(void **state)
{
    (void)state;
    sv_arena arena;
    sv_column column = {.name = sv_label_number(0)};
    const sv_value same[] = {NUMPY_INT32(1), NUMPY_INT32(2)}, mixed[] = {NUMPY_INT32(1), INT(2)};
    const sv_value texts[] = {TEXT("a"), NONE};
    sv_arena_init(&arena, 1 << 20);
    assert_int_equal(sv_values_to_column(same, 2, 3, &arena, &column, NULL), SAVOR_OK);
    assert_int_equal(column.dtype, SAVOR_INT32);
    assert_int_equal(sv_values_to_column(mixed, 2, 3, &arena, &column, NULL), SAVOR_OK);
    assert_int_equal(column.dtype, SAVOR_INT64);
    assert_int_equal(sv_values_to_column(texts, 2, 3, &arena, &column, NULL), SAVOR_OK);
    assert_int_equal(column.dtype, SAVOR_STRING);
    assert_int_equal(sv_values_to_column(texts, 2, 2, &arena, &column, NULL), SAVOR_OK);
    assert_int_equal(column.dtype, SAVOR_OBJECT);
    sv_arena_deinit(&arena);
}

static void test_no_memory(void **state)
{
    (void)state;
    const sv_value value = LIST(LIST(INT(1), INT(2)), LIST(INT(3), INT(4)));
    savor_status st = SAVOR_NOMEM;
    for (long n = 0; st; n++) {
        sv_arena arena;
        sv_tensor t;
        sv_value v = NONE;
        assert_true(n < 100);
        sv_arena_init(&arena, 1 << 20);
        sv_alloc_fail_after(n);
        st = sv_value_to_tensor(&value, &arena, &t, NULL);
        if (!st)
            st = sv_value_of_tensor(&t, &arena, &v, NULL);
        if (!st)
            st = sv_tensor_to_value(v.u.tensor, &arena, &v, NULL);
        sv_alloc_fail_after(-1);
        assert_true(st == SAVOR_OK || st == SAVOR_NOMEM);
        sv_arena_deinit(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_arrays),  cmocka_unit_test(test_depth),
                                       cmocka_unit_test(test_index),   cmocka_unit_test(test_arrays_of_arrays),
                                       cmocka_unit_test(test_columns), cmocka_unit_test(test_no_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
