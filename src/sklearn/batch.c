#include "sklearn/batch.h"

#include "base/alloc.h"
#include "data/convert.h"

size_t sv_batch_rows(const sv_batch *batch)
{
    if (batch->kind == SV_BATCH_FRAME)
        return batch->frame.n_rows;
    if (batch->kind == SV_BATCH_SPARSE)
        return batch->sparse.n_rows;
    if (batch->kind == SV_BATCH_LIST)
        return 0;
    return batch->tensor.n_dims ? batch->tensor.shape[0] : 0;
}

bool sv_is_fortran(const sv_batch *batch)
{
    bool by_columns = batch->kind == SV_BATCH_FRAME || (batch->kind == SV_BATCH_TENSOR && batch->by_columns);
    return by_columns && sv_batch_rows(batch) > 1 && sv_batch_columns(batch) > 1;
}

size_t sv_batch_columns(const sv_batch *batch)
{
    if (batch->kind == SV_BATCH_FRAME)
        return batch->frame.n_columns;
    if (batch->kind == SV_BATCH_SPARSE)
        return batch->sparse.n_columns;
    if (batch->kind == SV_BATCH_LIST)
        return 0;
    return batch->tensor.n_dims > 1 ? batch->tensor.shape[1] : 1;
}

sv_value sv_batch_cell(const sv_batch *batch, size_t row, size_t column)
{
    if (batch->kind == SV_BATCH_FRAME)
        return sv_item_get(batch->frame.columns[column].dtype, batch->frame.columns[column].data, row);
    if (batch->kind == SV_BATCH_TENSOR)
        return sv_item_get(batch->tensor.dtype, batch->tensor.data, row * sv_batch_columns(batch) + column);
    return (sv_value){.kind = SV_VALUE_NONE};
}

sv_batch sv_batch_of_outputs(const sv_tensor *arrays, size_t n_outputs)
{
    if (n_outputs == 1)
        return (sv_batch){.kind = SV_BATCH_TENSOR, .tensor = arrays[0]};
    return (sv_batch){.kind = SV_BATCH_LIST, .list = {n_outputs, arrays}};
}

sv_batch sv_batch_of_doubles(const double *values, size_t n_rows, size_t n_columns)
{
    return (sv_batch){.kind = SV_BATCH_TENSOR, .tensor = sv_tensor_view(SAVOR_FLOAT64, n_rows, n_columns, values)};
}

savor_status sv_batch_alloc(sv_arena *arena, size_t n_rows, size_t n_columns, double **out, savor_error *err)
{
    size_t n, bytes;
    *out = NULL;
    if (!sv_mul(n_rows, n_columns, &n) || !sv_mul(n, sizeof **out, &bytes))
        return sv_fail(err, SAVOR_LIMIT, "%zu rows of %zu columns were too many", n_rows, n_columns);
    *out = sv_arena_alloc(arena, bytes);
    return *out ? SAVOR_OK : sv_arena_fail(arena, bytes, err);
}

/* ---- dtypes ---- */

static bool is_number(savor_dtype dtype)
{
    char kind = sv_dtype_kind(dtype);
    return kind == 'i' || kind == 'u' || kind == 'f';
}

/* The float that holds an integer dtype, as np.result_type has it. */
static savor_dtype float_for(savor_dtype dtype)
{
    size_t size = sv_dtype_size(dtype);
    return size == 1 ? SAVOR_FLOAT16 : size == 2 ? SAVOR_FLOAT32 : SAVOR_FLOAT64;
}

static savor_dtype wider(savor_dtype a, savor_dtype b) { return sv_dtype_size(a) >= sv_dtype_size(b) ? a : b; }

static savor_dtype common_of_integers(savor_dtype a, savor_dtype b)
{
    static const savor_dtype NEXT[] = {[1] = SAVOR_INT16, [2] = SAVOR_INT32, [4] = SAVOR_INT64, [8] = SAVOR_FLOAT64};
    savor_dtype with_sign = sv_dtype_kind(a) == 'i' ? a : b, without = sv_dtype_kind(a) == 'i' ? b : a;
    if (sv_dtype_kind(a) == sv_dtype_kind(b))
        return wider(a, b);
    return sv_dtype_size(with_sign) > sv_dtype_size(without) ? with_sign : NEXT[sv_dtype_size(without)];
}

/* pandas find_common_type: numbers as np.result_type, anything with text, objects or bools beside numbers is object.
 */
static savor_dtype common_of_two(savor_dtype a, savor_dtype b)
{
    if (a == b)
        return a;
    if (!is_number(a) || !is_number(b))
        return SAVOR_OBJECT;
    if (sv_dtype_kind(a) != 'f' && sv_dtype_kind(b) != 'f')
        return common_of_integers(a, b);
    return wider(sv_dtype_kind(a) == 'f' ? a : float_for(a), sv_dtype_kind(b) == 'f' ? b : float_for(b));
}

