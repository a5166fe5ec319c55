/* schema_test.c: signatures of every era (expected texts: MLflow 3.17). */
#include "model/schema.h"

#include "unit/test.h"

typedef struct fixture {
    sv_arena arena;
    const sv_schema *schema;
    savor_error err;
    sv_buf out;
} fixture;

static savor_status read(fixture *f, const char *text)
{
    *f = (fixture){.out = SV_BUF_INIT(1 << 16)};
    sv_arena_init(&f->arena, 1 << 24);
    return sv_schema_read(sv_str_of(text), &f->arena, &f->schema, &f->err);
}

static void end(fixture *f)
{
    sv_buf_deinit(&f->out);
    sv_arena_deinit(&f->arena);
}

static void test_required(void **state)
{
    (void)state;
    fixture f;
    assert_int_equal(read(&f,
                          "[{\"name\": \"a\", \"type\": \"long\"}, {\"name\": 7, \"type\": \"long\", \"optional\": "
                          "true}, {\"name\": \"c\", \"type\": \"any\"}]"),
                     SAVOR_OK);
    assert_true(f.schema->specs[0].required);
    assert_false(f.schema->specs[1].required);
    assert_true(sv_label_is_number(&f.schema->specs[1].name));
    assert_false(f.schema->specs[2].required);
    end(&f);
}

static void test_refusals(void **state)
{
    (void)state;
    static const struct {
        const char *text, *where;
    } ROWS[] = {
        {"[", ""},
        {"[]", ""},
        {"{}", ""},
        {"[{\"type\": \"long\"}, {\"type\": \"LONG\"}]", "[1]"},
        {"[{\"name\": \"a\"}]", "[0]"},
        {"[{\"type\": \"array\", \"items\": \"long\"}]", "[0]"},
        {"[{\"type\": \"tensor\", \"tensor-spec\": {\"dtype\": \"nope\", \"shape\": [1]}}]", "[0]"},
        {"[{\"type\": \"long\", \"name\": \"a\"}, {\"type\": \"long\"}]", ""},
        {"[{\"type\": \"long\", \"required\": false}]", ""},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        fixture f;
        assert_int_equal(read(&f, ROWS[i].text), SAVOR_FORMAT);
        assert_null(f.schema);
        assert_string_equal(f.err.where, ROWS[i].where);
        end(&f);
    }
    fixture f;
    assert_int_equal(read(&f, ""), SAVOR_OK);
    assert_null(f.schema);
    end(&f);
}

/* Expected texts: 1.30, 2.16 and 3.17. */
static void test_forms(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        sv_schema_form form;
        const char *written; /* NULL: cannot be said */
    } ROWS[] = {
        {"[{\"name\": \"a\", \"type\": \"long\"}]", SV_SCHEMA_1, "[{\"name\": \"a\", \"type\": \"long\"}]"},
        {"[{\"name\": \"a\", \"type\": \"long\"}]", SV_SCHEMA_2,
         "[{\"type\": \"long\", \"name\": \"a\", \"required\": true}]"},
        {"[{\"type\": \"long\"}]", SV_SCHEMA_1, "[{\"type\": \"long\"}]"},
        {"[{\"type\": \"long\", \"name\": \"a\", \"optional\": true}]", SV_SCHEMA_1, NULL},
        {"[{\"type\": \"any\", \"name\": \"a\", \"required\": true}]", SV_SCHEMA_1, NULL},
        {"[{\"type\": \"array\", \"items\": {\"type\": \"long\"}, \"name\": \"x\"}]", SV_SCHEMA_2,
         "[{\"type\": \"array\", \"items\": {\"type\": \"long\"}, \"name\": \"x\", \"required\": true}]"},
        {"[{\"type\": \"array\", \"items\": {\"type\": \"long\"}, \"name\": \"x\"}]", SV_SCHEMA_NEWEST,
         "[{\"type\": \"array\", \"items\": {\"type\": \"long\"}, \"name\": \"x\", \"required\": null}]"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        fixture f;
        assert_int_equal(read(&f, ROWS[i].text), SAVOR_OK);
        savor_status st = sv_schema_write_as(f.schema, ROWS[i].form, &f.out, &f.err);
        assert_int_equal(st, ROWS[i].written ? SAVOR_OK : SAVOR_UNSUPPORTED);
        assert_true(sv_str_is(sv_buf_view(&f.out), ROWS[i].written ? ROWS[i].written : ""));
        end(&f);
    }
}

static void test_params_forms(void **state)
{
    (void)state;
    fixture f;
    sv_signature signature;
    assert_int_equal(read(&f, ""), SAVOR_OK);
    assert_int_equal(sv_params_read(SV_STR("[{\"name\": \"p\", \"default\": [1.5], \"shape\": [-1], "
                                           "\"type\": \"double\"}]"),
                                    &f.arena, &signature, &f.err),
                     SAVOR_OK);
    assert_int_equal(sv_params_write_as(&signature, SV_SCHEMA_1, &f.out, &f.err), SAVOR_UNSUPPORTED);
    assert_int_equal(sv_params_write_as(&signature, SV_SCHEMA_2, &f.out, &f.err), SAVOR_OK);
    assert_true(sv_str_is(sv_buf_view(&f.out),
                          "[{\"name\": \"p\", \"type\": \"double\", \"default\": [1.5], \"shape\": [-1]}]"));
    end(&f);
}

static void test_params(void **state)
{
    (void)state;
    fixture f;
    sv_signature signature;
    assert_int_equal(read(&f, ""), SAVOR_OK);
    assert_int_equal(sv_params_read(SV_STR("[{\"name\": \"p\", \"dtype\": \"double\", \"default\": [1.5], \"shape\": "
                                           "[-1]}]"),
                                    &f.arena, &signature, &f.err),
                     SAVOR_OK);
    sv_params_write(&signature, &f.out);
    assert_string_equal(sv_buf_view(&f.out).p,
                        "[{\"name\": \"p\", \"default\": [1.5], \"shape\": [-1], \"type\": \"double\"}]");
    assert_int_equal(sv_params_read(SV_STR("[{\"name\": \"p\", \"type\": \"binary\", \"default\": \"\"}]"), &f.arena,
                                    &signature, &f.err),
                     SAVOR_FORMAT);
    assert_false(signature.has_params);
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_required),     cmocka_unit_test(test_refusals), cmocka_unit_test(test_forms),
        cmocka_unit_test(test_params_forms), cmocka_unit_test(test_params),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
