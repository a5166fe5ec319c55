/*
 * json_run_test.c: the short way through an array gives what the long way gives, node by node and bit by bit: a value
 * that stands first is always parsed the long way. Limits of what the short way takes are the rows of a table.
 */
#include "text/json_run_priv.h"

#include "unit/test.h"

#include <stdio.h>

#define PAD "                                        " /* so that the end of the text is far enough to read ahead */

#ifdef __SIZEOF_INT128__
#define HAS_LONG true
#else
#define HAS_LONG false
#endif

typedef struct row {
    const char *value;
    bool is_short;
} row;

static const row ROWS[] = {
    {"0", true},
    {"-0", true},
    {"7", true},
    {"-7", true},
    {"10", true},
    {"1234567", true},
    {"-1234567", true},
    {"12345678", false},
    {"01", false},
    {"-", false},
    {"+1", false},
    {"1.5", true},
    {"-1.5", true},
    {"0.0", true},
    {"-0.0", true},
    {"-0.0000000", true},
    {"0.1", true},
    {"00.1", false},
    {"9.9999999", true},
    {"9.99999999", HAS_LONG},
    {"0.00000000", HAS_LONG},
    {"-0.000000000000", HAS_LONG},
    {"0.1234567890123456789", HAS_LONG},
    {"0.12345678901234567890", false},
    {"-9.999999999999999999", HAS_LONG},
    {"1.0000000000000000000", false},
    {"1234567.123456789012", HAS_LONG},
    {"1234567.1234567890123", false},
    {"9007199.254740993", HAS_LONG}, /* 2^53 + 1, thousandths of millionths: halfway but for the power of ten */
    {"4503599.627370496500", HAS_LONG},
    {"0.9999999999999999444", HAS_LONG}, /* on both sides of the middle between 1 and the double below */
    {"0.9999999999999999445", HAS_LONG},
    {"0.0000000000000000001", HAS_LONG},
    {"1.12345678e5", false},
    {"1.1234567890123456E-7", false},
    {"1.123456789012345678901234567890", false},
    {"1234567.1234567", true},
    {"-9999999.9999999", true},
    {"12345678.5", false},
    {"1.", false},
    {".5", false},
    {"1.e5", false},
    {"1e5", false},
    {"1E5", false},
    {"1.5e3", false},
    {"1.5E-3", false},
    {"123456789012345678901234567890", false},
    {"\"\"", true},
    {"\"a\"", true},
    {"\"f00\"", true},
    {"\"seven77\"", true},
    {"\"eight888\"", true},
    {"\"nine99999\"", true},
    {"\"a name of more than two words, with '[]{}:' in it\"", true},
    {"\"h\xc3\xa9\xf0\x9f\x98\x80\x7f\xff\"", true},
    {"\"\\n\"", false},
    {"\"seven77\\\"\"", false},
    {"\"tab\there\"", false},
    {"\"\x1f\"", false},
    {"\"open", false},
    {"null", false},
    {"true", false},
    {"NaN", false},
    {"-Infinity", false},
    {"[1]", false},
    {"{}", false},
    {"", false},
    {" 1", false}, /* one blank is taken before, not two */
};

static void test_limits(void **state)
{
    (void)state;
    static const char *const FORMS[] = {",%s]" PAD, ", %s]" PAD, ", %s , 1]" PAD};
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++)
        for (size_t k = 0; k < 3; k++) {
            char text[200];
            sv_json node;
            int n = snprintf(text, sizeof text, FORMS[k], ROWS[i].value);
            const char *p = text;
            bool is_short = ROWS[i].is_short || (k == 0 && i + 1 == sizeof ROWS / sizeof ROWS[0]);
            if (sv_json_parse_run(&p, text + n, &node) != is_short)
                fail_msg("%s: expected %d", text, is_short);
            size_t n_used = is_short ? (size_t)(k > 0) + 1 + strlen(ROWS[i].value) : 0;
            assert_int_equal(p - text, n_used);
        }
}

