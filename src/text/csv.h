/*
 * csv.h: CSV bytes -> rows of cells, with the verdicts of pandas' C tokenizer (comma, double quotes, no types).
 *
 * Cells point into the text; only a cell with doubled quotes, or with text behind its closing quote, is copied. The
 * first row is the header and fixes nothing; the first data row may be longer than it (pandas then takes the surplus
 * as index columns), and the longer of the two is the width of the table. Later rows are padded, or refused.
 */
#ifndef SV_TEXT_CSV_H
#define SV_TEXT_CSV_H

#include "base/arena.h"
#include "base/str.h"

typedef struct sv_csv_reader {
    const char *p, *end; /* at the start of a line between calls */
    const char *block;   /* `special` tells of block[0..63] */
    uint64_t special;    /* one bit for each byte at or behind the read position that may end a cell */
    sv_arena *arena;
    bool cut_at_nul;      /* cells end at a NUL byte: pandas before 3.1 kept C strings */
    uint64_t n_lines;     /* lines behind us, blank ones counted, line ends inside quotes not */
    const sv_str *header; /* [n_header] */
    size_t n_header;
    size_t width;      /* cells in each row: the header's or the first data row's, whichever is more */
    size_t n_rows_max; /* data rows there are at most */
} sv_csv_reader;

/**
 * Start reading: the header, and the width of the table.
 *
 * text        well-formed UTF-8 (not checked here), borrowed: must outlive the cells; a leading BOM is skipped
 * cut_at_nul  as above
 * arena       gets the header, and the cells that cannot point into the text
 * out         the caller's own struct; nothing to end
 * Units       none
 * Errors      BAD_REQUEST (no row at all, a quote that is never closed), LIMIT, NOMEM
 * Threads     safe
 * Source      pandas/_libs/src/parser/tokenizer.c, parsers.pyx _get_header (behaviour; the code is our own)
 */
savor_status sv_csv_open(sv_str text, bool cut_at_nul, sv_arena *arena, sv_csv_reader *out,
                         savor_error *err) SAVOR_MUST_CHECK;

/**
 * Read the next data rows.
 *
 * cells       room for n_max * width cells; row after row; a missing cell is empty (p is never NULL)
 * n_read      rows read; less than n_max only at the end
 * Units       none
 * Errors      BAD_REQUEST (a row longer than the width, a quote that is never closed), LIMIT, NOMEM
 * Threads     safe while nobody else uses the reader
 * Source      as above
 */
savor_status sv_csv_read(sv_csv_reader *reader, size_t n_max, sv_str *cells, size_t *n_read,
                         savor_error *err) SAVOR_MUST_CHECK;

#endif
