/* latent_dirichlet.c: LatentDirichletAllocation: the shares of the topics in each row of counts. */
#include "base/alloc.h"
#include "engine/dense.h"
#include "engine/topics.h"
#include "sklearn/attributes.h"
#include "sklearn/check.h"
#include "sklearn/families.h"
#include "sklearn/pairwise_kernel.h"
#include "sklearn/stack.h"

#define ROUNDS_MAX 100000

typedef struct dirichlet {
    sv_estimator base;
    sv_topics topics;
} dirichlet;

static savor_status load(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                         const sv_estimator **out, savor_error *err)
{
    sv_estimator *base;
    sv_tensor weights;
    double prior;
    int64_t rounds = sv_attr_int_or(object, "max_doc_update_iter", 100);
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(dirichlet), &base, err);
    if (st ||
        (st = sv_attr_matrix(loader, object, "exp_dirichlet_component_", 0, base->n_features_in, &weights, err)) ||
        (st = sv_attr_double(object, "doc_topic_prior_", &prior, err)))
        return st;
    sv_topics *t = &((dirichlet *)base)->topics;
    if (sv_attr_is_float32(object, "components_"))
        return sv_fail(err, SAVOR_UNSUPPORTED, "LatentDirichletAllocation fitted with float32 is not known");
    if (weights.n_items == 0)
        return sv_attr_fail(object, "exp_dirichlet_component_", "empty", err);
    if (rounds < 0 || rounds > ROUNDS_MAX)
        return sv_attr_fail(object, "max_doc_update_iter", "out of range", err);
    t->n_topics = weights.shape[0];
    t->n_words = weights.shape[1];
    t->weights = weights.data;
    t->max_rounds = (size_t)rounds;
    t->prior = prior;
    t->tolerance = sv_attr_double_or(object, "mean_change_tol", 1e-3);
    *out = base;
    return sv_estimator_set_features(base, object, t->n_words, err);
}

static savor_status check_counts(const dirichlet *self, const sv_batch *in, sv_arena *arena, sv_sparse *out,
                                 savor_error *err)
{
    sv_batch x;
    savor_status st = sv_check_batch(&self->base, in, SV_CHECK_ACCEPT_SPARSE, arena, &x, err);
    if (st || (st = sv_batch_to_sparse(&x, arena, out, err)))
        return st;
    for (size_t i = 0; i < out->row_first[out->n_rows]; i++)
        if (out->values[i] < 0.0)
            return sv_fail(err, SAVOR_MODEL,
                           "Negative values in data passed to LatentDirichletAllocation.transform.");
    return SAVOR_OK;
}

static size_t widest_row(const sv_sparse *x)
{
    size_t most = 0;
    for (size_t r = 0; r < x->n_rows; r++)
        most = x->row_first[r + 1] - x->row_first[r] > most ? x->row_first[r + 1] - x->row_first[r] : most;
    return most;
}

static savor_status transform(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                              savor_error *err)
{
    const dirichlet *self = (const dirichlet *)base;
    size_t n_topics = self->topics.n_topics;
    double *answer, *scratch;
    sv_sparse x;
    savor_status st = check_counts(self, in, arena, &x, err);
    if (st || (st = sv_batch_alloc(arena, x.n_rows, n_topics, &answer, err)) ||
        (st = sv_batch_alloc(arena, n_topics + widest_row(&x), 1, &scratch, err)))
        return st;
    for (size_t r = 0; r < x.n_rows; r++) {
        size_t first = x.row_first[r], n = x.row_first[r + 1] - first;
        double *row = answer + r * n_topics;
        sv_topics_infer(&self->topics, x.columns + first, x.values + first, n, scratch, row);
        double sum = sv_pairwise_sum(row, n_topics);
        for (size_t k = 0; k < n_topics; k++)
            row[k] /= sum;
    }
    *out = sv_batch_of_doubles(answer, x.n_rows, n_topics);
    return SAVOR_OK;
}

const sv_estimator_class sv_latent_dirichlets[] = {
    {.name = "LatentDirichletAllocation", .load = load, .methods = {[SV_TRANSFORM] = transform}},
    {.name = NULL},
};
