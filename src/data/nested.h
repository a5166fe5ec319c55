/* nested.h: between nested Python values and numpy arrays: numpy.array(value), array[i], array.tolist(). */
#ifndef SV_DATA_NESTED_H
#define SV_DATA_NESTED_H

#include "data/frame.h"
#include "data/tensor.h"

/**
 * numpy.array(value): lists and arrays become dimensions, the rest elements of a dtype that fits all of them.
 *
 * v         a scalar or dict gives 0 dimensions
 * arena     gets the elements
 * out       borrowed from the arena
 * Errors    BAD_REQUEST (ragged; more than 32 dimensions), NOMEM, LIMIT
 * Source    numpy.array
 */
savor_status sv_value_to_tensor(const sv_value *v, sv_arena *arena, sv_tensor *out,
                                savor_error *err) SAVOR_MUST_CHECK;

/** The tensor as a value: SV_VALUE_ARRAY over a copy of `t` (data are shared). Errors: NOMEM, LIMIT. */
savor_status sv_value_of_tensor(const sv_tensor *t, sv_arena *arena, sv_value *out,
                                savor_error *err) SAVOR_MUST_CHECK;

/** t[i] along the first of at least one dimension: a numpy scalar, a Python value of an OBJECT tensor, or an array.
 * Errors: NOMEM, LIMIT. */
savor_status sv_tensor_index(const sv_tensor *t, size_t i, sv_arena *arena, sv_value *out,
                             savor_error *err) SAVOR_MUST_CHECK;

/** t.tolist(): nested lists of Python values; 0 dimensions give one value. Errors: NOMEM, LIMIT. */
savor_status sv_tensor_to_value(const sv_tensor *t, sv_arena *arena, sv_value *out,
                                savor_error *err) SAVOR_MUST_CHECK;

/** Element `i` as array[i] gives it: a numpy scalar, but for OBJECT. */
sv_value sv_item_get_numpy(savor_dtype dtype, const void *data, size_t i);

/** Elements as an OBJECT column of what array[i] gives for each. Errors: NOMEM, LIMIT. */
savor_status sv_items_to_scalars(savor_dtype dtype, const void *data, size_t n, sv_arena *arena, const void **out,
                                 savor_error *err) SAVOR_MUST_CHECK;

/** pandas.Series(values): the column without its name. Errors: NOMEM, LIMIT. */
savor_status sv_values_to_column(const sv_value *values, size_t n, int pandas_major, sv_arena *arena, sv_column *out,
                                 savor_error *err) SAVOR_MUST_CHECK;

#endif
