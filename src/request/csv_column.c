#include "request/csv_cells_priv.h"

#include "base/error.h"

#include <math.h>

/* ---- where values go ---- */

static savor_status alloc_values(const sv_csv_rules *rules, savor_dtype dtype, size_t n, void **out, savor_error *err)
{
    *out = sv_column_alloc(rules->arena, dtype, n);
    return *out ? SAVOR_OK : sv_arena_fail(rules->arena, n, err);
}

/*
 * Room for the chunk's numbers. The first time it is as long as the table, so that a column of one dtype is read in
 * place; a column whose first piece is something else has a scratch of one chunk.
 */
static savor_status number_room(sv_csv_column *c, const sv_csv_rules *rules, void **out, savor_error *err)
{
    bool in_place = c->first.data ? c->first.data == c->room && !c->last
                                  : c->want == SV_CSV_INFER || c->want == SV_CSV_INT64 || c->want == SV_CSV_FLOAT64;
    void **room = in_place ? &c->room : &c->scratch;
    size_t n = in_place ? rules->n_rows_max : rules->n_chunk_rows;
    savor_status st = *room ? SAVOR_OK : alloc_values(rules, SAVOR_FLOAT64, n, room, err);
    if (st == SAVOR_OK)
        *out = (char *)*room + (in_place ? 8 * c->first.n : 0);
    return st;
}

/* Add `n` rows of a dtype and tell where to write them; `written` are the values if they exist already. */
static savor_status add_rows(sv_csv_column *c, const sv_csv_rules *rules, savor_dtype dtype, size_t n,
                             const void *written, void **out, savor_error *err)
{
    savor_status st = SAVOR_OK;
    size_t size = sv_dtype_size(dtype);
    if (!c->first.data) {
        bool in_place = written && written == c->room;
        c->first.dtype = dtype;
        c->first.data = in_place ? c->room : NULL;
        if (!in_place && (st = alloc_values(rules, dtype, rules->n_rows_max, &c->first.data, err)))
            return st;
    }
    if (dtype == c->first.dtype && !c->last) {
        *out = (char *)c->first.data + c->first.n * size;
        c->first.n += n;
    } else {
        sv_csv_piece *piece = sv_arena_array(rules->arena, 1, sizeof *piece);
        if (!piece)
            return sv_arena_fail(rules->arena, sizeof *piece, err);
        *piece = (sv_csv_piece){.dtype = dtype, .n = n};
        if ((st = alloc_values(rules, dtype, n, &piece->data, err)))
            return st;
        *(c->last ? &c->last->next : &c->first.next) = piece;
        c->last = piece;
        *out = piece->data;
    }
    c->n_rows += n;
    if (written && written != *out)
        memcpy(*out, written, n * size);
    return SAVOR_OK;
}

static savor_status keep(sv_csv_column *c, const sv_csv_rules *rules, savor_dtype dtype, size_t n, const void *values,
                         savor_error *err)
{
    void *ignored;
    return add_rows(c, rules, dtype, n, values, &ignored, err);
}

static savor_status keep_strings(sv_csv_column *c, const sv_csv_cells *cells, const sv_csv_rules *rules,
                                 bool na_filter, savor_error *err)
{
    void *room;
    savor_status st = add_rows(c, rules, SAVOR_STRING, cells->n, NULL, &room, err);
    sv_str *out = room;
    for (size_t i = 0; st == SAVOR_OK && i < cells->n; i++) {
        sv_str cell = sv_csv_cell_at(cells, i);
        out[i] = na_filter && sv_csv_cell_is_na(cell, rules) ? (sv_str){NULL, 0} : cell;
    }
    return st;
}

/* Text that pandas calls object: sv_value strings, NaN where missing. */
static savor_status keep_objects(sv_csv_column *c, const sv_csv_cells *cells, const sv_csv_rules *rules,
                                 bool na_filter, savor_error *err)
{
    void *room;
    savor_status st = add_rows(c, rules, SAVOR_OBJECT, cells->n, NULL, &room, err);
    sv_value *out = room;
    for (size_t i = 0; st == SAVOR_OK && i < cells->n; i++) {
        sv_str cell = sv_csv_cell_at(cells, i);
        if (na_filter && sv_csv_cell_is_na(cell, rules))
            out[i] = (sv_value){.kind = SV_VALUE_FLOAT, .u.f = (double)NAN};
        else
            out[i] = (sv_value){.kind = SV_VALUE_STRING, .n = cell.n, .u.p = cell.p};
    }
    return st;
}

