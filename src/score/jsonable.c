#include "score/jsonable.h"

#include "base/number.h"
#include "data/convert.h"
#include "data/datetime.h"
#include "request/base64.h"
#include "text/json.h"

#include <stdio.h>

static void put_float(sv_buf *out, double value, savor_nan nan)
{
    if (value - value != 0 && nan == SAVOR_NAN_NULL)
        sv_buf_put(out, "null", 4);
    else
        sv_json_put_double(out, value);
}

/* "Object of type ... is not JSON serializable" */
static void refuse(sv_buf *out)
{
    if (!out->failed)
        out->failed = SAVOR_UNREADABLE;
}

static void put_base64(sv_buf *out, sv_str bytes)
{
    sv_buf text = SV_BUF_INIT(out->max_bytes);
    sv_base64_put(&text, bytes);
    if (text.failed && !out->failed)
        out->failed = text.failed;
    sv_json_put_string(out, sv_buf_view(&text));
    sv_buf_deinit(&text);
}

/* isoformat() of a time that stands alone or in a cell; a numpy scalar of nanoseconds is an integer. */
static void put_time(sv_buf *out, const sv_value *v)
{
    char room[48];
    int zone = v->n ? (int)v->n - SV_ZONE_UTC : 0, minutes = zone < 0 ? -zone : zone;
    if (v->variant == SV_VARIANT_NUMPY && v->u.i == SV_NAT) {
        sv_buf_put(out, "null", 4);
        return;
    }
    if (v->variant == SV_VARIANT_NUMPY) {
        sv_json_put_int64(out, v->u.i);
        return;
    }
    int64_t ns;
    if (v->u.i == SV_NAT || __builtin_add_overflow(v->u.i, zone * (int64_t)60000000000, &ns))
        ns = v->u.i;
    size_t n = sv_datetime_to_text(ns, room);
    if (v->n && v->u.i != SV_NAT)
        n += (size_t)snprintf(room + n, sizeof room - n, "%c%02d:%02d", zone < 0 ? '-' : '+', minutes / 60,
                              minutes % 60);
    else if (v->variant == SV_VARIANT_DATE && n > 10)
        n = 10;
    sv_json_put_string(out, (sv_str){room, n});
}

/* A key is text: that of the JSON value, where Python has another. */
static void put_key(sv_buf *out, const sv_value *key, savor_nan nan)
{
    bool is_text = key->kind == SV_VALUE_STRING;
    if (key->kind > SV_VALUE_STRING || key->variant == SV_VARIANT_NA)
        refuse(out);
    sv_buf_put_text(out, is_text ? "" : "\"");
    sv_jsonable_put_value(out, key, nan);
    sv_buf_put_text(out, is_text ? "" : "\"");
}

/* Recursion is bounded: values come from JSON, whose depth is limited, or from engines, which make none. */
static void put_items(sv_buf *out, const sv_value *v, savor_nan nan)
{
    bool is_list = v->kind == SV_VALUE_LIST;
    sv_buf_put_char(out, is_list ? '[' : '{');
    for (size_t i = 0; i < v->n; i++) {
        if (i)
            sv_buf_put(out, ", ", 2);
        if (!is_list) {
            put_key(out, &v->u.items[2 * i], nan);
            sv_buf_put(out, ": ", 2);
        }
        sv_jsonable_put_value(out, &v->u.items[is_list ? i : 2 * i + 1], nan);
    }
    sv_buf_put_char(out, is_list ? ']' : '}');
}

void sv_jsonable_put_value(sv_buf *out, const sv_value *v, savor_nan nan)
{
    switch (v->kind) {
    case SV_VALUE_NONE:
        sv_buf_put(out, "null", 4);
        if (v->variant == SV_VARIANT_NA)
            refuse(out);
        break;
    case SV_VALUE_BOOL:
        sv_buf_put_text(out, v->u.i ? "true" : "false");
        break;
    case SV_VALUE_INT:
        sv_json_put_int64(out, v->u.i);
        break;
    case SV_VALUE_DATETIME:
        put_time(out, v);
        break;
    case SV_VALUE_BIGINT:
        sv_buf_put(out, v->u.p, v->n);
        break;
    case SV_VALUE_FLOAT:
        put_float(out, v->u.f, nan);
        break;
    case SV_VALUE_STRING:
        sv_json_put_string(out, (sv_str){v->u.p, v->n});
        break;
    case SV_VALUE_BYTES:
        put_base64(out, (sv_str){v->u.p, v->n});
        break;
    case SV_VALUE_LIST:
    case SV_VALUE_DICT:
        put_items(out, v, nan);
        break;
    case SV_VALUE_ARRAY:
        sv_jsonable_put_tensor(out, v->u.tensor, nan);
        break;
    case SV_VALUE_OTHER:
        refuse(out);
        break;
    }
}

