/* scoring.h: what predict and compare share: a model, its scorer, and the words that choose them. */
#ifndef CLI_SCORING_H
#define CLI_SCORING_H

#include "bytes.h"
#include "environment.h"
#include "options.h"

#include <savor/score.h>

#define CLI_MAX_INPUT_BYTES ((size_t)4 << 30)

/** Members of a command's struct that say how a model is loaded. */
typedef struct cli_model_args {
    const char *uri, *profile, *nan, *csv_floats;
    const char *engine, *rscript;
    cli_environment_args environment;
    int no_replay;
} cli_model_args;

/** Rows of an option table for them; `type` is the command's struct, `member` its cli_model_args. */
#define CLI_MODEL_URI(type, member, must)                                                              \
    {                                                                                                  \
        .name = "model-uri", .letter = 'm', .kind = CLI_TEXT, .is_required = (must), .metavar = "URI", \
        .offset = offsetof(type, member.uri),                                                          \
        .help = "The model: a directory with an MLmodel file, or a file: URI of one."                  \
    }
#define CLI_ENV_MANAGER(type, member)                                                                             \
    {                                                                                                             \
        .name = "env-manager", .kind = CLI_TEXT, .metavar = "local|virtualenv|uv|conda",                          \
        .offset = offsetof(type, member.environment.manager),                                                     \
        .help =                                                                                                   \
            "Who makes the Python environment of a model that is code; it is kept below MLFLOW_ENV_ROOT. local: " \
            "nobody. A native model gets none  [default: virtualenv; local with --python, SAVOR_PYTHON, "         \
            "MLFLOW_DISABLE_ENV_CREATION=true or a strict sandbox]."                                              \
    }
#define CLI_INSTALL_MLFLOW(type, member)                                                                         \
    {                                                                                                            \
        .name = "install-mlflow", .kind = CLI_FLAG, .offset = offsetof(type, member.environment.install_mlflow), \
        .help = "The environment also gets the MLflow that wrote the model."                                     \
    }
#define CLI_PROFILE(type, member)                                                                                    \
    {                                                                                                                \
        .name = "profile", .kind = CLI_CHOICE, .choices = "auto|1.x|2.x|3.x", .env = "SAVOR_PROFILE",                \
        .fallback = "auto", .offset = offsetof(type, member.profile),                                                \
        .help =                                                                                                      \
            "Whose semantics apply. auto: those of the MLflow that wrote the model, with the request bodies of all " \
            "eras; else one era whole."                                                                              \
    }
#define CLI_NAN(type, member)                                                                                        \
    {                                                                                                                \
        .name = "nan", .kind = CLI_CHOICE, .choices = "token|null", .fallback = "token",                             \
        .offset = offsetof(type, member.nan),                                                                        \
        .help =                                                                                                      \
            "How not-a-number and infinities are written. token: bare NaN and Infinity, as MLflow does (not strict " \
            "JSON)."                                                                                                 \
    }

#define CLI_CSV_FLOATS(type, member)                                                                               \
    {                                                                                                              \
        .name = "csv-floats", .kind = CLI_CHOICE, .choices = "auto|pandas2|exact", .fallback = "auto",             \
        .offset = offsetof(type, member.csv_floats),                                                               \
        .help =                                                                                                    \
            "How numbers in CSV are read. auto: as the model's pandas; pandas2: as pandas before 3.1, whose last " \
            "digits are often off; exact: the nearest double."                                                     \
    }

