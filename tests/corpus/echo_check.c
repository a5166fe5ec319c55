/* echo_check.c: recorded requests to models that answer with a description of what they were called with.
 *
 *     echo_check [-v] FILE...
 *
 * A case has `profile` (or `mlflow_version`), `headers`, `body`, and `expect` with `status`, `error_code`, `body`.
 * The signature is the text of its `inputs`, else in models/PROFILE/MODEL/MLmodel beside the file. What the request
 * and enforcement hand to a model is described in the same words and compared as JSON text. Prints passed, failed,
 * skipped; exit 1 when any failed or none passed. Skipped: cases of other models, without columns, bodies that are no
 * text, params, and faults that the model itself raised.
 */
#include "corpus/vectors.h"
#include "data/convert.h"
#include "data/datetime.h"
#include "data/nested.h"
#include "model/enforce.h"
#include "request/request.h"

#include <math.h>
#include <stdio.h>

enum { PASSED, FAILED, SKIPPED, N_OUTCOMES };

static bool is_verbose;

/* ---- the description ---- */

static void put_value(sv_buf *out, const sv_value *v);

static void put_bytes(sv_buf *out, sv_str bytes)
{
    sv_buf_put_text(out, "{\"bytes\": \"");
    for (size_t i = 0; i < bytes.n; i++)
        sv_buf_printf(out, "%02x", (unsigned char)bytes.p[i]);
    sv_buf_put_text(out, "\"}");
}

static void put_time(sv_buf *out, int64_t ns)
{
    char room[40];
    if (ns == SV_NAT) {
        sv_buf_put_text(out, "\"<nat>\"");
        return;
    }
    sv_buf_put_text(out, "{\"time\": ");
    sv_json_put_string(out, (sv_str){room, sv_datetime_to_text(ns, room)});
    sv_buf_put_char(out, '}');
}

static void put_float(sv_buf *out, double f)
{
    if (isnan(f))
        sv_buf_put_text(out, "\"<nan>\"");
    else
        sv_json_put_double(out, f);
}

static void put_items(sv_buf *out, const sv_value *v)
{
    bool is_dict = v->kind == SV_VALUE_DICT;
    sv_buf_put_char(out, is_dict ? '{' : '[');
    for (size_t i = 0; i < v->n; i++) {
        sv_buf_put_text(out, i ? ", " : "");
        put_value(out, &v->u.items[is_dict ? 2 * i : i]);
        if (is_dict) {
            sv_buf_put_text(out, ": ");
            put_value(out, &v->u.items[2 * i + 1]);
        }
    }
    sv_buf_put_char(out, is_dict ? '}' : ']');
}

/* array.tolist() */
static void put_nested(sv_buf *out, const sv_tensor *t)
{
    sv_arena arena;
    sv_value list;
    sv_arena_init(&arena, (size_t)64 << 20);
    if (sv_tensor_to_value(t, &arena, &list, NULL) == SAVOR_OK)
        put_value(out, &list);
    sv_arena_deinit(&arena);
}

static void put_value(sv_buf *out, const sv_value *v)
{
    sv_str text = {v->u.p, v->n};
    switch (v->kind) {
    case SV_VALUE_OTHER:
    case SV_VALUE_NONE:
        sv_buf_put_text(out, "null");
        return;
    case SV_VALUE_BOOL:
        sv_buf_put_text(out, v->u.i ? "true" : "false");
        return;
    case SV_VALUE_INT:
        sv_json_put_int64(out, v->u.i);
        return;
    case SV_VALUE_BIGINT:
        sv_buf_put(out, v->u.p, v->n);
        return;
    case SV_VALUE_FLOAT:
        put_float(out, v->u.f);
        return;
    case SV_VALUE_STRING:
        sv_json_put_string(out, text);
        return;
    case SV_VALUE_BYTES:
        put_bytes(out, text);
        return;
    case SV_VALUE_DATETIME:
        put_time(out, v->u.i);
        return;
    case SV_VALUE_LIST:
    case SV_VALUE_DICT:
        put_items(out, v);
        return;
    case SV_VALUE_ARRAY:
        put_nested(out, v->u.tensor);
    }
}

/* Text columns of pandas 3 were recorded as objects, times without their unit. */
static const char *dtype_text(savor_dtype dtype)
{
    if (dtype == SAVOR_DATETIME_NS)
        return "datetime64";
    return dtype == SAVOR_STRING ? "object" : savor_dtype_name(dtype);
}

