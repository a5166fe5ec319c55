#include "corpus/payloads.h"

#include "data/convert.h"
#include "data/datetime.h"
#include "data/nested.h"
#include "model/json_value.h"
#include "request/base64.h"

#include <math.h>
#include <stdio.h>

/* {"$name": value}: the value, or NULL for anything else. */
static const sv_json *tagged(const sv_json *v, const char *name)
{
    return v->kind == SV_JSON_OBJECT && v->n == 1 ? sv_json_find(v, name) : NULL;
}

static const char *kind_of(const sv_json *description, char *room)
{
    const sv_json *kind = sv_json_find(description, "kind");
    sv_str text = kind ? sv_json_text(kind) : SV_STR("");
    snprintf(room, 16, "%.*s", SV_FMT(text));
    return room;
}

static double special(const sv_json *name)
{
    return sv_json_is_text(name, "nan") ? NAN : sv_json_is_text(name, "inf") ? INFINITY : -INFINITY;
}

static bool read_time(const sv_json *iso, int64_t *out)
{
    sv_datetime time;
    bool is_time = sv_text_to_datetime(sv_json_text(iso), &time);
    *out = time.ns;
    return is_time && !time.has_zone;
}

/* ---- reading ---- */

static bool read_value(const sv_json *v, sv_arena *arena, sv_value *out);
static bool read_dtype(const sv_json *name, savor_dtype *out);
static bool read_items(const sv_value *values, size_t n, savor_dtype dtype, sv_arena *arena, const void **out);
static bool read_tensor(const sv_json *d, sv_arena *arena, sv_tensor *out);

static bool read_list(const sv_json *list, sv_arena *arena, sv_value *out)
{
    sv_value *items = sv_arena_array(arena, list->n + 1, sizeof *items);
    const sv_json *item = list + 1;
    for (uint32_t i = 0; i < list->n; i++, item = sv_json_next(item)) {
        if (!read_value(item, arena, &items[i]))
            return false;
    }
    *out = (sv_value){.kind = SV_VALUE_LIST, .n = list->n, .u.items = items};
    return true;
}

static bool read_dict(const sv_json *pairs, sv_arena *arena, sv_value *out)
{
    sv_value *items = sv_arena_array(arena, 2 * (size_t)pairs->n + 1, sizeof *items);
    const sv_json *pair = pairs + 1;
    for (uint32_t i = 0; i < pairs->n; i++, pair = sv_json_next(pair)) {
        const sv_json *key = pair + 1;
        if (!read_value(key, arena, &items[2 * i]) || !read_value(sv_json_next(key), arena, &items[2 * i + 1]))
            return false;
    }
    *out = (sv_value){.kind = SV_VALUE_DICT, .n = pairs->n, .u.items = items};
    return true;
}

/* ["int32", 4] */
static bool read_numpy(const sv_json *pair, sv_arena *arena, sv_value *out)
{
    savor_dtype dtype;
    const sv_json *v = sv_json_next(pair + 1);
    sv_value text;
    const void *item;
    sv_str bytes;
    if (!read_dtype(pair + 1, &dtype))
        return false;
    if (dtype == SAVOR_BYTES && !sv_base64_decode(sv_json_text(v), arena, &bytes, NULL)) {
        *out = (sv_value){
            .kind = SV_VALUE_BYTES, .variant = SV_VARIANT_NUMPY, .dtype = SAVOR_BYTES, .n = bytes.n, .u.p = bytes.p};
        return true;
    }
    if (!read_value(v, arena, &text) || !read_items(&text, 1, dtype, arena, &item))
        return false;
    *out = sv_item_get_numpy(dtype, item, 0);
    return true;
}

static bool read_array(const sv_json *d, sv_arena *arena, sv_value *out)
{
    sv_tensor t;
    return read_tensor(d, arena, &t) && sv_value_of_tensor(&t, arena, out, NULL) == SAVOR_OK;
}

