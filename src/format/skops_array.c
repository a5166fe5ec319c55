/* skops_array.c: what numpy and scipy made: arrays, scalars, dtypes, sparse matrices, random states; and bytes. */
#include "format/npy.h"
#include "format/skops_priv.h"

#include <stdio.h>

/* ---- members of the zip ---- */

/* The member that a node's "file" names, and what is known of it already. */
static savor_status find_member(skops_reader *r, const sv_json *node, const sv_zip_member **out, skops_member **known)
{
    const sv_json *file;
    savor_status st = sv_skops_find(r, node, "file", SV_JSON_STRING, &file);
    if (st)
        return st;
    *out = sv_zip_find(&r->schema.zip, sv_json_text(file));
    if (!*out)
        return sv_fail(r->err, SAVOR_FORMAT, "a skops file had no member \"%.*s\"", SV_FMT(sv_json_text(file)));
    *known = &r->members[*out - r->schema.zip.members];
    return SAVOR_OK;
}

/* Whether bytes of a member outlive the records: a stored one lies in the file, another where it was unpacked to. */
static bool is_kept(const skops_reader *r, const sv_zip_member *m) { return m->method == 0 ? r->is_borrowing : true; }

/* Hold the CRC-32 of a member's bytes, which do not stay in memory, against the directory. */
static savor_status check_crc(skops_reader *r, const sv_zip_member *m, sv_str bytes)
{
    sv_part *part = sv_source_part(r->schema.zip.source, bytes.p, bytes.n);
    const void *p = part ? sv_part_bytes(part) : NULL;
    if (!p)
        return part ? sv_source_check(part->source, r->err) : sv_fail_nomem(r->err, sizeof *part);
    uint32_t crc32 = sv_zip_crc(0, p, bytes.n);
    sv_part_forget(part);
    return sv_zip_check_crc(m, crc32, r->err);
}

/* An array of a large stored member, whose elements are read later. */
static savor_status read_stored_array(skops_reader *r, const sv_zip_member *m, sv_arena *arena, sv_array *out)
{
    sv_str bytes = {0};
    savor_status st = sv_zip_find_stored(&r->schema.zip, m, &bytes, r->err);
    if (st || (st = check_crc(r, m, bytes)))
        return st;
    return sv_npy_read_source(r->schema.zip.source, bytes, arena, out, r->err);
}

/* An array whose elements go into `arena`, or lie in the file. */
static savor_status read_member_array(skops_reader *r, const sv_zip_member *m, sv_arena *arena, sv_array *out)
{
    sv_str bytes = {0};
    savor_status st = sv_zip_read_member(&r->schema.zip, m, arena, &bytes, r->err);
    if (!st)
        st = sv_npy_read(bytes, is_kept(r, m), arena, out, r->err);
    return sv_error_at(r->err, st, "%.*s", SV_FMT(m->name));
}

static savor_status read_bytes(skops_reader *r, const sv_zip_member *m, sv_record *out)
{
    sv_str bytes = {0};
    savor_status st = sv_zip_read_member(&r->schema.zip, m, r->small, &bytes, r->err);
    if (!st)
        st = sv_record_set_text(&r->maker, SV_RECORD_BYTES, bytes, out, r->err);
    sv_arena_reset(r->small);
    return st;
}

savor_status sv_skops_bytes(skops_reader *r, const sv_json *node, sv_record *out)
{
    const sv_zip_member *m = NULL;
    skops_member *known = NULL;
    savor_status st = find_member(r, node, &m, &known);
    if (st)
        return st;
    if (known->bytes)
        *out = *known->bytes;
    else if (!(st = read_bytes(r, m, out)))
        known->bytes = out;
    return st;
}

static savor_status read_sparse(skops_reader *r, const sv_zip_member *m, sv_record *out)
{
    sv_str bytes = {0};
    sv_record *matrix = NULL;
    savor_status st = sv_zip_read_member(&r->schema.zip, m, r->small, &bytes, r->err);
    if (!st)
        st = sv_npz_read_sparse(bytes, r->small, &r->maker, &matrix, r->err);
    sv_arena_reset(r->small);
    if (!st)
        *out = *matrix;
    return sv_error_at(r->err, st, "%.*s", SV_FMT(m->name));
}

savor_status sv_skops_sparse(skops_reader *r, const sv_json *node, sv_record *out)
{
    const sv_zip_member *m = NULL;
    skops_member *known = NULL;
    savor_status st = find_member(r, node, &m, &known);
    if (st)
        return st;
    if (known->sparse)
        *out = *known->sparse;
    else if (!(st = read_sparse(r, m, out)))
        known->sparse = out;
    return st;
}

/* ---- numbers ---- */

