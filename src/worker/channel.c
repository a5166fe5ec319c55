#define _GNU_SOURCE /* memfd_create, F_ADD_SEALS, MSG_CMSG_CLOEXEC */

#include "worker/channel.h"

#include "base/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define INLINE_BYTES_MAX ((size_t)64 << 10) /* what a socket takes at once */
#define MEMORY_BYTES_MIN ((size_t)1 << 20)
#define MEMORY_KEPT_BYTES_MAX ((size_t)64 << 20) /* a larger one is not kept for the next request */
#define AWAKE_NS 100000
#define VAIN_MAX 6 /* then one wait of 2 to the power of this stays awake */

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t sv_channel_now_ms(void) { return now_ns() / 1000000; }

static savor_status fail_gone(savor_error *err) { return sv_fail(err, SAVOR_IO, "the worker process ended"); }

/* Whoever closes a socket with something unread in it resets it. */
static savor_status fail_unread(sv_channel *channel, bool is_unread, savor_error *err)
{
    channel->is_unread = is_unread;
    return fail_gone(err);
}

/* As poll, but for a moment only and without sleep: waking a processor takes as long as many a model. Where a model
 * takes longer than the moment, this is done in ever fewer waits, down to one of 64, and in more as it succeeds. */
static int poll_awake(sv_channel *channel, struct pollfd p[2])
{
    if (channel->n_asleep > 0) {
        channel->n_asleep--;
        return 0;
    }
    int n;
    int64_t end_ns = now_ns() + AWAKE_NS;
    do
        n = poll(p, 2, 0);
    while (n == 0 && now_ns() < end_ns);
    int vain = n > 0 ? channel->n_in_vain - 1 : channel->n_in_vain + 2;
    channel->n_in_vain = vain < 0 ? 0 : vain > VAIN_MAX ? VAIN_MAX : vain;
    channel->n_asleep = (1 << channel->n_in_vain) - 1;
    return n;
}

/* Until the socket has something, or room; an end of the process with nothing on the socket is IO. */
static savor_status await(sv_channel *channel, short events, int64_t deadline_ms, savor_error *err)
{
    for (;;) {
        struct pollfd p[2] = {{.fd = channel->fd, .events = events}, {.fd = channel->end_fd, .events = POLLIN}};
        int64_t left = deadline_ms - sv_channel_now_ms();
        if (left <= 0)
            return sv_fail(err, SAVOR_TIMEOUT, "the worker did not answer in time");
        int n = poll_awake(channel, p);
        if (n == 0)
            n = poll(p, 2, left > 60000 ? 60000 : (int)left);
        if (n > 0 && !p[0].revents)
            return fail_gone(err);
        if (n > 0)
            return SAVOR_OK; /* an end or an error shows itself in the next call */
        if (n < 0 && errno != EINTR)
            return sv_fail(err, SAVOR_IO, "the worker's socket could not be waited on: %s", strerror(errno));
    }
}

/* ---- sending ---- */

void sv_channel_init(sv_channel *channel, int fd, int end_fd)
{
    *channel = (sv_channel){.fd = fd, .end_fd = end_fd, .memory_fd = -1};
}

void sv_channel_drop_memory(sv_channel *channel)
{
    if (channel->memory_fd >= 0)
        close(channel->memory_fd);
    channel->memory_fd = -1;
    channel->memory_bytes = 0;
    channel->is_lent = false;
}

/* The size is for ever: the worker that maps it meets no page that has gone, whoever else has the descriptor. */
static savor_status make_memory(sv_channel *channel, size_t n_bytes, savor_error *err)
{
    size_t size = MEMORY_BYTES_MIN;
    while (size < n_bytes) /* only the pages that are written exist */
        if (!sv_mul(size, 2, &size))
            return sv_fail_nomem(err, n_bytes);
    int fd = memfd_create("savor-request", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0 || ftruncate(fd, (off_t)size) != 0 ||
        fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
        savor_status st = sv_fail(err, SAVOR_NOMEM, "a memory file could not be made: %s", strerror(errno));
        if (fd >= 0)
            close(fd);
        return st;
    }
    channel->memory_fd = fd;
    channel->memory_bytes = size;
    return SAVOR_OK;
}

