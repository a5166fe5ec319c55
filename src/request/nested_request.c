#include "request/nested_request.h"

#include "base/index.h"
#include "data/nested.h"
#include "model/json_value.h"
#include "request/json_tensor.h"

#include <stdio.h>

typedef struct reader {
    const sv_profile *profile;
    const sv_schema *schema;
    sv_arena *arena;
    savor_error *err;
} reader;

static bool has_names(const reader *rd) { return rd->schema && rd->schema->has_names; }

static const sv_spec *find_spec(const reader *rd, sv_str name)
{
    for (size_t i = 0; has_names(rd) && i < rd->schema->n_specs; i++)
        if (!sv_label_is_number(&rd->schema->specs[i].name) && sv_str_equal(rd->schema->specs[i].name.text, name))
            return &rd->schema->specs[i];
    return NULL;
}

static sv_str key_text(const sv_json *key) { return key->n ? sv_json_text(key) : SV_STR(""); }

static sv_value key_value(sv_str key) { return (sv_value){.kind = SV_VALUE_STRING, .n = key.n, .u.p = key.p}; }

/* ---- one value by its spec ---- */

/* numpy.array(data, dtype); a plain value for a plain column is a numpy scalar. */
static savor_status convert_plain(reader *rd, const sv_json *v, const sv_spec *spec, sv_value *out)
{
    savor_dtype dtype = spec ? sv_type_dtype(spec->type.kind) : SAVOR_OBJECT;
    sv_json_tensor_rules rules = {.dtype = spec ? &dtype : NULL};
    sv_tensor t;
    savor_status st = sv_json_to_tensor(v, &rules, rd->arena, &t, rd->err);
    if (st)
        return st;
    if (!spec || t.n_dims)
        return sv_value_of_tensor(&t, rd->arena, out, rd->err);
    *out = sv_item_get_numpy(t.dtype, t.data, 0);
    return SAVOR_OK;
}

static savor_status enforce_value(reader *rd, const sv_value *v, const sv_spec *spec, sv_value *out)
{
    char where[100], room[24];
    sv_enforce_rules rules = {
        .era = rd->profile->era, .pandas_major = rd->profile->pandas_major, .nesting = rd->profile->nesting};
    bool required = spec->required || !spec->has_name || rules.nesting == SV_NESTING_REQUIRED;
    sv_value_rules how = {&spec->type, required, where, &rules};
    sv_str name = sv_str_cut(spec->has_name ? sv_label_show(&spec->name, room) : SV_STR(""), 80);
    snprintf(where, sizeof where, "column \"%.*s\"", SV_FMT(name));
    savor_status st = sv_value_enforce(v, &how, rd->arena, out, rd->err);
    if (st != SAVOR_SCHEMA)
        return st;
    if (rd->err)
        rd->err->status = SAVOR_BAD_REQUEST;
    return SAVOR_BAD_REQUEST;
}

static savor_status convert(reader *rd, const sv_json *json, const sv_spec *spec, sv_value *out)
{
    sv_value v;
    sv_tensor t;
    if (!spec || !sv_type_is_nested(spec->type.kind))
        return convert_plain(rd, json, spec, out);
    savor_status st = sv_json_to_value(json, rd->arena, &v, rd->err);
    if (st || spec->type.kind == SV_TYPE_ANY) {
        *out = v;
        return st;
    }
    if ((st = enforce_value(rd, &v, spec, out)))
        return st;
    if (spec->type.kind != SV_TYPE_ARRAY && spec->type.kind != SV_TYPE_SPARKML_VECTOR)
        return SAVOR_OK;
    v = *out;
    st = sv_value_to_tensor(&v, rd->arena, &t, rd->err);
    return st ? st : sv_value_of_tensor(&t, rd->arena, out, rd->err);
}

/* ---- the shapes of inputs ---- */

static savor_status new_values(reader *rd, size_t n, sv_value **out)
{
    *out = sv_arena_array(rd->arena, n, sizeof **out);
    return *out ? SAVOR_OK : sv_arena_fail(rd->arena, n * sizeof **out, rd->err);
}

