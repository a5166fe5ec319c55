/* cmd_serve.c: savor models serve. */
#include "commands.h"
#include "log_line.h"
#include "message.h"
#include "scoring.h"

#include <savor/server.h>
#include <savor/version.h>

#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MAX_SECONDS = 1000000, MAX_WORKERS = 1024, MAX_CONNECTIONS = 1000000 };

typedef struct serve_args {
    cli_model_args model;
    const char *host, *allowed_hosts;
    int port, timeout, workers, enable_mlserver, json_log, quiet_errors, quiet, verbose;
    size_t max_body, max_head, max_inflight, max_request_memory;
    int max_connections, head_timeout, body_idle_timeout, keepalive_timeout, drain_timeout;
} serve_args;

#define SECONDS(label, member, standard, text)                                                    \
    {                                                                                             \
        .name = (label), .kind = CLI_INT, .metavar = "SECONDS", .fallback = (standard), .min = 1, \
        .max = MAX_SECONDS, .offset = offsetof(serve_args, member), .help = (text)                \
    }
#define SIZE(label, member, standard, text)                                           \
    {                                                                                 \
        .name = (label), .kind = CLI_SIZE, .metavar = "SIZE", .fallback = (standard), \
        .offset = offsetof(serve_args, member), .help = (text)                        \
    }
#define FLAG(label, member, in_eras, text)                                                                           \
    {                                                                                                                \
        .name = (label), .kind = CLI_FLAG, .eras = (in_eras), .offset = offsetof(serve_args, member), .help = (text) \
    }

static const cli_option OPTIONS[] = {
    CLI_MODEL_URI(serve_args, model, 1),
    {.name = "port",
     .letter = 'p',
     .kind = CLI_INT,
     .metavar = "INTEGER",
     .env = "MLFLOW_PORT",
     .fallback = "5000",
     .max = 65535,
     .offset = offsetof(serve_args, port),
     .help = "Port to listen on; 0: any free one."},
    {.name = "host",
     .letter = 'h',
     .kind = CLI_TEXT,
     .metavar = "TEXT",
     .env = "MLFLOW_HOST",
     .fallback = "127.0.0.1",
     .offset = offsetof(serve_args, host),
     .help = "Name or address to listen on; 0.0.0.0 or :: to be reached from other machines."},
    {.name = "timeout",
     .letter = 't',
     .kind = CLI_INT,
     .metavar = "SECONDS",
     .env = "MLFLOW_SCORING_SERVER_REQUEST_TIMEOUT",
     .fallback = "60",
     .min = 1,
     .max = MAX_SECONDS,
     .offset = offsetof(serve_args, timeout),
     .help = "An answer that takes longer is given up with 504."},
    {.name = "workers",
     .letter = 'w',
     .kind = CLI_INT,
     .metavar = "INTEGER",
     .env = "MLFLOW_MODELS_WORKERS",
     .fallback = "1",
     .min = 1,
     .max = MAX_WORKERS,
     .offset = offsetof(serve_args, workers),
     .help = "Threads that answer requests; they share one model. For a model that is code: worker processes."},
    CLI_ENV_MANAGER(serve_args, model),
    FLAG("no-conda", model.environment.no_conda, 0, "The same as --env-manager local."),
    CLI_INSTALL_MLFLOW(serve_args, model),
    FLAG("enable-mlserver", enable_mlserver, CLI_ERA_1 | CLI_ERA_2,
         "Accepted with a warning; newer MLflow has removed it, and savor has its own server."),
    CLI_CODE(serve_args, model),
    FLAG("no-replay", model.no_replay, 0,
         "A request whose worker process died fails at once, instead of going to another one."),
    CLI_PROFILE(serve_args, model),
    CLI_NAN(serve_args, model),
    CLI_CSV_FLOATS(serve_args, model),
    {.name = "allowed-hosts",
     .kind = CLI_TEXT,
     .metavar = "LIST",
     .offset = offsetof(serve_args, allowed_hosts),
     .help =
         "Names that Host may have, separated by commas; *.example.org: all below it; *: any  [default: no check, "
         "but loopback names when bound to a loopback address]."},
    FLAG("json-log", json_log, 0, "One JSON object a line on standard error, instead of key=value."),
    FLAG("quiet-errors", quiet_errors, 0,
         "Error answers say nothing about the data; also MLFLOW_DISABLE_SCHEMA_DETAILS=true."),
    FLAG("quiet", quiet, 0, "No line per request, only errors, start and stop."),
    FLAG("verbose", verbose, 0, "Tell the limits at start, too."),
    SIZE("max-body", max_body, "100M", "Largest request body; beyond it 413."),
    SIZE("max-head", max_head, "16K", "Largest request head; beyond it 431."),
    SIZE("max-inflight", max_inflight, "512M", "Bodies of all connections together; beyond it 503."),
    SIZE("max-request-memory", max_request_memory, NULL,
         "Working memory of one request  [default: 96 times its body and 64M]."),
    {.name = "max-connections",
     .kind = CLI_INT,
     .metavar = "INTEGER",
     .min = 1,
     .max = MAX_CONNECTIONS,
     .offset = offsetof(serve_args, max_connections),
     .help = "Open connections  [default: 16384, or what the descriptor limit allows]."},
    SECONDS("head-timeout", head_timeout, "10", "From the first byte of a head to its end."),
    SECONDS("body-idle-timeout", body_idle_timeout, "30", "A body without a byte for so long is given up."),
    SECONDS("keepalive-timeout", keepalive_timeout, "75", "An idle connection is closed after this."),
    SECONDS("drain-timeout", drain_timeout, "25", "After SIGTERM or SIGINT: the time to finish what has begun."),
};

