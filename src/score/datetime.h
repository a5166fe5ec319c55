/* datetime.h: text and numbers -> nanoseconds since 1970, as pandas.to_datetime reads them. */
#ifndef SV_SCORE_DATETIME_H
#define SV_SCORE_DATETIME_H

#include "data/frame.h"

/**
 * Make a column DATETIME_NS: numbers are nanoseconds, text is ISO 8601 (date, or date and time, no zone).
 *
 * column    changed on success
 * Errors    BAD_REQUEST (message: row and value), NOMEM, LIMIT
 * Source    pandas.to_datetime
 */
savor_status sv_column_to_datetime(sv_column *column, size_t n_rows, sv_arena *arena,
                                   savor_error *err) SAVOR_MUST_CHECK;

/** Read "YYYY-MM-DD" with an optional "[T ]HH:MM[:SS[.fraction]]"; false for anything else and for dates beyond
 * 1678..2261. */
bool sv_text_to_datetime(sv_str text, int64_t *out);

#endif
