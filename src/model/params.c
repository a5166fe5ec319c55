#include "model/params.h"

#include "base/number.h"
#include "data/datetime.h"
#include "model/enforce.h"
#include "model/json_value.h"

#include <stdio.h>

static const char *python_name(const sv_json *v)
{
    static const char *const NAMES[] = {
        [SV_JSON_NULL] = "NoneType", [SV_JSON_FALSE] = "bool", [SV_JSON_TRUE] = "bool",
        [SV_JSON_INT] = "int",       [SV_JSON_BIGINT] = "int", [SV_JSON_DOUBLE] = "float",
        [SV_JSON_STRING] = "str",    [SV_JSON_ARRAY] = "list", [SV_JSON_OBJECT] = "dict",
    };
    return NAMES[v->kind];
}

static savor_status refuse(const sv_param_spec *spec, const sv_json *v, savor_error *err)
{
    return sv_fail(err, SAVOR_SCHEMA, "Invalid parameters found: param '%.*s' expects %s%s, got a value of type %s",
                   SV_FMT(spec->name), sv_type_name(spec->type.kind), spec->is_list ? " in a list" : "",
                   python_name(v));
}

static bool is_integer(const sv_json *v) { return v->kind == SV_JSON_INT || v->kind == SV_JSON_BIGINT; }

/* Which JSON kinds a scalar type takes: its own, and integers where a float is declared. */
static bool takes(sv_type_kind type, const sv_json *v)
{
    switch (type) {
    case SV_TYPE_BOOLEAN:
        return v->kind == SV_JSON_FALSE || v->kind == SV_JSON_TRUE;
    case SV_TYPE_INTEGER:
    case SV_TYPE_LONG:
        return is_integer(v);
    case SV_TYPE_FLOAT:
    case SV_TYPE_DOUBLE:
        return is_integer(v) || v->kind == SV_JSON_DOUBLE;
    case SV_TYPE_STRING:
    case SV_TYPE_DATETIME:
        return v->kind == SV_JSON_STRING;
    default:
        return false;
    }
}

static sv_value scalar_of(sv_type_kind type, const sv_json *v)
{
    bool is_float = type == SV_TYPE_FLOAT || type == SV_TYPE_DOUBLE;
    double f = 0;
    switch ((sv_json_kind)v->kind) {
    case SV_JSON_FALSE:
    case SV_JSON_TRUE:
        return (sv_value){.kind = SV_VALUE_BOOL, .u.i = v->kind == SV_JSON_TRUE};
    case SV_JSON_INT:
        if (is_float)
            return (sv_value){.kind = SV_VALUE_FLOAT, .u.f = (double)v->u.i};
        return (sv_value){.kind = SV_VALUE_INT, .u.i = v->u.i};
    case SV_JSON_BIGINT:
        if (is_float && sv_text_to_double(sv_json_text(v), &f))
            return (sv_value){.kind = SV_VALUE_FLOAT, .u.f = f};
        return (sv_value){.kind = SV_VALUE_BIGINT, .n = v->n, .u.p = v->u.p};
    case SV_JSON_DOUBLE:
        return (sv_value){.kind = SV_VALUE_FLOAT, .u.f = v->u.f};
    case SV_JSON_STRING:
        return (sv_value){.kind = SV_VALUE_STRING, .n = v->n, .u.p = v->u.p};
    default:
        return (sv_value){.kind = SV_VALUE_NONE};
    }
}

/* A date, or a time of at most microseconds; "" and "NaT" are None. It stays text: engines ask for no times. */
static savor_status enforce_datetime(const sv_param_spec *spec, const sv_json *v, sv_value *out, savor_error *err)
{
    sv_str text = sv_json_text(v);
    int64_t ns;
    size_t dot = sv_str_find(text, '.'), digits = dot + 1;
    while (digits < text.n && (unsigned char)(text.p[digits] - '0') < 10)
        digits++;
    if (!sv_text_to_datetime64(text, &ns) || digits > dot + 7)
        return refuse(spec, v, err);
    *out = ns == SV_NAT ? (sv_value){.kind = SV_VALUE_NONE} : scalar_of(SV_TYPE_STRING, v);
    return SAVOR_OK;
}

/* An object is checked, and passed on as it came. */
static savor_status enforce_object(const sv_param_spec *spec, const sv_json *v, sv_arena *arena, sv_value *out,
                                   savor_error *err)
{
    static const sv_enforce_rules RULES = {.era = SV_ERA_3, .pandas_major = 3};
    char where[100];
    sv_value checked;
    sv_value_rules how = {&spec->type, true, where, &RULES};
    sv_str name = sv_str_cut(spec->name, 60);
    snprintf(where, sizeof where, "Invalid parameters found: param '%.*s'", SV_FMT(name));
    savor_status st = sv_json_to_value(v, arena, out, err);
    return st ? st : sv_value_enforce(out, &how, arena, &checked, err);
}

