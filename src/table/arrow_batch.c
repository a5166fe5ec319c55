#include "table/arrow_priv.h"

#include "base/alloc.h"
#include "base/error.h"

enum { NODE_BYTES = 16, BUFFER_BYTES = 16, VIEW_BYTES = 16, VIEW_INLINE = 12 };
enum { BATCH_LENGTH, BATCH_NODES, BATCH_BUFFERS, BATCH_COMPRESSION, BATCH_VARIADIC };

typedef struct span {
    const uint8_t *p;
    size_t n;
} span;

/* A record batch while its columns are read, in the order of its nodes and buffers. */
typedef struct batch {
    const sv_arrow_message *message;
    sv_arena *arena;
    savor_error *err;
    size_t n_rows;
    sv_flat_vector nodes, buffers, variadic;
    size_t next_node, next_buffer, next_variadic;
    size_t n_claimed; /* bytes of the buffers so far: buffers do not overlap, so the body bounds the work */
} batch;

static const char *codec_name(int64_t codec) { return codec == 0 ? "LZ4" : codec == 1 ? "ZSTD" : "an unknown codec"; }

static savor_status open_batch(const sv_arrow_message *message, const sv_flat_table *table, sv_arena *arena,
                               batch *out, savor_error *err)
{
    sv_flat_table compression;
    int64_t n_rows = sv_flat_integer(table, BATCH_LENGTH, 8, 0);
    *out = (batch){.message = message, .arena = arena, .err = err, .n_rows = (size_t)n_rows};
    out->nodes = sv_flat_items(table, BATCH_NODES, NODE_BYTES);
    out->buffers = sv_flat_items(table, BATCH_BUFFERS, BUFFER_BYTES);
    out->variadic = sv_flat_items(table, BATCH_VARIADIC, 8);
    if (sv_flat_child(table, BATCH_COMPRESSION, &compression))
        return sv_fail(err, SAVOR_UNSUPPORTED,
                       "the Arrow stream is compressed with %s, which is not taken: send it without",
                       codec_name(sv_flat_integer(&compression, 0, 1, 0)));
    if (message->flat->is_broken)
        return SV_ARROW_FAIL(err, "has a batch that points outside of itself");
    return n_rows < 0 ? SV_ARROW_FAIL(err, "has a batch of %lld rows", (long long)n_rows) : SAVOR_OK;
}

static savor_status take_buffer(batch *b, span *out)
{
    if (b->next_buffer >= b->buffers.n)
        return SV_ARROW_FAIL(b->err, "has a batch with %zu buffers, fewer than its columns need", b->buffers.n);
    const uint8_t *at = b->message->flat->p + b->buffers.at + BUFFER_BYTES * b->next_buffer++;
    int64_t offset = sv_flat_load(at, 8), length = sv_flat_load(at + 8, 8);
    size_t n_body = b->message->n_body;
    if (offset < 0 || length < 0 || (uint64_t)offset > n_body || (uint64_t)length > n_body - (size_t)offset)
        return SV_ARROW_FAIL(b->err, "has a buffer of %lld bytes at %lld in a body of %zu", (long long)length,
                             (long long)offset, n_body);
    if ((size_t)length > n_body - b->n_claimed)
        return SV_ARROW_FAIL(b->err, "has buffers that overlap");
    b->n_claimed += (size_t)length;
    *out = (span){b->message->body + offset, (size_t)length};
    return SAVOR_OK;
}

/* A buffer of `n` items of `size` bytes; an empty batch may leave it out. */
static savor_status take_items(batch *b, size_t n, size_t size, span *out)
{
    size_t needed;
    savor_status st = take_buffer(b, out);
    if (st)
        return st;
    if (!sv_mul(n, size, &needed) || needed > out->n)
        return SV_ARROW_FAIL(b->err, "has a buffer of %zu bytes for %zu values of %zu", out->n, n, size);
    return SAVOR_OK;
}

