/*
 * pool.h: the worker processes of one model, and calls to them: a bounded queue, a time limit, restart with back-off,
 * and one replay when a worker dies with a request in hand.
 */
#ifndef SV_WORKER_POOL_H
#define SV_WORKER_POOL_H

#include "worker/process.h"
#include "worker/protocol.h"

typedef struct sv_pool sv_pool;

/** How to run workers; texts are borrowed for the pool's life. */
typedef struct sv_pool_options {
    sv_process_options process; /* `folder` is made by the pool */
    int n_workers;              /* at most this many; 0: 1 */
    int n_waiting_max;          /* calls that may wait for a worker; 0: 64 for each worker */
    int call_timeout_ms;        /* of one call, waiting included; 0: 60 s */
    int start_timeout_ms;       /* from fork to a loaded model; 0: 10 min */
    bool no_replay;             /* a call whose worker died fails at once */
    savor_worker_log_fn log;    /* NULL: none. Called from the pool's own thread */
    void *log_context;
} sv_pool_options;

/**
 * Make a pool and wait until its first worker has loaded the model; the others follow by themselves.
 *
 * out       owned by the caller: sv_pool_free. NULL on failure
 * Errors    MODEL (the model's own code failed to load), TIMEOUT, IO, NOMEM
 * Threads   safe
 */
savor_status sv_pool_new(const sv_pool_options *options, sv_pool **out, savor_error *err) SAVOR_MUST_CHECK;

/** Kill the workers and end the pool; no call may be under way. NULL is allowed. */
void sv_pool_free(sv_pool *pool);

/**
 * Predict on one of the workers.
 *
 * request   the body of a PREDICT message; borrowed for the call
 * arena     gets the answer
 * out       a tensor, a frame, JSON text or a exception; borrowed from the arena
 * Errors    BUSY (too many calls wait), TIMEOUT, INTERNAL (workers died of it, or sent what is no answer), LIMIT,
 * NOMEM Threads   safe; waits for its worker
 */
savor_status sv_pool_call(sv_pool *pool, const sv_wire_body *request, sv_arena *arena, sv_payload *out,
                          savor_error *err) SAVOR_MUST_CHECK;

/** Whether a worker is there that has loaded the model. */
bool sv_pool_is_ready(sv_pool *pool);

/** What the first worker said of itself: "Python 3.11.2, mlflow 3.17.2". Borrowed, NUL-terminated. */
const char *sv_pool_get_facts(const sv_pool *pool);

#endif
