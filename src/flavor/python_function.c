/* Whatever has python_function and no native engine: its own code in worker processes. */
#include "flavor/flavor_priv.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#define REQUEST_BYTES_MAX ((size_t)8 << 30)
#define PATH_BYTES_MAX 4096

typedef struct python_model {
    sv_predictor base;
    sv_pool *pool;
    int n_workers;
} python_model;

static savor_status predict(const sv_predictor *self, const sv_payload *in, const sv_params *params, sv_arena *arena,
                            sv_payload *out, savor_error *err)
{
    const python_model *m = (const python_model *)self;
    sv_buf request = SV_BUF_INIT(REQUEST_BYTES_MAX);
    sv_wire_request_write(in, params, &request);
    savor_status st = sv_buf_check(&request, err);
    if (!st)
        st = sv_pool_call(m->pool, sv_buf_view(&request), arena, out, err);
    sv_buf_deinit(&request);
    return st;
}

static void describe(const sv_predictor *self, sv_buf *json)
{
    const python_model *m = (const python_model *)self;
    if (!m->pool)
        return;
    sv_buf_printf(json, "\"workers\": %d, \"runtime\": \"", m->n_workers);
    for (const char *c = sv_pool_get_facts(m->pool); *c; c++)
        sv_buf_put_char(json, *c < ' ' || *c == '"' || *c == '\\' ? '?' : *c);
    sv_buf_put_char(json, '"');
}

static int count_workers(const sv_predictor *self, bool *is_ready)
{
    const python_model *m = (const python_model *)self;
    if (is_ready)
        *is_ready = sv_pool_is_ready(m->pool);
    return m->n_workers;
}

static void close_pool(sv_predictor *self)
{
    python_model *m = (python_model *)self;
    sv_pool_free(m->pool);
    m->pool = NULL;
}

static const sv_predictor_class CLASS = {.engine = "python-worker",
                                         .predict = predict,
                                         .describe = describe,
                                         .count_workers = count_workers,
                                         .close = close_pool};

/* For the one who decides: the loader and whatever the entry names beside it. */
void sv_python_function_list(const sv_node *conf, sv_buf *out)
{
    static const char *const KEYS[] = {"python_model", "model_code_path", "code", "data"};
    sv_buf_printf(out, "loader_module %.*s", SV_FMT(sv_node_text(sv_node_find(conf, "loader_module"))));
    for (size_t i = 0; i < sizeof KEYS / sizeof KEYS[0]; i++) {
        sv_str text = sv_node_text(sv_node_find(conf, KEYS[i]));
        if (text.n)
            sv_buf_printf(out, ", %s %.*s", KEYS[i], SV_FMT(text));
    }
}

static savor_status refuse(const sv_node *conf, const char *refused_by, savor_error *err)
{
    sv_str loader = sv_node_text(sv_node_find(conf, "loader_module"));
    sv_buf list = SV_BUF_INIT(300);
    if (!refused_by)
        return sv_fail(err, SAVOR_UNSUPPORTED, "loader_module %.*s needs Python", SV_FMT(loader));
    sv_python_function_list(conf, &list);
    savor_status st =
        sv_fail(err, SAVOR_UNSUPPORTED, "%s forbids the code that would run: %s", refused_by, sv_buf_view(&list).p);
    sv_buf_deinit(&list);
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

static savor_status load(const sv_dir *dir, const sv_mlmodel *model, const sv_node *conf,
                         const sv_flavor_limits *limits, sv_predictor **out, savor_error *err)
{
    sv_predictor *p;
    savor_status st;
    (void)model;
    *out = NULL;
    if (conf->kind != SV_NODE_MAPPING)
        return sv_fail(err, SAVOR_FORMAT, "the entry is not a mapping");
    if (limits->code_refused_by || (!limits->workers && !limits->describes_only))
        return refuse(conf, limits->code_refused_by, err);
    if ((st = sv_predictor_new(sizeof(python_model), &CLASS, limits->model_bytes, &p, err)))
        return st;
    *out = p;
    if (limits->describes_only)
        return SAVOR_OK;
    python_model *m = (python_model *)p;
    sv_pool_options options = *limits->workers;
    if (!options.process.program || !options.process.program[0]) {
        sv_predictor_free(p);
        *out = NULL;
        return sv_fail(err, SAVOR_NOT_FOUND, "savor's Python part (savor/worker/__main__.py) was not found");
    }
    const char *program = options.process.program; /* the caller's; the pool's must last */
    options.process.program = sv_arena_text(&p->arena, program, strlen(program));
    st = options.process.program ? SAVOR_OK : sv_arena_fail(&p->arena, strlen(program), err);
    if (!st && !(st = find_path(dir, &p->arena, &options.process.model_path, err)))
        st = sv_pool_new(&options, &m->pool, err);
    m->n_workers = options.n_workers > 0 ? options.n_workers : 1;
    if (st) {
        sv_predictor_free(p);
        *out = NULL;
    }
    return st;
}

const sv_flavor sv_flavor_python_function = {.name = "python_function", .load = load};
