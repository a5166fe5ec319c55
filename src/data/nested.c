#include "data/nested.h"

#include "base/alloc.h"
#include "data/convert.h"
#include "data/infer.h"

/* Lists nest as deep as JSON does; what becomes an array nests SV_TENSOR_DIMS_MAX deep at most, else it is refused.
 */

typedef struct gatherer {
    sv_tensor *t;
    sv_value *leaves; /* NULL while they are counted */
    size_t n;
    savor_dtype dtype; /* of the leaves so far */
    bool has_dtype;
    sv_arena *arena;
    savor_error *err;
} gatherer;

static savor_status fail_depth(savor_error *err)
{
    return sv_fail(err, SAVOR_BAD_REQUEST, "the array has more than %d dimensions", SV_TENSOR_DIMS_MAX);
}

static savor_status fail_ragged(savor_error *err)
{
    return sv_fail(err, SAVOR_BAD_REQUEST, "the array is ragged: its rows differ in length");
}

/* The shape that the first elements suggest. */
static savor_status find_shape(const sv_value *v, sv_tensor *t, savor_error *err)
{
    for (;; v = v->u.items) {
        if (v->kind == SV_VALUE_ARRAY) {
            const sv_tensor *inner = v->u.tensor;
            if (t->n_dims + inner->n_dims > SV_TENSOR_DIMS_MAX)
                return fail_depth(err);
            memcpy(t->shape + t->n_dims, inner->shape, inner->n_dims * sizeof *inner->shape);
            t->n_dims += inner->n_dims;
            return SAVOR_OK;
        }
        if (v->kind != SV_VALUE_LIST)
            return SAVOR_OK;
        if (t->n_dims == SV_TENSOR_DIMS_MAX)
            return fail_depth(err);
        t->shape[t->n_dims++] = v->n;
        if (v->n == 0)
            return SAVOR_OK;
    }
}

static savor_dtype dtype_of_int(const sv_value *v)
{
    uint64_t value;
    if (v->kind == SV_VALUE_INT)
        return SAVOR_INT64;
    return sv_str_to_uint64((sv_str){v->u.p, v->n}, &value) ? SAVOR_UINT64 : SAVOR_OBJECT;
}

static savor_dtype dtype_of_leaf(const sv_value *v)
{
    if (v->variant == SV_VARIANT_NUMPY)
        return (savor_dtype)v->dtype;
    switch (v->kind) {
    case SV_VALUE_BOOL:
        return SAVOR_BOOL;
    case SV_VALUE_INT:
    case SV_VALUE_BIGINT:
        return dtype_of_int(v);
    case SV_VALUE_FLOAT:
        return SAVOR_FLOAT64;
    case SV_VALUE_STRING:
        return SAVOR_STRING;
    case SV_VALUE_BYTES:
        return SAVOR_BYTES;
    default:
        return SAVOR_OBJECT;
    }
}

static bool is_number(savor_dtype dtype) { return strchr("iuf", sv_dtype_kind(dtype)) != NULL; }

static bool is_plain(savor_dtype dtype) { return is_number(dtype) || dtype == SAVOR_BOOL; }

/* numpy.result_type; what has no common dtype becomes objects. */
static savor_dtype common_dtype(savor_dtype a, savor_dtype b)
{
    if (a == b)
        return a;
    if (is_number(a) && is_number(b))
        return sv_dtype_promote(a, b);
    if (is_plain(a) && is_plain(b))
        return a == SAVOR_BOOL ? b : a;
    if ((a == SAVOR_STRING && is_plain(b)) || (b == SAVOR_STRING && is_plain(a)))
        return SAVOR_STRING;
    return SAVOR_OBJECT;
}

static void see_dtype(gatherer *g, savor_dtype dtype)
{
    g->dtype = g->has_dtype ? common_dtype(g->dtype, dtype) : dtype;
    g->has_dtype = true;
}

static void put_leaf(gatherer *g, sv_value leaf)
{
    if (g->leaves)
        g->leaves[g->n] = leaf;
    g->n++;
}

/* An array of 0 dimensions stays one among objects. */
static bool gather_array(gatherer *g, const sv_value *v, uint32_t dim)
{
    const sv_tensor *inner = v->u.tensor;
    if (inner->n_dims != g->t->n_dims - dim ||
        memcmp(inner->shape, g->t->shape + dim, inner->n_dims * sizeof *inner->shape) != 0)
        return false;
    see_dtype(g, inner->dtype);
    if (inner->n_dims == 0 && dim && g->dtype == SAVOR_OBJECT) {
        put_leaf(g, *v);
        return true;
    }
    for (size_t i = 0; i < inner->n_items; i++)
        put_leaf(g, sv_item_get(inner->dtype, inner->data, i));
    return true;
}

/* False when the shape is another than that of the first elements. Recursion is bounded by SV_TENSOR_DIMS_MAX. */
static bool gather(gatherer *g, const sv_value *v, uint32_t dim)
{
    if (v->kind == SV_VALUE_ARRAY)
        return gather_array(g, v, dim);
    if (dim == g->t->n_dims) {
        if (v->kind == SV_VALUE_LIST)
            return false;
        see_dtype(g, dtype_of_leaf(v));
        put_leaf(g, *v);
        return true;
    }
    if (v->kind != SV_VALUE_LIST || v->n != g->t->shape[dim])
        return false;
    bool fits = true;
    for (size_t i = 0; fits && i < v->n; i++)
        fits = gather(g, &v->u.items[i], dim + 1);
    return fits;
}

