/* bernoulli_rbm.c: BernoulliRBM: the probabilities of the hidden units. */
#include "base/alloc.h"
#include "engine/dense.h"
#include "sklearn/attributes.h"
#include "sklearn/families.h"
#include "sklearn/linear.h"
#include "sklearn/pairwise_kernel.h"

typedef struct rbm {
    sv_estimator base;
    sv_linear_model hidden;
} rbm;

static savor_status load(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                         const sv_estimator **out, savor_error *err)
{
    sv_estimator *base;
    sv_tensor components;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(rbm), &base, err);
    if (st || (st = sv_attr_matrix(loader, object, "components_", 0, base->n_features_in, &components, err)))
        return st;
    sv_linear_model *hidden = &((rbm *)base)->hidden;
    hidden->n_outputs = components.shape[0];
    hidden->n_features = components.shape[1];
    hidden->coef = components.data;
    hidden->is_float32 = sv_attr_is_float32(object, "components_");
    if (components.n_items == 0)
        return sv_attr_fail(object, "components_", "empty", err);
    if ((st = sv_attr_vector(loader, object, "intercept_hidden_", hidden->n_outputs, &hidden->offset, err)) ||
        (st = sv_estimator_set_features(base, object, hidden->n_features, err)))
        return st;
    *out = base;
    return SAVOR_OK;
}

static savor_status transform(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                              savor_error *err)
{
    sv_batch scores;
    sv_tensor doubles;
    double *answer;
    savor_status st = sv_linear_scores(base, &((const rbm *)base)->hidden, in, 0, arena, &scores, err);
    if (st || (st = sv_batch_to_floats(&scores, SAVOR_FLOAT64, arena, &doubles, err)) ||
        (st = sv_batch_alloc(arena, doubles.n_items, 1, &answer, err)))
        return st;
    for (size_t i = 0; i < doubles.n_items; i++)
        answer[i] = sv_expit(((const double *)doubles.data)[i]);
    *out = sv_batch_of_doubles(answer, doubles.shape[0], doubles.shape[1]);
    return scores.tensor.dtype == SAVOR_FLOAT32 ? sv_batch_to_float32(out, arena, err) : SAVOR_OK;
}

const sv_estimator_class sv_bernoulli_rbms[] = {
    {.name = "BernoulliRBM", .load = load, .methods = {[SV_TRANSFORM] = transform}},
    {.name = NULL},
};
