#include "engine/pairwise.h"

#include "engine/dense.h"
#include "engine/distance.h"

#include <math.h>
#include <stdbool.h>

static double rbf_of(double gamma, const double *x, const double *y, size_t n)
{
    double distance = -2 * sv_dot(x, y, n) + sv_row_norm(x, n) + sv_row_norm(y, n);
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
    double xx = sv_row_norm(x, n), yy = sv_row_norm(y, n), sum = 0.0;
    double xn = xx > 0 ? sqrt(xx) : 1.0, yn = yy > 0 ? sqrt(yy) : 1.0;
    for (size_t i = 0; i < n; i++)
        sum = fma(x[i] / xn, y[i] / yn, sum);
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
    if (kernel->kind == SV_PAIRWISE_LINEAR)
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
           kernel->kind == SV_PAIRWISE_SIGMOID;
}

void sv_pairwise_kernels(const sv_pairwise *kernel, const double *x, size_t n_x, const double *y, size_t n_y, size_t n,
                         double *out)
{
    size_t n_all = n_x * n_y;
    if (kernel->kind == SV_PAIRWISE_RBF) {
        sv_distances_by_matrix(x, n_x, y, n_y, n, out);
        for (size_t i = 0; i < n_all; i++)
            out[i] = exp(out[i] * -kernel->gamma);
    } else if (is_of_products(kernel)) {
        sv_dense layer = {n, n_y, y, NULL};
        sv_dense_predict(&layer, x, n_x, out);
        for (size_t i = 0; i < n_all; i++)
            out[i] = of_product(kernel, out[i]);
    } else {
        for (size_t i = 0; i < n_all; i++)
            out[i] = sv_pairwise_kernel(kernel, x + i / n_y * n, y + i % n_y * n, n);
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
