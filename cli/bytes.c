/* bytes.c: whole files in, whole files out. */
#define _XOPEN_SOURCE 700 /* realpath */
#include "bytes.h"
#include "message.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIRST_BYTES ((size_t)1 << 16)

static int grow(cli_bytes *b, size_t capacity)
{
    char *p = realloc(b->p, capacity);
    if (!p)
        return cli_fail("not enough memory for %zu bytes of input", capacity);
    b->p = p;
    b->capacity = capacity;
    return 0;
}

void cli_bytes_free(cli_bytes *bytes)
{
    free(bytes->p);
    *bytes = (cli_bytes){0};
}

static size_t size_hint(int fd)
{
    struct stat st;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0)
        return (size_t)st.st_size + 2; /* a NUL, and room that lets the last read see the end */
    return FIRST_BYTES;
}

/* One read into the room that is left. 1: go on, 0: the end, -1: told. */
static int read_some(int fd, const char *name, cli_bytes *b)
{
    ssize_t got;
    do
        got = read(fd, b->p + b->n, b->capacity - b->n - 1);
    while (got < 0 && errno == EINTR);
    if (got < 0) {
        cli_fail("could not read %s: %s", name, strerror(errno));
        return -1;
    }
    b->n += (size_t)got;
    return got > 0;
}

int cli_read_fd(int fd, size_t max, const char *name, cli_bytes *out)
{
    int more = 1;
    size_t hint = size_hint(fd);
    *out = (cli_bytes){0};
    if (hint / 2 > max) {
        cli_fail("%s holds more than the limit of %zu bytes", name, max);
        return 1;
    }
    while (more > 0) {
        if (out->n + 1 >= out->capacity && grow(out, out->p ? out->capacity * 2 : hint))
            break;
        more = read_some(fd, name, out);
        if (more > 0 && out->n > max)
            more = -cli_fail("%s holds more than the limit of %zu bytes", name, max);
    }
    if (more == 0) {
        out->p[out->n] = 0;
        return 0;
    }
    cli_bytes_free(out);
    return 1;
}

static int is_standard(const char *path) { return !path || strcmp(path, "-") == 0; }

int cli_read_path(const char *path, size_t max, cli_bytes *out)
{
    int fd, code;
    *out = (cli_bytes){0};
    if (is_standard(path)) {
        if (isatty(STDIN_FILENO))
            cli_note("reading standard input; Ctrl-D ends it");
        return cli_read_fd(STDIN_FILENO, max, "standard input", out);
    }
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return cli_fail("could not open %s: %s", path, strerror(errno));
    code = cli_read_fd(fd, max, path, out);
    close(fd);
    return code;
}

int cli_write_fd(int fd, const void *p, size_t n, const char *name)
{
    const char *next = p;
    while (n) {
        ssize_t put = write(fd, next, n);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return cli_fail("could not write %s: %s", name, strerror(errno));
        next += put;
        n -= (size_t)put;
    }
    return 0;
}

static int write_straight(const char *path, const void *p, size_t n)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    int code = fd < 0 ? cli_fail("could not open %s: %s", path, strerror(errno)) : cli_write_fd(fd, p, n, path);
    if (fd >= 0)
        close(fd);
    return code;
}

/* A file that mkstemp made is the owner's alone; the output gets what a plain open would have given. */
static mode_t usual_mode(const struct stat *old)
{
    mode_t mask;
    if (old)
        return old->st_mode & 07777;
    mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

static int write_beside(const char *path, const void *p, size_t n, const struct stat *old)
{
    char temporary[PATH_MAX];
    int code = 1, fd = -1, size = snprintf(temporary, sizeof temporary, "%s.XXXXXX", path);
    if (size < 0 || size >= (int)sizeof temporary)
        return cli_fail("could not write %s: the path is too long", path);
    fd = mkstemp(temporary);
    if (fd < 0)
        return cli_fail("could not write %s: %s", path, strerror(errno));
    if (cli_write_fd(fd, p, n, path))
        goto done;
    code = fchmod(fd, usual_mode(old));
    code |= close(fd);
    fd = -1;
    if (code || rename(temporary, path))
        code = cli_fail("could not write %s: %s", path, strerror(errno));
done:
    if (fd >= 0)
        close(fd);
    if (code)
        unlink(temporary);
    return code;
}

int cli_write_path(const char *path, const void *p, size_t n)
{
    struct stat st;
    char target[PATH_MAX];
    if (is_standard(path))
        return cli_write_fd(STDOUT_FILENO, p, n, "standard output");
    if (stat(path, &st) != 0)
        return write_beside(path, p, n, NULL);
    if (!S_ISREG(st.st_mode))
        return write_straight(path, p, n);
    /* what a link points to is replaced, not the link */
    return write_beside(realpath(path, target) ? target : path, p, n, &st);
}
