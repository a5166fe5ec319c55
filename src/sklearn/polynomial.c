/* polynomial.c: PolynomialFeatures: each term of a degree is a term of the degree below times one feature. */
#include "base/alloc.h"
#include "sklearn/attributes.h"
#include "sklearn/check.h"
#include "sklearn/families.h"

#define COLUMNS_MAX 10000000 /* of the expanded row */
#define DEGREE_MAX 64

typedef struct polynomial {
    sv_estimator base;
    size_t max_degree, n_full, n_out; /* columns with all degrees, and without those below min_degree */
    bool is_interaction, has_bias;
} polynomial;

/* How many columns all degrees have: the same walk as expand, without numbers. */
static size_t count_columns(const polynomial *self, size_t n_features, size_t *index, size_t *next)
{
    size_t at = self->has_bias;
    if (self->max_degree == 0)
        return at;
    for (size_t i = 0; i <= n_features; i++)
        index[i] = at + i;
    at += n_features;
    for (size_t degree = 2; degree <= self->max_degree; degree++) {
        size_t end = index[n_features];
        for (size_t i = 0; i < n_features; i++) {
            size_t start = index[i] + (self->is_interaction ? index[i + 1] - index[i] : 0);
            next[i] = at;
            at += end - start;
            if (at > COLUMNS_MAX)
                return SIZE_MAX;
        }
        next[n_features] = at;
        memcpy(index, next, (n_features + 1) * sizeof *index);
    }
    return at;
}

static savor_status load(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                         const sv_estimator **out, savor_error *err)
{
    sv_estimator *base;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(polynomial), &base, err);
    polynomial *self = (polynomial *)base;
    int64_t n_out = sv_attr_int_or(object, "n_output_features_", -1);
    int64_t degree = sv_attr_int_or(object, "_max_degree", sv_attr_int_or(object, "degree", 2));
    if (st)
        return st;
    if (base->n_features_in > COLUMNS_MAX)
        return sv_fail(err, SAVOR_LIMIT, "PolynomialFeatures made more than %d columns", COLUMNS_MAX);
    size_t n = base->n_features_in, *room = sv_arena_array(loader->arena, 2 * (n + 1), sizeof *room);
    if (!room)
        return sv_arena_fail(loader->arena, 2 * (n + 1) * sizeof *room, err);
    if (degree < 0 || degree > DEGREE_MAX || n == 0)
        return sv_attr_fail(object, "degree", "out of range", err);
    self->max_degree = (size_t)degree;
    self->is_interaction = sv_attr_bool_or(object, "interaction_only", false);
    self->has_bias = sv_attr_bool_or(object, "include_bias", true);
    self->n_full = count_columns(self, n, room, room + n + 1);
    self->n_out = n_out >= 0 ? (size_t)n_out : self->n_full;
    if (self->n_full > COLUMNS_MAX)
        return sv_fail(err, SAVOR_LIMIT, "PolynomialFeatures made more than %d columns", COLUMNS_MAX);
    if (self->n_out > self->n_full || self->n_out < self->has_bias) /* none: degree=(2, 3) of one feature */
        return sv_attr_fail(object, "n_output_features_", "more than there are terms", err);
    *out = base;
    return SAVOR_OK;
}

/* Products of float32 are rounded to it one by one. */
static double product(double a, double b, bool is_float32) { return is_float32 ? (double)(float)(a * b) : a * b; }

/* All terms of one row. `index[i]` is where the terms of the last degree begin that have no feature before i. */
static void expand(const polynomial *self, const double *x, bool is_float32, size_t *index, size_t *next, double *out)
{
    size_t n_features = self->base.n_features_in;
    size_t at = self->has_bias;
    if (self->has_bias)
        out[0] = 1.0;
    if (self->max_degree == 0)
        return;
    memcpy(out + at, x, n_features * sizeof *out);
    for (size_t i = 0; i <= n_features; i++)
        index[i] = at + i;
    at += n_features;
    for (size_t degree = 2; degree <= self->max_degree; degree++) {
        size_t end = index[n_features];
        for (size_t i = 0; i < n_features; i++) {
            size_t start = index[i] + (self->is_interaction ? index[i + 1] - index[i] : 0);
            next[i] = at;
            for (size_t k = start; k < end; k++)
                out[at++] = product(out[k], x[i], is_float32);
        }
        next[n_features] = at;
        memcpy(index, next, (n_features + 1) * sizeof *index);
    }
}

static savor_status transform(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                              savor_error *err)
{
    const polynomial *self = (const polynomial *)base;
    sv_batch x = {.kind = SV_BATCH_TENSOR}, made;
    double *cells, *row;
    savor_status st = sv_check_dense(base, in, SV_CHECK_KEEP_FLOAT32, arena, &x.tensor, err);
    if (st)
        return st;
    savor_dtype dtype = x.tensor.dtype;
    size_t n = base->n_features_in, n_rows = x.tensor.shape[0];
    if ((st = sv_batch_to_floats(&x, SAVOR_FLOAT64, arena, &x.tensor, err)) ||
        (st = sv_batch_alloc(arena, n_rows, self->n_out, &cells, err)) ||
        (st = sv_batch_alloc(arena, self->n_full, 1, &row, err)))
        return st;
    size_t *index = sv_arena_array(arena, 2 * (n + 1), sizeof *index);
    if (!index)
        return sv_arena_fail(arena, 2 * (n + 1) * sizeof *index, err);
    for (size_t r = 0; r < n_rows; r++) {
        double *to = cells + r * self->n_out;
        expand(self, (const double *)x.tensor.data + r * n, dtype == SAVOR_FLOAT32, index, index + n + 1, row);
        memcpy(to, row + self->n_full - self->n_out, self->n_out * sizeof *to);
        if (self->has_bias) /* the terms below min_degree fall away, the bias does not */
            to[0] = 1.0;
    }
    made = sv_batch_of_doubles(cells, n_rows, self->n_out);
    made.tensor.n_dims = 2; /* also where no term is left */
    made.tensor.shape[1] = self->n_out;
    *out = made;
    return sv_batch_to_floats(&made, dtype, arena, &out->tensor, err);
}

const sv_estimator_class sv_polynomials[] = {
    {.name = "PolynomialFeatures", .load = load, .methods = {[SV_TRANSFORM] = transform}},
    {.name = NULL},
};
