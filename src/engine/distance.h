/* distance.h: distances between dense rows of doubles. */
#ifndef SV_ENGINE_DISTANCE_H
#define SV_ENGINE_DISTANCE_H

#include <stdbool.h>
#include <stddef.h>

typedef enum sv_metric {
    SV_METRIC_EUCLIDEAN,
    SV_METRIC_MANHATTAN,
    SV_METRIC_CHEBYSHEV,
    SV_METRIC_MINKOWSKI, /* of order p */
} sv_metric;

/** The distance of two rows of n features; for EUCLIDEAN the square root of the sum of squares. */
double sv_distance(sv_metric metric, double p, const double *a, const double *b, size_t n);

/** The sum of squared differences. */
double sv_distance_squared(const double *a, const double *b, size_t n);

/** The row of `points` [n_points x n] that is nearest to `x`, the first of equals. */
size_t sv_nearest(sv_metric metric, double p, const double *x, const double *points, size_t n_points, size_t n);

#endif
