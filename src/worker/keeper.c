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

static bool is_parent(const sv_pool *pool, const sv_worker_slot *slot) { return slot == &pool->parent; }

static void tell_end(sv_pool *pool, bool was_parent, int64_t pid, const char *how)
{
    char text[600];
    (void)snprintf(text, sizeof text, "%s %lld %s", was_parent ? "the parent of the workers" : "worker",
                   (long long)pid, how);
    if (!pool->is_ending)
        tell(pool, "warning", text);
}

/* A worker that the parent forked has been killed, and somebody must wait for it: the parent, which then tells how it
 * ended; or, where the parent has gone, whoever inherits its children. That may be us. */
static bool ask_for_end(sv_pool *pool, uint64_t fork_id, pid_t pid, int *status)
{
    if (pool->parent.state == SV_WORKER_IDLE && !sv_parent_reap(&pool->parent.channel, fork_id, NULL)) {
        pool->n_reaps++;
        return true;
    }
    if (pid > 0)
        (void)waitpid(pid, status, 0); /* at once, when it is not ours */
    return false;
}

/* With the lock: why no worker can be had, for those who wait for the first. */
static void note_load_failure(sv_pool *pool, sv_worker_slot *slot, int status, const savor_error *why)
{
    char how[64];
    describe_end(status, how, sizeof how);
    pool->n_load_failures++;
    slot->n_load_failures += !WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL || why; /* from outside */
    if (why)
        pool->load_error = *why;
    else
        (void)sv_fail(&pool->load_error, SAVOR_MODEL, "the worker %s before it had loaded the model%s%s", how,
                      slot->words[0] ? ": " : "", slot->words);
}

/* With the lock. Its place is taken again after a while. */
static void end_worker(sv_pool *pool, sv_worker_slot *slot, const savor_error *why)
{
    bool was_starting = slot->state == SV_WORKER_STARTING, was_forked = slot->process.life_fd >= 0;
    char how[64];
    pid_t pid = slot->process.pid;
    uint64_t fork_id = slot->process.fork_id;
    read_output(pool, slot);
    sv_channel_drop_memory(&slot->channel);
    int status = sv_process_end(&slot->process);
    if (slot->n_line)
        end_line(pool, slot);
    slot->n_failures++;
    slot->state = SV_WORKER_ABSENT;
    slot->start_at_ms = sv_channel_now_ms() + backoff_ms(slot->n_failures);
    bool is_told_later = was_forked && ask_for_end(pool, fork_id, pid, &status);
    if (was_starting && was_forked)
        slot->n_load_failures++; /* enough of them, and workers are started one by one */
    else if (was_starting)
        note_load_failure(pool, slot, status, why);
    describe_end(status, how, sizeof how);
    if (why || !is_told_later)
        tell_end(pool, is_parent(pool, slot), pid, why ? why->message : how);
    pthread_cond_broadcast(&pool->changed);
}

/* The parent of the workers, a worker, or one that the parent forks. */
static savor_status start_process(sv_pool *pool, sv_worker_slot *slot, savor_error *err)
{
    sv_process_options options = pool->options.process;
    if (pool->forks && !is_parent(pool, slot))
        return sv_parent_fork(&pool->parent.channel, ++pool->n_forks, &slot->process, err);
    options.role = is_parent(pool, slot) ? "parent" : NULL;
    return sv_process_start(&options, &slot->process, err);
}

static void start_worker(sv_pool *pool, sv_worker_slot *slot)
{
    savor_error err = {.status = SAVOR_OK};
    slot->words[0] = '\0';
    slot->n_line = 0;
    sv_channel_init(&slot->channel, -1, -1);
    savor_status st = start_process(pool, slot, &err);
    if (st && pool->forks && !is_parent(pool, slot)) { /* the parent's end, not the worker's */
        pool->parent.state = SV_WORKER_DOOMED;
        slot->start_at_ms = sv_channel_now_ms() + BACKOFF_FIRST_MS;
        return;
    }
    slot->state = SV_WORKER_STARTING;
    if (st) {
        end_worker(pool, slot, &err);
        return;
    }
    sv_channel_init(&slot->channel, slot->process.socket_fd, slot->process.pid_fd);
    slot->give_up_ms = sv_channel_now_ms() + pool->options.start_timeout_ms;
}

/* From now on each worker loads the model itself. Those that the parent forked may go on. */
static void stop_forking(sv_pool *pool)
{
    tell(pool, "warning", "forked workers end before they are ready: from now on each loads the model itself");
    pool->forks = false;
    if (pool->parent.state != SV_WORKER_ABSENT)
        end_worker(pool, &pool->parent, NULL);
    for (int i = 0; i < pool->options.n_workers; i++)
        pool->slots[i].n_load_failures = 0;
}

