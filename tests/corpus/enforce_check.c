/* enforce_check.c: runs recorded cases of requests, schema enforcement and params.
 *
 *     enforce_check [-v] FILE...
 *
 * A case has `schema` and `data` or `body` (body_1x for MLflow 1.x), or `params_schema` and `params`; `expect` holds
 * what each MLflow made of it. Prints passed, failed and skipped by file and MLflow; exit 1 when any failed. Skipped
 * is what libsavor has no form for, and says so.
 */
#include "corpus/payloads.h"
#include "corpus/trials.h"
#include "model/params.h"
#include "request/request.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const known_case KNOWN_CASES[] = {
    {"enforce/names/037-dup-schema", "a schema that names a column twice gets it twice, not four times"},
    {"enforce/nested/882-index", "frames have no index, so it cannot get lost and double the rows (2.x)"},
    {"enforce/params/606-spec-object", "object params are read whichever MLflow wrote the model (2.16 has none)"},
    {"enforce/tensors/293-frame-object", "a scalar among lists is refused"},
};

static const char *const RELEASES[] = {"1.x", "2.x", "2.22", "3.x"};
static const sv_profile PROFILES[] = {
    {.era = SV_ERA_1, .is_forced = true, .pandas_major = 1},
    {.era = SV_ERA_2, .is_forced = true, .pandas_major = 2, .nesting = SV_NESTING_REQUIRED},
    {.era = SV_ERA_2, .is_forced = true, .is_fastapi = true, .pandas_major = 2},
    {.era = SV_ERA_3, .is_forced = true, .is_fastapi = true, .pandas_major = 3, .exact_csv = true},
};

static const sv_profile *profile_of(const trial *t) { return &PROFILES[t->release]; }

static sv_str text_of(const sv_json *v, sv_arena *arena)
{
    sv_buf out = SV_BUF_INIT(1 << 24);
    sv_json_put_value(&out, v);
    sv_str view = sv_buf_view(&out);
    sv_str copy = {sv_arena_text(arena, view.p, view.n), view.n};
    sv_buf_deinit(&out);
    return copy;
}

/* MLflow 1.x cannot read "required": its cases were recorded without it. */
static const sv_schema *read_schema(trial *t)
{
    const sv_json *json = sv_json_find(t->vector, "schema");
    const sv_schema *schema = NULL;
    if (!json || sv_schema_read(text_of(json, t->arena), t->arena, &schema, &t->err) || !schema ||
        profile_of(t)->era != SV_ERA_1)
        return schema;
    sv_schema *copy = sv_arena_array(t->arena, 1, sizeof *copy);
    sv_spec *specs = sv_arena_array(t->arena, schema->n_specs, sizeof *specs);
    memcpy(specs, schema->specs, schema->n_specs * sizeof *specs);
    for (size_t i = 0; i < schema->n_specs; i++)
        specs[i].required = true;
    *copy = *schema;
    copy->specs = specs;
    return copy;
}

static outcome fail(trial *t, const char *stage)
{
    snprintf(t->why, sizeof t->why, "%s: %s: %.150s", stage, t->err.status ? "failed" : "accepted",
             t->err.status ? t->err.message : "");
    return FAILED;
}

/* MLflow 1.x answers every failure alike; later ones tell the parser's from the enforcement's. */
static outcome check_error(trial *t, savor_status st, const char *stage)
{
    const sv_json *want = sv_json_find(t->want, "stage");
    if (st == SAVOR_UNSUPPORTED)
        return trial_skip(t, t->err.message);
    if (!sv_json_find(t->want, "error"))
        return fail(t, stage);
    if (profile_of(t)->era == SV_ERA_1)
        return st == SAVOR_BAD_REQUEST || st == SAVOR_SCHEMA ? PASSED : fail(t, stage);
    bool is_parse = want && sv_json_is_text(want, "parse");
    return st == (is_parse ? SAVOR_BAD_REQUEST : SAVOR_SCHEMA) ? PASSED : fail(t, stage);
}

static outcome check_enforced(trial *t, const sv_payload *in, const sv_schema *schema)
{
    sv_enforce_rules rules = {
        .era = profile_of(t)->era, .pandas_major = profile_of(t)->pandas_major, .nesting = profile_of(t)->nesting};
    const sv_json *ok = sv_json_find(t->want, "ok");
    sv_payload out;
    savor_status st = sv_enforce(in, schema, &rules, t->arena, &out, &t->err);
    if (st)
        return check_error(t, st, "enforce");
    if (!ok)
        return fail(t, "enforce");
    char why[PAYLOAD_WHY_MAX];
    if (payload_same(ok, &out, why))
        return PASSED;
    snprintf(t->why, sizeof t->why, "enforced: %.200s", why);
    return FAILED;
}

static outcome check_request(trial *t, const sv_schema *schema)
{
    bool is_era_1 = profile_of(t)->era == SV_ERA_1;
    sv_str body = sv_json_text(sv_json_find(t->vector, is_era_1 ? "body_1x" : "body"));
    sv_signature signature = {.inputs = schema};
    sv_request_rules rules = {.profile = profile_of(t), .signature = &signature};
    sv_request request;
    const sv_json *parsed = sv_json_find(t->want, "parsed");
    savor_status st = sv_request_read(SV_STR("application/json"), body, &rules, t->arena, &request, &t->err);
    if (st)
        return check_error(t, st, "parse");
    char why[PAYLOAD_WHY_MAX];
    if (!parsed)
        return fail(t, "parse");
    if (!sv_json_find(t->want, "error") && !payload_same(parsed, &request.payload, why)) {
        snprintf(t->why, sizeof t->why, "parsed: %.200s", why);
        return FAILED;
    }
    return schema ? check_enforced(t, &request.payload, schema) : PASSED;
}

