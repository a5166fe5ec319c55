#define _GNU_SOURCE /* accept4 */

#include "serve/loop_priv.h"

#include "base/alloc.h"
#include "serve/listener_priv.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define N_EVENTS 128
#define N_ACCEPTS 16       /* at one turn */
#define PAUSE_MS 100       /* before accepting is tried again, unless a connection ends first */
#define COMPLAIN_MS 10000  /* between two log lines about it */
#define GRACE_MS 20        /* handshakes under way when the server is stopped get this long */
#define DRAIN_IDLE_MS 1000 /* a connection that was busy a second ago may have its next request on the way */
#define DRAIN_TURN_MS 5

static ssize_t recv_bytes(int fd, void *bytes, size_t n) { return recv(fd, bytes, n, 0); }
static ssize_t send_bytes(int fd, const void *bytes, size_t n) { return send(fd, bytes, n, MSG_NOSIGNAL); }
static void shut_socket(int fd) { (void)shutdown(fd, SHUT_WR); }

const sv_io sv_socket_io = {recv_bytes, send_bytes, shut_socket};

static void log_event(sv_loop *loop, const char *level, const char *event, const char *why)
{
    sv_line line;
    if (!loop->worker.shared->log)
        return;
    sv_line_begin(&line, loop->worker.shared->is_json_log, loop->worker.clock.stamp, level, event);
    sv_line_put(&line, "error", sv_str_of(why));
    sv_str text = sv_line_end(&line);
    sv_log_put(loop->worker.shared->log, text.p, text.n);
}

/* ---- the listening socket ---- */

static void pause_accepting(sv_loop *loop, const char *why)
{
    sv_clock *clock = &loop->worker.clock;
    if (!loop->is_paused)
        epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, loop->loops->listen_fd, NULL);
    loop->is_paused = true;
    loop->paused_until_ms = clock->now_ms + PAUSE_MS;
    if (loop->complained_ms && clock->now_ms - loop->complained_ms < COMPLAIN_MS)
        return;
    loop->complained_ms = clock->now_ms;
    log_event(loop, "warning", "accept_paused", why);
}

static int watch_listener(sv_loop *loop)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLEXCLUSIVE, .data.ptr = &loop->loops->listen_fd};
    return epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, loop->loops->listen_fd, &event);
}

static void resume_accepting(sv_loop *loop)
{
    loop->is_paused = false;
    if (watch_listener(loop) != 0)
        pause_accepting(loop, "epoll_ctl failed");
}

/* ---- connections ---- */

static void end_conn(sv_loop *loop, sv_conn *conn)
{
    sv_deadlines_remove(&loop->deadlines, conn);
    sv_conn_deinit(conn, &loop->worker);
    /* Closing is not enough: a worker process that is just being started holds a copy of the descriptor until it
     * becomes Python, and until then epoll would tell events of a connection that is no more. */
    (void)epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, conn->fd, NULL);
    close(conn->fd);
    sv_free(conn);
    atomic_fetch_sub(&loop->n_conns, 1);
    atomic_fetch_sub(&loop->loops->n_connections, 1);
    if (loop->is_paused)
        loop->paused_until_ms = loop->worker.clock.now_ms;
}

/* After every call into a connection: its list, what epoll waits for, its end. */
static void follow(sv_loop *loop, sv_conn *conn)
{
    uint32_t wanted = conn->phase == SV_PHASE_WRITE ? EPOLLOUT : conn->phase == SV_PHASE_SCORE ? 0 : EPOLLIN;
    if (conn->phase == SV_PHASE_CLOSED) {
        end_conn(loop, conn);
        return;
    }
    if (conn->is_refiled)
        sv_deadlines_file(&loop->deadlines, conn, loop->worker.clock.now_ms);
    conn->is_refiled = false;
    if (wanted == conn->watched)
        return;
    struct epoll_event event = {.events = wanted, .data.ptr = conn};
    conn->watched = wanted;
    if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_MOD, conn->fd, &event) == 0)
        return;
    conn->is_gone = conn->phase == SV_PHASE_SCORE; /* what the crew holds ends when it comes back */
    if (!conn->is_gone)
        end_conn(loop, conn);
}

/* Room for one more: the connection that has been idle longest goes. */
static void end_oldest_idle(sv_loop *loop)
{
    sv_conn *oldest = loop->deadlines.first[SV_PHASE_IDLE];
    if (!oldest)
        return;
    sv_conn_expire(oldest, &loop->worker);
    follow(loop, oldest);
}

static sv_loop *find_emptiest(sv_loop *loop)
{
    sv_loop *best = loop;
    for (int i = 0; i < loop->loops->n_loops; i++)
        if (atomic_load(&loop->loops->all[i].n_conns) < atomic_load(&best->n_conns))
            best = &loop->loops->all[i];
    return best;
}

