/* json_tensor.h: nested JSON lists -> an array, as numpy.array(value, dtype) makes it. */
#ifndef SV_REQUEST_JSON_TENSOR_H
#define SV_REQUEST_JSON_TENSOR_H

#include "data/tensor.h"
#include "text/json.h"

/** How an array is made. */
typedef struct sv_json_tensor_rules {
    const savor_dtype *dtype;  /* NULL: inferred */
    bool ragged_makes_objects; /* numpy before 1.24 (MLflow 1.x) */
    bool needs_time_unit;      /* datetime64 without a unit: only text that tells one */
    bool wraps_integers;       /* numpy before 2: an integer that a small dtype cannot hold wraps */
} sv_json_tensor_rules;

/**
 * Make an array of a JSON value.
 *
 * v         any value; a scalar gives 0 dimensions
 * arena     gets the elements
 * out       borrowed from the arena
 * Errors    BAD_REQUEST (ragged, or an element that the dtype cannot take), LIMIT (more than 32 dimensions), NOMEM
 * Source    numpy.array
 */
savor_status sv_json_to_tensor(const sv_json *v, const sv_json_tensor_rules *rules, sv_arena *arena, sv_tensor *out,
                               savor_error *err) SAVOR_MUST_CHECK;

/** The same for cells that are the first dimension: numpy.array([a, b, ...]). `cells` is borrowed. Errors as above.
 */
savor_status sv_json_cells_to_tensor(const sv_json *const *cells, size_t n, const sv_json_tensor_rules *rules,
                                     sv_arena *arena, sv_tensor *out, savor_error *err) SAVOR_MUST_CHECK;

#endif