savor_dtype sv_frame_common_dtype(const sv_frame *frame)
{
    savor_dtype dtype = frame->n_columns ? frame->columns[0].dtype : SAVOR_OBJECT;
    for (size_t i = 1; i < frame->n_columns; i++)
        dtype = common_of_two(dtype, frame->columns[i].dtype);
    return dtype;
}

/* ---- numbers ---- */

/* One macro per C type: the plain cast, `stride` apart. A case returns true. */
#define COPY_AS(dtype, type)                                \
    case dtype:                                             \
        for (size_t i = 0; i < n; i++)                      \
            out[i * stride] = (OUT)((const type *)data)[i]; \
        return true;

#define COPY_ALL                    \
    COPY_AS(SAVOR_BOOL, uint8_t)    \
    COPY_AS(SAVOR_INT8, int8_t)     \
    COPY_AS(SAVOR_INT16, int16_t)   \
    COPY_AS(SAVOR_INT32, int32_t)   \
    COPY_AS(SAVOR_INT64, int64_t)   \
    COPY_AS(SAVOR_UINT8, uint8_t)   \
    COPY_AS(SAVOR_UINT16, uint16_t) \
    COPY_AS(SAVOR_UINT32, uint32_t) \
    COPY_AS(SAVOR_UINT64, uint64_t) \
    COPY_AS(SAVOR_FLOAT32, float)   \
    COPY_AS(SAVOR_FLOAT64, double)

#define OUT double
static bool copy_doubles(savor_dtype dtype, const void *data, size_t n, double *out, size_t stride)
{
    switch (dtype) {
        COPY_ALL
    default:
        return false;
    }
}
#undef OUT

#define OUT float
static bool copy_floats(savor_dtype dtype, const void *data, size_t n, float *out, size_t stride)
{
    switch (dtype) {
        COPY_ALL
    default:
        return false;
    }
}
#undef OUT

/* Elements that are no machine numbers, by the rules of float(). */
static savor_status read_double(savor_dtype dtype, const void *data, size_t i, double *out, savor_error *err)
{
    sv_value v = sv_item_get(dtype, data, i);
    sv_refusal why = v.kind == SV_VALUE_DATETIME
                         ? "float() argument must be a string or a real number, not 'Timestamp'"
                         : sv_value_to_double(&v, out);
    if (!why)
        return SAVOR_OK;
    if (v.kind == SV_VALUE_STRING)
        return sv_fail(err, SAVOR_MODEL, "could not convert string to float: '%.*s'", (int)(v.n > 80 ? 80 : v.n),
                       v.u.p);
    return sv_fail(err, SAVOR_MODEL, "%s", why);
}

static savor_status copy_column(savor_dtype from, const void *data, size_t n, savor_dtype to, void *out,
                                size_t stride, savor_error *err)
{
    double value;
    savor_status st;
    if (to == SAVOR_FLOAT64 ? copy_doubles(from, data, n, out, stride) : copy_floats(from, data, n, out, stride))
        return SAVOR_OK;
    for (size_t i = 0; i < n; i++) {
        if ((st = read_double(from, data, i, &value, err)))
            return st;
        if (to == SAVOR_FLOAT64)
            ((double *)out)[i * stride] = value;
        else
            ((float *)out)[i * stride] = (float)value;
    }
    return SAVOR_OK;
}

static savor_status frame_to_floats(const sv_frame *frame, savor_dtype dtype, void *out, savor_error *err)
{
    for (size_t c = 0; c < frame->n_columns; c++) {
        const sv_column *column = &frame->columns[c];
        char room[24];
        savor_status st = copy_column(column->dtype, column->data, frame->n_rows, dtype,
                                      (char *)out + c * sv_dtype_size(dtype), frame->n_columns, err);
        if (st) {
            sv_str name = sv_label_show(&column->name, room);
            return sv_error_at(err, st, "column \"%.*s\"", SV_FMT(name));
        }
    }
    return SAVOR_OK;
}

savor_status sv_sparse_to_dense(const sv_sparse *in, sv_arena *arena, sv_tensor *out, savor_error *err)
{
    double *values;
    savor_status st = sv_batch_alloc(arena, in->n_rows, in->n_columns, &values, err);
    if (st)
        return st;
    memset(values, 0, in->n_rows * in->n_columns * sizeof *values);
    for (size_t r = 0; r < in->n_rows; r++)
        for (size_t i = in->row_first[r]; i < in->row_first[r + 1]; i++)
            values[r * in->n_columns + in->columns[i]] += in->values[i];
    *out = sv_tensor_view(SAVOR_FLOAT64, in->n_rows, in->n_columns, values);
    out->n_dims = 2;
    out->shape[1] = in->n_columns;
    return SAVOR_OK;
}