savor_status sv_value_to_tensor(const sv_value *v, sv_arena *arena, sv_tensor *out, savor_error *err)
{
    gatherer g = {.t = out, .arena = arena, .err = err};
    *out = (sv_tensor){.n_dims = 0};
    savor_status st = find_shape(v, out, err);
    if (st)
        return st;
    if (!gather(&g, v, 0)) /* counting first: the shape alone is only a promise */
        return fail_ragged(err);
    out->n_items = g.n;
    out->dtype = g.has_dtype ? g.dtype : SAVOR_FLOAT64;
    g.leaves = sv_arena_array(arena, g.n, sizeof *g.leaves);
    if (!g.leaves)
        return sv_arena_fail(arena, g.n * sizeof *g.leaves, err);
    g.n = 0;
    (void)gather(&g, v, 0);
    return sv_items_cast(SAVOR_OBJECT, g.leaves, out->n_items, out->dtype, arena, &out->data, err);
}

savor_status sv_value_of_tensor(const sv_tensor *t, sv_arena *arena, sv_value *out, savor_error *err)
{
    sv_tensor *copy = sv_arena_alloc(arena, sizeof *copy);
    if (!copy)
        return sv_arena_fail(arena, sizeof *copy, err);
    *copy = *t;
    *out = (sv_value){.kind = SV_VALUE_ARRAY, .n = t->n_items, .u.tensor = copy};
    return SAVOR_OK;
}

/* An element of an array of `dtype`; those of arrays of objects are what they are. */
static void make_numpy(savor_dtype dtype, sv_value *v)
{
    if (dtype == SAVOR_OBJECT)
        return;
    v->variant = SV_VARIANT_NUMPY;
    v->dtype = (uint8_t)dtype;
}

sv_value sv_item_get_numpy(savor_dtype dtype, const void *data, size_t i)
{
    sv_value v = sv_item_get(dtype, data, i);
    make_numpy(dtype, &v);
    return v;
}

savor_status sv_items_to_scalars(savor_dtype dtype, const void *data, size_t n, sv_arena *arena, const void **out,
                                 savor_error *err)
{
    sv_value *made = sv_arena_array(arena, n, sizeof *made);
    *out = made;
    if (!made)
        return sv_arena_fail(arena, n * sizeof *made, err);
    for (size_t i = 0; i < n; i++)
        made[i] = sv_item_get_numpy(dtype, data, i);
    return SAVOR_OK;
}

/* A uint64 beyond int64 becomes one of Python's big integers. */
static savor_status get_item(const sv_tensor *t, size_t i, sv_arena *arena, sv_value *out, savor_error *err)
{
    const void *objects;
    *out = sv_item_get(t->dtype, t->data, i);
    if (t->dtype != SAVOR_UINT64 || out->u.i >= 0)
        return SAVOR_OK;
    savor_status st =
        sv_items_cast(SAVOR_UINT64, (const uint64_t *)t->data + i, 1, SAVOR_OBJECT, arena, &objects, err);
    if (!st)
        *out = *(const sv_value *)objects;
    return st;
}

savor_status sv_tensor_index(const sv_tensor *t, size_t i, sv_arena *arena, sv_value *out, savor_error *err)
{
    if (t->n_dims == 1) {
        savor_status st = get_item(t, i, arena, out, err);
        make_numpy(t->dtype, out);
        return st;
    }
    sv_tensor inner = {.dtype = t->dtype, .n_dims = t->n_dims - 1, .n_items = t->n_items / t->shape[0]};
    memcpy(inner.shape, t->shape + 1, inner.n_dims * sizeof *inner.shape);
    inner.data = (const char *)t->data + i * inner.n_items * sv_dtype_size(t->dtype);
    return sv_value_of_tensor(&inner, arena, out, err);
}

/* Item `*i` and those behind it as nested lists; recursion is bounded by SV_TENSOR_DIMS_MAX. */
static savor_status slice_value(const sv_tensor *t, uint32_t dim, size_t *i, sv_arena *arena, sv_value *out,
                                savor_error *err)
{
    savor_status st = SAVOR_OK;
    if (dim == t->n_dims)
        return get_item(t, (*i)++, arena, out, err);
    sv_value *items = sv_arena_array(arena, t->shape[dim], sizeof *items);
    if (!items)
        return sv_arena_fail(arena, t->shape[dim] * sizeof *items, err);
    for (size_t k = 0; !st && k < t->shape[dim]; k++)
        st = slice_value(t, dim + 1, i, arena, &items[k], err);
    *out = (sv_value){.kind = SV_VALUE_LIST, .n = t->shape[dim], .u.items = items};
    return st;
}

savor_status sv_tensor_to_value(const sv_tensor *t, sv_arena *arena, sv_value *out, savor_error *err)
{
    size_t i = 0;
    return slice_value(t, 0, &i, arena, out, err);
}

savor_status sv_values_to_column(const sv_value *values, size_t n, int pandas_major, sv_arena *arena, sv_column *out,
                                 savor_error *err)
{
    sv_column objects = {.name = out->name, .dtype = SAVOR_OBJECT, .data = values};
    return sv_column_infer(&objects, n, pandas_major, arena, out, err);
}
