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

/* What a worker wrote: Python's own words for what JSON lacks stand outside of strings only. */
static void put_json(sv_buf *out, sv_str json, savor_nan nan)
{
    static const sv_str WORDS[] = {{"-Infinity", 9}, {"Infinity", 8}, {"NaN", 3}};
    bool in_string = false;
    if (nan == SAVOR_NAN_TOKEN) {
        sv_buf_put_str(out, json);
        return;
    }
    for (size_t i = 0; i < json.n; i++) {
        size_t skip = 0;
        for (size_t w = 0; !in_string && w < 3 && !skip; w++)
            if (sv_str_starts((sv_str){json.p + i, json.n - i}, WORDS[w]))
                skip = WORDS[w].n;
        if (skip) {
            sv_buf_put(out, "null", 4);
            i += skip - 1;
            continue;
        }
        if (in_string && json.p[i] == '\\' && i + 1 < json.n)
            sv_buf_put_char(out, json.p[i++]);
        else if (json.p[i] == '"')
            in_string = !in_string;
        sv_buf_put_char(out, json.p[i]);
    }
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
    case SV_PAYLOAD_JSON:
        put_json(out, prediction->json, nan);
        break;
    case SV_PAYLOAD_EXCEPTION: /* sv_exception_write */
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
        sv_buf_put_text(out, "Request processing time exceeded limit"); /* what was late is for the log */
    } else {
        *content_type = "application/json";
        put_json_error(error, profile, out);
    }
}

/* ---- what the model's own code raised ---- */

typedef struct code_status {
    const char *code;
    int http_status;
} code_status;

/* mlflow.exceptions.ERROR_CODE_TO_HTTP_STATUS; all others are 500. */
static const code_status STATUSES[] = {
    {"BAD_REQUEST", 400},
    {"INVALID_PARAMETER_VALUE", 400},
    {"RESOURCE_ALREADY_EXISTS", 400},
    {"CUSTOMER_UNAUTHORIZED", 401},
    {"UNAUTHENTICATED", 401},
    {"PERMISSION_DENIED", 403},
    {"NOT_FOUND", 404},
    {"ENDPOINT_NOT_FOUND", 404},
    {"RESOURCE_DOES_NOT_EXIST", 404},
    {"ABORTED", 409},
    {"ALREADY_EXISTS", 409},
    {"RESOURCE_CONFLICT", 409},
    {"REQUEST_LIMIT_EXCEEDED", 429},
    {"RESOURCE_EXHAUSTED", 429},
    {"CANCELLED", 499},
    {"NOT_IMPLEMENTED", 501},
    {"TEMPORARILY_UNAVAILABLE", 503},
    {"DEADLINE_EXCEEDED", 504},
};

static int status_of_code(sv_str code)
{
    for (size_t i = 0; i < sizeof STATUSES / sizeof STATUSES[0]; i++)
        if (sv_str_is(code, STATUSES[i].code))
            return STATUSES[i].http_status;
    return 500;
}

static const char *exception_text(const sv_exception *exception, bool is_first_era)
{
    if (exception->kind == SV_EXCEPTION_RAISED)
        return "Encountered an unexpected error while evaluating the model. Verify that the serialized input "
               "Dataframe is compatible with the model for inference. Error: ";
    return is_first_era ? "" : "Failed to predict data. Error: ";
}

void sv_exception_write(const sv_exception *exception, const sv_profile *profile, sv_buf *out, int *http_status,
                        const char **content_type)
{
    bool is_first_era = profile->era == SV_ERA_1, has_code = exception->kind != SV_EXCEPTION_RAISED && !is_first_era;
    sv_str code = has_code && exception->code.n ? exception->code : SV_STR("BAD_REQUEST");
    sv_buf text = SV_BUF_INIT(out->max_bytes);
    if (exception->kind == SV_EXCEPTION_UNENCODABLE) {
        *http_status = 500;
        *content_type = "text/plain; charset=utf-8";
        sv_buf_put_text(out, "Internal Server Error");
        return;
    }
    *http_status = status_of_code(code);
    *content_type = "application/json";
    sv_buf_put_text(&text, exception_text(exception, is_first_era));
    sv_buf_put_str(&text, exception->message);
    sv_buf_put_text(out, "{\"error_code\": ");
    sv_json_put_string(out, code);
    sv_buf_put_text(out, ", \"message\": ");
    sv_json_put_string(out, sv_buf_view(&text));
    if (profile->has_sqlstate) {
        bool is_client = *http_status < 500;
        put_member(out, "sqlstate", is_client ? "KAM00" : "XXM00");
        put_member(out, "error_class", is_client ? "INVALID_PARAMETER_VALUE" : "CLIENT_INTERNAL_ERROR");
    }
    if (exception->traceback.n) {
        sv_buf_put_text(out, ", \"stack_trace\": ");
        sv_json_put_string(out, exception->traceback);
    }
    sv_buf_put_char(out, '}');
    if (text.failed && !out->failed)
        out->failed = text.failed;
    sv_buf_deinit(&text);
}
