/* infer_value.c: one Python value -> its type, and two types -> the one that fits both. Source: MLflow
 * mlflow/types/utils.py, mlflow/types/schema.py. */
#include "model/infer_priv.h"

#include <stdlib.h>

static const char MIXED[] = "Expected all values in the list to be of the same type";

/* ---- scalars ---- */

bool sv_value_is_none_or_nan(const inferrer *in, const sv_value *v)
{
    switch (v->kind) {
    case SV_VALUE_NONE:
        return v->variant == SV_VARIANT_PLAIN || in->rules->has_any;
    case SV_VALUE_FLOAT: /* numpy.float64 is a float, numpy.float32 is none */
        return v->u.f != v->u.f && (v->variant == SV_VARIANT_PLAIN || v->dtype == SAVOR_FLOAT64);
    case SV_VALUE_DATETIME:
        return v->u.i == SV_NAT && v->variant == SV_VARIANT_PLAIN && in->rules->has_any;
    default:
        return false;
    }
}

static bool infer_numpy_scalar(savor_dtype dtype, sv_type_kind *out)
{
    static const struct {
        savor_dtype dtype;
        sv_type_kind kind;
    } ROWS[] = {
        {SAVOR_BOOL, SV_TYPE_BOOLEAN},  {SAVOR_INT32, SV_TYPE_INTEGER},        {SAVOR_INT64, SV_TYPE_LONG},
        {SAVOR_FLOAT32, SV_TYPE_FLOAT}, {SAVOR_FLOAT64, SV_TYPE_DOUBLE},       {SAVOR_STRING, SV_TYPE_STRING},
        {SAVOR_BYTES, SV_TYPE_BINARY},  {SAVOR_DATETIME_NS, SV_TYPE_DATETIME},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++)
        if (ROWS[i].dtype == dtype) {
            *out = ROWS[i].kind;
            return true;
        }
    return false;
}

bool sv_scalar_infer(const sv_value *v, sv_type_kind *out)
{
    static const struct {
        bool has_type;
        sv_type_kind kind;
    } PLAIN[] = {
        [SV_VALUE_BOOL] = {true, SV_TYPE_BOOLEAN},      [SV_VALUE_INT] = {true, SV_TYPE_LONG},
        [SV_VALUE_BIGINT] = {true, SV_TYPE_LONG},       [SV_VALUE_FLOAT] = {true, SV_TYPE_DOUBLE},
        [SV_VALUE_STRING] = {true, SV_TYPE_STRING},     [SV_VALUE_BYTES] = {true, SV_TYPE_BINARY},
        [SV_VALUE_DATETIME] = {true, SV_TYPE_DATETIME}, [SV_VALUE_OTHER] = {false, SV_TYPE_ANY},
    };
    if (v->kind == SV_VALUE_LIST || v->kind == SV_VALUE_DICT)
        return false;
    if (v->variant == SV_VARIANT_NUMPY)
        return infer_numpy_scalar((savor_dtype)v->dtype, out);
    *out = PLAIN[v->kind].kind;
    /* type(x) is compared exactly: a Timestamp is no datetime.datetime */
    return PLAIN[v->kind].has_type && (v->kind != SV_VALUE_DATETIME || v->variant != SV_VARIANT_PLAIN);
}

/* ---- types ---- */

static const sv_type ANY = {.kind = SV_TYPE_ANY}, EMPTY_OBJECT = {.kind = SV_TYPE_OBJECT};

static bool is_scalar(const sv_type *type) { return type->kind <= SV_TYPE_DATETIME; }

static savor_status fail_nomem(const inferrer *in, size_t size) { return sv_arena_fail(in->arena, size, in->err); }

static savor_status new_type(const inferrer *in, sv_type type, const sv_type **out)
{
    sv_type *copy = sv_arena_array(in->arena, 1, sizeof *copy);
    if (!copy)
        return fail_nomem(in, sizeof *copy);
    *copy = type;
    *out = copy;
    return SAVOR_OK;
}

static savor_status new_array(const inferrer *in, const sv_type *items, const sv_type **out)
{
    return new_type(in, (sv_type){.kind = SV_TYPE_ARRAY, .items = items}, out);
}

