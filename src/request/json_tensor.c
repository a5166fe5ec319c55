#include "request/json_tensor.h"

#include "base/alloc.h"
#include "data/convert.h"
#include "data/datetime.h"
#include "data/infer.h"
#include "model/json_value.h"

/* ---- shape ---- */

/* The shape that the first elements suggest; whether all others agree is seen when they are gathered. */
static savor_status find_shape(const sv_json *v, sv_tensor *t, savor_error *err)
{
    t->n_dims = 0;
    t->n_items = 1;
    while (v->kind == SV_JSON_ARRAY) {
        if (t->n_dims == SV_TENSOR_DIMS_MAX)
            return sv_fail(err, SAVOR_BAD_REQUEST, "the array has more than %d dimensions", SV_TENSOR_DIMS_MAX);
        t->shape[t->n_dims++] = v->n;
        if (!sv_mul(t->n_items, v->n, &t->n_items))
            return sv_fail(err, SAVOR_LIMIT, "the array has too many elements");
        if (v->n == 0)
            return SAVOR_OK;
        v = v + 1;
    }
    return SAVOR_OK;
}

/* The elements of a tensor in the making. */
typedef struct gatherer {
    sv_tensor *t;
    const sv_json **leaves;
    size_t n;
    bool is_ragged;
    bool takes_lists; /* as elements */
    sv_arena *arena;
    savor_error *err;
} gatherer;

/* Recursion is bounded by SV_TENSOR_DIMS_MAX. */
static void gather(gatherer *g, const sv_json *v, uint32_t dim)
{
    if (dim == g->t->n_dims) {
        if ((v->kind == SV_JSON_ARRAY && !g->takes_lists) || g->n == g->t->n_items)
            g->is_ragged = true;
        else
            g->leaves[g->n++] = v;
        return;
    }
    if (v->kind != SV_JSON_ARRAY || v->n != g->t->shape[dim]) {
        g->is_ragged = true;
        return;
    }
    const sv_json *item = v + 1;
    for (uint32_t i = 0; i < v->n && !g->is_ragged; i++, item = sv_json_next(item))
        gather(g, item, dim + 1);
}

static savor_status new_leaves(gatherer *g)
{
    g->leaves = sv_arena_array(g->arena, g->t->n_items, sizeof *g->leaves);
    return g->leaves ? SAVOR_OK : sv_arena_fail(g->arena, g->t->n_items * sizeof *g->leaves, g->err);
}

/* Keep the dimensions in which everything agrees. Recursion is bounded by SV_TENSOR_DIMS_MAX. */
static void cut_dims(sv_tensor *t, const sv_json *v, uint32_t dim)
{
    if (dim >= t->n_dims)
        return;
    if (v->kind != SV_JSON_ARRAY || v->n != t->shape[dim]) {
        t->n_dims = dim;
        return;
    }
    const sv_json *item = v + 1;
    for (uint32_t i = 0; i < v->n && dim + 1 < t->n_dims; i++, item = sv_json_next(item))
        cut_dims(t, item, dim + 1);
}

/* An object array of what is ragged, with lists as its elements: numpy before 1.24, or told to make objects. */
static savor_status gather_objects(gatherer *g, const sv_json *const *cells, size_t n)
{
    for (size_t i = 0; i < n; i++)
        cut_dims(g->t, cells[i], 1);
    g->t->n_items = 1;
    for (uint32_t i = 0; i < g->t->n_dims; i++) /* no more than there are nodes: all agree */
        g->t->n_items *= g->t->shape[i];
    savor_status st = new_leaves(g);
    g->n = 0;
    g->is_ragged = false;
    g->takes_lists = true;
    for (size_t i = 0; !st && i < n; i++)
        gather(g, cells[i], 1);
    g->is_ragged = true;
    return st;
}

/* The shape of the first cell under a dimension of `n`. */
static savor_status set_shape(gatherer *g, const sv_json *first, size_t n)
{
    sv_tensor inner = {.n_items = 1};
    savor_status st = first ? find_shape(first, &inner, g->err) : SAVOR_OK;
    if (!st && (inner.n_dims == SV_TENSOR_DIMS_MAX || !sv_mul(inner.n_items, n, &g->t->n_items)))
        st = sv_fail(g->err, SAVOR_BAD_REQUEST, "the array has more than %d dimensions", SV_TENSOR_DIMS_MAX);
    g->t->n_dims = inner.n_dims + 1;
    if (st)
        return st;
    g->t->shape[0] = n;
    memcpy(g->t->shape + 1, inner.shape, inner.n_dims * sizeof *inner.shape);
    return SAVOR_OK;
}