static const cli_usage USAGE = {
    .words = "models serve",
    .sentence = "Answer scoring requests over HTTP: POST /invocations, GET /ping, /health and /version.",
    .more = "  Example:\n\n"
            "    savor models serve -m ./model &\n"
            "    curl localhost:5000/invocations -H 'Content-Type: application/json' \\\n"
            "      -d '{\"dataframe_split\": {\"columns\": [\"a\", \"b\"], \"data\": [[1.5, 2.5]]}}'\n\n"
            "  SIGTERM and SIGINT drain and end it with exit code 0; a second one ends it at once.\n",
    .options = OPTIONS,
    .n_options = sizeof OPTIONS / sizeof OPTIONS[0],
    .positional = "[MODEL]",
    .stands_for = 0,
};

static void log_line(void *context, const char *line, size_t n_bytes)
{
    (void)context;
    fwrite(line, 1, n_bytes, stderr); /* the caller lets one thread in at a time */
    fputc('\n', stderr);
}

/* Memory of large requests goes back to the system when they are answered; glibc would learn to keep it. */
#define MAPPED_BYTES (256 * 1024)

static savor_server_options server_options(const serve_args *a)
{
    savor_server_options o = {
        .size = sizeof o,
        .host = a->host,
        .port = a->port,
        .n_workers = a->workers,
        .request_timeout_s = a->timeout,
        .score = cli_score_options(&a->model),
        .max_body_bytes = a->max_body,
        .max_head_bytes = a->max_head,
        .max_inflight_bytes = a->max_inflight,
        .max_connections = a->max_connections,
        .head_timeout_ms = a->head_timeout * 1000,
        .body_idle_timeout_ms = a->body_idle_timeout * 1000,
        .keepalive_timeout_ms = a->keepalive_timeout * 1000,
        .drain_timeout_ms = a->drain_timeout * 1000,
        .json_log = a->json_log,
        .no_access_log = a->quiet,
        .log = log_line,
        .allowed_hosts = a->allowed_hosts,
    };
    o.score.max_request_bytes = a->max_request_memory;
    o.score.quiet_errors |= a->quiet_errors;
    return o;
}

static void stop_signals(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGINT);
}

/* Waits for the signals that every other thread blocks: so no handler, and nothing that it would have to share. */
static void *wait_for_signals(void *context)
{
    sigset_t set;
    int number = 0;
    stop_signals(&set);
    if (sigwait(&set, &number) == 0)
        savor_server_stop(context);
    if (sigwait(&set, &number) == 0)
        _exit(128 + number);
    return NULL;
}

/* Before the model loads: what arrives early is kept and ends the server as soon as it runs. */
static void block_signals(void)
{
    sigset_t set;
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    stop_signals(&set);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    sigemptyset(&ignore.sa_mask);
    sigaction(SIGPIPE, &ignore, NULL);
}

static int run_server(savor_server *server)
{
    savor_error err = {SAVOR_OK, "", ""};
    pthread_t waiter;
    int code = 0;
    if (pthread_create(&waiter, NULL, wait_for_signals, server))
        return cli_fail("could not start the thread that waits for signals");
    if (savor_server_run(server, &err))
        code = cli_error(&err);
    pthread_cancel(waiter);
    pthread_join(waiter, NULL);
    return code;
}

static const char *profile_name(savor_profile profile)
{
    static const char *const NAMES[] = {"auto", "1.x", "2.x", "3.x"};
    return NAMES[profile];
}

/* The address comes with the server's own line, "listening". */
static void tell_model(const serve_args *a, const savor_model *model)
{
    cli_line line;
    cli_line_begin(&line, a->json_log, "loaded");
    cli_line_put(&line, "model", a->model.uri);
    cli_line_put(&line, "flavor", savor_model_get_flavor(model));
    cli_line_put(&line, "engine", savor_model_get_engine(model));
    cli_line_put(&line, "profile", profile_name(savor_model_get_profile(model)));
    cli_line_put(&line, "savor", savor_version());
    cli_line_end(&line);
}

