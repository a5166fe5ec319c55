#include "data/convert.h"
#include "worker/protocol.h"

#include <inttypes.h>
#include <stdio.h>

/* Tags of single values; the numbers are the protocol's, not sv_value_kind's. */
enum {
    TAG_NONE = 0,
    TAG_BOOL = 1,
    TAG_INT = 2,
    TAG_BIGINT = 3,
    TAG_FLOAT = 4,
    TAG_STRING = 5,
    TAG_BYTES = 6,
    TAG_DATETIME = 7,
    TAG_LIST = 8,
    TAG_DICT = 9,
    TAG_NUMPY_ARRAY = 10,
    TAG_NUMPY_SCALAR = 11,
};

#define LENT_BYTES_MIN ((size_t)4096) /* less is copied sooner than it is kept track of */
#define OWN_BYTES_FIRST ((size_t)4096)

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "buffers are sent as they lie in memory");

void sv_wire_header_write(const sv_wire_header *header, uint8_t *out)
{
    uint32_t magic = SV_WIRE_MAGIC;
    uint16_t version = SV_WIRE_VERSION, kind = (uint16_t)header->kind;
    memset(out, 0, SV_WIRE_HEADER_BYTES);
    memcpy(out, &magic, 4);
    memcpy(out + 4, &version, 2);
    memcpy(out + 6, &kind, 2);
    memcpy(out + 8, &header->id, 8);
    memcpy(out + 16, &header->n_bytes, 8);
    memcpy(out + 24, &header->flags, 4);
}

static void put_u32(sv_buf *out, uint32_t value) { sv_buf_put(out, &value, 4); }
static void put_u64(sv_buf *out, uint64_t value) { sv_buf_put(out, &value, 8); }

static void pad(sv_buf *out)
{
    static const char ZEROS[8] = {0};
    sv_buf_put(out, ZEROS, (8 - out->n % 8) % 8);
}

/* A number that is known only after what it counts was written. */
static size_t hold_u64(sv_buf *out)
{
    put_u64(out, 0);
    return out->n;
}

static void fill_u64(sv_buf *out, size_t held)
{
    uint64_t value = out->n - held;
    if (!out->failed)
        memcpy(out->p + held - 8, &value, 8);
}

static void put_text(sv_buf *out, sv_str text)
{
    put_u64(out, text.n);
    sv_buf_put_str(out, text);
    pad(out);
}

/* ---- single values, unaligned ---- */

static void put_tagged_text(sv_buf *out, char tag, sv_str text)
{
    sv_buf_put_char(out, tag);
    put_u64(out, text.n);
    sv_buf_put_str(out, text);
}

static void put_value(sv_buf *out, const sv_value *v);

/* An element of a numpy array: what is beyond int64 lies in an int64 like the rest. */
static void put_element(sv_buf *out, savor_dtype dtype, const sv_value *v)
{
    char digits[24];
    if (dtype != SAVOR_UINT64 || v->kind != SV_VALUE_INT || v->u.i >= 0) {
        put_value(out, v);
        return;
    }
    int n = snprintf(digits, sizeof digits, "%" PRIu64, (uint64_t)v->u.i);
    put_tagged_text(out, TAG_BIGINT, (sv_str){digits, (size_t)n});
}

/* The elements of a numpy array of numpy arrays, in C order; recursion ends with the dimensions. */
static void put_elements(sv_buf *out, const sv_value *v, uint32_t n_dims)
{
    sv_value plain = *v;
    plain.variant = SV_VARIANT_PLAIN;
    if (n_dims == 0)
        put_element(out, (savor_dtype)v->dtype, v->kind < SV_VALUE_LIST ? &plain : v);
    for (size_t i = 0; n_dims && i < v->n; i++)
        put_elements(out, &v->u.items[i], n_dims - 1);
}

/* A LIST of the variant NUMPY: its rows are such lists, all of one length. */
static void put_numpy(sv_buf *out, const sv_value *v)
{
    size_t shape[SV_TENSOR_DIMS_MAX];
    uint32_t n_dims = 0;
    for (const sv_value *row = v;
         row && row->kind == SV_VALUE_LIST && row->variant == SV_VARIANT_NUMPY && n_dims < SV_TENSOR_DIMS_MAX;
         row = row->n ? row->u.items : NULL)
        shape[n_dims++] = row->n;
    sv_buf_put_char(out, n_dims ? TAG_NUMPY_ARRAY : TAG_NUMPY_SCALAR);
    put_u32(out, v->dtype);
    put_u32(out, n_dims);
    for (uint32_t i = 0; i < n_dims; i++)
        put_u64(out, shape[i]);
    put_elements(out, v, n_dims);
}