static savor_status enforce_list(const sv_param_spec *spec, const sv_json *v, sv_arena *arena, sv_value *out,
                                 savor_error *err)
{
    if (v->kind != SV_JSON_ARRAY)
        return refuse(spec, v, err);
    sv_value *items = sv_arena_array(arena, v->n, sizeof *items);
    if (!items)
        return sv_arena_fail(arena, v->n * sizeof *items, err);
    const sv_json *item = v + 1;
    for (uint32_t i = 0; i < v->n; i++, item = sv_json_next(item)) {
        if (item->kind != SV_JSON_NULL && !takes(spec->type.kind, item))
            return refuse(spec, item, err);
        items[i] = scalar_of(spec->type.kind, item);
        if (spec->type.kind == SV_TYPE_DATETIME && item->kind != SV_JSON_NULL) {
            savor_status st = enforce_datetime(spec, item, &items[i], err);
            if (st)
                return st;
        }
    }
    *out = (sv_value){.kind = SV_VALUE_LIST, .n = v->n, .u.items = items};
    return SAVOR_OK;
}

static savor_status enforce_param(const sv_param_spec *spec, const sv_json *v, sv_arena *arena, sv_value *out,
                                  savor_error *err)
{
    if (spec->is_list)
        return enforce_list(spec, v, arena, out, err);
    if (spec->type.kind == SV_TYPE_OBJECT)
        return enforce_object(spec, v, arena, out, err);
    if (v->kind == SV_JSON_NULL) { /* None is accepted for every scalar type */
        *out = (sv_value){.kind = SV_VALUE_NONE};
        return SAVOR_OK;
    }
    if (!takes(spec->type.kind, v))
        return refuse(spec, v, err);
    if (spec->type.kind == SV_TYPE_DATETIME)
        return enforce_datetime(spec, v, out, err);
    *out = scalar_of(spec->type.kind, v);
    return SAVOR_OK;
}

static savor_status take_default(const sv_param_spec *spec, sv_arena *arena, sv_value *out, savor_error *err)
{
    *out = (sv_value){.kind = SV_VALUE_NONE};
    bool is_none = !spec->default_json || spec->default_json->kind == SV_JSON_NULL;
    if (is_none && spec->type.kind != SV_TYPE_OBJECT)
        return SAVOR_OK;
    return enforce_param(spec, spec->default_json, arena, out, err);
}

static size_t find_spec(const sv_signature *signature, sv_str name)
{
    size_t i = 0;
    while (i < signature->n_params && !sv_str_equal(signature->params[i].name, name))
        i++;
    return i;
}

/* The params that are given in the order of their keys, then the defaults of the others in the order of the schema.
 */
static savor_status collect_params(const sv_json *params, const sv_signature *signature, sv_arena *arena,
                                   sv_param *items, savor_error *err)
{
    const sv_json **given = sv_arena_array(arena, signature->n_params, sizeof *given);
    const sv_json *key = params ? params + 1 : NULL;
    size_t *order = sv_arena_array(arena, signature->n_params, sizeof *order), n = 0;
    if (!given || !order)
        return sv_arena_fail(arena, signature->n_params * sizeof *order, err);
    for (uint32_t i = 0; params && i < params->n; i++, key = sv_json_next(key + 1)) {
        size_t at = find_spec(signature, sv_json_text(key));
        if (at == signature->n_params)
            continue; /* unknown ones are ignored */
        if (!given[at])
            order[n++] = at;
        given[at] = key + 1;
    }
    for (size_t i = 0; i < signature->n_params; i++)
        if (!given[i])
            order[n++] = i;
    for (size_t i = 0; i < n; i++) {
        const sv_param_spec *spec = &signature->params[order[i]];
        const sv_json *v = given[order[i]];
        savor_status st =
            v ? enforce_param(spec, v, arena, &items[i].value, err) : take_default(spec, arena, &items[i].value, err);
        if (st)
            return st;
        items[i].name = spec->name;
    }
    return SAVOR_OK;
}

savor_status sv_params_enforce(const sv_json *params, const sv_signature *signature, sv_arena *arena, sv_params *out,
                               savor_error *err)
{
    bool is_null = !params || params->kind == SV_JSON_NULL;
    *out = (sv_params){.is_none = !signature->has_params && is_null};
    if (!signature->has_params || signature->n_params == 0)
        return SAVOR_OK;
    params = is_null ? NULL : params;
    if (params && params->kind != SV_JSON_OBJECT)
        return sv_fail(err, SAVOR_SCHEMA, "Parameters must be a dictionary. Got type '%s'.", python_name(params));
    sv_param *items = sv_arena_array(arena, signature->n_params, sizeof *items);
    if (!items)
        return sv_arena_fail(arena, signature->n_params * sizeof *items, err);
    savor_status st = collect_params(params, signature, arena, items, err);
    if (!st)
        *out = (sv_params){.n = signature->n_params, .items = items};
    return st;
}
