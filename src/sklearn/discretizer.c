/* discretizer.c: KBinsDiscretizer: how many inner edges of its column a value has reached. */
#include "base/alloc.h"
#include "sklearn/attributes.h"
#include "sklearn/check.h"
#include "sklearn/families.h"

#include <math.h>

typedef struct discretizer {
    sv_estimator base;
    const sv_tensor *edges;      /* [n_features] all edges, the outer two included */
    const sv_estimator *encoder; /* one-hot; NULL: the bin itself */
    unsigned flags;              /* of sv_check_flags: dtype */
    bool nudges;                 /* a release before 1.1 */
} discretizer;

static savor_status read_edges(sv_loader *loader, const sv_record *object, discretizer *self, savor_error *err)
{
    size_t n;
    const sv_record *const *items = sv_record_items(sv_record_find(object, "bin_edges_"), &n);
    sv_tensor *edges = sv_arena_array(loader->arena, n, sizeof *edges);
    if (!edges)
        return sv_arena_fail(loader->arena, n * sizeof *edges, err);
    if (n == 0 || (self->base.n_features_in && n != self->base.n_features_in))
        return sv_attr_fail(object, "bin_edges_", "not one array for each feature", err);
    self->base.n_features_in = n;
    self->edges = edges;
    for (size_t i = 0; i < n; i++) {
        sv_tensor found;
        double *copy;
        savor_status st = sv_record_doubles(items[i], loader->arena, &found, err);
        if (st || (st = sv_batch_alloc(loader->arena, found.n_items, 1, &copy, err)))
            return st;
        if (found.n_items < 2)
            return sv_attr_fail(object, "bin_edges_", "a column with fewer than two edges", err);
        memcpy(copy, found.data, found.n_items * sizeof *copy);
        edges[i] = sv_tensor_view(SAVOR_FLOAT64, found.n_items, 0, copy);
    }
    return SAVOR_OK;
}

static savor_status load(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                         const sv_estimator **out, savor_error *err)
{
    sv_estimator *base;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(discretizer), &base, err);
    discretizer *self = (discretizer *)base;
    if (st || (st = read_edges(loader, object, self, err)))
        return st;
    if (!sv_record_is_text(sv_record_find(object, "encode"), "ordinal") &&
        (st = sv_attr_estimator(loader, object, "_encoder", &self->encoder, err)))
        return st;
    savor_dtype dtype;
    self->flags = SV_CHECK_KEEP_FLOAT32;
    if (sv_record_to_dtype(sv_record_find(object, "dtype"), &dtype))
        self->flags = dtype == SAVOR_FLOAT32 ? SV_CHECK_FLOAT32 : 0;
    self->nudges = sv_release_is_before(loader->release, 1, 1);
    *out = base;
    return SAVOR_OK;
}

/* Before 1.1 a value close below an edge counted as having reached it. */
static double nudge(double x, bool is_float32)
{
    if (is_float32)
        return (double)((float)x + (1e-8f + 1e-5f * fabsf((float)x)));
    return x + (1e-8 + 1e-5 * fabs(x));
}

/* np.searchsorted(edges[1:-1], x, side="right") */
static size_t bin_of(const sv_tensor *edges, double x)
{
    const double *inner = (const double *)edges->data + 1;
    size_t low = 0, high = edges->n_items - 2;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (inner[middle] <= x)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* In the dtype of the bins, whatever the encoder was made with. */
static savor_status encode(const discretizer *self, const sv_batch *codes, sv_arena *arena, sv_batch *out,
                           savor_error *err)
{
    sv_batch encoded;
    savor_dtype dtype = codes->tensor.dtype;
    savor_status st = sv_estimator_call(self->encoder, SV_TRANSFORM, codes, arena, &encoded, err);
    if (st)
        return st;
    *out = encoded;
    if (encoded.kind == SV_BATCH_TENSOR)
        return sv_batch_to_floats(&encoded, dtype, arena, &out->tensor, err);
    out->sparse.dtype = dtype;
    return SAVOR_OK;
}

static savor_status transform(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                              savor_error *err)
{
    const discretizer *self = (const discretizer *)base;
    sv_tensor x;
    double *bins;
    savor_status st = sv_check_dense(base, in, self->flags, arena, &x, err);
    if (st || (st = sv_batch_alloc(arena, x.n_items, 1, &bins, err)))
        return st;
    for (size_t i = 0; i < x.n_items; i++) {
        double cell = x.dtype == SAVOR_FLOAT32 ? (double)((const float *)x.data)[i] : ((const double *)x.data)[i];
        if (self->nudges)
            cell = nudge(cell, x.dtype == SAVOR_FLOAT32);
        bins[i] = (double)bin_of(&self->edges[i % x.shape[1]], cell);
    }
    sv_batch doubles = sv_batch_of_doubles(bins, x.shape[0], x.shape[1]), codes = doubles;
    if ((st = sv_batch_to_floats(&doubles, x.dtype, arena, &codes.tensor, err)))
        return st;
    *out = codes;
    out->by_columns = sv_is_fortran(in);
    return self->encoder ? encode(self, &codes, arena, out, err) : SAVOR_OK;
}

const sv_estimator_class sv_discretizers[] = {
    {.name = "KBinsDiscretizer", .load = load, .methods = {[SV_TRANSFORM] = transform}},
    {.name = NULL},
};
