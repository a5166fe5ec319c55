/* check.h: sklearn.utils.validation: what an estimator accepts as X, and labels by their numbers. */
#ifndef SV_SKLEARN_CHECK_H
#define SV_SKLEARN_CHECK_H

#include "sklearn/estimator.h"

typedef enum sv_check_flags {
    SV_CHECK_ALLOW_NAN = 1,     /* force_all_finite="allow-nan": infinities are still refused */
    SV_CHECK_ALLOW_INF = 2,     /* with ALLOW_NAN: force_all_finite=False */
    SV_CHECK_ACCEPT_SPARSE = 4, /* `out` may be SPARSE */
    SV_CHECK_FLOAT32 = 8,       /* dtype=float32: rounded to it */
    SV_CHECK_KEEP_FLOAT32 = 16, /* float32 stays, all else becomes float64 (dtype=[float64, float32]) */
    SV_CHECK_ANY_ROWS = 32,     /* no rows are allowed (ensure_min_samples=0) */
    SV_CHECK_NUMERIC = 64,      /* dtype="numeric": an array of text is refused, even of text that is numbers; small
                                   integers are left, so that with KEEP_FLOAT32 they are floats */
} sv_check_flags;

/**
 * validate_data(X, reset=False): feature names, two dimensions, numbers, finite, number of features.
 *
 * flags     of sv_check_flags; 0: dense float64, finite
 * out       TENSOR [n_rows x n_features] of FLOAT64 or FLOAT32, or SPARSE
 * Errors    MODEL (what the library says), NOMEM, LIMIT
 * Source    sklearn.utils.validation.validate_data, check_array, _check_feature_names
 */
savor_status sv_check_batch(const sv_estimator *self, const sv_batch *in, unsigned flags, sv_arena *arena,
                            sv_batch *out, savor_error *err) SAVOR_MUST_CHECK;

/** The same without ACCEPT_SPARSE, as the tensor itself; sparse input becomes dense. */
savor_status sv_check_dense(const sv_estimator *self, const sv_batch *in, unsigned flags, sv_arena *arena,
                            sv_tensor *out, savor_error *err) SAVOR_MUST_CHECK;

/** The dtype that check_array(dtype=None) gives: as numpy joins columns, and bools beside numbers are numbers. */
savor_dtype sv_check_dtype(const sv_batch *in);

/**
 * validate_data(X, dtype=None) of what becomes an array of objects: names, shape, and NaN unless flags allow it.
 *
 * out       FRAME of OBJECT columns named by numbers
 * Errors    MODEL, NOMEM, LIMIT
 */
savor_status sv_check_objects(const sv_estimator *self, const sv_batch *in, unsigned flags, sv_arena *arena,
                              sv_batch *out, savor_error *err) SAVOR_MUST_CHECK;

/**
 * validate_data(X, dtype=None): numbers are looked at as the flags say, objects and text stay what they are.
 *
 * flags     of sv_check_batch, for numbers; ALLOW_NAN for objects
 * out       as sv_check_batch or sv_check_objects gives it; a TENSOR of text as it came
 * Errors    MODEL, NOMEM, LIMIT
 */
savor_status sv_check_untyped(const sv_estimator *self, const sv_batch *in, unsigned flags, sv_arena *arena,
                              sv_batch *out, savor_error *err) SAVOR_MUST_CHECK;

/** _check_feature_names alone: a frame's names are those that the estimator was fitted with, in order. */
savor_status sv_check_names(const sv_estimator *self, const sv_batch *in, savor_error *err) SAVOR_MUST_CHECK;

/** classes_[indices]: [n] labels of the classes' dtype. Errors: MODEL (there is no such class), NOMEM, LIMIT. */
savor_status sv_take_labels(const sv_tensor *classes, const size_t *indices, size_t n, sv_arena *arena, sv_batch *out,
                            savor_error *err) SAVOR_MUST_CHECK;

/** np.argmax of each row, then classes_[...]: the first of equals, the first NaN. [n_rows x n_columns] values. */
savor_status sv_take_argmax(const sv_tensor *classes, const double *values, size_t n_rows, sv_arena *arena,
                            sv_batch *out, savor_error *err) SAVOR_MUST_CHECK;

/** The second class where a row's one value is above 0, else the first: a decision between two. [n_rows] values. */
savor_status sv_take_positive(const sv_tensor *classes, const double *values, size_t n_rows, sv_arena *arena,
                              sv_batch *out, savor_error *err) SAVOR_MUST_CHECK;

/**
 * The same for several outputs: labels [n_rows x n_outputs], all of the dtype of the first output's classes.
 *
 * classes   [n_outputs] of each output
 * values    doubles [n_rows x n_outputs x width], of which an output's classes have the first
 */
savor_status sv_take_argmax_of_outputs(const sv_tensor *classes, const sv_tensor *values, sv_arena *arena,
                                       sv_batch *out, savor_error *err) SAVOR_MUST_CHECK;

/** In place: -1 where a decision is negative, else 1; `of_nan` for NaN. */
savor_status sv_take_signs(sv_batch *decision, int64_t of_nan, sv_arena *arena, savor_error *err) SAVOR_MUST_CHECK;

/** np.argmax of one row. */
size_t sv_argmax(const double *row, size_t n);

/** predict_log_proba as most classes have it: the logarithm of predict_proba, of each output where there are several.
 * A row may name it as its method. */
savor_status sv_log_of_proba(const sv_estimator *self, const sv_batch *in, sv_arena *arena, sv_batch *out,
                             savor_error *err);

#endif
