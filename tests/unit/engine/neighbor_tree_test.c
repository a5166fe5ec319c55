/* neighbor_tree_test.c: heaps and trees choose among equally far rows as scikit-learn 1.9.1 does. */
#include "engine/neighbor_tree.h"
#include "unit/test.h"

#include <math.h>

static void test_heap_keeps_the_first_of_equals(void **state)
{
    sv_neighbor heap[3];
    (void)state;
    sv_neighbor_heap_clear(heap, 3);
    for (size_t i = 0; i < 5; i++)
        sv_neighbor_heap_push(heap, 3, 1.0, 10 + i);
    sv_neighbor_sort(heap, 3);
    bool seen[3] = {false, false, false};
    for (size_t i = 0; i < 3; i++) {
        assert_in_range(heap[i].at, 10, 12);
        seen[heap[i].at - 10] = true;
    }
    assert_true(seen[0] && seen[1] && seen[2]);
}

static void test_heap_drops_the_furthest(void **state)
{
    static const double distances[] = {5.0, 1.0, 4.0, 2.0, 3.0, 0.5};
    sv_neighbor heap[3];
    (void)state;
    sv_neighbor_heap_clear(heap, 3);
    for (size_t i = 0; i < 6; i++)
        sv_neighbor_heap_push(heap, 3, distances[i], i);
    sv_neighbor_sort(heap, 3);
    assert_int_equal(heap[0].at, 5);
    assert_int_equal(heap[1].at, 1);
    assert_int_equal(heap[2].at, 3);
}

static void test_what_nobody_found_is_row_0(void **state)
{
    sv_neighbor heap[2];
    (void)state;
    sv_neighbor_heap_clear(heap, 2);
    sv_neighbor_heap_push(heap, 2, INFINITY, 7);
    assert_int_equal(heap[0].at, 0);
    assert_true(isinf(heap[0].distance));
}

static void test_ranks(void **state)
{
    static const double a[] = {0.0, 0.0}, b[] = {3.0, 4.0};
    (void)state;
    assert_true(sv_neighbor_rank(SV_METRIC_EUCLIDEAN, 2.0, a, b, 2) == 25.0);
    assert_true(sv_neighbor_rank(SV_METRIC_MANHATTAN, 1.0, a, b, 2) == 7.0);
    assert_true(sv_neighbor_rank(SV_METRIC_CHEBYSHEV, 2.0, a, b, 2) == 4.0);
    assert_true(sv_neighbor_rank(SV_METRIC_MINKOWSKI, 3.0, a, b, 2) == 91.0);
    assert_true(sv_neighbor_rank_of(SV_METRIC_EUCLIDEAN, 2.0, 5.0) == 25.0);
    assert_true(sv_neighbor_distance_of(SV_METRIC_EUCLIDEAN, 2.0, 25.0) == 5.0);
    assert_true(sv_neighbor_rank_of(SV_METRIC_MANHATTAN, 1.0, 5.0) == 5.0);
}

/* KDTree([[0], [1], [2], [3], [4]], leaf_size=2): two leaves; the nearer one is searched first, so of the rows 1 and
 * 3, equally far from 2, k = 2 takes the one in the leaf of 2. */
static void test_tree_finds_near_leaves_first(void **state)
{
    static const double rows[] = {0.0, 1.0, 2.0, 3.0, 4.0};
    static const size_t order[] = {0, 1, 2, 3, 4};
    static const sv_neighbor_node nodes[] = {{0, 5, false, 0.0}, {0, 2, true, 0.0}, {2, 5, true, 0.0}};
    static const double low[] = {0.0, 0.0, 2.0}, high[] = {4.0, 1.0, 4.0};
    static const sv_neighbor_tree tree = {SV_METRIC_EUCLIDEAN, 2.0, 1, 3, rows, order, nodes, low, high};
    static const double x[] = {2.0};
    sv_neighbor heap[2];
    (void)state;
    sv_neighbor_heap_clear(heap, 2);
    sv_neighbor_tree_query(&tree, x, 2, heap);
    sv_neighbor_sort(heap, 2);
    assert_int_equal(heap[0].at, 2);
    assert_int_equal(heap[1].at, 3);
}

/* The same rows in balls. */
static void test_ball_tree(void **state)
{
    static const double rows[] = {0.0, 1.0, 2.0, 3.0, 4.0};
    static const size_t order[] = {0, 1, 2, 3, 4};
    static const sv_neighbor_node nodes[] = {{0, 5, false, 2.0}, {0, 2, true, 0.5}, {2, 5, true, 1.0}};
    static const double centers[] = {2.0, 0.5, 3.0};
    static const sv_neighbor_tree tree = {SV_METRIC_MANHATTAN, 1.0, 1, 3, rows, order, nodes, centers, NULL};
    static const double x[] = {0.25};
    sv_neighbor heap[3];
    (void)state;
    sv_neighbor_heap_clear(heap, 3);
    sv_neighbor_tree_query(&tree, x, 3, heap);
    sv_neighbor_sort(heap, 3);
    assert_int_equal(heap[0].at, 0);
    assert_int_equal(heap[1].at, 1);
    assert_int_equal(heap[2].at, 2);
    assert_true(heap[2].distance == 1.75);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_heap_keeps_the_first_of_equals), cmocka_unit_test(test_heap_drops_the_furthest),
        cmocka_unit_test(test_what_nobody_found_is_row_0),     cmocka_unit_test(test_ranks),
        cmocka_unit_test(test_tree_finds_near_leaves_first),   cmocka_unit_test(test_ball_tree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