/* uint64 beyond int64: nine bytes, the last one the sign. */
static savor_status set_uint64(skops_reader *r, uint64_t value, sv_record *out)
{
    char bytes[9] = {0};
    if (value <= INT64_MAX) {
        out->kind = SV_RECORD_INT;
        out->u.i = (int64_t)value;
        return SAVOR_OK;
    }
    for (size_t i = 0; i < 8; i++)
        bytes[i] = (char)(value >> (8 * i));
    return sv_record_set_text(&r->maker, SV_RECORD_BIGINT, (sv_str){bytes, sizeof bytes}, out, r->err);
}

/* An integer or bool of one element, by its width. */
static int64_t get_int(const sv_tensor *t)
{
    switch (t->dtype) {
    case SAVOR_INT8:
        return *(const int8_t *)t->data;
    case SAVOR_INT16:
        return *(const int16_t *)t->data;
    case SAVOR_INT32:
        return *(const int32_t *)t->data;
    case SAVOR_INT64:
        return *(const int64_t *)t->data;
    case SAVOR_UINT16:
        return *(const uint16_t *)t->data;
    case SAVOR_UINT32:
        return *(const uint32_t *)t->data;
    default: /* BOOL, UINT8 */
        return *(const uint8_t *)t->data;
    }
}

/* The one element as a plain value; datetimes stay arrays without dimensions. */
static savor_status set_scalar(skops_reader *r, const sv_array *array, sv_record *out)
{
    const sv_tensor *t = &array->tensor;
    char kind = sv_dtype_kind(t->dtype);
    switch (kind) {
    case 'b':
    case 'i':
    case 'u':
        if (t->dtype == SAVOR_UINT64)
            return set_uint64(r, *(const uint64_t *)t->data, out);
        out->kind = kind == 'b' ? SV_RECORD_BOOL : SV_RECORD_INT;
        out->u.i = get_int(t);
        return SAVOR_OK;
    case 'f':
        out->kind = SV_RECORD_FLOAT;
        return sv_tensor_to_double(t, 0, &out->u.f) ? SAVOR_OK : sv_fail(r->err, SAVOR_INTERNAL, "no float");
    default:
        return sv_record_set_text(&r->maker, kind == 'U' ? SV_RECORD_TEXT : SV_RECORD_BYTES, *(const sv_str *)t->data,
                                  out, r->err);
    }
}

/* Whether a class is one of numpy's scalars that are plain values here; its dtype. */
static bool is_scalar_class(sv_global cls, savor_dtype *dtype)
{
    return sv_str_is(cls.module, "numpy") && sv_dtype_of(cls.name, dtype) && *dtype != SAVOR_DATETIME_NS &&
           *dtype != SAVOR_OBJECT;
}

static savor_status read_scalar(skops_reader *r, const sv_zip_member *m, savor_dtype dtype, sv_record *out)
{
    sv_array array;
    savor_status st = read_member_array(r, m, r->small, &array);
    if (!st && (array.n_fields || array.tensor.n_dims > 0 || array.tensor.dtype != dtype))
        st = sv_fail(r->err, SAVOR_FORMAT, "member \"%.*s\" was expected to be one number of dtype %s",
                     SV_FMT(m->name), savor_dtype_name(dtype));
    if (!st)
        st = set_scalar(r, &array, out);
    sv_arena_reset(r->small);
    return st;
}

static savor_status read_array(skops_reader *r, const sv_zip_member *m, sv_record *out)
{
    sv_array array;
    bool is_later = m->method == 0 && sv_source_has_parts(r->schema.zip.source, (size_t)m->n_packed);
    savor_status st =
        is_later ? sv_error_at(r->err, read_stored_array(r, m, r->maker.arena, &array), "%.*s", SV_FMT(m->name))
                 : read_member_array(r, m, r->maker.arena, &array);
    sv_arena_reset(r->small);
    return st ? st : sv_record_set_array(&r->maker, &array, out, r->err);
}

static savor_status read_npy(skops_reader *r, const sv_json *node, sv_record *out)
{
    sv_global cls;
    const sv_zip_member *m = NULL;
    skops_member *known = NULL;
    savor_dtype dtype;
    savor_status st = sv_skops_class(r, node, &cls);
    if (st || (st = find_member(r, node, &m, &known)))
        return st;
    bool is_scalar = is_scalar_class(cls, &dtype);
    const sv_record **slot = is_scalar ? &known->scalar : &known->array;
    if (*slot)
        *out = **slot;
    else if (!(st = is_scalar ? read_scalar(r, m, dtype, out) : read_array(r, m, out)))
        *slot = out;
    return st;
}

/* ---- arrays of objects: lists in lists, as tolist() makes them ---- */

