/* wire.h: a connection without a socket: bytes are fed in, what it sends is kept. For connection_test and http_fuzz.
 */
#ifndef SV_TESTS_UNIT_SERVE_WIRE_H
#define SV_TESTS_UNIT_SERVE_WIRE_H

#include "base/alloc.h"
#include "serve/connection_priv.h"

#include <errno.h>
#include <stdlib.h>

typedef struct wire {
    const char *input; /* what has arrived and was not read yet */
    size_t n_input;
    bool has_ended; /* the client said that it sends no more */
    bool is_shut;   /* the server said so */
    char *sent;
    size_t n_sent;
    size_t n_room; /* bytes that the socket takes before it says EAGAIN */
    sv_shared shared;
    sv_worker worker;
    sv_conn conn;
} wire;

static wire *wire_now; /* the functions of sv_io have no context: one wire at a time */

static ssize_t wire_recv(int fd, void *bytes, size_t n)
{
    (void)fd;
    wire *w = wire_now;
    if (w->n_input == 0 && w->has_ended)
        return 0;
    if (w->n_input == 0 || n == 0) {
        errno = EAGAIN;
        return -1;
    }
    n = n < w->n_input ? n : w->n_input;
    memcpy(bytes, w->input, n);
    w->input += n;
    w->n_input -= n;
    return (ssize_t)n;
}

static ssize_t wire_send(int fd, const void *bytes, size_t n)
{
    (void)fd;
    wire *w = wire_now;
    n = n < w->n_room ? n : w->n_room;
    if (n == 0) {
        errno = EAGAIN;
        return -1;
    }
    char *p = realloc(w->sent, w->n_sent + n);
    if (!p)
        exit(71);
    memcpy(p + w->n_sent, bytes, n);
    w->sent = p;
    w->n_sent += n;
    w->n_room -= n;
    return (ssize_t)n;
}

static void wire_shut(int fd)
{
    (void)fd;
    wire_now->is_shut = true;
}

static const sv_io WIRE_IO = {wire_recv, wire_send, wire_shut};

static void wire_open(wire *w, savor_profile profile, bool forced)
{
    *w = (wire){.n_room = SIZE_MAX};
    w->shared.head = (sv_http_limits){.max_head_bytes = 2048, .max_line_bytes = 1024, .max_fields = 20};
    w->shared.max_body_bytes = 200000;
    w->shared.max_inflight_bytes = 1 << 20;
    w->shared.body_idle_timeout_ms = 1000;
    w->worker = (sv_worker){.shared = &w->shared, .io = &WIRE_IO};
    w->worker.site.manners = sv_manners_find(profile, forced);
    w->worker.site.version_text = SV_STR("1.2.3");
    w->worker.site.own_host = SV_STR("127.0.0.1:1");
    w->shared.checks_host = w->worker.site.manners->checks_host;
    memcpy(w->worker.clock.date, "Sun, 06 Nov 1994 08:49:37 GMT", SV_DATE_BYTES);
    w->worker.clock.now_ms = 1;
    w->worker.scratch = malloc(SV_SCRATCH_BYTES);
    w->worker.out = SV_BUF_INIT(SIZE_MAX / 4);
    sv_conn_init(&w->conn, 0, "test");
    wire_now = w;
}

static void wire_close(wire *w)
{
    sv_conn_deinit(&w->conn, &w->worker);
    sv_buf_deinit(&w->worker.out);
    free(w->worker.scratch);
    free(w->sent);
    if (w->shared.inflight_bytes != 0)
        abort(); /* every byte that was charged must be given back */
}

/* As the loop would: read while there is something, write while the socket takes it. */
static void wire_turn(wire *w)
{
    sv_phase phase = w->conn.phase;
    while (phase != SV_PHASE_CLOSED) {
        size_t n_input = w->n_input, n_sent = w->n_sent;
        if (phase == SV_PHASE_WRITE)
            sv_conn_write(&w->conn, &w->worker);
        else
            sv_conn_read(&w->conn, &w->worker);
        bool is_stuck = w->conn.phase == phase && w->n_input == n_input && w->n_sent == n_sent;
        phase = w->conn.phase;
        if (is_stuck)
            break;
    }
}

static void wire_feed(wire *w, const char *bytes, size_t n)
{
    w->input = bytes;
    w->n_input = n;
    wire_turn(w);
}

static void wire_end(wire *w)
{
    w->has_ended = true;
    wire_turn(w);
}

#endif
