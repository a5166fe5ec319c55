/* describe_test.c: signatures as JSON Schema and proto3. The texts below were accepted by jsonschema's check_schema
 * and by protoc, as were those of 256 recorded models. */
#include "model/describe.h"
#include "unit/test.h"

static void read_signature(const char *inputs, const char *outputs, const char *params, sv_arena *arena,
                           sv_signature *out)
{
    *out = (sv_signature){.inputs = NULL};
    assert_int_equal(sv_schema_read(sv_str_of(inputs), arena, &out->inputs, NULL), SAVOR_OK);
    assert_int_equal(sv_schema_read(sv_str_of(outputs), arena, &out->outputs, NULL), SAVOR_OK);
    assert_int_equal(sv_params_read(sv_str_of(params), arena, out, NULL), SAVOR_OK);
}

/* Whether the text is JSON in the strict sense, and has a part in it. */
static void check_json(const char *inputs, const char *params, sv_era era, const char *part)
{
    sv_arena arena;
    sv_signature signature;
    const sv_json *v;
    sv_buf text = SV_BUF_INIT(1 << 20);
    sv_arena_init(&arena, 1 << 24);
    read_signature(inputs, "[{\"type\": \"double\"}]", params, &arena, &signature);
    sv_buf_put_char(&text, '{');
    sv_describe_json(&signature, era, "#/$defs/", &text);
    sv_buf_put_char(&text, '}');
    assert_int_equal(sv_json_parse(sv_buf_view(&text), &SV_JSON_LIMITS, &arena, &v, NULL, NULL), SAVOR_OK);
    assert_null(strstr(text.p, "NaN"));
    if (!strstr(text.p, part))
        fail_msg("%s", text.p);
    sv_buf_deinit(&text);
    sv_arena_deinit(&arena);
}

static void test_json(void **state)
{
    (void)state;
    static const char COLUMNS[] =
        "[{\"type\": \"long\", \"name\": \"a\\\"b\"}, {\"type\": \"double\", \"name\": \"c\", "
        "\"required\": false}]",
                      TENSOR[] =
                          "[{\"type\": \"tensor\", \"tensor-spec\": {\"dtype\": \"float32\", \"shape\": [-1, 2]}}]",
                      PARAMS[] = "[{\"name\": \"t\", \"type\": \"double\", \"default\": NaN, \"shape\": null}]";
    check_json(COLUMNS, "", SV_ERA_3,
               "\"Row\": {\"type\": \"object\", \"properties\": {\"a\\\"b\": {\"type\": \"integer\", \"format\": "
               "\"int64\"}, "
               "\"c\": {\"type\": [\"number\", \"null\"], \"format\": \"double\"}}, \"required\": [\"a\\\"b\"]}");
    check_json(COLUMNS, PARAMS, SV_ERA_3,
               "\"Params\": {\"type\": \"object\", \"properties\": {\"t\": {\"allOf\": [{");
    check_json(COLUMNS, "", SV_ERA_1, "{\"oneOf\": [{\"type\": \"object\", \"properties\": {\"columns\": ");
    check_json(TENSOR, "", SV_ERA_2,
               "\"inputs\": {\"type\": \"array\", \"items\": {\"type\": \"array\", \"minItems\": 2, \"maxItems\": 2, "
               "\"items\": {\"type\": [\"number\", \"null\"]}}}");
    check_json("", "", SV_ERA_3, "\"required\": [\"messages\"]");
}

static void check_proto(const char *inputs, const char *params, const char *want)
{
    sv_arena arena;
    sv_signature signature;
    sv_buf text = SV_BUF_INIT(1 << 20);
    sv_arena_init(&arena, 1 << 24);
    read_signature(inputs, "[{\"type\": \"double\"}]", params, &arena, &signature);
    sv_describe_proto(&signature, &text);
    assert_string_equal(text.p, want);
    sv_buf_deinit(&text);
    sv_arena_deinit(&arena);
}

#define HEAD "syntax = \"proto3\";\n\npackage savor.model;\n"
#define RESPONSE                                                                                \
    "\nmessage Response {\n  repeated Prediction predictions = 1;\n}\n\nmessage Prediction {\n" \
    "  double field_0_1 = 1 [json_name = \"0\"];\n}\n"

static void test_proto(void **state)
{
    (void)state;
    check_proto("[{\"type\": \"string\", \"name\": \"a b\"}, {\"type\": \"binary\", \"name\": \"Type2\", "
                "\"required\": false}]",
                "[{\"name\": \"k\", \"type\": \"long\", \"default\": [1], \"shape\": [-1]}]",
                HEAD "\nmessage Request {\n  repeated Row inputs = 1;\n  Params params = 2;\n}\n\nmessage Row {\n"
                     "  string a_b_1 = 1 [json_name = \"a b\"];\n"
                     "  optional bytes field_Type2_2 = 2 [json_name = \"Type2\"];\n}\n\nmessage Params {\n"
                     "  repeated int64 k = 1 [json_name = \"k\"];\n}\n" RESPONSE);
    check_proto(
        "[{\"type\": \"array\", \"items\": {\"type\": \"array\", \"items\": {\"type\": \"datetime\"}}, \"name\": "
        "\"\\u00e9\", \"required\": true}]",
        "",
        HEAD "\nimport \"google/protobuf/timestamp.proto\";\n\nmessage Request {\n  repeated Row inputs = 1;\n}\n\n"
             "message Row {\n  message Type1 {\n    repeated google.protobuf.Timestamp values = 1 [json_name = "
             "\"values\"];\n  }\n  repeated Type1 field____1 = 1 [json_name = \"\\303\\251\"];\n}\n" RESPONSE);
}

static void test_csv(void **state)
{
    (void)state;
    static const struct {
        const char *inputs;
        bool takes;
    } ROWS[] = {
        {"[{\"type\": \"long\"}]", true},
        {"", true},
        {"[{\"type\": \"datetime\"}]", false},
        {"[{\"type\": \"map\", \"values\": {\"type\": \"long\"}}]", false},
        {"[{\"type\": \"tensor\", \"tensor-spec\": {\"dtype\": \"float32\", \"shape\": [-1]}}]", false},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        sv_arena arena;
        sv_signature signature;
        sv_arena_init(&arena, 1 << 20);
        read_signature(ROWS[i].inputs, "", "", &arena, &signature);
        assert_int_equal(sv_signature_takes_csv(&signature), ROWS[i].takes);
        sv_arena_deinit(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_json), cmocka_unit_test(test_proto),
                                       cmocka_unit_test(test_csv)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
