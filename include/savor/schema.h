/* schema.h: what a model's requests and answers look like, for people and for programs that check or generate. */
#ifndef SAVOR_SCHEMA_H
#define SAVOR_SCHEMA_H

#include <savor/model.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A language in which requests and answers are described. */
typedef enum savor_schema_form {
    SAVOR_SCHEMA_JSON,    /* JSON Schema, draft 2020-12: the request; the answer under $defs */
    SAVOR_SCHEMA_OPENAPI, /* OpenAPI 3.1, as JSON: the routes of the scoring server */
    SAVOR_SCHEMA_PROTO,   /* Protocol Buffers, proto3: messages with the same fields */
} savor_schema_form;

/**
 * Describe what a model is sent and what it answers, by its signature.
 *
 * The forms of a request are those of the model's era that its signature fits: frames and columns, or arrays. Extra
 * columns are allowed, as MLflow ignores them; what the signature calls optional may be absent or null. Without a
 * signature nothing is said about names and types.
 *
 * path      as for savor_model_load; the model itself need not be one that savor can serve
 * options   NULL: defaults; the profile says whose forms
 * form      the language
 * out       owned by the caller: savor_text_free. NUL-terminated UTF-8. NULL on failure
 * Units     none
 * Errors    NOT_FOUND, FORMAT, USAGE (no such form), LIMIT, IO, NOMEM
 * Threads   safe
 * Source    MLflow signature; docs/server.md
 */
SAVOR_API SAVOR_MUST_CHECK savor_status savor_schema_describe(const char *path, const savor_load_options *options,
                                                              savor_schema_form form, char **out, savor_error *err);

#ifdef __cplusplus
}
#endif

#endif