/* The whole parser, with the value first (the long way) and behind another one. */
static void test_same_nodes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        sv_arena arena;
        char first[200], second[200];
        const sv_json *a, *b;
        sv_json_fault fault_a, fault_b;
        sv_arena_init(&arena, 1 << 20);
        snprintf(first, sizeof first, "[   %s, \"x\"]" PAD, ROWS[i].value);
        snprintf(second, sizeof second, "[1, %s, \"x\"]" PAD, ROWS[i].value);
        savor_status st = sv_json_parse(sv_str_of(first), &SV_JSON_LIMITS, &arena, &a, &fault_a, NULL);
        assert_int_equal(sv_json_parse(sv_str_of(second), &SV_JSON_LIMITS, &arena, &b, &fault_b, NULL), st);
        if (st) {
            assert_int_equal(fault_a.offset, fault_b.offset);
            assert_string_equal(fault_a.message, fault_b.message);
        } else {
            assert_int_equal(a->n + 1, b->n);
            assert_int_equal(a[1].kind, b[2].kind);
            assert_int_equal(a[1].is_minus0, b[2].is_minus0);
            assert_int_equal(a[1].n, b[2].n);
            if (a[1].kind == SV_JSON_STRING)
                assert_true(sv_str_equal(sv_json_text(&a[1]), sv_json_text(&b[2])));
            else if (a[1].kind < SV_JSON_STRING && a[1].kind != SV_JSON_BIGINT)
                assert_memory_equal(&a[1].u, &b[2].u, sizeof a[1].u);
        }
        sv_arena_deinit(&arena);
    }
}

static uint64_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return *state >> 33;
}

/* Numbers of every form at every distance from the end; each alone in an array is parsed the long way. */
static void test_random_rows(void **state)
{
    (void)state;
    uint64_t random = 1;
    for (int round = 0; round < 20000; round++) {
        char text[900] = "[0", one[80];
        const sv_json *all, *alone;
        sv_arena arena;
        size_t n = 2, at[20], sizes[20], n_values = 1 + next_random(&random) % 20;
        sv_arena_init(&arena, 1 << 20);
        for (size_t i = 0; i < n_values; i++) {
            n += (size_t)snprintf(text + n, sizeof text - n, next_random(&random) % 4 ? ", " : ",");
            at[i] = n;
            unsigned whole = (unsigned)(next_random(&random) % 100000000u >> next_random(&random) % 27);
            n += (size_t)snprintf(text + n, sizeof text - n, "%s%u", next_random(&random) % 2 ? "-" : "", whole);
            int decimals = (int)(next_random(&random) % 10), more = (int)(next_random(&random) % 24) - 12;
            unsigned fraction = (unsigned)(next_random(&random) % 1000000000u);
            unsigned rest = (unsigned)(next_random(&random) % 1000000000u);
            if (decimals)
                n += (size_t)snprintf(text + n, sizeof text - n, ".%.*u", decimals, fraction);
            if (decimals && more > 0)
                n += (size_t)snprintf(text + n, sizeof text - n, "%.*u", more, rest);
            sizes[i] = n - at[i];
        }
        snprintf(text + n, sizeof text - n, "]");
        assert_int_equal(sv_json_parse(sv_str_of(text), &SV_JSON_LIMITS, &arena, &all, NULL, NULL), SAVOR_OK);
        assert_int_equal(all->n, n_values + 1);
        for (size_t i = 0; i < n_values; i++) {
            snprintf(one, sizeof one, "[%.*s]", (int)sizes[i], text + at[i]);
            assert_int_equal(sv_json_parse(sv_str_of(one), &SV_JSON_LIMITS, &arena, &alone, NULL, NULL), SAVOR_OK);
            assert_int_equal(all[2 + i].kind, alone[1].kind);
            assert_int_equal(all[2 + i].is_minus0, alone[1].is_minus0);
            assert_memory_equal(&all[2 + i].u, &alone[1].u, sizeof alone[1].u);
        }
        sv_arena_deinit(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_same_nodes),
        cmocka_unit_test(test_random_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
