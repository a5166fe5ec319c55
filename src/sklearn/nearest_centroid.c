/* nearest_centroid.c: NearestCentroid: the class whose middle is nearest. */
#include "base/alloc.h"
#include "engine/distance.h"
#include "sklearn/attributes.h"
#include "sklearn/check.h"
#include "sklearn/families.h"

#include <math.h>

typedef struct centroids {
    sv_estimator base;
    sv_metric metric;
    const double *centroids; /* [n_classes x n_features] */
} centroids;

static savor_status load_centroids(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                   const sv_estimator **out, savor_error *err)
{
    sv_estimator *base;
    sv_tensor rows, priors;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(centroids), &base, err);
    centroids *self = (centroids *)base;
    sv_str metric = sv_attr_text(object, "metric");
    size_t n_classes = st ? 0 : base->classes.n_items;
    if (st || (st = sv_attr_matrix(loader, object, "centroids_", n_classes, 0, &rows, err)))
        return st;
    if (n_classes == 0 || rows.n_items == 0)
        return sv_attr_fail(object, "classes_", "empty", err);
    if (!sv_str_is(metric, "euclidean") && !sv_str_is(metric, "manhattan"))
        return sv_fail(err, SAVOR_UNSUPPORTED, "NearestCentroid with metric=%.*s is not known", SV_FMT(metric));
    if (sv_record_find(object, "class_prior_") &&
        (st = sv_attr_doubles(loader, object, "class_prior_", &priors, err)))
        return st;
    for (size_t i = 0; sv_record_find(object, "class_prior_") && i < priors.n_items; i++)
        if (fabs(((const double *)priors.data)[i] - 1.0 / (double)n_classes) > 1e-8 + 1e-5 / (double)n_classes)
            return sv_fail(err, SAVOR_UNSUPPORTED, "NearestCentroid with priors is not known");
    self->metric = sv_str_is(metric, "manhattan") ? SV_METRIC_MANHATTAN : SV_METRIC_EUCLIDEAN;
    self->centroids = rows.data;
    if ((st = sv_estimator_set_features(base, object, rows.shape[1], err)))
        return st;
    *out = base;
    return SAVOR_OK;
}

static savor_status centroid_predict(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                     savor_error *err)
{
    const centroids *self = (const centroids *)base;
    sv_tensor x;
    savor_status st = sv_check_dense(base, in, SV_CHECK_NUMERIC, arena, &x, err);
    size_t n = base->n_features_in, *indices = st ? NULL : sv_arena_array(arena, x.shape[0], sizeof *indices);
    if (st)
        return st;
    if (!indices)
        return sv_arena_fail(arena, x.shape[0] * sizeof *indices, err);
    bool by_root = sv_is_fortran(in);
    for (size_t r = 0; r < x.shape[0]; r++) {
        const double *row = (const double *)x.data + r * n;
        indices[r] = self->metric == SV_METRIC_EUCLIDEAN
                         ? sv_nearest_by_product(row, self->centroids, base->classes.n_items, n, by_root)
                         : sv_nearest(self->metric, 1.0, row, self->centroids, base->classes.n_items, n);
    }
    return sv_take_labels(&base->classes, indices, x.shape[0], arena, out, err);
}

const sv_estimator_class sv_nearest_centroids[] = {
    {.name = "NearestCentroid", .load = load_centroids, .methods = {[SV_PREDICT] = centroid_predict}},
    {.name = NULL},
};
