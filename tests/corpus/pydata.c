#include "corpus/pydata.h"

#include "data/convert.h"
#include "data/datetime.h"
#include "model/json_value.h"
#include "request/base64.h"

#include <math.h>
#include <stdio.h>

static const char NO_DTYPE[] = "a dtype that savor does not hold", EXTENSION[] = "an extension dtype of pandas",
                  UNREADABLE[] = "a description that this program cannot read";

/* {"$name": value}: the value, or NULL for anything else. */
static const sv_json *tagged(const sv_json *v, const char *name)
{
    return v->kind == SV_JSON_OBJECT && v->n == 1 ? sv_json_find(v, name) : NULL;
}

static bool is_kind(const sv_json *d, const char *kind) { return sv_json_is_text(sv_json_find(d, "kind"), kind); }

/* ---- values ---- */

static const char *read_items(const sv_json *list, sv_arena *arena, sv_variant variant, sv_value *out)
{
    sv_value *items = sv_arena_array(arena, list->n + 1, sizeof *items);
    const sv_json *item = list + 1;
    const char *why = NULL;
    for (uint32_t i = 0; !why && i < list->n; i++, item = sv_json_next(item))
        why = pydata_read_value(item, arena, &items[i]);
    *out = (sv_value){.kind = SV_VALUE_LIST, .variant = (uint8_t)variant, .n = list->n, .u.items = items};
    return why;
}

static const char *read_dict(const sv_json *pairs, sv_arena *arena, sv_value *out)
{
    sv_value *items = sv_arena_array(arena, 2 * (size_t)pairs->n + 1, sizeof *items);
    const sv_json *pair = pairs + 1;
    const char *why = NULL;
    for (uint32_t i = 0; !why && i < pairs->n; i++, pair = sv_json_next(pair))
        if (!(why = pydata_read_value(pair + 1, arena, &items[2 * i])))
            why = pydata_read_value(sv_json_next(pair + 1), arena, &items[2 * i + 1]);
    *out = (sv_value){.kind = SV_VALUE_DICT, .n = pairs->n, .u.items = items};
    return why;
}

/* "2020-01-02T03:04:05+02:00": the zone's minutes, or none. */
static size_t zone_of(sv_str iso)
{
    int hours, minutes;
    char text[8] = "";
    if (iso.n < 20)
        return 0;
    memcpy(text, iso.p + iso.n - 6, 6);
    if ((text[0] != '+' && text[0] != '-') || sscanf(text + 1, "%2d:%2d", &hours, &minutes) != 2)
        return 0;
    minutes += hours * 60;
    return (size_t)(SV_ZONE_UTC + (text[0] == '-' ? -minutes : minutes));
}

static const char *read_time(const sv_json *iso, sv_variant variant, sv_value *out)
{
    sv_datetime time;
    if (!sv_text_to_datetime(sv_json_text(iso), &time))
        return UNREADABLE;
    *out = (sv_value){.kind = SV_VALUE_DATETIME, .variant = (uint8_t)variant, .u.i = time.ns};
    out->n = zone_of(sv_json_text(iso));
    return NULL;
}

/* A scalar as .item() gives it, with its dtype. */
static const char *read_numpy(const sv_json *pair, sv_arena *arena, sv_value *out)
{
    const sv_json *name = pair + 1, *v = sv_json_next(name);
    savor_dtype dtype;
    sv_str bytes;
    if (sv_json_is_text(name, "datetime64[s]") || sv_json_is_text(name, "datetime64[us]"))
        return read_time(v, SV_VARIANT_TIME, out);
    if (sv_json_is_text(name, "datetime64[D]"))
        return read_time(v, SV_VARIANT_DATE, out);
    if (!sv_dtype_of(sv_json_text(name), &dtype))
        return NO_DTYPE;
    const char *why =
        dtype == SAVOR_DATETIME_NS ? read_time(v, SV_VARIANT_NUMPY, out) : pydata_read_value(v, arena, out);
    if (!why && dtype == SAVOR_BYTES && !sv_base64_decode(sv_json_text(v), arena, &bytes, NULL))
        *out = (sv_value){.kind = SV_VALUE_BYTES, .n = bytes.n, .u.p = bytes.p};
    if (!why && out->kind == SV_VALUE_FLOAT && dtype == SAVOR_FLOAT32)
        out->u.f = (double)(float)out->u.f;
    out->variant = SV_VARIANT_NUMPY;
    out->dtype = (uint8_t)dtype;
    return why;
}

