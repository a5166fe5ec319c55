/* naive_bayes.c: GaussianNB, MultinomialNB, ComplementNB, BernoulliNB, CategoricalNB: joint log likelihoods, then the
 * largest, or their softmax. */
#include "base/alloc.h"
#include "engine/dense.h"
#include "sklearn/attributes.h"
#include "sklearn/check.h"
#include "sklearn/families.h"

#include <math.h>

typedef struct naive_bayes naive_bayes;

/* Joint log likelihoods of checked rows: [n_rows x n_classes]. */
typedef savor_status (*likelihood_fn)(const naive_bayes *self, const sv_batch *x, double *out, savor_error *err);

struct naive_bayes {
    sv_estimator base;
    likelihood_fn likelihood;
    size_t n_features;
    const double *prior;     /* [n_classes] added to each class; NULL: nothing */
    const double *weights;   /* [n_classes x n_features] log probabilities, or means */
    const double *variances; /* Gaussian: [n_classes x n_features] */
    const double *constants; /* Gaussian: [n_classes] what the variances alone add */
    const sv_tensor *tables; /* Categorical: [n_features] of [n_classes x n_categories] */
    double threshold;        /* Bernoulli: binarize; NaN: not */
    unsigned flags;          /* of the check */
};

/* ---- Gaussian ---- */

/* (x - mean)^2 / variance of all features: column is added to column where numpy holds the rows so. */
static double gaussian_sum(const double *row, const double *mean, const double *variance, size_t n, bool by_columns)
{
    double terms[128], sum = 0.0;
    for (size_t first = 0; first < n; first += 128) { /* blocks as numpy's pairwise sum has them */
        size_t width = n - first < 128 ? n - first : 128;
        for (size_t i = 0; i < width; i++) {
            double d = row[first + i] - mean[first + i];
            terms[i] = d * d / variance[first + i];
        }
        for (size_t i = 0; by_columns && i < width; i++)
            sum += terms[i];
        if (!by_columns)
            sum += sv_pairwise_sum(terms, width);
    }
    return sum;
}

static savor_status gaussian(const naive_bayes *self, const sv_batch *x, double *out, savor_error *err)
{
    size_t n = self->n_features, n_classes = self->base.classes.n_items, n_rows = sv_batch_rows(x);
    bool by_columns = sv_is_fortran(x);
    (void)err;
    for (size_t r = 0; r < n_rows; r++)
        for (size_t k = 0; k < n_classes; k++) {
            const double *row = (const double *)x->tensor.data + r * n;
            double sum = gaussian_sum(row, self->weights + k * n, self->variances + k * n, n, by_columns);
            out[r * n_classes + k] = self->prior[k] + (self->constants[k] - 0.5 * sum);
        }
    return SAVOR_OK;
}

static savor_status load_gaussian(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                  const sv_estimator **out, savor_error *err)
{
    sv_estimator *base;
    sv_tensor means, variances, prior;
    double *constants, *logs;
    const char *name = sv_record_is_none(sv_record_find(object, "var_")) ? "sigma_" : "var_"; /* before 1.0 */
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(naive_bayes), &base, err);
    naive_bayes *self = (naive_bayes *)base;
    size_t n_classes = st ? 0 : base->classes.n_items;
    if (st || (st = sv_attr_matrix(loader, object, "theta_", n_classes, 0, &means, err)) ||
        (st = sv_attr_matrix(loader, object, name, n_classes, means.shape[1], &variances, err)) ||
        (st = sv_attr_doubles(loader, object, "class_prior_", &prior, err)) ||
        (st = sv_batch_alloc(loader->arena, n_classes, 1, &constants, err)) ||
        (st = sv_batch_alloc(loader->arena, n_classes, 1, &logs, err)))
        return st;
    if (n_classes == 0 || prior.n_items != n_classes)
        return sv_attr_fail(object, "class_prior_", "not one for each class", err);
    self->n_features = means.shape[1];
    if ((st = sv_estimator_set_features(base, object, self->n_features, err)))
        return st;
    self->weights = means.data;
    self->variances = variances.data;
    double *terms = sv_arena_array(loader->arena, self->n_features, sizeof *terms);
    if (!terms)
        return sv_arena_fail(loader->arena, self->n_features * sizeof *terms, err);
    for (size_t k = 0; k < n_classes; k++) {
        for (size_t i = 0; i < self->n_features; i++)
            terms[i] = log(2.0 * 3.14159265358979323846 * self->variances[k * self->n_features + i]);
        constants[k] = -0.5 * sv_pairwise_sum(terms, self->n_features);
        logs[k] = log(((const double *)prior.data)[k]);
    }
    self->constants = constants;
    self->prior = logs;
    self->likelihood = gaussian;
    *out = base;
    return SAVOR_OK;
}