void sv_jsonable_put_cell(sv_buf *out, savor_dtype dtype, const void *data, size_t i, savor_nan nan)
{
    if (dtype == SAVOR_FLOAT64) {
        put_float(out, ((const double *)data)[i], nan);
    } else if (dtype == SAVOR_FLOAT32) {
        put_float(out, (double)((const float *)data)[i], nan);
    } else if (dtype == SAVOR_UINT64) {
        sv_json_put_uint64(out, ((const uint64_t *)data)[i]);
    } else {
        sv_value v = sv_item_get(dtype, data, i);
        v.variant = v.kind == SV_VALUE_NONE ? SV_VARIANT_PLAIN : v.variant;
        sv_jsonable_put_value(out, &v, nan);
    }
}

/* numpy's tolist() of nanoseconds gives integers. */
static void put_element(sv_buf *out, const sv_tensor *t, size_t i, savor_nan nan)
{
    if (t->dtype != SAVOR_DATETIME_NS)
        sv_jsonable_put_cell(out, t->dtype, t->data, i, nan);
    else if (((const int64_t *)t->data)[i] == SV_NAT)
        sv_buf_put(out, "null", 4);
    else
        sv_json_put_int64(out, ((const int64_t *)t->data)[i]);
}

void sv_jsonable_put_tensor(sv_buf *out, const sv_tensor *t, savor_nan nan)
{
    if (t->n_dims == 0) {
        put_element(out, t, 0, nan);
        return;
    }
    if (t->n_dims == 1) {
        sv_buf_put_char(out, '[');
        for (size_t i = 0; i < t->n_items; i++) {
            if (i)
                sv_buf_put(out, ", ", 2);
            put_element(out, t, i, nan);
        }
        sv_buf_put_char(out, ']');
        return;
    }
    /* The first dimension here, the rest as a tensor of its own; depth is at most SV_TENSOR_DIMS_MAX. */
    sv_tensor inner = *t;
    inner.n_dims--;
    memmove(inner.shape, inner.shape + 1, inner.n_dims * sizeof *inner.shape);
    inner.n_items = t->shape[0] ? t->n_items / t->shape[0] : 0;
    sv_buf_put_char(out, '[');
    for (size_t i = 0; i < t->shape[0]; i++) {
        if (i)
            sv_buf_put(out, ", ", 2);
        inner.data = (const char *)t->data + i * inner.n_items * sv_dtype_size(t->dtype);
        sv_jsonable_put_tensor(out, &inner, nan);
    }
    sv_buf_put_char(out, ']');
}

/* ---- layout ---- */

static void put_line(sv_buf *out, size_t depth)
{
    sv_buf_put_char(out, '\n');
    for (size_t i = 0; i < depth; i++)
        sv_buf_put(out, "  ", 2);
}

/* From the opening quote to behind the closing one. */
static size_t skip_string(sv_str json, size_t i)
{
    for (i++; i < json.n && json.p[i] != '"'; i++)
        i += json.p[i] == '\\';
    return i < json.n ? i + 1 : json.n;
}

void sv_jsonable_put_indented(sv_buf *out, sv_str json)
{
    size_t depth = 0;
    for (size_t i = 0; i < json.n; i++) {
        char c = json.p[i];
        bool is_open = c == '[' || c == '{', is_empty = is_open && i + 1 < json.n && json.p[i + 1] == c + 2;
        if (c == '"') {
            size_t end = skip_string(json, i);
            sv_buf_put(out, json.p + i, end - i);
            i = end - 1;
            continue;
        }
        if (is_empty) {
            sv_buf_put(out, json.p + i++, 2);
            continue;
        }
        if (c == ']' || c == '}')
            put_line(out, depth ? --depth : 0);
        sv_buf_put_char(out, c);
        if (is_open)
            put_line(out, ++depth);
        if (c == ',') { /* ", " */
            put_line(out, depth);
            i++;
        }
    }
}
