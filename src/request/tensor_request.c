#include "request/tensor_request.h"

#include "base/index.h"
#include "data/convert.h"
#include "data/nested.h"
#include "model/json_value.h"
#include "request/cell_grid.h"
#include "request/json_tensor.h"
#include "request/nested_request.h"

typedef struct reader {
    const sv_tensor_request_rules *rules;
    const sv_schema *schema;
    sv_arena *arena;
    savor_error *err;
} reader;

static savor_status invalid(reader *rd, savor_status st)
{
    char why[300];
    if (st != SAVOR_BAD_REQUEST || !rd->err)
        return st;
    memcpy(why, rd->err->message, sizeof why);
    why[sizeof why - 1] = '\0';
    return sv_fail(rd->err, st, "Invalid input. %s", why);
}

static const sv_spec *find_spec(const reader *rd, sv_str name)
{
    for (size_t i = 0; rd->schema && rd->schema->has_names && i < rd->schema->n_specs; i++)
        if (!sv_label_is_number(&rd->schema->specs[i].name) && sv_str_equal(rd->schema->specs[i].name.text, name))
            return &rd->schema->specs[i];
    return NULL;
}

/* How arrays are made for a spec; `dtype` is the place that the rules point to. */
static savor_status tensor_rules(reader *rd, const sv_spec *spec, savor_dtype *dtype, sv_json_tensor_rules *out)
{
    bool is_era_1 = rd->rules->profile->era == SV_ERA_1;
    *out = (sv_json_tensor_rules){.ragged_makes_objects = is_era_1, .wraps_integers = is_era_1};
    if (!spec)
        return SAVOR_OK;
    if (spec->type.kind == SV_TYPE_TENSOR && !spec->type.has_dtype)
        return sv_fail(rd->err, SAVOR_UNSUPPORTED, "tensors of dtype %.*s are not supported natively",
                       SV_FMT(spec->type.dtype_text));
    out->needs_time_unit = is_era_1 && spec->type.kind == SV_TYPE_DATETIME;
    *dtype = spec->type.kind == SV_TYPE_TENSOR ? spec->type.dtype : sv_type_dtype(spec->type.kind);
    out->dtype = dtype;
    return SAVOR_OK;
}

static savor_status read_tensor(reader *rd, const sv_json *v, const sv_spec *spec, sv_tensor *out)
{
    savor_dtype dtype;
    sv_json_tensor_rules rules;
    savor_status st = tensor_rules(rd, spec, &dtype, &rules);
    return st ? st : sv_json_to_tensor(v, &rules, rd->arena, out, rd->err);
}

static savor_status new_named(reader *rd, size_t n, sv_named_tensor **items)
{
    *items = sv_arena_array(rd->arena, n, sizeof **items);
    return *items ? SAVOR_OK : sv_arena_fail(rd->arena, n * sizeof **items, rd->err);
}

static void set_named(sv_payload *out, const sv_named_tensor *items, size_t n)
{
    out->kind = SV_PAYLOAD_NAMED;
    out->named.items = items;
    out->named.n = n;
}

static savor_status read_object(reader *rd, const sv_json *v, sv_payload *out)
{
    sv_named_tensor *items;
    sv_index names;
    savor_status st = new_named(rd, v->n, &items);
    const sv_json *key = v + 1;
    sv_index_init(&names, rd->arena);
    for (uint32_t i = 0; !st && i < v->n; i++, key = sv_json_next(key + 1)) {
        size_t at;
        sv_str name = {key->n ? key->u.p : "", key->n};
        if ((st = sv_index_add(&names, name, &at, rd->err)))
            break;
        items[at].name = name;
        st = read_tensor(rd, key + 1, find_spec(rd, name), &items[at].tensor);
    }
    set_named(out, items, names.n);
    return st;
}

