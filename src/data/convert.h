/* convert.h: one Python value to another type, as float(), int(), bool() and str() do it, and whole columns as
 * astype. */
#ifndef SV_DATA_CONVERT_H
#define SV_DATA_CONVERT_H

#include "data/frame.h"
#include "data/tensor.h"

/** Why a value could not be converted; NULL text means it could. */
typedef const char *sv_refusal;

/** float(x), and numpy's rule that None is NaN. Text: blanks around, underscores between digits, inf, nan. */
sv_refusal sv_value_to_double(const sv_value *v, double *out);

/** int(x): floats are cut towards zero, text follows int()'s grammar; refuses None, NaN, infinity and what int64
 * cannot hold. */
sv_refusal sv_value_to_int64(const sv_value *v, int64_t *out);

/** bool(x): None, 0, "", [] and {} are false; NaN is true. */
bool sv_value_to_bool(const sv_value *v);

/** str(x); {NULL, 0} when memory is short. */
sv_str sv_value_to_text(const sv_value *v, sv_arena *arena);

/** Element `i` of a column or tensor as a Python value; text is borrowed. */
sv_value sv_item_get(savor_dtype dtype, const void *data, size_t i);

/** C's conversion of a double to an integer as x86-64 does it: out of range and NaN give the smallest integer. */
int64_t sv_double_to_int64(double value);
int32_t sv_double_to_int32(double value);

/** The bits of the nearest IEEE half. */
uint16_t sv_double_to_half(double value);

/**
 * astype: convert `n` elements to another dtype. Integers wrap, floats out of an integer's range give its smallest
 * value, NaN and infinity to an integer are refused, text is parsed, anything goes to OBJECT.
 *
 * from, data   the elements; borrowed
 * to           STRING, BYTES and DATETIME_NS: as numpy makes arrays of Python values (text loses NULs at its end)
 * arena        gets the result; equal dtypes give `data` itself
 * out          borrowed from the arena. NULL on failure
 * Errors       BAD_REQUEST (message: the value and why), NOMEM, LIMIT
 * Source       numpy.ndarray.astype, pandas.Series.astype
 */
savor_status sv_items_cast(savor_dtype from, const void *data, size_t n, savor_dtype to, sv_arena *arena,
                           const void **out, savor_error *err) SAVOR_MUST_CHECK;

/**
 * The same, but integers made of Python values (OBJECT, STRING) must fit: none wraps. Other dtypes as above.
 *
 * to           an integer dtype
 * Errors       BAD_REQUEST, NOMEM, LIMIT
 * Source       numpy 2
 */
savor_status sv_items_to_integers(savor_dtype from, const void *data, size_t n, savor_dtype to, sv_arena *arena,
                                  const void **out, savor_error *err) SAVOR_MUST_CHECK;

/**
 * to_numeric: an OBJECT column as INT64 when all its values are integers, or as FLOAT64; text is parsed, what is
 * empty or missing is NaN.
 *
 * Errors       BAD_REQUEST (message: row and type), NOMEM, LIMIT
 * Source       pandas.to_numeric
 */
savor_status sv_column_to_numeric(const sv_column *column, size_t n_rows, sv_arena *arena, sv_column *out,
                                  savor_error *err) SAVOR_MUST_CHECK;

#endif
