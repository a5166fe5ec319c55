#include "sklearn/stack.h"

#include "base/alloc.h"
#include "sklearn/sparse.h"

static bool is_numeric(savor_dtype dtype)
{
    char kind = sv_dtype_kind(dtype);
    return kind == 'b' || kind == 'i' || kind == 'u' || kind == 'f';
}

static savor_dtype dtype_of(const sv_batch *b)
{
    if (b->kind == SV_BATCH_SPARSE)
        return b->sparse.dtype;
    return b->kind == SV_BATCH_FRAME ? sv_frame_common_dtype(&b->frame) : b->tensor.dtype;
}

/* Whether numpy makes an array of objects of it: of text, of mixtures, and of a frame with bools beside numbers. */
static bool are_objects(const sv_batch *b) { return sv_batch_columns(b) > 0 && !is_numeric(dtype_of(b)); }

/* ---- dense ---- */

/* A dtype that float32 holds, as np.result_type has it. */
static bool fits_float32(savor_dtype dtype)
{
    return dtype == SAVOR_FLOAT32 || dtype == SAVOR_BOOL || (is_numeric(dtype) && sv_dtype_size(dtype) <= 2);
}

/* FLOAT32 where one part is and all fit, else FLOAT64. */
static savor_dtype common_float(const sv_batch *parts, size_t n)
{
    bool any_float32 = false;
    for (size_t i = 0; i < n; i++) {
        savor_dtype dtype = dtype_of(&parts[i]);
        any_float32 = any_float32 || dtype == SAVOR_FLOAT32;
        if (!fits_float32(dtype))
            return SAVOR_FLOAT64;
    }
    return any_float32 ? SAVOR_FLOAT32 : SAVOR_FLOAT64;
}

/* As np.concatenate lays out its answer: by columns, if all parts are of which it can be said; by rows beside
 * nothing. */
static bool is_by_columns(const sv_batch *parts, size_t n)
{
    bool any = false;
    for (size_t i = 0; i < n; i++)
        if (sv_batch_rows(&parts[i]) > 1 && sv_batch_columns(&parts[i]) != 1) {
            any = sv_is_fortran(&parts[i]);
            if (!any)
                return false;
        }
    return any;
}

static savor_status stack_floats(const sv_batch *parts, size_t n, size_t n_rows, size_t n_columns, sv_arena *arena,
                                 sv_batch *out, savor_error *err)
{
    savor_dtype dtype = common_float(parts, n);
    size_t size = sv_dtype_size(dtype), first = 0, bytes = SIZE_MAX, n_items;
    if (sv_mul(n_rows, n_columns, &n_items))
        (void)sv_mul(n_items, size, &bytes);
    char *cells = sv_arena_alloc(arena, bytes);
    if (!cells)
        return sv_arena_fail(arena, bytes, err);
    for (size_t i = 0; i < n; i++) {
        sv_tensor part;
        savor_status st = sv_batch_to_floats(&parts[i], dtype, arena, &part, err);
        size_t width = sv_batch_columns(&parts[i]);
        if (st)
            return st;
        for (size_t r = 0; r < n_rows; r++)
            memcpy(cells + (r * n_columns + first) * size, (const char *)part.data + r * width * size, width * size);
        first += width;
    }
    *out = (sv_batch){.kind = SV_BATCH_TENSOR, .tensor = sv_tensor_view(dtype, n_rows, n_columns, cells)};
    out->by_columns = is_by_columns(parts, n);
    out->tensor.n_dims = 2;
    out->tensor.shape[1] = n_columns;
    return SAVOR_OK;
}

/* One column of a dense part as objects, which is what numpy makes of numbers beside text. */
static savor_status column_of(const sv_batch *part, size_t at, sv_arena *arena, sv_column *out, savor_error *err)
{
    size_t n_rows = sv_batch_rows(part);
    sv_value *cells = sv_arena_array(arena, n_rows, sizeof *cells);
    if (!cells)
        return sv_arena_fail(arena, n_rows * sizeof *cells, err);
    for (size_t r = 0; r < n_rows; r++)
        cells[r] = sv_batch_cell(part, r, at);
    *out = (sv_column){.dtype = SAVOR_OBJECT, .data = cells};
    return SAVOR_OK;
}

