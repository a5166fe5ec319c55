/* worker.h: how models that are code run: in processes of their own, which libsavor starts and talks to. */
#ifndef SAVOR_WORKER_H
#define SAVOR_WORKER_H

#include <savor/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What a worker process may do (docs/workers.md). */
typedef enum savor_sandbox {
    SAVOR_SANDBOX_DEFAULT, /* writes only in a private folder, gains no privileges, reaches no other process */
    SAVOR_SANDBOX_OFF,
    SAVOR_SANDBOX_STRICT, /* also: no network, no other programs, no new processes; reads only what its runtime and
                             the model need */
} savor_sandbox;

/** Who makes the Python environment that workers run in (docs/workers.md). */
typedef enum savor_env_manager {
    SAVOR_ENV_LOCAL,      /* nobody: `python` has what the model needs */
    SAVOR_ENV_VIRTUALENV, /* python -m venv, or virtualenv; then pip */
    SAVOR_ENV_UV,
    SAVOR_ENV_CONDA, /* conda, mamba or micromamba */
} savor_env_manager;

/**
 * A line about workers. `level` is "" for what the model printed, else "info", "warning", or "progress" for one step
 * of something that takes long. The text has no NUL and no line end. Called from a thread of libsavor, or from the
 * thread that loads the model, one at a time for each model.
 */
typedef void (*savor_worker_log_fn)(void *context, const char *level, const char *text, size_t n_bytes);

/** How to run models that are code; zero every member but `size`, `python`, `program` and `r_program` for the
 * defaults. */
typedef struct savor_worker_options {
    size_t size;            /* sizeof(savor_worker_options) */
    const char *python;     /* the interpreter: a path, or a name to look for in PATH */
    const char *program;    /* savor/worker/__main__.py of the installed Python part */
    int n_workers;          /* processes; 0: one */
    int request_timeout_ms; /* one request, waiting for a worker included; 0: 60000. Beyond it TIMEOUT */
    int load_timeout_ms;    /* until the model is loaded; 0: 600000 */
    int n_waiting_max;      /* requests that may wait for a worker; 0: 64 for each. Beyond it BUSY */
    int no_replay;          /* nonzero: a request whose worker died fails, instead of going to another one once */
    savor_sandbox sandbox;
    const char *refused_by;  /* not NULL: no code runs; the error says what would have, and names this */
    savor_worker_log_fn log; /* NULL: none */
    void *log_context;
    const char *rscript;   /* the interpreter of R models: a path, or a name to look for in PATH; NULL: Rscript */
    const char *r_program; /* savor/worker/main.R of the installed R part; NULL: R models are not served */
    savor_env_manager env_manager; /* not LOCAL: `python` is not used, but the interpreter of an environment that is
                                      made of the model's python_env.yaml, requirements.txt or conda.yaml. A model
                                      without these files runs with `python` */
    const char *env_root;          /* where environments are kept; NULL: .mlflow/envs below HOME */
    const char *pip_requirements;  /* more of them, separated by commas; NULL: none */
    int install_mlflow;            /* nonzero: the environment also gets the MLflow that wrote the model */
    const char *admitted;          /* not NULL: code runs only of a model whose SHA-256 (savor_model_get_code_sha256)
                                      is one of these, separated by commas */
    int (*is_stopped)(void *context); /* asked while an environment is made; nonzero: give up. NULL: never */
    void *stop_context;
} savor_worker_options;

#ifdef __cplusplus
}
#endif

#endif
