/* forest_check_test.c: a sound forest passes; each single wrong index is refused by name. */
#include "unit/engine/random_forest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* x0 < 1 ? (x1 < 2 ? leaf 0 : leaf 1) : leaf 2 */
typedef struct small {
    sv_forest forest;
    sv_tree tree;
    sv_tree_node nodes[2];
    double leaves[3];
    uint32_t sets[2];
} small;

static void small_init(small *s)
{
    *s = (small){0};
    s->tree = (sv_tree){.n_nodes = 2, .n_leaves = 3};
    s->nodes[0] = (sv_tree_node){.threshold = 1, .left = 1, .right = ~2, .feature = 0};
    s->nodes[1] = (sv_tree_node){.threshold = 2, .left = ~0, .right = ~1, .feature = 1};
    s->forest = (sv_forest){.n_features = 2,
                            .n_groups = 1,
                            .leaf_width = 1,
                            .n_trees = 1,
                            .n_nodes = 2,
                            .n_leaves = 3,
                            .trees = &s->tree,
                            .nodes = s->nodes,
                            .leaf_values = s->leaves,
                            .sets = s->sets,
                            .n_set_words = 2};
}

static void refused(const small *s, savor_status status, const char *part)
{
    savor_error err = {0};
    assert_int_equal(sv_forest_check(&s->forest, &err), status);
    if (!strstr(err.message, part))
        fail_msg("message was: %s", err.message);
}

static void test_sound(void **state)
{
    (void)state;
    small s;
    small_init(&s);
    assert_int_equal(sv_forest_check(&s.forest, NULL), SAVOR_OK);
}

static void test_children(void **state)
{
    (void)state;
    static const struct {
        int32_t left, right;
        const char *part;
    } cases[] = {
        {0, ~1, "tree 0, node 1: child node 0 was reached twice"},
        {1, ~1, "child node 1 was reached twice"},
        {2, ~1, "child node 2, expected less than 2"},
        {INT32_MAX, ~1, "expected less than 2"},
        {~3, ~1, "child leaf 3, expected less than 3"},
        {INT32_MIN, ~1, "expected less than 3"},
        {~2, ~1, "child leaf 2 was reached twice"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        small s;
        small_init(&s);
        s.nodes[1].left = cases[i].left;
        s.nodes[1].right = cases[i].right;
        refused(&s, SAVOR_FORMAT, cases[i].part);
    }
}

static void test_fields(void **state)
{
    (void)state;
    small s;
    small_init(&s);
    s.nodes[1].feature = 2;
    refused(&s, SAVOR_FORMAT, "tree 0, node 1: feature 2, expected less than 2");
    small_init(&s);
    s.nodes[0].threshold = 0.1;
    refused(&s, SAVOR_FORMAT, "is no float32");
    small_init(&s);
    s.nodes[0].missing = SV_MISSING_ZERO;
    refused(&s, SAVOR_FORMAT, "missing type 1");
    small_init(&s);
    s.nodes[0].flags = SV_SPLIT_CATEGORICAL;
    s.nodes[0].set_begin = 1;
    s.nodes[0].set_words = UINT32_MAX;
    refused(&s, SAVOR_FORMAT, "category set");
    small_init(&s);
    s.tree.group = 1;
    refused(&s, SAVOR_FORMAT, "output 1, expected less than 1");
    small_init(&s);
    s.tree.n_nodes = 3;
    refused(&s, SAVOR_FORMAT, "were not all there");
    small_init(&s);
    s.tree.first_leaf = SIZE_MAX;
    refused(&s, SAVOR_FORMAT, "were not all there");
    small_init(&s);
    s.forest.leaf_width = 2;
    refused(&s, SAVOR_FORMAT, "leaf width was 2");
    small_init(&s);
    s.forest.n_groups = 0;
    refused(&s, SAVOR_FORMAT, "0 outputs");
}

static void test_linear(void **state)
{
    (void)state;
    small s;
    small_init(&s);
    uint32_t features[1] = {5};
    double coefficients[1] = {1};
    sv_linear_leaf linear[3] = {{0, 0, 1}, {0, 0, 0}, {0, 1, 0}};
    s.forest.linear = linear;
    s.forest.terms_feature = features;
    s.forest.terms_coefficient = coefficients;
    s.forest.n_terms = 1;
    refused(&s, SAVOR_FORMAT, "linear leaves stood in");
    s.forest.compare = SV_COMPARE_F64_LE;
    refused(&s, SAVOR_FORMAT, "linear term 0: feature 5");
    features[0] = 1;
    assert_int_equal(sv_forest_check(&s.forest, NULL), SAVOR_OK);
    linear[2].n_terms = 1;
    refused(&s, SAVOR_FORMAT, "leaf 2: linear terms 1 + 1");
}

static void test_depth(void **state)
{
    (void)state;
    enum { N = 10001 };
    sv_arena arena;
    sv_arena_init(&arena, SIZE_MAX);
    sv_tree tree = {.n_nodes = N, .n_leaves = N + 1};
    sv_tree_node *nodes = sv_arena_array(&arena, N, sizeof *nodes);
    for (int32_t i = 0; i < N; i++)
        nodes[i] = (sv_tree_node){.left = ~i, .right = i + 1 < N ? i + 1 : ~N};
    sv_forest f = {.n_features = 1, .n_groups = 1, .leaf_width = 1, .n_trees = 1, .n_nodes = N, .n_leaves = N + 1};
    f.trees = &tree;
    f.nodes = nodes;
    f.leaf_values = sv_arena_array(&arena, N + 1, sizeof(double));
    assert_int_equal(sv_forest_check(&f, NULL), SAVOR_LIMIT);
    nodes[N - 2].right = ~N;
    assert_int_equal(sv_forest_check(&f, NULL), SAVOR_OK);
    sv_arena_deinit(&arena);
}

static void test_random(void **state)
{
    (void)state;
    rng r = {7};
    for (int i = 0; i < 50; i++) {
        sv_arena arena;
        sv_arena_init(&arena, SIZE_MAX);
        forest_shape s = {.compare = i % 2 ? SV_COMPARE_F64_LE : SV_COMPARE_F32_LT,
                          .n_features = 5,
                          .n_groups = 3,
                          .leaf_width = i % 3 ? 1 : 3,
                          .n_trees = 7,
                          .depth = 6,
                          .full = 85};
        sv_forest f = random_forest(&r, &s, &arena);
        savor_error err;
        if (sv_forest_check(&f, &err))
            fail_msg("%s", err.message);
        sv_arena_deinit(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sound),  cmocka_unit_test(test_children), cmocka_unit_test(test_fields),
        cmocka_unit_test(test_linear), cmocka_unit_test(test_depth),    cmocka_unit_test(test_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
