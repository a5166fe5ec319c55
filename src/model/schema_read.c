/* schema_read.c: the JSON of a signature -> schemas and params. Source: MLflow mlflow/types/schema.py.
 */
#include "model/schema_priv.h"

#include <stdlib.h>

/* Recursion on types ends with the JSON: SCHEMA_JSON_DEPTH. */

typedef struct reader {
    sv_arena *arena;
    savor_error *err;
} reader;

static savor_status read_type(const reader *r, const sv_json *json, sv_type *out);

/* A name as a key of one entry; empty when it is no text. */
static sv_str text_of(const sv_json *json)
{
    return json && json->kind == SV_JSON_STRING ? sv_json_text(json) : (sv_str){"", 0};
}

static const sv_json *find_object(const sv_json *json, const char *key)
{
    const sv_json *v = sv_json_find(json, key);
    return v && v->kind == SV_JSON_OBJECT ? v : NULL;
}

static savor_status parse(const reader *r, sv_str text, const sv_json **out)
{
    sv_json_limits limits = SV_JSON_LIMITS;
    sv_json_fault fault = {0};
    *out = NULL;
    if (!sv_utf8_check_surrogates(text.p, text.n))
        return sv_fail(r->err, SAVOR_FORMAT, "schema was not UTF-8");
    limits.depth = SCHEMA_JSON_DEPTH;
    savor_status st = sv_json_parse(text, &limits, r->arena, out, &fault, r->err);
    if (st == SAVOR_FORMAT && fault.message)
        return sv_fail(r->err, st, "schema was not JSON: %s at byte %zu", fault.message, fault.offset);
    return st;
}

/* ---- types ---- */

/* The one type inside an array ("items") or a map ("values"). */
static savor_status read_inner(const reader *r, const sv_json *json, const char *key, sv_type *out)
{
    const sv_json *inner = find_object(json, key);
    if (!inner)
        return sv_fail(r->err, SAVOR_FORMAT, "type \"%s\" had no object under \"%s\"", sv_type_name(out->kind), key);
    sv_type *items = sv_arena_array(r->arena, 1, sizeof *items);
    if (!items)
        return sv_arena_fail(r->arena, sizeof *items, r->err);
    out->items = items;
    return read_type(r, inner, items);
}

/* By name, then by place: pointers into one array. */
static int compare_properties(const void *a, const void *b)
{
    const sv_property *x = *(const sv_property *const *)a, *y = *(const sv_property *const *)b;
    int order = sv_str_compare(x->name, y->name);
    return order ? order : (x > y) - (x < y);
}

/* Missing: true. Null counts as not required, as everywhere in MLflow. */
static bool read_required(const sv_json *json)
{
    const sv_json *required = sv_json_find(json, "required");
    return !required || required->kind == SV_JSON_TRUE;
}

static savor_status read_property(const reader *r, const sv_json *name, const sv_json *json, sv_property *out)
{
    out->name = sv_json_text(name);
    if (json->kind != SV_JSON_OBJECT)
        return sv_fail(r->err, SAVOR_FORMAT, "property \"%.*s\" was no JSON object", SV_FMT(out->name));
    out->required = read_required(json);
    return read_type(r, json, &out->type);
}

/* Sorted by name; of equal names the last one stays, as in Python's dict. */
static savor_status sort_properties(const reader *r, const sv_property *properties, size_t n, sv_type *out)
{
    const sv_property **order = sv_arena_array(r->arena, n, sizeof *order);
    sv_property *sorted = sv_arena_array(r->arena, n, sizeof *sorted);
    if (!order || !sorted)
        return sv_arena_fail(r->arena, n * sizeof *sorted, r->err);
    for (size_t i = 0; i < n; i++)
        order[i] = &properties[i];
    qsort(order, n, sizeof *order, compare_properties);
    for (size_t i = 0; i < n; i++) {
        if (i + 1 == n || !sv_str_equal(order[i]->name, order[i + 1]->name))
            sorted[out->n_properties++] = *order[i];
    }
    out->properties = sorted;
    return SAVOR_OK;
}

static savor_status read_properties(const reader *r, const sv_json *json, sv_type *out)
{
    const sv_json *map = find_object(json, "properties");
    if (!map || map->n == 0)
        return sv_fail(r->err, SAVOR_FORMAT, "type \"object\" had no properties");
    sv_property *properties = sv_arena_array(r->arena, map->n, sizeof *properties);
    if (!properties)
        return sv_arena_fail(r->arena, map->n * sizeof *properties, r->err);
    const sv_json *name = map + 1;
    for (size_t i = 0; i < map->n; i++) {
        const sv_json *value = sv_json_next(name);
        savor_status st = read_property(r, name, value, &properties[i]);
        if (st)
            return st;
        name = sv_json_next(value);
    }
    return sort_properties(r, properties, map->n, out);
}

