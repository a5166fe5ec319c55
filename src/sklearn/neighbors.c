#include "sklearn/neighbors.h"

#include "base/alloc.h"
#include "engine/select.h"
#include "sklearn/attributes.h"
#include "sklearn/check.h"

#include <math.h>

static savor_status read_metric(const sv_record *object, sv_neighborhood *out, savor_error *err)
{
    static const struct {
        const char *name;
        sv_metric metric;
    } METRICS[] = {
        {"euclidean", SV_METRIC_EUCLIDEAN},   {"l2", SV_METRIC_EUCLIDEAN},
        {"manhattan", SV_METRIC_MANHATTAN},   {"cityblock", SV_METRIC_MANHATTAN},
        {"l1", SV_METRIC_MANHATTAN},          {"chebyshev", SV_METRIC_CHEBYSHEV},
        {"infinity", SV_METRIC_CHEBYSHEV},    {"minkowski", SV_METRIC_MINKOWSKI},
        {"p", SV_METRIC_MINKOWSKI},           {"canberra", SV_METRIC_CANBERRA},
        {"braycurtis", SV_METRIC_BRAYCURTIS}, {"cosine", SV_METRIC_COSINE},
        {"hamming", SV_METRIC_HAMMING},       {"sqeuclidean", SV_METRIC_SQEUCLIDEAN},
    };
    sv_str name = sv_attr_text(object, "effective_metric_");
    const sv_record *params = sv_record_find(object, "effective_metric_params_");
    if (!name.p)
        name = sv_attr_text(object, "metric");
    out->p = sv_attr_double_or(params, "p", sv_attr_double_or(object, "p", 2.0));
    for (size_t i = 0; i < sizeof METRICS / sizeof *METRICS; i++)
        if (sv_str_is(name, METRICS[i].name)) {
            out->metric = METRICS[i].metric;
            if (out->metric == SV_METRIC_MINKOWSKI && out->p == 2.0)
                out->metric = SV_METRIC_EUCLIDEAN;
            if (out->metric == SV_METRIC_MINKOWSKI && !sv_record_is_none(sv_record_find(params, "w")))
                break;
            return SAVOR_OK;
        }
    return sv_fail(err, SAVOR_UNSUPPORTED, "metric=%.*s of neighbors is not known", SV_FMT(name));
}

/* ---- trees ---- */

static savor_status bad_tree(const sv_record *object, savor_error *err)
{
    return sv_attr_fail(object, "_tree", "not a tree over the rows", err);
}

/* idx_array: which row stands where. */
static savor_status read_order(sv_loader *loader, const sv_record *object, const sv_record *r, size_t n_rows,
                               sv_neighbor_tree *t, savor_error *err)
{
    sv_tensor numbers;
    savor_status st = sv_record_doubles(r, loader->arena, &numbers, err);
    size_t *order = st ? NULL : sv_arena_array(loader->arena, n_rows, sizeof *order);
    if (st)
        return st;
    if (!order)
        return sv_arena_fail(loader->arena, n_rows * sizeof *order, err);
    if (numbers.n_items != n_rows)
        return bad_tree(object, err);
    for (size_t i = 0; i < n_rows; i++) {
        double at = ((const double *)numbers.data)[i];
        if (!(at >= 0 && at < (double)n_rows))
            return bad_tree(object, err);
        order[i] = (size_t)at;
    }
    t->order = order;
    return SAVOR_OK;
}

/* node_data: numbers into idx_array, whether it is a leaf, and how far its rows reach. */
static savor_status read_nodes(sv_loader *loader, const sv_record *object, const sv_array *array, size_t n_rows,
                               sv_neighbor_tree *t, savor_error *err)
{
    static const char *const NAMES[] = {"idx_start", "idx_end", "is_leaf", "radius"};
    const sv_array_field *fields[4];
    size_t n = array ? array->tensor.n_items : 0;
    sv_neighbor_node *nodes = sv_arena_array(loader->arena, n, sizeof *nodes);
    if (!nodes)
        return sv_arena_fail(loader->arena, n * sizeof *nodes, err);
    for (size_t i = 0; i < 4; i++)
        if (!(fields[i] = sv_array_find_field(array, NAMES[i])) ||
            fields[i]->dtype != (i < 3 ? SAVOR_INT64 : SAVOR_FLOAT64))
            return bad_tree(object, err);
    for (size_t i = 0; i < n; i++) {
        const char *node = (const char *)array->tensor.data + i * array->item_bytes;
        int64_t numbers[3];
        for (size_t k = 0; k < 3; k++)
            memcpy(&numbers[k], node + fields[k]->offset_bytes, sizeof numbers[k]);
        memcpy(&nodes[i].radius, node + fields[3]->offset_bytes, sizeof nodes[i].radius);
        if (numbers[0] < 0 || numbers[1] < numbers[0] || (uint64_t)numbers[1] > n_rows ||
            (!numbers[2] && 2 * i + 2 >= n))
            return bad_tree(object, err);
        nodes[i].first = (size_t)numbers[0];
        nodes[i].end = (size_t)numbers[1];
        nodes[i].is_leaf = numbers[2] != 0;
    }
    t->nodes = nodes;
    t->n_nodes = n;
    return n ? SAVOR_OK : bad_tree(object, err);
}

