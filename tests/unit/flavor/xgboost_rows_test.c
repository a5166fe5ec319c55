/*
 * xgboost_rows_test.c: a single row of doubles takes a shorter way; two such rows do not. So each frame is read with
 * its row once and twice: the values and the verdicts must be the same.
 */
#include "flavor/xgboost_priv.h"
#include "unit/test.h"

#include <math.h>
#include <string.h>

enum { N = 3 };

static const sv_str NAMES[N] = {{"a", 1}, {"0", 1}, {"long name of a feature", 22}};

typedef struct frame_row {
    double values[N];
    savor_dtype dtype; /* of the last column */
    const char *names[N];
    size_t n_columns;
    int number_at; /* the column whose label is the number 0; -1: none */
} frame_row;

static const frame_row FRAMES[] = {
    {{1.5, -2.25, 1e-50}, SAVOR_FLOAT64, {"a", "0", "long name of a feature"}, N, -1},
    {{(double)NAN, -0.0, 16777217}, SAVOR_FLOAT64, {"a", "0", "long name of a feature"}, N, -1},
    {{1, 2, (double)INFINITY}, SAVOR_FLOAT64, {"a", "0", "long name of a feature"}, N, -1},
    {{1, -1e300, 3}, SAVOR_FLOAT64, {"a", "0", "long name of a feature"}, N, -1},
    {{1, -999, 3}, SAVOR_FLOAT64, {"a", "0", "long name of a feature"}, N, -1},
    {{1, 2, 0}, SAVOR_INT64, {"a", "0", "long name of a feature"}, N, -1},
    {{1, 2, 3}, SAVOR_OBJECT, {"a", "0", "long name of a feature"}, N, -1},
    {{1, 2, 3}, SAVOR_FLOAT64, {"a", "0", "long name of a feature"}, N, 1},
    {{1, 2, 3}, SAVOR_FLOAT64, {"0", "a", "long name of a feature"}, N, -1},
    {{1, 2, 3}, SAVOR_FLOAT64, {"a", "0", "long name of a featurE"}, N, -1},
    {{1, 2, 3}, SAVOR_FLOAT64, {"a", "a", "a"}, N, -1},
    {{1, 2, 3}, SAVOR_FLOAT64, {"a", "0", ""}, N - 1, -1},
};

static void read_rows(const xgb_input *input, const frame_row *row, size_t n_rows, savor_status *st, float *out,
                      savor_error *err)
{
    double cells[N][2];
    sv_column columns[N];
    sv_batch in = {.kind = SV_BATCH_FRAME};
    xgb_rows rows = {0};
    sv_arena arena;
    sv_arena_init(&arena, 1 << 20);
    for (size_t c = 0; c < N; c++) {
        cells[c][0] = cells[c][1] = row->values[c];
        columns[c] = (sv_column){sv_label_text(sv_str_of(row->names[c])), SAVOR_FLOAT64, cells[c]};
        if (row->number_at == (int)c)
            columns[c].name = sv_label_number(0);
    }
    columns[N - 1].dtype = row->dtype;
    in.frame = (sv_frame){.n_rows = n_rows, .n_columns = row->n_columns, .columns = columns};
    *err = (savor_error){.status = SAVOR_OK};
    *st = sv_xgb_rows_read(input, &in, &arena, &rows, err);
    if (!*st) {
        assert_int_equal(rows.n_rows, n_rows);
        assert_true(rows.is_frame);
        memcpy(out, rows.values, n_rows * N * sizeof *out);
    }
    sv_arena_deinit(&arena);
}

static void compare(const xgb_input *input)
{
    for (size_t i = 0; i < sizeof FRAMES / sizeof FRAMES[0]; i++) {
        savor_status one_st, two_st;
        savor_error one_err, two_err;
        float one[N], two[2 * N];
        read_rows(input, &FRAMES[i], 1, &one_st, one, &one_err);
        read_rows(input, &FRAMES[i], 2, &two_st, two, &two_err);
        assert_int_equal(one_st, two_st);
        assert_string_equal(one_err.message, two_err.message);
        if (!one_st)
            assert_memory_equal(one, two, sizeof one);
    }
}

static void test_one_and_two(void **state)
{
    (void)state;
    for (int i = 0; i < 48; i++) {
        sv_xgboost model = {.n_features = N, .feature_names = NAMES, .n_names = i & 1 ? N : 0};
        model.has_category_names = i % 3 == 2;
        xgb_input input = {.model = &model, .version_major = i & 2 ? 1 : 3, .is_inplace = (i & 4) != 0};
        input.missing = i & 8 ? -999.0f : NAN;
        input.is_unchecked = (i & 16) != 0;
        compare(&input);
    }
}

/* What the library does with them: doubles become floats, too large ones are refused. */
static void test_values(void **state)
{
    (void)state;
    sv_xgboost model = {.n_features = N, .feature_names = NAMES, .n_names = N};
    xgb_input input = {.model = &model, .version_major = 3, .missing = NAN};
    savor_status st;
    savor_error err;
    float out[N];
    read_rows(&input, &FRAMES[0], 1, &st, out, &err);
    assert_int_equal(st, SAVOR_OK);
    assert_true(out[0] == 1.5f && out[1] == -2.25f && out[2] == 0.0f);
    read_rows(&input, &FRAMES[1], 1, &st, out, &err);
    assert_int_equal(st, SAVOR_OK);
    assert_true(isnan(out[0]) && signbit(out[1]) && out[2] == 16777216.0f);
    read_rows(&input, &FRAMES[3], 1, &st, out, &err);
    assert_int_equal(st, SAVOR_MODEL);
    assert_non_null(strstr(err.message, "`inf`"));
    input.missing = -999.0f;
    read_rows(&input, &FRAMES[4], 1, &st, out, &err);
    assert_int_equal(st, SAVOR_OK);
    assert_true(isnan(out[1]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_and_two),
        cmocka_unit_test(test_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
