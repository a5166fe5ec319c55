/*
 * status.h: the one table of what can go wrong, and the caller-owned error record.
 *
 * Every function of libsavor that can fail returns a savor_status and takes a `savor_error *` last. The record is
 * the caller's, has a fixed size, may be NULL, and is filled once, where the fault was found.
 */
#ifndef SAVOR_STATUS_H
#define SAVOR_STATUS_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define SAVOR_API __attribute__((visibility("default")))
#define SAVOR_MUST_CHECK __attribute__((warn_unused_result))
#else
#define SAVOR_API
#define SAVOR_MUST_CHECK
#endif

/* clang-format off */
/*   name          n  HTTP exit  MLflow error_code            what the caller may do */
#define SAVOR_STATUS_MAP(X)                                                                                          \
    X(OK,            0, 200,  0, "",                          "success")                                             \
    X(NOMEM,         1, 503, 71, "TEMPORARILY_UNAVAILABLE",   "free memory or lower a limit, then retry")            \
    X(USAGE,         2, 400,  2, "INVALID_PARAMETER_VALUE",   "correct the arguments of the call")                   \
    X(NOT_FOUND,     3, 404,  1, "RESOURCE_DOES_NOT_EXIST",   "check the path or the name")                          \
    X(IO,            4, 500,  1, "INTERNAL_ERROR",            "check the file system, then retry")                   \
    X(FORMAT,        5, 500,  1, "INVALID_STATE",             "the file is damaged or not what its name says")       \
    X(UNSUPPORTED,   6, 501,  1, "NOT_IMPLEMENTED",           "use another engine or a newer savor")                 \
    X(LIMIT,         7, 413,  1, "RESOURCE_EXHAUSTED",        "send less, or raise the limit that is named")         \
    X(BAD_REQUEST,   8, 400,  1, "BAD_REQUEST",               "correct the request body")                            \
    X(SCHEMA,        9, 400,  1, "INVALID_PARAMETER_VALUE",   "send data that obeys the model's signature")          \
    X(MEDIA_TYPE,   10, 415,  1, "BAD_REQUEST",               "send a content type that is listed")                  \
    X(MODEL,        11, 400,  1, "BAD_REQUEST",               "the model refused these data")                        \
    X(UNREADABLE,   12, 500,  1, "INTERNAL_ERROR",            "the body could not be decoded at all")                \
    X(TIMEOUT,      13, 504,  1, "DEADLINE_EXCEEDED",         "retry, or raise the time limit")                      \
    X(BUSY,         14, 503,  1, "TEMPORARILY_UNAVAILABLE",   "retry later")                                         \
    X(DIFFERENT,    15, 500,  1, "INVALID_STATE",             "two answers that should agree do not")                \
    X(INTERNAL,     16, 500,  1, "INTERNAL_ERROR",            "report a bug of savor")
/* clang-format on */

/** What became of a call. SAVOR_OK is 0. */
typedef enum savor_status {
#define X(name, n, http, exit_code, code, hint) SAVOR_##name = n,
    SAVOR_STATUS_MAP(X)
#undef X
} savor_status;

/** Where and why a call failed; `where` is a file, a JSON path or a column, and may be empty. */
typedef struct savor_error {
    savor_status status;
    char where[128];
    char message[384];
} savor_error;

/**
 * The name of a status, such as "FORMAT".
 *
 * status    any value
 * returns   static text, never NULL; "UNKNOWN" for a number outside the table
 * Units     none
 * Errors    none
 * Threads   safe
 * Source    SAVOR_STATUS_MAP
 */
SAVOR_API const char *savor_status_name(savor_status status);

/**
 * What the caller may do about a status, in one phrase.
 *
 * status    any value
 * returns   static text, never NULL
 * Units     none
 * Errors    none
 * Threads   safe
 * Source    SAVOR_STATUS_MAP
 */
SAVOR_API const char *savor_status_hint(savor_status status);

/**
 * The exit code with which a command reports a status.
 *
 * status    any value
 * returns   0 to 125
 * Units     process exit code
 * Errors    none
 * Threads   safe
 * Source    SAVOR_STATUS_MAP; MLflow's command uses 2 for usage errors and 1 for failures
 */
SAVOR_API int savor_status_exit_code(savor_status status);

/**
 * The HTTP status with which the scoring server reports a status.
 *
 * status    any value
 * returns   200 to 599
 * Units     HTTP status code
 * Errors    none
 * Threads   safe
 * Source    SAVOR_STATUS_MAP; MLflow's table of error codes
 */
SAVOR_API int savor_status_http(savor_status status);

/**
 * MLflow's error_code for a status, such as "BAD_REQUEST".
 *
 * status    any value
 * returns   static text, never NULL; empty for OK
 * Units     none
 * Errors    none
 * Threads   safe
 * Source    SAVOR_STATUS_MAP; MLflow's error codes
 */
SAVOR_API const char *savor_status_mlflow_code(savor_status status);

#ifdef __cplusplus
}
#endif

#endif