static savor_status read_one_column(reader *rd, const sv_json *v, sv_payload *out)
{
    sv_named_tensor *item;
    savor_status st = new_named(rd, 1, &item);
    if (st)
        return st;
    item->name = rd->schema->specs[0].name.text;
    set_named(out, item, 1);
    return read_tensor(rd, v, &rd->schema->specs[0], &item->tensor);
}

size_t sv_json_count_objects(const sv_json *list)
{
    size_t n = 0;
    const sv_json *item = list + 1;
    for (uint32_t i = 0; i < list->n; i++, item = sv_json_next(item))
        n += item->kind == SV_JSON_OBJECT;
    return n;
}

/* Whether a row of a list of objects has a list for a value: then each cell is an array of its own. */
static bool has_list_cell(const sv_json *list)
{
    const sv_json *row = list + 1;
    for (uint32_t r = 0; r < list->n; r++, row = sv_json_next(row)) {
        const sv_json *key = row + 1;
        for (uint32_t i = 0; i < row->n; i++, key = sv_json_next(key + 1))
            if (key[1].kind == SV_JSON_ARRAY)
                return true;
    }
    return false;
}

/* ---- rows that are objects, column by column ---- */

typedef struct columns {
    sv_index names;
    const sv_json ***cells; /* [names.n][n_rows], NULL where the row lacks the name */
    size_t *n_cells;        /* [names.n] how many are there */
    sv_str *labels;
    size_t n_rows;
} columns;

static savor_status collect_names(reader *rd, const sv_json *list, columns *c)
{
    const sv_json *row = list + 1;
    sv_index_init(&c->names, rd->arena);
    c->n_rows = list->n;
    for (uint32_t r = 0; r < list->n; r++, row = sv_json_next(row)) {
        const sv_json *key = row + 1;
        if (row->kind != SV_JSON_OBJECT)
            return sv_fail(rd->err, SAVOR_BAD_REQUEST,
                           "row %u is of type %s, expected an object like the rows before it", r,
                           sv_json_type_name(row));
        for (uint32_t i = 0; i < row->n; i++, key = sv_json_next(key + 1)) {
            size_t at;
            savor_status st = sv_index_add(&c->names, sv_json_text(key), &at, rd->err);
            if (st)
                return st;
        }
    }
    return SAVOR_OK;
}

/* `packed`: the cells of a column lie behind one another without gaps, as appending makes them. */
static savor_status collect_cells(reader *rd, const sv_json *list, bool packed, columns *c)
{
    size_t n = c->names.n;
    c->cells = sv_arena_array(rd->arena, n, sizeof *c->cells);
    c->n_cells = sv_arena_array(rd->arena, n, sizeof *c->n_cells);
    c->labels = sv_arena_array(rd->arena, n, sizeof *c->labels);
    if (!c->cells || !c->n_cells || !c->labels)
        return sv_arena_fail(rd->arena, n * sizeof *c->cells, rd->err);
    for (size_t i = 0; i < n; i++)
        if (!(c->cells[i] = sv_arena_array(rd->arena, c->n_rows, sizeof **c->cells)))
            return sv_arena_fail(rd->arena, c->n_rows * sizeof **c->cells, rd->err);
    const sv_json *row = list + 1;
    for (uint32_t r = 0; r < list->n; r++, row = sv_json_next(row)) {
        const sv_json *key = row + 1;
        for (uint32_t i = 0; i < row->n; i++, key = sv_json_next(key + 1)) {
            size_t at = sv_index_find(&c->names, sv_json_text(key));
            size_t place = packed ? c->n_cells[at] : r;
            bool is_new = packed ? place < c->n_rows : !c->cells[at][r];
            if (place < c->n_rows)
                c->cells[at][place] = key + 1;
            c->n_cells[at] += is_new;
            c->labels[at] = (sv_str){key->n ? key->u.p : "", key->n};
        }
    }
    return SAVOR_OK;
}

