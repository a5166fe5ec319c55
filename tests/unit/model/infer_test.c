/* infer_test.c: values and params -> signatures; expected texts are those of MLflow 1.30.1, 2.16.2, 2.22.5, 3.17.2.
 * The table of recorded cases is corpus/infer/signatures. */
#include "base/alloc.h"
#include "model/infer.h"
#include "request/json_value.h"
#include "unit/test.h"

#include <stdlib.h>

static const sv_infer_rules ERA_1 = {SV_ERA_1, 1, false}, R_2_16 = {SV_ERA_2, 2, false}, R_2_22 = {SV_ERA_2, 2, true},
                            ERA_3 = {SV_ERA_3, 3, true};

static sv_value read_value(const char *json, sv_arena *arena)
{
    const sv_json *v;
    sv_value value;
    assert_int_equal(sv_json_parse(sv_str_of(json), &SV_JSON_LIMITS, arena, &v, NULL, NULL), SAVOR_OK);
    assert_int_equal(sv_json_to_value(v, arena, &value, NULL), SAVOR_OK);
    return value;
}

/* The inputs that are inferred from one JSON value; NULL: none are. */
static void check_inputs(const char *json, const sv_infer_rules *rules, const char *want)
{
    sv_arena arena;
    sv_buf text = SV_BUF_INIT(1 << 20);
    const sv_schema *schema;
    savor_error err = {.status = SAVOR_OK};
    sv_arena_init(&arena, 1 << 24);
    sv_payload payload = {.kind = SV_PAYLOAD_VALUE, .value = read_value(json, &arena)};
    sv_infer_data data = {&payload, false};
    savor_status st = sv_schema_infer(&data, rules, &arena, &schema, &err);
    if (!want) {
        assert_int_equal(st, SAVOR_SCHEMA);
        assert_null(schema);
        assert_true(err.message[0]);
    } else {
        assert_int_equal(st, SAVOR_OK);
        sv_schema_write_as(schema, rules, &text);
        assert_string_equal(text.p, want);
    }
    sv_buf_deinit(&text);
    sv_arena_deinit(&arena);
}

#define ANY "[{\"type\": \"any\", \"required\": true}]"
#define OBJECTS                                                                                              \
    "[{\"type\": \"array\", \"items\": {\"type\": \"object\", \"properties\": {\"b\": {\"type\": \"long\", " \
    "\"required\": false}}}, \"name\": \"a\", \"required\": true}]"

static void test_values(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        const sv_infer_rules *rules;
        const char *want;
    } ROWS[] = {
        {"[[1, 2], [3]]", &ERA_3, "[{\"type\": \"array\", \"items\": {\"type\": \"long\"}, \"required\": true}]"},
        {"[[1, 2], [3]]", &ERA_1, NULL},
        {"{\"a\": [{\"b\": 1}, {\"b\": null}]}", &R_2_16, NULL},
        {"{\"a\": [{\"b\": 1}, {\"b\": null}]}", &R_2_22, ANY},
        {"{\"a\": [{\"b\": 1}, {\"b\": null}]}", &ERA_3, OBJECTS},
        {"{\"a\": [{\"b\": null}, {\"b\": 1}]}", &R_2_22, OBJECTS},
        {"[1, 1.5]", &R_2_16, NULL},
        {"[1, 1.5]", &ERA_3, ANY},
        {"{\"a\": NaN}", &R_2_16, "[{\"type\": \"double\", \"name\": \"a\", \"required\": false}]"},
        {"{\"a\": NaN}", &R_2_22, "[{\"type\": \"any\", \"name\": \"a\", \"required\": false}]"},
        {"[{\"a\": {\"b\": 1}}, {\"a\": {\"c\": [1.5]}}]", &R_2_16,
         "[{\"type\": \"object\", \"properties\": {\"b\": {\"type\": \"long\", \"required\": false}, \"c\": "
         "{\"type\": "
         "\"array\", \"items\": {\"type\": \"double\"}, \"required\": false}}, \"name\": \"a\", \"required\": "
         "true}]"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++)
        check_inputs(ROWS[i].json, ROWS[i].rules, ROWS[i].want);
}

/* A thousand levels of JSON are read; a schema that deep could not be read back. */
static void test_depth(void **state)
{
    (void)state;
    char json[2 * 300 + 2];
    sv_arena arena;
    const sv_schema *schema;
    savor_error err;
    memset(json, '[', 300);
    json[300] = '1';
    memset(json + 301, ']', 300);
    json[601] = '\0';
    sv_arena_init(&arena, 1 << 24);
    sv_payload payload = {.kind = SV_PAYLOAD_VALUE, .value = read_value(json, &arena)};
    sv_infer_data data = {&payload, false};
    assert_int_equal(sv_schema_infer(&data, &ERA_3, &arena, &schema, &err), SAVOR_LIMIT);
    assert_null(schema);
    sv_arena_deinit(&arena);
}

