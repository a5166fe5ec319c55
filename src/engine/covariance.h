/* covariance.h: the kernels of Gaussian processes: a tree of sums and products over functions of two rows. */
#ifndef SV_ENGINE_COVARIANCE_H
#define SV_ENGINE_COVARIANCE_H

#include "engine/pairwise.h"

typedef enum sv_covariance_kind {
    SV_COVARIANCE_SUM,
    SV_COVARIANCE_PRODUCT,
    SV_COVARIANCE_POWER,    /* a ** value */
    SV_COVARIANCE_CONSTANT, /* value */
    SV_COVARIANCE_WHITE,    /* value for a row with itself, else 0 */
    SV_COVARIANCE_RBF,
    SV_COVARIANCE_MATERN_1_2,
    SV_COVARIANCE_MATERN_3_2,
    SV_COVARIANCE_MATERN_5_2,
    SV_COVARIANCE_MATERN_INF,
    SV_COVARIANCE_RATIONAL, /* value: alpha */
    SV_COVARIANCE_PERIODIC, /* value: the period */
    SV_COVARIANCE_DOT,      /* value: sigma_0 */
    SV_COVARIANCE_PAIRWISE,
} sv_covariance_kind;

typedef struct sv_covariance sv_covariance;
struct sv_covariance {
    sv_covariance_kind kind;
    const sv_covariance *a, *b; /* SUM, PRODUCT: both; POWER: a. A tree, of limited depth */
    double value;
    size_t n_scales;      /* 1, or as many as there are features */
    const double *scales; /* [n_scales] length_scale, where there is one */
    sv_pairwise pairwise;
};

/**
 * The covariance of two rows of n numbers, which are different rows even when they are equal.
 *
 * Threads   safe
 * Source    sklearn.gaussian_process.kernels
 */
double sv_covariance_of(const sv_covariance *kernel, const double *x, const double *y, size_t n);

/** The variance of one row: kernel.diag. */
double sv_covariance_own(const sv_covariance *kernel, const double *x, size_t n);

#endif
