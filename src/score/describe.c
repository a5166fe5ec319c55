#include "model/describe.h"

#include "base/alloc.h"
#include "score/model.h"

#include <savor/schema.h>

#define TEXT_BYTES_MAX ((size_t)64 << 20)

static void put_json_schema(const sv_signature *signature, sv_era era, sv_buf *out)
{
    sv_buf_put_text(out, "{\"$schema\": \"https://json-schema.org/draft/2020-12/schema\", \"title\": \"Request of an "
                         "MLflow Model\", \"$ref\": \"#/$defs/Request\", \"$defs\": {");
    sv_describe_json(signature, era, "#/$defs/", out);
    sv_buf_put_text(out, "}}\n");
}

static void put_answer(sv_buf *out, const char *code, const char *what, const char *schema)
{
    sv_buf_printf(out,
                  "\"%s\": {\"description\": \"%s\", \"content\": {\"application/json\": {\"schema\": {\"$ref\": "
                  "\"#/components/schemas/%s\"}}}}",
                  code, what, schema);
}

static void put_invocations(const sv_signature *signature, sv_buf *out)
{
    sv_buf_put_text(out,
                    "\"/invocations\": {\"post\": {\"summary\": \"Score a request.\", \"operationId\": \"score\", "
                    "\"requestBody\": {\"required\": true, \"content\": {\"application/json\": {\"schema\": "
                    "{\"$ref\": \"#/components/schemas/Request\"}}");
    if (sv_signature_takes_csv(signature))
        sv_buf_put_text(out, ", \"text/csv\": {\"schema\": {\"type\": \"string\"}}");
    sv_buf_put_text(out, "}}, \"responses\": {");
    put_answer(out, "200", "What the model answered.", "Response");
    sv_buf_put_text(out, ", ");
    put_answer(out, "400", "The request was refused.", "Error");
    sv_buf_put_text(out, ", \"415\": {\"description\": \"The content type is not one of those above.\"}}}}");
}

static void put_route(sv_buf *out, const char *path, const char *summary, const char *id)
{
    sv_buf_printf(out,
                  ", \"%s\": {\"get\": {\"summary\": \"%s\", \"operationId\": \"%s\", \"responses\": {\"200\": "
                  "{\"description\": \"OK\"}}}}",
                  path, summary, id);
}

static void put_openapi(const sv_mlmodel *record, sv_era era, sv_buf *out)
{
    sv_str version = record->mlflow_version.n ? record->mlflow_version : SV_STR("0");
    sv_buf_put_text(out, "{\"openapi\": \"3.1.0\", \"info\": {\"title\": \"MLflow Model\", \"version\": ");
    sv_json_put_string(out, version);
    sv_buf_put_text(out, "}, \"paths\": {");
    put_invocations(&record->signature, out);
    put_route(out, "/ping", "Whether the server is ready.", "ping");
    put_route(out, "/health", "Whether the server is ready.", "health");
    put_route(out, "/version", "The version of the MLflow that the server speaks for.", "version");
    sv_buf_put_text(out, "}, \"components\": {\"schemas\": {");
    sv_describe_json(&record->signature, era, "#/components/schemas/", out);
    sv_buf_put_text(out,
                    ", \"Error\": {\"type\": \"object\", \"properties\": {\"error_code\": {\"type\": \"string\"}, "
                    "\"message\": {\"type\": \"string\"}}, \"required\": [\"error_code\", \"message\"]}}}}\n");
}

static savor_status describe(const sv_mlmodel *record, savor_profile forced, savor_schema_form form, sv_buf *out,
                             savor_error *err)
{
    sv_era era = sv_profile_of(record, SV_STR(""), forced).era;
    switch (form) {
    case SAVOR_SCHEMA_JSON:
        put_json_schema(&record->signature, era, out);
        break;
    case SAVOR_SCHEMA_OPENAPI:
        put_openapi(record, era, out);
        break;
    case SAVOR_SCHEMA_PROTO:
        sv_describe_proto(&record->signature, out);
        break;
    default:
        return sv_fail(err, SAVOR_USAGE, "form %d of a schema is not known", (int)form);
    }
    return sv_buf_check(out, err);
}

savor_status savor_schema_describe(const char *path, const savor_load_options *options, savor_schema_form form,
                                   char **out, savor_error *err)
{
    sv_buf text = SV_BUF_INIT(TEXT_BYTES_MAX);
    sv_dir dir = SV_DIR_CLOSED;
    const sv_mlmodel *record;
    sv_arena arena;
    savor_status st;
    *out = NULL;
    sv_arena_init(&arena, (size_t)256 << 20);
    if ((st = sv_model_open(path, &dir, &arena, &record, err)) ||
        (st = describe(record, options ? options->profile : SAVOR_PROFILE_AUTO, form, &text, err)))
        goto done;
    *out = text.p; /* moved */
    text = SV_BUF_INIT(0);
done:
    sv_buf_deinit(&text);
    sv_arena_deinit(&arena);
    sv_dir_close(&dir);
    return st;
}
