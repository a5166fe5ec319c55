#define _GNU_SOURCE /* O_PATH, syscall */
#include "base/dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PATH_BYTES 4096

savor_status sv_dir_open(const char *path, sv_dir *out, savor_error *err)
{
    *out = SV_DIR_CLOSED;
    int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        out->fd = fd;
        return SAVOR_OK;
    }
    if (errno == ENOENT)
        return sv_fail(err, SAVOR_NOT_FOUND, "no such directory: %s", path);
    if (errno == ENOTDIR)
        return sv_fail(err, SAVOR_NOT_FOUND, "not a directory: %s", path);
    return sv_fail(err, SAVOR_IO, "could not open directory %s: %s", path, strerror(errno));
}

void sv_dir_close(sv_dir *dir)
{
    if (dir->fd >= 0)
        close(dir->fd);
    *dir = SV_DIR_CLOSED;
}

static bool is_bad_component(sv_str part) { return part.n == 0 || sv_str_is(part, ".."); }

savor_status sv_path_check(sv_str path, savor_error *err)
{
    sv_str rest = path;
    while (sv_str_ends(rest, SV_STR("/")))
        rest.n--;
    if (rest.n == 0 || rest.n >= PATH_BYTES)
        return sv_fail(err, SAVOR_FORMAT, "path of %zu bytes, expected 1 to %d", path.n, PATH_BYTES - 1);
    for (size_t i = 0; i < rest.n; i++) {
        unsigned char c = (unsigned char)rest.p[i];
        if (c < 0x20 || c == 0x7F || c == '\\')
            return sv_fail(err, SAVOR_FORMAT, "path holds the byte 0x%02x, which is not allowed", c);
    }
    for (sv_str left = rest;;) {
        size_t n = sv_str_find(left, '/');
        if (is_bad_component((sv_str){left.p, n}))
            return sv_fail(err, SAVOR_FORMAT, "path \"%.*s\" leads out of the model directory", SV_FMT(path));
        if (n == left.n)
            return SAVOR_OK;
        left = (sv_str){left.p + n + 1, left.n - n - 1};
    }
}

/* For kernels without openat2 (before 5.6) or sandboxes that forbid it. */
static int open_by_component(int dir_fd, char *path, int flags)
{
    int fd = dir_fd;
    for (char *part = path;;) {
        char *slash = strchr(part, '/');
        if (slash)
            *slash = '\0';
        int next = openat(fd, part, (slash ? O_PATH | O_DIRECTORY : flags) | O_NOFOLLOW | O_CLOEXEC);
        if (fd != dir_fd)
            close(fd);
        if (next < 0 || !slash)
            return next;
        fd = next;
        part = slash + 1;
    }
}

/* errno tells why when the result is -1. */
static int open_beneath(int dir_fd, sv_str path, int flags)
{
    char text[PATH_BYTES];
    while (sv_str_ends(path, SV_STR("/")))
        path.n--;
    if (path.n >= sizeof text) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(text, path.p, path.n);
    text[path.n] = '\0';
    struct open_how how = {
        .flags = (uint64_t)(flags | O_CLOEXEC),
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
    };
    long fd = syscall(SYS_openat2, dir_fd, text, &how, sizeof how);
    if (fd < 0 && (errno == ENOSYS || errno == EPERM))
        return open_by_component(dir_fd, text, flags);
    return (int)fd;
}

static savor_status fail_open(sv_str path, savor_error *err)
{
    int why = errno;
    savor_status st = why == ENOENT || why == ENOTDIR ? SAVOR_NOT_FOUND : SAVOR_IO;
    if (why == ELOOP || why == EXDEV)
        return sv_fail(err, SAVOR_FORMAT, "\"%.*s\" is a link, and links are not followed", SV_FMT(path));
    if (st == SAVOR_NOT_FOUND)
        return sv_fail(err, st, "no such file: \"%.*s\"", SV_FMT(path));
    return sv_fail(err, st, "could not open \"%.*s\": %s", SV_FMT(path), strerror(why));
}