/* An array in a cell, element by element. */
static void put_array(sv_buf *out, const sv_tensor *t)
{
    sv_buf_put_char(out, TAG_NUMPY_ARRAY);
    put_u32(out, t->dtype);
    put_u32(out, t->n_dims);
    for (uint32_t i = 0; i < t->n_dims; i++)
        put_u64(out, t->shape[i]);
    for (size_t i = 0; i < t->n_items; i++) {
        sv_value item = sv_item_get(t->dtype, t->data, i);
        put_element(out, t->dtype, &item);
    }
}

/* Recursion is bounded: values come from JSON, whose depth is limited. */
static void put_value(sv_buf *out, const sv_value *v)
{
    if (v->variant == SV_VARIANT_NUMPY) {
        put_numpy(out, v);
        return;
    }
    switch (v->kind) {
    case SV_VALUE_NONE:
    case SV_VALUE_OTHER: /* no request has one */
        sv_buf_put_char(out, TAG_NONE);
        break;
    case SV_VALUE_BOOL:
    case SV_VALUE_INT:
    case SV_VALUE_DATETIME:
        sv_buf_put_char(out, v->kind == SV_VALUE_BOOL ? TAG_BOOL : v->kind == SV_VALUE_INT ? TAG_INT : TAG_DATETIME);
        put_u64(out, (uint64_t)v->u.i);
        break;
    case SV_VALUE_FLOAT:
        sv_buf_put_char(out, TAG_FLOAT);
        sv_buf_put(out, &v->u.f, 8);
        break;
    case SV_VALUE_BIGINT:
        put_tagged_text(out, TAG_BIGINT, (sv_str){v->u.p, v->n});
        break;
    case SV_VALUE_STRING:
        put_tagged_text(out, TAG_STRING, (sv_str){v->u.p, v->n});
        break;
    case SV_VALUE_BYTES:
        put_tagged_text(out, TAG_BYTES, (sv_str){v->u.p, v->n});
        break;
    case SV_VALUE_ARRAY:
        put_array(out, v->u.tensor);
        break;
    case SV_VALUE_LIST:
    case SV_VALUE_DICT:
        sv_buf_put_char(out, v->kind == SV_VALUE_LIST ? TAG_LIST : TAG_DICT);
        put_u64(out, v->n);
        for (size_t i = 0; i < v->n * (v->kind == SV_VALUE_LIST ? 1 : 2); i++)
            put_value(out, &v->u.items[i]);
        break;
    }
}

static void put_values(sv_buf *out, const sv_value *values, size_t n)
{
    size_t held = hold_u64(out);
    for (size_t i = 0; i < n; i++)
        put_value(out, &values[i]);
    fill_u64(out, held);
    pad(out);
}

/* ---- buffers ---- */

/* Arrow's large layout: a bit per item that is there, n + 1 offsets, the bytes. */
static void put_texts(sv_buf *out, const sv_str *texts, size_t n)
{
    uint64_t end = 0;
    for (size_t i = 0; i < n; i += 8) {
        unsigned bits = 0;
        for (size_t k = i; k < n && k < i + 8; k++)
            bits |= (texts[k].p ? 1u : 0u) << (k - i);
        sv_buf_put_char(out, (char)bits);
    }
    pad(out);
    put_u64(out, end);
    for (size_t i = 0; i < n; i++)
        put_u64(out, end += texts[i].p ? texts[i].n : 0);
    for (size_t i = 0; i < n; i++)
        if (texts[i].p)
            sv_buf_put_str(out, texts[i]);
    pad(out);
}

/* Copied once, by who sends them: large ones stay where they are. */
static void put_bytes(sv_wire_body *out, const char *p, size_t n)
{
    size_t n_lent = n >= LENT_BYTES_MIN ? n & ~(size_t)7 : 0; /* so that own bytes go on at a multiple of 8 */
    if (n_lent)
        sv_wire_body_lend(out, p, n_lent);
    if (n > n_lent)
        sv_buf_put(&out->own, p + n_lent, n - n_lent);
    pad(&out->own);
}

