/*
 * gaussian_process.c: GaussianProcessRegressor and GaussianProcessClassifier: covariances with the training rows,
 * weighted; for probabilities also the variance.
 */
#include "base/alloc.h"
#include "engine/dense.h"
#include "sklearn/attributes.h"
#include "sklearn/check.h"
#include "sklearn/covariance_kernel.h"
#include "sklearn/families.h"

#include <math.h>

#define PI 3.14159265358979323846

/* What both have: the training rows and a kernel. */
typedef struct gp_rows {
    size_t n, n_features;
    const double *rows; /* [n x n_features] X_train_ */
    const sv_covariance *kernel;
} gp_rows;

static savor_status read_rows(sv_loader *loader, const sv_record *object, sv_estimator *base, gp_rows *out,
                              savor_error *err)
{
    sv_tensor rows;
    savor_status st = sv_attr_matrix(loader, object, "X_train_", 0, base->n_features_in, &rows, err);
    if (st)
        return st;
    out->n = rows.shape[0];
    out->n_features = base->n_features_in = rows.shape[1];
    out->rows = rows.data;
    if (out->n_features == 0)
        return sv_attr_fail(object, "X_train_", "without columns", err);
    return sv_covariance_load(loader, object, "kernel_", out->n_features, &out->kernel, err);
}

/* Covariances of one row with all training rows. */
static void compute(const gp_rows *rows, const double *x, double *out)
{
    for (size_t i = 0; i < rows->n; i++)
        out[i] = sv_covariance_of(rows->kernel, x, rows->rows + i * rows->n_features, rows->n_features);
}

/* ---- regression ---- */

typedef struct gp_regressor {
    sv_estimator base;
    gp_rows fit;
    size_t n_outputs;
    const double *weights;    /* [n_outputs x fit.n] alpha_, turned */
    const double *mean, *std; /* [n_outputs] of y */
} gp_regressor;

/* One number for all outputs, or one each. */
static savor_status read_spread(sv_loader *loader, const sv_record *object, const char *name, size_t n,
                                const double **out, savor_error *err)
{
    sv_tensor t;
    double *values;
    savor_status st = sv_attr_doubles(loader, object, name, &t, err);
    if (st)
        return st;
    if (t.n_items != 1 && t.n_items != n)
        return sv_attr_fail(object, name, "not one number for each output", err);
    if ((st = sv_batch_alloc(loader->arena, n, 1, &values, err)))
        return st;
    for (size_t i = 0; i < n; i++)
        values[i] = ((const double *)t.data)[t.n_items == 1 ? 0 : i];
    *out = values;
    return SAVOR_OK;
}

static savor_status read_alpha(sv_loader *loader, const sv_record *object, gp_regressor *self, savor_error *err)
{
    sv_tensor alpha;
    double *weights;
    size_t n = self->fit.n;
    savor_status st = sv_attr_doubles(loader, object, "alpha_", &alpha, err);
    if (st)
        return st;
    size_t n_outputs = alpha.n_dims == 1 ? 1 : alpha.n_dims == 2 ? alpha.shape[1] : 0;
    if (n_outputs == 0 || alpha.shape[0] != n)
        return sv_attr_fail(object, "alpha_", "not one number for each training row", err);
    if ((st = sv_batch_alloc(loader->arena, n_outputs, n, &weights, err)))
        return st;
    for (size_t i = 0; i < n; i++)
        for (size_t o = 0; o < n_outputs; o++)
            weights[o * n + i] = ((const double *)alpha.data)[i * n_outputs + o];
    self->n_outputs = n_outputs;
    self->weights = weights;
    return SAVOR_OK;
}

static savor_status load_regressor(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                   const sv_estimator **out, savor_error *err)
{
    sv_estimator *base;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(gp_regressor), &base, err);
    gp_regressor *self = (gp_regressor *)base;
    if (st || (st = read_rows(loader, object, base, &self->fit, err)) ||
        (st = read_alpha(loader, object, self, err)) ||
        (st = read_spread(loader, object, "_y_train_mean", self->n_outputs, &self->mean, err)) ||
        (st = read_spread(loader, object, "_y_train_std", self->n_outputs, &self->std, err)))
        return st;
    *out = base;
    return SAVOR_OK;
}

