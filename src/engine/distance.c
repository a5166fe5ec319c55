#include "engine/distance.h"

#include <math.h>

double sv_distance_squared(const double *a, const double *b, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        double d = a[i] - b[i];
        sum += d * d;
    }
    return sum;
}

double sv_distance(sv_metric metric, double p, const double *a, const double *b, size_t n)
{
    double sum = 0.0;
    if (metric == SV_METRIC_EUCLIDEAN)
        return sqrt(sv_distance_squared(a, b, n));
    for (size_t i = 0; i < n; i++) {
        double d = fabs(a[i] - b[i]);
        if (metric == SV_METRIC_CHEBYSHEV)
            sum = d > sum ? d : sum;
        else
            sum += metric == SV_METRIC_MANHATTAN ? d : pow(d, p);
    }
    return metric == SV_METRIC_MINKOWSKI ? pow(sum, 1.0 / p) : sum;
}

size_t sv_nearest(sv_metric metric, double p, const double *x, const double *points, size_t n_points, size_t n)
{
    size_t best = 0;
    double least = INFINITY;
    for (size_t i = 0; i < n_points; i++) {
        double d = metric == SV_METRIC_EUCLIDEAN ? sv_distance_squared(x, points + i * n, n)
                                                 : sv_distance(metric, p, x, points + i * n, n);
        if (d < least) {
            least = d;
            best = i;
        }
    }
    return best;
}