static savor_status write_at(int fd, sv_str piece, size_t at, savor_error *err)
{
    for (size_t done = 0; done < piece.n;) {
        ssize_t n = pwrite(fd, piece.p + done, piece.n - done, (off_t)(at + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return sv_fail_nomem(err, piece.n);
        done += (size_t)n;
    }
    return SAVOR_OK;
}

/* The body, copied once to where the worker will see it. */
static savor_status fill_memory(sv_channel *channel, const sv_wire_body *body, savor_error *err)
{
    savor_status st = SAVOR_OK;
    size_t at = 0, i = 0, n_bytes = sv_wire_body_size(body);
    sv_str piece;
    if (channel->is_lent || channel->memory_bytes < n_bytes)
        sv_channel_drop_memory(channel);
    if (channel->memory_fd < 0)
        st = make_memory(channel, n_bytes, err);
    for (; !st && sv_wire_body_next(body, &i, &piece); at += piece.n)
        st = write_at(channel->memory_fd, piece, at, err);
    channel->memory_used_ms = sv_channel_now_ms();
    return st;
}

#define FDS_MAX 3

typedef struct fd_list {
    size_t n;
    int fds[FDS_MAX];
} fd_list;

typedef union control {
    struct cmsghdr header;
    char room[CMSG_SPACE(FDS_MAX * sizeof(int))];
} control;

static void attach(struct msghdr *message, control *room, const fd_list *list)
{
    memset(room, 0, sizeof *room);
    message->msg_control = room->room;
    message->msg_controllen = CMSG_SPACE(list->n * sizeof(int));
    struct cmsghdr *c = CMSG_FIRSTHDR(message);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(list->n * sizeof(int));
    memcpy(CMSG_DATA(c), list->fds, list->n * sizeof(int));
}

/* Both pieces; descriptors go with the first byte. */
static savor_status send_all(sv_channel *channel, struct iovec *pieces, fd_list list, int64_t deadline_ms,
                             savor_error *err)
{
    control room;
    size_t left = pieces[0].iov_len + pieces[1].iov_len;
    while (left) {
        struct msghdr message = {.msg_iov = pieces, .msg_iovlen = 2};
        if (list.n)
            attach(&message, &room, &list);
        ssize_t n = sendmsg(channel->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            savor_status st = await(channel, POLLOUT, deadline_ms, err);
            if (st)
                return st;
        }
        if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
            return fail_unread(channel, true, err);
        if (n <= 0)
            continue;
        list.n = 0;
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

static savor_status send_inline(sv_channel *channel, uint8_t *head, const sv_wire_body *body, int64_t deadline_ms,
                                savor_error *err)
{
    size_t i = 0, n_head = SV_WIRE_HEADER_BYTES;
    sv_str piece = {"", 0};
    savor_status st = SAVOR_OK;
    bool is_more = body && sv_wire_body_next(body, &i, &piece);
    do {
        union { /* the kernel only reads it */
            const char *in;
            void *out;
        } bytes = {.in = piece.p};
        struct iovec pieces[2] = {{head, n_head}, {bytes.out, piece.n}};
        st = send_all(channel, pieces, (fd_list){.n = 0}, deadline_ms, err);
        n_head = 0;
        is_more = is_more && sv_wire_body_next(body, &i, &piece);
    } while (!st && is_more);
    return st;
}

savor_status sv_channel_send(sv_channel *channel, sv_wire_kind kind, uint64_t id, const sv_wire_body *body,
                             int64_t deadline_ms, savor_error *err)
{
    sv_wire_header header = {.kind = kind, .id = id, .n_bytes = body ? sv_wire_body_size(body) : 0};
    uint8_t head[SV_WIRE_HEADER_BYTES];
    bool is_inline = header.n_bytes <= INLINE_BYTES_MAX || channel->has_no_memfd;
    header.flags = is_inline ? 0 : SV_WIRE_IN_MEMFD;
    sv_wire_header_write(&header, head);
    if (is_inline)
        return send_inline(channel, head, body, deadline_ms, err);
    savor_status st = fill_memory(channel, body, err);
    if (st)
        return st;
    struct iovec pieces[2] = {{head, sizeof head}, {head, 0}};
    channel->is_lent = true;
    return send_all(channel, pieces, (fd_list){1, {channel->memory_fd}}, deadline_ms, err);
}

savor_status sv_channel_send_fork(sv_channel *channel, uint64_t id, const int fds[3], int64_t deadline_ms,
                                  savor_error *err)
{
    sv_wire_header header = {.kind = SV_WIRE_FORK, .id = id};
    uint8_t head[SV_WIRE_HEADER_BYTES];
    struct iovec pieces[2] = {{head, sizeof head}, {head, 0}};
    sv_wire_header_write(&header, head);
    return send_all(channel, pieces, (fd_list){3, {fds[0], fds[1], fds[2]}}, deadline_ms, err);
}

/* ---- receiving ---- */

/* Room for who the sender is and for one descriptor; the kernel closes what does not fit. */
typedef union incoming {
    struct cmsghdr header;
    char room[CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(sizeof(int))];
} incoming;

static void keep_control(struct msghdr *message, pid_t *sender, int *memfd)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
        struct ucred who;
        if (c->cmsg_level != SOL_SOCKET)
            continue;
        if (c->cmsg_type == SCM_CREDENTIALS && c->cmsg_len == CMSG_LEN(sizeof who)) {
            memcpy(&who, CMSG_DATA(c), sizeof who);
            *sender = who.pid;
        }
        for (size_t at = CMSG_LEN(0); c->cmsg_type == SCM_RIGHTS && at + sizeof(int) <= c->cmsg_len;
             at += sizeof(int)) { /* without credentials there is room for more than one */
            if (*memfd >= 0)
                close(*memfd);
            memcpy(memfd, (const char *)c + at, sizeof *memfd);
        }
    }
}

static savor_status recv_all(sv_channel *channel, char *out, size_t n_bytes, int64_t deadline_ms, int *memfd,
                             savor_error *err)
{
    size_t done = 0;
    while (done < n_bytes) {
        incoming room;
        struct iovec piece = {out + done, n_bytes - done};
        struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
        message.msg_control = room.room;
        message.msg_controllen = sizeof room.room;
        ssize_t n = recvmsg(channel->fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
        if (n > 0) {
            keep_control(&message, &channel->sender, memfd);
            done += (size_t)n;
            continue;
        }
        if (n == 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR))
            return fail_unread(channel, n < 0 && errno == ECONNRESET, err);
        savor_status st = await(channel, POLLIN, deadline_ms, err);
        if (st)
            return st;
    }
    return SAVOR_OK;
}

/* Only a memory file has seals, and one that cannot shrink has the bytes until they are read. They are copied, not
 * mapped: what the worker writes there later changes nothing here. */
static savor_status read_memfd(int memfd, size_t n_bytes, char *out, savor_error *err)
{
    struct stat about;
    size_t done = 0;
    int seals = fcntl(memfd, F_GET_SEALS);
    if (seals < 0 || !(seals & F_SEAL_SHRINK))
        return sv_fail(err, SAVOR_FORMAT, "the worker sent a descriptor that is no sealed memory file");
    if (fstat(memfd, &about) != 0 || about.st_size < 0 || (uint64_t)about.st_size < n_bytes)
        return sv_fail(err, SAVOR_FORMAT, "the worker's memory file is smaller than its message says");
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

static savor_status check_place(const sv_channel *channel, const sv_wire_header *header, int memfd, savor_error *err)
{
    bool is_memfd = header->flags & SV_WIRE_IN_MEMFD;
    if (is_memfd != (memfd >= 0))
        return sv_fail(err, SAVOR_FORMAT, "the worker's message %s a memory file", is_memfd ? "lacked" : "had");
    if (!is_memfd && header->n_bytes > INLINE_BYTES_MAX && !channel->has_no_memfd)
        return sv_fail(err, SAVOR_FORMAT, "the worker sent %llu bytes outside of a memory file",
                       (unsigned long long)header->n_bytes);
    return SAVOR_OK;
}

static savor_status recv_body(sv_channel *channel, int64_t deadline_ms, const sv_wire_header *header, int *memfd,
                              char *out, savor_error *err)
{
    bool was_there = *memfd >= 0;
    if (was_there)
        return read_memfd(*memfd, header->n_bytes, out, err);
    savor_status st = recv_all(channel, out, header->n_bytes, deadline_ms, memfd, err);
    return !st && *memfd >= 0 ? sv_fail(err, SAVOR_FORMAT, "the worker's message had a memory file") : st;
}

/* A file that is not given back is the worker's, whose arrays may lie there. */
static void settle_memory(sv_channel *channel, const sv_wire_header *header)
{
    bool is_reply = header->kind == SV_WIRE_ANSWER || header->kind == SV_WIRE_ERROR;
    if (header->kind == SV_WIRE_READY)
        channel->has_no_memfd = header->flags & SV_WIRE_NO_MEMFD;
    if (is_reply && header->flags & SV_WIRE_RELEASED)
        channel->is_lent = false;
    if (is_reply && (channel->is_lent || channel->memory_bytes > MEMORY_KEPT_BYTES_MAX))
        sv_channel_drop_memory(channel);
}

savor_status sv_channel_recv(sv_channel *channel, int64_t deadline_ms, sv_arena *arena, sv_wire_header *header,
                             sv_str *body, savor_error *err)
{
    char head[SV_WIRE_HEADER_BYTES];
    int memfd = -1;
    savor_status st = recv_all(channel, head, sizeof head, deadline_ms, &memfd, err);
    if (!st && !(st = sv_wire_header_read((const uint8_t *)head, header, err)))
        st = check_place(channel, header, memfd, err);
    if (!st) {
        char *room = sv_arena_alloc(arena, header->n_bytes ? header->n_bytes : 1);
        *body = (sv_str){room, header->n_bytes};
        st = room ? recv_body(channel, deadline_ms, header, &memfd, room, err)
                  : sv_arena_fail(arena, header->n_bytes, err);
    }
    if (!st)
        settle_memory(channel, header);
    if (memfd >= 0)
        close(memfd);
    return st;
}
