/*
 * environment.h: Python environments made once and kept. A folder with a name that tells what is in it, a lock beside
 * it, and no shell: programs get argument vectors, and what a model says goes to them in files.
 */
#ifndef SV_WORKER_ENVIRONMENT_H
#define SV_WORKER_ENVIRONMENT_H

#include "worker/command.h"

#include <savor/worker.h>

/** How environments are made; texts are borrowed. */
typedef struct sv_environment_options {
    savor_env_manager manager;
    const char *root;        /* NULL: .mlflow/envs below HOME */
    savor_worker_log_fn log; /* NULL: none */
    void *log_context;
    int (*is_stopped)(void *context); /* NULL: never */
    void *stop_context;
} sv_environment_options;

/** What is in an environment; texts are borrowed, and were checked by whoever read them. */
typedef struct sv_environment_recipe {
    const char *name;       /* of its folder: letters, digits and '-' */
    const char *python;     /* the version, "3.10.12"; NULL: any. Not for conda */
    const char *conda_file; /* conda: the absolute path of conda.yaml */
    const char *folder;     /* absolute: what relative paths in requirements start from */
    sv_str build;           /* requirements to be installed first, one a line; empty: none */
    sv_str requirements;    /* then these */
    sv_str constraints;     /* for them */
    sv_str more;            /* and then these; for conda, too */
} sv_environment_recipe;

/**
 * Make the environment unless it is there. Processes that want the same one wait for the first; what a killed one
 * left behind is removed before it is made again.
 *
 * out       the absolute path of its interpreter; owned by the caller: sv_free. NULL on failure
 * Errors    NOT_FOUND (no such Python, no uv, no conda), IO (a program failed; the message has its last words, or the
 *           call was stopped), NOMEM
 * Threads   safe
 */
savor_status sv_environment_prepare(const sv_environment_recipe *recipe, const sv_environment_options *options,
                                    char **out, savor_error *err) SAVOR_MUST_CHECK;

#endif
