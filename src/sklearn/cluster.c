/* cluster.c: clusterers that can say where a new row belongs: the nearest center, or down a tree of halves. */
#include "base/alloc.h"
#include "engine/distance.h"
#include "sklearn/attributes.h"
#include "sklearn/check.h"
#include "sklearn/families.h"
#include "sklearn/sparse_attribute.h"

#include <math.h>

/* One halving of BisectingKMeans; nodes lie in an array, children behind their parent. */
typedef struct half {
    size_t left, right; /* 0: a leaf */
    int32_t label;
    double *center; /* [n_features]; those of all nodes lie side by side */
} half;

typedef struct cluster {
    sv_estimator base;
    size_t n_centers, n_features; /* affinity propagation that did not converge has no centers: -1 for all */
    const double *centers;        /* [n_centers x n_features] */
    const int64_t *labels;        /* [n_centers] the label of each; NULL: its number */
    bool is_kmeans;               /* answers int32, and takes no rows of another precision than its centers' */
    bool is_float32;              /* the centers were */
    bool is_sparse;               /* the centers are: distances are compared by their roots */
    size_t n_halves;
    half *halves; /* BisectingKMeans */
} cluster;

/* ---- loading ---- */

static savor_status load_centers(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                 const char *attribute, cluster **out, savor_error *err)
{
    sv_estimator *base;
    sv_tensor centers;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(cluster), &base, err);
    cluster *self = (cluster *)base;
    *out = self;
    if (st || (st = sv_attr_doubles(loader, object, attribute, &centers, err)))
        return st;
    if (centers.n_dims != 2 || centers.n_items == 0)
        return sv_attr_fail(object, attribute, "empty", err);
    self->n_centers = centers.shape[0];
    self->n_features = centers.shape[1];
    self->centers = centers.data;
    const sv_array *array = sv_record_array(sv_record_find(object, attribute));
    self->is_float32 = array && array->tensor.dtype == SAVOR_FLOAT32;
    return sv_estimator_set_features(base, object, self->n_features, err);
}

/* Centers are training rows, sparse ones where those were. */
static savor_status load_affinity(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                  const sv_estimator **out, savor_error *err)
{
    static const char *const NAME = "cluster_centers_";
    sv_estimator *base;
    sv_tensor centers;
    sv_sparse rows;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(cluster), &base, err);
    cluster *self = (cluster *)base;
    if (st)
        return st;
    self->is_sparse = sv_attr_is_sparse(object, NAME);
    if (self->is_sparse) {
        if ((st = sv_attr_sparse(loader, object, NAME, 0, &rows, err)) ||
            (st = sv_sparse_to_dense(&rows, loader->arena, &centers, err)))
            return st;
    } else if ((st = sv_attr_doubles(loader, object, NAME, &centers, err))) {
        return st;
    }
    if (centers.n_dims != 2 || centers.shape[1] == 0)
        return sv_attr_fail(object, NAME, "not rows of features", err);
    self->n_centers = centers.shape[0];
    self->n_features = centers.shape[1];
    self->centers = centers.data;
    *out = base;
    return sv_estimator_set_features(base, object, self->n_features, err);
}

static savor_status load_plain(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                               const sv_estimator **out, savor_error *err)
{
    cluster *self;
    savor_status st = load_centers(loader, cls, object, "cluster_centers_", &self, err);
    if (!st)
        *out = &self->base;
    return st;
}

static savor_status load_kmeans(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                const sv_estimator **out, savor_error *err)
{
    cluster *self;
    savor_status st = load_centers(loader, cls, object, "cluster_centers_", &self, err);
    if (st)
        return st;
    self->is_kmeans = true;
    *out = &self->base;
    return SAVOR_OK;
}