/* MLflow makes an array of each cell first: of 0 dimensions, which those among objects keep. */
static savor_status wrap_objects(reader *rd, sv_tensor *t)
{
    const sv_value *cells = t->data;
    savor_status st = SAVOR_OK;
    sv_value *wrapped = sv_arena_array(rd->arena, t->n_items, sizeof *wrapped);
    if (!wrapped)
        return sv_arena_fail(rd->arena, t->n_items * sizeof *wrapped, rd->err);
    for (size_t i = 0; !st && i < t->n_items; i++) {
        sv_tensor cell;
        st = sv_value_to_tensor(&cells[i], rd->arena, &cell, rd->err);
        if (!st)
            st = sv_value_of_tensor(&cell, rd->arena, &wrapped[i], rd->err);
    }
    t->data = wrapped;
    return st;
}

static savor_status column_tensor(reader *rd, const columns *c, size_t at, sv_tensor *out)
{
    savor_dtype dtype;
    sv_json_tensor_rules rules;
    const sv_spec *spec = find_spec(rd, c->labels[at]);
    savor_status st = tensor_rules(rd, spec, &dtype, &rules);
    if (!st)
        st = sv_json_cells_to_tensor(c->cells[at], c->n_cells[at], &rules, rd->arena, out, rd->err);
    bool wraps = !spec && out->n_dims == 1 && out->dtype == SAVOR_OBJECT && rd->rules->profile->era != SV_ERA_1;
    return st || !wraps ? st : wrap_objects(rd, out);
}

static savor_status check_lengths(reader *rd, const columns *c)
{
    size_t expected = SIZE_MAX;
    for (size_t i = 0; i < c->names.n; i++) {
        const sv_spec *spec = find_spec(rd, c->labels[i]);
        if (rd->schema && rd->schema->has_names && (!spec || !spec->required) && rd->rules->profile->era != SV_ERA_1)
            continue;
        if (expected != SIZE_MAX && c->n_cells[i] != expected)
            return sv_fail(rd->err, SAVOR_BAD_REQUEST,
                           "The length of values for each input/column name are not the same");
        expected = c->n_cells[i];
    }
    return SAVOR_OK;
}

static savor_status transpose_rows(reader *rd, const sv_json *list, sv_payload *out)
{
    columns c;
    sv_named_tensor *items;
    savor_status st;
    if ((st = collect_names(rd, list, &c)) || (st = collect_cells(rd, list, true, &c)) ||
        (st = new_named(rd, c.names.n, &items)))
        return st;
    for (size_t i = 0; !st && i < c.names.n; i++) {
        items[i].name = c.labels[i];
        st = column_tensor(rd, &c, i, &items[i].tensor);
    }
    set_named(out, items, c.names.n);
    return st ? st : check_lengths(rd, &c);
}

/* A column of a list of objects: of the declared type where every row has it, else as pandas infers it. */
static savor_status infer_column(reader *rd, const columns *c, size_t at, sv_column *out)
{
    sv_grid grid = {.n_rows = c->n_rows, .n_columns = 1, .absent_is_nan = true};
    grid.rows = sv_arena_array(rd->arena, c->n_rows, sizeof *grid.rows);
    if (!grid.rows)
        return sv_arena_fail(rd->arena, c->n_rows * sizeof *grid.rows, rd->err);
    for (size_t r = 0; r < c->n_rows; r++)
        grid.rows[r] = (sv_grid_row){.cells = &c->cells[at][r], .n = 1};
    return sv_grid_infer(&grid, rd->rules->profile->pandas_major, rd->arena, out, rd->err);
}

