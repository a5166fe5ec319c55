/* distance.h: distances between dense rows of doubles. */
#ifndef SV_ENGINE_DISTANCE_H
#define SV_ENGINE_DISTANCE_H

#include <stdbool.h>
#include <stddef.h>

typedef enum sv_metric {
    SV_METRIC_EUCLIDEAN,
    SV_METRIC_MANHATTAN,
    SV_METRIC_CHEBYSHEV,
    SV_METRIC_MINKOWSKI,   /* of order p */
    SV_METRIC_SQEUCLIDEAN, /* the sum of squares */
    SV_METRIC_CANBERRA,
    SV_METRIC_BRAYCURTIS,
    SV_METRIC_COSINE,  /* 1 - x y / (|x| |y|), from 0 to 2; of a row without length it is 1 */
    SV_METRIC_HAMMING, /* how many of the features are not equal, as a part of all */
} sv_metric;

/** The distance of two rows of n features; for EUCLIDEAN the square root of the sum of squares. */
double sv_distance(sv_metric metric, double p, const double *a, const double *b, size_t n);

/** The sum of squared differences. */
double sv_distance_squared(const double *a, const double *b, size_t n);

/** The row of `points` [n_points x n] that is nearest to `x`, the first of equals. */
size_t sv_nearest(sv_metric metric, double p, const double *x, const double *points, size_t n_points, size_t n);

/** x y as a product of matrices adds it up: in order, each product fused with the sum. */
double sv_dot(const double *x, const double *y, size_t n);

/** |x|^2 as BLAS adds up the product of two vectors. */
double sv_length_squared(const double *x, size_t n);

/** The squared distance as a product of matrices gives it: |x|^2 - 2 x y + |y|^2, never below 0; x_norm is |x|^2 by
 * sv_length_squared. Source: sklearn.metrics._pairwise_distances_reduction, for float64 in C order. */
double sv_distance_by_product(const double *x, double x_norm, const double *y, size_t n);

/** Rows in C order, and how numpy holds them, which decides how it adds them up. */
typedef struct sv_rows {
    const double *values; /* [n_rows x n] */
    size_t n_rows, n;
    bool by_columns; /* column by column, where there are several of both */
} sv_rows;

/** |x|^2 of one of the rows as numpy.einsum adds it up: four pairs of running sums, by columns one sum.
 * Source: sklearn.utils.extmath.row_norms */
double sv_row_norm(const sv_rows *rows, size_t at);

/** x @ y.T as numpy.matmul adds it up. [x->n_rows x y->n_rows] */
void sv_rows_multiply(const sv_rows *x, const sv_rows *y, double *out);

/**
 * Squared distances of all rows from all rows by sv_rows_multiply, never below 0; NaN stays.
 *
 * out       [x->n_rows x y->n_rows]
 * Source    sklearn.metrics.pairwise.euclidean_distances
 */
void sv_distances_by_matrix(const sv_rows *x, const sv_rows *y, double *out);

/**
 * The row of `points` with the least sv_distance_by_product, the first of equals.
 *
 * by_root   compare the roots, which more often are equal; the library does so with matrices in Fortran order
 * Source    sklearn.metrics.pairwise_distances_argmin
 */
size_t sv_nearest_by_product(const double *x, const double *points, size_t n_points, size_t n, bool by_root);

/** The row of `centers` with the least |y|^2 - 2 x y, the first of equals: what k-means leaves of the distance; in
 * float32 where both are. Source: sklearn.cluster._k_means_lloyd */
size_t sv_nearest_center(const double *x, const sv_rows *centers, bool is_float32);

#endif
