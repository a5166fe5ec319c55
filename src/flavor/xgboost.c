/*
 * xgboost.c: the flavor `xgboost`: what MLflow's wrapper makes of a model file, by the class that is named beside it.
 * A Booster answers its values with all trees; the scikit-learn classes stop at best_iteration, and classifiers
 * answer labels.
 */
#include "flavor/flavor_priv.h"
#include "flavor/xgboost_answer.h"
#include "text/json.h"

#include <math.h>

typedef enum xgb_class {
    CLASS_BOOSTER,
    CLASS_VALUES, /* regressors and rankers */
    CLASS_LABELS, /* classifiers */
} xgb_class;

typedef struct xgb_predictor {
    sv_predictor base;
    xgb_scorer scorer;
    xgb_class kind;
    sv_str class_name;
} xgb_predictor;

static bool is_sklearn(const xgb_predictor *p) { return p->kind != CLASS_BOOSTER; }

static bool is_true(const sv_value *v)
{
    return v && ((v->kind == SV_VALUE_BOOL || v->kind == SV_VALUE_INT) ? v->u.i != 0 : false);
}

static savor_status read_range(const sv_value *v, int64_t range[2], savor_error *err)
{
    if (!v || v->kind == SV_VALUE_NONE)
        return SAVOR_OK;
    if (v->kind != SV_VALUE_LIST || v->n < 2)
        return sv_fail(err, SAVOR_MODEL, "iteration_range was not a pair of integers");
    for (size_t i = 0; i < 2; i++) {
        const sv_value *item = &v->u.items[i];
        if (item->kind != SV_VALUE_INT && item->kind != SV_VALUE_BOOL)
            return sv_fail(err, SAVOR_MODEL, "iteration_range was not a pair of integers");
        range[i] = item->u.i;
    }
    return SAVOR_OK;
}

static savor_status read_params(const xgb_predictor *p, const sv_params *params, xgb_call *call, savor_error *err)
{
    static const char *const others[] = {"pred_leaf", "pred_contribs", "pred_interactions"};
    int64_t range[2] = {0, 0};
    savor_status st;
    call->is_margin = is_true(sv_params_find(params, "output_margin"));
    if (is_sklearn(p)) {
        const sv_value *checked = sv_params_find(params, "validate_features");
        const sv_value *margin = sv_params_find(params, "base_margin");
        call->is_unchecked = checked && !is_true(checked);
        if (margin && margin->kind != SV_VALUE_NONE)
            return sv_fail(err, SAVOR_UNSUPPORTED, "parameter base_margin is not taken");
    } else {
        call->is_strict = is_true(sv_params_find(params, "strict_shape"));
        for (size_t i = 0; i < sizeof others / sizeof *others; i++)
            if (is_true(sv_params_find(params, others[i])))
                return sv_fail(err, SAVOR_UNSUPPORTED, "parameter %s is not taken", others[i]);
    }
    if ((st = read_range(sv_params_find(params, "iteration_range"), range, err)))
        return st;
    if (is_sklearn(p) && range[1] == 0 && p->scorer.model->best_iteration >= 0)
        return sv_xgb_call_set_best(&p->scorer, call, err);
    return sv_xgb_call_set_rounds(&p->scorer, range[0], range[1], call, err);
}

static savor_status read_batch(const sv_payload *in, sv_batch *out, savor_error *err)
{
    if (in->kind == SV_PAYLOAD_FRAME || in->kind == SV_PAYLOAD_TENSOR)
        return sv_batch_of_payload(in, out, err);
    return sv_fail(err, SAVOR_MODEL, "Not supported type for data.<class '%s'>",
                   in->kind == SV_PAYLOAD_NAMED ? "dict" : sv_value_type_name(&in->value));
}

static savor_status predict(const sv_predictor *self, const sv_payload *in, const sv_params *params, sv_arena *arena,
                            sv_payload *out, savor_error *err)
{
    const xgb_predictor *p = (const xgb_predictor *)self;
    xgb_call call = {0};
    xgb_scores scores;
    sv_batch batch;
    savor_status st = read_params(p, params, &call, err);
    if (st || (st = read_batch(in, &batch, err)) ||
        (st = sv_xgb_score(&p->scorer, &call, &batch, arena, &scores, err)))
        return st;
    bool is_label = p->kind == CLASS_LABELS && !call.is_margin;
    out->kind = SV_PAYLOAD_TENSOR;
    if (scores.rows.n_rows == 0)
        return sv_xgb_answer_nothing(&p->scorer, &scores, is_label, &out->tensor, err);
    if (is_label)
        return sv_xgb_labels(&p->scorer, &scores, p->scorer.model->n_classes, arena, &out->tensor, err);
    out->tensor = sv_xgb_values(&call, &scores);
    return SAVOR_OK;
}

static void describe(const sv_predictor *self, sv_buf *json)
{
    static const char *const boosters[] = {"gbtree", "dart", "gblinear"};
    const xgb_predictor *p = (const xgb_predictor *)self;
    const sv_xgboost *m = p->scorer.model;
    sv_buf_printf(json, "\"class\": \"%.*s\", \"format\": \"%s\", \"booster\": \"%s\", ", SV_FMT(p->class_name),
                  m->format, boosters[m->booster]);
    sv_buf_printf(json, "\"objective\": \"%.*s\", \"features\": %zu, \"outputs\": %zu, ", SV_FMT(m->objective),
                  m->n_features, m->n_groups);
    sv_buf_printf(json, "\"trees\": %zu, \"rounds\": %zu, \"version\": \"%d.%d\"", m->forest.n_trees, m->n_iterations,
                  m->version_major, m->version_minor);
}

static const sv_predictor_class trees_class = {
    .engine = "native:trees", .predict = predict, .describe = describe, .is_row_wise = true};
