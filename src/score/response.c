#include "score/response.h"

#include "base/alloc.h"
#include "score/jsonable.h"
#include "text/json.h"

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
        sv_jsonable_put_cell(out, column->dtype, column->data, row, nan);
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
        sv_jsonable_put_tensor(out, &prediction->tensor, nan);
        break;
    case SV_PAYLOAD_FRAME:
        put_frame(out, &prediction->frame, nan);
        break;
    case SV_PAYLOAD_VALUE:
        sv_jsonable_put_value(out, &prediction->value, nan);
        break;
    case SV_PAYLOAD_NAMED:
        sv_buf_put_char(out, '{');
        for (size_t i = 0; i < prediction->named.n; i++) {
            if (i)
                sv_buf_put(out, ", ", 2);
            sv_json_put_string(out, prediction->named.items[i].name);
            sv_buf_put(out, ": ", 2);
            sv_jsonable_put_tensor(out, &prediction->named.items[i].tensor, nan);
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
