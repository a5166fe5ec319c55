#include "request/json_frame.h"

#include "base/alloc.h"
#include "base/index.h"
#include "data/convert.h"
#include "model/json_value.h"
#include "request/cell_grid.h"
#include "request/read_json.h"
#include "request/row_labels.h"

/* A frame under construction. */
typedef struct builder {
    const sv_json_frame_rules *rules;
    sv_arena *arena;
    savor_error *err;
    sv_grid grid;
    sv_column *columns;
    const sv_row_labels *labels;
    sv_naming naming;
    bool is_hollow; /* rows that only their labels make: of no type */
} builder;

static savor_status new_rows(builder *b, size_t n_rows)
{
    b->grid.n_rows = n_rows;
    b->grid.rows = sv_arena_array(b->arena, n_rows, sizeof *b->grid.rows);
    return b->grid.rows ? SAVOR_OK : sv_arena_fail(b->arena, n_rows * sizeof *b->grid.rows, b->err);
}

static savor_status new_columns(builder *b, size_t n_columns)
{
    b->grid.n_columns = n_columns;
    b->columns = sv_arena_array(b->arena, n_columns, sizeof *b->columns);
    return b->columns ? SAVOR_OK : sv_arena_fail(b->arena, n_columns * sizeof *b->columns, b->err);
}

static savor_status new_cells(builder *b, size_t n, const sv_json ***out)
{
    *out = sv_arena_array(b->arena, n, sizeof **out);
    return *out ? SAVOR_OK : sv_arena_fail(b->arena, n * sizeof **out, b->err);
}

static savor_status finish(builder *b, sv_frame *out)
{
    b->grid.nan_is_null = b->rules->is_read_json;
    savor_status st = sv_grid_infer(&b->grid, b->rules->pandas_major, b->arena, b->columns, b->err);
    for (size_t c = 0; !st && b->is_hollow && c < b->grid.n_columns; c++) {
        st = sv_items_cast(b->columns[c].dtype, b->columns[c].data, b->grid.n_rows, SAVOR_OBJECT, b->arena,
                           &b->columns[c].data, b->err);
        b->columns[c].dtype = SAVOR_OBJECT;
    }
    if (st)
        return st;
    *out = (sv_frame){b->grid.n_rows, b->grid.n_columns, b->columns, b->labels, b->naming, b->rules->is_read_json};
    return b->rules->is_read_json ? sv_read_json_convert(b->columns, out, b->rules->has_schema, b->arena, b->err)
                                  : SAVOR_OK;
}

/* A list of lists is a MultiIndex: each list is one level of all labels. */
static size_t count_labels(const sv_json *labels)
{
    const sv_json *item = labels + 1;
    for (uint32_t i = 0; i < labels->n; i++, item = sv_json_next(item))
        if (item->kind != SV_JSON_ARRAY)
            return labels->n;
    return labels->n ? labels[1].n : 0;
}

/* Labels from the `columns` member, or 0, 1, 2 ... without one; `width` is what the data have. */
static savor_status label_columns(builder *b, const sv_json *names, size_t width)
{
    savor_status st = SAVOR_OK;
    if (names && count_labels(names) != width)
        return sv_fail(b->err, SAVOR_BAD_REQUEST, "%zu columns passed, passed data had %zu columns",
                       count_labels(names), width);
    if (names && names->n != width)
        return sv_fail(b->err, SAVOR_BAD_REQUEST, "columns of several levels are not supported");
    if ((st = new_columns(b, width)))
        return st;
    b->naming = names ? SV_NAMING_LIST : SV_NAMING_COUNT;
    const sv_json *name = names ? names + 1 : NULL;
    for (size_t c = 0; !st && c < width; c++) {
        if (!name) {
            b->columns[c].name = sv_label_number((int64_t)c);
            continue;
        }
        st = sv_json_to_label(name, b->arena, &b->columns[c].name, b->err);
        name = sv_json_next(name);
    }
    return st;
}

/* ---- rows that are lists ---- */

