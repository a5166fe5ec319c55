/* neighbors.h: rows that were kept at fit, and which of them are near: what the neighbors family shares. */
#ifndef SV_SKLEARN_NEIGHBORS_H
#define SV_SKLEARN_NEIGHBORS_H

#include "engine/neighbor_tree.h"
#include "sklearn/estimator.h"

typedef struct sv_neighborhood {
    size_t n_rows, n_features;
    const double *rows; /* [n_rows x n_features] _fit_X */
    sv_metric metric;
    double p;
    bool is_brute;                /* distances as the brute force of scikit-learn has them: |x|^2 - 2 x y + |y|^2 */
    bool is_float32, is_float64;  /* _fit_X is */
    const sv_neighbor_tree *tree; /* NULL: all rows are looked at, in their order */
    /* Of one request: */
    double *ranks;   /* [n_rows] of a row that is asked for; NULL: rows go through a heap one by one */
    size_t *order;   /* [n_rows] */
    bool is_alone;   /* the request has one row */
    bool are_floats; /* distances are float32 */
    bool is_numpy_1;
} sv_neighborhood;

/** Read _fit_X, the metric and the tree; not what is of one request. Errors: UNSUPPORTED (another metric, sparse
 * rows), FORMAT, NOMEM, LIMIT. */
savor_status sv_neighborhood_load(sv_loader *loader, const sv_record *object, sv_neighborhood *out,
                                  savor_error *err) SAVOR_MUST_CHECK;

/**
 * Make ready for the rows of a request. Brute force takes the rows one by one where both sides are float64, or
 * float32; else it computes all distances, then numpy selects.
 *
 * in        as it came: its dtype counts
 * out       a copy of the neighborhood with scratch from the arena
 * Errors    NOMEM, LIMIT
 * Source    sklearn.metrics._pairwise_distances_reduction, is_usable_for; sklearn.neighbors._base
 */
savor_status sv_neighborhood_begin(const sv_neighborhood *hood, sv_release release, const sv_batch *in,
                                   sv_arena *arena, sv_neighborhood *out, savor_error *err) SAVOR_MUST_CHECK;

/**
 * The k nearest rows of `x`, nearest first; among equally far ones those that scikit-learn finds.
 *
 * k         at most n_rows
 * out       [k]
 */
void sv_neighborhood_nearest(const sv_neighborhood *hood, const double *x, size_t k, sv_neighbor *out);

/** All rows within `radius` of `x`, in their order; how many. out: [n_rows]. */
size_t sv_neighborhood_within(const sv_neighborhood *hood, const double *x, double radius, sv_neighbor *out);

#endif
