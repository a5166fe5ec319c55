/*
 * catboost.c: the flavor `catboost`: what mlflow.catboost's wrapper does is model.predict(data) of the class that
 * saved the model, and nothing else: classes for a CatBoostClassifier, exp() for a regressor of counts, raw values
 * for all others. Params are not looked at.
 */
#include "flavor/catboost_answer.h"
#include "flavor/flavor_priv.h"
#include "text/json.h"

typedef struct catboost_predictor {
    sv_predictor base;
    catboost_scorer scorer;
} catboost_predictor;

static savor_status predict(const sv_predictor *base, const sv_payload *in, const sv_params *params, sv_arena *arena,
                            sv_payload *out, savor_error *err)
{
    const catboost_scorer *scorer = &((const catboost_predictor *)base)->scorer;
    (void)params;
    return sv_catboost_answer(scorer, scorer->answer, in, arena, out, err);
}

static void describe(const sv_predictor *base, sv_buf *json)
{
    const sv_catboost *m = ((const catboost_predictor *)base)->scorer.model;
    const sv_catboost_formula *f = &m->formula;
    sv_buf_printf(json, "\"format\": \"%s\", \"loss\": ", m->format);
    if (m->loss.n > 0)
        sv_json_put_string(json, m->loss);
    else
        sv_buf_put_text(json, "null");
    sv_buf_printf(json,
                  ", \"trees\": %zu, \"symmetric\": %s, \"numeric_features\": %zu, \"categorical_features\": %zu",
                  f->forest.n_trees, f->forest.is_symmetric ? "true" : "false", f->n_floats, f->n_categories);
    sv_buf_printf(json, ", \"target_statistics\": %zu, \"outputs\": %zu", f->n_ctrs, f->forest.n_outputs);
}

static const sv_predictor_class predictor_class = {
    .engine = "native:trees",
    .predict = predict,
    .describe = describe,
};

/* ---- load ---- */

static savor_status read_file(sv_str format, sv_str bytes, sv_arena *arena, const sv_catboost **out, savor_error *err)
{
    if (sv_str_is(format, "cbm") || sv_str_is(format, "catboost") || sv_str_is(format, "CatboostBinary"))
        return sv_catboost_read_cbm(bytes, arena, out, err);
    if (sv_str_is(format, "json"))
        return sv_catboost_read_json(bytes, arena, out, err);
    return sv_fail(err, SAVOR_UNSUPPORTED, "CatBoost save_format \"%.*s\" is not supported natively", SV_FMT(format));
}

/* A key of the flavor's own entry; `absent` where it has none. */
static sv_str find_text(const sv_node *conf, const char *key, sv_str absent)
{
    const sv_node *node = sv_node_find(conf, key);
    return sv_node_is_null(node) ? absent : sv_node_text(node);
}

static savor_status load(const sv_dir *dir, const sv_mlmodel *model, const sv_node *conf,
                         const sv_flavor_limits *limits, sv_predictor **out, savor_error *err)
{
    sv_str file = find_text(conf, "data", find_text(model->python_function, "data", SV_STR("model.cb")));
    sv_buf bytes = SV_BUF_INIT(limits->file_bytes);
    sv_predictor *base = NULL;
    savor_status st = SAVOR_OK;
    *out = NULL;
    if ((st = sv_dir_read(dir, file, &bytes, err)) ||
        (st = sv_predictor_new(sizeof(catboost_predictor), &predictor_class, limits->model_bytes, &base, err)))
        goto done;
    catboost_predictor *self = (catboost_predictor *)base;
    if ((st = read_file(find_text(conf, "save_format", SV_STR("cbm")), sv_buf_view(&bytes), &base->arena,
                        &self->scorer.model, err))) {
        st = sv_error_at(err, st, "%.*s", SV_FMT(file));
        goto done;
    }
    if ((st = sv_catboost_scorer_init(&self->scorer, find_text(conf, "model_type", SV_STR("")), err)))
        goto done;
    *out = base;
    base = NULL;
done:
    sv_predictor_free(base);
    sv_buf_deinit(&bytes);
    return st;
}

const sv_flavor sv_flavor_catboost = {
    .name = "catboost",
    .loader_modules = (const char *const[]){"mlflow.catboost", NULL},
    .load = load,
};
