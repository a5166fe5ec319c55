/*
 * lightgbm_estimator.c: LightGBM's scikit-learn classes as a pickle or skops file holds them. The text of the model
 * is the Booster's `_handle` (`handle` before LightGBM 4); beside it lie the labels and the best iteration.
 */
#include "base/alloc.h"
#include "flavor/guests.h"
#include "flavor/lightgbm_answer.h"
#include "sklearn/attributes.h"
#include "sklearn/check.h"

typedef struct lgb_estimator {
    sv_estimator base;
    sv_lightgbm_booster booster;
    bool has_own_objective; /* a function: no probabilities and no labels, only raw scores */
    bool is_multiclass;
    bool has_decision; /* LightGBM 4.7 and later: then calibration asks for it */
} lgb_estimator;

/* ---- loading ---- */

/* Parameters that change what Booster.predict computes. LightGBM 4 passes an estimator's own parameters on to it. */
static savor_status check_parameters(const sv_record *object, savor_error *err)
{
    static const char *const names[] = {"pred_early_stop",  "predict_raw_score",       "is_predict_raw_score",
                                        "predict_rawscore", "predict_leaf_index",      "is_predict_leaf_index",
                                        "leaf_index",       "predict_contrib",         "is_predict_contrib",
                                        "contrib",          "start_iteration_predict", "num_iteration_predict"};
    const sv_record *others = sv_record_find(object, "_other_params");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (sv_record_find(others, names[i]))
            return sv_fail(err, SAVOR_UNSUPPORTED, "LightGBM's parameter %s is not taken", names[i]);
    return SAVOR_OK;
}

/* A best iteration of 0 is none; predict then uses all. */
static void set_iterations(const sv_record *booster, sv_lightgbm *model)
{
    int64_t best = sv_attr_int_or(booster, "best_iteration", 0);
    if (best > 0 && (uint64_t)best < model->n_iterations)
        model->n_iterations = (size_t)best;
}

static savor_status read_booster(sv_loader *loader, const sv_record *object, sv_lightgbm_booster *out,
                                 savor_error *err)
{
    const sv_record *booster = sv_record_find(object, "_Booster");
    sv_str text = sv_attr_text(booster, "_handle");
    const sv_lightgbm *read;
    out->is_before_4 = text.n == 0;
    if (text.n == 0)
        text = sv_attr_text(booster, "handle");
    if (text.n == 0)
        return sv_attr_fail(object, "_Booster", "no text of a fitted model", err);
    savor_status st = sv_lightgbm_read(text, loader->arena, &read, err);
    sv_lightgbm *model = st ? NULL : sv_arena_array(loader->arena, 1, sizeof *model);
    if (!model)
        return st ? st : sv_arena_fail(loader->arena, sizeof *model, err);
    *model = *read;
    size_t n;
    const sv_record *categories = sv_record_find(booster, "pandas_categorical"); /* what predict looks at */
    (void)sv_record_items(categories, &n);
    model->has_pandas_categories = !sv_record_is_none(categories);
    model->n_pandas_categories = n;
    set_iterations(booster, model);
    out->model = model;
    return SAVOR_OK;
}

static savor_status new_estimator(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                  lgb_estimator **out, savor_error *err)
{
    sv_estimator *base;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(lgb_estimator), &base, err);
    lgb_estimator *self = (lgb_estimator *)base;
    if (st || (st = check_parameters(object, err)) || (st = read_booster(loader, object, &self->booster, err)))
        return st;
    const sv_record *objective = sv_record_find(object, "_objective");
    self->has_own_objective = !sv_record_is_none(objective) && objective->kind != SV_RECORD_TEXT;
    base->n_features_in = self->booster.model->forest.n_features;
    *out = self;
    return SAVOR_OK;
}

static savor_status load_values(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                const sv_estimator **out, savor_error *err)
{
    lgb_estimator *self;
    savor_status st = new_estimator(loader, cls, object, &self, err);
    *out = st ? NULL : &self->base;
    return st;
}

