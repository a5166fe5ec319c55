#include "base/alloc.h"
#include "data/convert.h"
#include "data/nested.h"
#include "model/enforce_priv.h"

/* Text of an array becomes an object column before pandas 3; bytes always do. */
static savor_status frame_column(savor_dtype dtype, const void *data, size_t n_rows, int pandas_major,
                                 sv_arena *arena, sv_column *out, savor_error *err)
{
    out->dtype = dtype == SAVOR_BYTES || (dtype == SAVOR_STRING && pandas_major < 3) ? SAVOR_OBJECT : dtype;
    return sv_items_cast(dtype, data, n_rows, out->dtype, arena, &out->data, err);
}

static savor_status new_columns(sv_arena *arena, size_t n, sv_column **out, savor_error *err)
{
    *out = sv_arena_array(arena, n, sizeof **out);
    return *out ? SAVOR_OK : sv_arena_fail(arena, n * sizeof **out, err);
}

static savor_status from_tensor(const sv_tensor *t, const sv_enforce_rules *rules, sv_arena *arena, sv_frame *out,
                                savor_error *err)
{
    if (t->n_dims > 2)
        return sv_fail(err, SAVOR_SCHEMA,
                       "This model contains a column-based signature, which suggests a DataFrame input. There was an "
                       "error casting the input data to a DataFrame: Must pass 2-d input, got %u dimensions",
                       t->n_dims);
    size_t n_rows = t->n_dims ? t->shape[0] : 1, n_columns = t->n_dims == 2 ? t->shape[1] : 1;
    size_t size = sv_dtype_size(t->dtype);
    sv_column *columns;
    savor_status st = new_columns(arena, n_columns, &columns, err);
    for (size_t c = 0; !st && c < n_columns; c++) {
        const char *from = t->data;
        char *data = sv_column_alloc(arena, t->dtype, n_rows);
        if (!data)
            return sv_arena_fail(arena, n_rows * size, err);
        for (size_t r = 0; r < n_rows; r++)
            memcpy(data + r * size, from + (r * n_columns + c) * size, size);
        columns[c].name = sv_label_number((int64_t)c);
        columns[c].dtype = SAVOR_BYTES;
        columns[c].data = data;
        if (t->dtype != SAVOR_BYTES || rules->era != SV_ERA_1) /* 1.x keeps the array's fixed width */
            st = frame_column(t->dtype, data, n_rows, rules->pandas_major, arena, &columns[c], err);
    }
    *out = (sv_frame){.n_rows = n_rows, .n_columns = n_columns, .columns = columns};
    return st;
}

/* Only what is declared was made a scalar; the rest are arrays of 0 dimensions, of which pandas makes no row. */
static bool has_bare_array(const sv_payload *in, const sv_schema *schema)
{
    for (size_t i = 0; i < in->named.n; i++) {
        sv_label name = sv_label_text(in->named.items[i].name);
        size_t k = 0;
        while (k < schema->n_specs && !sv_label_equal(&schema->specs[k].name, &name))
            k++;
        if (k == schema->n_specs)
            return true;
    }
    return false;
}

/* How many rows named arrays make: one for scalars alone, else the length that all arrays share. */
static savor_status count_rows(const sv_payload *in, const sv_schema *schema, const sv_enforce_rules *rules,
                               size_t *n_rows, savor_error *err)
{
    bool seen_array = false;
    *n_rows = 1;
    for (size_t i = 0; i < in->named.n; i++) {
        const sv_named_tensor *item = &in->named.items[i];
        if (item->tensor.n_dims == 0)
            continue;
        if (item->tensor.n_dims > 1 && rules->era == SV_ERA_1)
            return sv_fail(err, SAVOR_SCHEMA, "column \"%.*s\": per-column arrays must each be 1-dimensional",
                           SV_FMT(item->name));
        if (seen_array && item->tensor.shape[0] != *n_rows)
            return sv_fail(err, SAVOR_SCHEMA,
                           "column \"%.*s\" has %zu values, expected %zu: all arrays must be of the same length",
                           SV_FMT(item->name), item->tensor.shape[0], *n_rows);
        seen_array = true;
        *n_rows = item->tensor.shape[0];
    }
    if (!seen_array && (rules->era == SV_ERA_1 || has_bare_array(in, schema)))
        return sv_fail(err, SAVOR_SCHEMA, "all values are scalars, expected arrays");
    return SAVOR_OK;
}

/* t[row].tolist() */
static savor_status cell_list(const sv_tensor *t, size_t row, sv_arena *arena, sv_value *out, savor_error *err)
{
    sv_value inner;
    savor_status st = sv_tensor_index(t, row, arena, &inner, err);
    return st ? st : sv_tensor_to_value(inner.u.tensor, arena, out, err);
}

