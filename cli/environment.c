/* environment.c: the same rules for every command that may run a model's code. */
#define _XOPEN_SOURCE 700 /* setenv */

#include "environment.h"
#include "message.h"

#include <ctype.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEX_DIGITS = 64 };

typedef struct manager {
    const char *name;
    savor_env_manager value;
} manager;

static const manager MANAGERS[] = {{"local", SAVOR_ENV_LOCAL},
                                   {"conda", SAVOR_ENV_CONDA},
                                   {"virtualenv", SAVOR_ENV_VIRTUALENV},
                                   {"uv", SAVOR_ENV_UV}};
enum { N_MANAGERS = sizeof MANAGERS / sizeof MANAGERS[0] };

int cli_check_env_manager(const char *name)
{
    for (int i = 0; i < N_MANAGERS; i++)
        if (!name || strcmp(name, MANAGERS[i].name) == 0)
            return 0;
    return cli_fail("Invalid value for `env_manager`: %s. Must be one of ['local', 'conda', 'virtualenv', 'uv']",
                    name);
}

/* MLflow's boolean variables: "true" or "1", "false" or "0", in any case. */
static int is_word(const char *value, const char *word, const char *digit)
{
    if (!value || strcmp(value, digit) == 0)
        return value != NULL;
    while (*value && tolower((unsigned char)*value) == *word) {
        value++;
        word++;
    }
    return !*value && !*word;
}

savor_env_manager cli_env_manager(const cli_environment_args *args)
{
    if (args->no_conda)
        return SAVOR_ENV_LOCAL;
    for (int i = 0; args->manager && i < N_MANAGERS; i++)
        if (strcmp(args->manager, MANAGERS[i].name) == 0)
            return MANAGERS[i].value;
    if (args->sandbox && strcmp(args->sandbox, "strict") == 0)
        return SAVOR_ENV_LOCAL;
    if (args->python || is_word(getenv("MLFLOW_DISABLE_ENV_CREATION"), "true", "1"))
        return SAVOR_ENV_LOCAL;
    return SAVOR_ENV_VIRTUALENV;
}

/* ---- which models ---- */

static int is_hash(const char *text, size_t n)
{
    if (n > 7 && strncmp(text, "sha256:", 7) == 0) {
        text += 7;
        n -= 7;
    }
    for (size_t i = 0; i < n; i++)
        if (!isxdigit((unsigned char)text[i]))
            return 0;
    return n == HEX_DIGITS;
}

/* Adds the hashes of a list with commas. Returns 0 or 2. */
static int add_hashes(const char *label, const char *list, char *room)
{
    while (*list) {
        size_t n = strcspn(list, ","), used = strlen(room);
        if (!is_hash(list, n)) {
            cli_fail("Invalid value for %s: '%.*s' is not a SHA-256 of 64 hexadecimal digits.", label, (int)n, list);
            return 2;
        }
        if (used + n + 2 > CLI_HASHES_BYTES) {
            cli_fail("Invalid value for %s: more than %d hashes.", label, CLI_MAX_LIST);
            return 2;
        }
        snprintf(room + used, CLI_HASHES_BYTES - used, "%s%.*s", used ? "," : "", (int)n, list);
        list += n + (list[n] == ',');
    }
    return 0;
}

/* Hashes on the command line say more than variables that forbid or allow all. */
static int read_admission(const cli_environment_args *args, char *hashes, savor_worker_options *out)
{
    const char *allow = getenv("SAVOR_ALLOW_CODE");
    hashes[0] = '\0';
    for (int i = 0; i < args->allow_code.n; i++)
        if (add_hashes("'--allow-code'", args->allow_code.item[i], hashes))
            return 2;
    if (args->allow_code.n && (args->no_code || !hashes[0])) {
        cli_fail(args->no_code ? "--no-code and --allow-code cannot be used at the same time."
                               : "Invalid value for '--allow-code': it is empty.");
        return 2;
    }
    if (args->no_code)
        out->refused_by = "--no-code";
    else if (!hashes[0] && is_word(allow, "false", "0"))
        out->refused_by = "SAVOR_ALLOW_CODE=false";
    else if (!hashes[0] && allow && *allow && !is_word(allow, "true", "1") &&
             add_hashes("SAVOR_ALLOW_CODE", allow, hashes))
        return 2;
    if (!out->refused_by && !hashes[0] && is_word(getenv("MLFLOW_ALLOW_PICKLE_DESERIALIZATION"), "false", "0"))
        out->refused_by = "MLFLOW_ALLOW_PICKLE_DESERIALIZATION=false";
    out->admitted = hashes[0] ? hashes : NULL;
    return 0;
}

/* ---- signals ---- */

static void make_set(sigset_t *set)
{
    static const int NUMBERS[] = {SIGINT, SIGTERM, SIGHUP};
    sigemptyset(set);
    for (size_t i = 0; i < sizeof NUMBERS / sizeof NUMBERS[0]; i++)
        sigaddset(set, NUMBERS[i]);
}

void cli_signals_hold(void *saved)
{
    sigset_t set;
    make_set(&set);
    pthread_sigmask(SIG_BLOCK, &set, saved);
}

void cli_signals_release(const void *saved) { pthread_sigmask(SIG_SETMASK, saved, NULL); }

/* While signals wait: whether one has come. */
static int is_stopped(void *context)
{
    sigset_t pending;
    (void)context;
    return sigpending(&pending) == 0 && (sigismember(&pending, SIGINT) == 1 || sigismember(&pending, SIGTERM) == 1 ||
                                         sigismember(&pending, SIGHUP) == 1);
}

/* ---- all of it ---- */

int cli_environment_read(const cli_environment_args *args, char hashes[CLI_HASHES_BYTES], savor_worker_options *out)
{
    const char *root = getenv("MLFLOW_ENV_ROOT");
    out->python = args->python ? args->python : "python3";
    out->env_manager = cli_env_manager(args);
    out->env_root = root && *root ? root : NULL;
    out->pip_requirements = args->requirements;
    out->install_mlflow = args->install_mlflow;
    out->is_stopped = is_stopped;
    return read_admission(args, hashes, out);
}

int cli_environment_set(const cli_list *variables)
{
    for (int i = 0; i < variables->n; i++) {
        const char *equals = strchr(variables->item[i], '=');
        char name[256];
        size_t n = (size_t)(equals - variables->item[i]);
        snprintf(name, sizeof name, "%.*s", (int)n, variables->item[i]);
        if (n >= sizeof name || setenv(name, equals + 1, 1) != 0)
            return cli_fail("'%s' is no variable that can be set", variables->item[i]);
    }
    return 0;
}