static savor_status take_valid(batch *b, size_t n_missing, const uint8_t **out)
{
    span bits;
    savor_status st = take_buffer(b, &bits);
    *out = NULL;
    if (st || n_missing == 0)
        return st;
    if (bits.n < b->n_rows / 8 + (b->n_rows % 8 != 0))
        return SV_ARROW_FAIL(b->err, "has a bitmap of %zu bytes for %zu rows", bits.n, b->n_rows);
    *out = bits.p;
    return SAVOR_OK;
}

static void *alloc_values(batch *b, size_t size)
{
    size_t bytes;
    return sv_mul(b->n_rows, size, &bytes) ? sv_arena_alloc(b->arena, bytes) : NULL;
}

static savor_status fail_memory(const batch *b, size_t size)
{
    size_t bytes;
    return sv_arena_fail(b->arena, sv_mul(b->n_rows, size, &bytes) ? bytes : SIZE_MAX, b->err);
}

static savor_status read_bits(batch *b, sv_piece *piece)
{
    span bits;
    savor_status st = take_buffer(b, &bits);
    if (st)
        return st;
    if (bits.n < b->n_rows / 8 + (b->n_rows % 8 != 0))
        return SV_ARROW_FAIL(b->err, "has %zu bytes of bools for %zu rows", bits.n, b->n_rows);
    uint8_t *values = alloc_values(b, 1);
    if (!values)
        return fail_memory(b, 1);
    for (size_t i = 0; i < b->n_rows; i++)
        values[i] = bits.p[i / 8] >> (i % 8) & 1;
    piece->data = values;
    return SAVOR_OK;
}

static savor_status read_fixed(batch *b, const sv_arrow_type *type, sv_piece *piece)
{
    span values;
    savor_status st = take_items(b, b->n_rows, sv_dtype_size(type->dtype), &values);
    piece->data = values.p;
    return st;
}

/* Days and ticks to nanoseconds; what a missing value holds is anything and does not count. */
static savor_status read_times(batch *b, const sv_arrow_type *type, sv_piece *piece)
{
    size_t size = type->layout == SV_ARROW_DAYS ? 4 : 8;
    span ticks;
    savor_status st = take_items(b, b->n_rows, size, &ticks);
    if (st)
        return st;
    int64_t *values = alloc_values(b, sizeof *values);
    if (!values)
        return fail_memory(b, sizeof *values);
    piece->data = values;
    for (size_t i = 0; i < b->n_rows; i++) {
        int64_t tick = sv_flat_load(ticks.p + i * size, size);
        if (!sv_piece_has(piece, i))
            values[i] = SV_NAT;
        else if (__builtin_mul_overflow(tick, type->tick_ns, &values[i]))
            return sv_fail(b->err, SAVOR_BAD_REQUEST, "the Arrow stream has a time beyond the years 1677 to 2262");
    }
    return SAVOR_OK;
}

static savor_status put_text(const batch *b, span all, int64_t begin, int64_t end, sv_str *out)
{
    if (begin < 0 || end < begin || (uint64_t)end > all.n)
        return SV_ARROW_FAIL(b->err, "has a text from %lld to %lld in a buffer of %zu bytes", (long long)begin,
                             (long long)end, all.n);
    *out = (sv_str){begin == end ? "" : (const char *)all.p + begin, (size_t)(end - begin)};
    return SAVOR_OK;
}

static savor_status check_text(const batch *b, const sv_arrow_type *type, sv_str text)
{
    if (type->dtype == SAVOR_STRING && !sv_utf8_check(text.p, text.n))
        return SV_ARROW_FAIL(b->err, "has a text that is not UTF-8");
    return SAVOR_OK;
}

