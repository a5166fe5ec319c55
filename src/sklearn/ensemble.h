/* ensemble.h: asking several estimators the same, which voting, stacking, bagging and their like share. */
#ifndef SV_SKLEARN_ENSEMBLE_H
#define SV_SKLEARN_ENSEMBLE_H

#include "sklearn/estimator.h"

/** One estimator's answer as doubles, [n_rows] or [n_rows x n]. Errors: MODEL (text), UNSUPPORTED, NOMEM, LIMIT. */
savor_status sv_ask_doubles(const sv_estimator *estimator, sv_method method, const sv_batch *in, sv_arena *arena,
                            sv_tensor *out, savor_error *err) SAVOR_MUST_CHECK;

/** The same, of exactly n_rows x n_columns numbers. */
savor_status sv_ask_matrix(const sv_estimator *estimator, sv_method method, const sv_batch *in, size_t n_columns,
                           sv_arena *arena, const double **out, savor_error *err) SAVOR_MUST_CHECK;

/**
 * _predict_binary: a score per row whose sign or size tells the second class: the decision, else its probability,
 * else the prediction of a regressor.
 *
 * threshold   what the score is compared with: 0, or 0.5 for a probability; NULL allowed
 */
savor_status sv_ask_binary(const sv_estimator *estimator, const sv_batch *in, sv_arena *arena, const double **out,
                           double *threshold, savor_error *err) SAVOR_MUST_CHECK;

/** Whether sv_ask_binary has something to ask for. */
bool sv_has_binary(const sv_estimator *estimator);

/** Rows as an array without names, as estimators that validated X pass it on. Any numbers, NaN too. */
savor_status sv_plain_rows(const sv_estimator *self, const sv_batch *in, unsigned flags, sv_arena *arena,
                           sv_batch *out, savor_error *err) SAVOR_MUST_CHECK;

#endif
