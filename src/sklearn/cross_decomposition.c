/*
 * cross_decomposition.c: PLSRegression, PLSCanonical, CCA and PLSSVD. What the coefficients already contain changed
 * with the releases: since 1.5 the scale of X, before it X is scaled first; until 1.0 they lay the other way round.
 */
#include "base/alloc.h"
#include "engine/dense.h"
#include "sklearn/attributes.h"
#include "sklearn/check.h"
#include "sklearn/families.h"

typedef struct cross_model {
    sv_estimator base;
    size_t n_features, n_outputs, n_components;
    const double *mean;      /* [n_features] _x_mean */
    const double *std;       /* [n_features] _x_std */
    const double *axes;      /* [n_components x n_features] x_rotations_ or x_weights_, turned */
    const double *loadings;  /* [n_features x n_components] x_loadings_, or NULL */
    const double *coef;      /* [n_outputs x n_features], or NULL */
    const double *intercept; /* [n_outputs] */
    bool scales;             /* X is divided by std before the coefficients */
    bool is_flat;            /* y had one dimension (since 1.3) */
} cross_model;

/* ---- loading ---- */

static savor_status turn(sv_loader *loader, const sv_tensor *matrix, const double **out, savor_error *err)
{
    size_t n_rows = matrix->shape[0], n_columns = matrix->shape[1];
    double *turned;
    savor_status st = sv_batch_alloc(loader->arena, n_columns, n_rows, &turned, err);
    for (size_t i = 0; !st && i < n_rows; i++)
        for (size_t j = 0; j < n_columns; j++)
            turned[j * n_rows + i] = ((const double *)matrix->data)[i * n_columns + j];
    *out = turned;
    return st;
}

static savor_status load_model(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                               const char *axes_name, cross_model **out, savor_error *err)
{
    sv_estimator *base;
    sv_tensor axes;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(cross_model), &base, err);
    cross_model *self = (cross_model *)base;
    *out = self;
    if (st || (st = sv_attr_matrix(loader, object, axes_name, base->n_features_in, 0, &axes, err)))
        return st;
    self->n_features = base->n_features_in = axes.shape[0];
    self->n_components = axes.shape[1];
    if (self->n_features == 0)
        return sv_attr_fail(object, axes_name, "empty", err);
    if ((st = turn(loader, &axes, &self->axes, err)) ||
        (st = sv_attr_vector(loader, object, "_x_mean", self->n_features, &self->mean, err)))
        return st;
    return sv_attr_vector(loader, object, "_x_std", self->n_features, &self->std, err);
}

static savor_status read_coef(sv_loader *loader, const sv_record *object, cross_model *self, savor_error *err)
{
    bool is_old = sv_release_is_before(loader->release, 1, 1);
    const char *name = sv_record_find(object, "_coef_") ? "_coef_" : "coef_";
    const char *intercept = is_old ? "_y_mean" : "intercept_";
    sv_tensor coef;
    savor_status st = sv_attr_matrix(loader, object, name, is_old ? self->n_features : 0,
                                     is_old ? 0 : self->n_features, &coef, err);
    if (st)
        return st;
    self->n_outputs = coef.shape[is_old ? 1 : 0];
    self->coef = coef.data;
    if (self->n_outputs == 0)
        return sv_attr_fail(object, name, "empty", err);
    if (is_old && (st = turn(loader, &coef, &self->coef, err)))
        return st;
    return sv_attr_vector(loader, object, intercept, self->n_outputs, &self->intercept, err);
}

static savor_status load_pls(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                             const sv_estimator **out, savor_error *err)
{
    cross_model *self;
    sv_tensor loadings;
    savor_status st = load_model(loader, cls, object, "x_rotations_", &self, err);
    if (st || (st = read_coef(loader, object, self, err)) ||
        (st = sv_attr_matrix(loader, object, "x_loadings_", self->n_features, self->n_components, &loadings, err)))
        return st;
    self->loadings = loadings.data;
    self->scales = sv_release_is_before(loader->release, 1, 5);
    self->is_flat = sv_attr_bool_or(object, "_predict_1d", false);
    if (self->is_flat && self->n_outputs != 1)
        return sv_attr_fail(object, "_predict_1d", "true for more than one output", err);
    *out = &self->base;
    return SAVOR_OK;
}