/* ---- counts ---- */

static savor_status counts(const naive_bayes *self, const sv_batch *x, double *out, savor_error *err)
{
    size_t n = self->n_features, n_classes = self->base.classes.n_items, n_rows = sv_batch_rows(x);
    (void)err;
    if (x->kind == SV_BATCH_TENSOR) {
        sv_dense layer = {n, n_classes, self->weights, self->prior};
        sv_dense_predict(&layer, x->tensor.data, n_rows, out);
        return SAVOR_OK;
    }
    for (size_t r = 0; r < n_rows; r++)
        for (size_t k = 0; k < n_classes; k++) {
            double sum = 0.0;
            for (size_t i = x->sparse.row_first[r]; i < x->sparse.row_first[r + 1]; i++)
                sum += x->sparse.values[i] * self->weights[k * n + x->sparse.columns[i]];
            out[r * n_classes + k] = self->prior ? sum + self->prior[k] : sum;
        }
    return SAVOR_OK;
}

/* X > threshold, for BernoulliNB, whose zeros count through the prior. */
static savor_status bits(const naive_bayes *self, const sv_batch *x, double *out, savor_error *err)
{
    size_t n = self->n_features, n_classes = self->base.classes.n_items, n_rows = sv_batch_rows(x);
    bool is_sparse = x->kind == SV_BATCH_SPARSE;
    (void)err;
    for (size_t r = 0; r < n_rows; r++)
        for (size_t k = 0; k < n_classes; k++) {
            size_t first = is_sparse ? x->sparse.row_first[r] : r * n;
            size_t end = is_sparse ? x->sparse.row_first[r + 1] : (r + 1) * n;
            double sum = 0.0;
            for (size_t i = first; i < end; i++) {
                double v = is_sparse ? x->sparse.values[i] : ((const double *)x->tensor.data)[i];
                size_t column = is_sparse ? x->sparse.columns[i] : i - first;
                if (!isnan(self->threshold))
                    v = v > self->threshold;
                sum += v * self->weights[k * n + column];
            }
            out[r * n_classes + k] = sum + self->prior[k];
        }
    return SAVOR_OK;
}

static savor_status load_counts(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                naive_bayes **out, savor_error *err)
{
    sv_estimator *base;
    sv_tensor weights;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(naive_bayes), &base, err);
    naive_bayes *self = (naive_bayes *)base;
    *out = self;
    size_t n_classes = st ? 0 : base->classes.n_items;
    if (st || (st = sv_attr_matrix(loader, object, "feature_log_prob_", n_classes, 0, &weights, err)) ||
        (st = sv_attr_vector(loader, object, "class_log_prior_", n_classes, &self->prior, err)))
        return st;
    if (n_classes == 0)
        return sv_attr_fail(object, "classes_", "empty", err);
    self->n_features = weights.shape[1];
    self->weights = weights.data;
    self->likelihood = counts;
    self->flags = SV_CHECK_ACCEPT_SPARSE;
    return sv_estimator_set_features(base, object, self->n_features, err);
}

static savor_status load_multinomial(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                     const sv_estimator **out, savor_error *err)
{
    naive_bayes *self;
    savor_status st = load_counts(loader, cls, object, &self, err);
    if (!st)
        *out = &self->base;
    return st;
}

/* ComplementNB leaves the priors out, unless there is one class only. */
static savor_status load_complement(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                    const sv_estimator **out, savor_error *err)
{
    naive_bayes *self;
    savor_status st = load_counts(loader, cls, object, &self, err);
    if (st)
        return st;
    if (self->base.classes.n_items > 1)
        self->prior = NULL;
    *out = &self->base;
    return SAVOR_OK;
}

