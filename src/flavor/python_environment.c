#include "flavor/python_environment.h"

#include "model/python_env.h"
#include "worker/interpreter.h"

#include <stdio.h>

#define ARENA_BYTES_MAX ((size_t)64 << 20)
#define TEXT_BYTES_MAX ((size_t)8 << 20)
#define PATH_BYTES_MAX 4096

typedef struct making {
    const sv_dir *dir;
    const sv_mlmodel *model;
    const sv_flavor_limits *limits;
    sv_arena arena;
    sv_buf build, requirements, constraints, more, salt;
    char name[SV_ENV_NAME_BYTES], python[SV_PYTHON_VERSION_BYTES], conda_file[PATH_BYTES_MAX];
    savor_error *err;
} making;

bool sv_python_environment_is_described(const sv_dir *dir, const sv_mlmodel *model, const sv_flavor_limits *limits)
{
    if (limits->environment->manager == SAVOR_ENV_CONDA)
        return sv_conda_env_find(dir, model).n > 0;
    return sv_python_env_is_there(dir, model);
}

static void warn(const making *m, const char *what, sv_str names)
{
    const sv_environment_options *o = m->limits->environment;
    sv_buf text = SV_BUF_INIT(600);
    if (!o->log)
        return;
    sv_buf_printf(&text, "%s%.*s", what, SV_FMT(sv_str_cut(names, 400)));
    if (!text.failed)
        o->log(o->log_context, "warning", text.p, text.n);
    sv_buf_deinit(&text);
}

/* ---- what the caller adds ---- */

static savor_status put_lines(making *m, const sv_str *lines, size_t n, const sv_dir *dir, sv_requirements *read,
                              sv_buf *out)
{
    savor_status st = sv_requirements_read(lines, n, dir, &m->arena, read, m->err);
    if (st)
        return st;
    sv_requirements_write(read, false, out);
    return sv_buf_check(out, m->err);
}

static savor_status add_given(making *m)
{
    sv_str left = sv_str_of(m->limits->pip_requirements);
    savor_status st = SAVOR_OK;
    if (left.n)
        sv_buf_printf(&m->salt, "\n%.*s", SV_FMT(left));
    while (left.n && !st) {
        size_t n = sv_str_find(left, ','), skip = n < left.n ? n + 1 : n;
        const sv_str line = sv_str_trim((sv_str){left.p, n});
        sv_requirements read;
        st = put_lines(m, &line, 1, NULL, &read, &m->more);
        left = (sv_str){left.p + skip, left.n - skip};
    }
    return st;
}

/* The version is the model's word, and becomes a line of requirements. */
static bool is_release(sv_str v)
{
    for (size_t i = 0; i < v.n; i++)
        if (!((v.p[i] >= '0' && v.p[i] <= '9') || (v.p[i] >= 'a' && v.p[i] <= 'z') || v.p[i] == '.' || v.p[i] == '+'))
            return false;
    return v.n > 0 && v.n < 40;
}

static savor_status add_mlflow(making *m)
{
    sv_str version = m->model->mlflow_version;
    if (!m->limits->install_mlflow)
        return SAVOR_OK;
    if (!is_release(version))
        return sv_fail(m->err, SAVOR_UNSUPPORTED,
                       "MLflow cannot be installed: the model says \"%.*s\" of the MLflow that wrote it",
                       SV_FMT(sv_str_cut(version, 60)));
    sv_buf_put_str(&m->salt, version);
    sv_buf_printf(&m->more, "mlflow==%.*s\n", SV_FMT(version));
    return sv_buf_check(&m->more, m->err);
}

/* ---- what the model says ---- */

static savor_status read_for_pip(making *m)
{
    sv_python_env env;
    sv_requirements build, all;
    sv_interpreter here;
    const sv_environment_options *o = m->limits->environment;
    const sv_command_options asking = {.lock_fd = -1, .is_stopped = o->is_stopped, .stop_context = o->stop_context};
    savor_status st = sv_python_env_read(m->dir, m->model, &m->arena, &env, m->err);
    if (st)
        return st;
    if (env.unmatched.n)
        warn(m, "left out, as pip cannot install what conda.yaml names so: ", env.unmatched);
    if (!env.python.n) { /* as MLflow: the one that is here */
        if ((st = sv_interpreter_find(NULL, &asking, &here, m->err)))
            return st;
        env.python = sv_str_of(here.version);
    }
    (void)snprintf(m->python, sizeof m->python, "%.*s", SV_FMT(env.python));
    if ((st = put_lines(m, env.build, env.n_build, m->dir, &build, &m->build)) ||
        (st = put_lines(m, env.dependencies, env.n_dependencies, m->dir, &all, &m->requirements)))
        return st;
    sv_requirements_write(&all, true, &m->constraints);
    if ((st = sv_buf_check(&m->constraints, m->err)))
        return st;
    return sv_python_env_name(&env, &all, sv_buf_view(&m->salt), &m->arena, m->name, m->err);
}

static savor_status read_for_conda(making *m, const char *folder)
{
    sv_buf text = SV_BUF_INIT(TEXT_BYTES_MAX);
    sv_str file = sv_conda_env_find(m->dir, m->model);
    if (!file.n)
        return sv_fail(m->err, SAVOR_NOT_FOUND, "the model has no conda.yaml");
    savor_status st = sv_dir_read(m->dir, file, &text, m->err);
    int n = snprintf(m->conda_file, sizeof m->conda_file, "%s/%.*s", folder, SV_FMT(file));
    if (!st && (n < 0 || (size_t)n >= sizeof m->conda_file))
        st = sv_fail(m->err, SAVOR_LIMIT, "the path of conda.yaml was too long");
    if (!st)
        sv_conda_env_name(sv_buf_view(&text), sv_buf_view(&m->salt), m->name);
    sv_buf_deinit(&text);
    return st;
}

savor_status sv_python_environment_make(const sv_dir *dir, const sv_mlmodel *model, const char *folder,
                                        const sv_flavor_limits *limits, char **out, savor_error *err)
{
    bool is_conda = limits->environment->manager == SAVOR_ENV_CONDA;
    const sv_buf empty = SV_BUF_INIT(TEXT_BYTES_MAX);
    making m = {dir,           model,         limits,    .build = empty, .requirements = empty, .constraints = empty,
                .more = empty, .salt = empty, .err = err};
    savor_status st;
    *out = NULL;
    sv_arena_init(&m.arena, ARENA_BYTES_MAX);
    if ((st = add_mlflow(&m)) || (st = add_given(&m)) || (st = sv_buf_check(&m.salt, err)) ||
        (st = is_conda ? read_for_conda(&m, folder) : read_for_pip(&m)))
        goto done;
    const sv_environment_recipe recipe = {.name = m.name,
                                          .python = m.python[0] ? m.python : NULL,
                                          .conda_file = m.conda_file,
                                          .folder = folder,
                                          .build = sv_buf_view(&m.build),
                                          .requirements = sv_buf_view(&m.requirements),
                                          .constraints = sv_buf_view(&m.constraints),
                                          .more = sv_buf_view(&m.more)};
    st = sv_environment_prepare(&recipe, limits->environment, out, err);
done:
    sv_buf_deinit(&m.build);
    sv_buf_deinit(&m.requirements);
    sv_buf_deinit(&m.constraints);
    sv_buf_deinit(&m.more);
    sv_buf_deinit(&m.salt);
    sv_arena_deinit(&m.arena);
    return st;
}
