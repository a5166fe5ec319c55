#include "table/arrow_write.h"

#include "base/alloc.h"
#include "data/convert.h"

/*
 * FlatBuffers, written front to back: a table lies in front of what it points to, and each field has a slot of 8
 * bytes, so that everything is aligned without counting.
 */

enum { SLOT = 8, VERSION_5 = 4, HEADER_SCHEMA = 1, HEADER_BATCH = 3, UNIT_NS = 3, CONTINUATION = -1 };
enum { TYPE_INT = 2, TYPE_FLOAT = 3, TYPE_BINARY = 4, TYPE_UTF8 = 5, TYPE_BOOL = 6, TYPE_TIMESTAMP = 10 };

/* A column and the sizes of its buffers: bitmap, values, bytes of texts. */
typedef struct plan {
    const sv_column *column;
    int type;
    size_t n_missing;
    size_t n_buffers;
    size_t n_bytes[3];
} plan;

static size_t padded(size_t n) { return (n + 7) & ~(size_t)7; }

static void put_padding(sv_buf *out, size_t begin)
{
    static const char ZEROS[8] = {0};
    sv_buf_put(out, ZEROS, padded(out->n - begin) - (out->n - begin));
}

/* Little-endian, whatever the machine. */
static void put_integer(sv_buf *out, int64_t value, size_t size)
{
    uint8_t bytes[8];
    for (size_t i = 0; i < 8; i++)
        bytes[i] = (uint8_t)((uint64_t)value >> (8 * i));
    sv_buf_put(out, bytes, size);
}

static void set_integer(sv_buf *out, size_t at, int64_t value, size_t size)
{
    for (size_t i = 0; i < size && !out->failed; i++)
        out->p[at + i] = (char)(uint8_t)((uint64_t)value >> (8 * i));
}

/* A table of `n` fields whose bits in `present` are set; its slots are zero. Where its first slot is. */
static size_t put_table(sv_buf *out, size_t begin, size_t n, unsigned present)
{
    size_t vtable_bytes = 4 + 2 * n;
    put_padding(out, begin);
    size_t vtable = out->n;
    put_integer(out, (int64_t)vtable_bytes, 2);
    put_integer(out, (int64_t)(SLOT + SLOT * n), 2);
    for (size_t i = 0; i < n; i++)
        put_integer(out, present >> i & 1 ? (int64_t)(SLOT + SLOT * i) : 0, 2);
    put_padding(out, begin);
    put_integer(out, (int64_t)(out->n - vtable), SLOT);
    size_t slots = out->n;
    for (size_t i = 0; i < n; i++)
        put_integer(out, 0, SLOT);
    return slots;
}

static void set_field(sv_buf *out, size_t slots, size_t field, int64_t value, size_t size)
{
    set_integer(out, slots + SLOT * field, value, size);
}

/* Let a field point to what comes next: a table begins SLOT bytes before its slots. */
static void set_offset(sv_buf *out, size_t slots, size_t field, size_t target)
{
    size_t at = slots + SLOT * field;
    set_integer(out, at, (int64_t)(target - at), 4);
}

/* The length of a vector, so placed that its items begin at a multiple of 8. Where the length is. */
static size_t put_length(sv_buf *out, size_t begin, size_t n)
{
    put_padding(out, begin);
    put_integer(out, 0, 4);
    put_integer(out, (int64_t)n, 4);
    return out->n - 4;
}

static void put_type(sv_buf *out, size_t begin, size_t field, const plan *p)
{
    char kind = sv_dtype_kind(p->column->dtype);
    size_t size = sv_dtype_size(p->column->dtype), slots;
    set_field(out, field, 2, p->type, 1);
    if (p->type == TYPE_INT) {
        slots = put_table(out, begin, 2, 3);
        set_field(out, slots, 0, (int64_t)(8 * size), 4);
        set_field(out, slots, 1, kind == 'i', 1);
    } else if (p->type == TYPE_FLOAT) {
        slots = put_table(out, begin, 1, 1);
        set_field(out, slots, 0, size == 2 ? 0 : size == 4 ? 1 : 2, 2);
    } else if (p->type == TYPE_TIMESTAMP) {
        slots = put_table(out, begin, 1, 1);
        set_field(out, slots, 0, UNIT_NS, 2);
    } else {
        slots = put_table(out, begin, 0, 0);
    }
    set_offset(out, field, 3, slots - SLOT);
}

