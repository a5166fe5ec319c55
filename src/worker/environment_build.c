#define _GNU_SOURCE

#include "worker/environment_priv.h"

#include "base/alloc.h"
#include "worker/process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define TOLD_LINES 20
#define WORDS_MAX 12

/* As MLflow sets it: pip must not ask. The others keep what pip prints to what matters. */
static const char *const PIP_SETTINGS[] = {"PIP_NO_INPUT=1", "PIP_DISABLE_PIP_VERSION_CHECK=1", NULL};
/* Workers write no bytecode, and uv leaves it out: each start would compile all that it imports. */
static const char *const UV_SETTINGS[] = {"UV_PYTHON_DOWNLOADS=never", "UV_NO_PROGRESS=1", "UV_COMPILE_BYTECODE=1",
                                          NULL};
static const char *const UV_FETCH_SETTINGS[] = {"UV_NO_PROGRESS=1", NULL};

/* ---- one program ---- */

static void tell_tail(const sv_environment *e, const sv_command_result *result)
{
    sv_str text = sv_str_trim((sv_str){result->tail, result->n_tail});
    size_t start = text.n;
    for (int n = 0; start > 0 && n < TOLD_LINES; start--)
        n += text.p[start - 1] == '\n';
    for (sv_str left = {text.p + start, text.n - start}; left.n;) {
        size_t n = sv_str_find(left, '\n'), skip = n < left.n ? n + 1 : n;
        if (sv_str_trim((sv_str){left.p, n}).n)
            sv_environment_tell(e, "warning", "%.*s", (int)n, left.p);
        left = (sv_str){left.p + skip, left.n - skip};
    }
}

/* `what` is for people: "install the requirements". */
static savor_status run(const sv_environment *e, const char *what, const char *const *argv, const char *folder,
                        const char *const *set)
{
    sv_command_options o = {.folder = folder,
                            .set = set,
                            .lock_fd = e->lock_fd,
                            .is_stopped = e->options->is_stopped,
                            .stop_context = e->options->stop_context};
    sv_command_result *result = sv_alloc(sizeof *result);
    if (!result)
        return sv_fail_nomem(e->err, sizeof *result);
    savor_status st = sv_command_run(argv, &o, result, e->err);
    if (st)
        st = sv_error_at(e->err, st, "%s", what);
    else if (result->code != 0) {
        tell_tail(e, result);
        st = sv_error_at(e->err,
                         sv_fail(e->err, SAVOR_IO, "%s ended with exit code %d: %.*s", argv[0], result->code,
                                 SV_FMT(sv_command_last_line(result))),
                         "%s", what);
    }
    sv_free(result);
    return st;
}

/* Like run, when a failure is only an answer. */
static savor_status ask(const sv_environment *e, const char *const *argv, bool *is_yes)
{
    sv_command_options o = {
        .lock_fd = -1, .is_stopped = e->options->is_stopped, .stop_context = e->options->stop_context};
    sv_command_result *result = sv_alloc(sizeof *result);
    *is_yes = false;
    if (!result)
        return sv_fail_nomem(e->err, sizeof *result);
    savor_status st = sv_command_run(argv, &o, result, e->err);
    *is_yes = !st && result->code == 0;
    sv_free(result);
    return st;
}

/* ---- files for programs ---- */

static savor_status write_file(const sv_environment *e, const char *name, sv_str text, char *path, size_t size)
{
    int n = snprintf(path, size, "%s/%s", e->scratch, name);
    int fd = n > 0 && (size_t)n < size ? open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;
    size_t at = 0;
    while (fd >= 0 && at < text.n) {
        ssize_t put = write(fd, text.p + at, text.n - at);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            break;
        at += (size_t)put;
    }
    if (fd < 0 || (close(fd) != 0) || at < text.n)
        return sv_fail(e->err, SAVOR_IO, "the file %s could not be written: %s", name, strerror(errno));
    return SAVOR_OK;
}

