/* channel_test.c: messages over a socket pair: whole, in pieces, in memory files; and ends that lie. */
#define _GNU_SOURCE /* memfd_create */

#include "worker/channel.h"

#include "base/alloc.h"
#include "unit/test.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATIENCE_MS 100000 /* for what comes at once, whatever else the machine does */

typedef struct pair {
    int ours, theirs;
    sv_channel channel;
    sv_arena arena;
} pair;

static int set_up(void **state)
{
    pair *p = calloc(1, sizeof *p);
    int fds[2];
    if (!p || socketpair(AF_UNIX, SOCK_STREAM, 0, fds) != 0)
        return -1;
    p->ours = fds[0];
    p->theirs = fds[1];
    (void)fcntl(p->ours, F_SETFL, O_NONBLOCK);
    sv_channel_init(&p->channel, p->ours, -1);
    sv_arena_init(&p->arena, 1 << 20);
    *state = p;
    return 0;
}

static int tear_down(void **state)
{
    pair *p = *state;
    sv_channel_drop_memory(&p->channel);
    close(p->ours);
    if (p->theirs >= 0)
        close(p->theirs);
    sv_arena_deinit(&p->arena);
    free(p);
    return 0;
}

static savor_status receive(pair *p, int wait_ms, sv_str *body, savor_error *err)
{
    sv_wire_header header;
    return sv_channel_recv(&p->channel, sv_channel_now_ms() + wait_ms, &p->arena, &header, body, err);
}

static void send_head(const pair *p, sv_wire_header header, int fd)
{
    uint8_t head[SV_WIRE_HEADER_BYTES];
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } control = {.room = {0}};
    sv_wire_header_write(&header, head);
    struct iovec piece = {head, sizeof head};
    struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
    if (fd >= 0) {
        message.msg_control = control.room;
        message.msg_controllen = sizeof control.room;
        struct cmsghdr *c = CMSG_FIRSTHDR(&message);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(c), &fd, sizeof fd);
    }
    assert_int_equal(sendmsg(p->theirs, &message, 0), (int)sizeof head);
}

static void test_inline(void **state)
{
    pair *p = *state;
    sv_str body;
    savor_error err;
    send_head(p, (sv_wire_header){.kind = SV_WIRE_ANSWER, .n_bytes = 5}, -1);
    assert_int_equal(receive(p, 30, &body, &err), SAVOR_TIMEOUT); /* the body is missing */
    assert_int_equal(write(p->theirs, "hello", 5), 5);
    /* The head was taken: what follows is no message. */
    assert_int_equal(write(p->theirs, "0123456789012345678901234567", 28), 28);
    assert_int_equal(receive(p, PATIENCE_MS, &body, &err), SAVOR_FORMAT);
}

static void test_ends(void **state)
{
    pair *p = *state;
    sv_str body;
    savor_error err;
    send_head(p, (sv_wire_header){.kind = SV_WIRE_ANSWER, .n_bytes = 3}, -1);
    assert_int_equal(write(p->theirs, "abc", 3), 3);
    assert_int_equal(receive(p, PATIENCE_MS, &body, &err), SAVOR_OK);
    assert_true(sv_str_is(body, "abc"));
    close(p->theirs);
    p->theirs = -1;
    assert_int_equal(receive(p, PATIENCE_MS, &body, &err), SAVOR_IO);
    assert_int_equal(sv_channel_send(&p->channel, SV_WIRE_PREDICT, 1, NULL, sv_channel_now_ms() + PATIENCE_MS, &err),
                     SAVOR_IO);
}

static int make_file(size_t n, bool is_sealed)
{
    int fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    assert_true(fd >= 0 && ftruncate(fd, (off_t)n) == 0 && pwrite(fd, "body", 4, 0) == 4);
    if (is_sealed)
        assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK), 0);
    return fd;
}

static void test_memory_files(void **state)
{
    pair *p = *state;
    savor_error err;
    sv_str body;
    sv_wire_header header = {.kind = SV_WIRE_ANSWER, .flags = SV_WIRE_IN_MEMFD, .n_bytes = 100000};
    int sealed = make_file(100000, true), open_file = make_file(100000, false), pipes[2];
    assert_int_equal(pipe(pipes), 0);
    send_head(p, header, sealed);
    assert_int_equal(receive(p, PATIENCE_MS, &body, &err), SAVOR_OK);
    assert_true(body.n == 100000 && memcmp(body.p, "body\0", 5) == 0);
    static const char *const WHY[] = {"no sealed memory file", "no sealed memory file", "lacked a memory file"};
    const int fds[] = {open_file, pipes[0], -1};
    for (size_t i = 0; i < 3; i++) {
        send_head(p, header, fds[i]);
        assert_int_equal(receive(p, PATIENCE_MS, &body, &err), SAVOR_FORMAT);
        assert_non_null(strstr(err.message, WHY[i]));
    }
    header.n_bytes = 100001;
    send_head(p, header, sealed);
    assert_int_equal(receive(p, PATIENCE_MS, &body, &err), SAVOR_FORMAT);
    assert_non_null(strstr(err.message, "smaller than its message says"));
    header.n_bytes = (uint64_t)1 << 40;
    send_head(p, header, sealed);
    assert_int_equal(receive(p, PATIENCE_MS, &body, &err), SAVOR_LIMIT);
    header = (sv_wire_header){.kind = SV_WIRE_ANSWER, .n_bytes = 100000};
    send_head(p, header, -1);
    assert_int_equal(receive(p, PATIENCE_MS, &body, &err), SAVOR_FORMAT);
    header.n_bytes = 3;
    send_head(p, header, sealed);
    assert_int_equal(receive(p, PATIENCE_MS, &body, &err), SAVOR_FORMAT);
    assert_non_null(strstr(err.message, "had a memory file"));
    close(sealed);
    close(open_file);
    close(pipes[0]);
    close(pipes[1]);
}

