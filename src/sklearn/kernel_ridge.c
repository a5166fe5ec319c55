/* kernel_ridge.c: KernelRidge: kernels with the training rows, weighted. */
#include "base/alloc.h"
#include "sklearn/attributes.h"
#include "sklearn/families.h"
#include "sklearn/pairwise_kernel.h"

typedef struct kernel_ridge {
    sv_estimator base;
    sv_kernel_rows fit;
    bool is_flat;
    sv_dense layer; /* dual_coef_, turned: n_in is fit.n_rows */
} kernel_ridge;

static savor_status turn_weights(sv_loader *loader, const sv_tensor *coef, kernel_ridge *self, savor_error *err)
{
    size_t n = self->fit.n_rows, n_outputs = self->layer.n_out;
    double *weights;
    savor_status st = sv_batch_alloc(loader->arena, n_outputs, n, &weights, err);
    for (size_t i = 0; !st && i < n; i++)
        for (size_t o = 0; o < n_outputs; o++)
            weights[o * n + i] = ((const double *)coef->data)[i * n_outputs + o];
    self->layer.weights = weights;
    return st;
}

static savor_status load(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                         const sv_estimator **out, savor_error *err)
{
    sv_estimator *base;
    sv_tensor coef;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(kernel_ridge), &base, err);
    kernel_ridge *self = (kernel_ridge *)base;
    if (st || (st = sv_kernel_rows_read(loader, object, "X_fit_", base->n_features_in, &self->fit, err)) ||
        (st = sv_pairwise_read(object, "kernel", self->fit.n_features, &self->fit.kernel, err)) ||
        (st = sv_attr_doubles(loader, object, "dual_coef_", &coef, err)))
        return st;
    self->is_flat = coef.n_dims == 1;
    const sv_array *array = sv_record_array(sv_record_find(object, "dual_coef_"));
    self->fit.by_columns_weights =
        coef.n_dims == 2 && coef.shape[0] > 1 && coef.shape[1] > 1 && !(array && array->by_columns);
    self->fit.has_float32_weights = sv_attr_is_float32(object, "dual_coef_");
    self->layer.n_in = self->fit.n_rows;
    self->layer.n_out = self->is_flat ? 1 : coef.n_dims == 2 ? coef.shape[1] : 0;
    if (self->layer.n_out == 0 || coef.shape[0] != self->fit.n_rows)
        return sv_attr_fail(object, "dual_coef_", "not one number for each training row", err);
    base->n_features_in = self->fit.n_features;
    *out = base;
    return turn_weights(loader, &coef, self, err);
}

static savor_status predict(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                            savor_error *err)
{
    const kernel_ridge *self = (const kernel_ridge *)base;
    savor_status st = sv_kernel_rows_predict(base, &self->fit, &self->layer, in, arena, out, err);
    if (!st && self->is_flat)
        out->tensor.n_dims = 1;
    return st;
}

const sv_estimator_class sv_kernel_ridges[] = {
    {.name = "KernelRidge", .load = load, .methods = {[SV_PREDICT] = predict}},
    {.name = NULL},
};
