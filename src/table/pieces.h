/*
 * pieces.h: a column that comes in pieces with a bitmap of what is there (Arrow batches, Parquet chunks) -> the
 * column that pandas makes of it. Only when all pieces are known is its dtype: one missing integer makes all of them
 * floats.
 */
#ifndef SV_TABLE_PIECES_H
#define SV_TABLE_PIECES_H

#include "data/frame.h"

typedef struct sv_piece sv_piece;

struct sv_piece {
    size_t n;
    const uint8_t *valid; /* bit i is 0 where value i is missing; NULL: none is */
    const void *data;     /* [n] of the dtype's C type, aligned to a byte only; NULL: all are missing */
    sv_piece *next;
};

typedef struct sv_pieces {
    savor_dtype dtype;
    bool is_date; /* DATETIME_NS that pandas holds as date objects */
    bool has_missing;
    size_t n_rows;
    sv_piece *first, *last;
} sv_pieces;

static inline bool sv_piece_has(const sv_piece *piece, size_t i)
{
    return piece->data && (!piece->valid || (piece->valid[i / 8] >> (i % 8) & 1));
}

/** Append a piece; its bitmap and data stay borrowed. Errors: NOMEM, LIMIT. */
savor_status sv_pieces_add(sv_pieces *pieces, const sv_piece *piece, sv_arena *arena,
                           savor_error *err) SAVOR_MUST_CHECK;

/**
 * Join the pieces as pandas does: missing integers make FLOAT64, missing bools OBJECT, text is STRING from pandas 3
 * on and OBJECT before, bytes and dates are OBJECT; what is missing is NaN, NaT or None.
 *
 * out       its name is left alone; one piece that needs no change is borrowed
 * Errors    NOMEM, LIMIT
 * Source    pyarrow.Table.to_pandas 19 and 25
 */
savor_status sv_pieces_join(const sv_pieces *pieces, int pandas_major, sv_arena *arena, sv_column *out,
                            savor_error *err) SAVOR_MUST_CHECK;

#endif
