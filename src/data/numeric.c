#include "data/convert.h"
#include "data/infer.h"

/* pandas.to_numeric of a column of Python values. */

/* An integer, or a double, or nothing there. */
typedef struct number {
    bool is_int, is_missing;
    int64_t i;
    double f;
} number;

static bool is_empty(const sv_value *v)
{
    return v->n == 0 && (v->kind == SV_VALUE_STRING || v->kind == SV_VALUE_BYTES || v->kind == SV_VALUE_LIST ||
                         v->kind == SV_VALUE_DICT);
}

/* Whatever is empty counts as missing: maybe_convert_numeric looks at len() first. */
static bool read_number(const sv_value *v, number *out)
{
    *out = (number){.is_missing = sv_value_is_missing(v) || is_empty(v), .f = (double)__builtin_nanf("")};
    if (out->is_missing)
        return true;
    if (v->kind == SV_VALUE_LIST || v->kind == SV_VALUE_DICT || v->kind == SV_VALUE_ARRAY ||
        v->kind == SV_VALUE_DATETIME || (v->kind == SV_VALUE_STRING && memchr(v->u.p, '_', v->n)))
        return false;
    out->is_int = v->kind != SV_VALUE_FLOAT && !sv_value_to_int64(v, &out->i);
    return !sv_value_to_double(v, &out->f);
}

savor_status sv_column_to_numeric(const sv_column *column, size_t n_rows, sv_arena *arena, sv_column *out,
                                  savor_error *err)
{
    const sv_value *values = column->data;
    double *doubles = sv_column_alloc(arena, SAVOR_FLOAT64, n_rows);
    int64_t *ints = sv_column_alloc(arena, SAVOR_INT64, n_rows);
    bool all_ints = true;
    if (!doubles || !ints)
        return sv_arena_fail(arena, n_rows * sizeof *ints, err);
    for (size_t r = 0; r < n_rows; r++) {
        number x;
        if (!read_number(&values[r], &x))
            return sv_fail(err, SAVOR_BAD_REQUEST, "%s in row %zu is no number", sv_value_type_name(&values[r]), r);
        doubles[r] = x.f;
        ints[r] = x.i;
        all_ints = all_ints && x.is_int;
    }
    *out = *column;
    out->dtype = all_ints ? SAVOR_INT64 : SAVOR_FLOAT64;
    out->data = all_ints ? (const void *)ints : doubles;
    return SAVOR_OK;
}
