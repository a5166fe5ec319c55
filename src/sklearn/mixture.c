/* mixture.c: GaussianMixture and BayesianGaussianMixture. */
#include "base/alloc.h"
#include "engine/dense.h"
#include "engine/distance.h"
#include "sklearn/attributes.h"
#include "sklearn/check.h"
#include "sklearn/families.h"

#include <math.h>

typedef enum covariance {
    COVARIANCE_FULL,
    COVARIANCE_TIED,
    COVARIANCE_DIAG,
    COVARIANCE_SPHERICAL,
} covariance;

typedef struct mixture {
    sv_estimator base;
    covariance kind;
    size_t n, n_features;
    const double *means;    /* [n x n_features] */
    const double *cholesky; /* of the precisions: FULL [n x p x p], TIED [p x p], DIAG [n x p], SPHERICAL [n] */
    const double *factors; /* what rows are multiplied with: FULL, TIED: cholesky, each turned; else [n x p] the means
                              in units of their components */
    bool by_columns;       /* numpy holds the factors of FULL and TIED, before they are turned, in C order */
    const double *precision; /* DIAG [n x p], SPHERICAL [n]: cholesky squared */
    const double *base_of;   /* FULL, TIED: [n x p] means times their factors; else [n] what the means alone add */
    const double *log_det;   /* [n] */
    size_t n_steps;
    const double *steps[3]; /* [n] each: what does not depend on the row, added one after the other */
} mixture;

/* The logarithmic derivative of the gamma function: recurrence up to 10, then the asymptotic series. What a fit gives
 * is positive. */
static double digamma(double x)
{
    double shift = 0.0;
    if (!(x > 0.0))
        return (double)NAN;
    while (x < 10.0) {
        shift -= 1.0 / x;
        x += 1.0;
    }
    double f = 1.0 / (x * x);
    double series =
        f * (1.0 / 12 -
             f * (1.0 / 120 - f * (1.0 / 252 - f * (1.0 / 240 - f * (1.0 / 132 - f * (691.0 / 32760 - f / 12))))));
    return shift + log(x) - 0.5 / x - series;
}

/* ---- loading ---- */

static savor_status read_kind(const sv_record *object, covariance *out, savor_error *err)
{
    static const char *const NAMES[] = {"full", "tied", "diag", "spherical"};
    sv_str name = sv_attr_text(object, "covariance_type");
    for (size_t i = 0; i < 4; i++)
        if (sv_str_is(name, NAMES[i])) {
            *out = (covariance)i;
            return SAVOR_OK;
        }
    return sv_fail(err, SAVOR_UNSUPPORTED, "covariance_type=%.*s is not known", SV_FMT(name));
}

/* The logarithm of the determinant of each component's Cholesky factor. */
static savor_status read_determinants(sv_loader *loader, mixture *self, savor_error *err)
{
    size_t p = self->n_features;
    double *log_det, *logs;
    savor_status st = sv_batch_alloc(loader->arena, self->n, 1, &log_det, err);
    if (st || (st = sv_batch_alloc(loader->arena, p, 1, &logs, err)))
        return st;
    for (size_t k = 0; k < self->n; k++) {
        for (size_t i = 0; i < p; i++)
            logs[i] = log(self->kind == COVARIANCE_FULL   ? self->cholesky[(k * p + i) * p + i]
                          : self->kind == COVARIANCE_TIED ? self->cholesky[i * p + i]
                          : self->kind == COVARIANCE_DIAG ? self->cholesky[k * p + i]
                                                          : self->cholesky[k]);
        log_det[k] = self->kind == COVARIANCE_SPHERICAL ? (double)p * logs[0] : sv_pairwise_sum(logs, p);
    }
    self->log_det = log_det;
    return SAVOR_OK;
}

/* mu @ precisions_chol of each component, whose factor is turned for it. */
static savor_status multiply_means(sv_loader *loader, const sv_record *object, mixture *self, savor_error *err)
{
    size_t p = self->n_features, n_factors = self->kind == COVARIANCE_FULL ? self->n : 1;
    const sv_array *array = sv_record_array(sv_record_find(object, "precisions_cholesky_"));
    double *turned, *products;
    savor_status st = sv_batch_alloc(loader->arena, n_factors * p, p, &turned, err);
    if (st || (st = sv_batch_alloc(loader->arena, self->n, p, &products, err)))
        return st;
    for (size_t i = 0; i < n_factors * p * p; i++)
        turned[i / (p * p) * p * p + i % p * p + i / p % p] = self->cholesky[i];
    self->by_columns = p > 1 && !(self->kind == COVARIANCE_TIED && array && array->by_columns);
    for (size_t k = 0; k < self->n; k++) {
        sv_rows mean = {self->means + k * p, 1, p, false};
        sv_rows factor = {turned + (self->kind == COVARIANCE_FULL ? k * p * p : 0), p, p, self->by_columns};
        sv_rows_multiply(&mean, &factor, products + k * p);
    }
    self->factors = turned;
    self->base_of = products;
    return SAVOR_OK;
}

