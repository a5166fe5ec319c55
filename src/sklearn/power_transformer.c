/* power_transformer.c: PowerTransformer: Yeo-Johnson and Box-Cox, then a StandardScaler. */
#include "base/alloc.h"
#include "sklearn/attributes.h"
#include "sklearn/check.h"
#include "sklearn/families.h"

#include <float.h>
#include <math.h>

typedef double (*power_fn)(double x, double lambda);

typedef struct power {
    sv_estimator base;
    const double *lambdas;      /* [n_features_in] */
    const sv_estimator *scaler; /* or NULL */
    bool needs_positive;
    power_fn forward, backward;
} power;

/* Until 1.8 the powers themselves. */
static double yeo_johnson(double x, double lambda)
{
    if (x >= 0)
        return fabs(lambda) < DBL_EPSILON ? log1p(x) : (pow(x + 1, lambda) - 1) / lambda;
    return fabs(lambda - 2) > DBL_EPSILON ? -(pow(-x + 1, 2 - lambda) - 1) / (2 - lambda) : -log1p(-x);
}

/* scipy's, which keeps the digits of small numbers. */
static double stable_yeo_johnson(double x, double lambda)
{
    if (x >= 0)
        return fabs(lambda) < DBL_EPSILON ? log1p(x) : expm1(lambda * log1p(x)) / lambda;
    return fabs(lambda - 2) > DBL_EPSILON ? -expm1((2 - lambda) * log1p(-x)) / (2 - lambda) : -log1p(-x);
}

static double undo_yeo_johnson(double x, double lambda)
{
    if (x >= 0)
        return fabs(lambda) < DBL_EPSILON ? exp(x) - 1 : pow(x * lambda + 1, 1 / lambda) - 1;
    return fabs(lambda - 2) > DBL_EPSILON ? 1 - pow(-(2 - lambda) * x + 1, 1 / (2 - lambda)) : 1 - exp(-x);
}

/* scipy.special.boxcox: 1e-19 is where lambda * log(x) + 1 is 1 for every x; beyond exp's range the -1 is nothing. */
static double box_cox(double x, double lambda)
{
    double exponent = lambda * log(x);
    if (fabs(lambda) < 1e-19)
        return log(x);
    if (exponent < 709.78)
        return expm1(exponent) / lambda;
    return copysign(1.0, lambda) * exp(exponent - log(fabs(lambda))) - 1 / lambda;
}

static double undo_box_cox_old(double x, double lambda)
{
    return lambda == 0 ? exp(x) : pow(x * lambda + 1, 1 / lambda);
}

static double undo_box_cox(double x, double lambda)
{
    if (lambda == 0)
        return exp(x);
    if (lambda * x < 1.79e308)
        return exp(log1p(lambda * x) / lambda);
    return exp((log(copysign(1.0, lambda) * (x + 1 / lambda)) + log(fabs(lambda))) / lambda);
}

static savor_status load(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                         const sv_estimator **out, savor_error *err)
{
    sv_estimator *base;
    sv_tensor lambdas;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(power), &base, err);
    power *self = (power *)base;
    if (st || (st = sv_attr_doubles(loader, object, "lambdas_", &lambdas, err)))
        return st;
    if ((st = sv_estimator_set_features(base, object, lambdas.n_items, err)))
        return st;
    self->lambdas = lambdas.data;
    self->needs_positive = sv_str_is(sv_attr_text(object, "method"), "box-cox");
    if (self->needs_positive) {
        self->forward = box_cox;
        self->backward = sv_release_is_before(loader->release, 1, 6) ? undo_box_cox_old : undo_box_cox;
    } else {
        self->forward = sv_release_is_before(loader->release, 1, 9) ? yeo_johnson : stable_yeo_johnson;
        self->backward = undo_yeo_johnson;
    }
    if (sv_attr_bool_or(object, "standardize", true) &&
        (st = sv_attr_estimator(loader, object, "_scaler", &self->scaler, err)))
        return st;
    if (self->scaler && self->scaler->n_features_in != base->n_features_in)
        return sv_attr_fail(object, "_scaler", "of another width", err);
    *out = base;
    return SAVOR_OK;
}

/* Cells through f, rounded to the dtype that came. */
static savor_status map(const power *self, power_fn f, const sv_tensor *x, sv_arena *arena, sv_batch *out,
                        savor_error *err)
{
    sv_batch from = {.kind = SV_BATCH_TENSOR, .tensor = *x}, to = from;
    double *cells;
    savor_status st = sv_batch_to_floats(&from, SAVOR_FLOAT64, arena, &to.tensor, err);
    if (st || (st = sv_batch_alloc(arena, x->n_items, 1, &cells, err)))
        return st;
    for (size_t i = 0; i < x->n_items; i++)
        cells[i] = f(((const double *)to.tensor.data)[i], self->lambdas[i % self->base.n_features_in]);
    to.tensor.data = cells;
    *out = from;
    return sv_batch_to_floats(&to, x->dtype, arena, &out->tensor, err);
}

static savor_status check_positive(const sv_tensor *x, savor_error *err)
{
    for (size_t i = 0; i < x->n_items; i++) {
        double v;
        if (sv_tensor_to_double(x, i, &v) && v <= 0)
            return sv_fail(err, SAVOR_MODEL,
                           "The Box-Cox transformation can only be applied to strictly positive data");
    }
    return SAVOR_OK;
}

static savor_status transform(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                              savor_error *err)
{
    const power *self = (const power *)base;
    sv_tensor x;
    sv_batch mapped;
    savor_status st = sv_check_dense(base, in, SV_CHECK_ALLOW_NAN | SV_CHECK_KEEP_FLOAT32, arena, &x, err);
    if (st || (self->needs_positive && (st = check_positive(&x, err))) ||
        (st = map(self, self->forward, &x, arena, &mapped, err)))
        return st;
    if (self->scaler)
        return sv_estimator_call(self->scaler, SV_TRANSFORM, &mapped, arena, out, err);
    *out = mapped;
    return SAVOR_OK;
}

static savor_status inverse_transform(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                      savor_error *err)
{
    const power *self = (const power *)base;
    sv_batch x = {.kind = SV_BATCH_TENSOR};
    savor_status st = sv_check_dense(base, in, SV_CHECK_ALLOW_NAN | SV_CHECK_KEEP_FLOAT32, arena, &x.tensor, err);
    if (!st && self->scaler)
        st = sv_estimator_call(self->scaler, SV_INVERSE_TRANSFORM, &x, arena, &x, err);
    return st ? st : map(self, self->backward, &x.tensor, arena, out, err);
}

const sv_estimator_class sv_power_transformers[] = {
    {.name = "PowerTransformer",
     .load = load,
     .methods = {[SV_TRANSFORM] = transform, [SV_INVERSE_TRANSFORM] = inverse_transform},
     .layout = SV_LAYOUT_OF_INPUT},
    {.name = NULL},
};
