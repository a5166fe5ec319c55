/* elliptic_envelope.c: EllipticEnvelope: how far a row is from the middle, as the covariance measures. */
#include "base/alloc.h"
#include "sklearn/attributes.h"
#include "sklearn/check.h"
#include "sklearn/families.h"

#include <math.h>

typedef struct envelope {
    sv_estimator base;
    const double *location;  /* [n_features] */
    const double *precision; /* [n_features x n_features] */
    double offset;
} envelope;

static savor_status load_envelope(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                  const sv_estimator **out, savor_error *err)
{
    sv_estimator *base;
    sv_tensor location, precision;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(envelope), &base, err);
    envelope *self = (envelope *)base;
    if (st || (st = sv_attr_doubles(loader, object, "location_", &location, err)) ||
        (st = sv_attr_matrix(loader, object, "precision_", location.n_items, location.n_items, &precision, err)) ||
        (st = sv_attr_double(object, "offset_", &self->offset, err)) ||
        (st = sv_estimator_set_features(base, object, location.n_items, err)))
        return st;
    self->location = location.data;
    self->precision = precision.data;
    *out = base;
    return SAVOR_OK;
}

/* x y in two running sums, what is left over behind them: scipy's loops as compilers make them. */
static double dot_of(const double *x, const double *y, size_t n)
{
    double even = 0.0, odd = 0.0;
    for (size_t i = 0; i + 2 <= n; i += 2) {
        even += x[i] * y[i];
        odd += x[i + 1] * y[i + 1];
    }
    return n % 2 ? even + odd + x[n - 1] * y[n - 1] : even + odd;
}

/* Minus the squared Mahalanobis distance, less the offset. scipy takes its root first: NaN where rounding made it
 * negative. */
static savor_status envelope_scores(const sv_estimator *base, const sv_batch *in, double offset, sv_arena *arena,
                                    sv_batch *out, savor_error *err)
{
    const envelope *self = (const envelope *)base;
    sv_tensor x;
    double *values, *d, *products;
    savor_status st = sv_check_dense(base, in, SV_CHECK_NUMERIC, arena, &x, err);
    size_t n = base->n_features_in;
    if (st || (st = sv_batch_alloc(arena, x.shape[0], 1, &values, err)) ||
        (st = sv_batch_alloc(arena, n, 1, &d, err)) || (st = sv_batch_alloc(arena, n, 1, &products, err)))
        return st;
    for (size_t r = 0; r < x.shape[0]; r++) {
        for (size_t i = 0; i < n; i++)
            d[i] = ((const double *)x.data)[r * n + i] - self->location[i];
        for (size_t i = 0; i < n; i++)
            products[i] = dot_of(d, self->precision + i * n, n);
        double distance = sqrt(dot_of(d, products, n));
        values[r] = -(distance * distance) - offset;
    }
    *out = sv_batch_of_doubles(values, x.shape[0], 0);
    return SAVOR_OK;
}

static savor_status envelope_samples(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                     savor_error *err)
{
    return envelope_scores(base, in, 0.0, arena, out, err);
}

static savor_status envelope_decision(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                      savor_error *err)
{
    return envelope_scores(base, in, ((const envelope *)base)->offset, arena, out, err);
}

static savor_status envelope_predict(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                     savor_error *err)
{
    savor_status st = envelope_decision(base, in, arena, out, err);
    return st ? st : sv_take_signs(out, -1, arena, err);
}

const sv_estimator_class sv_elliptic_envelopes[] = {
    {.name = "EllipticEnvelope",
     .load = load_envelope,
     .methods = {[SV_PREDICT] = envelope_predict,
                 [SV_DECISION_FUNCTION] = envelope_decision,
                 [SV_SCORE_SAMPLES] = envelope_samples}},
    {.name = NULL},
};
