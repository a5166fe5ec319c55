/* describe_test.c: the three languages for a model in a directory; whether text that is said to be JSON is JSON. */
#include "base/alloc.h"
#include "text/json.h"
#include "unit/score/folder.h"

#include <savor/savor.h>

static const char MLMODEL[] =
    "flavors: {}\nmlflow_version: %s\nsignature:\n  inputs: '[{\"type\": \"long\", \"name\": "
    "\"a\"}]'\n  outputs: '[{\"type\": \"double\", \"name\": \"y\"}]'\n";

static void make_model(folder *f, const char *version)
{
    char text[400];
    snprintf(text, sizeof text, MLMODEL, version);
    folder_make(f);
    folder_put_text(f, "MLmodel", text);
}

static char *describe(const char *version, savor_schema_form form, savor_profile profile)
{
    savor_load_options options = {.size = sizeof options, .profile = profile};
    savor_error err;
    char *text;
    folder f;
    make_model(&f, version);
    if (savor_schema_describe(f.path, &options, form, &text, &err))
        fail_msg("%s", err.message);
    folder_remove(&f);
    return text;
}

static void check(const char *version, savor_schema_form form, savor_profile profile, const char *part)
{
    char *text = describe(version, form, profile);
    sv_arena arena;
    const sv_json *v;
    sv_arena_init(&arena, 1 << 22);
    if (form != SAVOR_SCHEMA_PROTO)
        assert_int_equal(sv_json_parse(sv_str_of(text), &SV_JSON_LIMITS, &arena, &v, NULL, NULL), SAVOR_OK);
    if (!strstr(text, part))
        fail_msg("%s", text);
    sv_arena_deinit(&arena);
    savor_text_free(text);
}

static void test_forms(void **state)
{
    (void)state;
    check("3.17.2", SAVOR_SCHEMA_JSON, SAVOR_PROFILE_AUTO, "\"$ref\": \"#/$defs/Request\"");
    check("3.17.2", SAVOR_SCHEMA_JSON, SAVOR_PROFILE_AUTO,
          "\"dataframe_records\": {\"type\": \"array\", \"items\": ");
    check("3.17.2", SAVOR_SCHEMA_OPENAPI, SAVOR_PROFILE_AUTO,
          "\"version\": \"3.17.2\"}, \"paths\": {\"/invocations\"");
    check("3.17.2", SAVOR_SCHEMA_OPENAPI, SAVOR_PROFILE_AUTO, "\"text/csv\"");
    check("3.17.2", SAVOR_SCHEMA_PROTO, SAVOR_PROFILE_AUTO,
          "message Prediction {\n  double y = 1 [json_name = \"y\"];\n}");
}

/* 1.x answers without a key around the predictions. */
static void test_eras(void **state)
{
    (void)state;
    check("1.30.1", SAVOR_SCHEMA_JSON, SAVOR_PROFILE_AUTO, "\"Response\": {\"type\": \"array\"");
    check("1.30.1", SAVOR_SCHEMA_JSON, SAVOR_PROFILE_3,
          "\"Response\": {\"type\": \"object\", \"properties\": {\"predictions\"");
}

static void test_refusals(void **state)
{
    (void)state;
    savor_error err;
    char *text = (char *)&err;
    folder f;
    assert_int_equal(savor_schema_describe("/nonexistent", NULL, SAVOR_SCHEMA_JSON, &text, &err), SAVOR_NOT_FOUND);
    assert_null(text);
    make_model(&f, "3.1.0");
    assert_int_equal(savor_schema_describe(f.path, NULL, (savor_schema_form)9, &text, &err), SAVOR_USAGE);
    assert_null(text);
    savor_status st = SAVOR_NOMEM;
    for (long n = 0; st; n++) {
        sv_alloc_fail_after(n);
        st = savor_schema_describe(f.path, NULL, SAVOR_SCHEMA_OPENAPI, &text, &err);
        sv_alloc_fail_after(-1);
        assert_true(n < 1000 && (!st || (st == SAVOR_NOMEM && !text)));
    }
    savor_text_free(text);
    folder_remove(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_forms), cmocka_unit_test(test_eras),
                                       cmocka_unit_test(test_refusals)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
