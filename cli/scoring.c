/* scoring.c: load once, score once. */
#define _POSIX_C_SOURCE 200809L /* sigset_t */

#include "scoring.h"
#include "message.h"
#include "runtime.h"
#include "show_json.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

savor_engine_choice cli_engine_choice(const cli_model_args *args)
{
    if (!args->engine || strcmp(args->engine, "native") == 0) /* a command without these options runs no code */
        return SAVOR_ENGINE_NATIVE;
    return strcmp(args->engine, "python") == 0 ? SAVOR_ENGINE_PYTHON : SAVOR_ENGINE_AUTO;
}

int cli_is_r(const savor_model *model) { return strcmp(savor_model_get_engine(model), "r-worker") == 0; }

/* Steps of what takes long are for those who wait at a terminal. */
static void show_line(void *context, const char *level, const char *text, size_t n_bytes)
{
    (void)context;
    if (!level[0])
        fprintf(stderr, "%.*s\n", (int)n_bytes, text);
    else if (strcmp(level, "progress") != 0 || isatty(STDERR_FILENO))
        cli_note("%.*s", (int)n_bytes, text);
}

static savor_sandbox find_sandbox(const char *name)
{
    if (name && strcmp(name, "off") == 0)
        return SAVOR_SANDBOX_OFF;
    return name && strcmp(name, "strict") == 0 ? SAVOR_SANDBOX_STRICT : SAVOR_SANDBOX_DEFAULT;
}

static void set_csv_floats(const cli_model_args *args, savor_load_options *options)
{
    if (args->csv_floats && strcmp(args->csv_floats, "auto") != 0)
        options->csv_floats =
            strcmp(args->csv_floats, "exact") == 0 ? SAVOR_CSV_FLOATS_EXACT : SAVOR_CSV_FLOATS_PANDAS2;
}

int cli_model_load(const cli_model_args *args, const savor_worker_options *workers, savor_model **out)
{
    savor_load_options options = {.size = sizeof options, .engine = cli_engine_choice(args)};
    savor_worker_options w = workers ? *workers : (savor_worker_options){.log = show_line};
    savor_error err = {SAVOR_OK, "", ""};
    char program[CLI_PATH_BYTES], r_program[CLI_PATH_BYTES], hashes[CLI_HASHES_BYTES];
    sigset_t saved;
    *out = NULL;
    w.size = sizeof w;
    w.program = cli_worker_program(program, sizeof program);
    w.rscript = args->rscript;
    w.r_program = cli_r_program(r_program, sizeof r_program);
    w.sandbox = find_sandbox(args->environment.sandbox);
    w.no_replay = args->no_replay;
    if (cli_environment_read(&args->environment, hashes, &w))
        return 2;
    options.workers = args->engine ? &w : NULL;
    set_csv_floats(args, &options);
    cli_signals_hold(&saved);
    savor_status st = savor_profile_read(args->profile, &options.profile, &err);
    if (!st)
        st = savor_model_load(args->uri, &options, out, &err);
    cli_signals_release(&saved);
    return st ? cli_error(&err) : 0;
}

int cli_model_prepare(const cli_model_args *args, char **python)
{
    savor_worker_options w = {.size = sizeof w, .log = show_line};
    savor_load_options options = {.size = sizeof options, .workers = &w, .engine = cli_engine_choice(args)};
    savor_error err = {SAVOR_OK, "", ""};
    char hashes[CLI_HASHES_BYTES];
    sigset_t saved;
    *python = NULL;
    if (cli_environment_read(&args->environment, hashes, &w))
        return 2;
    cli_signals_hold(&saved);
    savor_status st = savor_model_prepare(args->uri, &options, python, &err);
    cli_signals_release(&saved);
    if (st == SAVOR_USAGE) /* MLflow ends with 1 here */
        return cli_fail("%s", err.message);
    return st ? cli_error(&err) : 0;
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

const char *cli_code_sha256(const savor_model *model)
{
    const char *digits = savor_model_get_code_sha256(model);
    return digits[0] ? digits : "none, for there are links in it";
}

int cli_scoring_open(const cli_model_args *args, cli_scoring *out)
{
    savor_score_options options = cli_score_options(args);
    savor_error err = {SAVOR_OK, "", ""};
    *out = (cli_scoring){NULL, NULL};
    int code = cli_model_load(args, NULL, &out->model);
    if (!code && savor_model_get_n_workers(out->model))
        cli_warn("code of the model runs in %s process (%s; sha256 %s; sandbox %s)%s%s",
                 cli_is_r(out->model) ? "an R" : "a Python", savor_model_get_code(out->model),
                 cli_code_sha256(out->model), args->environment.sandbox,
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
