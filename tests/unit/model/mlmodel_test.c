/* mlmodel_test.c: the record, its tolerance, its refusals. */
#include "model/mlmodel.h"

#include "base/alloc.h"
#include "unit/test.h"

typedef struct fixture {
    sv_arena arena;
    const sv_mlmodel *model;
    savor_error err;
} fixture;

static savor_status read(fixture *f, const char *text)
{
    *f = (fixture){0};
    sv_arena_init(&f->arena, 1 << 26);
    return sv_mlmodel_read(sv_str_of(text), &f->arena, &f->model, &f->err);
}

static const char HAND_MADE[] = "time_created: 2018-05-25T17:28:53.35\n"
                                "utc_time_created: 2018-05-25T17:28:53.35\n"
                                "run_id: 12345\n"
                                "mlflow_version: 1.20\n"
                                "model_size_bytes: 123\n"
                                "metadata: null\n"
                                "model_id: null\n"
                                "flavors:\n"
                                "    python_function: {env: conda.yaml, python_version: 3.10}\n"
                                "    xgboost: null\n"
                                "signature:\n"
                                "    inputs: [{name: a, type: long}, {name: 0, type: double}]\n"
                                "    outputs: ''\n";

static void test_record(void **state)
{
    (void)state;
    fixture f;
    assert_int_equal(read(&f, HAND_MADE), SAVOR_OK);
    const sv_mlmodel *m = f.model;
    assert_true(sv_str_is(m->mlflow_version, "1.20"));
    assert_int_equal(m->version.minor, 20);
    assert_int_equal(m->era, SV_ERA_1);
    assert_true(sv_str_is(m->run_id, "12345"));
    assert_true(sv_str_is(m->utc_time_created, "2018-05-25 17:28:53.350000"));
    assert_true(m->model_size_bytes == 123);
    assert_int_equal(m->n_flavors, 2);
    assert_non_null(sv_mlmodel_find_flavor(m, "xgboost"));
    assert_null(sv_mlmodel_find_flavor(m, "sklearn"));
    assert_true(sv_str_is(sv_node_text(sv_node_find(m->python_function, "python_version")), "3.10"));
    assert_true(m->has_signature);
    assert_int_equal(m->signature.inputs->n_specs, 2);
    assert_null(m->signature.outputs);
    sv_arena_deinit(&f.arena);
}

static void test_nulls(void **state)
{
    (void)state;
    fixture f;
    sv_buf out = SV_BUF_INIT(1 << 16);
    assert_int_equal(read(&f, "prompts: null\nmetadata: null\nflavors: {}\nrun_id: null\nmodel_uuid: null\n"),
                     SAVOR_OK);
    assert_int_equal(sv_mlmodel_write(f.model, &out, &f.err), SAVOR_OK);
    assert_string_equal(out.p, "flavors: {}\nmodel_uuid: null\nprompts: null\n");
    assert_false(f.model->has_signature);
    sv_buf_deinit(&out);
    sv_arena_deinit(&f.arena);
}

static void test_refusals(void **state)
{
    (void)state;
    static const struct {
        const char *text, *where, *message;
    } ROWS[] = {
        {"", "", "MLmodel was empty: expected a mapping with \"flavors\""},
        {"# nothing\n", "", "MLmodel was empty: expected a mapping with \"flavors\""},
        {"- a\n", "line 1, column 1", "MLmodel was no mapping: expected one with \"flavors\""},
        {"a: 1\n", "flavors", "MLmodel had no \"flavors\""},
        {"flavors: [a]\n", "line 1, column 10", "\"flavors\" was no mapping"},
        {"flavors: {}\nsignature: {inputs: '[{'}\n", "signature.inputs",
         "schema was not JSON: Expecting property name enclosed in double quotes at byte 2"},
        {"flavors: {}\nsignature: {params: '[{\"name\": \"p\"}]'}\n", "signature.params: [0]",
         "a param lacked \"name\", \"type\" or \"default\""},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        fixture f;
        assert_int_equal(read(&f, ROWS[i].text), SAVOR_FORMAT);
        assert_null(f.model);
        assert_string_equal(f.err.where, ROWS[i].where);
        assert_string_equal(f.err.message, ROWS[i].message);
        sv_arena_deinit(&f.arena);
    }
}

static void test_versions(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool ok;
        sv_version version;
    } ROWS[] = {
        {"3.10.1", true, {3, 10, 1}}, {"2.0.0rc1", true, {2, 0, 0}},   {"3.1.dev0", true, {3, 1, 0}},
        {"1", true, {1, 0, 0}},       {"2.", true, {2, 0, 0}},         {"", false, {0, 0, 0}},
        {"v1", false, {0, 0, 0}},     {"2.22.5+db", true, {2, 22, 5}},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        sv_version v = {0, 0, 0};
        assert_int_equal(sv_version_read(sv_str_of(ROWS[i].text), &v), ROWS[i].ok);
        assert_memory_equal(&v, &ROWS[i].version, sizeof v);
    }
}

static void test_no_memory(void **state)
{
    (void)state;
    savor_status st = SAVOR_NOMEM;
    for (long i = 0; st == SAVOR_NOMEM && i < 5000; i++) {
        fixture f;
        sv_buf out = SV_BUF_INIT(1 << 16);
        sv_alloc_fail_after(i);
        st = read(&f, HAND_MADE);
        if (!st)
            st = sv_mlmodel_write(f.model, &out, &f.err);
        sv_alloc_fail_after(-1);
        assert_true(st == SAVOR_OK || st == SAVOR_NOMEM);
        sv_buf_deinit(&out);
        sv_arena_deinit(&f.arena);
    }
    assert_int_equal(st, SAVOR_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_record),   cmocka_unit_test(test_nulls),     cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_versions), cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
