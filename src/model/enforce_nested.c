/* enforce_nested.c: values inside arrays, objects, maps. Source: MLflow _enforce_type and what it calls. */
#include "data/convert.h"
#include "data/nested.h"
#include "model/enforce_priv.h"

#include <stdio.h>
#include <stdlib.h>

/* Recursion ends with the declared type, which is as deep as the signature's JSON may be. */

enum { PATH_MAX_BYTES = 120, SHOWN_MAX_BYTES = 40 };

typedef struct enforcer {
    const sv_value_rules *how;
    sv_arena *arena;
    savor_error *err;
    size_t n_path; /* beyond PATH_MAX_BYTES the path is cut */
    char path[PATH_MAX_BYTES + 1];
} enforcer;

static savor_status enforce_type(enforcer *e, const sv_value *v, const sv_type *type, bool required, sv_value *out);

/* ---- messages ---- */

static void push_text(enforcer *e, sv_str text)
{
    sv_str fits = sv_str_cut(text, PATH_MAX_BYTES - e->n_path);
    if (fits.n)
        memcpy(e->path + e->n_path, fits.p, fits.n);
    e->n_path += fits.n;
    e->path[e->n_path] = '\0';
}

static void push_key(enforcer *e, sv_str key)
{
    push_text(e, SV_STR("."));
    push_text(e, key);
}

static void push_item(enforcer *e, size_t i)
{
    char room[32];
    int n = snprintf(room, sizeof room, "[%zu]", i);
    push_text(e, (sv_str){room, (size_t)n});
}

static void pop_path(enforcer *e, size_t n_path)
{
    e->n_path = n_path;
    e->path[n_path] = '\0';
}

/* " \"abc\"", " 7", or nothing for what has no short text. */
static void show_value(const sv_value *v, char *room, size_t size)
{
    bool is_text = v->kind == SV_VALUE_STRING || v->kind == SV_VALUE_BIGINT;
    sv_str text = is_text && v->n ? sv_str_cut((sv_str){v->u.p, v->n}, SHOWN_MAX_BYTES) : SV_STR("");
    room[0] = '\0';
    if (v->kind == SV_VALUE_STRING)
        snprintf(room, size, " \"%.*s\"", SV_FMT(text));
    else if (v->kind == SV_VALUE_BIGINT)
        snprintf(room, size, " %.*s", SV_FMT(text));
    else if (v->kind == SV_VALUE_INT)
        snprintf(room, size, " %lld", (long long)v->u.i);
    else if (v->kind == SV_VALUE_FLOAT)
        snprintf(room, size, " %.17g", v->u.f);
}

static savor_status fail(enforcer *e, const char *expected, const sv_value *found)
{
    char shown[SHOWN_MAX_BYTES + 8];
    const char *path = e->n_path && e->path[0] == '.' ? e->path + 1 : e->path;
    if (e->how->rules->hide_details)
        return sv_fail(e->err, SAVOR_SCHEMA, "Failed to enforce model input schema. Please check your input data.");
    show_value(found, shown, sizeof shown);
    return sv_fail(e->err, SAVOR_SCHEMA, "%s%s%s: expected %s, got %s%s", e->how->where, *path ? ", at " : "", path,
                   expected, sv_value_type_name(found), shown);
}

static savor_status fail_key(enforcer *e, const char *what, sv_str key)
{
    const char *path = e->n_path && e->path[0] == '.' ? e->path + 1 : e->path;
    if (e->how->rules->hide_details)
        return sv_fail(e->err, SAVOR_SCHEMA, "Failed to enforce model input schema. Please check your input data.");
    return sv_fail(e->err, SAVOR_SCHEMA, "%s%s%s: %s: {'%.*s'}", e->how->where, *path ? ", at " : "", path, what,
                   SV_FMT(key));
}

static savor_status fail_nomem(enforcer *e, size_t size) { return sv_arena_fail(e->arena, size, e->err); }

/* ---- plain values ---- */

/* numpy.isscalar: a datetime of pandas is none, that of numpy is. */
static bool is_scalar(const sv_value *v)
{
    switch (v->kind) {
    case SV_VALUE_NONE:
    case SV_VALUE_LIST:
    case SV_VALUE_DICT:
    case SV_VALUE_ARRAY:
        return false;
    case SV_VALUE_DATETIME:
        return v->variant == SV_VARIANT_NUMPY;
    default:
        return true;
    }
}