static bool read_value(const sv_json *v, sv_arena *arena, sv_value *out)
{
    const sv_json *inner;
    sv_str bytes;
    if (v->kind == SV_JSON_ARRAY)
        return read_list(v, arena, out);
    if (v->kind != SV_JSON_OBJECT)
        return sv_json_to_value(v, arena, out, NULL) == SAVOR_OK;
    if ((inner = tagged(v, "$dict")))
        return read_dict(inner, arena, out);
    if ((inner = tagged(v, "$float"))) {
        *out = (sv_value){.kind = SV_VALUE_FLOAT, .u.f = special(inner)};
        return true;
    }
    if ((inner = tagged(v, "$time"))) {
        *out = (sv_value){.kind = SV_VALUE_DATETIME};
        return read_time(inner, &out->u.i);
    }
    if ((inner = tagged(v, "$bytes")) && !sv_base64_decode(sv_json_text(inner), arena, &bytes, NULL)) {
        *out = (sv_value){.kind = SV_VALUE_BYTES, .n = bytes.n, .u.p = bytes.p};
        return true;
    }
    if ((inner = tagged(v, "$np")))
        return read_numpy(inner, arena, out);
    if ((inner = tagged(v, "$array")))
        return read_array(inner, arena, out);
    return false; /* {"$na"}, {"$decimal"}, {"$complex"}, {"$date"}, ... */
}

/* dtype name -> dtype, by the exact name: datetime64[s] is not datetime64[ns]. */
static bool read_dtype(const sv_json *name, savor_dtype *out)
{
    return sv_dtype_of(sv_json_text(name), out) && sv_json_is_text(name, savor_dtype_name(*out));
}

/* Values of any kind as items of a dtype. Cells are described by what tolist() gives. */
static bool read_items(const sv_value *values, size_t n, savor_dtype dtype, sv_arena *arena, const void **out)
{
    if (dtype == SAVOR_BYTES || dtype == SAVOR_STRING) {
        sv_str *texts = sv_arena_array(arena, n + 1, sizeof *texts);
        for (size_t i = 0; i < n; i++)
            if (values[i].kind == SV_VALUE_STRING || values[i].kind == SV_VALUE_BYTES)
                texts[i] = (sv_str){values[i].n ? values[i].u.p : "", values[i].n};
        *out = texts;
        return true;
    }
    if (dtype == SAVOR_DATETIME_NS) {
        int64_t *times = sv_arena_array(arena, n + 1, sizeof *times);
        for (size_t i = 0; i < n; i++) {
            sv_datetime time = {.ns = values[i].u.i};
            if (values[i].kind == SV_VALUE_STRING)
                sv_text_to_datetime((sv_str){values[i].u.p, values[i].n}, &time);
            times[i] = time.ns;
        }
        *out = times;
        return true;
    }
    return sv_items_cast(SAVOR_OBJECT, values, n, dtype, arena, out, NULL) == SAVOR_OK;
}

/* As recorded, an array of one element that was to be the only cell of its column became one of 0 dimensions. */
static void flatten_only_cell(sv_value *cells, sv_arena *arena)
{
    if (cells->n != 1 || cells->u.items->kind != SV_VALUE_ARRAY || cells->u.items->n != 1)
        return;
    sv_tensor t = *cells->u.items->u.tensor;
    sv_value *only = sv_arena_array(arena, 1, sizeof *only);
    t.n_dims = 0;
    if (sv_value_of_tensor(&t, arena, only, NULL) == SAVOR_OK)
        cells->u.items = only;
}

static bool read_frame(const sv_json *d, sv_arena *arena, sv_frame *out)
{
    const sv_json *list = sv_json_find(d, "columns"), *c = list + 1;
    sv_column *columns = sv_arena_array(arena, list->n + 1, sizeof *columns);
    const sv_json *rows = sv_json_find(d, "rows");
    *out = (sv_frame){.n_rows = rows ? (size_t)rows->u.i : 0, .n_columns = list->n, .columns = columns};
    for (uint32_t i = 0; i < list->n; i++, c = sv_json_next(c)) {
        const sv_json *values = sv_json_find(c, "values");
        sv_value cells;
        if (!read_dtype(sv_json_find(c, "dtype"), &columns[i].dtype) || !read_list(values, arena, &cells))
            return false;
        flatten_only_cell(&cells, arena);
        if (!read_items(cells.u.items, cells.n, columns[i].dtype, arena, &columns[i].data) ||
            sv_json_to_label(sv_json_find(c, "name"), arena, &columns[i].name, NULL))
            return false;
        out->n_rows = values->n;
    }
    return true;
}

