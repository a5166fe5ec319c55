#include "sklearn/pairwise_kernel.h"

#include "base/alloc.h"
#include "sklearn/attributes.h"
#include "sklearn/check.h"
#include "sklearn/sparse_attribute.h"

/* ---- reading ---- */

static const struct {
    const char *name;
    sv_pairwise_kind kind;
} KERNELS[] = {
    {"additive_chi2", SV_PAIRWISE_ADDITIVE_CHI2}, {"chi2", SV_PAIRWISE_CHI2},     {"cosine", SV_PAIRWISE_COSINE},
    {"laplacian", SV_PAIRWISE_LAPLACIAN},         {"linear", SV_PAIRWISE_LINEAR}, {"poly", SV_PAIRWISE_POLYNOMIAL},
    {"polynomial", SV_PAIRWISE_POLYNOMIAL},       {"rbf", SV_PAIRWISE_RBF},       {"sigmoid", SV_PAIRWISE_SIGMOID},
};

savor_status sv_pairwise_read(const sv_record *object, const char *name, size_t n_features, sv_pairwise *out,
                              savor_error *err)
{
    const size_t n = sizeof KERNELS / sizeof *KERNELS;
    sv_str text = sv_attr_text(object, name);
    size_t i = 0;
    while (i < n && !sv_str_is(text, KERNELS[i].name))
        i++;
    if (i == n)
        return text.n ? sv_fail(err, SAVOR_UNSUPPORTED, "%s=%.*s is not known", name, SV_FMT(text))
                      : sv_fail(err, SAVOR_UNSUPPORTED, "a %s that is a function of Python's is not computed", name);
    out->kind = KERNELS[i].kind;
    double gamma = out->kind == SV_PAIRWISE_CHI2 ? 1.0 : 1.0 / (double)(n_features ? n_features : 1);
    out->gamma = sv_attr_double_or(object, "gamma", gamma);
    out->coef0 = sv_attr_double_or(object, "coef0", 1.0);
    out->degree = sv_attr_double_or(object, "degree", 3.0);
    return SAVOR_OK;
}

bool sv_attr_is_float32(const sv_record *object, const char *name)
{
    const sv_array *array = sv_record_array(sv_record_find(object, name));
    return array && array->tensor.dtype == SAVOR_FLOAT32;
}

savor_status sv_kernel_rows_read(sv_loader *loader, const sv_record *object, const char *name, size_t n_features,
                                 sv_kernel_rows *out, savor_error *err)
{
    sv_sparse sparse;
    sv_tensor rows;
    savor_status st;
    if (sv_attr_is_sparse(object, name)) {
        if ((st = sv_attr_sparse(loader, object, name, n_features, &sparse, err)) ||
            (st = sv_sparse_to_dense(&sparse, loader->arena, &rows, err)))
            return st;
    } else if ((st = sv_attr_matrix(loader, object, name, 0, n_features, &rows, err)))
        return st;
    if (rows.shape[1] == 0)
        return sv_attr_fail(object, name, "without columns", err);
    out->is_float32 = sv_attr_is_sparse(object, name) ? sv_attr_is_float32(sv_record_find(object, name), "data")
                                                      : sv_attr_is_float32(object, name);
    out->n_rows = rows.shape[0];
    out->n_features = rows.shape[1];
    out->rows = rows.data;
    const sv_array *array = sv_record_array(sv_record_find(object, name));
    out->by_columns = array && array->by_columns && rows.shape[0] > 1 && rows.shape[1] > 1;
    return SAVOR_OK;
}

/* ---- computing ---- */

static bool has_negative(const double *values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (values[i] < 0)
            return true;
    return false;
}

static savor_status normalize(sv_rows *rows, sv_arena *arena, savor_error *err)
{
    double *values;
    savor_status st = sv_batch_alloc(arena, rows->n_rows, rows->n, &values, err);
    if (st)
        return st;
    sv_rows_normalize(rows, values);
    rows->values = values;
    return SAVOR_OK;
}

