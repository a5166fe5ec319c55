/* label_propagation.c: LabelPropagation and LabelSpreading: the labels of the training rows, weighed by their kernels
 * or taken from the nearest of them. */
#include "base/alloc.h"
#include "sklearn/attributes.h"
#include "sklearn/check.h"
#include "sklearn/families.h"
#include "sklearn/neighbors.h"
#include "sklearn/pairwise_kernel.h"

typedef struct propagation {
    sv_estimator base;
    size_t n_classes;
    const double *labels; /* [n_rows x n_classes] label_distributions_ */
    sv_kernel_rows fit;   /* kernel rbf */
    sv_dense layer;       /* the labels, turned */
    size_t n_neighbors;   /* kernel knn; 0 else */
    sv_neighborhood hood;
} propagation;

/* ---- loading ---- */

static savor_status read_kernel(sv_loader *loader, const sv_record *object, propagation *self,
                                const sv_tensor *labels, savor_error *err)
{
    size_t n = labels->shape[0];
    double *turned;
    savor_status st = sv_kernel_rows_read(loader, object, "X_", self->base.n_features_in, &self->fit, err);
    if (st || (st = sv_pairwise_read(object, "kernel", self->fit.n_features, &self->fit.kernel, err)) ||
        (st = sv_batch_alloc(loader->arena, self->n_classes, n, &turned, err)))
        return st;
    if (self->fit.n_rows != n)
        return sv_attr_fail(object, "label_distributions_", "not one for each training row", err);
    for (size_t i = 0; i < n; i++)
        for (size_t c = 0; c < self->n_classes; c++)
            turned[c * n + i] = self->labels[i * self->n_classes + c];
    self->layer = (sv_dense){n, self->n_classes, turned, NULL};
    return sv_estimator_set_features(&self->base, object, self->fit.n_features, err);
}

static savor_status read_neighbors(sv_loader *loader, const sv_record *object, propagation *self,
                                   const sv_tensor *labels, savor_error *err)
{
    const sv_record *fit;
    int64_t n;
    savor_status st = sv_attr_get(object, "nn_fit", &fit, err);
    if (st || (st = sv_attr_int(fit, "n_neighbors", &n, err)) ||
        (st = sv_neighborhood_load(loader, fit, &self->hood, err)))
        return st;
    if (n < 1 || (uint64_t)n > self->hood.n_rows || self->hood.n_rows != labels->shape[0])
        return sv_attr_fail(object, "nn_fit", "not as many rows as labels", err);
    self->n_neighbors = (size_t)n;
    return sv_estimator_set_features(&self->base, object, self->hood.n_features, err);
}

static savor_status load(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                         const sv_estimator **out, savor_error *err)
{
    sv_estimator *base;
    sv_tensor labels;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(propagation), &base, err);
    propagation *self = (propagation *)base;
    if (st || (st = sv_attr_matrix(loader, object, "label_distributions_", 0, 0, &labels, err)))
        return st;
    self->n_classes = labels.shape[1];
    self->labels = labels.data;
    if (labels.n_items == 0 || base->classes.n_items != self->n_classes)
        return sv_attr_fail(object, "label_distributions_", "not one for each class", err);
    bool is_knn = sv_record_is_text(sv_record_find(object, "kernel"), "knn");
    if ((st = is_knn ? read_neighbors(loader, object, self, &labels, err)
                     : read_kernel(loader, object, self, &labels, err)))
        return st;
    *out = base;
    return SAVOR_OK;
}

/* ---- predicting ---- */