static savor_status read_dict(reader *rd, const sv_json *v, sv_value *out)
{
    sv_value *pairs;
    sv_index names;
    size_t at;
    const sv_json *key = v + 1;
    savor_status st = new_values(rd, 2 * (size_t)v->n, &pairs);
    sv_index_init(&names, rd->arena);
    for (uint32_t i = 0; !st && i < v->n; i++, key = sv_json_next(key + 1)) {
        sv_str name = key_text(key);
        if ((st = sv_index_add(&names, name, &at, rd->err)))
            break;
        pairs[2 * at] = key_value(name);
        st = convert(rd, key + 1, find_spec(rd, name), &pairs[2 * at + 1]);
    }
    *out = (sv_value){.kind = SV_VALUE_DICT, .n = names.n, .u.items = pairs};
    return st;
}

static savor_status read_rows(reader *rd, const sv_json *v, sv_value *out)
{
    sv_value *rows;
    const sv_json *row = v + 1;
    savor_status st = new_values(rd, v->n, &rows);
    for (uint32_t i = 0; !st && i < v->n; i++, row = sv_json_next(row))
        st = read_dict(rd, row, &rows[i]);
    *out = (sv_value){.kind = SV_VALUE_LIST, .n = v->n, .u.items = rows};
    return st;
}

static savor_status read_only_column(reader *rd, const sv_json *v, sv_value *out)
{
    sv_value *pair;
    char room[24];
    savor_status st = new_values(rd, 2, &pair);
    if (st)
        return st;
    sv_str name = sv_label_show(&rd->schema->specs[0].name, room);
    pair[0] = key_value(name);
    *out = (sv_value){.kind = SV_VALUE_DICT, .n = 1, .u.items = pair};
    return convert(rd, v, &rd->schema->specs[0], &pair[1]);
}

static savor_status read_inputs(reader *rd, const sv_json *v, sv_value *out)
{
    bool is_list = v->kind == SV_JSON_ARRAY;
    size_t n_objects = is_list ? sv_json_count_objects(v) : 0;
    if (has_names(rd) && rd->schema->n_specs == 1 && is_list && n_objects == 0)
        return read_only_column(rd, v, out);
    if (rd->schema && !rd->schema->has_names && (v->kind == SV_JSON_OBJECT || v->kind == SV_JSON_NULL))
        return sv_inputs_fail_unnamed(v, rd->err);
    if (v->kind == SV_JSON_OBJECT)
        return read_dict(rd, v, out);
    if (is_list && n_objects == v->n)
        return read_rows(rd, v, out);
    return convert(rd, v, rd->schema ? &rd->schema->specs[0] : NULL, out);
}

/* ---- instances ---- */

typedef struct column {
    sv_str name;
    sv_value *items;
    size_t n, n_all;
} column;

/* How often each name occurs. */
static savor_status count_names(reader *rd, const sv_json *list, sv_index *names, column *columns)
{
    size_t at;
    savor_status st;
    const sv_json *row = list + 1;
    for (uint32_t r = 0; r < list->n; r++, row = sv_json_next(row)) {
        const sv_json *key = row + 1;
        if (row->kind != SV_JSON_OBJECT)
            return sv_fail(rd->err, SAVOR_BAD_REQUEST,
                           "row %u is of type %s, expected an object like the rows before it", r,
                           sv_json_type_name(row));
        for (uint32_t i = 0; i < row->n; i++, key = sv_json_next(key + 1)) {
            if ((st = sv_index_add(names, key_text(key), &at, rd->err)))
                return st;
            columns[at].name = key_text(key);
            columns[at].n_all++;
        }
    }
    return SAVOR_OK;
}

static savor_status convert_rows(reader *rd, const sv_json *list, const sv_index *names, column *columns)
{
    savor_status st = SAVOR_OK;
    const sv_json *row = list + 1;
    for (size_t c = 0; !st && c < names->n; c++)
        st = new_values(rd, columns[c].n_all, &columns[c].items);
    for (uint32_t r = 0; r < list->n; r++, row = sv_json_next(row)) {
        const sv_json *key = row + 1;
        for (uint32_t i = 0; !st && i < row->n; i++, key = sv_json_next(key + 1)) {
            column *c = &columns[sv_index_find(names, key_text(key))];
            st = convert(rd, key + 1, find_spec(rd, c->name), &c->items[c->n++]);
        }
    }
    return st;
}

static size_t count_members(const sv_json *list)
{
    size_t n = 0;
    const sv_json *row = list + 1;
    for (uint32_t r = 0; r < list->n; r++, row = sv_json_next(row))
        n += row->kind == SV_JSON_OBJECT ? row->n : 0;
    return n;
}

