#include "table/pieces.h"

#include "base/alloc.h"
#include "data/convert.h"

#include <math.h>

#define HALF_NAN 0x7e00

static bool has_missing(const sv_piece *piece)
{
    size_t whole = piece->n / 8;
    if (!piece->data)
        return piece->n > 0;
    if (!piece->valid)
        return false;
    for (size_t i = 0; i < whole; i++)
        if (piece->valid[i] != 0xff)
            return true;
    for (size_t i = 8 * whole; i < piece->n; i++)
        if (!sv_piece_has(piece, i))
            return true;
    return false;
}

savor_status sv_pieces_add(sv_pieces *pieces, const sv_piece *piece, sv_arena *arena, savor_error *err)
{
    size_t n_rows;
    if (!sv_add(pieces->n_rows, piece->n, &n_rows))
        return sv_fail(err, SAVOR_LIMIT, "the table has more rows than can be counted");
    sv_piece *copy = sv_arena_alloc(arena, sizeof *copy);
    if (!copy)
        return sv_arena_fail(arena, sizeof *copy, err);
    *copy = *piece;
    copy->next = NULL;
    *(pieces->last ? &pieces->last->next : &pieces->first) = copy;
    pieces->last = copy;
    pieces->n_rows = n_rows;
    pieces->has_missing = pieces->has_missing || has_missing(piece);
    return SAVOR_OK;
}

/* The dtype that the whole column gets. */
static savor_dtype joined_dtype(const sv_pieces *pieces, int pandas_major)
{
    char kind = sv_dtype_kind(pieces->dtype);
    if (pieces->dtype == SAVOR_STRING)
        return pandas_major >= 3 ? SAVOR_STRING : SAVOR_OBJECT;
    if (pieces->dtype == SAVOR_BYTES || pieces->is_date || (kind == 'b' && pieces->has_missing))
        return SAVOR_OBJECT;
    return pieces->has_missing && (kind == 'i' || kind == 'u') ? SAVOR_FLOAT64 : pieces->dtype;
}

/* Value `i` with whatever stands for a missing one, at `to`. */
static void copy_objects(const sv_pieces *pieces, const sv_piece *piece, sv_value *to)
{
    for (size_t i = 0; i < piece->n; i++)
        to[i] =
            sv_piece_has(piece, i) ? sv_item_get(pieces->dtype, piece->data, i) : (sv_value){.kind = SV_VALUE_NONE};
}

/* Pieces may lie anywhere: an element is copied out before it is looked at. */
static void copy_widened(const sv_pieces *pieces, const sv_piece *piece, double *to)
{
    size_t size = sv_dtype_size(pieces->dtype);
    uint64_t room;
    sv_column one = {.dtype = pieces->dtype, .data = &room};
    for (size_t i = 0; i < piece->n; i++) {
        to[i] = (double)NAN;
        if (!sv_piece_has(piece, i))
            continue;
        memcpy(&room, (const char *)piece->data + i * size, size);
        (void)sv_column_to_double(&one, 0, &to[i]);
    }
}

static void put_missing(savor_dtype dtype, void *data, size_t i)
{
    switch (dtype) {
    case SAVOR_FLOAT16:
        ((uint16_t *)data)[i] = HALF_NAN;
        break;
    case SAVOR_FLOAT32:
        ((float *)data)[i] = NAN;
        break;
    case SAVOR_FLOAT64:
        ((double *)data)[i] = (double)NAN;
        break;
    case SAVOR_DATETIME_NS:
        ((int64_t *)data)[i] = SV_NAT;
        break;
    case SAVOR_STRING:
        ((sv_str *)data)[i] = (sv_str){NULL, 0};
        break;
    case SAVOR_OBJECT:
        ((sv_value *)data)[i] = (sv_value){.kind = SV_VALUE_NONE};
        break;
    default: /* the others have become another dtype by then */
        break;
    }
}

static void copy_same(savor_dtype dtype, const sv_piece *piece, char *to)
{
    if (piece->data && piece->n)
        memcpy(to, piece->data, piece->n * sv_dtype_size(dtype));
    if (!piece->data || piece->valid)
        for (size_t i = 0; i < piece->n; i++)
            if (!sv_piece_has(piece, i))
                put_missing(dtype, to, i);
}

static bool can_borrow(const sv_pieces *pieces, savor_dtype dtype)
{
    const sv_piece *only = pieces->first;
    return only && !only->next && only->data && dtype == pieces->dtype && !pieces->has_missing &&
           (uintptr_t)only->data % sv_dtype_size(dtype) == 0;
}

savor_status sv_pieces_join(const sv_pieces *pieces, int pandas_major, sv_arena *arena, sv_column *out,
                            savor_error *err)
{
    savor_dtype dtype = joined_dtype(pieces, pandas_major);
    size_t size = sv_dtype_size(dtype), bytes, row = 0;
    if (can_borrow(pieces, dtype)) {
        out->dtype = dtype;
        out->data = pieces->first->data;
        return SAVOR_OK;
    }
    if (!sv_mul(pieces->n_rows, size, &bytes))
        bytes = SIZE_MAX;
    char *data = sv_arena_alloc(arena, bytes);
    if (!data)
        return sv_arena_fail(arena, bytes, err);
    for (const sv_piece *p = pieces->first; p; p = p->next) {
        void *to = data + row * size;
        if (dtype == pieces->dtype)
            copy_same(dtype, p, to);
        else if (dtype == SAVOR_OBJECT)
            copy_objects(pieces, p, to);
        else
            copy_widened(pieces, p, to);
        row += p->n;
    }
    out->dtype = dtype;
    out->data = data;
    return SAVOR_OK;
}
