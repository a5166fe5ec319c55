#define _GNU_SOURCE /* realpath */

#include "worker/r_launch.h"

#include "base/alloc.h"
#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define PATH_BYTES_MAX 4096
#define LIBRARIES_MAX 32

/* "a" "b" -> "ab" in the arena. */
static savor_status join(sv_arena *arena, const char *a, const char *b, const char **out, savor_error *err)
{
    sv_buf text = SV_BUF_INIT(4 * PATH_BYTES_MAX);
    sv_buf_printf(&text, "%s%s", a, b);
    savor_status st = sv_buf_check(&text, err);
    if (!st && !(*out = sv_arena_text(arena, text.p, text.n)))
        st = sv_arena_fail(arena, text.n, err);
    sv_buf_deinit(&text);
    return st;
}

/* The R home that an Rscript belongs to: where R lies beside it, as a build, Debian, Fedora and conda have it. */
static bool find_home(const char *rscript, char *home)
{
    static const char *const PLACES[] = {"..", "../lib/R", "../lib64/R"};
    char real[PATH_BYTES_MAX], path[2 * PATH_BYTES_MAX];
    if (!realpath(rscript, real))
        return false;
    char *slash = strrchr(real, '/');
    *slash = '\0';
    for (size_t i = 0; i < sizeof PLACES / sizeof PLACES[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/%s/bin/exec/R", real, PLACES[i]);
        if (access(path, X_OK) != 0)
            continue;
        (void)snprintf(path, sizeof path, "%s/%s", real, PLACES[i]);
        return realpath(path, home) != NULL;
    }
    return false;
}

/* Folders of packages that the user named: "a:b". */
static savor_status add_libraries(const char *list, sv_arena *arena, const char **out, size_t *n, savor_error *err)
{
    sv_str left = sv_str_of(list);
    while (left.n && *n < LIBRARIES_MAX) {
        sv_str folder = {left.p, sv_str_find(left, ':')};
        size_t skip = folder.n < left.n ? folder.n + 1 : folder.n;
        left = (sv_str){left.p + skip, left.n - skip};
        if (!folder.n || folder.p[0] != '/')
            continue;
        if (!(out[*n] = sv_arena_text(arena, folder.p, folder.n)))
            return sv_arena_fail(arena, folder.n, err);
        ++*n;
    }
    return SAVOR_OK;
}

typedef struct direct {
    sv_launch launch;
    const char *words[5], *settings[3];
    const char *readable[LIBRARIES_MAX + 4], *runnable[2];
} direct;

/* What the shell script would have done: R's home in the environment, its library first. */
static savor_status run_directly(const char *home, sv_arena *arena, sv_process_options *o, savor_error *err)
{
    direct *d = sv_arena_alloc(arena, sizeof *d);
    const char *libraries = getenv("LD_LIBRARY_PATH"), *room;
    size_t n = 0;
    savor_status st;
    if (!d)
        return sv_arena_fail(arena, sizeof *d, err);
    *d = (direct){.words = {"--no-echo", "--no-restore", NULL, "--args"}, .runnable = {"/bin/sh"}};
    if ((st = join(arena, "--file=", o->program, &d->words[2], err)) ||
        (st = join(arena, home, "/bin/exec/R", &o->interpreter, err)) ||
        (st = join(arena, "R_HOME=", home, &d->settings[0], err)) ||
        (st = join(arena, home, libraries && libraries[0] ? "/lib:" : "/lib", &room, err)) ||
        (st = join(arena, room, libraries ? libraries : "", &room, err)) ||
        (st = join(arena, "LD_LIBRARY_PATH=", room, &d->settings[1], err)) ||
        (st = join(arena, home, "", &d->readable[n++], err)) ||
        (st = join(arena, home, "/..", &d->readable[n++], err)) || /* what R's library needs, in conda's trees */
        (st = add_libraries(getenv("R_LIBS"), arena, d->readable, &n, err)) ||
        (st = add_libraries(getenv("R_LIBS_USER"), arena, d->readable, &n, err)))
        return st;
    d->readable[n++] = "/etc/R"; /* where Debian keeps R's own settings */
    d->launch = (sv_launch){d->words, d->settings, d->readable, d->runnable};
    o->launch = &d->launch;
    return SAVOR_OK;
}

savor_status sv_r_launch(const char *rscript, sv_arena *arena, sv_process_options *options, savor_error *err)
{
    const char *command = rscript && rscript[0] ? rscript : "Rscript";
    char *path, home[PATH_BYTES_MAX];
    savor_status st = sv_process_find(command, &path, err);
    if (st)
        return st;
    options->launch = NULL;
    if (options->sandbox != SAVOR_SANDBOX_STRICT)
        st = join(arena, path, "", &options->interpreter, err);
    else if (find_home(path, home))
        st = run_directly(home, arena, options, err);
    else
        st = sv_fail(err, SAVOR_NOT_FOUND,
                     "a strict sandbox runs R without a shell, but no R home was found for \"%s\"", path);
    sv_free(path);
    return st;
}
