#include "engine/covariance.h"

#include "engine/distance.h"

#include <math.h>

#define PI 3.14159265358979323846

/* Squared distance of rows, each divided by the length scale first. */
static double scaled_distance(const sv_covariance *k, const double *x, const double *y, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        double scale = k->scales[k->n_scales == 1 ? 0 : i];
        double difference = x[i] / scale - y[i] / scale;
        sum += difference * difference;
    }
    return sum;
}

static double rational_of(const sv_covariance *k, const double *x, const double *y, size_t n)
{
    double scale = k->scales[0], distance = sv_distance_squared(x, y, n);
    return sv_power(1 + distance / (2 * k->value * (scale * scale)), -k->value);
}

static double periodic_of(const sv_covariance *k, const double *x, const double *y, size_t n)
{
    double turn = sin(PI / k->value * sqrt(sv_distance_squared(x, y, n))) / k->scales[0];
    return exp(-2 * (turn * turn));
}

/* Between 1/2 and infinity: a polynomial of the distance times its exponential. */
static double matern_of(const sv_covariance *k, const double *x, const double *y, size_t n)
{
    double distance = sqrt(scaled_distance(k, x, y, n)), t;
    switch (k->kind) {
    case SV_COVARIANCE_MATERN_1_2:
        return exp(-distance);
    case SV_COVARIANCE_MATERN_3_2:
        t = distance * sqrt(3.0);
        return (1.0 + t) * exp(-t);
    case SV_COVARIANCE_MATERN_5_2:
        t = distance * sqrt(5.0);
        return (1.0 + t + t * t / 3.0) * exp(-t);
    default:
        return exp(-(distance * distance) / 2.0);
    }
}

static double dot_of(const double *x, const double *y, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += x[i] * y[i];
    return sum;
}

double sv_covariance_of(const sv_covariance *k, const double *x, const double *y, size_t n)
{
    switch (k->kind) {
    case SV_COVARIANCE_SUM:
        return sv_covariance_of(k->a, x, y, n) + sv_covariance_of(k->b, x, y, n);
    case SV_COVARIANCE_PRODUCT:
        return sv_covariance_of(k->a, x, y, n) * sv_covariance_of(k->b, x, y, n);
    case SV_COVARIANCE_POWER:
        return sv_power(sv_covariance_of(k->a, x, y, n), k->value);
    case SV_COVARIANCE_CONSTANT:
        return k->value;
    case SV_COVARIANCE_WHITE:
        return 0.0;
    case SV_COVARIANCE_RBF:
        return exp(-0.5 * scaled_distance(k, x, y, n));
    case SV_COVARIANCE_RATIONAL:
        return rational_of(k, x, y, n);
    case SV_COVARIANCE_PERIODIC:
        return periodic_of(k, x, y, n);
    case SV_COVARIANCE_DOT:
        return dot_of(x, y, n) + k->value * k->value;
    case SV_COVARIANCE_PAIRWISE:
        return sv_pairwise_kernel(&k->pairwise, x, y, n);
    default:
        return matern_of(k, x, y, n);
    }
}

double sv_covariance_own(const sv_covariance *k, const double *x, size_t n)
{
    switch (k->kind) {
    case SV_COVARIANCE_SUM:
        return sv_covariance_own(k->a, x, n) + sv_covariance_own(k->b, x, n);
    case SV_COVARIANCE_PRODUCT:
        return sv_covariance_own(k->a, x, n) * sv_covariance_own(k->b, x, n);
    case SV_COVARIANCE_POWER:
        return sv_power(sv_covariance_own(k->a, x, n), k->value);
    case SV_COVARIANCE_CONSTANT:
    case SV_COVARIANCE_WHITE:
        return k->value;
    case SV_COVARIANCE_DOT:
    case SV_COVARIANCE_PAIRWISE:
        return sv_covariance_of(k, x, x, n);
    default:
        return 1.0;
    }
}
