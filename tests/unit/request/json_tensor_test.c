/* json_tensor_test.c: numpy.array of JSON values. Expected values come from numpy 2.4 and, for era 1, 1.23. */
#include "request/json_tensor.h"

#include "unit/test.h"

#include <stdio.h>

/* "dtype (shape)", or the refusal. */
static const char *show(const char *body, const sv_json_tensor_rules *rules, sv_arena *arena, sv_tensor *out)
{
    static char text[200];
    const sv_json *v;
    savor_error err = {.status = SAVOR_OK};
    sv_arena_init(arena, 1 << 20);
    assert_int_equal(sv_json_parse(sv_str_of(body), &SV_JSON_LIMITS, arena, &v, NULL, &err), SAVOR_OK);
    savor_status st = sv_json_to_tensor(v, rules, arena, out, &err);
    if (st) {
        assert_int_equal(st, SAVOR_BAD_REQUEST);
        assert_int_not_equal(err.message[0], 0);
        return "refused";
    }
    size_t n = (size_t)snprintf(text, sizeof text, "%s (", savor_dtype_name(out->dtype));
    for (uint32_t i = 0; i < out->n_dims; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, i ? ",%zu" : "%zu", out->shape[i]);
    snprintf(text + n, sizeof text - n, ")");
    return text;
}

typedef struct row {
    const char *body, *shown;
} row;

static void check(const row *rows, size_t n, const sv_json_tensor_rules *rules)
{
    for (size_t i = 0; i < n; i++) {
        sv_arena arena;
        sv_tensor t;
        assert_string_equal(show(rows[i].body, rules, &arena, &t), rows[i].shown);
        sv_arena_deinit(&arena);
    }
}

static void test_inferred(void **state)
{
    (void)state;
    static const row ROWS[] = {
        {"[1, 2]", "int64 (2)"},
        {"[1, true]", "int64 (2)"},
        {"[true]", "bool (1)"},
        {"[[1, 2.5], [3, 4]]", "float64 (2,2)"},
        {"[\"a\", 1]", "str (2)"},
        {"[1, null]", "object (2)"},
        {"[[], []]", "float64 (2,0)"},
        {"[]", "float64 (0)"},
        {"5", "int64 ()"},
        {"[9223372036854775808]", "uint64 (1)"},
        {"[9223372036854775808, 1]", "float64 (2)"},
        {"[18446744073709551616]", "object (1)"},
        {"[{\"a\": 1}]", "object (1)"},
        {"[[1], [2, 3]]", "refused"},
        {"[1, [2]]", "refused"},
        {"[[1], 2]", "refused"},
        {"[[[1]], [[2, 3]]]", "refused"},
    };
    static const sv_json_tensor_rules ANY = {.dtype = NULL}, ERA_1 = {.ragged_makes_objects = true};
    static const row RAGGED[] = {{"[[1], [2, 3]]", "object (2)"},
                                 {"[[1, 2], [3, 4]]", "int64 (2,2)"},
                                 {"[[[]], [[1, 2]], [[3]]]", "object (3,1)"},
                                 {"[[[1]], [[2]], [3]]", "object (3,1)"},
                                 {"[[[1]], [[2]], 3]", "object (3)"},
                                 {"[[[1], [2]], [[3], [4, 5]]]", "object (2,2)"},
                                 {"[[[1, [2]]], [[3, 4]]]", "object (2,1,2)"},
                                 {"[[], [1]]", "object (2)"}};
    check(ROWS, sizeof ROWS / sizeof ROWS[0], &ANY);
    check(RAGGED, sizeof RAGGED / sizeof RAGGED[0], &ERA_1);
}

/* dtype.itemsize / 4 where it is more than the longest text. */
static void test_text_chars(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        size_t chars;
    } ROWS[] = {
        {"[\"a\"]", 0},
        {"[1, \"a\"]", 21},
        {"[\"a\", -1]", 21},
        {"[true, \"a\"]", 5},
        {"[true, 1, \"a\"]", 21},
        {"[1.5, \"a\"]", 32},
        {"[[1, \"a\"], [\"b\", 2.5]]", 32},
        {"[\"a\", 9223372036854775808]", 20},
        {"[\"a\", 1, 9223372036854775808]", 21},
        {"[1, \"a\", 9223372036854775808]", 21},
        {"[1, 9223372036854775808, \"a\"]", 32},
        {"[1, 2]", 0},
    };
    const sv_json_tensor_rules rules = {.dtype = NULL};
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        sv_arena arena;
        sv_tensor t;
        assert_string_not_equal(show(ROWS[i].body, &rules, &arena, &t), "refused");
        assert_int_equal(t.text_chars, ROWS[i].chars);
        sv_arena_deinit(&arena);
    }
}

static void test_typed(void **state)
{
    (void)state;
    static const savor_dtype UINT8 = SAVOR_UINT8, DOUBLE = SAVOR_FLOAT64, TIME = SAVOR_DATETIME_NS,
                             BYTES = SAVOR_BYTES;
    static const row SMALL[] = {{"[0, 255]", "uint8 (2)"}, {"[\"7\", 2.9]", "uint8 (2)"}, {"[256]", "refused"},
                                {"[-1]", "refused"},       {"[\"1_000\"]", "refused"},    {"[1e10]", "refused"},
                                {"[null]", "refused"},     {"[NaN]", "refused"},          {"[\"2.5\"]", "refused"}};
    static const row WRAPPED[] = {{"[256, -1]", "uint8 (2)"}, {"[null]", "refused"}};
    static const row DOUBLES[] = {
        {"[1, \"1e3\", null, true]", "float64 (4)"}, {"[\"x\"]", "refused"}, {"[{}]", "refused"}};
    static const row TIMES[] = {
        {"[\"2020\", null, 5, true]", "datetime64[ns] (4)"}, {"[1.5]", "refused"}, {"[\"01/02/2020\"]", "refused"}};
    static const row BYTE_TEXTS[] = {{"[\"a\", 7, null]", "bytes (3)"}, {"[\"\\u00e9\"]", "refused"}};
    sv_json_tensor_rules rules = {.dtype = &UINT8};
    check(SMALL, sizeof SMALL / sizeof SMALL[0], &rules);
    rules.wraps_integers = true;
    check(WRAPPED, 2, &rules);
    rules = (sv_json_tensor_rules){.dtype = &DOUBLE};
    check(DOUBLES, 3, &rules);
    rules.dtype = &TIME;
    check(TIMES, 3, &rules);
    rules.dtype = &BYTES;
    check(BYTE_TEXTS, 2, &rules);
}

/* 33 dimensions; and a shape that promises more than there is. */
static void test_limits(void **state)
{
    (void)state;
    static const sv_json_tensor_rules ANY = {.dtype = NULL};
    static const row ROWS[] = {
        {"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]", "refused"},
        {"[[[1,1,1,1,1,1,1,1],2,3,4,5,6,7,8],2,3,4,5,6,7,8]", "refused"},
    };
    check(ROWS, 2, &ANY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_inferred), cmocka_unit_test(test_text_chars),
                                       cmocka_unit_test(test_typed), cmocka_unit_test(test_limits)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