static bool may_be_missing(const enforcer *e, const sv_value *v)
{
    return v->kind == SV_VALUE_NONE ||
           (e->how->rules->nesting != SV_NESTING_REQUIRED &&
            !(v->variant == SV_VARIANT_NUMPY && v->dtype == SAVOR_FLOAT32) && sv_value_is_missing(v));
}

/* series[0]: numbers are numpy's, times are pandas', text is Python's. */
static sv_value first_of(const sv_column *column)
{
    if (strchr("biuf", sv_dtype_kind(column->dtype)))
        return sv_item_get_numpy(column->dtype, column->data, 0);
    return sv_item_get(column->dtype, column->data, 0);
}

/* A value of exactly the declared type needs no column to be seen through. */
static bool take_exact(const sv_value *v, sv_type_kind type, sv_value *out)
{
    static const struct {
        sv_value_kind kind;
        uint8_t variant, dtype;
    } EXACT[] = {
        [SV_TYPE_BOOLEAN] = {SV_VALUE_BOOL, SV_VARIANT_NUMPY, SAVOR_BOOL},
        [SV_TYPE_LONG] = {SV_VALUE_INT, SV_VARIANT_NUMPY, SAVOR_INT64},
        [SV_TYPE_DOUBLE] = {SV_VALUE_FLOAT, SV_VARIANT_NUMPY, SAVOR_FLOAT64},
        [SV_TYPE_STRING] = {SV_VALUE_STRING, SV_VARIANT_PLAIN, 0},
    };
    if (v->variant || type > SV_TYPE_STRING || EXACT[type].kind == SV_VALUE_NONE || EXACT[type].kind != v->kind)
        return false;
    *out = *v;
    out->variant = EXACT[type].variant;
    out->dtype = EXACT[type].dtype;
    return true;
}

static savor_status enforce_plain(enforcer *e, const sv_value *v, const sv_type *type, bool required, sv_value *out)
{
    const sv_enforce_rules *rules = e->how->rules;
    sv_column column = {.dtype = SAVOR_OBJECT}, enforced;
    *out = (sv_value){.kind = SV_VALUE_NONE};
    if (!required && may_be_missing(e, v))
        return SAVOR_OK;
    if (take_exact(v, type->kind, out))
        return SAVOR_OK;
    if (!is_scalar(v))
        return fail(e, sv_type_name(type->kind), v);
    savor_status st = sv_values_to_column(v, 1, rules->pandas_major, e->arena, &column, e->err);
    if (!st)
        st = sv_column_enforce(&column, 1, type->kind, rules, e->arena, &enforced, e->err);
    if (st)
        return st == SAVOR_SCHEMA || st == SAVOR_BAD_REQUEST ? fail(e, sv_type_name(type->kind), v) : st;
    *out = first_of(&enforced);
    return SAVOR_OK;
}

/* ---- arrays of plain values, as one column ---- */

/* One character of UTF-8 at most. */
static size_t first_character(sv_str text)
{
    size_t n = text.n > 0;
    while (n < text.n && ((unsigned char)text.p[n] & 0xC0) == 0x80)
        n++;
    return n;
}

/* pandas 3 fills an array of the narrowest text when something is missing: one character of each, "n" of "nan". */
static savor_status cut_texts(enforcer *e, const sv_column *column, size_t n, const sv_str **out)
{
    const sv_str *texts = column->data;
    sv_str *cut = sv_column_alloc(e->arena, SAVOR_STRING, n);
    *out = cut;
    if (!cut)
        return fail_nomem(e, n * sizeof *cut);
    for (size_t i = 0; i < n; i++)
        cut[i] = texts[i].p ? (sv_str){texts[i].p, first_character(texts[i])} : SV_STR("n");
    return SAVOR_OK;
}

static bool has_missing(const sv_column *column, size_t n)
{
    const sv_str *texts = column->data;
    for (size_t i = 0; i < n; i++)
        if (!texts[i].p)
            return true;
    return false;
}