static savor_status stack_columns(const sv_batch *parts, size_t n, size_t n_rows, size_t n_columns, sv_arena *arena,
                                  sv_batch *out, savor_error *err)
{
    size_t at = 0;
    sv_column *columns = sv_arena_array(arena, n_columns, sizeof *columns);
    if (!columns)
        return sv_arena_fail(arena, n_columns * sizeof *columns, err);
    for (size_t i = 0; i < n; i++) {
        sv_batch part = parts[i];
        savor_status st = SAVOR_OK;
        if (part.kind == SV_BATCH_SPARSE) {
            st = sv_sparse_to_dense(&parts[i].sparse, arena, &part.tensor, err);
            part.kind = SV_BATCH_TENSOR;
        }
        for (size_t c = 0; !st && c < sv_batch_columns(&part); c++, at++) {
            st = column_of(&part, c, arena, &columns[at], err);
            columns[at].name = sv_label_number((int64_t)at);
        }
        if (st)
            return st;
    }
    *out =
        (sv_batch){.kind = SV_BATCH_FRAME, .frame = {.n_rows = n_rows, .n_columns = n_columns, .columns = columns}};
    return SAVOR_OK;
}

/* ---- sparse ---- */

savor_status sv_batch_to_sparse(const sv_batch *in, sv_arena *arena, sv_sparse *out, savor_error *err)
{
    sv_tensor dense;
    size_t n_rows = sv_batch_rows(in), n_columns = sv_batch_columns(in), at = 0;
    savor_status st;
    if (in->kind == SV_BATCH_SPARSE) {
        *out = in->sparse;
        return SAVOR_OK;
    }
    if ((st = sv_batch_to_floats(in, SAVOR_FLOAT64, arena, &dense, err)))
        return st;
    size_t *row_first = sv_arena_array(arena, n_rows + 1, sizeof *row_first);
    uint32_t *columns = sv_arena_array(arena, dense.n_items, sizeof *columns);
    double *values = sv_arena_array(arena, dense.n_items, sizeof *values);
    if (!row_first || !columns || !values || n_columns > UINT32_MAX)
        return sv_arena_fail(arena, dense.n_items * sizeof *values, err);
    for (size_t r = 0; r < n_rows; r++) {
        for (size_t c = 0; c < n_columns; c++) {
            double x = ((const double *)dense.data)[r * n_columns + c];
            if (x == 0.0)
                continue;
            columns[at] = (uint32_t)c;
            values[at++] = x;
        }
        row_first[r + 1] = at;
    }
    *out = (sv_sparse){n_rows, n_columns, dtype_of(in), row_first, columns, values};
    return SAVOR_OK;
}

static savor_status stack_sparse(const sv_batch *parts, size_t n, size_t n_rows, size_t n_columns, sv_arena *arena,
                                 sv_batch *out, savor_error *err)
{
    sv_sparse *sparse = sv_arena_array(arena, n, sizeof *sparse);
    size_t n_items = 0, at = 0;
    savor_status st = SAVOR_OK;
    if (!sparse || n_columns > UINT32_MAX)
        return sv_arena_fail(arena, n * sizeof *sparse, err);
    for (size_t i = 0; i < n; i++) {
        if ((st = sv_batch_to_sparse(&parts[i], arena, &sparse[i], err)))
            return st;
        n_items += sparse[i].row_first[n_rows];
    }
    size_t *row_first = sv_arena_array(arena, n_rows + 1, sizeof *row_first);
    uint32_t *columns = sv_arena_array(arena, n_items, sizeof *columns);
    double *values = sv_arena_array(arena, n_items, sizeof *values);
    if (!row_first || !columns || !values)
        return sv_arena_fail(arena, n_items * sizeof *values, err);
    for (size_t r = 0; r < n_rows; r++) {
        size_t first = 0;
        for (size_t i = 0; i < n; first += sparse[i++].n_columns)
            for (size_t k = sparse[i].row_first[r]; k < sparse[i].row_first[r + 1]; k++, at++) {
                columns[at] = (uint32_t)(first + sparse[i].columns[k]);
                values[at] = sparse[i].values[k];
            }
        row_first[r + 1] = at;
    }
    *out = (sv_batch){.kind = SV_BATCH_SPARSE};
    out->sparse = (sv_sparse){n_rows, n_columns, common_float(parts, n), row_first, columns, values};
    return SAVOR_OK;
}

/* Objects that are numbers all the same: a frame of bools beside numbers. What comes after makes doubles of them. */
static bool has_text(const sv_batch *b)
{
    for (size_t i = 0; b->kind == SV_BATCH_FRAME && i < b->frame.n_columns; i++)
        if (!is_numeric(b->frame.columns[i].dtype))
            return true;
    return b->kind == SV_BATCH_TENSOR && are_objects(b);
}

