/* nmf.c: NMF and MiniBatchNMF: what combination of non-negative parts a row is. */
#include "base/alloc.h"
#include "engine/factorization.h"
#include "sklearn/attributes.h"
#include "sklearn/check.h"
#include "sklearn/families.h"

#define COMPONENTS_MAX 256 /* of MiniBatchNMF */
#define ROUNDS_MAX 100000

typedef struct nmf {
    sv_estimator base;
    sv_factorization f;
    bool multiplies; /* MiniBatchNMF */
} nmf;

static savor_status read_parameters(const sv_record *object, nmf *self, savor_error *err)
{
    sv_str loss = sv_attr_text(object, "beta_loss");
    double alpha = sv_attr_double_or(object, "alpha_W", 0.0), ratio = sv_attr_double_or(object, "l1_ratio", 0.0);
    int64_t rounds = sv_attr_int_or(object, "max_iter", 200);
    if (self->multiplies)
        rounds = sv_attr_int_or(object, "_transform_max_iter", rounds);
    else if (!sv_str_is(sv_attr_text(object, "solver"), "cd") || sv_attr_bool_or(object, "shuffle", false))
        return sv_fail(err, SAVOR_UNSUPPORTED, "NMF with solver=mu or shuffled coordinates is not known");
    if (self->multiplies && !sv_str_is(loss, "frobenius") && sv_attr_double_or(object, "beta_loss", 0.0) != 2.0)
        return sv_fail(err, SAVOR_UNSUPPORTED, "MiniBatchNMF with a loss other than frobenius is not known");
    if (rounds < 1 || rounds > ROUNDS_MAX)
        return sv_attr_fail(object, "max_iter", "out of range", err);
    self->f.l1 = (double)self->f.n_features * alpha * ratio;
    self->f.l2 = (double)self->f.n_features * alpha * (1.0 - ratio);
    self->f.tolerance = sv_attr_double_or(object, "tol", 1e-4);
    self->f.max_rounds = (size_t)rounds;
    return SAVOR_OK;
}

static savor_status load(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                         const sv_estimator **out, savor_error *err)
{
    sv_estimator *base;
    sv_tensor components;
    double *gram;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(nmf), &base, err);
    nmf *self = (nmf *)base;
    if (st || (st = sv_attr_matrix(loader, object, "components_", 0, base->n_features_in, &components, err)) ||
        (st = sv_batch_alloc(loader->arena, components.shape[0], components.shape[0], &gram, err)))
        return st;
    self->multiplies = sv_str_is(sv_str_of(cls->name), "MiniBatchNMF");
    if (components.n_items == 0 || (self->multiplies && components.shape[0] > COMPONENTS_MAX))
        return sv_attr_fail(object, "components_", "not a number of components that is known", err);
    base->n_features_in = components.shape[1];
    sv_factorization_gram(components.data, components.shape[0], components.shape[1], gram);
    self->f.n_components = components.shape[0];
    self->f.n_features = components.shape[1];
    self->f.components = components.data;
    self->f.gram = gram;
    if ((st = read_parameters(object, self, err)))
        return st;
    *out = base;
    return SAVOR_OK;
}

static savor_status transform(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                              savor_error *err)
{
    const nmf *self = (const nmf *)base;
    sv_tensor x;
    double *w, *scratch;
    savor_status st = sv_check_dense(base, in, 0, arena, &x, err);
    size_t n_rows = st ? 0 : x.shape[0];
    if (st || (st = sv_batch_alloc(arena, n_rows, self->f.n_components, &w, err)) ||
        (st = sv_batch_alloc(arena, n_rows, self->f.n_components, &scratch, err)))
        return st;
    for (size_t i = 0; i < x.n_items; i++)
        if (((const double *)x.data)[i] < 0.0)
            return sv_fail(err, SAVOR_MODEL, "Negative values in data passed to %s.", base->cls->name);
    (self->multiplies ? sv_factorization_multiply : sv_factorization_descend)(&self->f, x.data, n_rows, w, scratch);
    *out = sv_batch_of_doubles(w, n_rows, self->f.n_components);
    return SAVOR_OK;
}

const sv_estimator_class sv_nmfs[] = {
    {.name = "MiniBatchNMF", .load = load, .methods = {[SV_TRANSFORM] = transform}},
    {.name = "NMF", .load = load, .methods = {[SV_TRANSFORM] = transform}},
    {.name = NULL},
};
