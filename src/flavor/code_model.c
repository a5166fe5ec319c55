#define _GNU_SOURCE

#include "flavor/code_model.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#define PATH_BYTES_MAX 4096
#define LIST_BYTES_MAX 2000

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

const sv_code_facts *sv_code_model_get_facts(const sv_predictor *self)
{
    return &((const sv_code_model *)self)->facts;
}

savor_status sv_code_model_admit(const sv_code_question *question, char digest[SV_SHA256_HEX + 1], savor_error *err)
{
    const sv_flavor_limits *limits = question->limits;
    sv_buf list = SV_BUF_INIT(LIST_BYTES_MAX);
    digest[0] = '\0';
    if (!limits->workers && !limits->describes_only && !limits->code_refused_by)
        return sv_fail(err, SAVOR_UNSUPPORTED, "%s", question->runtime);
    question->flavor->list_code(question->conf, &list);
    savor_status st = sv_code_admit(question->dir, sv_buf_view(&list), limits, digest, err);
    sv_buf_deinit(&list);
    return st;
}

savor_status sv_code_model_new(const sv_predictor_class *cls, const sv_flavor_limits *limits, const char *digest,
                               sv_code_model **out, savor_error *err)
{
    sv_predictor *p;
    *out = NULL;
    savor_status st = sv_predictor_new(sizeof **out, cls, limits->model_bytes, &p, err);
    if (st)
        return st;
    sv_code_model *m = (sv_code_model *)p;
    memcpy(m->digest, digest, strlen(digest) + 1);
    m->facts = (sv_code_facts){m->digest, ""};
    *out = m;
    return st;
}

savor_status sv_code_model_find_path(const sv_dir *dir, sv_arena *arena, const char **out, savor_error *err)
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
    savor_status st = sv_code_model_find_path(dir, &model->base.arena, &options->process.model_path, err);
    if (!st)
        st = sv_pool_new(options, &model->pool, err);
    model->facts.interpreter = options->process.interpreter ? options->process.interpreter : "python3";
    model->n_workers = options->n_workers > 0 ? options->n_workers : 1;
    return st;
}
