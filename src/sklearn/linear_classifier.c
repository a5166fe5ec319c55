/*
 * linear_classifier.c: classifiers that are a line: the sign of one score, or the largest of several. Probabilities
 * differ by class, by solver and by release.
 */
#include "base/alloc.h"
#include "engine/dense.h"
#include "sklearn/attributes.h"
#include "sklearn/check.h"
#include "sklearn/families.h"
#include "sklearn/linear.h"

typedef enum proba_rule {
    PROBA_NONE,
    PROBA_OVR,            /* a sigmoid per class, then the sum is made 1 */
    PROBA_SOFTMAX,        /* of the scores; of [-d, d] where there is one */
    PROBA_MODIFIED_HUBER, /* (clip(d, -1, 1) + 1) / 2 */
} proba_rule;

typedef struct linear_classifier {
    sv_estimator base;
    sv_linear_model linear;
    proba_rule rule;
    bool is_multilabel; /* RidgeClassifier of several yes-or-no targets */
} linear_classifier;

/* ---- loading ---- */

static savor_status load_plain(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                               const sv_estimator **out, savor_error *err)
{
    sv_estimator *base;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(linear_classifier), &base, err);
    linear_classifier *self = (linear_classifier *)base;
    if (st || (st = sv_linear_load(loader, object, &self->linear, err)))
        return st;
    size_t n_classes = base->classes.n_items, n_outputs = self->linear.n_outputs;
    if (n_classes && (n_outputs == 1 ? n_classes > 2 : n_classes != n_outputs))
        return sv_attr_fail(object, "coef_", "not as many rows as classes_", err);
    *out = base;
    return SAVOR_OK;
}

/* Rows with probabilities need classes. */
static savor_status load_classes(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                 linear_classifier **out, savor_error *err)
{
    const sv_estimator *base = NULL;
    savor_status st = load_plain(loader, cls, object, &base, err);
    *out = (linear_classifier *)(uintptr_t)base;
    if (!st && (base->classes.n_items == 0 || (base->classes.n_items == 1 && (*out)->linear.n_outputs == 1)))
        return sv_attr_fail(object, "classes_", "not a list of classes", err);
    return st;
}

static savor_status load_svc(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                             const sv_estimator **out, savor_error *err)
{
    linear_classifier *self;
    savor_status st = load_classes(loader, cls, object, &self, err);
    if (!st)
        *out = &self->base;
    return st;
}

/* Before 1.8 `multi_class` and the solver decide. */
static proba_rule logistic_rule(const sv_record *object, sv_release release, size_t n_classes)
{
    sv_str multi_class = sv_attr_text(object, "multi_class"), solver = sv_attr_text(object, "solver");
    if (!sv_release_is_before(release, 1, 8))
        return n_classes <= 2 ? PROBA_OVR : PROBA_SOFTMAX;
    if (sv_str_is(multi_class, "ovr") || sv_str_is(multi_class, "warn"))
        return PROBA_OVR;
    bool is_auto = sv_str_is(multi_class, "auto") || sv_str_is(multi_class, "deprecated");
    bool is_ovr_solver = sv_str_is(solver, "liblinear") || sv_str_is(solver, "newton-cholesky");
    return is_auto && (n_classes <= 2 || is_ovr_solver) ? PROBA_OVR : PROBA_SOFTMAX;
}

static savor_status load_logistic(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                  const sv_estimator **out, savor_error *err)
{
    linear_classifier *self;
    savor_status st = load_classes(loader, cls, object, &self, err);
    if (st)
        return st;
    self->rule = logistic_rule(object, loader->release, self->base.classes.n_items);
    *out = &self->base;
    return SAVOR_OK;
}

static savor_status load_sgd(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                             const sv_estimator **out, savor_error *err)
{
    linear_classifier *self;
    sv_str loss = sv_attr_text(object, "loss");
    savor_status st = load_classes(loader, cls, object, &self, err);
    if (st)
        return st;
    if (sv_str_is(loss, "log_loss") || sv_str_is(loss, "log"))
        self->rule = PROBA_OVR;
    else if (sv_str_is(loss, "modified_huber"))
        self->rule = PROBA_MODIFIED_HUBER;
    *out = &self->base;
    return SAVOR_OK;
}

/* classes_ was a property of the binarizer until it became an attribute. */
static savor_status load_ridge(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                               const sv_estimator **out, savor_error *err)
{
    const sv_estimator *base = NULL;
    const sv_record *binarizer = sv_record_find(object, "_label_binarizer");
    savor_status st = load_plain(loader, cls, object, &base, err);
    if (st)
        return st;
    linear_classifier *self = (linear_classifier *)(uintptr_t)base;
    self->is_multilabel = sv_str_starts(sv_attr_text(binarizer, "y_type_"), SV_STR("multilabel"));
    if (!self->is_multilabel && self->base.classes.n_items == 0 &&
        (st = sv_record_to_labels(sv_record_find(binarizer, "classes_"), loader->arena, &self->base.classes, err)))
        return st;
    size_t n = self->base.classes.n_items, n_outputs = self->linear.n_outputs;
    if (!self->is_multilabel && (n_outputs == 1 ? n != 1 && n != 2 : n != n_outputs))
        return sv_attr_fail(object, "classes_", "not as many as coef_ has rows", err);
    *out = base;
    return SAVOR_OK;
}

static bool has(const sv_estimator *base, sv_method method)
{
    const linear_classifier *self = (const linear_classifier *)base;
    return (method != SV_PREDICT_PROBA && method != SV_PREDICT_LOG_PROBA) || self->rule != PROBA_NONE;
}

/* ---- methods ---- */

