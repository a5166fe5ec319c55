/*
 * loop_priv.h: one event loop per worker thread. All loops wait on the one listening socket; whoever accepts gives
 * the connection to the loop that has the fewest, where it stays.
 */
#ifndef SV_SERVE_LOOP_PRIV_H
#define SV_SERVE_LOOP_PRIV_H

#include "serve/deadline_priv.h"

typedef struct sv_loop sv_loop;

/** What the loops of one server share. */
typedef struct sv_loops {
    sv_loop *all;
    int n_loops;
    int listen_fd, stop_fd; /* stop_fd: an eventfd that turns readable for good */
    int max_connections, drain_timeout_ms;
    atomic_int n_connections;
    atomic_int n_accepting; /* loops that may still accept; the last one ends the listening */
} sv_loops;

struct sv_loop {
    sv_worker worker;
    sv_loops *loops;
    int epoll_fd;
    sv_deadlines deadlines;
    atomic_int n_conns;      /* raised by the loop that accepts, lowered by the one that owns */
    bool is_accepting;       /* may accept at all */
    bool is_paused;          /* out of descriptors or connections: the socket is not waited on */
    int64_t paused_until_ms; /* at most */
    int64_t complained_ms;   /* when the log was last told of it */
    int64_t accept_until_ms, drain_until_ms;
    savor_status status; /* of sv_loop_run: OK, TIMEOUT or IO */
};

/**
 * Prepare a loop: its worker's shared, site and io are set by the caller, the rest is zero.
 *
 * limits    [SV_N_PHASES] milliseconds
 * Units     milliseconds
 * Errors    IO, NOMEM
 * Threads   not safe
 * Source    none
 */
savor_status sv_loop_init(sv_loop *loop, sv_loops *loops, const int *limits_ms, savor_error *err);

/** End a loop that does not run, and every connection it still has. */
void sv_loop_deinit(sv_loop *loop);

/**
 * Serve until the stop descriptor is readable and everything that has arrived is answered; `loop->status` tells how
 * it ended. Errors of single connections end those.
 */
void sv_loop_run(sv_loop *loop);

/** The calls of real sockets. */
extern const sv_io sv_socket_io;

#endif