static savor_status read_list_row(builder *b, const sv_json *row, size_t r)
{
    sv_grid_row *out = &b->grid.rows[r];
    if (row->kind < SV_JSON_ARRAY)
        return sv_fail(b->err, SAVOR_BAD_REQUEST, "row %zu is of type %s, expected a list like the rows before it", r,
                       sv_json_type_name(row));
    out->n = row->n;
    if (row->kind == SV_JSON_ARRAY && row->u.size == (size_t)row->n + 1) {
        out->first = row + 1;
        return SAVOR_OK;
    }
    const sv_json **cells;
    savor_status st = new_cells(b, row->n, &cells);
    const sv_json *cell = row + 1;
    for (size_t c = 0; !st && c < row->n; c++) { /* of an object the keys, as iterating over a dict gives them */
        cells[c] = cell;
        cell = sv_json_next(row->kind == SV_JSON_OBJECT ? cell + 1 : cell);
    }
    out->cells = cells;
    return st;
}

static savor_status from_lists(builder *b, const sv_json *data, const sv_json *names)
{
    size_t width = 0;
    savor_status st = new_rows(b, data->n);
    const sv_json *row = data + 1;
    for (size_t r = 0; !st && r < data->n; r++, row = sv_json_next(row)) {
        st = read_list_row(b, row, r);
        if (b->grid.rows[r].n > width)
            width = b->grid.rows[r].n;
    }
    return st ? st : label_columns(b, names, width);
}

/* ---- one column of scalars ---- */

static savor_status from_scalars(builder *b, const sv_json *data, const sv_json *names)
{
    savor_status st = new_rows(b, data->n);
    const sv_json **cells = NULL;
    if (!st)
        st = new_cells(b, data->n, &cells);
    const sv_json *cell = data + 1;
    for (size_t r = 0; !st && r < data->n; r++, cell = sv_json_next(cell)) {
        cells[r] = cell;
        b->grid.rows[r] = (sv_grid_row){.cells = &cells[r], .n = 1};
    }
    return st ? st : label_columns(b, names, 1);
}

/* ---- rows that are objects ---- */

/* The keys of all records in the order of first appearance, or the names that select and order them. */
static savor_status collect_keys(builder *b, const sv_json *records, const sv_json *names, sv_index *keys)
{
    savor_status st = SAVOR_OK;
    size_t at;
    if (names) {
        const sv_json *name = names + 1;
        for (size_t c = 0; !st && c < names->n; c++, name = sv_json_next(name))
            if (name->kind == SV_JSON_STRING)
                st = sv_index_add(keys, sv_json_text(name), &at, b->err);
        return st;
    }
    const sv_json *record = records + 1;
    for (size_t r = 0; !st && r < records->n; r++, record = sv_json_next(record)) {
        const sv_json *key = record + 1;
        if (record->kind != SV_JSON_OBJECT)
            return sv_fail(b->err, SAVOR_BAD_REQUEST,
                           "row %zu is of type %s, expected an object like the rows before it", r,
                           sv_json_type_name(record));
        for (size_t i = 0; !st && i < record->n; i++, key = sv_json_next(key + 1))
            st = sv_index_add(keys, sv_json_text(key), &at, b->err);
    }
    return st;
}

static savor_status name_record_columns(builder *b, const sv_json *records, const sv_json *names,
                                        const sv_index *keys)
{
    savor_status st = names ? label_columns(b, names, names->n) : new_columns(b, keys->n);
    const sv_json *record = records + 1;
    for (size_t r = 0; !st && !names && r < records->n; r++, record = sv_json_next(record)) {
        const sv_json *key = record + 1;
        for (size_t i = 0; i < record->n; i++, key = sv_json_next(key + 1)) {
            size_t c = sv_index_find(keys, sv_json_text(key));
            sv_label *label = &b->columns[c].name;
            if (!label->text.p)
                *label = sv_label_text(key->n ? sv_json_text(key) : SV_STR(""));
        }
    }
    return st;
}

/* Keys mostly come in column order: try the next column before looking the key up. */
static size_t find_column(const builder *b, const sv_index *keys, sv_str key, size_t next)
{
    if (next < b->grid.n_columns && sv_label_is_text(&b->columns[next].name) &&
        sv_str_equal(b->columns[next].name.text, key))
        return next;
    return sv_index_find(keys, key);
}

