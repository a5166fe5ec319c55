#define _GNU_SOURCE

#include "flavor/code_model.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#define PATH_BYTES_MAX 4096

void sv_code_model_describe(const sv_predictor *self, sv_buf *json)
{
    const sv_code_model *m = (const sv_code_model *)self;
    if (!m->pool)
        return;
    sv_buf_printf(json, "\"workers\": %d, \"runtime\": \"", m->n_workers);
    for (const char *c = sv_pool_get_facts(m->pool); *c; c++)
        sv_buf_put_char(json, *c < ' ' || *c == '"' || *c == '\\' ? '?' : *c);
    sv_buf_put_char(json, '"');
}

int sv_code_model_count_workers(const sv_predictor *self, bool *is_ready)
{
    const sv_code_model *m = (const sv_code_model *)self;
    if (is_ready)
        *is_ready = sv_pool_is_ready(m->pool);
    return m->n_workers;
}

void sv_code_model_close(sv_predictor *self)
{
    sv_code_model *m = (sv_code_model *)self;
    sv_pool_free(m->pool);
    m->pool = NULL;
}

savor_status sv_code_model_check_allowed(const sv_flavor *flavor, const sv_node *conf, const sv_flavor_limits *limits,
                                         const char *runtime, savor_error *err)
{
    if (limits->code_refused_by) {
        sv_buf list = SV_BUF_INIT(300);
        flavor->list_code(conf, &list);
        savor_status st = sv_fail(err, SAVOR_UNSUPPORTED, "%s forbids the code that would run: %s",
                                  limits->code_refused_by, sv_buf_view(&list).p);
        sv_buf_deinit(&list);
        return st;
    }
    if (!limits->workers && !limits->describes_only)
        return sv_fail(err, SAVOR_UNSUPPORTED, "%s", runtime);
    return SAVOR_OK;
}

savor_status sv_code_model_new(const sv_predictor_class *cls, const sv_flavor_limits *limits, sv_code_model **out,
                               savor_error *err)
{
    sv_predictor *p;
    *out = NULL;
    savor_status st = sv_predictor_new(sizeof **out, cls, limits->model_bytes, &p, err);
    if (!st)
        *out = (sv_code_model *)p;
    return st;
}

/* Where an opened directory lies. */
static savor_status find_path(const sv_dir *dir, sv_arena *arena, const char **out, savor_error *err)
{
    char link[40], path[PATH_BYTES_MAX];
    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", dir->fd);
    ssize_t n = readlink(link, path, sizeof path);
    if (n <= 0 || (size_t)n == sizeof path)
        return sv_fail(err, SAVOR_IO, "the model's directory has no path: %s", strerror(errno));
    *out = sv_arena_text(arena, path, (size_t)n);
    return *out ? SAVOR_OK : sv_arena_fail(arena, (size_t)n, err);
}

savor_status sv_code_model_start(sv_code_model *model, const sv_dir *dir, sv_pool_options *options, savor_error *err)
{
    savor_status st = find_path(dir, &model->base.arena, &options->process.model_path, err);
    if (!st)
        st = sv_pool_new(options, &model->pool, err);
    model->n_workers = options->n_workers > 0 ? options->n_workers : 1;
    return st;
}
