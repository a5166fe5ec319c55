#define _GNU_SOURCE /* pipe2, SO_PASSCRED */

#include "worker/parent.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define SEND_MS 1000 /* a parent does nothing but read */

savor_status sv_parent_fork(sv_channel *parent, uint64_t id, sv_process *out, savor_error *err)
{
    int theirs[3] = {-1, -1, -1}, life[2], on = 1;
    savor_status st = sv_process_connect(out, theirs, err);
    if (st)
        return st;
    if (pipe2(life, O_CLOEXEC) != 0) {
        st = sv_fail(err, SAVOR_IO, "a worker could not be connected: %s", strerror(errno));
    } else {
        theirs[2] = life[0];
        out->life_fd = life[1];
        out->fork_id = id;
        (void)setsockopt(out->socket_fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on);
        st = sv_channel_send_fork(parent, id, theirs, sv_channel_now_ms() + SEND_MS, err);
    }
    for (size_t i = 0; i < 3; i++)
        if (theirs[i] >= 0)
            close(theirs[i]);
    if (st)
        (void)sv_process_end(out);
    return st;
}

/* The fourth field of /proc/PID/stat, behind a name in brackets that may hold anything. */
static pid_t find_parent_of(pid_t pid)
{
    char path[40], text[512];
    (void)snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, text, sizeof text - 1) : -1;
    if (fd >= 0)
        close(fd);
    if (n <= 0)
        return 0;
    text[n] = '\0';
    const char *end = strrchr(text, ')'); /* ") S 123 " */
    return end && strlen(end) > 4 ? (pid_t)strtol(end + 4, NULL, 10) : 0;
}

savor_status sv_parent_identify(pid_t parent, const sv_channel *channel, sv_process *process, savor_error *err)
{
    int off = 0;
    pid_t pid = channel->sender;
    process->pid_fd = pid > 1 ? sv_process_watch(pid) : -1;
    if (process->pid_fd < 0 || find_parent_of(pid) != parent)
        return sv_fail(err, SAVOR_FORMAT, "the process %ld is no worker that the parent forked", (long)pid);
    process->pid = pid;
    (void)setsockopt(process->socket_fd, SOL_SOCKET, SO_PASSCRED, &off, sizeof off);
    return SAVOR_OK;
}

savor_status sv_parent_reap(sv_channel *parent, uint64_t id, savor_error *err)
{
    return sv_channel_send(parent, SV_WIRE_REAP, id, NULL, sv_channel_now_ms() + SEND_MS, err);
}
