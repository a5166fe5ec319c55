/* xgboost_json.c: the schema that XGBoost's JSON and UBJSON share, as neutral nodes -> the record. */
#include "base/number.h"
#include "format/xgboost_priv.h"

#include <math.h>

static savor_status fault(xgb_reader *r, const char *key, const char *expected)
{
    return sv_fail(r->err, SAVOR_FORMAT, "key \"%s\" was absent or not %s", key, expected);
}

static savor_status get_kind(const sv_json *object, const char *key, sv_json_kind kind, const sv_json **out,
                             savor_error *err)
{
    *out = sv_json_find(object, key);
    if (*out && (*out)->kind == kind)
        return SAVOR_OK;
    return sv_fail(err, SAVOR_FORMAT, "key \"%s\" was absent or not %s", key,
                   kind == SV_JSON_OBJECT ? "an object" : "an array");
}

savor_status sv_xgb_get_object(const sv_json *object, const char *key, const sv_json **out, savor_error *err)
{
    return get_kind(object, key, SV_JSON_OBJECT, out, err);
}

savor_status sv_xgb_get_array(const sv_json *object, const char *key, const sv_json **out, savor_error *err)
{
    return get_kind(object, key, SV_JSON_ARRAY, out, err);
}

bool sv_xgb_to_int(const sv_json *v, int64_t *out)
{
    if (v->kind == SV_JSON_INT)
        *out = v->u.i;
    else if (v->kind == SV_JSON_TRUE || v->kind == SV_JSON_FALSE)
        *out = v->kind == SV_JSON_TRUE;
    else
        return v->kind == SV_JSON_STRING && sv_str_to_int64(sv_json_text(v), out);
    return true;
}

bool sv_xgb_to_float(const sv_json *v, float *out)
{
    if (v->kind == SV_JSON_DOUBLE)
        *out = (float)v->u.f;
    else if (v->kind == SV_JSON_INT)
        *out = v->is_minus0 ? -0.0f : (float)v->u.i;
    else
        return (v->kind == SV_JSON_STRING || v->kind == SV_JSON_BIGINT) && sv_text_to_float(sv_json_text(v), out);
    return true;
}

savor_status sv_xgb_get_int(const sv_json *object, const char *key, int64_t fallback, int64_t *out, savor_error *err)
{
    const sv_json *v = sv_json_find(object, key);
    *out = fallback;
    if (!v || sv_xgb_to_int(v, out))
        return SAVOR_OK;
    return sv_fail(err, SAVOR_FORMAT, "key \"%s\" was not an integer", key);
}

/* An array of texts, copied. Null or absent gives none. */
static savor_status read_texts(xgb_reader *r, const sv_json *learner, const char *key, const sv_str **out,
                               size_t *n_out)
{
    const sv_json *array = sv_json_find(learner, key);
    if (!array || array->kind == SV_JSON_NULL)
        return SAVOR_OK;
    if (array->kind != SV_JSON_ARRAY || !sv_xgb_is_flat(array, array->n))
        return fault(r, key, "an array of texts");
    sv_str *texts = sv_arena_array(r->arena, array->n, sizeof *texts);
    if (!texts)
        return sv_arena_fail(r->arena, array->n * sizeof *texts, r->err);
    for (size_t i = 0; i < array->n; i++) {
        const sv_json *v = sv_xgb_item(array, i);
        if (v->kind != SV_JSON_STRING)
            return fault(r, key, "an array of texts");
        texts[i] = sv_xgb_copy_text(r->arena, sv_json_text(v));
        if (!texts[i].p)
            return sv_arena_fail(r->arena, v->n, r->err);
    }
    *out = texts;
    *n_out = array->n;
    return SAVOR_OK;
}

static savor_status read_names(xgb_reader *r, const sv_json *learner)
{
    sv_xgboost *m = r->model;
    savor_status st = read_texts(r, learner, "feature_names", &m->feature_names, &m->n_names);
    if (st || (st = read_texts(r, learner, "feature_types", &m->feature_types, &m->n_types)))
        return st;
    if (m->n_names != 0 && m->n_names != m->n_features)
        return sv_fail(r->err, SAVOR_FORMAT, "there were %zu feature names, expected %zu", m->n_names, m->n_features);
    for (size_t i = 0; i < m->n_types; i++)
        m->has_categories |= sv_str_is(m->feature_types[i], "c");
    return SAVOR_OK;
}

