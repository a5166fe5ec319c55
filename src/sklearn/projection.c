/*
 * projection.c: transformers that multiply by components_: PCA, IncrementalPCA, TruncatedSVD, FastICA,
 * NeighborhoodComponentsAnalysis and the random projections. When the mean is taken off changed with the releases,
 * and so do the last digits.
 */
#include "base/alloc.h"
#include "engine/dense.h"
#include "sklearn/attributes.h"
#include "sklearn/check.h"
#include "sklearn/families.h"
#include "sklearn/sparse.h"
#include "sklearn/stack.h"

#include <float.h>
#include <math.h>

typedef struct projection {
    sv_estimator base;
    size_t n_in, n_out;
    const double *components; /* [n_out x n_in] */
    const double *mean;       /* [n_in] taken off before, or NULL */
    const double *offset;     /* [n_out] minus the projected mean, added after, or NULL */
    const double *scale;      /* [n_out] divides at last, or NULL */
    bool is_float32;          /* components_, and the mean that is taken off before, are: float32 rows stay so */
    bool is_sparse;           /* sparse rows give sparse rows */
} projection;

static bool is_float32(const sv_record *object, const char *name)
{
    const sv_array *array = sv_record_array(sv_record_find(object, name));
    return array && array->tensor.dtype == SAVOR_FLOAT32;
}

static savor_status read_components(sv_loader *loader, const sv_record *object, projection *self, savor_error *err)
{
    const sv_record *r = sv_record_find(object, "components_");
    sv_tensor components;
    bool is_sparse = sv_record_is_sparse(r);
    savor_status st = is_sparse ? sv_record_sparse_to_dense(loader, r, &components, err)
                                : sv_attr_matrix(loader, object, "components_", 0, 0, &components, err);
    if (st)
        return st;
    self->is_float32 = !is_sparse && is_float32(object, "components_");
    self->n_out = components.shape[0];
    self->n_in = components.shape[1];
    self->components = components.data;
    if (self->n_out == 0)
        return sv_attr_fail(object, "components_", "empty", err);
    return sv_estimator_set_features(&self->base, object, self->n_in, err);
}

static savor_status new_projection(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                   projection **out, savor_error *err)
{
    sv_estimator *base;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(projection), &base, err);
    *out = (projection *)base;
    return st ? st : read_components(loader, object, *out, err);
}

/* sqrt(explained_variance_), which later releases keep away from zero. */
static savor_status read_whitening(sv_loader *loader, const sv_record *object, projection *self, savor_error *err)
{
    const double *variance;
    double *scale, least;
    bool is_narrow = is_float32(object, "explained_variance_");
    savor_status st = sv_attr_vector(loader, object, "explained_variance_", self->n_out, &variance, err);
    if (st || (st = sv_batch_alloc(loader->arena, self->n_out, 1, &scale, err)))
        return st;
    least = sv_release_is_before(loader->release, 1, 5) ? 0.0 : is_narrow ? (double)FLT_EPSILON : DBL_EPSILON;
    for (size_t i = 0; i < self->n_out; i++) {
        scale[i] = is_narrow ? (double)sqrtf((float)variance[i]) : sqrt(variance[i]);
        scale[i] = scale[i] < least ? least : scale[i];
    }
    self->scale = scale;
    return SAVOR_OK;
}

static savor_status load_pca(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                             const sv_estimator **out, savor_error *err)
{
    projection *self;
    savor_status st = new_projection(loader, cls, object, &self, err);
    if (st || (st = sv_attr_vector(loader, object, "mean_", self->n_in, &self->mean, err)))
        return st;
    if (!sv_release_is_before(loader->release, 1, 5)) {
        double *offset;
        if ((st = sv_batch_alloc(loader->arena, self->n_out, 1, &offset, err)))
            return st;
        sv_dense layer = {self->n_in, self->n_out, self->components, NULL};
        sv_dense_predict(&layer, self->mean, 1, offset); /* of float32, it is added to float32 and rounded there */
        for (size_t i = 0; i < self->n_out; i++)
            offset[i] = -offset[i];
        self->offset = offset;
        self->mean = NULL;
    }
    self->is_float32 = self->is_float32 && (!self->mean || is_float32(object, "mean_"));
    if (sv_attr_bool_or(object, "whiten", false) && (st = read_whitening(loader, object, self, err)))
        return st;
    *out = &self->base;
    return SAVOR_OK;
}

/* FastICA centers when it whitened. */
static savor_status load_ica(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                             const sv_estimator **out, savor_error *err)
{
    projection *self;
    savor_status st = new_projection(loader, cls, object, &self, err);
    const sv_record *whiten = sv_record_find(object, "whiten");
    bool is_whitened = sv_record_text(whiten).n || sv_attr_bool_or(object, "whiten", false);
    if (st || (is_whitened && (st = sv_attr_vector(loader, object, "mean_", self->n_in, &self->mean, err))))
        return st;
    self->is_float32 = self->is_float32 && (!self->mean || is_float32(object, "mean_"));
    *out = &self->base;
    return SAVOR_OK;
}

/* Only a sparse random projection leaves sparse what is sparse. */
static savor_status load_sparse_random(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                       const sv_estimator **out, savor_error *err)
{
    projection *self;
    savor_status st = new_projection(loader, cls, object, &self, err);
    if (st)
        return st;
    self->is_sparse = !sv_attr_bool_or(object, "dense_output", false);
    *out = &self->base;
    return SAVOR_OK;
}

