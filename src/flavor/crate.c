/*
 * crate.c: the flavor `crate`: an R function with its data, run by R in worker processes. What MLflow's own R server
 * does with a request is R's doing (jsonlite, read.csv), so the workers get it as it came and make the whole answer.
 */
#include "flavor/code_model.h"
#include "worker/r_launch.h"

#define REQUEST_BYTES_MAX (((size_t)2 << 30) - 8) /* what .C() takes of an R vector */
#define FILE_NAME "crate.bin"                     /* whatever `model` says: MLflow's R package does not read it */

/* A list of the content type, or None, and the bytes. */
static void write_request(sv_str content_type, sv_str body, sv_wire_body *out)
{
    const sv_value parts[] = {
        {.kind = content_type.p ? SV_VALUE_STRING : SV_VALUE_NONE, .n = content_type.n, .u.p = content_type.p},
        {.kind = SV_VALUE_BYTES, .n = body.n, .u.p = body.p},
    };
    sv_payload in = {.kind = SV_PAYLOAD_VALUE, .value = {.kind = SV_VALUE_LIST, .n = 2, .u.items = parts}};
    sv_wire_request_write(&in, NULL, out);
}

static savor_status respond(const sv_predictor *self, sv_str content_type, sv_str body, sv_arena *arena,
                            sv_reply *out, savor_error *err)
{
    const sv_code_model *m = (const sv_code_model *)self;
    sv_wire_body request = SV_WIRE_BODY_INIT(REQUEST_BYTES_MAX);
    sv_payload answer = {.kind = SV_PAYLOAD_JSON};
    write_request(content_type, body, &request);
    savor_status st = sv_wire_body_check(&request, err);
    if (!st)
        st = sv_pool_call(m->pool, &request, arena, &answer, err);
    sv_wire_body_deinit(&request);
    if (!st && answer.kind == SV_PAYLOAD_EXCEPTION)
        *out = (sv_reply){404, "text/plain; charset=UTF-8", answer.exception.message};
    else if (!st && answer.kind == SV_PAYLOAD_JSON)
        *out = (sv_reply){200, "application/json; charset=UTF-8", answer.json};
    else if (!st)
        st = sv_fail(err, SAVOR_INTERNAL, "the worker sent an answer of kind %d, expected JSON text", answer.kind);
    return st;
}

static savor_status predict(const sv_predictor *self, const sv_payload *in, const sv_params *params, sv_arena *arena,
                            sv_payload *out, savor_error *err)
{
    (void)self, (void)in, (void)params, (void)arena, (void)out;
    return sv_fail(err, SAVOR_UNSUPPORTED, "a crate is R code that reads requests, not frames: savor_scorer_score");
}

static const sv_predictor_class CLASS = {.engine = "r-worker",
                                         .predict = predict,
                                         .respond = respond,
                                         .describe = sv_code_model_describe,
                                         .count_workers = sv_code_model_count_workers,
                                         .get_code = sv_code_model_get_facts,
                                         .close = sv_code_model_close};

static void list_code(const sv_node *conf, sv_buf *out)
{
    (void)conf;
    sv_buf_put_text(out, "R function " FILE_NAME);
}

static savor_status start(sv_code_model *m, const sv_dir *dir, const sv_flavor_limits *limits, savor_error *err)
{
    sv_pool_options options = *limits->workers;
    const char *program = limits->r_program;
    sv_arena *arena = &m->base.arena;
    if (!program || !program[0])
        return sv_fail(err, SAVOR_NOT_FOUND, "savor's R part (savor/worker/main.R) was not found");
    if (!(options.process.program = sv_arena_text(arena, program, strlen(program))))
        return sv_arena_fail(arena, strlen(program), err);
    savor_status st = sv_r_launch(limits->rscript, arena, &options.process, err);
    return st ? st : sv_code_model_start(m, dir, &options, err);
}

static savor_status load(const sv_dir *dir, const sv_mlmodel *model, const sv_node *conf,
                         const sv_flavor_limits *limits, sv_predictor **out, savor_error *err)
{
    const sv_code_question question = {&sv_flavor_crate, dir, conf, limits, "an R function needs R"};
    char digest[SV_SHA256_HEX + 1];
    sv_code_model *m;
    savor_status st;
    (void)model;
    *out = NULL;
    if ((st = sv_code_model_admit(&question, digest, err)))
        return st;
    if (!sv_dir_has_file(dir, SV_STR(FILE_NAME), NULL))
        return sv_fail(err, SAVOR_NOT_FOUND, "the file " FILE_NAME " is not there");
    if ((st = sv_code_model_new(&CLASS, limits, digest, &m, err)))
        return st;
    if (!limits->describes_only && !limits->prepared && (st = start(m, dir, limits, err))) {
        sv_predictor_free(&m->base);
        return st;
    }
    *out = &m->base;
    return SAVOR_OK;
}

const sv_flavor sv_flavor_crate = {.name = "crate", .load = load, .list_code = list_code};