/* column.to_numpy(dtype) */
static savor_status column_to_items(enforcer *e, sv_column *column, size_t n, savor_dtype dtype, const void **out)
{
    const void *objects;
    savor_status st = SAVOR_OK;
    if (column->dtype == SAVOR_STRING && has_missing(column, n)) {
        const sv_str *cut;
        st = cut_texts(e, column, n, &cut);
        column->data = cut;
    }
    if (st || column->dtype != SAVOR_STRING)
        return st ? st : sv_items_cast(column->dtype, column->data, n, dtype, e->arena, out, e->err);
    st =
        sv_items_cast(SAVOR_STRING, column->data, n, SAVOR_OBJECT, e->arena, &objects, e->err); /* NULs go this way */
    return st ? st : sv_items_cast(SAVOR_OBJECT, objects, n, dtype, e->arena, out, e->err);
}

/* array.tolist(): times are whole nanoseconds, NaT is None. */
static savor_status items_to_list(enforcer *e, savor_dtype dtype, const void *data, size_t n, sv_value *out)
{
    sv_value *items = sv_arena_array(e->arena, n, sizeof *items);
    if (!items)
        return fail_nomem(e, n * sizeof *items);
    for (size_t i = 0; i < n; i++) {
        items[i] = sv_item_get(dtype, data, i);
        if (dtype == SAVOR_DATETIME_NS)
            items[i].kind = items[i].u.i == SV_NAT ? SV_VALUE_NONE : SV_VALUE_INT;
    }
    *out = (sv_value){.kind = SV_VALUE_LIST, .n = n, .u.items = items};
    return SAVOR_OK;
}

/* pandas.Series(list or array) */
static savor_status column_of(enforcer *e, const sv_value *v, sv_column *out)
{
    int pandas_major = e->how->rules->pandas_major;
    if (v->kind == SV_VALUE_LIST)
        return sv_values_to_column(v->u.items, v->n, pandas_major, e->arena, out, e->err);
    const sv_tensor *t = v->u.tensor;
    bool as_objects = t->dtype == SAVOR_BYTES || (t->dtype == SAVOR_STRING && pandas_major < 3);
    out->dtype = as_objects ? SAVOR_OBJECT : t->dtype;
    return sv_items_cast(t->dtype, t->data, t->n_items, out->dtype, e->arena, &out->data, e->err);
}

static savor_status item_at(enforcer *e, const sv_value *v, size_t i, sv_value *out)
{
    if (v->kind == SV_VALUE_ARRAY)
        return sv_tensor_index(v->u.tensor, i, e->arena, out, e->err);
    *out = v->u.items[i];
    return SAVOR_OK;
}

/* MLflow blames the array; the first element that would not pass alone says more. */
static savor_status fail_items(enforcer *e, const sv_value *v, const sv_type *items)
{
    size_t n_path = e->n_path;
    char expected[60];
    for (size_t i = 0; i < v->n; i++) {
        sv_value item, made;
        savor_status st = item_at(e, v, i, &item);
        push_item(e, i);
        if (!st)
            st = enforce_plain(e, &item, items, true, &made);
        if (st)
            return st;
        pop_path(e, n_path);
    }
    snprintf(expected, sizeof expected, "elements that make one column of %s", sv_type_name(items->kind));
    return fail(e, expected, v);
}

static savor_status enforce_items(enforcer *e, const sv_value *v, const sv_type *items, sv_value *out)
{
    sv_column column = {.dtype = SAVOR_OBJECT}, enforced;
    savor_dtype dtype = sv_type_dtype(items->kind);
    const void *data;
    savor_status st = column_of(e, v, &column);
    if (!st)
        st = sv_column_enforce(&column, v->n, items->kind, e->how->rules, e->arena, &enforced, e->err);
    if (!st)
        st = column_to_items(e, &enforced, v->n, dtype, &data);
    if (st)
        return st == SAVOR_SCHEMA || st == SAVOR_BAD_REQUEST ? fail_items(e, v, items) : st;
    if (v->kind == SV_VALUE_LIST)
        return items_to_list(e, dtype, data, v->n, out);
    sv_tensor t = sv_tensor_view(dtype, v->n, 0, data);
    return sv_value_of_tensor(&t, e->arena, out, e->err);
}

/* ---- arrays ---- */

static savor_status list_to_array(enforcer *e, const sv_value *list, sv_value *out)
{
    sv_tensor t;
    savor_status st = sv_value_to_tensor(list, e->arena, &t, e->err);
    if (st == SAVOR_BAD_REQUEST)
        return fail(e, "elements of one shape", list);
    return st ? st : sv_value_of_tensor(&t, e->arena, out, e->err);
}