/* Recursion here and below is bounded: types are at most INFER_DEPTH_MAX deep. */
static bool equal_types(const sv_type *a, const sv_type *b)
{
    if (a == b)
        return true;
    if (a->kind != b->kind || a->n_properties != b->n_properties)
        return false;
    if (a->kind == SV_TYPE_ARRAY)
        return equal_types(a->items, b->items);
    for (size_t i = 0; i < a->n_properties; i++) {
        const sv_property *p = &a->properties[i], *q = &b->properties[i];
        if (p->required != q->required || !sv_str_equal(p->name, q->name) || !equal_types(&p->type, &q->type))
            return false;
    }
    return true;
}

static savor_status refuse_mix(const inferrer *in, const sv_type *a, const sv_type *b)
{
    return sv_fail(in->err, SAVOR_SCHEMA, "%s: found %s and %s", MIXED, sv_type_name(a->kind), sv_type_name(b->kind));
}

static savor_status merge(const inferrer *in, const sv_type *a, const sv_type *b, const sv_type **out);

/* What stands inside two arrays. */
static savor_status merge_items(const inferrer *in, const sv_type *a, const sv_type *b, const sv_type **out)
{
    bool follows = in->rules->has_any || a->kind == b->kind;
    *out = a;
    if (!is_scalar(a))
        return follows ? merge(in, a, b, out) : refuse_mix(in, a, b);
    if (a->kind == b->kind || (b->kind == SV_TYPE_ANY && in->rules->era == SV_ERA_3))
        return SAVOR_OK;
    return refuse_mix(in, a, b);
}

static savor_status merge_arrays(const inferrer *in, const sv_type *a, const sv_type *b, const sv_type **out)
{
    const sv_type *items;
    *out = a;
    if (b->kind == SV_TYPE_ANY)
        return SAVOR_OK;
    if (b->kind != SV_TYPE_ARRAY)
        return refuse_mix(in, a, b);
    savor_status st = merge_items(in, a->items, b->items, &items);
    return st ? st : new_array(in, items, out);
}

static savor_status merge_properties(const inferrer *in, const sv_property *p, const sv_property *q, sv_property *out)
{
    const sv_type *type;
    savor_status st = merge_items(in, &p->type, &q->type, &type);
    if (!st)
        *out = (sv_property){.name = p->name, .type = *type, .required = p->required && q->required};
    return st;
}

/* Both are sorted by name; what only one of them has is optional. */
static savor_status unite_objects(const inferrer *in, const sv_type *a, const sv_type *b, const sv_type **out)
{
    size_t i = 0, k = 0, n = 0;
    sv_property *all = sv_arena_array(in->arena, a->n_properties + b->n_properties, sizeof *all);
    if (!all)
        return fail_nomem(in, sizeof *all);
    while (i < a->n_properties || k < b->n_properties) {
        int order = i == a->n_properties   ? 1
                    : k == b->n_properties ? -1
                                           : sv_str_compare(a->properties[i].name, b->properties[k].name);
        if (order == 0) {
            savor_status st = merge_properties(in, &a->properties[i++], &b->properties[k++], &all[n++]);
            if (st)
                return st;
            continue;
        }
        all[n] = order < 0 ? a->properties[i++] : b->properties[k++];
        all[n++].required = false;
    }
    return new_type(in, (sv_type){.kind = SV_TYPE_OBJECT, .properties = all, .n_properties = n}, out);
}

static savor_status merge_objects(const inferrer *in, const sv_type *a, const sv_type *b, const sv_type **out)
{
    *out = a;
    if (b->kind == SV_TYPE_ANY) /* then nothing in it is required */
        b = &EMPTY_OBJECT;
    else if (b->kind != SV_TYPE_OBJECT)
        return refuse_mix(in, a, b);
    return equal_types(a, b) ? SAVOR_OK : unite_objects(in, a, b, out);
}

/* `a` is an array, an object or any. */
static savor_status merge(const inferrer *in, const sv_type *a, const sv_type *b, const sv_type **out)
{
    if (a->kind == SV_TYPE_ANY) {
        *out = b;
        return is_scalar(b) || b->kind == SV_TYPE_ANY ? SAVOR_OK : merge(in, b, a, out);
    }
    return (a->kind == SV_TYPE_ARRAY ? merge_arrays : merge_objects)(in, a, b, out);
}

/* ---- values ---- */

