/* batch_test.c: common dtypes as pandas has them, cells as floats, sparse and dense, answers as payloads. */
#include "sklearn/batch.h"
#include "unit/arena.h"
#include "unit/test.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* DataFrame({"a": dtype, "b": dtype}).to_numpy().dtype, the same in pandas 1.5.3 and 3.1.1. */
static void test_common_dtype(void **state)
{
    (void)state;
    static const savor_dtype KINDS[] = {SAVOR_BOOL,   SAVOR_INT8,    SAVOR_INT16,   SAVOR_INT32,
                                        SAVOR_INT64,  SAVOR_UINT8,   SAVOR_UINT16,  SAVOR_UINT32,
                                        SAVOR_UINT64, SAVOR_FLOAT32, SAVOR_FLOAT64, SAVOR_OBJECT};
    static const savor_dtype COMMON[12][12] = {
        {SAVOR_BOOL, SAVOR_OBJECT, SAVOR_OBJECT, SAVOR_OBJECT, SAVOR_OBJECT, SAVOR_OBJECT, SAVOR_OBJECT, SAVOR_OBJECT,
         SAVOR_OBJECT, SAVOR_OBJECT, SAVOR_OBJECT, SAVOR_OBJECT},
        {SAVOR_OBJECT, SAVOR_INT8, SAVOR_INT16, SAVOR_INT32, SAVOR_INT64, SAVOR_INT16, SAVOR_INT32, SAVOR_INT64,
         SAVOR_FLOAT64, SAVOR_FLOAT32, SAVOR_FLOAT64, SAVOR_OBJECT},
        {SAVOR_OBJECT, SAVOR_INT16, SAVOR_INT16, SAVOR_INT32, SAVOR_INT64, SAVOR_INT16, SAVOR_INT32, SAVOR_INT64,
         SAVOR_FLOAT64, SAVOR_FLOAT32, SAVOR_FLOAT64, SAVOR_OBJECT},
        {SAVOR_OBJECT, SAVOR_INT32, SAVOR_INT32, SAVOR_INT32, SAVOR_INT64, SAVOR_INT32, SAVOR_INT32, SAVOR_INT64,
         SAVOR_FLOAT64, SAVOR_FLOAT64, SAVOR_FLOAT64, SAVOR_OBJECT},
        {SAVOR_OBJECT, SAVOR_INT64, SAVOR_INT64, SAVOR_INT64, SAVOR_INT64, SAVOR_INT64, SAVOR_INT64, SAVOR_INT64,
         SAVOR_FLOAT64, SAVOR_FLOAT64, SAVOR_FLOAT64, SAVOR_OBJECT},
        {SAVOR_OBJECT, SAVOR_INT16, SAVOR_INT16, SAVOR_INT32, SAVOR_INT64, SAVOR_UINT8, SAVOR_UINT16, SAVOR_UINT32,
         SAVOR_UINT64, SAVOR_FLOAT32, SAVOR_FLOAT64, SAVOR_OBJECT},
        {SAVOR_OBJECT, SAVOR_INT32, SAVOR_INT32, SAVOR_INT32, SAVOR_INT64, SAVOR_UINT16, SAVOR_UINT16, SAVOR_UINT32,
         SAVOR_UINT64, SAVOR_FLOAT32, SAVOR_FLOAT64, SAVOR_OBJECT},
        {SAVOR_OBJECT, SAVOR_INT64, SAVOR_INT64, SAVOR_INT64, SAVOR_INT64, SAVOR_UINT32, SAVOR_UINT32, SAVOR_UINT32,
         SAVOR_UINT64, SAVOR_FLOAT64, SAVOR_FLOAT64, SAVOR_OBJECT},
        {SAVOR_OBJECT, SAVOR_FLOAT64, SAVOR_FLOAT64, SAVOR_FLOAT64, SAVOR_FLOAT64, SAVOR_UINT64, SAVOR_UINT64,
         SAVOR_UINT64, SAVOR_UINT64, SAVOR_FLOAT64, SAVOR_FLOAT64, SAVOR_OBJECT},
        {SAVOR_OBJECT, SAVOR_FLOAT32, SAVOR_FLOAT32, SAVOR_FLOAT64, SAVOR_FLOAT64, SAVOR_FLOAT32, SAVOR_FLOAT32,
         SAVOR_FLOAT64, SAVOR_FLOAT64, SAVOR_FLOAT32, SAVOR_FLOAT64, SAVOR_OBJECT},
        {SAVOR_OBJECT, SAVOR_FLOAT64, SAVOR_FLOAT64, SAVOR_FLOAT64, SAVOR_FLOAT64, SAVOR_FLOAT64, SAVOR_FLOAT64,
         SAVOR_FLOAT64, SAVOR_FLOAT64, SAVOR_FLOAT64, SAVOR_FLOAT64, SAVOR_OBJECT},
        {SAVOR_OBJECT, SAVOR_OBJECT, SAVOR_OBJECT, SAVOR_OBJECT, SAVOR_OBJECT, SAVOR_OBJECT, SAVOR_OBJECT,
         SAVOR_OBJECT, SAVOR_OBJECT, SAVOR_OBJECT, SAVOR_OBJECT, SAVOR_OBJECT},
    };
    for (size_t i = 0; i < 12; i++)
        for (size_t k = 0; k < 12; k++) {
            const sv_column columns[] = {{.dtype = KINDS[i]}, {.dtype = KINDS[k]}};
            const sv_frame frame = {.n_rows = 1, .n_columns = 2, .columns = columns};
            if (sv_frame_common_dtype(&frame) != COMMON[i][k])
                fail_msg("%s beside %s: %s", savor_dtype_name(KINDS[i]), savor_dtype_name(KINDS[k]),
                         savor_dtype_name(sv_frame_common_dtype(&frame)));
        }
    const sv_frame none = {0};
    assert_int_equal(sv_frame_common_dtype(&none), SAVOR_OBJECT);
}

