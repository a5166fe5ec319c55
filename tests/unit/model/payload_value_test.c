/* payload_value_test.c: dicts, lists and scalars as frames. Shapes as pandas 2.3 and 3.1 under MLflow 3.17 give them.
 */
#include "model/enforce.h"
#include "model/json_value.h"

#include "base/alloc.h"
#include "unit/test.h"

#include <string.h>

#define ANY "[{\"type\": \"any\", \"name\": \"a\", \"required\": false}]"
#define ARRAYS "[{\"type\": \"array\", \"items\": {\"type\": \"any\"}, \"name\": \"a\", \"required\": false}]"
#define UNNAMED "[{\"type\": \"any\", \"required\": true}]"

typedef struct row {
    const char *schema, *value;
    size_t n_rows; /* of the frame that enforcement gives */
    savor_dtype dtype;
    const char *message; /* the end of it; NULL: taken */
} row;

static savor_status enforce(const char *schema_text, const char *value, sv_era era, sv_arena *arena, sv_frame *out,
                            savor_error *err)
{
    const sv_schema *schema;
    const sv_json *json;
    sv_payload in = {.kind = SV_PAYLOAD_VALUE}, enforced = {.kind = SV_PAYLOAD_FRAME};
    sv_enforce_rules rules = {.era = era, .pandas_major = (int)era + 1};
    savor_status st;
    *err = (savor_error){.status = SAVOR_OK};
    if ((st = sv_schema_read(sv_str_of(schema_text), arena, &schema, err)) ||
        (st = sv_json_parse(sv_str_of(value), &SV_JSON_LIMITS, arena, &json, NULL, err)) ||
        (st = sv_json_to_value(json, arena, &in.value, err)))
        return st;
    st = sv_enforce(&in, schema, &rules, arena, &enforced, err);
    *out = enforced.frame;
    return st;
}

static void test_frames(void **state)
{
    (void)state;
    static const row ROWS[] = {
        {ANY, "{\"a\": 1}", 1, SAVOR_INT64, NULL},               /* scalars: one row */
        {ANY, "{\"a\": [\"s\", \"t\"]}", 1, SAVOR_OBJECT, NULL}, /* and lists of text */
        {ANY, "{\"a\": [1, 2]}", 2, SAVOR_INT64, NULL},
        {ANY, "{\"a\": [1, 2], \"b\": 5}", 2, SAVOR_INT64, NULL},
        {ANY, "{\"a\": {\"k\": 1, \"j\": 2}, \"b\": {\"j\": 3}}", 2, SAVOR_INT64, NULL},
        {ANY, "{\"b\": {\"k\": 1, \"j\": 2}, \"a\": {\"j\": 3}}", 2, SAVOR_FLOAT64, NULL},
        {ANY, "{\"a\": {}}", 0, SAVOR_OBJECT, NULL},
        {ANY, "{\"a\": {\"k\": 1}, \"b\": [1]}", 0, 0,
         "Mixing dicts with non-Series may lead to ambiguous ordering."},
        {ANY, "{\"a\": [1, 2], \"b\": [1]}", 0, 0, "All arrays must be of the same length"},
        {ARRAYS, "{\"a\": [1, 2]}", 1, SAVOR_OBJECT, NULL},
        {ANY, "[{\"a\": 1}, {\"a\": 2.5}]", 2, SAVOR_FLOAT64, NULL},
        {ANY, "[{\"a\": 1}, {\"b\": 2}]", 2, SAVOR_FLOAT64, NULL},
        {ANY, "[{\"a\": 1}, 2]", 0, 0, "a row was no dict like the rows before it"},
        {ANY, "[{\"a\": 1}, []]", 2, SAVOR_FLOAT64, NULL}, /* pandas 3: dict([]) */
        {UNNAMED, "[1, 2]", 2, SAVOR_INT64, NULL},
        {UNNAMED, "[[1, 2], [3]]", 2, SAVOR_INT64, NULL},
        {UNNAMED, "[[1, 2], 3]", 0, 0, "a row was no list like the rows before it"},
        {UNNAMED, "[[], \"\\u00e9a\", {\"k\": 1}]", 3, SAVOR_STRING, NULL}, /* characters, keys */
        {UNNAMED, "[]", 0, 0,
         "only has 0 inputs. Note: the inputs were not named in the signature so we can only verify their count."},
        {UNNAMED, "\"x\"", 1, SAVOR_STRING, NULL},
        {UNNAMED, "null", 0, 0, "Expected input to be DataFrame. Found: NoneType"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        sv_arena arena;
        sv_frame out;
        savor_error err;
        sv_arena_init(&arena, 1 << 20);
        savor_status st = enforce(ROWS[i].schema, ROWS[i].value, SV_ERA_3, &arena, &out, &err);
        assert_int_equal(st, ROWS[i].message ? SAVOR_SCHEMA : SAVOR_OK);
        if (st) {
            const char *end = strstr(err.message, ROWS[i].message);
            assert_non_null(end);
            assert_string_equal(end, ROWS[i].message);
        } else {
            assert_int_equal(out.n_rows, ROWS[i].n_rows);
            assert_int_equal(out.columns[0].dtype, ROWS[i].dtype);
        }
        sv_arena_deinit(&arena);
    }
}

/* MLflow 1.x hands every dict to pandas, and takes no scalar. */
static void test_era_1(void **state)
{
    (void)state;
    sv_arena arena;
    sv_frame out;
    savor_error err;
    static const char LONG[] = "[{\"type\": \"long\", \"name\": \"a\"}]";
    sv_arena_init(&arena, 1 << 20);
    assert_int_equal(enforce(LONG, "{\"a\": [1, 2]}", SV_ERA_1, &arena, &out, &err), SAVOR_OK);
    assert_int_equal(out.n_rows, 2);
    assert_int_equal(enforce(LONG, "{\"a\": 1}", SV_ERA_1, &arena, &out, &err), SAVOR_SCHEMA);
    assert_int_equal(enforce("[{\"type\": \"long\"}]", "1", SV_ERA_1, &arena, &out, &err), SAVOR_SCHEMA);
    assert_int_equal(enforce(ANY, "{\"a\": [1, 2]}", SV_ERA_1, &arena, &out, &err), SAVOR_UNSUPPORTED);
    sv_arena_deinit(&arena);
}

static void test_no_memory(void **state)
{
    (void)state;
    static const char *const VALUES[] = {"{\"a\": {\"k\": 1}, \"b\": {\"j\": [1]}}", "[{\"a\": [1]}, {\"b\": 2}]"};
    for (size_t i = 0; i < 2; i++) {
        savor_status st = SAVOR_NOMEM;
        for (long n = 0; st; n++) {
            sv_arena arena;
            sv_frame out;
            savor_error err;
            assert_true(n < 200);
            sv_arena_init(&arena, 1 << 20);
            sv_alloc_fail_after(n);
            st = enforce(ANY, VALUES[i], SV_ERA_3, &arena, &out, &err);
            sv_alloc_fail_after(-1);
            assert_true(st == SAVOR_OK || st == SAVOR_NOMEM);
            sv_arena_deinit(&arena);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_frames), cmocka_unit_test(test_era_1),
                                       cmocka_unit_test(test_no_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
