/* pool_test.c: a pool of workers in one process: start, calls from threads, what does not start. Deaths, hangs and
 * queues are tested through the server: tests/worker/worker_test.py. */
#include "worker/pool.h"

#include "unit/test.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static sv_pool_options make_options(void)
{
    return (sv_pool_options){.process = {.interpreter = PYTHON,
                                         .program = PYTHON_PART "/savor/worker/__main__.py",
                                         .model_path = TEST_DATA "/worker/plain",
                                         .era = "3"},
                             .n_workers = 2,
                             .start_timeout_ms = 60000};
}

/* One row with one number; the model adds 1000. */
static void ask(sv_pool *pool, double number, const char *want)
{
    sv_column column = {.name = {.text = {"a", 1}}, .dtype = SAVOR_FLOAT64, .data = &number};
    sv_payload in = {.kind = SV_PAYLOAD_FRAME, .frame = {.n_rows = 1, .n_columns = 1, .columns = &column}}, out;
    sv_wire_body request = SV_WIRE_BODY_INIT(10000);
    savor_error err = {.message = ""};
    sv_arena arena;
    sv_arena_init(&arena, 1 << 20);
    sv_wire_request_write(&in, NULL, &request);
    savor_status st = sv_pool_call(pool, &request, &arena, &out, &err);
    if (st || out.kind != SV_PAYLOAD_JSON || !sv_str_is(out.json, want))
        fail_msg("%s: %d %s", want, st, err.message);
    sv_wire_body_deinit(&request);
    sv_arena_deinit(&arena);
}

static void *ask_often(void *pool)
{
    for (int i = 0; i < 50; i++)
        ask(pool, 2.5, "[1002.5]");
    return NULL;
}

static void test_calls(void **state)
{
    (void)state;
    sv_pool_options options = make_options();
    sv_pool *pool;
    savor_error err;
    pthread_t threads[4];
    if (sv_pool_new(&options, &pool, &err))
        fail_msg("%s", err.message);
    assert_true(sv_pool_is_ready(pool));
    assert_true(strncmp(sv_pool_get_facts(pool), "Python 3.", 9) == 0);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, ask_often, pool), 0);
    for (size_t i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    sv_pool_free(pool);
}

/* Another command line, and an environment of its own. */
static void test_launch(void **state)
{
    (void)state;
    static const char *const WORDS[] = {"-c", "test \"$SAVOR_TEST\" = 'a b' && exec " PYTHON " \"$@\"", "sh",
                                        PYTHON_PART "/savor/worker/__main__.py", NULL};
    static const char *const SETTINGS[] = {"SAVOR_TEST=a b", NULL};
    const sv_launch launch = {.words = WORDS, .settings = SETTINGS};
    sv_pool_options options = make_options();
    options.process.interpreter = "/bin/sh";
    options.process.launch = &launch;
    sv_pool *pool;
    savor_error err;
    setenv("SAVOR_TEST", "another", 1);
    if (sv_pool_new(&options, &pool, &err))
        fail_msg("%s", err.message);
    unsetenv("SAVOR_TEST");
    ask(pool, 2.5, "[1002.5]");
    sv_pool_free(pool);
}

static void expect_failure(const sv_pool_options *options, savor_status want, const char *why)
{
    sv_pool *pool = NULL;
    savor_error err = {.message = ""};
    savor_status st = sv_pool_new(options, &pool, &err);
    if (st != want || pool || !strstr(err.message, why))
        fail_msg("%s: %d %s", why, st, err.message);
}

static void test_failures(void **state)
{
    (void)state;
    sv_pool_options options = make_options();
    options.process.model_path = "/nowhere/at/all";
    expect_failure(&options, SAVOR_MODEL, "could not be loaded");
    options = make_options();
    options.process.program = "/nowhere/at/all.py";
    expect_failure(&options, SAVOR_MODEL, "exit status 2");
    options = make_options();
    options.process.interpreter = "/nowhere/python";
    expect_failure(&options, SAVOR_NOT_FOUND, "/nowhere/python");
    options.process.interpreter = "no-such-python-anywhere";
    expect_failure(&options, SAVOR_NOT_FOUND, "PATH");
    options.process.interpreter = "true"; /* ends at once */
    expect_failure(&options, SAVOR_MODEL, "exit status 0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_calls), cmocka_unit_test(test_launch),
                                       cmocka_unit_test(test_failures)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