static savor_status merge_item(const inferrer *in, const sv_type *so_far, const sv_type *type, const sv_type **out)
{
    *out = so_far ? so_far : type;
    if (!so_far)
        return SAVOR_OK;
    if (!is_scalar(so_far))
        return merge(in, so_far, type, out);
    return type->kind == SV_TYPE_ANY || type->kind == so_far->kind ? SAVOR_OK : refuse_mix(in, so_far, type);
}

/* The type of the items; NULL when nothing can be said. */
static savor_status infer_items(const inferrer *in, const sv_value *items, size_t n, uint32_t depth,
                                const sv_type **out)
{
    savor_status st = SAVOR_OK;
    *out = NULL;
    for (size_t i = 0; !st && i < n; i++) {
        const sv_type *type;
        if (!in->rules->has_any && sv_value_is_none_or_nan(in, &items[i]))
            continue;
        if ((st = sv_value_infer(in, &items[i], depth, &type)) || !type)
            continue;
        st = merge_item(in, *out, type, out);
    }
    return st;
}

static savor_status infer_list(const inferrer *in, const sv_value *v, uint32_t depth, const sv_type **out)
{
    const sv_type *items;
    savor_status st = infer_items(in, v->u.items, v->n, depth + 1, &items);
    *out = NULL;
    return st || !items ? st : new_array(in, items, out);
}

static int compare_properties(const void *a, const void *b)
{
    const sv_property *x = a, *y = b;
    return sv_str_compare(x->name, y->name);
}

static savor_status infer_property(const inferrer *in, const sv_value *key, uint32_t depth, sv_property *out)
{
    const sv_type *type;
    if (key->kind != SV_VALUE_STRING)
        return sv_fail(in->err, SAVOR_SCHEMA, "Expected name to be a string, got type %s", sv_value_type_name(key));
    savor_status st = sv_value_infer(in, key + 1, depth + 1, &type);
    if (st)
        return st;
    if (!type)
        return sv_fail(in->err, SAVOR_SCHEMA, "Dictionary value must not be an empty list.");
    *out =
        (sv_property){.name = {key->n ? key->u.p : "", key->n}, .type = *type, .required = type->kind != SV_TYPE_ANY};
    return SAVOR_OK;
}

static savor_status infer_dict(const inferrer *in, const sv_value *v, uint32_t depth, const sv_type **out)
{
    savor_status st = SAVOR_OK;
    sv_property *properties = sv_arena_array(in->arena, v->n, sizeof *properties);
    if (!properties)
        return fail_nomem(in, v->n * sizeof *properties);
    if (v->n == 0)
        return sv_fail(in->err, SAVOR_SCHEMA, "Creating Object with empty properties is not allowed.");
    for (size_t i = 0; !st && i < v->n; i++)
        st = infer_property(in, &v->u.items[2 * i], depth, &properties[i]);
    if (st)
        return st;
    qsort(properties, v->n, sizeof *properties, compare_properties);
    return new_type(in, (sv_type){.kind = SV_TYPE_OBJECT, .properties = properties, .n_properties = v->n}, out);
}

savor_status sv_value_infer(const inferrer *in, const sv_value *v, uint32_t depth, const sv_type **out)
{
    sv_type_kind kind;
    bool is_list = v->kind == SV_VALUE_LIST && v->variant != SV_VARIANT_TUPLE;
    bool is_empty = v->n == 0 && v->variant == SV_VARIANT_PLAIN && (is_list || v->kind == SV_VALUE_DICT);
    *out = in->rules->has_any && (is_empty || sv_value_is_none_or_nan(in, v)) ? &ANY : NULL;
    if (*out)
        return SAVOR_OK;
    if (depth > INFER_DEPTH_MAX)
        return sv_fail(in->err, SAVOR_LIMIT, "the data were nested deeper than %d levels", INFER_DEPTH_MAX);
    if (is_list)
        return infer_list(in, v, depth, out);
    if (v->kind == SV_VALUE_DICT)
        return infer_dict(in, v, depth, out);
    if (sv_scalar_infer(v, &kind))
        return new_type(in, (sv_type){.kind = kind}, out);
    return sv_fail(in->err, SAVOR_SCHEMA, "a value of type %s is not one of the supported types",
                   sv_value_type_name(v));
}

savor_status sv_values_infer(const inferrer *in, const sv_value *values, size_t n, const sv_type **out)
{
    savor_status st = infer_items(in, values, n, 1, out);
    if (!st && !*out)
        return sv_fail(in->err, SAVOR_SCHEMA, "at least one value must not be empty");
    return st;
}