/* `installer` is the words before "-r"; NULL-terminated. Nothing runs when there is nothing to install. */
static savor_status install(const sv_environment *e, const char *const *installer, const char *const *set,
                            const char *name, sv_str text, sv_str constraints)
{
    char file[SV_ENV_PATH_BYTES + 40], limits[SV_ENV_PATH_BYTES + 40], label[80];
    const char *argv[WORDS_MAX + 5] = {NULL};
    size_t n = 0, n_lines = 0;
    savor_status st;
    if (!text.n)
        return SAVOR_OK;
    for (size_t i = 0; i < text.n; i++)
        n_lines += text.p[i] == '\n';
    for (; installer[n] && n < WORDS_MAX; n++)
        argv[n] = installer[n];
    (void)snprintf(label, sizeof label, "%s.txt", name);
    if ((st = write_file(e, label, text, file, sizeof file)))
        return st;
    argv[n++] = "-r";
    argv[n++] = file;
    if (constraints.n) {
        (void)snprintf(label, sizeof label, "%s-constraints.txt", name);
        if ((st = write_file(e, label, constraints, limits, sizeof limits)))
            return st;
        argv[n++] = "-c";
        argv[n++] = limits;
    }
    sv_environment_tell(e, "progress", "installing %zu %s", n_lines, name);
    (void)snprintf(label, sizeof label, "installing %s", name);
    return run(e, label, argv, e->recipe->folder, set);
}

static savor_status install_all(const sv_environment *e, const char *const *installer, const char *const *set)
{
    static const sv_str NONE = {"", 0};
    savor_status st;
    if ((st = install(e, installer, set, "build-dependencies", e->recipe->build, NONE)) ||
        (st = install(e, installer, set, "requirements", e->recipe->requirements, e->recipe->constraints)))
        return st;
    return install(e, installer, set, "more-requirements", e->recipe->more, NONE);
}

/* ---- virtualenv ---- */

static void tell_version(const sv_environment *e, const sv_interpreter *found)
{
    if (found->is_exact || !e->recipe->python)
        sv_environment_tell(e, "progress", "Python %s: %s", found->version, found->path);
    else
        sv_environment_tell(e, "warning", "Python %s stands in for %s, which is not there: %s", found->version,
                            e->recipe->python, found->path);
}

static savor_status make_virtualenv(const sv_environment *e, const sv_interpreter *found)
{
    const char *const has_venv[] = {found->path, "-c", "import venv, ensurepip", NULL};
    const char *const venv[] = {found->path, "-m", "venv", e->path, NULL};
    char *program = NULL;
    bool is_there;
    savor_status st = ask(e, has_venv, &is_there);
    if (st)
        return st;
    if (is_there)
        return run(e, "python -m venv", venv, e->scratch, PIP_SETTINGS);
    if ((st = sv_process_find("virtualenv", &program, e->err))) {
        if (st == SAVOR_NOMEM)
            return st;
        return sv_fail(
            e->err, SAVOR_NOT_FOUND,
            "%s has no module venv (Debian: the package python3-venv), and virtualenv was not found in PATH",
            found->path);
    }
    const char *const virtualenv[] = {program, "--python", found->path, e->path, NULL};
    st = run(e, "virtualenv", virtualenv, e->scratch, PIP_SETTINGS);
    sv_free(program);
    return st;
}

static savor_status build_virtualenv(const sv_environment *e, const sv_command_options *asking)
{
    const char *const pip[] = {e->python, "-m", "pip", "install", NULL};
    sv_interpreter found;
    savor_status st = sv_interpreter_find(e->recipe->python, asking, &found, e->err);
    if (st)
        return st;
    tell_version(e, &found);
    if ((st = make_virtualenv(e, &found)))
        return st;
    return install_all(e, pip, PIP_SETTINGS);
}

/* ---- uv ---- */

/* uv fetches an interpreter only when its own variable says so. */
static bool may_fetch(void)
{
    const char *word = getenv("UV_PYTHON_DOWNLOADS");
    return word && (strcmp(word, "automatic") == 0 || strcmp(word, "auto") == 0 || strcmp(word, "true") == 0);
}

