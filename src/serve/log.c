#include "serve/log_priv.h"

#include "base/alloc.h"
#include "base/buf.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>

#define MAX_WAITING_BYTES (1 << 20)
#define PAUSE_MS 5 /* between two batches, so that a busy server wakes this thread 200 times a second at most */
#define CLOSE_WAIT_S 1

struct sv_log {
    savor_log_fn write;
    void *context;
    bool is_json;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t changed; /* monotonic clock */
    sv_buf waiting;         /* lines with their line ends */
    size_t n_dropped;
    bool is_asleep, is_closing, is_done, is_abandoned;
};

static void free_log(sv_log *log)
{
    pthread_cond_destroy(&log->changed);
    pthread_mutex_destroy(&log->mutex);
    sv_buf_deinit(&log->waiting);
    sv_free(log);
}

/* Under the mutex: takes the lines that wait. False when there are none and the log is closing. */
static bool take_lines(sv_log *log, sv_buf *batch, size_t *n_dropped)
{
    while (log->waiting.n == 0 && !log->is_closing) {
        log->is_asleep = true;
        pthread_cond_wait(&log->changed, &log->mutex);
    }
    log->is_asleep = false;
    sv_buf empty = *batch;
    *batch = log->waiting;
    log->waiting = empty;
    *n_dropped = log->n_dropped;
    log->n_dropped = 0;
    return batch->n > 0;
}

static void write_dropped(const sv_log *log, size_t n_dropped)
{
    char line[128];
    const char *form = log->is_json ? "{\"level\":\"warning\",\"event\":\"log_lost\",\"lines\":%zu}"
                                    : "level=warning event=log_lost lines=%zu";
    int n = snprintf(line, sizeof line, form, n_dropped);
    log->write(log->context, line, (size_t)n);
}

static void *write_lines(void *context)
{
    sv_log *log = context;
    sv_buf batch = SV_BUF_INIT(MAX_WAITING_BYTES);
    size_t n_dropped;
    pthread_mutex_lock(&log->mutex);
    while (take_lines(log, &batch, &n_dropped)) {
        bool is_closing = log->is_closing;
        pthread_mutex_unlock(&log->mutex);
        log->write(log->context, batch.p, batch.n - 1);
        if (n_dropped)
            write_dropped(log, n_dropped);
        sv_buf_reset(&batch);
        if (!is_closing)
            nanosleep(&(struct timespec){.tv_nsec = PAUSE_MS * 1000000L}, NULL);
        pthread_mutex_lock(&log->mutex);
    }
    log->is_done = true;
    bool is_abandoned = log->is_abandoned;
    pthread_cond_broadcast(&log->changed);
    pthread_mutex_unlock(&log->mutex);
    sv_buf_deinit(&batch);
    if (is_abandoned)
        free_log(log);
    return NULL;
}

/* The signals of the process are for its own threads. */
static int start_thread(sv_log *log)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&log->thread, NULL, write_lines, log);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed;
}

savor_status sv_log_open(savor_log_fn write, void *context, bool is_json, sv_log **out, savor_error *err)
{
    *out = NULL;
    sv_log *log = sv_alloc_array(1, sizeof *log);
    if (!log)
        return sv_fail_nomem(err, sizeof *log);
    log->write = write;
    log->context = context;
    log->is_json = is_json;
    log->waiting = SV_BUF_INIT(MAX_WAITING_BYTES);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&log->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&log->mutex, NULL);
    if (start_thread(log) != 0) {
        free_log(log);
        return sv_fail(err, SAVOR_IO, "the log's thread could not be started");
    }
    *out = log;
    return SAVOR_OK;
}

void sv_log_put(sv_log *log, const char *line, size_t n_bytes)
{
    if (!log)
        return;
    pthread_mutex_lock(&log->mutex);
    char *place = sv_buf_reserve(&log->waiting, n_bytes + 1);
    if (place) {
        sv_buf_put(&log->waiting, line, n_bytes); /* one reservation, so that a line is never half there */
        sv_buf_put_char(&log->waiting, '\n');
    } else {
        log->waiting.failed = SAVOR_OK; /* the next line may fit again */
        log->n_dropped++;
    }
    bool wakes = log->is_asleep && place;
    if (wakes) {
        log->is_asleep = false;
        pthread_cond_broadcast(&log->changed);
    }
    pthread_mutex_unlock(&log->mutex);
}

void sv_log_close(sv_log *log)
{
    if (!log)
        return;
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += CLOSE_WAIT_S;

    pthread_mutex_lock(&log->mutex);
    log->is_closing = true;
    pthread_cond_broadcast(&log->changed);
    int failed = 0;
    while (!log->is_done && failed != ETIMEDOUT)
        failed = pthread_cond_timedwait(&log->changed, &log->mutex, &until);
    bool is_done = log->is_done;
    log->is_abandoned = !is_done;
    pthread_t thread = log->thread;
    pthread_mutex_unlock(&log->mutex);
    if (is_done) {
        pthread_join(thread, NULL);
        free_log(log);
    } else {
        pthread_detach(thread);
    }
}