static savor_status gather_cells(gatherer *g, const sv_json *const *cells, size_t n, bool takes_ragged)
{
    size_t n_nodes = 0;
    savor_status st = set_shape(g, n ? cells[0] : NULL, n);
    if (st)
        return st;
    for (size_t i = 0; i < n; i++)
        n_nodes += cells[i]->kind >= SV_JSON_ARRAY ? cells[i]->u.size : 1;
    g->is_ragged = g->t->n_items > n_nodes; /* whatever the first cell promises */
    if (!g->is_ragged && (st = new_leaves(g)))
        return st;
    for (size_t i = 0; i < n && !g->is_ragged; i++)
        gather(g, cells[i], 1);
    if (!g->is_ragged)
        return SAVOR_OK;
    return takes_ragged ? gather_objects(g, cells, n)
                        : sv_fail(g->err, SAVOR_BAD_REQUEST, "the array is ragged: its rows differ in length");
}

/* ---- element type ---- */

static unsigned see_leaf(const sv_json *v)
{
    static const unsigned SEEN[] = {
        [SV_JSON_NULL] = SV_SEEN_NULL,    [SV_JSON_FALSE] = SV_SEEN_BOOL,  [SV_JSON_TRUE] = SV_SEEN_BOOL,
        [SV_JSON_DOUBLE] = SV_SEEN_FLOAT, [SV_JSON_STRING] = SV_SEEN_TEXT, [SV_JSON_ARRAY] = SV_SEEN_OTHER,
        [SV_JSON_OBJECT] = SV_SEEN_OTHER,
    };
    if (v->kind == SV_JSON_INT)
        return v->u.i < 0 ? SV_SEEN_INT | SV_SEEN_NEGATIVE : SV_SEEN_INT;
    return v->kind == SV_JSON_BIGINT ? sv_see_big_integer(sv_json_text(v)) : SEEN[v->kind];
}

/* numpy's promotion, which is not pandas': bool and int make int, None and dicts make objects, text wins over
 * numbers. */
static savor_dtype promote(unsigned seen)
{
    if (seen == 0)
        return SAVOR_FLOAT64;
    if (seen & (SV_SEEN_NULL | SV_SEEN_OTHER | SV_SEEN_HUGE))
        return SAVOR_OBJECT;
    if (seen & SV_SEEN_TEXT)
        return SAVOR_STRING;
    if (seen & SV_SEEN_FLOAT)
        return SAVOR_FLOAT64;
    if (seen & SV_SEEN_UINT)
        return seen & SV_SEEN_INT ? SAVOR_FLOAT64 : SAVOR_UINT64;
    return seen & SV_SEEN_INT ? SAVOR_INT64 : SAVOR_BOOL;
}

/* What numpy gives text beside numbers: the room of the longest number of their type. The order of the elements
 * counts: numbers before the first text are promoted together. */
static size_t count_text_chars(const sv_json *const *leaves, size_t n)
{
    static const size_t CHARS[] = {[SAVOR_BOOL] = 5, [SAVOR_INT64] = 21, [SAVOR_UINT64] = 20, [SAVOR_FLOAT64] = 32};
    unsigned before = 0;
    size_t most = 0, i = 0;
    for (; i < n && leaves[i]->kind != SV_JSON_STRING; i++)
        before |= see_leaf(leaves[i]);
    if (before)
        most = CHARS[promote(before)];
    for (; i < n; i++) {
        size_t chars = leaves[i]->kind == SV_JSON_STRING ? 0 : CHARS[promote(see_leaf(leaves[i]))];
        most = chars > most ? chars : most;
    }
    return most;
}

/* Plain JSON numbers to doubles, the common case. */
static bool fill_doubles(const sv_json *const *leaves, size_t n, double *out)
{
    for (size_t i = 0; i < n; i++) {
        if (leaves[i]->kind == SV_JSON_DOUBLE)
            out[i] = leaves[i]->u.f;
        else if (leaves[i]->kind == SV_JSON_INT)
            out[i] = (double)leaves[i]->u.i;
        else
            return false;
    }
    return true;
}