/* Scores as doubles: [n_rows x n_outputs], flat where there is one output. */
static savor_status scores_of(const linear_classifier *self, const sv_batch *in, sv_arena *arena, sv_batch *out,
                              savor_error *err)
{
    savor_status st = sv_linear_scores(&self->base, &self->linear, in, SV_CHECK_NUMERIC, arena, out, err);
    if (!st && self->linear.n_outputs == 1)
        out->tensor.n_dims = 1;
    return st;
}

static savor_status decision_function(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                      savor_error *err)
{
    return scores_of((const linear_classifier *)base, in, arena, out, err);
}

static savor_status double_scores(const linear_classifier *self, const sv_batch *in, sv_arena *arena,
                                  const double **out, size_t *n_rows, savor_error *err)
{
    sv_batch scores;
    sv_tensor doubles;
    savor_status st = scores_of(self, in, arena, &scores, err);
    if (st || (st = sv_batch_to_floats(&scores, SAVOR_FLOAT64, arena, &doubles, err)))
        return st;
    *out = doubles.data;
    *n_rows = doubles.shape[0];
    return SAVOR_OK;
}

/* 1 where the score is positive, in a matrix. */
static savor_status answer_multilabel(const double *scores, size_t n_rows, size_t n_outputs, sv_arena *arena,
                                      sv_batch *out, savor_error *err)
{
    size_t n = n_rows * n_outputs; /* fits: the scores are in memory */
    int64_t *flags = sv_arena_array(arena, n, sizeof *flags);
    if (!flags)
        return sv_arena_fail(arena, n * sizeof *flags, err);
    for (size_t i = 0; i < n; i++)
        flags[i] = scores[i] > 0;
    *out = (sv_batch){.kind = SV_BATCH_TENSOR, .tensor = sv_tensor_view(SAVOR_INT64, n_rows, n_outputs, flags)};
    return SAVOR_OK;
}

static savor_status predict(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                            savor_error *err)
{
    const linear_classifier *self = (const linear_classifier *)base;
    const double *scores;
    size_t n_rows;
    savor_status st = double_scores(self, in, arena, &scores, &n_rows, err);
    if (st)
        return st;
    if (self->is_multilabel)
        return answer_multilabel(scores, n_rows, self->linear.n_outputs, arena, out, err);
    if (self->linear.n_outputs > 1)
        return sv_take_argmax(&base->classes, scores, n_rows, arena, out, err);
    return sv_take_positive(&base->classes, scores, n_rows, arena, out, err);
}

/* One score: the probability of the second class. */
static double positive_of(proba_rule rule, double score, double *negative)
{
    double pair[2] = {-score, score}, p;
    if (rule == PROBA_SOFTMAX) {
        sv_softmax(pair, 2);
        *negative = pair[0];
        return pair[1];
    }
    if (rule == PROBA_OVR)
        p = sv_expit(score);
    else
        p = ((score < -1 ? -1 : score > 1 ? 1 : score) + 1.0) / 2.0;
    *negative = 1.0 - p;
    return p;
}

static void spread_row(const linear_classifier *self, const double *scores, size_t n, double *out)
{
    bool is_huber = self->rule == PROBA_MODIFIED_HUBER;
    double negative;
    memcpy(out, scores, n * sizeof *out);
    if (self->rule == PROBA_SOFTMAX) {
        sv_softmax(out, n);
        return;
    }
    for (size_t i = 0; i < n; i++)
        out[i] = positive_of(self->rule, scores[i], &negative);
    double sum = sv_pairwise_sum(out, n);
    /* no class at all: alike for all; for the sigmoid this is new in 1.9, before it gave 0 / 0 */
    if (sum == 0 && (is_huber || !sv_release_is_before(self->base.release, 1, 9))) {
        for (size_t i = 0; i < n; i++)
            out[i] = 1.0;
        sum = (double)n;
    }
    for (size_t i = 0; i < n; i++)
        out[i] /= sum;
}

static savor_status predict_proba(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                  savor_error *err)
{
    const linear_classifier *self = (const linear_classifier *)base;
    size_t n_rows, n_outputs = self->linear.n_outputs, n_classes = base->classes.n_items;
    const double *scores;
    double *proba;
    savor_status st = double_scores(self, in, arena, &scores, &n_rows, err);
    if (st || (st = sv_batch_alloc(arena, n_rows, n_classes, &proba, err)))
        return st;
    for (size_t r = 0; r < n_rows; r++)
        if (n_outputs == 1)
            proba[r * 2 + 1] = positive_of(self->rule, scores[r], &proba[r * 2]);
        else
            spread_row(self, scores + r * n_outputs, n_outputs, proba + r * n_outputs);
    *out = sv_batch_of_doubles(proba, n_rows, n_classes);
    return SAVOR_OK;
}

#define ROW(text, loader)                                      \
    {                                                          \
        .name = text, .load = loader, .has = has, .methods = { \
            [SV_PREDICT] = predict,                            \
            [SV_PREDICT_PROBA] = predict_proba,                \
            [SV_PREDICT_LOG_PROBA] = sv_log_of_proba,          \
            [SV_DECISION_FUNCTION] = decision_function         \
        }                                                      \
    }

const sv_estimator_class sv_linear_classifiers[] = {
    ROW("LinearSVC", load_svc),
    ROW("LogisticRegression", load_logistic),
    ROW("LogisticRegressionCV", load_logistic),
    ROW("PassiveAggressiveClassifier", load_svc),
    ROW("Perceptron", load_svc),
    ROW("RidgeClassifier", load_ridge),
    ROW("RidgeClassifierCV", load_ridge),
    ROW("SGDClassifier", load_sgd),
    {.name = NULL},
};