static savor_status predict_mean(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                 savor_error *err)
{
    const gp_regressor *self = (const gp_regressor *)base;
    size_t n_outputs = self->n_outputs;
    double *kernels, *answers;
    sv_tensor x;
    savor_status st = sv_check_dense(base, in, 0, arena, &x, err);
    if (st || (st = sv_batch_alloc(arena, self->fit.n, 1, &kernels, err)) ||
        (st = sv_batch_alloc(arena, x.shape[0], n_outputs, &answers, err)))
        return st;
    for (size_t r = 0; r < x.shape[0]; r++) {
        compute(&self->fit, (const double *)x.data + r * x.shape[1], kernels);
        sv_dense_predict_row(&(sv_dense){self->fit.n, n_outputs, self->weights, NULL}, kernels, r, x.shape[0],
                             answers + r * n_outputs);
        for (size_t o = 0; o < n_outputs; o++)
            answers[r * n_outputs + o] = self->std[o] * answers[r * n_outputs + o] + self->mean[o];
    }
    *out = sv_batch_of_doubles(answers, x.shape[0], n_outputs == 1 ? 0 : n_outputs);
    return SAVOR_OK;
}

/* ---- two classes ---- */

typedef struct gp_binary {
    sv_estimator base;
    gp_rows fit;
    const double *weights; /* [fit.n] y_train_ - pi_ */
    const double *roots;   /* [fit.n] W_sr_ */
    const double *lower;   /* [fit.n x fit.n] L_ */
} gp_binary;

static savor_status read_weights(sv_loader *loader, const sv_record *object, gp_binary *self, savor_error *err)
{
    const double *y, *pi;
    double *weights;
    size_t n = self->fit.n;
    savor_status st = sv_attr_vector(loader, object, "y_train_", n, &y, err);
    if (st || (st = sv_attr_vector(loader, object, "pi_", n, &pi, err)) ||
        (st = sv_batch_alloc(loader->arena, n, 1, &weights, err)))
        return st;
    for (size_t i = 0; i < n; i++)
        weights[i] = y[i] - pi[i];
    self->weights = weights;
    return SAVOR_OK;
}

static savor_status load_binary(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                const sv_estimator **out, savor_error *err)
{
    sv_estimator *base;
    sv_tensor lower;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(gp_binary), &base, err);
    gp_binary *self = (gp_binary *)base;
    if (st || (st = read_rows(loader, object, base, &self->fit, err)) ||
        (st = read_weights(loader, object, self, err)) ||
        (st = sv_attr_vector(loader, object, "W_sr_", self->fit.n, &self->roots, err)) ||
        (st = sv_attr_matrix(loader, object, "L_", self->fit.n, self->fit.n, &lower, err)))
        return st;
    if (base->classes.n_items != 2)
        return sv_attr_fail(object, "classes_", "not two classes", err);
    self->lower = lower.data;
    *out = base;
    return SAVOR_OK;
}

static double mean_of(const gp_binary *self, const double *kernels, size_t r, size_t n_rows)
{
    double mean;
    sv_dense_predict_row(&(sv_dense){self->fit.n, 1, self->weights, NULL}, kernels, r, n_rows, &mean);
    return mean;
}

static savor_status predict_binary(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                   savor_error *err)
{
    const gp_binary *self = (const gp_binary *)base;
    double *kernels;
    sv_tensor x;
    savor_status st = sv_check_dense(base, in, 0, arena, &x, err);
    if (st || (st = sv_batch_alloc(arena, self->fit.n, 1, &kernels, err)))
        return st;
    size_t *indices = sv_arena_array(arena, x.shape[0], sizeof *indices);
    if (!indices)
        return sv_arena_fail(arena, x.shape[0] * sizeof *indices, err);
    for (size_t r = 0; r < x.shape[0]; r++) {
        compute(&self->fit, (const double *)x.data + r * x.shape[1], kernels);
        indices[r] = mean_of(self, kernels, r, x.shape[0]) > 0;
    }
    return sv_take_labels(&base->classes, indices, x.shape[0], arena, out, err);
}

/* What the training rows explain of a row's variance: |L^-1 (W_sr * k)|^2; `v` is scratch. */
static double explained_of(const gp_binary *self, const double *kernels, double *v)
{
    size_t n = self->fit.n;
    double total = 0.0;
    for (size_t i = 0; i < n; i++) {
        const double *row = self->lower + i * n;
        double sum = self->roots[i] * kernels[i];
        for (size_t j = 0; j < i; j++)
            sum -= row[j] * v[j];
        v[i] = sum / row[i];
        total += v[i] * v[i];
    }
    return total;
}