static savor_status load_bernoulli(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                   const sv_estimator **out, savor_error *err)
{
    naive_bayes *self;
    double *weights, *prior, *absent;
    savor_status st = load_counts(loader, cls, object, &self, err);
    size_t n = st ? 0 : self->n_features, n_classes = st ? 0 : self->base.classes.n_items;
    if (st || (st = sv_batch_alloc(loader->arena, n_classes, n, &weights, err)) ||
        (st = sv_batch_alloc(loader->arena, n_classes, 1, &prior, err)) ||
        (st = sv_batch_alloc(loader->arena, n, 1, &absent, err)))
        return st;
    for (size_t k = 0; k < n_classes; k++) {
        for (size_t i = 0; i < n; i++) {
            absent[i] = log(1 - exp(self->weights[k * n + i]));
            weights[k * n + i] = self->weights[k * n + i] - absent[i];
        }
        prior[k] = self->prior[k] + sv_pairwise_sum(absent, n);
    }
    self->weights = weights;
    self->prior = prior;
    self->threshold = sv_attr_double_or(object, "binarize", (double)NAN);
    self->likelihood = bits;
    *out = &self->base;
    return SAVOR_OK;
}

/* ---- categories ---- */

static savor_status categories(const naive_bayes *self, const sv_batch *x, double *out, savor_error *err)
{
    size_t n = self->n_features, n_classes = self->base.classes.n_items, n_rows = sv_batch_rows(x);
    for (size_t r = 0; r < n_rows; r++) {
        for (size_t k = 0; k < n_classes; k++)
            out[r * n_classes + k] = 0.0;
        for (size_t i = 0; i < n; i++) {
            double v = trunc(((const double *)x->tensor.data)[r * n + i]); /* dtype="int" */
            const sv_tensor *table = &self->tables[i];
            if (v < 0)
                return sv_fail(err, SAVOR_MODEL, "Negative values in data passed to CategoricalNB (input X)");
            if (!(v < (double)table->shape[1]))
                return sv_fail(err, SAVOR_MODEL, "index %.0f is out of bounds for axis 1 with size %zu", v,
                               table->shape[1]);
            for (size_t k = 0; k < n_classes; k++)
                out[r * n_classes + k] += ((const double *)table->data)[k * table->shape[1] + (size_t)v];
        }
        for (size_t k = 0; k < n_classes; k++)
            out[r * n_classes + k] += self->prior[k];
    }
    return SAVOR_OK;
}

/* Whether int() takes the text: digits with a sign before them, spaces around and underscores within. */
static bool is_integer_text(const char *p, size_t n)
{
    size_t i = 0, end = n, n_digits = 0;
    while (i < end && strchr(" \t\n\v\f\r", p[i]) && p[i])
        i++;
    while (end > i && strchr(" \t\n\v\f\r", p[end - 1]) && p[end - 1])
        end--;
    i += i < end && (p[i] == '-' || p[i] == '+');
    for (; i < end; i++)
        if (p[i] >= '0' && p[i] <= '9')
            n_digits++;
        else if (p[i] != '_' || n_digits == 0) /* where underscores may stand float() says, too */
            return false;
    return n_digits > 0;
}

/* dtype="int" makes integers of text as Python does, not of the number it is. */
static savor_status check_integer_text(const sv_batch *in, savor_error *err)
{
    size_t n_columns = sv_batch_columns(in), n = sv_batch_rows(in) * n_columns;
    for (size_t i = 0; sv_check_dtype(in) == SAVOR_OBJECT && i < n; i++) {
        sv_value v = sv_batch_cell(in, i / n_columns, i % n_columns);
        if (v.kind == SV_VALUE_STRING && !is_integer_text(v.u.p, v.n))
            return sv_fail(err, SAVOR_MODEL, "invalid literal for int() with base 10: '%.*s'",
                           (int)(v.n > 80 ? 80 : v.n), v.u.p);
    }
    return SAVOR_OK;
}