/* sum(means^2 * precisions), means * precisions and the precisions, of components without covariances. Up to 1.5 the
 * precision of a sphere was multiplied with its mean, then with its product with the row. */
static savor_status scale_means(sv_loader *loader, mixture *self, savor_error *err)
{
    size_t p = self->n_features, width = self->kind == COVARIANCE_DIAG ? p : 1;
    bool late = self->kind == COVARIANCE_SPHERICAL && !sv_release_is_before(self->base.release, 1, 6);
    double *precision, *factors, *sums, *terms;
    savor_status st = sv_batch_alloc(loader->arena, self->n, width, &precision, err);
    if (st || (st = sv_batch_alloc(loader->arena, self->n, p, &factors, err)) ||
        (st = sv_batch_alloc(loader->arena, self->n, 1, &sums, err)) ||
        (st = sv_batch_alloc(loader->arena, p, 1, &terms, err)))
        return st;
    for (size_t i = 0; i < self->n * width; i++)
        precision[i] = self->cholesky[i] * self->cholesky[i];
    for (size_t k = 0; k < self->n; k++) {
        for (size_t i = 0; i < p; i++) {
            double mean = self->means[k * p + i], scale = precision[k * width + (width > 1 ? i : 0)];
            factors[k * p + i] = late ? mean : mean * scale;
            terms[i] = self->kind == COVARIANCE_DIAG ? mean * mean * scale : mean * mean;
        }
        sums[k] = sv_pairwise_sum(terms, p) * (self->kind == COVARIANCE_DIAG ? 1.0 : precision[k]);
    }
    self->precision = precision;
    self->factors = factors;
    self->base_of = sums;
    return SAVOR_OK;
}

static savor_status load_mixture(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                 mixture **out, savor_error *err)
{
    sv_estimator *base;
    sv_tensor means;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(mixture), &base, err);
    mixture *self = (mixture *)base;
    *out = self;
    if (st || (st = read_kind(object, &self->kind, err)) ||
        (st = sv_attr_matrix(loader, object, "means_", 0, 0, &means, err)))
        return st;
    self->n = means.shape[0];
    self->n_features = means.shape[1];
    self->means = means.data;
    size_t p = self->n_features;
    size_t n_items = self->kind == COVARIANCE_FULL   ? self->n * p * p
                     : self->kind == COVARIANCE_TIED ? p * p
                     : self->kind == COVARIANCE_DIAG ? self->n * p
                                                     : self->n;
    if (self->n == 0 || p == 0 || p > 100000 || self->n > 1000000)
        return sv_attr_fail(object, "means_", "out of range", err);
    if ((st = sv_estimator_set_features(base, object, p, err)) ||
        (st = sv_attr_vector(loader, object, "precisions_cholesky_", n_items, &self->cholesky, err)))
        return st;
    if ((st = read_determinants(loader, self, err)))
        return st;
    return self->kind == COVARIANCE_FULL || self->kind == COVARIANCE_TIED ? multiply_means(loader, object, self, err)
                                                                          : scale_means(loader, self, err);
}

static savor_status load_gaussian(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                  const sv_estimator **out, savor_error *err)
{
    mixture *self;
    const double *weights;
    double *offsets;
    savor_status st = load_mixture(loader, cls, object, &self, err);
    if (st || (st = sv_attr_vector(loader, object, "weights_", self->n, &weights, err)) ||
        (st = sv_batch_alloc(loader->arena, self->n, 1, &offsets, err)))
        return st;
    for (size_t k = 0; k < self->n; k++)
        offsets[k] = log(weights[k]);
    self->n_steps = 1;
    self->steps[0] = offsets;
    *out = &self->base;
    return SAVOR_OK;
}

/* What the prior over the weights says of each component. */
static savor_status log_weights(sv_loader *loader, const sv_record *object, const mixture *self, double *out,
                                savor_error *err)
{
    const sv_record *r = sv_record_find(object, "weight_concentration_");
    size_t n_pair, n = self->n;
    const sv_record *const *pair = sv_record_items(r, &n_pair);
    sv_tensor a, b;
    savor_status st;
    if (n_pair == 2 && sv_record_array(pair[0])) { /* dirichlet_process */
        double sum = 0.0;
        if ((st = sv_record_doubles(pair[0], loader->arena, &a, err)) ||
            (st = sv_record_doubles(pair[1], loader->arena, &b, err)))
            return st;
        if (a.n_items != n || b.n_items != n)
            return sv_attr_fail(object, "weight_concentration_", "not one for each component", err);
        for (size_t k = 0; k < n; k++) {
            double ak = ((const double *)a.data)[k], bk = ((const double *)b.data)[k], both = digamma(ak + bk);
            out[k] = digamma(ak) - both + sum;
            sum += digamma(bk) - both;
        }
        return SAVOR_OK;
    }
    const double *concentration;
    if ((st = sv_attr_vector(loader, object, "weight_concentration_", n, &concentration, err)))
        return st;
    double all = digamma(sv_pairwise_sum(concentration, n));
    for (size_t k = 0; k < n; k++)
        out[k] = digamma(concentration[k]) - all;
    return SAVOR_OK;
}

