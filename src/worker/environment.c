#define _GNU_SOURCE /* mkdtemp, flock */

#include "worker/environment_priv.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "worker/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/*
 * Beside the folder NAME lies the file NAME.lock. Who holds its lock may touch the folder. It is empty, but while the
 * folder is being filled: so one that is not empty and not locked tells of a process that was killed meanwhile. The
 * programs that fill the folder inherit the lock, and keep it should they outlive us. A folder without a lock file is
 * one that MLflow made.
 */

#define WAIT_MS 100

void sv_environment_tell(const sv_environment *e, const char *level, const char *fmt, ...)
{
    char text[1024];
    va_list args;
    if (!e->options->log)
        return;
    va_start(args, fmt);
    int n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    size_t length = n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)text[i] < 0x20)
            text[i] = ' ';
    e->options->log(e->options->log_context, level, text, length);
}

/* ---- paths ---- */

static savor_status make_folders(char *path, savor_error *err)
{
    for (char *slash = path + 1;; slash++) {
        slash += strcspn(slash, "/");
        char end = *slash;
        *slash = '\0';
        int failed = mkdir(path, 0777) != 0 && errno != EEXIST;
        if (failed && end && access(path, F_OK) == 0) /* a read-only part of the way */
            failed = 0;
        if (failed) {
            savor_status st = sv_fail(err, SAVOR_IO, "the folder %s could not be made: %s", path, strerror(errno));
            *slash = end;
            return st;
        }
        if (!(*slash = end))
            return SAVOR_OK;
    }
}

static savor_status find_root(const sv_environment_options *o, char *room, size_t size, savor_error *err)
{
    const char *home = getenv("HOME");
    char here[SV_ENV_PATH_BYTES] = "";
    int n;
    if (o->root && o->root[0] == '/')
        n = snprintf(room, size, "%s", o->root);
    else if (o->root && o->root[0] && getcwd(here, sizeof here))
        n = snprintf(room, size, "%s/%s", here, o->root);
    else if (home && home[0] == '/')
        n = snprintf(room, size, "%s/.mlflow/envs", home);
    else
        return sv_fail(err, SAVOR_NOT_FOUND, "neither MLFLOW_ENV_ROOT nor HOME says where environments are kept");
    return n > 0 && (size_t)n < size ? SAVOR_OK : sv_fail(err, SAVOR_LIMIT, "the path of environments was too long");
}

static savor_status find_paths(sv_environment *e, char *lock, size_t lock_size)
{
    char root[SV_ENV_PATH_BYTES - 200];
    savor_status st = find_root(e->options, root, sizeof root, e->err);
    if (st)
        return st;
    (void)snprintf(e->path, sizeof e->path, "%s/%.100s", root, e->recipe->name);
    (void)snprintf(e->python, sizeof e->python, "%s/bin/python", e->path);
    (void)snprintf(lock, lock_size, "%s.lock", e->path);
    return SAVOR_OK;
}

/* ---- the lock ---- */

/* With the lock, shared or not; -1: there is no lock file. */
static bool is_whole(const sv_environment *e, int lock_fd)
{
    struct stat info;
    return access(e->python, X_OK) == 0 && (lock_fd < 0 || (fstat(lock_fd, &info) == 0 && info.st_size == 0));
}

