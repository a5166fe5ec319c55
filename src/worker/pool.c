#define _GNU_SOURCE

#include "worker/pool_priv.h"

#include "base/alloc.h"
#include "worker/folder.h"
#include "worker/stray.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define WAITING_PER_WORKER 64
#define CALL_TIMEOUT_MS 60000
#define START_TIMEOUT_MS 600000
#define POISON_MS 60000

/* ---- making and ending ---- */

static void set_defaults(sv_pool_options *o)
{
    o->n_workers = o->n_workers > 0 ? o->n_workers : 1;
    o->n_waiting_max = o->n_waiting_max > 0 ? o->n_waiting_max : WAITING_PER_WORKER * o->n_workers;
    o->call_timeout_ms = o->call_timeout_ms > 0 ? o->call_timeout_ms : CALL_TIMEOUT_MS;
    o->start_timeout_ms = o->start_timeout_ms > 0 ? o->start_timeout_ms : START_TIMEOUT_MS;
}

static savor_status make_folder(sv_pool *pool, savor_error *err)
{
    const char *base = getenv("TMPDIR");
    int n = snprintf(pool->folder, sizeof pool->folder, "%s/savor-worker-XXXXXX",
                     base && base[0] == '/' ? base : P_tmpdir);
    if (n < 0 || (size_t)n >= sizeof pool->folder)
        (void)snprintf(pool->folder, sizeof pool->folder, P_tmpdir "/savor-worker-XXXXXX");
    if (!mkdtemp(pool->folder)) {
        pool->folder[0] = '\0';
        return sv_fail(err, SAVOR_IO, "no private folder for the workers could be made: %s", strerror(errno));
    }
    pool->options.process.folder = pool->folder;
    pool->options.process.interpreter = pool->interpreter;
    return SAVOR_OK;
}

/* With the lock. */
static savor_status await_first(sv_pool *pool, savor_error *err)
{
    while (!pool->n_ready_ever && !pool->n_load_failures)
        pthread_cond_wait(&pool->changed, &pool->lock);
    if (pool->n_ready_ever)
        return SAVOR_OK;
    if (err)
        *err = pool->load_error;
    return pool->load_error.status;
}

static savor_status start_keeper(sv_pool *pool, savor_error *err)
{
    pool->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (pool->wake_fd < 0 || pthread_create(&pool->keeper, NULL, sv_keeper_run, pool) != 0)
        return sv_fail(err, SAVOR_IO, "the thread that keeps the workers could not be started");
    pool->has_keeper = true;
    pthread_mutex_lock(&pool->lock);
    savor_status st = await_first(pool, err);
    pthread_mutex_unlock(&pool->lock);
    if (!st)
        sv_keeper_wake(pool); /* the other workers may start now */
    return st;
}

/* Said once, whatever the number of workers. */
static void tell_sandbox(const sv_pool_options *o)
{
    sv_buf text = SV_BUF_INIT(200);
    sv_sandbox_put_missing(o->process.sandbox, &text);
    if (text.n && o->log) {
        sv_buf missing = SV_BUF_INIT(300);
        sv_buf_printf(&missing, "this kernel lacks %s: the workers' sandbox does without", text.p);
        o->log(o->log_context, "warning", sv_buf_view(&missing).p, missing.n);
        sv_buf_deinit(&missing);
    }
    sv_buf_deinit(&text);
}

