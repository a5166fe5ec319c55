/* spline_transformer.c: SplineTransformer: each feature becomes the values of its B-splines. */
#include "base/alloc.h"
#include "engine/spline.h"
#include "sklearn/attributes.h"
#include "sklearn/check.h"
#include "sklearn/families.h"
#include "sklearn/stack.h"

#include <math.h>

typedef enum beyond {
    BEYOND_ERROR,
    BEYOND_CONSTANT,
    BEYOND_LINEAR,
    BEYOND_CONTINUE,
    BEYOND_PERIODIC,
} beyond;

static const char *const BEYOND[] = {
    [BEYOND_ERROR] = "error",       [BEYOND_CONSTANT] = "constant", [BEYOND_LINEAR] = "linear",
    [BEYOND_CONTINUE] = "continue", [BEYOND_PERIODIC] = "periodic",
};

/* The splines of one feature, and what is needed beyond their ends. */
typedef struct feature {
    sv_spline spline;
    double low, high;       /* between which the splines are used */
    size_t n_edge;          /* splines that do not vanish at an end */
    const double *edges[4]; /* [n_curves] values at low and high, slopes there */
} feature;

typedef struct splines {
    sv_estimator base;
    size_t n_curves; /* of each feature */
    feature *features;
    beyond beyond;
    bool has_bias, is_sparse, zeroes_missing;
} splines;

/* ---- loading ---- */

static savor_status read_spline(sv_loader *loader, const sv_record *object, sv_spline *out, savor_error *err)
{
    bool is_plain = sv_record_find(object, "t") != NULL; /* scipy 1.16 put a line before the names */
    sv_tensor knots, weights;
    int64_t degree = 0;
    savor_status st = sv_attr_int(object, "k", &degree, err);
    if (st || (st = sv_attr_doubles(loader, object, is_plain ? "t" : "_t", &knots, err)))
        return st;
    if (degree < 0 || degree > SV_SPLINE_DEGREE_MAX || knots.n_items < 2 * ((size_t)degree + 1))
        return sv_attr_fail(object, "k", "no degree that fits the knots", err);
    size_t n = knots.n_items - (size_t)degree - 1;
    if ((st = sv_attr_matrix(loader, object, is_plain ? "c" : "_c", 0, 0, &weights, err)))
        return st;
    if (weights.shape[0] < n || weights.shape[1] == 0)
        return sv_attr_fail(object, "c", "not a row for each spline", err);
    *out = (sv_spline){knots.n_items, (size_t)degree, weights.shape[1], knots.data, weights.data};
    return SAVOR_OK;
}

/* Below degree 2 the library raises its own degree while it walks over the features, and so moves the ends. */
static savor_status read_ends(sv_loader *loader, size_t *degree, bool is_linear, feature *f, savor_error *err)
{
    double *room;
    savor_status st = sv_batch_alloc(loader->arena, 4, f->spline.n_curves, &room, err);
    if (st)
        return st;
    f->low = f->spline.knots[*degree];
    f->high = f->spline.knots[f->spline.n_knots - 1 - *degree];
    for (size_t i = 0; i < 4; i++) {
        double *edge = room + i * f->spline.n_curves;
        sv_spline_evaluate(&f->spline, i % 2 ? f->high : f->low, i > 1, false, edge);
        f->edges[i] = edge;
    }
    if (is_linear && *degree <= 1)
        ++*degree;
    f->n_edge = *degree < f->spline.n_curves ? *degree : f->spline.n_curves;
    return SAVOR_OK;
}

static savor_status read_features(sv_loader *loader, const sv_record *object, splines *self, savor_error *err)
{
    size_t n, degree = 0;
    const sv_record *const *items = sv_record_items(sv_record_find(object, "bsplines_"), &n);
    self->features = sv_arena_array(loader->arena, n, sizeof *self->features);
    if (!self->features)
        return sv_arena_fail(loader->arena, n * sizeof *self->features, err);
    if (n == 0 || (self->base.n_features_in && n != self->base.n_features_in))
        return sv_attr_fail(object, "bsplines_", "not one for each feature", err);
    for (size_t i = 0; i < n; i++) {
        feature *f = &self->features[i];
        savor_status st = read_spline(loader, items[i], &f->spline, err);
        if (st)
            return st;
        degree = i ? degree : f->spline.degree;
        if (f->spline.n_curves != self->features[0].spline.n_curves || degree > f->spline.n_knots / 2)
            return sv_attr_fail(object, "bsplines_", "of different kinds", err);
        if ((st = read_ends(loader, &degree, self->beyond == BEYOND_LINEAR, f, err)))
            return st;
    }
    self->base.n_features_in = n;
    self->n_curves = self->features[0].spline.n_curves;
    return SAVOR_OK;
}