static savor_status load_svd(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                             const sv_estimator **out, savor_error *err)
{
    cross_model *self;
    savor_status st = load_model(loader, cls, object, "x_weights_", &self, err);
    if (!st)
        *out = &self->base;
    return st;
}

/* ---- computing ---- */

/* X - mean, divided by std when `scales`; each step is rounded where X is float32, as numpy's in-place ones are. */
static savor_status center(const cross_model *self, const sv_batch *in, bool scales, sv_arena *arena,
                           const double **out, size_t *n_rows, savor_error *err)
{
    size_t n = self->n_features;
    double *rows;
    sv_tensor x;
    savor_status st = sv_check_dense(&self->base, in, SV_CHECK_KEEP_FLOAT32, arena, &x, err);
    if (st || (st = sv_batch_alloc(arena, x.n_items, 1, &rows, err)))
        return st;
    bool is_float32 = x.dtype == SAVOR_FLOAT32;
    for (size_t i = 0; i < x.n_items; i++) {
        double cell = is_float32 ? (double)((const float *)x.data)[i] : ((const double *)x.data)[i];
        cell -= self->mean[i % n];
        cell = is_float32 ? (double)(float)cell : cell;
        if (scales)
            cell /= self->std[i % n];
        rows[i] = is_float32 ? (double)(float)cell : cell;
    }
    *out = rows;
    *n_rows = x.shape[0];
    return SAVOR_OK;
}

static savor_status predict(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                            savor_error *err)
{
    const cross_model *self = (const cross_model *)base;
    const double *rows;
    double *answers;
    size_t n_rows;
    savor_status st = center(self, in, self->scales, arena, &rows, &n_rows, err);
    if (st || (st = sv_batch_alloc(arena, n_rows, self->n_outputs, &answers, err)))
        return st;
    sv_dense_predict(&(sv_dense){self->n_features, self->n_outputs, self->coef, self->intercept}, rows, n_rows,
                     answers);
    *out = sv_batch_of_doubles(answers, n_rows, self->is_flat ? 0 : self->n_outputs);
    return SAVOR_OK;
}

static savor_status transform(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                              savor_error *err)
{
    const cross_model *self = (const cross_model *)base;
    const double *rows;
    double *answers;
    size_t n_rows;
    savor_status st = center(self, in, true, arena, &rows, &n_rows, err);
    if (st || (st = sv_batch_alloc(arena, n_rows, self->n_components, &answers, err)))
        return st;
    sv_dense_predict(&(sv_dense){self->n_features, self->n_components, self->axes, NULL}, rows, n_rows, answers);
    *out = sv_batch_of_doubles(answers, n_rows, self->n_components);
    return SAVOR_OK;
}

static savor_status inverse_transform(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                      savor_error *err)
{
    const cross_model *self = (const cross_model *)base;
    size_t n = self->n_features;
    double *answers;
    sv_tensor x;
    savor_status st = sv_batch_to_floats(in, SAVOR_FLOAT64, arena, &x, err);
    if (st)
        return st;
    if (x.n_dims != 2 || x.shape[1] != self->n_components)
        return sv_fail(err, SAVOR_MODEL, "X has not the %zu components that %s gives", self->n_components,
                       base->cls->name);
    if ((st = sv_batch_alloc(arena, x.shape[0], n, &answers, err)))
        return st;
    sv_dense_predict(&(sv_dense){self->n_components, n, self->loadings, NULL}, x.data, x.shape[0], answers);
    for (size_t i = 0; i < x.shape[0] * n; i++)
        answers[i] = answers[i] * self->std[i % n] + self->mean[i % n];
    *out = sv_batch_of_doubles(answers, x.shape[0], n);
    return SAVOR_OK;
}

#define ROW(text)                                      \
    {                                                  \
        .name = text, .load = load_pls, .methods = {   \
            [SV_PREDICT] = predict,                    \
            [SV_TRANSFORM] = transform,                \
            [SV_INVERSE_TRANSFORM] = inverse_transform \
        }                                              \
    }

const sv_estimator_class sv_cross_decompositions[] = {
    ROW("CCA"),           ROW("PLSCanonical"),
    ROW("PLSRegression"), {.name = "PLSSVD", .load = load_svd, .methods = {[SV_TRANSFORM] = transform}},
    {.name = NULL},
};
