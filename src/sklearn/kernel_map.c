/*
 * kernel_map.c: kernels approximated by features: RBFSampler, SkewedChi2Sampler, AdditiveChi2Sampler, Nystroem and
 * PolynomialCountSketch.
 */
#include "base/alloc.h"
#include "sklearn/attributes.h"
#include "sklearn/check.h"
#include "sklearn/families.h"
#include "sklearn/pairwise_kernel.h"
#include "sklearn/stack.h"

#include <math.h>
#include <string.h>

#define PI 3.14159265358979323846
#define STEPS_MAX 1000

/* ---- random cosines ---- */

typedef struct cosine_map {
    sv_estimator base;
    size_t n_in, n_out;
    const double *weights; /* [n_in x n_out] */
    const double *offset;  /* [n_out] */
    double scale;
    bool is_skewed;
    double skewedness;
} cosine_map;

static savor_status load_cosines(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                 cosine_map **out, savor_error *err)
{
    sv_estimator *base;
    sv_tensor weights;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(cosine_map), &base, err);
    cosine_map *self = (cosine_map *)base;
    *out = self;
    if (st || (st = sv_attr_matrix(loader, object, "random_weights_", base->n_features_in, 0, &weights, err)))
        return st;
    self->n_in = base->n_features_in = weights.shape[0];
    self->n_out = weights.shape[1];
    self->weights = weights.data;
    if (self->n_in == 0 || self->n_out == 0)
        return sv_attr_fail(object, "random_weights_", "empty", err);
    return sv_attr_vector(loader, object, "random_offset_", self->n_out, &self->offset, err);
}

static savor_status load_rbf(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                             const sv_estimator **out, savor_error *err)
{
    cosine_map *self;
    savor_status st = load_cosines(loader, cls, object, &self, err);
    if (st)
        return st;
    self->scale = sqrt(2.0 / (double)self->n_out);
    *out = &self->base;
    return SAVOR_OK;
}

static savor_status load_skewed(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                const sv_estimator **out, savor_error *err)
{
    cosine_map *self;
    savor_status st = load_cosines(loader, cls, object, &self, err);
    if (st || (st = sv_attr_double(object, "skewedness", &self->skewedness, err)))
        return st;
    self->scale = sqrt(2.0) / sqrt((double)self->n_out);
    self->is_skewed = true;
    *out = &self->base;
    return SAVOR_OK;
}

static savor_status skew(const cosine_map *self, sv_tensor *x, sv_arena *arena, savor_error *err)
{
    const double *from = x->data;
    double *to;
    savor_status st = sv_batch_alloc(arena, x->n_items, 1, &to, err);
    for (size_t i = 0; !st && i < x->n_items; i++) {
        if (from[i] <= -self->skewedness)
            return sv_fail(err, SAVOR_MODEL, "X may not contain entries smaller than -skewedness.");
        to[i] = log(from[i] + self->skewedness);
    }
    x->data = to;
    return st;
}

static savor_status transform_cosines(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                      savor_error *err)
{
    const cosine_map *self = (const cosine_map *)base;
    double *answers;
    sv_tensor x;
    savor_status st = sv_check_dense(base, in, 0, arena, &x, err);
    if (st || (self->is_skewed && (st = skew(self, &x, arena, err))) ||
        (st = sv_batch_alloc(arena, x.shape[0], self->n_out, &answers, err)))
        return st;
    for (size_t r = 0; r < x.shape[0]; r++) {
        const double *row = (const double *)x.data + r * self->n_in;
        double *to = answers + r * self->n_out;
        memset(to, 0, self->n_out * sizeof *to);
        for (size_t i = 0; i < self->n_in; i++)
            for (size_t o = 0; o < self->n_out; o++)
                to[o] += row[i] * self->weights[i * self->n_out + o];
        for (size_t o = 0; o < self->n_out; o++)
            to[o] = cos(to[o] + self->offset[o]) * self->scale;
    }
    *out = sv_batch_of_doubles(answers, x.shape[0], self->n_out);
    return SAVOR_OK;
}

/* ---- additive chi-squared ---- */

typedef struct chi2_map {
    sv_estimator base;
    size_t n_steps;
    double interval;
} chi2_map;

