/* tfidf.c: TfidfTransformer: counts times the weight of their term, then a norm per document. */
#include "base/alloc.h"
#include "sklearn/attributes.h"
#include "sklearn/check.h"
#include "sklearn/families.h"
#include "sklearn/sparse.h"
#include "sklearn/stack.h"

#include <math.h>

typedef struct tfidf {
    sv_estimator base;
    const double *idf; /* [n_features_in], or NULL */
    bool is_diagonal;  /* idf was multiplied as a sparse matrix, which turns the order of a row's cells round */
    bool is_sublinear;
    char norm; /* '1', '2', or 0 */
} tfidf;

/* Until 1.4 the weights were the diagonal of a sparse matrix. */
static savor_status read_idf(sv_loader *loader, const sv_record *object, tfidf *self, savor_error *err)
{
    const sv_record *diagonal = sv_record_find(object, "_idf_diag");
    const sv_record *owner = diagonal ? diagonal : object;
    sv_tensor idf;
    if (!sv_attr_bool_or(object, "use_idf", true))
        return SAVOR_OK;
    savor_status st = sv_attr_doubles(loader, owner, diagonal ? "data" : "idf_", &idf, err);
    if (st)
        return st;
    if ((st = sv_estimator_set_features(&self->base, object, idf.n_items, err)))
        return st;
    self->idf = idf.data;
    self->is_diagonal = diagonal != NULL;
    return SAVOR_OK;
}

static savor_status load(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                         const sv_estimator **out, savor_error *err)
{
    sv_estimator *base;
    sv_str norm = sv_attr_text(object, "norm");
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(tfidf), &base, err);
    tfidf *self = (tfidf *)base;
    if (st || (st = read_idf(loader, object, self, err)))
        return st;
    if (norm.p && !sv_str_is(norm, "l1") && !sv_str_is(norm, "l2"))
        return sv_fail(err, SAVOR_UNSUPPORTED, "TfidfTransformer with norm=%.*s is not known", SV_FMT(norm));
    self->norm = norm.p ? norm.p[1] : 0;
    self->is_sublinear = sv_attr_bool_or(object, "sublinear_tf", false);
    *out = base;
    return SAVOR_OK;
}

static double rounded(const sv_sparse *x, double value)
{
    return x->dtype == SAVOR_FLOAT32 ? (double)(float)value : value;
}

static savor_status turn_round(sv_sparse *x, double *values, sv_arena *arena, savor_error *err)
{
    size_t n = x->row_first[x->n_rows];
    uint32_t *columns = sv_arena_array(arena, n, sizeof *columns);
    if (!columns)
        return sv_arena_fail(arena, n * sizeof *columns, err);
    for (size_t r = 0; r < x->n_rows; r++) {
        size_t first = x->row_first[r], end = x->row_first[r + 1];
        for (size_t i = first; i < end; i++)
            columns[i] = x->columns[first + end - 1 - i];
        for (size_t i = first, k = end; i + 1 < k; i++) {
            double swap = values[i];
            values[i] = values[--k];
            values[k] = swap;
        }
    }
    x->columns = columns;
    return SAVOR_OK;
}

static savor_status transform(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                              savor_error *err)
{
    const tfidf *self = (const tfidf *)base;
    unsigned flags = SV_CHECK_ACCEPT_SPARSE | SV_CHECK_KEEP_FLOAT32;
    sv_batch checked;
    sv_sparse x;
    double *values;
    savor_status st = sv_check_batch(base, in, flags, arena, &checked, err);
    if (st || (st = sv_batch_to_sparse(&checked, arena, &x, err)) ||
        (st = sv_sparse_copy_values(&x, arena, &values, err)))
        return st;
    if (checked.kind == SV_BATCH_TENSOR)
        x.dtype = checked.tensor.dtype;
    x.dtype = x.dtype == SAVOR_FLOAT32 ? SAVOR_FLOAT32 : SAVOR_FLOAT64;
    for (size_t i = 0; i < x.row_first[x.n_rows]; i++) {
        if (self->is_sublinear)
            values[i] =
                rounded(&x, rounded(&x, x.dtype == SAVOR_FLOAT32 ? logf((float)values[i]) : log(values[i])) + 1.0);
        if (self->idf)
            values[i] = rounded(&x, values[i] * self->idf[x.columns[i]]);
    }
    if (self->is_diagonal && (st = turn_round(&x, values, arena, err)))
        return st;
    if (self->norm)
        sv_sparse_normalize(&x, values, self->norm);
    *out = (sv_batch){.kind = SV_BATCH_SPARSE, .sparse = x};
    return SAVOR_OK;
}

const sv_estimator_class sv_tfidfs[] = {
    {.name = "TfidfTransformer", .load = load, .methods = {[SV_TRANSFORM] = transform}},
    {.name = NULL},
};
