#include "format/record.h"

#include "base/alloc.h"
#include "format/npy_dtype.h"

/* Doubles that hold an integer exactly, on both sides of zero. */
#define INT64_EDGE 9223372036854775808.0

/* ---- bounds ---- */

#define RECORDS_FREE_BYTES ((size_t)64 << 20)
#define RECORDS_TIMES_FILE 128   /* a byte may be an empty dict, which takes that much */
#define RECORDS_TIMES_UNPACKED 4 /* arrays are copied */
#define UNPACKED_FREE_BYTES ((size_t)256 << 20)
#define UNPACKED_TIMES_FILE 128

/* a + n * times, or all there is. */
static size_t add_times(size_t a, size_t n, size_t times)
{
    size_t product;
    return sv_mul(n, times, &product) && sv_add(a, product, &a) ? a : SIZE_MAX;
}

size_t sv_record_bound(sv_arena *arena, size_t n_bytes, size_t n_unpacked)
{
    size_t before = arena->max_bytes, most = add_times(RECORDS_FREE_BYTES, n_bytes, RECORDS_TIMES_FILE);
    most = add_times(add_times(most, n_unpacked, RECORDS_TIMES_UNPACKED), arena->used_bytes, 1);
    if (most < before)
        arena->max_bytes = most;
    return before;
}

size_t sv_unpacked_bound(size_t n_bytes, size_t max_bytes)
{
    size_t most = add_times(UNPACKED_FREE_BYTES, n_bytes, UNPACKED_TIMES_FILE);
    return most < max_bytes ? most : max_bytes;
}

/* ---- looking at records ---- */

static bool is_object(const sv_record *r) { return r && (r->kind == SV_RECORD_OBJECT || r->kind == SV_RECORD_CALL); }

/* In a DICT, from the end: the last of equal keys is the one that Python keeps. */
static const sv_record *find_in_dict(const sv_record *r, const char *key)
{
    if (!r || r->kind != SV_RECORD_DICT)
        return NULL;
    for (size_t i = r->n; i-- > 0;)
        if (sv_record_is_text(r->u.items[2 * i], key))
            return r->u.items[2 * i + 1];
    return NULL;
}

/* In a state: a dict, or a tuple of dicts (attributes, slots). */
static const sv_record *find_in_state(const sv_record *state, const char *key)
{
    const sv_record *found = find_in_dict(state, key);
    if (!state || state->kind != SV_RECORD_TUPLE)
        return found;
    for (size_t i = 0; i < state->n && !found; i++)
        found = find_in_dict(state->u.items[i], key);
    return found;
}

const sv_record *sv_record_find(const sv_record *r, const char *key)
{
    if (!is_object(r))
        return find_in_dict(r, key);
    const sv_record *found = find_in_state(r->u.object->state, key);
    return found ? found : find_in_dict(r->u.object->pairs, key);
}

sv_global sv_record_class(const sv_record *r)
{
    const sv_global none = {{"", 0}, {"", 0}};
    if (!is_object(r) || !r->u.object->callee || r->u.object->callee->kind != SV_RECORD_GLOBAL)
        return none;
    return r->u.object->callee->u.global;
}

bool sv_record_is(const sv_record *r, const char *package, const char *name)
{
    sv_global cls = sv_record_class(r);
    sv_str first = {cls.module.p, sv_str_find(cls.module, '.')};
    return sv_str_is(cls.name, name) && cls.name.n > 0 && (!package || sv_str_is(first, package));
}

bool sv_record_is_none(const sv_record *r) { return !r || r->kind == SV_RECORD_NONE; }

/* The only item of an array of objects, else `r` itself. */
static const sv_record *single_cell(const sv_record *r)
{
    const sv_array *array = sv_record_array_head(r);
    return array && array->cells && array->tensor.n_items == 1 ? array->cells[0] : r;
}

/* An array of one plain element, or NULL. */
static const sv_tensor *single_number(const sv_record *r)
{
    const sv_array *array = sv_record_array_head(r);
    if (!array || array->cells || array->n_fields || array->tensor.n_items != 1 || !sv_record_array(r))
        return NULL;
    return &array->tensor;
}

bool sv_record_to_double(const sv_record *r, double *out)
{
    r = single_cell(r);
    const sv_tensor *tensor = single_number(r);
    if (tensor)
        return sv_tensor_to_double(tensor, 0, out);
    if (!r || (r->kind != SV_RECORD_BOOL && r->kind != SV_RECORD_INT && r->kind != SV_RECORD_FLOAT))
        return false;
    *out = r->kind == SV_RECORD_FLOAT ? r->u.f : (double)r->u.i;
    return true;
}

