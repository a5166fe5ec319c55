#define _GNU_SOURCE /* realpath */

#include "worker/sandbox.h"

#include "worker/landlock.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#define PATH_BYTES_MAX 4096
#define SCOPES_VERSION 6 /* of Landlock: keeps signals inside */

/* Where a system keeps what every program reads, and what Python and its libraries ask about the machine. */
static const char *const SYSTEM[] = {"/usr",
                                     "/lib",
                                     "/lib32",
                                     "/lib64",
                                     "/bin",
                                     "/proc",
                                     "/sys",
                                     "/etc/ld.so.cache",
                                     "/etc/localtime",
                                     "/etc/ssl",
                                     "/etc/mime.types",
                                     "/etc/alternatives",
                                     "/etc/fonts",
                                     "/etc/timezone"};
static const char *const DEVICES[] = {"/dev/null", "/dev/zero", "/dev/full", "/dev/shm"};
static const char *const RANDOM[] = {"/dev/urandom", "/dev/random"};
static const char *const LOADERS[] = {"/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1",
                                      "/lib/ld-linux-riscv64-lp64d.so.1", "/lib/ld-musl-x86_64.so.1",
                                      "/lib/ld-musl-aarch64.so.1"};

#define N(list) (sizeof(list) / sizeof *(list))

static void allow_all(int fd, bool is_strict, const char *const *paths, size_t n, sv_landlock_use use)
{
    for (size_t i = 0; i < n; i++)
        sv_landlock_allow(fd, is_strict, paths[i], use);
}

static void allow_list(int fd, const char *const *paths, sv_landlock_use use)
{
    for (; paths && *paths; paths++)
        sv_landlock_allow(fd, true, *paths, use);
}

/* The folder `levels` above a path, as text in `room`; false at the root. */
static bool go_up(const char *path, int levels, char *room, size_t size)
{
    int n = snprintf(room, size, "%s", path);
    if (n < 0 || (size_t)n >= size)
        return false;
    for (int i = 0; i < levels; i++) {
        char *slash = strrchr(room, '/');
        if (!slash)
            return false;
        *slash = '\0';
    }
    return room[0] != '\0';
}

/* What lies beside an interpreter, as an installation or a virtual environment has it. */
static void allow_prefix(int fd, const char *interpreter)
{
    static const char *const PARTS[] = {"bin", "lib", "lib64", "share", "pyvenv.cfg"};
    char prefix[PATH_BYTES_MAX], part[PATH_BYTES_MAX + 16];
    if (!go_up(interpreter, 2, prefix, sizeof prefix))
        return;
    for (size_t i = 0; i < N(PARTS); i++) {
        (void)snprintf(part, sizeof part, "%s/%s", prefix, PARTS[i]);
        sv_landlock_allow(fd, true, part, SV_LANDLOCK_READ);
    }
}

static void allow_python(int fd, const sv_sandbox_paths *paths)
{
    char real[PATH_BYTES_MAX], folder[PATH_BYTES_MAX];
    allow_prefix(fd, paths->interpreter);
    if (realpath(paths->interpreter, real)) {
        allow_prefix(fd, real);
        sv_landlock_allow(fd, true, real, SV_LANDLOCK_EXECUTE);
    }
    if (go_up(paths->program, 1, folder, sizeof folder) && realpath(folder, real))
        sv_landlock_allow(fd, true, real, SV_LANDLOCK_READ);
    allow_all(fd, true, LOADERS, N(LOADERS), SV_LANDLOCK_EXECUTE);
}

void sv_sandbox_prepare(savor_sandbox level, const sv_sandbox_paths *paths, sv_sandbox *out)
{
    bool is_strict = level == SAVOR_SANDBOX_STRICT;
    *out = SV_SANDBOX_NONE;
    out->level = level;
    if (level == SAVOR_SANDBOX_OFF)
        return;
    sv_seccomp_init(&out->calls, is_strict, paths->runnable != NULL); /* what may run others must fork first */
    int fd = out->ruleset_fd = sv_landlock_new(is_strict);
    if (fd < 0)
        return;
    sv_landlock_allow(fd, is_strict, paths->folder, SV_LANDLOCK_WRITE);
    if (!is_strict) {
        sv_landlock_allow(fd, false, "/dev", SV_LANDLOCK_WRITE); /* accelerators are devices */
        return;
    }
    allow_all(fd, true, DEVICES, N(DEVICES), SV_LANDLOCK_WRITE);
    allow_all(fd, true, RANDOM, N(RANDOM), SV_LANDLOCK_READ);
    allow_all(fd, true, SYSTEM, N(SYSTEM), SV_LANDLOCK_READ);
    sv_landlock_allow(fd, true, paths->model_path, SV_LANDLOCK_READ);
    allow_list(fd, paths->readable, SV_LANDLOCK_READ);
    allow_list(fd, paths->runnable, SV_LANDLOCK_EXECUTE);
    allow_python(fd, paths);
}

/* The kernel rather ends a worker than the server. */
static void offer_to_oom_killer(void)
{
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    ssize_t ignored = fd >= 0 ? write(fd, "500", 3) : 0;
    (void)ignored;
    if (fd >= 0)
        close(fd);
}

bool sv_sandbox_enter(const sv_sandbox *sandbox)
{
    offer_to_oom_killer();
    if (sandbox->level == SAVOR_SANDBOX_OFF)
        return true;
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           (sandbox->ruleset_fd < 0 || sv_landlock_enter(sandbox->ruleset_fd)) && sv_seccomp_enter(&sandbox->calls);
}

void sv_sandbox_close(sv_sandbox *sandbox)
{
    if (sandbox->ruleset_fd >= 0)
        close(sandbox->ruleset_fd);
    sandbox->ruleset_fd = -1;
}

void sv_sandbox_put_missing(savor_sandbox level, sv_buf *out)
{
    int version = level == SAVOR_SANDBOX_OFF ? SCOPES_VERSION : sv_landlock_version();
    if (version == 0)
        sv_buf_put_text(out, "Landlock");
    else if (version < SCOPES_VERSION)
        sv_buf_printf(out, "Landlock version %d (it has %d)", SCOPES_VERSION, version);
    if (level != SAVOR_SANDBOX_OFF && !sv_seccomp_is_there())
        sv_buf_printf(out, "%sseccomp", out->n ? ", " : "");
}