static savor_status read_type(const reader *r, const sv_json *json, sv_type *out)
{
    const sv_json *type = sv_json_find(json, "type");
    sv_str name = text_of(type);
    if (!type)
        return sv_fail(r->err, SAVOR_FORMAT, "an entry had no \"type\"");
    if (!sv_type_find(name, &out->kind) || out->kind == SV_TYPE_TENSOR)
        return sv_fail(r->err, SAVOR_FORMAT,
                       "type \"%.*s\" was unknown: expected boolean, integer, long, float, double, "
                       "string, binary, datetime, array, object, map or any",
                       SV_FMT(name));
    if (out->kind == SV_TYPE_ARRAY)
        return read_inner(r, json, "items", out);
    if (out->kind == SV_TYPE_MAP)
        return read_inner(r, json, "values", out);
    return out->kind == SV_TYPE_OBJECT ? read_properties(r, json, out) : SAVOR_OK;
}

/* ---- tensors ---- */

/* Dtypes that numpy has and libsavor cannot hold: kept as text. */
static bool is_foreign_dtype(sv_str name)
{
    static const char *const PREFIXES[] = {"complex", "timedelta64", "float128", "longdouble", "clongdouble",
                                           "cdouble", "csingle",     "m8",       "c8",         "c16",
                                           "c32",     "f16",         "void",     ">"};
    if (name.n && (name.p[0] == '<' || name.p[0] == '=' || name.p[0] == '|'))
        name = (sv_str){name.p + 1, name.n - 1};
    for (size_t i = 0; i < sizeof PREFIXES / sizeof PREFIXES[0]; i++) {
        if (sv_str_starts(name, sv_str_of(PREFIXES[i])))
            return true;
    }
    return false;
}

static savor_status read_shape(const reader *r, const sv_json *shape, sv_type *out)
{
    int64_t *dims = sv_arena_array(r->arena, shape->n + (size_t)1, sizeof *dims);
    if (!dims)
        return sv_arena_fail(r->arena, shape->n * sizeof *dims, r->err);
    const sv_json *dim = shape + 1;
    for (size_t i = 0; i < shape->n; i++, dim = sv_json_next(dim)) {
        if (dim->kind != SV_JSON_INT)
            return sv_fail(r->err, SAVOR_FORMAT, "dimension %zu of a tensor was no integer", i);
        dims[i] = dim->u.i;
    }
    out->shape = dims;
    out->n_dims = shape->n;
    return SAVOR_OK;
}

static savor_status read_tensor(const reader *r, const sv_json *json, sv_type *out)
{
    const sv_json *spec = find_object(json, "tensor-spec");
    const sv_json *shape = spec ? sv_json_find(spec, "shape") : NULL;
    out->kind = SV_TYPE_TENSOR;
    if (!spec)
        return sv_fail(r->err, SAVOR_FORMAT, "type \"tensor\" had no object under \"tensor-spec\"");
    out->dtype_text = text_of(sv_json_find(spec, "dtype"));
    if (!shape || shape->kind != SV_JSON_ARRAY)
        return sv_fail(r->err, SAVOR_FORMAT, "a tensor had no list under \"shape\"");
    out->has_dtype = sv_dtype_of(out->dtype_text, &out->dtype);
    if (!out->has_dtype && !is_foreign_dtype(out->dtype_text))
        return sv_fail(r->err, SAVOR_FORMAT, "dtype \"%.*s\" of a tensor was unknown", SV_FMT(out->dtype_text));
    return read_shape(r, shape, out);
}

/* ---- specs ---- */

static savor_status read_name(const reader *r, const sv_json *json, sv_spec *out)
{
    const sv_json *name = sv_json_find(json, "name");
    out->has_name = name && name->kind != SV_JSON_NULL;
    if (!out->has_name)
        return SAVOR_OK;
    if (name->kind == SV_JSON_STRING)
        out->name = sv_label_text(sv_json_text(name));
    else if (name->kind == SV_JSON_INT)
        out->name = sv_label_number(name->u.i);
    else
        return sv_fail(r->err, SAVOR_FORMAT, "a name was neither text nor an integer");
    return SAVOR_OK;
}

