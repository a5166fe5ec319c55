/* nested_request_test.c: inputs and instances for a signature with nested types, as the server of MLflow 3.17 reads
 * them; recorded requests are in tests/data/enforce/echo-nested.json. */
#include "request/nested_request.h"

#include "base/alloc.h"
#include "unit/test.h"

#include <string.h>

static const sv_profile ERA_3 = {.era = SV_ERA_3, .is_forced = true, .is_fastapi = true, .pandas_major = 3},
                        ERA_1 = {.era = SV_ERA_1, .is_forced = true, .pandas_major = 1};

#define ARRAY "[{\"type\": \"array\", \"items\": {\"type\": \"long\"}, \"name\": \"x\", \"required\": true}]"
#define PAIR                                                                                             \
    "[{\"type\": \"string\", \"name\": \"k\"}, {\"type\": \"map\", \"values\": {\"type\": \"double\"}, " \
    "\"name\": \"m\", \"required\": false}]"
#define UNNAMED "[{\"type\": \"any\", \"required\": true}]"

typedef struct row {
    const char *schema, *value;
    bool is_instances;
    sv_payload_kind kind;
    const char *message; /* NULL: read */
} row;

static savor_status read_value(const row *r, const sv_profile *profile, sv_arena *arena, sv_payload *out,
                               savor_error *err)
{
    const sv_json *json;
    sv_tensor_request_rules rules = {.profile = profile};
    savor_status st;
    *err = (savor_error){.status = SAVOR_OK};
    if ((st = sv_schema_read(sv_str_of(r->schema), arena, &rules.schema, err)) ||
        (st = sv_json_parse(sv_str_of(r->value), &SV_JSON_LIMITS, arena, &json, NULL, err)))
        return st;
    return (r->is_instances ? sv_instances_read : sv_inputs_read)(json, &rules, arena, out, err);
}

static void test_forms(void **state)
{
    (void)state;
    static const row ROWS[] = {
        {ARRAY, "[1, 2]", false, SV_PAYLOAD_VALUE, NULL}, /* the only column */
        {ARRAY, "{\"x\": [1, 2]}", false, SV_PAYLOAD_VALUE, NULL},
        {ARRAY, "[{\"x\": [1]}, {\"x\": [2]}]", false, SV_PAYLOAD_VALUE, NULL},
        {ARRAY, "[{\"x\": [1]}, {\"x\": [2]}]", true, SV_PAYLOAD_VALUE, NULL},
        {ARRAY, "{\"x\": [\"a\"]}", false, 0, "Invalid input. column \"x\", at [0]: expected long, got str \"a\""},
        {ARRAY, "[{\"x\": [1]}, {\"x\": [2, 3]}]", true, 0,
         "Invalid input. the array is ragged: its rows differ in length"},
        {ARRAY, "[{\"x\": [1]}, 5]", true, 0,
         "Invalid input. row 1 is of type int, expected an object like the rows before it"},
        {PAIR, "{\"k\": \"a\", \"m\": {\"z\": 1.5}}", false, SV_PAYLOAD_VALUE, NULL},
        {PAIR, "{\"k\": \"a\", \"m\": {\"z\": 1}}", false, SV_PAYLOAD_VALUE, NULL}, /* 1 is 1.0, as all 0 and 1 are */
        {PAIR, "{\"k\": \"a\", \"m\": {\"z\": 2}}", false, 0,
         "Invalid input. column \"m\", at z: expected double, got int 2"},
        {PAIR, "[{\"k\": \"a\"}, {\"k\": \"b\", \"m\": {}}]", true, SV_PAYLOAD_VALUE, NULL},
        {UNNAMED, "[1, 2]", false, SV_PAYLOAD_VALUE, NULL},
        {UNNAMED, "5", false, SV_PAYLOAD_VALUE, NULL},
        {UNNAMED, "[{\"a\": 1}]", false, SV_PAYLOAD_VALUE, NULL},
        {UNNAMED, "{\"a\": 1}", false, 0,
         "Invalid input. Failed to parse input data. This model contains an un-named  model signature which expects "
         "a "
         "single n-dimensional array or a single value as input, however, an input of type <class 'dict'> was "
         "found."},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        sv_arena arena;
        sv_payload out;
        savor_error err;
        sv_arena_init(&arena, 1 << 20);
        savor_status st = read_value(&ROWS[i], &ERA_3, &arena, &out, &err);
        assert_string_equal(err.message, ROWS[i].message ? ROWS[i].message : "");
        assert_int_equal(st, ROWS[i].message ? SAVOR_BAD_REQUEST : SAVOR_OK);
        if (!st)
            assert_int_equal(out.kind, ROWS[i].kind);
        assert_int_equal(read_value(&ROWS[i], &ERA_1, &arena, &out, &err), SAVOR_UNSUPPORTED);
        sv_arena_deinit(&arena);
    }
}

/* Arrays under inputs are numpy's, whose elements have a dtype. */
static void test_array(void **state)
{
    (void)state;
    static const row COLUMN = {ARRAY, "{\"x\": [1, 2]}", false, SV_PAYLOAD_VALUE, NULL};
    sv_arena arena;
    sv_payload out;
    savor_error err;
    sv_arena_init(&arena, 1 << 20);
    assert_int_equal(read_value(&COLUMN, &ERA_3, &arena, &out, &err), SAVOR_OK);
    assert_int_equal(out.value.kind, SV_VALUE_DICT);
    const sv_value *x = &out.value.u.items[1];
    assert_int_equal(x->kind, SV_VALUE_ARRAY);
    assert_int_equal(x->u.tensor->dtype, SAVOR_INT64);
    assert_int_equal(((const int64_t *)x->u.tensor->data)[1], 2);
    sv_arena_deinit(&arena);
}

static void test_no_memory(void **state)
{
    (void)state;
    static const row ROWS[] = {{PAIR, "{\"k\": \"a\", \"m\": {\"z\": 1.5}}", false, 0, NULL},
                               {ARRAY, "[{\"x\": [1]}, {\"x\": [2]}]", true, 0, NULL},
                               {ARRAY, "[{\"x\": [1]}, {\"x\": [2]}]", false, 0, NULL}};
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        savor_status st = SAVOR_NOMEM;
        for (long n = 0; st; n++) {
            sv_arena arena;
            sv_payload out;
            savor_error err;
            assert_true(n < 200);
            sv_arena_init(&arena, 1 << 20);
            sv_alloc_fail_after(n);
            st = read_value(&ROWS[i], &ERA_3, &arena, &out, &err);
            sv_alloc_fail_after(-1);
            assert_true(st == SAVOR_OK || st == SAVOR_NOMEM);
            sv_arena_deinit(&arena);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_forms), cmocka_unit_test(test_array),
                                       cmocka_unit_test(test_no_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
