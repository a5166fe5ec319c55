#include <savor/server.h>
#include <savor/version.h>

#include "base/alloc.h"
#include "serve/host_priv.h"
#include "serve/listener_priv.h"
#include "serve/loop_priv.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#define MAX_WORKERS 1024
#define MAX_HEAD_BYTES (1 << 20)
#define LINE_BYTES 8192
#define N_FIELDS 100
#define LINGER_MS 2000
#define SPARE_DESCRIPTORS 64
#define JOBS_PER_WORKER 64 /* beyond it 503 */
#define MAX_TEXT_BYTES (64 * 1024)

struct savor_server {
    sv_shared shared;
    sv_loops loops;
    sv_loop *all; /* [n_loops] */
    sv_crew *crew;
    int limits_ms[SV_N_PHASES];
    int port;
    bool is_loopback, is_json_log;
    sv_buf version_text, allowed_hosts, own_host, host;
    savor_log_fn log;
    void *log_context;
};

static int or_default_int(int value, int fallback) { return value > 0 ? value : fallback; }
static size_t or_default_size(size_t value, size_t fallback) { return value ? value : fallback; }

/* Options of an older program may be shorter than ours. */
static savor_server_options read_options(const savor_server_options *given)
{
    savor_server_options options = {0};
    if (given)
        memcpy(&options, given, given->size < sizeof options ? given->size : sizeof options);
    return options;
}

static int default_connections(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= 16384 + SPARE_DESCRIPTORS)
        return 16384;
    return limit.rlim_cur > 2 * SPARE_DESCRIPTORS ? (int)limit.rlim_cur - SPARE_DESCRIPTORS : SPARE_DESCRIPTORS;
}

static void set_limits(savor_server *server, const savor_server_options *o)
{
    int body_ms = or_default_int(o->body_idle_timeout_ms, 30000);
    server->limits_ms[SV_PHASE_NEW] = or_default_int(o->head_timeout_ms, 10000);
    server->limits_ms[SV_PHASE_HEAD] = server->limits_ms[SV_PHASE_NEW];
    server->limits_ms[SV_PHASE_IDLE] = or_default_int(o->keepalive_timeout_ms, 75000);
    server->limits_ms[SV_PHASE_BODY] = body_ms;
    server->limits_ms[SV_PHASE_WRITE] = body_ms;
    server->limits_ms[SV_PHASE_LINGER] = LINGER_MS;
    server->limits_ms[SV_PHASE_SCORE] = INT_MAX;

    size_t head_bytes = or_default_size(o->max_head_bytes, 16 * 1024);
    head_bytes = head_bytes < MAX_HEAD_BYTES ? head_bytes : MAX_HEAD_BYTES;
    sv_shared *shared = &server->shared;
    shared->head = (sv_http_limits){head_bytes, head_bytes < LINE_BYTES ? head_bytes : LINE_BYTES, N_FIELDS};
    shared->max_body_bytes = or_default_size(o->max_body_bytes, (size_t)100 << 20);
    shared->max_inflight_bytes = or_default_size(o->max_inflight_bytes, (size_t)512 << 20);
    shared->body_idle_timeout_ms = body_ms;
    shared->is_json_log = o->json_log;
    shared->has_access_log = !o->no_access_log;
    server->loops.max_connections = or_default_int(o->max_connections, default_connections());
    server->loops.drain_timeout_ms = or_default_int(o->drain_timeout_ms, 25000);
}

/* Texts are kept as copies: the options belong to the caller. */
static savor_status copy_text(sv_buf *buf, const char *text, savor_error *err)
{
    *buf = SV_BUF_INIT(MAX_TEXT_BYTES);
    sv_buf_put_text(buf, text ? text : "");
    return sv_buf_check(buf, err);
}

/* Bound to loopback, only a browser that was lied to asks for another name, unless an operator names it. */
static void set_host_check(savor_server *server, const savor_server_options *o, const sv_manners *manners)
{
    sv_shared *shared = &server->shared;
    shared->allowed_hosts = sv_buf_view(&server->allowed_hosts);
    shared->checks_host = o->allowed_hosts || (server->is_loopback && manners->checks_host);
}

