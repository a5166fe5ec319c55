/* mixture.c: GaussianMixture and BayesianGaussianMixture. */
#include "base/alloc.h"
#include "engine/dense.h"
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
    const double *offsets;  /* [n] all that does not depend on the row, added last */
    const double *log_det;  /* [n] */
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
    double *log_det;
    savor_status st = sv_batch_alloc(loader->arena, self->n, 1, &log_det, err);
    for (size_t k = 0; !st && k < self->n; k++) {
        log_det[k] = 0.0;
        for (size_t i = 0; i < p; i++)
            switch (self->kind) {
            case COVARIANCE_FULL:
                log_det[k] += log(self->cholesky[(k * p + i) * p + i]);
                break;
            case COVARIANCE_TIED:
                log_det[k] += log(self->cholesky[i * p + i]);
                break;
            case COVARIANCE_DIAG:
                log_det[k] += log(self->cholesky[k * p + i]);
                break;
            case COVARIANCE_SPHERICAL:
                break;
            }
        if (self->kind == COVARIANCE_SPHERICAL)
            log_det[k] = (double)p * log(self->cholesky[k]);
    }
    self->log_det = log_det;
    return st;
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
    return read_determinants(loader, self, err);
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
    self->offsets = offsets;
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
    double *offsets;
    savor_status st = load_mixture(loader, cls, object, &self, err);
    if (st || (st = sv_attr_doubles(loader, object, "degrees_of_freedom_", &degrees, err)) ||
        (st = sv_attr_vector(loader, object, "mean_precision_", self->n, &precision, err)) ||
        (st = sv_batch_alloc(loader->arena, self->n, 1, &offsets, err)) ||
        (st = log_weights(loader, object, self, offsets, err)))
        return st;
    if (degrees.n_items != self->n && degrees.n_items != 1) /* one for all where the covariance is tied */
        return sv_attr_fail(object, "degrees_of_freedom_", "not one for each component", err);
    for (size_t k = 0; k < self->n; k++) {
        double nu = ((const double *)degrees.data)[degrees.n_items == 1 ? 0 : k], p = (double)self->n_features;
        double lambda = p * log(2.0), sum = 0.0;
        for (size_t i = 0; i < self->n_features; i++)
            sum += digamma(0.5 * (nu - (double)i));
        lambda += sum;
        offsets[k] += -0.5 * p * log(nu) + 0.5 * (lambda - p / precision[k]);
    }
    self->offsets = offsets;
    *out = &self->base;
    return SAVOR_OK;
}

/* ---- predicting ---- */

/* The squared length of (x - mean) in units of the component: column j of the factor at a time. */
static double mahalanobis(const mixture *self, size_t k, const double *x)
{
    size_t p = self->n_features;
    const double *mean = self->means + k * p, *c = self->cholesky;
    double sum = 0.0;
    for (size_t j = 0; j < p; j++) {
        double y = 0.0;
        switch (self->kind) {
        case COVARIANCE_FULL:
        case COVARIANCE_TIED: {
            const double *factor = c + (self->kind == COVARIANCE_FULL ? k * p * p : 0);
            double a = 0.0, b = 0.0;
            for (size_t i = 0; i < p; i++) {
                a += x[i] * factor[i * p + j];
                b += mean[i] * factor[i * p + j];
            }
            y = a - b;
            break;
        }
        case COVARIANCE_DIAG:
            y = (x[j] - mean[j]) * c[k * p + j];
            break;
        case COVARIANCE_SPHERICAL:
            y = (x[j] - mean[j]) * c[k];
            break;
        }
        sum += y * y;
    }
    return sum;
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
    *n_rows = x.shape[0];
    for (size_t r = 0; r < *n_rows; r++)
        for (size_t k = 0; k < self->n; k++) {
            double distance = mahalanobis(self, k, (const double *)x.data + r * self->n_features);
            (*out)[r * self->n + k] = -0.5 * (constant + distance) + self->log_det[k] + self->offsets[k];
        }
    return SAVOR_OK;
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