savor_status sv_batches_stack(const sv_batch *parts, size_t n, size_t n_rows, bool as_sparse, sv_arena *arena,
                              sv_batch *out, savor_error *err)
{
    size_t n_columns = 0;
    bool any_text = false;
    for (size_t i = 0; i < n; i++) {
        if (parts[i].kind == SV_BATCH_LIST)
            return sv_fail(err, SAVOR_UNSUPPORTED, "a list of arrays is not joined with other columns");
        if (sv_batch_rows(&parts[i]) != n_rows)
            return sv_fail(err, SAVOR_MODEL, "transformers gave %zu and %zu rows", sv_batch_rows(&parts[i]), n_rows);
        n_columns += sv_batch_columns(&parts[i]);
        any_text = any_text || has_text(&parts[i]);
    }
    if (as_sparse)
        return stack_sparse(parts, n, n_rows, n_columns, arena, out, err);
    return any_text ? stack_columns(parts, n, n_rows, n_columns, arena, out, err)
                    : stack_floats(parts, n, n_rows, n_columns, arena, out, err);
}

/* ---- columns ---- */

static savor_status take_from_tensor(const sv_tensor *in, const size_t *columns, size_t n, sv_arena *arena,
                                     sv_tensor *out, savor_error *err)
{
    size_t size = sv_dtype_size(in->dtype), n_rows = in->shape[0], width = in->shape[1], bytes = SIZE_MAX, n_items;
    if (sv_mul(n_rows, n, &n_items))
        (void)sv_mul(n_items, size, &bytes);
    char *cells = sv_arena_alloc(arena, bytes);
    if (!cells)
        return sv_arena_fail(arena, bytes, err);
    for (size_t r = 0; r < n_rows; r++)
        for (size_t c = 0; c < n; c++)
            memcpy(cells + (r * n + c) * size, (const char *)in->data + (r * width + columns[c]) * size, size);
    *out = sv_tensor_view(in->dtype, n_rows, n, cells);
    out->n_dims = 2;
    out->shape[1] = n;
    return SAVOR_OK;
}

/* Every chosen column in its turn, so that a row's columns rise. */
static savor_status take_from_sparse(const sv_sparse *in, const size_t *columns, size_t n, sv_arena *arena,
                                     sv_sparse *out, savor_error *err)
{
    sv_rows rows;
    savor_status st = sv_rows_init(&rows, in->n_rows, n, arena, err);
    for (size_t r = 0; r < in->n_rows && !st; r++) {
        for (size_t c = 0; c < n && !st; c++)
            for (size_t i = in->row_first[r]; i < in->row_first[r + 1] && !st; i++)
                if (in->columns[i] == columns[c])
                    st = sv_rows_add(&rows, c, in->values[i], err);
        sv_rows_end_row(&rows);
    }
    sv_batch taken;
    if (st || (st = sv_rows_finish(&rows, in->dtype, &taken, err)))
        return st;
    *out = taken.sparse;
    return SAVOR_OK;
}

savor_status sv_batch_take_columns(const sv_batch *in, const size_t *columns, size_t n, bool is_series,
                                   sv_arena *arena, sv_batch *out, savor_error *err)
{
    savor_status st = SAVOR_OK;
    *out = (sv_batch){.kind = SV_BATCH_TENSOR};
    if (in->kind == SV_BATCH_SPARSE) {
        out->kind = SV_BATCH_SPARSE;
        return take_from_sparse(&in->sparse, columns, n, arena, &out->sparse, err);
    }
    if (in->kind == SV_BATCH_LIST || (in->kind == SV_BATCH_TENSOR && in->tensor.n_dims != 2))
        return sv_fail(err, SAVOR_MODEL, "columns of something else than a table were asked for");
    if (in->kind == SV_BATCH_FRAME && is_series) {
        const sv_column *column = &in->frame.columns[columns[0]];
        out->tensor = sv_tensor_view(column->dtype, in->frame.n_rows, 0, column->data);
        return SAVOR_OK;
    }
    if (in->kind == SV_BATCH_FRAME) {
        sv_column *taken = sv_arena_array(arena, n, sizeof *taken);
        if (!taken)
            return sv_arena_fail(arena, n * sizeof *taken, err);
        for (size_t i = 0; i < n; i++)
            taken[i] = in->frame.columns[columns[i]];
        *out = (sv_batch){.kind = SV_BATCH_FRAME,
                          .frame = {.n_rows = in->frame.n_rows, .n_columns = n, .columns = taken}};
        return SAVOR_OK;
    }
    if (!(st = take_from_tensor(&in->tensor, columns, n, arena, &out->tensor, err)) && is_series)
        out->tensor.n_dims = 1;
    return st;
}