/* node_bounds: [2 x n_nodes x n_features] boxes, or [1 x ...] centers. */
static savor_status read_bounds(sv_loader *loader, const sv_record *object, const sv_record *r, bool is_box,
                                sv_neighbor_tree *t, savor_error *err)
{
    sv_tensor bounds;
    savor_status st = sv_record_doubles(r, loader->arena, &bounds, err);
    double *copy;
    if (st || (st = sv_batch_alloc(loader->arena, bounds.n_items, 1, &copy, err)))
        return st;
    if (bounds.n_dims != 3 || bounds.shape[0] != (is_box ? 2 : 1) || bounds.shape[1] != t->n_nodes ||
        bounds.shape[2] != t->n_features)
        return bad_tree(object, err);
    memcpy(copy, bounds.data, bounds.n_items * sizeof *copy);
    t->low = copy;
    t->high = is_box ? copy + t->n_nodes * t->n_features : NULL;
    return SAVOR_OK;
}

/* What KDTree and BallTree hand to pickle: data, idx_array, node_data, node_bounds and more. */
static savor_status read_tree(sv_loader *loader, const sv_record *object, sv_neighborhood *hood, savor_error *err)
{
    const sv_record *r = sv_record_find(object, "_tree");
    const sv_object *o = r && (r->kind == SV_RECORD_CALL || r->kind == SV_RECORD_OBJECT) ? r->u.object : NULL;
    size_t n;
    const sv_record *const *parts = o ? sv_record_items(o->state, &n) : NULL;
    sv_neighbor_tree *t = sv_arena_array(loader->arena, 1, sizeof *t);
    savor_status st;
    if (!t)
        return sv_arena_fail(loader->arena, sizeof *t, err);
    if (!parts || n < 4)
        return bad_tree(object, err);
    *t = (sv_neighbor_tree){.metric = hood->metric, .p = hood->p, .n_features = hood->n_features, .rows = hood->rows};
    bool is_box = sv_record_is_text(sv_record_find(object, "_fit_method"), "kd_tree");
    if ((st = read_order(loader, object, parts[1], hood->n_rows, t, err)) ||
        (st = read_nodes(loader, object, sv_record_array(parts[2]), hood->n_rows, t, err)) ||
        (st = read_bounds(loader, object, parts[3], is_box, t, err)))
        return st;
    hood->tree = t;
    return SAVOR_OK;
}

/* ---- rows ---- */

savor_status sv_neighborhood_load(sv_loader *loader, const sv_record *object, sv_neighborhood *out, savor_error *err)
{
    sv_tensor rows;
    savor_status st = read_metric(object, out, err);
    if (st)
        return st;
    if (sv_record_find(sv_record_find(object, "_fit_X"), "indptr"))
        return sv_fail(err, SAVOR_UNSUPPORTED, "neighbors among sparse rows are not known");
    if ((st = sv_attr_matrix(loader, object, "_fit_X", 0, 0, &rows, err)))
        return st;
    if (rows.n_items == 0)
        return sv_attr_fail(object, "_fit_X", "empty", err);
    out->rows = rows.data;
    out->n_rows = rows.shape[0];
    out->n_features = rows.shape[1];
    const sv_array *array = sv_record_array(sv_record_find(object, "_fit_X"));
    out->is_float32 = array && array->tensor.dtype == SAVOR_FLOAT32;
    out->is_float64 = array && array->tensor.dtype == SAVOR_FLOAT64;
    out->is_brute = sv_record_is_text(sv_record_find(object, "_fit_method"), "brute");
    return out->is_brute ? SAVOR_OK : read_tree(loader, object, out, err);
}

static double rank_of(const sv_neighborhood *h, const double *x, double norm, size_t at)
{
    const double *row = h->rows + at * h->n_features;
    if (!h->is_brute || (h->metric != SV_METRIC_EUCLIDEAN && h->metric != SV_METRIC_SQEUCLIDEAN))
        return sv_neighbor_rank(h->metric, h->p, x, row, h->n_features);
    return sv_distance_by_product(x, norm, row, h->n_features);
}

/* ---- all distances at once ---- */

