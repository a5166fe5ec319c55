/* infer.h: data -> the signature that MLflow's infer_signature makes of them, and its text. */
#ifndef SV_MODEL_INFER_H
#define SV_MODEL_INFER_H

#include "data/payload.h"
#include "model/mlmodel.h"
#include "model/schema.h"

/** Whose inference: 1.30, 2.16, 2.22 and 3.17 differ. */
typedef struct sv_infer_rules {
    sv_era era;
    int pandas_major; /* 1, 2 or 3 */
    bool has_any;     /* there is a type "any", and what cannot be inferred becomes it (2.22, 3.x) */
} sv_infer_rules;

/** What a schema is inferred from. */
typedef struct sv_infer_data {
    const sv_payload *payload;
    bool is_unnamed_series; /* a frame of one column that has no name: a pandas.Series */
} sv_infer_data;

/**
 * Infer a schema of inputs or outputs.
 *
 * Frames give columns, arrays and dicts of arrays tensors with a first dimension of any size; lists, dicts and
 * scalars give columns of the types of their values (not in 1.x).
 *
 * data      borrowed: names are not copied
 * arena     gets the schema
 * out       borrowed from the arena. NULL on failure
 * Units     none
 * Errors    SCHEMA (no such schema, in words: with has_any that is the one unnamed column "any" instead), LIMIT
 * (nested deeper than a schema may be), NOMEM Threads   safe Source    MLflow mlflow.types.utils._infer_schema
 * of 1.30, 2.16, 2.22, 3.17
 */
savor_status sv_schema_infer(const sv_infer_data *data, const sv_infer_rules *rules, sv_arena *arena,
                             const sv_schema **out, savor_error *err) SAVOR_MUST_CHECK;

/**
 * Infer the params of a signature from a DICT of defaults, in its order. An empty one declares no params.
 *
 * signature only its params are set
 * Errors    SCHEMA (a default that no type fits: told in every era), LIMIT, NOMEM, USAGE (1.x has no params)
 * Source    MLflow mlflow.types.utils._infer_param_schema, ParamSpec
 */
savor_status sv_params_infer(const sv_value *params, const sv_infer_rules *rules, sv_arena *arena,
                             sv_signature *signature, savor_error *err) SAVOR_MUST_CHECK;

/** All that a signature is inferred from. A payload that is NULL, or None, declares nothing. */
typedef struct sv_inference {
    sv_infer_data inputs, outputs;
    const sv_value *params; /* NULL: none */
} sv_inference;

/** Infer a whole signature. Errors: as above; SCHEMA as well when there is nothing to infer from. Source: MLflow
 * mlflow.models.infer_signature. */
savor_status sv_signature_infer(const sv_inference *from, const sv_infer_rules *rules, sv_arena *arena,
                                sv_signature *out, savor_error *err) SAVOR_MUST_CHECK;

/** Append a schema as the MLflow of `rules` writes it: 1.x knows no "required" and begins with the name. */
void sv_schema_write_as(const sv_schema *schema, const sv_infer_rules *rules, sv_buf *out);

/** Append the params likewise: 2.16 has the type before the default. */
void sv_params_write_as(const sv_signature *signature, const sv_infer_rules *rules, sv_buf *out);

#endif