static savor_status rows_to_frame(reader *rd, const sv_json *list, sv_payload *out)
{
    columns c;
    savor_status st;
    if ((st = collect_names(rd, list, &c)) || (st = collect_cells(rd, list, false, &c)))
        return st;
    sv_column *cols = sv_arena_array(rd->arena, c.names.n, sizeof *cols);
    if (!cols)
        return sv_arena_fail(rd->arena, c.names.n * sizeof *cols, rd->err);
    for (size_t i = 0; !st && i < c.names.n; i++) {
        sv_tensor t = {.n_dims = 0};
        bool is_whole = c.n_cells[i] == c.n_rows && find_spec(rd, c.labels[i]);
        cols[i].name = sv_label_text(c.labels[i]);
        st = is_whole ? column_tensor(rd, &c, i, &t) : infer_column(rd, &c, i, &cols[i]);
        if (!st && is_whole && t.n_dims != 1)
            st = infer_column(rd, &c, i, &cols[i]); /* lists in cells make an object column */
        else if (!st && is_whole) {
            bool as_object =
                t.dtype == SAVOR_BYTES || (t.dtype == SAVOR_STRING && rd->rules->profile->pandas_major < 3);
            cols[i].dtype = as_object ? SAVOR_OBJECT : t.dtype;
            cols[i].data = t.data;
            if (as_object) /* numpy's own text, for each cell was an array */
                st = sv_items_to_scalars(t.dtype, t.data, c.n_rows, rd->arena, &cols[i].data, rd->err);
        }
    }
    out->kind = SV_PAYLOAD_FRAME;
    out->frame = (sv_frame){.n_rows = c.n_rows, .n_columns = c.names.n, .columns = cols};
    return st;
}

/* ---- the forms ---- */

savor_status sv_inputs_fail_unnamed(const sv_json *v, savor_error *err)
{
    return sv_fail(
        err, SAVOR_BAD_REQUEST,
        "Failed to parse input data. This model contains an un-named  model signature which expects a single "
        "n-dimensional array or a single value as input, however, an input of type <class '%s'> was found.",
        sv_json_type_name(v));
}

static savor_status empty_list(sv_payload *out)
{
    out->kind = SV_PAYLOAD_VALUE;
    out->value = (sv_value){.kind = SV_VALUE_LIST};
    return SAVOR_OK;
}

static savor_status read_plain(reader *rd, const sv_json *v, sv_payload *out)
{
    out->kind = SV_PAYLOAD_TENSOR;
    return read_tensor(rd, v, rd->schema ? &rd->schema->specs[0] : NULL, &out->tensor);
}

static savor_status read_inputs_1(reader *rd, const sv_json *v, sv_payload *out)
{
    if (rd->schema && rd->schema->has_names && rd->schema->n_specs == 1 && v->kind == SV_JSON_ARRAY)
        return read_one_column(rd, v, out);
    if (v->kind == SV_JSON_OBJECT && (!rd->schema || rd->schema->has_names))
        return read_object(rd, v, out);
    if (rd->schema && (rd->schema->has_names || v->kind != SV_JSON_ARRAY))
        return sv_inputs_fail_unnamed(v, rd->err);
    return read_plain(rd, v, out);
}

static savor_status read_inputs(reader *rd, const sv_json *v, sv_payload *out)
{
    bool is_list = v->kind == SV_JSON_ARRAY;
    size_t n_objects = is_list ? sv_json_count_objects(v) : 0;
    if (rd->schema && rd->schema->has_names && rd->schema->n_specs == 1 && is_list && n_objects == 0)
        return read_one_column(rd, v, out);
    if (rd->schema && !rd->schema->has_names && (v->kind == SV_JSON_OBJECT || v->kind == SV_JSON_NULL))
        return sv_inputs_fail_unnamed(v, rd->err);
    if (v->kind == SV_JSON_OBJECT)
        return read_object(rd, v, out);
    if (is_list && v->n == 0)
        return empty_list(out);
    if (!is_list || n_objects < v->n)
        return read_plain(rd, v, out);
    if (!rd->schema || (!rd->schema->is_tensor && (!rd->schema->has_names || has_list_cell(v))))
        return sv_nested_inputs_read(v, rd->rules, rd->arena, out, rd->err);
    if (rd->schema && rd->schema->has_names && !rd->schema->is_tensor)
        return rows_to_frame(rd, v, out);
    out->kind = SV_PAYLOAD_VALUE;
    return sv_json_to_value(v, rd->arena, &out->value, rd->err);
}