savor_status sv_kernels_compute(const sv_pairwise *kernel, const sv_rows *x, const sv_rows *y, sv_arena *arena,
                                double *out, savor_error *err)
{
    bool is_chi2 = kernel->kind == SV_PAIRWISE_CHI2 || kernel->kind == SV_PAIRWISE_ADDITIVE_CHI2;
    sv_rows a = *x, b = *y;
    savor_status st = SAVOR_OK;
    if (is_chi2 && (has_negative(a.values, a.n_rows * a.n) || has_negative(b.values, b.n_rows * b.n)))
        return sv_fail(err, SAVOR_MODEL, "X contains negative values.");
    if (kernel->kind == SV_PAIRWISE_COSINE)
        st = normalize(&a, arena, err);
    if (kernel->kind == SV_PAIRWISE_COSINE && !st)
        st = normalize(&b, arena, err);
    if (!st)
        sv_pairwise_kernels(kernel, &a, &b, out);
    return st;
}

savor_status sv_batch_to_float32(sv_batch *batch, sv_arena *arena, savor_error *err)
{
    size_t n = batch->tensor.n_items;
    const double *from = batch->tensor.data;
    float *to = sv_arena_array(arena, n, sizeof *to);
    if (!to)
        return sv_arena_fail(arena, n * sizeof *to, err);
    for (size_t i = 0; i < n; i++)
        to[i] = (float)from[i];
    batch->tensor.dtype = SAVOR_FLOAT32;
    batch->tensor.data = to;
    return SAVOR_OK;
}

savor_status sv_kernel_rows_check(const sv_estimator *self, const sv_kernel_rows *rows, const sv_batch *in,
                                  sv_arena *arena, sv_rows *out, bool *is_float32, savor_error *err)
{
    sv_batch x = {.kind = SV_BATCH_TENSOR};
    sv_tensor doubles;
    unsigned flags = rows->is_float32 ? SV_CHECK_KEEP_FLOAT32 : SV_CHECK_NUMERIC;
    savor_status st = sv_check_dense(self, in, flags, arena, &x.tensor, err);
    if (st)
        return st;
    *is_float32 = x.tensor.dtype == SAVOR_FLOAT32;
    if ((st = sv_batch_to_floats(&x, SAVOR_FLOAT64, arena, &doubles, err)))
        return st;
    *out = (sv_rows){doubles.data, doubles.shape[0], doubles.shape[1], sv_is_fortran(in)};
    return SAVOR_OK;
}

/* Rows whose kernels are in memory at once: a multiple of four, so that BLAS treats each row as it does among all. */
#define BLOCK_ROWS ((size_t)64)

savor_status sv_kernel_rows_predict(const sv_estimator *self, const sv_kernel_rows *rows, const sv_dense *layer,
                                    const sv_batch *in, sv_arena *arena, sv_batch *out, savor_error *err)
{
    bool is_float32;
    sv_rows x, fit = sv_kernel_rows_view(rows);
    double *kernels, *answers;
    savor_status st = sv_kernel_rows_check(self, rows, in, arena, &x, &is_float32, err);
    if (st)
        return st;
    size_t n_rows = x.n_rows, n = rows->n_rows, most = n_rows < 2 * BLOCK_ROWS ? n_rows : 2 * BLOCK_ROWS - 1;
    if ((st = sv_batch_alloc(arena, most, n, &kernels, err)) ||
        (st = sv_batch_alloc(arena, n_rows, layer->n_out, &answers, err)))
        return st;
    for (size_t r = 0; r < n_rows; r += x.n_rows) {
        double *to = answers + r * layer->n_out;
        x.n_rows = n_rows - r < 2 * BLOCK_ROWS ? n_rows - r : BLOCK_ROWS; /* never one row of several */
        if ((st = sv_kernels_compute(&rows->kernel, &x, &fit, arena, kernels, err)))
            return st;
        for (size_t i = 0; is_float32 && i < x.n_rows * n; i++)
            kernels[i] = (double)(float)kernels[i];
        (rows->by_columns_weights && n_rows == 1 ? sv_dense_predict_columns : sv_dense_predict)(layer, kernels,
                                                                                                x.n_rows, to);
        x.values += x.n_rows * x.n;
    }
    *out = sv_batch_of_doubles(answers, n_rows, layer->n_out);
    return is_float32 && rows->has_float32_weights ? sv_batch_to_float32(out, arena, err) : SAVOR_OK;
}