static savor_status keep_text(sv_csv_column *c, const sv_csv_cells *cells, const sv_csv_rules *rules, bool na_filter,
                              savor_error *err)
{
    return (rules->pandas3 ? keep_strings : keep_objects)(c, cells, rules, na_filter, err);
}

static savor_status keep_bools(sv_csv_column *c, const sv_csv_cells *cells, const sv_csv_rules *rules,
                               savor_error *err)
{
    void *room;
    savor_status st = add_rows(c, rules, SAVOR_BOOL, cells->n, NULL, &room, err);
    bool *out = room;
    for (size_t i = 0; st == SAVOR_OK && i < cells->n; i++)
        sv_csv_read_bool(sv_csv_cell_at(cells, i), &out[i]);
    return st;
}

static savor_status keep_bool_objects(sv_csv_column *c, const sv_csv_cells *cells, const sv_csv_rules *rules,
                                      savor_error *err)
{
    void *room;
    savor_status st = add_rows(c, rules, SAVOR_OBJECT, cells->n, NULL, &room, err);
    sv_value *out = room;
    for (size_t i = 0; st == SAVOR_OK && i < cells->n; i++) {
        bool value;
        if (sv_csv_read_bool(sv_csv_cell_at(cells, i), &value))
            out[i] = (sv_value){.kind = SV_VALUE_BOOL, .u.i = value};
        else
            out[i] = (sv_value){.kind = SV_VALUE_FLOAT, .u.f = (double)NAN};
    }
    return st;
}

/* Integers with missing values become doubles. Before pandas 3, INT64_MIN itself was taken for missing. */
static void widen_with_na(const sv_csv_cells *cells, const sv_csv_rules *rules, void *values)
{
    const int64_t *from = values;
    double *to = values;
    for (size_t i = 0; i < cells->n; i++) {
        bool missing =
            from[i] == INT64_MIN && (!rules->pandas3 || sv_csv_cell_is_na(sv_csv_cell_at(cells, i), rules));
        double value = missing ? (double)NAN : (double)from[i];
        memcpy(&to[i], &value, sizeof value);
    }
}

/* ---- inference ---- */

static savor_status infer_bigints(sv_csv_column *c, const sv_csv_cells *cells, const sv_csv_rules *rules,
                                  savor_error *err)
{
    void *values;
    sv_csv_verdict got;
    savor_status st;
    if (!rules->pandas3)
        return keep_objects(c, cells, rules, true, err);
    if ((st = alloc_values(rules, SAVOR_OBJECT, cells->n, &values, err)) ||
        (st = sv_csv_try_bigints(cells, rules, values, &got, err)))
        return st;
    if (got == SV_CSV_TAKEN)
        return keep(c, rules, SAVOR_OBJECT, cells->n, values, err);
    return keep_text(c, cells, rules, false, err);
}

/* int64, then double, then bool, then text: pandas' order. */
static savor_status infer(sv_csv_column *c, const sv_csv_cells *cells, const sv_csv_rules *rules, void *room,
                          savor_error *err)
{
    size_t n_na;
    sv_csv_verdict got = sv_csv_try_int64(cells, rules, room, &n_na);
    if (got == SV_CSV_TAKEN && n_na)
        widen_with_na(cells, rules, room);
    if (got == SV_CSV_TAKEN)
        return keep(c, rules, n_na ? SAVOR_FLOAT64 : SAVOR_INT64, cells->n, room, err);
    if (got == SV_CSV_TOO_BIG) {
        got = sv_csv_try_uint64(cells, rules, room);
        if (got == SV_CSV_TAKEN)
            return keep(c, rules, SAVOR_UINT64, cells->n, room, err);
        if (got == SV_CSV_CONFLICTING)
            return keep_text(c, cells, rules, false, err);
        if (got == SV_CSV_TOO_BIG)
            return infer_bigints(c, cells, rules, err);
    }
    if (sv_csv_try_double(cells, rules, room) == SV_CSV_TAKEN)
        return keep(c, rules, SAVOR_FLOAT64, cells->n, room, err);
    if (sv_csv_try_bool(cells, rules, &n_na) == SV_CSV_TAKEN)
        return n_na ? keep_bool_objects(c, cells, rules, err) : keep_bools(c, cells, rules, err);
    return keep_text(c, cells, rules, true, err);
}

