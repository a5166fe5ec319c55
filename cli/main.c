/* main.c: words -> command. */
#include "commands.h"
#include "options.h"

#include <savor/version.h>

#include <stdio.h>
#include <string.h>

typedef struct command {
    const char *group, *verb;
    int (*call)(int argc, char **argv);
    const char *sentence;
} command;

static const command COMMANDS[] = {
    {"models", "serve", cmd_serve, "Answer scoring requests over HTTP, as `mlflow models serve` does."},
    {"models", "predict", cmd_predict, "Score a file, as `mlflow models predict` does."},
    {"models", "prepare-env", cmd_prepare_env, "Make the Python environment that a model needs."},
    {"models", "inspect", cmd_inspect, "Tell what a model is, and which engine would answer for it."},
    {"models", "verify", cmd_verify, "List what loading the model's pickles in Python would import."},
    {"models", "compare", cmd_compare, "Compare savor's answer with real MLflow's, or with a recorded one."},
    {"models", "signature", cmd_signature, "Infer a signature from data, as `infer_signature` does."},
    {"models", "example", cmd_example, "Print a model's input example as a ready request."},
    {"models", "schema", cmd_schema, "Print what a model is sent and answers: JSON Schema, OpenAPI, proto."},
};
enum { N_COMMANDS = sizeof COMMANDS / sizeof COMMANDS[0] };

typedef struct group {
    const char *name, *sentence;
} group;

static const group GROUPS[] = {
    {"models", "Serve, score, look at, verify and compare MLflow Models."},
};
enum { N_GROUPS = sizeof GROUPS / sizeof GROUPS[0] };

static void print_root_help(FILE *out)
{
    fputs("Usage: savor [OPTIONS] COMMAND [ARGS]...\n\n"
          "  A native runtime for MLflow Models. The words and flags are those of `mlflow`.\n\n"
          "Options:\n"
          "  --version  Show the version and exit.\n"
          "  --help     Show this message and exit.\n\n"
          "Commands:\n",
          out);
    for (int i = 0; i < N_GROUPS; i++)
        fprintf(out, "  %-9s  %s\n", GROUPS[i].name, GROUPS[i].sentence);
    fputs("\nTry 'savor models --help', or 'savor models serve -m MODEL'.\n", out);
}

static void print_group_help(const group *g, FILE *out)
{
    fprintf(
        out,
        "Usage: savor %s [OPTIONS] COMMAND [ARGS]...\n\n  %s\n\nOptions:\n  --help  Show this message and exit.\n\n"
        "Commands:\n",
        g->name, g->sentence);
    for (int i = 0; i < N_COMMANDS; i++)
        if (strcmp(COMMANDS[i].group, g->name) == 0)
            fprintf(out, "  %-11s  %s\n", COMMANDS[i].verb, COMMANDS[i].sentence);
}

/* "savor serve": the group was left out. */
static const command *find_verb(const char *word)
{
    for (int i = 0; i < N_COMMANDS; i++)
        if (strcmp(COMMANDS[i].verb, word) == 0)
            return &COMMANDS[i];
    return NULL;
}

/* `words` is "" for savor itself, or a group's name and a blank. */
static int unknown_word(const char *words, const char *typed, const char *const *known, size_t n)
{
    const char *kind = typed[0] == '-' ? "option" : "command";
    const char *meant = cli_suggest(typed, known, n);
    const command *verb = words[0] ? NULL : find_verb(typed);
    fprintf(stderr, "Usage: savor %s[OPTIONS] COMMAND [ARGS]...\nTry 'savor %s--help' for help.\n\n", words, words);
    fprintf(stderr, "Error: No such %s '%s'.", kind, typed);
    if (verb)
        fprintf(stderr, " Did you mean '%s %s'?", verb->group, verb->verb);
    else if (meant)
        fprintf(stderr, " Did you mean '%s'?", meant);
    fputc('\n', stderr);
    return 2;
}

static int call_in_group(const group *g, int argc, char **argv)
{
    const char *known[N_COMMANDS + 1] = {"--help"};
    char words[32];
    size_t n = 1;
    if (argc == 0 || strcmp(argv[0], "--help") == 0) {
        print_group_help(g, argc ? stdout : stderr);
        return argc ? 0 : 2;
    }
    for (int i = 0; i < N_COMMANDS; i++) {
        if (strcmp(COMMANDS[i].group, g->name) != 0)
            continue;
        if (strcmp(COMMANDS[i].verb, argv[0]) == 0)
            return COMMANDS[i].call(argc - 1, argv + 1);
        known[n++] = COMMANDS[i].verb;
    }
    snprintf(words, sizeof words, "%s ", g->name);
    return unknown_word(words, argv[0], known, n);
}

static int call_root(int argc, char **argv);

/* `savor help models serve` is `savor models serve --help`. */
static int call_help(int argc, char **argv)
{
    static char flag[] = "--help";
    char *words[3];
    int n = argc < 2 ? argc : 2;
    for (int i = 0; i < n; i++)
        words[i] = argv[i];
    words[n++] = flag;
    return call_root(n, words);
}

static int call_root(int argc, char **argv)
{
    const char *known[N_GROUPS + 3] = {"--help", "--version", "help"};
    if (argc == 0 || strcmp(argv[0], "--help") == 0) {
        print_root_help(argc ? stdout : stderr);
        return argc ? 0 : 2;
    }
    if (strcmp(argv[0], "--version") == 0) {
        printf("savor, version %s\n", savor_version());
        return 0;
    }
    if (strcmp(argv[0], "help") == 0)
        return call_help(argc - 1, argv + 1);
    for (int i = 0; i < N_GROUPS; i++) {
        if (strcmp(GROUPS[i].name, argv[0]) == 0)
            return call_in_group(&GROUPS[i], argc - 1, argv + 1);
        known[i + 3] = GROUPS[i].name;
    }
    return unknown_word("", argv[0], known, N_GROUPS + 3);
}

/* What was printed must have arrived: a full disk is a failure. */
int main(int argc, char **argv)
{
    int code = argc > 0 ? call_root(argc - 1, argv + 1) : 2;
    if (fflush(stdout) || ferror(stdout)) {
        perror("savor: error: could not write standard output");
        return code ? code : 1;
    }
    return code;
}
