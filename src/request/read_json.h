/* read_json.h: what pandas.read_json does to a frame after making it: labels, missing values, dates (MLflow 1.x). */
#ifndef SV_REQUEST_READ_JSON_H
#define SV_REQUEST_READ_JSON_H

#include "data/frame.h"

/**
 * Convert axis labels that are all numbers, make None NaN, and turn date-like columns of epoch numbers into
 * datetimes.
 *
 * columns     [frame->n_columns], changed in place; the frame's own columns
 * has_schema  with one, types are forced later and dates are left alone
 * Errors      NOMEM, LIMIT
 * Source      pandas 1.5 io.json._json.Parser; MLflow 1.30 _dataframe_from_json
 */
savor_status sv_read_json_convert(sv_column *columns, const sv_frame *frame, bool has_schema, sv_arena *arena,
                                  savor_error *err) SAVOR_MUST_CHECK;

#endif