static savor_status make_uv(const sv_environment *e, const char *uv, const sv_command_options *asking)
{
    sv_interpreter found;
    savor_status st = sv_interpreter_find(e->recipe->python, asking, &found, e->err);
    bool fetches = st == SAVOR_NOT_FOUND && e->recipe->python && may_fetch();
    if (st && !fetches)
        return st;
    if (fetches)
        sv_environment_tell(e, "info", "uv fetches Python %s", e->recipe->python);
    else
        tell_version(e, &found);
    const char *const argv[] = {uv, "venv", "--python", fetches ? e->recipe->python : found.path, e->path, NULL};
    return run(e, "uv venv", argv, e->scratch, fetches ? UV_FETCH_SETTINGS : UV_SETTINGS);
}

static savor_status build_uv(const sv_environment *e, const sv_command_options *asking)
{
    char *uv = NULL;
    savor_status st = sv_process_find("uv", &uv, e->err);
    if (st == SAVOR_NOT_FOUND)
        return sv_fail(e->err, st, "uv was not found in PATH; `pip install uv` gets it, or --env-manager virtualenv");
    if (st)
        return st;
    const char *const pip[] = {uv, "pip", "install", "--python", e->python, NULL};
    if (!(st = make_uv(e, uv, asking)))
        st = install_all(e, pip, UV_SETTINGS);
    sv_free(uv);
    return st;
}

/* ---- conda ---- */

static savor_status find_conda(const sv_environment *e, char **out)
{
    static const char *const NAMES[] = {"conda", "mamba", "micromamba"};
    const char *home = getenv("MLFLOW_CONDA_HOME"), *given = getenv("MLFLOW_CONDA_CREATE_ENV_CMD"),
               *own = getenv("CONDA_EXE");
    char path[SV_ENV_PATH_BYTES];
    *out = NULL;
    given = given && given[0] ? given : NULL;
    if (home && home[0]) {
        (void)snprintf(path, sizeof path, "%s/bin/%s", home, given ? given : "conda");
        return sv_process_find(path, out, e->err);
    }
    if (given)
        return sv_process_find(given, out, e->err);
    if (own && own[0] == '/' && access(own, X_OK) == 0)
        return sv_process_find(own, out, e->err);
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
        savor_status st = sv_process_find(NAMES[i], out, e->err);
        if (st != SAVOR_NOT_FOUND)
            return st;
    }
    return sv_fail(e->err, SAVOR_NOT_FOUND,
                   "none of conda, mamba and micromamba was found in PATH, and MLFLOW_CONDA_HOME names no other; "
                   "--env-manager virtualenv needs none");
}

static savor_status build_conda(const sv_environment *e)
{
    static const sv_str NONE = {"", 0};
    const char *const pip[] = {e->python, "-m", "pip", "install", NULL};
    char *conda;
    savor_status st = find_conda(e, &conda);
    if (st || !conda)
        return st;
    const char *const usual[] = {conda, "env", "create", "--prefix", e->path, "--file", e->recipe->conda_file, NULL};
    const char *const micro[] = {conda, "create", "--yes", "--prefix", e->path, "--file", e->recipe->conda_file,
                                 NULL};
    bool is_micro = sv_str_ends(sv_str_of(conda), SV_STR("/micromamba"));
    sv_environment_tell(e, "progress", "%s makes it of conda.yaml", conda);
    st = run(e, "conda", is_micro ? micro : usual, e->scratch, PIP_SETTINGS);
    sv_free(conda);
    if (st)
        return st;
    return install(e, pip, PIP_SETTINGS, "more-requirements", e->recipe->more, NONE);
}

savor_status sv_environment_build(sv_environment *e)
{
    const sv_command_options asking = {
        .lock_fd = -1, .is_stopped = e->options->is_stopped, .stop_context = e->options->stop_context};
    const char *const check[] = {e->python, "-c", "", NULL};
    savor_status st;
    if (e->options->manager == SAVOR_ENV_CONDA)
        st = build_conda(e);
    else
        st = e->options->manager == SAVOR_ENV_UV ? build_uv(e, &asking) : build_virtualenv(e, &asking);
    return st ? st : run(e, "the new interpreter", check, e->scratch, PIP_SETTINGS);
}
