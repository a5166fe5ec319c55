/* enforce_nested_test.c: values inside arrays, objects and maps: what each MLflow takes, and where a message points.
 * Outcomes as MLflow 2.16, 2.20 and 3.17 gave them; many more are in tests/data/enforce/nested.json. */
#include "model/enforce.h"
#include "model/json_value.h"

#include "base/alloc.h"
#include "unit/test.h"

#include <stdio.h>
#include <string.h>

static const sv_enforce_rules NEWEST = {.era = SV_ERA_3, .pandas_major = 3},
                              PANDAS_2 = {.era = SV_ERA_2, .pandas_major = 2},
                              OPTIONAL = {.era = SV_ERA_2, .pandas_major = 2, .nesting = SV_NESTING_OPTIONAL},
                              REQUIRED = {.era = SV_ERA_2, .pandas_major = 2, .nesting = SV_NESTING_REQUIRED};

/* A JSON value against the type of the only column of a schema. */
static savor_status enforce(const char *type, const char *value, const sv_enforce_rules *rules, sv_arena *arena,
                            sv_value *out, savor_error *err)
{
    char text[400];
    const sv_schema *schema;
    const sv_json *json;
    sv_value in;
    savor_status st;
    *err = (savor_error){.status = SAVOR_OK};
    (void)snprintf(text, sizeof text, "[{%s, \"name\": \"x\"}]", type);
    char *copy = sv_arena_text(arena, text, strlen(text));
    if (!copy)
        return sv_arena_fail(arena, sizeof text, err);
    if ((st = sv_schema_read(sv_str_of(copy), arena, &schema, err)) ||
        (st = sv_json_parse(sv_str_of(value), &SV_JSON_LIMITS, arena, &json, NULL, err)) ||
        (st = sv_json_to_value(json, arena, &in, err)))
        return st;
    const sv_spec *spec = &schema->specs[0];
    sv_value_rules how = {&spec->type, spec->required, "column \"x\", row 0", rules};
    return sv_value_enforce(&in, &how, arena, out, err);
}

#define LONGS "\"type\": \"array\", \"items\": {\"type\": \"long\"}, \"required\": true"
#define LONGS_OR_NOT "\"type\": \"array\", \"items\": {\"type\": \"long\"}, \"required\": false"
#define ARRAY(of) "\"type\": \"array\", \"items\": {\"type\": \"" of "\"}, \"required\": true"
#define DEEP                                                                                                        \
    "\"type\": \"object\", \"properties\": {\"a\": {\"type\": \"array\", \"items\": {\"type\": \"map\", "           \
    "\"values\": {\"type\": \"long\"}}, \"required\": true}, \"b\": {\"type\": \"string\", \"required\": false}}, " \
    "\"required\": true"

typedef struct row {
    const char *type, *value;
    const sv_enforce_rules *rules;
    const char *message; /* NULL: taken */
} row;

static void test_outcomes(void **state)
{
    (void)state;
    static const row ROWS[] = {
        {LONGS, "[1, 2]", &NEWEST, NULL},
        {LONGS, "[]", &REQUIRED, NULL},
        {LONGS, "[1, 2.5]", &NEWEST, "column \"x\", row 0, at [1]: expected long, got float 2.5"},
        {LONGS, "[1, null]", &NEWEST, "column \"x\", row 0, at [1]: expected long, got NoneType"},
        {LONGS, "[1, \"a\"]", &REQUIRED, "column \"x\", row 0, at [1]: expected long, got str \"a\""},
        {LONGS, "7", &NEWEST, "column \"x\", row 0: expected list, got int 7"},
        {LONGS, "null", &NEWEST, "column \"x\", row 0: expected list, got NoneType"},
        {LONGS_OR_NOT, "null", &REQUIRED, NULL},
        {LONGS_OR_NOT, "[null]", &OPTIONAL, NULL},
        {LONGS_OR_NOT, "[null]", &REQUIRED, "column \"x\", row 0, at [0]: expected long, got NoneType"},
        {LONGS_OR_NOT, "[null]", &NEWEST, "column \"x\", row 0, at [0]: expected long, got NoneType"},
        {ARRAY("integer"), "[1]", &NEWEST, "column \"x\", row 0, at [0]: expected integer, got int 1"},
        {ARRAY("string"), "[\"a\", 1]", &NEWEST, NULL},
        {ARRAY("string"), "[\"a\", 1]", &REQUIRED, "column \"x\", row 0, at [1]: expected string, got int 1"},
        {DEEP, "{\"a\": [{\"k\": 1}]}", &NEWEST, NULL},
        {DEEP, "{\"a\": [{\"k\": 1}], \"b\": null}", &NEWEST, NULL},
        {DEEP, "{\"a\": [{\"k\": 1}], \"b\": null}", &REQUIRED,
         "column \"x\", row 0, at b: expected string, got NoneType"},
        {DEEP, "{\"a\": [{}, {\"k\": 1, \"l\": true}]}", &NEWEST,
         "column \"x\", row 0, at a[1].l: expected long, got bool"},
        {DEEP, "{\"b\": \"t\"}", &NEWEST, "column \"x\", row 0: Missing required properties: {'a'}"},
        {DEEP, "{\"a\": [], \"c\": 1}", &NEWEST,
         "column \"x\", row 0: Invalid properties not defined in the schema found: {'c'}"},
        {DEEP, "[]", &NEWEST, "column \"x\", row 0: expected object, got list"},
        {"\"type\": \"any\", \"required\": true", "{\"z\": [null]}", &NEWEST, NULL},
        {"\"type\": \"sparkml_vector\", \"required\": true", "[1.5]", &NEWEST, NULL},
        {"\"type\": \"array\", \"items\": {\"type\": \"any\"}, \"required\": true", "null", &NEWEST, NULL},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        sv_arena arena;
        sv_value out;
        savor_error err;
        sv_arena_init(&arena, 1 << 20);
        savor_status st = enforce(ROWS[i].type, ROWS[i].value, ROWS[i].rules, &arena, &out, &err);
        assert_string_equal(err.message, ROWS[i].message ? ROWS[i].message : "");
        assert_int_equal(st, ROWS[i].message ? SAVOR_SCHEMA : SAVOR_OK);
        sv_arena_deinit(&arena);
    }
}

