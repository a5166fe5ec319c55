/* infer.h: the dtype that pandas gives a column of Python values (lib.maybe_convert_objects). */
#ifndef SV_DATA_INFER_H
#define SV_DATA_INFER_H

#include "data/frame.h"

/** What was seen among the values of a column, one bit each. */
enum {
    SV_SEEN_NULL = 1, /* None */
    SV_SEEN_NAN = 2,  /* a NaN, or nothing at all where a record lacks the key */
    SV_SEEN_BOOL = 4,
    SV_SEEN_INT = 8,
    SV_SEEN_UINT = 16, /* an integer beyond int64, within uint64 */
    SV_SEEN_HUGE = 32, /* an integer beyond uint64 */
    SV_SEEN_FLOAT = 64,
    SV_SEEN_TEXT = 128,
    SV_SEEN_OTHER = 256, /* lists, dicts, bytes */
    SV_SEEN_NEGATIVE = 512,
    SV_SEEN_TIME = 1024,
};

/** The dtype for what was seen; text is STRING from pandas 3 on, OBJECT before. */
savor_dtype sv_infer_dtype(unsigned seen, int pandas_major);

/** Whether digits with an optional '-' fit uint64 (SV_SEEN_UINT) or not (SV_SEEN_HUGE). */
unsigned sv_see_big_integer(sv_str digits);

/** infer_objects: an OBJECT column as the dtype its values allow; other columns stay. Errors: NOMEM, LIMIT. */
savor_status sv_column_infer(const sv_column *column, size_t n_rows, int pandas_major, sv_arena *arena,
                             sv_column *out, savor_error *err) SAVOR_MUST_CHECK;

#endif
