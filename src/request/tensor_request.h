/* tensor_request.h: the `inputs` and `instances` forms of a request -> arrays, cast by the schema. */
#ifndef SV_REQUEST_TENSOR_REQUEST_H
#define SV_REQUEST_TENSOR_REQUEST_H

#include "data/payload.h"
#include "request/profile.h"
#include "text/json.h"

typedef struct sv_tensor_request_rules {
    const sv_profile *profile;
    const sv_schema *schema; /* NULL: nothing is cast */
} sv_tensor_request_rules;

/**
 * The value of `inputs`: a list or scalar gives an array, an object named arrays, a list of objects a frame.
 *
 * Errors    BAD_REQUEST (message: name and why), UNSUPPORTED (dtypes that libsavor has not), LIMIT, NOMEM
 * Source    MLflow parse_tf_serving_input of 1.30, _cast_schema_type of 2.x and 3.x
 */
savor_status sv_inputs_read(const sv_json *v, const sv_tensor_request_rules *rules, sv_arena *arena, sv_payload *out,
                            savor_error *err) SAVOR_MUST_CHECK;

/** The value of `instances`: as `inputs`, but a list of objects is turned into columns. Errors as above. */
savor_status sv_instances_read(const sv_json *v, const sv_tensor_request_rules *rules, sv_arena *arena,
                               sv_payload *out, savor_error *err) SAVOR_MUST_CHECK;

/** BAD_REQUEST: a signature without names takes one array or value, and `v` is neither. */
savor_status sv_inputs_fail_unnamed(const sv_json *v, savor_error *err) SAVOR_MUST_CHECK;

/** How many items of a list are objects. */
size_t sv_json_count_objects(const sv_json *list);

#endif