/* The leaves of nested lists, in order. */
static void flatten(const sv_value *v, uint32_t depth, sv_value *out, size_t *n)
{
    if (depth == 0) {
        out[(*n)++] = *v;
        return;
    }
    for (size_t i = 0; i < v->n; i++)
        flatten(&v->u.items[i], depth - 1, out, n);
}

static bool read_tensor(const sv_json *d, sv_arena *arena, sv_tensor *out)
{
    const sv_json *shape = sv_json_find(d, "shape"), *size = shape + 1;
    sv_value nested;
    size_t n = 0;
    *out = (sv_tensor){.n_dims = shape->n, .n_items = 1};
    for (uint32_t i = 0; i < shape->n; i++, size++)
        out->n_items *= out->shape[i] = (size_t)size->u.i;
    sv_value *leaves = sv_arena_array(arena, out->n_items + 1, sizeof *leaves);
    if (!read_dtype(sv_json_find(d, "dtype"), &out->dtype) || !read_value(sv_json_find(d, "values"), arena, &nested))
        return false;
    flatten(&nested, shape->n, leaves, &n);
    return read_items(leaves, n, out->dtype, arena, &out->data);
}

static bool read_named(const sv_json *d, sv_arena *arena, sv_payload *out)
{
    const sv_json *list = sv_json_find(d, "items"), *pair = list + 1;
    sv_named_tensor *items = sv_arena_array(arena, list->n + 1, sizeof *items);
    char kind[16];
    out->named.n = list->n;
    out->named.items = items;
    for (uint32_t i = 0; i < list->n; i++, pair = sv_json_next(pair)) {
        const sv_json *key = pair + 1, *value = sv_json_next(key);
        items[i].name = sv_json_text(key);
        if (strcmp(kind_of(value, kind), "tensor") != 0 || !read_tensor(value, arena, &items[i].tensor) ||
            items[i].tensor.n_dims == 0)
            return false; /* scalars that are arrays come from no request */
    }
    return true;
}

bool payload_read(const sv_json *description, sv_arena *arena, sv_payload *out)
{
    char kind[16];
    kind_of(description, kind);
    *out = (sv_payload){.kind = SV_PAYLOAD_VALUE};
    if (strcmp(kind, "frame") == 0) {
        out->kind = SV_PAYLOAD_FRAME;
        return read_frame(description, arena, &out->frame);
    }
    if (strcmp(kind, "tensor") == 0) {
        out->kind = SV_PAYLOAD_TENSOR;
        return read_tensor(description, arena, &out->tensor) && out->tensor.n_dims;
    }
    if (strcmp(kind, "dict") == 0) {
        out->kind = SV_PAYLOAD_NAMED;
        return read_named(description, arena, out);
    }
    return strcmp(kind, "value") == 0 && read_value(sv_json_find(description, "value"), arena, &out->value);
}

/* ---- comparing ---- */

static bool same_double(double a, double b) { return (isnan(a) && isnan(b)) || (a == b && signbit(a) == signbit(b)); }

static bool same_list(const sv_json *want, const sv_value *got)
{
    const sv_json *item = want + 1;
    bool same = got->kind == SV_VALUE_LIST && got->n == want->n;
    for (uint32_t i = 0; same && i < want->n; i++, item = sv_json_next(item))
        same = payload_same_value(item, &got->u.items[i]);
    return same;
}

