/* scoring.c: load once, score once. */
#include "scoring.h"
#include "message.h"
#include "runtime.h"
#include "show_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int cli_check_env_manager(const char *name)
{
    static const char *const NAMES[] = {"local", "conda", "virtualenv", "uv"};
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++)
        if (strcmp(name, NAMES[i]) == 0)
            return 0;
    return cli_fail("Invalid value for `env_manager`: %s. Must be one of ['local', 'conda', 'virtualenv', 'uv']",
                    name);
}

savor_engine_choice cli_engine_choice(const cli_model_args *args)
{
    if (!args->engine || strcmp(args->engine, "native") == 0) /* a command without these options runs no code */
        return SAVOR_ENGINE_NATIVE;
    return strcmp(args->engine, "python") == 0 ? SAVOR_ENGINE_PYTHON : SAVOR_ENGINE_AUTO;
}

int cli_is_r(const savor_model *model) { return strcmp(savor_model_get_engine(model), "r-worker") == 0; }

static int is_false(const char *value)
{
    return value &&
           (!strcmp(value, "0") || !strcmp(value, "false") || !strcmp(value, "False") || !strcmp(value, "FALSE"));
}

/* What forbids code, or NULL. */
static const char *find_refusal(const cli_model_args *args)
{
    if (args->no_code)
        return "--no-code";
    if (is_false(getenv("SAVOR_ALLOW_CODE")))
        return "SAVOR_ALLOW_CODE=false";
    if (is_false(getenv("MLFLOW_ALLOW_PICKLE_DESERIALIZATION")))
        return "MLFLOW_ALLOW_PICKLE_DESERIALIZATION=false";
    return NULL;
}

static void show_line(void *context, const char *level, const char *text, size_t n_bytes)
{
    (void)context;
    fprintf(stderr, "%s%.*s\n", level[0] ? "savor: " : "", (int)n_bytes, text);
}

static savor_sandbox find_sandbox(const char *name)
{
    if (name && strcmp(name, "off") == 0)
        return SAVOR_SANDBOX_OFF;
    return name && strcmp(name, "strict") == 0 ? SAVOR_SANDBOX_STRICT : SAVOR_SANDBOX_DEFAULT;
}

int cli_model_load(const cli_model_args *args, const savor_worker_options *workers, savor_model **out)
{
    savor_load_options options = {.size = sizeof options, .engine = cli_engine_choice(args)};
    savor_worker_options w = workers ? *workers : (savor_worker_options){.log = show_line};
    savor_error err = {SAVOR_OK, "", ""};
    char program[CLI_PATH_BYTES], r_program[CLI_PATH_BYTES];
    *out = NULL;
    w.size = sizeof w;
    w.python = args->python;
    w.program = cli_worker_program(program, sizeof program);
    w.rscript = args->rscript;
    w.r_program = cli_r_program(r_program, sizeof r_program);
    w.refused_by = find_refusal(args);
    w.sandbox = find_sandbox(args->sandbox);
    w.no_replay = args->no_replay;
    options.workers = args->engine ? &w : NULL;
    if (args->csv_floats && strcmp(args->csv_floats, "auto") != 0)
        options.csv_floats =
            strcmp(args->csv_floats, "exact") == 0 ? SAVOR_CSV_FLOATS_EXACT : SAVOR_CSV_FLOATS_PANDAS2;
    if (savor_profile_read(args->profile, &options.profile, &err) || savor_model_load(args->uri, &options, out, &err))
        return cli_error(&err);
    return 0;
}

/* MLflow's boolean variables: "true" or "1", in any case. */
static int is_true(const char *value)
{
    return value && (!strcmp(value, "1") || !strncmp(value, "true", 5) || !strncmp(value, "True", 5) ||
                     !strncmp(value, "TRUE", 5));
}

savor_score_options cli_score_options(const cli_model_args *args)
{
    return (savor_score_options){
        .size = sizeof(savor_score_options),
        .nan = strcmp(args->nan, "null") == 0 ? SAVOR_NAN_NULL : SAVOR_NAN_TOKEN,
        .quiet_errors = is_true(getenv("MLFLOW_DISABLE_SCHEMA_DETAILS")),
        .forced_profile = strcmp(args->profile, "auto") != 0,
        .bare_key = getenv("PREDICTIONS_WRAPPER_ATTR_NAME"),
    };
}

int cli_scoring_open(const cli_model_args *args, cli_scoring *out)
{
    savor_score_options options = cli_score_options(args);
    savor_error err = {SAVOR_OK, "", ""};
    *out = (cli_scoring){NULL, NULL};
    int code = cli_model_load(args, NULL, &out->model);
    if (!code && savor_model_get_n_workers(out->model))
        cli_warn("code of the model runs in %s process (%s; sandbox %s)%s%s",
                 cli_is_r(out->model) ? "an R" : "a Python", savor_model_get_code(out->model), args->sandbox,
                 savor_model_get_passed_over(out->model)[0] ? ", because " : "",
                 savor_model_get_passed_over(out->model));
    if (!code && savor_scorer_new(out->model, &options, &out->scorer, &err)) {
        code = cli_error(&err);
        cli_scoring_close(out);
    }
    return code;
}

void cli_scoring_close(cli_scoring *scoring)
{
    savor_scorer_free(scoring->scorer);
    savor_model_free(scoring->model);
    *scoring = (cli_scoring){NULL, NULL};
}

const char *cli_content_type(const char *type, const char *orient)
{
    if (strcmp(type, "csv") == 0)
        return "text/csv";
    if (strcmp(type, "parquet") == 0)
        return "application/vnd.apache.parquet";
    if (strcmp(type, "arrow") == 0)
        return "application/vnd.apache.arrow.stream";
    if (strcmp(type, "json") != 0) {
        cli_fail("Content type must be one of json or csv.");
        return NULL;
    }
    if (!orient)
        return "application/json";
    return strcmp(orient, "records") == 0 ? "application/json; format=pandas-records"
                                          : "application/json; format=pandas-split";
}

int cli_score(cli_scoring *scoring, const char *content_type, const char *accept, const cli_bytes *body,
              savor_response *out)
{
    savor_request request = {.content_type = content_type,
                             .content_type_bytes = strlen(content_type),
                             .body = body->p,
                             .body_bytes = body->n,
                             .accept = accept,
                             .accept_bytes = accept ? strlen(accept) : 0};
    return savor_status_exit_code(savor_scorer_score(scoring->scorer, &request, out));
}

void cli_tell_refusal(const savor_response *answer)
{
    char text[1000];
    const char *message = cli_json_find(answer->body, "message");
    cli_fail("%s", message ? cli_json_text(message, text, sizeof text) : answer->message);
}