static savor_status load_bayesian(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                  const sv_estimator **out, savor_error *err)
{
    mixture *self;
    sv_tensor degrees;
    const double *precision;
    double *weights, *scale, *lambda;
    savor_status st = load_mixture(loader, cls, object, &self, err);
    if (st || (st = sv_attr_doubles(loader, object, "degrees_of_freedom_", &degrees, err)) ||
        (st = sv_attr_vector(loader, object, "mean_precision_", self->n, &precision, err)) ||
        (st = sv_batch_alloc(loader->arena, self->n, 1, &weights, err)) ||
        (st = sv_batch_alloc(loader->arena, self->n, 1, &scale, err)) ||
        (st = sv_batch_alloc(loader->arena, self->n, 1, &lambda, err)) ||
        (st = log_weights(loader, object, self, weights, err)))
        return st;
    if (degrees.n_items != self->n && degrees.n_items != 1) /* one for all where the covariance is tied */
        return sv_attr_fail(object, "degrees_of_freedom_", "not one for each component", err);
    for (size_t k = 0; k < self->n; k++) {
        double nu = ((const double *)degrees.data)[degrees.n_items == 1 ? 0 : k], p = (double)self->n_features;
        double sum = 0.0;
        for (size_t i = 0; i < self->n_features; i++)
            sum += digamma(0.5 * (nu - (double)i));
        scale[k] = -(0.5 * p * log(nu));
        lambda[k] = 0.5 * (p * log(2.0) + sum - p / precision[k]);
    }
    self->n_steps = 3;
    self->steps[0] = scale;
    self->steps[1] = lambda;
    self->steps[2] = weights;
    *out = &self->base;
    return SAVOR_OK;
}

/* ---- predicting ---- */

/* sum((x - y)^2) as numpy adds an axis: in blocks of 128. */
static double sum_of_squares(const double *x, const double *y, size_t n)
{
    double terms[128];
    if (n > 128) { /* halved as sv_pairwise_sum halves: at most 64 deep */
        size_t half = n / 2 - n / 2 % 8;
        return sum_of_squares(x, y, half) + sum_of_squares(x + half, y + half, n - half);
    }
    for (size_t i = 0; i < n; i++) {
        double d = x[i] - y[i];
        terms[i] = d * d;
    }
    return sv_pairwise_sum(terms, n);
}

/* Squared lengths of (x - mean) in units of the components, the difference taken behind the product. */
static savor_status by_factors(const mixture *self, const sv_rows *x, sv_arena *arena, double *out, savor_error *err)
{
    size_t p = self->n_features;
    double *products;
    savor_status st = sv_batch_alloc(arena, x->n_rows, p, &products, err);
    if (st)
        return st;
    for (size_t k = 0; k < self->n; k++) {
        sv_rows factor = {self->factors + (self->kind == COVARIANCE_FULL ? k * p * p : 0), p, p, self->by_columns};
        if (k == 0 || self->kind == COVARIANCE_FULL)
            sv_rows_multiply(x, &factor, products);
        for (size_t r = 0; r < x->n_rows; r++)
            out[r * self->n + k] = sum_of_squares(products + r * p, self->base_of + k * p, p);
    }
    return SAVOR_OK;
}

/* The same without covariances: the square multiplied out. */
static savor_status by_scales(const mixture *self, const sv_rows *x, sv_arena *arena, double *out, savor_error *err)
{
    bool is_diag = self->kind == COVARIANCE_DIAG, late = !is_diag && !sv_release_is_before(self->base.release, 1, 6);
    sv_rows factors = {self->factors, self->n, x->n, false}, precision = {self->precision, self->n, x->n, false};
    sv_rows squares = *x;
    double *room, *quadratic;
    savor_status st = sv_batch_alloc(arena, x->n_rows, x->n, &room, err);
    if (st || (st = sv_batch_alloc(arena, x->n_rows, self->n, &quadratic, err)))
        return st;
    for (size_t i = 0; i < x->n_rows * x->n; i++)
        room[i] = x->values[i] * x->values[i];
    squares.values = room;
    if (is_diag)
        sv_rows_multiply(&squares, &precision, quadratic);
    sv_rows_multiply(x, &factors, out);
    for (size_t i = 0; i < x->n_rows * self->n; i++) {
        size_t k = i % self->n;
        double linear = late ? out[i] * self->precision[k] : out[i];
        double square = is_diag ? quadratic[i] : sv_row_norm(x, i / self->n) * self->precision[k];
        out[i] = self->base_of[k] - 2.0 * linear + square;
    }
    return SAVOR_OK;
}

