/*
 * hist_gradient_boosting.c: HistGradientBoosting*: trees over doubles with missing values and categories. Since 1.4
 * categories are numbered by a ColumnTransformer of the estimator's own, which also moves their columns to the front.
 */
#include "base/alloc.h"
#include "engine/dense.h"
#include "sklearn/attributes.h"
#include "sklearn/check.h"
#include "sklearn/families.h"
#include "sklearn/hist_trees.h"

#include <math.h>

typedef struct hist_boosting {
    sv_estimator base;
    sv_forest forest;
    size_t n_raw;                     /* values per row */
    const double *baseline;           /* [n_raw] */
    const sv_known_categories *known; /* [n_features] of what the trees see */
    bool has_categories;
    bool has_log_link;                /* regressor: poisson and gamma */
    const sv_estimator *preprocessor; /* NULL: none */
} hist_boosting;

static bool is_classifier(const sv_estimator *base) { return base->cls->methods[SV_PREDICT_PROBA] != NULL; }

/* ---- loading ---- */

/* _bin_mapper: which columns hold categories, and which categories. */
static savor_status read_known(sv_loader *loader, const sv_record *object, hist_boosting *self, savor_error *err)
{
    const sv_record *mapper = sv_record_find(object, "_bin_mapper");
    const sv_array *flags = sv_record_array(sv_record_find(mapper, "is_categorical_"));
    size_t n = self->base.n_features_in, n_bins;
    const sv_record *const *bins = sv_record_items(sv_record_find(mapper, "bin_thresholds_"), &n_bins);
    sv_known_categories *known = sv_arena_array(loader->arena, n, sizeof *known);
    if (!known)
        return sv_arena_fail(loader->arena, n * sizeof *known, err);
    self->known = known;
    if (!flags)
        return SAVOR_OK;
    if (flags->tensor.n_items != n || sv_dtype_size(flags->tensor.dtype) != 1 || n_bins != n)
        return sv_attr_fail(object, "_bin_mapper", "not one entry for each feature", err);
    for (size_t i = 0; i < n; i++) {
        sv_tensor values;
        savor_status st;
        if (!((const uint8_t *)flags->tensor.data)[i])
            continue;
        if ((st = sv_record_doubles(bins[i], loader->arena, &values, err)))
            return st;
        self->has_categories = known[i].is_categorical = true;
        for (size_t k = 0; k < values.n_items; k++) {
            double code = sv_hist_category(((const double *)values.data)[k]);
            if (code == code)
                known[i].bits[(unsigned)code / 32] |= 1u << ((unsigned)code % 32);
        }
    }
    return SAVOR_OK;
}

/* _predictors: a list of rounds, each a list of trees. */
static savor_status read_trees(sv_loader *loader, const sv_record *object, hist_boosting *self, savor_error *err)
{
    size_t n_rounds, n_trees = 0, at = 0;
    const sv_record *const *rounds = sv_record_items(sv_record_find(object, "_predictors"), &n_rounds);
    for (size_t i = 0; i < n_rounds; i++) {
        size_t n;
        (void)sv_record_items(rounds[i], &n);
        if (n != self->n_raw)
            return sv_attr_fail(object, "_predictors", "not as many trees a round as outputs", err);
        n_trees += n;
    }
    const sv_record **trees = sv_arena_array(loader->arena, n_trees, sizeof *trees);
    if (!trees)
        return sv_arena_fail(loader->arena, n_trees * sizeof *trees, err);
    for (size_t i = 0; i < n_rounds; i++) {
        size_t n;
        const sv_record *const *items = sv_record_items(rounds[i], &n);
        for (size_t k = 0; k < n; k++)
            trees[at++] = items[k];
    }
    sv_hist_shape shape = {self->base.n_features_in, self->n_raw, self->known};
    return sv_hist_trees_load(loader, trees, n_trees, &shape, &self->forest, err);
}

