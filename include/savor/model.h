/* model.h: load an MLflow Model from its directory and ask what it is. */
#ifndef SAVOR_MODEL_H
#define SAVOR_MODEL_H

#include <savor/worker.h>

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A loaded model: immutable, shared by threads without locks. */
typedef struct savor_model savor_model;

/** Whose semantics apply: those of the MLflow that wrote the model, or one era for all. */
typedef enum savor_profile {
    SAVOR_PROFILE_AUTO, /* by the model's mlflow_version (absent: 1.x); every era's request bodies are accepted */
    SAVOR_PROFILE_1,    /* MLflow 1.30, pandas 1.5 */
    SAVOR_PROFILE_2,    /* MLflow 2.x, pandas 2.3 */
    SAVOR_PROFILE_3,    /* MLflow 3.x, pandas 3.1 */
} savor_profile;

/** Which kind of engine answers. */
typedef enum savor_engine_choice {
    SAVOR_ENGINE_AUTO,   /* a native one; where there is none, the model's code when `workers` allows it */
    SAVOR_ENGINE_NATIVE, /* a native one or none */
    SAVOR_ENGINE_PYTHON, /* the model's code, also where a native engine would take it */
} savor_engine_choice;

/** Which number parser of pandas reads CSV. */
typedef enum savor_csv_floats {
    SAVOR_CSV_FLOATS_AUTO,    /* that of the model's pandas */
    SAVOR_CSV_FLOATS_PANDAS2, /* up to pandas 3.0: the last digits are often off */
    SAVOR_CSV_FLOATS_EXACT,   /* from pandas 3.1 on: the nearest double */
} savor_csv_floats;

/** How to load; zero every member but `size` for the defaults. */
typedef struct savor_load_options {
    size_t size; /* sizeof(savor_load_options): lets later versions add members */
    savor_profile profile;
    size_t max_model_bytes;              /* the model in memory; 0: 64 GiB. A file has 16 GiB, MLmodel 1 MiB */
    const savor_worker_options *workers; /* NULL: a model that is code does not load. Borrowed for the call, but for
                                            what its log is given */
    savor_engine_choice engine;
    savor_csv_floats csv_floats;
} savor_load_options;

/**
 * Load a model.
 *
 * path      a model directory, or a file: URI of one
 * options   NULL: defaults
 * out       owned by the caller: savor_model_free. NULL on failure
 * Units     none
 * Errors    NOT_FOUND (no such directory, no MLmodel), FORMAT (damaged file), UNSUPPORTED (no flavor that runs here;
 *           the message lists each flavor found and why it was passed over), LIMIT, IO, NOMEM, USAGE
 * Threads   safe
 * Source    MLflow Model directory format 0.x to 3.x
 */
SAVOR_API SAVOR_MUST_CHECK savor_status savor_model_load(const char *path, const savor_load_options *options,
                                                         savor_model **out, savor_error *err);

/**
 * End a model. No scorer of it may be in use.
 *
 * model     NULL is allowed
 * Units     none
 * Errors    none
 * Threads   not safe: the last user calls it
 * Source    none
 */
SAVOR_API void savor_model_free(savor_model *model);

/**
 * Describe a model as one JSON object, one that does not load, too.
 *
 * Its keys: path, engine (null: none), served_by_flavor, engine_facts, code (what of the model would run; null for
 * a native engine), code_sha256 (likewise), passed_over (flavors that were asked first, and why they cannot), problem
 * (why there is no engine, else null), mlflow_version, semantics ("1.x", "2.x" or "3.x"), the ids and times of the
 * record, flavors, signature, files (sizes).
 *
 * path      as for savor_model_load
 * options   NULL: defaults
 * out       owned by the caller: savor_text_free. NUL-terminated UTF-8. NULL on failure
 * Units     sizes in bytes
 * Errors    NOT_FOUND, FORMAT (MLmodel itself cannot be read), LIMIT, IO, NOMEM
 * Threads   safe
 * Source    MLmodel; docs/formats/mlmodel.md
 */
SAVOR_API SAVOR_MUST_CHECK savor_status savor_model_inspect(const char *path, const savor_load_options *options,
                                                            char **out, savor_error *err);

/**
 * End a text that libsavor handed out.
 *
 * text      NULL is allowed
 * Units     none
 * Errors    none
 * Threads   safe
 * Source    none
 */
SAVOR_API void savor_text_free(char *text);

/**
 * The engine that answers for this model, such as "native:trees".
 *
 * returns   borrowed from the model; never NULL
 * Units     none
 * Errors    none
 * Threads   safe
 * Source    none
 */
SAVOR_API const char *savor_model_get_engine(const savor_model *model);