static savor_status fill_values(const sv_json *const *leaves, size_t n, savor_dtype dtype, bool wraps,
                                sv_arena *arena, const void **out, savor_error *err)
{
    savor_status st = SAVOR_OK;
    char kind = sv_dtype_kind(dtype);
    sv_value *values = sv_column_alloc(arena, SAVOR_OBJECT, n);
    if (!values)
        return sv_arena_fail(arena, n * sizeof *values, err);
    for (size_t i = 0; !st && i < n; i++)
        st = sv_json_to_value(leaves[i], arena, &values[i], err);
    if (st)
        return st;
    bool fits = !wraps && (kind == 'i' || kind == 'u');
    return (fits ? sv_items_to_integers : sv_items_cast)(SAVOR_OBJECT, values, n, dtype, arena, out, err);
}

/* MLflow 1.x asks numpy for datetime64 without a unit: numbers have none. */
static savor_status check_times(const sv_json *const *leaves, size_t n, savor_error *err)
{
    size_t n_texts = 0;
    sv_datetime time;
    for (size_t i = 0; i < n; i++) {
        if (leaves[i]->kind != SV_JSON_STRING && leaves[i]->kind != SV_JSON_NULL)
            return sv_fail(err, SAVOR_BAD_REQUEST, "Converting an integer to a NumPy datetime requires a unit");
        if (leaves[i]->kind == SV_JSON_STRING && !sv_text_to_datetime(sv_json_text(leaves[i]), &time))
            return sv_fail(err, SAVOR_BAD_REQUEST, "element %zu is no date between 1677 and 2262", i);
        n_texts += leaves[i]->kind == SV_JSON_STRING && leaves[i]->n;
    }
    if (n_texts == 0)
        return sv_fail(err, SAVOR_BAD_REQUEST, "no date tells the unit of these datetimes");
    return SAVOR_OK;
}

static savor_status fill_tensor(const sv_json *const *leaves, bool is_ragged, const sv_json_tensor_rules *rules,
                                sv_arena *arena, sv_tensor *out, savor_error *err)
{
    unsigned seen = is_ragged ? SV_SEEN_OTHER : 0;
    savor_status st = SAVOR_OK;
    for (size_t i = 0; !rules->dtype && i < out->n_items; i++)
        seen |= see_leaf(leaves[i]);
    out->dtype = rules->dtype ? *rules->dtype : promote(seen);
    bool is_promoted = !rules->dtype && out->dtype == SAVOR_STRING;
    out->text_chars = is_promoted ? count_text_chars(leaves, out->n_items) : 0;
    double *doubles = out->dtype == SAVOR_FLOAT64 ? sv_column_alloc(arena, SAVOR_FLOAT64, out->n_items) : NULL;
    if (doubles && fill_doubles(leaves, out->n_items, doubles)) {
        out->data = doubles;
        return SAVOR_OK;
    }
    if (out->dtype == SAVOR_DATETIME_NS && rules->needs_time_unit)
        st = check_times(leaves, out->n_items, err);
    return st ? st : fill_values(leaves, out->n_items, out->dtype, rules->wraps_integers, arena, &out->data, err);
}

savor_status sv_json_cells_to_tensor(const sv_json *const *cells, size_t n, const sv_json_tensor_rules *rules,
                                     sv_arena *arena, sv_tensor *out, savor_error *err)
{
    gatherer g = {.t = out, .arena = arena, .err = err};
    bool takes_ragged = rules->dtype ? *rules->dtype == SAVOR_OBJECT : rules->ragged_makes_objects;
    savor_status st = gather_cells(&g, cells, n, takes_ragged);
    return st ? st : fill_tensor(g.leaves, g.is_ragged, rules, arena, out, err);
}

savor_status sv_json_to_tensor(const sv_json *v, const sv_json_tensor_rules *rules, sv_arena *arena, sv_tensor *out,
                               savor_error *err)
{
    if (v->kind != SV_JSON_ARRAY) {
        *out = (sv_tensor){.n_items = 1};
        return fill_tensor(&v, false, rules, arena, out, err);
    }
    const sv_json **cells = sv_arena_array(arena, v->n, sizeof *cells), *item = v + 1;
    if (!cells)
        return sv_arena_fail(arena, v->n * sizeof *cells, err);
    for (uint32_t i = 0; i < v->n; i++, item = sv_json_next(item))
        cells[i] = item;
    return sv_json_cells_to_tensor(cells, v->n, rules, arena, out, err);
}
