/* cmd_predict.c: savor models predict. */
#include "commands.h"
#include "message.h"
#include "scoring.h"

#include <string.h>

typedef struct predict_args {
    cli_model_args model;
    const char *input, *output, *type, *output_type, *orient;
    cli_list env;
} predict_args;

static const cli_option OPTIONS[] = {
    CLI_MODEL_URI(predict_args, model, 1),
    {.name = "input-path",
     .letter = 'i',
     .kind = CLI_TEXT,
     .metavar = "FILE",
     .offset = offsetof(predict_args, input),
     .help = "What to score; - or absent: standard input."},
    {.name = "output-path",
     .letter = 'o',
     .kind = CLI_TEXT,
     .metavar = "FILE",
     .offset = offsetof(predict_args, output),
     .help = "Where the answer goes; - or absent: standard output. A file is replaced whole or left as it was."},
    {.name = "content-type",
     .letter = 't',
     .kind = CLI_TEXT,
     .metavar = "json|csv|parquet|arrow",
     .fallback = "json",
     .offset = offsetof(predict_args, type),
     .help = "What the input is; parquet needs DuckDB's library, which the variable SAVOR_DUCKDB_LIB names."},
    {.name = "output-type",
     .kind = CLI_CHOICE,
     .choices = "json|csv|arrow",
     .fallback = "json",
     .offset = offsetof(predict_args, output_type),
     .help = "What the answer is; csv and arrow for tables and arrays of at most two dimensions, else json; a forced "
             "--profile always answers json."},
    {.name = "json-format",
     .letter = 'j',
     .kind = CLI_TEXT,
     .metavar = "split|records",
     .eras = CLI_ERA_1,
     .offset = offsetof(predict_args, orient),
     .help = "Orient of a bare JSON body, as MLflow 1.x has it."},
    CLI_ENV_MANAGER(predict_args, model),
    {.name = "no-conda",
     .kind = CLI_FLAG,
     .eras = CLI_ERA_1,
     .offset = offsetof(predict_args, model.environment.no_conda),
     .help = "The same as --env-manager local."},
    CLI_INSTALL_MLFLOW(predict_args, model),
    {.name = "pip-requirements-override",
     .letter = 'r',
     .kind = CLI_TEXT,
     .eras = CLI_ERA_2 | CLI_ERA_3,
     .metavar = "LIST",
     .offset = offsetof(predict_args, model.environment.requirements),
     .help = "More packages for the environment, separated by commas; not with --env-manager local."},
    {.name = "env",
     .kind = CLI_LIST,
     .eras = CLI_ERA_3,
     .metavar = "KEY=VALUE",
     .offset = offsetof(predict_args, env),
     .help = "A variable for what makes the environment and for the model's code; repeatable; not with --env-manager "
             "local."},
    CLI_CODE(predict_args, model),
    CLI_PROFILE(predict_args, model),
    CLI_NAN(predict_args, model),
    CLI_CSV_FLOATS(predict_args, model),
};

static const cli_usage USAGE = {
    .words = "models predict",
    .sentence = "Score a file and write the answer as the scoring server would send it, without a line end.",
    .more = "  Example:\n\n    savor models predict -m ./model -i rows.csv -t csv -o answer.json\n",
    .options = OPTIONS,
    .n_options = sizeof OPTIONS / sizeof OPTIONS[0],
};

/* MLflow 1.x takes a body for split unless told otherwise; later ones look at it. */
static const char *default_orient(const predict_args *a)
{
    return !a->orient && strcmp(a->model.profile, "1.x") == 0 ? "split" : a->orient;
}

/* What MLflow refuses with exit code 1 before it looks at the model. */
static int check_args(const predict_args *a)
{
    if (cli_check_env_manager(a->model.environment.manager))
        return 1;
    const char *manager = a->model.environment.manager;
    int is_local = a->model.environment.no_conda || (manager && strcmp(manager, "local") == 0);
    if (is_local && a->env.n)
        return cli_fail("Extra environment variables are only supported when env_manager is set to 'virtualenv', "
                        "'conda' or 'uv'.");
    if (a->model.environment.requirements && cli_env_manager(&a->model.environment) == SAVOR_ENV_LOCAL)
        return cli_fail("`pip_requirements_override` is not supported for local env manager."
                        "Please use conda or virtualenv instead.");
    if (a->orient && strcmp(a->orient, "split") != 0 && strcmp(a->orient, "records") != 0)
        return cli_fail("json format must be one of split or records, got %s", a->orient);
    return 0;
}

/* The flag that is forgotten most. */
static void tell_csv(const predict_args *a)
{
    size_t n = a->input ? strlen(a->input) : 0;
    if (n > 4 && strcmp(a->input + n - 4, ".csv") == 0 && strcmp(a->type, "csv") != 0)
        cli_note("%s was read as JSON; -t csv reads it as CSV", a->input);
}

static const char *accept_type(const predict_args *a)
{
    if (strcmp(a->output_type, "json") == 0)
        return NULL;
    return strcmp(a->output_type, "csv") == 0 ? "text/csv" : "application/vnd.apache.arrow.stream";
}

static int write_answer(const predict_args *a, const char *content_type)
{
    cli_scoring scoring = {NULL, NULL};
    cli_bytes body = {0};
    savor_response answer;
    int code;
    if ((code = cli_scoring_open(&a->model, &scoring)) ||
        (code = cli_read_path(a->input, CLI_MAX_INPUT_BYTES, &body)))
        goto done;
    code = cli_score(&scoring, content_type, accept_type(a), &body, &answer);
    if (code) {
        cli_tell_refusal(&answer);
        tell_csv(a);
    } else {
        code = cli_write_path(a->output, answer.body, answer.body_bytes);
    }
done:
    cli_bytes_free(&body);
    cli_scoring_close(&scoring);
    return code;
}

int cmd_predict(int argc, char **argv)
{
    predict_args a = {.input = NULL};
    cli_given given;
    const char *content_type;
    int code = cli_parse(&USAGE, argc, argv, &a, &given);
    if (code == CLI_GO_ON)
        code = cli_check_eras(&USAGE, &given, a.model.profile);
    if (code != CLI_GO_ON)
        return code;
    if (check_args(&a) || cli_environment_set(&a.env) ||
        !(content_type = cli_content_type(a.type, default_orient(&a))))
        return 1;
    return write_answer(&a, content_type);
}