/**
 * Why this engine and not one that was asked before, one clause per flavor.
 *
 * model     borrowed
 * returns   borrowed from the model; "" when the first one asked took the model
 * Units     none
 * Errors    none
 * Threads   safe
 * Source    none
 */
SAVOR_API const char *savor_model_get_passed_over(const savor_model *model);

/**
 * What of the model runs as code, such as "loader_module mlflow.pyfunc.model, python_model python_model.pkl".
 *
 * model     borrowed
 * returns   borrowed from the model; "" for a native engine
 * Units     none
 * Errors    none
 * Threads   safe
 * Source    MLmodel flavors.python_function, flavors.crate
 */
SAVOR_API const char *savor_model_get_code(const savor_model *model);

/**
 * The SHA-256 of a model whose code runs: that of the lines that sha256sum prints for its files in the order of the
 * bytes of their paths, without registered_model_meta (docs/workers.md).
 *
 * model     borrowed
 * returns   borrowed from the model: 64 hexadecimal digits; "" for a native engine, and for a model with links in it
 * Units     none
 * Errors    none
 * Threads   safe
 * Source    none
 */
SAVOR_API const char *savor_model_get_code_sha256(const savor_model *model);

/**
 * The interpreter that runs the code of a model: that of its environment, or the one that the caller named.
 *
 * model     borrowed
 * returns   borrowed from the model; "" for a native engine
 * Units     none
 * Errors    none
 * Threads   safe
 * Source    none
 */
SAVOR_API const char *savor_model_get_interpreter(const savor_model *model);

/**
 * Make the Python environment that the code of a model needs, unless it is there.
 *
 * path      as for savor_model_load
 * options   `workers` says how: its env_manager, which is not LOCAL; no worker is started
 * out       the absolute path of the environment's interpreter, owned by the caller: savor_text_free. NULL on
 *           failure, and for a model that needs none, as a native engine takes it
 * Units     none
 * Errors    USAGE (env_manager is LOCAL), NOT_FOUND (also: the Python, uv or conda that it needs), UNSUPPORTED (code
 *           is refused), FORMAT, LIMIT, IO (pip or another program failed), NOMEM
 * Threads   safe
 * Source    mlflow models prepare-env; docs/workers.md
 */
SAVOR_API SAVOR_MUST_CHECK savor_status savor_model_prepare(const char *path, const savor_load_options *options,
                                                            char **out, savor_error *err);

/**
 * Whether a request would be computed now: a native engine always does, workers when one of them is there.
 *
 * model     borrowed
 * returns   nonzero: ready
 * Units     none
 * Errors    none
 * Threads   safe
 * Source    none
 */
SAVOR_API int savor_model_is_ready(const savor_model *model);

/**
 * How many requests are computed outside of the caller's thread at once.
 *
 * model     borrowed
 * returns   0: none, the caller's thread computes; else the number of worker processes, and the caller waits
 * Units     none
 * Errors    none
 * Threads   safe
 * Source    none
 */
SAVOR_API int savor_model_get_n_workers(const savor_model *model);

/**
 * The flavor that was loaded, such as "xgboost".
 *
 * returns   borrowed from the model; never NULL
 * Units     none
 * Errors    none
 * Threads   safe
 * Source    none
 */
SAVOR_API const char *savor_model_get_flavor(const savor_model *model);

/**
 * The model's signature as JSON: {"inputs": [...] or null, "outputs": ..., "params": ...}.
 *
 * returns   borrowed from the model, NUL-terminated; NULL when the model has no signature
 * Units     none
 * Errors    none
 * Threads   safe
 * Source    MLflow signature JSON, in the newest form
 */
SAVOR_API const char *savor_model_get_signature(const savor_model *model);

/**
 * The version of the MLflow that wrote the model, such as "3.17.2".
 *
 * model     borrowed
 * returns   borrowed from the model; "" when the file does not say
 * Units     none
 * Errors    none
 * Threads   safe
 * Source    MLmodel mlflow_version
 */
SAVOR_API const char *savor_model_get_mlflow_version(const savor_model *model);

/**
 * Which era's semantics this model is served with.
 *
 * returns   SAVOR_PROFILE_1, _2 or _3, never AUTO
 * Units     none
 * Errors    none
 * Threads   safe
 * Source    MLmodel mlflow_version, or the profile forced at load
 */
SAVOR_API savor_profile savor_model_get_profile(const savor_model *model);

/**
 * Read "1.x", "2.x", "3.x" or "auto".
 *
 * text      NUL-terminated
 * out       unchanged on failure
 * Units     none
 * Errors    USAGE
 * Threads   safe
 * Source    SAVOR_PROFILE, --profile
 */
SAVOR_API SAVOR_MUST_CHECK savor_status savor_profile_read(const char *text, savor_profile *out, savor_error *err);

#ifdef __cplusplus
}
#endif

#endif