/* A double that is an integer within int64. */
static bool double_to_int(double value, int64_t *out)
{
    if (!(value >= -INT64_EDGE && value < INT64_EDGE) || (double)(int64_t)value != value)
        return false;
    *out = (int64_t)value;
    return true;
}

bool sv_record_to_int(const sv_record *r, int64_t *out)
{
    double value;
    r = single_cell(r);
    const sv_tensor *tensor = single_number(r);
    if (r && (r->kind == SV_RECORD_BOOL || r->kind == SV_RECORD_INT)) {
        *out = r->u.i;
        return true;
    }
    if (tensor && tensor->dtype == SAVOR_INT64) {
        *out = *(const int64_t *)tensor->data;
        return true;
    }
    if (tensor && tensor->dtype == SAVOR_UINT64) {
        uint64_t bits = *(const uint64_t *)tensor->data;
        *out = (int64_t)(bits & INT64_MAX);
        return bits <= INT64_MAX;
    }
    return sv_record_to_double(r, &value) && double_to_int(value, out);
}

bool sv_record_to_bool(const sv_record *r, bool *out)
{
    r = single_cell(r);
    const sv_tensor *tensor = single_number(r);
    if (tensor && tensor->dtype == SAVOR_BOOL) {
        *out = *(const uint8_t *)tensor->data != 0;
        return true;
    }
    if (!r || r->kind != SV_RECORD_BOOL)
        return false;
    *out = r->u.i != 0;
    return true;
}

/* A class by its name: numpy's scalars, and Python's own types as np.dtype() takes them. */
static bool class_to_dtype(sv_global cls, savor_dtype *out)
{
    bool is_python = sv_str_is(cls.module, "builtins");
    if (!is_python && !sv_str_is(cls.module, "numpy"))
        return false;
    if (is_python && !sv_str_is(cls.name, "float") && !sv_str_is(cls.name, "int") && !sv_str_is(cls.name, "bool") &&
        !sv_str_is(cls.name, "str") && !sv_str_is(cls.name, "bytes") && !sv_str_is(cls.name, "object"))
        return false;
    return sv_dtype_of(cls.name, out);
}

bool sv_record_to_dtype(const sv_record *r, savor_dtype *out)
{
    if (r && r->kind == SV_RECORD_GLOBAL)
        return class_to_dtype(r->u.global, out);
    if (sv_record_is(r, "numpy", "dtype") && r->u.object->args && r->u.object->args->n > 0)
        r = r->u.object->args->u.items[0];
    if (r && r->kind == SV_RECORD_GLOBAL)
        return class_to_dtype(r->u.global, out);
    sv_str text = sv_record_text(r);
    sv_npy_dtype dtype;
    if (!text.p || sv_dtype_of(text, out))
        return text.p != NULL;
    if (sv_npy_dtype_parse(text, &dtype, NULL) || sv_npy_dtype_check(&dtype, NULL))
        return false;
    *out = dtype.dtype; /* such as "<U5" */
    return true;
}

sv_str sv_record_text(const sv_record *r)
{
    const sv_str none = {NULL, 0};
    return r && r->kind == SV_RECORD_TEXT ? (sv_str){r->u.p, r->n} : none;
}

bool sv_record_is_text(const sv_record *r, const char *text)
{
    return r && r->kind == SV_RECORD_TEXT && sv_str_is((sv_str){r->u.p, r->n}, text);
}

const sv_record *const *sv_record_items(const sv_record *r, size_t *n)
{
    const sv_array *array = sv_record_array(r);
    *n = 0;
    if (is_object(r))
        return r->u.object->items ? sv_record_items(r->u.object->items, n) : NULL;
    if (array && array->cells && array->tensor.n_dims == 1) {
        *n = array->tensor.n_items;
        return array->cells;
    }
    if (!r || (r->kind != SV_RECORD_LIST && r->kind != SV_RECORD_TUPLE && r->kind != SV_RECORD_SET))
        return NULL;
    *n = r->n;
    return r->u.items;
}

sv_str sv_record_bytes(const sv_record *r)
{
    if (!r || r->kind != SV_RECORD_BYTES)
        return (sv_str){NULL, 0};
    sv_part *part = r->u.bytes.part;
    const char *p = part ? sv_part_bytes(part) : r->u.bytes.p;
    if (part)
        sv_part_keep(part);
    return p ? (sv_str){p, r->n} : (sv_str){NULL, 0};
}

const sv_array *sv_record_array_head(const sv_record *r)
{
    return r && r->kind == SV_RECORD_ARRAY ? r->u.array : NULL;
}