/* sample_interval_ until 1.4; then sample_interval, whose None depends on the steps. */
static savor_status load_chi2(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                              const sv_estimator **out, savor_error *err)
{
    static const double INTERVALS[] = {0.0, 0.8, 0.5, 0.4};
    int64_t n_steps = sv_attr_int_or(object, "sample_steps", 0);
    sv_estimator *base;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(chi2_map), &base, err);
    if (st)
        return st;
    if (n_steps < 1 || n_steps > STEPS_MAX)
        return sv_attr_fail(object, "sample_steps", "not a number of steps", err);
    double interval = sv_attr_double_or(object, "sample_interval_", sv_attr_double_or(object, "sample_interval", 0));
    if (interval == 0 && n_steps > 3)
        return sv_attr_fail(object, "sample_interval", "missing, and there are more than 3 sample_steps", err);
    ((chi2_map *)base)->n_steps = (size_t)n_steps;
    ((chi2_map *)base)->interval = interval != 0 ? interval : INTERVALS[n_steps];
    *out = base;
    return SAVOR_OK;
}

/* One cell's features, `stride` apart. */
static void map_chi2(const chi2_map *self, double x, double *out, size_t stride)
{
    double interval = self->interval, turn = interval * log(x), step = 2 * x * interval;
    *out = x != 0 ? sqrt(x * interval) : 0.0;
    for (size_t j = 1; j < self->n_steps; j++) {
        double factor = sqrt(step / cosh(PI * (double)j * interval));
        out[(2 * j - 1) * stride] = x != 0 ? factor * cos((double)j * turn) : 0.0;
        out[2 * j * stride] = x != 0 ? factor * sin((double)j * turn) : 0.0;
    }
}

static savor_status transform_chi2(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                   savor_error *err)
{
    const chi2_map *self = (const chi2_map *)base;
    double *answers;
    size_t width, n_blocks = 2 * self->n_steps - 1;
    sv_tensor x;
    savor_status st = sv_check_dense(base, in, 0, arena, &x, err);
    if (st)
        return st;
    size_t n_in = x.shape[1];
    if (!sv_mul(n_in, n_blocks, &width))
        return sv_fail(err, SAVOR_LIMIT, "%zu columns of %zu features were too many", n_in, n_blocks);
    if ((st = sv_batch_alloc(arena, x.shape[0], width, &answers, err)))
        return st;
    for (size_t i = 0; i < x.n_items; i++) {
        double cell = ((const double *)x.data)[i];
        if (cell < 0)
            return sv_fail(err, SAVOR_MODEL, "Negative values in data passed to AdditiveChi2Sampler");
        map_chi2(self, cell, answers + i / n_in * width + i % n_in, n_in);
    }
    sv_batch dense = sv_batch_of_doubles(answers, x.shape[0], width);
    *out = dense;
    if (in->kind != SV_BATCH_SPARSE)
        return SAVOR_OK;
    *out = (sv_batch){.kind = SV_BATCH_SPARSE};
    return sv_batch_to_sparse(&dense, arena, &out->sparse, err);
}

/* ---- Nystroem ---- */

typedef struct nystroem {
    sv_estimator base;
    sv_kernel_rows fit;
    sv_dense layer; /* normalization_ */
} nystroem;

static savor_status load_nystroem(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                  const sv_estimator **out, savor_error *err)
{
    sv_estimator *base;
    sv_tensor normalization;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(nystroem), &base, err);
    nystroem *self = (nystroem *)base;
    if (st)
        return st;
    if (!sv_record_is_none(sv_record_find(object, "kernel_params")))
        return sv_fail(err, SAVOR_UNSUPPORTED, "Nystroem with kernel_params is not computed");
    if ((st = sv_kernel_rows_read(loader, object, "components_", base->n_features_in, &self->fit, err)) ||
        (st = sv_pairwise_read(object, "kernel", self->fit.n_features, &self->fit.kernel, err)) ||
        (st = sv_attr_matrix(loader, object, "normalization_", self->fit.n_rows, self->fit.n_rows, &normalization,
                             err)))
        return st;
    base->n_features_in = self->fit.n_features;
    self->layer = (sv_dense){self->fit.n_rows, self->fit.n_rows, normalization.data, NULL};
    self->fit.has_float32_weights = sv_attr_is_float32(object, "normalization_");
    *out = base;
    return SAVOR_OK;
}

static savor_status transform_nystroem(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                       savor_error *err)
{
    const nystroem *self = (const nystroem *)base;
    return sv_kernel_rows_predict(base, &self->fit, &self->layer, in, arena, out, err);
}

/* ---- count sketches ---- */

typedef struct count_sketch {
    sv_estimator base;
    size_t n_in, n_out, degree; /* n_in: with the column of coef0 */
    const size_t *places;       /* [degree x n_in] indexHash_, all < n_out */
    const double *signs;        /* [degree x n_in] bitHash_ */
    double scale;               /* sqrt(gamma) */
    double constant;            /* sqrt(coef0); 0: no column for it */
} count_sketch;

