/* lightgbm_rows.h: the matrix of doubles that LightGBM's Python package makes of a frame or an array. */
#ifndef SV_FLAVOR_LIGHTGBM_ROWS_H
#define SV_FLAVOR_LIGHTGBM_ROWS_H

#include "data/payload.h"

/**
 * The row-major matrix of a frame.
 *
 * is_before_4   LightGBM 3.x and older: what pandas gives no common float type goes through float32
 * rows          [n_rows x n_columns], borrowed from the arena
 * Errors        MODEL (a column that is no number), NOMEM, LIMIT
 * Source        lightgbm.basic._data_from_pandas of 3.3 and of 4.x
 */
savor_status sv_lightgbm_rows_of_frame(const sv_frame *frame, bool is_before_4, sv_arena *arena, double **rows,
                                       savor_error *err) SAVOR_MUST_CHECK;

/**
 * The same for an array: anything but float32 and float64 goes through float32, in every version.
 *
 * tensor        of two dimensions
 * Errors        MODEL (an item that is no number), NOMEM, LIMIT
 * Source        lightgbm.basic.__pred_for_np2d
 */
savor_status sv_lightgbm_rows_of_tensor(const sv_tensor *tensor, sv_arena *arena, double **rows,
                                        savor_error *err) SAVOR_MUST_CHECK;

#endif