/* name, nullable, kind of type, type, no dictionary, no children */
static void put_field(sv_buf *out, size_t begin, size_t slot, const plan *p)
{
    char room[24];
    sv_str name = sv_label_show(&p->column->name, room);
    size_t field = put_table(out, begin, 6, 0x2f);
    set_offset(out, slot, 0, field - SLOT);
    set_field(out, field, 1, 1, 1);
    set_offset(out, field, 0, put_length(out, begin, name.n));
    sv_buf_put_str(out, name);
    sv_buf_put_char(out, '\0');
    put_type(out, begin, field, p);
    set_offset(out, field, 5, put_length(out, begin, 0));
}

/* A message's frame: mark, length, and the table that says what the header is. Where the header's field is. */
static size_t begin_message(sv_buf *out, size_t *begin, int header, size_t n_body)
{
    put_integer(out, CONTINUATION, 4);
    put_integer(out, 0, 4);
    *begin = out->n;
    put_integer(out, 0, SLOT);
    size_t slots = put_table(out, *begin, 4, 0xf);
    set_integer(out, *begin, (int64_t)(slots - SLOT - *begin), 4);
    set_field(out, slots, 0, VERSION_5, 2);
    set_field(out, slots, 1, header, 1);
    set_field(out, slots, 3, (int64_t)n_body, 8);
    return slots;
}

static void end_message(sv_buf *out, size_t begin)
{
    put_padding(out, begin);
    set_integer(out, begin - 4, (int64_t)(out->n - begin), 4);
}

static void put_schema(sv_buf *out, const plan *plans, size_t n)
{
    size_t begin, message = begin_message(out, &begin, HEADER_SCHEMA, 0);
    size_t schema = put_table(out, begin, 2, 2);
    set_offset(out, message, 2, schema - SLOT);
    set_offset(out, schema, 1, put_length(out, begin, n));
    size_t first = out->n;
    for (size_t i = 0; i < n; i++)
        put_integer(out, 0, 4);
    for (size_t i = 0; i < n; i++)
        put_field(out, begin, first + 4 * i, &plans[i]);
    end_message(out, begin);
}

static void put_batch(sv_buf *out, const plan *plans, size_t n, size_t n_rows)
{
    size_t n_buffers = 0, n_body = 0, begin;
    for (size_t i = 0; i < n; i++) {
        n_buffers += plans[i].n_buffers;
        for (size_t k = 0; k < plans[i].n_buffers; k++)
            n_body += padded(plans[i].n_bytes[k]);
    }
    size_t message = begin_message(out, &begin, HEADER_BATCH, n_body);
    size_t batch = put_table(out, begin, 3, 7);
    set_offset(out, message, 2, batch - SLOT);
    set_field(out, batch, 0, (int64_t)n_rows, 8);
    set_offset(out, batch, 1, put_length(out, begin, n));
    for (size_t i = 0; i < n; i++) {
        put_integer(out, (int64_t)n_rows, 8);
        put_integer(out, (int64_t)plans[i].n_missing, 8);
    }
    set_offset(out, batch, 2, put_length(out, begin, n_buffers));
    n_body = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < plans[i].n_buffers; k++) {
            put_integer(out, (int64_t)n_body, 8);
            put_integer(out, (int64_t)plans[i].n_bytes[k], 8);
            n_body += padded(plans[i].n_bytes[k]);
        }
    end_message(out, begin);
}

/* ---- the body ---- */

static bool is_missing(const sv_column *c, size_t row)
{
    if (c->dtype == SAVOR_STRING || c->dtype == SAVOR_BYTES)
        return !((const sv_str *)c->data)[row].p;
    return c->dtype == SAVOR_DATETIME_NS && ((const int64_t *)c->data)[row] == SV_NAT;
}

static void put_bits(sv_buf *out, const plan *p, size_t n_rows, bool of_values)
{
    char *bits = sv_buf_reserve(out, n_rows / 8 + 1);
    size_t n = n_rows / 8 + (n_rows % 8 != 0);
    if (!bits)
        return;
    memset(bits, 0, n);
    for (size_t i = 0; i < n_rows; i++) {
        bool bit = of_values ? ((const uint8_t *)p->column->data)[i] : !is_missing(p->column, i);
        bits[i / 8] = (char)(bits[i / 8] | (bit ? 1 << (i % 8) : 0));
    }
    out->n += n;
}

static void put_texts(sv_buf *out, const plan *p, size_t n_rows, size_t begin)
{
    const sv_str *texts = p->column->data;
    size_t end = 0;
    put_integer(out, 0, 4);
    for (size_t i = 0; i < n_rows; i++)
        put_integer(out, (int64_t)(end += texts[i].n), 4);
    put_padding(out, begin);
    for (size_t i = 0; i < n_rows; i++)
        sv_buf_put_str(out, texts[i]);
}