/* ---- a declared type ---- */

static const char *const WANT_NAMES[] = {
    [SV_CSV_BOOL] = "bool",       [SV_CSV_INT32] = "int32",     [SV_CSV_INT64] = "int64",
    [SV_CSV_FLOAT32] = "float32", [SV_CSV_FLOAT64] = "float64",
};

/* Whether one double can stand in a column of the declared type. */
static bool fits(double value, sv_csv_want want)
{
    switch (want) {
    case SV_CSV_BOOL:
        return value == 0 || value == 1;
    case SV_CSV_INT32:
        return value >= INT32_MIN && value <= INT32_MAX && value == floor(value);
    case SV_CSV_INT64:
        return value >= -0x1p63 && value < 0x1p63 && value == floor(value);
    default:
        return true;
    }
}

/* The refusal, naming the first cell that is to blame. */
static savor_status refuse(const sv_csv_column *c, const sv_csv_cells *cells, const sv_csv_rules *rules,
                           savor_error *err)
{
    const char *kind = c->want == SV_CSV_BOOL ? "Bool" : "Integer";
    for (size_t i = 0; i < cells->n; i++) {
        sv_str cell = sv_csv_cell_at(cells, i);
        double value;
        bool flag;
        if (sv_csv_cell_is_na(cell, rules)) {
            if (c->want != SV_CSV_FLOAT32 && c->want != SV_CSV_FLOAT64)
                return sv_fail(err, SAVOR_BAD_REQUEST, "%s column has NA values in column %zu: \"%.*s\", row %zu",
                               kind, c->index, SV_FMT(c->name), c->n_rows + i);
        } else if (!sv_csv_read_bool(cell, &flag) &&
                   !(sv_csv_read_double(cell, rules, &value) && fits(value, c->want))) {
            return sv_fail(err, SAVOR_BAD_REQUEST,
                           "cannot safely convert column %zu, \"%.*s\", to %s: found \"%.*s\" in row %zu", c->index,
                           SV_FMT(c->name), WANT_NAMES[c->want], SV_FMT(cell), c->n_rows + i);
        }
    }
    return sv_fail(err, SAVOR_BAD_REQUEST, "cannot safely convert column %zu, \"%.*s\", to %s: mixed values",
                   c->index, SV_FMT(c->name), WANT_NAMES[c->want]);
}

/* Bytes of the declared type from doubles that fit it. */
static savor_status keep_cast(sv_csv_column *c, const sv_csv_rules *rules, const double *values, size_t n,
                              savor_error *err)
{
    static const savor_dtype DTYPES[] = {
        [SV_CSV_BOOL] = SAVOR_BOOL,       [SV_CSV_INT32] = SAVOR_INT32,     [SV_CSV_INT64] = SAVOR_INT64,
        [SV_CSV_FLOAT32] = SAVOR_FLOAT32, [SV_CSV_FLOAT64] = SAVOR_FLOAT64,
    };
    if (c->want == SV_CSV_FLOAT64)
        return keep(c, rules, SAVOR_FLOAT64, n, values, err);
    void *room;
    savor_status st = add_rows(c, rules, DTYPES[c->want], n, NULL, &room, err);
    for (size_t i = 0; st == SAVOR_OK && i < n; i++) {
        int64_t integer;
        switch (c->want) {
        case SV_CSV_BOOL:
            ((bool *)room)[i] = values[i] != 0;
            break;
        case SV_CSV_INT32:
            ((int32_t *)room)[i] = (int32_t)values[i];
            break;
        case SV_CSV_FLOAT32:
            ((float *)room)[i] = (float)values[i];
            break;
        default:
            integer = (int64_t)values[i]; /* in place: a double becomes an int64 of the same width */
            memcpy((char *)room + 8 * i, &integer, sizeof integer);
        }
    }
    return st;
}

