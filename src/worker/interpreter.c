#define _GNU_SOURCE /* strverscmp */

#include "worker/interpreter.h"

#include "base/alloc.h"
#include "worker/process.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ASK_TIMEOUT_MS 30000

typedef struct search {
    const char *wanted;
    const sv_command_options *options;
    sv_interpreter *best;
    savor_error *err;
} search;

/* ---- versions ---- */

/* Up to and without the second dot: "3.10" of "3.10.12"; all of "3". */
static sv_str minor_of(const char *version)
{
    sv_str v = sv_str_of(version);
    size_t n = sv_str_find(v, '.');
    if (n < v.n)
        n += 1 + sv_str_find((sv_str){v.p + n + 1, v.n - n - 1}, '.');
    return (sv_str){v.p, n};
}

int sv_interpreter_match(const char *wanted, const char *version)
{
    sv_str minor = minor_of(wanted), other = minor_of(version);
    if (strcmp(wanted, version) == 0)
        return 2;
    if (sv_str_find(minor, '.') == minor.n) /* "3": any */
        return sv_str_starts(other, minor) && other.n > minor.n && other.p[minor.n] == '.' ? 2 : 0;
    /* a pre-release such as 3.13.0rc1 has a minor version, too; "3.13rc1" has none that others share */
    return sv_str_equal(minor, other) ? (minor.n == strlen(wanted) ? 2 : 1) : 0;
}

/* ---- asking one ---- */

static bool is_stopped(const search *s)
{
    return s->options->is_stopped && s->options->is_stopped(s->options->stop_context);
}

/* A name in PATH may be a shim that only says it cannot: so each is run. */
static savor_status consider(search *s, const char *path)
{
    static const char SCRIPT[] = "import platform; print(platform.python_version())";
    const char *const argv[] = {path, "-I", "-c", SCRIPT, NULL};
    sv_command_options o = {.lock_fd = -1,
                            .timeout_ms = ASK_TIMEOUT_MS,
                            .is_stopped = s->options->is_stopped,
                            .stop_context = s->options->stop_context};
    char version[SV_PYTHON_VERSION_BYTES];
    sv_command_result result;
    if (s->best->is_exact || strlen(path) >= sizeof s->best->path)
        return SAVOR_OK;
    savor_status st = sv_command_run(argv, &o, &result, s->err);
    if (st)
        return is_stopped(s) || st == SAVOR_NOMEM ? st : SAVOR_OK;
    sv_str line = sv_command_last_line(&result);
    if (result.code != 0 || !line.n || line.n >= sizeof version)
        return SAVOR_OK;
    (void)snprintf(version, sizeof version, "%.*s", SV_FMT(line));
    int match = s->wanted ? sv_interpreter_match(s->wanted, version) : 2;
    if (match == 0 || (match == 1 && s->best->path[0]))
        return SAVOR_OK;
    (void)snprintf(s->best->path, sizeof s->best->path, "%s", path);
    memcpy(s->best->version, version, sizeof version);
    s->best->is_exact = match == 2;
    return SAVOR_OK;
}

static savor_status consider_command(search *s, const char *name)
{
    char *path;
    savor_error ignored;
    savor_status st = sv_process_find(name, &path, &ignored);
    if (st)
        return st == SAVOR_NOMEM ? sv_fail_nomem(s->err, strlen(name)) : SAVOR_OK;
    st = consider(s, path);
    sv_free(path);
    return st;
}

/* ---- places ---- */

static bool find_pyenv(char *folder, size_t size)
{
    const char *root = getenv("PYENV_ROOT"), *home = getenv("HOME");
    bool has_root = root && root[0];
    int n = snprintf(folder, size, "%s/%s",
                     has_root ? root
                     : home   ? home
                              : "",
                     has_root ? "versions" : ".pyenv/versions");
    return n > 0 && (size_t)n < size;
}