static savor_status read_places(sv_loader *loader, const sv_record *object, count_sketch *self, savor_error *err)
{
    sv_tensor hashes, signs;
    savor_status st = sv_attr_matrix(loader, object, "indexHash_", 0, 0, &hashes, err);
    if (st || (st = sv_attr_matrix(loader, object, "bitHash_", hashes.shape[0], hashes.shape[1], &signs, err)))
        return st;
    size_t *places = sv_arena_array(loader->arena, hashes.n_items, sizeof *places);
    if (!places)
        return sv_arena_fail(loader->arena, hashes.n_items * sizeof *places, err);
    for (size_t i = 0; i < hashes.n_items; i++) {
        double at = ((const double *)hashes.data)[i];
        if (!(at >= 0 && at < (double)self->n_out))
            return sv_attr_fail(object, "indexHash_", "not below n_components", err);
        places[i] = (size_t)at;
    }
    self->degree = hashes.shape[0];
    self->n_in = hashes.shape[1];
    self->places = places;
    self->signs = signs.data;
    return SAVOR_OK;
}

static savor_status load_sketch(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                const sv_estimator **out, savor_error *err)
{
    sv_estimator *base;
    int64_t n_out = sv_attr_int_or(object, "n_components", 0);
    double gamma, coef0 = sv_attr_double_or(object, "coef0", 0.0);
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(count_sketch), &base, err);
    count_sketch *self = (count_sketch *)base;
    if (st || (st = sv_attr_double(object, "gamma", &gamma, err)))
        return st;
    if (n_out < 1 || n_out > INT32_MAX)
        return sv_attr_fail(object, "n_components", "not a number of features", err);
    self->n_out = (size_t)n_out;
    self->scale = sqrt(gamma);
    self->constant = coef0 != 0 ? sqrt(coef0) : 0.0;
    if ((st = read_places(loader, object, self, err)))
        return st;
    size_t n_features = self->n_in - (self->n_in && coef0 != 0);
    if (self->degree == 0 || n_features == 0 || (base->n_features_in && base->n_features_in != n_features))
        return sv_attr_fail(object, "indexHash_", "not one column for each feature", err);
    base->n_features_in = n_features;
    *out = base;
    return SAVOR_OK;
}

/* The sketch of one row, of one degree. */
static void sketch_row(const count_sketch *self, const double *row, size_t degree, double *out)
{
    const size_t *places = self->places + degree * self->n_in;
    const double *signs = self->signs + degree * self->n_in;
    memset(out, 0, self->n_out * sizeof *out);
    for (size_t i = 0; i < self->n_in; i++)
        out[places[i]] += signs[i] * (i < self->base.n_features_in ? self->scale * row[i] : self->constant);
}

/* Circular convolution, which is what the product of Fourier transforms amounts to. */
static void convolve(const double *a, const double *b, size_t n, double *out)
{
    memset(out, 0, n * sizeof *out);
    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; b[j] != 0.0 && i < n; i++)
            out[i + j < n ? i + j : i + j - n] += a[i] * b[j];
}

static savor_status transform_sketch(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                     savor_error *err)
{
    const count_sketch *self = (const count_sketch *)base;
    size_t n = self->n_out;
    double *answers, *scratch;
    sv_tensor x;
    savor_status st = sv_check_dense(base, in, 0, arena, &x, err);
    if (st || (st = sv_batch_alloc(arena, x.shape[0], n, &answers, err)) ||
        (st = sv_batch_alloc(arena, 2, n, &scratch, err)))
        return st;
    for (size_t r = 0; r < x.shape[0]; r++) {
        const double *row = (const double *)x.data + r * x.shape[1];
        sketch_row(self, row, 0, answers + r * n);
        for (size_t d = 1; d < self->degree; d++) {
            sketch_row(self, row, d, scratch);
            convolve(answers + r * n, scratch, n, scratch + n);
            memcpy(answers + r * n, scratch + n, n * sizeof *scratch);
        }
    }
    *out = sv_batch_of_doubles(answers, x.shape[0], n);
    return SAVOR_OK;
}

#define ROW(text, loader, method)                                            \
    {                                                                        \
        .name = text, .load = loader, .methods = { [SV_TRANSFORM] = method } \
    }

const sv_estimator_class sv_kernel_maps[] = {
    {.name = "AdditiveChi2Sampler",
     .load = load_chi2,
     .methods = {[SV_TRANSFORM] = transform_chi2},
     .layout = SV_LAYOUT_OF_INPUT},
    ROW("Nystroem", load_nystroem, transform_nystroem),
    ROW("PolynomialCountSketch", load_sketch, transform_sketch),
    ROW("RBFSampler", load_rbf, transform_cosines),
    ROW("SkewedChi2Sampler", load_skewed, transform_cosines),
    {.name = NULL},
};
