#include "format/npy_dtype.h"

#include "base/alloc.h"

/* Visits the elements in C order; `at` is where the element lies in the file. */
typedef struct cursor {
    size_t n_dims;
    size_t at;
    size_t index[SV_TENSOR_DIMS_MAX];
    size_t stride[SV_TENSOR_DIMS_MAX]; /* in elements */
    const size_t *shape;
} cursor;

/* Which dimension of the shape runs `rank`-th fastest in the file. */
static size_t dimension_at(const sv_npy_raw *raw, size_t rank)
{
    size_t dim = 0, from_slowest = raw->n_dims - 1 - rank;
    if (!raw->is_permuted)
        return raw->is_fortran ? rank : from_slowest;
    while (dim + 1 < raw->n_dims && raw->axes[dim] != from_slowest)
        dim++;
    return dim;
}

static cursor cursor_of(const sv_npy_raw *raw)
{
    cursor c = {.n_dims = raw->n_dims, .shape = raw->shape};
    size_t step = 1;
    for (size_t rank = 0; rank < raw->n_dims; rank++) {
        size_t dim = dimension_at(raw, rank);
        c.stride[dim] = step;
        step *= raw->shape[dim];
    }
    return c;
}

static void cursor_step(cursor *c)
{
    for (size_t dim = c->n_dims; dim-- > 0;) {
        c->at += c->stride[dim];
        if (++c->index[dim] < c->shape[dim])
            return;
        c->at -= c->stride[dim] * c->shape[dim];
        c->index[dim] = 0;
    }
}

static void swap_bytes(uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n / 2; i++) {
        uint8_t low = p[i];
        p[i] = p[n - 1 - i];
        p[n - 1 - i] = low;
    }
}

/* In place: native byte order; a bool is 0 or 1. */
static void fix_numbers(savor_dtype dtype, bool is_swapped, uint8_t *p, size_t n)
{
    size_t width = sv_dtype_size(dtype);
    if (dtype == SAVOR_BOOL)
        for (size_t i = 0; i < n; i++)
            p[i] = p[i] != 0;
    if (is_swapped && width > 1)
        for (size_t i = 0; i < n; i++)
            swap_bytes(p + i * width, width);
}

static void fix_fields(const sv_npy_dtype *dtype, uint8_t *p, size_t n_items)
{
    for (size_t i = 0; i < n_items; i++, p += dtype->item_bytes)
        for (size_t f = 0; f < dtype->n_fields; f++) {
            const sv_array_field *field = &dtype->fields[f];
            fix_numbers(field->dtype, dtype->field_swapped[f], p + field->offset_bytes, field->n_items);
        }
}

static savor_status scale_datetimes(int64_t unit_ns, int64_t *p, size_t n, savor_error *err)
{
    for (size_t i = 0; unit_ns != 1 && i < n; i++)
        if (p[i] != SV_NAT && __builtin_mul_overflow(p[i], unit_ns, &p[i]))
            return sv_fail(err, SAVOR_UNSUPPORTED, "a numpy datetime was beyond what nanoseconds hold");
    return SAVOR_OK;
}

static bool is_changed(savor_dtype dtype, bool is_swapped)
{
    return dtype == SAVOR_BOOL || (is_swapped && sv_dtype_size(dtype) > 1);
}

static bool is_in_order(const sv_npy_raw *raw) { return raw->n_dims < 2 || (!raw->is_fortran && !raw->is_permuted); }

/* Whether the array can be what lies there; a part lies where it is used. */
static bool is_usable(const sv_npy_dtype *dtype, const sv_npy_raw *raw)
{
    bool is_same = (raw->is_kept || raw->part) && dtype->kind != 'U' && dtype->kind != 'S' && raw->bytes.n > 0 &&
                   is_in_order(raw);
    for (size_t f = 0; f < dtype->n_fields; f++)
        is_same = is_same && !is_changed(dtype->fields[f].dtype, dtype->field_swapped[f]);
    if (dtype->n_fields)
        return is_same;
    return is_same && !is_changed(dtype->dtype, dtype->is_swapped) && (dtype->kind != 'M' || dtype->unit_ns == 1) &&
           (raw->part || (uintptr_t)raw->bytes.p % dtype->item_bytes == 0);
}

/* Elements as they are, in C order. */
static uint8_t *copy_elements(const sv_npy_raw *raw, size_t n_items, size_t item_bytes, sv_arena *arena)
{
    uint8_t *p = sv_arena_alloc(arena, raw->bytes.n);
    if (!p || raw->bytes.n == 0)
        return p;
    if (is_in_order(raw)) {
        memcpy(p, raw->bytes.p, raw->bytes.n);
        return p;
    }
    cursor c = cursor_of(raw);
    for (size_t i = 0; i < n_items; i++, cursor_step(&c))
        memcpy(p + i * item_bytes, raw->bytes.p + c.at * item_bytes, item_bytes);
    return p;
}

