#include "sklearn/sparse.h"

#include "base/alloc.h"

#include <math.h>
#include <stdlib.h>

#define DENSE_MAX (64u << 20) /* cells that a sparse attribute may become */

struct sv_rows_cell {
    uint32_t column, turn; /* turn: its place among the row's */
    double value;
};

savor_status sv_rows_init(sv_rows *rows, size_t n_rows, size_t n_columns, sv_arena *arena, savor_error *err)
{
    *rows = (sv_rows){.arena = arena, .n_rows = n_rows, .n_columns = n_columns};
    rows->row_first = n_rows < SIZE_MAX ? sv_arena_array(arena, n_rows + 1, sizeof *rows->row_first) : NULL;
    return rows->row_first ? SAVOR_OK : sv_arena_fail(arena, n_rows, err);
}

savor_status sv_rows_add(sv_rows *rows, size_t column, double value, savor_error *err)
{
    if (rows->n == rows->capacity) {
        size_t capacity = rows->capacity ? 2 * rows->capacity : 256;
        struct sv_rows_cell *cells = sv_arena_array(rows->arena, capacity, sizeof *cells);
        if (!cells)
            return sv_arena_fail(rows->arena, capacity * sizeof *cells, err);
        if (rows->n)
            memcpy(cells, rows->cells, rows->n * sizeof *cells);
        rows->cells = cells;
        rows->capacity = capacity;
    }
    size_t turn = rows->n - rows->row_first[rows->n_done];
    rows->cells[rows->n++] = (struct sv_rows_cell){(uint32_t)column, (uint32_t)turn, value};
    return SAVOR_OK;
}

static int compare_cells(const void *a, const void *b)
{
    const struct sv_rows_cell *x = a, *y = b;
    if (x->column != y->column)
        return x->column < y->column ? -1 : 1;
    return x->turn < y->turn ? -1 : 1;
}

void sv_rows_end_row(sv_rows *rows)
{
    size_t first = rows->row_first[rows->n_done], at = first;
    if (rows->n > first + 1)
        qsort(rows->cells + first, rows->n - first, sizeof *rows->cells, compare_cells);
    for (size_t i = first; i < rows->n; i++) {
        if (at > first && rows->cells[at - 1].column == rows->cells[i].column)
            rows->cells[at - 1].value += rows->cells[i].value;
        else
            rows->cells[at++] = rows->cells[i];
    }
    rows->n = at;
    rows->row_first[++rows->n_done] = at;
}

void sv_rows_fill(sv_rows *rows, double value)
{
    for (size_t i = 0; i < rows->n; i++)
        rows->cells[i].value = value;
}

size_t sv_hash_column(int32_t hash, size_t n_columns)
{
    if (hash == INT32_MIN) /* whose size int32 does not hold */
        return (INT32_MAX - (n_columns - 1)) % n_columns;
    return (size_t)(hash < 0 ? -hash : hash) % n_columns;
}

savor_status sv_rows_finish(const sv_rows *rows, savor_dtype dtype, sv_batch *out, savor_error *err)
{
    uint32_t *columns = sv_arena_array(rows->arena, rows->n, sizeof *columns);
    double *values = sv_arena_array(rows->arena, rows->n, sizeof *values);
    if (!columns || !values)
        return sv_arena_fail(rows->arena, rows->n * sizeof *values, err);
    for (size_t i = 0; i < rows->n; i++) {
        columns[i] = rows->cells[i].column;
        values[i] = dtype == SAVOR_FLOAT32 ? (double)(float)rows->cells[i].value : rows->cells[i].value;
    }
    *out = (sv_batch){.kind = SV_BATCH_SPARSE};
    out->sparse = (sv_sparse){rows->n_rows, rows->n_columns, dtype, rows->row_first, columns, values};
    return SAVOR_OK;
}

savor_status sv_sparse_copy_values(sv_sparse *sparse, sv_arena *arena, double **out, savor_error *err)
{
    size_t n = sparse->row_first[sparse->n_rows];
    savor_status st = sv_batch_alloc(arena, n, 1, out, err);
    if (st)
        return st;
    if (n)
        memcpy(*out, sparse->values, n * sizeof **out);
    sparse->values = *out;
    return SAVOR_OK;
}

