#include "serve/connection_bytes_priv.h"

#include "base/alloc.h"
#include "serve/host_priv.h"
#include "serve/http_write_priv.h"

#include <errno.h>
#include <stdio.h>

#define SMALL_BODY_BYTES (64 * 1024) /* read and dropped where no body is expected */
#define BATCH_BYTES (256 * 1024)     /* answers to pipelined requests are sent when they are this long together */
#define MIN_BYTES_PER_S 1024

void sv_conn_init(sv_conn *conn, int fd, const char *client)
{
    *conn = (sv_conn){.fd = fd, .phase = SV_PHASE_NEW, .filed_phase = SV_PHASE_CLOSED, .is_refiled = true};
    snprintf(conn->client, sizeof conn->client, "%s", client);
}

static void log_request(sv_conn *c, sv_worker *w, const sv_answer *answer, size_t n_in, size_t n_out)
{
    sv_line line;
    bool has_line = c->head.has_request_line;
    if (!w->shared->log || (!w->shared->has_access_log && answer->http_status < 500))
        return;
    sv_access access = {.stamp = w->clock.stamp,
                        .client = c->client,
                        .method = has_line ? sv_span_view(c->in + c->at, c->head.method) : SV_STR("-"),
                        .path = has_line ? sv_span_view(c->in + c->at, c->head.path) : SV_STR("-"),
                        .http_status = answer->http_status,
                        .n_in = n_in,
                        .n_out = n_out,
                        .duration_us = sv_clock_us() - c->started_us,
                        .error = answer->message};
    sv_str text = sv_access_write(&line, w->shared->is_json_log, &access);
    sv_log_put(w->shared->log, text.p, text.n);
}

/* Write an answer behind those that wait to be sent. `n_used` bytes of the input were its request. */
static void put_answer(sv_conn *c, sv_worker *w, const sv_answer *answer, size_t n_used)
{
    bool has_line = c->head.has_request_line;
    sv_framing framing = {.date = w->clock.date,
                          .is_head = has_line && sv_str_is(sv_span_view(c->in + c->at, c->head.method), "HEAD"),
                          .closes = c->closes,
                          .tells_keep_alive = has_line && !sv_http_is_11(&c->head)};
    size_t before = w->out.n;
    sv_http_write(&w->out, answer, &framing);
    if (w->out.failed) {
        sv_buf_reset(&w->out);
        c->phase = SV_PHASE_CLOSED;
        return;
    }
    log_request(c, w, answer, n_used, w->out.n - before);
}

/* Answer with an error behind which nothing can be read any more. */
static void refuse(sv_conn *c, sv_worker *w, int http_status, const char *message)
{
    sv_answer answer;
    savor_status status = http_status == 503 ? SAVOR_BUSY : http_status == 413 ? SAVOR_LIMIT : SAVOR_BAD_REQUEST;
    const char *text = http_status == 400   ? "Invalid HTTP request received."
                       : http_status == 403 ? "Invalid Host header - possible DNS rebinding attack detected"
                                            : sv_http_reason(http_status);
    sv_answer_text(&answer, http_status, status, text, message);
    answer.retry_after_s = http_status == 503;
    c->closes = c->lingers = true;
    put_answer(c, w, &answer, c->n_in - c->at);
}

/* ---- requests ---- */

static sv_call view_call(const sv_conn *c)
{
    const char *p = c->in + c->at;
    sv_call call = {.method = sv_span_view(p, c->head.method),
                    .path = sv_span_view(p, c->head.path),
                    .query = sv_span_view(p, c->head.query),
                    .host = sv_span_view(p, c->head.host),
                    .content_type = sv_span_view(p, c->head.content_type),
                    .accept = sv_span_view(p, c->head.accept),
                    .has_content_type = c->head.has_content_type,
                    .has_query = c->head.has_query};
    if (call.path.n == 0)
        call.path = SV_STR("/"); /* http://host without a path */
    return call;
}

static size_t max_body(const sv_conn *c, const sv_worker *w)
{
    size_t max = w->shared->max_body_bytes;
    if (c->route && c->route->is_post)
        return max;
    return max < SMALL_BODY_BYTES ? max : SMALL_BODY_BYTES;
}

