/* xgboost.c: tell the formats apart, read, prove, make fast. */
#include "format/xgboost.h"

#include "base/alloc.h"
#include "format/ubjson.h"
#include "format/xgboost_priv.h"

sv_str sv_xgb_copy_text(sv_arena *arena, sv_str text)
{
    char *p = sv_arena_text(arena, text.p, text.n);
    return (sv_str){p, p ? text.n : 0};
}

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/* JSON has a quote, a brace or a blank behind its first brace; UBJSON the marker of the first key's length. */
static bool is_json(sv_str bytes)
{
    return bytes.n >= 2 && bytes.p[0] == '{' && (bytes.p[1] == '"' || bytes.p[1] == '}' || is_blank(bytes.p[1]));
}

static bool is_ubjson(sv_str bytes)
{
    return bytes.n >= 2 && bytes.p[0] == '{' && memchr("iUIlL}N", bytes.p[1], 7) != NULL;
}

/* What a pickle holds is the model beside the configuration of the training. */
static const sv_json *find_document(const sv_json *root)
{
    const sv_json *model = root->kind == SV_JSON_OBJECT ? sv_json_find(root, "Model") : NULL;
    return model ? model : root;
}

static savor_status read_json(xgb_reader *r, sv_str bytes)
{
    const sv_json *root = NULL;
    sv_json_fault where = {0};
    sv_arena nodes; /* the model is copied out of the nodes, so they end here */
    savor_status st;
    if (!sv_utf8_check_surrogates(bytes.p, bytes.n))
        return sv_fail(r->err, SAVOR_FORMAT, "JSON model was not UTF-8");
    sv_arena_init(&nodes, r->arena->max_bytes);
    r->model->format = "json";
    st = sv_json_parse(bytes, &SV_JSON_LIMITS, &nodes, &root, &where, r->err);
    if (st == SAVOR_FORMAT && where.message)
        sv_fail(r->err, SAVOR_FORMAT, "JSON byte %zu: %s", where.offset, where.message);
    if (!st)
        st = sv_xgb_read_document(r, find_document(root));
    sv_arena_deinit(&nodes);
    return st;
}

static savor_status read_ubjson(xgb_reader *r, sv_str bytes)
{
    sv_ubjson ubjson;
    r->model->format = "ubj";
    savor_status st = sv_ubjson_parse(bytes, &ubjson, r->err);
    if (!st)
        st = sv_xgb_read_document(r, find_document(ubjson.nodes));
    sv_ubjson_deinit(&ubjson);
    return st;
}

static savor_status read_any(xgb_reader *r, sv_str bytes)
{
    if (is_json(bytes))
        return read_json(r, bytes);
    if (is_ubjson(bytes))
        return read_ubjson(r, bytes);
    if (sv_str_starts(bytes, SV_STR("CONFIG-offset:")))
        return sv_fail(r->err, SAVOR_UNSUPPORTED, "the binary inside pickles of XGBoost before 1.6 is not read");
    if (bytes.n >= 4 && (memcmp(bytes.p, "bs64", 4) == 0))
        return sv_fail(r->err, SAVOR_UNSUPPORTED, "XGBoost's base64 text format (\"bs64\") is not read");
    r->model->format = "deprecated binary";
    return sv_xgb_read_binary(r, bytes);
}

/* Where each round begins, when the file does not say: equal rounds. */
static savor_status set_rounds(xgb_reader *r)
{
    sv_xgboost *m = r->model;
    size_t n_per_round = m->forest.leaf_width > 1 ? 1 : m->n_groups;
    if (r->iteration_first) {
        m->iteration_first = r->iteration_first;
        m->n_iterations = r->n_iterations;
        return SAVOR_OK;
    }
    if (!sv_mul(n_per_round, r->n_parallel, &n_per_round) || n_per_round == 0 || m->forest.n_trees % n_per_round != 0)
        return sv_fail(r->err, SAVOR_FORMAT, "there were %zu trees, expected a multiple of %zu", m->forest.n_trees,
                       n_per_round);
    m->n_iterations = m->forest.n_trees / n_per_round;
    size_t *first = sv_arena_array(r->arena, m->n_iterations + 1, sizeof *first);
    if (!first)
        return sv_arena_fail(r->arena, m->n_iterations * sizeof *first, r->err);
    for (size_t i = 0; i <= m->n_iterations; i++)
        first[i] = i * n_per_round;
    m->iteration_first = first;
    return SAVOR_OK;
}

static savor_status finish(xgb_reader *r)
{
    sv_xgboost *m = r->model;
    savor_status st = sv_xgb_set_base(r);
    if (st || m->booster == SV_XGBOOST_GBLINEAR)
        return st;
    if ((st = set_rounds(r)) || (st = sv_forest_check(&m->forest, r->err)))
        return st;
    for (size_t i = 0; i < m->forest.n_nodes; i++)
        m->has_categories |= (m->forest.nodes[i].flags & SV_SPLIT_CATEGORICAL) != 0;
    return sv_forest_lower(&m->forest, r->arena, r->err);
}

savor_status sv_xgboost_read(sv_str bytes, const sv_xgboost_options *options, sv_arena *arena, const sv_xgboost **out,
                             savor_error *err)
{
    xgb_reader r = {.arena = arena, .err = err, .n_parallel = 1};
    savor_status st;
    *out = NULL;
    r.version_major = options ? options->version_major : 0;
    r.model = sv_arena_array(arena, 1, sizeof *r.model);
    if (!r.model)
        return sv_arena_fail(arena, sizeof *r.model, err);
    r.model->best_iteration = -1;
    if ((st = read_any(&r, bytes)))
        return st;
    if (r.version_major == 0)
        r.version_major = r.model->version_major;
    if ((st = finish(&r)))
        return st;
    *out = r.model;
    return SAVOR_OK;
}
