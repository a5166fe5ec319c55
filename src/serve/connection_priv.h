/*
 * connection_priv.h: one client's connection as a state machine: bytes come, answers go, in order. It knows neither
 * epoll nor sockets: those are three functions that a test may replace.
 *
 * A connection that waits has no buffer. What is read goes to its worker's scratch first, and only what is left of
 * an incomplete request is copied into memory of its own.
 */
#ifndef SV_SERVE_CONNECTION_PRIV_H
#define SV_SERVE_CONNECTION_PRIV_H

#include "base/buf.h"
#include "serve/access_log_priv.h"
#include "serve/chunked_priv.h"
#include "serve/clock_priv.h"
#include "serve/crew_priv.h"
#include "serve/http_parse_priv.h"
#include "serve/log_priv.h"
#include "serve/router_priv.h"

#include <stdatomic.h>
#include <sys/types.h>

#define SV_SCRATCH_BYTES (64 * 1024)
#define SV_CLIENT_BYTES 56 /* [IPv6 address]:port */

/** What a connection waits for; each has a time limit of its own. */
typedef enum sv_phase {
    SV_PHASE_NEW,    /* accepted, no byte yet */
    SV_PHASE_IDLE,   /* between two requests */
    SV_PHASE_HEAD,   /* a head has begun; the limit runs from its first byte */
    SV_PHASE_BODY,   /* a body has begun; the limit runs anew with each read */
    SV_PHASE_WRITE,  /* the socket takes no more; nothing is read meanwhile */
    SV_PHASE_SCORE,  /* its request is with the crew: nothing is read, nothing runs out */
    SV_PHASE_LINGER, /* answered and half closed; what still comes is dropped, so that no reset eats the answer */
    SV_PHASE_CLOSED, /* for the loop to end */
    SV_N_PHASES,
} sv_phase;

/** The socket calls, with the meaning and the errno of their namesakes. */
typedef struct sv_io {
    ssize_t (*recv)(int fd, void *bytes, size_t n);
    ssize_t (*send)(int fd, const void *bytes, size_t n);
    void (*shut)(int fd); /* no more will be sent */
} sv_io;

/** One per server, read by all its workers. */
typedef struct sv_shared {
    sv_http_limits head;
    size_t max_body_bytes, max_inflight_bytes;
    int body_idle_timeout_ms;
    sv_str allowed_hosts; /* more names than the loopback ones, see host_priv.h */
    bool checks_host;
    bool is_json_log, has_access_log;
    sv_log *log;
    atomic_size_t inflight_bytes; /* of all buffers above 64 KiB */
} sv_shared;

/** One per thread. */
typedef struct sv_worker {
    sv_shared *shared;
    const sv_io *io;
    sv_site site;
    sv_crew *crew;       /* computes the answers of POST; NULL: this thread does */
    sv_returns *returns; /* what the crew has done for this loop */
    sv_clock clock;
    char *scratch; /* [SV_SCRATCH_BYTES] where each read begins */
    sv_buf out;    /* answers of the connection at work; empty between two calls */
    bool drains;   /* the last request at hand is answered with connection: close */
} sv_worker;

typedef struct sv_conn {
    struct sv_conn *before, *behind; /* in the list of its phase; the loop's */
    int64_t filed_ms;                /* when it was put there */
    sv_phase filed_phase;            /* SV_PHASE_CLOSED: in no list */
    sv_phase phase;
    bool is_refiled;  /* the limit of the phase begins anew */
    uint32_t watched; /* what epoll was told last; the loop's */
    bool is_gone;     /* the socket broke while its request was with the crew; the loop's */

    int fd;
    char *in; /* own memory or the worker's scratch */
    size_t n_in, in_capacity;
    size_t at; /* where the request at hand begins */
    bool is_borrowed;
    char *out; /* answers that the socket has not taken */
    size_t n_out, out_at;
    size_t charged_bytes; /* of the server's inflight_bytes */

    sv_http_head head;
    sv_chunked chunked;
    const sv_route *route; /* NULL: the answer says why not */
    size_t n_body;         /* decoded so far; chunked only */
    size_t n_used;         /* of the input, by the request that is with the crew */
    bool in_body, is_eof, closes, lingers;
    uint64_t n_requests, head_request;
    uint64_t n_progress;          /* bytes since progress_ms, read or written */
    int64_t progress_ms;          /* when this body or this blocked answer began */
    int64_t started_us;           /* when the request at hand was first seen */
    char client[SV_CLIENT_BYTES]; /* for the log */
} sv_conn;

/** Begin with `fd` in phase NEW. `client` may be longer than is kept. */
void sv_conn_init(sv_conn *conn, int fd, const char *client);

/** Give back the buffers. The socket is the loop's. */
void sv_conn_deinit(sv_conn *conn, sv_worker *worker);

/** The socket has bytes or an end: read, answer every complete request, and say in `phase` what comes next. */
void sv_conn_read(sv_conn *conn, sv_worker *worker);

/** The socket takes bytes again. */
void sv_conn_write(sv_conn *conn, sv_worker *worker);

/** The crew has computed the answer to the request at hand. The job may be released afterwards. */
void sv_conn_finish(sv_conn *conn, sv_worker *worker, const sv_job *job);

/** The time limit of the phase is over: 408, or closed without a word. An idle connection gets one last read. */
void sv_conn_expire(sv_conn *conn, sv_worker *worker);

#endif