/* The items were made here, a moment ago. */
static sv_value *own_items(const sv_value *v)
{
    sv_value *items;
    memcpy(&items, &v->u.items, sizeof items);
    return items;
}

/* The items of an array as LISTs whose scalars know their dtype. */
static void mark_numpy(sv_value *v, uint32_t n_dims, savor_dtype dtype)
{
    v->variant = dtype == SAVOR_OBJECT && !n_dims ? v->variant : SV_VARIANT_NUMPY;
    v->dtype = (uint8_t)dtype;
    if (n_dims)
        for (size_t i = 0; i < v->n; i++)
            mark_numpy(own_items(v) + i, n_dims - 1, dtype);
}

static const char *read_array(const sv_json *d, sv_arena *arena, sv_value *out)
{
    savor_dtype dtype;
    const sv_json *name = sv_json_find(d, "dtype");
    if (!sv_dtype_of(sv_json_text(name), &dtype) || !sv_json_is_text(name, savor_dtype_name(dtype)))
        return NO_DTYPE;
    const char *why = pydata_read_value(sv_json_find(d, "values"), arena, out);
    if (!why)
        mark_numpy(out, sv_json_find(d, "shape")->n, dtype);
    return why;
}

static const char *read_tagged(const sv_json *v, sv_arena *arena, sv_value *out)
{
    static const char *const OTHERS[] = {"$decimal", "$set", "$complex", "$timedelta", "$other"};
    const sv_json *inner;
    sv_str bytes;
    if ((inner = tagged(v, "$dict")))
        return read_dict(inner, arena, out);
    if ((inner = tagged(v, "$tuple")))
        return read_items(inner, arena, SV_VARIANT_TUPLE, out);
    if ((inner = tagged(v, "$time")))
        return read_time(inner, SV_VARIANT_PLAIN, out);
    if ((inner = tagged(v, "$datetime")))
        return read_time(inner, SV_VARIANT_TIME, out);
    if ((inner = tagged(v, "$date")))
        return read_time(inner, SV_VARIANT_DATE, out);
    if ((inner = tagged(v, "$np")))
        return read_numpy(inner, arena, out);
    if ((inner = tagged(v, "$array")))
        return read_array(inner, arena, out);
    *out = (sv_value){.kind = SV_VALUE_NONE, .variant = SV_VARIANT_NA};
    if (tagged(v, "$na"))
        return NULL;
    if ((inner = tagged(v, "$float"))) {
        double f = sv_json_is_text(inner, "nan") ? NAN : sv_json_is_text(inner, "inf") ? INFINITY : -INFINITY;
        *out = (sv_value){.kind = SV_VALUE_FLOAT, .u.f = f};
        return NULL;
    }
    if ((inner = tagged(v, "$bytes")) && !sv_base64_decode(sv_json_text(inner), arena, &bytes, NULL)) {
        *out = (sv_value){.kind = SV_VALUE_BYTES, .n = bytes.n, .u.p = bytes.p};
        return NULL;
    }
    for (size_t i = 0; i < sizeof OTHERS / sizeof OTHERS[0]; i++)
        if (tagged(v, OTHERS[i])) {
            *out = (sv_value){.kind = SV_VALUE_OTHER, .n = strlen(OTHERS[i]), .u.p = OTHERS[i]};
            return NULL;
        }
    return UNREADABLE;
}

const char *pydata_read_value(const sv_json *v, sv_arena *arena, sv_value *out)
{
    if (v->kind == SV_JSON_ARRAY)
        return read_items(v, arena, SV_VARIANT_PLAIN, out);
    if (v->kind == SV_JSON_OBJECT)
        return read_tagged(v, arena, out);
    return sv_json_to_value(v, arena, out, NULL) == SAVOR_OK ? NULL : UNREADABLE;
}

/* ---- columns ---- */

static const char *find_dtype(const sv_json *name, savor_dtype *out)
{
    static const char *const EXTENSIONS[] = {"category", "string", "boolean", "Int64",
                                             "Int32",    "UInt8",  "Float64", "Float32"};
    sv_str text = sv_json_text(name);
    for (size_t i = 0; i < sizeof EXTENSIONS / sizeof EXTENSIONS[0]; i++)
        if (sv_json_is_text(name, EXTENSIONS[i]))
            return EXTENSION;
    if (sv_str_is(text, "datetime64[ns, UTC]")) { /* Timestamps that know their zone */
        *out = SAVOR_OBJECT;
        return NULL;
    }
    return sv_dtype_of(text, out) ? NULL : NO_DTYPE;
}

