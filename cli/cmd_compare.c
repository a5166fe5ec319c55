/* cmd_compare.c: savor models compare. */
#include "commands.h"
#include "message.h"
#include "other_mlflow.h"
#include "scoring.h"
#include "show_json.h"

#include <savor/compare.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

typedef struct compare_args {
    cli_model_args model;
    const char *input, *type, *orient, *against, *python, *tolerance;
    int json;
} compare_args;

static const cli_option OPTIONS[] = {
    CLI_MODEL_URI(compare_args, model, 1),
    {.name = "input-path",
     .letter = 'i',
     .kind = CLI_TEXT,
     .metavar = "FILE",
     .offset = offsetof(compare_args, input),
     .help = "What to score; - or absent: standard input."},
    {.name = "content-type",
     .letter = 't',
     .kind = CLI_TEXT,
     .metavar = "json|csv",
     .fallback = "json",
     .offset = offsetof(compare_args, type),
     .help = "What the input is."},
    {.name = "json-format",
     .letter = 'j',
     .kind = CLI_CHOICE,
     .choices = "split|records",
     .offset = offsetof(compare_args, orient),
     .help = "Orient of a bare JSON body, as MLflow 1.x has it."},
    {.name = "against",
     .kind = CLI_TEXT,
     .is_required = 1,
     .metavar = "python|FILE",
     .offset = offsetof(compare_args, against),
     .help = "python: run real MLflow. FILE: a recorded answer, {\"predictions\": ...} or the bare value."},
    {.name = "python",
     .kind = CLI_TEXT,
     .metavar = "PATH",
     .env = "SAVOR_PYTHON",
     .fallback = "python3",
     .offset = offsetof(compare_args, python),
     .help = "The Python that has mlflow and the model's libraries, for --against python."},
    {.name = "env-manager",
     .kind = CLI_TEXT,
     .metavar = "local|virtualenv|uv|conda",
     .fallback = "local",
     .offset = offsetof(compare_args, model.environment.manager),
     .help = "Not local: --against python runs in the environment that the model asks for, as prepare-env makes it."},
    CLI_INSTALL_MLFLOW(compare_args, model),
    {.name = "tol",
     .kind = CLI_TEXT,
     .metavar = "NUMBER",
     .fallback = "0",
     .offset = offsetof(compare_args, tolerance),
     .help = "Relative difference that two floats may have; 0: bit for bit."},
    CLI_PROFILE(compare_args, model),
    {.name = "json", .kind = CLI_FLAG, .offset = offsetof(compare_args, json), .help = "Print one JSON object."},
};

static const cli_usage USAGE = {
    .words = "models compare",
    .sentence = "Score a file natively and compare the answer, value by value, with real MLflow's or a recorded one.",
    .more = "  Exit code: 0 when they agree, 1 at any difference beyond --tol.\n\n"
            "  Example:\n\n"
            "    savor models compare -m ./model -i rows.csv -t csv --against python --python venv/bin/python\n",
    .options = OPTIONS,
    .n_options = sizeof OPTIONS / sizeof OPTIONS[0],
};

static void print_difference(const char *label, const savor_difference *d)
{
    if (d->path[0])
        printf("%-22s %s: savor %s, other %s\n", label, d->path, d->a, d->b);
}

static void print_comparison(const savor_comparison *c, const char *tolerance)
{
    printf("%-22s %" PRIu64 " (%" PRIu64 " floats)\n", "values", c->n_values, c->n_floats);
    printf("%-22s %" PRIu64 "\n", "different", c->n_different);
    printf("%-22s %" PRIu64 " (tolerance %s)\n", "beyond the tolerance", c->n_beyond, tolerance);
    if (!c->n_different)
        return;
    printf("%-22s %" PRIu64 "\n", "other kind or value", c->n_unlike);
    printf("%-22s %" PRIu64 "\n", "other shape or keys", c->n_misshapen);
    printf("%-22s %" PRIu64 " in double", "largest ulp", c->max_ulp_double);
    if (c->n_float32_pairs)
        printf(", %" PRIu64 " in float32 (%" PRIu64 " pairs)", c->max_ulp_float, c->n_float32_pairs);
    printf("\n%-22s %.3g absolute, %.3g relative\n", "largest difference", c->max_absolute, c->max_relative);
    print_difference("first", &c->first);
    print_difference("largest", &c->worst);
}

/* The texts are JSON values already, or "array of 3"; as strings they need their quotes and backslashes escaped. */
static void print_json_string(const char *text)
{
    putchar('"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            putchar('\\');
        putchar(*text);
    }
    putchar('"');
}

static void print_difference_json(const char *key, const savor_difference *d)
{
    printf(", \"%s\": ", key);
    if (!d->path[0]) {
        fputs("null", stdout);
        return;
    }
    fputs("{\"path\": ", stdout);
    print_json_string(d->path);
    fputs(", \"savor\": ", stdout);
    print_json_string(d->a);
    fputs(", \"other\": ", stdout);
    print_json_string(d->b);
    putchar('}');
}

static void print_comparison_json(const savor_comparison *c)
{
    printf("{\"values\": %" PRIu64 ", \"floats\": %" PRIu64 ", \"different\": %" PRIu64 ", \"beyond\": %" PRIu64
           ", \"unlike\": %" PRIu64 ", \"misshapen\": %" PRIu64 ", \"max_ulp_double\": %" PRIu64
           ", \"max_ulp_float32\": %" PRIu64 ", \"float32_pairs\": %" PRIu64
           ", \"max_absolute\": %.17g, \"max_relative\": %.17g",
           c->n_values, c->n_floats, c->n_different, c->n_beyond, c->n_unlike, c->n_misshapen, c->max_ulp_double,
           c->max_ulp_float, c->n_float32_pairs, c->max_absolute, c->max_relative);
    print_difference_json("first", &c->first);
    print_difference_json("worst", &c->worst);
    puts("}");
}

