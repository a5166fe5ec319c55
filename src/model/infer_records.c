/* infer_records.c: a list of dicts -> columns. Source: MLflow mlflow/types/utils.py _infer_schema. */
#include "model/infer_priv.h"

/* ---- names ---- */

void sv_names_init(name_index *names, sv_arena *arena)
{
    names->n = 0;
    sv_index_init(&names->texts, arena);
    sv_index_init(&names->numbers, arena);
}

savor_status sv_names_place(const inferrer *in, name_index *names, const sv_label *name, size_t *place)
{
    char room[24];
    bool is_number = sv_label_is_number(name);
    sv_index *index = is_number ? &names->numbers : &names->texts;
    sv_str key = sv_label_show(name, room);
    *place = sv_index_find(index, key);
    if (*place != SV_INDEX_NONE)
        return SAVOR_OK;
    if (is_number && !(key.p = sv_arena_text(in->arena, key.p, key.n)))
        return sv_arena_fail(in->arena, key.n, in->err);
    *place = names->n++;
    return sv_index_put(index, key, *place, in->err);
}

savor_status sv_key_to_label(const inferrer *in, const sv_value *key, sv_label *out)
{
    if (key->kind != SV_VALUE_STRING && key->kind != SV_VALUE_INT)
        return sv_fail(in->err, SAVOR_SCHEMA, "a key of type %s names no column", sv_value_type_name(key));
    *out = key->kind == SV_VALUE_INT ? sv_label_number(key->u.i)
                                     : sv_label_text((sv_str){key->n ? key->u.p : "", key->n});
    return SAVOR_OK;
}

/* ---- columns ---- */

/* One column of the records: its values in the order of the records that have it. */
typedef struct record_column {
    sv_label name;
    size_t n, n_filled, n_none;
    sv_value *values; /* [n] */
} record_column;

typedef struct record_columns {
    record_column *items;
    size_t *places; /* [cells] of each cell in the order of the records, its column */
    name_index names;
} record_columns;

static size_t count_cells(const sv_value *records)
{
    size_t n = 0;
    for (size_t r = 0; r < records->n; r++)
        n += records->u.items[r].n;
    return n;
}

/* How many values each column has; there are at most as many columns as cells. */
static savor_status find_columns(const inferrer *in, const sv_value *records, record_columns *out)
{
    size_t n_cells = count_cells(records), cell = 0;
    savor_status st = SAVOR_OK;
    sv_names_init(&out->names, in->arena);
    out->items = sv_arena_array(in->arena, n_cells, sizeof *out->items);
    out->places = sv_arena_array(in->arena, n_cells, sizeof *out->places);
    if (!out->items || !out->places)
        return sv_arena_fail(in->arena, n_cells * sizeof *out->items, in->err);
    for (size_t r = 0; !st && r < records->n; r++) {
        const sv_value *record = &records->u.items[r];
        for (size_t i = 0; !st && i < record->n; i++, cell++) {
            sv_label name;
            if ((st = sv_key_to_label(in, &record->u.items[2 * i], &name)) ||
                (st = sv_names_place(in, &out->names, &name, &out->places[cell])))
                break;
            out->items[out->places[cell]].name = name;
            out->items[out->places[cell]].n++;
        }
    }
    return st;
}

static savor_status fill_columns(const inferrer *in, const sv_value *records, record_columns *columns)
{
    size_t cell = 0;
    for (size_t c = 0; c < columns->names.n; c++) {
        record_column *column = &columns->items[c];
        if (!(column->values = sv_arena_array(in->arena, column->n, sizeof *column->values)))
            return sv_arena_fail(in->arena, column->n * sizeof *column->values, in->err);
    }
    for (size_t r = 0; r < records->n; r++) {
        const sv_value *record = &records->u.items[r];
        for (size_t i = 0; i < record->n; i++, cell++) {
            record_column *column = &columns->items[columns->places[cell]];
            const sv_value *v = &record->u.items[2 * i + 1];
            column->n_none += v->kind == SV_VALUE_NONE && v->variant == SV_VARIANT_PLAIN;
            column->values[column->n_filled++] = *v;
        }
    }
    return SAVOR_OK;
}

savor_status sv_records_infer(const inferrer *in, const sv_value *records, sv_spec **specs, size_t *n_specs)
{
    record_columns columns;
    savor_status st = find_columns(in, records, &columns);
    *n_specs = 0;
    if (st || (st = fill_columns(in, records, &columns)))
        return st;
    if (!(*specs = sv_arena_array(in->arena, columns.names.n, sizeof **specs)))
        return sv_arena_fail(in->arena, columns.names.n * sizeof **specs, in->err);
    for (size_t c = 0; !st && c < columns.names.n; c++) {
        const record_column *column = &columns.items[c];
        const sv_type *type;
        if ((st = sv_values_infer(in, column->values, column->n, &type)))
            break;
        (*specs)[c] = (sv_spec){.name = column->name, .has_name = true, .type = *type};
        (*specs)[c].required = column->n == records->n && !(in->rules->has_any && column->n_none);
    }
    *n_specs = columns.names.n;
    return st;
}
