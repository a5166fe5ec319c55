/* yaml_parse_test.c: values, sharing, places and limits (expected values: PyYAML 6 safe_load). */
#include "text/yaml.h"

#include "base/alloc.h"
#include "unit/test.h"

#include <stdio.h>
#include <string.h>

typedef struct fixture {
    sv_arena arena;
    const sv_node *node;
    savor_error err;
} fixture;

static savor_status parse(fixture *f, const char *text)
{
    memset(f, 0, sizeof *f);
    sv_arena_init(&f->arena, 1 << 26);
    return sv_yaml_parse(sv_str_of(text), &SV_YAML_LIMITS, &f->arena, &f->node, &f->err);
}

static void test_scalars(void **state)
{
    (void)state;
    fixture f;
    assert_int_equal(parse(&f, "[3.10, 0777, 12:30:45, 0b_101, -0x1F, 08, yes, ~, 1_0.5, 2020-1-1]"), SAVOR_OK);
    const sv_node *const *v = f.node->items;
    assert_int_equal(v[0]->kind, SV_NODE_FLOAT);
    assert_true(sv_str_is(sv_node_text(v[0]), "3.10"));
    assert_int_equal(v[1]->i, 511);
    assert_int_equal(v[2]->i, 45045);
    assert_int_equal(v[3]->i, 5);
    assert_int_equal(v[4]->i, -31);
    assert_int_equal(v[5]->kind, SV_NODE_STRING);
    assert_int_equal(v[6]->kind, SV_NODE_BOOL);
    assert_true(sv_node_is_null(v[7]));
    assert_true(v[8]->f == 10.5);
    assert_int_equal(v[9]->kind, SV_NODE_STRING);
    sv_arena_deinit(&f.arena);
}

static void test_big(void **state)
{
    (void)state;
    fixture f;
    assert_int_equal(parse(&f, "[0xffffffffffffffff, -9223372036854775808, 9999999999:0:59, !!int 0o17]"), SAVOR_OK);
    assert_true(f.node->items[0]->is_big);
    assert_true(sv_str_is(f.node->items[0]->text, "18446744073709551615"));
    assert_true(f.node->items[1]->i == INT64_MIN);
    assert_true(f.node->items[2]->i == INT64_C(35999999996459));
    assert_int_equal(f.node->items[3]->i, 15);
    sv_arena_deinit(&f.arena);
}

static void test_keys(void **state)
{
    (void)state;
    fixture f;
    assert_int_equal(parse(&f, "{1: a, b: 2, 1.0: c, true: d, b: 3, <<: {z: 9, b: 8}}"), SAVOR_OK);
    assert_int_equal(f.node->n, 3);
    assert_true(sv_str_is(f.node->pairs[0].key->text, "z"));
    assert_int_equal(sv_node_find(f.node, "b")->i, 3);
    assert_true(sv_str_is(f.node->pairs[2].value->text, "d"));
    assert_int_equal(f.node->pairs[2].key->kind, SV_NODE_INT);
    sv_arena_deinit(&f.arena);
}

/* Python compares integers of any size exactly, with one another and with floats. */
static void test_big_keys(void **state)
{
    (void)state;
    fixture f;
    assert_int_equal(parse(&f, "{9223372036854775808: a, 9223372036854775807: b, -9223372036854775809: c, "
                               "-9223372036854775808: d, 9223372036854775809: e, 9.223372036854775808e+18: f, "
                               "18446744073709551616: g, 1.8446744073709551616e+19: h, .inf: i}"),
                     SAVOR_OK);
    assert_int_equal(f.node->n, 7);
    assert_true(sv_str_is(f.node->pairs[0].value->text, "f"));
    assert_true(sv_str_is(f.node->pairs[5].value->text, "h"));
    sv_arena_deinit(&f.arena);
}

static void test_sharing(void **state)
{
    (void)state;
    fixture f;
    assert_int_equal(parse(&f, "a: &x [1]\nb: *x\n"), SAVOR_OK);
    assert_ptr_equal(sv_node_find(f.node, "a"), sv_node_find(f.node, "b"));
    assert_int_equal(f.node->pairs[1].key->line, 2);
    assert_int_equal(f.node->pairs[0].value->column, 4);
    sv_arena_deinit(&f.arena);
}

static void test_refusals(void **state)
{
    (void)state;
    static const struct {
        const char *text, *where;
    } ROWS[] = {
        {"a: 1\nb: [1\n", "line 3, column 1"},
        {"a: =\n", "line 1, column 4"},
        {"a: &x\n  b: *x\n", "line 2, column 6"},
        {"a: 2020-02-30\n", "line 1, column 4"},
        {"a: !!python/tuple [1]\n", "line 1, column 4"},
        {"a:\n  ? [b]\n  : 1\n", "line 2, column 5"},
        {"a: *b\n", "line 1, column 4"},
        {"a: 1\n---\nb: 2\n", "line 2, column 1"},
        {"a: !!int x\n", "line 1, column 4"},
        {"\xff", "byte 0"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        fixture f;
        assert_int_equal(parse(&f, ROWS[i].text), SAVOR_FORMAT);
        assert_null(f.node);
        assert_string_equal(f.err.where, ROWS[i].where);
        sv_arena_deinit(&f.arena);
    }
}

/* Nesting through aliases counts, and so does what they would be when written out. */
static void test_limits(void **state)
{
    (void)state;
    char text[4096] = "a0: &a0 [x, x]\n";
    size_t n = strlen(text);
    for (int i = 1; i < 40; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "a%d: &a%d [*a%d, *a%d]\n", i, i, i - 1, i - 1);
    fixture f;
    assert_int_equal(parse(&f, text), SAVOR_LIMIT);
    sv_arena_deinit(&f.arena);

    n = 0;
    for (int i = 0; i < 70; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, i ? "a%d: &a%d [*a%d]\n" : "a0: &a0 []\n", i, i, i - 1);
    assert_int_equal(parse(&f, text), SAVOR_LIMIT);
    sv_arena_deinit(&f.arena);

    memset(text, '[', 65);
    text[65] = '\0';
    assert_int_equal(parse(&f, text), SAVOR_LIMIT);
    sv_arena_deinit(&f.arena);
}

/* Each allocation of ours fails once; libyaml's own are out of reach. */
static void test_no_memory(void **state)
{
    (void)state;
    savor_status st = SAVOR_NOMEM;
    for (long i = 0; st == SAVOR_NOMEM && i < 1000; i++) {
        fixture f;
        sv_alloc_fail_after(i);
        st = parse(&f, "a: &x {b: [1, 2020-01-01, !!binary aGk=]}\nc: {<<: *x, d: 0xffffffffffffffffff}\n");
        sv_alloc_fail_after(-1);
        assert_true(st == SAVOR_OK || st == SAVOR_NOMEM);
        sv_arena_deinit(&f.arena);
    }
    assert_int_equal(st, SAVOR_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scalars),  cmocka_unit_test(test_big),       cmocka_unit_test(test_keys),
        cmocka_unit_test(test_big_keys), cmocka_unit_test(test_sharing),   cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_limits),   cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
