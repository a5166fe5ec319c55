#include "base/error.h"
#include "request/csv_column.h"

#include <math.h>
#include <stdio.h>

static bool is_number(savor_dtype dtype)
{
    return dtype == SAVOR_INT64 || dtype == SAVOR_UINT64 || dtype == SAVOR_FLOAT64;
}

/* numpy's common type of the pieces' numbers and bools; `more` is folded into `so_far`. */
static savor_dtype promote(savor_dtype so_far, savor_dtype more)
{
    if (so_far == more || more == SAVOR_BOOL)
        return so_far;
    return so_far == SAVOR_BOOL ? more : SAVOR_FLOAT64;
}

/* How pieces of several dtypes come together. */
typedef struct plan {
    savor_dtype result; /* of the column */
    savor_dtype values; /* OBJECT: each value keeps its own type; else all are turned into this one first */
} plan;

/*
 * Numbers promote; text with anything is object. Bools with numbers: pandas 1 promotes them, pandas 2 does so too but
 * calls the column object, pandas 3 keeps both kinds in an object column.
 */
static plan plan_pieces(const sv_csv_piece *first, bool pandas3, bool none_is_na)
{
    bool all_plain = true, has_bool = false, has_number = false;
    savor_dtype common = first->dtype;
    for (const sv_csv_piece *p = first; p; p = p->next) {
        has_bool = has_bool || p->dtype == SAVOR_BOOL;
        has_number = has_number || is_number(p->dtype);
        all_plain = all_plain && (is_number(p->dtype) || p->dtype == SAVOR_BOOL);
        common = promote(common, p->dtype);
    }
    bool pandas1 = !pandas3 && !none_is_na;
    if (!all_plain || (has_bool && has_number && pandas3))
        return (plan){SAVOR_OBJECT, SAVOR_OBJECT};
    if (has_bool && has_number && !pandas1)
        return (plan){SAVOR_OBJECT, common};
    return (plan){common, common};
}

static savor_status value_of_uint64(uint64_t number, sv_arena *arena, sv_value *out, savor_error *err)
{
    if (number <= INT64_MAX) {
        *out = (sv_value){.kind = SV_VALUE_INT, .u.i = (int64_t)number};
        return SAVOR_OK;
    }
    char text[24];
    int n = snprintf(text, sizeof text, "%llu", (unsigned long long)number);
    char *digits = sv_arena_text(arena, text, (size_t)n);
    if (!digits)
        return sv_arena_fail(arena, (size_t)n, err);
    *out = (sv_value){.kind = SV_VALUE_BIGINT, .n = (size_t)n, .u.p = digits};
    return SAVOR_OK;
}

static sv_value value_of_text(sv_str text)
{
    if (!text.p)
        return (sv_value){.kind = SV_VALUE_FLOAT, .u.f = (double)NAN};
    return (sv_value){.kind = SV_VALUE_STRING, .n = text.n, .u.p = text.p};
}

static savor_status box(const sv_column *from, size_t n, sv_arena *arena, sv_value *out, savor_error *err)
{
    savor_status st = SAVOR_OK;
    for (size_t i = 0; st == SAVOR_OK && i < n; i++) {
        switch (from->dtype) {
        case SAVOR_BOOL:
            out[i] = (sv_value){.kind = SV_VALUE_BOOL, .u.i = ((const bool *)from->data)[i]};
            break;
        case SAVOR_INT64:
            out[i] = (sv_value){.kind = SV_VALUE_INT, .u.i = ((const int64_t *)from->data)[i]};
            break;
        case SAVOR_UINT64:
            st = value_of_uint64(((const uint64_t *)from->data)[i], arena, &out[i], err);
            break;
        case SAVOR_FLOAT64:
            out[i] = (sv_value){.kind = SV_VALUE_FLOAT, .u.f = ((const double *)from->data)[i]};
            break;
        case SAVOR_STRING:
            out[i] = value_of_text(((const sv_str *)from->data)[i]);
            break;
        default:
            out[i] = ((const sv_value *)from->data)[i];
        }
    }
    return st;
}

