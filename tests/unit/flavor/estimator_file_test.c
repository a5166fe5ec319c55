/*
 * estimator_file_test.c: estimators of other packages inside pickle and skops files: which methods they have, sparse
 * input, and short memory. Their answers are compared with MLflow's by unit/score/scorer.
 */
#include "flavor/estimator_file.h"

#include "base/alloc.h"
#include "unit/test.h"

#include <math.h>
#include <stdio.h>

typedef struct fixture {
    sv_buf bytes;
    sv_arena arena;
    sv_estimator_file file;
    savor_error err;
} fixture;

static void open_file(fixture *f, const char *folder, const char *name)
{
    char path[512];
    sv_dir dir = SV_DIR_CLOSED;
    *f = (fixture){.bytes = SV_BUF_INIT((size_t)1 << 24)};
    sv_arena_init(&f->arena, (size_t)64 << 20);
    snprintf(path, sizeof path, "%s/models/%s/model", TEST_DATA, folder);
    assert_int_equal(sv_dir_open(path, &dir, NULL), SAVOR_OK);
    assert_int_equal(sv_dir_read(&dir, sv_str_of(name), &f->bytes, NULL), SAVOR_OK);
    sv_dir_close(&dir);
}

static savor_status read_file(fixture *f)
{
    sv_source source = sv_source_of(sv_buf_view(&f->bytes));
    source.part_min = 64; /* as of a file that is so large that this is little */
    savor_status st =
        sv_estimator_file_read(&source, (sv_release){1, 5}, &SV_FLAVOR_LIMITS, &f->arena, &f->file, &f->err);
    sv_source_close(&source);
    return st;
}

static void close_file(fixture *f)
{
    sv_buf_deinit(&f->bytes);
    sv_arena_deinit(&f->arena);
}

static void classes_are_told(void **state)
{
    (void)state;
    static const struct {
        const char *folder, *name, *format, *names;
        bool has_decision;
    } cases[] = {
        {"sk-xgb-sparse-v1", "model.pkl", "pickle",
         "\"estimators\": [\"Pipeline\", \"ColumnTransformer\", \"SimpleImputer\", \"StandardScaler\", "
         "\"OneHotEncoder\", \"XGBClassifier\"]",
         false},
        {"lgb-labels-v2", "model.pkl", "pickle", "\"estimators\": [\"LGBMClassifier\"]", false},
        {"lgb-labels-v3", "model.skops", "skops", "\"estimators\": [\"LGBMClassifier\"]", true}, /* 4.7 */
        {"sk-catboost-v3", "model.pkl", "pickle",
         "\"estimators\": [\"Pipeline\", \"SimpleImputer\", \"CatBoostClassifier\"]", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fixture f;
        sv_buf json = SV_BUF_INIT(4096);
        open_file(&f, cases[i].folder, cases[i].name);
        assert_int_equal(read_file(&f), SAVOR_OK);
        assert_string_equal(f.file.format, cases[i].format);
        assert_true(sv_estimator_has(f.file.estimator, SV_PREDICT_PROBA));
        assert_int_equal(sv_estimator_has(f.file.estimator, SV_DECISION_FUNCTION), cases[i].has_decision);
        sv_estimator_file_describe(&f.file, &json);
        if (!sv_str_is(sv_buf_view(&json), cases[i].names))
            fail_msg("%s: %.*s", cases[i].folder, SV_FMT(sv_buf_view(&json)));
        sv_buf_deinit(&json);
        close_file(&f);
    }
}

/* Values of the first row of a model's `method`, asked with `in`. */
static double ask(fixture *f, sv_method method, const sv_batch *in)
{
    sv_batch out;
    savor_status st = sv_estimator_call(f->file.estimator, method, in, &f->arena, &out, &f->err);
    if (st)
        fail_msg("%s", f->err.message);
    double value;
    assert_true(sv_tensor_to_double(&out.tensor, 0, &value));
    return value;
}

/* Absent is zero for LightGBM and missing for XGBoost. */
static void sparse_cells_that_are_absent(void **state)
{
    (void)state;
    static const size_t row_first[] = {0, 1};
    static const uint32_t column = 1;
    static const double value = 0.75;
    static const double zeros[] = {0, 0.75, 0, 0};
    const double missing[] = {(double)NAN, 0.75, (double)NAN, (double)NAN};
    const sv_batch sparse = {.kind = SV_BATCH_SPARSE, .sparse = {1, 4, SAVOR_FLOAT64, row_first, &column, &value}};
    const sv_batch with_zeros = sv_batch_of_doubles(zeros, 1, 4), with_nans = sv_batch_of_doubles(missing, 1, 4);
    fixture f;
    open_file(&f, "lgb-labels-v2", "model.pkl");
    assert_int_equal(read_file(&f), SAVOR_OK);
    assert_true(ask(&f, SV_PREDICT_PROBA, &sparse) == ask(&f, SV_PREDICT_PROBA, &with_zeros));
    close_file(&f);
    open_file(&f, "sk-xgb-missing-v3", "model.pkl");
    assert_int_equal(read_file(&f), SAVOR_OK);
    assert_true(ask(&f, SV_PREDICT, &sparse) == ask(&f, SV_PREDICT, &with_nans));
    close_file(&f);
}

static void lack_of_memory_is_told(void **state)
{
    (void)state;
    static const char *const folders[] = {"lgb-labels-v2", "sk-xgb-missing-v3", "sk-catboost-v3"};
    static const double row[] = {1, 2, 3, 4};
    const sv_batch in = sv_batch_of_doubles(row, 1, 4);
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        savor_status st = SAVOR_NOMEM;
        for (long n = 0; st != SAVOR_OK; n += 7) { /* every allocation would take long */
            fixture f;
            sv_batch out;
            open_file(&f, folders[i], "model.pkl");
            sv_alloc_fail_after(n);
            st = read_file(&f);
            if (!st)
                st = sv_estimator_call(f.file.estimator, SV_PREDICT, &in, &f.arena, &out, &f.err);
            sv_alloc_fail_after(-1);
            if (st != SAVOR_OK && st != SAVOR_NOMEM)
                fail_msg("%s: %s", folders[i], f.err.message);
            assert_true(n < 100000);
            close_file(&f);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classes_are_told),
        cmocka_unit_test(sparse_cells_that_are_absent),
        cmocka_unit_test(lack_of_memory_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
