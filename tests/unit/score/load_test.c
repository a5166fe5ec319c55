/* load_test.c: directories that load and those that do not: which status, and what the message names. */
#include "base/alloc.h"
#include "score/model.h"
#include "unit/score/folder.h"

#include <savor/model.h>

#define BOOSTER "xgb-squarederror-v3/model/model.ubj"

static void expect_failure(const char *path, savor_status status, const char *const *words)
{
    char dangling;
    savor_model *model = (savor_model *)&dangling;
    savor_error err = {.status = SAVOR_OK};
    savor_status st = savor_model_load(path, NULL, &model, &err);
    if (st != status)
        fail_msg("%s: %s: %s", savor_status_name(st), err.where, err.message);
    assert_null(model);
    assert_int_equal(err.status, status);
    for (size_t i = 0; i < 4 && words[i]; i++)
        if (!strstr(err.message, words[i]) && !strstr(err.where, words[i]))
            fail_msg("\"%s\" is not in %s: %s", words[i], err.where, err.message);
    assert_null(strchr(err.message, '\n'));
    model = (savor_model *)&dangling;
    assert_int_equal(savor_model_load(path, NULL, &model, NULL), status); /* nobody asks why */
    assert_null(model);
}

static void test_failures(void **state)
{
    (void)state;
    static const struct {
        const char *mlmodel, *file, *bytes;
        savor_status status;
        const char *words[4];
    } ROWS[] = {
        {NULL, NULL, NULL, SAVOR_NOT_FOUND, {"MLmodel"}},
        {"", NULL, NULL, SAVOR_FORMAT, {"MLmodel"}},
        {"- 1\n", NULL, NULL, SAVOR_FORMAT, {"MLmodel"}},
        {"flavors:\n  x: [1\n y: 2\n", NULL, NULL, SAVOR_FORMAT, {"MLmodel", "line 3", "column 3"}},
        {"flavors:\n  x: \xff\n", NULL, NULL, SAVOR_FORMAT, {"MLmodel"}},
        {"flavors: [a]\n", NULL, NULL, SAVOR_FORMAT, {"MLmodel"}},
        {"flavors: {}\n", NULL, NULL, SAVOR_UNSUPPORTED, {"no flavors"}},
        {"flavors:\n  keras:\n    pickled_model: m.pkl\n  onnx:\n    data: m.onnx\n",
         NULL,
         NULL,
         SAVOR_UNSUPPORTED,
         {"keras: ", "onnx: ", "no native engine"}},
        {"flavors:\n  keras: {}\n  python_function:\n    loader_module: mlflow.keras\n",
         NULL,
         NULL,
         SAVOR_UNSUPPORTED,
         {"keras: ", "python_function: ", "mlflow.keras", "Python"}},
        {"flavors:\n  python_function: {}\n", NULL, NULL, SAVOR_UNSUPPORTED, {"python_function: "}},
        {"flavors:\n  crate:\n    version: 0.1.0\n", "crate.bin", "", SAVOR_UNSUPPORTED, {"crate: ", "needs R"}},
        {"flavors:\n  xgboost:\n    data: m.ubj\n", NULL, NULL, SAVOR_NOT_FOUND, {"m.ubj", "flavor xgboost"}},
        {"flavors:\n  lightgbm:\n    data: m.lgb\n", NULL, NULL, SAVOR_NOT_FOUND, {"m.lgb", "flavor lightgbm"}},
        {"flavors:\n  xgboost:\n    model_class: xgboost.core.Booster\n",
         NULL,
         NULL,
         SAVOR_FORMAT,
         {"xgboost", "data"}},
        {"flavors:\n  lightgbm: {}\n", NULL, NULL, SAVOR_FORMAT, {"lightgbm", "data"}},
        {"flavors:\n  xgboost:\n", NULL, NULL, SAVOR_FORMAT, {"xgboost"}},
        {"flavors:\n  xgboost:\n    data: ../m\n", NULL, NULL, SAVOR_FORMAT, {"../m"}},
        {"flavors:\n  xgboost:\n    data: m.ubj\n",
         "m.ubj",
         "{L\x7f\xff\xff\xff\xff\xff\xff\xff",
         SAVOR_FORMAT,
         {"m.ubj"}},
        {"flavors:\n  xgboost:\n    data: m.json\n", "m.json", "{\"learner\": {}}", SAVOR_FORMAT, {"m.json"}},
        {"flavors:\n  xgboost:\n    data: m.json\n", "m.json", "", SAVOR_FORMAT, {"m.json"}},
        {"flavors:\n  xgboost:\n    data: m.json\n    model_class: my.Booster\n",
         "m.json",
         "{}",
         SAVOR_UNSUPPORTED,
         {"my.Booster"}},
        {"flavors:\n  lightgbm:\n    data: m.lgb\n",
         "m.lgb",
         "tree\nversion=v4\nnum_class=1\n",
         SAVOR_FORMAT,
         {"m.lgb"}},
        {"flavors:\n  lightgbm:\n    data: m.pkl\n    model_class: lightgbm.sklearn.LGBMClassifier\n",
         "m.pkl",
         "\x80\x04}.", /* {} */
         SAVOR_UNSUPPORTED,
         {"lightgbm", "no estimator"}},
        /* a damaged file says more than another flavor that is not known */
        {"flavors:\n  keras: {}\n  xgboost:\n    data: m.json\n", "m.json", "{", SAVOR_FORMAT, {"flavor xgboost"}},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        folder f;
        folder_make(&f);
        if (ROWS[i].mlmodel)
            folder_put_text(&f, "MLmodel", ROWS[i].mlmodel);
        if (ROWS[i].file)
            folder_put_text(&f, ROWS[i].file, ROWS[i].bytes);
        expect_failure(f.path, ROWS[i].status, ROWS[i].words);
        folder_remove(&f);
    }
}

