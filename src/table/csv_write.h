/* csv_write.h: a frame -> CSV, as pandas' to_csv(index=False) writes it. */
#ifndef SV_TABLE_CSV_WRITE_H
#define SV_TABLE_CSV_WRITE_H

#include "base/buf.h"
#include "data/frame.h"

/**
 * Append a header and one line for each row, each ended by "\n".
 *
 * frame     borrowed
 * arena     scratch for cells that are Python values
 * out       failures stick: sv_buf_check tells them
 * Units     none
 * Errors    through `out`
 * Threads   safe
 * Source    pandas.DataFrame.to_csv: repr of numbers, nothing for what is missing, quotes where they are needed
 */
void sv_csv_write_frame(const sv_frame *frame, sv_arena *arena, sv_buf *out);

#endif
