#include "base/alloc.h"
#include "data/convert.h"
#include "data/nested.h"
#include "model/enforce_priv.h"

/* A column of a frame as the array that a tensor spec declares. */

typedef struct shaper {
    const sv_column *column;
    size_t n_rows;
    const sv_type *type;
    const sv_enforce_rules *rules;
    sv_arena *arena;
    savor_error *err;
} shaper;

static savor_status fail_cells(const shaper *s, const char *what)
{
    char room[24];
    sv_str name = sv_label_show(&s->column->name, room);
    return sv_fail(s->err, SAVOR_SCHEMA, "The input pandas dataframe column '%.*s' %s", SV_FMT(name), what);
}

/* What a conversion refused, MLflow meets in enforcement. */
static savor_status cast_items(const shaper *s, savor_dtype from, const void *data, size_t n, const void **out)
{
    savor_status st = sv_items_cast(from, data, n, s->type->dtype, s->arena, out, s->err);
    return st == SAVOR_BAD_REQUEST ? fail_cells(s, "holds values that could not be converted") : st;
}

/* numpy.array(series, dtype), unlike astype, lets NaN and infinity through as the smallest integer. */
static savor_status cast_floats(const shaper *s, const void **out)
{
    double *finite = sv_column_alloc(s->arena, SAVOR_FLOAT64, s->n_rows);
    if (!finite)
        return sv_arena_fail(s->arena, s->n_rows * sizeof *finite, s->err);
    for (size_t r = 0; r < s->n_rows; r++) {
        (void)sv_column_to_double(s->column, r, &finite[r]);
        finite[r] = finite[r] - finite[r] != 0 ? -0x1p63 : finite[r];
    }
    return cast_items(s, SAVOR_FLOAT64, finite, s->n_rows, out);
}

static savor_status cast_texts(const shaper *s, const void **out)
{
    const void *objects;
    savor_status st =
        sv_items_cast(SAVOR_STRING, s->column->data, s->n_rows, SAVOR_OBJECT, s->arena, &objects, s->err);
    return st ? st : cast_items(s, SAVOR_OBJECT, objects, s->n_rows, out);
}

/* (-1,) or (-1, 1) */
static savor_status from_scalars(const shaper *s, sv_tensor *out)
{
    const sv_type *type = s->type;
    bool is_flat = type->n_dims == 1, is_column = type->n_dims == 2 && type->shape[1] == 1;
    if (!is_flat && !is_column)
        return fail_cells(s, "contains scalar values, which requires the shape to be (-1,) or (-1, 1)");
    *out = sv_tensor_view(type->dtype, s->n_rows, is_column, NULL);
    char kind = sv_dtype_kind(type->dtype);
    if (sv_dtype_kind(s->column->dtype) == 'f' && (kind == 'i' || kind == 'u'))
        return cast_floats(s, &out->data);
    if (s->column->dtype == SAVOR_STRING && type->dtype == SAVOR_STRING) /* by way of objects: NULs at the end go */
        return cast_texts(s, &out->data);
    return cast_items(s, s->column->dtype, s->column->data, s->n_rows, &out->data);
}

static bool is_scalar(const sv_value *v)
{
    return v->kind == SV_VALUE_BOOL || v->kind == SV_VALUE_INT || v->kind == SV_VALUE_BIGINT ||
           v->kind == SV_VALUE_FLOAT || v->kind == SV_VALUE_STRING || v->kind == SV_VALUE_BYTES;
}

/* The lists of all rows, one behind the other; all of the length that the shape asks for. A value that is no list is
 * one of one value. */
static savor_status join_lists(const shaper *s, size_t width, sv_value *joined)
{
    const sv_value *cells = s->column->data;
    for (size_t r = 0; r < s->n_rows; r++) {
        bool is_list = cells[r].kind == SV_VALUE_LIST;
        const sv_value *items = is_list ? cells[r].u.items : &cells[r];
        if ((is_list ? cells[r].n : 1) != width)
            return fail_cells(s, "could not be converted to the expected shape: its lists differ in length from it");
        for (size_t i = 0; i < width; i++) {
            if (!is_scalar(&items[i]) && items[i].kind != SV_VALUE_NONE)
                return fail_cells(s, "holds lists inside lists, expected flat ones");
            joined[r * width + i] = items[i];
        }
    }
    return SAVOR_OK;
}

