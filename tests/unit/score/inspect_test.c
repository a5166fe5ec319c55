/* inspect_test.c: the description is strict JSON, and holds what the model is, also for one that does not load. */
#include "base/arena.h"
#include "text/json.h"
#include "unit/score/folder.h"

#include <savor/model.h>

typedef struct report {
    sv_arena arena;
    char *text;
    const sv_json *root;
} report;

static void inspect(const char *path, report *r)
{
    savor_error err;
    sv_arena_init(&r->arena, 1 << 22);
    if (savor_model_inspect(path, NULL, &r->text, &err))
        fail_msg("%s: %s", path, err.message);
    if (sv_json_parse(sv_str_of(r->text), &SV_JSON_LIMITS, &r->arena, &r->root, NULL, &err))
        fail_msg("%s: %s", err.message, r->text);
    assert_int_equal(r->root->kind, SV_JSON_OBJECT);
}

static void forget(report *r)
{
    savor_text_free(r->text);
    sv_arena_deinit(&r->arena);
}

/* A member by its path, "a/b/c"; it must be there. */
static const sv_json *at(const report *r, const char *path)
{
    const sv_json *v = r->root;
    for (sv_str rest = sv_str_of(path); rest.n;) {
        char key[64];
        size_t n = sv_str_find(rest, '/'), skip = n + (n < rest.n);
        snprintf(key, sizeof key, "%.*s", (int)n, rest.p);
        rest = (sv_str){rest.p + skip, rest.n - skip};
        v = v->kind == SV_JSON_OBJECT ? sv_json_find(v, key) : NULL;
        if (!v)
            fail_msg("no %s in %s", path, r->text);
    }
    return v;
}

static void expect_text(const report *r, const char *path, const char *text)
{
    const sv_json *v = at(r, path);
    if (text ? !sv_json_is_text(v, text) : v->kind != SV_JSON_NULL)
        fail_msg("%s in %s", path, r->text);
}

static const char *const KEYS[] = {
    "path",      "engine", "served_by_flavor", "engine_facts",     "passed_over", "problem",
    "semantics", "run_id", "model_id",         "mlflow_version",   "model_uuid",  "flavors",
    "signature", "files",  "artifact_path",    "utc_time_created", "code"};

static void test_good(void **state)
{
    (void)state;
    static const char PATH[] = TEST_DATA "/models/xgb-squarederror-v3/model";
    report r;
    inspect(PATH, &r);
    for (size_t i = 0; i < sizeof KEYS / sizeof KEYS[0]; i++)
        (void)at(&r, KEYS[i]);
    expect_text(&r, "path", PATH);
    expect_text(&r, "engine", "native:trees");
    expect_text(&r, "served_by_flavor", "xgboost");
    expect_text(&r, "passed_over", NULL);
    expect_text(&r, "code", NULL);
    expect_text(&r, "problem", NULL);
    expect_text(&r, "mlflow_version", "3.17.2");
    expect_text(&r, "semantics", "3.x");
    expect_text(&r, "model_id", NULL);
    expect_text(&r, "model_uuid", "43c822acb6276dce9a90c678737e8f70");
    expect_text(&r, "flavors/xgboost/code", NULL);
    expect_text(&r, "flavors/xgboost/xgb_version", "3.2.0");
    expect_text(&r, "flavors/python_function/env/conda", "conda.yaml");
    expect_text(&r, "signature/params", NULL);
    assert_int_equal(at(&r, "signature/inputs")->n, 6);
    assert_int_equal(at(&r, "signature/outputs")->n, 1);
    assert_int_equal(at(&r, "files/model.ubj")->u.i, 17969);
    assert_true(at(&r, "engine_facts")->n > 0);
    assert_null(sv_json_find(at(&r, "files"), "input_example.json"));
    forget(&r);
}

