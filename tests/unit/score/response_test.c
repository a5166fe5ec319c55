/* response_test.c: answers and errors as MLflow's servers write them. */
#include "score/response.h"

#include "base/alloc.h"
#include "unit/test.h"

#include <math.h>

static void check(const sv_payload *answer, bool is_wrapped, savor_nan nan, const char *text)
{
    sv_buf out = SV_BUF_INIT(10000);
    sv_response_write(answer, is_wrapped, nan, &out);
    assert_int_equal(out.failed, SAVOR_OK);
    assert_string_equal(out.p, text);
    sv_buf_deinit(&out);
}

static void test_tensors(void **state)
{
    (void)state;
    static const float SINGLES[] = {0.1F, 1e16F, -0.0F, 3};
    static const double SPECIAL[] = {NAN, INFINITY, 1e-5};
    static const int64_t TIMES[] = {5, SV_NAT};
    static const uint8_t FLAGS[] = {1, 0};
    static const uint64_t BIG[] = {UINT64_MAX};
    sv_payload p = {.kind = SV_PAYLOAD_TENSOR, .tensor = sv_tensor_view(SAVOR_FLOAT32, 2, 2, SINGLES)};
    check(&p, true, SAVOR_NAN_TOKEN,
          "{\"predictions\": [[0.10000000149011612, 1.0000000272564224e+16], [-0.0, 3.0]]}");
    p.tensor = sv_tensor_view(SAVOR_FLOAT64, 3, 0, SPECIAL);
    check(&p, false, SAVOR_NAN_TOKEN, "[NaN, Infinity, 1e-05]");
    check(&p, false, SAVOR_NAN_NULL, "[null, null, 1e-05]");
    p.tensor = sv_tensor_view(SAVOR_DATETIME_NS, 2, 0, TIMES);
    check(&p, false, SAVOR_NAN_TOKEN, "[5, null]");
    p.tensor = sv_tensor_view(SAVOR_BOOL, 2, 0, FLAGS);
    check(&p, false, SAVOR_NAN_TOKEN, "[true, false]");
    p.tensor = sv_tensor_view(SAVOR_UINT64, 1, 0, BIG);
    check(&p, false, SAVOR_NAN_TOKEN, "[18446744073709551615]");
    p.tensor = sv_tensor_view(SAVOR_FLOAT64, 0, 0, NULL);
    check(&p, true, SAVOR_NAN_TOKEN, "{\"predictions\": []}");
    p.tensor = (sv_tensor){.dtype = SAVOR_FLOAT64, .n_items = 1, .data = SPECIAL};
    check(&p, false, SAVOR_NAN_NULL, "null");
}

static void test_frames(void **state)
{
    (void)state;
    static const int64_t INTS[] = {1, 2}, TIMES[] = {0, SV_NAT};
    static const sv_str TEXTS[] = {{"a\"", 2}, {NULL, 0}};
    sv_column columns[] = {{sv_label_number(0), SAVOR_INT64, INTS},
                           {sv_label_text(SV_STR("t")), SAVOR_DATETIME_NS, TIMES},
                           {sv_label_text(SV_STR("s")), SAVOR_STRING, TEXTS}};
    sv_payload p = {.kind = SV_PAYLOAD_FRAME, .frame = {.n_rows = 2, .n_columns = 3, .columns = columns}};
    check(&p, false, SAVOR_NAN_TOKEN,
          "[{\"0\": 1, \"t\": \"1970-01-01T00:00:00\", \"s\": \"a\\\"\"}, {\"0\": 2, \"t\": \"NaT\", \"s\": NaN}]");
    columns[2] = (sv_column){sv_label_number(0), SAVOR_DATETIME_NS, TIMES}; /* dict(zip(names, row)) */
    check(&p, false, SAVOR_NAN_TOKEN,
          "[{\"0\": \"1970-01-01T00:00:00\", \"t\": \"1970-01-01T00:00:00\"}, {\"0\": \"NaT\", \"t\": \"NaT\"}]");
}

static void test_no_memory(void **state)
{
    (void)state;
    static const double VALUES[] = {1, 2};
    sv_payload p = {.kind = SV_PAYLOAD_TENSOR, .tensor = sv_tensor_view(SAVOR_FLOAT64, 2, 0, VALUES)};
    sv_buf out = SV_BUF_INIT(10000), tiny = SV_BUF_INIT(4);
    sv_alloc_fail_after(0);
    sv_response_write(&p, true, SAVOR_NAN_TOKEN, &out);
    sv_alloc_fail_after(-1);
    assert_int_equal(sv_buf_check(&out, NULL), SAVOR_NOMEM);
    sv_response_write(&p, true, SAVOR_NAN_TOKEN, &tiny);
    assert_int_equal(sv_buf_check(&tiny, NULL), SAVOR_LIMIT);
    sv_buf_deinit(&out);
    sv_buf_deinit(&tiny);
}

typedef struct error_row {
    savor_status status;
    sv_era era;
    int http;
    const char *type, *body;
} error_row;

static void test_errors(void **state)
{
    (void)state;
    static const char JSON[] = "application/json", TEXT[] = "text/plain; charset=utf-8";
    static const error_row ROWS[] = {
        {SAVOR_BAD_REQUEST, SV_ERA_2, 400, JSON, "{\"error_code\": \"BAD_REQUEST\", \"message\": \"no \\\"x\\\"\"}"},
        {SAVOR_SCHEMA, SV_ERA_1, 400, JSON, "{\"error_code\": \"BAD_REQUEST\", \"message\": \"no \\\"x\\\"\"}"},
        {SAVOR_SCHEMA, SV_ERA_2, 400, JSON,
         "{\"error_code\": \"INVALID_PARAMETER_VALUE\", \"message\": \"no \\\"x\\\"\"}"},
        {SAVOR_SCHEMA, SV_ERA_3, 400, JSON,
         "{\"error_code\": \"INVALID_PARAMETER_VALUE\", \"message\": \"no \\\"x\\\"\", \"sqlstate\": \"KAM01\", "
         "\"error_class\": \"SCHEMA_ENFORCEMENT_FAILED\"}"},
        {SAVOR_MEDIA_TYPE, SV_ERA_3, 415, TEXT, "no \"x\""},
        {SAVOR_UNREADABLE, SV_ERA_3, 500, TEXT, "Internal Server Error"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        savor_error err;
        sv_profile profile = {.era = ROWS[i].era, .has_sqlstate = ROWS[i].era == SV_ERA_3};
        sv_buf out = SV_BUF_INIT(1000);
        int http;
        const char *type;
        (void)sv_fail(&err, ROWS[i].status, "no \"x\"");
        sv_error_write(&err, &profile, &out, &http, &type);
        assert_int_equal(http, ROWS[i].http);
        assert_string_equal(type, ROWS[i].type);
        assert_string_equal(out.p, ROWS[i].body);
        sv_buf_deinit(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_tensors), cmocka_unit_test(test_frames),
                                       cmocka_unit_test(test_no_memory), cmocka_unit_test(test_errors)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