static bool same_dict(const sv_json *pairs, const sv_value *got)
{
    const sv_json *pair = pairs + 1;
    bool same = got->kind == SV_VALUE_DICT && got->n == pairs->n;
    for (uint32_t i = 0; same && i < pairs->n; i++, pair = sv_json_next(pair))
        same = payload_same_value(pair + 1, &got->u.items[2 * i]) &&
               payload_same_value(sv_json_next(pair + 1), &got->u.items[2 * i + 1]);
    return same;
}

static bool same_bytes(const sv_json *base64, const sv_value *got)
{
    sv_arena arena;
    sv_str bytes;
    sv_arena_init(&arena, 1 << 20);
    bool same = got->kind == SV_VALUE_BYTES && !sv_base64_decode(sv_json_text(base64), &arena, &bytes, NULL) &&
                sv_str_equal(bytes, (sv_str){got->u.p, got->n});
    sv_arena_deinit(&arena);
    return same;
}

/* Numbers of numpy are not Python's; text and bytes are one thing here. */
static bool same_numpy(const sv_json *pair, const sv_value *got)
{
    savor_dtype dtype;
    if (!payload_same_value(sv_json_next(pair + 1), got))
        return false;
    return got->kind == SV_VALUE_STRING || !read_dtype(pair + 1, &dtype) ||
           (got->variant == SV_VARIANT_NUMPY && got->dtype == dtype);
}

static bool same_tensor(const sv_json *want, const sv_tensor *got, char *why);

static bool same_tagged(const sv_json *want, const sv_value *got)
{
    const sv_json *inner;
    char why[PAYLOAD_WHY_MAX];
    int64_t time;
    if ((inner = tagged(want, "$float")))
        return got->kind == SV_VALUE_FLOAT && same_double(special(inner), got->u.f);
    if (tagged(want, "$date") || (tagged(want, "$time") && got->kind == SV_VALUE_STRING))
        return got->kind == SV_VALUE_STRING; /* a param: checked, and left as it was written */
    if ((inner = tagged(want, "$time")))
        return got->kind == SV_VALUE_DATETIME && read_time(inner, &time) && time == got->u.i;
    if ((inner = tagged(want, "$bytes")))
        return same_bytes(inner, got);
    if ((inner = tagged(want, "$dict")))
        return same_dict(inner, got);
    if ((inner = tagged(want, "$np")) && sv_json_is_text(inner + 1, "bytes"))
        return same_bytes(sv_json_next(inner + 1), got);
    if (inner)
        return same_numpy(inner, got);
    if ((inner = tagged(want, "$array")))
        return got->kind == SV_VALUE_ARRAY && same_tensor(inner, got->u.tensor, why);
    return false;
}

bool payload_same_value(const sv_json *want, const sv_value *got)
{
    sv_str text = {got->u.p, got->n};
    switch (want->kind) {
    case SV_JSON_NULL:
        return got->kind == SV_VALUE_NONE;
    case SV_JSON_FALSE:
    case SV_JSON_TRUE:
        return got->kind == SV_VALUE_BOOL && got->u.i == (want->kind == SV_JSON_TRUE);
    case SV_JSON_INT:
        return got->kind == SV_VALUE_INT && got->u.i == want->u.i;
    case SV_JSON_BIGINT:
        return got->kind == SV_VALUE_BIGINT && sv_str_equal(text, sv_json_text(want));
    case SV_JSON_DOUBLE:
        return got->kind == SV_VALUE_FLOAT && same_double(want->u.f, got->u.f);
    case SV_JSON_STRING:
        return got->kind == SV_VALUE_STRING && sv_str_equal(text, sv_json_text(want));
    case SV_JSON_ARRAY:
        return same_list(want, got);
    default:
        return same_tagged(want, got);
    }
}

