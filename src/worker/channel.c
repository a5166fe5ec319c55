#define _GNU_SOURCE /* memfd_create, F_ADD_SEALS, MSG_CMSG_CLOEXEC */

#include "worker/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define INLINE_BYTES_MAX ((size_t)64 << 10) /* what a socket takes at once */
#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

int64_t sv_channel_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static savor_status fail_gone(savor_error *err) { return sv_fail(err, SAVOR_IO, "the worker process ended"); }

static savor_status await(int fd, short events, int64_t deadline_ms, savor_error *err)
{
    for (;;) {
        struct pollfd p = {.fd = fd, .events = events};
        int64_t left = deadline_ms - sv_channel_now_ms();
        if (left <= 0)
            return sv_fail(err, SAVOR_TIMEOUT, "the worker did not answer in time");
        int n = poll(&p, 1, left > 60000 ? 60000 : (int)left);
        if (n > 0)
            return SAVOR_OK; /* an end or an error shows itself in the next call */
        if (n < 0 && errno != EINTR)
            return sv_fail(err, SAVOR_IO, "the worker's socket could not be waited on: %s", strerror(errno));
    }
}

/* ---- sending ---- */

/* A memory file with the body, sealed: the worker may map it without fear of a change. */
static savor_status make_memfd(sv_str body, int *out, savor_error *err)
{
    int fd = memfd_create("savor-request", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    size_t done = 0;
    *out = -1;
    if (fd < 0)
        return sv_fail(err, SAVOR_NOMEM, "a memory file could not be made: %s", strerror(errno));
    while (done < body.n) {
        ssize_t n = write(fd, body.p + done, body.n - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            close(fd);
            return sv_fail_nomem(err, body.n);
        }
        done += (size_t)n;
    }
    (void)fcntl(fd, F_ADD_SEALS, SEALS | F_SEAL_SEAL);
    *out = fd;
    return SAVOR_OK;
}

typedef union control {
    struct cmsghdr header;
    char room[CMSG_SPACE(sizeof(int))];
} control;

static void attach(struct msghdr *message, control *room, int memfd)
{
    memset(room, 0, sizeof *room);
    message->msg_control = room->room;
    message->msg_controllen = sizeof room->room;
    struct cmsghdr *c = CMSG_FIRSTHDR(message);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(c), &memfd, sizeof memfd);
}

/* Both pieces; the descriptor goes with the first byte. */
static savor_status send_all(int fd, struct iovec *pieces, int memfd, int64_t deadline_ms, savor_error *err)
{
    control room;
    size_t left = pieces[0].iov_len + pieces[1].iov_len;
    while (left) {
        struct msghdr message = {.msg_iov = pieces, .msg_iovlen = 2};
        if (memfd >= 0)
            attach(&message, &room, memfd);
        ssize_t n = sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            savor_status st = await(fd, POLLOUT, deadline_ms, err);
            if (st)
                return st;
        }
        if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
            return fail_gone(err);
        if (n <= 0)
            continue;
        memfd = -1;
        left -= (size_t)n;
        for (int i = 0; i < 2; i++) {
            size_t k = (size_t)n < pieces[i].iov_len ? (size_t)n : pieces[i].iov_len;
            pieces[i].iov_base = (char *)pieces[i].iov_base + k;
            pieces[i].iov_len -= k;
            n -= (ssize_t)k;
        }
    }
    return SAVOR_OK;
}

savor_status sv_channel_send(int fd, sv_wire_kind kind, uint64_t id, sv_str body, int64_t deadline_ms,
                             savor_error *err)
{
    sv_wire_header header = {.kind = kind, .id = id, .n_bytes = body.n};
    uint8_t head[SV_WIRE_HEADER_BYTES];
    int memfd = -1;
    savor_status st = SAVOR_OK;
    if (body.n > INLINE_BYTES_MAX) {
        header.flags = SV_WIRE_IN_MEMFD;
        if ((st = make_memfd(body, &memfd, err)))
            return st;
    }
    sv_wire_header_write(&header, head);
    union { /* the kernel only reads it */
        const char *in;
        void *out;
    } bytes = {.in = body.p};
    struct iovec pieces[2] = {{head, sizeof head}, {bytes.out, memfd >= 0 ? 0 : body.n}};
    st = send_all(fd, pieces, memfd, deadline_ms, err);
    if (memfd >= 0)
        close(memfd);
    return st;
}

