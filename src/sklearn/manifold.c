/*
 * manifold.c: Isomap and LocallyLinearEmbedding: where a new row lies, told by its nearest training rows: by the
 * shortest paths through them, or as their barycenter.
 */
#include "base/alloc.h"
#include "engine/distance.h"
#include "engine/linear_system.h"
#include "sklearn/attributes.h"
#include "sklearn/check.h"
#include "sklearn/families.h"
#include "sklearn/neighbors.h"
#include "sklearn/pairwise_kernel.h"

typedef struct manifold {
    sv_estimator base;
    sv_neighborhood hood;
    size_t n_neighbors; /* 0: all within the radius */
    double radius;
    /* Isomap */
    const double *paths;            /* [n_rows x n_rows] dist_matrix_ */
    const sv_estimator *projection; /* KernelPCA of them */
    /* LocallyLinearEmbedding */
    size_t n_out;
    const double *embedding; /* [n_rows x n_out] */
    double regularization;
} manifold;

/* ---- loading ---- */

static savor_status new_manifold(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                 manifold **out, savor_error *err)
{
    sv_estimator *base;
    const sv_record *fit;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(manifold), &base, err);
    manifold *self = (manifold *)base;
    *out = self;
    if (st || (st = sv_attr_get(object, "nbrs_", &fit, err)) ||
        (st = sv_neighborhood_load(loader, fit, &self->hood, err)))
        return st;
    if (sv_attr_is_float32(fit, "_fit_X"))
        return sv_fail(err, SAVOR_UNSUPPORTED, "%s fitted with float32 is not known", cls->name);
    int64_t n = sv_attr_int_or(object, "n_neighbors", 0);
    self->radius = sv_attr_double_or(object, "radius", 0.0);
    if (n < 0 || (uint64_t)n > self->hood.n_rows || (n == 0 && !(self->radius > 0.0)))
        return sv_attr_fail(object, "n_neighbors", "not a number of neighbours", err);
    self->n_neighbors = (size_t)n;
    return sv_estimator_set_features(base, object, self->hood.n_features, err);
}

static savor_status load_isomap(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                const sv_estimator **out, savor_error *err)
{
    manifold *self;
    sv_tensor paths;
    savor_status st = new_manifold(loader, cls, object, &self, err);
    if (st ||
        (st = sv_attr_matrix(loader, object, "dist_matrix_", self->hood.n_rows, self->hood.n_rows, &paths, err)) ||
        (st = sv_attr_estimator(loader, object, "kernel_pca_", &self->projection, err)))
        return st;
    if (!sv_estimator_has(self->projection, SV_TRANSFORM) || self->projection->n_features_in != self->hood.n_rows)
        return sv_attr_fail(object, "kernel_pca_", "not a projection of the paths", err);
    self->paths = paths.data;
    *out = &self->base;
    return SAVOR_OK;
}

static savor_status load_lle(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                             const sv_estimator **out, savor_error *err)
{
    manifold *self;
    sv_tensor embedding;
    savor_status st = new_manifold(loader, cls, object, &self, err);
    if (st || (st = sv_attr_matrix(loader, object, "embedding_", self->hood.n_rows, 0, &embedding, err)) ||
        (st = sv_attr_double(object, "reg", &self->regularization, err)))
        return st;
    if (self->n_neighbors == 0 || embedding.n_items == 0)
        return sv_attr_fail(object, "embedding_", "not one place for each training row", err);
    self->n_out = embedding.shape[1];
    self->embedding = embedding.data;
    *out = &self->base;
    return SAVOR_OK;
}

/* ---- transforming ---- */

static size_t find_near(const manifold *self, const sv_neighborhood *hood, const double *x, sv_neighbor *out)
{
    if (self->n_neighbors == 0)
        return sv_neighborhood_within(hood, x, self->radius, out);
    sv_neighborhood_nearest(hood, x, self->n_neighbors, out);
    return self->n_neighbors;
}

/* Checked rows, and room for the neighbors of one. */
static savor_status begin(const manifold *self, const sv_batch *in, sv_arena *arena, sv_tensor *x,
                          sv_neighborhood *hood, sv_neighbor **near, savor_error *err)
{
    size_t n = self->n_neighbors ? self->n_neighbors : self->hood.n_rows;
    *near = sv_arena_array(arena, n, sizeof **near);
    if (!*near)
        return sv_arena_fail(arena, n * sizeof **near, err);
    savor_status st = sv_neighborhood_begin(&self->hood, self->base.release, in, arena, hood, err);
    return st ? st : sv_check_dense(&self->base, in, SV_CHECK_NUMERIC, arena, x, err);
}