static bool same_item(const sv_json *want, savor_dtype dtype, const void *data, size_t i)
{
    char digits[24];
    if (dtype == SAVOR_UINT64) {
        snprintf(digits, sizeof digits, "%llu", (unsigned long long)((const uint64_t *)data)[i]);
        if (want->kind == SV_JSON_BIGINT)
            return sv_json_is_text(&(sv_json){SV_JSON_STRING, 0, want->n, {.p = want->u.p}}, digits);
    }
    sv_value v = sv_item_get(dtype, data, i);
    int64_t time;
    const sv_json *scalar = tagged(want, "$np");
    want = dtype != SAVOR_OBJECT && dtype != SAVOR_BYTES && scalar ? sv_json_next(scalar + 1)
                                                                   : want; /* the dtype is the column's */
    if (dtype == SAVOR_DATETIME_NS && want->kind == SV_JSON_STRING)
        return read_time(want, &time) && time == v.u.i;
    return payload_same_value(want, &v);
}

static bool same_dtype(const sv_json *want, savor_dtype got)
{
    if (got == SAVOR_DATETIME_NS) /* one unit here, whatever numpy found */
        return sv_str_starts(sv_json_text(want), SV_STR("datetime64"));
    if ((got == SAVOR_OBJECT || got == SAVOR_BYTES) && sv_str_starts(sv_json_text(want), SV_STR("|S")))
        return true; /* bytes of one width in a frame of pandas 1 */
    return sv_json_is_text(want, savor_dtype_name(got));
}

static bool same_frame(const sv_json *want, const sv_frame *got, char *why)
{
    const sv_json *list = sv_json_find(want, "columns"), *c = list + 1, *rows = sv_json_find(want, "rows");
    snprintf(why, PAYLOAD_WHY_MAX, "%zu rows, %zu columns", got->n_rows, got->n_columns);
    if (list->n != got->n_columns || (rows && (size_t)rows->u.i != got->n_rows))
        return false;
    for (size_t i = 0; i < list->n; i++, c = sv_json_next(c)) {
        const sv_column *column = &got->columns[i];
        const sv_json *name = sv_json_find(c, "name"), *cell = sv_json_find(c, "values") + 1;
        char room[24];
        sv_str shown = sv_label_show(&column->name, room);
        bool is_named = sv_label_is_number(&column->name)
                            ? name->kind == SV_JSON_INT && name->u.i == column->name.number
                            : name->kind == SV_JSON_STRING && sv_str_equal(sv_json_text(name), shown);
        snprintf(why, PAYLOAD_WHY_MAX, "column \"%.*s\" is %s", SV_FMT(shown), savor_dtype_name(column->dtype));
        if (!is_named || !same_dtype(sv_json_find(c, "dtype"), column->dtype))
            return false;
        for (size_t r = 0; r < got->n_rows; r++, cell = sv_json_next(cell)) {
            sv_value v = sv_item_get(column->dtype, column->data, r);
            snprintf(why, PAYLOAD_WHY_MAX, "column \"%.*s\" (%s), row %zu is another %s (%.17g, %lld)", SV_FMT(shown),
                     savor_dtype_name(column->dtype), r, sv_value_type_name(&v), v.kind == SV_VALUE_FLOAT ? v.u.f : 0,
                     (long long)v.u.i);
            if (!same_item(cell, column->dtype, column->data, r))
                return false;
        }
    }
    return true;
}

static bool same_nested(const sv_json *want, const sv_tensor *t, uint32_t dim, size_t *i)
{
    if (dim == t->n_dims)
        return same_item(want, t->dtype, t->data, (*i)++);
    if (want->kind != SV_JSON_ARRAY || want->n != t->shape[dim])
        return false;
    const sv_json *item = want + 1;
    for (uint32_t k = 0; k < want->n; k++, item = sv_json_next(item))
        if (!same_nested(item, t, dim + 1, i))
            return false;
    return true;
}

static bool same_tensor(const sv_json *want, const sv_tensor *got, char *why)
{
    const sv_json *shape = sv_json_find(want, "shape");
    size_t i = 0;
    bool same = shape->n == got->n_dims && same_dtype(sv_json_find(want, "dtype"), got->dtype);
    for (uint32_t k = 0; same && k < shape->n; k++)
        same = (size_t)shape[1 + k].u.i == got->shape[k];
    snprintf(why, PAYLOAD_WHY_MAX, "array of %s, %u dimensions, %zu elements", savor_dtype_name(got->dtype),
             got->n_dims, got->n_items);
    if (!same || same_nested(sv_json_find(want, "values"), got, 0, &i))
        return same;
    snprintf(why, PAYLOAD_WHY_MAX, "array of %s: element %zu is another", savor_dtype_name(got->dtype), i - 1);
    return false;
}

