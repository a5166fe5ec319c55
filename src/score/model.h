/* model.h: what a loaded model is made of. */
#ifndef SV_SCORE_MODEL_H
#define SV_SCORE_MODEL_H

#include "flavor/flavor.h"
#include "request/heading.h"
#include "request/profile.h"
#include "request/request.h"

#include <savor/model.h>

struct savor_model {
    sv_arena arena; /* holds the record below and this struct's texts */
    const sv_mlmodel *record;
    const sv_flavor *flavor;
    sv_predictor *predictor;
    sv_profile profile;
    const sv_heading *heading;  /* NULL: none */
    const char *mlflow_version; /* "" when the file does not say */
    const char *signature_json; /* NULL: none */
    const char *passed_over;    /* why other flavors were not taken; "" for none */
    const char *code;           /* what of the model runs as code; "" for none */
};

/** Why each flavor that was looked at cannot serve: one line of text, "xgboost: ...; lightgbm: ...". */
#define SV_PROBLEMS_MAX 2000

/**
 * Open the directory and read MLmodel, without loading any engine.
 *
 * Errors    NOT_FOUND, FORMAT, LIMIT, IO, NOMEM
 */
savor_status sv_model_open(const char *path, sv_dir *dir, sv_arena *arena, const sv_mlmodel **out,
                           savor_error *err) SAVOR_MUST_CHECK;

/** What was chosen. */
typedef struct sv_choice {
    const sv_flavor *flavor;
    sv_predictor *predictor;
    sv_buf problems; /* made by the caller */
} sv_choice;

/**
 * Try the flavors of the record in the table's order.
 *
 * engine     AUTO, or only the native ones, or only Python
 * out        `problems` gets a reason for each flavor that was passed over; the predictor is the caller's, NULL on
 *            failure. `err` must not be NULL
 * Errors     UNSUPPORTED (none is left), or the first other error of a flavor that knows the model
 */
savor_status sv_model_choose(const sv_dir *dir, const sv_mlmodel *record, savor_engine_choice engine,
                             const sv_flavor_limits *limits, sv_choice *out, savor_error *err) SAVOR_MUST_CHECK;

/** The limits of one load, with what they point to. */
typedef struct sv_load_limits {
    sv_flavor_limits flavor;
    sv_pool_options pool;
    sv_environment_options environment;
} sv_load_limits;

/** All members of the caller's options, which may be NULL, or those of an older program, which are fewer. */
savor_load_options sv_load_options_read(const savor_load_options *given);

/** Fill the limits from options that were read; `out` points into itself and borrows the options' texts. */
void sv_load_limits_init(sv_load_limits *out, const savor_load_options *options, sv_era era);

/** Append {"inputs": ..., "outputs": ..., "params": ...} as MLflow 3 writes them. */
void sv_signature_write(const sv_mlmodel *record, sv_buf *out);

/** Enforce a payload by the model's signature and predict. Errors: SCHEMA, MODEL, LIMIT, NOMEM. */
savor_status sv_model_answer(const savor_model *model, const sv_request *request, bool hide_details, sv_arena *arena,
                             sv_payload *out, savor_error *err) SAVOR_MUST_CHECK;

#endif
