/* enforce.h: make data obey a schema, or say which value did not. A pure function, as PyFuncModel.predict has it. */
#ifndef SV_MODEL_ENFORCE_H
#define SV_MODEL_ENFORCE_H

#include "data/payload.h"
#include "model/mlmodel.h"
#include "model/schema.h"

typedef struct sv_enforce_rules {
    sv_era era;
    int pandas_major;  /* 1, 2 or 3 */
    bool hide_details; /* messages say nothing about names and values (MLFLOW_DISABLE_SCHEMA_DETAILS) */
} sv_enforce_rules;

/**
 * Make `in` obey `schema`: names, order, types, missing values.
 *
 * Columns the schema does not name are ignored; a missing required one is an error. int -> long, int -> double and
 * float -> double widen; nothing narrows, except where MLflow itself does. Tensors are checked, never cast, but for
 * frames given to a tensor schema.
 *
 * in        [n_rows x any] frame, array or named arrays; borrowed
 * schema    the signature's inputs
 * arena     gets converted columns; unchanged ones are shared with `in`
 * out       [n_rows x n_inputs] in schema order; borrowed from the arena
 * Units     none (row and column numbers in messages start at 0)
 * Errors    SCHEMA (message: column, expected, found), LIMIT, NOMEM, UNSUPPORTED (a type that is not checked here)
 * Threads   safe; `schema` may be shared
 * Source    MLflow _enforce_schema of 1.30, 2.22 and 3.17; docs/differences-from-mlflow.md
 */
savor_status sv_enforce(const sv_payload *in, const sv_schema *schema, const sv_enforce_rules *rules, sv_arena *arena,
                        sv_payload *out, savor_error *err) SAVOR_MUST_CHECK;

/** One column to a scalar type. Errors: SCHEMA, NOMEM, LIMIT. Source: MLflow _enforce_mlflow_datatype.
 */
savor_status sv_column_enforce(const sv_column *column, size_t n_rows, sv_type_kind type,
                               const sv_enforce_rules *rules, sv_arena *arena, sv_column *out,
                               savor_error *err) SAVOR_MUST_CHECK;

/** A frame, array or named arrays to a tensor schema. Errors: SCHEMA, NOMEM, LIMIT. Source: MLflow
 * _enforce_tensor_schema. */
savor_status sv_tensor_enforce(const sv_payload *in, const sv_schema *schema, const sv_enforce_rules *rules,
                               sv_arena *arena, sv_payload *out, savor_error *err) SAVOR_MUST_CHECK;

/** The frame that pandas.DataFrame(payload) makes. Errors: SCHEMA, NOMEM, LIMIT. Source: MLflow _enforce_schema. */
savor_status sv_payload_to_frame(const sv_payload *in, const sv_enforce_rules *rules, sv_arena *arena, sv_frame *out,
                                 savor_error *err) SAVOR_MUST_CHECK;

#endif
