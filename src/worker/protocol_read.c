#include "base/alloc.h"
#include "worker/protocol.h"

/* The elements that a worker may answer with as they are; all others come as JSON. */
static bool is_plain(uint64_t dtype) { return dtype <= SAVOR_FLOAT64 || dtype == SAVOR_DATETIME_NS; }

/* What is left of a body. Every step keeps `at` on a multiple of 8. */
typedef struct cursor {
    const char *p;
    size_t n;
    savor_error *err;
} cursor;

static savor_status fail_short(cursor *c, const char *what)
{
    return sv_fail(c->err, SAVOR_FORMAT, "the worker's message ended inside %s", what);
}

/* `n` bytes and what fills them up to a multiple of 8; NULL after FORMAT was told. */
static const char *take(cursor *c, size_t n, const char *what)
{
    size_t padded;
    const char *p = c->p;
    if (!sv_add(n, 7, &padded) || (padded &= ~(size_t)7) > c->n) {
        (void)fail_short(c, what);
        return NULL;
    }
    c->p += padded;
    c->n -= padded;
    return p;
}

static savor_status take_u64(cursor *c, const char *what, uint64_t *out)
{
    const char *p = take(c, 8, what);
    *out = 0;
    if (!p)
        return SAVOR_FORMAT;
    memcpy(out, p, 8);
    return SAVOR_OK;
}

static savor_status take_text(cursor *c, const char *what, sv_str *out)
{
    uint64_t n;
    savor_status st = take_u64(c, what, &n);
    if (st || !(out->p = take(c, n, what)))
        return SAVOR_FORMAT;
    out->n = n;
    if (!sv_utf8_check_surrogates(out->p, out->n))
        return sv_fail(c->err, SAVOR_FORMAT, "the worker sent %s that is not UTF-8", what);
    return SAVOR_OK;
}

static savor_status take_items(cursor *c, uint64_t dtype, size_t n_items, const void **out)
{
    size_t n_bytes;
    if (!is_plain(dtype))
        return sv_fail(c->err, SAVOR_FORMAT, "the worker sent elements of type %llu", (unsigned long long)dtype);
    if (!sv_mul(n_items, sv_dtype_size((savor_dtype)dtype), &n_bytes))
        return fail_short(c, "its elements");
    *out = take(c, n_bytes, "its elements");
    return *out ? SAVOR_OK : SAVOR_FORMAT;
}

/* Whoever reads a bool trusts that it is 0 or 1. */
static savor_status check_bools(cursor *c, uint64_t dtype, const void *data, size_t n)
{
    const uint8_t *p = data;
    for (size_t i = 0; dtype == SAVOR_BOOL && i < n; i++)
        if (p[i] > 1)
            return sv_fail(c->err, SAVOR_FORMAT, "the worker sent a bool of %u", p[i]);
    return SAVOR_OK;
}

static savor_status read_tensor(cursor *c, sv_payload *out)
{
    sv_tensor *t = &out->tensor;
    uint64_t head, n;
    savor_status st = take_u64(c, "the head of an array", &head);
    if (st)
        return st;
    uint64_t dtype = head & 0xffffffffu, n_dims = head >> 32;
    if (n_dims > SV_TENSOR_DIMS_MAX)
        return sv_fail(c->err, SAVOR_FORMAT, "the worker sent an array of %llu dimensions",
                       (unsigned long long)n_dims);
    out->kind = SV_PAYLOAD_TENSOR;
    *t = (sv_tensor){
        .dtype = is_plain(dtype) ? (savor_dtype)dtype : SAVOR_OBJECT, .n_dims = (uint32_t)n_dims, .n_items = 1};
    for (uint32_t i = 0; !st && i < t->n_dims; i++) {
        if ((st = take_u64(c, "a shape", &n)))
            return st;
        t->shape[i] = n;
        if (!sv_mul(t->n_items, n, &t->n_items))
            return fail_short(c, "an array");
    }
    if (!(st = take_items(c, dtype, t->n_items, &t->data)))
        st = check_bools(c, dtype, t->data, t->n_items);
    return st;
}

/* An empty array may have dimensions of any size, and the answer's text would have all of them: bounded by the
 * bytes of a real array. */
#define EMPTY_ITEMS_MAX 1000000