/* What was written is read back as it is. */
static void test_read_back(void **state)
{
    (void)state;
    static const char JSON[] = "[{\"t\": \"x\", \"o\": {\"k\": [[1.5]], \"\\u00e9\": true}, \"n\": null}]";
    sv_arena arena;
    sv_buf text = SV_BUF_INIT(1 << 20), again = SV_BUF_INIT(1 << 20);
    const sv_schema *schema, *read;
    sv_arena_init(&arena, 1 << 24);
    sv_payload payload = {.kind = SV_PAYLOAD_VALUE, .value = read_value(JSON, &arena)};
    sv_infer_data data = {&payload, false};
    assert_int_equal(sv_schema_infer(&data, &ERA_3, &arena, &schema, NULL), SAVOR_OK);
    sv_schema_write_as(schema, &ERA_3, &text);
    assert_int_equal(sv_schema_read(sv_buf_view(&text), &arena, &read, NULL), SAVOR_OK);
    sv_schema_write(read, &again);
    assert_string_equal(text.p, again.p);
    sv_buf_deinit(&text);
    sv_buf_deinit(&again);
    sv_arena_deinit(&arena);
}

static savor_status infer_params(const char *json, const sv_infer_rules *rules, sv_buf *out)
{
    sv_arena arena;
    sv_signature signature = {.n_params = 0};
    savor_error err;
    sv_arena_init(&arena, 1 << 24);
    sv_value params = read_value(json, &arena);
    savor_status st = sv_params_infer(&params, rules, &arena, &signature, &err);
    if (!st)
        sv_params_write_as(&signature, rules, out);
    sv_arena_deinit(&arena);
    return st;
}

static void test_params(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        savor_status status;
        const char *want;
    } ROWS[] = {
        {"{\"p\": [1, 1.5]}", SAVOR_OK,
         "[{\"name\": \"p\", \"default\": [1.0, 1.5], \"shape\": [-1], \"type\": \"double\"}]"},
        {"{\"p\": [9223372036854775808, 1]}", SAVOR_OK,
         "[{\"name\": \"p\", \"default\": [9.223372036854776e+18, 1.0], \"shape\": [-1], \"type\": \"double\"}]"},
        {"{\"p\": [9223372036854775808]}", SAVOR_SCHEMA, ""},
        {"{\"p\": [true, 1]}", SAVOR_SCHEMA, ""},
        {"{\"p\": {\"a\": [1, null]}}", SAVOR_SCHEMA, ""},
        {"{\"p\": {}}", SAVOR_SCHEMA, ""},
        {"[1]", SAVOR_SCHEMA, ""},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        sv_buf out = SV_BUF_INIT(1 << 16);
        assert_int_equal(infer_params(ROWS[i].json, &ERA_3, &out), ROWS[i].status);
        assert_string_equal(sv_buf_view(&out).p, ROWS[i].want);
        sv_buf_deinit(&out);
    }
    sv_buf none = SV_BUF_INIT(100);
    assert_int_equal(infer_params("{\"p\": 1}", &ERA_1, &none), SAVOR_USAGE);
    sv_buf_deinit(&none);
}

/* Every allocation fails once: NOMEM, nothing handed out, nothing leaked. */
static void test_memory(void **state)
{
    (void)state;
    static const char JSON[] = "[{\"a\": [{\"b\": 1}, {\"c\": null}], \"d\": \"x\"}, {\"a\": [], \"e\": 2.5}]";
    savor_status st = SAVOR_NOMEM;
    for (long n = 0; st; n++) {
        sv_arena values, arena;
        const sv_schema *schema;
        sv_signature signature;
        savor_error err = {.status = SAVOR_OK};
        sv_arena_init(&values, 1 << 24);
        sv_arena_init(&arena, 1 << 24);
        sv_payload payload = {.kind = SV_PAYLOAD_VALUE, .value = read_value(JSON, &values)};
        sv_value params = read_value("{\"p\": [1, 2], \"o\": {\"k\": \"v\"}}", &values);
        sv_inference from = {.inputs = {&payload, false}, .params = &params};
        sv_alloc_fail_after(n);
        st = sv_signature_infer(&from, &ERA_3, &arena, &signature, &err);
        sv_alloc_fail_after(-1);
        assert_true(n < 1000 && (!st || st == SAVOR_NOMEM) && err.status == st);
        assert_int_equal(sv_schema_infer(&from.inputs, &ERA_3, &values, &schema, &err), SAVOR_OK);
        sv_arena_deinit(&values);
        sv_arena_deinit(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_values), cmocka_unit_test(test_depth),
                                       cmocka_unit_test(test_read_back), cmocka_unit_test(test_params),
                                       cmocka_unit_test(test_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
