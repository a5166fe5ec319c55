/* quantile_transformer.c: QuantileTransformer: where a cell lies among its column's quantiles. */
#include "base/alloc.h"
#include "engine/normal.h"
#include "sklearn/attributes.h"
#include "sklearn/check.h"
#include "sklearn/families.h"
#include "sklearn/sparse.h"

#include <float.h>
#include <math.h>

#define BOUNDS_THRESHOLD 1e-7

typedef struct quantiles {
    sv_estimator base;
    size_t n;                 /* quantiles of each column */
    const double *values;     /* [n_features_in x n] growing */
    const double *negative;   /* [n_features_in x n] the same, backwards, with the other sign */
    const double *references; /* [n] */
    const double *opposites;  /* [n] backwards, with the other sign */
    bool is_normal;
} quantiles;

static const double *turned(const double *values, size_t n, double *out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = -values[n - 1 - i];
    return out;
}

static savor_status load(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                         const sv_estimator **out, savor_error *err)
{
    sv_estimator *base;
    sv_tensor columns, references;
    double *room;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(quantiles), &base, err);
    quantiles *self = (quantiles *)base;
    if (st || (st = sv_attr_doubles(loader, object, "references_", &references, err)) ||
        (st = sv_attr_matrix(loader, object, "quantiles_", references.n_items, base->n_features_in, &columns, err)))
        return st;
    size_t n = references.n_items, width = columns.shape[1];
    if (n == 0 || width == 0)
        return sv_attr_fail(object, "quantiles_", "empty", err);
    if ((st = sv_batch_alloc(loader->arena, 2 * n, width + 1, &room, err)))
        return st;
    double *negative = room + n * width, *opposites = negative + n * width;
    for (size_t c = 0; c < width; c++) {
        for (size_t i = 0; i < n; i++)
            room[c * n + i] = ((const double *)columns.data)[i * width + c];
        turned(room + c * n, n, negative + c * n);
    }
    base->n_features_in = width;
    self->n = n;
    self->values = room;
    self->negative = negative;
    self->references = references.data;
    self->opposites = turned(references.data, n, opposites);
    self->is_normal = sv_str_is(sv_attr_text(object, "output_distribution"), "normal");
    *out = base;
    return SAVOR_OK;
}

/* np.interp. */
static double interpolate(double x, const double *xs, const double *ys, size_t n)
{
    size_t low = 0, high = n;
    if (x != x)
        return x;
    while (low < high) { /* how many are <= x */
        size_t mid = (low + high) / 2;
        if (xs[mid] <= x)
            low = mid + 1;
        else
            high = mid;
    }
    if (low == 0 || low == n || xs[low - 1] == x)
        return ys[low ? low - 1 : 0];
    size_t j = low - 1;
    double slope = (ys[j + 1] - ys[j]) / (xs[j + 1] - xs[j]), y = slope * (x - xs[j]) + ys[j];
    if (y != y)
        y = slope * (x - xs[j + 1]) + ys[j + 1];
    return y != y && ys[j] == ys[j + 1] ? ys[j] : y;
}

static double clip_normal(double p)
{
    double edge = BOUNDS_THRESHOLD - DBL_EPSILON;
    double low = sv_normal_quantile(edge), high = sv_normal_quantile(1.0 - edge), x = sv_normal_quantile(p);
    return x < low ? low : x > high ? high : x;
}

static double forward(const quantiles *self, double x, size_t column)
{
    size_t n = self->n;
    const double *values = self->values + column * n;
    bool is_low = self->is_normal ? x - BOUNDS_THRESHOLD < values[0] : x == values[0];
    bool is_high = self->is_normal ? x + BOUNDS_THRESHOLD > values[n - 1] : x == values[n - 1];
    double up = interpolate(x, values, self->references, n);
    double down = interpolate(-x, self->negative + column * n, self->opposites, n);
    double y = is_low ? 0.0 : is_high ? 1.0 : 0.5 * (up - down);
    return self->is_normal && y == y ? clip_normal(y) : y;
}

static double backward(const quantiles *self, double x, size_t column)
{
    const double *values = self->values + column * self->n;
    double p = self->is_normal ? sv_normal_cumulative(x) : x;
    bool is_low = self->is_normal ? p - BOUNDS_THRESHOLD < 0.0 : p == 0.0;
    bool is_high = self->is_normal ? p + BOUNDS_THRESHOLD > 1.0 : p == 1.0;
    return is_low ? values[0] : is_high ? values[self->n - 1] : interpolate(p, self->references, values, self->n);
}

typedef double (*cell_fn)(const quantiles *self, double x, size_t column);

static savor_status map(const sv_estimator *base, cell_fn f, const sv_batch *in, sv_arena *arena, sv_batch *out,
                        savor_error *err)
{
    const quantiles *self = (const quantiles *)base;
    unsigned flags = SV_CHECK_ALLOW_NAN | SV_CHECK_KEEP_FLOAT32 | SV_CHECK_ACCEPT_SPARSE;
    double *cells;
    savor_status st = sv_check_batch(base, in, flags, arena, out, err);
    if (!st && out->kind == SV_BATCH_SPARSE && !(st = sv_sparse_copy_values(&out->sparse, arena, &cells, err)))
        for (size_t i = 0; i < out->sparse.row_first[out->sparse.n_rows]; i++)
            cells[i] = f(self, cells[i], out->sparse.columns[i]);
    if (st || out->kind == SV_BATCH_SPARSE)
        return st;
    sv_batch x = *out;
    savor_dtype dtype = x.tensor.dtype;
    if ((st = sv_batch_to_floats(&x, SAVOR_FLOAT64, arena, &x.tensor, err)) ||
        (st = sv_batch_alloc(arena, x.tensor.n_items, 1, &cells, err)))
        return st;
    for (size_t i = 0; i < x.tensor.n_items; i++)
        cells[i] = f(self, ((const double *)x.tensor.data)[i], i % base->n_features_in);
    x.tensor.data = cells;
    return sv_batch_to_floats(&x, dtype, arena, &out->tensor, err);
}

static savor_status transform(const sv_estimator *self, const sv_batch *in, sv_arena *arena, sv_batch *out,
                              savor_error *err)
{
    return map(self, forward, in, arena, out, err);
}

static savor_status inverse_transform(const sv_estimator *self, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                      savor_error *err)
{
    return map(self, backward, in, arena, out, err);
}

const sv_estimator_class sv_quantile_transformers[] = {
    {.name = "QuantileTransformer",
     .load = load,
     .methods = {[SV_TRANSFORM] = transform, [SV_INVERSE_TRANSFORM] = inverse_transform},
     .layout = SV_LAYOUT_OF_INPUT},
    {.name = NULL},
};
