#include "sklearn/sparse_attribute.h"

#include "base/alloc.h"
#include "sklearn/attributes.h"

#include <string.h>

bool sv_attr_is_sparse(const sv_record *object, const char *name)
{
    return sv_record_find(sv_record_find(object, name), "indptr") != NULL;
}

/* ---- sorting ---- */

static bool is_sorted(const uint32_t *columns, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (columns[i] < columns[i - 1])
            return false;
    return true;
}

static void sift(uint32_t *columns, double *values, size_t at, size_t n)
{
    uint32_t column = columns[at];
    double value = values[at];
    for (size_t child; (child = 2 * at + 1) < n; at = child) {
        child += child + 1 < n && columns[child + 1] > columns[child];
        if (columns[child] <= column)
            break;
        columns[at] = columns[child];
        values[at] = values[child];
    }
    columns[at] = column;
    values[at] = value;
}

/* Few rows are out of order, and no scratch is needed: a heap. */
void sv_sparse_sort(uint32_t *columns, double *values, size_t n)
{
    if (is_sorted(columns, n))
        return;
    for (size_t i = n / 2; i-- > 0;)
        sift(columns, values, i, n);
    for (size_t last = n; last-- > 1;) {
        uint32_t column = columns[0];
        double value = values[0];
        columns[0] = columns[last];
        values[0] = values[last];
        columns[last] = column;
        values[last] = value;
        sift(columns, values, 0, last);
    }
}

/* ---- reading ---- */

/* A vector of whole numbers below `limit`. */
static savor_status read_indices(sv_loader *loader, const sv_record *matrix, const char *name, double limit,
                                 sv_tensor *out, savor_error *err)
{
    savor_status st = sv_attr_doubles(loader, matrix, name, out, err);
    const double *values = out->data;
    for (size_t i = 0; !st && i < out->n_items; i++)
        if (!(values[i] >= 0 && values[i] < limit) || values[i] != (double)(size_t)values[i])
            return sv_attr_fail(matrix, name, "not indices of the matrix", err);
    return st;
}

static savor_status read_shape(const sv_record *matrix, sv_sparse *out, savor_error *err)
{
    const sv_record *record = sv_record_find(matrix, "_shape");
    int64_t n_rows, n_columns;
    size_t n;
    const sv_record *const *shape = sv_record_items(record ? record : sv_record_find(matrix, "shape"), &n);
    if (n != 2 || !sv_record_to_int(shape[0], &n_rows) || !sv_record_to_int(shape[1], &n_columns) || n_rows < 0 ||
        n_rows > INT32_MAX || n_columns < 0 || n_columns > INT32_MAX)
        return sv_attr_fail(matrix, "_shape", "not two sizes", err);
    out->n_rows = (size_t)n_rows;
    out->n_columns = (size_t)n_columns;
    return SAVOR_OK;
}

/* Row bounds and columns as integers; what is read is as long as it has to be. */
static savor_status copy_layout(sv_loader *loader, const double *indptr, const double *indices, size_t n,
                                sv_sparse *out, savor_error *err)
{
    size_t *first = sv_arena_array(loader->arena, out->n_rows + 1, sizeof *first);
    uint32_t *columns = sv_arena_array(loader->arena, n, sizeof *columns);
    if (!first || !columns)
        return sv_arena_fail(loader->arena, (out->n_rows + 1) * sizeof *first, err);
    for (size_t r = 0; r <= out->n_rows; r++) {
        first[r] = (size_t)indptr[r];
        if (r && first[r] < first[r - 1])
            return sv_fail(err, SAVOR_FORMAT, "a sparse matrix had rows that end before they begin");
    }
    for (size_t i = 0; i < n; i++)
        columns[i] = (uint32_t)indices[i];
    if (first[0] != 0 || first[out->n_rows] != n)
        return sv_fail(err, SAVOR_FORMAT, "a sparse matrix had %zu entries, its rows say %zu", n, first[out->n_rows]);
    for (size_t r = 0; r < out->n_rows; r++)
        sv_sparse_sort(columns + first[r], (double *)(uintptr_t)out->values + first[r], first[r + 1] - first[r]);
    out->row_first = first;
    out->columns = columns;
    return SAVOR_OK;
}

savor_status sv_attr_sparse(sv_loader *loader, const sv_record *object, const char *name, size_t n_columns,
                            sv_sparse *out, savor_error *err)
{
    const sv_record *matrix = sv_record_find(object, name);
    sv_str layout = sv_record_class(matrix).name;
    sv_tensor data, indices, indptr;
    savor_status st;
    if (!sv_str_is(layout, "csr_matrix") && !sv_str_is(layout, "csr_array"))
        return sv_fail(err, SAVOR_UNSUPPORTED, "%s as %.*s is not read", name, SV_FMT(layout));
    if ((st = read_shape(matrix, out, err)))
        return st;
    if (n_columns && out->n_columns != n_columns)
        return sv_attr_fail(object, name, "not one column for each feature", err);
    if ((st = sv_attr_doubles(loader, matrix, "data", &data, err)) ||
        (st = read_indices(loader, matrix, "indices", (double)out->n_columns, &indices, err)) ||
        (st = read_indices(loader, matrix, "indptr", (double)data.n_items + 1, &indptr, err)))
        return st;
    if (indices.n_items != data.n_items || indptr.n_items != out->n_rows + 1)
        return sv_attr_fail(object, name, "indices do not fit the data", err);
    out->dtype = SAVOR_FLOAT64;
    out->values = data.data;
    return copy_layout(loader, indptr.data, indices.data, data.n_items, out, err);
}