static savor_status read_shape(skops_reader *r, const sv_json *node, sv_array *out)
{
    const sv_record *shape = NULL;
    savor_status st = sv_skops_read_child(r, node, "shape", &shape);
    if (st)
        return st;
    if (shape->kind != SV_RECORD_TUPLE || shape->n == 0 || shape->n > SV_TENSOR_DIMS_MAX)
        return sv_fail(r->err, SAVOR_FORMAT, "the shape of an array of objects was no tuple of 1 to %d numbers",
                       SV_TENSOR_DIMS_MAX);
    for (size_t i = 0; i < shape->n; i++) {
        const sv_record *length = shape->u.items[i];
        if (!length || length->kind != SV_RECORD_INT || length->u.i < 0)
            return sv_fail(r->err, SAVOR_FORMAT, "the shape of an array of objects held something else than lengths");
        out->tensor.shape[i] = (size_t)length->u.i;
    }
    out->tensor.n_dims = (uint32_t)shape->n;
    out->tensor.dtype = SAVOR_OBJECT;
    return SAVOR_OK;
}

/* The cells below dimension `dim`; `*next` is the place of the first. */
static savor_status read_cells(skops_reader *r, const sv_json *content, const sv_array *array, size_t dim,
                               const sv_record ***next)
{
    savor_status st = SAVOR_OK;
    const sv_json *item = content + 1, *inner;
    bool is_last = dim + 1 == array->tensor.n_dims;
    if (content->n != array->tensor.shape[dim])
        return sv_fail(r->err, SAVOR_FORMAT, "an array of objects had %u items where its shape tells %zu", content->n,
                       array->tensor.shape[dim]);
    for (size_t i = 0; !st && i < content->n; i++, item = sv_json_next(item)) {
        if (is_last)
            st = sv_skops_read_node(r, item, (*next)++);
        else if (item->kind != SV_JSON_OBJECT)
            st = sv_fail(r->err, SAVOR_FORMAT, "an array of objects had a plain value where a list was expected");
        else if (!(st = sv_skops_find(r, item, "content", SV_JSON_ARRAY, &inner)))
            st = read_cells(r, inner, array, dim + 1, next);
    }
    return st;
}

/* How many cells there are; each is a node of the content, so more than that is refused before memory is taken. */
static savor_status count_cells(skops_reader *r, const sv_json *content, sv_array *array)
{
    sv_npy_raw raw = {.n_dims = array->tensor.n_dims};
    memcpy(raw.shape, array->tensor.shape, sizeof raw.shape);
    if (!sv_npy_n_items(&raw, &array->tensor.n_items) || array->tensor.n_items > content->u.size)
        return sv_fail(r->err, SAVOR_FORMAT, "an array of objects had fewer items than its shape tells");
    return SAVOR_OK;
}

static savor_status read_objects(skops_reader *r, const sv_json *node, sv_record *out)
{
    const sv_json *content;
    sv_array array = {0};
    savor_status st = sv_skops_find(r, node, "content", SV_JSON_ARRAY, &content);
    if (st || (st = read_shape(r, node, &array)) || (st = count_cells(r, content, &array)))
        return st;
    const sv_record **cells = sv_arena_array(r->maker.arena, array.tensor.n_items, sizeof *cells), **next = cells;
    if (!cells)
        return sv_arena_fail(r->maker.arena, array.tensor.n_items * sizeof *cells, r->err);
    array.cells = cells;
    if ((st = read_cells(r, content, &array, 0, &next)))
        return st;
    return sv_record_set_array(&r->maker, &array, out, r->err);
}

savor_status sv_skops_ndarray(skops_reader *r, const sv_json *node, sv_record *out)
{
    const sv_json *type;
    savor_status st = sv_skops_find(r, node, "type", SV_JSON_STRING, &type);
    if (st)
        return st;
    if (sv_json_is_text(type, "numpy"))
        return read_npy(r, node, out);
    if (sv_json_is_text(type, "json"))
        return read_objects(r, node, out);
    return sv_fail(r->err, SAVOR_UNSUPPORTED, "NdArrayNode of type \"%.*s\", expected numpy or json",
                   SV_FMT(sv_json_text(type)));
}

/* ---- what is made of arrays ---- */

/* MaskedArray(data, mask) */
savor_status sv_skops_masked_array(skops_reader *r, const sv_json *node, sv_record *out)
{
    sv_global cls;
    const sv_json *content;
    const sv_record *parts[2] = {NULL};
    sv_object object = {0};
    savor_status st = sv_skops_class(r, node, &cls);
    if (st || (st = sv_skops_find(r, node, "content", SV_JSON_OBJECT, &content)) ||
        (st = sv_skops_read_child(r, content, "data", &parts[0])) ||
        (st = sv_skops_read_child(r, content, "mask", &parts[1])) ||
        (st = sv_skops_new_items(r, SV_RECORD_TUPLE, parts, 2, &object.args)))
        return st;
    return sv_skops_set_object(r, SV_RECORD_OBJECT, cls, object, out);
}

