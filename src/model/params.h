/* params.h: the `params` of a request against a model's params schema. */
#ifndef SV_MODEL_PARAMS_H
#define SV_MODEL_PARAMS_H

#include "data/payload.h"
#include "model/schema.h"

/**
 * Check the params of a request and fill in the defaults.
 *
 * params      the request's value, or NULL; without a params schema it is ignored, as MLflow does
 * signature   borrowed
 * arena       gets the values
 * out         all declared params in schema order; none without a schema, and None when none were sent; borrowed
 *             from the arena
 * Units       none
 * Errors      SCHEMA (message: name, expected, found), NOMEM, LIMIT
 * Threads     safe
 * Source      MLflow _enforce_params_schema
 */
savor_status sv_params_enforce(const sv_json *params, const sv_signature *signature, sv_arena *arena, sv_params *out,
                               savor_error *err) SAVOR_MUST_CHECK;

#endif