/** Rows that say whether code runs. */
#define CLI_ADMISSION(type, member)                                                                                \
    {.name = "engine",                                                                                             \
     .kind = CLI_CHOICE,                                                                                           \
     .choices = "auto|native|python",                                                                              \
     .fallback = "auto",                                                                                           \
     .offset = offsetof(type, member.engine),                                                                      \
     .help =                                                                                                       \
         "What answers. auto: a native engine; where there is none, the model's own code, Python or R, in worker " \
         "processes."},                                                                                            \
        {.name = "no-code",                                                                                        \
         .kind = CLI_FLAG,                                                                                         \
         .offset = offsetof(type, member.environment.no_code),                                                     \
         .help = "Refuse a model that is code, and tell what would have run; also SAVOR_ALLOW_CODE=false and "     \
                 "MLFLOW_ALLOW_PICKLE_DESERIALIZATION=false."},                                                    \
    {                                                                                                              \
        .name = "allow-code", .kind = CLI_TEXTS, .metavar = "SHA256",                                              \
        .offset = offsetof(type, member.environment.allow_code),                                                   \
        .help = "Run code of the model with this SHA-256 only, which `models inspect` tells; repeatable, or with " \
                "commas; also SAVOR_ALLOW_CODE."                                                                   \
    }

/** Rows for models that are code. */
#define CLI_CODE(type, member)                                                                                      \
    CLI_ADMISSION(type, member),                                                                                    \
        {.name = "python",                                                                                          \
         .kind = CLI_TEXT,                                                                                          \
         .metavar = "FILE",                                                                                         \
         .env = "SAVOR_PYTHON",                                                                                     \
         .offset = offsetof(type, member.environment.python),                                                       \
         .help = "The interpreter of workers, which has what the model needs: no environment is made then, unless " \
                 "--env-manager asks for one."},                                                                    \
        {.name = "rscript",                                                                                         \
         .kind = CLI_TEXT,                                                                                          \
         .metavar = "FILE",                                                                                         \
         .env = "SAVOR_RSCRIPT",                                                                                    \
         .fallback = "Rscript",                                                                                     \
         .offset = offsetof(type, member.rscript),                                                                  \
         .help = "The Rscript of workers for models that are R code."},                                             \
    {                                                                                                               \
        .name = "sandbox", .kind = CLI_CHOICE, .choices = "off|default|strict", .fallback = "default",              \
        .offset = offsetof(type, member.environment.sandbox),                                                       \
        .help = "What workers may do. default: write in a folder of their own only, gain no privileges, reach no "  \
                "other process; strict: no network, no other programs, no files but the model's and its runtime's." \
    }

typedef struct cli_scoring {
    savor_model *model;
    savor_scorer *scorer;
} cli_scoring;

/**
 * Load the model; what it is code of may run in workers unless that is forbidden.
 *
 * workers   NULL, or numbers and a log for them; the rest is filled in
 * Returns 0, or the exit code after the error was told.
 */
int cli_model_load(const cli_model_args *args, const savor_worker_options *workers, savor_model **out);

/** Whether a model's code is R. */
int cli_is_r(const savor_model *model);

/** Make the environment of a model; `python` gets its interpreter (savor_text_free), or NULL for a native model.
 * Returns 0, or the exit code after the error was told. */
int cli_model_prepare(const cli_model_args *args, char **python);

/** The model's SHA-256, or why it has none. Borrowed from the model. */
const char *cli_code_sha256(const savor_model *model);

/** What --engine says. */
savor_engine_choice cli_engine_choice(const cli_model_args *args);

/** Fill the options of a scorer from the command line and MLFLOW_DISABLE_SCHEMA_DETAILS. */
savor_score_options cli_score_options(const cli_model_args *args);

/** Load the model and make a scorer. Returns 0, or the exit code after the error was told; `out` is then empty. */
int cli_scoring_open(const cli_model_args *args, cli_scoring *out);

/** End both. */
void cli_scoring_close(cli_scoring *scoring);

/**
 * The content type that a body is scored with.
 *
 * type      "json", "csv", "parquet" or "arrow"
 * orient    "split", "records" (1.x bodies) or NULL
 * returns   NULL after "Content type must be ..." was told
 */
const char *cli_content_type(const char *type, const char *orient);

/** Score bytes; `accept` may be NULL. Returns 0, or the exit code; the answer is filled in either case, nothing is
 * printed. */
int cli_score(cli_scoring *scoring, const char *content_type, const char *accept, const cli_bytes *body,
              savor_response *out);

/** Tell on stderr why an answer is an error. */
void cli_tell_refusal(const savor_response *answer);

#endif