/* int32 from int64 bits; older pandas wrapped what does not fit. False: refused. */
static savor_status keep_int32(sv_csv_column *c, const sv_csv_cells *cells, const sv_csv_rules *rules,
                               const int64_t *values, savor_error *err)
{
    void *room;
    savor_status st = add_rows(c, rules, SAVOR_INT32, cells->n, NULL, &room, err);
    int32_t *out = room;
    for (size_t i = 0; st == SAVOR_OK && i < cells->n; i++) {
        if (rules->pandas3 && (values[i] < INT32_MIN || values[i] > INT32_MAX))
            return refuse(c, cells, rules, err);
        out[i] = (int32_t)(uint32_t)(uint64_t)values[i];
    }
    return st;
}

/* Integers as such. `done` tells whether the column is settled, one way or the other. */
static savor_status convert_int(sv_csv_column *c, const sv_csv_cells *cells, const sv_csv_rules *rules, void *room,
                                bool *done, savor_error *err)
{
    size_t n_na;
    sv_csv_verdict got = sv_csv_try_int64(cells, rules, room, &n_na);
    savor_dtype dtype = SAVOR_INT64;
    *done = got != SV_CSV_NOT_THIS;
    if (got == SV_CSV_TOO_BIG) {
        got = sv_csv_try_uint64(cells, rules, room);
        *done = got != SV_CSV_NOT_THIS;
        dtype = SAVOR_UINT64;
        n_na = 0;
    }
    if (!*done)
        return SAVOR_OK;
    if (got != SV_CSV_TAKEN || n_na || (dtype == SAVOR_UINT64 && rules->pandas3))
        return refuse(c, cells, rules, err);
    if (c->want == SV_CSV_INT32)
        return keep_int32(c, cells, rules, room, err);
    return keep(c, rules, dtype, cells->n, room, err);
}

/* The column as doubles: numbers, or bools when all are. */
static sv_csv_verdict read_as_doubles(const sv_csv_cells *cells, const sv_csv_rules *rules, double *out)
{
    size_t n_na;
    if (sv_csv_try_double(cells, rules, out) == SV_CSV_TAKEN)
        return SV_CSV_TAKEN;
    if (sv_csv_try_bool(cells, rules, &n_na) != SV_CSV_TAKEN)
        return SV_CSV_NOT_THIS;
    for (size_t i = 0; i < cells->n; i++) {
        bool value;
        out[i] = !sv_csv_read_bool(sv_csv_cell_at(cells, i), &value) ? (double)NAN : value ? 1 : 0;
    }
    return SV_CSV_TAKEN;
}

static savor_status convert(sv_csv_column *c, const sv_csv_cells *cells, const sv_csv_rules *rules, void *room,
                            savor_error *err)
{
    bool done = false;
    savor_status st = SAVOR_OK;
    if (c->want == SV_CSV_INT32 || c->want == SV_CSV_INT64)
        st = convert_int(c, cells, rules, room, &done, err);
    if (st || done)
        return st;
    double *values = room;
    if (read_as_doubles(cells, rules, values) != SV_CSV_TAKEN)
        return refuse(c, cells, rules, err);
    for (size_t i = 0; i < cells->n; i++)
        if (!fits(values[i], c->want))
            return refuse(c, cells, rules, err);
    return keep_cast(c, rules, values, cells->n, err);
}

/* ---- a chunk ---- */

