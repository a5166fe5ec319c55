/* datetime.h: text and numbers -> nanoseconds since 1970, as numpy.datetime64 and pandas read them. */
#ifndef SV_DATA_DATETIME_H
#define SV_DATA_DATETIME_H

#include "data/frame.h"

/** A date in text. Two texts of one shape fit one strptime format, which pandas 3 asks of a column. */
typedef struct sv_datetime {
    int64_t ns; /* since 1970, in UTC when the text names a zone */
    bool has_zone;
    unsigned shape; /* 0: not a time (NaT) */
} sv_datetime;

/**
 * Read a date as pandas does: ISO 8601 from "YYYY" to "YYYY-MM-DDTHH:MM:SS.fffffffff+HH:MM", "YYYYMMDD", "M/D/YYYY"
 * and "Jan 5 2020", the last two with a time behind if need be; "", "NaT" and "nan" are no time.
 *
 * returns   false for anything else and for dates beyond 1677..2262
 * Source    pandas.to_datetime; docs/differences-from-mlflow.md
 */
bool sv_text_to_datetime(sv_str text, sv_datetime *out);

/** Read ISO 8601 as numpy.datetime64(text, "ns") does: years of any length wrap, a zone is taken off, "" is NaT. */
bool sv_text_to_datetime64(sv_str text, int64_t *out);

/** How a column becomes datetimes. */
typedef enum sv_datetime_rules {
    SV_DATETIME_READ_JSON,   /* pandas 1 read_json: text alone, zones taken off */
    SV_DATETIME_ASTYPE,      /* astype("datetime64[ns]"): numbers, bools too, are nanoseconds; zones are refused */
    SV_DATETIME_TO_DATETIME, /* pandas 3 to_datetime: bools are refused, all texts have one shape */
} sv_datetime_rules;

/**
 * Make a column DATETIME_NS.
 *
 * column    changed on success
 * Errors    BAD_REQUEST (message: row and value), SCHEMA (a zone under TO_DATETIME: MLflow meets it in enforcement),
 *           NOMEM, LIMIT
 * Source    pandas.Series.astype, pandas.to_datetime
 */
savor_status sv_column_to_datetime(sv_column *column, size_t n_rows, sv_datetime_rules rules, sv_arena *arena,
                                   savor_error *err) SAVOR_MUST_CHECK;

/** "2020-01-02T03:04:05", with six or nine digits of a second where needed; `room` takes 40 bytes; returns the
 * length. "NaT" for none. Source: Timestamp.isoformat. */
size_t sv_datetime_to_text(int64_t ns, char *room);

#endif
