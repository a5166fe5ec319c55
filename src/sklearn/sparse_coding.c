/* sparse_coding.c: SparseCoder, DictionaryLearning and MiniBatchDictionaryLearning: rows as sums of few atoms. */
#include "base/alloc.h"
#include "engine/dense.h"
#include "engine/sparse_code.h"
#include "sklearn/attributes.h"
#include "sklearn/check.h"
#include "sklearn/families.h"
#include "sklearn/pairwise_kernel.h"

#include <math.h>

#define ATOMS_MAX 16384

typedef struct coder {
    sv_estimator base;
    size_t n_features;
    const double *atoms; /* [dictionary.n_atoms x n_features] */
    sv_dictionary dictionary;
    size_t n_nonzero; /* orthogonal matching pursuit; 0: by a threshold */
    double threshold;
    bool is_positive, splits_sign;
} coder;

/* ---- loading ---- */

static savor_status read_atoms(sv_loader *loader, const sv_record *object, const char *name, coder *self,
                               savor_error *err)
{
    sv_tensor atoms;
    double *gram;
    savor_status st = sv_attr_matrix(loader, object, name, 0, self->base.n_features_in, &atoms, err);
    if (st)
        return st;
    if (sv_attr_is_float32(object, name))
        return sv_fail(err, SAVOR_UNSUPPORTED, "%s with a float32 dictionary is not known", self->base.cls->name);
    if (atoms.n_items == 0 || atoms.shape[0] > ATOMS_MAX)
        return sv_attr_fail(object, name, "not a number of atoms that is known", err);
    self->dictionary.n_atoms = atoms.shape[0];
    self->n_features = atoms.shape[1];
    self->atoms = atoms.data;
    if ((st = sv_batch_alloc(loader->arena, atoms.shape[0], atoms.shape[0], &gram, err)))
        return st;
    sv_dense layer = {self->n_features, atoms.shape[0], self->atoms, NULL};
    sv_dense_predict(&layer, self->atoms, atoms.shape[0], gram);
    self->dictionary.gram = gram;
    return sv_estimator_set_features(&self->base, object, self->n_features, err);
}

static savor_status read_algorithm(const sv_record *object, coder *self, savor_error *err)
{
    sv_str name = sv_attr_text(object, "transform_algorithm");
    size_t n_atoms = self->dictionary.n_atoms, n = self->n_features / 10;
    n = n < 1 ? 1 : n;
    int64_t n_nonzero = sv_attr_int_or(object, "transform_n_nonzero_coefs", (int64_t)(n < n_atoms ? n : n_atoms));
    self->is_positive = sv_attr_bool_or(object, "positive_code", false);
    self->splits_sign = sv_attr_bool_or(object, "split_sign", false);
    self->threshold = sv_attr_double_or(object, "transform_alpha", sv_attr_double_or(object, "alpha", 1.0));
    if (sv_str_is(name, "threshold"))
        return SAVOR_OK;
    if (!sv_str_is(name, "omp") || self->is_positive)
        return sv_fail(err, SAVOR_UNSUPPORTED, "%s with transform_algorithm=%.*s is not known", self->base.cls->name,
                       SV_FMT(name));
    if (n_nonzero < 1 || (uint64_t)n_nonzero > n_atoms)
        return sv_attr_fail(object, "transform_n_nonzero_coefs", "not a number of atoms", err);
    self->n_nonzero = (size_t)n_nonzero;
    return SAVOR_OK;
}

static savor_status load_coder(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                               const char *dictionary, const sv_estimator **out, savor_error *err)
{
    sv_estimator *base;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(coder), &base, err);
    coder *self = (coder *)base;
    if (st || (st = read_atoms(loader, object, dictionary, self, err)) || (st = read_algorithm(object, self, err)))
        return st;
    *out = base;
    return SAVOR_OK;
}

static savor_status load_given(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                               const sv_estimator **out, savor_error *err)
{
    return load_coder(loader, cls, object, "dictionary", out, err);
}

