#include "sklearn/linear.h"

#include "base/alloc.h"
#include "engine/dense.h"
#include "sklearn/attributes.h"
#include "sklearn/check.h"

/* Not of a number alone, which numpy 1 takes as it comes and which savor's records keep as float64 all the same. */
static bool is_wide(const sv_record *intercept)
{
    const sv_array *array = sv_record_array_head(intercept);
    return array && array->tensor.n_dims > 0 && array->tensor.dtype == SAVOR_FLOAT64;
}

savor_status sv_linear_load(sv_loader *loader, const sv_record *object, sv_linear_model *out, savor_error *err)
{
    sv_tensor coef, intercept;
    const sv_array *array = sv_record_array(sv_record_find(object, "coef_"));
    double *offset;
    savor_status st;
    if (sv_record_find(sv_record_find(object, "coef_"), "indptr"))
        return sv_fail(err, SAVOR_UNSUPPORTED, "sparse coefficients (sparsify) are not read");
    if ((st = sv_attr_doubles(loader, object, "coef_", &coef, err)) ||
        (st = sv_attr_doubles(loader, object, "intercept_", &intercept, err)))
        return st;
    if (coef.n_dims < 1 || coef.n_dims > 2)
        return sv_attr_fail(object, "coef_", "neither a vector nor a matrix", err);
    out->is_flat = coef.n_dims == 1;
    out->is_float32 = array && array->tensor.dtype == SAVOR_FLOAT32;
    out->has_wide_offset = is_wide(sv_record_find(object, "intercept_"));
    out->by_columns = array && array->by_columns && coef.n_dims == 2 && coef.shape[0] > 1 && coef.shape[1] > 1;
    out->n_outputs = out->is_flat ? 1 : coef.shape[0];
    out->n_features = out->is_flat ? coef.shape[0] : coef.shape[1];
    out->coef = coef.data;
    if (out->n_outputs == 0 || out->n_features == 0 ||
        (intercept.n_items != 1 && intercept.n_items != out->n_outputs))
        return sv_attr_fail(object, "intercept_", "not as many numbers as coef_ has rows", err);
    if ((st = sv_batch_alloc(loader->arena, out->n_outputs, 1, &offset, err)))
        return st;
    for (size_t i = 0; i < out->n_outputs; i++)
        offset[i] = ((const double *)intercept.data)[intercept.n_items == 1 ? 0 : i];
    out->offset = offset;
    return SAVOR_OK;
}

/* Sparse rows: scipy adds the stored entries in order. */
static void predict_sparse(const sv_linear_model *m, const sv_sparse *x, double *out)
{
    for (size_t r = 0; r < x->n_rows; r++)
        for (size_t o = 0; o < m->n_outputs; o++) {
            const double *w = m->coef + o * m->n_features;
            double sum = 0.0;
            for (size_t i = x->row_first[r]; i < x->row_first[r + 1]; i++)
                sum += x->values[i] * w[x->columns[i]];
            out[r * m->n_outputs + o] = sum + m->offset[o];
        }
}

/* The same in float32, as scipy adds it; without the offset where that is wider. */
static void predict_sparse_float32(const sv_linear_model *m, const sv_sparse *x, double *out)
{
    for (size_t r = 0; r < x->n_rows; r++)
        for (size_t o = 0; o < m->n_outputs; o++) {
            const double *w = m->coef + o * m->n_features;
            float sum = 0.0f;
            for (size_t i = x->row_first[r]; i < x->row_first[r + 1]; i++)
                sum += (float)x->values[i] * (float)w[x->columns[i]];
            out[r * m->n_outputs + o] = m->has_wide_offset ? sum + m->offset[o] : (double)(sum + (float)m->offset[o]);
        }
}

/* One row times a matrix, or rows times a vector: what counts is how numpy holds the matrix. */
static bool is_by_columns(const sv_linear_model *m, const sv_batch *x)
{
    return sv_batch_rows(x) == 1 ? m->by_columns : sv_is_fortran(x);
}

static savor_status add_wide_offset(const sv_linear_model *m, const float *sums, size_t n, sv_arena *arena,
                                    sv_batch *out, savor_error *err)
{
    double *scores;
    savor_status st = sv_batch_alloc(arena, n, 1, &scores, err);
    if (st)
        return st;
    for (size_t i = 0; i < n; i++)
        scores[i] = (double)sums[i] + m->offset[i % m->n_outputs];
    out->tensor.dtype = SAVOR_FLOAT64;
    out->tensor.data = scores;
    return SAVOR_OK;
}

static savor_status predict_float32(const sv_linear_model *m, const sv_batch *batch, sv_arena *arena, sv_batch *out,
                                    savor_error *err)
{
    const sv_tensor *x = &batch->tensor;
    sv_dense layer = {m->n_features, m->n_outputs, m->coef, m->has_wide_offset ? NULL : m->offset};
    size_t n = x->shape[0] * m->n_outputs; /* fits: no more than the weights times the rows, both in memory */
    float *scores = sv_arena_array(arena, n, sizeof *scores);
    if (!scores)
        return sv_arena_fail(arena, n * sizeof *scores, err);
    (is_by_columns(m, batch) ? sv_dense_predict_columns_f32 : sv_dense_predict_f32)(&layer, x->data, x->shape[0],
                                                                                    scores);
    *out = (sv_batch){.kind = SV_BATCH_TENSOR};
    out->tensor = sv_tensor_view(SAVOR_FLOAT32, x->shape[0], m->is_flat ? 0 : m->n_outputs, scores);
    return m->has_wide_offset ? add_wide_offset(m, scores, n, arena, out, err) : SAVOR_OK;
}

savor_status sv_linear_scores(const sv_estimator *self, const sv_linear_model *m, const sv_batch *in, unsigned flags,
                              sv_arena *arena, sv_batch *out, savor_error *err)
{
    sv_dense layer = {m->n_features, m->n_outputs, m->coef, m->offset};
    sv_batch x;
    double *scores;
    flags |= SV_CHECK_ACCEPT_SPARSE | (m->is_float32 ? SV_CHECK_KEEP_FLOAT32 : 0);
    savor_status st = sv_check_batch(self, in, flags, arena, &x, err);
    if (st)
        return st;
    size_t n_rows = sv_batch_rows(&x);
    if (sv_batch_columns(&x) != m->n_features)
        return sv_fail(err, SAVOR_MODEL, "X has %zu features, but %s is expecting %zu features as input.",
                       sv_batch_columns(&x), self->cls->name, m->n_features);
    if (x.kind == SV_BATCH_TENSOR && x.tensor.dtype == SAVOR_FLOAT32)
        return predict_float32(m, &x, arena, out, err);
    if ((st = sv_batch_alloc(arena, n_rows, m->n_outputs, &scores, err)))
        return st;
    bool is_float32 = x.kind == SV_BATCH_SPARSE && m->is_float32 && x.sparse.dtype == SAVOR_FLOAT32;
    if (is_float32)
        predict_sparse_float32(m, &x.sparse, scores);
    else if (x.kind == SV_BATCH_SPARSE)
        predict_sparse(m, &x.sparse, scores);
    else
        (is_by_columns(m, &x) ? sv_dense_predict_columns : sv_dense_predict)(&layer, x.tensor.data, n_rows, scores);
    sv_batch doubles = sv_batch_of_doubles(scores, n_rows, m->is_flat ? 0 : m->n_outputs);
    *out = doubles;
    return is_float32 && !m->has_wide_offset ? sv_batch_to_floats(&doubles, SAVOR_FLOAT32, arena, &out->tensor, err)
                                             : SAVOR_OK;
}
