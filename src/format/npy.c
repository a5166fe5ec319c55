#include "format/npy.h"

#include "base/alloc.h"

#define MAGIC "\223NUMPY"
#define MAGIC_SIZE 6
#define HEAD ((size_t)16 << 10)      /* numpy's own headers are shorter */
#define HEADER_MAX ((size_t)1 << 20) /* numpy refuses more than 10,000 characters unless told to trust the file */

/* ---- the header: a Python dict of three keys ---- */

typedef struct cursor {
    const char *p, *end;
} cursor;

static void skip_blanks(cursor *c)
{
    while (c->p < c->end && (*c->p == ' ' || (*c->p >= '\t' && *c->p <= '\r')))
        c->p++;
}

static bool take(cursor *c, char wanted)
{
    skip_blanks(c);
    if (c->p >= c->end || *c->p != wanted)
        return false;
    c->p++;
    return true;
}

static bool take_word(cursor *c, const char *word)
{
    sv_str left = {c->p, (size_t)(c->end - c->p)};
    if (!sv_str_starts(left, sv_str_of(word)))
        return false;
    c->p += strlen(word);
    return true;
}

/* Past a quoted text; its inside goes to `out`. */
static bool take_quoted(cursor *c, sv_str *out)
{
    if (c->p >= c->end || (*c->p != '\'' && *c->p != '"'))
        return false;
    char quote = *c->p++;
    const char *start = c->p;
    while (c->p < c->end && *c->p != quote)
        c->p += *c->p == '\\' && c->end - c->p > 1 ? 2 : 1;
    if (c->p >= c->end)
        return false;
    *out = (sv_str){start, (size_t)(c->p - start)};
    c->p++;
    return true;
}

/* Past one literal, up to the comma or brace behind it; what it says is for sv_npy_descr_parse. */
static bool take_literal(cursor *c, sv_str *out)
{
    size_t depth = 0;
    sv_str inside;
    skip_blanks(c);
    const char *start = c->p;
    for (; c->p < c->end; c->p++) {
        if (*c->p == '\'' || *c->p == '"') {
            if (!take_quoted(c, &inside))
                return false;
            c->p--;
        } else if (*c->p == '(' || *c->p == '[') {
            depth++;
        } else if (*c->p == ')' || *c->p == ']') {
            if (depth-- == 0)
                return false;
        } else if (depth == 0 && (*c->p == ',' || *c->p == '}')) {
            break;
        }
    }
    *out = sv_str_trim((sv_str){start, (size_t)(c->p - start)});
    return c->p < c->end && out->n > 0;
}

static bool take_bool(cursor *c, bool *out)
{
    skip_blanks(c);
    *out = take_word(c, "True");
    return *out || take_word(c, "False");
}

/* One number of a shape; Python 2 wrote "3L". */
static bool take_length(cursor *c, size_t *out)
{
    uint64_t value = 0;
    skip_blanks(c);
    const char *start = c->p;
    while (c->p < c->end && *c->p >= '0' && *c->p <= '9')
        c->p++;
    if (!sv_str_to_uint64((sv_str){start, (size_t)(c->p - start)}, &value) || value > SIZE_MAX)
        return false;
    (void)take_word(c, "L");
    *out = (size_t)value;
    return true;
}

static savor_status fail_header(const char *what, savor_error *err)
{
    return sv_fail(err, SAVOR_FORMAT, "the header of an .npy file had %s", what);
}

static savor_status read_shape(cursor *c, sv_npy_header *out, savor_error *err)
{
    size_t n = 0;
    bool comma = true;
    if (!take(c, '('))
        return fail_header("no tuple as shape", err);
    for (; !take(c, ')'); n++) {
        if (n == SV_TENSOR_DIMS_MAX)
            return sv_fail(err, SAVOR_LIMIT, "an .npy file had more than %d dimensions", SV_TENSOR_DIMS_MAX);
        if (!comma || !take_length(c, &out->raw.shape[n]))
            return fail_header("a shape that is no tuple of numbers", err);
        comma = take(c, ',');
    }
    if (n == 1 && !comma)
        return fail_header("a shape that is a number, expected a tuple", err);
    out->raw.n_dims = n;
    return SAVOR_OK;
}

enum { HAS_DESCR = 1, HAS_ORDER = 2, HAS_SHAPE = 4, HAS_ALL = 7 };

static savor_status read_key(cursor *c, sv_npy_header *out, sv_str *descr, unsigned *seen, savor_error *err)
{
    sv_str key = {0};
    unsigned bit = 0;
    skip_blanks(c);
    if (!take_quoted(c, &key) || !take(c, ':'))
        return fail_header("no key where one was expected", err);
    if (sv_str_is(key, "descr")) {
        bit = HAS_DESCR;
        if (!take_literal(c, descr))
            return fail_header("a descr that does not end", err);
    } else if (sv_str_is(key, "fortran_order")) {
        bit = HAS_ORDER;
        if (!take_bool(c, &out->raw.is_fortran))
            return fail_header("a fortran_order that is neither True nor False", err);
    } else if (sv_str_is(key, "shape")) {
        bit = HAS_SHAPE;
        savor_status st = read_shape(c, out, err);
        if (st)
            return st;
    }
    if (!bit || *seen & bit)
        return sv_fail(err, SAVOR_FORMAT, "the header of an .npy file had a key \"%.*s\" too many", SV_FMT(key));
    *seen |= bit;
    return SAVOR_OK;
}

