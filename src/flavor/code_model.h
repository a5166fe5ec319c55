/* code_model.h: what the flavors that are code share: a predictor that has worker processes. */
#ifndef SV_FLAVOR_CODE_MODEL_H
#define SV_FLAVOR_CODE_MODEL_H

#include "flavor/flavor.h"

typedef struct sv_code_model {
    sv_predictor base;
    sv_pool *pool; /* NULL while it only tells what would run */
    int n_workers;
} sv_code_model;

/** Slots of the class of such a predictor. */
void sv_code_model_describe(const sv_predictor *self, sv_buf *json);
int sv_code_model_count_workers(const sv_predictor *self, bool *is_ready);
void sv_code_model_close(sv_predictor *self);

/** Whether code may run or be described; else UNSUPPORTED, worded with what the entry would run in `runtime`. */
savor_status sv_code_model_check_allowed(const sv_flavor *flavor, const sv_node *conf, const sv_flavor_limits *limits,
                                         const char *runtime, savor_error *err) SAVOR_MUST_CHECK;

/**
 * A predictor without workers yet.
 *
 * out       owned by the caller: sv_predictor_free. NULL on failure
 * Errors    NOMEM
 */
savor_status sv_code_model_new(const sv_predictor_class *cls, const sv_flavor_limits *limits, sv_code_model **out,
                               savor_error *err) SAVOR_MUST_CHECK;

/**
 * Start its workers and wait until the first has loaded the model.
 *
 * options   the model's path is filled in; every other text is borrowed for the predictor's life
 * Errors    those of sv_pool_new
 */
savor_status sv_code_model_start(sv_code_model *model, const sv_dir *dir, sv_pool_options *options,
                                 savor_error *err) SAVOR_MUST_CHECK;

#endif