/* The kernels of the training rows with the rows that are asked for, turned. */
static savor_status weigh_kernels(const propagation *self, const sv_batch *in, sv_arena *arena, sv_tensor *out,
                                  savor_error *err)
{
    size_t n = self->fit.n_rows;
    bool is_float32;
    sv_rows x, fit = sv_kernel_rows_view(&self->fit);
    double *turned, *kernels, *sums;
    savor_status st = sv_kernel_rows_check(&self->base, &self->fit, in, arena, &x, &is_float32, err);
    if (st || (st = sv_batch_alloc(arena, n, x.n_rows, &turned, err)) ||
        (st = sv_batch_alloc(arena, x.n_rows, n, &kernels, err)) ||
        (st = sv_batch_alloc(arena, x.n_rows, self->n_classes, &sums, err)) ||
        (st = sv_kernels_compute(&self->fit.kernel, &fit, &x, arena, turned, err)))
        return st;
    for (size_t i = 0; i < n * x.n_rows; i++)
        kernels[i % x.n_rows * n + i / x.n_rows] = is_float32 ? (double)(float)turned[i] : turned[i];
    sv_dense_predict_columns(&self->layer, kernels, x.n_rows, sums);
    *out = sv_tensor_view(SAVOR_FLOAT64, x.n_rows, self->n_classes, sums);
    return SAVOR_OK;
}

static savor_status add_neighbors(const propagation *self, const sv_batch *in, sv_arena *arena, sv_tensor *out,
                                  savor_error *err)
{
    sv_tensor x;
    double *sums;
    sv_neighborhood hood;
    sv_neighbor *near = sv_arena_array(arena, self->n_neighbors, sizeof *near);
    savor_status st = sv_check_dense(&self->base, in, SV_CHECK_NUMERIC, arena, &x, err);
    if (st || (st = sv_neighborhood_begin(&self->hood, self->base.release, in, arena, &hood, err)) ||
        (st = sv_batch_alloc(arena, x.shape[0], self->n_classes, &sums, err)))
        return st;
    if (!near)
        return sv_arena_fail(arena, self->n_neighbors * sizeof *near, err);
    memset(sums, 0, x.shape[0] * self->n_classes * sizeof *sums);
    for (size_t r = 0; r < x.shape[0]; r++) {
        sv_neighborhood_nearest(&hood, (const double *)x.data + r * x.shape[1], self->n_neighbors, near);
        for (size_t i = 0; i < self->n_neighbors; i++)
            for (size_t c = 0; c < self->n_classes; c++)
                sums[r * self->n_classes + c] += self->labels[near[i].at * self->n_classes + c];
    }
    *out = sv_tensor_view(SAVOR_FLOAT64, x.shape[0], self->n_classes, sums);
    return SAVOR_OK;
}

/* A row that is far from all has no sum to divide by: NaN. */
static savor_status predict_proba(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                  savor_error *err)
{
    const propagation *self = (const propagation *)base;
    sv_tensor weights = {0};
    savor_status st = self->n_neighbors ? add_neighbors(self, in, arena, &weights, err)
                                        : weigh_kernels(self, in, arena, &weights, err);
    double *proba;
    if (st || (st = sv_batch_alloc(arena, weights.shape[0], self->n_classes, &proba, err)))
        return st;
    for (size_t r = 0; r < weights.shape[0]; r++) {
        const double *row = (const double *)weights.data + r * self->n_classes;
        double sum = sv_pairwise_sum(row, self->n_classes);
        for (size_t c = 0; c < self->n_classes; c++)
            proba[r * self->n_classes + c] = row[c] / sum;
    }
    *out = sv_batch_of_doubles(proba, weights.shape[0], self->n_classes);
    return SAVOR_OK;
}

static savor_status predict(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                            savor_error *err)
{
    sv_batch proba;
    savor_status st = predict_proba(base, in, arena, &proba, err);
    return st ? st : sv_take_argmax(&base->classes, proba.tensor.data, proba.tensor.shape[0], arena, out, err);
}

#define ROW(text)                                \
    {                                            \
        .name = text, .load = load, .methods = { \
            [SV_PREDICT] = predict,              \
            [SV_PREDICT_PROBA] = predict_proba,  \
        }                                        \
    }

const sv_estimator_class sv_label_propagations[] = {
    ROW("LabelPropagation"),
    ROW("LabelSpreading"),
    {.name = NULL},
};
