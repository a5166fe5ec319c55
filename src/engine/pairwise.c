#include "engine/pairwise.h"

#include <math.h>

typedef struct products {
    double xx, xy, yy;
} products;

static products multiply(const double *x, const double *y, size_t n)
{
    products p = {0.0, 0.0, 0.0};
    for (size_t i = 0; i < n; i++) {
        p.xx += x[i] * x[i];
        p.xy += x[i] * y[i];
        p.yy += y[i] * y[i];
    }
    return p;
}

static double dot_of(const double *x, const double *y, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += x[i] * y[i];
    return sum;
}

static double rbf_of(double gamma, const double *x, const double *y, size_t n)
{
    products p = multiply(x, y, n);
    double distance = -2 * p.xy + p.xx + p.yy;
    return exp(-gamma * (distance < 0 ? 0 : distance));
}

static double manhattan_of(const double *x, const double *y, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += fabs(x[i] - y[i]);
    return sum;
}

/* Rows are made of length one first; a row of zeros stays. */
static double cosine_of(const double *x, const double *y, size_t n)
{
    products p = multiply(x, y, n);
    double xn = p.xx > 0 ? sqrt(p.xx) : 1.0, yn = p.yy > 0 ? sqrt(p.yy) : 1.0, sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += x[i] / xn * (y[i] / yn);
    return sum;
}

static double additive_chi2_of(const double *x, const double *y, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        double difference = x[i] - y[i], total = x[i] + y[i];
        if (total != 0)
            sum += difference * difference / total;
    }
    return -sum;
}

double sv_pairwise_kernel(const sv_pairwise *kernel, const double *x, const double *y, size_t n)
{
    switch (kernel->kind) {
    case SV_PAIRWISE_LINEAR:
        return dot_of(x, y, n);
    case SV_PAIRWISE_POLYNOMIAL:
        return sv_power(dot_of(x, y, n) * kernel->gamma + kernel->coef0, kernel->degree);
    case SV_PAIRWISE_RBF:
        return rbf_of(kernel->gamma, x, y, n);
    case SV_PAIRWISE_SIGMOID:
        return tanh(dot_of(x, y, n) * kernel->gamma + kernel->coef0);
    case SV_PAIRWISE_LAPLACIAN:
        return exp(-kernel->gamma * manhattan_of(x, y, n));
    case SV_PAIRWISE_COSINE:
        return cosine_of(x, y, n);
    case SV_PAIRWISE_ADDITIVE_CHI2:
        return additive_chi2_of(x, y, n);
    case SV_PAIRWISE_CHI2:
        return exp(additive_chi2_of(x, y, n) * kernel->gamma);
    }
    return 0.0;
}

double sv_power(double x, double exponent)
{
    if (exponent == 2.0)
        return x * x;
    if (exponent == 1.0)
        return x;
    if (exponent == 0.5)
        return sqrt(x);
    if (exponent == -1.0)
        return 1.0 / x;
    return exponent == 0.0 ? 1.0 : pow(x, exponent);
}