static savor_status load_birch(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                               const sv_estimator **out, savor_error *err)
{
    cluster *self;
    const double *labels;
    int64_t *numbers;
    savor_status st = load_centers(loader, cls, object, "subcluster_centers_", &self, err);
    if (st || (st = sv_attr_vector(loader, object, "subcluster_labels_", self->n_centers, &labels, err)))
        return st;
    if (!(numbers = sv_arena_array(loader->arena, self->n_centers, sizeof *numbers)))
        return sv_arena_fail(loader->arena, self->n_centers * sizeof *numbers, err);
    for (size_t i = 0; i < self->n_centers; i++) {
        if (!(fabs(labels[i]) < 9e15))
            return sv_attr_fail(object, "subcluster_labels_", "no number of a cluster", err);
        numbers[i] = (int64_t)labels[i];
    }
    self->labels = numbers;
    *out = &self->base;
    return SAVOR_OK;
}

/* Center of a node plus the mean that was taken off before the fit. */
static savor_status read_half(sv_loader *loader, const cluster *self, const sv_record *node, const double *mean,
                              half *out, savor_error *err)
{
    const double *center;
    savor_status st;
    out->label = (int32_t)sv_attr_int_or(node, "label", -1);
    if ((st = sv_attr_vector(loader, node, "center", self->n_features, &center, err)))
        return st;
    for (size_t i = 0; i < self->n_features; i++) {
        double sum = mean ? center[i] + mean[i] : center[i];
        out->center[i] = self->is_float32 ? (double)(float)sum : sum;
    }
    return SAVOR_OK;
}

/* The tree breadth first: a queue of records beside the array of nodes. */
static savor_status load_bisecting(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                   const sv_estimator **out, savor_error *err)
{
    cluster *self;
    const double *mean = NULL;
    const sv_record *tree;
    savor_status st = load_centers(loader, cls, object, "cluster_centers_", &self, err);
    if (st || (st = sv_attr_get(object, "_bisecting_tree", &tree, err)) ||
        (sv_record_find(object, "_X_mean") &&
         (st = sv_attr_vector(loader, object, "_X_mean", self->n_features, &mean, err))))
        return st;
    size_t n_max = 2 * self->n_centers, n = 1; /* a tree of n leaves has 2 n - 1 nodes */
    const sv_record **queue = sv_arena_array(loader->arena, n_max, sizeof *queue);
    half *halves = sv_arena_array(loader->arena, n_max, sizeof *halves);
    double *centers;
    if ((st = sv_batch_alloc(loader->arena, n_max, self->n_features, &centers, err)))
        return st;
    if (!queue || !halves)
        return sv_arena_fail(loader->arena, n_max * sizeof *halves, err);
    queue[0] = tree;
    for (size_t i = 0; i < n; i++) {
        const sv_record *left = sv_record_find(queue[i], "left"), *right = sv_record_find(queue[i], "right");
        halves[i].center = centers + i * self->n_features;
        if ((st = read_half(loader, self, queue[i], mean, &halves[i], err)))
            return st;
        if (sv_record_is_none(left))
            continue;
        if (sv_record_is_none(right) || n + 2 > n_max)
            return sv_attr_fail(object, "_bisecting_tree", "more nodes than clusters make", err);
        halves[i].left = n;
        halves[i].right = n + 1;
        queue[n++] = left;
        queue[n++] = right;
    }
    self->halves = halves;
    self->n_halves = n;
    self->is_kmeans = true;
    *out = &self->base;
    return SAVOR_OK;
}

/* ---- predicting ---- */

static int64_t label_of(const cluster *self, const double *row, bool by_root)
{
    size_t at = 0, n = self->n_features;
    if (self->n_centers == 0)
        return -1;
    if (!self->halves) {
        const sv_rows centers = {self->centers, self->n_centers, n, false};
        at = self->is_kmeans ? sv_nearest_center(row, &centers, self->is_float32)
                             : sv_nearest_by_product(row, self->centers, self->n_centers, n, by_root);
        return self->labels ? self->labels[at] : (int64_t)at;
    }
    while (self->halves[at].left) { /* children lie behind their parent, so this ends */
        const half *h = &self->halves[at];
        const sv_rows both = {self->halves[h->left].center, 2, n, false}; /* they lie side by side */
        at = h->left + sv_nearest_center(row, &both, self->is_float32);
    }
    return self->halves[at].label;
}

