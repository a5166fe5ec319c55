/* jsonable.h: Python values, arrays and cells -> JSON, as json.dumps(cls=NumpyEncoder) writes them. */
#ifndef SV_SCORE_JSONABLE_H
#define SV_SCORE_JSONABLE_H

#include "base/buf.h"
#include "data/payload.h"

#include <savor/score.h>

/** One Python value; a type that JSON has no form for sets `out->failed` to UNREADABLE, as it is a 500 in MLflow. */
void sv_jsonable_put_value(sv_buf *out, const sv_value *v, savor_nan nan);

/** Cell `i` of a column: a missing pandas.NA is null there. */
void sv_jsonable_put_cell(sv_buf *out, savor_dtype dtype, const void *data, size_t i, savor_nan nan);

/** An array as nested lists: tolist() of nanoseconds gives integers. */
void sv_jsonable_put_tensor(sv_buf *out, const sv_tensor *t, savor_nan nan);

/** Append JSON text that the functions above wrote, laid out as json.dumps(indent=2) does. */
void sv_jsonable_put_indented(sv_buf *out, sv_str json);

#endif
