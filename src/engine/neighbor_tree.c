#include "engine/neighbor_tree.h"

#include <math.h>

/* ---- the heap ---- */

void sv_neighbor_heap_clear(sv_neighbor *heap, size_t k)
{
    for (size_t i = 0; i < k; i++)
        heap[i] = (sv_neighbor){INFINITY, 0};
}

/* The child that has to rise above `distance`, or 0. */
static size_t rising_child(const sv_neighbor *heap, size_t k, size_t at, double distance)
{
    size_t left = 2 * at + 1, right = left + 1;
    if (left >= k)
        return 0;
    if (right >= k)
        return heap[left].distance > distance ? left : 0;
    if (heap[left].distance >= heap[right].distance)
        return distance < heap[left].distance ? left : 0;
    return distance < heap[right].distance ? right : 0;
}

void sv_neighbor_heap_push(sv_neighbor *heap, size_t k, double distance, size_t at)
{
    size_t hole = 0, child;
    if (distance >= heap[0].distance)
        return;
    while ((child = rising_child(heap, k, hole, distance)) != 0) {
        heap[hole] = heap[child];
        hole = child;
    }
    heap[hole] = (sv_neighbor){distance, at};
}

void sv_neighbor_sort(sv_neighbor *neighbors, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        sv_neighbor moved = neighbors[i];
        size_t to = i;
        for (; to > 0 && neighbors[to - 1].distance > moved.distance; to--)
            neighbors[to] = neighbors[to - 1];
        neighbors[to] = moved;
    }
}

/* ---- ranks ---- */

double sv_neighbor_rank(sv_metric metric, double p, const double *a, const double *b, size_t n)
{
    double sum = 0.0;
    if (metric == SV_METRIC_EUCLIDEAN)
        return sv_distance_squared(a, b, n);
    if (metric != SV_METRIC_MINKOWSKI)
        return sv_distance(metric, p, a, b, n);
    for (size_t i = 0; i < n; i++)
        sum += pow(fabs(a[i] - b[i]), p);
    return sum;
}

double sv_neighbor_rank_of(sv_metric metric, double p, double distance)
{
    if (metric == SV_METRIC_EUCLIDEAN)
        return distance * distance;
    return metric == SV_METRIC_MINKOWSKI ? pow(distance, p) : distance;
}

double sv_neighbor_distance_of(sv_metric metric, double p, double rank)
{
    if (metric == SV_METRIC_EUCLIDEAN)
        return sqrt(rank);
    return metric == SV_METRIC_MINKOWSKI ? pow(rank, 1.0 / p) : rank;
}

/* ---- trees ---- */

/* No row below the node has a smaller rank. */
static double ball_bound(const sv_neighbor_tree *t, size_t node, const double *x)
{
    double d = sv_distance(t->metric, t->p, x, t->low + node * t->n_features, t->n_features) - t->nodes[node].radius;
    return sv_neighbor_rank_of(t->metric, t->p, d > 0.0 ? d : 0.0);
}

static double box_bound(const sv_neighbor_tree *t, size_t node, const double *x)
{
    const double *low = t->low + node * t->n_features, *high = t->high + node * t->n_features;
    double p = t->metric == SV_METRIC_EUCLIDEAN ? 2.0 : t->metric == SV_METRIC_MANHATTAN ? 1.0 : t->p, rank = 0.0;
    for (size_t j = 0; j < t->n_features; j++) {
        double below = low[j] - x[j], above = x[j] - high[j];
        double d = 0.5 * ((below + fabs(below)) + (above + fabs(above)));
        rank = t->metric == SV_METRIC_CHEBYSHEV ? fmax(rank, d) : rank + pow(d, p);
    }
    return rank;
}

static double bound_of(const sv_neighbor_tree *t, size_t node, const double *x)
{
    return t->high ? box_bound(t, node, x) : ball_bound(t, node, x);
}

/* Children have twice their parent's number: no deeper than a number has bits. */
static void visit(const sv_neighbor_tree *t, size_t node, double bound, const double *x, size_t k, sv_neighbor *heap)
{
    const sv_neighbor_node *n = &t->nodes[node];
    if (bound > heap[0].distance)
        return;
    if (n->is_leaf) {
        for (size_t i = n->first; i < n->end; i++) {
            const double *row = t->rows + t->order[i] * t->n_features;
            sv_neighbor_heap_push(heap, k, sv_neighbor_rank(t->metric, t->p, x, row, t->n_features), t->order[i]);
        }
        return;
    }
    size_t left = 2 * node + 1, right = left + 1;
    double to_left = bound_of(t, left, x), to_right = bound_of(t, right, x);
    bool left_first = to_left <= to_right;
    visit(t, left_first ? left : right, left_first ? to_left : to_right, x, k, heap);
    visit(t, left_first ? right : left, left_first ? to_right : to_left, x, k, heap);
}

void sv_neighbor_tree_query(const sv_neighbor_tree *tree, const double *x, size_t k, sv_neighbor *heap)
{
    visit(tree, 0, bound_of(tree, 0, x), x, k, heap);
}