static savor_status load_categorical(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                     const sv_estimator **out, savor_error *err)
{
    sv_estimator *base;
    size_t n;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(naive_bayes), &base, err);
    naive_bayes *self = (naive_bayes *)base;
    const sv_record *const *items = sv_record_items(sv_record_find(object, "feature_log_prob_"), &n);
    sv_tensor *tables = st ? NULL : sv_arena_array(loader->arena, n, sizeof *tables);
    size_t n_classes = st ? 0 : base->classes.n_items;
    if (st || (st = sv_attr_vector(loader, object, "class_log_prior_", n_classes, &self->prior, err)))
        return st;
    if (!tables)
        return sv_arena_fail(loader->arena, n * sizeof *tables, err);
    if (n == 0 || n_classes == 0)
        return sv_attr_fail(object, "feature_log_prob_", "not one table for each feature", err);
    for (size_t i = 0; i < n; i++) {
        double *copy;
        if ((st = sv_record_doubles(items[i], loader->arena, &tables[i], err)) ||
            (st = sv_batch_alloc(loader->arena, tables[i].n_items, 1, &copy, err)))
            return st;
        if (tables[i].n_dims != 2 || tables[i].shape[0] != n_classes || tables[i].shape[1] == 0)
            return sv_attr_fail(object, "feature_log_prob_", "not a row for each class", err);
        memcpy(copy, tables[i].data, tables[i].n_items * sizeof *copy);
        tables[i].data = copy;
    }
    self->tables = tables;
    self->n_features = n;
    if ((st = sv_estimator_set_features(base, object, n, err)))
        return st;
    self->likelihood = categories;
    *out = base;
    return SAVOR_OK;
}

/* ---- methods ---- */

static savor_status likelihoods(const sv_estimator *base, const sv_batch *in, sv_arena *arena, double **out,
                                size_t *n_rows, savor_error *err)
{
    const naive_bayes *self = (const naive_bayes *)base;
    sv_batch x;
    savor_status st = sv_check_batch(base, in, self->flags | (self->tables ? 0 : SV_CHECK_NUMERIC), arena, &x, err);
    if (st)
        return st;
    if (self->tables && (st = check_integer_text(in, err)))
        return st;
    *n_rows = sv_batch_rows(&x);
    st = sv_batch_alloc(arena, *n_rows, base->classes.n_items, out, err);
    return st ? st : self->likelihood(self, &x, *out, err);
}

static savor_status predict(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                            savor_error *err)
{
    size_t n_rows;
    double *values;
    savor_status st = likelihoods(base, in, arena, &values, &n_rows, err);
    return st ? st : sv_take_argmax(&base->classes, values, n_rows, arena, out, err);
}

static savor_status joint(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                          savor_error *err)
{
    size_t n_rows;
    double *values;
    savor_status st = likelihoods(base, in, arena, &values, &n_rows, err);
    if (!st)
        *out = sv_batch_of_doubles(values, n_rows, base->classes.n_items);
    return st;
}

static savor_status log_proba(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                              savor_error *err)
{
    size_t n_rows, n = base->classes.n_items;
    double *values;
    savor_status st = likelihoods(base, in, arena, &values, &n_rows, err);
    if (st)
        return st;
    for (size_t r = 0; r < n_rows; r++) {
        double sum = sv_logsumexp(values + r * n, n);
        for (size_t k = 0; k < n; k++)
            values[r * n + k] -= sum;
    }
    *out = sv_batch_of_doubles(values, n_rows, n);
    return SAVOR_OK;
}

static savor_status proba(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                          savor_error *err)
{
    savor_status st = log_proba(base, in, arena, out, err);
    if (st)
        return st;
    double *values = (double *)(uintptr_t)out->tensor.data; /* made for this call */
    for (size_t i = 0; i < out->tensor.n_items; i++)
        values[i] = exp(values[i]);
    return SAVOR_OK;
}

#define ROW(text, loader)                          \
    {                                              \
        .name = text, .load = loader, .methods = { \
            [SV_PREDICT] = predict,                \
            [SV_PREDICT_PROBA] = proba,            \
            [SV_PREDICT_LOG_PROBA] = log_proba,    \
            [SV_PREDICT_JOINT_LOG_PROBA] = joint   \
        }                                          \
    }

const sv_estimator_class sv_naive_bayes[] = {
    ROW("BernoulliNB", load_bernoulli), ROW("CategoricalNB", load_categorical), ROW("ComplementNB", load_complement),
    ROW("GaussianNB", load_gaussian),   ROW("MultinomialNB", load_multinomial), {.name = NULL},
};