/* Every model of the test data, whatever its flavor. */
static void test_kinds(void **state)
{
    (void)state;
    static const struct {
        const char *name, *engine, *flavor, *semantics;
    } ROWS[] = {
        {"xgb-gblinear-v1", "native:linear", "xgboost", "1.x"},
        {"xgb-vector-leaf-v2", "native:trees", "xgboost", "2.x"},
        {"xgb-cat-partition-v2", "native:trees", "xgboost", "2.x"},
        {"lgb-linear-tree-v3", "native:trees", "lightgbm", "3.x"},
        {"lgb-zero-as-missing-v1", "native:trees", "lightgbm", "1.x"},
        {"cb-cat-ctr-v1", "native:trees", "catboost", "1.x"},
        {"cb-json-v3", "native:trees", "catboost", "3.x"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        char path[600];
        report r;
        snprintf(path, sizeof path, "%s/models/%s/model", TEST_DATA, ROWS[i].name);
        inspect(path, &r);
        expect_text(&r, "engine", ROWS[i].engine);
        expect_text(&r, "served_by_flavor", ROWS[i].flavor);
        expect_text(&r, "semantics", ROWS[i].semantics);
        forget(&r);
    }
}

/* Without an engine: the reasons, and all else that the file says, odd values included. */
static void test_without_engine(void **state)
{
    (void)state;
    folder f;
    report r;
    folder_make(&f);
    folder_put_text(&f, "MLmodel",
                    "flavors:\n"
                    "  keras:\n"
                    "    pickled_model: \"m \\\"1\\\"\\n\\u00e9.pkl\"\n"
                    "    version: 3.10\n"
                    "    big: 123456789012345678901234567890\n"
                    "    nan: .nan\n"
                    "    list: [true, 0x10, ~, 2020-01-02]\n"
                    "    deep: {a: {b: {c: {d: {e: {f: {g: {h: {i: 1}}}}}}}}}\n"
                    "    1: {2: 3}\n"
                    "  python_function:\n"
                    "    loader_module: mlflow.keras\n"
                    "    data: m.pkl\n"
                    "mlflow_version: 2.9.1\n"
                    "run_id: abc\n");
    folder_put_text(&f, "m.pkl", "12345");
    inspect(f.path, &r);
    for (size_t i = 0; i < sizeof KEYS / sizeof KEYS[0]; i++)
        (void)at(&r, KEYS[i]);
    expect_text(&r, "engine", "python-worker"); /* what would answer: nothing was started */
    expect_text(&r, "served_by_flavor", "python_function");
    assert_int_equal(at(&r, "engine_facts")->n, 0);
    expect_text(&r, "code", "loader_module mlflow.keras, data m.pkl");
    expect_text(&r, "passed_over", "keras: this flavor has no native engine here");
    expect_text(&r, "problem", NULL);
    expect_text(&r, "semantics", "2.x");
    expect_text(&r, "run_id", "abc");
    expect_text(&r, "signature", NULL);
    expect_text(&r, "flavors/keras/pickled_model", "m \"1\"\n\xc3\xa9.pkl");
    expect_text(&r, "flavors/keras/version", "3.10");
    expect_text(&r, "flavors/keras/big", "123456789012345678901234567890");
    expect_text(&r, "flavors/keras/nan", ".nan");
    assert_int_equal(at(&r, "flavors/keras/1/2")->u.i, 3);
    assert_int_equal(at(&r, "files/m.pkl")->u.i, 5);
    forget(&r);
    folder_remove(&f);
}

static void test_crate(void **state)
{
    (void)state;
    folder f;
    report r;
    folder_make(&f);
    folder_put_text(&f, "MLmodel", "flavors:\n  crate:\n    version: 0.1.0\n    model: crate.bin\n");
    folder_put_text(&f, "crate.bin", "not looked at: R was not started");
    inspect(f.path, &r);
    expect_text(&r, "engine", "r-worker");
    expect_text(&r, "served_by_flavor", "crate");
    expect_text(&r, "code", "R function crate.bin");
    expect_text(&r, "problem", NULL);
    forget(&r);
    folder_remove(&f);
}

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        const char *mlmodel;
        savor_status status;
    } ROWS[] = {{NULL, SAVOR_NOT_FOUND}, {"flavors: [", SAVOR_FORMAT}, {"", SAVOR_FORMAT}};
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        char dangling, *text = &dangling;
        savor_error err;
        folder f;
        folder_make(&f);
        if (ROWS[i].mlmodel)
            folder_put_text(&f, "MLmodel", ROWS[i].mlmodel);
        assert_int_equal(savor_model_inspect(f.path, NULL, &text, &err), ROWS[i].status);
        assert_null(text);
        assert_int_equal(savor_model_inspect(f.path, NULL, &text, NULL), ROWS[i].status);
        folder_remove(&f);
    }
    char *text;
    assert_int_equal(savor_model_inspect("/nonexistent", NULL, &text, NULL), SAVOR_NOT_FOUND);
    savor_text_free(NULL);
}

/* A limit on the model is a problem of the engine, not of the description. */
static void test_limit(void **state)
{
    (void)state;
    savor_load_options options = {.size = sizeof options, .max_model_bytes = 1000};
    char *text;
    assert_int_equal(savor_model_inspect(TEST_DATA "/models/xgb-squarederror-v3/model", &options, &text, NULL),
                     SAVOR_OK);
    assert_non_null(strstr(text, "\"engine\": null"));
    assert_non_null(strstr(text, "limit of 1000 bytes"));
    savor_text_free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),  cmocka_unit_test(test_kinds),   cmocka_unit_test(test_without_engine),
        cmocka_unit_test(test_crate), cmocka_unit_test(test_refused), cmocka_unit_test(test_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