static savor_status read_spans(batch *b, const sv_arrow_type *type, sv_piece *piece)
{
    size_t size = type->layout == SV_ARROW_SPANS32 ? 4 : 8, n_offsets = b->n_rows ? b->n_rows + 1 : 0;
    span offsets, bytes;
    savor_status st;
    if ((st = take_items(b, n_offsets, size, &offsets)) || (st = take_buffer(b, &bytes)))
        return st;
    sv_str *texts = alloc_values(b, sizeof *texts);
    if (!texts)
        return fail_memory(b, sizeof *texts);
    piece->data = texts;
    for (size_t i = 0; !st && i < b->n_rows; i++) {
        const uint8_t *at = offsets.p + i * size;
        st = put_text(b, bytes, sv_flat_load(at, size), sv_flat_load(at + size, size), &texts[i]);
        if (!st && sv_piece_has(piece, i))
            st = check_text(b, type, texts[i]);
        else
            texts[i] =
                (sv_str){NULL, 0}; /* its offsets count all the same: none runs backwards, so texts do not overlap */
    }
    return st;
}

static savor_status read_wide(batch *b, const sv_arrow_type *type, sv_piece *piece)
{
    span bytes;
    savor_status st = take_items(b, b->n_rows, type->width, &bytes);
    if (st)
        return st;
    sv_str *texts = alloc_values(b, sizeof *texts);
    if (!texts)
        return fail_memory(b, sizeof *texts);
    for (size_t i = 0; i < b->n_rows; i++)
        texts[i] = (sv_str){type->width ? (const char *)bytes.p + i * type->width : "", type->width};
    piece->data = texts;
    return SAVOR_OK;
}

/* The buffers that views lead into. Views may share bytes, so a buffer is looked at as a whole, once. */
typedef struct view_texts {
    size_t n;
    span *buffers;
    bool *are_utf8;
    size_t n_checked; /* bytes of texts that were looked at one by one */
} view_texts;

static bool is_boundary(span all, size_t at) { return at == all.n || (all.p[at] & 0xc0) != 0x80; }

static savor_status check_view(const batch *b, const sv_arrow_type *type, view_texts *texts, size_t which,
                               sv_str text)
{
    span all = texts->buffers[which];
    size_t begin = (size_t)((const uint8_t *)text.p - all.p);
    if (type->dtype != SAVOR_STRING ||
        (texts->are_utf8[which] && is_boundary(all, begin) && is_boundary(all, begin + text.n)))
        return SAVOR_OK;
    texts->n_checked += text.n;
    if (texts->n_checked > b->message->n_body)
        return SV_ARROW_FAIL(b->err, "has texts that overlap in a buffer that is not UTF-8");
    return check_text(b, type, text);
}

static savor_status put_view(const batch *b, const sv_arrow_type *type, const uint8_t *view, view_texts *texts,
                             sv_str *out)
{
    int64_t length = sv_flat_load(view, 4), which = sv_flat_load(view + 8, 4), begin = sv_flat_load(view + 12, 4);
    savor_status st;
    if (length >= 0 && length <= VIEW_INLINE)
        return (st = put_text(b, (span){view + 4, VIEW_INLINE}, 0, length, out)) ? st : check_text(b, type, *out);
    if (length < 0 || which < 0 || (uint64_t)which >= texts->n)
        return SV_ARROW_FAIL(b->err, "has a text of %lld bytes in buffer %lld of %zu", (long long)length,
                             (long long)which, texts->n);
    st = put_text(b, texts->buffers[which], begin, begin + length, out);
    return st ? st : check_view(b, type, texts, (size_t)which, *out);
}

static savor_status take_view_texts(batch *b, const sv_arrow_type *type, view_texts *out)
{
    savor_status st = SAVOR_OK;
    if (b->next_variadic >= b->variadic.n)
        return SV_ARROW_FAIL(b->err, "has texts as views but does not say how many buffers they have");
    int64_t n = sv_flat_load(b->message->flat->p + b->variadic.at + 8 * b->next_variadic++, 8);
    if (n < 0 || (uint64_t)n > b->buffers.n - b->next_buffer)
        return SV_ARROW_FAIL(b->err, "has %lld buffers of texts, more than there are", (long long)n);
    *out = (view_texts){.n = (size_t)n};
    out->buffers = sv_arena_array(b->arena, out->n, sizeof *out->buffers);
    out->are_utf8 = sv_arena_array(b->arena, out->n, sizeof *out->are_utf8);
    if (!out->buffers || !out->are_utf8)
        return sv_arena_fail(b->arena, out->n * sizeof *out->buffers, b->err);
    for (size_t i = 0; !st && i < out->n; i++) {
        st = take_buffer(b, &out->buffers[i]);
        out->are_utf8[i] =
            !st && type->dtype == SAVOR_STRING && sv_utf8_check((const char *)out->buffers[i].p, out->buffers[i].n);
    }
    return st;
}