static savor_status load_plain(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                               const sv_estimator **out, savor_error *err)
{
    projection *self;
    savor_status st = new_projection(loader, cls, object, &self, err);
    if (!st)
        *out = &self->base;
    return st;
}

/* Stored cells only, in their order. */
static void project_sparse(const projection *self, const sv_sparse *x, double *out)
{
    for (size_t r = 0; r < x->n_rows; r++)
        for (size_t o = 0; o < self->n_out; o++) {
            double sum = 0.0;
            for (size_t i = x->row_first[r]; i < x->row_first[r + 1]; i++)
                sum += x->values[i] * self->components[o * self->n_in + x->columns[i]];
            out[r * self->n_out + o] = self->offset ? sum + self->offset[o] : sum;
        }
}

static savor_status center(const projection *self, const sv_tensor *x, sv_arena *arena, const double **out,
                           savor_error *err)
{
    double *rows;
    savor_status st;
    *out = x->data;
    if (!self->mean)
        return SAVOR_OK;
    if ((st = sv_batch_alloc(arena, x->n_items, 1, &rows, err)))
        return st;
    for (size_t i = 0; i < x->n_items; i++)
        rows[i] = ((const double *)x->data)[i] - self->mean[i % self->n_in];
    *out = rows;
    return SAVOR_OK;
}

static void divide(const projection *self, double *answer, size_t n)
{
    for (size_t i = 0; self->scale && i < n; i++)
        answer[i] /= self->scale[i % self->n_out];
}

/* float32 rows and components: every step is rounded to float32. */
static savor_status project_float32(const projection *self, const sv_tensor *x, sv_arena *arena, sv_batch *out,
                                    savor_error *err)
{
    sv_dense layer = {self->n_in, self->n_out, self->components, NULL};
    size_t n = x->shape[0] * self->n_out;
    float *rows = sv_arena_array(arena, x->n_items, sizeof *rows), *answer = sv_arena_array(arena, n, sizeof *answer);
    if (!rows || !answer)
        return sv_arena_fail(arena, n * sizeof *answer, err);
    for (size_t i = 0; i < x->n_items; i++) {
        float cell = ((const float *)x->data)[i];
        rows[i] = self->mean ? (float)((double)cell - self->mean[i % self->n_in]) : cell;
    }
    sv_dense_predict_f32(&layer, rows, x->shape[0], answer);
    for (size_t i = 0; i < n; i++) {
        if (self->offset)
            answer[i] = (float)((double)answer[i] + self->offset[i % self->n_out]);
        if (self->scale)
            answer[i] = (float)((double)answer[i] / self->scale[i % self->n_out]);
    }
    *out = (sv_batch){.kind = SV_BATCH_TENSOR};
    out->tensor = sv_tensor_view(SAVOR_FLOAT32, x->shape[0], self->n_out, answer);
    return SAVOR_OK;
}

static savor_status give_sparse(const sv_batch *dense, sv_arena *arena, sv_batch *out, savor_error *err)
{
    *out = (sv_batch){.kind = SV_BATCH_SPARSE};
    return sv_batch_to_sparse(dense, arena, &out->sparse, err);
}

static savor_status transform(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                              savor_error *err)
{
    const projection *self = (const projection *)base;
    sv_dense layer = {self->n_in, self->n_out, self->components, self->offset};
    unsigned flags = (self->mean ? 0 : SV_CHECK_ACCEPT_SPARSE) | (self->is_float32 ? SV_CHECK_KEEP_FLOAT32 : 0);
    sv_batch x;
    const double *rows;
    double *answer;
    savor_status st = sv_check_batch(base, in, flags, arena, &x, err);
    if (!st && x.kind == SV_BATCH_TENSOR && x.tensor.dtype == SAVOR_FLOAT32)
        return project_float32(self, &x.tensor, arena, out, err);
    size_t n_rows = st ? 0 : sv_batch_rows(&x);
    if (st || (st = sv_batch_alloc(arena, n_rows, self->n_out, &answer, err)))
        return st;
    if (x.kind == SV_BATCH_SPARSE)
        project_sparse(self, &x.sparse, answer);
    else if ((st = center(self, &x.tensor, arena, &rows, err)))
        return st;
    else
        sv_dense_predict(&layer, rows, n_rows, answer);
    divide(self, answer, n_rows * self->n_out);
    sv_batch dense = sv_batch_of_doubles(answer, n_rows, self->n_out);
    *out = dense;
    return self->is_sparse && x.kind == SV_BATCH_SPARSE ? give_sparse(&dense, arena, out, err) : SAVOR_OK;
}

#define ROW(text, loader)                                                       \
    {                                                                           \
        .name = text, .load = loader, .methods = { [SV_TRANSFORM] = transform } \
    }

const sv_estimator_class sv_projections[] = {
    ROW("FastICA", load_ica),
    ROW("GaussianRandomProjection", load_plain),
    ROW("IncrementalPCA", load_pca),
    ROW("NeighborhoodComponentsAnalysis", load_plain),
    ROW("PCA", load_pca),
    ROW("SparseRandomProjection", load_sparse_random),
    ROW("TruncatedSVD", load_plain),
    {.name = NULL},
};