static void put_frame(sv_buf *out, const sv_frame *frame)
{
    sv_buf_printf(out, "{\"kind\": \"frame\", \"rows\": %zu, \"columns\": [", frame->n_rows);
    for (size_t c = 0; c < frame->n_columns; c++) {
        const sv_column *column = &frame->columns[c];
        sv_buf_put_text(out, c ? ", [" : "[");
        if (sv_label_is_number(&column->name))
            sv_json_put_int64(out, column->name.number);
        else
            sv_json_put_string(out, column->name.text);
        sv_buf_printf(out, ", \"%s\", [", dtype_text(column->dtype));
        for (size_t r = 0; r < frame->n_rows; r++) {
            sv_value v = sv_item_get(column->dtype, column->data, r);
            sv_buf_put_text(out, r ? ", " : "");
            if (column->dtype == SAVOR_UINT64)
                sv_json_put_uint64(out, ((const uint64_t *)column->data)[r]);
            else
                put_value(out, &v);
        }
        sv_buf_put_text(out, "]]");
    }
    sv_buf_put_text(out, "]}");
}

/* ---- one case ---- */

typedef struct trial {
    const sv_json *vector;
    const char *path; /* of the file */
    sv_arena *arena;
    savor_error err;
    char why[600];
} trial;

static savor_profile profile_of(const sv_json *vector)
{
    char name[8];
    savor_profile profile = SAVOR_PROFILE_AUTO;
    snprintf(name, sizeof name, "%.*s", SV_FMT(sv_json_text(sv_json_find(vector, "profile"))));
    return savor_profile_read(name, &profile, NULL) == SAVOR_OK ? profile : SAVOR_PROFILE_AUTO;
}

/* Of the release that wrote the model, or of the era that was asked for. */
static sv_profile rules_of(const sv_json *vector)
{
    const sv_json *version = sv_json_find(vector, "mlflow_version");
    sv_mlmodel model = {.version = {1, 0, 0}};
    if (version)
        (void)sv_version_read(sv_json_text(version), &model.version);
    model.era = model.version.major < 2 ? SV_ERA_1 : model.version.major == 2 ? SV_ERA_2 : SV_ERA_3;
    return sv_profile_of(&model, (sv_str){NULL, 0}, profile_of(vector));
}

static bool read_model(trial *t, const sv_mlmodel **out)
{
    char path[1024];
    const char *slash = strrchr(t->path, '/');
    sv_buf text = SV_BUF_INIT(1 << 20);
    snprintf(path, sizeof path, "%.*s/models/%.*s/%.*s/MLmodel", slash ? (int)(slash - t->path) : 1,
             slash ? t->path : ".", SV_FMT(sv_json_text(sv_json_find(t->vector, "profile"))),
             SV_FMT(sv_json_text(sv_json_find(t->vector, "model"))));
    sv_str copy = {NULL, 0};
    if (vectors_read(path, &text))
        copy = (sv_str){sv_arena_text(t->arena, text.p, text.n), text.n};
    sv_buf_deinit(&text);
    return copy.p && sv_mlmodel_read(copy, t->arena, out, &t->err) == SAVOR_OK;
}

static bool read_inputs(trial *t, const sv_schema **out)
{
    const sv_json *inputs = sv_json_find(t->vector, "inputs");
    const sv_mlmodel *model;
    if (inputs)
        return sv_schema_read(sv_json_text(inputs), t->arena, out, &t->err) == SAVOR_OK;
    if (!read_model(t, &model))
        return false;
    *out = model->signature.inputs;
    return true;
}

static sv_str content_type_of(const sv_json *vector)
{
    const sv_json *headers = sv_json_find(vector, "headers"), *pair = headers ? headers + 1 : NULL;
    sv_str out = {NULL, 0};
    for (uint32_t i = 0; headers && i < headers->n; i++, pair = sv_json_next(pair))
        if (sv_json_is_text(pair + 1, "Content-Type"))
            out = sv_json_text(sv_json_next(pair + 1));
    return out;
}

/* A fault of the form and one of the data; MLflow 1.x does not tell them apart. */
static bool is_same_code(const trial *t, const sv_profile *profile, savor_status st)
{
    const sv_json *code = sv_json_find(sv_json_find(t->vector, "expect"), "error_code");
    if (!code || (st != SAVOR_BAD_REQUEST && st != SAVOR_SCHEMA))
        return false;
    return profile->era == SV_ERA_1 ||
           sv_json_is_text(code, st == SAVOR_BAD_REQUEST ? "BAD_REQUEST" : "INVALID_PARAMETER_VALUE");
}