typedef struct large {
    char *bytes;
    sv_wire_body body;
} large;

static large make_large(size_t n)
{
    large l = {.bytes = calloc(1, n), .body = SV_WIRE_BODY_INIT(1000)};
    assert_non_null(l.bytes);
    l.bytes[n - 1] = 'z';
    sv_buf_put(&l.body.own, "12345678", 8);
    sv_wire_body_lend(&l.body, l.bytes, n);
    sv_buf_put(&l.body.own, "87654321", 8);
    return l;
}

static void free_large(large *l)
{
    sv_wire_body_deinit(&l->body);
    free(l->bytes);
}

static void send_large(pair *p, const sv_wire_body *body)
{
    savor_error err;
    int64_t deadline = sv_channel_now_ms() + PATIENCE_MS;
    assert_int_equal(sv_channel_send(&p->channel, SV_WIRE_PREDICT, 1, body, deadline, &err), SAVOR_OK);
}

/* The memory file that came with a header; -1: none. */
static int take_descriptor(const pair *p)
{
    uint8_t head[SV_WIRE_HEADER_BYTES];
    char room[CMSG_SPACE(sizeof(int))];
    struct iovec piece = {head, sizeof head};
    struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof room};
    int fd = -1;
    assert_int_equal(recvmsg(p->theirs, &message, 0), (int)sizeof head);
    if (CMSG_FIRSTHDR(&message))
        memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof fd);
    return fd;
}

static ino_t inode_of(int fd)
{
    struct stat about;
    assert_int_equal(fstat(fd, &about), 0);
    return about.st_ino;
}

static void reply(pair *p, uint32_t flags)
{
    sv_str body;
    send_head(p, (sv_wire_header){.kind = SV_WIRE_ANSWER, .flags = flags}, -1);
    assert_int_equal(receive(p, PATIENCE_MS, &body, NULL), SAVOR_OK);
}

/* A large body lies in a memory file whose size nobody can change any more. */
static void test_send_large(void **state)
{
    pair *p = *state;
    large l = make_large(200000);
    char bytes[9] = "";
    send_large(p, &l.body);
    int fd = take_descriptor(p);
    assert_int_equal(pread(fd, bytes, 8, 0), 8);
    assert_string_equal(bytes, "12345678");
    assert_int_equal(pread(fd, bytes, 8, 200008), 8);
    assert_string_equal(bytes, "87654321");
    assert_int_equal(pread(fd, bytes, 1, 200007), 1);
    assert_int_equal(bytes[0], 'z');
    assert_int_not_equal(ftruncate(fd, 1), 0);
    assert_int_not_equal(ftruncate(fd, 1 << 30), 0);
    assert_int_not_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), 0);
    close(fd);
    free_large(&l);
}

/* A file that came back is written again, one that did not is the worker's for ever, one that is too small goes. */
static void test_lending(void **state)
{
    pair *p = *state;
    large small = make_large(200000), big = make_large(4 << 20);
    int fds[4];
    for (size_t i = 0; i < 4; i++) {
        send_large(p, i == 3 ? &big.body : &small.body);
        fds[i] = take_descriptor(p);
        reply(p, i == 1 ? 0 : SV_WIRE_RELEASED);
    }
    assert_true(inode_of(fds[0]) == inode_of(fds[1])); /* released */
    assert_true(inode_of(fds[1]) != inode_of(fds[2])); /* kept by the worker */
    assert_true(inode_of(fds[2]) != inode_of(fds[3])); /* too small */
    for (size_t i = 0; i < 4; i++)
        close(fds[i]);
    free_large(&small);
    free_large(&big);
}

/* A worker that says so gets and sends every body on the socket. */
static void test_no_memory_files(void **state)
{
    pair *p = *state;
    large l = make_large(100000);
    sv_str body;
    send_head(p, (sv_wire_header){.kind = SV_WIRE_READY, .flags = SV_WIRE_NO_MEMFD}, -1);
    assert_int_equal(receive(p, PATIENCE_MS, &body, NULL), SAVOR_OK);
    send_large(p, &l.body);
    assert_int_equal(take_descriptor(p), -1);
    char *got = calloc(1, 100016);
    assert_non_null(got);
    assert_int_equal(recv(p->theirs, got, 100016, MSG_WAITALL), 100016);
    assert_memory_equal(got, "12345678\0", 9);
    assert_memory_equal(got + 100007, "z87654321", 9);
    send_head(p, (sv_wire_header){.kind = SV_WIRE_ANSWER, .n_bytes = 100016}, -1);
    assert_int_equal(write(p->theirs, got, 100016), 100016);
    assert_int_equal(receive(p, PATIENCE_MS, &body, NULL), SAVOR_OK);
    assert_memory_equal(body.p, got, 100016);
    free(got);
    free_large(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_inline, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_ends, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_memory_files, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_send_large, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_lending, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_no_memory_files, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