static void test_places(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        savor_status status;
        const char *words[4];
    } ROWS[] = {
        {"/nonexistent/model", SAVOR_NOT_FOUND, {"/nonexistent/model"}},
        {"file:///nonexistent/model", SAVOR_NOT_FOUND, {"/nonexistent/model"}},
        {"", SAVOR_USAGE, {"empty"}},
        {"http://localhost/model", SAVOR_UNSUPPORTED, {"http://localhost/model", "file:"}},
        {"models:/m/1", SAVOR_UNSUPPORTED, {"models:/m/1"}},
        {"runs:/0123/model", SAVOR_UNSUPPORTED, {"runs:/0123/model"}},
        {"s3://bucket/model", SAVOR_UNSUPPORTED, {"s3://bucket/model"}},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++)
        expect_failure(ROWS[i].path, ROWS[i].status, ROWS[i].words);
}

static void expect_model(const char *path, const char *flavor, const char *version, savor_profile profile)
{
    savor_model *model;
    savor_error err = {.status = SAVOR_OK};
    if (savor_model_load(path, NULL, &model, &err))
        fail_msg("%s: %s: %s", path, err.where, err.message);
    assert_string_equal(savor_model_get_flavor(model), flavor);
    assert_string_equal(savor_model_get_engine(model), "native:trees");
    assert_string_equal(savor_model_get_mlflow_version(model), version);
    assert_int_equal(savor_model_get_profile(model), profile);
    savor_model_free(model);
}

static void test_uris(void **state)
{
    (void)state;
    static const char *const PREFIXES[] = {"", "file:", "file://", "file://localhost"};
    for (size_t i = 0; i < sizeof PREFIXES / sizeof PREFIXES[0]; i++) {
        char path[600];
        snprintf(path, sizeof path, "%s%s/models/xgb-squarederror-v3/model", PREFIXES[i], TEST_DATA);
        expect_model(path, "xgboost", "3.17.2", SAVOR_PROFILE_3);
        strcat(path, "/");
        expect_model(path, "xgboost", "3.17.2", SAVOR_PROFILE_3);
    }
    expect_model("file:" TEST_DATA "/models/xgb%2dsquarederror%2Dv3/mode%6c?x#y", "xgboost", "3.17.2",
                 SAVOR_PROFILE_3);
}