/* Since 1.8 squared lengths are kept in the dtype of the rows: integers lose what is behind the point, bools all but
 * whether there was any. */
static double keep_length(savor_dtype dtype, double length)
{
    char kind = sv_dtype_kind(dtype);
    return kind == 'b' ? length != 0.0 : kind == 'i' || kind == 'u' ? trunc(length) : length;
}

/* Weighted log probabilities: [n_rows x n]. */
static savor_status weighted(const sv_estimator *base, const sv_batch *in, sv_arena *arena, double **out,
                             size_t *n_rows, savor_error *err)
{
    const mixture *self = (const mixture *)base;
    double constant = (double)self->n_features * log(2.0 * 3.14159265358979323846);
    sv_tensor x;
    savor_status st = sv_check_dense(base, in, SV_CHECK_NUMERIC, arena, &x, err);
    if (st || (st = sv_batch_alloc(arena, x.shape[0], self->n, out, err)))
        return st;
    sv_rows rows = {x.data, x.shape[0], x.shape[1], sv_is_fortran(in)};
    bool has_factors = self->kind == COVARIANCE_FULL || self->kind == COVARIANCE_TIED;
    bool keeps_dtype = has_factors && !sv_release_is_before(base->release, 1, 8);
    savor_dtype dtype = keeps_dtype ? sv_check_dtype(in) : SAVOR_FLOAT64;
    *n_rows = x.shape[0];
    st = (has_factors ? by_factors : by_scales)(self, &rows, arena, *out, err);
    for (size_t i = 0; !st && i < *n_rows * self->n; i++) {
        size_t k = i % self->n;
        double sum = -0.5 * (constant + keep_length(dtype, (*out)[i])) + self->log_det[k];
        for (size_t s = 0; s < self->n_steps; s++)
            sum += self->steps[s][k];
        (*out)[i] = sum;
    }
    return st;
}

static savor_status predict(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                            savor_error *err)
{
    const mixture *self = (const mixture *)base;
    size_t n_rows;
    double *values;
    savor_status st = weighted(base, in, arena, &values, &n_rows, err);
    int64_t *labels = st ? NULL : sv_arena_array(arena, n_rows, sizeof *labels);
    if (st)
        return st;
    if (!labels)
        return sv_arena_fail(arena, n_rows * sizeof *labels, err);
    for (size_t r = 0; r < n_rows; r++)
        labels[r] = (int64_t)sv_argmax(values + r * self->n, self->n);
    *out = (sv_batch){.kind = SV_BATCH_TENSOR, .tensor = sv_tensor_view(SAVOR_INT64, n_rows, 0, labels)};
    return SAVOR_OK;
}

static savor_status predict_proba(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                  savor_error *err)
{
    const mixture *self = (const mixture *)base;
    size_t n_rows;
    double *values;
    savor_status st = weighted(base, in, arena, &values, &n_rows, err);
    for (size_t r = 0; !st && r < n_rows; r++) {
        double *row = values + r * self->n, sum = sv_logsumexp(row, self->n);
        for (size_t k = 0; k < self->n; k++)
            row[k] = exp(row[k] - sum);
    }
    if (!st)
        *out = sv_batch_of_doubles(values, n_rows, self->n);
    return st;
}

static savor_status score_samples(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                  savor_error *err)
{
    const mixture *self = (const mixture *)base;
    size_t n_rows;
    double *values;
    savor_status st = weighted(base, in, arena, &values, &n_rows, err);
    for (size_t r = 0; !st && r < n_rows; r++)
        values[r] = sv_logsumexp(values + r * self->n, self->n); /* r never passes r * n */
    if (!st)
        *out = sv_batch_of_doubles(values, n_rows, 0);
    return st;
}

#define ROW(text, loader)                          \
    {                                              \
        .name = text, .load = loader, .methods = { \
            [SV_PREDICT] = predict,                \
            [SV_PREDICT_PROBA] = predict_proba,    \
            [SV_SCORE_SAMPLES] = score_samples     \
        }                                          \
    }

const sv_estimator_class sv_mixtures[] = {
    ROW("BayesianGaussianMixture", load_bayesian),
    ROW("GaussianMixture", load_gaussian),
    {.name = NULL},
};
