#include "base/alloc.h"
#include "base/clock.h"
#include "score/accept.h"
#include "score/model.h"
#include "score/response.h"
#include "text/json.h"

#include <savor/score.h>

#define SPARE_BYTES ((size_t)64 << 20)
#define PER_BODY_BYTE 96 /* nodes, cells and columns of the densest JSON; most bodies need far less */
#define RESPONSE_BYTES_MAX ((size_t)2 << 30)
#define KEEP_BYTES ((size_t)1 << 20)

struct savor_scorer {
    const savor_model *model;
    savor_score_options options;
    sv_arena arena;
    sv_buf body;
    savor_error error;
};

savor_status savor_scorer_new(const savor_model *model, const savor_score_options *options, savor_scorer **out,
                              savor_error *err)
{
    *out = sv_alloc_array(1, sizeof **out);
    if (!*out)
        return sv_fail_nomem(err, sizeof **out);
    (*out)->model = model;
    if (options) /* those of an older program may be shorter than ours */
        memcpy(&(*out)->options, options,
               options->size && options->size < sizeof *options ? options->size : sizeof *options);
    sv_arena_init(&(*out)->arena, SPARE_BYTES);
    (*out)->body = SV_BUF_INIT(RESPONSE_BYTES_MAX);
    return SAVOR_OK;
}

void savor_scorer_free(savor_scorer *scorer)
{
    if (!scorer)
        return;
    sv_arena_deinit(&scorer->arena);
    sv_buf_deinit(&scorer->body);
    sv_free(scorer);
}

/* One large request must not hold its memory for ever. */
static void reset(savor_scorer *s, size_t body_bytes)
{
    size_t limit;
    if (s->arena.used_bytes > KEEP_BYTES)
        sv_arena_deinit(&s->arena);
    else
        sv_arena_reset(&s->arena);
    if (s->body.capacity > KEEP_BYTES)
        sv_buf_deinit(&s->body);
    else
        sv_buf_reset(&s->body);
    if (!sv_mul(body_bytes, PER_BODY_BYTE, &limit) || !sv_add(limit, SPARE_BYTES, &limit))
        limit = SIZE_MAX / 2;
    s->arena.max_bytes = s->options.max_request_bytes ? s->options.max_request_bytes : limit;
}

/* The model's own code raised: its error is the answer, whole, and the log gets the first of it. */
static savor_status refuse(savor_scorer *s, const sv_exception *exception, savor_response *out)
{
    sv_exception_write(exception, &s->model->profile, &s->body, &out->http_status, &out->content_type);
    return sv_fail(&s->error, exception->kind == SV_EXCEPTION_UNENCODABLE ? SAVOR_UNREADABLE : SAVOR_MODEL, "%.*s",
                   SV_FMT(exception->message));
}

/* 1.x puts its bare answers under a key that its environment names. */
static void write_json(savor_scorer *s, const sv_payload *out, bool is_wrapped)
{
    const char *key = s->options.bare_key;
    bool has_key = key && key[0] && !is_wrapped && s->model->profile.era == SV_ERA_1;
    if (has_key) {
        sv_buf_put_char(&s->body, '{');
        sv_json_put_string(&s->body, sv_str_of(key));
        sv_buf_put(&s->body, ": ", 2);
    }
    sv_response_write(out, is_wrapped, s->options.nan, &s->body);
    if (has_key)
        sv_buf_put_char(&s->body, '}');
}

/* The answer in the form that was asked for, or as JSON where that form cannot hold it. */
static savor_status write_answer(savor_scorer *s, const savor_request *request, const sv_payload *out,
                                 bool is_wrapped, const char **content_type)
{
    sv_str accept = {request->accept, request->accept ? request->accept_bytes : 0};
    sv_answer_form form = s->model->profile.is_forced ? SV_ANSWER_JSON : sv_accept_read(accept);
    if (form != SV_ANSWER_JSON && !sv_table_answer_write(out, form, &s->arena, &s->body))
        form = SV_ANSWER_JSON;
    if (form == SV_ANSWER_JSON)
        write_json(s, out, is_wrapped);
    *content_type = sv_answer_type(form);
    return sv_buf_check(&s->body, &s->error);
}

/* A model that reads requests itself. */
static savor_status forward(savor_scorer *s, sv_str type, sv_str body, savor_response *response)
{
    const sv_predictor *predictor = s->model->predictor;
    sv_reply reply;
    savor_status st = predictor->cls->respond(predictor, type, body, &s->arena, &reply, &s->error);
    if (st)
        return st;
    sv_buf_put_str(&s->body, reply.body);
    response->http_status = reply.http_status;
    response->content_type = reply.content_type;
    if (reply.http_status >= 400)
        return sv_fail(&s->error, SAVOR_MODEL, "%.*s", SV_FMT(reply.body));
    return sv_buf_check(&s->body, &s->error);
}

static savor_status answer(savor_scorer *s, const savor_request *request, savor_response *response)
{
    const savor_model *m = s->model;
    sv_request_rules rules = {&m->profile, &m->record->signature, m->record->is_signature_from_type_hint, m->heading,
                              m->predictor->cls->sees_labels};
    sv_str type = {request->content_type, request->content_type ? request->content_type_bytes : 0};
    sv_str body = {request->body_bytes ? request->body : "", request->body_bytes};
    sv_request in;
    sv_payload out;
    int64_t deadline_us = s->options.timeout_ms > 0 ? sv_clock_monotonic_us() + s->options.timeout_ms * 1000LL : 0;
    savor_status st;
    if (m->predictor->cls->respond)
        return forward(s, type, body, response);
    if ((st = sv_request_read(type, body, &rules, &s->arena, &in, &s->error)))
        return st;
    in.deadline_us = deadline_us;
    if ((st = sv_model_answer(m, &in, s->options.quiet_errors, &s->arena, &out, &s->error)))
        return st;
    if (out.kind == SV_PAYLOAD_EXCEPTION)
        return refuse(s, &out.exception, response);
    return write_answer(s, request, &out, in.is_wrapped, &response->content_type);
}

static const char OUT_OF_MEMORY[] =
    "{\"error_code\": \"TEMPORARILY_UNAVAILABLE\", \"message\": \"not enough memory for this request\"}";

savor_status savor_scorer_score(savor_scorer *scorer, const savor_request *request, savor_response *out)
{
    reset(scorer, request->body_bytes);
    scorer->error = (savor_error){.status = SAVOR_OK};
    *out = (savor_response){.http_status = 200, .message = ""};
    savor_status st = out->status = answer(scorer, request, out);
    if (st)
        out->message = scorer->error.message;
    if (st && out->http_status == 200) {
        sv_buf_reset(&scorer->body);
        sv_error_write(&scorer->error, &scorer->model->profile, &scorer->body, &out->http_status, &out->content_type);
    }
    sv_str body = sv_buf_view(&scorer->body);
    if (scorer->body.failed) { /* no room to say what was wrong: then that is what is wrong */
        out->status = st = sv_buf_check(&scorer->body, &scorer->error);
        out->http_status = 503;
        out->content_type = "application/json";
        body = (sv_str){OUT_OF_MEMORY, sizeof OUT_OF_MEMORY - 1};
    }
    out->body = body.p;
    out->body_bytes = body.n;
    return st;
}