static savor_status load(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                         const sv_estimator **out, savor_error *err)
{
    sv_estimator *base;
    sv_str word = sv_attr_text(object, "extrapolation");
    size_t at = 0;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(splines), &base, err);
    splines *self = (splines *)base;
    if (st)
        return st;
    while (at < 5 && !sv_str_is(word, BEYOND[at]))
        at++;
    if (at == 5)
        return sv_fail(err, SAVOR_UNSUPPORTED, "SplineTransformer with extrapolation=%.*s is not known",
                       SV_FMT(word));
    self->beyond = (beyond)at;
    self->has_bias = sv_attr_bool_or(object, "include_bias", true);
    self->is_sparse = sv_attr_bool_or(object, "sparse_output", false);
    self->zeroes_missing = sv_str_is(sv_attr_text(object, "handle_missing"), "zeros");
    if ((st = read_features(loader, object, self, err)))
        return st;
    *out = base;
    return SAVOR_OK;
}

/* ---- transforming ---- */

/* Python's %: the sign of the divisor. */
static double modulo(double x, double by)
{
    double rest = fmod(x, by);
    return rest != 0.0 && (rest < 0.0) != (by < 0.0) ? rest + by : rest;
}

/* Only the splines next to an end have a value there; they stay, or go on straight. */
static void evaluate_beyond(const splines *self, const feature *f, double x, double *out)
{
    bool is_low = x < f->low;
    const double *values = f->edges[!is_low], *slopes = f->edges[2 + !is_low];
    double past = x - (is_low ? f->low : f->high);
    memset(out, 0, self->n_curves * sizeof *out);
    for (size_t j = 0; j < f->n_edge; j++) {
        size_t c = is_low ? j : self->n_curves - 1 - j;
        out[c] = self->beyond == BEYOND_LINEAR ? values[c] + past * slopes[c] : values[c];
    }
}

static void evaluate(const splines *self, const feature *f, double x, double *out)
{
    const sv_spline *s = &f->spline;
    bool has_ends = self->beyond == BEYOND_CONSTANT || self->beyond == BEYOND_LINEAR;
    if (x != x) {
        memset(out, 0, self->n_curves * sizeof *out);
    } else if (has_ends && !(f->low <= x && x <= f->high)) {
        evaluate_beyond(self, f, x, out);
    } else if (self->beyond == BEYOND_PERIODIC) {
        double first = s->knots[s->degree], width = s->knots[s->n_knots - s->degree - 1] - first;
        sv_spline_evaluate(s, width > 0 ? first + modulo(x - first, width) : 0.0, false, true, out);
    } else {
        sv_spline_evaluate(s, x, false, self->beyond == BEYOND_CONTINUE, out);
    }
}

static savor_status fill(const splines *self, const sv_tensor *x, double *room, double *cells, savor_error *err)
{
    size_t n = self->base.n_features_in, width = self->n_curves - !self->has_bias;
    for (size_t i = 0; i < x->n_items; i++) {
        evaluate(self, &self->features[i % n], ((const double *)x->data)[i], room);
        if (self->beyond == BEYOND_ERROR && room[0] != room[0])
            return sv_fail(err, SAVOR_MODEL, "`X` contains values beyond the limits of the knots.");
        memcpy(cells + i * width, room, width * sizeof *cells);
    }
    return SAVOR_OK;
}

static savor_status transform(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                              savor_error *err)
{
    const splines *self = (const splines *)base;
    unsigned flags = SV_CHECK_KEEP_FLOAT32 | (self->zeroes_missing ? SV_CHECK_ALLOW_NAN | SV_CHECK_ALLOW_INF : 0u);
    size_t width = base->n_features_in * (self->n_curves - !self->has_bias);
    sv_batch x = {.kind = SV_BATCH_TENSOR}, made;
    double *cells, *room;
    savor_status st = sv_check_dense(base, in, flags, arena, &x.tensor, err);
    if (st)
        return st;
    savor_dtype dtype = x.tensor.dtype;
    if ((st = sv_batch_to_floats(&x, SAVOR_FLOAT64, arena, &x.tensor, err)) ||
        (st = sv_batch_alloc(arena, x.tensor.shape[0], width, &cells, err)) ||
        (st = sv_batch_alloc(arena, self->n_curves, 1, &room, err)) || (st = fill(self, &x.tensor, room, cells, err)))
        return st;
    made = sv_batch_of_doubles(cells, x.tensor.shape[0], width);
    *out = (sv_batch){.kind = self->is_sparse ? SV_BATCH_SPARSE : SV_BATCH_TENSOR};
    return self->is_sparse ? sv_batch_to_sparse(&made, arena, &out->sparse, err)
                           : sv_batch_to_floats(&made, dtype, arena, &out->tensor, err);
}

const sv_estimator_class sv_spline_transformers[] = {
    {.name = "SplineTransformer", .load = load, .methods = {[SV_TRANSFORM] = transform}},
    {.name = NULL},
};