static outcome check_data(trial *t, const sv_schema *schema)
{
    sv_payload in;
    if (!payload_read(sv_json_find(t->vector, "data"), t->arena, &in))
        return trial_skip(t, "data of a kind that no request carries");
    return check_enforced(t, &in, schema);
}

/* ---- params ---- */

/* {"$dict": [[key, value], ...]} -> the JSON text that a request would hold; false for what JSON cannot say. */
static bool put_plain(sv_buf *out, const sv_json *v)
{
    const sv_json *inner = v->kind == SV_JSON_OBJECT ? sv_json_find(v, "$dict") : NULL;
    if (v->kind < SV_JSON_ARRAY) {
        sv_json_put_value(out, v);
        return true;
    }
    if (v->kind == SV_JSON_OBJECT && (inner = inner ? inner : sv_json_find(v, "$float"))->kind == SV_JSON_STRING) {
        sv_json_put_double(out, sv_json_is_text(inner, "nan")   ? NAN
                                : sv_json_is_text(inner, "inf") ? INFINITY
                                                                : -INFINITY);
        return true;
    }
    const sv_json *list = inner ? inner : v, *item = list + 1;
    sv_buf_put_char(out, inner ? '{' : '[');
    for (uint32_t i = 0; i < list->n; i++, item = sv_json_next(item)) {
        if (i)
            sv_buf_put_char(out, ',');
        if (inner && item[1].kind != SV_JSON_STRING)
            return false;
        if (inner) {
            sv_json_put_string(out, sv_json_text(item + 1));
            sv_buf_put_char(out, ':');
        }
        if (!put_plain(out, inner ? sv_json_next(item + 1) : item))
            return false;
    }
    sv_buf_put_char(out, inner ? '}' : ']');
    return true;
}

static bool has_tag_beyond_json(const sv_json *v)
{
    const sv_json *end = sv_json_next(v);
    for (const sv_json *node = v; node < end; node++) {
        if (node->kind == SV_JSON_STRING && node->n > 1 && node->u.p[0] == '$' && !sv_json_is_text(node, "$dict") &&
            !sv_json_is_text(node, "$float"))
            return true;
    }
    return false;
}

static outcome compare_params(trial *t, const sv_params *params)
{
    const sv_json *ok = sv_json_find(t->want, "ok"), *item;
    if (!ok)
        return fail(t, "params");
    ok = ok->kind == SV_JSON_OBJECT ? sv_json_find(ok, "value") : ok;
    snprintf(t->why, sizeof t->why, "%zu params", params->n);
    if (!ok || (ok->kind == SV_JSON_ARRAY ? ok->n : 0) != params->n)
        return FAILED;
    item = ok + 1;
    for (size_t i = 0; i < params->n; i++, item = sv_json_next(item)) {
        const sv_json *name = item + 1, *type = sv_json_next(name);
        snprintf(t->why, sizeof t->why, "param %zu is a %s", i, sv_value_type_name(&params->items[i].value));
        if (!sv_str_equal(sv_json_text(name), params->items[i].name) ||
            !payload_same_value(sv_json_next(type), &params->items[i].value))
            return FAILED;
    }
    return PASSED;
}

static outcome check_params(trial *t)
{
    sv_signature signature = {.n_params = 0};
    const sv_json *given = sv_json_find(t->vector, "params"), *parsed = NULL;
    const sv_json *declared = sv_json_find(t->vector, "params_schema");
    sv_params params;
    if (has_tag_beyond_json(given))
        return trial_skip(t, "params of a kind that JSON cannot say");
    sv_buf text = SV_BUF_INIT(1 << 20);
    bool plain = put_plain(&text, given);
    sv_str body = text_of(&(sv_json){.kind = SV_JSON_NULL}, t->arena);
    if (plain)
        body = (sv_str){sv_arena_text(t->arena, text.p, text.n), text.n};
    sv_buf_deinit(&text);
    if (!plain || sv_json_parse(body, &SV_JSON_LIMITS, t->arena, &parsed, NULL, &t->err))
        return trial_skip(t, "params of a kind that JSON cannot say");
    if (sv_params_read(text_of(declared, t->arena), t->arena, &signature, &t->err))
        return sv_json_find(t->want, "error") ? PASSED : fail(t, "params_schema");
    savor_status st = sv_params_enforce(parsed, &signature, t->arena, &params, &t->err);
    return st ? check_error(t, st, "params") : compare_params(t, &params);
}

static outcome run_trial(trial *t)
{
    if (sv_json_find(t->vector, "params_schema"))
        return check_params(t);
    const sv_json *declared = sv_json_find(t->vector, "schema");
    const sv_schema *schema = read_schema(t);
    if (!schema && declared->kind != SV_JSON_NULL)
        return fail(t, "schema");
    return sv_json_find(t->vector, "body") ? check_request(t, schema) : check_data(t, schema);
}

int main(int argc, char **argv)
{
    trial_plan plan = {run_trial, RELEASES, sizeof RELEASES / sizeof *RELEASES, KNOWN_CASES,
                       sizeof KNOWN_CASES / sizeof *KNOWN_CASES};
    return trials_main(argc, argv, &plan);
}
