#define _GNU_SOURCE /* pipe2, posix_spawn_file_actions_addchdir_np, environ */

#include "worker/command.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

#define ASK_MS 100
#define LOCK_FD 3 /* in the program */

/* ---- what it prints ---- */

/* Keeps the last bytes; NULs become blanks so that the tail is a text. */
static void keep_tail(sv_command_result *r, const char *bytes, size_t n)
{
    size_t max = sizeof r->tail - 1;
    if (n > max) {
        bytes += n - max;
        n = max;
    }
    if (r->n_tail + n > max) {
        size_t drop = r->n_tail + n - max;
        memmove(r->tail, r->tail + drop, r->n_tail - drop);
        r->n_tail -= drop;
    }
    for (size_t i = 0; i < n; i++)
        r->tail[r->n_tail++] = bytes[i] ? bytes[i] : ' ';
    r->tail[r->n_tail] = '\0';
}

sv_str sv_command_last_line(const sv_command_result *result)
{
    sv_str text = sv_str_trim((sv_str){result->tail, result->n_tail});
    for (size_t i = text.n; i > 0; i--)
        if (text.p[i - 1] == '\n')
            return sv_str_trim((sv_str){text.p + i, text.n - i});
    return text;
}

/* ---- starting ---- */

char **sv_command_environment(const char *const *set)
{
    size_t n = 0, n_set = 0, at = 0;
    while (environ[n])
        n++;
    while (set && set[n_set])
        n_set++;
    char **all = sv_alloc_array(n + n_set + 1, sizeof *all);
    for (size_t i = 0; all && i < n; i++) {
        bool is_replaced = false;
        for (size_t k = 0; k < n_set; k++) {
            size_t name = sv_str_find(sv_str_of(set[k]), '=') + 1;
            is_replaced |= strncmp(environ[i], set[k], name) == 0;
        }
        if (!is_replaced)
            all[at++] = environ[i];
    }
    for (size_t k = 0; all && k < n_set; k++)
        memcpy(&all[at++], &set[k], sizeof set[k]); /* execve takes them without const */
    return all;
}

static int set_actions(posix_spawn_file_actions_t *a, const sv_command_options *o, int output_fd)
{
    int code = posix_spawn_file_actions_addopen(a, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (!code)
        code = posix_spawn_file_actions_adddup2(a, output_fd, STDOUT_FILENO);
    if (!code)
        code = posix_spawn_file_actions_adddup2(a, output_fd, STDERR_FILENO);
    if (!code && o->lock_fd >= 0)
        code = posix_spawn_file_actions_adddup2(a, o->lock_fd, LOCK_FD);
    if (!code && o->folder)
        code = posix_spawn_file_actions_addchdir_np(a, o->folder);
    return code;
}

/* Signals as a program expects them: the caller may have blocked or ignored some. */
static int set_attributes(posix_spawnattr_t *a)
{
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    int code = posix_spawnattr_setsigmask(a, &none);
    if (!code)
        code = posix_spawnattr_setsigdefault(a, &all);
    if (!code)
        code = posix_spawnattr_setflags(a, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
    return code;
}

static int spawn(const char *const *argv, const sv_command_options *o, int output_fd, char **envp, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    char *const *words;
    memcpy(&words, &argv, sizeof words); /* posix_spawn takes them without const */
    int code = posix_spawn_file_actions_init(&actions);
    if (code)
        return code;
    if (!(code = posix_spawnattr_init(&attributes))) {
        if (!(code = set_actions(&actions, o, output_fd)) && !(code = set_attributes(&attributes)))
            code = posix_spawn(pid, argv[0], &actions, &attributes, words, envp);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    return code;
}

/* ---- waiting ---- */

static int64_t now_ms(void) { return sv_clock_monotonic_us() / 1000; }

/* Whether the program has ended; its code in `*code`. */
static bool has_ended(pid_t pid, int flags, int *code)
{
    int status = 0;
    pid_t got;
    while ((got = waitpid(pid, &status, flags)) < 0 && errno == EINTR)
        ;
    if (got == 0)
        return false;
    *code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return true;
}

/* What is there now; false at the end of the stream. */
static bool read_some(int fd, sv_command_result *out)
{
    char piece[4096];
    ssize_t n;
    while ((n = read(fd, piece, sizeof piece)) > 0)
        keep_tail(out, piece, (size_t)n);
    return n < 0 && (errno == EAGAIN || errno == EINTR);
}

/* Something it left behind may hold the stream open: its own end counts. */
static savor_status wait_for(pid_t pid, int fd, const sv_command_options *o, sv_command_result *out, savor_error *err)
{
    int64_t end_ms = o->timeout_ms ? now_ms() + o->timeout_ms : INT64_MAX;
    savor_status st = SAVOR_OK;
    bool is_open = true;
    while (!has_ended(pid, WNOHANG, &out->code)) {
        struct pollfd poll_fd = {.fd = is_open ? fd : -1, .events = POLLIN};
        (void)poll(&poll_fd, 1, is_open ? ASK_MS : ASK_MS / 10);
        is_open = is_open && read_some(fd, out);
        if (o->is_stopped && o->is_stopped(o->stop_context))
            st = sv_fail(err, SAVOR_IO, "it was stopped");
        else if (now_ms() > end_ms)
            st = sv_fail(err, SAVOR_TIMEOUT, "it took longer than %d ms", o->timeout_ms);
        if (!st)
            continue;
        (void)kill(-pid, SIGKILL);
        (void)kill(pid, SIGKILL);
        (void)has_ended(pid, 0, &out->code);
        return st;
    }
    (void)kill(-pid, SIGKILL); /* what it left behind in its session */
    if (is_open)
        (void)read_some(fd, out);
    return st;
}

savor_status sv_command_run(const char *const *argv, const sv_command_options *options, sv_command_result *out,
                            savor_error *err)
{
    int fds[2];
    pid_t pid = 0;
    out->code = 0;
    out->n_tail = 0;
    out->tail[0] = '\0';
    char **envp = sv_command_environment(options->set);
    if (!envp)
        return sv_fail_nomem(err, sizeof *envp);
    if (pipe2(fds, O_CLOEXEC) != 0) {
        sv_free(envp);
        return sv_fail(err, SAVOR_IO, "a pipe could not be made: %s", strerror(errno));
    }
    (void)fcntl(fds[0], F_SETFL, O_NONBLOCK);
    int code = spawn(argv, options, fds[1], envp, &pid);
    close(fds[1]);
    savor_status st = code ? sv_fail(err, SAVOR_IO, "\"%s\" could not be started: %s", argv[0], strerror(code))
                           : wait_for(pid, fds[0], options, out, err);
    close(fds[0]);
    sv_free(envp);
    return st;
}
