/* pairwise_kernel.h: the kernel that an estimator names, and the rows it was fitted with. */
#ifndef SV_SKLEARN_PAIRWISE_KERNEL_H
#define SV_SKLEARN_PAIRWISE_KERNEL_H

#include "engine/dense.h"
#include "engine/pairwise.h"
#include "sklearn/estimator.h"

/** A kernel with the rows on its other side. */
typedef struct sv_kernel_rows {
    sv_pairwise kernel;
    size_t n_rows, n_features;
    const double *rows; /* [n_rows x n_features] */
    bool by_columns;    /* as of sv_rows */
    bool is_float32;    /* the rows are float32: kernels of float32 input are, too */
    bool has_float32_weights;
    bool by_columns_weights; /* numpy's matrix of weights, [n_in x n_out], is in C order: how one row is added up */
} sv_kernel_rows;

/**
 * Read a kernel: its name from attribute `name`, gamma, coef0 and degree from those attributes, where they are None
 * what sklearn.metrics.pairwise has.
 *
 * Errors    UNSUPPORTED (a function, "precomputed", a name that is not known), FORMAT
 */
savor_status sv_pairwise_read(const sv_record *object, const char *name, size_t n_features, sv_pairwise *out,
                              savor_error *err) SAVOR_MUST_CHECK;

/** A matrix attribute, dense or sparse, as dense rows. `n_features` 0: any. */
savor_status sv_kernel_rows_read(sv_loader *loader, const sv_record *object, const char *name, size_t n_features,
                                 sv_kernel_rows *out, savor_error *err) SAVOR_MUST_CHECK;

/** Rows as sv_kernel_rows_read reads them. */
static inline sv_rows sv_kernel_rows_view(const sv_kernel_rows *rows)
{
    return (sv_rows){rows->rows, rows->n_rows, rows->n_features, rows->by_columns};
}

/** Checked rows as doubles. is_float32: numpy computes in float32 here, which rounds every kernel. */
savor_status sv_kernel_rows_check(const sv_estimator *self, const sv_kernel_rows *rows, const sv_batch *in,
                                  sv_arena *arena, sv_rows *out, bool *is_float32, savor_error *err) SAVOR_MUST_CHECK;

/**
 * Kernels of all rows with all rows. [x->n_rows x y->n_rows]
 *
 * arena     gets scratch
 * Errors    MODEL (the chi-squared kernels take no negative numbers), NOMEM, LIMIT
 */
savor_status sv_kernels_compute(const sv_pairwise *kernel, const sv_rows *x, const sv_rows *y, sv_arena *arena,
                                double *out, savor_error *err) SAVOR_MUST_CHECK;

/**
 * kernel(X, rows) @ weights.T of checked rows.
 *
 * layer     the weights: n_in is rows->n_rows
 * out       [n_rows x layer->n_out]; FLOAT32 where X, the rows and the weights are
 */
savor_status sv_kernel_rows_predict(const sv_estimator *self, const sv_kernel_rows *rows, const sv_dense *layer,
                                    const sv_batch *in, sv_arena *arena, sv_batch *out,
                                    savor_error *err) SAVOR_MUST_CHECK;

/** Doubles -> FLOAT32, in place of `batch`. Errors: NOMEM, LIMIT. */
savor_status sv_batch_to_float32(sv_batch *batch, sv_arena *arena, savor_error *err) SAVOR_MUST_CHECK;

/** Whether the attribute is an array of float32. */
bool sv_attr_is_float32(const sv_record *object, const char *name);

#endif
