/* feature_agglomeration.c: FeatureAgglomeration: the features of a cluster become one. */
#include "base/alloc.h"
#include "sklearn/attributes.h"
#include "sklearn/check.h"
#include "sklearn/families.h"
#include "sklearn/pairwise_kernel.h"

#include <stdlib.h>

typedef double (*pool_fn)(double *values, size_t n);

typedef struct agglomeration {
    sv_estimator base;
    size_t n_clusters;
    const size_t *labels; /* [n_features_in] the cluster of each feature */
    pool_fn pool;
    bool keeps_float32;
} agglomeration;

/* ---- what numpy makes of some numbers ---- */

static double pool_sum(double *values, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += values[i];
    return sum;
}

static double pool_mean(double *values, size_t n) { return pool_sum(values, n) / (double)n; }

static double pool_max(double *values, size_t n)
{
    double best = values[0];
    for (size_t i = 1; i < n; i++)
        best = values[i] > best ? values[i] : best;
    return best;
}

static double pool_min(double *values, size_t n)
{
    double best = values[0];
    for (size_t i = 1; i < n; i++)
        best = values[i] < best ? values[i] : best;
    return best;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double pool_median(double *values, size_t n)
{
    qsort(values, n, sizeof *values, compare_doubles);
    return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2.0;
}

/* ---- loading ---- */

/* numpy's functions by their names; some have two. */
static savor_status read_pool(const sv_record *object, agglomeration *self, savor_error *err)
{
    static const struct {
        const char *name;
        pool_fn pool;
    } POOLS[] = {{"mean", pool_mean}, {"median", pool_median}, {"amax", pool_max}, {"max", pool_max},
                 {"amin", pool_min},  {"min", pool_min},       {"sum", pool_sum}};
    const sv_record *r = sv_record_find(object, "pooling_func");
    sv_str module = r && r->kind == SV_RECORD_GLOBAL ? r->u.global.module : (sv_str){NULL, 0};
    for (size_t i = 0; sv_str_starts(module, SV_STR("numpy")) && i < sizeof POOLS / sizeof *POOLS; i++)
        if (sv_str_is(r->u.global.name, POOLS[i].name)) {
            self->pool = POOLS[i].pool;
            self->keeps_float32 = self->pool == pool_max || self->pool == pool_min;
            return SAVOR_OK;
        }
    return sv_fail(err, SAVOR_UNSUPPORTED, "FeatureAgglomeration with this pooling_func is not known");
}

/* labels_: every cluster from 0 on has a feature. */
static savor_status read_labels(sv_loader *loader, const sv_record *object, agglomeration *self, savor_error *err)
{
    sv_tensor found;
    savor_status st = sv_attr_doubles(loader, object, "labels_", &found, err);
    if (st || (st = sv_estimator_set_features(&self->base, object, found.n_items, err)))
        return st;
    size_t *labels = sv_arena_array(loader->arena, found.n_items, sizeof *labels), n_seen = 0;
    bool *is_seen = sv_arena_array(loader->arena, found.n_items, sizeof *is_seen);
    if (!labels || !is_seen)
        return sv_arena_fail(loader->arena, found.n_items * sizeof *labels, err);
    for (size_t i = 0; i < found.n_items; i++) {
        double label = ((const double *)found.data)[i];
        if (!(label >= 0 && label < (double)found.n_items))
            return sv_attr_fail(object, "labels_", "a cluster that is none", err);
        labels[i] = (size_t)label;
        self->n_clusters = labels[i] + 1 > self->n_clusters ? labels[i] + 1 : self->n_clusters;
        n_seen += !is_seen[labels[i]];
        is_seen[labels[i]] = true;
    }
    self->labels = labels;
    return n_seen == self->n_clusters ? SAVOR_OK : sv_attr_fail(object, "labels_", "a cluster without features", err);
}

static savor_status load(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                         const sv_estimator **out, savor_error *err)
{
    sv_estimator *base;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(agglomeration), &base, err);
    agglomeration *self = (agglomeration *)base;
    if (st || (st = read_labels(loader, object, self, err)) || (st = read_pool(object, self, err)))
        return st;
    *out = base;
    return SAVOR_OK;
}

/* ---- transforming ---- */

static savor_status transform(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                              savor_error *err)
{
    const agglomeration *self = (const agglomeration *)base;
    unsigned flags = SV_CHECK_NUMERIC | (self->keeps_float32 ? SV_CHECK_KEEP_FLOAT32 : 0);
    size_t n = base->n_features_in;
    sv_batch x = {.kind = SV_BATCH_TENSOR};
    sv_tensor rows;
    double *answer, *values;
    savor_status st = sv_check_dense(base, in, flags, arena, &x.tensor, err);
    if (st || (st = sv_batch_to_floats(&x, SAVOR_FLOAT64, arena, &rows, err)) ||
        (st = sv_batch_alloc(arena, rows.shape[0], self->n_clusters, &answer, err)) ||
        (st = sv_batch_alloc(arena, n, 1, &values, err)))
        return st;
    for (size_t r = 0; r < rows.shape[0]; r++)
        for (size_t k = 0; k < self->n_clusters; k++) {
            size_t n_values = 0;
            for (size_t i = 0; i < n; i++)
                if (self->labels[i] == k)
                    values[n_values++] = ((const double *)rows.data)[r * n + i];
            answer[r * self->n_clusters + k] = self->pool(values, n_values);
        }
    *out = sv_batch_of_doubles(answer, rows.shape[0], self->n_clusters);
    return x.tensor.dtype == SAVOR_FLOAT32 ? sv_batch_to_float32(out, arena, err) : SAVOR_OK;
}

const sv_estimator_class sv_feature_agglomerations[] = {
    {.name = "FeatureAgglomeration", .load = load, .methods = {[SV_TRANSFORM] = transform}},
    {.name = NULL},
};