const sv_array *sv_record_look(const sv_record *r)
{
    sv_array *array = r && r->kind == SV_RECORD_ARRAY ? r->u.array : NULL;
    if (!array || !array->part)
        return array;
    array->tensor.data = sv_part_bytes(array->part);
    return array->tensor.data ? array : NULL;
}

const sv_array *sv_record_array(const sv_record *r)
{
    const sv_array *array = sv_record_look(r);
    if (array && array->part)
        sv_part_keep(array->part);
    return array;
}

void sv_record_forget(const sv_record *r)
{
    if (!r || r->kind != SV_RECORD_ARRAY || !r->u.array->part)
        return;
    sv_part_forget(r->u.array->part);
}

const sv_array_field *sv_array_find_field(const sv_array *array, const char *name)
{
    for (size_t i = 0; array && i < array->n_fields; i++)
        if (sv_str_is(array->fields[i].name, name))
            return &array->fields[i];
    return NULL;
}

/* ---- numbers of any shape ---- */

static bool is_list(const sv_record *r) { return r && (r->kind == SV_RECORD_LIST || r->kind == SV_RECORD_TUPLE); }

static savor_status refuse(savor_error *err, const char *what)
{
    return sv_fail(err, SAVOR_FORMAT, "expected numbers, got %s", what);
}

static savor_status alloc_doubles(const sv_tensor *shape, sv_arena *arena, double **out, savor_error *err)
{
    *out = sv_arena_array(arena, shape->n_items, sizeof **out);
    return *out ? SAVOR_OK : sv_arena_fail(arena, shape->n_items * sizeof **out, err);
}

static savor_status array_doubles(const sv_array *array, sv_arena *arena, sv_tensor *out, savor_error *err)
{
    const sv_tensor *from = &array->tensor;
    double *values;
    if (array->n_fields)
        return refuse(err, "elements with fields");
    *out = *from;
    if (from->dtype == SAVOR_FLOAT64)
        return SAVOR_OK;
    out->dtype = SAVOR_FLOAT64;
    savor_status st = alloc_doubles(from, arena, &values, err);
    out->data = values;
    for (size_t i = 0; !st && i < from->n_items; i++) {
        bool is_number = array->cells ? sv_record_to_double(array->cells[i], &values[i])
                                      : sv_tensor_to_double(from, i, &values[i]);
        if (!is_number)
            st = refuse(err, savor_dtype_name(from->dtype));
    }
    return st;
}

/* The shape that the first items of nested lists have. */
static savor_status list_shape(const sv_record *r, sv_tensor *out, savor_error *err)
{
    *out = (sv_tensor){.dtype = SAVOR_FLOAT64, .n_items = 1};
    for (; is_list(r); r = r->n ? r->u.items[0] : NULL) {
        if (out->n_dims == SV_TENSOR_DIMS_MAX)
            return sv_fail(err, SAVOR_LIMIT, "lists were nested deeper than %d", SV_TENSOR_DIMS_MAX);
        if (!sv_mul(out->n_items, r->n, &out->n_items))
            return sv_fail(err, SAVOR_LIMIT, "nested lists had too many items");
        out->shape[out->n_dims++] = r->n;
    }
    return SAVOR_OK;
}

/* Numbers of a list whose items are `dim` levels deep; as deep as shape->n_dims says, at most. */
static savor_status fill_doubles(const sv_record *r, const sv_tensor *shape, uint32_t dim, double **at,
                                 savor_error *err)
{
    if (dim == shape->n_dims)
        return sv_record_to_double(r, (*at)++) ? SAVOR_OK : refuse(err, "something else in a list");
    if (!is_list(r) || r->n != shape->shape[dim])
        return refuse(err, "lists of different lengths");
    savor_status st = SAVOR_OK;
    for (size_t i = 0; !st && i < r->n; i++)
        st = fill_doubles(r->u.items[i], shape, dim + 1, at, err);
    return st;
}

savor_status sv_record_doubles(const sv_record *r, sv_arena *arena, sv_tensor *out, savor_error *err)
{
    const sv_array *array = sv_record_array(r);
    sv_tensor tensor = {0};
    double *values = NULL, *at;
    *out = (sv_tensor){0};
    if (!r)
        return refuse(err, "nothing");
    savor_status st = array ? array_doubles(array, arena, &tensor, err) : list_shape(r, &tensor, err);
    if (!st && !array) {
        st = alloc_doubles(&tensor, arena, &values, err);
        tensor.data = at = values;
        if (!st && tensor.n_items)
            st = fill_doubles(r, &tensor, 0, &at, err);
    }
    if (!st)
        *out = tensor;
    return st;
}