static savor_status read_views(batch *b, const sv_arrow_type *type, sv_piece *piece)
{
    span views;
    view_texts shared = {.n = 0};
    savor_status st;
    if ((st = take_items(b, b->n_rows, VIEW_BYTES, &views)) || (st = take_view_texts(b, type, &shared)))
        return st;
    sv_str *texts = alloc_values(b, sizeof *texts);
    if (!texts)
        return fail_memory(b, sizeof *texts);
    piece->data = texts;
    for (size_t i = 0; !st && i < b->n_rows; i++) {
        texts[i] = (sv_str){NULL, 0};
        if (sv_piece_has(piece, i))
            st = put_view(b, type, views.p + VIEW_BYTES * i, &shared, &texts[i]);
    }
    return st;
}

static savor_status read_values(batch *b, const sv_arrow_type *type, sv_piece *piece)
{
    switch (type->layout) {
    case SV_ARROW_BITS:
        return read_bits(b, piece);
    case SV_ARROW_FIXED:
        return read_fixed(b, type, piece);
    case SV_ARROW_TICKS:
    case SV_ARROW_DAYS:
        return read_times(b, type, piece);
    case SV_ARROW_SPANS32:
    case SV_ARROW_SPANS64:
        return read_spans(b, type, piece);
    case SV_ARROW_WIDE:
        return read_wide(b, type, piece);
    case SV_ARROW_VIEWS:
        return read_views(b, type, piece);
    case SV_ARROW_NONE:
        break;
    }
    return SAVOR_OK;
}

static savor_status read_column(batch *b, const sv_arrow_type *type, sv_piece *piece)
{
    if (b->next_node >= b->nodes.n)
        return SV_ARROW_FAIL(b->err, "has a batch of %zu columns, fewer than its schema", b->nodes.n);
    const uint8_t *node = b->message->flat->p + b->nodes.at + NODE_BYTES * b->next_node++;
    int64_t length = sv_flat_load(node, 8), n_missing = sv_flat_load(node + 8, 8);
    *piece = (sv_piece){.n = b->n_rows};
    if (length != (int64_t)b->n_rows || n_missing < 0 || n_missing > length)
        return SV_ARROW_FAIL(b->err, "has a column of %lld rows, %lld missing, in a batch of %zu", (long long)length,
                             (long long)n_missing, b->n_rows);
    if (type->layout == SV_ARROW_NONE)
        return SAVOR_OK;
    /* `data` is set first: what has no bitmap has all its values */
    piece->data = b->message->body;
    savor_status st = take_valid(b, (size_t)n_missing, &piece->valid);
    return st ? st : read_values(b, type, piece);
}

/* ---- dictionaries ---- */

static size_t load_index(const uint8_t *p, savor_dtype dtype)
{
    size_t size = sv_dtype_size(dtype);
    uint64_t bits = (uint64_t)sv_flat_load(p, size);
    if (sv_dtype_kind(dtype) == 'u' && size < 8)
        bits &= ((uint64_t)1 << (8 * size)) - 1;
    return (size_t)bits; /* a negative one is larger than any dictionary */
}

static bool is_present(const sv_arrow_dictionary *d, size_t i)
{
    return d->data && (!d->valid || (d->valid[i / 8] >> (i % 8) & 1));
}

