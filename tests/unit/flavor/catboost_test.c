/* catboost_test.c: the flavor's entry in MLmodel -> which prediction. Answers of real models: unit/score/scorer. */
#include "base/alloc.h"
#include "flavor/flavor.h"
#include "unit/test.h"

#include <stdio.h>

#define MODELS TEST_DATA "/models/"

/* Load a recorded model's file under another entry. */
static savor_status load(const char *folder, const char *entry, sv_arena *arena, sv_predictor **out, savor_error *err)
{
    char path[512];
    const sv_node *conf = NULL;
    sv_dir dir = SV_DIR_CLOSED;
    sv_mlmodel model = {0};
    sv_flavor_limits limits = SV_FLAVOR_LIMITS;
    snprintf(path, sizeof path, MODELS "%s/model", folder);
    assert_int_equal(sv_dir_open(path, &dir, NULL), SAVOR_OK);
    assert_int_equal(sv_yaml_parse(sv_str_of(entry), &SV_YAML_LIMITS, arena, &conf, NULL), SAVOR_OK);
    savor_status st = sv_flavor_find(SV_STR("catboost"))->load(&dir, &model, conf, &limits, out, err);
    sv_dir_close(&dir);
    return st;
}

static void unknown_entries_are_unsupported(void **state)
{
    (void)state;
    static const char *const ROWS[][2] = {
        {"{data: model.cb, model_type: CatBoostOracle, save_format: cbm}",
         "CatBoost model_type \"CatBoostOracle\" is unknown"},
        {"{data: model.cb, model_type: CatBoost, save_format: onnx}",
         "CatBoost save_format \"onnx\" is not supported natively"},
    };
    for (size_t i = 0; i < 2; i++) {
        sv_arena arena;
        sv_predictor *p = NULL;
        savor_error err = {0};
        sv_arena_init(&arena, SIZE_MAX);
        assert_int_equal(load("cb-reg-nanmax-v3", ROWS[i][0], &arena, &p, &err), SAVOR_UNSUPPORTED);
        assert_string_equal(err.message, ROWS[i][1]);
        assert_null(p);
        sv_arena_deinit(&arena);
    }
}

/* One row of zeros in all its columns. */
static void predict_zero(const sv_predictor *p, size_t n_columns, sv_arena *arena, sv_payload *out)
{
    double *cells = sv_arena_array(arena, n_columns, sizeof *cells);
    sv_payload in = {.kind = SV_PAYLOAD_TENSOR, .tensor = sv_tensor_view(SAVOR_FLOAT64, 1, n_columns, cells)};
    savor_error err = {0};
    if (p->cls->predict(p, &in, NULL, arena, out, &err))
        fail_msg("%s", err.message);
}

/* The same file under three classes: a label, raw values, raw values. */
static void class_decides_the_answer(void **state)
{
    (void)state;
    static const struct {
        const char *entry;
        savor_dtype dtype;
    } ROWS[] = {
        {"{model_type: CatBoostClassifier}", SAVOR_OBJECT},
        {"{model_type: CatBoost}", SAVOR_FLOAT64},
        {"{model_type: CatBoostRegressor}", SAVOR_FLOAT64},
    };
    for (size_t i = 0; i < 3; i++) {
        sv_arena arena;
        sv_predictor *p = NULL;
        sv_payload out = {0};
        sv_arena_init(&arena, SIZE_MAX);
        assert_int_equal(load("cb-clf-str-v3", ROWS[i].entry, &arena, &p, NULL), SAVOR_OK);
        predict_zero(p, 32, &arena, &out);
        assert_int_equal(out.tensor.dtype, ROWS[i].dtype);
        sv_predictor_free(p);
        sv_arena_deinit(&arena);
    }
}

/* exp() is a regressor's own; the raw value of the same model is its logarithm. */
static void poisson_regressors_answer_means(void **state)
{
    (void)state;
    static const char *const ENTRIES[] = {"{model_type: CatBoostRegressor}", "{model_type: CatBoostRanker}"};
    double values[2];
    for (size_t i = 0; i < 2; i++) {
        sv_arena arena;
        sv_predictor *p = NULL;
        sv_payload out = {0};
        sv_arena_init(&arena, SIZE_MAX);
        assert_int_equal(load("cb-poisson-v3", ENTRIES[i], &arena, &p, NULL), SAVOR_OK);
        predict_zero(p, 32, &arena, &out);
        values[i] = *(const double *)out.tensor.data;
        sv_predictor_free(p);
        sv_arena_deinit(&arena);
    }
    assert_true(values[0] > 0 && values[0] != values[1]);
}

static void lack_of_memory_is_told(void **state)
{
    (void)state;
    savor_status st = SAVOR_NOMEM;
    for (long n = 0; st != SAVOR_OK; n++) {
        sv_arena arena;
        const sv_node *conf = NULL;
        sv_dir dir = SV_DIR_CLOSED;
        sv_mlmodel model = {0};
        sv_predictor *p = NULL;
        sv_flavor_limits limits = SV_FLAVOR_LIMITS;
        sv_arena_init(&arena, SIZE_MAX);
        assert_int_equal(sv_dir_open(MODELS "cb-clf-str-v3/model", &dir, NULL), SAVOR_OK);
        assert_int_equal(
            sv_yaml_parse(SV_STR("{model_type: CatBoostClassifier}"), &SV_YAML_LIMITS, &arena, &conf, NULL),
            SAVOR_OK);
        sv_alloc_fail_after(n);
        st = sv_flavor_find(SV_STR("catboost"))->load(&dir, &model, conf, &limits, &p, NULL);
        sv_alloc_fail_after(-1);
        assert_true(st == SAVOR_OK || (st == SAVOR_NOMEM && p == NULL));
        sv_predictor_free(p);
        sv_dir_close(&dir);
        sv_arena_deinit(&arena);
        assert_true(n < 5000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unknown_entries_are_unsupported),
        cmocka_unit_test(class_decides_the_answer),
        cmocka_unit_test(poisson_regressors_answer_means),
        cmocka_unit_test(lack_of_memory_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