savor_status sv_batch_to_floats(const sv_batch *in, savor_dtype dtype, sv_arena *arena, sv_tensor *out,
                                savor_error *err)
{
    size_t n_rows = sv_batch_rows(in), n_columns = sv_batch_columns(in), n, bytes = SIZE_MAX;
    sv_batch dense = {.kind = SV_BATCH_TENSOR}, from = *in; /* `out` may lie in `in` */
    in = &from;
    savor_status st = SAVOR_OK;
    if (in->kind == SV_BATCH_LIST)
        return sv_fail(err, SAVOR_MODEL, "Expected 2D array, got a list of arrays instead");
    if (in->kind == SV_BATCH_SPARSE) {
        if ((st = sv_sparse_to_dense(&in->sparse, arena, &dense.tensor, err)))
            return st;
        in = &dense;
    }
    if (in->kind == SV_BATCH_TENSOR && in->tensor.dtype == dtype) {
        *out = in->tensor;
        return SAVOR_OK;
    }
    if (in->kind == SV_BATCH_TENSOR)
        n = in->tensor.n_items;
    else if (!sv_mul(n_rows, n_columns, &n))
        return sv_fail(err, SAVOR_LIMIT, "%zu rows of %zu columns were too many", n_rows, n_columns);
    void *values = sv_mul(n, sv_dtype_size(dtype), &bytes) ? sv_arena_alloc(arena, bytes) : NULL;
    if (!values)
        return sv_arena_fail(arena, bytes, err);
    if (in->kind == SV_BATCH_FRAME) {
        st = frame_to_floats(&in->frame, dtype, values, err);
        *out = sv_tensor_view(dtype, n_rows, n_columns, values);
        out->n_dims = 2;
        out->shape[1] = n_columns;
    } else {
        *out = in->tensor;
        out->dtype = dtype;
        out->data = values;
        st = copy_column(in->tensor.dtype, in->tensor.data, n, dtype, values, 1, err);
    }
    return st;
}

savor_status sv_batch_of_payload(const sv_payload *in, sv_batch *out, savor_error *err)
{
    if (in->kind == SV_PAYLOAD_FRAME)
        *out = (sv_batch){.kind = SV_BATCH_FRAME, .frame = in->frame};
    else if (in->kind == SV_PAYLOAD_TENSOR)
        *out = (sv_batch){.kind = SV_BATCH_TENSOR, .tensor = in->tensor};
    else if (in->kind == SV_PAYLOAD_VALUE && in->value.kind == SV_VALUE_LIST && in->value.n == 0)
        *out =
            (sv_batch){.kind = SV_BATCH_TENSOR, .tensor = sv_tensor_view(SAVOR_FLOAT64, 0, 0, "")}; /* np.array([]) */
    else
        return sv_fail(err, SAVOR_MODEL, "Expected 2D array, got a %s instead",
                       in->kind == SV_PAYLOAD_NAMED ? "dict" : sv_value_type_name(&in->value));
    return SAVOR_OK;
}

/* One array as a list of lists. */
static savor_status tensor_to_value(const sv_tensor *t, sv_arena *arena, sv_value *out, savor_error *err)
{
    size_t n_rows = t->n_dims ? t->shape[0] : 0, width = t->n_dims > 1 ? t->shape[1] : 0;
    sv_value *rows = sv_arena_array(arena, n_rows, sizeof *rows);
    sv_value *cells = sv_arena_array(arena, t->n_items, sizeof *cells);
    if (!rows || !cells)
        return sv_arena_fail(arena, t->n_items * sizeof *cells, err);
    for (size_t i = 0; i < t->n_items; i++)
        cells[i] = sv_item_get(t->dtype, t->data, i);
    for (size_t r = 0; r < n_rows && t->n_dims > 1; r++)
        rows[r] = (sv_value){.kind = SV_VALUE_LIST, .n = width, .u.items = cells + r * width};
    *out = (sv_value){.kind = SV_VALUE_LIST, .n = n_rows, .u.items = t->n_dims > 1 ? rows : cells};
    return SAVOR_OK;
}

savor_status sv_batch_to_payload(const sv_batch *in, sv_arena *arena, sv_payload *out, savor_error *err)
{
    savor_status st = SAVOR_OK;
    if (in->kind == SV_BATCH_SPARSE)
        return sv_fail(err, SAVOR_UNSUPPORTED, "the model answers with a sparse matrix, which JSON does not hold");
    if (in->kind == SV_BATCH_FRAME)
        *out = (sv_payload){.kind = SV_PAYLOAD_FRAME, .frame = in->frame};
    if (in->kind == SV_BATCH_TENSOR)
        *out = (sv_payload){.kind = SV_PAYLOAD_TENSOR, .tensor = in->tensor};
    if (in->kind != SV_BATCH_LIST)
        return SAVOR_OK;
    sv_value *items = sv_arena_array(arena, in->list.n, sizeof *items);
    if (!items)
        return sv_arena_fail(arena, in->list.n * sizeof *items, err);
    for (size_t i = 0; !st && i < in->list.n; i++)
        st = tensor_to_value(&in->list.items[i], arena, &items[i], err);
    *out = (sv_payload){.kind = SV_PAYLOAD_VALUE};
    out->value = (sv_value){.kind = SV_VALUE_LIST, .n = in->list.n, .u.items = items};
    return st;
}