static savor_status fill_records(builder *b, const sv_json *records, const sv_index *keys)
{
    savor_status st = SAVOR_OK;
    const sv_json *record = records + 1;
    for (size_t r = 0; !st && r < records->n; r++, record = sv_json_next(record)) {
        const sv_json **cells, *key = record + 1;
        if (record->kind != SV_JSON_OBJECT)
            return sv_fail(b->err, SAVOR_BAD_REQUEST,
                           "row %zu is of type %s, expected an object like the rows before it", r,
                           sv_json_type_name(record));
        if ((st = new_cells(b, b->grid.n_columns, &cells)))
            break;
        for (size_t i = 0, next = 0; i < record->n; i++, key = sv_json_next(key + 1)) {
            size_t c = find_column(b, keys, sv_json_text(key), next);
            if (c != SV_INDEX_NONE)
                cells[c] = key + 1;
            next = c == SV_INDEX_NONE ? next : c + 1;
        }
        b->grid.rows[r] = (sv_grid_row){.cells = cells, .n = b->grid.n_columns};
    }
    return st;
}

/* With duplicate or non-text names the index positions are not the columns; such names select nothing but themselves.
 */
static savor_status from_records(builder *b, const sv_json *records, const sv_json *names)
{
    sv_index keys;
    savor_status st;
    sv_index_init(&keys, b->arena);
    b->grid.absent_is_nan = true;
    if ((st = new_rows(b, records->n)) || (st = collect_keys(b, records, names, &keys)))
        return st;
    if (names && keys.n != names->n)
        return sv_fail(b->err, SAVOR_BAD_REQUEST, "columns of a list of objects must be different texts");
    if ((st = name_record_columns(b, records, names, &keys)))
        return st;
    return fill_records(b, records, &keys);
}

/* ---- columns ---- */

static savor_status count_rows(builder *b, const sv_json *columns, size_t *n_rows)
{
    bool seen_list = false;
    const sv_json *key = columns + 1;
    *n_rows = 0;
    for (size_t c = 0; c < columns->n; c++, key = sv_json_next(key + 1)) {
        const sv_json *value = key + 1;
        if (value->kind == SV_JSON_OBJECT)
            return sv_fail(b->err, SAVOR_BAD_REQUEST, "column \"%.*s\" is an object, expected a list",
                           SV_FMT(sv_json_text(key)));
        if (value->kind != SV_JSON_ARRAY)
            continue;
        if (seen_list && value->n != *n_rows)
            return sv_fail(b->err, SAVOR_BAD_REQUEST,
                           "column \"%.*s\" has %u values, expected %zu like the columns before it",
                           SV_FMT(sv_json_text(key)), value->n, *n_rows);
        seen_list = true;
        *n_rows = value->n;
    }
    if (!seen_list && columns->n)
        return sv_fail(b->err, SAVOR_BAD_REQUEST, "all columns are scalars, expected at least one list");
    return SAVOR_OK;
}

static savor_status fill_column(builder *b, const sv_json *value, size_t c, const sv_json **cells)
{
    const sv_json *cell = value->kind == SV_JSON_ARRAY ? value + 1 : value;
    for (size_t r = 0; r < b->grid.n_rows; r++) {
        cells[r * b->grid.n_columns + c] = cell; /* a scalar fills the column */
        cell = value->kind == SV_JSON_ARRAY ? sv_json_next(cell) : cell;
    }
    return SAVOR_OK;
}

static savor_status from_columns(builder *b, const sv_json *columns)
{
    size_t n_rows, n_cells, at;
    const sv_json **cells, *key = columns + 1;
    sv_index keys;
    savor_status st;
    sv_index_init(&keys, b->arena);
    for (size_t c = 0; c < columns->n; c++, key = sv_json_next(key + 1))
        if ((st = sv_index_add(&keys, sv_json_text(key), &at, b->err)))
            return st;
    if ((st = count_rows(b, columns, &n_rows)) || (st = new_rows(b, n_rows)) || (st = new_columns(b, keys.n)))
        return st;
    if (!sv_mul(n_rows, keys.n, &n_cells))
        return sv_fail_nomem(b->err, SIZE_MAX);
    if ((st = new_cells(b, n_cells, &cells)))
        return st;
    key = columns + 1;
    for (size_t c = 0; !st && c < columns->n; c++, key = sv_json_next(key + 1)) {
        at = sv_index_find(&keys, sv_json_text(key));
        b->columns[at].name = sv_label_text(key->n ? sv_json_text(key) : SV_STR(""));
        st = fill_column(b, key + 1, at, cells);
    }
    for (size_t r = 0; r < n_rows; r++)
        b->grid.rows[r] = (sv_grid_row){.cells = cells + r * keys.n, .n = keys.n};
    return st;
}

