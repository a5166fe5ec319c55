/* check_test.c: what validate_data accepts, what it says otherwise (messages of scikit-learn 1.5.2), and labels. */
#include "sklearn/check.h"
#include "unit/arena.h"
#include "unit/test.h"

#include <math.h>
#include <string.h>

static const sv_estimator_class scaler = {.name = "StandardScaler"};
static const sv_str names[] = {{"a", 1}, {"b", 1}};
static const sv_estimator fitted = {.cls = &scaler, .n_features_in = 2, .feature_names = names, .n_feature_names = 2};
static const sv_estimator plain = {.cls = &scaler, .n_features_in = 2};
static const double ROW[] = {1.0, 2.0, 3.0};

/* One row of doubles; a column per letter, '0' to '9' is a number for a name. */
static sv_batch frame_of(const char *letters)
{
    size_t n = strlen(letters);
    sv_column *columns = sv_arena_array(&arena, n, sizeof *columns);
    assert_non_null(columns);
    for (size_t i = 0; i < n; i++) {
        bool is_number = letters[i] >= '0' && letters[i] <= '9';
        columns[i] = (sv_column){.dtype = SAVOR_FLOAT64, .data = ROW + i};
        columns[i].name = is_number ? sv_label_number(letters[i] - '0') : sv_label_text((sv_str){letters + i, 1});
    }
    return (sv_batch){.kind = SV_BATCH_FRAME, .frame = {.n_rows = 1, .n_columns = n, .columns = columns}};
}

static void test_names(void **state)
{
    (void)state;
    static const struct {
        const char *columns, *says; /* NULL: accepted */
    } ROWS[] = {
        {"ab", NULL},
        {"ac", "Feature names seen at fit time, yet now missing: b"},
        {"a", "Feature names seen at fit time, yet now missing: b"},
        {"ba", "Feature names must be in the same order as they were in fit."},
        {"abc", "Feature names unseen at fit time"},
        {"01", NULL}, /* no text, no names */
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        sv_batch in = frame_of(ROWS[i].columns);
        savor_error err = {0};
        savor_status st = sv_check_names(&fitted, &in, &err);
        assert_int_equal(st, ROWS[i].says ? SAVOR_MODEL : SAVOR_OK);
        if (ROWS[i].says && !strstr(err.message, ROWS[i].says))
            fail_msg("%s: %s", ROWS[i].columns, err.message);
        assert_int_equal(sv_check_names(&plain, &in, NULL), SAVOR_OK);
    }
}

static sv_batch array_of(size_t n_rows, size_t n_columns, const double *values)
{
    return sv_batch_of_doubles(values, n_rows, n_columns);
}

static void test_shapes(void **state)
{
    (void)state;
    sv_batch cases[] = {array_of(1, 3, ROW), array_of(2, 0, ROW), array_of(0, 2, ROW), array_of(1, 2, ROW),
                        array_of(1, 2, ROW)};
    static const char *const messages[] = {
        "X has 3 features, but StandardScaler is expecting 2 features as input.",
        "Expected 2D array, got 1D array instead.",
        "Found array with 0 sample(s) (shape=(0, 2)) while a minimum of 1 is required by StandardScaler.",
        "Expected 2D array, got scalar array instead.",
        "Found array with dim 3, while dim <= 2 is required by StandardScaler.",
    };
    cases[3].tensor.n_dims = 0;
    cases[4].tensor.n_dims = 3;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        savor_error err = {0};
        sv_tensor t;
        assert_int_equal(sv_check_dense(&plain, &cases[i], 0, &arena, &t, &err), SAVOR_MODEL);
        assert_string_equal(err.message, messages[i]);
    }
    sv_tensor t;
    assert_int_equal(sv_check_dense(&plain, &cases[2], SV_CHECK_ANY_ROWS, &arena, &t, NULL), SAVOR_OK);
    sv_batch wide = array_of(1, 3, ROW), frame = frame_of("ab");
    const sv_estimator any = {.cls = &scaler};
    assert_int_equal(sv_check_dense(&any, &wide, 0, &arena, &t, NULL), SAVOR_OK);
    assert_int_equal(sv_check_dense(&fitted, &frame, 0, &arena, &t, NULL), SAVOR_OK);
    assert_true(t.n_dims == 2 && t.n_items == 2 && ((const double *)t.data)[1] == 2.0);
}