static savor_status check_empty(cursor *c, const sv_tensor *t)
{
    size_t outer = 1;
    for (uint32_t i = 0; t->n_items == 0 && i < t->n_dims && t->shape[i]; i++)
        if (!sv_mul(outer, t->shape[i], &outer) || outer > EMPTY_ITEMS_MAX)
            return sv_fail(c->err, SAVOR_LIMIT, "the worker sent an empty array with more than %d rows",
                           EMPTY_ITEMS_MAX);
    return SAVOR_OK;
}

static savor_status read_label(cursor *c, sv_label *out)
{
    uint64_t is_number, number;
    sv_str text;
    savor_status st = take_u64(c, "a column's name", &is_number);
    if (!st && is_number) {
        if (!(st = take_u64(c, "a column's name", &number)))
            *out = sv_label_number((int64_t)number);
    } else if (!st && !(st = take_text(c, "a column's name", &text))) {
        *out = sv_label_text(text);
    }
    return st;
}

static savor_status read_head(cursor *c, sv_column *out)
{
    uint64_t dtype;
    savor_status st = take_u64(c, "a column", &dtype);
    if (st || (st = read_label(c, &out->name)))
        return st;
    if (!is_plain(dtype))
        return sv_fail(c->err, SAVOR_FORMAT, "the worker sent elements of type %llu", (unsigned long long)dtype);
    out->dtype = (savor_dtype)dtype;
    return SAVOR_OK;
}

/* Types and labels of all columns: exactly as many bytes as they say. */
static savor_status read_heads(cursor *c, sv_column *columns, size_t n_columns)
{
    uint64_t n;
    savor_status st = take_u64(c, "a frame", &n);
    const char *p = st ? NULL : take(c, n, "the names of a frame");
    cursor heads = {p, n, c->err};
    if (!p)
        return SAVOR_FORMAT;
    for (size_t i = 0; !st && i < n_columns; i++)
        st = read_head(&heads, &columns[i]);
    if (!st && heads.n)
        st = sv_fail(c->err, SAVOR_FORMAT, "the worker's names of a frame had %zu bytes too many", heads.n);
    return st;
}

static savor_status read_column(cursor *c, size_t n_rows, sv_column *column)
{
    savor_status st = take_items(c, column->dtype, n_rows, &column->data);
    return st ? st : check_bools(c, column->dtype, column->data, n_rows);
}

static savor_status read_frame(cursor *c, sv_arena *arena, sv_payload *out)
{
    uint64_t n_rows, n_columns;
    savor_status st;
    if ((st = take_u64(c, "a frame", &n_rows)) || (st = take_u64(c, "a frame", &n_columns)))
        return st;
    if (n_columns > c->n / 24 || (n_columns == 0 && n_rows > EMPTY_ITEMS_MAX)) /* each has a type and a name */
        return fail_short(c, "a frame");
    sv_column *columns = sv_arena_array(arena, n_columns, sizeof *columns);
    if (!columns)
        return sv_arena_fail(arena, n_columns * sizeof *columns, c->err);
    st = read_heads(c, columns, n_columns);
    for (size_t i = 0; !st && i < n_columns; i++)
        st = read_column(c, n_rows, &columns[i]);
    out->kind = SV_PAYLOAD_FRAME;
    out->frame = (sv_frame){.n_rows = n_rows, .n_columns = n_columns, .columns = columns};
    return st;
}

static savor_status read_json(cursor *c, sv_payload *out)
{
    savor_status st = take_text(c, "JSON text", &out->json);
    out->kind = SV_PAYLOAD_JSON;
    for (size_t i = 0; !st && i < out->json.n; i++)
        if ((unsigned char)out->json.p[i] < ' ')
            st = sv_fail(c->err, SAVOR_FORMAT, "the worker sent JSON text with the byte %u",
                         (unsigned char)out->json.p[i]);
    if (!st && !sv_utf8_check(out->json.p, out->json.n))
        st = sv_fail(c->err, SAVOR_FORMAT, "the worker sent JSON text that is not UTF-8");
    return st;
}

