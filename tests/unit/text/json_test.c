/* json_test.c: verdicts, values and layout of Python's json module (expected texts come from CPython 3.11). */
#include "text/json.h"

#include "unit/test.h"

#include <stdlib.h>

typedef struct pair {
    const char *in, *out;
} pair;

static void check_round_trip(const pair *row)
{
    sv_arena arena;
    sv_arena_init(&arena, 1 << 20);
    sv_buf out = SV_BUF_INIT(1 << 20);
    const sv_json *v;
    savor_error err;
    assert_int_equal(sv_json_parse(sv_str_of(row->in), &SV_JSON_LIMITS, &arena, &v, NULL, &err), SAVOR_OK);
    sv_json_put_value(&out, v);
    assert_string_equal(sv_buf_view(&out).p, row->out);
    sv_buf_deinit(&out);
    sv_arena_deinit(&arena);
}

/* python3 -c 'import json; print(json.dumps(json.loads(TEXT)))' */
static void test_values(void **state)
{
    (void)state;
    static const pair ROWS[] = {
        {"null", "null"},
        {" [true , false]\n", "[true, false]"},
        {"[NaN,Infinity,-Infinity]", "[NaN, Infinity, -Infinity]"},
        {"[1,-0,-0.0,1.0,1e400,-1e400,1E2,1e-400]", "[1, 0, -0.0, 1.0, Infinity, -Infinity, 100.0, 0.0]"},
        {"[9223372036854775807,-9223372036854775808,9223372036854775808]",
         "[9223372036854775807, -9223372036854775808, 9223372036854775808]"},
        {"[0.1,0.30000000000000004,1e16,123456789012345678,5e-324,1.7976931348623157e308]",
         "[0.1, 0.30000000000000004, 1e+16, 123456789012345678, 5e-324, 1.7976931348623157e+308]"},
        {"[9007199254740993.0,0.1234567890123456789,1e22,1e23]",
         "[9007199254740992.0, 0.12345678901234568, 1e+22, 1e+23]"},
        {"{\"a\":1,\"b\":2,\"a\":{\"c\":[]}}", "{\"a\": {\"c\": []}, \"b\": 2}"},
        {"\"\\u00e9\\ud83d\\ude00\\ud800x\\/\\b\"", "\"\\u00e9\\ud83d\\ude00\\ud800x/\\b\""},
        {"\"\\ud83d\\u0041\"", "\"\\ud83dA\""},
        {"\"h\xc3\xa9\xf0\x9f\x98\x80\x7f\"", "\"h\\u00e9\\ud83d\\ude00\\u007f\""},
        {"[[],{},[[[]]]]", "[[], {}, [[[]]]]"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++)
        check_round_trip(&ROWS[i]);
}

typedef struct refusal {
    const char *in, *message;
    size_t offset;
} refusal;

/* The messages and positions of json.JSONDecodeError. */
static void test_refusals(void **state)
{
    (void)state;
    static const refusal ROWS[] = {
        {"", "Expecting value", 0},
        {"[1,]", "Expecting value", 3},
        {"[1 2]", "Expecting ',' delimiter", 3},
        {"{\"a\" 1}", "Expecting ':' delimiter", 5},
        {"{a:1}", "Expecting property name enclosed in double quotes", 1},
        {"{\"a\":1,}", "Expecting property name enclosed in double quotes", 7},
        {"1 2", "Extra data", 2},
        {"01", "Extra data", 1},
        {"1.", "Extra data", 1},
        {"[1.e1]", "Expecting ',' delimiter", 2},
        {"+1", "Expecting value", 0},
        {"-", "Expecting value", 0},
        {".5", "Expecting value", 0},
        {"\"abc", "Unterminated string starting at", 0},
        {"\"a\\", "Unterminated string starting at", 0},
        {"\"a\nb\"", "Invalid control character at", 2},
        {"'a'", "Expecting value", 0},
        {"nul", "Expecting value", 0},
        {"[", "Expecting value", 1},
        {"{", "Expecting property name enclosed in double quotes", 1},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        sv_arena arena;
        sv_arena_init(&arena, 1 << 20);
        const sv_json *v;
        sv_json_fault fault;
        savor_error err;
        assert_int_equal(sv_json_parse(sv_str_of(ROWS[i].in), &SV_JSON_LIMITS, &arena, &v, &fault, &err),
                         SAVOR_FORMAT);
        assert_string_equal(fault.message, ROWS[i].message);
        assert_int_equal(fault.offset, ROWS[i].offset);
        assert_null(v);
        sv_arena_deinit(&arena);
    }
}

static savor_status parse_repeated(const char *unit, size_t n)
{
    size_t length = strlen(unit);
    char *text = malloc(n * length);
    assert_non_null(text);
    for (size_t i = 0; i < n; i++)
        memcpy(text + i * length, unit, length);
    sv_arena arena;
    sv_arena_init(&arena, (size_t)1 << 26);
    const sv_json *v;
    savor_status st = sv_json_parse((sv_str){text, n * length}, &SV_JSON_LIMITS, &arena, &v, NULL, NULL);
    sv_arena_deinit(&arena);
    free(text);
    return st;
}

static void test_limits(void **state)
{
    (void)state;
    assert_int_equal(parse_repeated("[", 1000), SAVOR_FORMAT); /* not closed, but not too deep */
    assert_int_equal(parse_repeated("[", 1001), SAVOR_LIMIT);
    assert_int_equal(parse_repeated("{\"\":", 100000), SAVOR_LIMIT);
    assert_int_equal(parse_repeated("9", 4300), SAVOR_OK);
    assert_int_equal(parse_repeated("9", 4301), SAVOR_LIMIT);
}

static void test_find(void **state)
{
    (void)state;
    sv_arena arena;
    sv_arena_init(&arena, 1 << 20);
    const sv_json *v;
    assert_int_equal(
        sv_json_parse(SV_STR("{\"a\":[1,2],\"b\":{\"a\":3},\"a\":4}"), &SV_JSON_LIMITS, &arena, &v, NULL, NULL),
        SAVOR_OK);
    assert_int_equal(sv_json_find(v, "a")->u.i, 4);
    assert_int_equal(sv_json_find(sv_json_find(v, "b"), "a")->u.i, 3);
    assert_null(sv_json_find(v, "c"));
    sv_arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_find),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
