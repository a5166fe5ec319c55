/* nested_request.h: `inputs` and `instances` for a signature with arrays, objects, maps or anything. */
#ifndef SV_REQUEST_NESTED_REQUEST_H
#define SV_REQUEST_NESTED_REQUEST_H

#include "request/tensor_request.h"

/**
 * The value of `inputs`: a dict of columns, a list of rows, or one array or value.
 *
 * rules     with a schema that sv_schema_is_nested, or without one
 * arena     gets the values
 * out       a dict or list of values, or an array; borrowed from the arena
 * Errors    BAD_REQUEST (message: name and why), UNSUPPORTED (MLflow 1.x), LIMIT, NOMEM
 * Source    MLflow _cast_schema_type, convert_data_type of 2.16, 2.22, 3.17
 */
savor_status sv_nested_inputs_read(const sv_json *v, const sv_tensor_request_rules *rules, sv_arena *arena,
                                   sv_payload *out, savor_error *err) SAVOR_MUST_CHECK;

/** The value of `instances`: a list of objects is turned into columns. Errors as above. Source: parse_instances_data.
 */
savor_status sv_nested_instances_read(const sv_json *v, const sv_tensor_request_rules *rules, sv_arena *arena,
                                      sv_payload *out, savor_error *err) SAVOR_MUST_CHECK;

#endif
