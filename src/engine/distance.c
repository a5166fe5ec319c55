#include "engine/distance.h"

#include <float.h>
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

static double length_of(const double *x, size_t n)
{
    double length = sqrt(sv_dot(x, x, n));
    return length == 0.0 ? 1.0 : length;
}

/* The metrics that are no powers of differences. */
static double distance_else(sv_metric metric, const double *a, const double *b, size_t n)
{
    double above = 0.0, below = 0.0;
    if (metric == SV_METRIC_COSINE) {
        double a_norm = length_of(a, n), b_norm = length_of(b, n);
        for (size_t i = 0; i < n; i++)
            above = fma(a[i] / a_norm, b[i] / b_norm, above);
        return fmin(fmax(1.0 - above, 0.0), 2.0);
    }
    for (size_t i = 0; i < n; i++) {
        double d = fabs(a[i] - b[i]), size = fabs(a[i]) + fabs(b[i]);
        if (metric == SV_METRIC_CANBERRA)
            above += size > 0.0 ? d / size : 0.0;
        else
            above += d;
        below += size;
    }
    return metric == SV_METRIC_CANBERRA ? above : below > 0.0 ? above / below : 0.0;
}

double sv_distance(sv_metric metric, double p, const double *a, const double *b, size_t n)
{
    double sum = 0.0;
    if (metric == SV_METRIC_EUCLIDEAN)
        return sqrt(sv_distance_squared(a, b, n));
    if (metric == SV_METRIC_SQEUCLIDEAN)
        return sv_distance_squared(a, b, n);
    if (metric >= SV_METRIC_CANBERRA)
        return distance_else(metric, a, b, n);
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

double sv_dot(const double *x, const double *y, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum = fma(x[i], y[i], sum);
    return sum;
}

double sv_distance_by_product(const double *x, double x_norm, const double *y, size_t n)
{
    double d = x_norm - 2.0 * sv_dot(x, y, n) + sv_dot(y, y, n);
    return d > 0.0 ? d : 0.0; /* what is no number counts as 0, too */
}

size_t sv_nearest_by_product(const double *x, const double *points, size_t n_points, size_t n, bool by_root)
{
    double norm = sv_dot(x, x, n), least = DBL_MAX;
    size_t best = 0;
    for (size_t i = 0; i < n_points; i++) {
        double d = sv_distance_by_product(x, norm, points + i * n, n);
        d = by_root ? sqrt(d) : d;
        if (d < least) {
            least = d;
            best = i;
        }
    }
    return best;
}

size_t sv_nearest_center(const double *x, const double *centers, size_t n_centers, size_t n)
{
    double least = 0.0;
    size_t best = 0;
    for (size_t i = 0; i < n_centers; i++) {
        const double *center = centers + i * n;
        double d = 0.0;
        for (size_t j = 0; j < n; j++)
            d += center[j] * center[j];
        d -= 2.0 * sv_dot(x, center, n);
        if (i == 0 || d < least) {
            least = d;
            best = i;
        }
    }
    return best;
}
