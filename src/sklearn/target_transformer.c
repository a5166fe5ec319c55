/* target_transformer.c: TransformedTargetRegressor: what the regressor says, put back through a transformer. */
#include "sklearn/attributes.h"
#include "sklearn/families.h"

typedef struct target_transformer {
    sv_estimator base;
    const sv_estimator *regressor, *transformer;
    size_t n_dims; /* of the target at fit */
} target_transformer;

static savor_status load(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                         const sv_estimator **out, savor_error *err)
{
    sv_estimator *base;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(target_transformer), &base, err);
    target_transformer *self = (target_transformer *)base;
    if (st || (st = sv_attr_estimator(loader, object, "regressor_", &self->regressor, err)) ||
        (st = sv_attr_estimator(loader, object, "transformer_", &self->transformer, err)))
        return st;
    if (!sv_estimator_has(self->transformer, SV_INVERSE_TRANSFORM) || !sv_estimator_has(self->regressor, SV_PREDICT))
        return sv_fail(err, SAVOR_UNSUPPORTED, "%s has no inverse here", self->transformer->cls->name);
    self->n_dims = (size_t)sv_attr_int_or(object, "_training_dim", 1);
    *out = base;
    return SAVOR_OK;
}

static savor_status predict(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                            savor_error *err)
{
    const target_transformer *self = (const target_transformer *)base;
    sv_batch y;
    savor_status st = sv_estimator_call(self->regressor, SV_PREDICT, in, arena, &y, err);
    if (st)
        return st;
    if (y.kind != SV_BATCH_TENSOR)
        return sv_fail(err, SAVOR_UNSUPPORTED, "%s answered no array", self->regressor->cls->name);
    if (y.tensor.n_dims == 1) {
        y.tensor.n_dims = 2;
        y.tensor.shape[1] = 1;
    }
    if ((st = sv_estimator_call(self->transformer, SV_INVERSE_TRANSFORM, &y, arena, out, err)))
        return st;
    if (self->n_dims == 1 && out->kind == SV_BATCH_TENSOR && out->tensor.n_dims == 2 && out->tensor.shape[1] == 1)
        out->tensor.n_dims = 1;
    return SAVOR_OK;
}

const sv_estimator_class sv_target_transformers[] = {
    {.name = "TransformedTargetRegressor", .load = load, .methods = {[SV_PREDICT] = predict}},
    {.name = NULL},
};
