/*
 * delegate.c: estimators that found or wrapped another one and leave the answering to it: searches, RANSAC, self
 * training, frozen estimators, and classifiers whose threshold was moved.
 */
#include "base/alloc.h"
#include "data/convert.h"
#include "sklearn/attributes.h"
#include "sklearn/check.h"
#include "sklearn/ensemble.h"
#include "sklearn/families.h"

typedef struct delegate {
    sv_estimator base;
    const sv_estimator *inner;
    bool checks;      /* X is checked before it is handed on */
    double threshold; /* thresholds: scores from it on are the positive class */
    sv_method score;  /* thresholds: what gives the score */
    size_t positive;  /* thresholds: index of the positive class */
} delegate;

/* The attribute that holds the inner estimator; the first that is there. */
static const struct {
    const char *class_name, *attributes[3];
    bool checks;
} holders[] = {
    {"FrozenEstimator", {"estimator", NULL, NULL}, false},
    {"RANSACRegressor", {"estimator_", NULL, NULL}, true},
    {"SelfTrainingClassifier", {"estimator_", "base_estimator_", NULL}, true},
};

static savor_status load_attribute(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                   const char *attribute, delegate **out, savor_error *err)
{
    sv_estimator *base;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(delegate), &base, err);
    delegate *self = (delegate *)base;
    *out = self;
    if (st || (st = sv_attr_estimator(loader, object, attribute, &self->inner, err)))
        return st;
    base->classes = self->inner->classes;
    if (base->n_features_in == 0)
        base->n_features_in = self->inner->n_features_in;
    return SAVOR_OK;
}

static savor_status load_holder(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                const sv_estimator **out, savor_error *err)
{
    const char *attribute = "best_estimator_"; /* the searches */
    delegate *self;
    for (size_t i = 0; i < sizeof holders / sizeof *holders; i++)
        for (size_t k = 0; strcmp(cls->name, holders[i].class_name) == 0 && holders[i].attributes[k]; k++)
            if (k == 0 || sv_record_is_none(sv_record_find(object, attribute)))
                attribute = holders[i].attributes[k];
    savor_status st = load_attribute(loader, cls, object, attribute, &self, err);
    if (st)
        return st;
    for (size_t i = 0; i < sizeof holders / sizeof *holders; i++)
        self->checks = self->checks || (holders[i].checks && strcmp(cls->name, holders[i].class_name) == 0);
    *out = &self->base;
    return SAVOR_OK;
}

static bool has(const sv_estimator *base, sv_method method)
{
    return sv_estimator_has(((const delegate *)base)->inner, method);
}

/* RANSAC and self training look at X themselves, and hand an array on. */
static savor_status ask(const sv_estimator *base, sv_method method, const sv_batch *in, sv_arena *arena,
                        sv_batch *out, savor_error *err)
{
    const delegate *self = (const delegate *)base;
    unsigned flags = SV_CHECK_ALLOW_NAN | SV_CHECK_ALLOW_INF | SV_CHECK_NUMERIC | SV_CHECK_KEEP_FLOAT32;
    sv_batch checked;
    savor_status st = SAVOR_OK;
    if (self->checks)
        st = sv_check_batch(base, in, flags | SV_CHECK_ACCEPT_SPARSE, arena, &checked, err);
    return st ? st : sv_estimator_call(self->inner, method, self->checks ? &checked : in, arena, out, err);
}

#define METHOD(name, method)                                                                               \
    static savor_status name(const sv_estimator *self, const sv_batch *in, sv_arena *arena, sv_batch *out, \
                             savor_error *err)                                                             \
    {                                                                                                      \
        return ask(self, method, in, arena, out, err);                                                     \
    }

METHOD(predict, SV_PREDICT)
METHOD(predict_proba, SV_PREDICT_PROBA)
METHOD(predict_log_proba, SV_PREDICT_LOG_PROBA)
METHOD(decision_function, SV_DECISION_FUNCTION)
METHOD(score_samples, SV_SCORE_SAMPLES)
METHOD(transform, SV_TRANSFORM)
METHOD(inverse_transform, SV_INVERSE_TRANSFORM)

/* ---- thresholds ---- */