static void put_items(sv_wire_body *out, savor_dtype dtype, const void *data, size_t n)
{
    if (dtype == SAVOR_OBJECT)
        put_values(&out->own, data, n);
    else if (dtype == SAVOR_STRING || dtype == SAVOR_BYTES)
        put_texts(&out->own, data, n);
    else
        put_bytes(out, data, n * sv_dtype_size(dtype));
}

enum { LABEL_TEXT = 0, LABEL_NUMBER = 1, LABEL_OTHER = 2 };

static void put_label(sv_buf *out, const sv_label *label)
{
    bool is_number = sv_label_is_number(label);
    put_u64(out, is_number ? LABEL_NUMBER : sv_label_is_text(label) ? LABEL_TEXT : LABEL_OTHER);
    if (is_number)
        put_u64(out, (uint64_t)label->number);
    else
        put_text(out, label->text);
}

static void put_row_labels(sv_wire_body *out, const sv_row_labels *labels, size_t n_rows)
{
    put_u64(&out->own, labels ? labels->n_levels : 0);
    if (labels)
        put_u64(&out->own, labels->naming);
    for (size_t i = 0; labels && i < labels->n_levels; i++) {
        put_u64(&out->own, labels->levels[i].dtype);
        put_items(out, labels->levels[i].dtype, labels->levels[i].data, n_rows);
    }
}

/* Types and labels first: they are the same from request to request, and what follows lies close together. */
static void put_frame(sv_wire_body *out, const sv_frame *frame)
{
    put_u64(&out->own, frame->n_rows);
    put_u64(&out->own, frame->n_columns);
    put_row_labels(out, frame->labels, frame->n_rows);
    size_t held = hold_u64(&out->own);
    put_u32(&out->own, frame->naming);
    put_u32(&out->own, frame->is_read_json);
    for (size_t c = 0; c < frame->n_columns; c++) {
        put_u64(&out->own, frame->columns[c].dtype);
        put_label(&out->own, &frame->columns[c].name);
    }
    fill_u64(&out->own, held);
    for (size_t c = 0; c < frame->n_columns; c++)
        put_items(out, frame->columns[c].dtype, frame->columns[c].data, frame->n_rows);
}

static void put_tensor(sv_wire_body *out, const sv_tensor *t)
{
    put_u32(&out->own, t->dtype);
    put_u32(&out->own, t->n_dims);
    for (uint32_t i = 0; i < t->n_dims; i++)
        put_u64(&out->own, t->shape[i]);
    if (t->dtype == SAVOR_STRING)
        put_u64(&out->own, t->text_chars);
    put_items(out, t->dtype, t->data, t->n_items);
}

static void put_payload(sv_wire_body *out, const sv_payload *in)
{
    put_u64(&out->own, in->kind);
    switch (in->kind) {
    case SV_PAYLOAD_FRAME:
        put_frame(out, &in->frame);
        break;
    case SV_PAYLOAD_TENSOR:
        put_tensor(out, &in->tensor);
        break;
    case SV_PAYLOAD_NAMED:
        put_u64(&out->own, in->named.n);
        for (size_t i = 0; i < in->named.n; i++) {
            put_text(&out->own, in->named.items[i].name);
            put_tensor(out, &in->named.items[i].tensor);
        }
        break;
    case SV_PAYLOAD_VALUE:
        put_values(&out->own, &in->value, 1);
        break;
    case SV_PAYLOAD_JSON: /* answers only */
    case SV_PAYLOAD_EXCEPTION:
        break;
    }
}

void sv_wire_request_write(const sv_payload *in, const sv_params *params, sv_wire_body *out)
{
    size_t n = params ? params->n : 0;
    (void)sv_buf_reserve(&out->own, OWN_BYTES_FIRST); /* a failure sticks */
    put_u64(&out->own, params && params->is_none ? UINT64_MAX : n);
    for (size_t i = 0; i < n; i++) {
        put_text(&out->own, params->items[i].name);
        put_values(&out->own, &params->items[i].value, 1);
    }
    put_payload(out, in);
}