savor_status sv_inputs_read(const sv_json *v, const sv_tensor_request_rules *rules, sv_arena *arena, sv_payload *out,
                            savor_error *err)
{
    reader rd = {rules, rules->schema, arena, err};
    if (sv_schema_is_nested(rules->schema))
        return sv_nested_inputs_read(v, rules, arena, out, err);
    return invalid(&rd, rules->profile->era == SV_ERA_1 ? read_inputs_1(&rd, v, out) : read_inputs(&rd, v, out));
}

/* 1.x asks how long the first column is; without one its server breaks down. */
static savor_status check_columns_1(reader *rd, const sv_payload *payload)
{
    bool has_columns = payload->kind != SV_PAYLOAD_NAMED || payload->named.n;
    if (has_columns || rd->rules->profile->era != SV_ERA_1 || (rd->schema && !rd->schema->has_names))
        return SAVOR_OK;
    return sv_fail(rd->err, rd->rules->profile->is_forced ? SAVOR_UNREADABLE : SAVOR_BAD_REQUEST,
                   "\"instances\" has no columns");
}

/* Instances have one length: of the required columns, or of all where none are declared. */
static savor_status check_instances(reader *rd, const sv_payload *payload)
{
    size_t expected = SIZE_MAX;
    for (size_t i = 0; payload->kind == SV_PAYLOAD_NAMED && i < payload->named.n; i++) {
        const sv_tensor *t = &payload->named.items[i].tensor;
        const sv_spec *spec = find_spec(rd, payload->named.items[i].name);
        bool is_scalar = t->n_dims == 0 && spec && spec->type.kind != SV_TYPE_TENSOR;
        if (is_scalar || (rd->schema && rd->schema->has_names && (!spec || !spec->required)))
            continue;
        if (t->n_dims == 0)
            return sv_fail(rd->err, SAVOR_BAD_REQUEST, "len() of unsized object");
        if (expected != SIZE_MAX && t->shape[0] != expected)
            return sv_fail(rd->err, SAVOR_BAD_REQUEST,
                           "The length of values for each input/column name are not the same");
        expected = t->shape[0];
    }
    return SAVOR_OK;
}

savor_status sv_instances_read(const sv_json *v, const sv_tensor_request_rules *rules, sv_arena *arena,
                               sv_payload *out, savor_error *err)
{
    reader rd = {rules, rules->schema, arena, err};
    if (sv_schema_is_nested(rules->schema))
        return sv_nested_instances_read(v, rules, arena, out, err);
    savor_status st;
    if (v->kind == SV_JSON_ARRAY && v->n && v[1].kind == SV_JSON_OBJECT && rules->profile->era == SV_ERA_1 &&
        rd.schema && !rd.schema->has_names)
        return sv_inputs_fail_unnamed(&v[1], err); /* a dict by then */
    if (v->kind == SV_JSON_ARRAY && v->n && v[1].kind == SV_JSON_OBJECT)
        return (st = transpose_rows(&rd, v, out)) ? invalid(&rd, st) : check_columns_1(&rd, out);
    if (v->kind < SV_JSON_ARRAY && v->kind != SV_JSON_STRING && rules->profile->era == SV_ERA_1) /* len(items) */
        return sv_fail(err, SAVOR_BAD_REQUEST,
                       "Failed to parse data as TF serving input: \"instances\" is %s, expected a list",
                       sv_json_type_name(v));
    if (v->kind == SV_JSON_OBJECT && v->n && rules->profile->era == SV_ERA_1) /* it looks for items[0] */
        return sv_fail(err, SAVOR_BAD_REQUEST,
                       "Failed to parse data as TF serving input: \"instances\" is an object, "
                       "expected a list");
    if ((st = sv_inputs_read(v, rules, arena, out, err)) || v->kind != SV_JSON_OBJECT)
        return st;
    return (st = check_instances(&rd, out)) ? invalid(&rd, st) : check_columns_1(&rd, out);
}
