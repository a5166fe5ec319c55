/* request_fuzz.c: any bytes as a request. The first byte picks the release and whether rows keep their labels, the
 * second the signature, the third the Content-Type; what is behind them goes through reading, enforcement and the
 * writing of an answer. */
#include "model/enforce.h"
#include "model/params.h"
#include "request/heading.h"
#include "request/request.h"
#include "score/response.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const sv_profile PROFILES[] = {
    {.era = SV_ERA_1, .is_forced = true, .pandas_major = 1},
    {.era = SV_ERA_2, .is_forced = true, .pandas_major = 2},
    {.era = SV_ERA_3, .is_forced = true, .is_fastapi = true, .pandas_major = 3, .exact_csv = true},
    {.era = SV_ERA_1, .pandas_major = 1},
    {.era = SV_ERA_2, .is_fastapi = true, .pandas_major = 2},
    {.era = SV_ERA_3, .is_fastapi = true, .pandas_major = 3, .exact_csv = true},
    {.era = SV_ERA_2, .is_forced = true, .pandas_major = 2, .nesting = SV_NESTING_REQUIRED},
    {.era = SV_ERA_2, .is_fastapi = true, .pandas_major = 2, .nesting = SV_NESTING_OPTIONAL},
};

static const char *const SCHEMAS[] = {
    "",
    "[{\"type\": \"double\", \"name\": \"a\"}, {\"type\": \"double\", \"name\": \"b\"}]",
    "[{\"type\": \"long\", \"name\": \"a\"}, {\"type\": \"string\", \"name\": \"b\", \"required\": false}]",
    "[{\"type\": \"integer\", \"name\": \"a\"}, {\"type\": \"boolean\", \"name\": \"b\"}]",
    "[{\"type\": \"float\", \"name\": \"a\"}]",
    "[{\"type\": \"datetime\", \"name\": \"a\"}, {\"type\": \"binary\", \"name\": \"b\", \"required\": false}]",
    "[{\"type\": \"double\"}, {\"type\": \"string\"}]",
    "[{\"type\": \"tensor\", \"tensor-spec\": {\"dtype\": \"float32\", \"shape\": [-1, 3]}}]",
    "[{\"type\": \"tensor\", \"tensor-spec\": {\"dtype\": \"uint8\", \"shape\": [-1, 2, 2]}}]",
    "[{\"type\": \"tensor\", \"tensor-spec\": {\"dtype\": \"str\", \"shape\": [-1]}}]",
    "[{\"type\": \"tensor\", \"tensor-spec\": {\"dtype\": \"bytes\", \"shape\": [-1]}}]",
    "[{\"type\": \"tensor\", \"tensor-spec\": {\"dtype\": \"datetime64[ns]\", \"shape\": [-1, 1]}}]",
    "[{\"type\": \"tensor\", \"name\": \"a\", \"tensor-spec\": {\"dtype\": \"int64\", \"shape\": [-1]}}, "
    "{\"type\": \"tensor\", \"name\": \"b\", \"tensor-spec\": {\"dtype\": \"object\", \"shape\": [-1, 2]}}]",
    "[{\"type\": \"array\", \"items\": {\"type\": \"string\"}, \"name\": \"a\", \"required\": true}, "
    "{\"type\": \"any\", \"name\": \"b\", \"required\": false}]",
    "[{\"type\": \"object\", \"properties\": {\"p\": {\"type\": \"array\", \"items\": {\"type\": \"map\", "
    "\"values\": "
    "{\"type\": \"datetime\"}}, \"required\": false}, \"q\": {\"type\": \"binary\", \"required\": true}}, "
    "\"name\": \"a\", \"required\": false}]",
    "[{\"type\": \"array\", \"items\": {\"type\": \"array\", \"items\": {\"type\": \"double\"}}}]",
    "[{\"type\": \"any\"}]",
    "[{\"type\": \"map\", \"values\": {\"type\": \"long\"}, \"name\": \"a\"}]",
};

static const char *const TYPES[] = {
    "application/json",
    "text/csv",
    "application/json; format=pandas-records",
    "application/json-numpy-split",
};

static const char PARAMS[] =
    "[{\"name\": \"n\", \"type\": \"long\", \"default\": 1, \"shape\": null}, "
    "{\"name\": \"t\", \"type\": \"datetime\", \"default\": \"2020-01-01\", \"shape\": null}, "
    "{\"name\": \"l\", \"type\": \"double\", \"default\": [1.0], \"shape\": [-1]}, "
    "{\"name\": \"o\", \"type\": \"object\", \"properties\": {\"k\": {\"type\": \"long\", \"required\": true}}, "
    "\"default\": {\"k\": 1}, \"shape\": null}]";

#define PICK(table, byte) ((table)[(byte) % (sizeof(table) / sizeof(table)[0])])

static savor_status answer(const sv_request *request, const sv_signature *signature, const sv_profile *profile,
                           sv_arena *arena, savor_error *err)
{
    sv_enforce_rules rules = {
        .era = profile->era, .pandas_major = profile->pandas_major, .nesting = profile->nesting};
    sv_payload out = request->payload;
    sv_params params;
    savor_status st = sv_params_enforce(request->params, signature, arena, &params, err);
    if (!st && signature->inputs)
        st = sv_enforce(&request->payload, signature->inputs, &rules, arena, &out, err);
    if (st)
        return st;
    sv_buf body = SV_BUF_INIT((size_t)16 << 20);
    sv_response_write(&out, request->is_wrapped, SAVOR_NAN_TOKEN, &body);
    sv_buf_deinit(&body);
    return SAVOR_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 3)
        return 0;
    const sv_profile *profile = &PICK(PROFILES, data[0]);
    sv_signature signature = {.n_params = 0};
    sv_arena arena;
    sv_request request;
    savor_error err;
    sv_arena_init(&arena, (size_t)64 << 20);
    sv_request_rules rules = {.profile = profile, .signature = &signature, .keeps_labels = (data[0] & 32) != 0};
    savor_status st = sv_schema_read(sv_str_of(PICK(SCHEMAS, data[1])), &arena, &signature.inputs, &err);
    if (!st) /* half of the inputs: a parser that knows the column list */
        st = data[0] & 64 ? sv_heading_new(signature.inputs, &arena, &rules.heading, &err) : SAVOR_OK;
    if (!st)
        st = sv_params_read(sv_str_of(PARAMS), &arena, &signature, &err);
    if (!st)
        st = sv_request_read(sv_str_of(PICK(TYPES, data[2])), (sv_str){(const char *)data + 3, size - 3}, &rules,
                             &arena, &request, &err);
    if (!st)
        st = answer(&request, &signature, profile, &arena, &err);
    if (st) { /* every failure has an answer, too */
        sv_buf body = SV_BUF_INIT(1 << 16);
        const char *type;
        int status;
        sv_error_write(&err, profile, &body, &status, &type);
        sv_buf_deinit(&body);
    }
    sv_arena_deinit(&arena);
    return 0;
}
