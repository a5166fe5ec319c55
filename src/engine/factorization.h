/* factorization.h: the non-negative W of X ~ W H when H is known, as scikit-learn's NMF finds it. */
#ifndef SV_ENGINE_FACTORIZATION_H
#define SV_ENGINE_FACTORIZATION_H

#include "base/arena.h"

typedef struct sv_factorization {
    size_t n_features, n_components;
    const double *components; /* [n_components x n_features] H */
    const double *gram;       /* [n_components x n_components] H H^T */
    double l1, l2, tolerance;
    size_t max_rounds;
} sv_factorization;

/**
 * Coordinate descent from zero; all rows stop together.
 *
 * x         [n_rows x n_features]
 * w         [n_rows x n_components] the answer
 * scratch   [n_rows x n_components]
 * Source    sklearn.decomposition._nmf._fit_coordinate_descent, _cdnmf_fast.pyx
 */
void sv_factorization_descend(const sv_factorization *f, const double *x, size_t n_rows, double *w, double *scratch);

/** Multiplicative updates from the root of the mean, for the Frobenius norm; likewise. Source: MiniBatchNMF._solve_W.
 */
void sv_factorization_multiply(const sv_factorization *f, const double *x, size_t n_rows, double *w, double *scratch);

/** H H^T. */
void sv_factorization_gram(const double *components, size_t n_components, size_t n_features, double *out);

#endif