/* objective="multiclass" with two classes; the library has looked at it since 4.0. */
static bool is_named_multiclass(const sv_record *object)
{
    static const char *const names[] = {"multiclass", "softmax", "multiclassova", "multiclass_ova", "ova", "ovr"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (sv_record_is_text(sv_record_find(object, "_objective"), names[i]))
            return true;
    return false;
}

static savor_status load_classifier(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                    const sv_estimator **out, savor_error *err)
{
    lgb_estimator *self;
    int64_t n_classes;
    savor_status st = new_estimator(loader, cls, object, &self, err);
    *out = NULL;
    if (st || (st = sv_attr_int(object, "_n_classes", &n_classes, err)))
        return st;
    size_t n_groups = self->booster.model->forest.n_groups;
    if ((st = sv_record_to_labels(sv_record_find(object, "_classes"), loader->arena, &self->base.classes, err)))
        return st == SAVOR_NOMEM || st == SAVOR_LIMIT ? st
                                                      : sv_attr_fail(object, "_classes", "no list of labels", err);
    /* 4.7 began to write this attribute, and has decision_function */
    self->has_decision = sv_record_find(object, "_fitted_with_feature_names") != NULL;
    self->is_multiclass = n_classes > 2 || (!self->booster.is_before_4 && is_named_multiclass(object));
    if (!self->is_multiclass && n_groups != 1)
        return sv_fail(err, SAVOR_UNSUPPORTED, "%s of %lld classes with %zu outputs is not computed", cls->name,
                       (long long)n_classes, n_groups);
    if (self->is_multiclass && n_groups != self->base.classes.n_items)
        return sv_attr_fail(object, "_classes", "not as many labels as the model has outputs", err);
    *out = &self->base;
    return SAVOR_OK;
}

static bool has_method(const sv_estimator *self, sv_method method)
{
    return method != SV_DECISION_FUNCTION || ((const lgb_estimator *)self)->has_decision;
}

/* ---- methods ---- */

/* check_array: objects become doubles; numbers stay what they are, NaN and infinities too. */
static savor_status ask_booster(const lgb_estimator *self, const sv_batch *in, bool is_raw, sv_arena *arena,
                                sv_lightgbm_values *out, savor_error *err)
{
    sv_batch checked = *in;
    bool is_table = in->kind == SV_BATCH_FRAME || in->kind == SV_BATCH_SPARSE;
    if (!is_table) {
        unsigned flags = SV_CHECK_ALLOW_NAN | SV_CHECK_ALLOW_INF;
        sv_tensor floats;
        savor_status st = sv_check_dense(&self->base, in, flags, arena, &floats, err);
        if (st)
            return st;
        if (in->tensor.dtype == SAVOR_OBJECT)
            checked.tensor = floats;
    }
    return sv_lightgbm_booster_predict(&self->booster, &checked, is_raw, arena, out, err);
}

static savor_status answer_values(const sv_estimator *self, const sv_batch *in, bool is_raw, sv_arena *arena,
                                  sv_batch *out, savor_error *err)
{
    const lgb_estimator *lgb = (const lgb_estimator *)self;
    sv_lightgbm_values values;
    savor_status st = ask_booster(lgb, in, is_raw, arena, &values, err);
    if (!st)
        *out = (sv_batch){.kind = SV_BATCH_TENSOR, .tensor = sv_lightgbm_values_view(&lgb->booster, &values)};
    return st;
}

static savor_status predict_values(const sv_estimator *self, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                   savor_error *err)
{
    return answer_values(self, in, false, arena, out, err);
}

static savor_status decide(const sv_estimator *self, const sv_batch *in, sv_arena *arena, sv_batch *out,
                           savor_error *err)
{
    return answer_values(self, in, true, arena, out, err);
}

static savor_status predict_proba(const sv_estimator *self, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                  savor_error *err)
{
    const lgb_estimator *lgb = (const lgb_estimator *)self;
    double *both;
    savor_status st = predict_values(self, in, arena, out, err);
    if (st || lgb->has_own_objective || lgb->is_multiclass)
        return st;
    size_t n_rows = sv_batch_rows(out);
    const double *second = out->tensor.data;
    if ((st = sv_batch_alloc(arena, n_rows, 2, &both, err)))
        return st;
    for (size_t r = 0; r < n_rows; r++) {
        both[2 * r] = 1.0 - second[r];
        both[2 * r + 1] = second[r];
    }
    *out = sv_batch_of_doubles(both, n_rows, 2);
    return SAVOR_OK;
}

static savor_status predict_labels(const sv_estimator *self, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                   savor_error *err)
{
    const lgb_estimator *lgb = (const lgb_estimator *)self;
    sv_batch proba;
    savor_status st = predict_proba(self, in, arena, &proba, err);
    size_t n_rows = st ? 0 : sv_batch_rows(&proba), n_columns = st ? 0 : sv_batch_columns(&proba);
    if (st || lgb->has_own_objective) {
        *out = proba;
        return st;
    }
    size_t *labels = sv_arena_array(arena, n_rows, sizeof *labels);
    if (!labels)
        return sv_arena_fail(arena, n_rows * sizeof *labels, err);
    for (size_t r = 0; r < n_rows; r++) {
        labels[r] = sv_argmax((const double *)proba.tensor.data + r * n_columns, n_columns);
        if (labels[r] >= self->classes.n_items)
            return sv_fail(err, SAVOR_MODEL, "y contains previously unseen labels: [%zu]", labels[r]);
    }
    return sv_take_labels(&self->classes, labels, n_rows, arena, out, err);
}

#define VALUES_ROW(class_name)                                                                                       \
    {                                                                                                                \
        .name = class_name, .package = "lightgbm", .load = load_values, .methods = { [SV_PREDICT] = predict_values } \
    }

const sv_estimator_class sv_lightgbm_estimators[] = {
    {.name = "LGBMClassifier",
     .package = "lightgbm",
     .load = load_classifier,
     .has = has_method,
     .methods = {[SV_PREDICT] = predict_labels, [SV_PREDICT_PROBA] = predict_proba, [SV_DECISION_FUNCTION] = decide}},
    VALUES_ROW("LGBMModel"),
    VALUES_ROW("LGBMRanker"),
    VALUES_ROW("LGBMRegressor"),
    {.name = NULL},
};
