/* cmd_schema.c: savor models schema. */
#include "commands.h"
#include "message.h"
#include "scoring.h"

#include <savor/schema.h>

#include <stdio.h>

typedef struct schema_args {
    cli_model_args model;
    int openapi, json_schema, proto;
} schema_args;

static const cli_option OPTIONS[] = {
    CLI_MODEL_URI(schema_args, model, 1),
    {.name = "json-schema",
     .kind = CLI_FLAG,
     .offset = offsetof(schema_args, json_schema),
     .help = "JSON Schema of the request (the default); that of the answer is under $defs."},
    {.name = "openapi",
     .kind = CLI_FLAG,
     .offset = offsetof(schema_args, openapi),
     .help = "OpenAPI 3.1, as JSON: the routes of the scoring server."},
    {.name = "proto",
     .kind = CLI_FLAG,
     .offset = offsetof(schema_args, proto),
     .help = "Protocol Buffers, proto3: messages with the same fields."},
    CLI_PROFILE(schema_args, model),
};

static const cli_usage USAGE = {
    .words = "models schema",
    .sentence = "Print what a model is sent and what it answers, by its signature.",
    .more = "  Nothing in the model is executed.\n\n"
            "  Example:\n\n    savor models schema ./model --openapi > openapi.json\n",
    .options = OPTIONS,
    .n_options = sizeof OPTIONS / sizeof OPTIONS[0],
    .positional = "MODEL",
    .stands_for = 0,
};

int cmd_schema(int argc, char **argv)
{
    schema_args a = {.openapi = 0};
    cli_given given;
    savor_load_options options = {.size = sizeof options};
    savor_error err = {SAVOR_OK, "", ""};
    char *text = NULL;
    int code = cli_parse(&USAGE, argc, argv, &a, &given);
    if (code != CLI_GO_ON)
        return code;
    if (a.openapi + a.json_schema + a.proto > 1)
        return cli_usage_error(&USAGE, "--json-schema, --openapi and --proto are alternatives.");
    savor_schema_form form = a.openapi ? SAVOR_SCHEMA_OPENAPI : a.proto ? SAVOR_SCHEMA_PROTO : SAVOR_SCHEMA_JSON;
    if (savor_profile_read(a.model.profile, &options.profile, &err) ||
        savor_schema_describe(a.model.uri, &options, form, &text, &err))
        return cli_error(&err);
    fputs(text, stdout);
    savor_text_free(text);
    return 0;
}
