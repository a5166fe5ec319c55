/* jsonable_test.c: values as json.dumps(cls=NumpyEncoder) writes them; the table is corpus/infer/answers. */
#include "data/datetime.h"
#include "score/jsonable.h"
#include "unit/test.h"

static void check_value(const sv_value *v, savor_nan nan, const char *want)
{
    sv_buf out = SV_BUF_INIT(1 << 16);
    sv_jsonable_put_value(&out, v, nan);
    assert_int_equal(sv_buf_check(&out, NULL), want ? SAVOR_OK : SAVOR_UNREADABLE);
    if (want)
        assert_string_equal(out.p, want);
    sv_buf_deinit(&out);
}

static void test_times(void **state)
{
    (void)state;
    sv_datetime time;
    assert_true(sv_text_to_datetime(SV_STR("2020-01-02T01:04:05"), &time));
    sv_value v = {.kind = SV_VALUE_DATETIME, .u.i = time.ns};
    check_value(&v, SAVOR_NAN_TOKEN, "\"2020-01-02T01:04:05\"");
    v.n = SV_ZONE_UTC + 120;
    check_value(&v, SAVOR_NAN_TOKEN, "\"2020-01-02T03:04:05+02:00\"");
    v.n = SV_ZONE_UTC - 90;
    check_value(&v, SAVOR_NAN_TOKEN, "\"2020-01-01T23:34:05-01:30\"");
    v = (sv_value){.kind = SV_VALUE_DATETIME, .variant = SV_VARIANT_DATE, .u.i = time.ns};
    check_value(&v, SAVOR_NAN_TOKEN, "\"2020-01-02\"");
    v.variant = SV_VARIANT_NUMPY;
    check_value(&v, SAVOR_NAN_TOKEN, "1577927045000000000");
    v.u.i = SV_NAT;
    check_value(&v, SAVOR_NAN_TOKEN, "null");
    v.variant = SV_VARIANT_PLAIN;
    v.n = SV_ZONE_UTC;
    check_value(&v, SAVOR_NAN_TOKEN, "\"NaT\"");
    v.u.i = INT64_MAX; /* a zone cannot carry it beyond */
    v.n = SV_ZONE_UTC + 60;
    check_value(&v, SAVOR_NAN_TOKEN, "\"2262-04-11T23:47:16.854775807+01:00\"");
}

static void test_keys(void **state)
{
    (void)state;
    sv_value pairs[] = {{.kind = SV_VALUE_INT, .u.i = 1},
                        {.kind = SV_VALUE_FLOAT, .u.f = 0.0 / 0.0},
                        {.kind = SV_VALUE_NONE},
                        {.kind = SV_VALUE_BOOL, .u.i = 1},
                        {.kind = SV_VALUE_FLOAT, .u.f = 1.5},
                        {.kind = SV_VALUE_STRING, .n = 1, .u.p = "x"}};
    sv_value dict = {.kind = SV_VALUE_DICT, .n = 3, .u.items = pairs};
    check_value(&dict, SAVOR_NAN_TOKEN, "{\"1\": NaN, \"null\": true, \"1.5\": \"x\"}");
    check_value(&dict, SAVOR_NAN_NULL, "{\"1\": null, \"null\": true, \"1.5\": \"x\"}");
    pairs[0] = (sv_value){.kind = SV_VALUE_BYTES, .n = 1, .u.p = "x"};
    check_value(&dict, SAVOR_NAN_TOKEN, NULL);
}

static void test_refusals(void **state)
{
    (void)state;
    sv_value other = {.kind = SV_VALUE_OTHER, .n = 7, .u.p = "Decimal"};
    sv_value na = {.kind = SV_VALUE_NONE, .variant = SV_VARIANT_NA};
    sv_value list = {.kind = SV_VALUE_LIST, .n = 1, .u.items = &other};
    sv_buf out = SV_BUF_INIT(100);
    check_value(&other, SAVOR_NAN_TOKEN, NULL);
    check_value(&na, SAVOR_NAN_TOKEN, NULL);
    check_value(&list, SAVOR_NAN_TOKEN, NULL);
    sv_jsonable_put_cell(&out, SAVOR_OBJECT, &na, 0, SAVOR_NAN_TOKEN); /* in a frame it is None */
    assert_int_equal(sv_buf_check(&out, NULL), SAVOR_OK);
    assert_string_equal(out.p, "null");
    sv_buf_deinit(&out);
}

/* json.dumps(json.loads(text), indent=2) */
static void test_layout(void **state)
{
    (void)state;
    static const struct {
        const char *flat, *want;
    } ROWS[] = {
        {"1", "1"},
        {"[]", "[]"},
        {"{\"a\": {}, \"b\": [[], [1, 2]]}",
         "{\n  \"a\": {},\n  \"b\": [\n    [],\n    [\n      1,\n      2\n    ]\n  ]\n}"},
        {"[\"a, [{\\\"\\\\\", \"}\"]", "[\n  \"a, [{\\\"\\\\\",\n  \"}\"\n]"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        sv_buf out = SV_BUF_INIT(1000);
        sv_jsonable_put_indented(&out, sv_str_of(ROWS[i].flat));
        assert_string_equal(out.p, ROWS[i].want);
        sv_buf_deinit(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_times), cmocka_unit_test(test_keys),
                                       cmocka_unit_test(test_refusals), cmocka_unit_test(test_layout)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
