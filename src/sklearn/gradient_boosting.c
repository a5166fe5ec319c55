/*
 * gradient_boosting.c: GradientBoosting*: the raw values start at what the initial estimator says, each tree adds its
 * leaf times the learning rate.
 */
#include "base/alloc.h"
#include "engine/dense.h"
#include "sklearn/attributes.h"
#include "sklearn/check.h"
#include "sklearn/families.h"
#include "sklearn/trees.h"

#include <float.h>
#include <math.h>

typedef struct gradient_boosting {
    sv_estimator base;
    sv_trees trees;
    const sv_estimator *init; /* NULL: start at zero */
    size_t n_raw;             /* values per row: 1, or the number of classes */
    bool is_exponential;      /* loss="exponential": half the logit */
} gradient_boosting;

static bool is_classifier(const gradient_boosting *self) { return self->base.cls->methods[SV_PREDICT_PROBA] != NULL; }

/* ---- loading ---- */

static savor_status load_trees(sv_loader *loader, const sv_record *object, gradient_boosting *self, savor_error *err)
{
    const sv_record *const *trees;
    const sv_record *list;
    savor_status st = sv_attr_get(object, "estimators_", &list, err);
    const sv_array *array = sv_record_array(list);
    sv_trees_options options = {.scale = sv_attr_double_or(object, "learning_rate", 0.1)};
    if (st)
        return st;
    if (!array || !array->cells || array->tensor.n_dims != 2 || array->tensor.n_items == 0)
        return sv_attr_fail(object, "estimators_", "not an array of trees", err);
    self->n_raw = options.n_groups = array->tensor.shape[1];
    if ((st = sv_trees_collect(loader, array->cells, array->tensor.n_items, &trees, err)))
        return st;
    return sv_trees_load(loader, trees, array->tensor.n_items, &options, &self->trees, err);
}

static savor_status load(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                         const sv_estimator **out, savor_error *err)
{
    sv_estimator *base;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(gradient_boosting), &base, err);
    gradient_boosting *self = (gradient_boosting *)base;
    if (st || (st = load_trees(loader, object, self, err)))
        return st;
    size_t n_classes = base->classes.n_items;
    self->is_exponential = sv_str_is(sv_attr_text(object, "loss"), "exponential");
    if ((st = sv_estimator_set_features(base, object, self->trees.forest.n_features, err)))
        return st;
    if (is_classifier(self) ? n_classes != (self->n_raw == 1 ? 2 : self->n_raw) : self->n_raw != 1)
        return sv_attr_fail(object, "estimators_", "not as many trees a round as classes", err);
    if (!sv_record_is_text(sv_record_find(object, "init_"), "zero")) {
        if ((st = sv_attr_estimator(loader, object, "init_", &self->init, err)))
            return st;
        sv_method method = is_classifier(self) ? SV_PREDICT_PROBA : SV_PREDICT;
        if (!sv_estimator_has(self->init, method))
            return sv_fail(err, SAVOR_UNSUPPORTED, "init=%s without %s is not known", self->init->cls->name,
                           sv_method_name(method));
    }
    *out = base;
    return SAVOR_OK;
}

/* ---- the start ---- */

static double clip(double p, double eps) { return p < eps ? eps : p > 1 - eps ? 1 - eps : p; }

/* scipy.special.logit, which scipy 1.15 made exact around a half; scikit-learn took the logarithm itself before 1.4.
 */
static double logit(const gradient_boosting *self, double p)
{
    if (p < 0.3 || p > 0.65 || sv_release_is_before(self->base.release, 1, 5))
        return log(p / (1 - p));
    double s = 2 * (p - 0.5);
    return log1p(s) - log1p(-s);
}

/* The link of one row's probabilities. Before 1.4 several classes had the plain logarithm. */
static void link_row(const gradient_boosting *self, const double *proba, double *raw)
{
    double eps = sv_release_is_before(self->base.release, 1, 8) ? (double)FLT_EPSILON : DBL_EPSILON;
    double mean = 0.0;
    if (self->n_raw == 1) {
        double p = clip(proba[1], eps);
        raw[0] = (self->is_exponential ? 0.5 : 1.0) * logit(self, p);
        return;
    }
    for (size_t k = 0; k < self->n_raw; k++)
        raw[k] = log(clip(proba[k], eps));
    if (sv_release_is_before(self->base.release, 1, 4))
        return;
    mean = exp(sv_pairwise_sum(raw, self->n_raw) / (double)self->n_raw);
    for (size_t k = 0; k < self->n_raw; k++)
        raw[k] = log(clip(proba[k], eps) / mean);
}

/* What the initial estimator says of the rows, which it sees as plain float32 without names. */
static savor_status start(const gradient_boosting *self, const sv_tensor *rows, sv_arena *arena, double *raw,
                          savor_error *err)
{
    sv_batch x = {.kind = SV_BATCH_TENSOR, .tensor = *rows}, answer;
    sv_tensor values;
    size_t n_rows = rows->shape[0], width = is_classifier(self) ? self->base.classes.n_items : 1;
    savor_status st = SAVOR_OK;
    memset(raw, 0, n_rows * self->n_raw * sizeof *raw);
    if (!self->init)
        return SAVOR_OK;
    if ((st = sv_estimator_call(self->init, is_classifier(self) ? SV_PREDICT_PROBA : SV_PREDICT, &x, arena, &answer,
                                err)) ||
        (st = sv_batch_to_floats(&answer, SAVOR_FLOAT64, arena, &values, err)))
        return st;
    if (values.n_items != n_rows * width)
        return sv_fail(err, SAVOR_MODEL, "the initial estimator answered %zu values for %zu rows", values.n_items,
                       n_rows);
    for (size_t r = 0; r < n_rows; r++)
        if (is_classifier(self))
            link_row(self, (const double *)values.data + r * width, raw + r * self->n_raw);
        else
            raw[r] = ((const double *)values.data)[r];
    return SAVOR_OK;
}