/* Elements leave one column as Python values; a value by itself is a numpy scalar. */
static void test_kinds(void **state)
{
    (void)state;
    sv_arena arena;
    sv_value out;
    savor_error err;
    sv_arena_init(&arena, 1 << 20);
    assert_int_equal(enforce(LONGS, "[1]", &NEWEST, &arena, &out, &err), SAVOR_OK);
    assert_int_equal(out.u.items[0].variant, SV_VARIANT_PLAIN);
    assert_int_equal(enforce(LONGS, "[1]", &REQUIRED, &arena, &out, &err), SAVOR_OK);
    assert_int_equal(out.u.items[0].variant, SV_VARIANT_NUMPY);
    assert_int_equal(out.u.items[0].dtype, SAVOR_INT64);
    assert_int_equal(enforce(DEEP, "{\"a\": [{\"k\": 1}]}", &NEWEST, &arena, &out, &err), SAVOR_OK);
    assert_int_equal(out.u.items[1].u.items[0].u.items[1].dtype, SAVOR_INT64);
    sv_arena_deinit(&arena);
}

static void assert_text(const sv_value *v, const char *text)
{
    assert_int_equal(v->kind, SV_VALUE_STRING);
    assert_true(sv_str_is((sv_str){v->u.p, v->n}, text));
}

/* What is missing among texts: "None" before pandas 3, from then on every text is cut to a character. */
static void test_missing_text(void **state)
{
    (void)state;
    sv_arena arena;
    sv_value out;
    savor_error err;
    sv_arena_init(&arena, 1 << 20);
    assert_int_equal(enforce(ARRAY("string"), "[\"\\u00e9bc\", null]", &NEWEST, &arena, &out, &err), SAVOR_OK);
    assert_text(&out.u.items[0], "\xc3\xa9");
    assert_text(&out.u.items[1], "n");
    assert_int_equal(enforce(ARRAY("string"), "[\"abc\", null]", &PANDAS_2, &arena, &out, &err), SAVOR_OK);
    assert_text(&out.u.items[0], "abc");
    assert_text(&out.u.items[1], "None");
    assert_int_equal(enforce(ARRAY("string"), "[\"abc\"]", &NEWEST, &arena, &out, &err), SAVOR_OK);
    assert_text(&out.u.items[0], "abc");
    sv_arena_deinit(&arena);
}

static void test_details_hidden(void **state)
{
    (void)state;
    sv_arena arena;
    sv_value out;
    savor_error err;
    sv_enforce_rules hidden = NEWEST;
    hidden.hide_details = true;
    sv_arena_init(&arena, 1 << 20);
    assert_int_equal(enforce(LONGS, "[\"secret\"]", &hidden, &arena, &out, &err), SAVOR_SCHEMA);
    assert_null(strstr(err.message, "secret"));
    assert_int_equal(enforce(DEEP, "{\"secret\": 1}", &hidden, &arena, &out, &err), SAVOR_SCHEMA);
    assert_null(strstr(err.message, "secret"));
    sv_arena_deinit(&arena);
}

/* A long path is cut between characters; the message is one line all the same. */
static void test_long_path(void **state)
{
    (void)state;
    sv_arena arena;
    sv_value out;
    savor_error err;
    char value[400] = "{\"";
    for (size_t i = 0; i < 90; i++)
        strncat(value, "\xc3\xa9", sizeof value - strlen(value) - 1);
    strncat(value, "\": \"t\"}", sizeof value - strlen(value) - 1);
    sv_arena_init(&arena, 1 << 20);
    assert_int_equal(enforce("\"type\": \"map\", \"values\": {\"type\": \"long\"}, \"required\": true", value,
                             &NEWEST, &arena, &out, &err),
                     SAVOR_SCHEMA);
    assert_non_null(strstr(err.message, ": expected long, got str \"t\""));
    assert_true(sv_utf8_check(err.message, strlen(err.message)));
    sv_arena_deinit(&arena);
}

static void test_no_memory(void **state)
{
    (void)state;
    savor_status st = SAVOR_NOMEM;
    for (long n = 0; st; n++) {
        sv_arena arena;
        sv_value out;
        savor_error err;
        assert_true(n < 200);
        sv_arena_init(&arena, 1 << 20);
        sv_alloc_fail_after(n);
        st = enforce(DEEP, "{\"a\": [{\"k\": 1}], \"b\": \"t\"}", n % 2 ? &NEWEST : &REQUIRED, &arena, &out, &err);
        sv_alloc_fail_after(-1);
        assert_true(st == SAVOR_OK || st == SAVOR_NOMEM);
        sv_arena_deinit(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_outcomes),     cmocka_unit_test(test_kinds),
                                       cmocka_unit_test(test_missing_text), cmocka_unit_test(test_details_hidden),
                                       cmocka_unit_test(test_long_path),    cmocka_unit_test(test_no_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
