/*
 * crew_priv.h: threads that compute answers away from the event loops, for a model whose answers are waited for
 * (worker processes). A loop hands a request over as a job and gets the job back when it is done; meanwhile it serves
 * other connections. A native model needs none of this: the loop computes.
 */
#ifndef SV_SERVE_CREW_PRIV_H
#define SV_SERVE_CREW_PRIV_H

#include "serve/router_priv.h"

#include "base/error.h"

typedef struct sv_crew sv_crew;
typedef struct sv_job sv_job;
struct sv_conn;

/** Jobs on their way back to one loop. */
typedef struct sv_returns sv_returns;

/** One request away from its loop. */
struct sv_job {
    struct sv_conn *conn; /* the loop's */
    const sv_route *route;
    sv_call call;     /* points into the connection's own input, which stays as it is meanwhile */
    sv_answer answer; /* borrowed from the job's scorer until sv_crew_release */
    /* ---- the crew's own */
    sv_job *next;
    sv_returns *returns;
    sv_site site;     /* with a scorer of the job's own */
    int64_t until_ms; /* not begun by then: too late */
};

typedef struct sv_crew_options {
    const savor_model *model; /* borrowed: outlives the crew */
    savor_score_options score;
    sv_site site;   /* its scorer is not used: each job has one of its own */
    int n_threads;  /* how many answers are waited for at once */
    int n_jobs_max; /* requests that may be away at once, waiting ones included */
    int timeout_ms; /* how long a request may wait for a thread */
} sv_crew_options;

/** Make a crew and start its threads. Errors: IO, NOMEM. */
savor_status sv_crew_new(const sv_crew_options *options, sv_crew **out, savor_error *err) SAVOR_MUST_CHECK;

/** Wait until no job is under way, end the threads; then what came back is released. NULL is allowed. */
void sv_crew_stop(sv_crew *crew);

/** End it, and every job that was released. NULL is allowed. */
void sv_crew_free(sv_crew *crew);

/** Make a loop's way back; `fd` turns readable when jobs have come back. NULL without memory or descriptor. */
sv_returns *sv_returns_new(int *fd);

/** End it; NULL is allowed. */
void sv_returns_free(sv_returns *returns);

/** All that came back, as a list; for the loop that owns it. */
sv_job *sv_returns_take(sv_returns *returns);

/** A job for a request, or NULL when as many as allowed are away. Any thread. */
sv_job *sv_crew_find_job(sv_crew *crew);

/** Hand it over. Its conn, route and call are set. */
void sv_crew_send(sv_crew *crew, sv_job *job, sv_returns *returns);

/** The answer was written: the job may serve again. */
void sv_crew_release(sv_crew *crew, sv_job *job);

#endif
