#define _GNU_SOURCE /* pipe2, prctl, environ */

#include "worker/process.h"

#include "base/alloc.h"
#include "worker/command.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define SOCKET_FD 3 /* in the worker */
#define PATH_BYTES_MAX 4096
#define WORDS_MAX 12 /* of a command line */
#define SETTINGS_MAX 32

/* The kernel's numbers, the same on every architecture; the C library's header may be older. */
enum { CALL_PIDFD_SEND_SIGNAL = 424, CALL_PIDFD_OPEN = 434, CALL_CLOSE_RANGE = 436 };

/* ---- finding the interpreter ---- */

static savor_status copy_path(const char *path, size_t n, char **out, savor_error *err)
{
    char *copy = sv_alloc(n + 1);
    if (!copy)
        return sv_fail_nomem(err, n + 1);
    memcpy(copy, path, n);
    copy[n] = '\0';
    *out = copy;
    return SAVOR_OK;
}

savor_status sv_process_find(const char *command, char **out, savor_error *err)
{
    char path[PATH_BYTES_MAX];
    sv_str left = sv_str_of(getenv("PATH"));
    *out = NULL;
    if (strchr(command, '/')) {
        char *real = realpath(command, path) ? path : NULL;
        if (!real || access(command, X_OK) != 0)
            return sv_fail(err, SAVOR_NOT_FOUND, "the interpreter \"%s\" could not be run: %s", command,
                           strerror(errno));
        /* Not the real path: a virtual environment is known by the name of its link. */
        char *cwd = command[0] == '/' ? NULL : getcwd(path, sizeof path);
        sv_buf text = SV_BUF_INIT(2 * PATH_BYTES_MAX);
        sv_buf_printf(&text, "%s%s%s", cwd ? cwd : "", cwd ? "/" : "", command);
        savor_status st = sv_buf_check(&text, err);
        if (!st)
            st = copy_path(text.p, text.n, out, err);
        sv_buf_deinit(&text);
        return st;
    }
    while (left.n) {
        sv_str folder = {left.p, sv_str_find(left, ':')};
        size_t skip = folder.n < left.n ? folder.n + 1 : folder.n;
        left = (sv_str){left.p + skip, left.n - skip};
        int n = snprintf(path, sizeof path, "%.*s/%s", SV_FMT(folder), command);
        if (folder.n && folder.p[0] == '/' && n > 0 && (size_t)n < sizeof path && access(path, X_OK) == 0)
            return copy_path(path, (size_t)n, out, err);
    }
    return sv_fail(err, SAVOR_NOT_FOUND, "\"%s\" was not found in PATH", command);
}

/* ---- the environment of the worker ---- */

/* Ours, with what MLflow's own server sets for its model, and what the way of starting asks for. */
static savor_status make_environment(const sv_process_options *o, char ***out, sv_buf *room, savor_error *err)
{
    const char *set[SETTINGS_MAX + 1] = {"PYTHONUNBUFFERED=1", "PYTHONDONTWRITEBYTECODE=1",
                                         "_MLFLOW_IS_IN_SERVING_ENVIRONMENT=true"};
    const char *const *more = o->launch ? o->launch->settings : NULL;
    size_t n = 3;
    sv_buf_printf(room, "TMPDIR=%s", o->folder);
    savor_status st = sv_buf_check(room, err);
    if (st)
        return st;
    set[n++] = room->p;
    for (; more && *more; more++) {
        if (n == SETTINGS_MAX)
            return sv_fail(err, SAVOR_LIMIT, "a worker's environment has more than %d settings", SETTINGS_MAX);
        set[n++] = *more;
    }
    *out = sv_command_environment(set);
    return *out ? SAVOR_OK : sv_fail_nomem(err, sizeof **out);
}

/* ---- after fork: only calls that POSIX allows there ---- */

static void close_others(void)
{
    if (syscall(CALL_CLOSE_RANGE, SOCKET_FD + 1, ~0u, 0) == 0)
        return;
    struct rlimit limit;
    rlim_t n = getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : 1024;
    for (rlim_t fd = SOCKET_FD + 1; fd < n && fd < 1 << 20; fd++)
        close((int)fd);
}

static void default_signals(void)
{
    sigset_t none;
    struct sigaction action = {.sa_handler = SIG_DFL};
    sigemptyset(&action.sa_mask);
    sigemptyset(&none);
    for (int i = 1; i < NSIG; i++)
        (void)sigaction(i, &action, NULL);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static void say(const char *text)
{
    ssize_t ignored = write(2, text, strlen(text));
    (void)ignored;
}

static void say_and_exit(const char *text)
{
    say(text);
    _exit(127);
}

/* The descriptors may already lie at 0 to 3: first everything goes above. */
static bool place_descriptors(int socket_fd, int output_fd)
{
    int null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    int s = fcntl(socket_fd, F_DUPFD, 10), o = fcntl(output_fd, F_DUPFD, 10), z = fcntl(null_fd, F_DUPFD, 10);
    return s >= 0 && o >= 0 && z >= 0 && dup2(z, 0) == 0 && dup2(o, 1) == 1 && dup2(o, 2) == 2 &&
           dup2(s, SOCKET_FD) == SOCKET_FD;
}

typedef struct launch {
    const sv_process_options *options;
    const sv_sandbox *sandbox;
    char *const *argv, *const *envp;
    int socket_fd, output_fd;
    pid_t parent;
} launch;

static void become_worker(const launch *l)
{
    struct rlimit no_core = {0, 0};
    default_signals();
    if (!place_descriptors(l->socket_fd, l->output_fd))
        _exit(126);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != l->parent)
        _exit(126);
    (void)setsid();
    (void)setrlimit(RLIMIT_CORE, &no_core);
    if (chdir(l->options->folder) != 0)
        say_and_exit("the private folder is gone\n");
    if (!sv_sandbox_enter(l->sandbox))
        say_and_exit("the sandbox could not be entered\n");
    close_others();
    (void)execve(l->options->interpreter, l->argv, l->envp);
    say(l->options->interpreter);
    say_and_exit(" could not be run\n"); /* strict runs no script, such as one that chooses an interpreter */
}

