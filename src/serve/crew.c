#include "serve/crew_priv.h"

#include "base/alloc.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

struct sv_returns {
    pthread_mutex_t lock;
    sv_job *first;
    int fd;
};

struct sv_crew {
    sv_crew_options options;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    sv_job *first, **last; /* waiting, oldest first */
    sv_job *spare;
    int n_jobs;
    bool is_ending;
    pthread_t *threads;
    int n_threads;
};

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- the way back ---- */

sv_returns *sv_returns_new(int *fd)
{
    sv_returns *r = sv_alloc_array(1, sizeof *r);
    *fd = -1;
    if (!r)
        return NULL;
    pthread_mutex_init(&r->lock, NULL);
    *fd = r->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (r->fd >= 0)
        return r;
    sv_returns_free(r);
    return NULL;
}

void sv_returns_free(sv_returns *returns)
{
    if (!returns)
        return;
    if (returns->fd >= 0)
        close(returns->fd);
    pthread_mutex_destroy(&returns->lock);
    sv_free(returns);
}

sv_job *sv_returns_take(sv_returns *returns)
{
    uint64_t count;
    ssize_t ignored = read(returns->fd, &count, sizeof count);
    (void)ignored;
    pthread_mutex_lock(&returns->lock);
    sv_job *first = returns->first;
    returns->first = NULL;
    pthread_mutex_unlock(&returns->lock);
    return first;
}

static void give_back(sv_job *job)
{
    sv_returns *r = job->returns;
    uint64_t one = 1;
    pthread_mutex_lock(&r->lock);
    job->next = r->first;
    r->first = job;
    pthread_mutex_unlock(&r->lock);
    ssize_t ignored = write(r->fd, &one, sizeof one);
    (void)ignored;
}

/* ---- threads ---- */

static void answer_job(sv_job *job)
{
    if (now_ms() >= job->until_ms)
        job->answer = (sv_answer){.http_status = 504,
                                  .content_type = SV_STR("application/json"), /* as upstream labels it */
                                  .body = SV_STR("Request processing time exceeded limit"),
                                  .status = SAVOR_TIMEOUT,
                                  .message = "no thread was free in time"};
    else
        job->route->answer(&job->site, &job->call, &job->answer);
}

static void *run_thread(void *argument)
{
    sv_crew *crew = argument;
    pthread_mutex_lock(&crew->lock);
    for (;;) {
        while (!crew->first && !crew->is_ending)
            pthread_cond_wait(&crew->changed, &crew->lock);
        sv_job *job = crew->first;
        if (!job)
            break; /* ending, and nothing is left to do */
        crew->first = job->next;
        if (!crew->first)
            crew->last = &crew->first;
        pthread_mutex_unlock(&crew->lock);
        answer_job(job);
        give_back(job);
        pthread_mutex_lock(&crew->lock);
    }
    pthread_mutex_unlock(&crew->lock);
    return NULL;
}

/* Signals are left to the caller's threads. */
static void start_threads(sv_crew *crew, int n_threads)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (int i = 0; i < n_threads; i++, crew->n_threads++)
        if (pthread_create(&crew->threads[i], NULL, run_thread, crew) != 0)
            break;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

savor_status sv_crew_new(const sv_crew_options *options, sv_crew **out, savor_error *err)
{
    int n_threads = options->n_threads;
    *out = NULL;
    sv_crew *crew = sv_alloc_array(1, sizeof *crew);
    if (!crew)
        return sv_fail_nomem(err, sizeof *crew);
    crew->options = *options;
    crew->last = &crew->first;
    pthread_mutex_init(&crew->lock, NULL);
    pthread_cond_init(&crew->changed, NULL);
    crew->threads = sv_alloc_array((size_t)n_threads, sizeof *crew->threads);
    start_threads(crew, crew->threads ? n_threads : 0);
    if (crew->threads && crew->n_threads == n_threads) {
        *out = crew;
        return SAVOR_OK;
    }
    savor_status st =
        crew->threads ? sv_fail(err, SAVOR_IO, "thread %d of %d could not be started", crew->n_threads + 1, n_threads)
                      : sv_fail_nomem(err, (size_t)n_threads * sizeof *crew->threads);
    sv_crew_free(crew);
    return st;
}

void sv_crew_stop(sv_crew *crew)
{
    if (!crew)
        return;
    pthread_mutex_lock(&crew->lock);
    crew->is_ending = true;
    pthread_cond_broadcast(&crew->changed);
    pthread_mutex_unlock(&crew->lock);
    for (int i = 0; i < crew->n_threads; i++)
        pthread_join(crew->threads[i], NULL);
    crew->n_threads = 0;
}

void sv_crew_free(sv_crew *crew)
{
    if (!crew)
        return;
    sv_crew_stop(crew);
    for (sv_job *job = crew->spare, *next; job; job = next) {
        next = job->next;
        savor_scorer_free(job->site.scorer);
        sv_free(job);
    }
    pthread_cond_destroy(&crew->changed);
    pthread_mutex_destroy(&crew->lock);
    sv_free(crew->threads);
    sv_free(crew);
}

/* ---- jobs ---- */

static sv_job *new_job(const sv_crew *crew)
{
    sv_job *job = sv_alloc_array(1, sizeof *job);
    if (!job)
        return NULL;
    job->site = crew->options.site;
    if (savor_scorer_new(crew->options.model, &crew->options.score, &job->site.scorer, NULL) == SAVOR_OK)
        return job;
    sv_free(job);
    return NULL;
}

sv_job *sv_crew_find_job(sv_crew *crew)
{
    pthread_mutex_lock(&crew->lock);
    sv_job *job = crew->spare;
    if (job) {
        crew->spare = job->next;
    } else if (crew->n_jobs < crew->options.n_jobs_max && (job = new_job(crew))) {
        crew->n_jobs++;
    }
    pthread_mutex_unlock(&crew->lock);
    return job;
}

void sv_crew_send(sv_crew *crew, sv_job *job, sv_returns *returns)
{
    job->returns = returns;
    job->next = NULL;
    job->until_ms = now_ms() + crew->options.timeout_ms;
    pthread_mutex_lock(&crew->lock);
    *crew->last = job;
    crew->last = &job->next;
    pthread_cond_signal(&crew->changed);
    pthread_mutex_unlock(&crew->lock);
}

void sv_crew_release(sv_crew *crew, sv_job *job)
{
    pthread_mutex_lock(&crew->lock);
    job->next = crew->spare;
    crew->spare = job;
    pthread_mutex_unlock(&crew->lock);
}