static savor_status enforce_each(enforcer *e, const sv_value *v, const sv_type *items, bool required, sv_value *out)
{
    size_t n = v->kind == SV_VALUE_ARRAY ? v->u.tensor->shape[0] : v->n, n_path = e->n_path;
    sv_value *made = sv_arena_array(e->arena, n, sizeof *made);
    if (!made)
        return fail_nomem(e, n * sizeof *made);
    for (size_t i = 0; i < n; i++) {
        sv_value item;
        savor_status st = item_at(e, v, i, &item);
        push_item(e, i);
        if (!st)
            st = enforce_type(e, &item, items, required, &made[i]);
        if (st)
            return st;
        pop_path(e, n_path);
    }
    sv_value list = {.kind = SV_VALUE_LIST, .n = n, .u.items = made};
    *out = list;
    return v->kind == SV_VALUE_ARRAY ? list_to_array(e, &list, out) : SAVOR_OK;
}

/* A vector of Spark ML is an array of doubles. */
static const sv_type *items_of(const sv_type *type)
{
    static const sv_type DOUBLE = {.kind = SV_TYPE_DOUBLE};
    return type->kind == SV_TYPE_SPARKML_VECTOR ? &DOUBLE : type->items;
}

static bool is_empty_list(const sv_value *v)
{
    return (v->kind == SV_VALUE_LIST && v->n == 0) ||
           (v->kind == SV_VALUE_ARRAY && v->u.tensor->n_dims && v->u.tensor->shape[0] == 0);
}

static savor_status enforce_array(enforcer *e, const sv_value *v, const sv_type *type, bool required, sv_value *out)
{
    const sv_type *items = items_of(type);
    sv_nesting nesting = e->how->rules->nesting;
    bool is_optional = !required || (nesting != SV_NESTING_REQUIRED && items->kind == SV_TYPE_ANY);
    *out = *v;
    if (is_optional && (v->kind == SV_VALUE_NONE || (nesting != SV_NESTING_REQUIRED && is_empty_list(v))))
        return SAVOR_OK;
    if (v->kind != SV_VALUE_LIST && (v->kind != SV_VALUE_ARRAY || v->u.tensor->n_dims == 0))
        return fail(e, "list", v);
    if (nesting != SV_NESTING_COLUMNS || items->kind > SV_TYPE_DATETIME)
        return enforce_each(e, v, items, required || nesting == SV_NESTING_REQUIRED, out);
    if (is_empty_list(v))
        return SAVOR_OK;
    if (v->kind == SV_VALUE_ARRAY && v->u.tensor->n_dims != 1)
        return fail(e, "array of one dimension", v);
    return enforce_items(e, v, items, out);
}

/* ---- objects and maps ---- */

static int compare_name(const void *key, const void *property)
{
    return sv_str_compare(*(const sv_str *)key, ((const sv_property *)property)->name);
}

static const sv_property *find_property(const sv_type *type, const sv_value *key)
{
    sv_str name = {key->u.p, key->n};
    if (key->kind != SV_VALUE_STRING)
        return NULL;
    return bsearch(&name, type->properties, type->n_properties, sizeof *type->properties, compare_name);
}

/* Which properties are there; what is declared must be, what is there must be declared. */
static savor_status check_keys(enforcer *e, const sv_value *v, const sv_type *type)
{
    bool *seen = sv_arena_array(e->arena, type->n_properties, sizeof *seen);
    const sv_value *extra = NULL;
    if (!seen)
        return fail_nomem(e, type->n_properties);
    for (size_t i = 0; i < v->n; i++) {
        const sv_property *p = find_property(type, &v->u.items[2 * i]);
        if (p)
            seen[p - type->properties] = true;
        else
            extra = extra ? extra : &v->u.items[2 * i];
    }
    for (size_t i = 0; i < type->n_properties; i++)
        if (type->properties[i].required && !seen[i])
            return fail_key(e, "Missing required properties", type->properties[i].name);
    if (!extra)
        return SAVOR_OK;
    sv_str name = extra->kind == SV_VALUE_STRING ? (sv_str){extra->u.p, extra->n} : SV_STR("");
    return fail_key(e, "Invalid properties not defined in the schema found", name);
}

