/* cmd_signature.c: savor models signature. */
#include "bytes.h"
#include "commands.h"
#include "data_file.h"
#include "message.h"
#include "scoring.h"

#include <savor/infer.h>

#include <stdio.h>
#include <string.h>

typedef struct signature_args {
    cli_model_args model;
    const char *infer, *outputs, *params;
    int yaml;
} signature_args;

static const cli_option OPTIONS[] = {
    {.name = "infer",
     .kind = CLI_TEXT,
     .is_required = 1,
     .metavar = "FILE",
     .offset = offsetof(signature_args, infer),
     .help = "The inputs: a .csv or .json file (its ending says which)."},
    {.name = "outputs",
     .kind = CLI_TEXT,
     .metavar = "FILE",
     .offset = offsetof(signature_args, outputs),
     .help = "What the model answers to them, such as what `savor models predict` wrote."},
    {.name = "params",
     .kind = CLI_TEXT,
     .metavar = "FILE",
     .offset = offsetof(signature_args, params),
     .help = "A JSON object: the params that the model takes, with their defaults."},
    {.name = "yaml",
     .kind = CLI_FLAG,
     .offset = offsetof(signature_args, yaml),
     .help = "Print the block as it stands in an MLmodel file."},
    CLI_PROFILE(signature_args, model),
};

static const cli_usage USAGE = {
    .words = "models signature",
    .sentence = "Infer a model's signature from data, as MLflow's infer_signature does.",
    .more = "  JSON that is a request body stands for its frame or arrays, {\"predictions\": X} for X, and any other "
            "JSON\n"
            "  for the Python value that it describes. The profile says whose inference; auto is the newest.\n\n"
            "  Example:\n\n"
            "    savor models signature --infer rows.csv --outputs answer.json --yaml\n",
    .options = OPTIONS,
    .n_options = sizeof OPTIONS / sizeof OPTIONS[0],
};

/* A file that may be absent. */
typedef struct source {
    cli_bytes bytes;
    savor_data data;
    const savor_data *given; /* NULL: absent */
} source;

static int open_source(const char *path, source *out)
{
    if (!path)
        return 0;
    out->given = &out->data;
    return cli_read_data(path, &out->bytes, &out->data);
}

int cmd_signature(int argc, char **argv)
{
    signature_args a = {.yaml = 0};
    cli_given given;
    savor_infer_options options = {.size = sizeof options};
    savor_error err = {SAVOR_OK, "", ""};
    source inputs = {.given = NULL}, outputs = {.given = NULL}, params = {.given = NULL};
    char *text = NULL;
    int code = cli_parse(&USAGE, argc, argv, &a, &given);
    if (code != CLI_GO_ON)
        return code;
    options.yaml = a.yaml;
    if ((code = open_source(a.infer, &inputs)) || (code = open_source(a.outputs, &outputs)) ||
        (code = open_source(a.params, &params)))
        goto done;
    if (savor_profile_read(a.model.profile, &options.profile, &err) ||
        savor_signature_infer(inputs.given, outputs.given, params.given, &options, &text, &err))
        code = cli_error(&err);
    else
        printf(a.yaml ? "%s" : "%s\n", text);
done:
    savor_text_free(text);
    cli_bytes_free(&inputs.bytes);
    cli_bytes_free(&outputs.bytes);
    cli_bytes_free(&params.bytes);
    return code;
}
