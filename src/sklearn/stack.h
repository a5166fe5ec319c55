/* stack.h: batches side by side, as np.hstack and scipy.sparse.hstack put them; and columns taken out of a batch. */
#ifndef SV_SKLEARN_STACK_H
#define SV_SKLEARN_STACK_H

#include "sklearn/batch.h"

/**
 * Join batches of equal rows.
 *
 * as_sparse   the answer is SPARSE; text is refused
 * out         TENSOR of FLOAT32 (all parts are) or FLOAT64; a FRAME with numbers for names where some part is no
 *             number
 * Errors      MODEL (rows differ; text in a sparse matrix), NOMEM, LIMIT
 */
savor_status sv_batches_stack(const sv_batch *parts, size_t n, size_t n_rows, bool as_sparse, sv_arena *arena,
                              sv_batch *out, savor_error *err) SAVOR_MUST_CHECK;

/** Columns of a frame or array, by position (all < columns). `is_series`: one column, as one dimension. */
savor_status sv_batch_take_columns(const sv_batch *in, const size_t *columns, size_t n, bool is_series,
                                   sv_arena *arena, sv_batch *out, savor_error *err) SAVOR_MUST_CHECK;

/** Cells as objects: a FRAME of OBJECT columns named by numbers, which stands for numpy's array of objects. */
savor_status sv_batch_to_objects(const sv_batch *in, sv_arena *arena, sv_batch *out,
                                 savor_error *err) SAVOR_MUST_CHECK;

/**
 * All cells times a weight.
 *
 * weight    FLOAT or INT; text among objects is repeated as often as an INT says
 * Errors    MODEL (None; text times a float), NOMEM, LIMIT
 */
savor_status sv_batch_scale(sv_batch *batch, const sv_value *weight, sv_arena *arena,
                            savor_error *err) SAVOR_MUST_CHECK;

/** A dense batch as a sparse matrix without its zeros. Errors: MODEL (text), NOMEM, LIMIT. */
savor_status sv_batch_to_sparse(const sv_batch *in, sv_arena *arena, sv_sparse *out,
                                savor_error *err) SAVOR_MUST_CHECK;

#endif