/* v == {}, which holds for an array of one empty dict too. */
static bool is_empty_dict(const sv_value *v)
{
    if (v->kind == SV_VALUE_ARRAY && v->n == 1 && v->u.tensor->dtype == SAVOR_OBJECT)
        v = v->u.tensor->data;
    return v->kind == SV_VALUE_DICT && v->n == 0;
}

/* None, and since 2.19 an empty dict, pass where nothing is required. */
static bool passes_empty(const enforcer *e, const sv_value *v)
{
    return v->kind == SV_VALUE_NONE || (e->how->rules->nesting != SV_NESTING_REQUIRED && is_empty_dict(v));
}

static savor_status new_pairs(enforcer *e, const sv_value *v, sv_value **pairs, sv_value *out)
{
    *pairs = sv_arena_array(e->arena, 2 * v->n, sizeof **pairs);
    *out = (sv_value){.kind = SV_VALUE_DICT, .n = v->n, .u.items = *pairs};
    return *pairs ? SAVOR_OK : fail_nomem(e, 2 * v->n * sizeof **pairs);
}

static savor_status enforce_object(enforcer *e, const sv_value *v, const sv_type *type, bool required, sv_value *out)
{
    size_t n_path = e->n_path;
    sv_value *pairs;
    savor_status st;
    *out = *v;
    if (!required && passes_empty(e, v))
        return SAVOR_OK;
    if (v->kind != SV_VALUE_DICT)
        return fail(e, "object", v);
    if ((st = check_keys(e, v, type)) || (st = new_pairs(e, v, &pairs, out)))
        return st;
    for (size_t i = 0; i < v->n; i++) {
        const sv_value *key = &v->u.items[2 * i];
        const sv_property *p = find_property(type, key);
        push_key(e, p->name);
        pairs[2 * i] = *key;
        if ((st = enforce_type(e, key + 1, &p->type, p->required || e->how->rules->nesting == SV_NESTING_REQUIRED,
                               &pairs[2 * i + 1])))
            return st;
        pop_path(e, n_path);
    }
    return SAVOR_OK;
}

static savor_status enforce_map(enforcer *e, const sv_value *v, const sv_type *type, bool required, sv_value *out)
{
    sv_nesting nesting = e->how->rules->nesting;
    bool is_optional = !required || (nesting != SV_NESTING_REQUIRED && type->items->kind == SV_TYPE_ANY);
    size_t n_path = e->n_path;
    sv_value *pairs;
    savor_status st;
    *out = *v;
    if (is_optional && passes_empty(e, v))
        return SAVOR_OK;
    if (v->kind != SV_VALUE_DICT)
        return fail(e, "map", v);
    if ((st = new_pairs(e, v, &pairs, out)))
        return st;
    for (size_t i = 0; i < v->n; i++) {
        const sv_value *key = &v->u.items[2 * i];
        if (key->kind != SV_VALUE_STRING)
            return fail(e, "text as every key of a map", key);
        push_key(e, (sv_str){key->u.p, key->n});
        pairs[2 * i] = *key;
        if ((st = enforce_type(e, key + 1, type->items, required || nesting == SV_NESTING_REQUIRED,
                               &pairs[2 * i + 1])))
            return st;
        pop_path(e, n_path);
    }
    return SAVOR_OK;
}

static savor_status enforce_type(enforcer *e, const sv_value *v, const sv_type *type, bool required, sv_value *out)
{
    switch (type->kind) {
    case SV_TYPE_ARRAY:
    case SV_TYPE_SPARKML_VECTOR:
        return enforce_array(e, v, type, required, out);
    case SV_TYPE_OBJECT:
        return enforce_object(e, v, type, required, out);
    case SV_TYPE_MAP:
        return enforce_map(e, v, type, required, out);
    case SV_TYPE_ANY:
    case SV_TYPE_TENSOR:
        *out = *v;
        return SAVOR_OK;
    default:
        return enforce_plain(e, v, type, required, out);
    }
}

savor_status sv_value_enforce(const sv_value *in, const sv_value_rules *how, sv_arena *arena, sv_value *out,
                              savor_error *err)
{
    enforcer e = {.how = how, .arena = arena, .err = err};
    return enforce_type(&e, in, how->type, how->required, out);
}