static void put_column(sv_buf *out, const plan *p, size_t n_rows, size_t begin)
{
    if (p->n_missing)
        put_bits(out, p, n_rows, false);
    put_padding(out, begin);
    if (p->type == TYPE_BOOL)
        put_bits(out, p, n_rows, true);
    else if (p->n_buffers == 3)
        put_texts(out, p, n_rows, begin);
    else
        sv_buf_put(out, p->column->data, p->n_bytes[1]);
    put_padding(out, begin);
}

/* ---- planning ---- */

/* An OBJECT column of texts, or of bytes, as such a column; false for anything else. */
static bool find_texts(const sv_column *c, size_t n_rows, sv_str *texts, sv_column *out)
{
    const sv_value *values = c->data;
    sv_value_kind kind = SV_VALUE_NONE;
    for (size_t i = 0; i < n_rows; i++) {
        bool is_none = sv_value_is_missing(&values[i]);
        if ((!is_none && values[i].kind != SV_VALUE_STRING && values[i].kind != SV_VALUE_BYTES) ||
            (!is_none && kind != SV_VALUE_NONE && kind != values[i].kind))
            return false;
        kind = is_none ? kind : values[i].kind;
        texts[i] = is_none ? (sv_str){NULL, 0} : (sv_str){values[i].u.p ? values[i].u.p : "", values[i].n};
    }
    *out = (sv_column){c->name, kind == SV_VALUE_BYTES ? SAVOR_BYTES : SAVOR_STRING, texts};
    return true;
}

static bool plan_column(const sv_column *c, size_t n_rows, plan *out)
{
    char kind = sv_dtype_kind(c->dtype);
    size_t n_bits = n_rows / 8 + (n_rows % 8 != 0), n_text = 0;
    *out = (plan){.column = c, .n_buffers = 2};
    out->type = kind == 'i' || kind == 'u' ? TYPE_INT
                : kind == 'f'              ? TYPE_FLOAT
                : kind == 'b'              ? TYPE_BOOL
                : kind == 'M'              ? TYPE_TIMESTAMP
                : kind == 'U'              ? TYPE_UTF8
                                           : TYPE_BINARY;
    for (size_t i = 0; i < n_rows; i++)
        out->n_missing += is_missing(c, i);
    out->n_bytes[0] = out->n_missing ? n_bits : 0;
    out->n_bytes[1] = kind == 'b' ? n_bits : n_rows * sv_dtype_size(c->dtype);
    if (kind != 'U' && kind != 'S')
        return true;
    for (size_t i = 0; i < n_rows && n_text <= INT32_MAX; i++)
        n_text += ((const sv_str *)c->data)[i].n;
    out->n_buffers = 3;
    out->n_bytes[1] = 4 * (n_rows + 1);
    out->n_bytes[2] = n_text;
    return n_text <= INT32_MAX;
}

static bool plan_any(const sv_column *c, size_t n_rows, sv_arena *arena, plan *out, sv_buf *buf)
{
    if (c->dtype != SAVOR_OBJECT)
        return plan_column(c, n_rows, out);
    sv_column *as_text = sv_arena_alloc(arena, sizeof *as_text);
    sv_str *texts = sv_column_alloc(arena, SAVOR_STRING, n_rows);
    if (as_text && texts)
        return find_texts(c, n_rows, texts, as_text) && plan_column(as_text, n_rows, out);
    buf->failed = sv_arena_fail(arena, n_rows * sizeof *texts, NULL);
    return true;
}

bool sv_arrow_write_frame(const sv_frame *frame, sv_arena *arena, sv_buf *out)
{
    plan *plans = sv_arena_array(arena, frame->n_columns, sizeof *plans);
    if (!plans)
        out->failed = sv_arena_fail(arena, frame->n_columns * sizeof *plans, NULL);
    for (size_t i = 0; !out->failed && i < frame->n_columns; i++)
        if (!plan_any(&frame->columns[i], frame->n_rows, arena, &plans[i], out))
            return false;
    if (out->failed)
        return true;
    put_schema(out, plans, frame->n_columns);
    put_batch(out, plans, frame->n_columns, frame->n_rows);
    size_t begin = out->n;
    for (size_t i = 0; i < frame->n_columns; i++)
        put_column(out, &plans[i], frame->n_rows, begin);
    put_integer(out, CONTINUATION, 4);
    put_integer(out, 0, 4);
    return true;
}
