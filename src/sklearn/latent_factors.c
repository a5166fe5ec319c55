/*
 * latent_factors.c: FactorAnalysis, SparsePCA and MiniBatchSparsePCA: centered rows times the components, then a
 * small symmetric system is solved.
 */
#include "base/alloc.h"
#include "engine/dense.h"
#include "engine/linear_system.h"
#include "sklearn/attributes.h"
#include "sklearn/check.h"
#include "sklearn/families.h"
#include "sklearn/pairwise_kernel.h"

#define COMPONENTS_MAX 4096

typedef struct latent_factors {
    sv_estimator base;
    size_t n_in, n_out;
    const double *mean;    /* [n_in] */
    const double *weights; /* [n_out x n_in] */
    double *system;        /* [n_out x n_out] Cholesky's factor; FactorAnalysis: the inverse */
    bool is_inverted;
    bool is_flat;          /* SparsePCA since 1.6: one row's answer has one dimension */
    bool has_float32_mean; /* float32 rows are centered as float32 */
    bool is_float32;       /* all that was fitted is: float32 rows stay so */
} latent_factors;

/* ---- loading ---- */

static savor_status new_factors(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                latent_factors **out, savor_error *err)
{
    sv_estimator *base;
    sv_tensor components;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(latent_factors), &base, err);
    latent_factors *self = (latent_factors *)base;
    *out = self;
    if (st || (st = sv_attr_matrix(loader, object, "components_", 0, base->n_features_in, &components, err)))
        return st;
    self->n_out = components.shape[0];
    self->n_in = components.shape[1];
    self->weights = components.data;
    self->has_float32_mean = sv_attr_is_float32(object, "mean_");
    self->is_float32 = self->has_float32_mean && sv_attr_is_float32(object, "components_");
    if (self->n_out == 0 || self->n_out > COMPONENTS_MAX)
        return sv_attr_fail(object, "components_", "not a number of components that is known", err);
    if ((st = sv_estimator_set_features(base, object, self->n_in, err)) ||
        (st = sv_attr_vector(loader, object, "mean_", self->n_in, &self->mean, err)))
        return st;
    return sv_batch_alloc(loader->arena, self->n_out, self->n_out, &self->system, err);
}

/* a b^T + diagonal, its Cholesky factor. a, b: [n_out x n_in] */
static savor_status factor_system(const sv_record *object, latent_factors *self, const double *b, double diagonal,
                                  savor_error *err)
{
    sv_dense layer = {self->n_in, self->n_out, b, NULL};
    sv_dense_predict(&layer, self->weights, self->n_out, self->system);
    for (size_t i = 0; i < self->n_out; i++)
        self->system[i * self->n_out + i] += diagonal;
    return sv_cholesky_factor(self->system, self->n_out)
               ? SAVOR_OK
               : sv_attr_fail(object, "components_", "not a positive definite system", err);
}

/* The factor gives way to the inverse. */
static savor_status invert(sv_loader *loader, latent_factors *self, savor_error *err)
{
    size_t n = self->n_out;
    double *inverse;
    savor_status st = sv_batch_alloc(loader->arena, n, n, &inverse, err);
    if (st)
        return st;
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < n; k++)
            inverse[i * n + k] = i == k;
        sv_cholesky_solve(self->system, n, n, inverse + i * n);
    }
    self->system = inverse;
    self->is_inverted = true;
    return SAVOR_OK;
}

/* Wpsi = components_ / noise_variance_; cov_z = inv(1 + Wpsi components_.T) */
static savor_status load_analysis(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                  const sv_estimator **out, savor_error *err)
{
    latent_factors *self;
    const double *noise, *components;
    double *weights;
    savor_status st = new_factors(loader, cls, object, &self, err);
    if (st || (st = sv_attr_vector(loader, object, "noise_variance_", self->n_in, &noise, err)) ||
        (st = sv_batch_alloc(loader->arena, self->n_out, self->n_in, &weights, err)))
        return st;
    components = self->weights;
    for (size_t i = 0; i < self->n_out * self->n_in; i++)
        weights[i] = components[i] / noise[i % self->n_in];
    self->weights = weights;
    self->is_float32 = self->is_float32 && sv_attr_is_float32(object, "noise_variance_");
    if ((st = factor_system(object, self, components, 1.0, err)) || (st = invert(loader, self, err)))
        return st;
    *out = &self->base;
    return SAVOR_OK;
}

