/*
 * r_channel.c: an R worker's end of the socket. Base R reads and writes no inherited socket and takes no memory file,
 * so this is a library of three functions that R's .C() calls: it knows nothing of R and links nothing of it. It is
 * no part of libsavor. docs/worker-protocol.md; R/savor/worker/channel.R calls it.
 */
#define _GNU_SOURCE /* memfd_create, F_ADD_SEALS, MSG_CMSG_CLOEXEC */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEAD_BYTES 32
#define FLAGS_AT 24 /* in a head */
#define IN_MEMFD 1
#define INLINE_BYTES_MAX ((size_t)64 << 10)
#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

enum { DONE = 0, GONE = 1, FAULT = 2 }; /* what `result` becomes */

#define FOR_R __attribute__((visibility("default")))

/* .C() gives every argument as an array: integers, doubles or bytes. */
FOR_R void savor_r_receive_head(const int *fd, unsigned char *head, int *memfd, int *result);
FOR_R void savor_r_receive_body(const int *fd, const int *memfd, unsigned char *body, const double *n_bytes,
                                int *result);
FOR_R void savor_r_send(const int *fd, unsigned char *head, const unsigned char *body, const double *n_bytes,
                        int *result);

typedef union control {
    struct cmsghdr header;
    char room[CMSG_SPACE(sizeof(int))];
} control;

/* ---- receiving ---- */

static void keep_descriptor(struct msghdr *message, int *memfd)
{
    struct cmsghdr *c = CMSG_FIRSTHDR(message);
    if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS && c->cmsg_len >= CMSG_LEN(sizeof(int)))
        memcpy(memfd, CMSG_DATA(c), sizeof *memfd);
}

static int receive(int fd, unsigned char *out, size_t n_bytes, int *memfd)
{
    size_t done = 0;
    while (done < n_bytes) {
        control room;
        struct iovec piece = {out + done, n_bytes - done};
        struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
        message.msg_control = room.room;
        message.msg_controllen = sizeof room.room;
        ssize_t n = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return GONE;
        keep_descriptor(&message, memfd);
        done += (size_t)n;
    }
    return DONE;
}

static int read_memfd(int memfd, unsigned char *out, size_t n_bytes)
{
    size_t done = 0;
    while (done < n_bytes) {
        ssize_t n = pread(memfd, out + done, n_bytes - done, (off_t)done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return FAULT;
        done += (size_t)n;
    }
    return DONE;
}

/* Wait for a head; `memfd` becomes the memory file with the body, or -1 when the body follows. */
void savor_r_receive_head(const int *fd, unsigned char *head, int *memfd, int *result)
{
    *memfd = -1;
    *result = receive(*fd, head, HEAD_BYTES, memfd);
}

/* The body of the head that was received last. */
void savor_r_receive_body(const int *fd, const int *memfd, unsigned char *body, const double *n_bytes, int *result)
{
    int other = -1;
    *result = *memfd >= 0 ? read_memfd(*memfd, body, (size_t)*n_bytes) : receive(*fd, body, (size_t)*n_bytes, &other);
    if (*memfd >= 0)
        close(*memfd);
    if (other >= 0)
        close(other);
}

/* ---- sending ---- */

static int make_memfd(const unsigned char *body, size_t n_bytes)
{
    int fd = memfd_create("savor-answer", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    size_t done = 0;
    while (fd >= 0 && done < n_bytes) {
        ssize_t n = write(fd, body + done, n_bytes - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            close(fd);
            return -1;
        }
        done += (size_t)n;
    }
    if (fd >= 0)
        (void)fcntl(fd, F_ADD_SEALS, SEALS);
    return fd;
}

static int send_bytes(int fd, const unsigned char *bytes, size_t n_bytes)
{
    size_t done = 0;
    while (done < n_bytes) {
        ssize_t n = send(fd, bytes + done, n_bytes - done, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return GONE;
        done += (size_t)n;
    }
    return DONE;
}

/* A head alone, with a descriptor: it is short enough to go at once. */
static int send_with_descriptor(int fd, unsigned char *head, int memfd)
{
    control room;
    struct iovec piece = {head, HEAD_BYTES};
    struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
    memset(&room, 0, sizeof room);
    message.msg_control = room.room;
    message.msg_controllen = sizeof room.room;
    struct cmsghdr *c = CMSG_FIRSTHDR(&message);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(c), &memfd, sizeof memfd);
    ssize_t n;
    while ((n = sendmsg(fd, &message, MSG_NOSIGNAL)) < 0 && errno == EINTR)
        ;
    return n == HEAD_BYTES ? DONE : GONE;
}

/* A head, and its body; a long one goes as a memory file. */
void savor_r_send(const int *fd, unsigned char *head, const unsigned char *body, const double *n_bytes, int *result)
{
    size_t n = (size_t)*n_bytes;
    if (n <= INLINE_BYTES_MAX) {
        *result = send_bytes(*fd, head, HEAD_BYTES);
        *result = *result == DONE ? send_bytes(*fd, body, n) : *result;
        return;
    }
    int memfd = make_memfd(body, n);
    head[FLAGS_AT] |= IN_MEMFD;
    *result = memfd < 0 ? FAULT : send_with_descriptor(*fd, head, memfd);
    if (memfd >= 0)
        close(memfd);
}