static savor_status read_exception(cursor *c, sv_payload *out)
{
    sv_exception *r = &out->exception;
    uint64_t kind;
    savor_status st;
    *r = (sv_exception){.kind = SV_EXCEPTION_RAISED};
    out->kind = SV_PAYLOAD_EXCEPTION;
    if ((st = take_u64(c, "an error", &kind)) || (st = take_text(c, "an error's code", &r->code)) ||
        (st = take_text(c, "an error's text", &r->message)) || (st = take_text(c, "a traceback", &r->traceback)))
        return st;
    if (kind > SV_EXCEPTION_ENFORCED)
        return sv_fail(c->err, SAVOR_FORMAT, "the worker sent an error of kind %llu", (unsigned long long)kind);
    r->kind = (sv_exception_kind)kind;
    return SAVOR_OK;
}

static savor_status read_answer(cursor *c, sv_arena *arena, sv_payload *out)
{
    uint64_t kind;
    savor_status st = take_u64(c, "an answer", &kind);
    if (st)
        return st;
    if (kind == SV_PAYLOAD_TENSOR)
        return (st = read_tensor(c, out)) ? st : check_empty(c, &out->tensor);
    if (kind == SV_PAYLOAD_FRAME)
        return read_frame(c, arena, out);
    if (kind == SV_PAYLOAD_JSON)
        return read_json(c, out);
    return sv_fail(c->err, SAVOR_FORMAT, "the worker sent an answer of kind %llu", (unsigned long long)kind);
}

savor_status sv_wire_answer_read(const sv_wire_header *header, sv_str body, sv_arena *arena, sv_payload *out,
                                 savor_error *err)
{
    cursor c = {body.p, body.n, err};
    savor_status st = SAVOR_FORMAT;
    if (header->kind == SV_WIRE_ANSWER)
        st = read_answer(&c, arena, out);
    else if (header->kind == SV_WIRE_ERROR || header->kind == SV_WIRE_FAILED)
        st = read_exception(&c, out);
    else
        return sv_fail(err, SAVOR_FORMAT, "the worker sent a message of kind %d, not an answer", (int)header->kind);
    if (!st && c.n)
        st = sv_fail(err, SAVOR_FORMAT, "the worker's message had %zu bytes too many", c.n);
    return st;
}

/* What a worker may send, and the flags of each. */
typedef struct sv_wire_rule {
    sv_wire_kind kind;
    uint32_t flags;
} sv_wire_rule;

static const sv_wire_rule RULES[] = {{SV_WIRE_READY, SV_WIRE_IN_MEMFD | SV_WIRE_NO_MEMFD | SV_WIRE_PARENT},
                                     {SV_WIRE_FAILED, SV_WIRE_IN_MEMFD},
                                     {SV_WIRE_ANSWER, SV_WIRE_IN_MEMFD | SV_WIRE_RELEASED},
                                     {SV_WIRE_ERROR, SV_WIRE_IN_MEMFD | SV_WIRE_RELEASED},
                                     {SV_WIRE_REAPED, 0}};

static const sv_wire_rule *find_rule(uint16_t kind)
{
    for (size_t i = 0; i < sizeof RULES / sizeof RULES[0]; i++)
        if (RULES[i].kind == (sv_wire_kind)kind)
            return &RULES[i];
    return NULL;
}

savor_status sv_wire_header_read(const uint8_t *bytes, sv_wire_header *out, savor_error *err)
{
    uint32_t magic, flags, rest;
    uint16_t version, kind;
    memcpy(&magic, bytes, 4);
    memcpy(&version, bytes + 4, 2);
    memcpy(&kind, bytes + 6, 2);
    memcpy(&flags, bytes + 24, 4);
    memcpy(&rest, bytes + 28, 4);
    if (magic != SV_WIRE_MAGIC)
        return sv_fail(err, SAVOR_FORMAT, "the worker wrote something else than a message");
    if (version != SV_WIRE_VERSION)
        return sv_fail(err, SAVOR_FORMAT, "the worker speaks version %u of the protocol, expected %u", version,
                       SV_WIRE_VERSION);
    const sv_wire_rule *rule = find_rule(kind);
    if (!rule || flags & ~rule->flags || rest)
        return sv_fail(err, SAVOR_FORMAT, "the worker sent a message of kind %u with flags %u", kind, flags);
    out->kind = (sv_wire_kind)kind;
    out->flags = flags;
    memcpy(&out->id, bytes + 8, 8);
    memcpy(&out->n_bytes, bytes + 16, 8);
    return SAVOR_OK;
}
