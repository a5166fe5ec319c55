#include "request/cell_grid.h"

#include "data/infer.h"
#include "model/json_value.h"

static const sv_json *get_cell(const sv_grid_row *row, size_t c)
{
    if (c >= row->n)
        return NULL;
    return row->first ? row->first + c : row->cells[c];
}

static unsigned see_cell(const sv_json *v, const sv_grid *grid)
{
    static const unsigned SEEN[] = {
        [SV_JSON_NULL] = SV_SEEN_NULL,   [SV_JSON_FALSE] = SV_SEEN_BOOL,  [SV_JSON_TRUE] = SV_SEEN_BOOL,
        [SV_JSON_STRING] = SV_SEEN_TEXT, [SV_JSON_ARRAY] = SV_SEEN_OTHER, [SV_JSON_OBJECT] = SV_SEEN_OTHER,
    };
    if (!v)
        return grid->absent_is_nan ? SV_SEEN_NAN : SV_SEEN_NULL;
    if (v->kind == SV_JSON_INT)
        return v->u.i < 0 ? SV_SEEN_INT | SV_SEEN_NEGATIVE : SV_SEEN_INT;
    if (v->kind == SV_JSON_DOUBLE)
        return v->u.f == v->u.f ? SV_SEEN_FLOAT : grid->nan_is_null ? SV_SEEN_NULL : SV_SEEN_NAN;
    return v->kind == SV_JSON_BIGINT ? sv_see_big_integer(sv_json_text(v)) : SEEN[v->kind];
}

static double number_of(const sv_json *v)
{
    uint64_t value = 0;
    if (!v || v->kind == SV_JSON_NULL)
        return (double)__builtin_nanf("");
    if (v->kind == SV_JSON_BIGINT)
        return sv_str_to_uint64(sv_json_text(v), &value) ? (double)value : 0;
    return v->kind == SV_JSON_INT ? (double)v->u.i : v->u.f;
}

static savor_status fill_object(const sv_grid *grid, size_t c, sv_arena *arena, sv_value *data, savor_error *err)
{
    for (size_t r = 0; r < grid->n_rows; r++) {
        const sv_json *v = get_cell(&grid->rows[r], c);
        if (!v) {
            data[r] = grid->absent_is_nan ? (sv_value){.kind = SV_VALUE_FLOAT, .u.f = (double)__builtin_nanf("")}
                                          : (sv_value){.kind = SV_VALUE_NONE};
            continue;
        }
        savor_status st = sv_json_to_value(v, arena, &data[r], err);
        if (st)
            return st;
        if (grid->nan_is_null && sv_value_is_missing(&data[r]))
            data[r] = (sv_value){.kind = SV_VALUE_NONE};
    }
    return SAVOR_OK;
}

static void fill_text(const sv_grid *grid, size_t c, sv_str *data)
{
    for (size_t r = 0; r < grid->n_rows; r++) {
        const sv_json *v = get_cell(&grid->rows[r], c);
        data[r] = v && v->kind == SV_JSON_STRING ? (sv_str){v->n ? v->u.p : "", v->n} : (sv_str){NULL, 0};
    }
}

static void fill_plain(const sv_grid *grid, size_t c, savor_dtype dtype, void *data)
{
    for (size_t r = 0; r < grid->n_rows; r++) {
        const sv_json *v = get_cell(&grid->rows[r], c);
        uint64_t u = 0;
        switch (dtype) {
        case SAVOR_FLOAT64:
            ((double *)data)[r] = number_of(v);
            break;
        case SAVOR_INT64:
            ((int64_t *)data)[r] = v->u.i;
            break;
        case SAVOR_BOOL:
            ((uint8_t *)data)[r] = v->kind == SV_JSON_TRUE;
            break;
        default:
            if (v->kind == SV_JSON_INT)
                u = (uint64_t)v->u.i;
            else
                (void)sv_str_to_uint64(sv_json_text(v), &u);
            ((uint64_t *)data)[r] = u;
        }
    }
}

savor_status sv_grid_infer(const sv_grid *grid, int pandas_major, sv_arena *arena, sv_column *columns,
                           savor_error *err)
{
    unsigned *seen = sv_arena_array(arena, grid->n_columns, sizeof *seen);
    if (!seen)
        return sv_arena_fail(arena, grid->n_columns * sizeof *seen, err);
    for (size_t r = 0; r < grid->n_rows; r++) /* row by row: the nodes of a row lie together */
        for (size_t c = 0; c < grid->n_columns; c++)
            seen[c] |= see_cell(get_cell(&grid->rows[r], c), grid);
    for (size_t c = 0; c < grid->n_columns; c++) {
        savor_dtype dtype = sv_infer_dtype(seen[c], pandas_major);
        void *data = sv_column_alloc(arena, dtype, grid->n_rows);
        savor_status st = SAVOR_OK;
        if (!data)
            return sv_arena_fail(arena, grid->n_rows * sv_dtype_size(dtype), err);
        if (dtype == SAVOR_OBJECT)
            st = fill_object(grid, c, arena, data, err);
        else if (dtype == SAVOR_STRING)
            fill_text(grid, c, data);
        else
            fill_plain(grid, c, dtype, data);
        if (st)
            return st;
        columns[c].dtype = dtype;
        columns[c].data = data;
    }
    return SAVOR_OK;
}