/* The JSON under "predictions", or all of it, written again so that layout does not count. */
static bool is_same_body(trial *t, const sv_frame *frame)
{
    const sv_json *body = NULL;
    const sv_json *text = sv_json_find(sv_json_find(t->vector, "expect"), "body");
    sv_buf got = SV_BUF_INIT(1 << 24), want = SV_BUF_INIT(1 << 24);
    if (!text || sv_json_parse(sv_json_text(text), &SV_JSON_LIMITS, t->arena, &body, NULL, NULL))
        return false;
    const sv_json *inner = sv_json_find(body, "predictions");
    inner = inner ? inner : body;
    const sv_json *data = sv_json_find(inner, "data"); /* beside the params */
    sv_json_put_value(&want, data ? data : inner);
    put_frame(&got, frame);
    bool same = sv_str_equal(sv_buf_view(&got), sv_buf_view(&want));
    snprintf(t->why, sizeof t->why, "gave %.250s, expected %.250s", got.p ? got.p : "", want.p ? want.p : "");
    sv_buf_deinit(&got);
    sv_buf_deinit(&want);
    return same;
}

static int run_trial(trial *t)
{
    const sv_json *body = sv_json_find(t->vector, "body"), *expect = sv_json_find(t->vector, "expect");
    const sv_json *status = sv_json_find(expect, "status");
    sv_profile profile = rules_of(t->vector);
    sv_signature signature = {.n_params = 0};
    sv_request_rules rules = {.profile = &profile, .signature = &signature};
    sv_enforce_rules how = {.era = profile.era, .pandas_major = profile.pandas_major, .nesting = profile.nesting};
    sv_request request;
    sv_payload out;
    if (!body || body->kind != SV_JSON_STRING ||
        !sv_str_starts(sv_json_text(sv_json_find(t->vector, "model")), SV_STR("echo-")))
        return SKIPPED;
    snprintf(t->why, sizeof t->why, "the model could not be read");
    if (!read_inputs(t, &signature.inputs))
        return FAILED;
    const sv_json *trace = sv_json_find(expect, "stack_trace");
    if (!signature.inputs || signature.inputs->is_tensor)
        return SKIPPED;
    savor_status st =
        sv_request_read(content_type_of(t->vector), sv_json_text(body), &rules, t->arena, &request, &t->err);
    if (!st && request.params)
        return SKIPPED;
    if (!st)
        st = sv_enforce(&request.payload, signature.inputs, &how, t->arena, &out, &t->err);
    if (!st && trace && trace->kind == SV_JSON_TRUE)
        return SKIPPED;
    snprintf(t->why, sizeof t->why, "status %d: %.300s", (int)st, st ? t->err.message : "accepted");
    if (st || status->u.i != 200)
        return st && status->u.i == 400 && is_same_code(t, &profile, st) ? PASSED : FAILED;
    return out.kind == SV_PAYLOAD_FRAME && is_same_body(t, &out.frame) ? PASSED : FAILED;
}

static bool check_file(const char *path)
{
    sv_buf text = SV_BUF_INIT((size_t)64 << 20);
    sv_arena arena;
    const sv_json *root = NULL;
    size_t counts[N_OUTCOMES] = {0};
    sv_arena_init(&arena, SIZE_MAX);
    bool ok = vectors_read(path, &text) &&
              sv_json_parse(sv_buf_view(&text), &SV_JSON_LIMITS, &arena, &root, NULL, NULL) == SAVOR_OK;
    const sv_json *list = ok ? sv_json_find(root, "vectors") : NULL, *vector = list ? list + 1 : NULL;
    for (size_t i = 0; list && i < list->n; i++, vector = sv_json_next(vector)) {
        sv_arena inner;
        sv_arena_init(&inner, (size_t)64 << 20);
        trial t = {.vector = vector, .path = path, .arena = &inner};
        int outcome = run_trial(&t);
        counts[outcome]++;
        if (outcome == FAILED || (is_verbose && outcome == PASSED && t.err.status))
            printf("%s %.*s: %s\n", outcome == FAILED ? "FAILED" : "passed",
                   SV_FMT(sv_json_text(sv_json_find(vector, "id"))), t.why);
        sv_arena_deinit(&inner);
    }
    const char *name = strrchr(path, '/');
    printf("%s: %zu passed, %zu failed, %zu skipped\n", name ? name + 1 : path, counts[PASSED], counts[FAILED],
           counts[SKIPPED]);
    sv_arena_deinit(&arena);
    sv_buf_deinit(&text);
    return list && counts[PASSED] && !counts[FAILED];
}

int main(int argc, char **argv)
{
    bool ok = argc > 1;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-v") == 0)
            is_verbose = true;
        else
            ok = check_file(argv[i]) && ok;
    }
    return ok ? 0 : 1;
}