static savor_status open_listener(savor_server *server, const savor_server_options *o, savor_error *err)
{
    const char *host = o->host && o->host[0] ? o->host : "127.0.0.1";
    savor_status status;
    if ((status = copy_text(&server->host, host, err)) ||
        (status = copy_text(&server->allowed_hosts, o->allowed_hosts ? o->allowed_hosts : host, err)) ||
        (status = sv_listener_open(host, o->port, &server->loops.listen_fd, err)))
        return status;
    server->port = sv_listener_get_port(server->loops.listen_fd, &server->is_loopback);
    server->own_host = SV_BUF_INIT(MAX_TEXT_BYTES);
    sv_buf_printf(&server->own_host, strchr(host, ':') ? "[%s]:%d" : "%s:%d", host, server->port);
    if ((status = sv_buf_check(&server->own_host, err)))
        return status;
    server->loops.stop_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (server->loops.stop_fd < 0)
        return sv_fail(err, SAVOR_IO, "the stop event could not be made: %s", strerror(errno));
    return SAVOR_OK;
}

static savor_status make_loops(savor_server *server, const savor_model *model, const savor_server_options *o,
                               const sv_manners *manners, savor_error *err)
{
    savor_score_options score = o->score;
    int n_away = savor_model_get_n_workers(model);
    int n = n_away ? 1 : or_default_int(o->n_workers, 1); /* one loop is enough for answers that others compute */
    if (n > MAX_WORKERS)
        return sv_fail(err, SAVOR_USAGE, "%d workers were more than %d", n, MAX_WORKERS);
    server->all = sv_alloc_array((size_t)n, sizeof *server->all);
    if (!server->all)
        return sv_fail_nomem(err, (size_t)n * sizeof *server->all);
    server->loops.all = server->all;
    server->loops.n_loops = n;
    for (int i = 0; i < n; i++)
        server->all[i].epoll_fd = -1;
    atomic_store(&server->loops.n_accepting, n);
    score.size = score.size ? score.size : sizeof score;
    if (score.timeout_ms == 0)
        score.timeout_ms =
            1000 * or_default_int(o->request_timeout_s < INT_MAX / 1000 ? o->request_timeout_s : 0, 60);

    savor_status status = SAVOR_OK;
    for (int i = 0; i < n && !status; i++) {
        sv_worker *w = &server->all[i].worker;
        w->shared = &server->shared;
        w->io = &sv_socket_io;
        w->site.manners = manners;
        w->site.version_text = sv_buf_view(&server->version_text);
        w->site.own_host = sv_buf_view(&server->own_host);
        if ((status = sv_loop_init(&server->all[i], &server->loops, server->limits_ms, err)) == SAVOR_OK)
            status = savor_scorer_new(model, &score, &w->site.scorer, err);
        w->site.model = model;
    }
    if (status || !n_away)
        return status;
    /* One thread more than workers: it reads the next request while they compute. */
    sv_crew_options crew = {.model = model,
                            .score = score,
                            .site = server->all[0].worker.site,
                            .n_threads = n_away + 1,
                            .n_jobs_max = n_away * JOBS_PER_WORKER,
                            .timeout_ms = or_default_int(o->request_timeout_s, 60) * 1000};
    status = sv_crew_new(&crew, &server->crew, err);
    server->all[0].worker.crew = server->crew;
    return status;
}

savor_status savor_server_new(const savor_model *model, const savor_server_options *options, savor_server **out,
                              savor_error *err)
{
    savor_server_options o = read_options(options);
    savor_status status = SAVOR_OK;
    *out = NULL;
    savor_server *server = sv_alloc_array(1, sizeof *server);
    if (!server)
        return sv_fail_nomem(err, sizeof *server);
    server->loops.listen_fd = server->loops.stop_fd = -1;
    server->log = o.log;
    server->log_context = o.log_context;
    set_limits(server, &o);
    const sv_manners *manners = sv_manners_find(savor_model_get_profile(model), o.score.forced_profile != 0);

    if ((status = copy_text(&server->version_text, o.version_text ? o.version_text : savor_version(), err)) ||
        (status = open_listener(server, &o, err)))
        goto done;
    set_host_check(server, &o, manners);
    if ((status = make_loops(server, model, &o, manners, err)))
        goto done;

    *out = server;
    server = NULL;
done:
    savor_server_free(server);
    return status;
}

int savor_server_get_port(const savor_server *server) { return server->port; }

