/*
 * calibration.c: CalibratedClassifierCV and what it is made of: a classifier and calibrators of its scores, fold by
 * fold, and their mean. IsotonicRegression, which also stands alone.
 */
#include "base/alloc.h"
#include "engine/dense.h"
#include "sklearn/attributes.h"
#include "sklearn/check.h"
#include "sklearn/ensemble.h"
#include "sklearn/families.h"

#include <math.h>

/* ---- isotonic regression ---- */

typedef enum beyond {
    BEYOND_NAN,
    BEYOND_CLIP,
    BEYOND_RAISE,
} beyond;

typedef struct isotonic {
    sv_estimator base;
    size_t n;
    const double *x, *y; /* [n] thresholds, ascending */
    double min, max;
    beyond beyond;
    bool is_float32; /* what is asked and what is answered is rounded to it */
} isotonic;

static savor_status load_isotonic(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                  const sv_estimator **out, savor_error *err)
{
    sv_estimator *base;
    sv_tensor x;
    sv_str rule = sv_attr_text(object, "out_of_bounds");
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(isotonic), &base, err);
    isotonic *self = (isotonic *)base;
    if (st || (st = sv_attr_doubles(loader, object, "X_thresholds_", &x, err)) ||
        (st = sv_attr_vector(loader, object, "y_thresholds_", x.n_items, &self->y, err)) ||
        (st = sv_attr_double(object, "X_min_", &self->min, err)) ||
        (st = sv_attr_double(object, "X_max_", &self->max, err)))
        return st;
    if (x.n_items == 0)
        return sv_attr_fail(object, "X_thresholds_", "empty", err);
    const sv_array *array = sv_record_array(sv_record_find(object, "X_thresholds_"));
    self->is_float32 = array && array->tensor.dtype == SAVOR_FLOAT32;
    self->x = x.data;
    self->n = x.n_items;
    self->beyond = sv_str_is(rule, "clip") ? BEYOND_CLIP : sv_str_is(rule, "raise") ? BEYOND_RAISE : BEYOND_NAN;
    *out = base;
    return SAVOR_OK;
}

/* np.interp within the thresholds; one threshold alone is a constant. */
static double interpolate(const isotonic *self, double t)
{
    size_t low = 0, high = self->n - 1;
    if (self->n == 1)
        return self->y[0];
    if (isnan(t) || t < self->x[0] || t > self->x[self->n - 1])
        return (double)NAN;
    if (t == self->x[self->n - 1])
        return self->y[self->n - 1];
    while (high - low > 1) { /* x[low] <= t < x[high] */
        size_t middle = low + (high - low) / 2;
        if (self->x[middle] <= t)
            low = middle;
        else
            high = middle;
    }
    if (self->is_float32) {
        float x = (float)self->x[low], y = (float)self->y[low];
        float slope = ((float)self->y[high] - y) / ((float)self->x[high] - x);
        return slope * ((float)t - x) + y;
    }
    double slope = (self->y[high] - self->y[low]) / (self->x[high] - self->x[low]);
    return slope * (t - self->x[low]) + self->y[low];
}

static savor_status isotonic_values(const isotonic *self, const double *in, size_t n, double *out, savor_error *err)
{
    for (size_t i = 0; i < n; i++) {
        double t = self->is_float32 ? (float)in[i] : in[i];
        if (!isfinite(t))
            return sv_fail(err, SAVOR_MODEL, "Input contains NaN, infinity or a value too large for dtype('%s').",
                           self->is_float32 ? "float32" : "float64");
        if (self->beyond == BEYOND_CLIP)
            t = t < self->min ? self->min : t > self->max ? self->max : t;
        out[i] = interpolate(self, t);
        if (self->beyond == BEYOND_RAISE && isnan(out[i]))
            return sv_fail(err, SAVOR_MODEL, "A value (%g) in x_new is outside the interpolation range.", in[i]);
    }
    return SAVOR_OK;
}

