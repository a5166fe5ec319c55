/*
 * catboost_estimator.c: CatBoost's classes as a pickle holds them: the state's `__model` is the file that save_model
 * writes as "cbm".
 */
#include "base/alloc.h"
#include "flavor/catboost_answer.h"
#include "flavor/guests.h"
#include "sklearn/attributes.h"

typedef struct catboost_estimator {
    sv_estimator base;
    catboost_scorer scorer;
} catboost_estimator;

/* ---- loading ---- */

/* classes_ as meta-estimators look at it. */
static savor_status read_classes(const sv_catboost *m, sv_arena *arena, sv_tensor *out, savor_error *err)
{
    static const savor_dtype dtypes[] = {[SV_CATBOOST_INT_LABELS] = SAVOR_INT64,
                                         [SV_CATBOOST_FLOAT_LABELS] = SAVOR_FLOAT64,
                                         [SV_CATBOOST_BOOL_LABELS] = SAVOR_BOOL,
                                         [SV_CATBOOST_TEXT_LABELS] = SAVOR_STRING};
    if (m->label_kind == SV_CATBOOST_NO_LABELS)
        return SAVOR_OK;
    savor_dtype dtype = dtypes[m->label_kind];
    void *labels = sv_arena_array(arena, m->n_labels, sv_dtype_size(dtype));
    if (!labels)
        return sv_arena_fail(arena, m->n_labels * sv_dtype_size(dtype), err);
    for (size_t i = 0; i < m->n_labels; i++)
        if (dtype == SAVOR_INT64)
            ((int64_t *)labels)[i] = m->labels[i].number;
        else if (dtype == SAVOR_FLOAT64)
            ((double *)labels)[i] = m->labels[i].real;
        else if (dtype == SAVOR_BOOL)
            ((uint8_t *)labels)[i] = m->labels[i].truth;
        else
            ((sv_str *)labels)[i] = m->labels[i].text;
    *out = sv_tensor_view(dtype, m->n_labels, 0, labels);
    return SAVOR_OK;
}

static savor_status load(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                         const sv_estimator **out, savor_error *err)
{
    sv_estimator *base;
    const sv_record *bytes = sv_record_find(object, "__model");
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(catboost_estimator), &base, err);
    if (st)
        return st;
    catboost_estimator *self = (catboost_estimator *)base;
    if (!bytes || bytes->kind != SV_RECORD_BYTES)
        return sv_attr_fail(object, "__model", "no bytes of a fitted model", err);
    if ((st = sv_catboost_read_cbm(sv_record_bytes(bytes), loader->arena, &self->scorer.model, err)) ||
        (st = sv_catboost_scorer_init(&self->scorer, sv_str_of(cls->name), err)) ||
        (st = read_classes(self->scorer.model, loader->arena, &base->classes, err)))
        return st;
    *out = base;
    return SAVOR_OK;
}

/* ---- methods ---- */

/* A sparse matrix counts as the array it stands for. */
static savor_status read_payload(const sv_batch *in, sv_arena *arena, sv_payload *out, savor_error *err)
{
    *out = (sv_payload){.kind = SV_PAYLOAD_TENSOR};
    switch (in->kind) {
    case SV_BATCH_FRAME:
        *out = (sv_payload){.kind = SV_PAYLOAD_FRAME, .frame = in->frame};
        return SAVOR_OK;
    case SV_BATCH_TENSOR:
        out->tensor = in->tensor;
        return SAVOR_OK;
    case SV_BATCH_SPARSE:
        return sv_sparse_to_dense(&in->sparse, arena, &out->tensor, err);
    default:
        return sv_fail(err, SAVOR_MODEL, "Invalid data type=<class 'list'>");
    }
}

static savor_status answer(const sv_estimator *self, catboost_answer kind, const sv_batch *in, sv_arena *arena,
                           sv_batch *out, savor_error *err)
{
    sv_payload from, to;
    savor_status st = read_payload(in, arena, &from, err);
    if (st || (st = sv_catboost_answer(&((const catboost_estimator *)self)->scorer, kind, &from, arena, &to, err)))
        return st;
    return sv_batch_of_payload(&to, out, err);
}

static savor_status predict(const sv_estimator *self, const sv_batch *in, sv_arena *arena, sv_batch *out,
                            savor_error *err)
{
    return answer(self, ((const catboost_estimator *)self)->scorer.answer, in, arena, out, err);
}

static savor_status predict_proba(const sv_estimator *self, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                  savor_error *err)
{
    return answer(self, CATBOOST_PROBABILITY, in, arena, out, err);
}

#define ROW(class_name)                                                                                \
    {                                                                                                  \
        .name = class_name, .package = "catboost", .load = load, .methods = { [SV_PREDICT] = predict } \
    }

const sv_estimator_class sv_catboost_estimators[] = {
    ROW("CatBoost"),
    {.name = "CatBoostClassifier",
     .package = "catboost",
     .load = load,
     .methods = {[SV_PREDICT] = predict, [SV_PREDICT_PROBA] = predict_proba}},
    ROW("CatBoostRanker"),
    ROW("CatBoostRegressor"),
    {.name = NULL},
};