/* A ridge regression on the components. */
static savor_status load_sparse_pca(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                    const sv_estimator **out, savor_error *err)
{
    latent_factors *self;
    double alpha;
    savor_status st = new_factors(loader, cls, object, &self, err);
    if (st || (st = sv_attr_double(object, "ridge_alpha", &alpha, err)))
        return st;
    if (!(alpha > 0.0) || sv_attr_is_float32(object, "components_"))
        return sv_fail(err, SAVOR_UNSUPPORTED, "%s with ridge_alpha=0, or fitted with float32, is not known",
                       cls->name);
    self->is_flat = !sv_release_is_before(loader->release, 1, 6);
    if ((st = factor_system(object, self, self->weights, alpha, err)))
        return st;
    *out = &self->base;
    return SAVOR_OK;
}

/* ---- transforming ---- */

static savor_status center(const latent_factors *self, const sv_tensor *x, sv_arena *arena, double **out,
                           savor_error *err)
{
    bool rounds = self->has_float32_mean && x->dtype == SAVOR_FLOAT32;
    sv_batch in = {.kind = SV_BATCH_TENSOR, .tensor = *x};
    sv_tensor doubles;
    savor_status st = sv_batch_to_floats(&in, SAVOR_FLOAT64, arena, &doubles, err);
    if (st || (st = sv_batch_alloc(arena, x->n_items, 1, out, err)))
        return st;
    for (size_t i = 0; i < x->n_items; i++) {
        double cell = ((const double *)doubles.data)[i] - self->mean[i % self->n_in];
        (*out)[i] = rounds ? (double)(float)cell : cell;
    }
    return SAVOR_OK;
}

static savor_status transform(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                              savor_error *err)
{
    const latent_factors *self = (const latent_factors *)base;
    sv_dense layer = {self->n_in, self->n_out, self->weights, NULL}, last = {self->n_out, self->n_out, NULL, NULL};
    sv_tensor x;
    double *rows, *scores, *answer;
    savor_status st = sv_check_dense(base, in, SV_CHECK_KEEP_FLOAT32 | SV_CHECK_NUMERIC, arena, &x, err);
    if (st || (st = center(self, &x, arena, &rows, err)) ||
        (st = sv_batch_alloc(arena, x.shape[0], self->n_out, &scores, err)) ||
        (st = sv_batch_alloc(arena, x.shape[0], self->n_out, &answer, err)))
        return st;
    sv_dense_predict(&layer, rows, x.shape[0], scores);
    last.weights = self->system;
    if (self->is_inverted)
        sv_dense_predict(&last, scores, x.shape[0], answer);
    else
        answer = scores;
    for (size_t r = 0; !self->is_inverted && r < x.shape[0]; r++)
        sv_cholesky_solve(self->system, self->n_out, self->n_out, answer + r * self->n_out);
    *out = sv_batch_of_doubles(answer, x.shape[0], self->n_out);
    if (self->is_flat && x.shape[0] == 1)
        out->tensor = sv_tensor_view(SAVOR_FLOAT64, self->n_out, 0, answer);
    return self->is_float32 && x.dtype == SAVOR_FLOAT32 ? sv_batch_to_float32(out, arena, err) : SAVOR_OK;
}

#define ROW(text, loader)                                                       \
    {                                                                           \
        .name = text, .load = loader, .methods = { [SV_TRANSFORM] = transform } \
    }

const sv_estimator_class sv_latent_factors[] = {
    ROW("FactorAnalysis", load_analysis),
    ROW("MiniBatchSparsePCA", load_sparse_pca),
    ROW("SparsePCA", load_sparse_pca),
    {.name = NULL},
};
