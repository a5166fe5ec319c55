#include "engine/lightgbm_link.h"

#include <math.h>

static void apply_signed_square(double *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        x[i] = (double)((x[i] > 0) - (x[i] < 0)) * x[i] * x[i];
}

static void apply_exp(double *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        x[i] = exp(x[i]);
}

static void apply_sigmoid(double steepness, double *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        x[i] = 1.0 / (1.0 + exp(-steepness * x[i]));
}

static void apply_log1p_exp(double *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        x[i] = log1p(exp(x[i]));
}

/* The order of comparison is std::max's, so that NaN goes the same way. */
static void apply_softmax(double *x, size_t n)
{
    double most = x[0], sum = 0;
    for (size_t i = 1; i < n; i++)
        most = x[i] < most ? most : x[i];
    for (size_t i = 0; i < n; i++) {
        x[i] = exp(x[i] - most);
        sum += x[i];
    }
    for (size_t i = 0; i < n; i++)
        x[i] /= sum;
}

void sv_lightgbm_link_apply(const sv_lightgbm_link *link, double *values, size_t n_rows, size_t n_groups)
{
    size_t n = n_rows * n_groups;
    switch (link->kind) {
    case SV_LIGHTGBM_IDENTITY:
        break;
    case SV_LIGHTGBM_SIGNED_SQUARE:
        apply_signed_square(values, n);
        break;
    case SV_LIGHTGBM_EXP:
        apply_exp(values, n);
        break;
    case SV_LIGHTGBM_SIGMOID:
        apply_sigmoid(link->steepness, values, n);
        break;
    case SV_LIGHTGBM_SOFTMAX:
        for (size_t r = 0; r < n_rows; r++)
            apply_softmax(values + r * n_groups, n_groups);
        break;
    case SV_LIGHTGBM_LOG1P_EXP:
        apply_log1p_exp(values, n);
        break;
    }
}
