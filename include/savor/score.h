/*
 * score.h: request bytes in, response bytes out, as MLflow's scoring server answers POST /invocations.
 *
 * A scorer is one thread's working memory for one model: it keeps its buffers between requests, so that a warm
 * request allocates nothing; what a request took beyond 1 MiB is given back after it.
 */
#ifndef SAVOR_SCORE_H
#define SAVOR_SCORE_H

#include <savor/model.h>

#ifdef __cplusplus
extern "C" {
#endif

/** One thread's working memory for one model. */
typedef struct savor_scorer savor_scorer;

/** How an answer writes what JSON has no number for. */
typedef enum savor_nan {
    SAVOR_NAN_TOKEN, /* bare NaN, Infinity, -Infinity, as MLflow sends them (not strict JSON) */
    SAVOR_NAN_NULL,  /* null */
} savor_nan;

/** How to score; zero every member but `size` for the defaults. */
typedef struct savor_score_options {
    size_t size;              /* sizeof(savor_score_options) */
    savor_nan nan;            /* how not-a-number and infinities are written */
    size_t max_request_bytes; /* working memory for one request, its answer's text aside; beyond it LIMIT. 0: 96 times
                                 the body plus 64 MiB. The text of an answer has 2 GiB */
    int quiet_errors;         /* nonzero: messages say nothing about the data (MLFLOW_DISABLE_SCHEMA_DETAILS) */
    int forced_profile;       /* nonzero: savor_server has upstream's HTTP manners, too (docs/server.md). Which body
                                 forms are accepted was settled by savor_load_options.profile */
    int timeout_ms;           /* an answer that takes longer is given up: TIMEOUT. 0: none */
    const char *bare_key;     /* borrowed until the scorer ends: answers of the 1.x era go under this key
                                 (PREDICTIONS_WRAPPER_ATTR_NAME). NULL or "": they are bare */
} savor_score_options;

/** One request. Everything is borrowed for the call. */
typedef struct savor_request {
    const char *content_type; /* the header's value as sent; NULL: no such header */
    size_t content_type_bytes;
    const void *body;
    size_t body_bytes;
    const char *accept; /* the Accept header's value: text/csv or application/vnd.apache.arrow.stream for an answer
                           that is a table or an array of at most two dimensions, else JSON; NULL: no such header. A
                           forced profile ignores it, as MLflow does */
    size_t accept_bytes;
} savor_request;

/** One answer, borrowed from the scorer until its next call. */
typedef struct savor_response {
    int http_status;
    const char *content_type; /* NUL-terminated */
    const char *body;         /* NUL-terminated as well */
    size_t body_bytes;
    savor_status status; /* OK, or why it is an error */
    const char *message; /* one line for the log: the error, without request data; "" for OK */
} savor_response;

/**
 * Make a scorer.
 *
 * model     borrowed: must outlive the scorer
 * options   NULL: defaults
 * out       owned by the caller: savor_scorer_free. NULL on failure
 * Units     none
 * Errors    NOMEM
 * Threads   one thread at a time per scorer; any number of scorers per model
 * Source    none
 */
SAVOR_API SAVOR_MUST_CHECK savor_status savor_scorer_new(const savor_model *model, const savor_score_options *options,
                                                         savor_scorer **out, savor_error *err);

/**
 * End a scorer and the last response.
 *
 * scorer    NULL is allowed
 * Units     none
 * Errors    none
 * Threads   not safe: the scorer's owner calls it
 * Source    none
 */
SAVOR_API void savor_scorer_free(savor_scorer *scorer);

/**
 * Answer one request. A bad request is answered, too: the response then holds the error as MLflow words it.
 *
 * request   borrowed for the call
 * out       always filled, NOMEM included
 * returns   out->status
 * Units     none
 * Errors    BAD_REQUEST, SCHEMA, MEDIA_TYPE, MODEL, UNREADABLE, UNSUPPORTED, LIMIT, NOMEM, TIMEOUT
 * Threads   one thread at a time per scorer
 * Source    MLflow mlflow.pyfunc.scoring_server; docs/differences-from-mlflow.md
 */
SAVOR_API savor_status savor_scorer_score(savor_scorer *scorer, const savor_request *request, savor_response *out);

#ifdef __cplusplus
}
#endif

#endif