/* "required" of any era: "optional" in its place (2.4 to 2.8); missing it is true for a plain type, else unsaid. */
static void read_column_required(const sv_json *json, sv_spec *out)
{
    const sv_json *required = sv_json_find(json, "required");
    const sv_json *optional = sv_json_find(json, "optional");
    if (!required && optional) {
        out->required = optional->kind != SV_JSON_TRUE;
    } else if (!required && sv_type_is_scalar(out->type.kind)) {
        out->required = true;
    } else {
        out->is_required_unsaid = !required || required->kind == SV_JSON_NULL;
        out->required = required && required->kind == SV_JSON_TRUE;
    }
}

static savor_status read_spec(const reader *r, const sv_json *json, sv_spec *out)
{
    savor_status st;
    if (json->kind != SV_JSON_OBJECT)
        return sv_fail(r->err, SAVOR_FORMAT, "an entry was no JSON object");
    if ((st = read_name(r, json, out)))
        return st;
    const sv_json *type = sv_json_find(json, "type");
    if (type && sv_json_is_text(type, "tensor")) {
        out->required = true;
        return read_tensor(r, json, &out->type);
    }
    if ((st = read_type(r, json, &out->type)))
        return st;
    read_column_required(json, out);
    return SAVOR_OK;
}

/* What mlflow.types.Schema(list) refuses. */
static savor_status check_schema(const reader *r, const sv_schema *schema)
{
    const sv_spec *first = schema->specs;
    for (size_t i = 0; i < schema->n_specs; i++) {
        const sv_spec *s = &schema->specs[i];
        if (s->has_name != first->has_name)
            return sv_fail(r->err, SAVOR_FORMAT, "schema mixed named and unnamed entries");
        if ((s->type.kind == SV_TYPE_TENSOR) != (first->type.kind == SV_TYPE_TENSOR))
            return sv_fail(r->err, SAVOR_FORMAT, "schema mixed columns and tensors");
        if (!s->has_name && !s->required && !s->is_required_unsaid)
            return sv_fail(r->err, SAVOR_FORMAT, "schema had an unnamed optional entry");
    }
    if (schema->is_tensor && !schema->has_names && schema->n_specs > 1)
        return sv_fail(r->err, SAVOR_FORMAT, "schema had %zu unnamed tensors: expected one", schema->n_specs);
    return SAVOR_OK;
}

static savor_status read_specs(const reader *r, const sv_json *list, const sv_schema **out)
{
    sv_schema *schema = sv_arena_array(r->arena, 1, sizeof *schema);
    sv_spec *specs = sv_arena_array(r->arena, list->n, sizeof *specs);
    savor_status st;
    if (!schema || !specs)
        return sv_arena_fail(r->arena, list->n * sizeof *specs, r->err);
    const sv_json *entry = list + 1;
    for (size_t i = 0; i < list->n; i++, entry = sv_json_next(entry)) {
        if ((st = read_spec(r, entry, &specs[i])))
            return sv_error_at(r->err, st, "[%zu]", i);
    }
    *schema = (sv_schema){list->n, specs, specs[0].type.kind == SV_TYPE_TENSOR, specs[0].has_name};
    if ((st = check_schema(r, schema)))
        return st;
    *out = schema;
    return SAVOR_OK;
}

savor_status sv_schema_read(sv_str text, sv_arena *arena, const sv_schema **out, savor_error *err)
{
    reader r = {arena, err};
    const sv_json *json;
    *out = NULL;
    if (text.n == 0)
        return SAVOR_OK;
    savor_status st = parse(&r, text, &json);
    if (st || json->kind == SV_JSON_NULL)
        return st;
    if (json->kind != SV_JSON_ARRAY)
        return sv_fail(err, SAVOR_FORMAT, "schema was no JSON list");
    if (json->n == 0)
        return sv_fail(err, SAVOR_FORMAT, "schema was an empty list");
    return read_specs(&r, json, out);
}

/* ---- params ---- */

/* str() of whatever stood as the name. */
static savor_status read_param_name(const reader *r, const sv_json *name, sv_str *out)
{
    if (name->kind == SV_JSON_STRING) {
        *out = sv_json_text(name);
        return SAVOR_OK;
    }
    sv_buf text = SV_BUF_INIT(4096);
    sv_json_put_value(&text, name);
    savor_status st = sv_buf_check(&text, r->err);
    char *copy = st ? NULL : sv_arena_text(r->arena, text.p, text.n);
    *out = (sv_str){copy, text.n};
    sv_buf_deinit(&text);
    return st || copy ? st : sv_arena_fail(r->arena, out->n, r->err);
}

