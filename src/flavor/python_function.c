/* Whatever has python_function and no native engine: its own code in worker processes. */
#include "flavor/code_model.h"
#include "flavor/python_environment.h"

#include "base/alloc.h"

#include <stdio.h>

#define REQUEST_BYTES_MAX ((size_t)8 << 30)

static savor_status predict(const sv_predictor *self, const sv_payload *in, const sv_params *params, sv_arena *arena,
                            sv_payload *out, savor_error *err)
{
    const sv_code_model *m = (const sv_code_model *)self;
    sv_wire_body request = SV_WIRE_BODY_INIT(REQUEST_BYTES_MAX);
    sv_wire_request_write(in, params, &request);
    savor_status st = sv_wire_body_check(&request, err);
    if (!st)
        st = sv_pool_call(m->pool, &request, arena, out, err);
    sv_wire_body_deinit(&request);
    return st;
}

static const sv_predictor_class CLASS = {.engine = "python-worker",
                                         .predict = predict,
                                         .describe = sv_code_model_describe,
                                         .count_workers = sv_code_model_count_workers,
                                         .get_code = sv_code_model_get_facts,
                                         .sees_labels = true,
                                         .close = sv_code_model_close};

/* For the one who decides: the loader and whatever the entry names beside it. */
static void list_code(const sv_node *conf, sv_buf *out)
{
    static const char *const KEYS[] = {"python_model", "model_code_path", "code", "data"};
    sv_buf_printf(out, "loader_module %.*s", SV_FMT(sv_node_text(sv_node_find(conf, "loader_module"))));
    for (size_t i = 0; i < sizeof KEYS / sizeof KEYS[0]; i++) {
        sv_str text = sv_node_text(sv_node_find(conf, KEYS[i]));
        if (text.n)
            sv_buf_printf(out, ", %s %.*s", KEYS[i], SV_FMT(text));
    }
}

/* The caller's texts; the pool's must last. */
static savor_status keep_text(sv_arena *arena, const char **text, savor_error *err)
{
    size_t n = strlen(*text);
    *text = sv_arena_text(arena, *text, n);
    return *text ? SAVOR_OK : sv_arena_fail(arena, n, err);
}

/* `python` becomes the environment's; NULL where the caller's own interpreter stays. */
static savor_status make_environment(sv_code_model *m, const sv_dir *dir, const sv_mlmodel *model,
                                     const sv_flavor_limits *limits, char **python, savor_error *err)
{
    static const char NONE[] =
        "the model says nothing of the environment that it needs; it gets the Python that is here";
    const sv_environment_options *o = limits->environment;
    const char *path;
    *python = NULL;
    if (!o)
        return SAVOR_OK;
    if (limits->prepared || sv_python_environment_is_described(dir, model, limits)) {
        savor_status st = sv_code_model_find_path(dir, &m->base.arena, &path, err);
        if (!st)
            st = sv_python_environment_make(dir, model, path, limits, python, err);
        return sv_error_at(err, st, "environment");
    }
    if (o->log)
        o->log(o->log_context, "warning", NONE, sizeof NONE - 1);
    return SAVOR_OK;
}

/* The workers run savor's program, whose path must last as long as they do. */
static savor_status start(sv_code_model *m, const sv_dir *dir, const sv_mlmodel *model,
                          const sv_flavor_limits *limits, savor_error *err)
{
    sv_pool_options options = *limits->workers;
    char *python;
    if (!limits->prepared && (!options.process.program || !options.process.program[0]))
        return sv_fail(err, SAVOR_NOT_FOUND, "savor's Python part (savor/worker/__main__.py) was not found");
    savor_status st = make_environment(m, dir, model, limits, &python, err);
    if (st)
        return st;
    if (limits->prepared) {
        *limits->prepared = python;
        return SAVOR_OK;
    }
    if (python || !options.process.interpreter)
        options.process.interpreter = python ? python : "python3";
    if (!(st = keep_text(&m->base.arena, &options.process.program, err)) &&
        !(st = keep_text(&m->base.arena, &options.process.interpreter, err)))
        st = sv_code_model_start(m, dir, &options, err);
    sv_free(python);
    return st;
}

static savor_status load(const sv_dir *dir, const sv_mlmodel *model, const sv_node *conf,
                         const sv_flavor_limits *limits, sv_predictor **out, savor_error *err)
{
    char needs[200], digest[SV_SHA256_HEX + 1];
    sv_code_model *m;
    savor_status st;
    *out = NULL;
    if (conf->kind != SV_NODE_MAPPING)
        return sv_fail(err, SAVOR_FORMAT, "the entry is not a mapping");
    (void)snprintf(needs, sizeof needs, "loader_module %.*s needs Python",
                   SV_FMT(sv_node_text(sv_node_find(conf, "loader_module"))));
    const sv_code_question question = {&sv_flavor_python_function, dir, conf, limits, needs};
    if ((st = sv_code_model_admit(&question, digest, err)) ||
        (st = sv_code_model_new(&CLASS, limits, digest, &m, err)))
        return st;
    if (!limits->describes_only && (st = start(m, dir, model, limits, err))) {
        sv_predictor_free(&m->base);
        return st;
    }
    *out = &m->base;
    return SAVOR_OK;
}

const sv_flavor sv_flavor_python_function = {.name = "python_function", .load = load, .list_code = list_code};
