/* predict_test.c: savor_model_predict without a server: dtype, shape and numbers that MLflow gave, and refusals. */
#include "unit/test.h"

#include <savor/frame.h>

#include <string.h>

static const char *const NAMES[] = {"age", "income", "balance", "tenure", "ratio", "score"};

static savor_model *load(const char *path)
{
    savor_model *model;
    assert_int_equal(savor_model_load(path, NULL, &model, NULL), SAVOR_OK);
    return model;
}

static savor_frame *frame_of(const char *const *names, size_t n_columns, savor_dtype dtype, const void *rows,
                             size_t n_rows)
{
    savor_frame *frame;
    assert_int_equal(savor_frame_from_rows(names, n_columns, dtype, rows, n_rows, &frame, NULL), SAVOR_OK);
    return frame;
}

/* Request 01 of the model, answered by MLflow 3.17.2. */
static void test_numbers(void **state)
{
    (void)state;
    double none = 0.0 / 0.0;
    const double rows[4][6] = {
        {none, 61.55904307821637, none, -0.5622856740802724, -2.458472603369349, 34.3},
        {42.3, 34.489678162596654, 7.0, none, -0.4707976033576216, 41.9},
        {none, 11.945603920011008, 3.0, -0.4081951514381532, -3.3560784155574805, 54.0},
        {34.5, 26.820850563217096, 3.0, 0.1719998028613463, 1.272279067264086, 43.1},
    };
    static const float EXPECTED[] = {-0x1.6d05c8p-1F, -0x1.115736p+1F, 0x1.a5aa7ap+0F, 0x1.5649dp+0F};
    savor_model *model = load(TEST_DATA "/models/xgb-squarederror-v3/model");
    savor_frame *frame = frame_of(NAMES, 6, SAVOR_FLOAT64, rows, 4);
    savor_prediction *prediction;
    size_t n_dims = 0;
    assert_int_equal(savor_model_predict(model, frame, &prediction, NULL), SAVOR_OK);
    savor_frame_free(frame); /* the answer does not borrow from it */
    assert_int_equal(savor_prediction_get_dtype(prediction), SAVOR_FLOAT32);
    const size_t *shape = savor_prediction_get_shape(prediction, &n_dims);
    assert_int_equal(n_dims, 1);
    assert_int_equal(shape[0], 4);
    assert_memory_equal(savor_prediction_get_data(prediction), EXPECTED, sizeof EXPECTED);
    assert_null(savor_prediction_get_text(prediction, 0));
    savor_prediction_free(prediction);
    savor_prediction_free(NULL);
    savor_model_free(model);
}

/* One number for each class and row. */
static void test_shape(void **state)
{
    (void)state;
    static const double ROW[2][8] = {{1, 2, 3, 4, 5, 6, 7, 8}, {8, 7, 6, 5, 4, 3, 2, 1}};
    savor_model *model = load(TEST_DATA "/models/lgb-multiclass-v2/model");
    savor_frame *frame = frame_of(NULL, 8, SAVOR_FLOAT64, ROW, 2);
    savor_prediction *prediction;
    size_t n_dims = 0;
    assert_int_equal(savor_model_predict(model, frame, &prediction, NULL), SAVOR_OK);
    assert_int_equal(savor_prediction_get_dtype(prediction), SAVOR_FLOAT64);
    const size_t *shape = savor_prediction_get_shape(prediction, &n_dims);
    const double *data = savor_prediction_get_data(prediction);
    assert_int_equal(n_dims, 2);
    assert_int_equal(shape[0], 2);
    double sum = 0;
    for (size_t k = 0; k < shape[1]; k++)
        sum += data[k];
    assert_true(shape[1] > 2 && sum > 1 - 1e-9 && sum < 1 + 1e-9);
    savor_prediction_free(prediction);
    savor_frame_free(frame);
    savor_model_free(model);
}

static void test_refused(void **state)
{
    (void)state;
    static const int64_t WHOLE[6] = {1, 2, 3, 4, 5, 6};
    savor_model *model = load(TEST_DATA "/models/lgb-reg-sqrt-v3/model");
    const struct {
        const char *const *names;
        savor_dtype dtype;
        size_t n_columns;
        const char *word;
    } ROWS[] = {
        {NAMES, SAVOR_INT64, 6, "int64"},
        {NAMES, SAVOR_BOOL, 6, "bool"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        char dangling;
        savor_frame *frame = frame_of(ROWS[i].names, ROWS[i].n_columns, ROWS[i].dtype, WHOLE, 1);
        savor_prediction *prediction = (savor_prediction *)&dangling;
        savor_error err = {.status = SAVOR_OK};
        savor_status st = savor_model_predict(model, frame, &prediction, &err);
        if (st != SAVOR_SCHEMA || !strstr(err.message, ROWS[i].word))
            fail_msg("row %zu: %s: %s", i, savor_status_name(st), err.message);
        assert_null(prediction);
        assert_int_equal(savor_model_predict(model, frame, &prediction, NULL), SAVOR_SCHEMA);
        savor_frame_free(frame);
    }
    savor_model_free(model);
}

static void test_rows(void **state)
{
    (void)state;
    static const savor_dtype OTHERS[] = {SAVOR_INT8,   SAVOR_UINT64, SAVOR_FLOAT16,
                                         SAVOR_STRING, SAVOR_OBJECT, (savor_dtype)99};
    savor_frame *frame;
    savor_error err;
    for (size_t i = 0; i < sizeof OTHERS / sizeof OTHERS[0]; i++) {
        assert_int_equal(savor_frame_from_rows(NULL, 1, OTHERS[i], "", 0, &frame, &err), SAVOR_USAGE);
        assert_null(frame);
    }
    assert_int_equal(savor_frame_from_rows(NULL, SIZE_MAX / 2, SAVOR_FLOAT64, "", 4, &frame, &err), SAVOR_USAGE);
    assert_int_equal(savor_frame_from_rows(NULL, SIZE_MAX / 2, SAVOR_FLOAT64, "", 0, &frame, &err), SAVOR_LIMIT);
    assert_int_equal(savor_frame_from_rows(NULL, (size_t)1 << 40, SAVOR_FLOAT64, "", 0, &frame, &err), SAVOR_LIMIT);
    assert_null(frame);
    frame = frame_of(NULL, 0, SAVOR_BOOL, "", 0);
    assert_int_equal(savor_frame_get_n_rows(frame), 0);
    assert_int_equal(savor_frame_get_n_columns(frame), 0);
    savor_frame_free(frame);
    frame = frame_of(NULL, 2, SAVOR_INT32, (const int32_t[]){1, 2, 3, 4, 5, 6}, 3);
    assert_int_equal(savor_frame_get_n_rows(frame), 3);
    assert_int_equal(savor_frame_get_n_columns(frame), 2);
    savor_frame_free(frame);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_shape),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
