/* dense.h: products of dense matrices of doubles, and the few functions that scikit-learn puts around them. */
#ifndef SV_ENGINE_DENSE_H
#define SV_ENGINE_DENSE_H

#include <stddef.h>

/**
 * out = rows * weights^T + bias. Sums run over the features in order, then the bias is added.
 *
 * rows      [n_rows x n_in]
 * weights   [n_out x n_in]
 * bias      [n_out], or NULL
 * out       [n_rows x n_out]
 * Threads   safe
 * Source    numpy.matmul; BLAS sums in another order, so the last bits differ (docs/parity.md)
 */
void sv_dense_predict(const double *rows, size_t n_rows, size_t n_in, const double *weights, const double *bias,
                      size_t n_out, double *out);

/** The same with float32 sums; weights and bias are floats held as doubles. */
void sv_dense_predict_f32(const float *rows, size_t n_rows, size_t n_in, const double *weights, const double *bias,
                          size_t n_out, float *out);

/** 1 / (1 + exp(-x)). Source: scipy.special.expit. */
double sv_expit(double x);

/** In place: exp(x - max), divided by the sum. Source: sklearn.utils.extmath.softmax. */
void sv_softmax(double *row, size_t n);

/** log(sum(exp(x))), as scipy.special.logsumexp shifts by the maximum. */
double sv_logsumexp(const double *row, size_t n);

/** The sum as numpy adds a contiguous axis: eight running sums in blocks of 128, pairwise above. */
double sv_pairwise_sum(const double *values, size_t n);

#endif