static void tell_limits(const savor_server_options *o)
{
    cli_line line;
    cli_line_begin(&line, o->json_log, "limits");
    cli_line_put_number(&line, "body", o->max_body_bytes);
    cli_line_put_number(&line, "head", o->max_head_bytes);
    cli_line_put_number(&line, "inflight", o->max_inflight_bytes);
    cli_line_put_number(&line, "request_s", (uint64_t)o->request_timeout_s);
    cli_line_put_number(&line, "head_ms", (uint64_t)o->head_timeout_ms);
    cli_line_put_number(&line, "body_idle_ms", (uint64_t)o->body_idle_timeout_ms);
    cli_line_put_number(&line, "keepalive_ms", (uint64_t)o->keepalive_timeout_ms);
    cli_line_put_number(&line, "drain_ms", (uint64_t)o->drain_timeout_ms);
    cli_line_end(&line);
}

/* What the model prints, and what happens to its processes. */
static void log_worker(void *context, const char *level, const char *text, size_t n_bytes)
{
    const int *is_json = context;
    char room[1024];
    cli_line line;
    if (strcmp(level, "progress") == 0 && !isatty(STDERR_FILENO))
        return;
    snprintf(room, sizeof room, "%.*s", (int)n_bytes, text);
    cli_line_begin(&line, *is_json, level[0] ? "worker" : "printed");
    cli_line_put(&line, "text", room);
    cli_line_end(&line);
}

/* Never silently: what runs, and why no native engine could answer. */
static void tell_code(const serve_args *a, const savor_model *model)
{
    if (!savor_model_get_n_workers(model))
        return;
    cli_line line;
    cli_line_begin(&line, a->json_log, "runs_code");
    cli_line_put(&line, "code", savor_model_get_code(model));
    cli_line_put(&line, "sha256", cli_code_sha256(model));
    cli_line_put(&line, "sandbox", a->model.environment.sandbox);
    if (cli_is_r(model))
        cli_line_put(&line, "rscript", a->model.rscript);
    else
        cli_line_put(&line, "python", savor_model_get_interpreter(model));
    cli_line_put(&line, "because", savor_model_get_passed_over(model));
    cli_line_end(&line);
}

static int serve(const serve_args *a)
{
    (void)mallopt(M_MMAP_THRESHOLD, MAPPED_BYTES);
    savor_server_options options = server_options(a);
    savor_error err = {SAVOR_OK, "", ""};
    savor_model *model = NULL;
    savor_server *server = NULL;
    int code, json_log = a->json_log;
    block_signals();
    savor_worker_options workers = {.n_workers = a->workers,
                                    .request_timeout_ms = a->timeout * 1000,
                                    .log = log_worker,
                                    .log_context = &json_log};
    if ((code = cli_model_load(&a->model, &workers, &model)))
        return code;
    const char *written_by = savor_model_get_mlflow_version(model);
    options.version_text = written_by[0] ? written_by : NULL; /* what MLflow's clients ask /version for */
    if (savor_server_new(model, &options, &server, &err)) {
        code = cli_error(&err);
        goto done;
    }
    tell_model(a, model);
    tell_code(a, model);
    if (a->verbose)
        tell_limits(&options);
    code = run_server(server);
done:
    savor_server_free(server);
    savor_model_free(model);
    return code;
}

/* MLflow 1.x: "exit 2"; later ones let --no-conda win. */
static int check_no_conda(const serve_args *a, const cli_given *given)
{
    for (size_t i = 0; i < USAGE.n_options; i++)
        if (a->model.environment.no_conda && strcmp(a->model.profile, "1.x") == 0 && given->row[i] &&
            strcmp(OPTIONS[i].name, "env-manager") == 0)
            return cli_usage_error(&USAGE, "`--no-conda` (deprecated) and `--env-manager` cannot be used at the same "
                                           "time.");
    return CLI_GO_ON;
}

int cmd_serve(int argc, char **argv)
{
    serve_args a = {.port = 0};
    cli_given given;
    int code = cli_parse(&USAGE, argc, argv, &a, &given);
    if (code == CLI_GO_ON)
        code = cli_check_eras(&USAGE, &given, a.model.profile);
    if (code == CLI_GO_ON)
        code = check_no_conda(&a, &given);
    if (code != CLI_GO_ON)
        return code;
    if (cli_check_env_manager(a.model.environment.manager))
        return 1;
    if (a.enable_mlserver)
        cli_warn("--enable-mlserver: MLflow removed MLServer; savor answers with its own server");
    return serve(&a);
}
