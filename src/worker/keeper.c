#define _GNU_SOURCE

#include "worker/pool_priv.h"

#include "base/alloc.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#define BACKOFF_FIRST_MS 100
#define BACKOFF_MAX_MS 10000
#define MEMORY_IDLE_MS 10000 /* how long memory for large requests waits for the next one */
#define READY_BYTES_MAX ((size_t)1 << 20)

void sv_keeper_wake(sv_pool *pool)
{
    uint64_t one = 1;
    ssize_t ignored = write(pool->wake_fd, &one, sizeof one);
    (void)ignored;
}

static void tell(sv_pool *pool, const char *level, const char *text)
{
    if (pool->options.log)
        pool->options.log(pool->options.log_context, level, text, strlen(text));
}

/* ---- what workers print ---- */

static void end_line(sv_pool *pool, sv_worker_slot *slot)
{
    sv_str text = {slot->line, slot->n_line};
    slot->n_line = 0;
    if (!sv_str_trim(text).n)
        return;
    size_t n = text.n < sizeof slot->words - 1 ? text.n : sizeof slot->words - 1;
    memcpy(slot->words, text.p, n);
    slot->words[n] = '\0';
    if (pool->options.log)
        pool->options.log(pool->options.log_context, "", text.p, text.n);
}

/* The complete lines of what was read; the rest moves to the front. */
static void split_lines(sv_pool *pool, sv_worker_slot *slot, size_t n_read)
{
    size_t end = slot->n_line + n_read, begin = 0;
    char bytes[SV_WORKER_LINE_BYTES];
    memcpy(bytes, slot->line, end);
    for (size_t i = 0; i < end; i++) {
        if (bytes[i] != '\n')
            continue;
        slot->n_line = i - begin;
        memcpy(slot->line, bytes + begin, slot->n_line);
        end_line(pool, slot);
        begin = i + 1;
    }
    slot->n_line = end - begin;
    memcpy(slot->line, bytes + begin, slot->n_line);
    if (slot->n_line == sizeof slot->line) /* a long line is told in pieces */
        end_line(pool, slot);
}

/* All that is there now. */
static void read_output(sv_pool *pool, sv_worker_slot *slot)
{
    ssize_t n;
    while ((n = read(slot->process.output_fd, slot->line + slot->n_line, sizeof slot->line - slot->n_line)) > 0)
        split_lines(pool, slot, (size_t)n);
}

/* ---- start, end ---- */

static int64_t backoff_ms(int n_failures)
{
    int64_t ms = BACKOFF_FIRST_MS;
    for (int i = 2; i < n_failures && ms < BACKOFF_MAX_MS; i++)
        ms *= 2;
    return n_failures < 2 ? 0 : ms < BACKOFF_MAX_MS ? ms : BACKOFF_MAX_MS;
}

static void describe_end(int status, char *out, size_t size)
{
    if (WIFEXITED(status))
        (void)snprintf(out, size, "ended with exit status %d", WEXITSTATUS(status));
    else
        (void)snprintf(out, size, "ended by signal %d", WIFSIGNALED(status) ? WTERMSIG(status) : 0);
}

/* With the lock. Its place is taken again after a while. */
static void end_worker(sv_pool *pool, sv_worker_slot *slot, const savor_error *why)
{
    bool was_starting = slot->state == SV_WORKER_STARTING;
    char how[64], text[600];
    int64_t pid = slot->process.pid;
    read_output(pool, slot);
    sv_channel_drop_memory(&slot->channel);
    int status = sv_process_end(&slot->process);
    if (slot->n_line)
        end_line(pool, slot);
    describe_end(status, how, sizeof how);
    slot->n_failures++;
    slot->state = SV_WORKER_ABSENT;
    slot->start_at_ms = sv_channel_now_ms() + backoff_ms(slot->n_failures);
    if (was_starting) {
        pool->n_load_failures++;
        slot->n_load_failures += !WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL || why; /* from outside */
        if (why)
            pool->load_error = *why;
        else
            (void)sv_fail(&pool->load_error, SAVOR_MODEL, "the worker %s before it had loaded the model%s%s", how,
                          slot->words[0] ? ": " : "", slot->words);
    }
    if (!pool->is_ending) {
        (void)snprintf(text, sizeof text, "worker %lld %s", (long long)pid, why ? why->message : how);
        tell(pool, "warning", text);
    }
    pthread_cond_broadcast(&pool->changed);
}

static void start_worker(sv_pool *pool, sv_worker_slot *slot)
{
    savor_error err = {.status = SAVOR_OK};
    slot->words[0] = '\0';
    slot->n_line = 0;
    sv_channel_init(&slot->channel, -1);
    if (sv_process_start(&pool->options.process, &slot->process, &err)) {
        slot->state = SV_WORKER_STARTING;
        end_worker(pool, slot, &err);
        return;
    }
    sv_channel_init(&slot->channel, slot->process.socket_fd);
    slot->state = SV_WORKER_STARTING;
    slot->give_up_ms = sv_channel_now_ms() + pool->options.start_timeout_ms;
}

/* ---- the first message ---- */

static savor_status fail_load(const sv_payload *why, savor_error *err)
{
    return sv_fail(err, SAVOR_MODEL, "the model could not be loaded in Python: %.*s", SV_FMT(why->exception.message));
}