/* A connection for another loop is filed there: it is told by the socket being writable at once. */
static void add_conn(sv_loop *loop, int fd, const char *client)
{
    sv_loop *owner = find_emptiest(loop);
    sv_conn *conn = sv_alloc(sizeof *conn);
    if (!conn) {
        close(fd);
        return;
    }
    sv_conn_init(conn, fd, client);
    atomic_fetch_add(&loop->loops->n_connections, 1);
    atomic_fetch_add(&owner->n_conns, 1);
    conn->watched = owner == loop ? EPOLLIN : EPOLLIN | EPOLLOUT;
    if (owner == loop)
        follow(loop, conn);
    struct epoll_event event = {.events = conn->watched, .data.ptr = conn};
    if (epoll_ctl(owner->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0)
        return;
    sv_deadlines_remove(&loop->deadlines, conn);
    close(fd);
    sv_free(conn);
    atomic_fetch_sub(&owner->n_conns, 1);
    atomic_fetch_sub(&loop->loops->n_connections, 1);
}

/* Accept one; false when there is none, or no room for it. `*is_empty` tells the first case. */
static bool accept_one(sv_loop *loop, bool *is_empty)
{
    struct sockaddr_storage address;
    socklen_t n = sizeof address;
    char client[SV_CLIENT_BYTES];
    *is_empty = false;
    if (atomic_load(&loop->loops->n_connections) >= loop->loops->max_connections) {
        end_oldest_idle(loop);
        if (atomic_load(&loop->loops->n_connections) >= loop->loops->max_connections) {
            pause_accepting(loop, "as many connections as allowed were open");
            return false;
        }
    }
    int fd = accept4(loop->loops->listen_fd, (struct sockaddr *)&address, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
        sv_address_write(&address, client, sizeof client);
        add_conn(loop, fd, client);
        return true;
    }
    if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
        end_oldest_idle(loop);
        pause_accepting(loop, "there was no descriptor or memory for another connection");
        return false;
    }
    *is_empty = errno == EAGAIN || errno == EWOULDBLOCK || errno == EINVAL;
    return !*is_empty; /* aborted by the client: the next one may be fine */
}

static bool accept_some(sv_loop *loop, int n_most)
{
    bool is_empty = false;
    for (int i = 0; i < n_most && accept_one(loop, &is_empty); i++)
        ;
    return is_empty;
}

/* ---- stopping ---- */

static void begin_drain(sv_loop *loop)
{
    sv_worker *w = &loop->worker;
    if (w->drains)
        return;
    w->drains = true;
    epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, loop->loops->stop_fd, NULL);
    sv_listener_refuse_new(loop->loops->listen_fd);
    loop->accept_until_ms = w->clock.now_ms + GRACE_MS;
    loop->drain_until_ms = w->clock.now_ms + loop->loops->drain_timeout_ms;
    int *limits = loop->deadlines.limit_ms;
    for (int phase = SV_PHASE_NEW; phase <= SV_PHASE_IDLE; phase++)
        limits[phase] = limits[phase] < DRAIN_IDLE_MS ? limits[phase] : DRAIN_IDLE_MS;
}

/* Take what waits in the queue; when the grace is over and the queue empty, this loop is done with it. */
static void drain_listener(sv_loop *loop)
{
    bool is_over = loop->worker.clock.now_ms >= loop->accept_until_ms;
    if (!loop->is_accepting || loop->is_paused || !accept_some(loop, loop->loops->max_connections) || !is_over)
        return;
    loop->is_accepting = false;
    epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, loop->loops->listen_fd, NULL);
    if (atomic_fetch_sub(&loop->loops->n_accepting, 1) == 1)
        (void)shutdown(loop->loops->listen_fd, SHUT_RDWR);
}

static bool is_drained(sv_loop *loop)
{
    if (loop->worker.clock.now_ms >= loop->drain_until_ms) {
        loop->status = atomic_load(&loop->n_conns) ? SAVOR_TIMEOUT : SAVOR_OK;
        return true;
    }
    return atomic_load(&loop->loops->n_accepting) == 0 && atomic_load(&loop->n_conns) == 0;
}

/* ---- turns ---- */

static int next_timeout(const sv_loop *loop)
{
    const sv_worker *w = &loop->worker;
    int64_t next = sv_deadlines_next_ms(&loop->deadlines, w->clock.now_ms);
    int64_t paused = loop->paused_until_ms - w->clock.now_ms;
    if (loop->is_paused)
        next = next < 0 || paused < next ? (paused > 0 ? paused : 0) : next;
    if (w->drains && (next < 0 || next > DRAIN_TURN_MS))
        next = DRAIN_TURN_MS;
    return next > 60000 ? 60000 : (int)next;
}

/* What the crew has done. */
static void take_returns(sv_loop *loop)
{
    sv_worker *w = &loop->worker;
    for (sv_job *job = sv_returns_take(w->returns), *next; job; job = next) {
        next = job->next;
        sv_conn *conn = job->conn;
        sv_conn_finish(conn, w, job);
        sv_crew_release(w->crew, job);
        follow(loop, conn);
    }
}

