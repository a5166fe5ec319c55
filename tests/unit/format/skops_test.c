/* skops_test.c: files that skops 0.4, 0.8 and 0.16 wrote, and schemas made up here. The values are those of
 * tests/corpus/skops_files.py. */
#include "format/skops.h"

#include "base/alloc.h"
#include "fuzz/stored_zip.h"
#include "unit/format/seed.h"

#include <math.h>

#define ARENA_BYTES ((size_t)256 << 20)

static sv_arena arena;
static savor_error err;

static int set_up(void **state)
{
    (void)state;
    sv_arena_init(&arena, ARENA_BYTES);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    sv_arena_deinit(&arena);
    return 0;
}

static const sv_record *read_seed(const char *name)
{
    char path[64];
    const sv_record *root;
    snprintf(path, sizeof path, "skops/%s.skops", name);
    if (sv_skops_read(seed_read(path, &arena), NULL, &arena, &root, &err))
        fail_msg("%s: %s", name, err.message);
    return root;
}

static const sv_record *item(const sv_record *r, size_t i)
{
    size_t n;
    const sv_record *const *items = sv_record_items(r, &n);
    assert_true(i < n);
    return items[i];
}

static bool is_big(const sv_record *r, const char *bytes, size_t n)
{
    return r->kind == SV_RECORD_BIGINT && r->n == n && memcmp(r->u.p, bytes, n) == 0;
}

static void check_plain(const sv_record *root)
{
    const sv_record *r = sv_record_find(root, "ints");
    assert_true(r->kind == SV_RECORD_LIST && r->n == 7);
    assert_true(item(r, 0)->u.i == 0 && item(r, 1)->u.i == -1 && item(r, 2)->u.i == INT64_MAX);
    assert_true(item(r, 3)->kind == SV_RECORD_INT && item(r, 3)->u.i == INT64_MIN);
    assert_true(is_big(item(r, 4), "\0\0\0\0\0\0\0\x80\0", 9));
    assert_true(is_big(item(r, 5), "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x80", 16));
    assert_true(is_big(item(r, 6), "\0\0\0\x40\xea\xed\x74\x46\xd0\x9c\x2c\x9f\x0c", 13));
    r = sv_record_find(root, "floats");
    assert_true(item(r, 0)->kind == SV_RECORD_FLOAT && item(r, 0)->u.f == 0.1);
    assert_true(item(r, 1)->u.f == 0 && signbit(item(r, 1)->u.f) && isinf(item(r, 2)->u.f));
    assert_true(sv_record_is_text(sv_record_find(root, "text"), "\u00e9\"\n"));
    assert_int_equal(sv_record_find(root, "none")->kind, SV_RECORD_NONE);
    assert_true(sv_record_find(root, "yes")->kind == SV_RECORD_BOOL && sv_record_find(root, "yes")->u.i == 1);
    r = sv_record_find(root, "bytes");
    assert_true(r->kind == SV_RECORD_BYTES && r->n == 2 && memcmp(r->u.p, "\0\xff", 2) == 0);
}

static void check_containers(const sv_record *root)
{
    const sv_record *r = sv_record_find(root, "tuple");
    assert_true(r->kind == SV_RECORD_TUPLE && item(r, 1)->kind == SV_RECORD_TUPLE && item(item(r, 1), 0)->u.i == 2);
    r = sv_record_find(root, "set");
    assert_true(r->kind == SV_RECORD_SET && r->n == 1 && item(r, 0)->u.i == 5);
    assert_int_equal(sv_record_find(root, "frozen")->kind, SV_RECORD_SET); /* empty before skops 0.13 */
    r = sv_record_find(root, "keys");
    assert_true(r->kind == SV_RECORD_DICT && r->n == 4);
    assert_true(r->u.items[0]->kind == SV_RECORD_INT && r->u.items[0]->u.i == 1);
    assert_true(r->u.items[2]->kind == SV_RECORD_FLOAT && r->u.items[2]->u.f == 2.5);
    assert_true(sv_record_is_text(r->u.items[4], "c") && sv_record_is_text(r->u.items[7], "d"));
    assert_true(r->u.items[6]->kind == SV_RECORD_INT && r->u.items[6]->u.i == 4);
    r = sv_record_find(root, "ordered");
    assert_true(r->kind == SV_RECORD_DICT && sv_record_find(r, "z")->u.i == 1);
    r = sv_record_find(root, "default");
    assert_true(r->kind == SV_RECORD_DICT && item(sv_record_find(r, "q"), 0)->u.i == 2);
    r = sv_record_find(root, "scalars");
    assert_true(item(r, 0)->kind == SV_RECORD_FLOAT && item(r, 0)->u.f == 0.5);
    assert_true(item(r, 1)->kind == SV_RECORD_INT && item(r, 1)->u.i == -3);
    assert_true(is_big(item(r, 2), "\xff\xff\xff\xff\xff\xff\xff\xff\0", 9));
    assert_true(item(r, 3)->kind == SV_RECORD_BOOL && sv_record_is_text(item(r, 4), "s"));
}