static savor_status read_positive(const sv_record *object, delegate *self, savor_error *err)
{
    const sv_tensor *classes = &self->base.classes;
    const sv_record *label = sv_record_find(object, "pos_label");
    double wanted, mine;
    self->positive = 1;
    if (classes->n_items != 2)
        return sv_fail(err, SAVOR_UNSUPPORTED, "%s of more than two classes is not known", self->base.cls->name);
    for (size_t i = 0; !sv_record_is_none(label) && i < 2; i++) {
        sv_value v = sv_item_get(classes->dtype, classes->data, i);
        bool is_text = v.kind == SV_VALUE_STRING;
        if (is_text ? sv_str_equal(sv_record_text(label), (sv_str){v.u.p, v.n})
                    : sv_record_to_double(label, &wanted) && !sv_value_to_double(&v, &mine) && wanted == mine)
            self->positive = i;
    }
    return SAVOR_OK;
}

static savor_status load_threshold(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                   const sv_estimator **out, savor_error *err)
{
    delegate *self;
    bool is_tuned = sv_str_starts(sv_str_of(cls->name), SV_STR("Tuned"));
    sv_str response = sv_attr_text(object, "response_method");
    savor_status st = load_attribute(
        loader, cls, object, sv_record_is_none(sv_record_find(object, "estimator_")) ? "estimator" : "estimator_",
        &self, err);
    if (st || (st = read_positive(object, self, err)))
        return st;
    bool has_proba = sv_estimator_has(self->inner, SV_PREDICT_PROBA);
    self->score = sv_str_is(response, "decision_function") ? SV_DECISION_FUNCTION : SV_PREDICT_PROBA;
    if (sv_str_is(response, "auto") && !has_proba)
        self->score = SV_DECISION_FUNCTION;
    if (!has_proba && !sv_estimator_has(self->inner, SV_DECISION_FUNCTION))
        return sv_fail(err, SAVOR_UNSUPPORTED, "%s of %s has no score here", cls->name, self->inner->cls->name);
    self->threshold = self->score == SV_PREDICT_PROBA ? 0.5 : 0.0; /* "auto" */
    self->threshold = sv_attr_double_or(object, is_tuned ? "best_threshold_" : "threshold", self->threshold);
    *out = &self->base;
    return SAVOR_OK;
}

/* The score of the positive class: a column of the probabilities, or the decision with its sign. */
static double score_of(const delegate *self, const double *scores, size_t row)
{
    if (self->score == SV_PREDICT_PROBA)
        return scores[2 * row + self->positive];
    return self->positive ? scores[row] : -scores[row];
}

static savor_status predict_threshold(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                      savor_error *err)
{
    const delegate *self = (const delegate *)base;
    const double *scores;
    size_t width = self->score == SV_PREDICT_PROBA ? 2 : 1;
    if (!sv_estimator_has(self->inner, self->score)) /* one that was asked for by name */
        return sv_fail(err, SAVOR_MODEL, "%s has none of the following attributes: %s.", self->inner->cls->name,
                       sv_method_name(self->score));
    savor_status st = sv_ask_matrix(self->inner, self->score, in, width, arena, &scores, err);
    if (st)
        return st;
    size_t n_rows = sv_batch_rows(in), *indices = sv_arena_array(arena, n_rows, sizeof *indices);
    if (!indices)
        return sv_arena_fail(arena, n_rows * sizeof *indices, err);
    for (size_t r = 0; r < n_rows; r++)
        indices[r] = score_of(self, scores, r) >= self->threshold ? self->positive : 1 - self->positive;
    return sv_take_labels(&base->classes, indices, n_rows, arena, out, err);
}

#define DELEGATE(text, loader, first)                          \
    {                                                          \
        .name = text, .load = loader, .has = has, .methods = { \
            [SV_PREDICT] = first,                              \
            [SV_PREDICT_PROBA] = predict_proba,                \
            [SV_PREDICT_LOG_PROBA] = predict_log_proba,        \
            [SV_DECISION_FUNCTION] = decision_function,        \
            [SV_SCORE_SAMPLES] = score_samples,                \
            [SV_TRANSFORM] = transform,                        \
            [SV_INVERSE_TRANSFORM] = inverse_transform         \
        }                                                      \
    }

const sv_estimator_class sv_delegates[] = {
    DELEGATE("FixedThresholdClassifier", load_threshold, predict_threshold),
    DELEGATE("FrozenEstimator", load_holder, predict),
    DELEGATE("GridSearchCV", load_holder, predict),
    DELEGATE("HalvingGridSearchCV", load_holder, predict),
    DELEGATE("HalvingRandomSearchCV", load_holder, predict),
    DELEGATE("RANSACRegressor", load_holder, predict),
    DELEGATE("RandomizedSearchCV", load_holder, predict),
    DELEGATE("SelfTrainingClassifier", load_holder, predict),
    DELEGATE("TunedThresholdClassifierCV", load_threshold, predict_threshold),
    {.name = NULL},
};
