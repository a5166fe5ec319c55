/* server.h: the HTTP scoring server, for a program that wants to run one. */
#ifndef SAVOR_SERVER_H
#define SAVOR_SERVER_H

#include <savor/score.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A server of one model: a listening socket and its worker threads. */
typedef struct savor_server savor_server;

/**
 * One or more finished lines of the log, separated by "\n", without the last line end. Called from one thread of the
 * server's own, so it may take its time; lines that pile up beyond 1 MiB meanwhile are dropped and counted.
 */
typedef void (*savor_log_fn)(void *context, const char *line, size_t n_bytes);

/** How to serve; zero every member but `size` for the defaults. */
typedef struct savor_server_options {
    size_t size;           /* sizeof(savor_server_options) */
    const char *host;      /* NULL: "127.0.0.1"; a name or an address, IPv4 or IPv6 */
    int port;              /* 0: any free port; see savor_server_get_port */
    int n_workers;         /* threads, one event loop each; 0: one; at most 1024 */
    int request_timeout_s; /* 0: 60; an answer that takes longer is 504. Negative: none; see score.timeout_ms, too */
    savor_score_options score;
    const char *version_text;  /* body of /version; NULL: libsavor's own */
    size_t max_body_bytes;     /* 0: 100 MiB */
    size_t max_head_bytes;     /* 0: 16 KiB; at most 1 MiB */
    size_t max_inflight_bytes; /* 0: 512 MiB, bodies of all connections together; beyond it 503 */
    int max_connections;       /* 0: 16384, or the descriptor limit minus 64 */
    int head_timeout_ms;       /* 0: 10000, from the first byte of a head to its end */
    int body_idle_timeout_ms;  /* 0: 30000 without a byte; also at least 1 KiB/s after that */
    int keepalive_timeout_ms;  /* 0: 75000 */
    int drain_timeout_ms;      /* 0: 25000, after savor_server_stop */
    int json_log;              /* nonzero: one JSON object a line; else key=value */
    int no_access_log;         /* nonzero: only errors and lifecycle lines */
    savor_log_fn log;          /* NULL: no log */
    void *log_context;
    const char *allowed_hosts; /* NULL: see docs/server.md; else comma-separated names that Host may have, "*": any */
} savor_server_options;

/**
 * Bind and listen; nothing is answered before savor_server_run.
 *
 * model     borrowed: must outlive the server
 * options   NULL: defaults
 * out       owned by the caller: savor_server_free. NULL on failure
 * Units     bytes, milliseconds and seconds as the members say
 * Errors    USAGE (bad host or port, too many workers), IO (address in use, no permission), NOMEM
 * Threads   safe
 * Source    docs/server.md
 */
SAVOR_API SAVOR_MUST_CHECK savor_status savor_server_new(const savor_model *model,
                                                         const savor_server_options *options, savor_server **out,
                                                         savor_error *err);

/**
 * The port that is listened on.
 *
 * server    not NULL
 * returns   1 to 65535
 * Units     none
 * Errors    none
 * Threads   safe
 * Source    none
 */
SAVOR_API int savor_server_get_port(const savor_server *server);

/**
 * Answer requests until savor_server_stop; then drain: every request whose last byte had arrived is answered.
 *
 * returns   OK after a drained stop; TIMEOUT when the drain deadline cut connections off
 * Units     none
 * Errors    IO, NOMEM, TIMEOUT
 * Threads   one call per server; it starts the other workers itself
 * Source    docs/server.md
 */
SAVOR_API SAVOR_MUST_CHECK savor_status savor_server_run(savor_server *server, savor_error *err);

/**
 * Ask a running server to drain and return. May be called from a signal handler.
 *
 * Units     none
 * Errors    none
 * Threads   safe, async-signal-safe
 * Source    none
 */
SAVOR_API void savor_server_stop(savor_server *server);

/**
 * End a server that is not running.
 *
 * server    NULL is allowed
 * Units     none
 * Errors    none
 * Threads   not safe: the last user calls it
 * Source    none
 */
SAVOR_API void savor_server_free(savor_server *server);

#ifdef __cplusplus
}
#endif

#endif