/* What stands in for a flavor: python_function with its loader; and a flavor that cannot is passed over. */
static void test_choices(void **state)
{
    (void)state;
    static const char *const MLMODELS[] = {
        "flavors:\n  xgboost:\n    data: model.ubj\n",
        "flavors:\n  python_function:\n    data: model.ubj\n    loader_module: mlflow.xgboost\n",
        "flavors:\n  keras: {}\n  xgboost:\n    data: model.ubj\n",
        "flavors:\n  lightgbm:\n    data: model.ubj.pkl\n    model_class: lightgbm.sklearn.LGBMClassifier\n"
        "  xgboost:\n    data: model.ubj\n",
    };
    size_t n;
    char *booster = folder_read_model(BOOSTER, &n);
    for (size_t i = 0; i < sizeof MLMODELS / sizeof MLMODELS[0]; i++) {
        folder f;
        folder_make(&f);
        folder_put_text(&f, "MLmodel", MLMODELS[i]);
        folder_put(&f, "model.ubj", booster, n);
        expect_model(f.path, "xgboost", "", SAVOR_PROFILE_1);
        folder_remove(&f);
    }
    free(booster);
}

static void test_options(void **state)
{
    (void)state;
    static const char PATH[] = TEST_DATA "/models/xgb-squarederror-v3/model";
    savor_load_options options = {.size = sizeof options, .profile = SAVOR_PROFILE_1};
    savor_model *model;
    savor_error err;
    assert_int_equal(savor_model_load(PATH, &options, &model, &err), SAVOR_OK);
    assert_int_equal(savor_model_get_profile(model), SAVOR_PROFILE_1);
    assert_non_null(savor_model_get_signature(model));
    assert_non_null(strstr(savor_model_get_signature(model), "\"params\": null"));
    savor_model_free(model);
    options.max_model_bytes = 1000;
    assert_int_equal(savor_model_load(PATH, &options, &model, &err), SAVOR_LIMIT);
    assert_null(model);
    savor_model_free(NULL);
}

/* requirements.txt pins the pandas whose rules count; short memory never hides it, nor the reasons of a refusal. */
static void test_no_memory(void **state)
{
    (void)state;
    char requirements[600];
    size_t n;
    folder f;
    char *booster = folder_read_model(BOOSTER, &n);
    memset(requirements, '#', sizeof requirements);
    strcpy(requirements + sizeof requirements - 30, "\npandas==1.5.3\n");
    folder_make(&f);
    folder_put_text(&f, "MLmodel", "flavors:\n  xgboost:\n    data: model.ubj\nmlflow_version: 3.1.0\n");
    folder_put_text(&f, "requirements.txt", requirements);
    folder_put(&f, "model.ubj", booster, n);
    savor_status st = SAVOR_NOMEM;
    for (long i = 0; st; i++) {
        savor_model *model;
        savor_error err;
        sv_alloc_fail_after(i);
        st = savor_model_load(f.path, NULL, &model, &err);
        sv_alloc_fail_after(-1);
        assert_true(st == SAVOR_NOMEM || model->profile.pandas_major == 1);
        savor_model_free(model);
    }
    folder_remove(&f);
    free(booster);
}

static void test_no_memory_for_reasons(void **state)
{
    (void)state;
    folder f;
    folder_make(&f);
    folder_put_text(&f, "MLmodel", "flavors:\n  keras: {}\n  python_function:\n    loader_module: mlflow.keras\n");
    savor_status st = SAVOR_NOMEM;
    for (long i = 0; st == SAVOR_NOMEM; i++) {
        savor_model *model;
        savor_error err;
        char *text;
        sv_alloc_fail_after(i);
        st = savor_model_load(f.path, NULL, &model, &err);
        sv_alloc_fail_after(-1);
        assert_true(st == SAVOR_NOMEM || (st == SAVOR_UNSUPPORTED && strstr(err.message, "mlflow.keras")));
        sv_alloc_fail_after(i);
        savor_status inspected = savor_model_inspect(f.path, NULL, &text, &err);
        sv_alloc_fail_after(-1);
        assert_true(inspected == SAVOR_NOMEM || (!inspected && strstr(text, "mlflow.keras needs Python")));
        savor_text_free(text);
    }
    folder_remove(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_failures),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_uris),
        cmocka_unit_test(test_choices),
        cmocka_unit_test(test_options),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_no_memory_for_reasons),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
