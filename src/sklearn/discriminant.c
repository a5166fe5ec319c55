/*
 * discriminant.c: LinearDiscriminantAnalysis, which is a line that also transforms, and
 * QuadraticDiscriminantAnalysis, which measures rows against each class's own covariance.
 */
#include "base/alloc.h"
#include "engine/dense.h"
#include "sklearn/attributes.h"
#include "sklearn/check.h"
#include "sklearn/families.h"
#include "sklearn/linear.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* ---- linear ---- */

typedef struct linear_discriminant {
    sv_estimator base;
    sv_linear_model linear;
    size_t n_components;  /* 0: solver="lsqr" does not transform */
    const double *axes;   /* [n_components x n_features] scalings_, turned */
    const double *center; /* [n_features] xbar_, or NULL */
} linear_discriminant;

/* The columns of scalings_ that transform gives. */
static savor_status read_axes(sv_loader *loader, const sv_record *object, linear_discriminant *self, savor_error *err)
{
    size_t n = self->linear.n_features;
    int64_t n_max;
    double *axes;
    sv_tensor scalings;
    savor_status st = sv_attr_matrix(loader, object, "scalings_", n, 0, &scalings, err);
    if (st || (st = sv_attr_int(object, "_max_components", &n_max, err)))
        return st;
    if (scalings.shape[1] == 0)
        return sv_attr_fail(object, "scalings_", "without columns", err);
    size_t width = scalings.shape[1], n_axes = n_max > 0 && (uint64_t)n_max < width ? (size_t)n_max : width;
    if ((st = sv_batch_alloc(loader->arena, n_axes, n, &axes, err)))
        return st;
    for (size_t a = 0; a < n_axes; a++)
        for (size_t i = 0; i < n; i++)
            axes[a * n + i] = ((const double *)scalings.data)[i * width + a];
    self->n_components = n_axes;
    self->axes = axes;
    return SAVOR_OK;
}

static savor_status load_linear(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                const sv_estimator **out, savor_error *err)
{
    sv_str solver = sv_attr_text(object, "solver");
    sv_estimator *base;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(linear_discriminant), &base, err);
    linear_discriminant *self = (linear_discriminant *)base;
    if (st || (st = sv_linear_load(loader, object, &self->linear, err)))
        return st;
    size_t n_classes = base->classes.n_items, n_outputs = self->linear.n_outputs;
    if (self->linear.is_flat || (n_outputs == 1 ? n_classes != 2 : n_classes != n_outputs))
        return sv_attr_fail(object, "coef_", "not as many rows as classes_", err);
    if (!sv_str_is(solver, "lsqr") && (st = read_axes(loader, object, self, err)))
        return st;
    if (sv_str_is(solver, "svd") &&
        (st = sv_attr_vector(loader, object, "xbar_", self->linear.n_features, &self->center, err)))
        return st;
    *out = base;
    return SAVOR_OK;
}

/* Scores as doubles, one dimension for two classes. */
static savor_status linear_scores(const linear_discriminant *self, const sv_batch *in, sv_arena *arena,
                                  const double **out, size_t *n_rows, savor_error *err)
{
    sv_batch scores;
    sv_tensor doubles;
    savor_status st = sv_linear_scores(&self->base, &self->linear, in, 0, arena, &scores, err);
    if (st || (st = sv_batch_to_floats(&scores, SAVOR_FLOAT64, arena, &doubles, err)))
        return st;
    *out = doubles.data;
    *n_rows = doubles.shape[0];
    return SAVOR_OK;
}

static savor_status decide_linear(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                  savor_error *err)
{
    const linear_discriminant *self = (const linear_discriminant *)base;
    savor_status st = sv_linear_scores(base, &self->linear, in, 0, arena, out, err);
    if (!st && self->linear.n_outputs == 1)
        out->tensor.n_dims = 1;
    return st;
}

static savor_status predict_linear(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                   savor_error *err)
{
    const linear_discriminant *self = (const linear_discriminant *)base;
    const double *scores;
    size_t n_rows;
    savor_status st = linear_scores(self, in, arena, &scores, &n_rows, err);
    if (st)
        return st;
    if (self->linear.n_outputs > 1)
        return sv_take_argmax(&base->classes, scores, n_rows, arena, out, err);
    return sv_take_positive(&base->classes, scores, n_rows, arena, out, err);
}

