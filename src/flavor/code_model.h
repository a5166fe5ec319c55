/* code_model.h: what the flavors that are code share: a predictor that has worker processes. */
#ifndef SV_FLAVOR_CODE_MODEL_H
#define SV_FLAVOR_CODE_MODEL_H

#include "flavor/admission.h"
#include "flavor/flavor.h"

typedef struct sv_code_model {
    sv_predictor base;
    sv_pool *pool; /* NULL while it only tells what would run */
    int n_workers;
    sv_code_facts facts;
    char digest[SV_SHA256_HEX + 1]; /* of the model's files; "" where it has none */
} sv_code_model;

/** Slots of the class of such a predictor. */
void sv_code_model_describe(const sv_predictor *self, sv_buf *json);
int sv_code_model_count_workers(const sv_predictor *self, bool *is_ready);
const sv_code_facts *sv_code_model_get_facts(const sv_predictor *self);
void sv_code_model_close(sv_predictor *self);

/** Of which model it is asked whether its code may run. */
typedef struct sv_code_question {
    const sv_flavor *flavor;
    const sv_dir *dir;
    const sv_node *conf; /* the flavor's entry */
    const sv_flavor_limits *limits;
    const char *runtime; /* what it needs, for the message where nothing runs code: "an R function needs R" */
} sv_code_question;

/**
 * Whether code may run or be described.
 *
 * digest    as for sv_code_admit
 * Errors    UNSUPPORTED (what forbids it, or what it needs), NOMEM
 */
savor_status sv_code_model_admit(const sv_code_question *question, char digest[SV_SHA256_HEX + 1],
                                 savor_error *err) SAVOR_MUST_CHECK;

/** Where an opened directory lies, kept in the arena. Errors: IO, NOMEM. */
savor_status sv_code_model_find_path(const sv_dir *dir, sv_arena *arena, const char **out,
                                     savor_error *err) SAVOR_MUST_CHECK;

/**
 * A predictor without workers yet.
 *
 * digest    from sv_code_model_admit
 * out       owned by the caller: sv_predictor_free. NULL on failure
 * Errors    NOMEM
 */
savor_status sv_code_model_new(const sv_predictor_class *cls, const sv_flavor_limits *limits, const char *digest,
                               sv_code_model **out, savor_error *err) SAVOR_MUST_CHECK;

/**
 * Start its workers and wait until the first has loaded the model.
 *
 * options   the model's path is filled in; every other text is borrowed for the predictor's life
 * Errors    those of sv_pool_new
 */
savor_status sv_code_model_start(sv_code_model *model, const sv_dir *dir, sv_pool_options *options,
                                 savor_error *err) SAVOR_MUST_CHECK;

#endif