static savor_status isotonic_predict(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                     savor_error *err)
{
    sv_tensor t;
    double *values;
    savor_status st = sv_batch_to_floats(in, SAVOR_FLOAT64, arena, &t, err);
    if (st)
        return st;
    if (t.n_dims != 1 && (t.n_dims != 2 || t.shape[1] != 1))
        return sv_fail(err, SAVOR_MODEL,
                       "Isotonic regression input X should be a 1d array or 2d array with 1 feature");
    if (t.n_items == 0)
        return sv_fail(err, SAVOR_MODEL, "Found array with 0 sample(s) while a minimum of 1 is required.");
    if ((st = sv_batch_alloc(arena, t.n_items, 1, &values, err)) ||
        (st = isotonic_values((const isotonic *)base, t.data, t.n_items, values, err)))
        return st;
    sv_batch doubles = *out = sv_batch_of_doubles(values, t.n_items, 0);
    if (((const isotonic *)base)->is_float32)
        return sv_batch_to_floats(&doubles, SAVOR_FLOAT32, arena, &out->tensor, err);
    return SAVOR_OK;
}

/* ---- calibrators ---- */

typedef struct calibrator {
    bool is_sigmoid;
    double a, b;              /* 1 / (1 + exp(a * score + b)) */
    const isotonic *isotonic; /* otherwise */
} calibrator;

/* One fold: a classifier and a calibrator per column of its scores. */
typedef struct fold {
    const sv_estimator *estimator;
    size_t n_calibrators;
    const calibrator *calibrators;
    const size_t *columns; /* [n_calibrators] the class that each is of */
    double beta;           /* temperature: softmax(beta * logits); 0: there are calibrators */
} fold;

typedef struct calibrated {
    sv_estimator base;
    size_t n_folds;
    const fold *folds;
} calibrated;

static savor_status load_calibrator(sv_loader *loader, const sv_record *r, calibrator *out, savor_error *err)
{
    const sv_estimator *inner;
    savor_status st;
    out->is_sigmoid = sv_record_is(r, "sklearn", "_SigmoidCalibration");
    if (out->is_sigmoid) {
        if ((st = sv_attr_double(r, "a_", &out->a, err)) || (st = sv_attr_double(r, "b_", &out->b, err)))
            return st;
        return SAVOR_OK;
    }
    if (!sv_record_is(r, "sklearn", "IsotonicRegression"))
        return sv_fail(err, SAVOR_UNSUPPORTED, "calibrator %.*s is not known", SV_FMT(sv_record_class(r).name));
    if ((st = sv_estimator_load(loader, r, &inner, err)))
        return st;
    out->isotonic = (const isotonic *)inner;
    return SAVOR_OK;
}

/* Which class each calibrator is of: the classifier of a fold may not have seen all of them. */
static savor_status match_classes(sv_loader *loader, const calibrated *self, fold *f, savor_error *err)
{
    const sv_tensor *all = &self->base.classes, *mine = &f->estimator->classes;
    size_t *columns = sv_arena_array(loader->arena, f->n_calibrators, sizeof *columns);
    size_t size = sv_dtype_size(all->dtype);
    if (!columns)
        return sv_arena_fail(loader->arena, f->n_calibrators * sizeof *columns, err);
    f->columns = columns;
    if (all->n_items == 2) {
        columns[0] = 1;
        return f->n_calibrators == 1 ? SAVOR_OK : sv_fail(err, SAVOR_FORMAT, "calibrators: not one for two classes");
    }
    if (f->n_calibrators != mine->n_items || mine->dtype != all->dtype || all->dtype == SAVOR_OBJECT)
        return sv_fail(err, SAVOR_UNSUPPORTED, "a calibrated %s without its classes is not known",
                       f->estimator->cls->name);
    for (size_t i = 0; i < f->n_calibrators; i++) {
        size_t k = 0;
        for (; k < all->n_items; k++)
            if (all->dtype == SAVOR_STRING
                    ? sv_str_equal(((const sv_str *)all->data)[k], ((const sv_str *)mine->data)[i])
                    : memcmp((const char *)all->data + k * size, (const char *)mine->data + i * size, size) == 0)
                break;
        if (k == all->n_items)
            return sv_fail(err, SAVOR_FORMAT, "calibrators: a class that is none of the model's");
        columns[i] = k;
    }
    return SAVOR_OK;
}

