/* log_test.c: lines stay lines whatever is in them, and a log that blocks blocks nobody. */
#include "serve/access_log_priv.h"
#include "serve/log_priv.h"

#include "unit/test.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

static const char STAMP[] = "1994-11-06T08:49:37.123Z";

static void check_line(bool is_json, const char *path, size_t n, const char *wanted)
{
    sv_line line;
    sv_access access = {.stamp = STAMP,
                        .client = "[::1]:2",
                        .method = SV_STR("GET"),
                        .path = {path, n},
                        .http_status = 200,
                        .n_in = 10,
                        .n_out = 20,
                        .duration_us = 30,
                        .error = NULL};
    sv_str text = sv_access_write(&line, is_json, &access);
    assert_int_equal(text.n, strlen(wanted));
    assert_memory_equal(text.p, wanted, text.n);
}

static void test_lines(void **state)
{
    (void)state;
    check_line(false, "/ping", 5,
               "time=1994-11-06T08:49:37.123Z level=info event=request client=[::1]:2 method=GET "
               "path=/ping status=200 in=10 out=20 us=30");
    check_line(true, "/ping", 5,
               "{\"time\":\"1994-11-06T08:49:37.123Z\",\"level\":\"info\",\"event\":\"request\","
               "\"client\":\"[::1]:2\",\"method\":\"GET\",\"path\":\"/ping\",\"status\":200,"
               "\"in\":10,\"out\":20,\"us\":30}");
    check_line(false, "a b=\"\\\n\r\x1b\0\xff", 10,
               "time=1994-11-06T08:49:37.123Z level=info event=request client=[::1]:2 method=GET "
               "path=\"a b=\\\"\\\\\\x0a\\x0d\\x1b\\x00\" status=200 in=10 out=20 us=30");
    check_line(true, "\n\x1b\xff", 3,
               "{\"time\":\"1994-11-06T08:49:37.123Z\",\"level\":\"info\","
               "\"event\":\"request\",\"client\":\"[::1]:2\",\"method\":\"GET\","
               "\"path\":\"\\u000a\\u001b\\u00ff\",\"status\":200,\"in\":10,\"out\":20,"
               "\"us\":30}");
}

static void test_every_byte(void **state)
{
    (void)state;
    char all[256];
    for (int i = 0; i < 256; i++)
        all[i] = (char)i;
    for (int is_json = 0; is_json < 2; is_json++) {
        sv_line line;
        sv_line_begin(&line, is_json, STAMP, "info", "request");
        for (int i = 0; i < 32; i++)
            sv_line_put(&line, "key", (sv_str){all + i % 16 * 16, 16});
        sv_str text = sv_line_end(&line);
        assert_true(text.n <= SV_LINE_BYTES);
        assert_true(line.is_cut);
        for (size_t i = 0; i < text.n; i++)
            assert_true(text.p[i] >= ' ' && text.p[i] < 0x7f);
        if (is_json)
            assert_true(sv_str_ends(text, SV_STR(",\"cut\":true}")));
    }
}

static void test_long_value(void **state)
{
    (void)state;
    char path[1000];
    sv_line line;
    memset(path, 'a', sizeof path);
    sv_line_begin(&line, false, STAMP, "info", "request");
    sv_line_put(&line, "path", (sv_str){path, sizeof path});
    sv_str text = sv_line_end(&line);
    assert_true(sv_str_ends(text, SV_STR("aaa...\"")));
}

typedef struct sink {
    pthread_mutex_t gate;
    atomic_size_t n_lines;
    atomic_int n_told; /* calls that spoke of lost lines */
} sink;

static void take_text(void *context, const char *text, size_t n)
{
    sink *s = context;
    pthread_mutex_lock(&s->gate);
    size_t n_lines = 1;
    for (size_t i = 0; i < n; i++)
        n_lines += text[i] == '\n';
    sv_str lost = SV_STR("level=warning event=log_lost");
    if (sv_str_starts((sv_str){text, n}, lost))
        atomic_fetch_add(&s->n_told, 1);
    else
        atomic_fetch_add(&s->n_lines, n_lines);
    pthread_mutex_unlock(&s->gate);
}

static void test_order(void **state)
{
    (void)state;
    sink s = {.gate = PTHREAD_MUTEX_INITIALIZER};
    sv_log *log;
    assert_int_equal(sv_log_open(take_text, &s, false, &log, NULL), SAVOR_OK);
    for (int i = 0; i < 1000; i++)
        sv_log_put(log, "line", 4);
    sv_log_close(log);
    assert_int_equal(atomic_load(&s.n_lines), 1000);
    sv_log_put(NULL, "x", 1);
    sv_log_close(NULL);
}

/* Four MiB of lines against a writer that stands still: nobody waits, some are lost, and it is told. */
static void test_blocked(void **state)
{
    (void)state;
    static sink s = {.gate = PTHREAD_MUTEX_INITIALIZER};
    sv_log *log;
    char line[1024];
    memset(line, 'x', sizeof line);
    assert_int_equal(sv_log_open(take_text, &s, false, &log, NULL), SAVOR_OK);
    pthread_mutex_lock(&s.gate);
    for (int i = 0; i < 4096; i++)
        sv_log_put(log, line, sizeof line);
    pthread_mutex_unlock(&s.gate);
    sv_log_close(log);
    assert_true(atomic_load(&s.n_lines) < 4096);
    assert_true(atomic_load(&s.n_told) > 0);
}

/* A writer that never comes back does not keep the server from ending. */
static void test_abandoned(void **state)
{
    (void)state;
    static sink s = {.gate = PTHREAD_MUTEX_INITIALIZER};
    sv_log *log;
    assert_int_equal(sv_log_open(take_text, &s, false, &log, NULL), SAVOR_OK);
    pthread_mutex_lock(&s.gate);
    sv_log_put(log, "x", 1);
    sv_log_close(log);
    assert_int_equal(atomic_load(&s.n_lines), 0);
    pthread_mutex_unlock(&s.gate);
    nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL); /* the thread frees the log */
    assert_int_equal(atomic_load(&s.n_lines), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines), cmocka_unit_test(test_every_byte), cmocka_unit_test(test_long_value),
        cmocka_unit_test(test_order), cmocka_unit_test(test_blocked),    cmocka_unit_test(test_abandoned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