static savor_status linear_proba(const sv_estimator *base, const sv_batch *in, sv_arena *arena, double **out,
                                 size_t *n_rows, savor_error *err)
{
    const linear_discriminant *self = (const linear_discriminant *)base;
    size_t n_classes = base->classes.n_items;
    const double *scores;
    savor_status st = linear_scores(self, in, arena, &scores, n_rows, err);
    if (st || (st = sv_batch_alloc(arena, *n_rows, n_classes, out, err)))
        return st;
    for (size_t r = 0; r < *n_rows; r++) {
        double *row = *out + r * n_classes;
        if (self->linear.n_outputs == 1) {
            row[1] = sv_expit(scores[r]);
            row[0] = 1 - row[1];
            continue;
        }
        memcpy(row, scores + r * n_classes, n_classes * sizeof *row);
        sv_softmax(row, n_classes);
    }
    return SAVOR_OK;
}

static savor_status predict_linear_proba(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                         savor_error *err)
{
    double *proba;
    size_t n_rows;
    savor_status st = linear_proba(base, in, arena, &proba, &n_rows, err);
    if (!st)
        *out = sv_batch_of_doubles(proba, n_rows, base->classes.n_items);
    return st;
}

/* Zeros count as the smallest normal number. */
static savor_status predict_linear_log(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                       savor_error *err)
{
    double *proba;
    size_t n_rows;
    savor_status st = linear_proba(base, in, arena, &proba, &n_rows, err);
    if (st)
        return st;
    for (size_t i = 0; i < n_rows * base->classes.n_items; i++)
        proba[i] = log(proba[i] == 0 ? DBL_MIN : proba[i]);
    *out = sv_batch_of_doubles(proba, n_rows, base->classes.n_items);
    return SAVOR_OK;
}

static savor_status transform(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                              savor_error *err)
{
    const linear_discriminant *self = (const linear_discriminant *)base;
    size_t n = self->linear.n_features;
    double *rows, *answers;
    sv_tensor x;
    savor_status st;
    if (!self->axes)
        return sv_fail(err, SAVOR_MODEL, "transform not implemented for 'lsqr' solver (use 'svd' or 'eigen').");
    if ((st = sv_check_dense(base, in, 0, arena, &x, err)))
        return st;
    if (x.shape[1] != n)
        return sv_fail(err, SAVOR_MODEL, "X has %zu features, but %s is expecting %zu features as input.", x.shape[1],
                       base->cls->name, n);
    if ((st = sv_batch_alloc(arena, x.n_items, 1, &rows, err)) ||
        (st = sv_batch_alloc(arena, x.shape[0], self->n_components, &answers, err)))
        return st;
    for (size_t i = 0; i < x.n_items; i++)
        rows[i] = ((const double *)x.data)[i] - (self->center ? self->center[i % n] : 0.0);
    sv_dense_predict(&(sv_dense){n, self->n_components, self->axes, NULL}, rows, x.shape[0], answers);
    *out = sv_batch_of_doubles(answers, x.shape[0], self->n_components);
    return SAVOR_OK;
}

/* ---- quadratic ---- */

typedef struct quadratic_class {
    const double *mean; /* [n_features] */
    size_t n_axes;
    const double *axes; /* [n_axes x n_features] rotations_ / sqrt(scalings_), turned */
    double log_volume;  /* the sum of the logarithms of scalings_ */
    double log_prior;
} quadratic_class;

typedef struct quadratic_discriminant {
    sv_estimator base;
    size_t n_features;
    const quadratic_class *classes; /* [base.classes.n_items] */
    bool divides;                   /* probabilities are divided by their sum; since 1.8 their logarithms are taken */
} quadratic_discriminant;