static savor_status load_fold(sv_loader *loader, const sv_record *r, const calibrated *self, fold *out,
                              savor_error *err)
{
    size_t n;
    const char *name = sv_record_is_none(sv_record_find(r, "estimator")) ? "base_estimator" : "estimator";
    const sv_record *const *items = sv_record_items(sv_record_find(r, "calibrators"), &n);
    savor_status st = sv_attr_estimator(loader, r, name, &out->estimator, err);
    calibrator *list = st ? NULL : sv_arena_array(loader->arena, n, sizeof *list);
    if (st)
        return st;
    if (!list)
        return sv_arena_fail(loader->arena, n * sizeof *list, err);
    if (n == 0)
        return sv_attr_fail(r, "calibrators", "empty", err);
    if (!sv_estimator_has(out->estimator, SV_DECISION_FUNCTION) &&
        !sv_estimator_has(out->estimator, SV_PREDICT_PROBA))
        return sv_fail(err, SAVOR_UNSUPPORTED, "%s has no score here", out->estimator->cls->name);
    if (sv_record_is(items[0], "sklearn", "_TemperatureScaling"))
        return sv_attr_double(items[0], "beta_", &out->beta, err);
    for (size_t i = 0; i < n; i++)
        if ((st = load_calibrator(loader, items[i], &list[i], err)))
            return st;
    out->calibrators = list;
    out->n_calibrators = n;
    return match_classes(loader, self, out, err);
}

static savor_status load(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                         const sv_estimator **out, savor_error *err)
{
    sv_estimator *base;
    size_t n;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(calibrated), &base, err);
    calibrated *self = (calibrated *)base;
    const sv_record *const *items = sv_record_items(sv_record_find(object, "calibrated_classifiers_"), &n);
    fold *folds = st ? NULL : sv_arena_array(loader->arena, n, sizeof *folds);
    if (st)
        return st;
    if (!folds)
        return sv_arena_fail(loader->arena, n * sizeof *folds, err);
    if (n == 0 || base->classes.n_items < 2)
        return sv_attr_fail(object, "calibrated_classifiers_", "empty", err);
    for (size_t i = 0; i < n; i++)
        if ((st = load_fold(loader, items[i], self, &folds[i], err)))
            return st;
    self->folds = folds;
    self->n_folds = n;
    *out = base;
    return SAVOR_OK;
}

/* ---- predicting ---- */

/* Scores of a fold: decisions, else probabilities, of which two classes keep the second. */
static savor_status scores_of(const fold *f, const sv_batch *in, sv_arena *arena, sv_tensor *out, bool *is_proba,
                              savor_error *err)
{
    *is_proba = !sv_estimator_has(f->estimator, SV_DECISION_FUNCTION);
    savor_status st =
        sv_ask_doubles(f->estimator, *is_proba ? SV_PREDICT_PROBA : SV_DECISION_FUNCTION, in, arena, out, err);
    if (st)
        return st;
    if (out->n_dims == 1) {
        out->n_dims = 2;
        out->shape[1] = 1;
    }
    if (!*is_proba || out->shape[1] != 2)
        return SAVOR_OK;
    double *second;
    if ((st = sv_batch_alloc(arena, out->shape[0], 1, &second, err)))
        return st;
    for (size_t r = 0; r < out->shape[0]; r++)
        second[r] = ((const double *)out->data)[2 * r + 1];
    *out = sv_tensor_view(SAVOR_FLOAT64, out->shape[0], 1, second);
    return SAVOR_OK;
}

/* Logits of a fold for temperature scaling: probabilities become logarithms, one decision becomes a pair. */
static void scale_row(const fold *f, const double *scores, size_t width, bool is_proba, size_t n, double *out)
{
    for (size_t k = 0; k < n; k++) {
        double x = width == n ? scores[k] : is_proba ? (k ? scores[0] : 1.0 - scores[0]) : (k ? scores[0] : 0.0);
        out[k] = f->beta * (is_proba ? log(x + 2.220446049250313e-16) : x);
    }
    if (width == 1 && !is_proba) { /* [-d / 2, d / 2] has the same softmax as [0, d] */
        out[0] = f->beta * (-0.5 * scores[0]);
        out[1] = f->beta * (0.5 * scores[0]);
    }
    sv_softmax(out, n);
}