savor_status sv_batch_to_objects(const sv_batch *in, sv_arena *arena, sv_batch *out, savor_error *err)
{
    return stack_columns(in, 1, sv_batch_rows(in), sv_batch_columns(in), arena, out, err);
}

/* ---- weights ---- */

/* "ab" * 2 */
static savor_status repeat_text(sv_value *v, int64_t times, sv_arena *arena, savor_error *err)
{
    size_t n = SIZE_MAX;
    char *text = times <= 0 || sv_mul(v->n, (size_t)times, &n) ? sv_arena_alloc(arena, times <= 0 ? 1 : n + 1) : NULL;
    if (!text)
        return sv_arena_fail(arena, n, err);
    for (int64_t i = 0; i < times; i++)
        memcpy(text + (size_t)i * v->n, v->u.p, v->n);
    v->n = times <= 0 ? 0 : n;
    text[v->n] = '\0';
    v->u.p = text;
    return SAVOR_OK;
}

static savor_status scale_object(sv_value *v, const sv_value *weight, sv_arena *arena, savor_error *err)
{
    double factor = weight->kind == SV_VALUE_FLOAT ? weight->u.f : (double)weight->u.i;
    bool is_float = v->kind == SV_VALUE_FLOAT;
    if (v->kind == SV_VALUE_STRING && weight->kind == SV_VALUE_INT)
        return repeat_text(v, weight->u.i, arena, err);
    if (!is_float && v->kind != SV_VALUE_INT && v->kind != SV_VALUE_BOOL)
        return sv_fail(err, SAVOR_MODEL, "a transformer weight cannot multiply a %s", sv_value_type_name(v));
    double cell = is_float ? v->u.f : (double)v->u.i;
    *v = (sv_value){.kind = SV_VALUE_FLOAT};
    v->u.f = cell * factor;
    return SAVOR_OK;
}

static savor_status scale_objects(sv_batch *batch, const sv_value *weight, sv_arena *arena, savor_error *err)
{
    sv_batch objects;
    savor_status st = sv_batch_to_objects(batch, arena, &objects, err);
    sv_column *columns = st ? NULL : sv_arena_array(arena, objects.frame.n_columns, sizeof *columns);
    if (!st && !columns)
        return sv_arena_fail(arena, objects.frame.n_columns * sizeof *columns, err);
    for (size_t c = 0; !st && c < objects.frame.n_columns; c++) {
        sv_value *cells = sv_arena_array(arena, objects.frame.n_rows, sizeof *cells);
        if (!cells)
            return sv_arena_fail(arena, objects.frame.n_rows * sizeof *cells, err);
        for (size_t r = 0; !st && r < objects.frame.n_rows; r++) {
            cells[r] = sv_batch_cell(&objects, r, c);
            st = scale_object(&cells[r], weight, arena, err);
        }
        columns[c] = (sv_column){objects.frame.columns[c].name, SAVOR_OBJECT, cells};
    }
    if (st)
        return st;
    objects.frame.columns = columns;
    *batch = objects;
    return SAVOR_OK;
}

/* float32 times a number of Python is float32. */
savor_status sv_batch_scale(sv_batch *batch, const sv_value *weight, sv_arena *arena, savor_error *err)
{
    bool is_sparse = batch->kind == SV_BATCH_SPARSE, is_float32 = !is_sparse && dtype_of(batch) == SAVOR_FLOAT32;
    double factor = weight->kind == SV_VALUE_FLOAT ? weight->u.f : (double)weight->u.i;
    sv_tensor cells;
    double *scaled;
    savor_status st = SAVOR_OK;
    if (are_objects(batch))
        return scale_objects(batch, weight, arena, err);
    if (is_sparse)
        cells = sv_tensor_view(SAVOR_FLOAT64, batch->sparse.row_first[batch->sparse.n_rows], 0, batch->sparse.values);
    else if ((st = sv_batch_to_floats(batch, SAVOR_FLOAT64, arena, &cells, err)))
        return st;
    if ((st = sv_batch_alloc(arena, cells.n_items, 1, &scaled, err)))
        return st;
    for (size_t i = 0; i < cells.n_items; i++)
        scaled[i] = ((const double *)cells.data)[i] * factor;
    cells.data = scaled;
    if (is_sparse) {
        batch->sparse.values = scaled;
        return SAVOR_OK;
    }
    *batch = (sv_batch){.kind = SV_BATCH_TENSOR, .tensor = cells};
    sv_batch doubles = *batch;
    return is_float32 ? sv_batch_to_floats(&doubles, SAVOR_FLOAT32, arena, &batch->tensor, err) : SAVOR_OK;
}