static savor_status read_dict(sv_str text, sv_npy_header *out, sv_str *descr, savor_error *err)
{
    cursor c = {text.p, text.p + text.n};
    unsigned seen = 0;
    bool comma = true;
    if (!take(&c, '{'))
        return fail_header("no dict", err);
    while (!take(&c, '}')) {
        if (!comma)
            return fail_header("no comma between its keys", err);
        savor_status st = read_key(&c, out, descr, &seen, err);
        if (st)
            return st;
        comma = take(&c, ',');
    }
    skip_blanks(&c);
    if (c.p < c.end)
        return fail_header("something behind its dict", err);
    return seen == HAS_ALL ? SAVOR_OK : fail_header("not all of descr, fortran_order and shape", err);
}

/* The dict's text, and the elements behind it. */
static savor_status split_file(sv_str bytes, sv_str *text, sv_str *data, savor_error *err)
{
    const uint8_t *p = (const uint8_t *)bytes.p;
    if (bytes.n < MAGIC_SIZE + 4 || memcmp(p, MAGIC, MAGIC_SIZE) != 0)
        return sv_fail(err, SAVOR_FORMAT, "%zu bytes were no .npy file", bytes.n);
    unsigned version = p[MAGIC_SIZE];
    if (version < 1 || version > 3 || p[MAGIC_SIZE + 1] != 0)
        return sv_fail(err, SAVOR_UNSUPPORTED, ".npy version %u.%u, expected 1.0, 2.0 or 3.0", version,
                       p[MAGIC_SIZE + 1]);
    size_t start = MAGIC_SIZE + (version == 1 ? 4 : 6), n = p[MAGIC_SIZE + 2] | (size_t)p[MAGIC_SIZE + 3] << 8;
    if (version > 1 && bytes.n >= start)
        n |= (size_t)p[MAGIC_SIZE + 4] << 16 | (size_t)p[MAGIC_SIZE + 5] << 24;
    if (bytes.n < start || n > bytes.n - start)
        return sv_fail(err, SAVOR_FORMAT, "an .npy file of %zu bytes ended inside its header", bytes.n);
    if (n > HEADER_MAX)
        return sv_fail(err, SAVOR_LIMIT, "the header of an .npy file had %zu bytes, expected at most %zu", n,
                       HEADER_MAX);
    *text = (sv_str){bytes.p + start, n};
    *data = (sv_str){bytes.p + start + n, bytes.n - start - n};
    return SAVOR_OK;
}

savor_status sv_npy_header_read(sv_str bytes, sv_arena *arena, sv_npy_header *out, savor_error *err)
{
    sv_npy_header h = {0};
    sv_str text = {0}, descr = {0};
    *out = h;
    savor_status st = split_file(bytes, &text, &h.raw.bytes, err);
    if (st || (st = read_dict(text, &h, &descr, err)) || (st = sv_npy_descr_parse(descr, arena, &h.dtype, err)))
        return st;
    *out = h;
    return SAVOR_OK;
}

/* Whether the elements can be read and are there; leaves what belongs to them. */
static savor_status check_elements(sv_npy_header *h, savor_error *err)
{
    size_t n_items = 0, need = 0;
    if (h->dtype.kind == 'O')
        return sv_fail(err, SAVOR_UNSUPPORTED, "an .npy file of Python objects, which are pickled in it");
    savor_status st = sv_npy_dtype_check(&h->dtype, err);
    if (st)
        return st;
    if (!sv_npy_n_items(&h->raw, &n_items) || !sv_mul(n_items, h->dtype.item_bytes, &need) || need > h->raw.bytes.n ||
        (n_items > 0 && need == 0))
        return sv_fail(err, SAVOR_FORMAT, "an .npy file held %zu bytes for %zu elements of %zu bytes", h->raw.bytes.n,
                       n_items, h->dtype.item_bytes);
    h->raw.bytes.n = need;
    return SAVOR_OK;
}

savor_status sv_npy_read(sv_str bytes, bool is_kept, sv_arena *arena, sv_array *out, savor_error *err)
{
    sv_npy_header h;
    *out = (sv_array){0};
    savor_status st = sv_npy_header_read(bytes, arena, &h, err);
    if (st || (st = check_elements(&h, err)))
        return st;
    h.raw.is_kept = is_kept;
    return sv_npy_array_read(&h.dtype, &h.raw, arena, out, err);
}

savor_status sv_npy_read_source(sv_source *source, sv_str bytes, sv_arena *arena, sv_array *out, savor_error *err)
{
    sv_npy_header h;
    sv_str head = {bytes.p, bytes.n < HEAD ? bytes.n : HEAD};
    *out = (sv_array){0};
    savor_status st = sv_source_need(source, head.p, head.n, err);
    if (!st && sv_npy_header_read(head, arena, &h, NULL)) { /* damaged, or longer than any that numpy writes */
        st = sv_source_need(source, bytes.p, bytes.n, err);
        return st ? st : sv_npy_read(bytes, false, arena, out, err);
    }
    h.raw.bytes.n = bytes.n - (size_t)(h.raw.bytes.p - bytes.p);
    if (st || (st = check_elements(&h, err)))
        return st;
    if (sv_source_has_parts(source, h.raw.bytes.n)) {
        h.raw.part = sv_source_part(source, h.raw.bytes.p, h.raw.bytes.n);
        st = h.raw.part ? SAVOR_OK : sv_fail_nomem(err, sizeof *h.raw.part);
    } else {
        st = sv_source_need(source, h.raw.bytes.p, h.raw.bytes.n, err);
    }
    return st ? st : sv_npy_array_read(&h.dtype, &h.raw, arena, out, err);
}