/* Numbers of a dictionary -> the values they stand for. */
static savor_status look_up(batch *b, const sv_arrow_field *field, sv_piece *piece)
{
    const sv_arrow_dictionary *d = field->dictionary;
    savor_dtype number = field->index_type.dtype;
    size_t size = sv_dtype_size(field->type.dtype), n_bits = b->n_rows / 8 + 1;
    char *values = alloc_values(b, size);
    uint8_t *valid = sv_arena_array(b->arena, n_bits, 1);
    if (!values || !valid)
        return fail_memory(b, size);
    for (size_t i = 0; i < b->n_rows; i++) {
        memset(values + i * size, 0, size);
        if (!sv_piece_has(piece, i))
            continue;
        size_t at = load_index((const uint8_t *)piece->data + i * sv_dtype_size(number), number);
        if (at >= d->n)
            return SV_ARROW_FAIL(b->err, "has a value that its dictionary of %zu lacks", d->n);
        if (!is_present(d, at))
            continue;
        memcpy(values + i * size, (const char *)d->data + at * size, size);
        valid[i / 8] |= (uint8_t)(1u << (i % 8));
    }
    *piece = (sv_piece){.n = b->n_rows, .valid = valid, .data = values};
    return SAVOR_OK;
}

savor_status sv_arrow_batch_read(const sv_arrow_message *message, const sv_arrow_schema *schema, sv_arena *arena,
                                 sv_pieces *pieces, savor_error *err)
{
    batch b;
    savor_status st = open_batch(message, &message->header, arena, &b, err);
    for (size_t i = 0; !st && i < schema->n_fields; i++) {
        const sv_arrow_field *field = &schema->fields[i];
        sv_piece piece;
        st = read_column(&b, field->dictionary ? &field->index_type : &field->type, &piece);
        if (!st && field->dictionary)
            st = look_up(&b, field, &piece);
        if (!st)
            st = sv_pieces_add(&pieces[i], &piece, arena, err);
    }
    return st;
}

static void copy_values(const sv_arrow_dictionary *from, size_t size, size_t at, sv_arrow_dictionary *to)
{
    if (from->data && from->n)
        memcpy((char *)(uintptr_t)to->data + at * size, from->data, from->n * size);
    for (size_t i = 0; i < from->n; i++)
        if (is_present(from, i))
            ((uint8_t *)(uintptr_t)to->valid)[(at + i) / 8] |= (uint8_t)(1u << ((at + i) % 8));
}

/* A delta goes behind what is there. */
static savor_status extend(sv_arrow_dictionary *dictionary, const sv_arrow_dictionary *more, sv_arena *arena,
                           savor_error *err)
{
    size_t n, bytes, size = sv_dtype_size(dictionary->type.dtype);
    if (!sv_add(dictionary->n, more->n, &n) || !sv_mul(n, size, &bytes))
        return sv_fail(err, SAVOR_LIMIT, "the Arrow stream has too large a dictionary");
    sv_arrow_dictionary joined = {dictionary->id, dictionary->type, n, sv_arena_array(arena, n / 8 + 1, 1),
                                  sv_arena_array(arena, n, size)};
    if (!joined.valid || !joined.data)
        return sv_arena_fail(arena, bytes, err);
    copy_values(dictionary, size, 0, &joined);
    copy_values(more, size, dictionary->n, &joined);
    *dictionary = joined;
    return SAVOR_OK;
}

savor_status sv_arrow_dictionary_read(const sv_arrow_message *message, const sv_arrow_schema *schema, sv_arena *arena,
                                      savor_error *err)
{
    sv_arrow_dictionary *dictionary = sv_arrow_dictionary_find(schema, sv_flat_integer(&message->header, 0, 8, 0));
    bool is_delta = sv_flat_integer(&message->header, 2, 1, 0) != 0;
    sv_flat_table data;
    sv_piece piece;
    savor_status st;
    batch b;
    (void)sv_flat_child(&message->header, 1, &data);
    if (!dictionary)
        return SAVOR_OK;
    if ((st = open_batch(message, &data, arena, &b, err)) || (st = read_column(&b, &dictionary->type, &piece)))
        return st;
    sv_arrow_dictionary read = {dictionary->id, dictionary->type, piece.n, piece.valid, piece.data};
    if (is_delta)
        return extend(dictionary, &read, arena, err);
    *dictionary = read;
    return SAVOR_OK;
}