void sv_sparse_normalize(const sv_sparse *sparse, double *values, char norm)
{
    bool is_float32 = sparse->dtype == SAVOR_FLOAT32;
    for (size_t r = 0; r < sparse->n_rows; r++) {
        double sum = 0.0;
        for (size_t i = sparse->row_first[r]; i < sparse->row_first[r + 1]; i++) {
            double part = norm == '1' ? fabs(values[i]) : values[i] * values[i];
            sum += is_float32 ? (double)(float)part : part;
        }
        if (sum == 0.0)
            continue;
        if (norm == '2')
            sum = sqrt(sum);
        for (size_t i = sparse->row_first[r]; i < sparse->row_first[r + 1]; i++) {
            values[i] /= sum;
            values[i] = is_float32 ? (double)(float)values[i] : values[i];
        }
    }
}

/* ---- from a file ---- */

static bool is_form(const sv_record *r, const char *form)
{
    sv_global cls = sv_record_class(r);
    return sv_str_starts(cls.module, SV_STR("scipy.sparse")) && sv_str_starts(cls.name, sv_str_of(form));
}

bool sv_record_is_sparse(const sv_record *r) { return is_form(r, ""); }

/* The three arrays of a compressed matrix. */
typedef struct compressed {
    size_t n_rows, n_columns;
    sv_tensor first, at, values;
} compressed;

static savor_status read_compressed(sv_loader *loader, const sv_record *r, compressed *out, savor_error *err)
{
    sv_tensor shape;
    savor_status st = sv_record_doubles(sv_record_find(r, "_shape"), loader->arena, &shape, err);
    if (st || (st = sv_record_doubles(sv_record_find(r, "indptr"), loader->arena, &out->first, err)) ||
        (st = sv_record_doubles(sv_record_find(r, "indices"), loader->arena, &out->at, err)) ||
        (st = sv_record_doubles(sv_record_find(r, "data"), loader->arena, &out->values, err)))
        return st;
    const double *sides = shape.data;
    if (shape.n_items != 2 || !(sides[0] >= 0 && sides[1] >= 0 && sides[0] * sides[1] <= DENSE_MAX))
        return sv_fail(err, SAVOR_FORMAT, "the shape of a sparse matrix was out of range");
    out->n_rows = (size_t)sides[0];
    out->n_columns = (size_t)sides[1];
    return SAVOR_OK;
}

/* Cell `i` of line `line` to its place; `along` and `across` are the distances of lines and of cells in a line. */
static bool put_line(const compressed *m, size_t line, size_t n_across, const size_t steps[2], double *out)
{
    const double *first = m->first.data, *at = m->at.data, *values = m->values.data;
    if (!(first[line] >= 0 && first[line] <= first[line + 1] && first[line + 1] <= (double)m->values.n_items))
        return false;
    for (size_t i = (size_t)first[line]; i < (size_t)first[line + 1]; i++) {
        if (!(at[i] >= 0 && at[i] < (double)n_across))
            return false;
        out[line * steps[0] + (size_t)at[i] * steps[1]] += values[i];
    }
    return true;
}

savor_status sv_record_sparse_to_dense(sv_loader *loader, const sv_record *r, sv_tensor *out, savor_error *err)
{
    bool is_csr = is_form(r, "csr");
    sv_global cls = sv_record_class(r);
    compressed m;
    double *cells;
    savor_status st;
    if (!is_csr && !is_form(r, "csc"))
        return sv_fail(err, SAVOR_UNSUPPORTED, "a sparse matrix of class %.*s is not known here", SV_FMT(cls.name));
    if ((st = read_compressed(loader, r, &m, err)))
        return st;
    size_t n_lines = is_csr ? m.n_rows : m.n_columns, n_across = is_csr ? m.n_columns : m.n_rows;
    size_t steps[2] = {is_csr ? m.n_columns : 1, is_csr ? 1 : m.n_columns};
    if (m.first.n_items != n_lines + 1 || m.at.n_items != m.values.n_items)
        return sv_fail(err, SAVOR_FORMAT, "the arrays of a sparse matrix did not fit together");
    if (!(cells = sv_arena_array(loader->arena, m.n_rows * m.n_columns, sizeof *cells)))
        return sv_arena_fail(loader->arena, m.n_rows * m.n_columns * sizeof *cells, err);
    for (size_t i = 0; i < n_lines; i++)
        if (!put_line(&m, i, n_across, steps, cells))
            return sv_fail(err, SAVOR_FORMAT, "a sparse matrix had an index out of range");
    *out = sv_tensor_view(SAVOR_FLOAT64, m.n_rows, m.n_columns, cells);
    out->n_dims = 2;
    out->shape[1] = m.n_columns;
    return SAVOR_OK;
}
