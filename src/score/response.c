#include "score/response.h"

#include "base/alloc.h"
#include "base/number.h"
#include "data/convert.h"
#include "data/datetime.h"
#include "request/base64.h"
#include "text/json.h"

static void put_float(sv_buf *out, double value, savor_nan nan)
{
    if (value - value != 0 && nan == SAVOR_NAN_NULL)
        sv_buf_put(out, "null", 4);
    else
        sv_json_put_double(out, value);
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

/* A time that stands alone or in a cell. */
static void put_time(sv_buf *out, int64_t ns)
{
    char room[40];
    size_t n = sv_datetime_to_text(ns, room);
    sv_json_put_string(out, (sv_str){room, n});
}

static void put_value(sv_buf *out, const sv_value *v, savor_nan nan);

/* Recursion is bounded: values come from JSON, whose depth is limited, or from engines, which make none. */
static void put_items(sv_buf *out, const sv_value *v, savor_nan nan)
{
    bool is_list = v->kind == SV_VALUE_LIST;
    sv_buf_put_char(out, is_list ? '[' : '{');
    for (size_t i = 0; i < v->n; i++) {
        if (i)
            sv_buf_put(out, ", ", 2);
        if (!is_list) {
            put_value(out, &v->u.items[2 * i], nan);
            sv_buf_put(out, ": ", 2);
        }
        put_value(out, &v->u.items[is_list ? i : 2 * i + 1], nan);
    }
    sv_buf_put_char(out, is_list ? ']' : '}');
}

static void put_value(sv_buf *out, const sv_value *v, savor_nan nan)
{
    switch (v->kind) {
    case SV_VALUE_NONE:
        sv_buf_put(out, "null", 4);
        break;
    case SV_VALUE_BOOL:
        sv_buf_put_text(out, v->u.i ? "true" : "false");
        break;
    case SV_VALUE_INT:
        sv_json_put_int64(out, v->u.i);
        break;
    case SV_VALUE_DATETIME:
        put_time(out, v->u.i);
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
    }
}

static void put_item(sv_buf *out, savor_dtype dtype, const void *data, size_t i, savor_nan nan)
{
    if (dtype == SAVOR_FLOAT64) {
        put_float(out, ((const double *)data)[i], nan);
    } else if (dtype == SAVOR_FLOAT32) {
        put_float(out, (double)((const float *)data)[i], nan);
    } else if (dtype == SAVOR_UINT64) {
        sv_json_put_uint64(out, ((const uint64_t *)data)[i]);
    } else {
        sv_value v = sv_item_get(dtype, data, i);
        put_value(out, &v, nan);
    }
}

/* numpy's tolist() of nanoseconds gives integers. */
static void put_element(sv_buf *out, const sv_tensor *t, size_t i, savor_nan nan)
{
    if (t->dtype != SAVOR_DATETIME_NS)
        put_item(out, t->dtype, t->data, i, nan);
    else if (((const int64_t *)t->data)[i] == SV_NAT)
        sv_buf_put(out, "null", 4);
    else
        sv_json_put_int64(out, ((const int64_t *)t->data)[i]);
}

static void put_tensor(sv_buf *out, const sv_tensor *t, savor_nan nan)
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
        put_tensor(out, &inner, nan);
    }
    sv_buf_put_char(out, ']');
}

/* A Python dict keeps the place of the first and the value of the last of equal keys. NULL: `c` is not the first. */
static const sv_column *record_column(const sv_frame *frame, size_t c)
{
    const sv_column *last = &frame->columns[c];
    for (size_t i = 0; i < frame->n_columns; i++)
        if (i != c && sv_label_equal(&frame->columns[i].name, &frame->columns[c].name)) {
            if (i < c)
                return NULL;
            last = &frame->columns[i];
        }
    return last;
}

static void put_record(sv_buf *out, const sv_frame *frame, const sv_column *const *columns, size_t row, savor_nan nan)
{
    char room[24];
    bool is_first = true;
    sv_buf_put_char(out, '{');
    for (size_t c = 0; c < frame->n_columns; c++) {
        const sv_column *column = columns[c];
        if (!column)
            continue;
        if (!is_first)
            sv_buf_put(out, ", ", 2);
        is_first = false;
        sv_json_put_string(out, sv_label_show(&column->name, room));
        sv_buf_put(out, ": ", 2);
        put_item(out, column->dtype, column->data, row, nan);
    }
    sv_buf_put_char(out, '}');
}