static savor_status read_attributes(xgb_reader *r, const sv_json *learner)
{
    sv_xgboost *m = r->model;
    const sv_json *attributes = sv_json_find(learner, "attributes");
    if (!attributes || attributes->kind != SV_JSON_OBJECT)
        return SAVOR_OK;
    savor_status st = sv_xgb_get_int(attributes, "best_iteration", -1, &m->best_iteration, r->err);
    const sv_json *sklearn = sv_json_find(attributes, "scikit_learn");
    if (st || !sklearn || sklearn->kind != SV_JSON_STRING)
        return st;
    m->sklearn = sv_xgb_copy_text(r->arena, sv_json_text(sklearn));
    return m->sklearn.p ? SAVOR_OK : sv_arena_fail(r->arena, sklearn->n, r->err);
}

/* "5E-1", or since 3.1 "[5E-1,2E-1]": one per output. */
static savor_status read_base_score(xgb_reader *r, sv_str text)
{
    size_t n = 1, room = 1;
    if (text.n >= 2 && text.p[0] == '[' && text.p[text.n - 1] == ']')
        text = (sv_str){text.p + 1, text.n - 2};
    for (size_t i = 0; i < text.n; i++)
        room += text.p[i] == ',';
    float *scores = sv_arena_array(r->arena, room, sizeof *scores);
    if (!scores)
        return sv_arena_fail(r->arena, room * sizeof *scores, r->err);
    for (n = 0; n < room; n++) {
        size_t end = sv_str_find(text, ',');
        sv_str part = sv_str_trim((sv_str){text.p, end});
        if (!sv_text_to_float(part, &scores[n]) || !isfinite(scores[n]))
            return sv_fail(r->err, SAVOR_FORMAT, "base_score \"%.*s\" was no number", SV_FMT(part));
        size_t skip = end < text.n ? end + 1 : end;
        text = (sv_str){text.p + skip, text.n - skip};
    }
    r->base_score = scores;
    r->n_base_score = n;
    return SAVOR_OK;
}

static savor_status read_learner_param(xgb_reader *r, const sv_json *learner)
{
    const sv_json *param = NULL;
    int64_t n_features, n_classes, n_targets;
    savor_status st = sv_xgb_get_object(learner, "learner_model_param", &param, r->err);
    if (st || (st = sv_xgb_get_int(param, "num_feature", 0, &n_features, r->err)) ||
        (st = sv_xgb_get_int(param, "num_class", 0, &n_classes, r->err)) ||
        (st = sv_xgb_get_int(param, "num_target", 0, &n_targets, r->err)) ||
        (st = sv_xgb_set_sizes(r, n_features, n_classes, n_targets)))
        return st;
    const sv_json *score = sv_json_find(param, "base_score");
    if (score && score->kind == SV_JSON_STRING)
        return read_base_score(r, sv_json_text(score));
    float *one = sv_arena_array(r->arena, 1, sizeof *one);
    if (!one)
        return sv_arena_fail(r->arena, sizeof *one, r->err);
    if (!score || !sv_xgb_to_float(score, one) || !isfinite(*one))
        return fault(r, "base_score", "a number");
    r->base_score = one;
    r->n_base_score = 1;
    return SAVOR_OK;
}

static savor_status read_version(xgb_reader *r, const sv_json *root)
{
    const sv_json *version = sv_json_find(root, "version");
    int64_t major = 0, minor = 0;
    if (!version)
        return SAVOR_OK;
    if (!sv_xgb_is_flat(version, 3) || !sv_xgb_to_int(sv_xgb_item(version, 0), &major) ||
        !sv_xgb_to_int(sv_xgb_item(version, 1), &minor) || major < 0 || major > 1000 || minor < 0 || minor > 1000)
        return fault(r, "version", "three integers");
    r->model->version_major = (int)major;
    r->model->version_minor = (int)minor;
    if (r->version_major == 0)
        r->version_major = (int)major;
    return SAVOR_OK;
}