static void take_event(sv_loop *loop, sv_conn *conn, uint32_t events)
{
    if (conn->phase == SV_PHASE_SCORE) { /* only an end or an error is told in this phase: once is enough */
        conn->is_gone = true;
        epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, conn->fd, NULL);
        return;
    }
    if (conn->filed_phase == SV_PHASE_CLOSED) { /* from another loop */
        follow(loop, conn);
        return;
    }
    if (conn->phase == SV_PHASE_WRITE && (events & (EPOLLOUT | EPOLLERR | EPOLLHUP)))
        sv_conn_write(conn, &loop->worker);
    else if (conn->phase != SV_PHASE_WRITE)
        sv_conn_read(conn, &loop->worker);
    follow(loop, conn);
}

static void expire_some(sv_loop *loop)
{
    int64_t now_ms = loop->worker.clock.now_ms;
    sv_conn *conn;
    for (int i = 0; i < N_EVENTS && (conn = sv_deadlines_find_expired(&loop->deadlines, now_ms)); i++) {
        sv_conn_expire(conn, &loop->worker);
        follow(loop, conn);
    }
}

/* One wait and all that it brought; false when the loop cannot wait any more. */
static bool turn(sv_loop *loop)
{
    struct epoll_event events[N_EVENTS];
    bool has_clients = false, has_returns = false;
    int n = epoll_wait(loop->epoll_fd, events, N_EVENTS, next_timeout(loop));
    if (n < 0 && errno != EINTR)
        return false;
    sv_clock_read(&loop->worker.clock);
    for (int i = 0; i < n; i++) {
        if (events[i].data.ptr == &loop->loops->listen_fd)
            has_clients = true;
        else if (events[i].data.ptr == &loop->loops->stop_fd)
            begin_drain(loop);
        else if (events[i].data.ptr == &loop->worker.returns)
            has_returns = true;
        else
            take_event(loop, events[i].data.ptr, events[i].events);
    }
    /* Only now, since these may end connections that had an event, too. */
    if (has_returns)
        take_returns(loop);
    expire_some(loop);
    if (loop->is_paused && loop->is_accepting && loop->worker.clock.now_ms >= loop->paused_until_ms)
        resume_accepting(loop);
    if (has_clients && !loop->worker.drains && !loop->is_paused)
        accept_some(loop, loop->loops->n_loops > 1 ? 1 : N_ACCEPTS);
    return true;
}

void sv_loop_run(sv_loop *loop)
{
    sv_clock_read(&loop->worker.clock);
    for (;;) {
        if (!turn(loop)) {
            loop->status = SAVOR_IO;
            return;
        }
        if (!loop->worker.drains)
            continue;
        drain_listener(loop);
        if (is_drained(loop))
            return;
    }
}

savor_status sv_loop_init(sv_loop *loop, sv_loops *loops, const int *limits_ms, savor_error *err)
{
    int returns_fd;
    loop->loops = loops;
    loop->is_accepting = true;
    memcpy(loop->deadlines.limit_ms, limits_ms, sizeof loop->deadlines.limit_ms);
    loop->worker.out = SV_BUF_INIT(SIZE_MAX / 4);
    loop->worker.scratch = sv_alloc(SV_SCRATCH_BYTES);
    if (!loop->worker.scratch)
        return sv_fail_nomem(err, SV_SCRATCH_BYTES);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &loops->stop_fd};
    struct epoll_event back = {.events = EPOLLIN, .data.ptr = &loop->worker.returns};
    if (!(loop->worker.returns = sv_returns_new(&returns_fd)))
        return sv_fail_nomem(err, 0);
    if ((loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC)) < 0 || watch_listener(loop) != 0 ||
        epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, loops->stop_fd, &event) != 0 ||
        epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, returns_fd, &back) != 0)
        return sv_fail(err, SAVOR_IO, "an event loop could not be made: %s", strerror(errno));
    return SAVOR_OK;
}

/* Connections that another loop handed over and nobody looked at any more. */
static void end_unseen(sv_loop *loop)
{
    struct epoll_event events[N_EVENTS];
    int n;
    while (atomic_load(&loop->n_conns) && (n = epoll_wait(loop->epoll_fd, events, N_EVENTS, 0)) > 0) {
        int n_ended = 0;
        for (int i = 0; i < n; i++) {
            void *p = events[i].data.ptr;
            if (p == &loop->loops->listen_fd || p == &loop->loops->stop_fd || p == &loop->worker.returns)
                continue;
            end_conn(loop, p);
            n_ended++;
        }
        if (n_ended == 0)
            return;
    }
}

void sv_loop_deinit(sv_loop *loop)
{
    for (int phase = 0; phase < SV_PHASE_CLOSED; phase++)
        while (loop->deadlines.first[phase])
            end_conn(loop, loop->deadlines.first[phase]);
    if (loop->epoll_fd >= 0) {
        end_unseen(loop);
        close(loop->epoll_fd);
    }
    sv_returns_free(loop->worker.returns);
    sv_buf_deinit(&loop->worker.out);
    sv_free(loop->worker.scratch);
}