static void log_lifecycle(savor_server *server, const char *event, bool has_address)
{
    sv_line line;
    sv_clock clock = {0};
    if (!server->shared.log)
        return;
    sv_clock_read(&clock);
    sv_line_begin(&line, server->shared.is_json_log, clock.stamp, "info", event);
    if (has_address) {
        sv_line_put(&line, "host", sv_buf_view(&server->host));
        sv_line_put_number(&line, "port", server->port);
        sv_line_put_number(&line, "workers", server->loops.n_loops);
    }
    sv_str text = sv_line_end(&line);
    sv_log_put(server->shared.log, text.p, text.n);
}

static void *run_loop(void *loop)
{
    sv_loop_run(loop);
    return NULL;
}

/* All loops but the first on threads of their own, which leave the signals to the caller's. */
static int start_threads(savor_server *server, pthread_t *threads)
{
    sigset_t all, before;
    int n_started = 0;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (int i = 1; i < server->loops.n_loops; i++, n_started++)
        if (pthread_create(&threads[i], NULL, run_loop, &server->all[i]) != 0)
            break;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return n_started;
}

static savor_status run_loops(savor_server *server, savor_error *err)
{
    int n = server->loops.n_loops;
    pthread_t *threads = sv_alloc_array((size_t)n, sizeof *threads);
    if (!threads)
        return sv_fail_nomem(err, (size_t)n * sizeof *threads);
    int n_started = start_threads(server, threads);
    bool is_short = n_started < n - 1;
    if (is_short) {
        atomic_fetch_sub(&server->loops.n_accepting, n - 1 - n_started);
        server->loops.n_loops = n_started + 1;
        savor_server_stop(server);
    }
    sv_loop_run(&server->all[0]);
    for (int i = 1; i <= n_started; i++)
        pthread_join(threads[i], NULL);
    sv_free(threads);

    savor_status status = SAVOR_OK;
    for (int i = 0; i <= n_started; i++)
        status = server->all[i].status ? server->all[i].status : status;
    if (is_short)
        return sv_fail(err, SAVOR_IO, "only %d of %d workers could be started", n_started + 1, n);
    if (status == SAVOR_TIMEOUT)
        return sv_fail(err, status, "connections were still open %d ms after the stop",
                       server->loops.drain_timeout_ms);
    return status ? sv_fail(err, status, "an event loop failed") : SAVOR_OK;
}

savor_status savor_server_run(savor_server *server, savor_error *err)
{
    savor_status status;
    sv_log *log = NULL;
    if (server->log &&
        (status = sv_log_open(server->log, server->log_context, server->shared.is_json_log, &log, err)))
        return status;
    server->shared.log = log;
    log_lifecycle(server, "listening", true);
    status = run_loops(server, err);
    log_lifecycle(server, status == SAVOR_TIMEOUT ? "stopped_by_timeout" : "stopped", false);
    server->shared.log = NULL;
    sv_log_close(log);
    return status;
}

void savor_server_stop(savor_server *server)
{
    uint64_t one = 1;
    int before = errno; /* the signal handler's caller must not see a change */
    if (write(server->loops.stop_fd, &one, sizeof one) < 0)
        errno = before; /* the counter is full: it is readable already */
    errno = before;
}

static void close_fd(int fd)
{
    if (fd >= 0)
        close(fd);
}

void savor_server_free(savor_server *server)
{
    if (!server)
        return;
    sv_crew_stop(server->crew);
    for (int i = 0; server->all && i < server->loops.n_loops; i++) {
        sv_returns *returns = server->all[i].worker.returns;
        for (sv_job *job = returns ? sv_returns_take(returns) : NULL, *next; job; job = next) {
            next = job->next;
            sv_crew_release(server->crew, job);
        }
        savor_scorer_free(server->all[i].worker.site.scorer);
        sv_loop_deinit(&server->all[i]);
    }
    sv_crew_free(server->crew);
    close_fd(server->loops.listen_fd);
    close_fd(server->loops.stop_fd);
    sv_free(server->all);
    sv_buf_deinit(&server->version_text);
    sv_buf_deinit(&server->allowed_hosts);
    sv_buf_deinit(&server->own_host);
    sv_buf_deinit(&server->host);
    sv_free(server);
}
