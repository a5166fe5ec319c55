/* pairwise.h: kernels between two rows of doubles. */
#ifndef SV_ENGINE_PAIRWISE_H
#define SV_ENGINE_PAIRWISE_H

#include "engine/distance.h"

typedef enum sv_pairwise_kind {
    SV_PAIRWISE_LINEAR,
    SV_PAIRWISE_POLYNOMIAL,
    SV_PAIRWISE_RBF,
    SV_PAIRWISE_SIGMOID,
    SV_PAIRWISE_LAPLACIAN,
    SV_PAIRWISE_COSINE,
    SV_PAIRWISE_ADDITIVE_CHI2,
    SV_PAIRWISE_CHI2,
} sv_pairwise_kind;

typedef struct sv_pairwise {
    sv_pairwise_kind kind;
    double gamma, coef0, degree; /* as far as the kind has them */
} sv_pairwise;

/**
 * The kernel of two rows of n numbers. The squared distance of RBF is x.x - 2 x.y + y.y, which scikit-learn computes
 * this way, and not below zero.
 *
 * Threads   safe
 * Source    sklearn.metrics.pairwise
 */
double sv_pairwise_kernel(const sv_pairwise *kernel, const double *x, const double *y, size_t n);

/** The same for all rows with all rows, whose products are one product of matrices; rows of COSINE are of length one
 * already. out: [x->n_rows x y->n_rows] */
void sv_pairwise_kernels(const sv_pairwise *kernel, const sv_rows *x, const sv_rows *y, double *out);

/** Rows made of length one, as sv_pairwise_kernels wants them for COSINE; those of no length stay. out: as the rows
 */
void sv_rows_normalize(const sv_rows *rows, double *out);

/** x ** exponent as numpy has it for arrays and one number: squares, roots and reciprocals are exact. */
double sv_power(double x, double exponent);

#endif
