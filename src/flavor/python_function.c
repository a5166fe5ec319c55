/* Whatever has python_function and no native engine: its own code in worker processes. */
#include "flavor/code_model.h"

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

/* The workers run savor's program, whose path must last as long as they do. */
static savor_status start(sv_code_model *m, const sv_dir *dir, const sv_flavor_limits *limits, savor_error *err)
{
    sv_pool_options options = *limits->workers;
    const char *program = options.process.program;
    if (!program || !program[0])
        return sv_fail(err, SAVOR_NOT_FOUND, "savor's Python part (savor/worker/__main__.py) was not found");
    options.process.program = sv_arena_text(&m->base.arena, program, strlen(program));
    if (!options.process.program)
        return sv_arena_fail(&m->base.arena, strlen(program), err);
    return sv_code_model_start(m, dir, &options, err);
}

static savor_status load(const sv_dir *dir, const sv_mlmodel *model, const sv_node *conf,
                         const sv_flavor_limits *limits, sv_predictor **out, savor_error *err)
{
    char needs[200];
    sv_code_model *m;
    savor_status st;
    (void)model;
    *out = NULL;
    if (conf->kind != SV_NODE_MAPPING)
        return sv_fail(err, SAVOR_FORMAT, "the entry is not a mapping");
    (void)snprintf(needs, sizeof needs, "loader_module %.*s needs Python",
                   SV_FMT(sv_node_text(sv_node_find(conf, "loader_module"))));
    if ((st = sv_code_model_check_allowed(&sv_flavor_python_function, conf, limits, needs, err)) ||
        (st = sv_code_model_new(&CLASS, limits, &m, err)))
        return st;
    if (!limits->describes_only && (st = start(m, dir, limits, err))) {
        sv_predictor_free(&m->base);
        return st;
    }
    *out = &m->base;
    return SAVOR_OK;
}

const sv_flavor sv_flavor_python_function = {.name = "python_function", .load = load, .list_code = list_code};