static savor_status read_loss(const sv_record *object, hist_boosting *self, savor_error *err)
{
    static const char *const PLAIN[] = {
        "squared_error", "least_squares",       "absolute_error",           "quantile",
        "log_loss",      "binary_crossentropy", "categorical_crossentropy", "auto"};
    sv_str loss = sv_attr_text(object, "loss");
    self->has_log_link = sv_str_is(loss, "poisson") || sv_str_is(loss, "gamma");
    for (size_t i = 0; i < sizeof PLAIN / sizeof *PLAIN; i++)
        if (self->has_log_link || sv_str_is(loss, PLAIN[i]))
            return SAVOR_OK;
    return sv_fail(err, SAVOR_UNSUPPORTED, "%s with loss=%.*s is not known", self->base.cls->name, SV_FMT(loss));
}

static savor_status load(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                         const sv_estimator **out, savor_error *err)
{
    sv_estimator *base;
    sv_tensor baseline;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(hist_boosting), &base, err);
    hist_boosting *self = (hist_boosting *)base;
    if (st || (st = read_loss(object, self, err)) ||
        (st = sv_attr_doubles(loader, object, "_baseline_prediction", &baseline, err)))
        return st;
    self->n_raw = baseline.n_items;
    self->baseline = baseline.data;
    if (base->n_features_in == 0)
        base->n_features_in = (size_t)sv_attr_int_or(object, "_n_features", 0);
    if (self->n_raw == 0)
        return sv_attr_fail(object, "_baseline_prediction", "empty", err);
    if (base->n_features_in == 0 || base->n_features_in > SV_FEATURES_MAX)
        return sv_attr_fail(object, "n_features_in_", "out of range", err);
    size_t n = base->classes.n_items;
    if (is_classifier(base) ? (self->n_raw == 1 ? n != 1 && n != 2 : n != self->n_raw) : self->n_raw != 1)
        return sv_attr_fail(object, "classes_", "not as many classes as outputs", err);
    if (!sv_record_is_none(sv_record_find(object, "_preprocessor")) &&
        (st = sv_attr_estimator(loader, object, "_preprocessor", &self->preprocessor, err)))
        return st;
    if ((st = read_known(loader, object, self, err)) || (st = read_trees(loader, object, self, err)))
        return st;
    *out = base;
    return SAVOR_OK;
}

/* ---- predicting ---- */

static savor_status rows_of(const hist_boosting *self, const sv_batch *in, sv_arena *arena, sv_tensor *out,
                            savor_error *err)
{
    sv_batch x;
    double *rows;
    savor_status st;
    if (!self->preprocessor)
        st = sv_check_dense(&self->base, in, SV_CHECK_ALLOW_NAN | SV_CHECK_ALLOW_INF, arena, out, err);
    else if (!(st = sv_estimator_call(self->preprocessor, SV_TRANSFORM, in, arena, &x, err)))
        st = sv_batch_to_floats(&x, SAVOR_FLOAT64, arena, out, err);
    if (st)
        return st;
    if (out->n_dims != 2 || out->shape[1] != self->base.n_features_in)
        return sv_fail(err, SAVOR_MODEL, "X does not have the %zu features that the trees are expecting",
                       self->base.n_features_in);
    if (!self->has_categories)
        return SAVOR_OK;
    if ((st = sv_batch_alloc(arena, out->n_items, 1, &rows, err)))
        return st;
    for (size_t i = 0; i < out->n_items; i++) {
        double value = ((const double *)out->data)[i];
        rows[i] = self->known[i % out->shape[1]].is_categorical ? sv_hist_category(value) : value;
    }
    out->data = rows;
    return SAVOR_OK;
}