/* ---- start and end ---- */

static void close_pair(int *fds)
{
    for (int i = 0; i < 2; i++)
        if (fds[i] >= 0)
            close(fds[i]);
}

savor_status sv_process_connect(sv_process *out, int theirs[2], savor_error *err)
{
    int pair[2] = {-1, -1}, output[2] = {-1, -1};
    *out = SV_PROCESS_NONE;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0 || pipe2(output, O_CLOEXEC) != 0) {
        savor_status st = sv_fail(err, SAVOR_IO, "a worker could not be connected: %s", strerror(errno));
        close_pair(pair);
        return st;
    }
    (void)fcntl(pair[0], F_SETFL, O_NONBLOCK);
    (void)fcntl(output[0], F_SETFL, O_NONBLOCK);
    out->socket_fd = pair[0];
    out->output_fd = output[0];
    theirs[0] = pair[1];
    theirs[1] = output[1];
    return SAVOR_OK;
}

int sv_process_watch(pid_t pid) { return (int)syscall(CALL_PIDFD_OPEN, pid, 0); }

static savor_status fork_worker(launch *l, sv_process *out, savor_error *err)
{
    int theirs[2];
    savor_status st = sv_process_connect(out, theirs, err);
    if (st)
        return st;
    l->socket_fd = theirs[0];
    l->output_fd = theirs[1];
    l->parent = getpid();
    out->pid = fork();
    if (out->pid == 0)
        become_worker(l);
    if (out->pid < 0)
        st = sv_fail(err, SAVOR_IO, "a worker process could not be started: %s", strerror(errno));
    else
        out->pid_fd = sv_process_watch(out->pid);
    close_pair(theirs);
    if (st)
        (void)sv_process_end(out);
    return st;
}

/* INTERPRETER PROGRAM 3 MODEL ERA [ROLE], or what the way of starting has for PROGRAM. */
static savor_status make_words(const sv_process_options *o, char **argv, savor_error *err)
{
    const char *const program[] = {o->program, NULL};
    const char *const *before = o->launch ? o->launch->words : program;
    const char *words[WORDS_MAX + 1] = {o->interpreter};
    size_t n = 1;
    while (*before && n < WORDS_MAX - 4)
        words[n++] = *before++;
    if (*before)
        return sv_fail(err, SAVOR_LIMIT, "a worker's command line has more than %d words", WORDS_MAX);
    words[n++] = "3";
    words[n++] = o->model_path;
    words[n++] = o->era;
    words[n] = o->role;
    memcpy(argv, words, sizeof words); /* execve takes them without const */
    return SAVOR_OK;
}

savor_status sv_process_start(const sv_process_options *options, sv_process *out, savor_error *err)
{
    char *argv[WORDS_MAX + 1], **envp = NULL;
    sv_buf room = SV_BUF_INIT(2 * PATH_BYTES_MAX);
    sv_sandbox sandbox = SV_SANDBOX_NONE;
    launch l = {.options = options, .sandbox = &sandbox, .argv = argv};
    savor_status st;
    *out = SV_PROCESS_NONE;
    if ((st = make_words(options, argv, err)))
        return st;
    const sv_launch *way = options->launch;
    const sv_sandbox_paths paths = {options->folder,      options->model_path,        options->program,
                                    options->interpreter, way ? way->readable : NULL, way ? way->runnable : NULL};
    if (!(st = make_environment(options, &envp, &room, err))) {
        sv_sandbox_prepare(options->sandbox, &paths, &sandbox);
        l.envp = envp;
        st = fork_worker(&l, out, err);
    }
    sv_sandbox_close(&sandbox);
    sv_free(envp);
    sv_buf_deinit(&room);
    return st;
}

/* Another's child: its number means it as long as its descriptor takes signals, and its parent has not waited. */
static void kill_forked(const sv_process *process)
{
    bool is_there = process->pid_fd >= 0 && syscall(CALL_PIDFD_SEND_SIGNAL, process->pid_fd, SIGKILL, NULL, 0) == 0;
    if (is_there && process->pid > 1)
        (void)kill(-process->pid, SIGKILL); /* what it started */
}

int sv_process_end(sv_process *process)
{
    int status = 0;
    if (process->life_fd >= 0) {
        kill_forked(process);
    } else if (process->pid > 0) {
        (void)kill(-process->pid, SIGKILL); /* its session, so what it started, too */
        (void)kill(process->pid, SIGKILL);
        while (waitpid(process->pid, &status, 0) < 0 && errno == EINTR)
            ;
    }
    const int fds[] = {process->socket_fd, process->output_fd, process->pid_fd, process->life_fd};
    for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
        if (fds[i] >= 0)
            close(fds[i]);
    *process = SV_PROCESS_NONE;
    return status;
}
