/* infer_params.c: the defaults of params -> their declarations. Source: MLflow mlflow/types/utils.py
 * _infer_param_schema, mlflow/types/schema.py ParamSpec. */
#include "data/convert.h"
#include "data/datetime.h"
#include "data/infer.h"
#include "model/infer_priv.h"

#define DEFAULT_BYTES_MAX ((size_t)64 << 20)

static savor_status refuse(const inferrer *in, const sv_value *v, const char *why)
{
    return sv_fail(in->err, SAVOR_SCHEMA, "Failed to infer schema for parameters: a value of type %s %s",
                   sv_value_type_name(v), why);
}

/* ---- types ---- */

/* What numpy makes of one integer: beyond int64 it is none that a param may have, but among others a float. */
static bool takes_integer(const sv_value *v)
{
    return v->kind != SV_VALUE_BIGINT || sv_see_big_integer((sv_str){v->u.p, v->n}) == SV_SEEN_UINT;
}

static savor_status infer_scalar(const inferrer *in, const sv_value *v, sv_type_kind *out)
{
    if (!sv_scalar_infer(v, out) || v->kind == SV_VALUE_BIGINT)
        return refuse(in, v, "has no type that a param may have");
    if (*out == SV_TYPE_BINARY)
        return refuse(in, v, "is binary, which is not supported for parameters");
    if (v->kind == SV_VALUE_DATETIME && v->variant == SV_VARIANT_NUMPY)
        return refuse(in, v, "counts nanoseconds, expected one that is convertible to datetime.datetime");
    return SAVOR_OK;
}

/* The type that numpy finds for two items; every item must be convertible to it, so that text and booleans stand
 * only among their like. */
static bool promote(sv_type_kind a, sv_type_kind b, sv_type_kind *out)
{
    bool is_single_and_int =
        (a == SV_TYPE_FLOAT) != (b == SV_TYPE_FLOAT) && a != SV_TYPE_DOUBLE && b != SV_TYPE_DOUBLE;
    *out = is_single_and_int ? SV_TYPE_DOUBLE : a > b ? a : b;
    bool are_numbers = a >= SV_TYPE_INTEGER && a <= SV_TYPE_DOUBLE && b >= SV_TYPE_INTEGER && b <= SV_TYPE_DOUBLE;
    return a == b || are_numbers;
}

static savor_status infer_item(const inferrer *in, const sv_value *v, bool *is_beyond, sv_type_kind *out)
{
    if (v->kind == SV_VALUE_LIST)
        return refuse(in, v, "stands in a list: expected parameters to be 1D array or scalar");
    if (v->kind != SV_VALUE_BIGINT)
        return infer_scalar(in, v, out);
    *is_beyond = true;
    *out = SV_TYPE_LONG;
    return takes_integer(v) ? SAVOR_OK : refuse(in, v, "is beyond uint64");
}

/* Integers beyond int64 count as floats, but only among others: alone they are uint64. */
static savor_status infer_list(const inferrer *in, const sv_value *v, sv_type_kind *out)
{
    bool has_small = false, has_big = false;
    savor_status st = SAVOR_OK;
    *out = SV_TYPE_DATETIME; /* of nothing, too */
    for (size_t i = 0; !st && i < v->n; i++) {
        bool is_beyond = false;
        sv_type_kind kind;
        if ((st = infer_item(in, &v->u.items[i], &is_beyond, &kind)))
            break;
        has_small = has_small || !is_beyond;
        has_big = has_big || is_beyond;
        *out = i ? *out : kind;
        if (!promote(*out, kind, out))
            st = refuse(in, &v->u.items[i], "stands in a list of another type");
    }
    if (!st && has_big && !has_small)
        return refuse(in, &v->u.items[0], "is beyond int64");
    *out = has_big ? SV_TYPE_DOUBLE : *out;
    return st;
}

static const sv_type *find_property(const sv_type *type, const sv_value *key)
{
    for (size_t i = 0; i < type->n_properties; i++)
        if (sv_str_equal(type->properties[i].name, (sv_str){key->n ? key->u.p : "", key->n}))
            return &type->properties[i].type;
    return NULL;
}

/* Source: _enforce_object: numpy's int64 takes neither larger integers nor, in arrays, None. Recursion is bounded:
 * the value has a type. */
static bool holds(const sv_type *type, const sv_value *v, bool is_item)
{
    bool is_list = v->kind == SV_VALUE_LIST && type->kind == SV_TYPE_ARRAY;
    bool is_dict = v->kind == SV_VALUE_DICT && type->kind == SV_TYPE_OBJECT;
    for (size_t i = 0; (is_list || is_dict) && i < v->n; i++) {
        const sv_type *inner = is_list ? type->items : find_property(type, &v->u.items[2 * i]);
        if (inner && !holds(inner, &v->u.items[is_list ? i : 2 * i + 1], is_list))
            return false;
    }
    return type->kind != SV_TYPE_LONG || (v->kind != SV_VALUE_BIGINT && !(is_item && v->kind == SV_VALUE_NONE));
}

static savor_status infer_object(const inferrer *in, const sv_value *v, sv_type *out)
{
    const sv_type *type;
    if (!in->rules->has_any)
        return refuse(in, v, "is neither 1D array nor scalar");
    savor_status st = sv_value_infer(in, v, 0, &type);
    if (!st && type->kind != SV_TYPE_OBJECT)
        st = refuse(in, v, "is empty");
    if (!st && !holds(type, v, false))
        st = refuse(in, v, "holds an integer that is missing or beyond int64");
    if (!st)
        *out = *type;
    return st;
}