/* numpy's short name of a dtype without its byte order, as numpy.dtype.__reduce__ gives it: "f8", "U5", "O8". */
static savor_status read_dtype_name(skops_reader *r, const sv_json *array, char out[24])
{
    const sv_zip_member *m = NULL;
    skops_member *known = NULL;
    sv_npy_header h = {0};
    sv_str bytes = {0};
    const sv_json *type = sv_json_find(array, "type");
    memcpy(out, "O8", 3);
    if (type && sv_json_is_text(type, "json"))
        return SAVOR_OK;
    savor_status st = find_member(r, array, &m, &known);
    if (st)
        return st;
    if (!(st = sv_zip_read_member(&r->schema.zip, m, r->small, &bytes, r->err)))
        st = sv_npy_header_read(bytes, r->small, &h, r->err);
    sv_arena_reset(r->small);
    if (!st)
        snprintf(out, 24, "%c%zu", h.dtype.kind, h.dtype.item_bytes / (h.dtype.kind == 'U' ? 4 : 1));
    return sv_error_at(r->err, st, "%.*s", SV_FMT(m->name));
}

/* skops keeps a dtype as an empty array of it; a pickle has dtype(name, align, copy) with align 0 and copy 1. */
savor_status sv_skops_dtype(skops_reader *r, const sv_json *node, sv_record *out)
{
    char name[24];
    const sv_json *content;
    const sv_record *parts[3];
    sv_record *made[3];
    sv_object object = {0};
    savor_status st = sv_skops_find(r, node, "content", SV_JSON_OBJECT, &content);
    if (st || (st = read_dtype_name(r, content, name)) ||
        (st = sv_record_new_text(&r->maker, sv_str_of(name), &made[0], r->err)))
        return st;
    for (size_t i = 1; i < 3; i++) {
        if ((st = sv_record_new(&r->maker, &made[i], r->err)))
            return st;
        made[i]->kind = SV_RECORD_BOOL;
        made[i]->u.i = i == 2;
    }
    for (size_t i = 0; i < 3; i++)
        parts[i] = made[i];
    if ((st = sv_skops_new_items(r, SV_RECORD_TUPLE, parts, 3, &object.args)))
        return st;
    return sv_skops_set_object(r, SV_RECORD_OBJECT, (sv_global){SV_STR("numpy"), SV_STR("dtype")}, object, out);
}

savor_status sv_skops_random_state(skops_reader *r, const sv_json *node, sv_record *out)
{
    sv_global cls;
    sv_object object = {0};
    savor_status st = sv_skops_class(r, node, &cls);
    if (st || (st = sv_skops_read_child(r, node, "content", &object.state)))
        return st;
    return sv_skops_set_object(r, SV_RECORD_OBJECT, cls, object, out);
}

/* Protocol 0 kept the bit generator as plain JSON, and only protocol 2 has the seed sequence. */
static savor_status read_generator_part(skops_reader *r, const sv_json *value, const sv_record **out)
{
    sv_record *plain;
    if (r->schema.protocol > 0)
        return sv_skops_read_node(r, value, out);
    savor_status st = sv_record_new(&r->maker, &plain, r->err);
    *out = plain;
    return st ? st : sv_record_set_json(&r->maker, value, plain, r->err);
}

savor_status sv_skops_random_generator(skops_reader *r, const sv_json *node, sv_record *out)
{
    static const char *const NAMES[] = {"bit_generator", "seed_seq"};
    sv_global cls;
    const sv_json *content;
    sv_record *state;
    const sv_record **items;
    size_t n = r->schema.protocol > 1 ? 2 : 1;
    savor_status st = sv_skops_class(r, node, &cls);
    if (st || (st = sv_skops_find(r, node, "content", SV_JSON_OBJECT, &content)) ||
        (st = sv_record_new(&r->maker, &state, r->err)) ||
        (st = sv_record_set_items(&r->maker, SV_RECORD_DICT, n, state, &items, r->err)))
        return st;
    for (size_t i = 0; i < n; i++) {
        const sv_json *value;
        sv_record *key;
        if ((st = sv_skops_find(r, content, NAMES[i], SV_JSON_OBJECT, &value)) ||
            (st = sv_record_new_text(&r->maker, sv_str_of(NAMES[i]), &key, r->err)) ||
            (st = read_generator_part(r, value, &items[2 * i + 1])))
            return st;
        items[2 * i] = key;
    }
    return sv_skops_set_object(r, SV_RECORD_OBJECT, cls, (sv_object){.state = state}, out);
}
