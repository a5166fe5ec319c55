/* sgd_one_class.c: SGDOneClassSVM: on which side of a line a row lies. */
#include "engine/dense.h"

#include "base/alloc.h"
#include "sklearn/attributes.h"
#include "sklearn/check.h"
#include "sklearn/families.h"

typedef struct one_class {
    sv_estimator base;
    const double *coef; /* [n_features_in] */
    double offset;
} one_class;

static savor_status load(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                         const sv_estimator **out, savor_error *err)
{
    sv_estimator *base;
    sv_tensor coef;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(one_class), &base, err);
    one_class *self = (one_class *)base;
    if (st || (st = sv_attr_doubles(loader, object, "coef_", &coef, err)) ||
        (st = sv_attr_double(object, "offset_", &self->offset, err)))
        return st;
    if (coef.n_items == 0 || (base->n_features_in && base->n_features_in != coef.n_items))
        return sv_attr_fail(object, "coef_", "not one number for each feature", err);
    base->n_features_in = coef.n_items;
    self->coef = coef.data;
    *out = base;
    return SAVOR_OK;
}

/* Distances from the line, plus `plus`. */
static savor_status measure(const one_class *self, const sv_batch *in, double plus, sv_arena *arena, sv_batch *out,
                            savor_error *err)
{
    double *scores;
    sv_tensor x;
    savor_status st = sv_check_dense(&self->base, in, 0, arena, &x, err);
    if (st || (st = sv_batch_alloc(arena, x.shape[0], 1, &scores, err)))
        return st;
    sv_dense_predict(&(sv_dense){x.shape[1], 1, self->coef, NULL}, x.data, x.shape[0], scores);
    for (size_t r = 0; r < x.shape[0]; r++)
        scores[r] = scores[r] - self->offset + plus;
    *out = sv_batch_of_doubles(scores, x.shape[0], 0);
    return SAVOR_OK;
}

static savor_status decision_function(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                      savor_error *err)
{
    return measure((const one_class *)base, in, 0.0, arena, out, err);
}

static savor_status score_samples(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                  savor_error *err)
{
    return measure((const one_class *)base, in, ((const one_class *)base)->offset, arena, out, err);
}

static savor_status predict(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                            savor_error *err)
{
    sv_batch scores;
    savor_status st = decision_function(base, in, arena, &scores, err);
    size_t n = st ? 0 : scores.tensor.n_items;
    int32_t *labels = sv_arena_array(arena, n, sizeof *labels);
    if (st)
        return st;
    if (!labels)
        return sv_arena_fail(arena, n * sizeof *labels, err);
    for (size_t r = 0; r < n; r++)
        labels[r] = ((const double *)scores.tensor.data)[r] >= 0 ? 1 : -1;
    *out = (sv_batch){.kind = SV_BATCH_TENSOR, .tensor = sv_tensor_view(SAVOR_INT32, n, 0, labels)};
    return SAVOR_OK;
}

const sv_estimator_class sv_sgd_one_classes[] = {
    {.name = "SGDOneClassSVM",
     .load = load,
     .methods =
         {[SV_PREDICT] = predict, [SV_DECISION_FUNCTION] = decision_function, [SV_SCORE_SAMPLES] = score_samples}},
    {.name = NULL},
};