static savor_status read_covariance(sv_loader *loader, const sv_record *object, const sv_record *rotation_record,
                                    const sv_record *scaling_record, size_t n, quadratic_class *out, savor_error *err)
{
    sv_tensor rotation, scaling;
    double *axes, *logs;
    savor_status st = sv_record_doubles(rotation_record, loader->arena, &rotation, err);
    if (st || (st = sv_record_doubles(scaling_record, loader->arena, &scaling, err)))
        return st;
    size_t width = scaling.n_items;
    if (rotation.n_dims != 2 || rotation.shape[0] != n || rotation.shape[1] != width)
        return sv_attr_fail(object, "rotations_", "not of the shape it should have", err);
    if ((st = sv_batch_alloc(loader->arena, width, n, &axes, err)) ||
        (st = sv_batch_alloc(loader->arena, width, 1, &logs, err)))
        return st;
    for (size_t a = 0; a < width; a++) {
        double scale = ((const double *)scaling.data)[a], root = pow(scale, -0.5);
        for (size_t i = 0; i < n; i++)
            axes[a * n + i] = ((const double *)rotation.data)[i * width + a] * root;
        logs[a] = log(scale);
    }
    out->n_axes = width;
    out->axes = axes;
    out->log_volume = sv_pairwise_sum(logs, width);
    return SAVOR_OK;
}

static savor_status read_classes(sv_loader *loader, const sv_record *object, quadratic_discriminant *self,
                                 savor_error *err)
{
    size_t n_classes = self->base.classes.n_items, n_rotations, n_scalings;
    const sv_record *const *rotations = sv_record_items(sv_record_find(object, "rotations_"), &n_rotations);
    const sv_record *const *scalings = sv_record_items(sv_record_find(object, "scalings_"), &n_scalings);
    quadratic_class *classes = sv_arena_array(loader->arena, n_classes, sizeof *classes);
    const double *priors;
    sv_tensor means;
    savor_status st = SAVOR_OK;
    if (!classes)
        return sv_arena_fail(loader->arena, n_classes * sizeof *classes, err);
    if (n_classes == 0 || n_rotations != n_classes || n_scalings != n_classes)
        return sv_attr_fail(object, "rotations_", "not one for each class", err);
    if ((st = sv_attr_matrix(loader, object, "means_", n_classes, self->base.n_features_in, &means, err)) ||
        (st = sv_attr_vector(loader, object, "priors_", n_classes, &priors, err)))
        return st;
    self->n_features = means.shape[1];
    if ((st = sv_estimator_set_features(&self->base, object, self->n_features, err)))
        return st;
    for (size_t c = 0; !st && c < n_classes; c++) {
        classes[c].mean = (const double *)means.data + c * self->n_features;
        classes[c].log_prior = log(priors[c]);
        st = read_covariance(loader, object, rotations[c], scalings[c], self->n_features, &classes[c], err);
    }
    self->classes = classes;
    return st;
}

static savor_status load_quadratic(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                   const sv_estimator **out, savor_error *err)
{
    sv_estimator *base;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(quadratic_discriminant), &base, err);
    quadratic_discriminant *self = (quadratic_discriminant *)base;
    if (st || (st = read_classes(loader, object, self, err)))
        return st;
    self->divides = sv_release_is_before(loader->release, 1, 8);
    *out = base;
    return SAVOR_OK;
}

/* log posterior of one class; scratch has room for the centered row and its projection. */
static double posterior_of(const quadratic_discriminant *self, const quadratic_class *c, const sv_tensor *x, size_t r,
                           double *scratch)
{
    const double *row = (const double *)x->data + r * self->n_features;
    size_t n = self->n_features;
    double *squares = scratch + n;
    for (size_t i = 0; i < n; i++)
        scratch[i] = row[i] - c->mean[i];
    sv_dense_predict_row(&(sv_dense){n, c->n_axes, c->axes, NULL}, scratch, r, x->shape[0], squares);
    for (size_t a = 0; a < c->n_axes; a++)
        squares[a] *= squares[a];
    return -0.5 * (sv_pairwise_sum(squares, c->n_axes) + c->log_volume) + c->log_prior;
}

