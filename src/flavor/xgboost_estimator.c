/*
 * xgboost_estimator.c: XGBoost's scikit-learn classes as a pickle or skops file holds them. The model is a bytearray,
 * the Booster's `handle`: what XGBoosterSerializeToBuffer wrote.
 */
#include "base/alloc.h"
#include "flavor/guests.h"
#include "flavor/xgboost_answer.h"
#include "sklearn/attributes.h"
#include "sklearn/check.h"

#include <math.h>

typedef struct xgb_estimator {
    sv_estimator base;
    xgb_scorer scorer;
    size_t n_classes; /* 0: not known */
    sv_tensor labels; /* what XGBoost before 1.6 translates its numbers to; n_items 0: nothing */
} xgb_estimator;

/* ---- loading ---- */

/* predictor="cpu_predictor" of 1.x goes by way of a DMatrix. */
static bool is_inplace(const sv_record *object, const sv_xgboost *model)
{
    sv_str predictor = sv_attr_text(object, "predictor");
    bool is_free = predictor.n == 0 || sv_str_is(predictor, "auto") || model->version_major >= 2;
    return model->booster != SV_XGBOOST_GBLINEAR && is_free;
}

static savor_status read_booster(sv_loader *loader, const sv_record *object, xgb_scorer *out, savor_error *err)
{
    const sv_record *handle = sv_record_find(sv_record_find(object, "_Booster"), "handle");
    if (handle && handle->kind == SV_RECORD_CALL) { /* bytearray(b"...") */
        size_t n;
        const sv_record *const *args = sv_record_items(handle->u.object->args, &n);
        handle = n ? args[0] : NULL;
    }
    if (!handle || handle->kind != SV_RECORD_BYTES)
        return sv_attr_fail(object, "_Booster", "no bytes of a fitted model", err);
    savor_status st = sv_xgboost_read(sv_record_bytes(handle), NULL, loader->arena, &out->model, err);
    if (st)
        return st;
    out->version_major = out->model->version_major;
    out->is_inplace = is_inplace(object, out->model);
    out->missing = (float)sv_attr_double_or(object, "missing", (double)NAN);
    return sv_xgb_scorer_init(out, loader->arena, err);
}

static savor_status new_estimator(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                  xgb_estimator **out, savor_error *err)
{
    sv_estimator *base;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(xgb_estimator), &base, err);
    xgb_estimator *self = (xgb_estimator *)base;
    if (st || (st = read_booster(loader, object, &self->scorer, err)))
        return st;
    base->n_features_in = self->scorer.model->n_features;
    *out = self;
    return SAVOR_OK;
}

static savor_status load_values(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                const sv_estimator **out, savor_error *err)
{
    xgb_estimator *self;
    savor_status st = new_estimator(loader, cls, object, &self, err);
    *out = st ? NULL : &self->base;
    return st;
}

/* classes_ is np.arange(n_classes_) since 2.0, and not in the file. */
static savor_status number_classes(xgb_estimator *self, sv_arena *arena, savor_error *err)
{
    if (self->base.classes.n_items > 0)
        return SAVOR_OK;
    int64_t *numbers = sv_arena_array(arena, self->n_classes, sizeof *numbers);
    if (!numbers)
        return sv_arena_fail(arena, self->n_classes * sizeof *numbers, err);
    for (size_t i = 0; i < self->n_classes; i++)
        numbers[i] = (int64_t)i;
    self->base.classes = sv_tensor_view(SAVOR_INT64, self->n_classes, 0, numbers);
    return SAVOR_OK;
}

static savor_status read_encoder(sv_loader *loader, const sv_record *object, xgb_estimator *self, savor_error *err)
{
    const sv_record *encoder = sv_record_find(object, "_le");
    if (sv_record_is_none(encoder))
        return SAVOR_OK;
    savor_status st = sv_record_to_labels(sv_record_find(encoder, "classes_"), loader->arena, &self->labels, err);
    if (st == SAVOR_NOMEM || st == SAVOR_LIMIT)
        return st;
    if (st || self->labels.n_items != self->n_classes)
        return sv_attr_fail(object, "_le", "no encoder of the classes", err);
    return SAVOR_OK;
}

static savor_status load_classifier(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                    const sv_estimator **out, savor_error *err)
{
    xgb_estimator *self;
    int64_t n_classes;
    savor_status st = new_estimator(loader, cls, object, &self, err);
    *out = NULL;
    if (st || (st = sv_attr_int(object, "n_classes_", &n_classes, err)))
        return st;
    size_t n_groups = self->scorer.model->n_groups;
    if (n_classes < 2 || (n_classes > 2 && (uint64_t)n_classes != n_groups))
        return sv_attr_fail(object, "n_classes_", "not the number of classes of the model", err);
    self->n_classes = (size_t)n_classes;
    if ((st = number_classes(self, loader->arena, err)) || (st = read_encoder(loader, object, self, err)))
        return st;
    *out = &self->base;
    return SAVOR_OK;
}

/* ---- methods ---- */

static savor_status ask_scores(const xgb_estimator *self, xgb_call *call, const sv_batch *in, sv_arena *arena,
                               xgb_scores *out, savor_error *err)
{
    savor_status st = sv_xgb_call_set_best(&self->scorer, call, err);
    return st ? st : sv_xgb_score(&self->scorer, call, in, arena, out, err);
}