/* The body will not be read: say what is wrong with the route, or else that the body is too long. */
static void refuse_body(sv_conn *c, sv_worker *w, int http_status, const char *message)
{
    sv_answer answer;
    sv_call call = view_call(c);
    if (c->route || http_status != 413) {
        refuse(c, w, http_status, message);
        return;
    }
    sv_route_find(&w->site, &call, &answer);
    c->closes = c->lingers = true;
    put_answer(c, w, &answer, c->n_in - c->at);
}

/* The head is there: can the request be served at all? False when it was refused. */
static bool begin_request(sv_conn *c, sv_worker *w)
{
    sv_answer ignored;
    if (c->head.has_two_types && w->site.manners->two_types == SV_TWO_TYPES_REFUSED) {
        refuse(c, w, 400, "there were two Content-Type fields");
        return false;
    }
    if (w->site.manners->two_types == SV_TWO_TYPES_LAST)
        c->head.content_type = c->head.last_type;
    sv_call call = view_call(c);
    int wrong_version = c->head.major == 0 ? 400 : w->site.manners->wrong_version_status;
    if (c->head.major != 1 && wrong_version) {
        refuse(c, w, wrong_version, "the version was not HTTP/1.x");
        return false;
    }
    if (w->shared->checks_host && !sv_host_is_allowed(call.host, w->shared->allowed_hosts)) {
        refuse(c, w, 403, "Host was none of the names of this server");
        return false;
    }
    c->route = sv_route_find(&w->site, &call, &ignored);
    bool has_body = c->head.chunked || c->head.content_length > 0;
    bool waits =
        c->head.expects_continue && has_body && sv_http_is_11(&c->head) && c->n_in - c->at == c->head.n_bytes;
    if (c->head.content_length > max_body(c, w) || (waits && !c->route)) {
        refuse_body(c, w, 413, "the body was longer than allowed");
        return false;
    }
    c->chunked = SV_CHUNKED_INIT(max_body(c, w));
    c->n_body = 0;
    c->in_body = true;
    c->progress_ms = w->clock.now_ms;
    c->n_progress = 0;
    if (waits)
        sv_buf_put_str(&w->out, SV_STR("HTTP/1.1 100 Continue\r\n\r\n"));
    return true;
}

static void set_phase(sv_conn *c, sv_worker *w, sv_phase phase)
{
    bool goes_on = c->phase == phase && phase == SV_PHASE_HEAD && c->head_request == c->n_requests;
    if ((phase == SV_PHASE_WRITE || phase == SV_PHASE_BODY) && c->phase != phase) {
        c->progress_ms = w->clock.now_ms;
        c->n_progress = 0;
    }
    c->head_request = c->n_requests;
    c->is_refiled = c->is_refiled || !goes_on;
    c->phase = phase;
}

/* The request goes to the crew; its input becomes memory that stays where it is. */
static void hand_over(sv_conn *c, sv_worker *w, size_t n_body, size_t n_used)
{
    sv_job *job = sv_crew_find_job(w->crew);
    if (!job) {
        refuse(c, w, 503, "as many requests as allowed were waiting");
        return;
    }
    if (!sv_conn_own_input(c, w)) {
        sv_crew_release(w->crew, job);
        refuse(c, w, 503, "there was no memory left for the body of a request");
        return;
    }
    job->conn = c;
    job->route = c->route;
    job->call = view_call(c);
    job->call.body = (sv_str){c->in + c->at + c->head.n_bytes, n_body};
    c->n_used = n_used;
    set_phase(c, w, SV_PHASE_SCORE);
    sv_crew_send(w->crew, job, w->returns);
}

static void end_request(sv_conn *c, size_t n_used)
{
    c->at += n_used;
    c->head = (sv_http_head){0};
    c->in_body = false;
    c->n_requests++;
}

