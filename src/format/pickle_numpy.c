#include "base/alloc.h"
#include "format/pickle_priv.h"

#define FIELDS_MAX 4096
#define UNORDERED_MAX 64

static const sv_record *item(const sv_record *r, size_t i) { return i < r->n ? r->u.items[i] : NULL; }

static bool is_tuple(const sv_record *r) { return r && r->kind == SV_RECORD_TUPLE; }

/* The dtype's own object, or NULL. */
static const sv_pickle_object *dtype_object(const sv_record *r)
{
    const sv_pickle_object *object = (const sv_pickle_object *)r;
    return r && r->kind == SV_RECORD_OBJECT && object->dtype ? object : NULL;
}

const sv_npy_dtype *sv_pickle_dtype(const sv_record *r)
{
    const sv_pickle_object *object = dtype_object(r);
    return object && object->n_sub == 1 ? object->dtype : NULL;
}

bool sv_pickle_shape(const sv_record *r, sv_npy_raw *out)
{
    out->n_dims = 0;
    if (!is_tuple(r) || r->n > SV_TENSOR_DIMS_MAX)
        return false;
    for (size_t i = 0; i < r->n; i++) {
        const sv_record *dim = r->u.items[i];
        if (dim->kind != SV_RECORD_INT || dim->u.i < 0)
            return false;
        out->shape[out->n_dims++] = (size_t)dim->u.i;
    }
    return true;
}

/* ---- dtypes ---- */

/* numpy.dtype("f8", False, True): its byte order comes later, by BUILD. */
savor_status sv_pickle_numpy_dtype(sv_pickle *v, sv_record *callee, sv_record *args, sv_record **out)
{
    sv_str text = sv_record_text(item(args, 0));
    sv_npy_dtype dtype;
    if (!text.p || sv_npy_dtype_parse(text, &dtype, NULL))
        return SAVOR_OK;
    savor_status st = sv_pickle_make_object(v, SV_RECORD_OBJECT, callee, args, out);
    sv_npy_dtype *copy = st ? NULL : sv_arena_alloc(v->arena, sizeof *copy);
    if (!copy)
        return st ? st : sv_arena_fail(v->arena, sizeof *copy, v->err);
    *copy = dtype;
    ((sv_pickle_object *)*out)->dtype = copy;
    ((sv_pickle_object *)*out)->n_sub = 1;
    return SAVOR_OK;
}

/* One field: (dtype, offset) or (dtype, offset, title). False: no number, or outside the element. */
static bool read_field(const sv_record *r, size_t item_bytes, sv_array_field *out, bool *is_swapped)
{
    const sv_pickle_object *object = is_tuple(r) ? dtype_object(item(r, 0)) : NULL;
    const sv_record *offset = object ? item(r, 1) : NULL;
    size_t bytes;
    if (!offset || offset->kind != SV_RECORD_INT || offset->u.i < 0 || !sv_npy_is_number(object->dtype))
        return false;
    out->dtype = object->dtype->dtype;
    out->n_items = object->n_sub;
    out->offset_bytes = (size_t)offset->u.i;
    *is_swapped = object->dtype->is_swapped;
    return sv_mul(object->dtype->item_bytes, out->n_items, &bytes) && sv_add(bytes, out->offset_bytes, &bytes) &&
           bytes <= item_bytes;
}

/*
 * The field of this name: as a rule the dict holds them in the names' order. To look for each costs the square of
 * their number, which a file may ask for as often as it likes.
 */
static const sv_record *find_field(const sv_record *dict, const sv_record *names, size_t i)
{
    sv_str name = sv_record_text(names->u.items[i]);
    bool is_alike = dict->kind == SV_RECORD_DICT && dict->n == names->n;
    if (is_alike && name.p && sv_str_equal(sv_record_text(dict->u.items[2 * i]), name))
        return dict->u.items[2 * i + 1];
    return name.p && names->n <= UNORDERED_MAX ? sv_record_find(dict, name.p) : NULL;
}

