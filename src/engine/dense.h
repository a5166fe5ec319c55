/* dense.h: products of dense matrices, and the few functions that scikit-learn puts around them. */
#ifndef SV_ENGINE_DENSE_H
#define SV_ENGINE_DENSE_H

#include <stddef.h>

/** A layer of sums: rows * weights^T + bias. */
typedef struct sv_dense {
    size_t n_in, n_out;
    const double *weights; /* [n_out x n_in] */
    const double *bias;    /* [n_out], or NULL: nothing is added */
} sv_dense;

/**
 * Add up rows as numpy does on x86-64, whose BLAS has an order of its own for each shape and fuses some products with
 * their sums; then the bias.
 *
 * rows      [n_rows x n_in]
 * out       [n_rows x n_out]
 * Threads   safe
 * Source    numpy.matmul over OpenBLAS 0.3.20 to 0.3.31, its kernels for Haswell and one thread, compared bit for bit
 *           by tests/differential/dense_sums.py; docs/parity.md says where others differ
 */
void sv_dense_predict(const sv_dense *layer, const double *rows, size_t n_rows, double *out);

/** The same for rows, or the weights of one row, that numpy holds column by column: they are added up in another
 * order where one output or one row is asked for. */
void sv_dense_predict_columns(const sv_dense *layer, const double *rows, size_t n_rows, double *out);

/** Row `r` of `n_rows`, of which numpy adds up all at once, but which need not be in memory together. */
void sv_dense_predict_row(const sv_dense *layer, const double *row, size_t r, size_t n_rows, double *out);

/** The first two with float32 sums; weights and bias are floats held as doubles. */
void sv_dense_predict_f32(const sv_dense *layer, const float *rows, size_t n_rows, float *out);
void sv_dense_predict_columns_f32(const sv_dense *layer, const float *rows, size_t n_rows, float *out);

/** 1 / (1 + exp(-x)). Source: scipy.special.expit. */
double sv_expit(double x);

/** In place: exp(x - max), divided by the sum. Source: sklearn.utils.extmath.softmax. */
void sv_softmax(double *row, size_t n);

/** log(sum(exp(x))), as scipy.special.logsumexp shifts by the maximum. */
double sv_logsumexp(const double *row, size_t n);

/** The sum as numpy adds a contiguous axis: eight running sums in blocks of 128, pairwise above. */
double sv_pairwise_sum(const double *values, size_t n);

#endif
