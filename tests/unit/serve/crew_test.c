/* crew_test.c: jobs go out, answers come back to the loop that sent them, and no more are away than allowed. */
#include "serve/crew_priv.h"

#include "base/alloc.h"
#include "unit/test.h"

#include <poll.h>
#include <unistd.h>

struct savor_scorer {
    int unused;
};

savor_status savor_scorer_new(const savor_model *model, const savor_score_options *options, savor_scorer **out,
                              savor_error *err)
{
    (void)model;
    (void)options;
    (void)err;
    *out = sv_alloc_array(1, sizeof **out);
    return *out ? SAVOR_OK : SAVOR_NOMEM;
}

void savor_scorer_free(savor_scorer *scorer) { sv_free(scorer); }

static void answer_length(const sv_site *site, const sv_call *call, sv_answer *out)
{
    (void)site;
    *out = (sv_answer){.http_status = 200 + (int)call->body.n};
}

static const sv_route ROUTE = {{"/x", 2}, true, answer_length};

static sv_crew *make_crew(int n_threads, int n_jobs_max, int timeout_ms)
{
    sv_crew_options options = {.n_threads = n_threads, .n_jobs_max = n_jobs_max, .timeout_ms = timeout_ms};
    sv_crew *crew = NULL;
    savor_error err;
    assert_int_equal(sv_crew_new(&options, &crew, &err), SAVOR_OK);
    return crew;
}

/* Everything that comes back until `n` have; their statuses are added up. */
static int collect(sv_crew *crew, sv_returns *returns, int fd, int n)
{
    int sum = 0;
    while (n > 0) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        assert_int_equal(poll(&p, 1, 10000), 1);
        for (sv_job *job = sv_returns_take(returns), *next; job; job = next, n--) {
            next = job->next;
            sum += job->answer.http_status;
            sv_crew_release(crew, job);
        }
    }
    return sum;
}

static void test_round(void **state)
{
    (void)state;
    int fds[2];
    sv_returns *returns[2] = {sv_returns_new(&fds[0]), sv_returns_new(&fds[1])};
    sv_crew *crew = make_crew(3, 20, 60000);
    for (int round = 0; round < 50; round++) {
        for (int i = 0; i < 20; i++) {
            sv_job *job = sv_crew_find_job(crew);
            assert_non_null(job);
            job->route = &ROUTE;
            job->call = (sv_call){.body = {"0123456789", (size_t)(i % 2)}};
            sv_crew_send(crew, job, returns[i % 2]);
        }
        assert_null(sv_crew_find_job(crew));
        assert_int_equal(collect(crew, returns[0], fds[0], 10), 2000);
        assert_int_equal(collect(crew, returns[1], fds[1], 10), 2010);
    }
    sv_crew_free(crew);
    sv_returns_free(returns[0]);
    sv_returns_free(returns[1]);
}

static void test_too_late(void **state)
{
    (void)state;
    int fd;
    sv_returns *returns = sv_returns_new(&fd);
    sv_crew *crew = make_crew(1, 1, 0);
    sv_job *job = sv_crew_find_job(crew);
    assert_non_null(job);
    job->route = &ROUTE;
    sv_crew_send(crew, job, returns);
    assert_int_equal(collect(crew, returns, fd, 1), 504);
    sv_crew_free(crew);
    sv_returns_free(returns);
}

static void test_memory(void **state)
{
    (void)state;
    sv_crew_options options = {.n_threads = 2, .n_jobs_max = 1};
    sv_crew *crew = NULL;
    for (long n = 0; n < 2; n++) {
        sv_alloc_fail_after(n);
        assert_int_equal(sv_crew_new(&options, &crew, NULL), SAVOR_NOMEM);
        assert_null(crew);
    }
    sv_alloc_fail_after(-1);
    crew = make_crew(1, 2, 1000);
    for (long n = 0; n < 2; n++) { /* the job, its scorer */
        sv_alloc_fail_after(n);
        assert_null(sv_crew_find_job(crew));
    }
    sv_alloc_fail_after(-1);
    sv_job *job = sv_crew_find_job(crew);
    assert_non_null(job);
    sv_crew_release(crew, job);
    sv_crew_stop(crew);
    sv_crew_free(crew);
    sv_crew_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_round), cmocka_unit_test(test_too_late),
                                       cmocka_unit_test(test_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