static savor_status raw_values(const sv_estimator *base, const sv_batch *in, sv_arena *arena, double **raw,
                               size_t *n_rows, savor_error *err)
{
    const gradient_boosting *self = (const gradient_boosting *)base;
    sv_tensor rows, floats;
    sv_batch checked = {.kind = SV_BATCH_TENSOR};
    savor_status st;
    if ((st = sv_check_dense(base, in, SV_CHECK_FLOAT32, arena, &floats, err)))
        return st;
    checked.tensor = floats;
    *n_rows = floats.shape[0];
    if ((st = sv_batch_to_floats(&checked, SAVOR_FLOAT64, arena, &rows, err)) ||
        (st = sv_batch_alloc(arena, *n_rows, self->n_raw, raw, err)) || (st = start(self, &floats, arena, *raw, err)))
        return st;
    return sv_trees_add(&self->trees, &rows, *raw, arena, err);
}

/* ---- methods ---- */

/* decision_function, and what a regressor predicts. */
static savor_status predict_raw(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                savor_error *err)
{
    const gradient_boosting *self = (const gradient_boosting *)base;
    size_t n_rows;
    double *raw;
    savor_status st = raw_values(base, in, arena, &raw, &n_rows, err);
    if (!st)
        *out = sv_batch_of_doubles(raw, n_rows, self->n_raw > 1 ? self->n_raw : 0);
    return st;
}

/* Raw values of several classes -> probabilities: exp(x - logsumexp(x)), since 1.4 a softmax. */
static void proba_of_row(const gradient_boosting *self, double *row)
{
    if (!sv_release_is_before(self->base.release, 1, 4)) {
        sv_softmax(row, self->n_raw);
        return;
    }
    double sum = sv_logsumexp(row, self->n_raw);
    for (size_t k = 0; k < self->n_raw; k++)
        row[k] = exp(row[k] - sum);
}

static savor_status predict_proba(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                  savor_error *err)
{
    const gradient_boosting *self = (const gradient_boosting *)base;
    size_t n_rows, n_classes = base->classes.n_items;
    double *raw, *proba;
    savor_status st = raw_values(base, in, arena, &raw, &n_rows, err);
    if (st || (st = sv_batch_alloc(arena, n_rows, n_classes, &proba, err)))
        return st;
    for (size_t r = 0; r < n_rows; r++)
        if (self->n_raw == 1) {
            proba[r * 2 + 1] = sv_expit(self->is_exponential ? 2.0 * raw[r] : raw[r]);
            proba[r * 2] = 1.0 - proba[r * 2 + 1];
        } else {
            memcpy(proba + r * n_classes, raw + r * n_classes, n_classes * sizeof *proba);
            proba_of_row(self, proba + r * n_classes);
        }
    *out = sv_batch_of_doubles(proba, n_rows, n_classes);
    return SAVOR_OK;
}

/* Before 1.4 the larger probability won, with equal ones the first class; since then the sign of the raw value. */
static bool is_second(const gradient_boosting *self, double raw)
{
    if (self->is_exponential || !sv_release_is_before(self->base.release, 1, 4))
        return raw >= 0;
    double p = sv_expit(raw);
    return p > 1.0 - p;
}

static savor_status predict_labels(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                   savor_error *err)
{
    const gradient_boosting *self = (const gradient_boosting *)base;
    size_t n_rows, *indices;
    double *raw;
    savor_status st = raw_values(base, in, arena, &raw, &n_rows, err);
    if (st)
        return st;
    if (!(indices = sv_arena_array(arena, n_rows, sizeof *indices)))
        return sv_arena_fail(arena, n_rows * sizeof *indices, err);
    for (size_t r = 0; r < n_rows; r++) {
        double *row = raw + r * self->n_raw;
        if (self->n_raw > 1 && sv_release_is_before(base->release, 1, 4))
            proba_of_row(self, row);
        indices[r] = self->n_raw == 1 ? is_second(self, row[0]) : sv_argmax(row, self->n_raw);
    }
    return sv_take_labels(&base->classes, indices, n_rows, arena, out, err);
}

const sv_estimator_class sv_gradient_boosting[] = {
    {.name = "GradientBoostingClassifier",
     .load = load,
     .methods = {[SV_PREDICT] = predict_labels,
                 [SV_PREDICT_PROBA] = predict_proba,
                 [SV_PREDICT_LOG_PROBA] = sv_log_of_proba,
                 [SV_DECISION_FUNCTION] = predict_raw}},
    {.name = "GradientBoostingRegressor", .load = load, .methods = {[SV_PREDICT] = predict_raw}},
    {.name = NULL},
};