/* ---- the first message ---- */

static savor_status fail_load(const sv_payload *why, savor_error *err)
{
    return sv_fail(err, SAVOR_MODEL, "the model could not be loaded: %.*s", SV_FMT(why->exception.message));
}

static savor_status read_ready(sv_pool *pool, sv_worker_slot *slot, sv_arena *arena, bool *forks, savor_error *err)
{
    sv_wire_header header;
    sv_payload payload;
    sv_str body;
    savor_status st = sv_channel_recv(&slot->channel, sv_channel_now_ms() + 1000, arena, &header, &body, err);
    if (st)
        return st;
    if (header.kind == SV_WIRE_FAILED)
        return (st = sv_wire_answer_read(&header, body, arena, &payload, err)) ? st : fail_load(&payload, err);
    *forks = header.flags & SV_WIRE_PARENT;
    if (header.kind != SV_WIRE_READY || !sv_utf8_check(body.p, body.n) || (*forks && !is_parent(pool, slot)))
        return sv_fail(err, SAVOR_FORMAT, "the worker's first message was not that it is ready");
    if (slot->process.life_fd >= 0 &&
        (st = sv_parent_identify(pool->parent.process.pid, &slot->channel, &slot->process, err)))
        return st;
    if (!pool->facts[0])
        (void)snprintf(pool->facts, sizeof pool->facts, "%.*s", SV_FMT(sv_str_trim(body)));
    return SAVOR_OK;
}

/* What was to be the parent has found that it had better not fork: it is a worker. */
static sv_worker_slot *adopt(sv_pool *pool)
{
    int i = 0;
    while (i < pool->options.n_workers - 1 && pool->slots[i].state != SV_WORKER_ABSENT)
        i++;
    if (pool->slots[i].state != SV_WORKER_ABSENT)
        return NULL;
    pool->slots[i] = pool->parent;
    pool->parent = (sv_worker_slot){.state = SV_WORKER_ABSENT, .process = SV_PROCESS_NONE};
    sv_channel_init(&pool->parent.channel, -1, -1);
    return &pool->slots[i];
}

static void greet(sv_pool *pool, sv_worker_slot *slot)
{
    savor_error err = {.status = SAVOR_OK};
    sv_arena arena;
    bool forks = false;
    sv_arena_init(&arena, READY_BYTES_MAX);
    savor_status st = read_ready(pool, slot, &arena, &forks, &err);
    sv_arena_deinit(&arena);
    if (st) {
        end_worker(pool, slot, st == SAVOR_IO ? NULL : &err);
        return;
    }
    if (is_parent(pool, slot) && !forks) {
        pool->forks = false;
        if (!(slot = adopt(pool))) { /* the first parent's workers are all there */
            end_worker(pool, &pool->parent, NULL);
            return;
        }
    }
    slot->channel.end_fd = slot->process.pid_fd; /* a forked worker's is known only now */
    slot->state = SV_WORKER_IDLE;
    slot->n_load_failures = 0;
    if (is_parent(pool, slot))
        return;
    if (slot->process.life_fd >= 0)
        pool->parent.n_failures = 0;
    pool->n_ready_ever++;
    pthread_cond_broadcast(&pool->changed);
}

/* ---- what a parent says ---- */

static savor_status read_reaped(sv_pool *pool, savor_error *err)
{
    sv_wire_header header;
    sv_arena arena;
    sv_str body;
    uint64_t end[2] = {0, 0}; /* who, and the wait status */
    char how[64];
    sv_arena_init(&arena, READY_BYTES_MAX);
    savor_status st = sv_channel_recv(&pool->parent.channel, sv_channel_now_ms() + 1000, &arena, &header, &body, err);
    if (!st && (header.kind != SV_WIRE_REAPED || body.n != sizeof end || !pool->n_reaps))
        st = sv_fail(err, SAVOR_FORMAT, "the parent of the workers said what it was not asked");
    if (!st) {
        memcpy(end, body.p, sizeof end);
        pool->n_reaps--;
        describe_end((int)end[1], how, sizeof how);
        tell_end(pool, false, (int64_t)end[0], how);
    }
    sv_arena_deinit(&arena);
    return st;
}

