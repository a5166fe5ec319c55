/* heading_test.c: a parser that knows the heading makes the nodes, and the verdicts, of one that does not. */
#include "request/heading.h"

#include "base/alloc.h"
#include "unit/test.h"

#include <stdio.h>
#include <stdlib.h>

#define DOUBLE(name) "{\"type\": \"double\", \"name\": " name "}"

static const char SCHEMA[] = "[" DOUBLE("\"a\"") ", " DOUBLE("\"f[0], x\"") ", " DOUBLE("\"\"") ", " DOUBLE(
    "\"the last name is a long one\"") "]";

#define WIDE "\"a\", \"f[0], x\", \"\", \"the last name is a long one\"]"
#define NARROW "\"a\",\"f[0], x\",\"\",\"the last name is a long one\"]"

static const sv_heading *make_heading(const char *text, sv_arena *arena)
{
    const sv_schema *schema;
    const sv_heading *heading;
    savor_error err;
    if (sv_schema_read(sv_str_of(text), arena, &schema, &err))
        fail_msg("%s: %s", text, err.message);
    assert_int_equal(sv_heading_new(schema, arena, &heading, NULL), SAVOR_OK);
    return heading;
}

static bool is_same_node(const sv_json *a, const sv_json *b)
{
    if (a->kind != b->kind || a->n != b->n)
        return false;
    if (a->kind == SV_JSON_STRING)
        return sv_str_equal(sv_json_text(a), sv_json_text(b));
    return memcmp(&a->u, &b->u, sizeof a->u) == 0;
}

/* Both parsers on a copy of the text that ends where its memory ends. True when both took it. */
static bool compare_parsers(sv_str text, const sv_heading *heading)
{
    sv_arena arena;
    const sv_json *plain, *known;
    sv_json_fault fault_plain = {0}, fault_known = {0};
    sv_json_limits limits = SV_JSON_LIMITS;
    limits.heading = &heading->json;
    sv_arena_init(&arena, 1 << 20);
    char *copy = malloc(text.n + !text.n);
    assert_non_null(copy);
    memcpy(copy, text.p, text.n);
    text.p = copy;
    savor_status st = sv_json_parse(text, &SV_JSON_LIMITS, &arena, &plain, &fault_plain, NULL);
    assert_int_equal(sv_json_parse(text, &limits, &arena, &known, &fault_known, NULL), st);
    assert_int_equal(fault_plain.offset, fault_known.offset);
    size_t n = st ? 0 : (size_t)(sv_json_next(plain) - plain);
    if (!st)
        assert_int_equal(sv_json_next(known) - known, n);
    for (size_t i = 0; i < n; i++)
        assert_true(is_same_node(&plain[i], &known[i]));
    sv_arena_deinit(&arena);
    free(copy);
    return !st;
}

static const char *const BODIES[] = {
    "[" WIDE,
    "[" NARROW,
    "[ " WIDE,
    "{\"columns\": [" WIDE ", \"data\": [[1, 2, 3, 4], [" WIDE "]}",
    "{\"columns\":[" NARROW ",\"data\":[[1.5,null,\"x\",-0]],\"columns\":[" NARROW "}",
    "[\"a\", \"f[0], x\",\"\", \"the last name is a long one\"]",
    "[\"a\", \"f[0], x\", \"\", \"the last name is a long one\" ]",
    "[\"a\", \"f[0], x\", \"\", \"the last name is a long one\", \"more\"]",
    "[\"a\", \"f[0], x\", \"\"]",
    "[\"a\", \"f[0], X\", \"\", \"the last name is a long one\"]",
    "[\"\\u0061\", \"f[0], x\", \"\", \"the last name is a long one\"]",
    "[[[[" WIDE ", [" NARROW "], [" WIDE "]]",
};

