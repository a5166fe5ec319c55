/* enforce_priv.h: what the files of enforcement share. */
#ifndef SV_MODEL_ENFORCE_PRIV_H
#define SV_MODEL_ENFORCE_PRIV_H

#include "model/enforce.h"

/** Shape first, then dtype; nothing is cast. Errors: SCHEMA. Source: MLflow _enforce_tensor_spec. */
savor_status sv_tensor_check(const sv_tensor *tensor, const sv_type *type, const sv_enforce_rules *rules,
                             savor_error *err) SAVOR_MUST_CHECK;

/**
 * The array that a column of a frame makes for a tensor spec: of scalars, or of one list per row.
 *
 * Errors    SCHEMA, NOMEM, LIMIT
 * Source    MLflow _reshape_and_cast_pandas_column_values; _enforce_tensor_schema of 1.30
 */
savor_status sv_column_to_tensor(const sv_column *column, size_t n_rows, const sv_type *type,
                                 const sv_enforce_rules *rules, sv_arena *arena, sv_tensor *out,
                                 savor_error *err) SAVOR_MUST_CHECK;

/** The frame that pandas.DataFrame(payload) makes. Errors: SCHEMA, NOMEM, LIMIT. Source: MLflow _enforce_schema. */
savor_status sv_payload_to_frame(const sv_payload *in, const sv_schema *schema, const sv_enforce_rules *rules,
                                 sv_arena *arena, sv_frame *out, savor_error *err) SAVOR_MUST_CHECK;

/** The same of a dict, list or scalar. Errors: SCHEMA, NOMEM, LIMIT. Source: MLflow _enforce_schema;
 * pandas.DataFrame.
 */
savor_status sv_value_to_frame(const sv_value *in, const sv_schema *schema, const sv_enforce_rules *rules,
                               sv_arena *arena, sv_frame *out, savor_error *err) SAVOR_MUST_CHECK;

#endif
