#include "engine/pairwise.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>

static double rbf_of(double gamma, const double *x, const double *y, size_t n)
{
    sv_rows a = {x, 1, n, false}, b = {y, 1, n, false};
    double distance = -2 * sv_dot(x, y, n) + sv_row_norm(&a, 0) + sv_row_norm(&b, 0);
    return exp(-gamma * (distance < 0 ? 0 : distance));
}

static double manhattan_of(const double *x, const double *y, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += fabs(x[i] - y[i]);
    return sum;
}

/* What a row is divided by: its length, unless that is next to nothing. */
static double length_of(const sv_rows *rows, size_t at)
{
    double length = sqrt(sv_row_norm(rows, at));
    return length < 10 * DBL_EPSILON ? 1.0 : length;
}

void sv_rows_normalize(const sv_rows *rows, double *out)
{
    for (size_t r = 0; r < rows->n_rows; r++) {
        double length = length_of(rows, r);
        for (size_t i = r * rows->n; i < (r + 1) * rows->n; i++)
            out[i] = rows->values[i] / length;
    }
}

static double cosine_of(const double *x, const double *y, size_t n)
{
    sv_rows a = {x, 1, n, false}, b = {y, 1, n, false};
    double x_length = length_of(&a, 0), y_length = length_of(&b, 0), sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum = fma(x[i] / x_length, y[i] / y_length, sum);
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

/* The kernels that only look at the product. */
static double of_product(const sv_pairwise *kernel, double product)
{
    if (kernel->kind == SV_PAIRWISE_LINEAR || kernel->kind == SV_PAIRWISE_COSINE)
        return product;
    double x = product * kernel->gamma + kernel->coef0;
    return kernel->kind == SV_PAIRWISE_SIGMOID ? tanh(x) : sv_power(x, kernel->degree);
}

double sv_pairwise_kernel(const sv_pairwise *kernel, const double *x, const double *y, size_t n)
{
    switch (kernel->kind) {
    case SV_PAIRWISE_LINEAR:
    case SV_PAIRWISE_POLYNOMIAL:
    case SV_PAIRWISE_SIGMOID:
        return of_product(kernel, sv_dot(x, y, n));
    case SV_PAIRWISE_RBF:
        return rbf_of(kernel->gamma, x, y, n);
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

static bool is_of_products(const sv_pairwise *kernel)
{
    return kernel->kind == SV_PAIRWISE_LINEAR || kernel->kind == SV_PAIRWISE_POLYNOMIAL ||
           kernel->kind == SV_PAIRWISE_SIGMOID || kernel->kind == SV_PAIRWISE_COSINE;
}

void sv_pairwise_kernels(const sv_pairwise *kernel, const sv_rows *x, const sv_rows *y, double *out)
{
    size_t n_all = x->n_rows * y->n_rows;
    if (kernel->kind == SV_PAIRWISE_RBF) {
        sv_distances_by_matrix(x, y, out);
        for (size_t i = 0; i < n_all; i++)
            out[i] = exp(out[i] * -kernel->gamma);
    } else if (is_of_products(kernel)) {
        sv_rows_multiply(x, y, out);
        for (size_t i = 0; i < n_all; i++)
            out[i] = of_product(kernel, out[i]);
    } else {
        for (size_t i = 0; i < n_all; i++)
            out[i] =
                sv_pairwise_kernel(kernel, x->values + i / y->n_rows * x->n, y->values + i % y->n_rows * y->n, x->n);
    }
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