static void test_finite(void **state)
{
    (void)state;
    static const double rows[][2] = {{NAN, 1.0}, {INFINITY, 1.0}, {-INFINITY, NAN}};
    static const struct {
        size_t row;
        unsigned flags;
        const char *says;
    } ROWS[] = {
        {0, 0, "Input X contains NaN."},
        {1, 0, "Input X contains infinity or a value too large for dtype('float64')."},
        {2, 0, "Input X contains NaN."},
        {0, SV_CHECK_ALLOW_NAN, NULL},
        {1, SV_CHECK_ALLOW_NAN, "Input X contains infinity"},
        {2, SV_CHECK_ALLOW_NAN, "Input X contains infinity"},
        {2, SV_CHECK_ALLOW_NAN | SV_CHECK_ALLOW_INF, NULL},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        sv_batch in = array_of(1, 2, rows[ROWS[i].row]);
        savor_error err = {0};
        sv_tensor t;
        savor_status st = sv_check_dense(&plain, &in, ROWS[i].flags, &arena, &t, &err);
        assert_int_equal(st, ROWS[i].says ? SAVOR_MODEL : SAVOR_OK);
        assert_true(!ROWS[i].says || strstr(err.message, ROWS[i].says));
    }
}

static void test_dtypes(void **state)
{
    (void)state;
    static const float floats[] = {0.5f, 1.5f};
    static const double big[] = {1e300, 1.0};
    sv_batch narrow = {.kind = SV_BATCH_TENSOR, .tensor = sv_tensor_view(SAVOR_FLOAT32, 1, 2, floats)};
    sv_batch wide = array_of(1, 2, big);
    savor_error err;
    sv_tensor t;
    assert_int_equal(sv_check_dense(&plain, &narrow, 0, &arena, &t, NULL), SAVOR_OK);
    assert_int_equal(t.dtype, SAVOR_FLOAT64);
    assert_int_equal(sv_check_dense(&plain, &narrow, SV_CHECK_KEEP_FLOAT32, &arena, &t, NULL), SAVOR_OK);
    assert_int_equal(t.dtype, SAVOR_FLOAT32);
    assert_int_equal(sv_check_dense(&plain, &wide, SV_CHECK_FLOAT32, &arena, &t, &err), SAVOR_MODEL);
    assert_non_null(strstr(err.message, "too large for dtype('float32')"));
}

static void test_sparse(void **state)
{
    (void)state;
    static const size_t first[] = {0, 1};
    static const uint32_t columns[] = {1};
    static const double values[] = {NAN};
    sv_batch in = {.kind = SV_BATCH_SPARSE, .sparse = {1, 2, SAVOR_FLOAT64, first, columns, values}}, out;
    assert_int_equal(sv_check_batch(&plain, &in, SV_CHECK_ACCEPT_SPARSE, &arena, &out, NULL), SAVOR_MODEL);
    unsigned flags = SV_CHECK_ACCEPT_SPARSE | SV_CHECK_ALLOW_NAN;
    assert_int_equal(sv_check_batch(&plain, &in, flags, &arena, &out, NULL), SAVOR_OK);
    assert_int_equal(out.kind, SV_BATCH_SPARSE);
    assert_int_equal(sv_check_batch(&plain, &in, SV_CHECK_ALLOW_NAN, &arena, &out, NULL), SAVOR_OK);
    assert_true(out.kind == SV_BATCH_TENSOR && ((const double *)out.tensor.data)[0] == 0.0);
}

/* np.argmax: the first of equals, the first NaN. */
static void test_labels(void **state)
{
    (void)state;
    static const sv_str words[] = {{"x", 1}, {"y", 1}, {"z", 1}};
    static const double values[] = {1.0, 3.0, 3.0, 2.0, NAN, 9.0, -INFINITY, -INFINITY, -INFINITY};
    const sv_tensor classes = sv_tensor_view(SAVOR_STRING, 3, 0, words);
    sv_batch out;
    assert_int_equal(sv_take_argmax(&classes, values, 3, &arena, &out, NULL), SAVOR_OK);
    const sv_str *got = out.tensor.data;
    assert_true(out.tensor.n_dims == 1 && out.tensor.n_items == 3);
    assert_true(sv_str_is(got[0], "y") && sv_str_is(got[1], "y") && sv_str_is(got[2], "x"));
    assert_int_equal(sv_take_labels(&classes, (const size_t[]){2}, 1, &arena, &out, NULL), SAVOR_OK);
    assert_true(sv_str_is(((const sv_str *)out.tensor.data)[0], "z"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_names, setup, teardown),
        cmocka_unit_test_setup_teardown(test_shapes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_finite, setup, teardown),
        cmocka_unit_test_setup_teardown(test_dtypes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_sparse, setup, teardown),
        cmocka_unit_test_setup_teardown(test_labels, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
