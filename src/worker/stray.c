#define _GNU_SOURCE /* syscall, O_CLOEXEC */

#include "worker/stray.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ROUNDS_MAX 8 /* what is killed may have started another one meanwhile */
#define WANT_BYTES_MAX 4200

enum { CALL_PIDFD_SEND_SIGNAL = 424, CALL_PIDFD_OPEN = 434 };

/* Whether one of the texts, each ended by a NUL, is `want`. */
static bool has_text(int fd, const char *want)
{
    char bytes[4096];
    size_t at = 0, n_want = strlen(want);
    bool is_same = true;
    for (ssize_t n; (n = read(fd, bytes, sizeof bytes)) > 0;)
        for (ssize_t i = 0; i < n; i++) {
            if (bytes[i] == '\0' && is_same && at == n_want)
                return true;
            is_same = bytes[i] == '\0' || (is_same && at < n_want && bytes[i] == want[at]);
            at = bytes[i] == '\0' ? 0 : at + 1;
        }
    return false;
}

/* The process is held before its environment is read: its number may soon be another's. */
static bool kill_if_stray(const char *pid, const char *want)
{
    char path[64];
    int process = (int)syscall(CALL_PIDFD_OPEN, (pid_t)strtol(pid, NULL, 10), 0);
    (void)snprintf(path, sizeof path, "/proc/%.20s/environ", pid);
    int fd = process >= 0 ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    bool is_stray = fd >= 0 && has_text(fd, want);
    if (is_stray)
        (void)syscall(CALL_PIDFD_SEND_SIGNAL, process, SIGKILL, NULL, 0);
    if (fd >= 0)
        close(fd);
    if (process >= 0)
        close(process);
    return is_stray;
}

static size_t kill_all(const char *want)
{
    size_t n = 0;
    DIR *all = opendir("/proc");
    if (!all)
        return 0;
    for (struct dirent *entry; (entry = readdir(all));)
        if (isdigit((unsigned char)entry->d_name[0]) && strtol(entry->d_name, NULL, 10) != getpid())
            n += kill_if_stray(entry->d_name, want);
    closedir(all);
    return n;
}

void sv_stray_kill(const char *folder)
{
    char want[WANT_BYTES_MAX];
    int n = snprintf(want, sizeof want, "TMPDIR=%s", folder);
    for (int i = 0; n > 0 && (size_t)n < sizeof want && i < ROUNDS_MAX && kill_all(want); i++)
        ;
}
