/* lightgbm_answer.h: what LightGBM's Booster.predict makes of a frame, an array or a sparse matrix. */
#ifndef SV_FLAVOR_LIGHTGBM_ANSWER_H
#define SV_FLAVOR_LIGHTGBM_ANSWER_H

#include "data/payload.h"
#include "format/lightgbm_text.h"
#include "sklearn/batch.h"

typedef struct sv_lightgbm_booster {
    const sv_lightgbm *model; /* as much of it as is asked: a best iteration is n_iterations */
    bool is_before_4;         /* the library that wrote it: frames become numbers in another way */
} sv_lightgbm_booster;

/** The values of all rows: [n_rows x forest.n_groups]. */
typedef struct sv_lightgbm_values {
    size_t n_rows;
    double *values;
} sv_lightgbm_values;

/**
 * Booster.predict(in).
 *
 * in        FRAME, TENSOR or SPARSE; borrowed
 * is_raw    margins instead of what the objective makes of them
 * out       lies in the arena
 * Errors    MODEL (what the library raises), NOMEM, LIMIT
 * Threads   safe
 * Source    lightgbm.basic._InnerPredictor.predict
 */
savor_status sv_lightgbm_booster_predict(const sv_lightgbm_booster *booster, const sv_batch *in, bool is_raw,
                                         sv_arena *arena, sv_lightgbm_values *out, savor_error *err) SAVOR_MUST_CHECK;

/** The array that the package returns: reshaped only where there are more values than rows. */
sv_tensor sv_lightgbm_values_view(const sv_lightgbm_booster *booster, const sv_lightgbm_values *values);

#endif