/* The whole request is there: `n_used` bytes from `at` on, of which the body begins behind the head. */
static void answer_request(sv_conn *c, sv_worker *w, size_t n_body, size_t n_used)
{
    sv_answer answer = {.http_status = 500};
    c->closes = !sv_http_keeps_alive(&c->head);
    bool is_last = c->n_in == c->at + n_used && c->n_in < c->in_capacity;
    if (w->drains && !c->closes && is_last) {
        sv_conn_fill(c, w); /* a request that has arrived is still served */
        c->closes = c->lingers = c->n_in == c->at + n_used;
    }
    if (c->route && c->route->is_post && w->crew) {
        hand_over(c, w, n_body, n_used);
        return;
    }
    sv_call call = view_call(c);
    call.body = (sv_str){c->in + c->at + c->head.n_bytes, n_body};
    if (c->route)
        c->route->answer(&w->site, &call, &answer);
    else
        sv_route_find(&w->site, &call, &answer);
    put_answer(c, w, &answer, n_used);
    end_request(c, n_used);
}

static bool take_chunked_body(sv_conn *c, sv_worker *w)
{
    size_t n_used = 0, n_out = 0;
    size_t body_at = c->at + c->head.n_bytes;
    char *rest = c->in + body_at + c->n_body;
    size_t n_rest = c->n_in - body_at - c->n_body;
    sv_http_verdict verdict = sv_chunked_decode(&c->chunked, rest, n_rest, rest, &n_used, &n_out);
    if (verdict == SV_HTTP_REFUSED) {
        refuse_body(c, w, c->chunked.refused_status, c->chunked.refused_why);
        return false;
    }
    size_t n_raw = c->head.n_bytes + c->n_body + n_used;
    c->n_body += n_out;
    if (verdict == SV_HTTP_MORE) {
        c->n_in = body_at + c->n_body; /* all was used: only the decoded body stays */
        return false;
    }
    answer_request(c, w, c->n_body, n_raw);
    return true;
}

/* Take one request from the input and answer it; false when it is not complete, or was refused. */
static bool take_request(sv_conn *c, sv_worker *w)
{
    size_t n = c->n_in - c->at;
    if (n == 0)
        return false;
    if (!c->in_body) {
        if (c->head.scanned == 0)
            c->started_us = sv_clock_us();
        sv_http_verdict verdict = sv_http_parse(&c->head, &w->shared->head, c->in + c->at, n);
        if (verdict == SV_HTTP_REFUSED)
            refuse(c, w, c->head.refused_status, c->head.refused_why);
        if (verdict != SV_HTTP_DONE || !begin_request(c, w))
            return false;
    }
    if (w->crew && w->out.n &&
        !sv_conn_flush(c, w)) /* answers keep their order: none waits while the crew computes */
        return false;
    if (c->head.chunked)
        return take_chunked_body(c, w);
    size_t n_body = (size_t)c->head.content_length;
    if (n - c->head.n_bytes < n_body)
        return false;
    answer_request(c, w, n_body, c->head.n_bytes + n_body);
    return true;
}

/* ---- phases ---- */

/* Everything is said: leave now, or wait for the client to have read it. */
static void end_connection(sv_conn *c, sv_worker *w)
{
    if (!c->lingers || c->is_eof) {
        c->phase = SV_PHASE_CLOSED;
        return;
    }
    w->io->shut(c->fd);
    set_phase(c, w, SV_PHASE_LINGER);
}

/* More than the time limit for a pause has passed: then there must be some speed, too. */
static bool is_too_slow(const sv_conn *c, const sv_worker *w)
{
    int64_t elapsed_ms = w->clock.now_ms - c->progress_ms;
    return elapsed_ms > w->shared->body_idle_timeout_ms &&
           c->n_progress < (uint64_t)elapsed_ms / 1000 * MIN_BYTES_PER_S;
}

/* Send what there is and choose what to wait for. */
static void settle(sv_conn *c, sv_worker *w)
{
    if (c->closes) {
        c->lingers = c->lingers || c->n_in > c->at;
        sv_conn_release_input(c, w);
    }
    bool is_sent = c->phase != SV_PHASE_CLOSED && c->n_out == 0 && sv_conn_flush(c, w);
    if (c->phase == SV_PHASE_CLOSED) {
        sv_buf_reset(&w->out);
        sv_conn_release_input(c, w);
        return;
    }
    if (is_sent && c->closes) {
        end_connection(c, w);
        return;
    }
    if (is_sent && c->is_eof) {
        c->phase = SV_PHASE_CLOSED;
        sv_conn_release_input(c, w);
        return;
    }
    sv_phase waits = c->in_body ? SV_PHASE_BODY : c->n_in > c->at ? SV_PHASE_HEAD : SV_PHASE_IDLE;
    set_phase(c, w, is_sent ? waits : SV_PHASE_WRITE);
    if (c->n_in == c->at)
        sv_conn_release_input(c, w);
}