static void check_arrays(const sv_record *root)
{
    const sv_array *a = sv_record_array(sv_record_find(root, "matrix"));
    assert_true(a->tensor.dtype == SAVOR_FLOAT64 && a->tensor.shape[0] == 2 && a->tensor.shape[1] == 3);
    assert_true(((const double *)a->tensor.data)[5] == 5.0);
    a = sv_record_array(sv_record_find(root, "fortran"));
    assert_int_equal(((const int64_t *)a->tensor.data)[1], 1);
    a = sv_record_array(sv_record_find(root, "big"));
    assert_int_equal(((const int32_t *)a->tensor.data)[1], 258);
    a = sv_record_array(sv_record_find(root, "texts"));
    assert_true(sv_str_is(((const sv_str *)a->tensor.data)[1], "\u65e5\u672c"));
    a = sv_record_array(sv_record_find(root, "objects"));
    assert_true(a->tensor.dtype == SAVOR_OBJECT && a->tensor.n_dims == 2 && a->tensor.n_items == 4);
    assert_true(sv_record_is_text(a->cells[0], "a") && a->cells[1]->u.i == 1 && a->cells[3]->u.f == 2.5);
    assert_int_equal(a->cells[2]->kind, SV_RECORD_NONE);
    a = sv_record_array(sv_record_find(root, "fields"));
    assert_true(a->n_fields == 3 && a->tensor.n_items == 2 && sv_array_find_field(a, "flag"));
}

static void check_objects(const sv_record *root)
{
    const sv_record *r = sv_record_find(root, "sparse");
    assert_true(sv_record_is(r, "scipy", "csr_matrix") && sv_record_find(r, "indptr"));
    r = sv_record_find(root, "masked");
    assert_true(sv_record_is(r, "numpy", "MaskedArray"));
    assert_int_equal(sv_record_array(item(r->u.object->args, 1))->tensor.dtype, SAVOR_BOOL);
    r = sv_record_find(root, "slice");
    assert_true(r->kind == SV_RECORD_CALL && sv_record_is(r, "builtins", "slice"));
    assert_true(item(r->u.object->args, 0)->u.i == 1 && item(r->u.object->args, 2)->u.i == 2);
    r = sv_record_find(root, "partial");
    assert_true(sv_record_is(r, "functools", "partial") && r->u.object->state->n == 4);
    assert_true(sv_str_is(item(r->u.object->args, 0)->u.global.name, "sum"));
    assert_int_equal(sv_record_find(item(r->u.object->state, 2), "axis")->u.i, 0);
    r = sv_record_find(root, "function");
    assert_true(r->kind == SV_RECORD_GLOBAL && sv_str_is(r->u.global.name, "log1p"));
    assert_true(sv_str_starts(r->u.global.module, SV_STR("numpy")));
    r = sv_record_find(root, "type");
    assert_true(sv_str_is(r->u.global.name, "int") && sv_str_is(r->u.global.module, "builtins"));
    r = sv_record_find(root, "dtype");
    assert_true(sv_record_is(r, "numpy", "dtype") && sv_record_is_text(item(r->u.object->args, 0), "U5"));
    r = sv_record_find(root, "random");
    assert_true(sv_record_is(r, "numpy", "RandomState"));
    assert_true(sv_record_is_text(sv_record_find(r, "bit_generator"), "MT19937"));
    r = sv_record_find(root, "shared");
    assert_ptr_equal(item(r, 0), item(r, 1));
}

static void test_values(void **state)
{
    (void)state;
    static const char *const names[] = {"0.4.0-values", "0.8.0-values", "0.16.0-values"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const sv_record *root = read_seed(names[i]);
        check_plain(root);
        check_containers(root);
        check_arrays(root);
        check_objects(root);
    }
    const sv_record *root = read_seed("0.16.0-values"), *r = sv_record_find(root, "getter");
    assert_true(sv_record_is(r, "operator", "itemgetter") && item(r->u.object->args, 0)->u.i == 3);
    r = sv_record_find(root, "delta");
    assert_true(sv_record_is(r, "datetime", "timedelta") && item(r->u.object->args, 1)->u.i == 2);
    assert_int_equal(item(sv_record_find(root, "frozen"), 0)->u.i, 6);
}

