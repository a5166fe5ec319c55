/* csv_cells_priv.h: the cells of a chunk read as one type: what they are when all of them are it. */
#ifndef SV_REQUEST_CSV_CELLS_PRIV_H
#define SV_REQUEST_CSV_CELLS_PRIV_H

#include "request/csv_column.h"
#include "text/csv_number.h"

/** The outcome of reading a whole column as one type. */
typedef enum sv_csv_verdict {
    SV_CSV_TAKEN,
    SV_CSV_NOT_THIS,   /* some cell is something else */
    SV_CSV_TOO_BIG,    /* an integer does not fit: pandas' OverflowError */
    SV_CSV_CONFLICTING /* beyond int64, and negative or missing too: pandas' ValueError */
} sv_csv_verdict;

static inline sv_str sv_csv_cell_at(const sv_csv_cells *cells, size_t i) { return cells->first[i * cells->stride]; }

static inline bool sv_csv_cell_is_na(sv_str cell, const sv_csv_rules *rules)
{
    return sv_csv_is_na(cell, rules->none_is_na);
}

static inline bool sv_csv_read_double(sv_str cell, const sv_csv_rules *rules, double *out)
{
    return rules->exact_floats ? sv_csv_double_exact(cell, out) : sv_csv_double_legacy(cell, out);
}

/** "true" or "false" in any case. */
bool sv_csv_read_bool(sv_str cell, bool *out);

/** Into out[cells->n]. Missing values are written as INT64_MIN and counted. */
sv_csv_verdict sv_csv_try_int64(const sv_csv_cells *cells, const sv_csv_rules *rules, int64_t *out, size_t *n_na);

/** Likewise; what is missing is left alone, and makes large values CONFLICTING. */
sv_csv_verdict sv_csv_try_uint64(const sv_csv_cells *cells, const sv_csv_rules *rules, uint64_t *out);

/** Likewise; what is missing is NaN. */
sv_csv_verdict sv_csv_try_double(const sv_csv_cells *cells, const sv_csv_rules *rules, double *out);

/** Only looks; the values are read when it is known where they go. */
sv_csv_verdict sv_csv_try_bool(const sv_csv_cells *cells, const sv_csv_rules *rules, size_t *n_na);

/** Python ints of any size, and NaN. Errors: NOMEM, LIMIT. */
savor_status sv_csv_try_bigints(const sv_csv_cells *cells, const sv_csv_rules *rules, sv_value *out,
                                sv_csv_verdict *got, savor_error *err) SAVOR_MUST_CHECK;

#endif
