/*
 * linear_regressor.c: X @ coef_.T + intercept_, and the generalized linear models, which put exp around it.
 */
#include "sklearn/attributes.h"
#include "sklearn/check.h"
#include "sklearn/families.h"
#include "sklearn/linear.h"

#include <math.h>

typedef struct linear_regressor {
    sv_estimator base;
    sv_linear_model linear;
    bool is_glm;       /* reads text that is numbers */
    bool has_log_link; /* predict exp() of the sum */
} linear_regressor;

static savor_status load_linear(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                const sv_estimator **out, savor_error *err)
{
    sv_estimator *base;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(linear_regressor), &base, err);
    if (st || (st = sv_linear_load(loader, object, &((linear_regressor *)base)->linear, err)))
        return st;
    *out = base;
    return SAVOR_OK;
}

/* LinearSVR and SGDRegressor answer one dimension whatever coef_ has. */
static savor_status load_flat(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                              const sv_estimator **out, savor_error *err)
{
    const sv_estimator *base = NULL;
    savor_status st = load_linear(loader, cls, object, &base, err);
    if (st)
        return st;
    linear_regressor *self = (linear_regressor *)(uintptr_t)base;
    self->linear.is_flat = self->linear.n_outputs == 1;
    *out = base;
    return SAVOR_OK;
}

/* PoissonRegressor and GammaRegressor have a log link; TweedieRegressor's depends on `link` and `power`. */
static savor_status load_glm(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                             const sv_estimator **out, savor_error *err)
{
    const sv_estimator *base = NULL;
    savor_status st = load_linear(loader, cls, object, &base, err);
    sv_str link = sv_attr_text(object, "link");
    if (st)
        return st;
    linear_regressor *self = (linear_regressor *)(uintptr_t)base;
    self->is_glm = true;
    if (link.n == 0)
        self->has_log_link = true;
    else if (sv_str_is(link, "auto"))
        self->has_log_link = sv_attr_double_or(object, "power", 0.0) > 0.0;
    else if (sv_str_is(link, "log") || sv_str_is(link, "identity"))
        self->has_log_link = sv_str_is(link, "log");
    else
        return sv_fail(err, SAVOR_UNSUPPORTED, "%s with link=%.*s is not known", cls->name, SV_FMT(link));
    *out = base;
    return SAVOR_OK;
}

static savor_status predict(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                            savor_error *err)
{
    const linear_regressor *self = (const linear_regressor *)base;
    savor_status st = sv_linear_scores(base, &self->linear, in, self->is_glm ? 0 : SV_CHECK_NUMERIC, arena, out, err);
    if (st || !self->has_log_link)
        return st;
    if (out->tensor.dtype == SAVOR_FLOAT32) {
        float *y = (float *)(uintptr_t)out->tensor.data; /* made for this call */
        for (size_t i = 0; i < out->tensor.n_items; i++)
            y[i] = expf(y[i]);
        return SAVOR_OK;
    }
    double *y = (double *)(uintptr_t)out->tensor.data;
    for (size_t i = 0; i < out->tensor.n_items; i++)
        y[i] = exp(y[i]);
    return SAVOR_OK;
}

#define ROW(text, loader)                                                   \
    {                                                                       \
        .name = text, .load = loader, .methods = { [SV_PREDICT] = predict } \
    }

const sv_estimator_class sv_linear_regressors[] = {
    ROW("ARDRegression", load_linear),
    ROW("BayesianRidge", load_linear),
    ROW("ElasticNet", load_linear),
    ROW("ElasticNetCV", load_linear),
    ROW("GammaRegressor", load_glm),
    ROW("HuberRegressor", load_linear),
    ROW("Lars", load_linear),
    ROW("LarsCV", load_linear),
    ROW("Lasso", load_linear),
    ROW("LassoCV", load_linear),
    ROW("LassoLars", load_linear),
    ROW("LassoLarsCV", load_linear),
    ROW("LassoLarsIC", load_linear),
    ROW("LinearRegression", load_linear),
    ROW("LinearSVR", load_flat),
    ROW("MultiTaskElasticNet", load_linear),
    ROW("MultiTaskElasticNetCV", load_linear),
    ROW("MultiTaskLasso", load_linear),
    ROW("MultiTaskLassoCV", load_linear),
    ROW("OrthogonalMatchingPursuit", load_linear),
    ROW("OrthogonalMatchingPursuitCV", load_linear),
    ROW("PassiveAggressiveRegressor", load_flat),
    ROW("PoissonRegressor", load_glm),
    ROW("QuantileRegressor", load_linear),
    ROW("Ridge", load_linear),
    ROW("RidgeCV", load_linear),
    ROW("SGDRegressor", load_flat),
    ROW("TheilSenRegressor", load_linear),
    ROW("TweedieRegressor", load_glm),
    {.name = NULL},
};