static savor_status load_learned(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                 const sv_estimator **out, savor_error *err)
{
    return load_coder(loader, cls, object, "components_", out, err);
}

/* ---- transforming ---- */

static savor_status new_coding(const coder *self, sv_arena *arena, sv_coding *out, savor_error *err)
{
    size_t n = self->dictionary.n_atoms, n_nonzero = self->n_nonzero;
    savor_status st = sv_batch_alloc(arena, n_nonzero, n_nonzero, &out->factor, err);
    if (st || (st = sv_batch_alloc(arena, n_nonzero, 1, &out->weights, err)) ||
        (st = sv_batch_alloc(arena, n, 1, &out->rest, err)))
        return st;
    out->order = sv_arena_array(arena, n, sizeof *out->order);
    return out->order ? SAVOR_OK : sv_arena_fail(arena, n * sizeof *out->order, err);
}

/* np.sign(x) * np.maximum(np.abs(x) - threshold, 0), in place. */
static void shrink(const coder *self, double *row)
{
    for (size_t i = 0; i < self->dictionary.n_atoms; i++) {
        double size = fabs(row[i]) - self->threshold, sign = row[i] > 0.0 ? 1.0 : row[i] < 0.0 ? -1.0 : 0.0;
        row[i] = sign * (size > 0.0 ? size : 0.0);
        if (self->is_positive && row[i] < 0.0)
            row[i] = 0.0;
    }
}

/* The positive weights, then the negative ones without their sign. */
static savor_status split(const coder *self, double *codes, size_t n_rows, sv_arena *arena, sv_batch *out,
                          savor_error *err)
{
    size_t n = self->dictionary.n_atoms;
    double *parts;
    savor_status st = sv_batch_alloc(arena, n_rows, 2 * n, &parts, err);
    if (st)
        return st;
    for (size_t r = 0; r < n_rows; r++)
        for (size_t i = 0; i < n; i++) {
            double x = codes[r * n + i];
            parts[r * 2 * n + i] = x > 0.0 ? x : 0.0;
            parts[r * 2 * n + n + i] = -(x < 0.0 ? x : 0.0);
        }
    *out = sv_batch_of_doubles(parts, n_rows, 2 * n);
    return SAVOR_OK;
}

static savor_status transform(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                              savor_error *err)
{
    const coder *self = (const coder *)base;
    size_t n = self->dictionary.n_atoms;
    sv_dense layer = {self->n_features, n, self->atoms, NULL};
    sv_tensor x;
    sv_coding room;
    double *products, *codes;
    savor_status st = sv_check_dense(base, in, SV_CHECK_NUMERIC, arena, &x, err);
    if (st || (st = sv_batch_alloc(arena, x.shape[0], n, &products, err)) ||
        (st = sv_batch_alloc(arena, x.shape[0], n, &codes, err)) || (st = new_coding(self, arena, &room, err)))
        return st;
    sv_dense_predict(&layer, x.data, x.shape[0], products);
    for (size_t r = 0; r < x.shape[0]; r++)
        if (self->n_nonzero)
            sv_pursue(&self->dictionary, products + r * n, self->n_nonzero, &room, codes + r * n);
        else
            shrink(self, products + r * n);
    if (!self->n_nonzero)
        codes = products;
    *out = sv_batch_of_doubles(codes, x.shape[0], n);
    return self->splits_sign ? split(self, codes, x.shape[0], arena, out, err) : SAVOR_OK;
}

#define ROW(text, loader)                                                       \
    {                                                                           \
        .name = text, .load = loader, .methods = { [SV_TRANSFORM] = transform } \
    }

const sv_estimator_class sv_sparse_codings[] = {
    ROW("DictionaryLearning", load_learned),
    ROW("MiniBatchDictionaryLearning", load_learned),
    ROW("SparseCoder", load_given),
    {.name = NULL},
};