static uint32_t code_point(const uint8_t *p, bool is_swapped)
{
    return is_swapped ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]
                      : (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

/* UCS-4 padded with zeros -> UTF-8 in the arena. */
static savor_status read_text(const uint8_t *p, const sv_npy_dtype *dtype, sv_arena *arena, sv_str *out,
                              savor_error *err)
{
    size_t n = dtype->item_bytes / 4, n_bytes = 0;
    while (n && code_point(p + (n - 1) * 4, dtype->is_swapped) == 0)
        n--;
    char *text = sv_arena_alloc(arena, n * 4);
    if (!text)
        return sv_arena_fail(arena, n * 4, err);
    for (size_t i = 0; i < n; i++) {
        uint32_t c = code_point(p + i * 4, dtype->is_swapped);
        if (c > 0x10ffff)
            return sv_fail(err, SAVOR_FORMAT, "a numpy text held %u, which is no code point", c);
        n_bytes += sv_utf8_put(c, text + n_bytes);
    }
    sv_arena_trim(arena, text, n * 4, n_bytes);
    *out = (sv_str){text, n_bytes};
    return SAVOR_OK;
}

/* Bytes padded with zeros, copied. */
static savor_status read_padded(const uint8_t *p, const sv_npy_dtype *dtype, sv_arena *arena, sv_str *out,
                                savor_error *err)
{
    size_t n = dtype->item_bytes;
    while (n && p[n - 1] == 0)
        n--;
    const char *text = sv_arena_text(arena, (const char *)p, n);
    *out = (sv_str){text, n};
    return text ? SAVOR_OK : sv_arena_fail(arena, n, err);
}

static savor_status read_texts(const sv_npy_dtype *dtype, const sv_npy_raw *raw, size_t n_items, sv_arena *arena,
                               const void **out, savor_error *err)
{
    sv_str *texts = sv_arena_array(arena, n_items, sizeof *texts);
    savor_status st = texts ? SAVOR_OK : sv_arena_fail(arena, n_items * sizeof *texts, err);
    cursor c = cursor_of(raw);
    for (size_t i = 0; !st && i < n_items; i++, cursor_step(&c)) {
        const uint8_t *p = (const uint8_t *)raw->bytes.p + c.at * dtype->item_bytes;
        st = dtype->kind == 'U' ? read_text(p, dtype, arena, &texts[i], err)
                                : read_padded(p, dtype, arena, &texts[i], err);
    }
    *out = texts;
    return st;
}

static savor_status read_numbers(const sv_npy_dtype *dtype, const sv_npy_raw *raw, size_t n_items, sv_arena *arena,
                                 const void **out, savor_error *err)
{
    *out = raw->bytes.p;
    if (is_usable(dtype, raw))
        return SAVOR_OK;
    uint8_t *p = copy_elements(raw, n_items, dtype->item_bytes, arena);
    *out = p;
    if (!p)
        return sv_arena_fail(arena, raw->bytes.n, err);
    if (dtype->n_fields) {
        fix_fields(dtype, p, n_items);
        return SAVOR_OK;
    }
    fix_numbers(dtype->dtype, dtype->is_swapped, p, n_items);
    return dtype->kind == 'M' ? scale_datetimes(dtype->unit_ns, (int64_t *)(void *)p, n_items, err) : SAVOR_OK;
}

bool sv_npy_n_items(const sv_npy_raw *raw, size_t *out)
{
    bool is_empty = false;
    size_t n = 1;
    for (size_t i = 0; i < raw->n_dims; i++)
        is_empty = is_empty || raw->shape[i] == 0;
    for (size_t i = 0; !is_empty && i < raw->n_dims; i++)
        if (!sv_mul(n, raw->shape[i], &n))
            return false;
    *out = is_empty ? 0 : n;
    return true;
}

static savor_status read_elements(const sv_npy_dtype *dtype, const sv_npy_raw *raw, size_t n_items, sv_arena *arena,
                                  const void **out, savor_error *err)
{
    bool is_text = dtype->kind == 'U' || dtype->kind == 'S';
    return is_text ? read_texts(dtype, raw, n_items, arena, out, err)
                   : read_numbers(dtype, raw, n_items, arena, out, err);
}

/* What cannot stay as it lies in the file is read now, and only once. */
static savor_status read_part(const sv_npy_dtype *dtype, const sv_npy_raw *raw, size_t n_items, sv_arena *arena,
                              const void **out, savor_error *err)
{
    sv_npy_raw there = *raw;
    there.part = NULL;
    there.is_kept = false;
    there.bytes.p = sv_part_bytes(raw->part);
    savor_status st = there.bytes.p ? read_elements(dtype, &there, n_items, arena, out, err)
                                    : sv_source_check(raw->part->source, err);
    sv_part_forget(raw->part);
    return st;
}

savor_status sv_npy_array_read(const sv_npy_dtype *dtype, const sv_npy_raw *raw, sv_arena *arena, sv_array *out,
                               savor_error *err)
{
    size_t n_items, n_bytes;
    savor_status st = sv_npy_dtype_check(dtype, err);
    *out = (sv_array){0};
    if (st)
        return st;
    if (!sv_npy_n_items(raw, &n_items) || !sv_mul(n_items, dtype->item_bytes, &n_bytes) || n_bytes != raw->bytes.n)
        return sv_fail(err, SAVOR_FORMAT, "a numpy array had %zu bytes, which is not what its shape says",
                       raw->bytes.n);
    if (dtype->kind == 'O' || (dtype->item_bytes == 0 && n_items))
        return sv_fail(err, SAVOR_UNSUPPORTED, "numpy elements of kind '%c' had no bytes", dtype->kind);
    sv_tensor tensor = {.dtype = dtype->dtype, .n_dims = (uint32_t)raw->n_dims, .n_items = n_items};
    memcpy(tensor.shape, raw->shape, raw->n_dims * sizeof *raw->shape);
    bool is_later = raw->part && is_usable(dtype, raw);
    if (!is_later && (st = raw->part ? read_part(dtype, raw, n_items, arena, &tensor.data, err)
                                     : read_elements(dtype, raw, n_items, arena, &tensor.data, err)))
        return st;
    *out = (sv_array){.tensor = tensor,
                      .part = is_later ? raw->part : NULL,
                      .by_columns = raw->is_fortran && raw->n_dims > 1,
                      .n_fields = dtype->n_fields,
                      .fields = dtype->fields,
                      .item_bytes = dtype->n_fields ? dtype->item_bytes : 0};
    return SAVOR_OK;
}