static savor_status read_ready(sv_pool *pool, sv_worker_slot *slot, sv_arena *arena, savor_error *err)
{
    sv_wire_header header;
    sv_payload payload;
    sv_str body;
    savor_status st =
        sv_channel_recv(&slot->channel, sv_channel_now_ms() + 1000, arena, &header, &body, err);
    if (st)
        return st;
    if (header.kind == SV_WIRE_FAILED)
        return (st = sv_wire_answer_read(&header, body, arena, &payload, err)) ? st : fail_load(&payload, err);
    if (header.kind != SV_WIRE_READY || !sv_utf8_check(body.p, body.n))
        return sv_fail(err, SAVOR_FORMAT, "the worker's first message was not that it is ready");
    if (!pool->facts[0])
        (void)snprintf(pool->facts, sizeof pool->facts, "%.*s", SV_FMT(sv_str_trim(body)));
    return SAVOR_OK;
}

static void greet(sv_pool *pool, sv_worker_slot *slot)
{
    savor_error err = {.status = SAVOR_OK};
    sv_arena arena;
    sv_arena_init(&arena, READY_BYTES_MAX);
    savor_status st = read_ready(pool, slot, &arena, &err);
    sv_arena_deinit(&arena);
    if (st) {
        end_worker(pool, slot, st == SAVOR_IO ? NULL : &err);
        return;
    }
    slot->state = SV_WORKER_IDLE;
    slot->n_load_failures = 0;
    pool->n_ready_ever++;
    pthread_cond_broadcast(&pool->changed);
}

/* ---- turns ---- */

enum { FDS_PER_WORKER = 3 };

/* When something is to be done about a worker, in ms from now. */
static int64_t next_turn_ms(const sv_worker_slot *slot, int64_t now, int64_t never_ms)
{
    if (slot->state == SV_WORKER_ABSENT)
        return slot->start_at_ms - now;
    if (slot->state == SV_WORKER_STARTING)
        return slot->give_up_ms - now;
    if (slot->state == SV_WORKER_IDLE && slot->channel.memory_fd >= 0)
        return slot->channel.memory_used_ms + MEMORY_IDLE_MS - now;
    return never_ms;
}

/* With the lock. How long the keeper may sleep, in ms. */
static int64_t look_at(sv_pool *pool, struct pollfd *fds)
{
    int64_t now = sv_channel_now_ms(), sleep_ms = 60000;
    fds[0] = (struct pollfd){.fd = pool->wake_fd, .events = POLLIN};
    for (int i = 0; i < pool->options.n_workers; i++) {
        sv_worker_slot *slot = &pool->slots[i];
        if (slot->state == SV_WORKER_DOOMED)
            end_worker(pool, slot, NULL);
        /* One at a time until one has loaded the model: its failure would be theirs. */
        bool may_start = pool->n_ready_ever || i == 0;
        if (slot->state == SV_WORKER_ABSENT && may_start && slot->start_at_ms <= now)
            start_worker(pool, slot);
        if (slot->state == SV_WORKER_STARTING && slot->give_up_ms <= now) {
            savor_error late;
            (void)sv_fail(&late, SAVOR_TIMEOUT, "the model was not loaded after %d s",
                          pool->options.start_timeout_ms / 1000);
            end_worker(pool, slot, &late);
        }
        if (slot->state == SV_WORKER_IDLE && slot->channel.memory_used_ms + MEMORY_IDLE_MS <= now)
            sv_channel_drop_memory(&slot->channel);
        int64_t next = next_turn_ms(slot, now, sleep_ms);
        if (may_start && next < sleep_ms)
            sleep_ms = next > 0 ? next : 0;
        bool is_there = slot->state != SV_WORKER_ABSENT;
        struct pollfd *mine = &fds[1 + i * FDS_PER_WORKER];
        mine[0] = (struct pollfd){.fd = is_there ? slot->process.output_fd : -1, .events = POLLIN};
        mine[1] =
            (struct pollfd){.fd = slot->state == SV_WORKER_STARTING ? slot->process.socket_fd : -1, .events = POLLIN};
        mine[2] = (struct pollfd){.fd = slot->state == SV_WORKER_IDLE ? slot->process.pid_fd : -1, .events = POLLIN};
    }
    return sleep_ms;
}

static void follow(sv_pool *pool, const struct pollfd *fds)
{
    for (int i = 0; i < pool->options.n_workers; i++) {
        const struct pollfd *mine = &fds[1 + i * FDS_PER_WORKER];
        sv_worker_slot *slot = &pool->slots[i];
        if (slot->state == SV_WORKER_ABSENT)
            continue;
        if (mine[0].revents)
            read_output(pool, slot);
        if (mine[1].revents && slot->state == SV_WORKER_STARTING)
            greet(pool, slot);
        else if (slot->state == SV_WORKER_IDLE && (mine[2].revents || (mine[0].revents & POLLHUP)))
            end_worker(pool, slot, NULL);
    }
}

void *sv_keeper_run(void *argument)
{
    sv_pool *pool = argument;
    size_t n = 1 + (size_t)pool->options.n_workers * FDS_PER_WORKER;
    struct pollfd *fds = sv_alloc_array(n, sizeof *fds);
    pthread_mutex_lock(&pool->lock);
    if (!fds) {
        (void)sv_fail_nomem(&pool->load_error, n * sizeof *fds);
        pool->n_load_failures++;
        pthread_cond_broadcast(&pool->changed);
    }
    while (fds && !pool->is_ending) {
        int64_t sleep_ms = look_at(pool, fds);
        pthread_mutex_unlock(&pool->lock);
        (void)poll(fds, n, (int)sleep_ms);
        uint64_t count;
        ssize_t ignored = fds[0].revents ? read(pool->wake_fd, &count, sizeof count) : 0;
        (void)ignored;
        pthread_mutex_lock(&pool->lock);
        follow(pool, fds);
    }
    for (int i = 0; i < pool->options.n_workers; i++)
        if (pool->slots[i].state != SV_WORKER_ABSENT)
            end_worker(pool, &pool->slots[i], NULL);
    pthread_mutex_unlock(&pool->lock);
    sv_free(fds);
    return NULL;
}