/* An array of more than one dimension: each cell is a list. */
static savor_status fill_lists(const sv_tensor *t, size_t n_rows, sv_column *column, sv_arena *arena,
                               savor_error *err)
{
    savor_status st = SAVOR_OK;
    sv_value *cells = sv_column_alloc(arena, SAVOR_OBJECT, n_rows);
    if (!cells)
        return sv_arena_fail(arena, n_rows * sizeof *cells, err);
    for (size_t r = 0; !st && r < n_rows; r++)
        st = cell_list(t, r, arena, &cells[r], err);
    column->dtype = SAVOR_OBJECT;
    column->data = cells;
    return st;
}

static savor_status fill_named(const sv_tensor *t, size_t n_rows, const sv_enforce_rules *rules, sv_arena *arena,
                               sv_column *column, savor_error *err)
{
    if (t->n_dims > 1)
        return fill_lists(t, n_rows, column, arena, err);
    const char *data = t->data;
    size_t size = sv_dtype_size(t->dtype);
    if (t->n_dims == 0 && n_rows != 1) { /* a scalar fills the column */
        char *copy = sv_column_alloc(arena, t->dtype, n_rows);
        if (!copy)
            return sv_arena_fail(arena, n_rows * size, err);
        for (size_t r = 0; r < n_rows; r++)
            memcpy(copy + r * size, data, size);
        data = copy;
    }
    bool is_scalar = t->n_dims == 0 && rules->era != SV_ERA_1;
    if (is_scalar && (t->dtype == SAVOR_BYTES || (t->dtype == SAVOR_STRING && rules->pandas_major < 3))) {
        column->dtype = SAVOR_OBJECT; /* numpy's own text */
        return sv_items_to_scalars(t->dtype, data, n_rows, arena, &column->data, err);
    }
    return frame_column(t->dtype, data, n_rows, rules->pandas_major, arena, column, err);
}

static savor_status from_named(const sv_payload *in, const sv_schema *schema, const sv_enforce_rules *rules,
                               sv_arena *arena, sv_frame *out, savor_error *err)
{
    size_t n_rows;
    sv_column *columns;
    savor_status st;
    if ((st = count_rows(in, schema, rules, &n_rows, err)) || (st = new_columns(arena, in->named.n, &columns, err)))
        return st;
    for (size_t c = 0; !st && c < in->named.n; c++) {
        columns[c].name = sv_label_text(in->named.items[c].name);
        st = fill_named(&in->named.items[c].tensor, n_rows, rules, arena, &columns[c], err);
    }
    *out = (sv_frame){.n_rows = n_rows, .n_columns = in->named.n, .columns = columns};
    return st;
}

/* Named arrays as a dict; 0 dimensions are numpy scalars. */
static savor_status value_of_named(const sv_payload *in, sv_arena *arena, sv_value *out, savor_error *err)
{
    savor_status st = SAVOR_OK;
    sv_value *items = sv_arena_array(arena, 2 * in->named.n, sizeof *items);
    if (!items)
        return sv_arena_fail(arena, 2 * in->named.n * sizeof *items, err);
    for (size_t i = 0; !st && i < in->named.n; i++) {
        const sv_named_tensor *item = &in->named.items[i];
        items[2 * i] = (sv_value){.kind = SV_VALUE_STRING, .n = item->name.n, .u.p = item->name.p};
        if (item->tensor.n_dims)
            st = sv_value_of_tensor(&item->tensor, arena, &items[2 * i + 1], err);
        else
            items[2 * i + 1] = sv_item_get_numpy(item->tensor.dtype, item->tensor.data, 0);
    }
    *out = (sv_value){.kind = SV_VALUE_DICT, .n = in->named.n, .u.items = items};
    return st;
}

savor_status sv_payload_to_frame(const sv_payload *in, const sv_schema *schema, const sv_enforce_rules *rules,
                                 sv_arena *arena, sv_frame *out, savor_error *err)
{
    sv_value named;
    savor_status st;
    switch (in->kind) {
    case SV_PAYLOAD_FRAME:
        *out = in->frame;
        return SAVOR_OK;
    case SV_PAYLOAD_TENSOR:
        return from_tensor(&in->tensor, rules, arena, out, err);
    case SV_PAYLOAD_NAMED:
        if (!sv_schema_is_nested(schema))
            return from_named(in, schema, rules, arena, out, err);
        st = value_of_named(in, arena, &named, err);
        return st ? st : sv_value_to_frame(&named, schema, rules, arena, out, err);
    default:
        break;
    }
    return sv_value_to_frame(&in->value, schema, rules, arena, out, err);
}
