#include "text/csv.h"

#include "base/error.h"

#define ONES 0x0101010101010101u
#define HIGHS 0x8080808080808080u
#define BLOCK 64

/* The high bit of each byte below '-' (0x2d): all that ends a cell, and of what stands in numbers only '+'. */
static inline uint64_t low_bytes(uint64_t word)
{
    uint64_t not_low = ((word & ~HIGHS) + (0x80 - 0x2d) * ONES) | word;
    return ~not_low & HIGHS;
}

/* Gather the eight high bits into one byte, lowest byte first. */
static inline uint64_t gather(uint64_t highs) { return ((highs >> 7) * 0x0102040810204080u) >> 56; }

static uint64_t scan_block(const char *p, const char *end)
{
    char tail[BLOCK];
    if ((size_t)(end - p) < BLOCK) {
        memset(tail, 0xff, sizeof tail);
        memcpy(tail, p, (size_t)(end - p));
        p = tail;
    }
    uint64_t bits = 0;
    for (unsigned i = 0; i < BLOCK / 8; i++) {
        uint64_t word;
        memcpy(&word, p + 8 * i, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        word = __builtin_bswap64(word);
#endif
        bits |= gather(low_bytes(word)) << (8 * i);
    }
    return bits;
}

static void seek(sv_csv_reader *r, const char *p)
{
    r->p = p;
    r->block = p;
    r->special = scan_block(p, r->end);
}

/* The next byte that may end a cell, which is then passed over; `end` when there is none. */
static inline const char *next_special(sv_csv_reader *r)
{
    while (r->special == 0) {
        if ((size_t)(r->end - r->block) <= BLOCK)
            return r->end;
        r->block += BLOCK;
        r->special = scan_block(r->block, r->end);
    }
    const char *found = r->block + __builtin_ctzll(r->special);
    r->special &= r->special - 1;
    return found;
}

/* Pass over the end of a blank line at p; a comma behind a lone CR is swallowed with it, as pandas does. */
static const char *pass_blank_line_end(const char *p, const char *end, bool *swallowed)
{
    *swallowed = *p == '\r' && p + 1 < end && p[1] == ',';
    if (*swallowed || (*p == '\r' && p + 1 < end && p[1] == '\n'))
        return p + 2;
    return p + 1;
}

/*
 * Pass over empty lines and lines of blanks; false at the end of the text. A swallowed comma comes back when blanks
 * and then something else follow: pandas goes back to the start of the line there.
 */
static bool skip_blank_lines(sv_csv_reader *r)
{
    const char *p = r->p;
    bool swallowed = false;
    for (;;) {
        const char *q = p;
        while (q < r->end && (*q == ' ' || *q == '\t'))
            q++;
        if (q == r->end) {
            r->p = q;
            return false;
        }
        if (*q != '\n' && *q != '\r') {
            p -= swallowed && q > p;
            break;
        }
        p = pass_blank_line_end(q, r->end, &swallowed);
        r->n_lines++;
    }
    if (p != r->p)
        seek(r, p);
    return true;
}

typedef enum cell_end { END_COMMA, END_LINE, END_TEXT, END_NEVER } cell_end;

/* Classify the byte at q, which ends a cell or not; `p` is set behind a line end. */
static inline bool ends_cell(sv_csv_reader *r, const char *q, cell_end *how)
{
    if (q == r->end) {
        r->p = q;
        *how = END_TEXT;
        return true;
    }
    if (*q == ',') {
        r->p = q + 1;
        *how = END_COMMA;
        return true;
    }
    if (*q != '\n' && *q != '\r')
        return false;
    r->p = q + 1;
    *how = END_LINE;
    if (*q == '\r' && r->p < r->end && *r->p == '\n') {
        r->p++;
        next_special(r);
    }
    return true;
}

static inline cell_end read_plain(sv_csv_reader *r, sv_str *cell)
{
    const char *start = r->p, *q;
    cell_end how = END_TEXT;
    do
        q = next_special(r);
    while (!ends_cell(r, q, &how));
    *cell = (sv_str){start, (size_t)(q - start)};
    return how;
}

/* The closing quote of a cell whose text starts at p, or NULL; tells whether doubled quotes stood before it. */
static const char *find_closing(const char *p, const char *end, bool *has_doubled)
{
    for (;;) {
        const char *q = memchr(p, '"', (size_t)(end - p));
        if (!q || q + 1 == end || q[1] != '"')
            return q;
        *has_doubled = true;
        p = q + 2;
    }
}

/* Write the quoted part without doubling, then the rest up to `end` as it is. */
static size_t unquote(const char *p, const char *closing, const char *end, char *out)
{
    size_t n = 0;
    for (; p < closing; p++) {
        out[n++] = *p;
        if (*p == '"')
            p++;
    }
    size_t rest = (size_t)(end - closing) - 1;
    memcpy(out + n, closing + 1, rest);
    return n + rest;
}

/* A cell that starts with a quote. `cell` is NULL when only the end is wanted. */
static savor_status read_quoted(sv_csv_reader *r, sv_str *cell, cell_end *how, savor_error *err)
{
    const char *start = r->p + 1;
    bool has_doubled = false;
    const char *closing = find_closing(start, r->end, &has_doubled);
    if (!closing) {
        *how = END_NEVER;
        return sv_fail(err, SAVOR_BAD_REQUEST,
                       "Error tokenizing data. C error: EOF inside string starting at row %llu",
                       (unsigned long long)r->n_lines);
    }
    seek(r, closing + 1);
    sv_str tail;
    *how = read_plain(r, &tail);
    if (!cell)
        return SAVOR_OK;
    *cell = (sv_str){start, (size_t)(closing - start)};
    if (!has_doubled && tail.n == 0)
        return SAVOR_OK;
    const char *end = tail.p + tail.n;
    size_t room = (size_t)(end - start);
    char *copy = sv_arena_alloc(r->arena, room);
    if (!copy)
        return sv_arena_fail(r->arena, room, err);
    *cell = (sv_str){copy, unquote(start, closing, end, copy)};
    return SAVOR_OK;
}

static inline sv_str cut_at_nul(sv_str cell)
{
    const char *nul = memchr(cell.p, 0, cell.n);
    return nul ? (sv_str){cell.p, (size_t)(nul - cell.p)} : cell;
}

/* One row: its first `capacity` cells are kept, all are counted; 0 of them at the end of the text. */
static savor_status read_row(sv_csv_reader *r, sv_str *cells, size_t capacity, size_t *n_cells, savor_error *err)
{
    size_t n = 0;
    cell_end how = END_COMMA;
    *n_cells = 0;
    if (!skip_blank_lines(r))
        return SAVOR_OK;
    while (how == END_COMMA) {
        sv_str dropped, *cell = n < capacity ? &cells[n] : &dropped;
        if (r->p < r->end && *r->p == '"') {
            savor_status st = read_quoted(r, n < capacity ? cell : NULL, &how, err);
            if (st)
                return st;
        } else {
            how = read_plain(r, cell);
        }
        if (r->cut_at_nul && n < capacity)
            *cell = cut_at_nul(*cell);
        n++;
    }
    r->n_lines++;
    *n_cells = n;
    return SAVOR_OK;
}

/* A row of any length, kept whole: counted first, then read. */
static savor_status read_header(sv_csv_reader *r, savor_error *err)
{
    sv_csv_reader start = *r;
    size_t n;
    savor_status st = read_row(r, NULL, 0, &n, err);
    if (st)
        return st;
    if (n == 0)
        return sv_fail(err, SAVOR_BAD_REQUEST, "No columns to parse from file");
    *r = start;
    sv_str *cells = sv_arena_array(r->arena, n, sizeof *cells);
    if (!cells)
        return sv_arena_fail(r->arena, n * sizeof *cells, err);
    st = read_row(r, cells, n, &n, err);
    r->header = cells;
    r->n_header = n;
    return st;
}

/* How many rows there can be: each but the first starts behind a line end. */
static size_t count_line_starts(const char *p, const char *end)
{
    size_t n = 1;
    for (; p + 1 < end; p++)
        n += (size_t)((p[0] == '\n') | (p[0] == '\r')) & (size_t)((p[1] != '\n') & (p[1] != '\r'));
    return n;
}

savor_status sv_csv_open(sv_str text, bool cut_at_nul, sv_arena *arena, sv_csv_reader *out, savor_error *err)
{
    sv_csv_reader r = {.end = text.p + text.n, .arena = arena};
    bool has_mark = text.n >= 3 && memcmp(text.p, "\xef\xbb\xbf", 3) == 0;
    r.cut_at_nul = cut_at_nul && text.n > 0 && memchr(text.p, 0, text.n) != NULL;
    seek(&r, text.p + (has_mark ? 3 : 0));
    savor_status st = read_header(&r, err);
    if (st)
        return st;
    sv_csv_reader ahead = r;
    size_t n_first;
    if ((st = read_row(&ahead, NULL, 0, &n_first, err)))
        return st;
    r.width = n_first > r.n_header ? n_first : r.n_header;
    r.n_rows_max = n_first ? count_line_starts(r.p, r.end) : 0;
    *out = r;
    return SAVOR_OK;
}

savor_status sv_csv_read(sv_csv_reader *r, size_t n_max, sv_str *cells, size_t *n_read, savor_error *err)
{
    size_t n_rows = 0;
    *n_read = 0;
    for (; n_rows < n_max; n_rows++, cells += r->width) {
        size_t n;
        savor_status st = read_row(r, cells, r->width, &n, err);
        if (st)
            return st;
        if (n == 0)
            break;
        if (n > r->width)
            return sv_fail(err, SAVOR_BAD_REQUEST,
                           "Error tokenizing data. C error: Expected %zu fields in line %llu, saw %zu", r->width,
                           (unsigned long long)r->n_lines, n);
        for (; n < r->width; n++)
            cells[n] = SV_STR("");
    }
    *n_read = n_rows;
    return SAVOR_OK;
}