/* Without writing anything, as the root may be read-only. False also when somebody fills it now. */
static bool is_there(const sv_environment *e, const char *lock)
{
    int fd = open(lock, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return errno == ENOENT && is_whole(e, -1);
    bool found = flock(fd, LOCK_SH | LOCK_NB) == 0 && is_whole(e, fd);
    close(fd);
    return found;
}

static bool is_stopped(const sv_environment *e)
{
    return e->options->is_stopped && e->options->is_stopped(e->options->stop_context);
}

static savor_status take_lock(sv_environment *e, const char *lock)
{
    const struct timespec pause = {.tv_nsec = WAIT_MS * 1000000L};
    bool is_told = false;
    e->lock_fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (e->lock_fd < 0)
        return sv_fail(e->err, SAVOR_IO, "could not open %s: %s", lock, strerror(errno));
    while (flock(e->lock_fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return sv_fail(e->err, SAVOR_IO, "could not lock %s: %s", lock, strerror(errno));
        if (is_stopped(e))
            return sv_fail(e->err, SAVOR_IO, "waiting for the environment %s was stopped", e->path);
        if (!is_told)
            sv_environment_tell(e, "info", "waiting for the environment %s, which another process makes", e->path);
        is_told = true;
        (void)nanosleep(&pause, NULL);
    }
    return SAVOR_OK;
}

static savor_status mark(const sv_environment *e, bool is_being_filled)
{
    static const char TEXT[] = "being filled\n";
    bool done = ftruncate(e->lock_fd, 0) == 0 && lseek(e->lock_fd, 0, SEEK_SET) == 0;
    if (done && is_being_filled)
        done = write(e->lock_fd, TEXT, sizeof TEXT - 1) == sizeof TEXT - 1;
    return done ? SAVOR_OK : sv_fail(e->err, SAVOR_IO, "the lock of %s could not be written", e->path);
}

/* ---- making it ---- */

static savor_status clear(const sv_environment *e)
{
    struct stat info;
    if (lstat(e->path, &info) != 0)
        return SAVOR_OK;
    sv_environment_tell(e, "info", "removing the environment %s, which is not complete", e->path);
    sv_folder_remove(e->path);
    if (lstat(e->path, &info) == 0)
        return sv_fail(e->err, SAVOR_IO, "what is left of the environment %s could not be removed", e->path);
    return SAVOR_OK;
}

static savor_status make_scratch(sv_environment *e)
{
    const char *base = getenv("TMPDIR");
    int n = snprintf(e->scratch, sizeof e->scratch, "%s/savor-environment-XXXXXX",
                     base && base[0] == '/' ? base : P_tmpdir);
    if (n > 0 && (size_t)n < sizeof e->scratch && mkdtemp(e->scratch))
        return SAVOR_OK;
    e->scratch[0] = '\0';
    return sv_fail(e->err, SAVOR_IO, "no private folder could be made: %s", strerror(errno));
}

/* With the lock. */
static savor_status fill(sv_environment *e)
{
    savor_error ignored;
    int64_t start_us = sv_clock_monotonic_us();
    savor_status st = clear(e);
    if (st || (st = mark(e, true)) || (st = make_scratch(e)))
        return st;
    sv_environment_tell(e, "info", "making the environment %s", e->path);
    st = sv_environment_build(e);
    sv_folder_remove(e->scratch);
    if (!st && access(e->python, X_OK) != 0)
        st = sv_fail(e->err, SAVOR_IO, "the environment %s has no bin/python", e->path);
    if (!st && !(st = mark(e, false))) {
        sv_environment_tell(e, "info", "the environment %s was made in %.1f s", e->path,
                            (double)(sv_clock_monotonic_us() - start_us) / 1e6);
        return st;
    }
    sv_folder_remove(e->path);
    if (access(e->path, F_OK) != 0) { /* else the next one must clear it */
        sv_environment quiet = *e;
        quiet.err = &ignored;
        if (mark(&quiet, false))
            sv_environment_tell(e, "warning", "%s", ignored.message);
    }
    return st;
}

savor_status sv_environment_prepare(const sv_environment_recipe *recipe, const sv_environment_options *options,
                                    char **out, savor_error *err)
{
    sv_environment e = {.recipe = recipe, .options = options, .lock_fd = -1, .err = err};
    char lock[SV_ENV_PATH_BYTES + 16], root[SV_ENV_PATH_BYTES];
    savor_status st;
    *out = NULL;
    if ((st = find_paths(&e, lock, sizeof lock)))
        return st;
    if (is_there(&e, lock)) {
        sv_environment_tell(&e, "progress", "the environment %s is there", e.path);
    } else {
        (void)snprintf(root, sizeof root, "%.*s", (int)(strlen(e.path) - strlen(recipe->name) - 1), e.path);
        if (!(st = make_folders(root, err)) && !(st = take_lock(&e, lock)) && !is_whole(&e, e.lock_fd))
            st = fill(&e);
    }
    if (e.lock_fd >= 0)
        close(e.lock_fd);
    if (st)
        return st;
    char *copy = sv_alloc(strlen(e.python) + 1);
    if (!copy)
        return sv_fail_nomem(err, strlen(e.python) + 1);
    memcpy(copy, e.python, strlen(e.python) + 1);
    *out = copy;
    return SAVOR_OK;
}
