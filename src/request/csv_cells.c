#include "request/csv_cells_priv.h"

#include <math.h>

/* ---- one cell ---- */

static const char *const NA_TEXTS[] = {"-1.#IND", "1.#QNAN", "1.#IND", "-1.#QNAN", "#N/A N/A", "#N/A",
                                       "N/A",     "n/a",     "NA",     "<NA>",     "#NA",      "NULL",
                                       "null",    "NaN",     "-NaN",   "nan",      "-nan"};
#define NA_TEXT_BYTES_MAX 8

bool sv_csv_is_na(sv_str cell, bool none_is_na)
{
    if (cell.n == 0)
        return true;
    if (cell.n > NA_TEXT_BYTES_MAX || !memchr("-1#Nn<", cell.p[0], 6))
        return false;
    for (size_t i = 0; i < sizeof NA_TEXTS / sizeof *NA_TEXTS; i++)
        if (sv_str_is(cell, NA_TEXTS[i]))
            return true;
    return none_is_na && sv_str_is(cell, "None");
}

static bool is_word(sv_str cell, const char *word)
{
    size_t i = 0;
    for (; i < cell.n && word[i]; i++)
        if ((cell.p[i] | 0x20) != word[i])
            return false;
    return i == cell.n && !word[i];
}

bool sv_csv_read_bool(sv_str cell, bool *out)
{
    *out = is_word(cell, "true");
    return *out || is_word(cell, "false");
}

/* ---- whole columns ---- */

sv_csv_verdict sv_csv_try_int64(const sv_csv_cells *cells, const sv_csv_rules *rules, int64_t *out, size_t *n_na)
{
    *n_na = 0;
    for (size_t i = 0; i < cells->n; i++) {
        sv_str cell = sv_csv_cell_at(cells, i);
        sv_csv_int got = sv_csv_int64(cell, !rules->pandas3, &out[i]);
        if (got == SV_CSV_INT_OK)
            continue;
        if (!sv_csv_cell_is_na(cell, rules))
            return got == SV_CSV_INT_TOO_BIG ? SV_CSV_TOO_BIG : SV_CSV_NOT_THIS;
        out[i] = INT64_MIN;
        ++*n_na;
    }
    return SV_CSV_TAKEN;
}

sv_csv_verdict sv_csv_try_uint64(const sv_csv_cells *cells, const sv_csv_rules *rules, uint64_t *out)
{
    bool seen_negative = false, seen_large = false, seen_na = false;
    for (size_t i = 0; i < cells->n; i++) {
        sv_str cell = sv_csv_cell_at(cells, i);
        bool negative = false;
        if (sv_csv_cell_is_na(cell, rules)) {
            seen_na = true;
            continue;
        }
        sv_csv_int got = sv_csv_uint64(cell, !rules->pandas3, &out[i], &negative);
        if (got != SV_CSV_INT_OK)
            return got == SV_CSV_INT_TOO_BIG ? SV_CSV_TOO_BIG : SV_CSV_NOT_THIS;
        seen_negative = seen_negative || negative;
        seen_large = seen_large || out[i] > INT64_MAX;
    }
    if (seen_large && (seen_negative || seen_na))
        return SV_CSV_CONFLICTING;
    return seen_negative ? SV_CSV_TOO_BIG : SV_CSV_TAKEN;
}

sv_csv_verdict sv_csv_try_double(const sv_csv_cells *cells, const sv_csv_rules *rules, double *out)
{
    for (size_t i = 0; i < cells->n; i++) {
        sv_str cell = sv_csv_cell_at(cells, i);
        if (sv_csv_read_double(cell, rules, &out[i]))
            continue;
        if (!sv_csv_cell_is_na(cell, rules))
            return SV_CSV_NOT_THIS;
        out[i] = (double)NAN;
    }
    return SV_CSV_TAKEN;
}

sv_csv_verdict sv_csv_try_bool(const sv_csv_cells *cells, const sv_csv_rules *rules, size_t *n_na)
{
    *n_na = 0;
    for (size_t i = 0; i < cells->n; i++) {
        sv_str cell = sv_csv_cell_at(cells, i);
        bool value;
        if (sv_csv_cell_is_na(cell, rules))
            ++*n_na;
        else if (!sv_csv_read_bool(cell, &value))
            return SV_CSV_NOT_THIS;
    }
    return SV_CSV_TAKEN;
}

savor_status sv_csv_try_bigints(const sv_csv_cells *cells, const sv_csv_rules *rules, sv_value *out,
                                sv_csv_verdict *got, savor_error *err)
{
    *got = SV_CSV_NOT_THIS;
    for (size_t i = 0; i < cells->n; i++) {
        sv_str cell = sv_csv_cell_at(cells, i);
        if (sv_csv_cell_is_na(cell, rules)) {
            out[i] = (sv_value){.kind = SV_VALUE_FLOAT, .u.f = (double)NAN};
            continue;
        }
        char *digits = sv_arena_alloc(rules->arena, cell.n + 1);
        size_t n;
        if (!digits)
            return sv_arena_fail(rules->arena, cell.n + 1, err);
        if (!sv_csv_bigint(cell, digits, &n))
            return SAVOR_OK;
        int64_t small;
        if (sv_str_to_int64((sv_str){digits, n}, &small))
            out[i] = (sv_value){.kind = SV_VALUE_INT, .u.i = small};
        else
            out[i] = (sv_value){.kind = SV_VALUE_BIGINT, .n = n, .u.p = digits};
    }
    *got = SV_CSV_TAKEN;
    return SAVOR_OK;
}