/* [n_rows x n_classes] */
static savor_status posteriors(const quadratic_discriminant *self, const sv_batch *in, sv_arena *arena, double **out,
                               size_t *n_rows, savor_error *err)
{
    size_t n_classes = self->base.classes.n_items, n_axes = 0;
    double *scratch;
    sv_tensor x;
    savor_status st = sv_check_dense(&self->base, in, 0, arena, &x, err);
    if (st)
        return st;
    for (size_t c = 0; c < n_classes; c++)
        n_axes = self->classes[c].n_axes > n_axes ? self->classes[c].n_axes : n_axes;
    *n_rows = x.shape[0];
    if ((st = sv_batch_alloc(arena, self->n_features + n_axes, 1, &scratch, err)) ||
        (st = sv_batch_alloc(arena, *n_rows, n_classes, out, err)))
        return st;
    for (size_t r = 0; r < *n_rows; r++)
        for (size_t c = 0; c < n_classes; c++)
            (*out)[r * n_classes + c] = posterior_of(self, &self->classes[c], &x, r, scratch);
    return SAVOR_OK;
}

static savor_status decide_quadratic(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                     savor_error *err)
{
    size_t n_rows, n_classes = base->classes.n_items;
    double *scores;
    savor_status st = posteriors((const quadratic_discriminant *)base, in, arena, &scores, &n_rows, err);
    if (st)
        return st;
    for (size_t r = 0; n_classes == 2 && r < n_rows; r++)
        scores[r] = scores[2 * r + 1] - scores[2 * r];
    *out = sv_batch_of_doubles(scores, n_rows, n_classes == 2 ? 0 : n_classes);
    return SAVOR_OK;
}

static savor_status predict_quadratic(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                      savor_error *err)
{
    size_t n_rows;
    double *scores;
    savor_status st = posteriors((const quadratic_discriminant *)base, in, arena, &scores, &n_rows, err);
    return st ? st : sv_take_argmax(&base->classes, scores, n_rows, arena, out, err);
}

/* Log posteriors -> their logarithms after normalization. */
static void normalize_log(double *row, size_t n)
{
    double max = row[sv_argmax(row, n)], sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        row[i] -= max;
        sum += exp(row[i]);
    }
    for (size_t i = 0; i < n; i++)
        row[i] -= log(sum);
}

static savor_status quadratic_proba(const sv_estimator *base, const sv_batch *in, bool as_log, sv_arena *arena,
                                    sv_batch *out, savor_error *err)
{
    const quadratic_discriminant *self = (const quadratic_discriminant *)base;
    size_t n_rows, n = base->classes.n_items;
    double *proba;
    savor_status st = posteriors(self, in, arena, &proba, &n_rows, err);
    if (st)
        return st;
    for (size_t r = 0; r < n_rows; r++)
        if (self->divides)
            sv_softmax(proba + r * n, n);
        else
            normalize_log(proba + r * n, n);
    for (size_t i = 0; as_log == self->divides && i < n_rows * n; i++)
        proba[i] = as_log ? log(proba[i]) : exp(proba[i]);
    *out = sv_batch_of_doubles(proba, n_rows, n);
    return SAVOR_OK;
}

static savor_status predict_quadratic_proba(const sv_estimator *base, const sv_batch *in, sv_arena *arena,
                                            sv_batch *out, savor_error *err)
{
    return quadratic_proba(base, in, false, arena, out, err);
}

static savor_status predict_quadratic_log(const sv_estimator *base, const sv_batch *in, sv_arena *arena,
                                          sv_batch *out, savor_error *err)
{
    return quadratic_proba(base, in, true, arena, out, err);
}

const sv_estimator_class sv_discriminants[] = {
    {.name = "LinearDiscriminantAnalysis",
     .load = load_linear,
     .methods = {[SV_PREDICT] = predict_linear,
                 [SV_PREDICT_PROBA] = predict_linear_proba,
                 [SV_PREDICT_LOG_PROBA] = predict_linear_log,
                 [SV_DECISION_FUNCTION] = decide_linear,
                 [SV_TRANSFORM] = transform}},
    {.name = "QuadraticDiscriminantAnalysis",
     .load = load_quadratic,
     .methods = {[SV_PREDICT] = predict_quadratic,
                 [SV_PREDICT_PROBA] = predict_quadratic_proba,
                 [SV_PREDICT_LOG_PROBA] = predict_quadratic_log,
                 [SV_DECISION_FUNCTION] = decide_quadratic}},
    {.name = NULL},
};
