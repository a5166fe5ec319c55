/* cmd_verify.c: savor models verify. */
#include "commands.h"
#include "message.h"
#include "scoring.h"
#include "show_json.h"

#include <savor/verify.h>

#include <stdio.h>

typedef struct verify_args {
    cli_model_args model;
    int json;
} verify_args;

static const cli_option OPTIONS[] = {
    CLI_MODEL_URI(verify_args, model, 1),
    {.name = "json", .kind = CLI_FLAG, .offset = offsetof(verify_args, json), .help = "Print one JSON object."},
};

static const cli_usage USAGE = {
    .words = "models verify",
    .sentence = "List what loading the model's pickles in Python would import, and whether that is harmless.",
    .more = "  Nothing in the model is executed. Exit code: 0 when every name is known as one that the supported\n"
            "  libraries write, 1 when a name is unknown or dangerous, or a file cannot be read.\n",
    .options = OPTIONS,
    .n_options = sizeof OPTIONS / sizeof OPTIONS[0],
    .positional = "MODEL",
    .stands_for = 0,
};

int cmd_verify(int argc, char **argv)
{
    verify_args a = {.json = 0};
    cli_given given;
    savor_error err = {SAVOR_OK, "", ""};
    savor_verdict verdict;
    char *text = NULL;
    int code = cli_parse(&USAGE, argc, argv, &a, &given);
    if (code != CLI_GO_ON)
        return code;
    if (savor_model_verify(a.model.uri, NULL, &verdict, &text, &err))
        return cli_error(&err);
    if (a.json)
        puts(text);
    else
        cli_show_json(text);
    savor_text_free(text);
    return verdict != SAVOR_VERDICT_KNOWN;
}
