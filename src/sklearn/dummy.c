/* dummy.c: DummyClassifier and DummyRegressor, where they need no random numbers. X is not looked at. */
#include "data/convert.h"
#include "sklearn/attributes.h"
#include "sklearn/check.h"
#include "sklearn/families.h"

#include <math.h>

typedef struct dummy {
    sv_estimator base;
    size_t n_outputs;
    const double *values; /* regressor: [n_outputs] */
    savor_dtype dtype;    /* regressor: INT64 or FLOAT32 where constant_ is, and so are the answers; else FLOAT64 */
    size_t label;         /* classifier: the class that is always answered */
    const double *proba;  /* classifier: [n_classes] */
} dummy;

static savor_status load_regressor(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                   const sv_estimator **out, savor_error *err)
{
    sv_estimator *base;
    sv_tensor constant;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(dummy), &base, err);
    if (st || (st = sv_attr_doubles(loader, object, "constant_", &constant, err)))
        return st;
    if (constant.n_items == 0)
        return sv_attr_fail(object, "constant_", "empty", err);
    dummy *self = (dummy *)base;
    self->n_outputs = constant.n_items;
    self->values = constant.data;
    const sv_array *array = sv_record_array(sv_record_find(object, "constant_"));
    self->dtype = array && (array->tensor.dtype == SAVOR_INT64 || array->tensor.dtype == SAVOR_FLOAT32)
                      ? array->tensor.dtype
                      : SAVOR_FLOAT64;
    for (size_t i = 0; self->dtype == SAVOR_INT64 && i < constant.n_items; i++)
        if (!(fabs(self->values[i]) <= 0x1p53))
            return sv_fail(err, SAVOR_UNSUPPORTED, "DummyRegressor with integers beyond 2^53 is not known");
    *out = base;
    return SAVOR_OK;
}

/* Whether class `i` is the constant that the estimator was made with. */
static bool is_label(const sv_tensor *classes, size_t i, const sv_record *constant)
{
    sv_value v = sv_item_get(classes->dtype, classes->data, i);
    sv_str text = sv_record_text(constant);
    double number, mine;
    if (text.p)
        return v.kind == SV_VALUE_STRING && sv_str_equal(text, (sv_str){v.u.p, v.n});
    return !sv_value_to_double(&v, &mine) && v.kind != SV_VALUE_STRING && sv_record_to_double(constant, &number) &&
           mine == number;
}

static savor_status read_strategy(const sv_record *object, dummy *self, double *proba, savor_error *err)
{
    const sv_tensor *classes = &self->base.classes;
    sv_str strategy = sv_attr_text(object, "strategy");
    const double *prior = self->proba;
    self->label = sv_argmax(prior, classes->n_items);
    if (sv_str_is(strategy, "prior"))
        return SAVOR_OK;
    if (sv_str_is(strategy, "constant")) {
        for (self->label = 0; self->label < classes->n_items; self->label++)
            if (is_label(classes, self->label, sv_record_find(object, "constant")))
                break;
        if (self->label == classes->n_items)
            return sv_fail(err, SAVOR_UNSUPPORTED, "DummyClassifier.constant is none of its classes");
    } else if (!sv_str_is(strategy, "most_frequent")) {
        return sv_fail(err, SAVOR_UNSUPPORTED, "DummyClassifier with strategy=%.*s answers at random",
                       SV_FMT(strategy));
    }
    for (size_t i = 0; i < classes->n_items; i++)
        proba[i] = i == self->label ? 1.0 : 0.0;
    self->proba = proba;
    return SAVOR_OK;
}

static savor_status load_classifier(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                    const sv_estimator **out, savor_error *err)
{
    sv_estimator *base;
    double *proba;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(dummy), &base, err);
    dummy *self = (dummy *)base;
    if (st)
        return st;
    if (base->classes.n_items == 0)
        return sv_fail(err, SAVOR_UNSUPPORTED, "DummyClassifier of several outputs is not known");
    if ((st = sv_attr_vector(loader, object, "class_prior_", base->classes.n_items, &self->proba, err)) ||
        (st = sv_batch_alloc(loader->arena, base->classes.n_items, 1, &proba, err)) ||
        (st = read_strategy(object, self, proba, err)))
        return st;
    *out = base;
    return SAVOR_OK;
}

static savor_status to_integers(sv_batch *values, sv_arena *arena, savor_error *err)
{
    size_t n = values->tensor.n_items;
    int64_t *integers = sv_arena_array(arena, n, sizeof *integers);
    if (!integers)
        return sv_arena_fail(arena, n * sizeof *integers, err);
    for (size_t i = 0; i < n; i++)
        integers[i] = (int64_t)((const double *)values->tensor.data)[i];
    values->tensor.dtype = SAVOR_INT64;
    values->tensor.data = integers;
    return SAVOR_OK;
}

static savor_status predict_values(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                   savor_error *err)
{
    const dummy *self = (const dummy *)base;
    size_t n_rows = sv_batch_rows(in);
    double *values;
    savor_status st = sv_batch_alloc(arena, n_rows, self->n_outputs, &values, err);
    if (st)
        return st;
    for (size_t i = 0; i < n_rows * self->n_outputs; i++)
        values[i] = self->values[i % self->n_outputs];
    sv_batch doubles = *out = sv_batch_of_doubles(values, n_rows, self->n_outputs > 1 ? self->n_outputs : 0);
    if (self->dtype == SAVOR_INT64)
        return to_integers(out, arena, err);
    return sv_batch_to_floats(&doubles, self->dtype, arena, &out->tensor, err);
}

static savor_status predict_labels(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                   savor_error *err)
{
    const dummy *self = (const dummy *)base;
    size_t n_rows = sv_batch_rows(in), *indices = sv_arena_array(arena, n_rows, sizeof *indices);
    if (!indices)
        return sv_arena_fail(arena, n_rows * sizeof *indices, err);
    for (size_t r = 0; r < n_rows; r++)
        indices[r] = self->label;
    return sv_take_labels(&base->classes, indices, n_rows, arena, out, err);
}

static savor_status predict_proba(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                  savor_error *err)
{
    const dummy *self = (const dummy *)base;
    size_t n_rows = sv_batch_rows(in), n = base->classes.n_items;
    double *proba;
    savor_status st = sv_batch_alloc(arena, n_rows, n, &proba, err);
    if (st)
        return st;
    for (size_t i = 0; i < n_rows * n; i++)
        proba[i] = self->proba[i % n];
    *out = sv_batch_of_doubles(proba, n_rows, n);
    return SAVOR_OK;
}

const sv_estimator_class sv_dummies[] = {
    {.name = "DummyClassifier",
     .load = load_classifier,
     .methods = {[SV_PREDICT] = predict_labels,
                 [SV_PREDICT_PROBA] = predict_proba,
                 [SV_PREDICT_LOG_PROBA] = sv_log_of_proba}},
    {.name = "DummyRegressor", .load = load_regressor, .methods = {[SV_PREDICT] = predict_values}},
    {.name = NULL},
};
