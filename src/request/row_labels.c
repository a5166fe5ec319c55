#include "request/row_labels.h"

#include "model/json_value.h"

static bool has_levels(const sv_json *labels)
{
    const sv_json *item = labels + 1;
    for (uint32_t i = 0; i < labels->n; i++, item = sv_json_next(item))
        if (item->kind != SV_JSON_ARRAY)
            return false;
    return labels->n > 0;
}

savor_status sv_row_labels_count(const sv_json *labels, size_t *n, savor_error *err)
{
    *n = labels->n;
    if (!has_levels(labels))
        return SAVOR_OK;
    *n = labels[1].n;
    const sv_json *level = labels + 1;
    for (uint32_t i = 0; i < labels->n; i++, level = sv_json_next(level))
        if (level->n != *n)
            return sv_fail(err, SAVOR_BAD_REQUEST, "level %u of \"index\" has %u labels, expected %zu like the first",
                           i, level->n, *n);
    return SAVOR_OK;
}

/* Labels of one plain kind go without a tag for each. */
static savor_dtype dtype_of(const sv_json *labels)
{
    static const savor_dtype DTYPES[] = {
        [SV_JSON_INT] = SAVOR_INT64, [SV_JSON_DOUBLE] = SAVOR_FLOAT64, [SV_JSON_STRING] = SAVOR_STRING};
    unsigned kind = labels->n ? labels[1].kind : SV_JSON_NULL;
    const sv_json *item = labels + 1;
    if (kind != SV_JSON_INT && kind != SV_JSON_DOUBLE && kind != SV_JSON_STRING)
        return SAVOR_OBJECT;
    for (uint32_t i = 0; i < labels->n; i++, item = sv_json_next(item))
        if (item->kind != kind)
            return SAVOR_OBJECT;
    return DTYPES[kind];
}

static savor_status read_level(const sv_json *labels, sv_arena *arena, sv_column *out, savor_error *err)
{
    savor_status st = SAVOR_OK;
    savor_dtype dtype = dtype_of(labels);
    void *data = sv_column_alloc(arena, dtype, labels->n);
    if (!data)
        return sv_arena_fail(arena, labels->n * sv_dtype_size(dtype), err);
    const sv_json *item = labels + 1;
    for (uint32_t i = 0; !st && i < labels->n; i++, item = sv_json_next(item)) {
        if (dtype == SAVOR_INT64)
            ((int64_t *)data)[i] = item->u.i;
        else if (dtype == SAVOR_FLOAT64)
            ((double *)data)[i] = item->u.f;
        else if (dtype == SAVOR_STRING)
            ((sv_str *)data)[i] = item->n ? sv_json_text(item) : SV_STR("");
        else
            st = sv_json_to_value(item, arena, &((sv_value *)data)[i], err);
    }
    *out = (sv_column){.dtype = dtype, .data = data};
    return st;
}

savor_status sv_row_labels_read(const sv_json *labels, bool is_read_json, sv_arena *arena, const sv_row_labels **out,
                                savor_error *err)
{
    bool is_multi = has_levels(labels);
    size_t n_levels = is_multi ? labels->n : 1;
    savor_status st = SAVOR_OK;
    sv_column *levels = sv_arena_array(arena, n_levels, sizeof *levels);
    sv_row_labels *made = sv_arena_alloc(arena, sizeof *made);
    *out = NULL;
    if (!levels || !made)
        return sv_arena_fail(arena, n_levels * sizeof *levels, err);
    const sv_json *level = is_multi ? labels + 1 : labels;
    for (size_t i = 0; !st && i < n_levels; i++, level = sv_json_next(level))
        st = read_level(level, arena, &levels[i], err);
    *made = (sv_row_labels){is_multi       ? SV_ROWS_LEVELS
                            : is_read_json ? SV_ROWS_READ_JSON
                                           : SV_ROWS_LIST,
                            n_levels, levels};
    *out = st ? NULL : made;
    return st;
}

savor_status sv_row_labels_of_columns(const sv_column *levels, size_t n_levels, sv_arena *arena,
                                      const sv_row_labels **out, savor_error *err)
{
    sv_row_labels *made = sv_arena_alloc(arena, sizeof *made);
    *out = made;
    if (!made)
        return sv_arena_fail(arena, sizeof *made, err);
    *made = (sv_row_labels){SV_ROWS_COLUMNS, n_levels, levels};
    return SAVOR_OK;
}
