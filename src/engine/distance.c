#include "engine/distance.h"

#include "engine/dense_priv.h"

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
    if (metric == SV_METRIC_HAMMING) {
        for (size_t i = 0; i < n; i++)
            above += a[i] != b[i];
        return above / (double)n;
    }
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

double sv_dot(const double *x, const double *y, size_t n) { return dense_in_order64(x, y, n); }

double sv_length_squared(const double *x, size_t n) { return dense_dot64(x, x, n); }

double sv_row_norm(const sv_rows *rows, size_t at)
{
    const double *x = rows->values + at * rows->n;
    double sums[2] = {0.0, 0.0};
    size_t i = 0;
    for (; rows->by_columns && i < rows->n; i++)
        sums[0] += x[i] * x[i];
    for (; rows->n - i >= 8; i += 8)
        for (size_t pair = 4; pair-- > 0;) /* the last pair is added first */
            for (size_t k = 0; k < 2; k++) {
                double v = x[i + 2 * pair + k];
                sums[k] = v * v + sums[k];
            }
    for (; i < rows->n; i++)
        sums[i % 2] = x[i] * x[i] + sums[i % 2];
    return sums[0] + sums[1];
}

void sv_rows_multiply(const sv_rows *x, const sv_rows *y, double *out)
{
    sv_dense layer = {x->n, y->n_rows, y->values, NULL};
    bool by_columns = x->n_rows == 1 ? y->by_columns : x->by_columns;
    (by_columns ? sv_dense_predict_columns : sv_dense_predict)(&layer, x->values, x->n_rows, out);
}

double sv_distance_by_product(const double *x, double x_norm, const double *y, size_t n)
{
    double d = x_norm - 2.0 * sv_dot(x, y, n) + sv_length_squared(y, n);
    return d > 0.0 ? d : 0.0; /* what is no number counts as 0, too */
}

void sv_distances_by_matrix(const sv_rows *x, const sv_rows *y, double *out)
{
    size_t n = y->n_rows;
    sv_rows_multiply(x, y, out);
    for (size_t r = 0; r < x->n_rows; r++) {
        double norm = sv_row_norm(x, r);
        for (size_t i = 0; i < n; i++)
            out[r * n + i] = -2.0 * out[r * n + i] + norm;
    }
    for (size_t i = 0; i < n; i++) {
        double norm = sv_row_norm(y, i);
        for (size_t r = 0; r < x->n_rows; r++) {
            double d = out[r * n + i] + norm;
            out[r * n + i] = d < 0.0 ? 0.0 : d;
        }
    }
}

/* Rows of `x` are held by columns, points are not. */
static double root_by_matrix(const double *x, double x_norm, const double *y, size_t n)
{
    sv_rows point = {y, 1, n, false};
    double d = -2.0 * sv_dot(x, y, n) + x_norm + sv_row_norm(&point, 0);
    return d > 0.0 ? sqrt(d) : 0.0;
}

size_t sv_nearest_by_product(const double *x, const double *points, size_t n_points, size_t n, bool by_root)
{
    sv_rows row = {x, 1, n, by_root};
    double norm = by_root ? sv_row_norm(&row, 0) : sv_length_squared(x, n), least = DBL_MAX;
    size_t best = 0;
    for (size_t i = 0; i < n_points; i++) {
        const double *point = points + i * n;
        double d = by_root ? root_by_matrix(x, norm, point, n) : sv_distance_by_product(x, norm, point, n);
        if (d < least) {
            least = d;
            best = i;
        }
    }
    return best;
}

/* sv_row_norm of float32, held as doubles. */
static float row_norm32(const double *x, size_t n)
{
    float sums[4] = {0.0f};
    size_t i = 0;
    for (; n - i >= 16; i += 16)
        for (size_t four = 4; four-- > 0;) /* the last four are added first */
            for (size_t k = 0; k < 4; k++) {
                float v = (float)x[i + 4 * four + k];
                sums[k] = v * v + sums[k];
            }
    for (; i < n; i++)
        sums[i % 4] = (float)x[i] * (float)x[i] + sums[i % 4];
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

static float dot32(const double *x, const double *y, size_t n)
{
    float sum = 0.0f;
    for (size_t i = 0; i < n; i++)
        sum = fmaf((float)x[i], (float)y[i], sum);
    return sum;
}

size_t sv_nearest_center(const double *x, const sv_rows *centers, bool is_float32)
{
    double least = 0.0;
    size_t best = 0, n = centers->n;
    for (size_t i = 0; i < centers->n_rows; i++) {
        const double *center = centers->values + i * n;
        double d = is_float32 ? (double)(row_norm32(center, n) - 2.0f * dot32(x, center, n))
                              : sv_row_norm(centers, i) - 2.0 * sv_dot(x, center, n);
        if (i == 0 || d < least) {
            least = d;
            best = i;
        }
    }
    return best;
}
