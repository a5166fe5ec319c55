/* environment.h: what the command line and variables say about code: which Python runs it, and of which models. */
#ifndef CLI_ENVIRONMENT_H
#define CLI_ENVIRONMENT_H

#include "options.h"

#include <savor/worker.h>

#define CLI_HASHES_BYTES (CLI_MAX_LIST * 72)

/** Members of a command's struct; part of cli_model_args. */
typedef struct cli_environment_args {
    const char *manager;      /* NULL: the option was not given */
    const char *python;       /* NULL: neither was --python nor SAVOR_PYTHON */
    const char *requirements; /* --pip-requirements-override */
    const char *sandbox;      /* NULL: the command starts no worker */
    int no_conda, install_mlflow, no_code;
    cli_list allow_code;
} cli_environment_args;

/** Refuse an --env-manager that MLflow does not know, with MLflow's text. NULL is allowed. Returns 0 or 1. */
int cli_check_env_manager(const char *name);

/**
 * Who makes the environment. What the command line names counts; else an interpreter that is named needs none, nor
 * does MLFLOW_DISABLE_ENV_CREATION=true; nor, unasked, a strict sandbox, as what an installation runs is outside of
 * it; else virtualenv, as in MLflow.
 */
savor_env_manager cli_env_manager(const cli_environment_args *args);

/**
 * Fill the members of worker options that belong to this.
 *
 * hashes    room for the texts of --allow-code and SAVOR_ALLOW_CODE
 * returns   0, or the exit code 2 after a usage error was told
 */
int cli_environment_read(const cli_environment_args *args, char hashes[CLI_HASHES_BYTES], savor_worker_options *out);

/** Set the variables of --env for us and all that we start. Returns 0 or 1. */
int cli_environment_set(const cli_list *variables);

/** Let SIGINT, SIGTERM and SIGHUP wait, so that an environment that is being made is ended in order. */
void cli_signals_hold(void *saved);

/** Let them come, when they were let before. */
void cli_signals_release(const void *saved);

#endif