/* ---- the forms ---- */

static savor_status from_list(builder *b, const sv_json *data, const sv_json *names)
{
    if (data->n == 0)
        return label_columns(b, names, names ? names->n : 0);
    if (data[1].kind == SV_JSON_ARRAY)
        return from_lists(b, data, names);
    if (data[1].kind == SV_JSON_OBJECT)
        return from_records(b, data, names);
    return from_scalars(b, data, names);
}

static savor_status check_list_member(const sv_json **member, const char *name, savor_error *err)
{
    if (*member && (*member)->kind == SV_JSON_NULL)
        *member = NULL;
    if (*member && (*member)->kind != SV_JSON_ARRAY)
        return sv_fail(err, SAVOR_BAD_REQUEST, "\"%s\" is of type %s, expected a list", name,
                       sv_json_type_name(*member));
    return SAVOR_OK;
}

/*
 * As many labels as rows; one row, unless it is a bare scalar, is repeated for each label, and no rows at all become
 * missing ones.
 */
static savor_status apply_index(builder *b, const sv_json *index, bool repeats)
{
    size_t n_rows = b->grid.n_rows, n_labels;
    savor_status st = sv_row_labels_count(index, &n_labels, b->err);
    if (!st && b->rules->keeps_labels)
        st = sv_row_labels_read(index, b->rules->is_read_json, b->arena, &b->labels, b->err);
    if (st || n_labels == n_rows)
        return st;
    if (n_rows > 1 || (n_rows == 1 && !repeats))
        return sv_fail(b->err, SAVOR_BAD_REQUEST, "\"index\" has %zu labels, expected %zu, one for each row",
                       n_labels, n_rows);
    sv_grid_row first = n_rows ? b->grid.rows[0] : (sv_grid_row){.n = 0};
    st = new_rows(b, n_labels);
    for (size_t r = 0; !st && r < n_labels; r++)
        b->grid.rows[r] = first;
    b->is_hollow = n_rows == 0;
    b->grid.absent_is_nan = b->grid.absent_is_nan || b->is_hollow;
    return st;
}

savor_status sv_frame_from_split(const sv_json *split, const sv_json_frame_rules *rules, sv_arena *arena,
                                 sv_frame *out, savor_error *err)
{
    builder b = {.rules = rules, .arena = arena, .err = err};
    const sv_json *data = sv_json_find(split, "data"), *names = sv_json_find(split, "columns"),
                  *index = sv_json_find(split, "index");
    savor_status st;
    if ((st = check_list_member(&names, "columns", err)) || (st = check_list_member(&index, "index", err)))
        return st;
    if (!data && rules->is_read_json && !index) /* DataFrame(**{}) */
        return (st = label_columns(&b, names, names ? names->n : 0)) ? st : finish(&b, out);
    if (!data || data->kind < SV_JSON_ARRAY)
        return sv_fail(err, SAVOR_BAD_REQUEST, "\"data\" is %s, expected a list of rows",
                       data ? sv_json_type_name(data) : "absent");
    st = data->kind == SV_JSON_OBJECT ? from_columns(&b, data) : from_list(&b, data, names);
    if (st)
        return st;
    bool repeats = data->kind == SV_JSON_OBJECT || (data->n && data[1].kind >= SV_JSON_ARRAY);
    if (index && (st = apply_index(&b, index, repeats)))
        return st;
    return finish(&b, out);
}

savor_status sv_frame_from_records(const sv_json *records, const sv_json_frame_rules *rules, sv_arena *arena,
                                   sv_frame *out, savor_error *err)
{
    builder b = {.rules = rules, .arena = arena, .err = err};
    savor_status st = from_list(&b, records, NULL);
    return st ? st : finish(&b, out);
}