/* Names and fields of a structured dtype; `*is_known` tells whether all of them are numbers. */
static savor_status read_fields(sv_pickle *v, const sv_record *names, const sv_record *dict, sv_npy_dtype *dtype,
                                bool *is_known)
{
    size_t n = names->n;
    sv_array_field *fields = sv_arena_array(v->arena, n, sizeof *fields);
    bool *swapped = sv_arena_array(v->arena, n, sizeof *swapped);
    if (!fields || !swapped)
        return sv_arena_fail(v->arena, n * sizeof *fields, v->err);
    *is_known = true;
    for (size_t i = 0; i < n && *is_known; i++) {
        fields[i].name = sv_record_text(names->u.items[i]);
        const sv_record *field = find_field(dict, names, i);
        *is_known = read_field(field, dtype->item_bytes, &fields[i], &swapped[i]);
    }
    dtype->n_fields = n;
    dtype->fields = fields;
    dtype->field_swapped = swapped;
    return SAVOR_OK;
}

/* A field with a shape: (base dtype, shape). False when it is none that is understood. */
static bool read_subarray(sv_pickle_object *object, const sv_record *sub)
{
    const sv_npy_dtype *base = is_tuple(sub) ? sv_pickle_dtype(item(sub, 0)) : NULL;
    sv_npy_raw shape = {0};
    if (!base || !sv_pickle_shape(item(sub, 1), &shape) || !sv_npy_n_items(&shape, &object->n_sub))
        return false;
    *object->dtype = *base;
    return true;
}

/* ({...}, (b"ns", 1, 1, 1)): the unit of a datetime, as the text form has it. */
static bool read_unit(sv_npy_dtype *dtype, const sv_record *metadata)
{
    const sv_record *unit = is_tuple(metadata) ? item(metadata, 1) : NULL;
    const sv_record *name = is_tuple(unit) ? item(unit, 0) : NULL, *count = name ? item(unit, 1) : NULL;
    char text[16] = {dtype->kind, '8', '['};
    sv_npy_dtype one;
    if (!count || count->kind != SV_RECORD_INT || count->u.i < 1)
        return false;
    sv_str letters = name->kind == SV_RECORD_TEXT ? sv_record_text(name) : sv_record_bytes(name);
    if (!letters.p || letters.n > 8)
        return false;
    memcpy(text + 3, letters.p, letters.n);
    text[3 + letters.n] = ']';
    if (sv_npy_dtype_parse((sv_str){text, letters.n + 4}, &one, NULL))
        return false;
    return !__builtin_mul_overflow(one.unit_ns, count->u.i, &dtype->unit_ns);
}

/* (version, byte order, subdtype, names, fields, itemsize, alignment, flags[, metadata]) */
savor_status sv_pickle_build_dtype(sv_pickle *v, sv_pickle_object *object, const sv_record *state)
{
    sv_npy_dtype *dtype = object->dtype;
    savor_status st = SAVOR_OK;
    bool is_known = is_tuple(state) && state->n >= 6;
    const sv_record *names = is_known ? state->u.items[3] : NULL;
    if (is_known) {
        sv_str order = sv_record_text(state->u.items[1]);
        is_known = order.n == 1;
        dtype->is_swapped = is_known && order.p[0] == '>';
    }
    if (is_known && (dtype->kind == 'M' || dtype->kind == 'm'))
        is_known = state->n > 8 && read_unit(dtype, state->u.items[8]);
    if (is_known && is_tuple(names) && dtype->kind == 'V') {
        is_known = names->n <= FIELDS_MAX;
        if (is_known)
            st = read_fields(v, names, state->u.items[4], dtype, &is_known);
    } else if (is_known && !sv_record_is_none(state->u.items[2])) {
        is_known = read_subarray(object, state->u.items[2]);
    }
    if (!is_known)
        object->dtype = NULL;
    return st;
}

/* ---- arrays ---- */

bool sv_pickle_is_new_array(const sv_record *r)
{
    sv_global name = sv_record_class(r);
    bool is_reconstruct =
        r->kind == SV_RECORD_CALL && sv_str_is(name.name, "_reconstruct") &&
        (sv_str_is(name.module, "numpy.core.multiarray") || sv_str_is(name.module, "numpy._core.multiarray"));
    const sv_record *cls = is_reconstruct ? item(r->u.object->args, 0) : NULL;
    if (!cls || cls->kind != SV_RECORD_GLOBAL || !sv_str_starts(cls->u.global.module, SV_STR("numpy")))
        return false;
    sv_str text = cls->u.global.name;
    return sv_str_is(text, "ndarray") || sv_str_is(text, "matrix") || sv_str_is(text, "memmap");
}

static savor_status set_array(sv_pickle *v, const sv_array *array, sv_record *r)
{
    sv_array *copy = sv_arena_alloc(v->arena, sizeof *copy);
    if (!copy)
        return sv_arena_fail(v->arena, sizeof *copy, v->err);
    *copy = *array;
    *r = (sv_record){.kind = SV_RECORD_ARRAY, .u.array = copy};
    return SAVOR_OK;
}