static savor_status read_all(int fd, sv_str path, size_t expected, sv_buf *out, savor_error *err)
{
    for (;;) {
        size_t room = expected > 0 ? expected : 65536;
        char *place = sv_buf_reserve(out, room);
        if (!place && out->failed == SAVOR_LIMIT)
            return sv_fail(err, SAVOR_LIMIT, "\"%.*s\" is larger than the limit of %zu bytes", SV_FMT(path),
                           out->max_bytes);
        if (!place)
            return sv_buf_check(out, err);
        ssize_t n = read(fd, place, room);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return sv_fail(err, SAVOR_IO, "could not read \"%.*s\": %s", SV_FMT(path), strerror(errno));
        if (n == 0)
            return SAVOR_OK;
        out->n += (size_t)n;
        out->p[out->n] = '\0';
        expected = (size_t)n < expected ? expected - (size_t)n : 0;
        if (expected == 0)
            expected = 1; /* one more small read finds the end, or that the file grew */
    }
}

savor_status sv_dir_open_file(const sv_dir *dir, sv_str path, int *fd, uint64_t *size_bytes, savor_error *err)
{
    struct stat info;
    *fd = -1;
    savor_status st = sv_path_check(path, err);
    if (st)
        return st;
    int opened = open_beneath(dir->fd, path, O_RDONLY | O_NONBLOCK);
    if (opened < 0)
        return fail_open(path, err);
    if (fstat(opened, &info) != 0)
        st = sv_fail(err, SAVOR_IO, "could not stat \"%.*s\": %s", SV_FMT(path), strerror(errno));
    else if (!S_ISREG(info.st_mode))
        st = sv_fail(err, SAVOR_FORMAT, "\"%.*s\" is not a regular file", SV_FMT(path));
    if (st) {
        close(opened);
        return st;
    }
    *fd = opened;
    *size_bytes = (uint64_t)info.st_size;
    return SAVOR_OK;
}

savor_status sv_dir_read(const sv_dir *dir, sv_str path, sv_buf *out, savor_error *err)
{
    int fd;
    uint64_t size;
    savor_status st = sv_dir_open_file(dir, path, &fd, &size, err);
    if (st)
        return st;
    if (size > out->max_bytes - (out->n < out->max_bytes ? out->n : out->max_bytes))
        st = sv_fail(err, SAVOR_LIMIT, "\"%.*s\" has %llu bytes, more than the limit of %zu", SV_FMT(path),
                     (unsigned long long)size, out->max_bytes);
    else
        st = read_all(fd, path, (size_t)size, out, err);
    close(fd);
    return st;
}

savor_status sv_dir_visit(const sv_dir *dir, sv_str path, sv_dir_visit_fn visit, void *context, savor_error *err)
{
    char piece[65536];
    int fd;
    uint64_t size;
    savor_status st = sv_dir_open_file(dir, path, &fd, &size, err);
    if (st)
        return st;
    for (ssize_t n = 1; !st && n != 0;) {
        n = read(fd, piece, sizeof piece);
        if (n < 0 && errno != EINTR)
            st = sv_fail(err, SAVOR_IO, "could not read \"%.*s\": %s", SV_FMT(path), strerror(errno));
        else if (n > 0)
            visit(context, piece, (size_t)n);
    }
    close(fd);
    return st;
}

bool sv_dir_has_file(const sv_dir *dir, sv_str path, uint64_t *size_bytes)
{
    struct stat info;
    if (sv_path_check(path, NULL) != SAVOR_OK)
        return false;
    int fd = open_beneath(dir->fd, path, O_PATH);
    if (fd < 0)
        return false;
    bool found = fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
    close(fd);
    if (found && size_bytes)
        *size_bytes = (uint64_t)info.st_size;
    return found;
}

size_t sv_dir_read_head(const sv_dir *dir, sv_str path, void *out, size_t n)
{
    struct stat info;
    if (sv_path_check(path, NULL) != SAVOR_OK)
        return 0;
    int fd = open_beneath(dir->fd, path, O_RDONLY | O_NONBLOCK);
    if (fd < 0)
        return 0;
    ssize_t got = fstat(fd, &info) == 0 && S_ISREG(info.st_mode) ? read(fd, out, n) : 0;
    close(fd);
    return got > 0 ? (size_t)got : 0;
}

/* ---- every file below a directory ---- */

#define FOLDERS_DEEP 32

typedef struct listing {
    const sv_dir *dir;
    sv_arena *arena;
    size_t max_files, capacity;
    bool is_whole; /* links and devices are errors */
    sv_dir_files *out;
    savor_error *err;
} listing;

