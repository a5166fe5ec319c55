/* arrow_read.h: an Arrow IPC stream -> a frame, as pyarrow and pandas make it. */
#ifndef SV_TABLE_ARROW_READ_H
#define SV_TABLE_ARROW_READ_H

#include "data/frame.h"

/**
 * Read a stream: schema, dictionaries, record batches, end.
 *
 * Types: null, bool, integers, floats, utf8 and binary in each of their layouts, date32, date64, timestamps without a
 * zone, and dictionaries of them, which are read as the values they stand for. Little-endian, not compressed. Columns
 * that hold a pandas index are dropped.
 *
 * body          borrowed: must outlive the frame
 * pandas_major  1, 2 or 3: text columns are STRING from 3 on, OBJECT before
 * arena         gets columns and cells
 * out           borrowed from the arena; untouched on failure
 * Units         none
 * Errors        BAD_REQUEST (damage), UNSUPPORTED (names the column and its type, or the compression), LIMIT, NOMEM
 * Threads       safe
 * Source        Arrow columnar format 1.5, IPC streaming format; pyarrow.Table.to_pandas;
 * docs/formats/arrow-stream.md
 */
savor_status sv_arrow_read_frame(sv_str body, int pandas_major, sv_arena *arena, sv_frame *out,
                                 savor_error *err) SAVOR_MUST_CHECK;

/** The name under which pandas keeps an index as a column: "__index_level_0__". Source: pandas.DataFrame.to_parquet
 */
bool sv_is_pandas_index(sv_str name);

#endif