static void test_model(void **state)
{
    (void)state;
    static const char *const names[] = {"0.8.0-model", "0.16.0-model"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const sv_record *root = read_seed(names[i]), *steps = sv_record_find(root, "steps");
        assert_true(root->kind == SV_RECORD_OBJECT && sv_record_is(root, "sklearn", "Pipeline"));
        const sv_record *loss = sv_record_find(item(item(steps, 0), 1), "_loss_function_");
        const sv_record *tree = sv_record_find(item(item(steps, 1), 1), "tree_");
        int64_t n_nodes = 0;
        assert_true(!loss || (sv_record_is(loss, "sklearn", "Hinge") && loss->kind == SV_RECORD_CALL));
        assert_true(tree->kind == SV_RECORD_CALL && sv_record_is(tree, "sklearn", "Tree"));
        assert_int_equal(item(tree->u.object->args, 0)->u.i, 2);
        assert_true(sv_record_to_int(sv_record_find(tree, "node_count"), &n_nodes));
        const sv_array *nodes = sv_record_array(sv_record_find(tree, "nodes"));
        assert_true(nodes->tensor.n_items == (size_t)n_nodes && sv_array_find_field(nodes, "left_child"));
    }
}

static void test_types(void **state)
{
    (void)state;
    const sv_global *types;
    size_t n;
    sv_str bytes = seed_read("skops/0.16.0-model.skops", &arena);
    assert_int_equal(sv_skops_list_types(bytes, &arena, &types, &n, &err), SAVOR_OK);
    assert_true(n > 5 && sv_str_is(types[0].module, "sklearn.pipeline") && sv_str_is(types[0].name, "Pipeline"));
    size_t n_trees = 0, n_strings = 0;
    for (size_t i = 0; i < n; i++) {
        n_trees += sv_str_is(types[i].module, "sklearn.tree._tree") && sv_str_is(types[i].name, "Tree");
        n_strings += sv_str_is(types[i].name, "str"); /* the type of keys, once */
    }
    assert_true(n_trees == 1 && n_strings == 1);
}

/* ---- schemas made up ---- */

static savor_status read_schema(const char *schema, const sv_record **out)
{
    const char *names[] = {"a.npy", "schema.json"};
    sv_str contents[] = {STORED_ZIP_NPY, sv_str_of(schema)};
    sv_buf archive = SV_BUF_INIT((size_t)16 << 20);
    stored_zip_put(&archive, names, contents, 2);
    assert_int_equal(sv_buf_check(&archive, NULL), SAVOR_OK);
    savor_status st = sv_skops_read(sv_buf_view(&archive), NULL, &arena, out, &err);
    sv_buf_deinit(&archive);
    return st;
}

#define NODE(loader, module, name) \
    "\"__loader__\": \"" loader "\", \"__module__\": \"" module "\", \"__class__\": \"" name "\""
#define ROOT "\"protocol\": 2, "
#define ARRAY(name) "{" NODE("NdArrayNode", "numpy", name) ", \"type\": \"numpy\", \"file\": \"a.npy\"}"