static savor_status from_lists(const shaper *s, sv_tensor *out)
{
    size_t width = 1, n_items, bytes;
    *out = (sv_tensor){.dtype = s->type->dtype, .n_dims = (uint32_t)s->type->n_dims};
    out->shape[0] = s->n_rows;
    for (size_t i = 1; i < s->type->n_dims; i++) {
        out->shape[i] = (size_t)s->type->shape[i];
        if (s->type->shape[i] < 0 || !sv_mul(width, out->shape[i], &width))
            return fail_cells(s, "does not fit the declared shape");
    }
    const sv_value *cells = s->column->data;
    if (cells[0].n != width || !sv_mul(width, s->n_rows, &n_items) || !sv_mul(n_items, sizeof(sv_value), &bytes))
        return fail_cells(s, "could not be converted to the expected shape: its lists differ in length from it");
    sv_value *joined = sv_arena_alloc(s->arena, bytes);
    if (!joined)
        return sv_arena_fail(s->arena, bytes, s->err);
    const sv_value whole = {.kind = SV_VALUE_LIST, .n = n_items, .u.items = joined};
    sv_tensor found; /* of the dtype that all items have in common, before the declared one */
    savor_status st = join_lists(s, width, joined);
    if (st || (st = sv_value_to_tensor(&whole, s->arena, &found, s->err)))
        return st;
    out->n_items = n_items;
    return cast_items(s, found.dtype, found.data, n_items, &out->data);
}

/* numpy.vstack of the cells in the declared shape; an array has its dtype, which is not cast. */
static savor_status from_arrays(const shaper *s, sv_tensor *out)
{
    const sv_value cells = {.kind = SV_VALUE_LIST, .n = s->n_rows, .u.items = s->column->data};
    size_t n_items = s->n_rows;
    savor_status st = sv_value_to_tensor(&cells, s->arena, out, s->err);
    if (st == SAVOR_BAD_REQUEST)
        return fail_cells(s, "could not be converted to the expected shape: its arrays differ in shape");
    if (st)
        return st;
    out->n_dims = (uint32_t)s->type->n_dims;
    out->shape[0] = s->n_rows;
    for (size_t i = 1; i < s->type->n_dims; i++) {
        out->shape[i] = (size_t)s->type->shape[i];
        if (s->type->shape[i] < 0 || !sv_mul(n_items, out->shape[i], &n_items))
            return fail_cells(s, "does not fit the declared shape");
    }
    return n_items == out->n_items ? SAVOR_OK : fail_cells(s, "could not be converted to the expected shape");
}

static bool is_shape_usable(const sv_type *type)
{
    bool usable = type->has_dtype && type->n_dims && type->n_dims <= SV_TENSOR_DIMS_MAX && type->shape[0] == -1;
    for (size_t i = 1; usable && i < type->n_dims; i++)
        usable = type->shape[i] != -1;
    return usable;
}

/* Era 1 casts a column and looks at its shape as it is. */
static savor_status from_column_1(const shaper *s, sv_tensor *out)
{
    if (!s->type->has_dtype)
        return fail_cells(s, "is declared with a dtype that is not supported");
    *out = sv_tensor_view(s->type->dtype, s->n_rows, 0, NULL);
    savor_status st = cast_items(s, s->column->dtype, s->column->data, s->n_rows, &out->data);
    return st ? st : sv_tensor_check(out, s->type, s->rules, s->err);
}

savor_status sv_column_to_tensor(const sv_column *column, size_t n_rows, const sv_type *type,
                                 const sv_enforce_rules *rules, sv_arena *arena, sv_tensor *out, savor_error *err)
{
    shaper s = {column, n_rows, type, rules, arena, err};
    savor_status st;
    if (rules->era == SV_ERA_1)
        return from_column_1(&s, out);
    if (!is_shape_usable(type))
        return fail_cells(&s,
                          "needs a shape whose first dimension alone is variable, with a dtype that is supported");
    if (n_rows == 0)
        return fail_cells(&s, "is empty");
    sv_value first = sv_item_get(column->dtype, column->data, 0);
    if (is_scalar(&first))
        st = from_scalars(&s, out);
    else if (first.kind == SV_VALUE_LIST && first.n && is_scalar(&first.u.items[0]))
        st = from_lists(&s, out);
    else if (first.kind == SV_VALUE_ARRAY)
        return from_arrays(&s, out); /* whatever dtype its arrays have */
    else
        st = fail_cells(&s, "holds values that are neither scalars nor lists of scalars");
    return st ? st : sv_tensor_check(out, type, rules, err);
}