/* Whole, and cut at every byte. */
static void test_same_nodes(void **state)
{
    (void)state;
    sv_arena arena;
    sv_arena_init(&arena, 1 << 20);
    const sv_heading *heading = make_heading(SCHEMA, &arena);
    assert_non_null(heading);
    assert_true(sv_str_is(heading->json.texts[0], WIDE));
    assert_true(sv_str_is(heading->json.texts[1], NARROW));
    for (size_t i = 0; i < sizeof BODIES / sizeof BODIES[0]; i++) {
        sv_str body = sv_str_of(BODIES[i]);
        assert_true(compare_parsers(body, heading));
        for (size_t n = 0; n < body.n; n++)
            (void)compare_parsers((sv_str){body.p, n}, heading);
    }
    sv_arena_deinit(&arena);
}

/* The nodes are the heading's own exactly where the list is the heading. */
static void test_recognised(void **state)
{
    (void)state;
    sv_arena arena;
    const sv_json *v;
    sv_json_limits limits = SV_JSON_LIMITS;
    sv_arena_init(&arena, 1 << 20);
    const sv_heading *heading = make_heading(SCHEMA, &arena);
    limits.heading = &heading->json;
    for (size_t i = 0; i < sizeof BODIES / sizeof BODIES[0]; i++) {
        if (BODIES[i][0] != '[' || BODIES[i][1] == '[')
            continue;
        assert_int_equal(sv_json_parse(sv_str_of(BODIES[i]), &limits, &arena, &v, NULL, NULL), SAVOR_OK);
        assert_int_equal(v[1].u.p == heading->json.nodes[0].u.p, i < 2);
    }
    assert_int_equal(heading->columns[3].dtype, SAVOR_FLOAT64);
    assert_true(sv_str_is(heading->columns[3].name.text, "the last name is a long one"));
    sv_arena_deinit(&arena);
}

static void test_other_schemas(void **state)
{
    (void)state;
    static const char *const SCHEMAS[] = {
        "[{\"type\": \"double\"}]",
        "[{\"type\": \"long\", \"name\": \"a\"}]",
        "[" DOUBLE("\"a\"") ", {\"type\": \"float\", \"name\": \"b\"}]",
        "[" DOUBLE("\"quote \\\"\"") "]",
        "[" DOUBLE("\"slash \\\\\"") "]",
        "[" DOUBLE("\"line \\n\"") "]",
        "[" DOUBLE("\"\\u00e9\"") "]",
        "[" DOUBLE("7") "]",
        "[{\"type\": \"tensor\", \"tensor-spec\": {\"dtype\": \"float64\", \"shape\": [-1, 2]}}]",
    };
    const sv_heading *heading;
    sv_arena arena;
    sv_arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < sizeof SCHEMAS / sizeof SCHEMAS[0]; i++)
        assert_null(make_heading(SCHEMAS[i], &arena));
    assert_int_equal(sv_heading_new(NULL, &arena, &heading, NULL), SAVOR_OK);
    assert_null(heading);
    sv_arena_deinit(&arena);
}

static void test_memory(void **state)
{
    (void)state;
    sv_arena arena, small;
    const sv_schema *schema;
    const sv_heading *heading;
    savor_status st = SAVOR_NOMEM;
    sv_arena_init(&arena, 1 << 20);
    assert_int_equal(sv_schema_read(sv_str_of(SCHEMA), &arena, &schema, NULL), SAVOR_OK);
    size_t max_bytes = 0;
    for (; st; max_bytes += 8) {
        sv_arena_init(&small, max_bytes);
        st = sv_heading_new(schema, &small, &heading, NULL);
        assert_true((st == SAVOR_OK) == (heading != NULL));
        sv_arena_deinit(&small);
    }
    assert_true(max_bytes > 100);
    sv_arena_init(&small, 1 << 20);
    sv_alloc_fail_after(0);
    st = sv_heading_new(schema, &small, &heading, NULL);
    sv_alloc_fail_after(-1);
    assert_int_equal(st, SAVOR_NOMEM);
    assert_null(heading);
    sv_arena_deinit(&small);
    sv_arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_nodes),
        cmocka_unit_test(test_recognised),
        cmocka_unit_test(test_other_schemas),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
