/* yaml_emit_test.c: layout. Expected texts: yaml.safe_dump(yaml.safe_load(TEXT), default_flow_style=False), PyYAML 6.
 */
#include "text/yaml.h"

#include "unit/test.h"

static savor_status rewrite(sv_str text, sv_buf *out)
{
    sv_arena arena;
    const sv_node *node;
    savor_error err;
    sv_arena_init(&arena, 1 << 24);
    savor_status st = sv_yaml_parse(text, &SV_YAML_LIMITS, &arena, &node, &err);
    if (!st)
        st = sv_yaml_write(node, out, &err);
    sv_arena_deinit(&arena);
    return st;
}

static void test_layout(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
    } ROWS[] = {
        {"a: 1\nB: 2\n_c: 3\n", "B: 2\n_c: 3\na: 1\n"},
        {"x: {}\ny: []\nz: [[], [1, [2]]]\n", "x: {}\ny: []\nz:\n- []\n- - 1\n  - - 2\n"},
        {"a: &x [1, {b: 2}]\nc: *x\n", "a: &id001\n- 1\n- b: 2\nc: *id001\n"},
        {"&d 2020-01-01: *d\n", "&id001 2020-01-01: *id001\n"},
        {"a: !!set {y, x}\n", "a: !!set\n  x: null\n  y: null\n"},
        {"a: !!binary aGVsbG8=\n", "a: !!binary |\n  aGVsbG8=\n"},
        {"a: !!binary ''\n", "a: !!binary \"\"\n"},
        {"- 1.0e+20\n- 1.0e-07\n- .nan\n- -.inf\n- 0x1F\n- 123456789012345678901234567890\n",
         "- 1.0e+20\n- 1.0e-07\n- .nan\n- -.inf\n- 31\n- 123456789012345678901234567890\n"},
        {"{1: a, x: b}\n", "1: a\nx: b\n"},
        {"'': 1\n", "? ''\n: 1\n"},
        {"? "
         "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"
         "kkkkkkkkkkkkkkk\n: 1\n",
         "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"
         "kkkkkkkkkkkkkkk: 1\n"},
        {"? "
         "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"
         "kkkkkkkkkkkkkkkk\n: 1\n",
         "? "
         "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"
         "kkkkkkkkkkkkkkkk\n: 1\n"},
        {"plain", "plain\n...\n"},
        {"'yes'", "'yes'\n"},
        {"a: word word word word word word word word word word word word word word word word word word word word "
         "word word word word word word word word word word\n",
         "a: word word word word word word word word word word word word word word word word\n  word word word word "
         "word word word word word word word word word word\n"},
        {"a: "
         "\"\\xE9\\xE9\\xE9\\xE9\\xE9\\xE9\\xE9\\xE9\\xE9\\xE9\\xE9\\xE9\\xE9\\xE9\\xE9\\xE9\\xE9\\xE9\\xE9\\xE9\\xE9"
         "\\xE9\\xE9\\xE9\\xE9\\xE9\\xE9\\xE9\\xE9\\xE9\\xE9\\xE9\\xE9\\xE9\\xE9\\xE9\\xE9\\xE9\\xE9\\xE9\"\n",
         "a: "
         "\"\\xE9\\xE9\\xE9\\xE9\\xE9\\xE9\\xE9\\xE9\\xE9\\xE9\\xE9\\xE9\\xE9\\xE9\\xE9\\xE9\\xE9\\xE9\\xE9\\xE9\\\n "
         " \\xE9\\xE9\\xE9\\xE9\\xE9\\xE9\\xE9\\xE9\\xE9\\xE9\\xE9\\xE9\\xE9\\xE9\\xE9\\xE9\\xE9\\xE9\\xE9\\xE9\"\n"},
        {"a: \"\\xE9 \\xE9 \\xE9 \\xE9 \\xE9 \\xE9 \\xE9 \\xE9 \\xE9 \\xE9 \\xE9 \\xE9 \\xE9 \\xE9 \\xE9 \\xE9 \\xE9 "
         "\\xE9 \\xE9 \\xE9 \\xE9 \\xE9 \\xE9 \\xE9 \\xE9 \\xE9 \\xE9 \\xE9 \\xE9 \\xE9 \\xE9 \\xE9 \\xE9 \\xE9 "
         "\\xE9 \\xE9 \\xE9 \\xE9 \\xE9 \\xE9 x\"\n",
         "a: \"\\xE9 \\xE9 \\xE9 \\xE9 \\xE9 \\xE9 \\xE9 \\xE9 \\xE9 \\xE9 \\xE9 \\xE9 \\xE9 \\xE9 \\xE9 \\xE9\\\n  "
         "\\ \\xE9 \\xE9 \\xE9 \\xE9 \\xE9 \\xE9 \\xE9 \\xE9 \\xE9 \\xE9 \\xE9 \\xE9 \\xE9 \\xE9 \\xE9 \\xE9\\\n  \\ "
         "\\xE9 \\xE9 \\xE9 \\xE9 \\xE9 \\xE9 \\xE9 \\xE9 x\"\n"},
        {"a: 'l1\n\n  l2'\n", "a: 'l1\n\n  l2'\n"},
        {"a: ' x'\n", "a: ' x'\n"},
        {"a: \"t\\tx\"\n", "a: \"t\\tx\"\n"},
        {"m: &m {p: [1]}\nn: {<<: *m}\n", "m:\n  p: &id001\n  - 1\nn:\n  p: *id001\n"},
        {"- 2018-05-25T17:28:53.35\n- 2020-01-01 10:20:30 -5\n- 2020-01-01t00:00:00Z\n",
         "- 2018-05-25 17:28:53.350000\n- 2020-01-01 10:20:30-05:00\n- 2020-01-01 00:00:00+00:00\n"},
        {"a: 'it''s it''s it''s it''s it''s it''s it''s it''s it''s it''s it''s it''s it''s it''s it''s it''s it''s "
         "it''s it''s it''s '\n",
         "a: 'it''s it''s it''s it''s it''s it''s it''s it''s it''s it''s it''s it''s it''s\n  it''s it''s it''s "
         "it''s it''s it''s it''s '\n"},
        {"true: 1\n0: 2\n0.5: 3\n", "0: 2\n0.5: 3\ntrue: 1\n"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        sv_buf out = SV_BUF_INIT(1 << 20);
        assert_int_equal(rewrite(sv_str_of(ROWS[i].in), &out), SAVOR_OK);
        assert_string_equal(sv_buf_view(&out).p, ROWS[i].out);
        sv_buf_deinit(&out);
    }
}

