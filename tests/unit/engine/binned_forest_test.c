#include "engine/binned_forest.h"
#include "unit/test.h"

/* Two questions: bin 0 is at least 2; bin 1 is exactly 3. */
static const sv_bin_split SPLITS[] = {{0, 0, 2}, {1, 0xfc, 255}};

static const size_t FIRST_SPLIT[] = {0, 2, 2};
static const size_t FIRST_LEAF[] = {0, 4};
static const double LEAVES[] = {1, 2, 4, 8, 100};

/* A tree of two levels, then one of a single leaf. */
static sv_binned_forest make_symmetric(void)
{
    return (sv_binned_forest){.is_symmetric = true,
                              .n_bins = 2,
                              .n_outputs = 1,
                              .n_trees = 2,
                              .n_splits = 2,
                              .n_leaf_values = 5,
                              .first_split = FIRST_SPLIT,
                              .splits = SPLITS,
                              .first_leaf = FIRST_LEAF,
                              .leaf_values = LEAVES};
}

static void first_level_is_the_lowest_bit(void **state)
{
    (void)state;
    sv_binned_forest f = make_symmetric();
    const uint8_t bins[] = {1, 2, 1, 254, /* bin 1: */ 0, 2, 3, 3};
    double sums[4] = {0};
    assert_int_equal(sv_binned_forest_check(&f, NULL), SAVOR_OK);
    sv_binned_forest_sum(&f, bins, 4, sums);
    assert_true(sums[0] == 101 && sums[1] == 102 && sums[2] == 104 && sums[3] == 108);
}

/* The same first question; its no ends at once, its yes asks the second. Leaves of two outputs. */
static void nodes_end_where_a_step_is_zero(void **state)
{
    (void)state;
    static const size_t first[] = {0, 2};
    static const sv_bin_step steps[] = {{0, 1}, {0, 0}};
    static const uint32_t leaf[] = {2, 0};
    sv_binned_forest f = make_symmetric();
    f.is_symmetric = false;
    f.n_trees = 1;
    f.n_outputs = 2;
    f.first_split = first;
    f.steps = steps;
    f.leaf = leaf;
    const uint8_t bins[] = {1, 2, /* bin 1: */ 0, 3};
    double sums[4] = {0, 0, 0.5, 0};
    assert_int_equal(sv_binned_forest_check(&f, NULL), SAVOR_OK);
    sv_binned_forest_sum(&f, bins, 2, sums);
    assert_true(sums[0] == 4 && sums[1] == 8 && sums[2] == 1.5 && sums[3] == 2);
}

static void symmetric_faults_are_found(void **state)
{
    (void)state;
    static const size_t late[] = {0, 5}, beyond[] = {0, 2, 3}, back[] = {2, 0, 2};
    sv_binned_forest f = make_symmetric();
    f.first_leaf = late;
    assert_int_equal(sv_binned_forest_check(&f, NULL), SAVOR_FORMAT);
    f = make_symmetric();
    f.first_split = beyond;
    assert_int_equal(sv_binned_forest_check(&f, NULL), SAVOR_FORMAT);
    f.first_split = back;
    assert_int_equal(sv_binned_forest_check(&f, NULL), SAVOR_FORMAT);
    f = make_symmetric();
    f.n_bins = 1;
    assert_int_equal(sv_binned_forest_check(&f, NULL), SAVOR_FORMAT);
    f = make_symmetric();
    f.n_leaf_values = 3;
    assert_int_equal(sv_binned_forest_check(&f, NULL), SAVOR_FORMAT);
    f.n_outputs = 0;
    assert_int_equal(sv_binned_forest_check(&f, NULL), SAVOR_FORMAT);
}

static void node_faults_are_found(void **state)
{
    (void)state;
    static const size_t first[] = {0, 2}, none[] = {0, 0};
    static const sv_bin_step good[] = {{0, 1}, {0, 0}}, far[] = {{0, 2}, {0, 0}};
    static const uint32_t leaf[] = {0, 4}, off[] = {0, 5};
    sv_binned_forest f = make_symmetric();
    f.is_symmetric = false;
    f.n_trees = 1;
    f.first_split = first;
    f.steps = good;
    f.leaf = leaf;
    assert_int_equal(sv_binned_forest_check(&f, NULL), SAVOR_OK);
    f.leaf = off;
    assert_int_equal(sv_binned_forest_check(&f, NULL), SAVOR_FORMAT);
    f.leaf = leaf;
    f.steps = far;
    assert_int_equal(sv_binned_forest_check(&f, NULL), SAVOR_FORMAT);
    f.first_split = none;
    assert_int_equal(sv_binned_forest_check(&f, NULL), SAVOR_FORMAT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_level_is_the_lowest_bit),
        cmocka_unit_test(nodes_end_where_a_step_is_zero),
        cmocka_unit_test(symmetric_faults_are_found),
        cmocka_unit_test(node_faults_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