static savor_status raw_values(const sv_estimator *base, const sv_batch *in, sv_arena *arena, double **raw,
                               size_t *n_rows, savor_error *err)
{
    const hist_boosting *self = (const hist_boosting *)base;
    sv_tensor rows;
    savor_status st = rows_of(self, in, arena, &rows, err);
    if (st || (st = sv_batch_alloc(arena, rows.shape[0], self->n_raw, raw, err)))
        return st;
    *n_rows = rows.shape[0];
    for (size_t i = 0; i < *n_rows * self->n_raw; i++)
        (*raw)[i] = self->baseline[i % self->n_raw];
    return sv_forest_predict(&self->forest, 0, self->forest.n_trees, rows.data, *n_rows, *raw, arena, err);
}

static savor_status decision_function(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                      savor_error *err)
{
    const hist_boosting *self = (const hist_boosting *)base;
    size_t n_rows;
    double *raw;
    savor_status st = raw_values(base, in, arena, &raw, &n_rows, err);
    if (!st)
        *out = sv_batch_of_doubles(raw, n_rows, self->n_raw > 1 ? self->n_raw : 0);
    return st;
}

static savor_status predict_values(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                   savor_error *err)
{
    const hist_boosting *self = (const hist_boosting *)base;
    size_t n_rows;
    double *raw;
    savor_status st = raw_values(base, in, arena, &raw, &n_rows, err);
    if (st)
        return st;
    for (size_t i = 0; self->has_log_link && i < n_rows; i++)
        raw[i] = exp(raw[i]);
    *out = sv_batch_of_doubles(raw, n_rows, 0);
    return SAVOR_OK;
}

/* [n_rows x n_classes] */
static savor_status proba_of(const sv_estimator *base, const sv_batch *in, sv_arena *arena, double **out,
                             size_t *n_rows, savor_error *err)
{
    const hist_boosting *self = (const hist_boosting *)base;
    double *raw, *proba;
    savor_status st = raw_values(base, in, arena, &raw, n_rows, err);
    *out = raw;
    if (st)
        return st;
    if (self->n_raw > 1) {
        for (size_t r = 0; r < *n_rows; r++)
            sv_softmax(raw + r * self->n_raw, self->n_raw);
        return SAVOR_OK;
    }
    if ((st = sv_batch_alloc(arena, *n_rows, 2, &proba, err)))
        return st;
    for (size_t r = 0; r < *n_rows; r++) {
        proba[2 * r + 1] = sv_expit(raw[r]);
        proba[2 * r] = 1.0 - proba[2 * r + 1];
    }
    *out = proba;
    return SAVOR_OK;
}

static savor_status predict_proba(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                  savor_error *err)
{
    size_t n_rows;
    double *proba;
    savor_status st = proba_of(base, in, arena, &proba, &n_rows, err);
    if (!st)
        *out =
            sv_batch_of_doubles(proba, n_rows, ((const hist_boosting *)base)->n_raw > 1 ? base->classes.n_items : 2);
    return st;
}

/* Until 1.4 the larger probability decided; since then the raw values. */
static savor_status predict_labels(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                   savor_error *err)
{
    const hist_boosting *self = (const hist_boosting *)base;
    size_t n_rows;
    double *values;
    bool by_proba = sv_release_is_before(base->release, 1, 5);
    savor_status st = by_proba ? proba_of(base, in, arena, &values, &n_rows, err)
                               : raw_values(base, in, arena, &values, &n_rows, err);
    if (st)
        return st;
    if (by_proba || self->n_raw > 1)
        return sv_take_argmax(&base->classes, values, n_rows, arena, out, err);
    return sv_take_positive(&base->classes, values, n_rows, arena, out, err);
}

const sv_estimator_class sv_hist_gradient_boosting[] = {
    {.name = "HistGradientBoostingClassifier",
     .load = load,
     .methods = {[SV_PREDICT] = predict_labels,
                 [SV_PREDICT_PROBA] = predict_proba,
                 [SV_DECISION_FUNCTION] = decision_function}},
    {.name = "HistGradientBoostingRegressor", .load = load, .methods = {[SV_PREDICT] = predict_values}},
    {.name = NULL},
};