static void test_sharing(void **state)
{
    (void)state;
    const sv_record *root;
    static const char schema[] =
        "{" ROOT NODE("ListNode", "builtins",
                      "list") ", \"__id__\": 5, \"content\": ["
                              "{" NODE("JsonNode", "builtins",
                                       "str") ", \"__id__\": 6, \"content\": \"1\"},"
                                              "{" NODE("CachedNode", "x",
                                                       "y") ", \"__id__\": 6},"
                                                            "{" NODE("CachedNode", "x",
                                                                     "y") ", \"__id__\": 5}," ARRAY("ndarray") "]}";
    assert_int_equal(read_schema(schema, &root), SAVOR_OK);
    assert_ptr_equal(item(root, 0), item(root, 1));
    assert_ptr_equal(item(root, 2), root); /* a cycle */
    assert_memory_equal(sv_record_array(item(root, 3))->tensor.data, "0123456789abcdef", 16);
}

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        const char *schema, *message;
        savor_status st;
    } cases[] = {
        {"[]", "no JSON object", SAVOR_FORMAT},
        {"{}", "protocol", SAVOR_FORMAT},
        {"{\"protocol\": true}", "protocol", SAVOR_FORMAT},
        {"{\"protocol\": 3, \"_skops_version\": \"9.9\"}", "skops protocol 3 (skops 9.9)", SAVOR_UNSUPPORTED},
        {"{\"protocol\": 2}", "__loader__", SAVOR_FORMAT},
        {"{" ROOT NODE("NewNode", "m", "C") "}", "skops loader \"NewNode\" of m.C", SAVOR_UNSUPPORTED},
        {"{" ROOT NODE("CachedNode", "m", "C") ", \"__id__\": 3}", "not seen before", SAVOR_FORMAT},
        {"{" ROOT NODE("JsonNode", "m", "C") ", \"content\": \"[1\"}", "Expecting", SAVOR_FORMAT},
        {"{" ROOT NODE("JsonNode", "m", "C") ", \"content\": 1}", "content", SAVOR_FORMAT},
        {"{" ROOT NODE("ListNode", "m", "C") ", \"content\": [1]}", "plain value", SAVOR_FORMAT},
        {"{" ROOT NODE("NdArrayNode", "numpy", "ndarray") ", \"type\": \"numpy\", \"file\": \"b\"}", "no member",
         SAVOR_FORMAT},
        {"{" ROOT NODE("NdArrayNode", "numpy", "ndarray") ", \"type\": \"other\"}", "type \"other\"",
         SAVOR_UNSUPPORTED},
        {"{" ROOT NODE("NdArrayNode", "numpy", "float64") ", \"type\": \"numpy\", \"file\": \"a.npy\"}", "one number",
         SAVOR_FORMAT},
        {"{" ROOT NODE("SparseMatrixNode", "scipy", "x") ", \"file\": \"a.npy\"}", "zip", SAVOR_FORMAT},
        {"{" ROOT NODE("DictNode", "builtins", "dict") ", \"content\": {\"a\": " ARRAY(
             "ndarray") "}, \"key_types\": "
                        "{" NODE("ListNode", "builtins", "list") ", \"content\": []}}",
         "1 keys had 0 key types", SAVOR_FORMAT},
        {"{" ROOT NODE("DictNode", "builtins", "dict") ", \"content\": {\"(1, 2)\": " ARRAY(
             "ndarray") "}, "
                        "\"key_types\": {" NODE("ListNode", "builtins", "list") ", \"content\": [{" NODE(
                            "TypeNode", "builtins", "tuple") "}]}}",
         "key \"(1, 2)\" of type builtins.tuple", SAVOR_UNSUPPORTED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const sv_record *root;
        savor_status st = read_schema(cases[i].schema, &root);
        if (st != cases[i].st || root || !strstr(err.message, cases[i].message))
            fail_msg("%s gave %d: %s", cases[i].schema, (int)st, err.message);
    }
}

/* As deep as Python's recursion allows, and deeper. */
static void test_depth(void **state)
{
    (void)state;
    static const char open[] = "{" NODE("ListNode", "builtins", "list") ", \"content\": [";
    const sv_record *root;
    for (size_t depth = 400; depth <= 2000; depth += 1600) {
        sv_buf text = SV_BUF_INIT((size_t)1 << 20);
        sv_buf_put_text(&text, "{" ROOT NODE("ListNode", "builtins", "list") ", \"content\": [");
        for (size_t i = 1; i < depth; i++)
            sv_buf_put_text(&text, open);
        for (size_t i = 0; i < depth; i++)
            sv_buf_put_text(&text, "]}");
        assert_int_equal(read_schema(text.p, &root), depth == 400 ? SAVOR_OK : SAVOR_LIMIT);
        sv_buf_deinit(&text);
    }
}

static void test_limits(void **state)
{
    (void)state;
    const sv_record *root;
    sv_str bytes = seed_read("skops/0.16.0-values.skops", &arena);
    sv_record_limits few = {.n_records = 50, .depth = 100}, flat = {.n_records = 10000, .depth = 2};
    assert_int_equal(sv_skops_read(bytes, &few, &arena, &root, &err), SAVOR_LIMIT);
    assert_int_equal(sv_skops_read(bytes, &flat, &arena, &root, &err), SAVOR_LIMIT);
    sv_arena small;
    sv_arena_init(&small, 20000);
    assert_int_equal(sv_skops_read(bytes, NULL, &small, &root, &err), SAVOR_LIMIT);
    sv_arena_deinit(&small);
}

static void test_memory(void **state)
{
    (void)state;
    static const char *const names[] = {"skops/0.16.0-values.skops", "skops/0.8.0-model.skops"};
    for (size_t i = 0; i < 2; i++) {
        sv_str bytes = seed_read(names[i], &arena);
        savor_status st = SAVOR_NOMEM;
        for (long n = 0; st; n += 1 + n / 8) {
            sv_arena mine;
            const sv_record *root;
            const sv_global *types;
            size_t n_types;
            sv_arena_init(&mine, ARENA_BYTES);
            sv_alloc_fail_after(n);
            if (!(st = sv_skops_read(bytes, NULL, &mine, &root, &err)))
                st = sv_skops_list_types(bytes, &mine, &types, &n_types, &err);
            sv_alloc_fail_after(-1);
            sv_arena_deinit(&mine);
            assert_true(st == SAVOR_OK || st == SAVOR_NOMEM);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),  cmocka_unit_test(test_model),   cmocka_unit_test(test_types),
        cmocka_unit_test(test_sharing), cmocka_unit_test(test_refused), cmocka_unit_test(test_depth),
        cmocka_unit_test(test_limits),  cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