static savor_status add_file(listing *l, sv_str path)
{
    if (l->out->n == l->max_files)
        return sv_fail(l->err, SAVOR_LIMIT, "a directory held more than %zu files", l->max_files);
    if (l->out->n == l->capacity) {
        l->capacity = l->capacity * 2 + 32;
        sv_str *paths = sv_arena_array(l->arena, l->capacity, sizeof *paths);
        if (!paths)
            return sv_arena_fail(l->arena, l->capacity * sizeof *paths, l->err);
        if (l->out->n)
            memcpy(paths, l->out->paths, l->out->n * sizeof *paths);
        l->out->paths = paths;
    }
    l->out->paths[l->out->n++] = path;
    return SAVOR_OK;
}

static savor_status join(listing *l, sv_str folder, const char *name, sv_str *out)
{
    size_t n = strlen(name), gap = folder.n ? 1 : 0;
    char *text = sv_arena_alloc(l->arena, folder.n + gap + n + 1);
    if (!text)
        return sv_arena_fail(l->arena, folder.n + n + 2, l->err);
    if (gap) {
        memcpy(text, folder.p, folder.n);
        text[folder.n] = '/';
    }
    memcpy(text + folder.n + gap, name, n + 1);
    *out = (sv_str){text, folder.n + gap + n};
    return SAVOR_OK;
}

static savor_status list_folder(listing *l, sv_str folder, unsigned depth);

static savor_status list_entry(listing *l, int fd, sv_str folder, const char *name, unsigned depth)
{
    struct stat info;
    sv_str path;
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return SAVOR_OK;
    bool is_there = fstatat(fd, name, &info, AT_SYMLINK_NOFOLLOW) == 0, is_folder = is_there && S_ISDIR(info.st_mode);
    if (!is_folder && !(is_there && S_ISREG(info.st_mode))) {
        if (!l->is_whole)
            return SAVOR_OK;
        return sv_fail(l->err, SAVOR_FORMAT, "\"%.*s%s%s\" is a link or no regular file", SV_FMT(folder),
                       folder.n ? "/" : "", name);
    }
    savor_status st = join(l, folder, name, &path);
    if (st)
        return st;
    return is_folder ? list_folder(l, path, depth - 1) : add_file(l, path);
}

/* `folder` is "" for the directory itself. */
static savor_status list_folder(listing *l, sv_str folder, unsigned depth)
{
    savor_status st = SAVOR_OK;
    if (depth == 0)
        return sv_fail(l->err, SAVOR_LIMIT, "folders were nested deeper than %d", FOLDERS_DEEP);
    int fd = folder.n ? open_beneath(l->dir->fd, folder, O_RDONLY | O_DIRECTORY)
                      : openat(l->dir->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = fd < 0 ? NULL : fdopendir(fd);
    if (!stream) {
        st = sv_fail(l->err, SAVOR_IO, "could not list \"%.*s\": %s", SV_FMT(folder), strerror(errno));
        if (fd >= 0)
            close(fd);
        return st;
    }
    for (struct dirent *entry; !st && (entry = readdir(stream));)
        st = list_entry(l, fd, folder, entry->d_name, depth);
    closedir(stream);
    return st;
}

static int compare_paths(const void *a, const void *b)
{
    return sv_str_compare(*(const sv_str *)a, *(const sv_str *)b);
}

static savor_status list_all(listing *l)
{
    *l->out = (sv_dir_files){0};
    savor_status st = list_folder(l, SV_STR(""), FOLDERS_DEEP);
    if (st)
        *l->out = (sv_dir_files){0};
    else if (l->out->n)
        qsort(l->out->paths, l->out->n, sizeof *l->out->paths, compare_paths);
    return st;
}

savor_status sv_dir_list(const sv_dir *dir, size_t max_files, sv_arena *arena, sv_dir_files *out, savor_error *err)
{
    listing l = {.dir = dir, .arena = arena, .max_files = max_files, .out = out, .err = err};
    return list_all(&l);
}

savor_status sv_dir_list_whole(const sv_dir *dir, size_t max_files, sv_arena *arena, sv_dir_files *out,
                               savor_error *err)
{
    listing l = {.dir = dir, .arena = arena, .max_files = max_files, .is_whole = true, .out = out, .err = err};
    return list_all(&l);
}