static const void *fill_texts(const sv_value *values, size_t n, sv_arena *arena)
{
    sv_str *texts = sv_arena_array(arena, n + 1, sizeof *texts);
    for (size_t i = 0; i < n; i++)
        if (values[i].kind == SV_VALUE_STRING || values[i].kind == SV_VALUE_BYTES)
            texts[i] = (sv_str){values[i].n ? values[i].u.p : "", values[i].n};
    return texts;
}

static const void *fill_times(const sv_value *values, size_t n, sv_arena *arena)
{
    int64_t *times = sv_arena_array(arena, n + 1, sizeof *times);
    for (size_t i = 0; i < n; i++) {
        sv_datetime time = {.ns = values[i].u.i};
        if (values[i].kind == SV_VALUE_STRING)
            (void)sv_text_to_datetime((sv_str){values[i].u.p, values[i].n}, &time);
        times[i] = time.ns;
    }
    return times;
}

/* Values of any kind as items of a dtype. Cells are described by what tolist() gives. */
static const char *fill_items(const sv_value *values, size_t n, savor_dtype dtype, sv_arena *arena, const void **out)
{
    if (dtype == SAVOR_BYTES || dtype == SAVOR_STRING)
        *out = fill_texts(values, n, arena);
    else if (dtype == SAVOR_DATETIME_NS)
        *out = fill_times(values, n, arena);
    else if (sv_items_cast(SAVOR_OBJECT, values, n, dtype, arena, out, NULL))
        return UNREADABLE;
    return NULL;
}

static const char *read_column(const sv_json *d, sv_arena *arena, sv_column *out)
{
    sv_value cells;
    const sv_json *name = sv_json_find(d, "name");
    bool is_utc = sv_json_is_text(sv_json_find(d, "dtype"), "datetime64[ns, UTC]");
    const char *why = find_dtype(sv_json_find(d, "dtype"), &out->dtype);
    if (why || (why = read_items(sv_json_find(d, "values"), arena, SV_VARIANT_PLAIN, &cells)))
        return why;
    for (size_t i = 0; is_utc && i < cells.n; i++)
        own_items(&cells)[i].n = SV_ZONE_UTC;
    out->name = sv_label_number(0);
    if (name->kind != SV_JSON_NULL && sv_json_to_label(name, arena, &out->name, NULL))
        return UNREADABLE;
    return fill_items(cells.u.items, cells.n, out->dtype, arena, &out->data);
}

static const char *read_frame(const sv_json *d, sv_arena *arena, sv_frame *out)
{
    const sv_json *list = sv_json_find(d, "columns"), *c = list + 1, *rows = sv_json_find(d, "rows");
    sv_column *columns = sv_arena_array(arena, list->n + 1, sizeof *columns);
    const char *why = NULL;
    *out = (sv_frame){.n_rows = rows ? (size_t)rows->u.i : 0, .n_columns = list->n, .columns = columns};
    for (uint32_t i = 0; !why && i < list->n; i++, c = sv_json_next(c)) {
        why = read_column(c, arena, &columns[i]);
        out->n_rows = sv_json_find(c, "values")->n;
    }
    return why;
}

/* ---- arrays ---- */

static void flatten(const sv_value *v, uint32_t depth, sv_value *out, size_t *n)
{
    if (depth == 0) {
        out[(*n)++] = *v;
        return;
    }
    for (size_t i = 0; i < v->n; i++)
        flatten(&v->u.items[i], depth - 1, out, n);
}

/* tolist() of seconds or days: Python's datetimes and dates in an array of objects. */
static void to_python_times(sv_value *leaves, size_t n, sv_variant variant)
{
    for (size_t i = 0; i < n; i++) {
        sv_datetime time;
        (void)sv_text_to_datetime((sv_str){leaves[i].u.p, leaves[i].n}, &time);
        leaves[i] = (sv_value){.kind = SV_VALUE_DATETIME, .variant = (uint8_t)variant, .u.i = time.ns};
    }
}