/* Answer all complete requests, as far as the socket takes the answers; then keep what is left. */
static void advance(sv_conn *c, sv_worker *w)
{
    while (c->phase != SV_PHASE_CLOSED && c->phase != SV_PHASE_SCORE && !c->closes && c->n_out == 0 &&
           take_request(c, w))
        if (w->out.n > BATCH_BYTES && !sv_conn_flush(c, w))
            break;
    if (c->phase == SV_PHASE_SCORE)
        return;
    bool is_incomplete = c->phase != SV_PHASE_CLOSED && !c->closes && c->n_in > c->at;
    if (is_incomplete && c->in_body && c->n_out == 0 && is_too_slow(c, w))
        refuse(c, w, 408, "the body came more slowly than 1 KiB/s");
    else if (is_incomplete && !sv_conn_own_input(c, w)) {
        if (c->n_out == 0)
            refuse(c, w, 503, "there was no memory left for the body of a request");
        else
            c->phase = SV_PHASE_CLOSED;
    }
    settle(c, w);
}

void sv_conn_read(sv_conn *conn, sv_worker *worker)
{
    if (conn->phase == SV_PHASE_LINGER) {
        ssize_t n = worker->io->recv(conn->fd, worker->scratch, SV_SCRATCH_BYTES);
        if (n == 0 || (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR))
            conn->phase = SV_PHASE_CLOSED;
        return;
    }
    if (sv_conn_fill(conn, worker))
        advance(conn, worker);
    else if (conn->n_in == conn->at || conn->phase == SV_PHASE_CLOSED)
        sv_conn_release_input(conn, worker);
}

void sv_conn_write(sv_conn *conn, sv_worker *worker)
{
    ssize_t n = worker->io->send(conn->fd, conn->out + conn->out_at, conn->n_out - conn->out_at);
    if (n < 0) {
        if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
            conn->phase = SV_PHASE_CLOSED;
        return;
    }
    conn->out_at += (size_t)n;
    conn->n_progress += (uint64_t)n;
    conn->is_refiled = true;
    if (conn->out_at < conn->n_out) {
        if (is_too_slow(conn, worker))
            conn->phase = SV_PHASE_CLOSED;
        return;
    }
    sv_free(conn->out);
    conn->out = NULL;
    conn->n_out = conn->out_at = 0;
    advance(conn, worker);
}

void sv_conn_finish(sv_conn *conn, sv_worker *worker, const sv_job *job)
{
    conn->phase = SV_PHASE_HEAD; /* no longer with the crew; settle chooses */
    conn->is_refiled = true;
    if (conn->is_gone) {
        conn->phase = SV_PHASE_CLOSED;
        sv_conn_release_input(conn, worker);
        return;
    }
    if (worker->drains && conn->n_in == conn->at + conn->n_used)
        conn->closes = true;
    put_answer(conn, worker, &job->answer, conn->n_used);
    end_request(conn, conn->n_used);
    advance(conn, worker);
}

void sv_conn_expire(sv_conn *conn, sv_worker *worker)
{
    switch (conn->phase) {
    case SV_PHASE_NEW:
    case SV_PHASE_IDLE:
        sv_conn_read(conn, worker); /* what arrived at the last moment is still served */
        if (!conn->is_refiled)
            conn->phase = SV_PHASE_CLOSED;
        break;
    case SV_PHASE_HEAD:
    case SV_PHASE_BODY:
        refuse(conn, worker, 408, conn->in_body ? "the body did not come in time" : "the head did not come in time");
        settle(conn, worker);
        break;
    case SV_PHASE_SCORE: /* the pool of workers has its own limit */
        conn->is_refiled = true;
        break;
    default:
        conn->phase = SV_PHASE_CLOSED;
        break;
    }
}
