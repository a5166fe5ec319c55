/* arrow_write.h: a frame -> an Arrow IPC stream of one record batch. */
#ifndef SV_TABLE_ARROW_WRITE_H
#define SV_TABLE_ARROW_WRITE_H

#include "base/buf.h"
#include "data/frame.h"

/**
 * Append a stream: schema, one batch, end.
 *
 * frame     borrowed. OBJECT columns must hold texts only, or bytes only, beside None
 * arena     scratch
 * out       failures stick: sv_buf_check tells them
 * returns   false, and nothing is appended, for a column that Arrow has no type for here
 * Units     none
 * Errors    through `out`
 * Threads   safe
 * Source    Arrow columnar format 1.5, IPC streaming format; docs/formats/arrow-stream.md
 */
bool sv_arrow_write_frame(const sv_frame *frame, sv_arena *arena, sv_buf *out);

#endif