/* Strict workers fork nothing; without descriptors of processes nobody could say whose number is whose. */
static bool may_fork(const sv_pool_options *o)
{
    if (o->n_workers < 2 || o->process.sandbox == SAVOR_SANDBOX_STRICT)
        return false;
    int fd = sv_process_watch(getpid());
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

savor_status sv_pool_new(const sv_pool_options *options, sv_pool **out, savor_error *err)
{
    *out = NULL;
    sv_pool *pool = sv_alloc_array(1, sizeof *pool);
    if (!pool)
        return sv_fail_nomem(err, sizeof *pool);
    pthread_condattr_t monotonic;
    pool->options = *options;
    pool->wake_fd = -1;
    set_defaults(&pool->options);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    savor_status st;
    pool->slots = sv_alloc_array((size_t)pool->options.n_workers, sizeof *pool->slots);
    if (!pool->slots) {
        st = sv_fail_nomem(err, (size_t)pool->options.n_workers * sizeof *pool->slots);
        goto done;
    }
    for (int i = 0; i < pool->options.n_workers; i++) {
        pool->slots[i].process = SV_PROCESS_NONE;
        sv_channel_init(&pool->slots[i].channel, -1, -1);
    }
    pool->parent.process = SV_PROCESS_NONE;
    sv_channel_init(&pool->parent.channel, -1, -1);
    pool->forks = may_fork(&pool->options);
    if ((st = sv_process_find(options->process.interpreter ? options->process.interpreter : "python3",
                              &pool->interpreter, err)) ||
        (st = make_folder(pool, err)) || (st = start_keeper(pool, err)))
        goto done;
    tell_sandbox(&pool->options);
    *out = pool;
    pool = NULL;
done:
    sv_pool_free(pool);
    return st;
}

void sv_pool_free(sv_pool *pool)
{
    if (!pool)
        return;
    if (pool->has_keeper) {
        pthread_mutex_lock(&pool->lock);
        pool->is_ending = true;
        pthread_mutex_unlock(&pool->lock);
        sv_keeper_wake(pool);
        pthread_join(pool->keeper, NULL);
    }
    if (pool->wake_fd >= 0)
        close(pool->wake_fd);
    if (pool->folder[0]) {
        sv_stray_kill(pool->folder);
        sv_folder_remove(pool->folder);
    }
    pthread_cond_destroy(&pool->changed);
    pthread_mutex_destroy(&pool->lock);
    sv_free(pool->interpreter);
    sv_free(pool->slots);
    sv_free(pool);
}

/* ---- calls ---- */

static sv_worker_slot *find_idle(sv_pool *pool)
{
    for (int i = 0; i < pool->options.n_workers; i++)
        if (pool->slots[i].state == SV_WORKER_IDLE)
            return &pool->slots[i];
    return NULL;
}

static bool has_given_up(const sv_worker_slot *slot)
{
    return slot->state == SV_WORKER_ABSENT && slot->n_load_failures >= SV_WORKER_LOADS_MAX;
}

/* Whoever loads the model has failed to do so more than once in a row: waiting would not help. */
static bool is_hopeless(const sv_pool *pool)
{
    for (int i = 0; i < pool->options.n_workers; i++)
        if (pool->forks ? pool->slots[i].state != SV_WORKER_ABSENT : !has_given_up(&pool->slots[i]))
            return false;
    return !pool->forks || has_given_up(&pool->parent);
}

/* With the lock. */
static savor_status await_idle(sv_pool *pool, int64_t deadline_ms, sv_worker_slot **out, savor_error *err)
{
    struct timespec until = {deadline_ms / 1000, deadline_ms % 1000 * 1000000};
    savor_status st = SAVOR_OK;
    if (!(*out = find_idle(pool)) && pool->n_waiting >= pool->options.n_waiting_max)
        return sv_fail(err, SAVOR_BUSY, "%d requests wait for %d workers", pool->n_waiting, pool->options.n_workers);
    pool->n_waiting++;
    while (!st && !(*out = find_idle(pool))) {
        if (is_hopeless(pool))
            st = sv_fail(err, SAVOR_BUSY, "no worker is running");
        else if (pthread_cond_timedwait(&pool->changed, &pool->lock, &until) == ETIMEDOUT)
            st = sv_fail(err, SAVOR_TIMEOUT, "no worker was free in time");
    }
    pool->n_waiting--;
    return st;
}

static savor_status take_worker(sv_pool *pool, int64_t deadline_ms, sv_worker_slot **out, uint64_t *id,
                                savor_error *err)
{
    pthread_mutex_lock(&pool->lock);
    savor_status st = await_idle(pool, deadline_ms, out, err);
    if (!st) {
        (*out)->state = SV_WORKER_TAKEN;
        *id = ++pool->next_id;
    }
    pthread_mutex_unlock(&pool->lock);
    return st;
}

static void give_back(sv_pool *pool, sv_worker_slot *slot, bool is_sound)
{
    pthread_mutex_lock(&pool->lock);
    slot->state = is_sound ? SV_WORKER_IDLE : SV_WORKER_DOOMED;
    if (is_sound) {
        slot->n_failures = 0;
        pthread_cond_signal(&pool->changed);
    }
    pthread_mutex_unlock(&pool->lock);
    if (!is_sound)
        sv_keeper_wake(pool);
}

static savor_status exchange(sv_worker_slot *slot, uint64_t id, const sv_wire_body *request, int64_t deadline_ms,
                             sv_arena *arena, sv_payload *out, savor_error *err)
{
    sv_channel *channel = &slot->channel;
    sv_wire_header header;
    sv_str body;
    savor_status st;
    if ((st = sv_channel_send(channel, SV_WIRE_PREDICT, id, request, deadline_ms, err)) ||
        (st = sv_channel_recv(channel, deadline_ms, arena, &header, &body, err)))
        return st;
    if (header.id != id)
        return sv_fail(err, SAVOR_FORMAT, "the worker answered another request");
    return sv_wire_answer_read(&header, body, arena, out, err);
}

/* What is no message of the protocol is the worker's fault, not the request's. */
static savor_status word_garbage(savor_status st, savor_error *err)
{
    char detail[sizeof err->message];
    if (st != SAVOR_FORMAT)
        return st;
    memcpy(detail, err->message, sizeof detail);
    return sv_fail(err, SAVOR_INTERNAL, "%.300s", detail);
}

/* One try, and another when the worker died. How many there were; IO: the last one's worker died, too. A worker that
 * had gone before it read the request was not ended by it: that is no try, but it happens at most once to each. */
static int call_worker(sv_pool *pool, const sv_wire_body *request, sv_arena *arena, sv_payload *out, savor_status *st,
                       savor_error *err)
{
    int64_t deadline_ms = sv_channel_now_ms() + pool->options.call_timeout_ms;
    int n_max = pool->options.no_replay ? 1 : 2, n_tries = 0, n_unread = 0;
    savor_error own;
    err = err ? err : &own;
    do {
        sv_worker_slot *slot;
        uint64_t id;
        if ((*st = take_worker(pool, deadline_ms, &slot, &id, err)))
            return n_tries + 1;
        *st = exchange(slot, id, request, deadline_ms, arena, out, err);
        bool is_unread = *st == SAVOR_IO && slot->channel.is_unread && n_unread < pool->options.n_workers;
        n_unread += is_unread;
        n_tries += !is_unread;
        /* LIMIT and NOMEM leave an answer unread on the socket: that worker is of no use any more. */
        give_back(pool, slot, *st == SAVOR_OK);
        *st = word_garbage(*st, err);
    } while (*st == SAVOR_IO && n_tries < n_max);
    return n_tries;
}

/* ---- requests that end workers ---- */

/* Of equal length and hash are only equal requests, unless somebody tries hard to have his own refused. */
static uint64_t hash_body(const sv_wire_body *body)
{
    uint64_t hash = sv_wire_body_size(body), word;
    sv_str piece;
    for (size_t at = 0; sv_wire_body_next(body, &at, &piece);)
        for (size_t i = 0; i + 8 <= piece.n; i += 8) { /* a piece is a multiple of 8 */
            memcpy(&word, piece.p + i, 8);
            hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
            hash ^= hash >> 29;
        }
    return hash;
}

static bool is_poison(sv_pool *pool, const sv_wire_body *request)
{
    bool found = false;
    pthread_mutex_lock(&pool->lock);
    int64_t now_ms = sv_channel_now_ms();
    uint64_t hash = 0;
    for (unsigned i = 0; i < SV_POISON_SLOTS && i < pool->n_poisons && !found; i++) {
        const sv_poison *p = &pool->poisons[i];
        if (p->until_ms <= now_ms || p->n_bytes != sv_wire_body_size(request))
            continue;
        hash = hash ? hash : hash_body(request);
        found = p->hash == hash;
    }
    pthread_mutex_unlock(&pool->lock);
    return found;
}

static void note_poison(sv_pool *pool, const sv_wire_body *request)
{
    pthread_mutex_lock(&pool->lock);
    pool->poisons[pool->n_poisons++ % SV_POISON_SLOTS] =
        (sv_poison){hash_body(request), sv_wire_body_size(request), sv_channel_now_ms() + POISON_MS};
    pthread_mutex_unlock(&pool->lock);
}

/* ---- the call ---- */

savor_status sv_pool_call(sv_pool *pool, const sv_wire_body *request, sv_arena *arena, sv_payload *out,
                          savor_error *err)
{
    savor_status st;
    if (is_poison(pool, request))
        return sv_fail(err, SAVOR_INTERNAL, "the same request ended two worker processes less than %d s ago",
                       POISON_MS / 1000);
    int n_tries = call_worker(pool, request, arena, out, &st, err);
    if (st != SAVOR_IO)
        return st;
    if (n_tries > 1)
        note_poison(pool, request);
    return sv_fail(err, SAVOR_INTERNAL, "the worker process ended before it answered%s",
                   n_tries > 1 ? ", and so did a second one" : "");
}

bool sv_pool_is_ready(sv_pool *pool)
{
    bool is_ready = false;
    pthread_mutex_lock(&pool->lock);
    for (int i = 0; i < pool->options.n_workers; i++)
        is_ready = is_ready || pool->slots[i].state == SV_WORKER_IDLE || pool->slots[i].state == SV_WORKER_TAKEN;
    pthread_mutex_unlock(&pool->lock);
    return is_ready;
}

const char *sv_pool_get_facts(const sv_pool *pool) { return pool->facts; }