static void listen_to_parent(sv_pool *pool)
{
    savor_error err = {.status = SAVOR_OK};
    savor_status st = read_reaped(pool, &err);
    if (st)
        end_worker(pool, &pool->parent, st == SAVOR_IO ? NULL : &err);
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

/* The parent comes last. */
static sv_worker_slot *get_slot(sv_pool *pool, int i)
{
    return i < pool->options.n_workers ? &pool->slots[i] : &pool->parent;
}

static bool may_start(const sv_pool *pool, int i)
{
    if (i == pool->options.n_workers)
        return pool->forks;
    if (pool->forks)
        return pool->parent.state == SV_WORKER_IDLE;
    return pool->n_ready_ever || i == 0; /* one until one has loaded the model: its failure would be theirs */
}

/* With the lock. What its time has come for. */
static void tend(sv_pool *pool, int i, int64_t now)
{
    sv_worker_slot *slot = get_slot(pool, i);
    if (slot->state == SV_WORKER_DOOMED)
        end_worker(pool, slot, NULL);
    if (pool->forks && !is_parent(pool, slot) && slot->n_load_failures >= SV_WORKER_LOADS_MAX)
        stop_forking(pool);
    if (slot->state == SV_WORKER_ABSENT && may_start(pool, i) && slot->start_at_ms <= now)
        start_worker(pool, slot);
    if (slot->state == SV_WORKER_STARTING && slot->give_up_ms <= now) {
        savor_error late;
        (void)sv_fail(&late, SAVOR_TIMEOUT, "the model was not loaded after %d s",
                      pool->options.start_timeout_ms / 1000);
        end_worker(pool, slot, &late);
    }
    if (slot->state == SV_WORKER_IDLE && slot->channel.memory_used_ms + MEMORY_IDLE_MS <= now)
        sv_channel_drop_memory(&slot->channel);
}

static void watch(sv_pool *pool, int i, struct pollfd *mine)
{
    const sv_worker_slot *slot = get_slot(pool, i);
    bool is_idle = slot->state == SV_WORKER_IDLE, is_there = slot->state != SV_WORKER_ABSENT;
    bool is_heard = slot->state == SV_WORKER_STARTING || (is_idle && is_parent(pool, slot));
    mine[0] = (struct pollfd){.fd = is_there ? slot->process.output_fd : -1, .events = POLLIN};
    mine[1] = (struct pollfd){.fd = is_heard ? slot->process.socket_fd : -1, .events = POLLIN};
    mine[2] = (struct pollfd){.fd = is_idle ? slot->process.pid_fd : -1, .events = POLLIN};
}

/* With the lock. How long the keeper may sleep, in ms. */
static int64_t look_at(sv_pool *pool, struct pollfd *fds)
{
    int64_t now = sv_channel_now_ms(), sleep_ms = 60000;
    fds[0] = (struct pollfd){.fd = pool->wake_fd, .events = POLLIN};
    for (int i = pool->options.n_workers; i >= 0; i--) { /* the parent first, which others wait for */
        tend(pool, i, now);
        int64_t next = next_turn_ms(get_slot(pool, i), now, sleep_ms);
        if ((get_slot(pool, i)->state != SV_WORKER_ABSENT || may_start(pool, i)) && next < sleep_ms)
            sleep_ms = next > 0 ? next : 0;
        watch(pool, i, &fds[1 + i * FDS_PER_WORKER]);
    }
    return sleep_ms;
}

static void follow_one(sv_pool *pool, sv_worker_slot *slot, const struct pollfd *mine)
{
    if (slot->state == SV_WORKER_ABSENT)
        return;
    if (mine[0].revents)
        read_output(pool, slot);
    if (mine[1].revents && slot->state == SV_WORKER_STARTING)
        greet(pool, slot);
    else if (mine[1].revents && slot->state == SV_WORKER_IDLE && is_parent(pool, slot))
        listen_to_parent(pool);
    else if (slot->state == SV_WORKER_IDLE && (mine[2].revents || (mine[0].revents & POLLHUP)))
        end_worker(pool, slot, NULL);
}

static void end_all(sv_pool *pool)
{
    for (int i = 0; i < pool->options.n_workers; i++)
        if (pool->slots[i].state != SV_WORKER_ABSENT)
            end_worker(pool, &pool->slots[i], NULL);
    while (pool->n_reaps && !read_reaped(pool, NULL)) /* no zombies are left to others */
        ;
    if (pool->parent.state != SV_WORKER_ABSENT)
        end_worker(pool, &pool->parent, NULL);
}

void *sv_keeper_run(void *argument)
{
    sv_pool *pool = argument;
    int n_slots = pool->options.n_workers + 1;
    size_t n = 1 + (size_t)n_slots * FDS_PER_WORKER;
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
        for (int i = 0; i < n_slots; i++)
            follow_one(pool, get_slot(pool, i), &fds[1 + i * FDS_PER_WORKER]);
    }
    end_all(pool);
    pthread_mutex_unlock(&pool->lock);
    sv_free(fds);
    return NULL;
}