/* -0.5 times the square of the shortest way over a neighbor. */
static void measure_paths(const manifold *self, const sv_neighbor *near, size_t n, double *out)
{
    for (size_t i = 0; i < self->hood.n_rows; i++) {
        double best = self->paths[near[0].at * self->hood.n_rows + i] + near[0].distance;
        for (size_t k = 1; k < n; k++) {
            double way = self->paths[near[k].at * self->hood.n_rows + i] + near[k].distance;
            best = way < best ? way : best;
        }
        out[i] = best * best * -0.5;
    }
}

static savor_status transform_isomap(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                     savor_error *err)
{
    const manifold *self = (const manifold *)base;
    sv_neighbor *near;
    sv_neighborhood hood;
    sv_tensor x;
    double *paths;
    savor_status st = begin(self, in, arena, &x, &hood, &near, err);
    if (st || (st = sv_batch_alloc(arena, x.shape[0], self->hood.n_rows, &paths, err)))
        return st;
    for (size_t r = 0; r < x.shape[0]; r++) {
        size_t n = find_near(self, &hood, (const double *)x.data + r * x.shape[1], near);
        if (n == 0)
            return sv_fail(err, SAVOR_MODEL, "row %zu has no neighbors within the radius", r);
        measure_paths(self, near, n, paths + r * self->hood.n_rows);
    }
    sv_batch kernels = sv_batch_of_doubles(paths, x.shape[0], self->hood.n_rows);
    return sv_estimator_call(self->projection, SV_TRANSFORM, &kernels, arena, out, err);
}

/* The weights of the neighbors whose sum is `x`, as far as it goes. system: [n x n]; shifted: [n x n_features] */
static bool weigh(const manifold *self, const double *x, const sv_neighbor *near, double *shifted, double *system,
                  double *weights)
{
    size_t n = self->n_neighbors, width = self->hood.n_features;
    double trace = 0.0, sum = 0.0;
    for (size_t i = 0; i < n * width; i++)
        shifted[i] = self->hood.rows[near[i / width].at * width + i % width] - x[i % width];
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k <= i; k++)
            system[i * n + k] = sv_dot(shifted + i * width, shifted + k * width, width);
        trace += system[i * n + i];
        weights[i] = 1.0;
    }
    for (size_t i = 0; i < n; i++)
        system[i * n + i] += trace > 0.0 ? self->regularization * trace : self->regularization;
    if (!sv_cholesky_factor(system, n))
        return false;
    sv_cholesky_solve(system, n, n, weights);
    for (size_t i = 0; i < n; i++)
        sum += weights[i];
    for (size_t i = 0; i < n; i++)
        weights[i] /= sum;
    return true;
}

static savor_status transform_lle(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                  savor_error *err)
{
    const manifold *self = (const manifold *)base;
    size_t n = self->n_neighbors;
    sv_neighbor *near;
    sv_neighborhood hood;
    sv_tensor x;
    double *answer, *shifted, *system, *weights;
    savor_status st = begin(self, in, arena, &x, &hood, &near, err);
    if (st || (st = sv_batch_alloc(arena, x.shape[0], self->n_out, &answer, err)) ||
        (st = sv_batch_alloc(arena, n, self->hood.n_features, &shifted, err)) ||
        (st = sv_batch_alloc(arena, n, n, &system, err)) || (st = sv_batch_alloc(arena, n, 1, &weights, err)))
        return st;
    for (size_t r = 0; r < x.shape[0]; r++) {
        const double *row = (const double *)x.data + r * x.shape[1];
        (void)find_near(self, &hood, row, near);
        if (!weigh(self, row, near, shifted, system, weights))
            return sv_fail(err, SAVOR_MODEL, "row %zu: the matrix is not positive definite", r);
        for (size_t o = 0; o < self->n_out; o++) {
            double sum = 0.0;
            for (size_t k = 0; k < n; k++)
                sum += self->embedding[near[k].at * self->n_out + o] * weights[k];
            answer[r * self->n_out + o] = sum;
        }
    }
    *out = sv_batch_of_doubles(answer, x.shape[0], self->n_out);
    return SAVOR_OK;
}

const sv_estimator_class sv_manifolds[] = {
    {.name = "Isomap", .load = load_isomap, .methods = {[SV_TRANSFORM] = transform_isomap}},
    {.name = "LocallyLinearEmbedding", .load = load_lle, .methods = {[SV_TRANSFORM] = transform_lle}},
    {.name = NULL},
};
