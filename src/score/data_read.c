#include "score/data_read.h"

#include "base/alloc.h"
#include "request/body_text.h"
#include "request/json_value.h"
#include "request/request.h"
#include "request/tensor_request.h"
#include "score/frame.h"

#define SPARE_BYTES ((size_t)64 << 20)
#define PER_BYTE 192 /* nodes, values, types and copies of the densest JSON */

sv_profile sv_profile_of_era(savor_profile era)
{
    sv_profile profile = sv_profile_of(NULL, SV_STR(""), era == SAVOR_PROFILE_AUTO ? SAVOR_PROFILE_3 : era);
    profile.is_forced = false;
    return profile;
}

sv_infer_rules sv_infer_rules_of(const sv_profile *profile)
{
    /* "any" came with MLflow 2.20, FastAPI with 2.21: the releases between are not told apart */
    return (sv_infer_rules){profile->era, profile->pandas_major, profile->is_fastapi};
}

size_t sv_data_max_bytes(const savor_data *data)
{
    size_t bytes;
    if (!data || !sv_mul(data->body_bytes, PER_BYTE, &bytes) || !sv_add(bytes, SPARE_BYTES, &bytes))
        return data ? SIZE_MAX / 2 : 0;
    return bytes;
}

static bool is_json(const char *content_type)
{
    sv_str type = sv_str_of(content_type);
    return sv_str_is(sv_str_trim((sv_str){type.p, sv_str_find(type, ';')}), "application/json");
}

static bool has_any_key(const sv_json *v, const char *const *keys, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (sv_json_find(v, keys[i]))
            return true;
    return false;
}

/* {"columns": ..., "data": [...]} and nothing else: how examples and 1.x requests hold a frame. */
static bool is_bare_split(const sv_json *v)
{
    const sv_json *key = v + 1, *data = sv_json_find(v, "data");
    for (uint32_t i = 0; i < v->n; i++, key = sv_json_next(key + 1))
        if (!sv_json_is_text(key, "columns") && !sv_json_is_text(key, "data") && !sv_json_is_text(key, "index"))
            return false;
    return data && data->kind == SV_JSON_ARRAY;
}

/* Whether the JSON is a request body, and not a value of its own. */
static bool is_request(const sv_json *v)
{
    static const char *const FORMS[] = {"dataframe_split", "dataframe_records", "instances", "inputs"};
    return v->kind == SV_JSON_OBJECT && (has_any_key(v, FORMS, sizeof FORMS / sizeof FORMS[0]) || is_bare_split(v));
}

static savor_status parse(sv_str body, const sv_profile *profile, sv_arena *arena, const sv_json **out,
                          savor_error *err)
{
    sv_json_fault fault = {0};
    sv_str text;
    savor_status st = sv_body_decode_json(body, profile, arena, &text, err);
    if (!st)
        st = sv_json_parse(text, &SV_JSON_LIMITS, arena, out, &fault, err);
    if (st == SAVOR_FORMAT)
        return sv_fail(err, SAVOR_BAD_REQUEST, "the data are not JSON: %s at byte %zu",
                       fault.message ? fault.message : "", fault.offset);
    return st;
}

static savor_status read_request(const savor_data *data, sv_str body, const sv_profile *profile, sv_arena *arena,
                                 sv_payload *out, savor_error *err)
{
    static const sv_signature NOTHING = {.inputs = NULL};
    sv_request_rules rules = {.profile = profile, .signature = &NOTHING};
    savor_error own; /* a request is never read without a place for its error */
    sv_request request;
    savor_status st = sv_request_read(sv_str_of(data->content_type), body, &rules, arena, &request, err ? err : &own);
    *out = request.payload;
    return st;
}

savor_status sv_data_read(const savor_data *data, const sv_profile *profile, sv_arena *arena, sv_payload *out,
                          savor_error *err)
{
    sv_str body = {data->body_bytes ? data->body : "", data->body_bytes};
    const sv_json *v = NULL;
    *out = (sv_payload){.kind = SV_PAYLOAD_VALUE};
    if (data->frame) {
        out->kind = SV_PAYLOAD_FRAME;
        out->frame = data->frame->view;
        return SAVOR_OK;
    }
    if (!data->content_type)
        return sv_fail(err, SAVOR_USAGE, "data without a frame and without a content type");
    if (!is_json(data->content_type))
        return read_request(data, body, profile, arena, out, err);
    savor_status st = parse(body, profile, arena, &v, err);
    if (st)
        return st;
    if (is_request(v))
        return read_request(data, body, profile, arena, out, err);
    const sv_json *predictions = v->kind == SV_JSON_OBJECT ? sv_json_find(v, "predictions") : NULL;
    v = predictions ? predictions : v;
    if (profile->era == SV_ERA_1 && v->kind == SV_JSON_ARRAY) { /* 1.x knows frames and arrays alone */
        sv_tensor_request_rules how = {profile, NULL};
        return sv_inputs_read(v, &how, arena, out, err);
    }
    return sv_json_to_value(v, arena, &out->value, err);
}

savor_status sv_data_read_params(const savor_data *data, const sv_profile *profile, sv_arena *arena, sv_value *out,
                                 savor_error *err)
{
    const sv_json *v = NULL;
    *out = (sv_value){.kind = SV_VALUE_NONE};
    if (data->frame || !is_json(data->content_type))
        return sv_fail(err, SAVOR_USAGE, "params are no JSON object");
    savor_status st = parse((sv_str){data->body_bytes ? data->body : "", data->body_bytes}, profile, arena, &v, err);
    if (!st && v->kind != SV_JSON_OBJECT)
        return sv_fail(err, SAVOR_BAD_REQUEST, "params are a %s, expected a JSON object", sv_json_type_name(v));
    return st ? st : sv_json_to_value(v, arena, out, err);
}
