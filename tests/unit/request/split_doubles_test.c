/* split_doubles_test.c: the short way and the general way give the same frame, or the short way stands aside. */
#include "request/split_doubles.h"

#include "model/enforce.h"
#include "request/request.h"
#include "unit/test.h"

#include <stdio.h>

static const char SCHEMA[] = "[{\"type\": \"double\", \"name\": \"a\", \"required\": true}, "
                             "{\"type\": \"double\", \"name\": \"b\", \"required\": true}, "
                             "{\"type\": \"double\", \"name\": \"c\", \"required\": false}]";

/* The general way: the same frame under a name that the short way does not look at. */
static savor_status general_way(sv_str body, const sv_schema *schema, sv_arena *arena, sv_payload *out)
{
    sv_profile profile = {
        .era = SV_ERA_3, .is_forced = true, .is_fastapi = true, .pandas_major = 3, .exact_csv = true};
    sv_signature signature = {.inputs = schema};
    sv_request_rules rules = {.profile = &profile, .signature = &signature};
    sv_enforce_rules enforce = {.era = SV_ERA_3, .pandas_major = 3};
    sv_request request;
    savor_error err;
    savor_status st = sv_request_read(SV_STR("application/json"), body, &rules, arena, &request, &err);
    assert_false(!st && request.is_enforced); /* the index keeps the short way out */
    return st ? st : sv_enforce(&request.payload, schema, &enforce, arena, out, &err);
}

static void assert_same(const sv_frame *a, const sv_frame *b)
{
    assert_int_equal(a->n_rows, b->n_rows);
    assert_int_equal(a->n_columns, b->n_columns);
    for (size_t c = 0; c < a->n_columns; c++) {
        assert_int_equal(a->columns[c].dtype, b->columns[c].dtype);
        assert_true(sv_label_equal(&a->columns[c].name, &b->columns[c].name));
        for (size_t r = 0; r < a->n_rows; r++) {
            double x = ((const double *)a->columns[c].data)[r], y = ((const double *)b->columns[c].data)[r];
            assert_true(x == y ? __builtin_signbit(x) == __builtin_signbit(y) : x != x && y != y);
        }
    }
}

/* With the heading, names are taken as a whole, and the answer is the same. */
static void check_heading(sv_str body, const sv_schema *schema, bool is_taken, const sv_frame *expected,
                          sv_arena *arena)
{
    sv_json_limits limits = SV_JSON_LIMITS;
    const sv_heading *heading;
    const sv_json *split;
    sv_frame quick;
    assert_int_equal(sv_heading_new(schema, arena, &heading, NULL), SAVOR_OK);
    assert_non_null(heading);
    limits.heading = &heading->json;
    assert_int_equal(sv_json_parse(body, &limits, arena, &split, NULL, NULL), SAVOR_OK);
    assert_int_equal(sv_split_read_doubles(split, schema, heading, arena, &quick), is_taken);
    if (is_taken)
        assert_same(&quick, expected);
}

/* The same columns and data twice: alone, and with an index, which only the general way reads. */
static bool compare_ways(const char *columns, const char *data, const char *index)
{
    char plain[600], indexed[700];
    sv_arena arena;
    const sv_schema *schema;
    const sv_json *split;
    sv_frame quick;
    sv_payload slow;
    sv_arena_init(&arena, (size_t)1 << 24);
    snprintf(plain, sizeof plain, "{\"columns\": %s, \"data\": %s}", columns, data);
    snprintf(indexed, sizeof indexed, "{\"dataframe_split\": {\"columns\": %s, \"data\": %s, \"index\": %s}}",
             columns, data, index);
    assert_int_equal(sv_schema_read(sv_str_of(SCHEMA), &arena, &schema, NULL), SAVOR_OK);
    assert_int_equal(sv_json_parse(sv_str_of(plain), &SV_JSON_LIMITS, &arena, &split, NULL, NULL), SAVOR_OK);
    bool is_taken = sv_split_read_doubles(split, schema, NULL, &arena, &quick);
    check_heading(sv_str_of(plain), schema, is_taken, &quick, &arena);
    if (is_taken) {
        assert_int_equal(general_way(sv_str_of(indexed), schema, &arena, &slow), SAVOR_OK);
        assert_same(&quick, &slow.frame);
    }
    sv_arena_deinit(&arena);
    return is_taken;
}

static const char NAMES[] = "[\"a\", \"b\", \"c\"]";

static void test_taken(void **state)
{
    (void)state;
    assert_true(compare_ways(NAMES, "[[1, 2.5, -0.0]]", "[0]"));
    assert_true(compare_ways("[\"a\",\"b\",\"c\"]", "[[1,2.5,-0.0]]", "[0]"));
    assert_true(compare_ways("[\"a\",\"b\", \"c\" ]", "[[1,2.5,-0.0]]", "[0]"));
    assert_true(compare_ways(NAMES, "[[1, true, null], [2.5, false, NaN]]", "[0, 1]"));
    assert_true(compare_ways(NAMES, "[[null, null, null], [null, 1, Infinity]]", "[0, 1]"));
    assert_true(compare_ways(NAMES, "[[9007199254740993, -9223372036854775808, 1e400], [1, 0, -0]]", "[0, 1]"));
    assert_true(compare_ways(NAMES, "[[true, 1, 1.5], [null, true, true], [1, 0.5, null]]", "[0, 1, 2]"));
}

static void test_left_alone(void **state)
{
    (void)state;
    static const struct {
        const char *columns, *data;
    } ROWS[] = {
        {NAMES, "[]"},
        {NAMES, "[[1, 2]]"},
        {NAMES, "[[1, 2, 3], [4]]"},
        {NAMES, "[[1, 2, 3, 4]]"},
        {NAMES, "[[1, 2, \"3\"]]"},
        {NAMES, "[[1, 2, [3]]]"},
        {NAMES, "[[1, 2, {}]]"},
        {NAMES, "[[1, 2, 18446744073709551615]]"},
        {NAMES, "[1, 2, 3]"},
        {NAMES, "[{\"a\": 1, \"b\": 2, \"c\": 3}]"},
        {NAMES, "{\"a\": [1]}"},
        {"[\"b\", \"a\", \"c\"]", "[[1, 2, 3]]"},
        {"[\"a\", \"b\"]", "[[1, 2]]"},
        {"[\"a\", \"b\", 0]", "[[1, 2, 3]]"},
        {"[[\"a\"], \"b\", \"c\"]", "[[1, 2, 3]]"},
        {"null", "[[1, 2, 3]]"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++)
        assert_false(compare_ways(ROWS[i].columns, ROWS[i].data, "[0]"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_taken),
        cmocka_unit_test(test_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