/* Rows as columns: the values of a name lie behind one another, whichever rows have it. */
static savor_status transpose(reader *rd, const sv_json *list, sv_value *out)
{
    sv_index names;
    sv_value *pairs;
    savor_status st;
    size_t n_members = count_members(list);
    column *columns = sv_arena_array(rd->arena, n_members, sizeof *columns);
    sv_index_init(&names, rd->arena);
    if (!columns)
        return sv_arena_fail(rd->arena, n_members * sizeof *columns, rd->err);
    if ((st = count_names(rd, list, &names, columns)) || (st = convert_rows(rd, list, &names, columns)) ||
        (st = new_values(rd, 2 * names.n, &pairs)))
        return st;
    for (size_t c = 0; !st && c < names.n; c++) {
        sv_value values = {.kind = SV_VALUE_LIST, .n = columns[c].n, .u.items = columns[c].items};
        sv_tensor t;
        pairs[2 * c] = key_value(columns[c].name);
        st = sv_value_to_tensor(&values, rd->arena, &t, rd->err);
        if (!st)
            st = sv_value_of_tensor(&t, rd->arena, &pairs[2 * c + 1], rd->err);
    }
    *out = (sv_value){.kind = SV_VALUE_DICT, .n = names.n, .u.items = pairs};
    return st;
}

/* len() of the columns that are required and no arrays, or of all where no names are declared, must agree. */
static savor_status check_lengths(reader *rd, const sv_value *dict)
{
    size_t expected = SIZE_MAX;
    for (size_t i = 0; i < dict->n; i++) {
        const sv_value *key = &dict->u.items[2 * i], *v = key + 1;
        const sv_spec *spec = find_spec(rd, (sv_str){key->u.p, key->n});
        if ((v->kind != SV_VALUE_ARRAY && v->kind != SV_VALUE_LIST) ||
            (rd->schema->has_names && (!spec || !spec->required || spec->type.kind == SV_TYPE_ARRAY ||
                                       spec->type.kind == SV_TYPE_SPARKML_VECTOR)))
            continue;
        if (v->kind == SV_VALUE_ARRAY && v->u.tensor->n_dims == 0)
            return sv_fail(rd->err, SAVOR_BAD_REQUEST, "len() of unsized object");
        size_t n = v->kind == SV_VALUE_LIST ? v->n : v->u.tensor->shape[0];
        if (expected != SIZE_MAX && n != expected)
            return sv_fail(rd->err, SAVOR_BAD_REQUEST,
                           "The length of values for each input/column name are not the same");
        expected = n;
    }
    return SAVOR_OK;
}

/* ---- the forms ---- */

static savor_status finish(reader *rd, savor_status st, const sv_value *v, sv_payload *out)
{
    char why[300];
    if (st == SAVOR_BAD_REQUEST && rd->err) {
        memcpy(why, rd->err->message, sizeof why);
        why[sizeof why - 1] = '\0';
        return sv_fail(rd->err, st, "Invalid input. %s", why);
    }
    if (st)
        return st;
    out->kind = v->kind == SV_VALUE_ARRAY ? SV_PAYLOAD_TENSOR : SV_PAYLOAD_VALUE;
    if (v->kind == SV_VALUE_ARRAY)
        out->tensor = *v->u.tensor;
    else
        out->value = *v;
    return SAVOR_OK;
}

static savor_status check_era(const reader *rd)
{
    return rd->profile->era == SV_ERA_1
               ? sv_fail(rd->err, SAVOR_UNSUPPORTED, "MLflow 1.x has no arrays, objects and maps in signatures")
               : SAVOR_OK;
}

savor_status sv_nested_inputs_read(const sv_json *v, const sv_tensor_request_rules *rules, sv_arena *arena,
                                   sv_payload *out, savor_error *err)
{
    reader rd = {rules->profile, rules->schema, arena, err};
    sv_value value;
    savor_status st = check_era(&rd);
    return finish(&rd, st ? st : read_inputs(&rd, v, &value), &value, out);
}

savor_status sv_nested_instances_read(const sv_json *v, const sv_tensor_request_rules *rules, sv_arena *arena,
                                      sv_payload *out, savor_error *err)
{
    reader rd = {rules->profile, rules->schema, arena, err};
    bool is_rows = v->kind == SV_JSON_ARRAY && v->n && v[1].kind == SV_JSON_OBJECT;
    sv_value value;
    savor_status st = check_era(&rd);
    if (!st)
        st = is_rows ? transpose(&rd, v, &value) : read_inputs(&rd, v, &value);
    if (!st && value.kind == SV_VALUE_DICT)
        st = check_lengths(&rd, &value);
    return finish(&rd, st, &value, out);
}