/* Rows as doubles; the k-means refuse rows that are float32 when the centers are not, and the other way round. */
static savor_status rows_of(const cluster *self, const sv_batch *in, sv_arena *arena, sv_tensor *out,
                            savor_error *err)
{
    sv_batch x = {.kind = SV_BATCH_TENSOR};
    unsigned flags = self->is_kmeans ? SV_CHECK_KEEP_FLOAT32 : SV_CHECK_NUMERIC;
    savor_status st = sv_check_dense(&self->base, in, flags, arena, &x.tensor, err);
    if (st)
        return st;
    if (self->is_kmeans && (x.tensor.dtype == SAVOR_FLOAT32) != self->is_float32)
        return sv_fail(err, SAVOR_MODEL, "Buffer dtype mismatch, expected '%s' but got '%s'",
                       self->is_float32 ? "double" : "float", self->is_float32 ? "float" : "double");
    return sv_batch_to_floats(&x, SAVOR_FLOAT64, arena, out, err);
}

static savor_status predict(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                            savor_error *err)
{
    const cluster *self = (const cluster *)base;
    savor_dtype dtype = self->is_kmeans ? SAVOR_INT32 : SAVOR_INT64;
    sv_tensor x;
    savor_status st = rows_of(self, in, arena, &x, err);
    if (st)
        return st;
    size_t n_rows = x.shape[0];
    bool by_root = self->is_sparse || sv_is_fortran(in);
    void *labels = sv_arena_array(arena, n_rows, sv_dtype_size(dtype));
    if (!labels)
        return sv_arena_fail(arena, n_rows * sv_dtype_size(dtype), err);
    for (size_t r = 0; r < n_rows; r++) {
        int64_t label = label_of(self, (const double *)x.data + r * self->n_features, by_root);
        if (self->is_kmeans)
            ((int32_t *)labels)[r] = (int32_t)label;
        else
            ((int64_t *)labels)[r] = label;
    }
    *out = (sv_batch){.kind = SV_BATCH_TENSOR, .tensor = sv_tensor_view(dtype, n_rows, 0, labels)};
    return SAVOR_OK;
}

/* Distances to all centers. */
static savor_status transform(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                              savor_error *err)
{
    const cluster *self = (const cluster *)base;
    sv_tensor x;
    double *distances;
    savor_status st = sv_check_dense(base, in, 0, arena, &x, err);
    if (st || (st = sv_batch_alloc(arena, x.shape[0], self->n_centers, &distances, err)))
        return st;
    sv_rows rows = {x.data, x.shape[0], x.shape[1], sv_is_fortran(in)};
    sv_rows centers = {self->centers, self->n_centers, self->n_features, false};
    sv_distances_by_matrix(&rows, &centers, distances);
    for (size_t i = 0; i < x.shape[0] * self->n_centers; i++)
        distances[i] = sqrt(distances[i]);
    *out = sv_batch_of_doubles(distances, x.shape[0], self->n_centers);
    return SAVOR_OK;
}

const sv_estimator_class sv_clusters[] = {
    {.name = "AffinityPropagation", .load = load_affinity, .methods = {[SV_PREDICT] = predict}},
    {.name = "Birch", .load = load_birch, .methods = {[SV_PREDICT] = predict, [SV_TRANSFORM] = transform}},
    {.name = "BisectingKMeans",
     .load = load_bisecting,
     .methods = {[SV_PREDICT] = predict, [SV_TRANSFORM] = transform}},
    {.name = "KMeans", .load = load_kmeans, .methods = {[SV_PREDICT] = predict, [SV_TRANSFORM] = transform}},
    {.name = "MeanShift", .load = load_plain, .methods = {[SV_PREDICT] = predict}},
    {.name = "MiniBatchKMeans", .load = load_kmeans, .methods = {[SV_PREDICT] = predict, [SV_TRANSFORM] = transform}},
    {.name = NULL},
};