/* ---- defaults ---- */

static void put_time(sv_buf *out, const sv_value *v)
{
    char room[40];
    size_t n = sv_datetime_to_text(v->u.i, room);
    sv_json_put_string(out, (sv_str){room, v->variant == SV_VARIANT_DATE && n > 10 ? 10 : n});
}

/* As the type has it: 1 is written 1.0 for a double. Recursion is bounded: the value has a type. */
static savor_status put_default(const inferrer *in, const sv_value *v, sv_type_kind type, sv_buf *out)
{
    bool is_float = type == SV_TYPE_DOUBLE || type == SV_TYPE_FLOAT;
    double f;
    if (is_float && !sv_value_to_double(v, &f)) {
        sv_json_put_double(out, f);
        return SAVOR_OK;
    }
    switch (v->kind) {
    case SV_VALUE_NONE:
        sv_buf_put_text(out, "null");
        return SAVOR_OK;
    case SV_VALUE_BOOL:
        sv_buf_put_text(out, v->u.i ? "true" : "false");
        return SAVOR_OK;
    case SV_VALUE_INT:
        sv_json_put_int64(out, v->u.i);
        return SAVOR_OK;
    case SV_VALUE_FLOAT:
        sv_json_put_double(out, v->u.f);
        return SAVOR_OK;
    case SV_VALUE_BIGINT:
        sv_buf_put(out, v->u.p, v->n);
        return SAVOR_OK;
    case SV_VALUE_STRING:
        sv_json_put_string(out, (sv_str){v->n ? v->u.p : "", v->n});
        return SAVOR_OK;
    case SV_VALUE_DATETIME:
        put_time(out, v);
        return SAVOR_OK;
    default:
        return refuse(in, v, "is not JSON serializable");
    }
}

static savor_status put_defaults(const inferrer *in, const sv_value *v, sv_type_kind type, sv_buf *out)
{
    savor_status st = SAVOR_OK;
    bool is_list = v->kind == SV_VALUE_LIST;
    if (!is_list && v->kind != SV_VALUE_DICT)
        return put_default(in, v, type, out);
    sv_buf_put_char(out, is_list ? '[' : '{');
    for (size_t i = 0; !st && i < v->n; i++) {
        const sv_value *item = &v->u.items[is_list ? i : 2 * i + 1];
        sv_buf_put_text(out, i ? ", " : "");
        if (!is_list) {
            sv_json_put_string(out, (sv_str){item[-1].n ? item[-1].u.p : "", item[-1].n});
            sv_buf_put_text(out, ": ");
        }
        st = put_defaults(in, item, type, out);
    }
    sv_buf_put_char(out, is_list ? ']' : '}');
    return st;
}

static savor_status keep_default(const inferrer *in, const sv_value *v, sv_param_spec *spec)
{
    sv_buf text = SV_BUF_INIT(DEFAULT_BYTES_MAX);
    savor_status st = put_defaults(in, v, spec->type.kind, &text);
    if (!st && !(st = sv_buf_check(&text, in->err))) {
        const char *copy = sv_arena_text(in->arena, text.p, text.n);
        st = copy ? sv_json_parse((sv_str){copy, text.n}, &SV_JSON_LIMITS, in->arena, &spec->default_json, NULL,
                                  in->err)
                  : sv_arena_fail(in->arena, text.n, in->err);
    }
    sv_buf_deinit(&text);
    return st;
}

/* ---- all of it ---- */

static savor_status infer_param(const inferrer *in, const sv_value *key, sv_param_spec *out)
{
    const sv_value *v = key + 1;
    savor_status st;
    *out = (sv_param_spec){.name = sv_value_to_text(key, in->arena)};
    if (!out->name.p)
        return sv_arena_fail(in->arena, 0, in->err);
    out->is_list = v->kind == SV_VALUE_LIST && v->variant != SV_VARIANT_TUPLE;
    if (out->is_list)
        st = infer_list(in, v, &out->type.kind);
    else if (v->kind == SV_VALUE_DICT)
        st = infer_object(in, v, &out->type);
    else
        st = infer_scalar(in, v, &out->type.kind);
    return st ? st : keep_default(in, v, out);
}

savor_status sv_params_infer(const sv_value *params, const sv_infer_rules *rules, sv_arena *arena,
                             sv_signature *signature, savor_error *err)
{
    inferrer in = {rules, arena, err};
    savor_status st = SAVOR_OK;
    if (rules->era == SV_ERA_1)
        return sv_fail(err, SAVOR_USAGE, "MLflow 1.x has no params");
    if (params->kind != SV_VALUE_DICT)
        return sv_fail(err, SAVOR_SCHEMA, "Expected parameters to be dict, got %s", sv_value_type_name(params));
    sv_param_spec *specs = sv_arena_array(arena, params->n, sizeof *specs);
    if (!specs)
        return sv_arena_fail(arena, params->n * sizeof *specs, err);
    for (size_t i = 0; !st && i < params->n; i++)
        st = infer_param(&in, &params->u.items[2 * i], &specs[i]);
    if (st)
        return st;
    signature->params = specs;
    signature->n_params = params->n;
    signature->has_params = params->n > 0;
    return SAVOR_OK;
}