static bool same_named(const sv_json *want, const sv_payload *got, char *why)
{
    const sv_json *list = sv_json_find(want, "items"), *pair = list + 1;
    char kind[16];
    snprintf(why, PAYLOAD_WHY_MAX, "%zu named arrays", got->named.n);
    bool same = list->n == got->named.n;
    for (uint32_t i = 0; same && i < list->n; i++, pair = sv_json_next(pair)) {
        const sv_json *key = pair + 1, *value = sv_json_next(key);
        const sv_named_tensor *item = &got->named.items[i];
        same = sv_str_equal(sv_json_text(key), item->name);
        if (same && strcmp(kind_of(value, kind), "tensor") == 0)
            same = same_tensor(value, &item->tensor, why);
        else if (same) { /* a scalar that numpy holds */
            same = item->tensor.n_dims == 0 && sv_json_find(value, "value") &&
                   same_item(sv_json_find(value, "value"), item->tensor.dtype, item->tensor.data, 0);
        }
    }
    return same;
}

/* A description of one thing inside a list or dict. */
static bool same_described(const sv_json *want, const sv_value *got)
{
    char kind[16], why[PAYLOAD_WHY_MAX];
    kind_of(want, kind);
    if (strcmp(kind, "tensor") == 0)
        return got->kind == SV_VALUE_ARRAY && same_tensor(want, got->u.tensor, why);
    if (strcmp(kind, "value") == 0)
        return payload_same_value(sv_json_find(want, "value"), got);
    const sv_json *list = sv_json_find(want, "items"), *pair = list + 1;
    bool same = strcmp(kind, "dict") == 0 && got->kind == SV_VALUE_DICT && got->n == list->n;
    for (uint32_t i = 0; same && i < list->n; i++, pair = sv_json_next(pair))
        same = payload_same_value(pair + 1, &got->u.items[2 * i]) &&
               same_described(sv_json_next(pair + 1), &got->u.items[2 * i + 1]);
    return same;
}

static bool same_items(const sv_json *want, const sv_value *got)
{
    const sv_json *list = sv_json_find(want, "items"), *item = list + 1;
    bool same = got->kind == SV_VALUE_LIST && got->n == list->n;
    for (uint32_t i = 0; same && i < list->n; i++, item = sv_json_next(item)) {
        same = same_described(item, &got->u.items[i]);
    }
    return same;
}

bool payload_same(const sv_json *want, const sv_payload *got, char *why)
{
    static const char *const KINDS[] = {"frame", "tensor", "dict", "value"};
    char kind[16];
    kind_of(want, kind);
    snprintf(why, PAYLOAD_WHY_MAX, "is a %s, expected %s", KINDS[got->kind], kind);
    if (got->kind == SV_PAYLOAD_VALUE && strcmp(kind, "list") == 0)
        return same_items(want, &got->value);
    if (got->kind == SV_PAYLOAD_TENSOR && strcmp(kind, "value") == 0) /* a numpy scalar */
        return got->tensor.n_dims == 0 &&
               same_item(sv_json_find(want, "value"), got->tensor.dtype, got->tensor.data, 0);
    if (strcmp(kind, KINDS[got->kind]) != 0)
        return false;
    switch (got->kind) {
    case SV_PAYLOAD_FRAME:
        return same_frame(want, &got->frame, why);
    case SV_PAYLOAD_TENSOR:
        return same_tensor(want, &got->tensor, why);
    case SV_PAYLOAD_NAMED:
        return same_named(want, got, why);
    default:
        break;
    }
    snprintf(why, PAYLOAD_WHY_MAX, "is another %s", sv_value_type_name(&got->value));
    return payload_same_value(sv_json_find(want, "value"), &got->value);
}