static savor_status calibrate_rows(const fold *f, const sv_tensor *scores, size_t n, double *out, sv_arena *arena,
                                   savor_error *err)
{
    size_t n_rows = scores->shape[0], width = scores->shape[1];
    double *column, *values;
    savor_status st;
    if (width != f->n_calibrators)
        return sv_fail(err, SAVOR_MODEL, "%zu scores for %zu calibrators", width, f->n_calibrators);
    if ((st = sv_batch_alloc(arena, n_rows, 1, &column, err)) ||
        (st = sv_batch_alloc(arena, n_rows, 1, &values, err)))
        return st;
    for (size_t i = 0; i < width; i++) {
        const calibrator *c = &f->calibrators[i];
        for (size_t r = 0; r < n_rows; r++) {
            column[r] = ((const double *)scores->data)[r * width + i];
            values[r] = c->is_sigmoid ? sv_expit(-(c->a * column[r] + c->b)) : 0.0;
        }
        if (!c->is_sigmoid && n_rows == 0)
            return sv_fail(err, SAVOR_MODEL, "Found array with 0 sample(s) while a minimum of 1 is required.");
        if (!c->is_sigmoid && (st = isotonic_values(c->isotonic, column, n_rows, values, err)))
            return st;
        for (size_t r = 0; r < n_rows; r++)
            out[r * n + f->columns[i]] = values[r];
    }
    return SAVOR_OK;
}

static void normalize_row(double *row, size_t n)
{
    double sum;
    if (n == 2) {
        row[0] = 1.0 - row[1];
    } else {
        sum = sv_pairwise_sum(row, n);
        for (size_t k = 0; k < n; k++)
            row[k] = sum != 0.0 ? row[k] / sum : 1.0 / (double)n;
    }
    for (size_t k = 0; k < n; k++)
        if (row[k] > 1.0 && row[k] <= 1.0 + 1e-5)
            row[k] = 1.0;
}

static savor_status fold_proba(const calibrated *self, const fold *f, const sv_batch *in, double *out,
                               sv_arena *arena, savor_error *err)
{
    size_t n = self->base.classes.n_items, n_rows = sv_batch_rows(in);
    sv_tensor scores;
    bool is_proba;
    savor_status st = scores_of(f, in, arena, &scores, &is_proba, err);
    if (st)
        return st;
    if (scores.shape[0] != n_rows || (f->beta != 0.0 && scores.shape[1] != 1 && scores.shape[1] != n))
        return sv_fail(err, SAVOR_MODEL, "%s answered no score for each class", f->estimator->cls->name);
    memset(out, 0, n_rows * n * sizeof *out);
    if (f->beta == 0.0 && (st = calibrate_rows(f, &scores, n, out, arena, err)))
        return st;
    for (size_t r = 0; r < n_rows; r++)
        if (f->beta == 0.0)
            normalize_row(out + r * n, n);
        else
            scale_row(f, (const double *)scores.data + r * scores.shape[1], scores.shape[1], is_proba, n,
                      out + r * n);
    return SAVOR_OK;
}

static savor_status mean_proba(const sv_estimator *base, const sv_batch *in, sv_arena *arena, double **out,
                               savor_error *err)
{
    const calibrated *self = (const calibrated *)base;
    size_t n = base->classes.n_items, n_rows = sv_batch_rows(in);
    double *proba;
    savor_status st;
    if ((st = sv_batch_alloc(arena, n_rows, n, out, err)) || (st = sv_batch_alloc(arena, n_rows, n, &proba, err)))
        return st;
    memset(*out, 0, n_rows * n * sizeof **out);
    for (size_t i = 0; i < self->n_folds; i++) {
        if ((st = fold_proba(self, &self->folds[i], in, proba, arena, err)))
            return st;
        for (size_t k = 0; k < n_rows * n; k++)
            (*out)[k] += proba[k];
    }
    for (size_t k = 0; k < n_rows * n; k++)
        (*out)[k] /= (double)self->n_folds;
    return SAVOR_OK;
}

static savor_status predict_proba(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                  savor_error *err)
{
    double *proba;
    savor_status st = mean_proba(base, in, arena, &proba, err);
    if (!st)
        *out = sv_batch_of_doubles(proba, sv_batch_rows(in), base->classes.n_items);
    return st;
}

static savor_status predict(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                            savor_error *err)
{
    double *proba;
    savor_status st = mean_proba(base, in, arena, &proba, err);
    return st ? st : sv_take_argmax(&base->classes, proba, sv_batch_rows(in), arena, out, err);
}

const sv_estimator_class sv_calibrations[] = {
    {.name = "CalibratedClassifierCV",
     .load = load,
     .methods = {[SV_PREDICT] = predict, [SV_PREDICT_PROBA] = predict_proba}},
    {.name = "IsotonicRegression",
     .load = load_isotonic,
     .methods = {[SV_PREDICT] = isotonic_predict, [SV_TRANSFORM] = isotonic_predict}},
    {.name = NULL},
};