static savor_status read_param_type(const reader *r, const sv_json *json, sv_param_spec *out)
{
    const sv_json *type = sv_json_find(json, "type");
    if (!type || type->kind != SV_JSON_STRING || type->n == 0)
        type = sv_json_find(json, "dtype");
    sv_str name = text_of(type);
    if (!sv_type_find(name, &out->type.kind) ||
        (!sv_type_is_scalar(out->type.kind) && out->type.kind != SV_TYPE_OBJECT) || out->type.kind == SV_TYPE_BINARY)
        return sv_fail(r->err, SAVOR_FORMAT, "type \"%.*s\" of param \"%.*s\" was not one that params have",
                       SV_FMT(name), SV_FMT(out->name));
    return out->type.kind == SV_TYPE_OBJECT ? read_properties(r, json, &out->type) : SAVOR_OK;
}

/* null: one value; [-1]: a list. */
static savor_status read_param_shape(const reader *r, const sv_json *json, sv_param_spec *out)
{
    const sv_json *shape = sv_json_find(json, "shape");
    if (!shape || shape->kind == SV_JSON_NULL)
        return SAVOR_OK;
    if (shape->kind != SV_JSON_ARRAY || shape->n != 1 || shape[1].kind != SV_JSON_INT || shape[1].u.i != -1)
        return sv_fail(r->err, SAVOR_FORMAT, "shape of param \"%.*s\" was neither null nor [-1]", SV_FMT(out->name));
    if (out->default_json->kind != SV_JSON_ARRAY)
        return sv_fail(r->err, SAVOR_FORMAT, "default of param \"%.*s\" was no list", SV_FMT(out->name));
    out->is_list = true;
    return SAVOR_OK;
}

static savor_status read_param(const reader *r, const sv_json *json, sv_param_spec *out)
{
    savor_status st;
    if (json->kind != SV_JSON_OBJECT)
        return sv_fail(r->err, SAVOR_FORMAT, "an entry was no JSON object");
    const sv_json *name = sv_json_find(json, "name");
    out->default_json = sv_json_find(json, "default");
    if (!name || !out->default_json || (!sv_json_find(json, "type") && !sv_json_find(json, "dtype")))
        return sv_fail(r->err, SAVOR_FORMAT, "a param lacked \"name\", \"type\" or \"default\"");
    if ((st = read_param_name(r, name, &out->name)) || (st = read_param_type(r, json, out)))
        return st;
    return read_param_shape(r, json, out);
}

static savor_status check_params(const reader *r, const sv_param_spec *params, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        for (size_t j = 0; j < i; j++) {
            if (sv_str_equal(params[i].name, params[j].name))
                return sv_fail(r->err, SAVOR_FORMAT, "param \"%.*s\" was declared twice", SV_FMT(params[i].name));
        }
    }
    return SAVOR_OK;
}

enum { MAX_PARAMS = 10000 };

savor_status sv_params_read(sv_str text, sv_arena *arena, sv_signature *signature, savor_error *err)
{
    reader r = {arena, err};
    const sv_json *json;
    savor_status st;
    signature->params = NULL;
    signature->n_params = 0;
    signature->has_params = false;
    if (text.n == 0)
        return SAVOR_OK;
    if ((st = parse(&r, text, &json)) || json->kind == SV_JSON_NULL)
        return st;
    if (json->kind != SV_JSON_ARRAY)
        return sv_fail(err, SAVOR_FORMAT, "params were no JSON list");
    if (json->n > MAX_PARAMS)
        return sv_fail(err, SAVOR_LIMIT, "signature had %u params: the limit is %d", json->n, (int)MAX_PARAMS);
    sv_param_spec *params = sv_arena_array(arena, json->n + (size_t)1, sizeof *params);
    if (!params)
        return sv_arena_fail(arena, json->n * sizeof *params, err);
    const sv_json *entry = json + 1;
    for (size_t i = 0; i < json->n; i++, entry = sv_json_next(entry)) {
        if ((st = read_param(&r, entry, &params[i])))
            return sv_error_at(err, st, "[%zu]", i);
    }
    if ((st = check_params(&r, params, json->n)))
        return st;
    signature->params = params;
    signature->n_params = json->n;
    signature->has_params = true;
    return SAVOR_OK;
}