static const int64_t INTS[] = {1, -2, INT64_C(9007199254740993)};
static const sv_str WORDS[] = {{" 1.5 ", 5}, {"nan", 3}, {"-1e400", 6}};
static const sv_value VALUES[] = {
    {.kind = SV_VALUE_NONE}, {.kind = SV_VALUE_BOOL, .u.i = 1}, {.kind = SV_VALUE_FLOAT, .u.f = 0.1}};

static void test_frame_to_floats(void **state)
{
    (void)state;
    const sv_column columns[] = {{.dtype = SAVOR_INT64, .data = INTS},
                                 {.dtype = SAVOR_STRING, .data = WORDS},
                                 {.dtype = SAVOR_OBJECT, .data = VALUES}};
    const sv_batch in = {.kind = SV_BATCH_FRAME, .frame = {.n_rows = 3, .n_columns = 3, .columns = columns}};
    sv_tensor t;
    assert_int_equal(sv_batch_to_floats(&in, SAVOR_FLOAT64, &arena, &t, NULL), SAVOR_OK);
    const double *x = t.data;
    assert_true(t.n_dims == 2 && t.shape[0] == 3 && t.shape[1] == 3 && t.n_items == 9);
    assert_true(x[0] == 1.0 && x[1] == 1.5 && isnan(x[2]) && x[3] == -2.0 && isnan(x[4]) && x[5] == 1.0);
    assert_true(x[6] == 9007199254740992.0 && x[7] == -INFINITY && x[8] == 0.1);
    assert_int_equal(sv_batch_to_floats(&in, SAVOR_FLOAT32, &arena, &t, NULL), SAVOR_OK);
    assert_true(t.dtype == SAVOR_FLOAT32 && ((const float *)t.data)[8] == 0.1f);
}

static void test_no_number(void **state)
{
    (void)state;
    static const sv_str words[] = {{"1", 1}, {"red", 3}};
    const sv_column column = {.name = sv_label_text(SV_STR("color")), .dtype = SAVOR_STRING, .data = words};
    const sv_batch in = {.kind = SV_BATCH_FRAME, .frame = {.n_rows = 2, .n_columns = 1, .columns = &column}};
    const sv_batch list = {.kind = SV_BATCH_LIST};
    sv_tensor t;
    savor_error err;
    assert_int_equal(sv_batch_to_floats(&in, SAVOR_FLOAT64, &arena, &t, &err), SAVOR_MODEL);
    assert_string_equal(err.message, "could not convert string to float: 'red'");
    assert_string_equal(err.where, "column \"color\"");
    assert_int_equal(sv_batch_to_floats(&list, SAVOR_FLOAT64, &arena, &t, NULL), SAVOR_MODEL);
}