savor_status sv_neighborhood_begin(const sv_neighborhood *hood, sv_release release, const sv_batch *in,
                                   sv_arena *arena, sv_neighborhood *out, savor_error *err)
{
    savor_dtype dtype = sv_check_dtype(in);
    bool is_float64 = dtype == SAVOR_FLOAT64 || dtype == SAVOR_OBJECT; /* which the check makes of objects */
    bool both_float64 = is_float64 && hood->is_float64;
    bool both_float32 = dtype == SAVOR_FLOAT32 && hood->is_float32 && !sv_release_is_before(release, 1, 2);
    bool is_known = hood->metric != SV_METRIC_COSINE && hood->metric != SV_METRIC_HAMMING;
    bool one_by_one = (both_float64 || both_float32) && is_known;
    *out = *hood;
    if (!hood->is_brute || (one_by_one && !sv_release_is_before(release, 1, 1)))
        return SAVOR_OK;
    out->is_alone = sv_batch_rows(in) == 1;
    out->are_floats = hood->metric == SV_METRIC_EUCLIDEAN && (hood->is_float32 || dtype == SAVOR_FLOAT32);
    out->is_numpy_1 = sv_release_is_before(release, 1, 5);
    out->order = sv_arena_array(arena, hood->n_rows, sizeof *out->order);
    if (!out->order)
        return sv_arena_fail(arena, hood->n_rows * sizeof *out->order, err);
    return sv_batch_alloc(arena, hood->n_rows, 1, &out->ranks, err);
}

static void rank_euclidean(const sv_neighborhood *h, const double *x)
{
    sv_rows row = {x, 1, h->n_features, false}, rows = {h->rows, h->n_rows, h->n_features, false};
    double norm = sv_row_norm(&row, 0);
    if (h->is_alone)
        sv_distances_by_matrix(&row, &rows, h->ranks);
    for (size_t i = 0; i < h->n_rows; i++) {
        if (!h->is_alone) {
            double d = -2.0 * sv_dot(x, h->rows + i * h->n_features, h->n_features) + norm + sv_row_norm(&rows, i);
            h->ranks[i] = d < 0.0 ? 0.0 : d;
        }
        if (h->are_floats)
            h->ranks[i] = (double)(float)h->ranks[i];
    }
}

/* As scipy has it: the sizes of the sums, not the sums of the sizes; 0 / 0 is no number. */
static double braycurtis(const double *x, const double *y, size_t n)
{
    double above = 0.0, below = 0.0;
    for (size_t i = 0; i < n; i++) {
        above += fabs(x[i] - y[i]);
        below += fabs(x[i] + y[i]);
    }
    return above / below;
}

static void rank_all(const sv_neighborhood *h, const double *x)
{
    size_t n = h->n_features;
    if (h->metric == SV_METRIC_EUCLIDEAN) {
        rank_euclidean(h, x);
        return;
    }
    for (size_t i = 0; i < h->n_rows; i++)
        h->ranks[i] = h->metric == SV_METRIC_BRAYCURTIS ? braycurtis(x, h->rows + i * n, n)
                                                        : sv_neighbor_rank(h->metric, h->p, x, h->rows + i * n, n);
}

static double distance_of(const sv_neighborhood *h, double rank)
{
    double distance = sv_neighbor_distance_of(h->metric, h->p, rank);
    return h->are_floats ? (double)(float)distance : distance;
}

static void select_nearest(const sv_neighborhood *h, const double *x, size_t k, sv_neighbor *out)
{
    sv_select_way way = h->is_numpy_1 ? SV_SELECT_NUMPY_1 : SV_SELECT_NUMPY_2;
    rank_all(h, x);
    for (size_t i = 0; i < h->n_rows; i++)
        h->order[i] = i;
    sv_arg_select(way, h->ranks, h->n_rows, k, h->order);
    sv_arg_sort(way, h->ranks, h->order, k);
    for (size_t i = 0; i < k; i++)
        out[i] = (sv_neighbor){distance_of(h, h->ranks[h->order[i]]), h->order[i]};
}

/* ---- asking ---- */

void sv_neighborhood_nearest(const sv_neighborhood *h, const double *x, size_t k, sv_neighbor *out)
{
    double norm = h->is_brute ? sv_length_squared(x, h->n_features) : 0.0;
    if (h->ranks) {
        select_nearest(h, x, k, out);
        return;
    }
    sv_neighbor_heap_clear(out, k);
    if (h->tree)
        sv_neighbor_tree_query(h->tree, x, k, out);
    for (size_t i = 0; !h->tree && i < h->n_rows; i++)
        sv_neighbor_heap_push(out, k, rank_of(h, x, norm, i), i);
    sv_neighbor_sort(out, k);
    for (size_t i = 0; i < k; i++)
        out[i].distance = sv_neighbor_distance_of(h->metric, h->p, out[i].distance);
}

size_t sv_neighborhood_within(const sv_neighborhood *h, const double *x, double radius, sv_neighbor *out)
{
    double norm = h->is_brute ? sv_length_squared(x, h->n_features) : 0.0;
    double limit = sv_neighbor_rank_of(h->metric, h->p, radius);
    size_t n = 0;
    if (h->ranks)
        rank_all(h, x);
    for (size_t i = 0; i < h->n_rows; i++) { /* a tree is gone through from left to right */
        size_t at = h->tree ? h->tree->order[i] : i;
        double rank = h->ranks ? h->ranks[at] : rank_of(h, x, norm, at);
        if (rank <= limit)
            out[n++] = (sv_neighbor){distance_of(h, rank), at};
    }
    return n;
}
