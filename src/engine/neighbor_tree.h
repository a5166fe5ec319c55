/* neighbor_tree.h: the k nearest of many rows, found in the order that scikit-learn's heaps and trees find them,
 * which decides between rows that are equally far. */
#ifndef SV_ENGINE_NEIGHBOR_TREE_H
#define SV_ENGINE_NEIGHBOR_TREE_H

#include "engine/distance.h"

/** One row that is near; `distance` is a rank while they are looked for. */
typedef struct sv_neighbor {
    double distance;
    size_t at;
} sv_neighbor;

/** k neighbors that nobody has found yet: row 0, further than all. */
void sv_neighbor_heap_clear(sv_neighbor *heap, size_t k);

/** Put a row into the heap of the k nearest, whose furthest leaves it; one as far as the furthest is not put.
 * Source: sklearn.utils._heap.heap_push */
void sv_neighbor_heap_push(sv_neighbor *heap, size_t k, double distance, size_t at);

/** Nearest first; equal ones stay in their order. */
void sv_neighbor_sort(sv_neighbor *neighbors, size_t n);

/** What rows are ordered by: the distance without its root. */
double sv_neighbor_rank(sv_metric metric, double p, const double *a, const double *b, size_t n);

/** The rank of a distance, and back. */
double sv_neighbor_rank_of(sv_metric metric, double p, double distance);
double sv_neighbor_distance_of(sv_metric metric, double p, double rank);

typedef struct sv_neighbor_node {
    size_t first, end; /* of `order`: the rows below it */
    bool is_leaf;      /* else its children are 2 i + 1 and 2 i + 2 */
    double radius;     /* ball tree */
} sv_neighbor_node;

/** A KDTree or BallTree. Whoever makes one checks every number in it. */
typedef struct sv_neighbor_tree {
    sv_metric metric;
    double p;
    size_t n_features, n_nodes;
    const double *rows;            /* [n_rows x n_features] */
    const size_t *order;           /* [n_rows] */
    const sv_neighbor_node *nodes; /* [n_nodes] */
    const double *low;             /* [n_nodes x n_features] the box of a node, or the center of its ball */
    const double *high;            /* [n_nodes x n_features]; NULL: a ball tree */
} sv_neighbor_tree;

/**
 * Put the k nearest rows of `x` into a cleared heap, by rank.
 *
 * heap      [k]
 * Threads   safe
 * Source    sklearn.neighbors._binary_tree, _query_single_depthfirst
 */
void sv_neighbor_tree_query(const sv_neighbor_tree *tree, const double *x, size_t k, sv_neighbor *heap);

#endif
