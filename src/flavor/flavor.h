/* flavor.h: the table of MLflow flavors that libsavor knows; one row and one file each. */
#ifndef SV_FLAVOR_FLAVOR_H
#define SV_FLAVOR_FLAVOR_H

#include "base/dir.h"
#include "flavor/predictor.h"
#include "model/mlmodel.h"
#include "worker/environment.h"
#include "worker/pool.h"

/** Limits on what a model may bring. */
typedef struct sv_flavor_limits {
    size_t file_bytes;              /* one model file */
    size_t model_bytes;             /* the predictor in memory */
    const sv_pool_options *workers; /* how code runs; its model_path is not set. NULL: it does not */
    const char *rscript;            /* the interpreter of R code; NULL: Rscript */
    const char *r_program;          /* savor's R part; NULL or "": absent */
    const char *code_refused_by;    /* not NULL: what forbids it, for the message */
    const char *code_admitted;      /* not NULL: only models with one of these SHA-256, separated by commas */
    bool describes_only;            /* code is not started: whoever asks only wants to know what would run */
    const sv_environment_options *environment; /* NULL: code runs with the interpreter of `workers` */
    const char *pip_requirements;              /* more for the environment, separated by commas; NULL: none */
    bool install_mlflow;                       /* it also gets the MLflow that wrote the model */
    char **prepared; /* not NULL: the environment is made and nothing more; gets its interpreter, ended by sv_free */
} sv_flavor_limits;

#define SV_FLAVOR_LIMITS ((sv_flavor_limits){.file_bytes = (size_t)16 << 30, .model_bytes = (size_t)64 << 30})

typedef struct sv_flavor {
    const char *name;                  /* key under `flavors:`, e.g. "xgboost" */
    const char *const *loader_modules; /* python_function.loader_module values it answers to; NULL-terminated */

    /**
     * Load the model below `dir`.
     *
     * model     the whole record; `conf` is the flavor's own entry
     * out       owned by the caller: sv_predictor_free. NULL on failure
     * Errors    UNSUPPORTED (names the feature; the next flavor is tried), FORMAT, NOT_FOUND, LIMIT, IO, NOMEM
     */
    savor_status (*load)(const sv_dir *dir, const sv_mlmodel *model, const sv_node *conf,
                         const sv_flavor_limits *limits, sv_predictor **out, savor_error *err);

    /** Append what of an entry runs as code: "loader_module m, code code". NULL: nothing does, the engine is native.
     */
    void (*list_code)(const sv_node *conf, sv_buf *out);
} sv_flavor;

/** NULL-terminated; order is preference. */
extern const sv_flavor *const sv_flavors[];

/** The rows of the models that are code: the last ones. */
extern const sv_flavor sv_flavor_python_function; /* python_function.c */
extern const sv_flavor sv_flavor_crate;           /* crate.c */

/** Append what of a model that this row serves runs as code; nothing for a native engine. */
void sv_flavor_list_code(const sv_flavor *flavor, const sv_mlmodel *model, sv_buf *out);

/** The row of that name, or NULL. */
const sv_flavor *sv_flavor_find(sv_str name);

/** The row that answers to a python_function.loader_module, or NULL. */
const sv_flavor *sv_flavor_find_loader(sv_str loader_module);

#endif