/* The one with the very version that is wanted, or the newest that serves. */
static savor_status consider_pyenv(search *s, bool is_exact)
{
    char folder[SV_PYTHON_PATH_BYTES], path[SV_PYTHON_PATH_BYTES + 300], newest[256];
    if (s->best->is_exact || !find_pyenv(folder, sizeof folder))
        return SAVOR_OK;
    (void)snprintf(newest, sizeof newest, "%s", is_exact ? s->wanted : "");
    DIR *dir = is_exact ? NULL : opendir(folder);
    for (struct dirent *entry; dir && (entry = readdir(dir));)
        if (sv_interpreter_match(s->wanted, entry->d_name) && strverscmp(entry->d_name, newest) > 0)
            (void)snprintf(newest, sizeof newest, "%s", entry->d_name);
    if (dir)
        closedir(dir);
    if (!newest[0])
        return SAVOR_OK;
    (void)snprintf(path, sizeof path, "%s/%s/bin/python", folder, newest);
    return access(path, X_OK) == 0 ? consider(s, path) : SAVOR_OK;
}

/* uv knows the interpreters that it has fetched before; it fetches none here. */
static savor_status consider_uv(search *s)
{
    static const char *const NEVER[] = {"UV_PYTHON_DOWNLOADS=never", NULL};
    sv_command_options o = {.set = NEVER,
                            .lock_fd = -1,
                            .timeout_ms = ASK_TIMEOUT_MS,
                            .is_stopped = s->options->is_stopped,
                            .stop_context = s->options->stop_context};
    sv_str minor = minor_of(s->wanted);
    char request[SV_PYTHON_VERSION_BYTES], path[SV_PYTHON_PATH_BYTES], *uv;
    sv_command_result result;
    if (s->best->is_exact || sv_process_find("uv", &uv, NULL))
        return SAVOR_OK;
    savor_status st = SAVOR_OK;
    for (int is_minor = 0; is_minor < 2 && !st && !s->best->path[0]; is_minor++) {
        (void)snprintf(request, sizeof request, "%.*s", is_minor ? (int)minor.n : (int)strlen(s->wanted), s->wanted);
        const char *const argv[] = {uv, "python", "find", "--no-project", request, NULL};
        st = sv_command_run(argv, &o, &result, s->err);
        if (st && !is_stopped(s) && st != SAVOR_NOMEM)
            st = SAVOR_OK;
        else if (!st && result.code == 0) {
            (void)snprintf(path, sizeof path, "%.*s", SV_FMT(sv_command_last_line(&result)));
            st = path[0] == '/' ? consider(s, path) : SAVOR_OK;
        }
    }
    sv_free(uv);
    return st;
}

static savor_status fail_missing(const search *s)
{
    sv_str minor = minor_of(s->wanted);
    return sv_fail(
        s->err, SAVOR_NOT_FOUND,
        "the model needs Python %s, and no python%.*s was found in PATH, below pyenv's versions or by uv. "
        "`pyenv install %s` or `uv python install %s` gets it; uv also by itself when UV_PYTHON_DOWNLOADS=automatic; "
        "--python FILE names another",
        s->wanted, SV_FMT(minor), s->wanted, s->wanted);
}

savor_status sv_interpreter_find(const char *wanted, const sv_command_options *options, sv_interpreter *out,
                                 savor_error *err)
{
    search s = {wanted, options, out, err};
    char name[SV_PYTHON_VERSION_BYTES + 8];
    savor_status st;
    *out = (sv_interpreter){.path = ""};
    if (!wanted) {
        st = consider_command(&s, "python3");
        return st || out->path[0] ? st : sv_fail(err, SAVOR_NOT_FOUND, "no python3 was found in PATH");
    }
    sv_str minor = minor_of(wanted);
    (void)snprintf(name, sizeof name, "python%.*s", SV_FMT(minor));
    if ((st = consider_pyenv(&s, true)) || (st = consider_command(&s, name)) ||
        (st = consider_command(&s, "python3")) || (st = consider_pyenv(&s, false)) || (st = consider_uv(&s)))
        return st;
    return out->path[0] ? SAVOR_OK : fail_missing(&s);
}