/* ---- receiving ---- */

/* The one descriptor that may come along; any other is closed. */
static void keep_descriptor(struct msghdr *message, int *memfd)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS || c->cmsg_len < CMSG_LEN(sizeof(int)))
            continue;
        if (*memfd >= 0)
            close(*memfd);
        memcpy(memfd, CMSG_DATA(c), sizeof *memfd); /* the room holds one; the kernel closed the others */
    }
}

static savor_status recv_all(int fd, char *out, size_t n_bytes, int64_t deadline_ms, int *memfd, savor_error *err)
{
    size_t done = 0;
    while (done < n_bytes) {
        control room;
        struct iovec piece = {out + done, n_bytes - done};
        struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
        message.msg_control = room.room;
        message.msg_controllen = sizeof room.room;
        ssize_t n = recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
        if (n > 0) {
            keep_descriptor(&message, memfd);
            done += (size_t)n;
            continue;
        }
        if (n == 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR))
            return fail_gone(err);
        savor_status st = await(fd, POLLIN, deadline_ms, err);
        if (st)
            return st;
    }
    return SAVOR_OK;
}

/* Only a memory file has seals; a sealed one neither shrinks nor blocks. Its bytes are copied, not mapped. */
static savor_status read_memfd(int memfd, size_t n_bytes, char *out, savor_error *err)
{
    struct stat about;
    size_t done = 0;
    int seals = fcntl(memfd, F_GET_SEALS);
    if (seals < 0 || (seals & SEALS) != SEALS)
        return sv_fail(err, SAVOR_FORMAT, "the worker sent a descriptor that is no sealed memory file");
    if (fstat(memfd, &about) != 0 || about.st_size < 0 || (uint64_t)about.st_size != n_bytes)
        return sv_fail(err, SAVOR_FORMAT, "the worker's memory file has another size than its message says");
    while (done < n_bytes) {
        ssize_t n = pread(memfd, out + done, n_bytes - done, (off_t)done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return sv_fail(err, SAVOR_FORMAT, "the worker's memory file could not be read");
        done += (size_t)n;
    }
    return SAVOR_OK;
}

static savor_status recv_body(int fd, int64_t deadline_ms, const sv_wire_header *header, int *memfd, char *out,
                              savor_error *err)
{
    bool is_memfd = header->flags & SV_WIRE_IN_MEMFD;
    if (is_memfd != (*memfd >= 0))
        return sv_fail(err, SAVOR_FORMAT, "the worker's message %s a memory file", is_memfd ? "lacked" : "had");
    return is_memfd ? read_memfd(*memfd, header->n_bytes, out, err)
                    : recv_all(fd, out, header->n_bytes, deadline_ms, memfd, err);
}

savor_status sv_channel_recv(int fd, int64_t deadline_ms, sv_arena *arena, sv_wire_header *header, sv_str *body,
                             savor_error *err)
{
    char head[SV_WIRE_HEADER_BYTES];
    int memfd = -1;
    savor_status st = recv_all(fd, head, sizeof head, deadline_ms, &memfd, err);
    if (!st)
        st = sv_wire_header_read((const uint8_t *)head, header, err);
    if (!st && !(header->flags & SV_WIRE_IN_MEMFD) && header->n_bytes > INLINE_BYTES_MAX)
        st = sv_fail(err, SAVOR_FORMAT, "the worker sent %llu bytes outside of a memory file",
                     (unsigned long long)header->n_bytes);
    if (!st) {
        char *room = sv_arena_alloc(arena, header->n_bytes ? header->n_bytes : 1);
        *body = (sv_str){room, header->n_bytes};
        st =
            room ? recv_body(fd, deadline_ms, header, &memfd, room, err) : sv_arena_fail(arena, header->n_bytes, err);
    }
    if (memfd >= 0)
        close(memfd);
    return st;
}
