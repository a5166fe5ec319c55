/* connection_bytes.c: what a connection has read and not used, and what it has to send: their memory and its limits.
 */
#include "serve/connection_bytes_priv.h"

#include "base/alloc.h"

#include <errno.h>

#define FIRST_BYTES 1024         /* of a buffer for an incomplete head */
#define STEP_BYTES (1024 * 1024) /* a body is given memory in such steps, however long it says it is */
#define CHARGED_FROM_BYTES (64 * 1024)
#define KEPT_OUT_BYTES (1024 * 1024)
#define MAX_OUT_BYTES (SIZE_MAX / 4)

/* ---- the input buffer ---- */

static bool charge(sv_conn *c, sv_worker *w, size_t capacity)
{
    size_t wanted = capacity > CHARGED_FROM_BYTES ? capacity : 0;
    atomic_size_t *total = &w->shared->inflight_bytes;
    if (wanted > c->charged_bytes) {
        size_t more = wanted - c->charged_bytes;
        size_t before = atomic_fetch_add_explicit(total, more, memory_order_relaxed);
        if (before + more > w->shared->max_inflight_bytes) {
            atomic_fetch_sub_explicit(total, more, memory_order_relaxed);
            return false;
        }
    } else if (wanted < c->charged_bytes) {
        atomic_fetch_sub_explicit(total, c->charged_bytes - wanted, memory_order_relaxed);
    }
    c->charged_bytes = wanted;
    return true;
}

void sv_conn_release_input(sv_conn *c, sv_worker *w)
{
    if (!c->is_borrowed)
        sv_free(c->in);
    c->in = NULL;
    c->n_in = c->in_capacity = c->at = 0;
    c->is_borrowed = false;
    if (c->charged_bytes)
        charge(c, w, 0);
}

/* Room for `n` bytes and some more: a body of known length gets what it needs, in steps. */
static size_t wanted_capacity(const sv_conn *c, size_t n)
{
    size_t doubled = n < FIRST_BYTES / 2 ? FIRST_BYTES : 2 * n;
    if (!c->in_body || c->head.chunked)
        return doubled;
    size_t whole = c->head.n_bytes + (size_t)c->head.content_length + 1; /* one to see whether more has come */
    size_t step = doubled < STEP_BYTES ? STEP_BYTES : doubled;
    return whole <= n ? doubled : whole < step ? whole : step;
}

bool sv_conn_own_input(sv_conn *c, sv_worker *w)
{
    size_t n = c->n_in - c->at;
    bool is_full = c->is_borrowed || n == c->in_capacity;
    if (!is_full) {
        if (c->at)
            memmove(c->in, c->in + c->at, n);
        c->n_in = n;
        c->at = 0;
        return true;
    }
    size_t capacity = wanted_capacity(c, n);
    if (!charge(c, w, capacity))
        return false;
    char *p = c->is_borrowed ? sv_alloc(capacity) : sv_realloc_array(c->in, capacity, 1);
    if (!p)
        return false;
    if (c->is_borrowed)
        memcpy(p, c->in + c->at, n);
    c->in = p;
    c->n_in = n;
    c->in_capacity = capacity;
    c->at = 0;
    c->is_borrowed = false;
    return true;
}

void sv_conn_deinit(sv_conn *conn, sv_worker *worker)
{
    sv_conn_release_input(conn, worker);
    sv_free(conn->out);
    conn->out = NULL;
}

bool sv_conn_fill(sv_conn *c, sv_worker *w)
{
    if (!c->in) {
        c->in = w->scratch;
        c->in_capacity = SV_SCRATCH_BYTES;
        c->is_borrowed = true;
    }
    if (c->n_in == c->in_capacity)
        return false;
    ssize_t n = w->io->recv(c->fd, c->in + c->n_in, c->in_capacity - c->n_in);
    if (n < 0) {
        if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
            c->phase = SV_PHASE_CLOSED;
        return false;
    }
    c->is_eof = n == 0;
    c->n_in += (size_t)n;
    c->n_progress += (uint64_t)n;
    return true;
}

/* ---- the output ---- */

/* The rest of the worker's answers becomes the connection's own. */
static void keep_output(sv_conn *c, sv_worker *w, size_t sent)
{
    if (w->out.n > KEPT_OUT_BYTES) {
        c->out = w->out.p;
        c->n_out = w->out.n;
        c->out_at = sent;
        w->out = SV_BUF_INIT(MAX_OUT_BYTES);
    } else {
        c->out = sv_alloc(w->out.n - sent);
        if (c->out)
            memcpy(c->out, w->out.p + sent, w->out.n - sent);
        else
            c->phase = SV_PHASE_CLOSED;
        c->n_out = w->out.n - sent;
        c->out_at = 0;
    }
}

bool sv_conn_flush(sv_conn *c, sv_worker *w)
{
    ssize_t n = w->out.n ? w->io->send(c->fd, w->out.p, w->out.n) : 0;
    bool is_broken = n < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR;
    size_t sent = n > 0 ? (size_t)n : 0;
    bool is_all = !is_broken && sent == w->out.n;
    if (is_broken)
        c->phase = SV_PHASE_CLOSED;
    else if (!is_all)
        keep_output(c, w, sent);
    if (w->out.capacity > KEPT_OUT_BYTES)
        sv_buf_deinit(&w->out);
    else
        sv_buf_reset(&w->out);
    return is_all;
}