/* Two answers that are no errors. */
static int compare_bodies(const compare_args *a, const savor_response *ours, const char *theirs, size_t n)
{
    savor_compare_options options = {.size = sizeof options, .same_shell = strcmp(a->against, "python") == 0};
    savor_comparison found;
    savor_error err = {SAVOR_OK, "", ""};
    if (savor_tolerance_read(a->tolerance, &options.tolerance, &err))
        return cli_error(&err);
    savor_status st = savor_compare(ours->body, ours->body_bytes, theirs, n, &options, &found, &err);
    if (st != SAVOR_OK && st != SAVOR_DIFFERENT)
        return cli_error(&err);
    if (a->json)
        print_comparison_json(&found);
    else
        print_comparison(&found, a->tolerance);
    return st == SAVOR_OK ? 0 : 1;
}

/* MLflow's word for a refusal; "" when the answer is no error. */
static const char *error_code(const char *body, char *text, size_t size)
{
    const char *code = cli_json_find(body, "error_code");
    *text = 0;
    return code ? cli_json_text(code, text, size) : text;
}

/* At least one of the two refused the input. Their messages may differ; status (0: not known) and error_code may not.
 */
static int compare_refusals(const compare_args *a, const savor_response *ours, int their_status, const char *theirs)
{
    char x[64], y[64], text[400];
    const char *message = cli_json_find(theirs, "message");
    error_code(ours->body, x, sizeof x);
    error_code(theirs, y, sizeof y);
    int same = strcmp(x, y) == 0 && (!their_status || ours->http_status == their_status);
    if (a->json) {
        printf("{\"refused\": true, \"same\": %s, \"savor\": {\"status\": %d, \"error_code\": \"%s\"}, "
               "\"other\": {\"status\": %d, \"error_code\": \"%s\"}}\n",
               same ? "true" : "false", ours->http_status, x, their_status, y);
        return !same;
    }
    printf("%-22s %s\n", "refused", same ? "by both" : "differently");
    printf("%-22s %d %s %s\n", "savor", ours->http_status, *x ? x : "no error", ours->message);
    printf("%-22s %d %s %s\n", "other", their_status, *y ? y : "no error",
           message ? cli_json_text(message, text, sizeof text) : "");
    return !same;
}

/* Whatever answers natively, real MLflow needs Python: `made` gets an interpreter or NULL. */
static int prepare_python(const compare_args *a, char **made)
{
    cli_model_args model = a->model;
    *made = NULL;
    if (cli_env_manager(&a->model.environment) == SAVOR_ENV_LOCAL)
        return 0;
    model.engine = "python";
    return cli_model_prepare(&model, made);
}

static int compare_with_python(const compare_args *a, const char *content_type, const cli_bytes *body,
                               const savor_response *ours)
{
    cli_mlflow_answer theirs;
    char *made;
    int code = prepare_python(a, &made);
    const char *python = made ? made : a->python;
    if (code || (code = cli_mlflow_ask(python, a->model.uri, content_type, body, &theirs))) {
        savor_text_free(made);
        return code;
    }
    if (!a->json)
        printf("%-22s MLflow %s (%s)\n", "against", theirs.version, python);
    savor_text_free(made);
    fflush(stdout);
    if (ours->http_status != 200 || theirs.http_status != 200)
        code = compare_refusals(a, ours, theirs.http_status, theirs.body);
    else
        code = compare_bodies(a, ours, theirs.body, theirs.body_bytes);
    cli_mlflow_free(&theirs);
    return code;
}

static int compare_with_file(const compare_args *a, const savor_response *ours)
{
    char word[64];
    cli_bytes recorded;
    int code;
    if (cli_read_path(a->against, CLI_MAX_INPUT_BYTES, &recorded))
        return 1;
    if (ours->status != SAVOR_OK || *error_code(recorded.p, word, sizeof word))
        code = compare_refusals(a, ours, 0, recorded.p);
    else
        code = compare_bodies(a, ours, recorded.p, recorded.n);
    cli_bytes_free(&recorded);
    return code;
}

static int compare(const compare_args *a, const char *content_type)
{
    cli_scoring scoring = {NULL, NULL};
    cli_bytes body = {0};
    savor_response ours;
    int code;
    if ((code = cli_scoring_open(&a->model, &scoring)) ||
        (code = cli_read_path(a->input, CLI_MAX_INPUT_BYTES, &body)))
        goto done;
    cli_score(&scoring, content_type, NULL, &body, &ours);
    if (strcmp(a->against, "python") == 0)
        code = compare_with_python(a, content_type, &body, &ours);
    else
        code = compare_with_file(a, &ours);
done:
    cli_bytes_free(&body);
    cli_scoring_close(&scoring);
    return code;
}

int cmd_compare(int argc, char **argv)
{
    compare_args a = {.model = {.nan = "token"}};
    cli_given given;
    double tolerance;
    savor_error err = {SAVOR_OK, "", ""};
    const char *content_type;
    int code = cli_parse(&USAGE, argc, argv, &a, &given);
    if (code != CLI_GO_ON)
        return code;
    if (savor_tolerance_read(a.tolerance, &tolerance, &err))
        return cli_usage_error(&USAGE, "Invalid value for '--tol': %s", err.message);
    if (cli_check_env_manager(a.model.environment.manager))
        return 1;
    content_type = cli_content_type(a.type, a.orient);
    return content_type ? compare(&a, content_type) : 1;
}