savor_status sv_pickle_set_array(sv_pickle *v, const sv_npy_dtype *dtype, const sv_npy_raw *raw, sv_record *r)
{
    sv_array array;
    if (sv_npy_dtype_check(dtype, NULL))
        return SAVOR_OK;
    savor_status st = sv_npy_array_read(dtype, raw, v->arena, &array, v->err);
    if (st == SAVOR_UNSUPPORTED) /* such as datetimes out of range: it stays what it is */
        return SAVOR_OK;
    if (st)
        return sv_error_at(v->err, st, "pickle byte %zu", v->op_at);
    return set_array(v, &array, r);
}

savor_status sv_pickle_set_cells(sv_pickle *v, const sv_npy_raw *shape, const sv_record *list, sv_record *r)
{
    size_t n;
    if (!sv_npy_n_items(shape, &n) || list->kind != SV_RECORD_LIST || list->n != n)
        return sv_pickle_fault(v, "an array with other than as many objects as its shape says");
    sv_array array = {.cells = list->u.items};
    if (n == 0)
        array.cells = sv_arena_alloc(v->arena, sizeof *array.cells); /* not NULL: it is an array of objects */
    if (!array.cells)
        return sv_arena_fail(v->arena, sizeof *array.cells, v->err);
    array.tensor = (sv_tensor){.dtype = SAVOR_OBJECT, .n_dims = (uint32_t)shape->n_dims, .n_items = n};
    memcpy(array.tensor.shape, shape->shape, shape->n_dims * sizeof *shape->shape);
    return set_array(v, &array, r);
}

/* The bytes of BYTES, or of Python 2's str; none of others. */
static savor_status set_bytes(sv_pickle *v, const sv_record *r, sv_npy_raw *out)
{
    savor_status st = SAVOR_OK;
    sv_record *encoded = NULL;
    if (r && r->kind == SV_RECORD_TEXT) {
        st = sv_pickle_make_encoded(v, r, &encoded);
        r = encoded;
    }
    if (!st && r && r->kind == SV_RECORD_BYTES) {
        out->bytes = (sv_str){r->u.bytes.p, r->n};
        out->part = r->u.bytes.part;
    }
    return st;
}

static bool has_bytes(const sv_npy_raw *raw) { return raw->bytes.p || raw->part; }

/* (version, shape, dtype, is_fortran, bytes or list); the version is missing in very old files. */
savor_status sv_pickle_build_array(sv_pickle *v, sv_pickle_object *object, const sv_record *state)
{
    size_t at = is_tuple(state) && state->n == 5;
    sv_npy_raw raw = {0};
    if (!is_tuple(state) || state->n - at != 4 || !sv_pickle_shape(state->u.items[at], &raw))
        return SAVOR_OK;
    const sv_npy_dtype *dtype = sv_pickle_dtype(state->u.items[at + 1]);
    const sv_record *is_fortran = state->u.items[at + 2], *data = state->u.items[at + 3];
    if (!dtype || (is_fortran->kind != SV_RECORD_BOOL && is_fortran->kind != SV_RECORD_INT))
        return SAVOR_OK;
    raw.is_fortran = is_fortran->u.i != 0;
    if (dtype->kind == 'O')
        return sv_pickle_set_cells(v, &raw, data, &object->r);
    raw.is_kept = true; /* records are not changed, and end together */
    savor_status st = set_bytes(v, data, &raw);
    return st || !has_bytes(&raw) ? st : sv_pickle_set_array(v, dtype, &raw, &object->r);
}

/* The axes of order "K": dimension i of the array is axes[i] of what lies in the file. */
static bool read_axes(const sv_record *axes, sv_npy_raw *raw)
{
    sv_npy_raw in_file = *raw, numbers = {0};
    bool seen[SV_TENSOR_DIMS_MAX] = {false};
    if (!sv_pickle_shape(axes, &numbers) || numbers.n_dims != raw->n_dims)
        return false;
    for (size_t i = 0; i < raw->n_dims; i++) {
        size_t axis = numbers.shape[i];
        if (axis >= raw->n_dims || seen[axis])
            return false;
        seen[axis] = true;
        raw->axes[i] = axis;
        raw->shape[i] = in_file.shape[axis];
    }
    raw->is_permuted = true;
    return true;
}