static const sv_predictor_class linear_class = {
    .engine = "native:linear", .predict = predict, .describe = describe, .is_row_wise = true};

static savor_status read_class(sv_str name, xgb_class *out, savor_error *err)
{
    static const struct {
        const char *name;
        xgb_class kind;
    } classes[] = {
        {"Booster", CLASS_BOOSTER},        {"XGBModel", CLASS_VALUES},  {"XGBRegressor", CLASS_VALUES},
        {"XGBRFRegressor", CLASS_VALUES},  {"XGBRanker", CLASS_VALUES}, {"XGBClassifier", CLASS_LABELS},
        {"XGBRFClassifier", CLASS_LABELS},
    };
    sv_str last = name; /* xgboost.core.Booster, xgboost.sklearn.XGBClassifier */
    for (size_t dot; (dot = sv_str_find(last, '.')) < last.n;)
        last = (sv_str){last.p + dot + 1, last.n - dot - 1};
    for (size_t i = 0; sv_str_starts(name, SV_STR("xgboost.")) && i < sizeof classes / sizeof *classes; i++)
        if (sv_str_is(last, classes[i].name)) {
            *out = classes[i].kind;
            return SAVOR_OK;
        }
    return sv_fail(err, SAVOR_UNSUPPORTED, "model_class %.*s is not known to the xgboost flavor", SV_FMT(name));
}

/* XGBoost 1.x restores its scikit-learn classes from the JSON that it left in an attribute; later ones do not. */
static savor_status read_sklearn(xgb_predictor *p, savor_error *err)
{
    const sv_json *root = NULL;
    sv_arena scratch;
    p->scorer.missing = NAN;
    if (!is_sklearn(p) || p->scorer.version_major >= 2 || p->scorer.model->sklearn.n == 0)
        return SAVOR_OK;
    sv_arena_init(&scratch, p->base.arena.max_bytes);
    savor_status st = sv_json_parse(p->scorer.model->sklearn, &SV_JSON_LIMITS, &scratch, &root, NULL, err);
    const sv_json *missing = !st && root->kind == SV_JSON_OBJECT ? sv_json_find(root, "missing") : NULL;
    if (!st && root->kind == SV_JSON_OBJECT && sv_json_find(root, "_le"))
        st = sv_fail(err, SAVOR_UNSUPPORTED, "the classifier's label encoder is not read");
    else if (st == SAVOR_FORMAT)
        st = sv_fail(err, SAVOR_FORMAT, "attribute scikit_learn was not JSON");
    if (missing && missing->kind == SV_JSON_DOUBLE)
        p->scorer.missing = (float)missing->u.f;
    else if (missing && missing->kind == SV_JSON_INT)
        p->scorer.missing = (float)missing->u.i;
    sv_arena_deinit(&scratch);
    return st;
}

static savor_status set_model(xgb_predictor *p, sv_str bytes, savor_error *err)
{
    sv_xgboost_options options = {.version_major = p->scorer.version_major};
    savor_status st = sv_xgboost_read(bytes, &options, &p->base.arena, &p->scorer.model, err);
    if (st)
        return st;
    if (p->scorer.version_major == 0)
        p->scorer.version_major = p->scorer.model->version_major;
    if (p->scorer.model->booster == SV_XGBOOST_GBLINEAR)
        p->base.cls = &linear_class;
    p->scorer.is_inplace = is_sklearn(p) && p->scorer.model->booster != SV_XGBOOST_GBLINEAR;
    if ((st = read_sklearn(p, err)))
        return st;
    return sv_xgb_scorer_init(&p->scorer, &p->base.arena, err);
}

static savor_status load(const sv_dir *dir, const sv_mlmodel *model, const sv_node *conf,
                         const sv_flavor_limits *limits, sv_predictor **out, savor_error *err)
{
    sv_buf bytes = SV_BUF_INIT(limits->file_bytes);
    sv_predictor *base = NULL;
    sv_str data = sv_node_text(sv_node_find(conf, "data")), name = sv_node_text(sv_node_find(conf, "model_class"));
    sv_version version = {0};
    xgb_class kind = CLASS_BOOSTER;
    savor_status st = SAVOR_OK;
    (void)model;
    *out = NULL;
    if (data.n == 0)
        return sv_fail(err, SAVOR_FORMAT, "flavor xgboost had no key \"data\"");
    if (name.n == 0) /* MLflow before 1.22 */
        name = SV_STR("xgboost.core.Booster");
    if ((st = read_class(name, &kind, err)))
        return st;
    if ((st = sv_dir_read(dir, data, &bytes, err)) ||
        (st = sv_predictor_new(sizeof(xgb_predictor), &trees_class, limits->model_bytes, &base, err)))
        goto done;
    xgb_predictor *p = (xgb_predictor *)base;
    p->kind = kind;
    p->class_name.n = name.n;
    p->class_name.p = sv_arena_text(&base->arena, name.p, name.n);
    if (!p->class_name.p) {
        st = sv_arena_fail(&base->arena, name.n, err);
        goto done;
    }
    if (sv_version_read(sv_node_text(sv_node_find(conf, "xgb_version")), &version))
        p->scorer.version_major = version.major;
    if ((st = set_model(p, sv_buf_view(&bytes), err)))
        goto done;
    *out = base;
    base = NULL;
done:
    sv_predictor_free(base);
    sv_buf_deinit(&bytes);
    return st ? sv_error_at(err, st, "%.*s", SV_FMT(data)) : SAVOR_OK;
}

const sv_flavor sv_flavor_xgboost = {
    .name = "xgboost",
    .loader_modules = (const char *const[]){"mlflow.xgboost", NULL},
    .load = load,
};