static int64_t integer_at(const sv_column *from, size_t i)
{
    return from->dtype == SAVOR_BOOL ? ((const bool *)from->data)[i] : ((const int64_t *)from->data)[i];
}

/* Numbers and bools into a wider number type. */
static void widen(const sv_column *from, size_t n, savor_dtype dtype, void *out)
{
    for (size_t i = 0; i < n; i++) {
        if (dtype != SAVOR_FLOAT64)
            ((int64_t *)out)[i] = integer_at(from, i); /* uint64 has the same bytes */
        else if (!sv_column_to_double(from, i, &((double *)out)[i]))
            ((double *)out)[i] = (double)NAN;
    }
}

static savor_status append(const sv_csv_piece *piece, const plan *how, sv_arena *arena, void *out, savor_error *err)
{
    sv_column from = {.dtype = piece->dtype, .data = piece->data};
    if (how->values == SAVOR_OBJECT)
        return box(&from, piece->n, arena, out, err);
    if (how->values == piece->dtype && how->result == piece->dtype) {
        memcpy(out, piece->data, piece->n * sv_dtype_size(piece->dtype));
        return SAVOR_OK;
    }
    if (how->result != SAVOR_OBJECT) {
        widen(&from, piece->n, how->result, out);
        return SAVOR_OK;
    }
    void *wide = sv_column_alloc(arena, how->values, piece->n);
    if (!wide)
        return sv_arena_fail(arena, piece->n, err);
    widen(&from, piece->n, how->values, wide);
    return box(&(sv_column){.dtype = how->values, .data = wide}, piece->n, arena, out, err);
}

/* pandas 3: an object column of text and NaN, with some text, is a text column. */
static savor_status infer_text(size_t n, sv_arena *arena, sv_column *column, savor_error *err)
{
    const sv_value *values = column->data;
    size_t n_text = 0, n_missing = 0;
    for (size_t i = 0; i < n; i++) {
        n_text += values[i].kind == SV_VALUE_STRING;
        n_missing += values[i].kind == SV_VALUE_FLOAT && isnan(values[i].u.f);
    }
    if (n_text == 0 || n_text + n_missing < n)
        return SAVOR_OK;
    sv_str *text = sv_column_alloc(arena, SAVOR_STRING, n);
    if (!text)
        return sv_arena_fail(arena, n, err);
    for (size_t i = 0; i < n; i++)
        text[i] = values[i].kind == SV_VALUE_STRING ? (sv_str){values[i].u.p, values[i].n} : (sv_str){NULL, 0};
    column->dtype = SAVOR_STRING;
    column->data = text;
    return SAVOR_OK;
}

static savor_status join_pieces(const sv_csv_column *c, const sv_csv_rules *rules, sv_column *out, savor_error *err)
{
    plan how = plan_pieces(&c->first, rules->pandas3, rules->none_is_na);
    char *data = sv_column_alloc(rules->arena, how.result, c->n_rows);
    savor_status st = data ? SAVOR_OK : sv_arena_fail(rules->arena, c->n_rows, err);
    size_t n_done = 0;
    for (const sv_csv_piece *p = &c->first; st == SAVOR_OK && p; p = p->next) {
        st = append(p, &how, rules->arena, data + n_done * sv_dtype_size(how.result), err);
        n_done += p->n;
    }
    out->dtype = how.result;
    out->data = data;
    return st;
}

savor_status sv_csv_join(sv_csv_column *c, const sv_csv_rules *rules, sv_column *out, savor_error *err)
{
    savor_status st = SAVOR_OK;
    out->dtype = c->first.dtype;
    out->data = c->first.data;
    if (c->last)
        st = join_pieces(c, rules, out, err);
    if (st == SAVOR_OK && out->dtype == SAVOR_OBJECT && rules->pandas3 && !c->keeps_object)
        st = infer_text(c->n_rows, rules->arena, out, err);
    return st;
}
