/* forest_walk_test.c: the rules of the plain walker, one by one, with values worked out by hand. */
#include "unit/engine/random_forest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* One split: left gives 1, right gives 2. */
typedef struct stump {
    sv_forest forest;
    sv_tree tree;
    sv_tree_node node;
    double leaves[2];
    uint32_t sets[1];
} stump;

static void stump_init(stump *s, sv_compare compare)
{
    *s = (stump){.tree = {.n_nodes = 1, .n_leaves = 2}, .leaves = {1, 2}};
    s->node = (sv_tree_node){.threshold = 0.5, .left = ~0, .right = ~1};
    s->forest = (sv_forest){.compare = compare, .n_features = 1, .n_groups = 1, .leaf_width = 1, .n_trees = 1};
    s->forest.n_nodes = 1;
    s->forest.n_leaves = 2;
    s->forest.trees = &s->tree;
    s->forest.nodes = &s->node;
    s->forest.leaf_values = s->leaves;
    s->forest.sets = s->sets;
    s->forest.n_set_words = 1;
}

static double walk(const stump *s, double x)
{
    float x32 = (float)x, sum32 = 0;
    double sum64 = 0;
    if (s->forest.compare == SV_COMPARE_F32_LT)
        sv_forest_walk(&s->forest, 0, 1, &x32, 1, &sum32);
    else
        sv_forest_walk(&s->forest, 0, 1, &x, 1, &sum64);
    return sum64 + (double)sum32;
}

static void test_compare(void **state)
{
    (void)state;
    stump s;
    stump_init(&s, SV_COMPARE_F32_LT);
    assert_true(walk(&s, 0.5) == 2 && walk(&s, nextafterf(0.5f, 0)) == 1 && walk(&s, NAN) == 2);
    assert_true(walk(&s, INFINITY) == 2 && walk(&s, -INFINITY) == 1);
    s.node.flags = SV_SPLIT_DEFAULT_LEFT;
    assert_true(walk(&s, NAN) == 1);
    stump_init(&s, SV_COMPARE_F64_LE);
    assert_true(walk(&s, 0.5) == 1 && walk(&s, nextafter(0.5, 1)) == 2);
}

static void test_missing(void **state)
{
    (void)state;
    stump s;
    stump_init(&s, SV_COMPARE_F64_LE);
    s.node.missing = SV_MISSING_ZERO;
    assert_true(walk(&s, 0) == 2 && walk(&s, -1e-36) == 2 && walk(&s, NAN) == 2 && walk(&s, 1e-34) == 1);
    s.node.missing = SV_MISSING_NONE;
    assert_true(walk(&s, 0) == 1 && walk(&s, NAN) == 1);
    s.node.threshold = -1;
    assert_true(walk(&s, NAN) == 2);
}

static void test_sets(void **state)
{
    (void)state;
    stump s;
    stump_init(&s, SV_COMPARE_F32_LT);
    s.node.flags = SV_SPLIT_CATEGORICAL | SV_SPLIT_DEFAULT_LEFT;
    s.node.set_words = 1;
    s.sets[0] = 1u << 0 | 1u << 3;
    assert_true(walk(&s, 0) == 2 && walk(&s, 3.9) == 2 && walk(&s, 1) == 1 && walk(&s, -0.0) == 2);
    assert_true(walk(&s, -0.5) == 1 && walk(&s, 32) == 1 && walk(&s, 16777216.0) == 1 && walk(&s, INFINITY) == 1);
    assert_true(walk(&s, NAN) == 1);
    stump_init(&s, SV_COMPARE_F64_LE);
    s.node.flags = SV_SPLIT_CATEGORICAL | SV_SPLIT_SET_LEFT;
    s.node.set_words = 1;
    s.sets[0] = 1u << 0 | 1u << 3;
    assert_true(walk(&s, 0) == 1 && walk(&s, 3.9) == 1 && walk(&s, 1) == 2 && walk(&s, -0.5) == 1);
    assert_true(walk(&s, -1) == 2 && walk(&s, 1e300) == 2 && walk(&s, -INFINITY) == 2 && walk(&s, NAN) == 2);
}

static void test_linear(void **state)
{
    (void)state;
    stump s;
    stump_init(&s, SV_COMPARE_F64_LE);
    uint32_t feature = 0;
    double coefficient = 4;
    sv_linear_leaf linear[2] = {{10, 0, 1}, {20, 0, 0}};
    s.forest.linear = linear;
    s.forest.terms_feature = &feature;
    s.forest.terms_coefficient = &coefficient;
    s.forest.n_terms = 1;
    s.node.flags = SV_SPLIT_DEFAULT_LEFT;
    assert_true(walk(&s, 0.25) == 11 && walk(&s, 1) == 20 && walk(&s, NAN) == 1);
}

static void test_sums(void **state)
{
    (void)state;
    sv_tree trees[2] = {{.n_leaves = 1, .group = 1}, {.first_leaf = 1, .n_leaves = 1, .group = 0}};
    double leaves[4] = {1.5, 2.5, 3.5, 4.5}, weights[2] = {0.5, 2};
    sv_forest f = {
        .n_groups = 2, .leaf_width = 1, .n_trees = 2, .n_leaves = 2, .trees = trees, .leaf_values = leaves};
    float rows[1] = {0}, sums[4] = {100, 200, 300, 400};
    sv_forest_walk(&f, 0, 2, rows, 2, sums);
    assert_true(sums[0] == 102.5f && sums[1] == 201.5f && sums[2] == 302.5f && sums[3] == 401.5f);
    f.tree_weights = weights;
    f.leaf_width = 2;
    trees[0].group = 0;
    sv_forest_walk(&f, 1, 2, rows, 1, sums);
    assert_true(sums[0] == 109.5f && sums[1] == 210.5f && sums[2] == 302.5f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compare), cmocka_unit_test(test_missing), cmocka_unit_test(test_sets),
        cmocka_unit_test(test_linear),  cmocka_unit_test(test_sums),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