/* _frombuffer(bytes, dtype, shape, order[, axes]), of protocol 5. */
savor_status sv_pickle_numpy_frombuffer(sv_pickle *v, sv_record *callee, sv_record *args, sv_record **out)
{
    sv_npy_raw raw = {0};
    const sv_npy_dtype *dtype = args->n >= 4 ? sv_pickle_dtype(args->u.items[1]) : NULL;
    (void)callee;
    if (!dtype || dtype->kind == 'O' || args->u.items[0]->kind != SV_RECORD_BYTES ||
        !sv_pickle_shape(args->u.items[2], &raw))
        return SAVOR_OK;
    savor_status st = set_bytes(v, args->u.items[0], &raw);
    raw.is_kept = true;
    raw.is_fortran = sv_record_is_text(args->u.items[3], "F");
    bool is_known = raw.is_fortran || sv_record_is_text(args->u.items[3], "C");
    if (sv_record_is_text(args->u.items[3], "K"))
        is_known = args->n == 5 && read_axes(args->u.items[4], &raw);
    if (st || !is_known)
        return st;
    if (!(st = sv_pickle_make(v, SV_RECORD_NONE, out)))
        st = sv_pickle_set_array(v, dtype, &raw, *out);
    if (!st && (*out)->kind == SV_RECORD_NONE)
        *out = NULL;
    return st;
}

/* ---- scalars ---- */

/* uint64 beyond int64: eight bytes and a zero for the sign. */
static savor_status make_uint64(sv_pickle *v, uint64_t value, sv_record **out)
{
    uint8_t bytes[9] = {0};
    memcpy(bytes, &value, sizeof value);
    return sv_pickle_make_long(v, bytes, sizeof bytes, out);
}

static savor_status make_float(sv_pickle *v, const sv_tensor *one, sv_record **out)
{
    double value = 0;
    savor_status st = sv_pickle_make(v, SV_RECORD_FLOAT, out);
    if (!st && sv_tensor_to_double(one, 0, &value))
        (*out)->u.f = value;
    return st;
}

static savor_status make_scalar(sv_pickle *v, const sv_tensor *one, sv_record **out)
{
    const sv_record r = {.kind = SV_RECORD_ARRAY, .u.array = &(sv_array){.tensor = *one}};
    int64_t value = 0;
    const sv_str *text = one->data;
    switch (sv_dtype_kind(one->dtype)) {
    case 'b':
        *out = *(const uint8_t *)one->data ? v->yes : v->no;
        return SAVOR_OK;
    case 'u':
        if (one->dtype == SAVOR_UINT64)
            return make_uint64(v, *(const uint64_t *)one->data, out);
        return sv_record_to_int(&r, &value) ? sv_pickle_make_int(v, value, out) : SAVOR_OK;
    case 'i':
        return sv_record_to_int(&r, &value) ? sv_pickle_make_int(v, value, out) : SAVOR_OK;
    case 'f':
        return make_float(v, one, out);
    case 'U':
        return sv_pickle_make_bytes(v, SV_RECORD_TEXT, *text, out);
    case 'S':
        return sv_pickle_make_bytes(v, SV_RECORD_BYTES, *text, out);
    default:
        return SAVOR_OK;
    }
}

/* scalar(dtype, bytes). */
savor_status sv_pickle_numpy_scalar(sv_pickle *v, sv_record *callee, sv_record *args, sv_record **out)
{
    const sv_npy_dtype *dtype = args->n == 2 ? sv_pickle_dtype(args->u.items[0]) : NULL;
    sv_npy_raw raw = {0};
    sv_array one;
    (void)callee;
    if (!dtype || dtype->kind == 'V' || sv_npy_dtype_check(dtype, NULL))
        return SAVOR_OK;
    savor_status st = set_bytes(v, args->u.items[1], &raw);
    if (raw.part) { /* it is looked at right now */
        raw.bytes = sv_record_bytes(args->u.items[1]);
        raw.part = NULL;
    }
    if (st || !raw.bytes.p || dtype->kind == 'O' || dtype->item_bytes == 0)
        return st;
    st = sv_npy_array_read(dtype, &raw, v->arena, &one, v->err);
    if (st == SAVOR_UNSUPPORTED)
        return SAVOR_OK;
    return st ? sv_error_at(v->err, st, "pickle byte %zu", v->op_at) : make_scalar(v, &one.tensor, out);
}
