#include "request/split_doubles.h"

#include "base/alloc.h"

/* The two members, each once, and nothing else. */
static bool find_members(const sv_json *split, const sv_json **columns, const sv_json **data)
{
    const sv_json *key = split + 1;
    *columns = *data = NULL;
    for (uint32_t i = 0; i < split->n; i++, key = sv_json_next(key + 1)) {
        const sv_json **member = sv_json_is_text(key, "columns") ? columns
                                 : sv_json_is_text(key, "data")  ? data
                                                                 : NULL;
        if (!member || *member || key[1].kind != SV_JSON_ARRAY)
            return false;
        *member = key + 1;
    }
    return *columns && *data && (*data)->n > 0;
}

static bool are_names_of(const sv_json *columns, const sv_schema *schema)
{
    /* Scalars only: a name is one node, and so is the one behind it. */
    if (!schema->has_names || columns->n != schema->n_specs || columns->u.size != (size_t)columns->n + 1)
        return false;
    for (size_t i = 0; i < schema->n_specs; i++) {
        const sv_spec *spec = &schema->specs[i];
        if (spec->type.kind != SV_TYPE_DOUBLE || columns[1 + i].kind != SV_JSON_STRING ||
            sv_label_is_number(&spec->name) || !sv_str_equal(sv_json_text(&columns[1 + i]), spec->name.text))
            return false;
    }
    return true;
}

/* No text of a request lies where the heading's names do: such nodes are the heading's, which are all or none. */
static bool is_heading(const sv_json *columns, const sv_heading *heading)
{
    return heading && columns->n == heading->json.n && columns[1].kind == SV_JSON_STRING &&
           columns[1].u.p == heading->json.nodes[0].u.p;
}

/* Columns of FLOAT64 under the names of the schema, which are those that were sent; NULL when memory is short. */
static sv_column *make_columns(const sv_schema *schema, const sv_heading *heading, sv_arena *arena)
{
    sv_column *made = sv_arena_alloc(arena, schema->n_specs * sizeof *made);
    if (made && heading)
        memcpy(made, heading->columns, schema->n_specs * sizeof *made);
    for (size_t c = 0; made && !heading && c < schema->n_specs; c++)
        made[c] = (sv_column){.name = schema->specs[c].name, .dtype = SAVOR_FLOAT64};
    return made;
}

static inline bool put_cell(const sv_json *v, double *out)
{
    if (v->kind == SV_JSON_DOUBLE) { /* nearly all are: a guess costs less than a jump through a table */
        *out = v->u.f;
        return true;
    }
    switch ((sv_json_kind)v->kind) {
    case SV_JSON_INT:
        *out = (double)v->u.i;
        return true;
    case SV_JSON_NULL:
        *out = (double)__builtin_nanf("");
        return true;
    case SV_JSON_TRUE:
        *out = 1;
        return true;
    case SV_JSON_FALSE:
        *out = 0;
        return true;
    default:
        return false;
    }
}

/* Cells column by column, `n_rows` apart. */
static bool fill_cells(const sv_json *data, size_t n_columns, double *cells)
{
    const sv_json *row = data + 1;
    for (size_t r = 0; r < data->n; r++, row += n_columns + 1) {
        if (row->kind != SV_JSON_ARRAY || row->n != n_columns || row->u.size != n_columns + 1)
            return false;
        for (size_t c = 0; c < n_columns; c++)
            if (!put_cell(row + 1 + c, &cells[c * data->n + r]))
                return false;
    }
    return true;
}

bool sv_split_read_doubles(const sv_json *split, const sv_schema *schema, const sv_heading *heading, sv_arena *arena,
                           sv_frame *out)
{
    const sv_json *columns, *data;
    size_t n_cells, bytes;
    if (!find_members(split, &columns, &data) || !(is_heading(columns, heading) || are_names_of(columns, schema)) ||
        !sv_mul(data->n, schema->n_specs, &n_cells) || !sv_mul(n_cells, sizeof(double), &bytes))
        return false;
    if (n_cells > data->u.size) /* more cells than there are nodes: some row is short */
        return false;
    double *cells = sv_arena_alloc(arena, bytes);
    sv_column *made = make_columns(schema, heading, arena);
    if (!cells || !made || !fill_cells(data, schema->n_specs, cells))
        return false;
    for (size_t c = 0; c < schema->n_specs; c++)
        made[c].data = cells + c * data->n;
    *out = (sv_frame){.n_rows = data->n, .n_columns = schema->n_specs, .columns = made};
    return true;
}
