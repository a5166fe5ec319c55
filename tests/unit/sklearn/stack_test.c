/* stack_test.c: batches side by side, dense, mixed and sparse; columns taken out; weights. */
#include "sklearn/stack.h"
#include "unit/arena.h"
#include "unit/test.h"

#include <string.h>

static const double A[] = {1.0, 2.0, 3.0, 4.0}, B[] = {0.0, 6.0};
static const float F[] = {0.5f, 1.5f};
static const sv_str WORDS[] = {{"x", 1}, {"y", 1}};

static sv_batch tensor(savor_dtype dtype, size_t n_rows, size_t n_columns, const void *data)
{
    return (sv_batch){.kind = SV_BATCH_TENSOR, .tensor = sv_tensor_view(dtype, n_rows, n_columns, data)};
}

static void test_floats(void **state)
{
    (void)state;
    static const double joined[] = {1.0, 2.0, 0.0, 0.5, 3.0, 4.0, 6.0, 1.5};
    const sv_batch parts[] = {tensor(SAVOR_FLOAT64, 2, 2, A), tensor(SAVOR_FLOAT64, 2, 0, B),
                              tensor(SAVOR_FLOAT32, 2, 1, F)};
    const sv_batch floats[] = {parts[2], parts[2]};
    sv_batch out;
    assert_int_equal(sv_batches_stack(parts, 3, 2, false, &arena, &out, NULL), SAVOR_OK);
    assert_true(out.kind == SV_BATCH_TENSOR && out.tensor.dtype == SAVOR_FLOAT64 && out.tensor.shape[1] == 4);
    assert_memory_equal(out.tensor.data, joined, sizeof joined);
    assert_int_equal(sv_batches_stack(floats, 2, 2, false, &arena, &out, NULL), SAVOR_OK);
    assert_true(out.tensor.dtype == SAVOR_FLOAT32 && out.tensor.n_items == 4);
    assert_int_equal(sv_batches_stack(NULL, 0, 2, false, &arena, &out, NULL), SAVOR_OK);
    assert_true(sv_batch_rows(&out) == 2 && sv_batch_columns(&out) == 0);
}

/* Text beside numbers: columns of objects, named by their place. */
static void test_columns(void **state)
{
    (void)state;
    const sv_batch parts[] = {tensor(SAVOR_FLOAT64, 2, 2, A), tensor(SAVOR_STRING, 2, 1, WORDS)};
    sv_batch out;
    assert_int_equal(sv_batches_stack(parts, 2, 2, false, &arena, &out, NULL), SAVOR_OK);
    assert_true(out.kind == SV_BATCH_FRAME && out.frame.n_columns == 3 && out.frame.n_rows == 2);
    const sv_column *columns = out.frame.columns;
    assert_true(columns[1].dtype == SAVOR_OBJECT && ((const sv_value *)columns[1].data)[1].u.f == 4.0);
    assert_true(columns[2].dtype == SAVOR_OBJECT && sv_label_is_number(&columns[2].name));
    const sv_value *word = (const sv_value *)columns[2].data + 1;
    assert_true(columns[2].name.number == 2 && sv_str_is((sv_str){word->u.p, word->n}, "y"));
}

static void test_sparse(void **state)
{
    (void)state;
    static const uint32_t columns[] = {0, 1, 0, 1, 2};
    static const double values[] = {1.0, 2.0, 3.0, 4.0, 6.0};
    const sv_batch parts[] = {tensor(SAVOR_FLOAT64, 2, 2, A), tensor(SAVOR_FLOAT64, 2, 1, B)};
    const sv_batch text = tensor(SAVOR_STRING, 2, 1, WORDS);
    sv_batch out, taken;
    assert_int_equal(sv_batches_stack(parts, 2, 2, true, &arena, &out, NULL), SAVOR_OK);
    assert_true(out.kind == SV_BATCH_SPARSE && out.sparse.n_columns == 3 && out.sparse.row_first[2] == 5);
    assert_memory_equal(out.sparse.columns, columns, sizeof columns);
    assert_memory_equal(out.sparse.values, values, sizeof values);
    const sv_value half = {.kind = SV_VALUE_FLOAT, .u.f = 0.5};
    assert_int_equal(sv_batch_scale(&out, &half, &arena, NULL), SAVOR_OK);
    assert_true(out.sparse.values[4] == 3.0 && out.sparse.row_first[1] == 2);
    assert_int_equal(sv_batch_take_columns(&out, (const size_t[]){1}, 1, false, &arena, &taken, NULL), SAVOR_OK);
    assert_true(taken.kind == SV_BATCH_SPARSE && taken.sparse.n_columns == 1 && taken.sparse.row_first[2] == 2);
    assert_true(taken.sparse.values[0] == 1.0 && taken.sparse.values[1] == 2.0);
    assert_int_equal(sv_batches_stack(&text, 1, 2, true, &arena, &out, NULL), SAVOR_MODEL);
}

static void test_refused(void **state)
{
    (void)state;
    const sv_batch parts[] = {tensor(SAVOR_FLOAT64, 2, 2, A), tensor(SAVOR_FLOAT64, 1, 1, B)};
    const sv_batch list = {.kind = SV_BATCH_LIST}, flat = tensor(SAVOR_FLOAT64, 2, 0, B);
    sv_batch out;
    assert_int_equal(sv_batches_stack(parts, 2, 2, false, &arena, &out, NULL), SAVOR_MODEL);
    assert_int_equal(sv_batches_stack(&list, 1, 0, false, &arena, &out, NULL), SAVOR_UNSUPPORTED);
    assert_int_equal(sv_batch_take_columns(&list, (const size_t[]){0}, 1, false, &arena, &out, NULL), SAVOR_MODEL);
    assert_int_equal(sv_batch_take_columns(&flat, (const size_t[]){0}, 1, false, &arena, &out, NULL), SAVOR_MODEL);
}

static void test_take(void **state)
{
    (void)state;
    static const double swapped[] = {2.0, 1.0, 2.0, 4.0, 3.0, 4.0};
    const sv_batch in = tensor(SAVOR_FLOAT64, 2, 2, A);
    const sv_column columns[] = {{.dtype = SAVOR_FLOAT64, .data = A}, {.dtype = SAVOR_STRING, .data = WORDS}};
    const sv_batch frame = {.kind = SV_BATCH_FRAME, .frame = {.n_rows = 2, .n_columns = 2, .columns = columns}};
    sv_batch out;
    assert_int_equal(sv_batch_take_columns(&in, (const size_t[]){1, 0, 1}, 3, false, &arena, &out, NULL), SAVOR_OK);
    assert_memory_equal(out.tensor.data, swapped, sizeof swapped);
    assert_int_equal(sv_batch_take_columns(&in, (const size_t[]){1}, 1, true, &arena, &out, NULL), SAVOR_OK);
    assert_true(out.tensor.n_dims == 1 && ((const double *)out.tensor.data)[1] == 4.0);
    assert_int_equal(sv_batch_take_columns(&frame, (const size_t[]){1}, 1, false, &arena, &out, NULL), SAVOR_OK);
    assert_true(out.kind == SV_BATCH_FRAME && out.frame.columns[0].data == WORDS);
    assert_int_equal(sv_batch_take_columns(&frame, (const size_t[]){1}, 1, true, &arena, &out, NULL), SAVOR_OK);
    assert_true(out.kind == SV_BATCH_TENSOR && out.tensor.n_dims == 1 && out.tensor.data == WORDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_floats, setup, teardown),
        cmocka_unit_test_setup_teardown(test_columns, setup, teardown),
        cmocka_unit_test_setup_teardown(test_sparse, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_take, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
