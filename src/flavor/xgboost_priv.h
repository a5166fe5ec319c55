/* xgboost_priv.h: how the flavor `xgboost` turns requests into rows, and what of the library's checks it repeats. */
#ifndef SV_FLAVOR_XGBOOST_PRIV_H
#define SV_FLAVOR_XGBOOST_PRIV_H

#include "format/xgboost.h"
#include "sklearn/batch.h"

#include <stdatomic.h>

/** Rows as the engine takes them. */
typedef struct xgb_rows {
    size_t n_rows;
    const float *values; /* [n_rows x model->n_features] */
    bool is_frame;       /* came with columns, not as an array */
} xgb_rows;

/** How the library would take the data. */
typedef struct xgb_input {
    const sv_xgboost *model;
    int version_major;         /* of the library that MLflow would call */
    bool is_inplace;           /* inplace_predict (scikit-learn classes with trees), else a DMatrix */
    float missing;             /* a value that counts as NaN; NaN: none */
    bool is_unchecked;         /* validate_features=False */
    _Atomic uint64_t *learned; /* 1.x: a Booster without names takes those of its first rows; their hash, 0 = none */
} xgb_input;

/**
 * Make rows of a frame, array or sparse matrix, with the checks of names, types, shape and infinities that the
 * library makes. What a sparse matrix does not hold is missing.
 *
 * out       borrowed from the arena
 * Errors    MODEL (what the library raises), NOMEM, LIMIT
 * Threads   safe
 */
savor_status sv_xgb_rows_read(const xgb_input *input, const sv_batch *in, sv_arena *arena, xgb_rows *out,
                              savor_error *err);

#endif
