/*
 * csv_column.h: the cells of one CSV column -> typed values, with pandas' inference.
 *
 * pandas reads a large table in chunks of rows, infers each chunk by itself and then joins the pieces, which shows
 * when they differ (ints in one chunk, text in the next). So a column is fed chunk by chunk: sv_csv_advance as rows
 * come in, sv_csv_close_chunk at the end of each chunk, sv_csv_join at the end of all.
 */
#ifndef SV_REQUEST_CSV_COLUMN_H
#define SV_REQUEST_CSV_COLUMN_H

#include "base/arena.h"
#include "data/frame.h"

/** Where pandas' versions differ, and the limits of this table. */
typedef struct sv_csv_rules {
    bool pandas3;      /* text is `str`; big integers are Python ints; no value is mistaken for a missing one */
    bool none_is_na;   /* "None" is missing: pandas 2 and later */
    bool exact_floats; /* the correctly rounded number parser */
    size_t n_rows_max; /* of the table */
    size_t n_chunk_rows;
    sv_arena *arena;
} sv_csv_rules;

/** What the schema asks of a column. */
typedef enum sv_csv_want {
    SV_CSV_INFER,
    SV_CSV_BOOL,
    SV_CSV_INT32,
    SV_CSV_INT64,
    SV_CSV_FLOAT32,
    SV_CSV_FLOAT64,
    SV_CSV_OBJECT,
    SV_CSV_DATETIME, /* pandas refuses it */
} sv_csv_want;

/** One column's cells in a chunk: first, first + stride, ... */
typedef struct sv_csv_cells {
    const sv_str *first;
    size_t stride;
    size_t n;
} sv_csv_cells;

/** Rows of one dtype. Only the first piece of a column grows. */
typedef struct sv_csv_piece sv_csv_piece;
struct sv_csv_piece {
    savor_dtype dtype;
    size_t n;
    void *data;
    sv_csv_piece *next;
};

typedef enum sv_csv_attempt { SV_CSV_TRY_INT, SV_CSV_TRY_FLOAT, SV_CSV_TRY_LATER } sv_csv_attempt;

/** A column being read. Start it as {.want, .index, .name, .keeps_object}. */
typedef struct sv_csv_column {
    sv_csv_want want;
    size_t index;      /* for messages */
    sv_str name;       /* for messages */
    bool keeps_object; /* pandas 3: declared an object column by name, so that text stays object */
    sv_csv_attempt attempt;
    size_t n_tried;     /* rows of the chunk that `attempt` has taken */
    void *room;         /* 8 bytes per row: int64 or double */
    void *scratch;      /* likewise, once `room` is full of something else */
    sv_csv_piece first; /* data is NULL before the first chunk */
    sv_csv_piece *last; /* NULL, or the newest piece behind the first */
    size_t n_rows;
} sv_csv_column;

/**
 * Take the rows up to cells->n of the current chunk as numbers, if that is what they are. Cheap for columns that are
 * not.
 *
 * cells     from the start of the chunk; borrowed until the chunk is closed
 * Units     none
 * Errors    LIMIT, NOMEM
 * Threads   one per column
 * Source    pandas/_libs/parsers.pyx (behaviour)
 */
savor_status sv_csv_advance(sv_csv_column *column, const sv_csv_cells *cells, const sv_csv_rules *rules,
                            savor_error *err) SAVOR_MUST_CHECK;

/**
 * Decide the dtype of the chunk's rows and keep their values; text stays borrowed from the cells.
 *
 * cells     all of the chunk; not empty
 * Units     none
 * Errors    BAD_REQUEST (the cells cannot be what the schema asks for), LIMIT, NOMEM
 * Threads   one per column
 * Source    pandas/_libs/parsers.pyx _convert_tokens (behaviour)
 */
savor_status sv_csv_close_chunk(sv_csv_column *column, const sv_csv_cells *cells, const sv_csv_rules *rules,
                                savor_error *err) SAVOR_MUST_CHECK;

/**
 * Join the pieces into one column; `out->name` is left alone.
 *
 * out       data lies in the arena
 * Units     none
 * Errors    LIMIT, NOMEM
 * Threads   one per column
 * Source    pandas/io/parsers/c_parser_wrapper.py _concatenate_chunks (behaviour, per version)
 */
savor_status sv_csv_join(sv_csv_column *column, const sv_csv_rules *rules, sv_column *out,
                         savor_error *err) SAVOR_MUST_CHECK;

/** The cell is one of pandas' default strings for a missing value. */
bool sv_csv_is_na(sv_str cell, bool none_is_na);

#endif