static const char *read_tensor(const sv_json *d, sv_arena *arena, sv_tensor *out)
{
    const sv_json *shape = sv_json_find(d, "shape"), *size = shape + 1, *name = sv_json_find(d, "dtype");
    sv_value nested;
    size_t n = 0;
    *out = (sv_tensor){.n_dims = shape->n, .n_items = 1};
    for (uint32_t i = 0; i < shape->n; i++, size++)
        out->n_items *= out->shape[i] = (size_t)size->u.i;
    sv_value *leaves = sv_arena_array(arena, out->n_items + 1, sizeof *leaves);
    const char *why = pydata_read_value(sv_json_find(d, "values"), arena, &nested);
    if (why)
        return why;
    flatten(&nested, shape->n, leaves, &n);
    out->dtype = SAVOR_OBJECT;
    if (sv_json_is_text(name, "datetime64[s]") || sv_json_is_text(name, "datetime64[us]"))
        to_python_times(leaves, n, SV_VARIANT_TIME);
    else if (sv_json_is_text(name, "datetime64[D]"))
        to_python_times(leaves, n, SV_VARIANT_DATE);
    else if (!sv_dtype_of(sv_json_text(name), &out->dtype))
        return NO_DTYPE;
    return fill_items(leaves, n, out->dtype, arena, &out->data);
}

/* ---- dicts ---- */

static bool is_named(const sv_json *list)
{
    const sv_json *pair = list + 1;
    for (uint32_t i = 0; i < list->n; i++, pair = sv_json_next(pair))
        if (pair[1].kind != SV_JSON_STRING || !is_kind(sv_json_next(pair + 1), "tensor"))
            return false;
    return true;
}

static const char *read_named(const sv_json *list, sv_arena *arena, sv_payload *out)
{
    sv_named_tensor *items = sv_arena_array(arena, list->n + 1, sizeof *items);
    const sv_json *pair = list + 1;
    const char *why = NULL;
    out->kind = SV_PAYLOAD_NAMED;
    out->named.n = list->n;
    out->named.items = items;
    for (uint32_t i = 0; !why && i < list->n; i++, pair = sv_json_next(pair)) {
        items[i].name = sv_json_text(pair + 1);
        why = read_tensor(sv_json_next(pair + 1), arena, &items[i].tensor);
    }
    return why;
}

static const char *read_mixed(const sv_json *list, sv_arena *arena, sv_value *out)
{
    sv_value *items = sv_arena_array(arena, 2 * (size_t)list->n + 1, sizeof *items);
    const sv_json *pair = list + 1;
    const char *why = NULL;
    for (uint32_t i = 0; !why && i < list->n; i++, pair = sv_json_next(pair)) {
        const sv_json *value = sv_json_next(pair + 1);
        why = pydata_read_value(pair + 1, arena, &items[2 * i]);
        items[2 * i + 1] = (sv_value){.kind = SV_VALUE_OTHER, .n = 9, .u.p = "DataFrame"};
        if (!why && is_kind(value, "tensor"))
            why = read_array(value, arena, &items[2 * i + 1]);
        else if (!why && is_kind(value, "value"))
            why = pydata_read_value(sv_json_find(value, "value"), arena, &items[2 * i + 1]);
    }
    *out = (sv_value){.kind = SV_VALUE_DICT, .n = list->n, .u.items = items};
    return why;
}

const char *pydata_read(const sv_json *d, sv_arena *arena, pydata *out)
{
    *out = (pydata){.payload = {.kind = SV_PAYLOAD_VALUE}};
    if (is_kind(d, "frame")) {
        out->payload.kind = SV_PAYLOAD_FRAME;
        return read_frame(d, arena, &out->payload.frame);
    }
    if (is_kind(d, "series")) {
        sv_column *column = sv_arena_array(arena, 1, sizeof *column);
        out->payload.kind = SV_PAYLOAD_FRAME;
        out->payload.frame = (sv_frame){.n_rows = sv_json_find(d, "values")->n, .n_columns = 1, .columns = column};
        out->is_series = true;
        out->is_unnamed_series = sv_json_find(d, "name")->kind == SV_JSON_NULL;
        return read_column(d, arena, column);
    }
    if (is_kind(d, "sparse")) {
        out->payload.kind = SV_PAYLOAD_TENSOR;
        snprintf(out->sparse, sizeof out->sparse, "%.*s", SV_FMT(sv_json_text(sv_json_find(d, "format"))));
        return read_tensor(sv_json_find(d, "dense"), arena, &out->payload.tensor);
    }
    if (is_kind(d, "tensor")) {
        out->payload.kind = SV_PAYLOAD_TENSOR;
        return read_tensor(d, arena, &out->payload.tensor);
    }
    if (is_kind(d, "dict")) {
        const sv_json *list = sv_json_find(d, "items");
        return is_named(list) ? read_named(list, arena, &out->payload) : read_mixed(list, arena, &out->payload.value);
    }
    return is_kind(d, "value") ? pydata_read_value(sv_json_find(d, "value"), arena, &out->payload.value) : UNREADABLE;
}
