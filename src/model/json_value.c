#include "model/json_value.h"

#include "base/index.h"
#include "data/convert.h"

const char *sv_json_type_name(const sv_json *v)
{
    static const char *const NAMES[] = {
        [SV_JSON_NULL] = "NoneType", [SV_JSON_FALSE] = "bool", [SV_JSON_TRUE] = "bool",
        [SV_JSON_INT] = "int",       [SV_JSON_BIGINT] = "int", [SV_JSON_DOUBLE] = "float",
        [SV_JSON_STRING] = "str",    [SV_JSON_ARRAY] = "list", [SV_JSON_OBJECT] = "dict",
    };
    return NAMES[v->kind];
}

static sv_value scalar_value(const sv_json *v)
{
    switch ((sv_json_kind)v->kind) {
    case SV_JSON_FALSE:
    case SV_JSON_TRUE:
        return (sv_value){.kind = SV_VALUE_BOOL, .u.i = v->kind == SV_JSON_TRUE};
    case SV_JSON_INT:
        return (sv_value){.kind = SV_VALUE_INT, .u.i = v->u.i};
    case SV_JSON_BIGINT:
        return (sv_value){.kind = SV_VALUE_BIGINT, .n = v->n, .u.p = v->u.p};
    case SV_JSON_DOUBLE:
        return (sv_value){.kind = SV_VALUE_FLOAT, .u.f = v->u.f};
    case SV_JSON_STRING:
        return (sv_value){.kind = SV_VALUE_STRING, .n = v->n, .u.p = v->u.p};
    default:
        return (sv_value){.kind = SV_VALUE_NONE};
    }
}

/* Recursion is bounded by the depth limit of the parse. */
static savor_status fill_list(const sv_json *v, sv_arena *arena, sv_value *items, savor_error *err)
{
    const sv_json *item = v + 1;
    savor_status st = SAVOR_OK;
    for (uint32_t i = 0; !st && i < v->n; i++, item = sv_json_next(item))
        st = sv_json_to_value(item, arena, &items[i], err);
    return st;
}

static savor_status fill_dict(const sv_json *v, sv_arena *arena, sv_value *items, size_t *n, savor_error *err)
{
    const sv_json *key = v + 1;
    sv_index index;
    savor_status st = SAVOR_OK;
    sv_index_init(&index, arena);
    for (uint32_t i = 0; !st && i < v->n; i++, key = sv_json_next(key + 1)) {
        size_t at;
        if ((st = sv_index_add(&index, sv_json_text(key), &at, err)))
            break;
        items[2 * at] = scalar_value(key);
        st = sv_json_to_value(key + 1, arena, &items[2 * at + 1], err);
    }
    *n = index.n;
    return st;
}

savor_status sv_json_to_value(const sv_json *v, sv_arena *arena, sv_value *out, savor_error *err)
{
    *out = scalar_value(v);
    if (v->kind < SV_JSON_ARRAY)
        return SAVOR_OK;
    size_t n_slots = (size_t)v->n * (v->kind == SV_JSON_OBJECT ? 2 : 1), n = v->n;
    sv_value *items = sv_arena_array(arena, n_slots, sizeof *items);
    if (!items)
        return sv_arena_fail(arena, n_slots * sizeof *items, err);
    savor_status st =
        v->kind == SV_JSON_OBJECT ? fill_dict(v, arena, items, &n, err) : fill_list(v, arena, items, err);
    *out = (sv_value){.kind = v->kind == SV_JSON_OBJECT ? SV_VALUE_DICT : SV_VALUE_LIST, .n = n, .u.items = items};
    return st;
}

savor_status sv_json_to_label(const sv_json *v, sv_arena *arena, sv_label *out, savor_error *err)
{
    if (v->kind == SV_JSON_INT) {
        *out = sv_label_number(v->u.i);
        return SAVOR_OK;
    }
    if (v->kind == SV_JSON_STRING) {
        *out = sv_label_text(v->n ? sv_json_text(v) : SV_STR(""));
        return SAVOR_OK;
    }
    sv_value value;
    savor_status st = sv_json_to_value(v, arena, &value, err);
    if (st)
        return st;
    *out = sv_label_other(sv_value_to_text(&value, arena));
    return out->text.p ? SAVOR_OK : sv_arena_fail(arena, 0, err);
}