static void test_tensors(void **state)
{
    (void)state;
    static const double doubles[] = {1.0, 1.0 + DBL_EPSILON};
    sv_batch in = sv_batch_of_doubles(doubles, 2, 0);
    sv_tensor t;
    assert_true(sv_batch_rows(&in) == 2 && sv_batch_columns(&in) == 1 && in.tensor.n_dims == 1);
    assert_int_equal(sv_batch_to_floats(&in, SAVOR_FLOAT64, &arena, &t, NULL), SAVOR_OK);
    assert_true(t.data == doubles); /* borrowed */
    assert_int_equal(sv_batch_to_floats(&in, SAVOR_FLOAT32, &arena, &t, NULL), SAVOR_OK);
    assert_true(t.n_dims == 1 && ((const float *)t.data)[1] == 1.0f);
    in.tensor = sv_tensor_view(SAVOR_INT64, 3, 1, INTS);
    assert_int_equal(sv_batch_to_floats(&in, SAVOR_FLOAT32, &arena, &t, NULL), SAVOR_OK);
    assert_true(((const float *)t.data)[2] == 9007199254740992.0f);
}

static void test_sparse(void **state)
{
    (void)state;
    static const size_t first[] = {0, 2, 2, 3};
    static const uint32_t columns[] = {1, 1, 0};
    static const double values[] = {2.0, 3.0, 4.0};
    const sv_batch in = {.kind = SV_BATCH_SPARSE, .sparse = {3, 2, SAVOR_FLOAT64, first, columns, values}};
    static const double dense[] = {0.0, 5.0, 0.0, 0.0, 4.0, 0.0}; /* equal places add up */
    sv_tensor t;
    sv_payload payload;
    assert_true(sv_batch_rows(&in) == 3 && sv_batch_columns(&in) == 2);
    assert_int_equal(sv_batch_to_floats(&in, SAVOR_FLOAT64, &arena, &t, NULL), SAVOR_OK);
    assert_true(t.n_items == 6 && memcmp(t.data, dense, sizeof dense) == 0);
    assert_int_equal(sv_batch_to_payload(&in, &arena, &payload, NULL), SAVOR_UNSUPPORTED);
}

static void test_limits(void **state)
{
    (void)state;
    double *room;
    sv_tensor t;
    const sv_batch in = {.kind = SV_BATCH_FRAME, .frame = {.n_rows = SIZE_MAX / 2, .n_columns = 3, .columns = NULL}};
    assert_int_equal(sv_batch_alloc(&arena, SIZE_MAX / 4, 8, &room, NULL), SAVOR_LIMIT);
    assert_null(room);
    assert_int_equal(sv_batch_to_floats(&in, SAVOR_FLOAT64, &arena, &t, NULL), SAVOR_LIMIT);
    assert_int_equal(sv_batch_alloc(&arena, 0, 8, &room, NULL), SAVOR_OK);
}

/* predict_proba of two outputs: [[[a, b]], [[c]]]. */
static void test_payloads(void **state)
{
    (void)state;
    static const double first[] = {0.25, 0.75}, second[] = {1.0};
    const sv_tensor items[] = {sv_tensor_view(SAVOR_FLOAT64, 1, 2, first),
                               sv_tensor_view(SAVOR_FLOAT64, 1, 0, second)};
    sv_batch in = {.kind = SV_BATCH_LIST};
    sv_payload out = {.kind = SV_PAYLOAD_FRAME}, named = {.kind = SV_PAYLOAD_NAMED};
    in.list.n = 2;
    in.list.items = items;
    assert_true(sv_batch_rows(&in) == 0 && sv_batch_columns(&in) == 0);
    assert_int_equal(sv_batch_to_payload(&in, &arena, &out, NULL), SAVOR_OK);
    assert_true(out.kind == SV_PAYLOAD_VALUE && out.value.kind == SV_VALUE_LIST && out.value.n == 2);
    const sv_value *outputs = out.value.u.items;
    assert_true(outputs[0].n == 1 && outputs[0].u.items[0].n == 2 && outputs[0].u.items[0].u.items[1].u.f == 0.75);
    assert_true(outputs[1].n == 1 && outputs[1].u.items[0].kind == SV_VALUE_FLOAT);
    assert_int_equal(sv_batch_of_payload(&named, &in, NULL), SAVOR_MODEL);
    assert_int_equal(sv_batch_of_payload(&out, &in, NULL), SAVOR_MODEL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_common_dtype, setup, teardown),
        cmocka_unit_test_setup_teardown(test_frame_to_floats, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_number, setup, teardown),
        cmocka_unit_test_setup_teardown(test_tensors, setup, teardown),
        cmocka_unit_test_setup_teardown(test_sparse, setup, teardown),
        cmocka_unit_test_setup_teardown(test_limits, setup, teardown),
        cmocka_unit_test_setup_teardown(test_payloads, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
