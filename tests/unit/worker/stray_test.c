/* stray_test.c: a process that left its session is found by the folder in its environment; no other one is. */
#define _GNU_SOURCE

#include "worker/stray.h"

#include "unit/test.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* A process in a session of its own that sleeps with this environment; it does when this returns. */
static pid_t start(char *const *environment)
{
    int pair[2];
    char byte;
    assert_int_equal(pipe2(pair, O_CLOEXEC), 0);
    pid_t pid = fork();
    if (pid == 0) {
        (void)setsid();
        (void)execle("/bin/sleep", "sleep", "1000", NULL, environment);
        _exit(127);
    }
    assert_true(pid > 0);
    close(pair[1]);
    assert_int_equal(read(pair[0], &byte, 1), 0); /* closed by exec */
    close(pair[0]);
    return pid;
}

static void test_kill(void **state)
{
    (void)state;
    char mine[100], longer[120], before[] = "A=TMPDIR=/x", folder[80], padding[9000];
    (void)snprintf(folder, sizeof folder, "/tmp/savor-stray-test-%ld", (long)getpid());
    (void)snprintf(mine, sizeof mine, "TMPDIR=%s", folder);
    (void)snprintf(longer, sizeof longer, "%s2", mine);
    memset(padding, 'P', sizeof padding - 1);
    padding[sizeof padding - 1] = '\0'; /* so that ours begins in another piece of what is read */
    char *const stray[] = {before, padding, mine, NULL}, *const other[] = {longer, NULL};
    pid_t killed = start(stray), left = start(other);
    int status;
    sv_stray_kill(folder);
    assert_int_equal(waitpid(killed, &status, 0), killed);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    assert_int_equal(waitpid(left, &status, WNOHANG), 0);
    assert_int_equal(kill(left, SIGKILL), 0);
    assert_int_equal(waitpid(left, &status, 0), left);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_kill)};
    if (access("/proc/self/environ", R_OK) != 0) {
        printf("skipped: /proc is not there, and processes are found by it\n");
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
