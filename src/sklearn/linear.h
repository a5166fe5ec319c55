/* linear.h: coef_ and intercept_, which many families share. */
#ifndef SV_SKLEARN_LINEAR_H
#define SV_SKLEARN_LINEAR_H

#include "sklearn/estimator.h"

typedef struct sv_linear_model {
    size_t n_features, n_outputs;
    bool is_flat;         /* coef_ has one dimension: answers have one too */
    bool is_float32;      /* coef_ is float32: float32 rows are added up in float32 */
    bool has_wide_offset; /* ... and intercept_ is an array of float64, to which their sums are added in float64 */
    bool by_columns;      /* numpy holds coef_ column by column, which decides how one row is added up */
    const double *coef;   /* [n_outputs x n_features] */
    const double *offset; /* [n_outputs] intercept_, spread over the outputs */
} sv_linear_model;

/** Read coef_ and intercept_. Errors: FORMAT, UNSUPPORTED (sparse coef_), NOMEM, LIMIT. */
savor_status sv_linear_load(sv_loader *loader, const sv_record *object, sv_linear_model *out,
                            savor_error *err) SAVOR_MUST_CHECK;

/**
 * X @ coef_.T + intercept_ of checked rows.
 *
 * flags     more sv_check_flags for X
 * out       TENSOR [n_rows x n_outputs], or [n_rows] when coef_ has one dimension; FLOAT64 or FLOAT32
 */
savor_status sv_linear_scores(const sv_estimator *self, const sv_linear_model *linear, const sv_batch *in,
                              unsigned flags, sv_arena *arena, sv_batch *out, savor_error *err) SAVOR_MUST_CHECK;

#endif