static savor_status read_linear(xgb_reader *r, const sv_json *booster)
{
    sv_xgboost *m = r->model;
    const sv_json *model = NULL, *array = NULL;
    savor_status st = sv_xgb_get_object(booster, "model", &model, r->err);
    if (st || (st = sv_xgb_get_array(model, "weights", &array, r->err)))
        return st;
    size_t n = (m->n_features + 1) * m->n_groups; /* both are bounded by sv_xgb_set_sizes */
    if (!sv_xgb_is_flat(array, n))
        return sv_fail(r->err, SAVOR_FORMAT, "there were %u linear weights, expected %zu", array->n, n);
    float *weights = sv_arena_array(r->arena, n, sizeof *weights);
    if (!weights)
        return sv_arena_fail(r->arena, n * sizeof *weights, r->err);
    for (size_t i = 0; i < n; i++)
        if (!sv_xgb_to_float(sv_xgb_item(array, i), &weights[i]))
            return fault(r, "weights", "an array of numbers");
    m->linear = (sv_linear){.n_features = m->n_features, .n_groups = m->n_groups, .weights = weights};
    return SAVOR_OK;
}

/* DART's factor per tree: beside "gbtree" up to 3.3, inside the tree model from 3.4 on. */
static savor_status read_weight_drop(xgb_reader *r, const sv_json *booster, const sv_json *model)
{
    sv_forest *f = &r->model->forest;
    const sv_json *array = sv_json_find(model, "weight_drop");
    if (!array)
        array = sv_json_find(booster, "weight_drop");
    if (!sv_xgb_is_flat(array, f->n_trees))
        return fault(r, "weight_drop", "an array with a number per tree");
    f->tree_weights = sv_arena_array(r->arena, f->n_trees, sizeof *f->tree_weights);
    if (!f->tree_weights)
        return sv_arena_fail(r->arena, f->n_trees * sizeof *f->tree_weights, r->err);
    for (size_t i = 0; i < f->n_trees; i++) {
        float weight;
        if (!sv_xgb_to_float(sv_xgb_item(array, i), &weight))
            return fault(r, "weight_drop", "an array of numbers");
        f->tree_weights[i] = (double)weight;
    }
    return SAVOR_OK;
}

static savor_status read_booster(xgb_reader *r, const sv_json *learner)
{
    const sv_json *booster = NULL, *holder, *model = NULL;
    savor_status st = sv_xgb_get_object(learner, "gradient_booster", &booster, r->err);
    if (st)
        return st;
    const sv_json *name = sv_json_find(booster, "name");
    if (!name || name->kind != SV_JSON_STRING)
        return fault(r, "gradient_booster.name", "a text");
    if ((st = sv_xgb_set_booster(r, sv_json_text(name))))
        return st;
    if (r->model->booster == SV_XGBOOST_GBLINEAR)
        return read_linear(r, booster);
    holder = booster;
    if (r->model->booster == SV_XGBOOST_DART && !sv_json_find(booster, "model") &&
        (st = sv_xgb_get_object(booster, "gbtree", &holder, r->err)))
        return st;
    if ((st = sv_xgb_get_object(holder, "model", &model, r->err)) || (st = sv_xgb_read_trees(r, model)))
        return st;
    return r->model->booster == SV_XGBOOST_DART ? read_weight_drop(r, booster, model) : SAVOR_OK;
}

savor_status sv_xgb_read_document(xgb_reader *r, const sv_json *root)
{
    const sv_json *learner = NULL, *objective = NULL;
    savor_status st;
    if (root->kind != SV_JSON_OBJECT)
        return sv_fail(r->err, SAVOR_FORMAT, "the model was not an object");
    if ((st = read_version(r, root)) || (st = sv_xgb_get_object(root, "learner", &learner, r->err)) ||
        (st = sv_xgb_get_object(learner, "objective", &objective, r->err)))
        return st;
    const sv_json *name = sv_json_find(objective, "name");
    if (!name || name->kind != SV_JSON_STRING)
        return fault(r, "objective.name", "a text");
    if ((st = sv_xgb_set_objective(r, sv_json_text(name))) || (st = read_learner_param(r, learner)) ||
        (st = read_names(r, learner)) || (st = read_attributes(r, learner)))
        return st;
    return read_booster(r, learner);
}
