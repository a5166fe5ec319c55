/* kernel_pca.c: KernelPCA and KernelCenterer: kernels with the training rows, centered as those were among each
 * other; then projected. */
#include "base/alloc.h"
#include "sklearn/attributes.h"
#include "sklearn/check.h"
#include "sklearn/families.h"
#include "sklearn/pairwise_kernel.h"

#include <math.h>

typedef struct centerer {
    size_t n;
    const double *means; /* [n] K_fit_rows_ */
    double mean;         /* K_fit_all_ */
} centerer;

typedef struct kernel_pca {
    sv_estimator base;
    bool is_precomputed; /* rows are kernels */
    sv_kernel_rows fit;
    centerer centerer;
    sv_dense layer;  /* n_in is the number of training rows */
    bool by_columns; /* numpy holds the projection, [n_in x n_out], in C order */
} kernel_pca;

typedef struct kernel_centerer {
    sv_estimator base;
    centerer centerer;
} kernel_centerer;

/* ---- loading ---- */

static savor_status read_centerer(sv_loader *loader, const sv_record *object, size_t n, centerer *out,
                                  savor_error *err)
{
    sv_tensor means;
    savor_status st = sv_attr_doubles(loader, object, "K_fit_rows_", &means, err);
    if (st || (st = sv_attr_double(object, "K_fit_all_", &out->mean, err)))
        return st;
    if (means.n_dims != 1 || means.n_items == 0 || (n && means.n_items != n))
        return sv_attr_fail(object, "K_fit_rows_", "not one for each training row", err);
    out->n = means.n_items;
    out->means = means.data;
    return SAVOR_OK;
}

/* eigenvectors_ / sqrt(eigenvalues_), turned; where an eigenvalue is 0, zeros. */
static savor_status read_projection(sv_loader *loader, const sv_record *object, kernel_pca *self, savor_error *err)
{
    size_t n = self->fit.n_rows, n_out;
    sv_tensor vectors;
    const double *values;
    double *weights;
    savor_status st = sv_attr_matrix(loader, object, "eigenvectors_", n, 0, &vectors, err);
    if (st)
        return st;
    n_out = vectors.shape[1];
    if (n_out == 0)
        return sv_attr_fail(object, "eigenvectors_", "without columns", err);
    if ((st = sv_attr_vector(loader, object, "eigenvalues_", n_out, &values, err)) ||
        (st = sv_batch_alloc(loader->arena, n_out, n, &weights, err)))
        return st;
    for (size_t i = 0; i < n; i++)
        for (size_t o = 0; o < n_out; o++) {
            double cell = ((const double *)vectors.data)[i * n_out + o];
            weights[o * n + i] = values[o] != 0.0 ? cell / sqrt(values[o]) : 0.0;
        }
    const sv_array *array = sv_record_array(sv_record_find(object, "eigenvectors_"));
    self->by_columns = !(array && array->by_columns) && n > 1 && n_out > 1;
    self->layer = (sv_dense){n, n_out, weights, NULL};
    return SAVOR_OK;
}

static savor_status load_pca(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                             const sv_estimator **out, savor_error *err)
{
    sv_estimator *base;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(kernel_pca), &base, err);
    kernel_pca *self = (kernel_pca *)base;
    if (st || (st = sv_kernel_rows_read(loader, object, "X_fit_", base->n_features_in, &self->fit, err)))
        return st;
    if (self->fit.is_float32) /* whose kernels cancel when they are centered */
        return sv_fail(err, SAVOR_UNSUPPORTED, "KernelPCA fitted with float32 is not known");
    self->is_precomputed = sv_record_is_text(sv_record_find(object, "kernel"), "precomputed");
    if (self->is_precomputed && self->fit.n_rows != self->fit.n_features)
        return sv_attr_fail(object, "X_fit_", "not one kernel for each pair of rows", err);
    if (!self->is_precomputed &&
        (st = sv_pairwise_read(object, "kernel", self->fit.n_features, &self->fit.kernel, err)))
        return st;
    if ((st = sv_estimator_set_features(base, object, self->fit.n_features, err)) ||
        (st = read_centerer(loader, sv_record_find(object, "_centerer"), self->fit.n_rows, &self->centerer, err)) ||
        (st = read_projection(loader, object, self, err)))
        return st;
    *out = base;
    return SAVOR_OK;
}

static savor_status load_centerer(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                  const sv_estimator **out, savor_error *err)
{
    sv_estimator *base;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(kernel_centerer), &base, err);
    kernel_centerer *self = (kernel_centerer *)base;
    if (st || (st = read_centerer(loader, object, base->n_features_in, &self->centerer, err)) ||
        (st = sv_estimator_set_features(base, object, self->centerer.n, err)))
        return st;
    *out = base;
    return SAVOR_OK;
}

/* ---- transforming ---- */

static void center(const centerer *self, const double *kernels, double *out)
{
    double mean = sv_pairwise_sum(kernels, self->n) / (double)self->n;
    for (size_t i = 0; i < self->n; i++)
        out[i] = kernels[i] - self->means[i] - mean + self->mean;
}

static savor_status transform(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                              savor_error *err)
{
    const kernel_pca *self = (const kernel_pca *)base;
    size_t n = self->fit.n_rows;
    sv_tensor x;
    double *kernels, *answer;
    savor_status st = sv_check_dense(base, in, SV_CHECK_NUMERIC, arena, &x, err);
    if (st || (st = sv_batch_alloc(arena, x.shape[0], n, &kernels, err)) ||
        (st = sv_batch_alloc(arena, x.shape[0], self->layer.n_out, &answer, err)))
        return st;
    sv_rows rows = {x.data, x.shape[0], x.shape[1], sv_is_fortran(in)}, fit = sv_kernel_rows_view(&self->fit);
    if (self->is_precomputed)
        memcpy(kernels, x.data, x.n_items * sizeof *kernels);
    else if ((st = sv_kernels_compute(&self->fit.kernel, &rows, &fit, arena, kernels, err)))
        return st;
    for (size_t r = 0; r < x.shape[0]; r++)
        center(&self->centerer, kernels + r * n, kernels + r * n);
    (self->by_columns && x.shape[0] == 1 ? sv_dense_predict_columns : sv_dense_predict)(&self->layer, kernels,
                                                                                        x.shape[0], answer);
    *out = sv_batch_of_doubles(answer, x.shape[0], self->layer.n_out);
    return SAVOR_OK;
}

static savor_status transform_kernels(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                      savor_error *err)
{
    const kernel_centerer *self = (const kernel_centerer *)base;
    sv_tensor x;
    double *kernels;
    savor_status st = sv_check_dense(base, in, 0, arena, &x, err);
    if (st || (st = sv_batch_alloc(arena, x.shape[0], x.shape[1], &kernels, err)))
        return st;
    for (size_t r = 0; r < x.shape[0]; r++)
        center(&self->centerer, (const double *)x.data + r * x.shape[1], kernels + r * x.shape[1]);
    *out = sv_batch_of_doubles(kernels, x.shape[0], x.shape[1]);
    return SAVOR_OK;
}

const sv_estimator_class sv_kernel_pcas[] = {
    {.name = "KernelCenterer", .load = load_centerer, .methods = {[SV_TRANSFORM] = transform_kernels}},
    {.name = "KernelPCA", .load = load_pca, .methods = {[SV_TRANSFORM] = transform}},
    {.name = NULL},
};