static void put_frame(sv_buf *out, const sv_frame *frame, savor_nan nan)
{
    const sv_column **columns = sv_alloc_array(frame->n_columns, sizeof *columns);
    if (!columns) {
        out->failed = SAVOR_NOMEM;
        return;
    }
    for (size_t c = 0; c < frame->n_columns; c++)
        columns[c] = record_column(frame, c);
    sv_buf_put_char(out, '[');
    for (size_t r = 0; r < frame->n_rows; r++) {
        if (r)
            sv_buf_put(out, ", ", 2);
        put_record(out, frame, columns, r, nan);
    }
    sv_buf_put_char(out, ']');
    sv_free(columns);
}

void sv_response_write(const sv_payload *prediction, bool is_wrapped, savor_nan nan, sv_buf *out)
{
    if (is_wrapped)
        sv_buf_put_text(out, "{\"predictions\": ");
    switch (prediction->kind) {
    case SV_PAYLOAD_TENSOR:
        put_tensor(out, &prediction->tensor, nan);
        break;
    case SV_PAYLOAD_FRAME:
        put_frame(out, &prediction->frame, nan);
        break;
    case SV_PAYLOAD_VALUE:
        put_value(out, &prediction->value, nan);
        break;
    case SV_PAYLOAD_NAMED:
        sv_buf_put_char(out, '{');
        for (size_t i = 0; i < prediction->named.n; i++) {
            if (i)
                sv_buf_put(out, ", ", 2);
            sv_json_put_string(out, prediction->named.items[i].name);
            sv_buf_put(out, ": ", 2);
            put_tensor(out, &prediction->named.items[i].tensor, nan);
        }
        sv_buf_put_char(out, '}');
        break;
    }
    if (is_wrapped)
        sv_buf_put_char(out, '}');
}

/* ---- errors ---- */

static void put_member(sv_buf *out, const char *name, const char *value)
{
    sv_buf_printf(out, ", \"%s\": ", name);
    sv_json_put_string(out, sv_str_of(value));
}

static void put_json_error(const savor_error *error, const sv_profile *profile, sv_buf *out)
{
    bool is_schema = error->status == SAVOR_SCHEMA && profile->era != SV_ERA_1;
    const char *code = error->status == SAVOR_SCHEMA && profile->era == SV_ERA_1
                           ? "BAD_REQUEST"
                           : savor_status_mlflow_code(error->status);
    bool is_client = savor_status_http(error->status) < 500;
    sv_buf_put_text(out, "{\"error_code\": ");
    sv_json_put_string(out, sv_str_of(code));
    put_member(out, "message", error->message);
    if (profile->has_sqlstate) {
        put_member(out, "sqlstate", is_schema ? "KAM01" : is_client ? "KAM00" : "XXM00");
        put_member(out, "error_class",
                   is_schema   ? "SCHEMA_ENFORCEMENT_FAILED"
                   : is_client ? "INVALID_PARAMETER_VALUE"
                               : "CLIENT_INTERNAL_ERROR");
    }
    sv_buf_put_char(out, '}');
}

void sv_error_write(const savor_error *error, const sv_profile *profile, sv_buf *out, int *http_status,
                    const char **content_type)
{
    *http_status = savor_status_http(error->status);
    *content_type = "text/plain; charset=utf-8";
    if (error->status == SAVOR_MEDIA_TYPE) {
        sv_buf_put_text(out, error->message);
    } else if (error->status == SAVOR_UNREADABLE) {
        sv_buf_put_text(out, "Internal Server Error");
    } else if (error->status == SAVOR_TIMEOUT) { /* so labelled, though it is none: MLflow's own middleware */
        *content_type = "application/json";
        sv_buf_put_text(out, error->message);
    } else {
        *content_type = "application/json";
        put_json_error(error, profile, out);
    }
}
