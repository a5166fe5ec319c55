/* cmd_inspect.c: savor models inspect. */
#include "commands.h"
#include "message.h"
#include "scoring.h"
#include "show_json.h"

#include <stdio.h>
#include <string.h>

typedef struct inspect_args {
    cli_model_args model;
    int json;
} inspect_args;

static const cli_option OPTIONS[] = {
    CLI_MODEL_URI(inspect_args, model, 1),
    CLI_PROFILE(inspect_args, model),
    {.name = "json", .kind = CLI_FLAG, .offset = offsetof(inspect_args, json), .help = "Print one JSON object."},
};

static const cli_usage USAGE = {
    .words = "models inspect",
    .sentence = "Tell what a model is: flavors, the engine that would answer and why, signature, versions, sizes.",
    .more =
        "  Nothing in the model is executed. Exit code: 0 when the model loads, 1 when no engine can answer for it\n"
        "  (it is described nevertheless).\n",
    .options = OPTIONS,
    .n_options = sizeof OPTIONS / sizeof OPTIONS[0],
    .positional = "MODEL",
    .stands_for = 0,
};

int cmd_inspect(int argc, char **argv)
{
    inspect_args a = {.json = 0};
    cli_given given;
    savor_load_options options = {.size = sizeof options};
    savor_error err = {SAVOR_OK, "", ""};
    char *text = NULL;
    const char *engine;
    int code = cli_parse(&USAGE, argc, argv, &a, &given);
    if (code != CLI_GO_ON)
        return code;
    if (savor_profile_read(a.model.profile, &options.profile, &err) ||
        savor_model_inspect(a.model.uri, &options, &text, &err))
        return cli_error(&err);
    if (a.json)
        puts(text);
    else
        cli_show_json(text);
    engine = cli_json_find(text, "engine");
    code = !engine || strncmp(engine, "null", 4) == 0;
    savor_text_free(text);
    return code;
}