/* The integral of the logistic function over a normal distribution, by five error functions (Williams and Barber). */
static double integrate(double mean, double variance)
{
    static const double LAMBDAS[] = {0.41, 0.4, 0.37, 0.44, 0.39};
    static const double COEFS[] = {-1854.8214151, 3516.89893646, 221.29346712, 128.12323805, -2010.49422654};
    double alpha = 1 / (2 * variance), sum = 0.0, coefs = 0.0;
    for (size_t i = 0; i < sizeof LAMBDAS / sizeof *LAMBDAS; i++) {
        double gamma = LAMBDAS[i] * mean;
        double integral = sqrt(PI / alpha) * erf(gamma * sqrt(alpha / (alpha + LAMBDAS[i] * LAMBDAS[i]))) /
                          (2 * sqrt(variance * 2 * PI));
        sum += COEFS[i] * integral;
        coefs += COEFS[i];
    }
    return sum + 0.5 * coefs;
}

static savor_status predict_binary_proba(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                         savor_error *err)
{
    const gp_binary *self = (const gp_binary *)base;
    size_t n = self->fit.n;
    double *scratch, *proba;
    sv_tensor x;
    savor_status st = sv_check_dense(base, in, 0, arena, &x, err);
    if (st || (st = sv_batch_alloc(arena, n, 2, &scratch, err)) ||
        (st = sv_batch_alloc(arena, x.shape[0], 2, &proba, err)))
        return st;
    for (size_t r = 0; r < x.shape[0]; r++) {
        const double *row = (const double *)x.data + r * x.shape[1];
        compute(&self->fit, row, scratch);
        double variance = sv_covariance_own(self->fit.kernel, row, self->fit.n_features);
        variance -= explained_of(self, scratch, scratch + n);
        proba[2 * r + 1] = integrate(mean_of(self, scratch, r, x.shape[0]), variance);
        proba[2 * r] = 1 - proba[2 * r + 1];
    }
    *out = sv_batch_of_doubles(proba, x.shape[0], 2);
    return SAVOR_OK;
}

/* ---- classification ---- */

typedef struct gp_classifier {
    sv_estimator base;
    const sv_estimator *inner; /* base_estimator_: two classes, or one such for each class or pair of classes */
    bool is_pairs;
} gp_classifier;

static savor_status load_classifier(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                    const sv_estimator **out, savor_error *err)
{
    sv_estimator *base;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(gp_classifier), &base, err);
    gp_classifier *self = (gp_classifier *)base;
    if (st || (st = sv_attr_estimator(loader, object, "base_estimator_", &self->inner, err)))
        return st;
    self->is_pairs = base->classes.n_items > 2 && sv_str_is(sv_attr_text(object, "multi_class"), "one_vs_one");
    *out = base;
    return SAVOR_OK;
}

static savor_status ask(const gp_classifier *self, sv_method method, const sv_batch *in, sv_arena *arena,
                        sv_batch *out, savor_error *err)
{
    sv_batch x = {.kind = SV_BATCH_TENSOR};
    savor_status st = sv_check_dense(&self->base, in, 0, arena, &x.tensor, err);
    return st ? st : sv_estimator_call(self->inner, method, &x, arena, out, err);
}

static savor_status predict_class(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                  savor_error *err)
{
    return ask((const gp_classifier *)base, SV_PREDICT, in, arena, out, err);
}

static savor_status predict_proba(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                  savor_error *err)
{
    const gp_classifier *self = (const gp_classifier *)base;
    if (self->is_pairs)
        return sv_fail(err, SAVOR_MODEL,
                       "one_vs_one multi-class mode does not support predicting probability estimates. Use "
                       "one_vs_rest mode instead.");
    return ask(self, SV_PREDICT_PROBA, in, arena, out, err);
}

const sv_estimator_class sv_gaussian_processes[] = {
    {.name = "GaussianProcessClassifier",
     .load = load_classifier,
     .methods = {[SV_PREDICT] = predict_class, [SV_PREDICT_PROBA] = predict_proba}},
    {.name = "GaussianProcessRegressor", .load = load_regressor, .methods = {[SV_PREDICT] = predict_mean}},
    {.name = "_BinaryGaussianProcessClassifierLaplace",
     .load = load_binary,
     .methods = {[SV_PREDICT] = predict_binary, [SV_PREDICT_PROBA] = predict_binary_proba}},
    {.name = NULL},
};