/* A tree made in memory: deeper than reading allows, and keys that Python could not hash. */
static void test_refusals(void **state)
{
    (void)state;
    enum { DEPTH = 70 };
    sv_node nodes[DEPTH] = {{.kind = SV_NODE_SEQUENCE}};
    const sv_node *items[DEPTH];
    for (size_t i = 1; i < DEPTH; i++) {
        items[i] = &nodes[i - 1];
        nodes[i] = (sv_node){.kind = SV_NODE_SEQUENCE, .n = 1, .items = &items[i]};
    }
    savor_error err;
    sv_buf out = SV_BUF_INIT(1 << 20);
    assert_int_equal(sv_yaml_write(&nodes[DEPTH - 1], &out, &err), SAVOR_LIMIT);
    assert_int_equal(sv_yaml_write(&nodes[60], &out, &err), SAVOR_OK);
    sv_pair pair = {&nodes[0], &nodes[0]};
    sv_node map = {.kind = SV_NODE_MAPPING, .n = 1, .pairs = &pair};
    assert_int_equal(sv_yaml_write(&map, &out, &err), SAVOR_UNSUPPORTED);
    sv_buf_deinit(&out);
    sv_buf full = SV_BUF_INIT(8);
    assert_int_equal(sv_yaml_write(&nodes[60], &full, &err), SAVOR_LIMIT);
    sv_buf_deinit(&full);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_layout),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