static savor_status predict_values(const sv_estimator *self, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                   savor_error *err)
{
    const xgb_estimator *xgb = (const xgb_estimator *)self;
    xgb_call call = {0};
    xgb_scores scores;
    savor_status st = ask_scores(xgb, &call, in, arena, &scores, err);
    if (st)
        return st;
    *out = (sv_batch){.kind = SV_BATCH_TENSOR};
    if (scores.rows.n_rows == 0)
        return sv_xgb_answer_nothing(&xgb->scorer, &scores, false, &out->tensor, err);
    out->tensor = sv_xgb_values(&call, &scores);
    return SAVOR_OK;
}

/* LabelEncoder.inverse_transform of one label per row. */
static savor_status decode_labels(const xgb_estimator *self, sv_arena *arena, sv_batch *out, savor_error *err)
{
    if (self->labels.n_items == 0 || out->tensor.dtype != SAVOR_INT64)
        return SAVOR_OK;
    size_t n_rows = out->tensor.n_items;
    const int64_t *numbers = out->tensor.data;
    size_t *indices = sv_arena_array(arena, n_rows, sizeof *indices);
    if (!indices)
        return sv_arena_fail(arena, n_rows * sizeof *indices, err);
    for (size_t r = 0; r < n_rows; r++)
        indices[r] = (size_t)numbers[r]; /* < n_classes: of an argmax, or 0 and 1 */
    return sv_take_labels(&self->labels, indices, n_rows, arena, out, err);
}

static savor_status predict_labels(const sv_estimator *self, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                   savor_error *err)
{
    const xgb_estimator *xgb = (const xgb_estimator *)self;
    xgb_call call = {0};
    xgb_scores scores;
    savor_status st = ask_scores(xgb, &call, in, arena, &scores, err);
    if (st)
        return st;
    *out = (sv_batch){.kind = SV_BATCH_TENSOR};
    if (scores.rows.n_rows == 0)
        return sv_xgb_answer_nothing(&xgb->scorer, &scores, true, &out->tensor, err);
    st = sv_xgb_labels(&xgb->scorer, &scores, xgb->n_classes, arena, &out->tensor, err);
    return st ? st : decode_labels(xgb, arena, out, err);
}

/* scipy.special.softmax in float32. */
static void softmax(float *row, size_t n)
{
    float max = row[0], sum = 0.0f;
    for (size_t i = 1; i < n; i++)
        max = row[i] > max || isnan(row[i]) ? row[i] : max;
    for (size_t i = 0; i < n; i++) {
        row[i] = expf(row[i] - max);
        sum += row[i];
    }
    for (size_t i = 0; i < n; i++)
        row[i] /= sum;
}

/* np.vstack((1 - p, p)).transpose() */
static savor_status spread_proba(const xgb_scores *scores, sv_arena *arena, sv_batch *out, savor_error *err)
{
    size_t n_rows = scores->rows.n_rows;
    float *both = sv_arena_array(arena, n_rows, 2 * sizeof *both);
    if (!both)
        return sv_arena_fail(arena, n_rows * 2 * sizeof *both, err);
    for (size_t r = 0; r < n_rows; r++) {
        both[2 * r] = 1.0f - scores->values[r];
        both[2 * r + 1] = scores->values[r];
    }
    *out = (sv_batch){.kind = SV_BATCH_TENSOR, .tensor = sv_tensor_view(SAVOR_FLOAT32, n_rows, 2, both)};
    return SAVOR_OK;
}

static savor_status predict_proba(const sv_estimator *self, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                  savor_error *err)
{
    const xgb_estimator *xgb = (const xgb_estimator *)self;
    bool is_argmax = xgb->scorer.model->link == SV_XGBOOST_ARGMAX;
    xgb_call call = {.is_margin = is_argmax};
    xgb_scores scores;
    savor_status st = ask_scores(xgb, &call, in, arena, &scores, err);
    if (st)
        return st;
    *out = (sv_batch){.kind = SV_BATCH_TENSOR};
    if (scores.rows.n_rows == 0)
        return sv_xgb_answer_nothing(&xgb->scorer, &scores, false, &out->tensor, err);
    for (size_t r = 0; is_argmax && r < scores.rows.n_rows; r++)
        softmax(scores.values + r * scores.width, scores.width);
    if (scores.width == 1)
        return spread_proba(&scores, arena, out, err);
    out->tensor = sv_xgb_values(&call, &scores);
    return SAVOR_OK;
}

#define VALUES_ROW(class_name)                                                                                      \
    {                                                                                                               \
        .name = class_name, .package = "xgboost", .load = load_values, .methods = { [SV_PREDICT] = predict_values } \
    }
#define LABELS_ROW(class_name)                                                          \
    {                                                                                   \
        .name = class_name, .package = "xgboost", .load = load_classifier, .methods = { \
            [SV_PREDICT] = predict_labels,                                              \
            [SV_PREDICT_PROBA] = predict_proba                                          \
        }                                                                               \
    }

const sv_estimator_class sv_xgboost_estimators[] = {
    LABELS_ROW("XGBClassifier"),
    VALUES_ROW("XGBModel"),
    LABELS_ROW("XGBRFClassifier"),
    VALUES_ROW("XGBRFRegressor"),
    VALUES_ROW("XGBRanker"),
    VALUES_ROW("XGBRegressor"),
    {.name = NULL},
};
