/* command_test.c: programs that end, fail, talk much, hang or leave something behind. */
#include "worker/command.h"

#include "unit/test.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static sv_command_options options(void) { return (sv_command_options){.lock_fd = -1}; }

static savor_status run_shell(const char *script, const sv_command_options *o, sv_command_result *out,
                              savor_error *err)
{
    const char *const argv[] = {"/bin/sh", "-c", script, NULL};
    return sv_command_run(argv, o, out, err);
}

static void test_code_and_words(void **state)
{
    (void)state;
    sv_command_options o = options();
    sv_command_result got;
    assert_int_equal(run_shell("echo one; echo two >&2; echo; exit 7", &o, &got, NULL), SAVOR_OK);
    assert_int_equal(got.code, 7);
    assert_string_equal(got.tail, "one\ntwo\n\n");
    assert_true(sv_str_is(sv_command_last_line(&got), "two"));
    assert_int_equal(run_shell("kill -9 $$", &o, &got, NULL), SAVOR_OK);
    assert_int_equal(got.code, 128 + SIGKILL);
    assert_true(sv_str_is(sv_command_last_line(&got), ""));
    assert_int_equal(run_shell("printf 'a\\0b'", &o, &got, NULL), SAVOR_OK);
    assert_string_equal(got.tail, "a b");
}

/* Only the end is kept, however much there is. */
static void test_tail(void **state)
{
    (void)state;
    sv_command_options o = options();
    sv_command_result got;
    assert_int_equal(run_shell("i=0; while [ $i -lt 3000 ]; do i=$((i+1)); echo line $i; done", &o, &got, NULL),
                     SAVOR_OK);
    assert_int_equal(got.n_tail, SV_COMMAND_TAIL_BYTES - 1);
    assert_true(sv_str_is(sv_command_last_line(&got), "line 3000"));
}

static void test_surroundings(void **state)
{
    (void)state;
    static const char *const SET[] = {"SAVOR_COMMAND_TEST=new", "SAVOR_COMMAND_MORE=2", NULL};
    sv_command_options o = options();
    sv_command_result got;
    setenv("SAVOR_COMMAND_TEST", "old", 1);
    o.folder = "/";
    o.set = SET;
    assert_int_equal(run_shell("pwd; echo $SAVOR_COMMAND_TEST $SAVOR_COMMAND_MORE; cat; trap", &o, &got, NULL),
                     SAVOR_OK);
    assert_string_equal(got.tail, "/\nnew 2\n");
}

/* The lock is the program's own descriptor 3; nothing else of ours is there. */
static void test_lock(void **state)
{
    (void)state;
    sv_command_options o = options();
    sv_command_result got;
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    (void)fcntl(fds[0], F_SETFD, FD_CLOEXEC);
    (void)fcntl(fds[1], F_SETFD, FD_CLOEXEC);
    o.lock_fd = fds[1];
    assert_int_equal(run_shell("printf held >&3", &o, &got, NULL), SAVOR_OK);
    assert_int_equal(got.code, 0);
    char text[8] = "";
    assert_int_equal(read(fds[0], text, sizeof text), 4);
    assert_memory_equal(text, "held", 4);
    close(fds[0]);
    close(fds[1]);
}

static int stop_at_third(void *count) { return ++*(int *)count >= 3; }

static void test_ends(void **state)
{
    (void)state;
    sv_command_options o = options();
    sv_command_result got;
    savor_error err = {.message = ""};
    int count = 0;
    o.timeout_ms = 200;
    assert_int_equal(run_shell("sleep 1000", &o, &got, &err), SAVOR_TIMEOUT);
    o.timeout_ms = 0;
    o.is_stopped = stop_at_third;
    o.stop_context = &count;
    assert_int_equal(run_shell("sleep 1000", &o, &got, &err), SAVOR_IO);
    assert_string_equal(err.message, "it was stopped");
}

/* What it leaves behind holds its output open: its own end counts. */
static void test_left_behind(void **state)
{
    (void)state;
    sv_command_options o = options();
    sv_command_result got;
    assert_int_equal(run_shell("sleep 1000 & echo done", &o, &got, NULL), SAVOR_OK);
    assert_int_equal(got.code, 0);
    assert_string_equal(got.tail, "done\n");
}

static void test_no_program(void **state)
{
    (void)state;
    static const char *const ARGV[] = {"/nowhere/at/all", NULL};
    sv_command_options o = options();
    sv_command_result got;
    savor_error err = {.message = ""};
    assert_int_equal(sv_command_run(ARGV, &o, &got, &err), SAVOR_IO);
    assert_non_null(strstr(err.message, "/nowhere/at/all"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_code_and_words), cmocka_unit_test(test_tail),
                                       cmocka_unit_test(test_surroundings),   cmocka_unit_test(test_lock),
                                       cmocka_unit_test(test_ends),           cmocka_unit_test(test_left_behind),
                                       cmocka_unit_test(test_no_program)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