/* What is worth trying while the rows come in; the rest waits for the end of the chunk. */
static sv_csv_attempt first_attempt(const sv_csv_column *c, const sv_csv_rules *rules, sv_str cell)
{
    int64_t integer;
    double number;
    bool may_be_float = c->want == SV_CSV_INFER || c->want == SV_CSV_FLOAT32 || c->want == SV_CSV_FLOAT64;
    bool may_be_int = c->want == SV_CSV_INFER || c->want == SV_CSV_INT32 || c->want == SV_CSV_INT64;
    sv_csv_int got = may_be_int ? sv_csv_int64(cell, !rules->pandas3, &integer) : SV_CSV_INT_NONE;
    if (got != SV_CSV_INT_NONE)
        return got == SV_CSV_INT_OK ? SV_CSV_TRY_INT : SV_CSV_TRY_LATER;
    return may_be_float && sv_csv_read_double(cell, rules, &number) ? SV_CSV_TRY_FLOAT : SV_CSV_TRY_LATER;
}

static void advance_int(sv_csv_column *c, const sv_csv_cells *cells, const sv_csv_rules *rules, int64_t *out)
{
    for (; c->n_tried < cells->n; c->n_tried++) {
        sv_csv_int got = sv_csv_int64(sv_csv_cell_at(cells, c->n_tried), !rules->pandas3, &out[c->n_tried]);
        if (got == SV_CSV_INT_OK)
            continue;
        bool may_be_float = got == SV_CSV_INT_NONE && c->want == SV_CSV_INFER &&
                            !sv_csv_cell_is_na(sv_csv_cell_at(cells, c->n_tried), rules);
        c->attempt = may_be_float ? SV_CSV_TRY_FLOAT : SV_CSV_TRY_LATER;
        c->n_tried = 0;
        return;
    }
}

static void advance_float(sv_csv_column *c, const sv_csv_cells *cells, const sv_csv_rules *rules, double *out)
{
    for (; c->n_tried < cells->n; c->n_tried++) {
        sv_str cell = sv_csv_cell_at(cells, c->n_tried);
        if (sv_csv_read_double(cell, rules, &out[c->n_tried]))
            continue;
        if (!sv_csv_cell_is_na(cell, rules)) {
            c->attempt = SV_CSV_TRY_LATER;
            return;
        }
        out[c->n_tried] = (double)NAN;
    }
}

savor_status sv_csv_advance(sv_csv_column *c, const sv_csv_cells *cells, const sv_csv_rules *rules, savor_error *err)
{
    if (c->n_tried == 0)
        c->attempt = first_attempt(c, rules, sv_csv_cell_at(cells, 0));
    if (c->attempt == SV_CSV_TRY_LATER) {
        c->n_tried = cells->n;
        return SAVOR_OK;
    }
    void *room;
    savor_status st = number_room(c, rules, &room, err);
    if (st)
        return st;
    if (c->attempt == SV_CSV_TRY_INT)
        advance_int(c, cells, rules, room);
    if (c->attempt == SV_CSV_TRY_FLOAT)
        advance_float(c, cells, rules, room);
    c->n_tried = cells->n;
    return SAVOR_OK;
}

savor_status sv_csv_close_chunk(sv_csv_column *c, const sv_csv_cells *cells, const sv_csv_rules *rules,
                                savor_error *err)
{
    void *room;
    savor_status st = sv_csv_advance(c, cells, rules, err);
    c->n_tried = 0;
    if (st)
        return st;
    if (c->want == SV_CSV_DATETIME)
        return sv_fail(err, SAVOR_BAD_REQUEST,
                       "column \"%.*s\": the dtype datetime64[ns] is not supported for parsing CSV", SV_FMT(c->name));
    if (c->want == SV_CSV_OBJECT)
        return keep_objects(c, cells, rules, true, err);
    if ((st = number_room(c, rules, &room, err)))
        return st;
    if (c->attempt == SV_CSV_TRY_FLOAT && c->want == SV_CSV_INFER)
        return keep(c, rules, SAVOR_FLOAT64, cells->n, room, err);
    if (c->attempt == SV_CSV_TRY_FLOAT)
        return keep_cast(c, rules, room, cells->n, err);
    if (c->attempt == SV_CSV_TRY_INT && c->want == SV_CSV_INT32)
        return keep_int32(c, cells, rules, room, err);
    if (c->attempt == SV_CSV_TRY_INT)
        return keep(c, rules, SAVOR_INT64, cells->n, room, err);
    return c->want == SV_CSV_INFER ? infer(c, cells, rules, room, err) : convert(c, cells, rules, room, err);
}
