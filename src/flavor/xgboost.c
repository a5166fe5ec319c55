/*
 * xgboost.c: the flavor `xgboost`: what MLflow's wrapper makes of a model file, by the class that is named beside it.
 * A Booster answers its values with all trees; the scikit-learn classes stop at best_iteration, and classifiers
 * answer labels.
 */
#include "flavor/xgboost_priv.h"

#include "base/alloc.h"
#include "flavor/flavor_priv.h"
#include "text/json.h"

#include <math.h>

typedef enum xgb_class {
    CLASS_BOOSTER,
    CLASS_VALUES, /* regressors and rankers */
    CLASS_LABELS, /* classifiers */
} xgb_class;

typedef struct xgb_predictor {
    sv_predictor base;
    const sv_xgboost *model;
    xgb_class kind;
    sv_str class_name;
    int version_major;         /* of the library that wrote the model */
    const sv_forest *inplace;  /* the forest as inplace_predict adds it; differs for DART */
    _Atomic uint64_t *learned; /* see xgb_input; NULL where the library does not learn names */
    float missing;             /* beside NaN: the marker that XGBoost 1.x saves with its scikit-learn classes */
} xgb_predictor;

/* What a call asks for. */
typedef struct xgb_call {
    bool is_margin, is_strict, is_unchecked;
    size_t first_tree, end_tree;
} xgb_call;

static bool is_sklearn(const xgb_predictor *p) { return p->kind != CLASS_BOOSTER; }

static bool is_inplace(const xgb_predictor *p) { return is_sklearn(p) && p->model->booster != SV_XGBOOST_GBLINEAR; }

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

/* Rounds [begin, end) -> trees; an end of 0 means all. */
static savor_status set_trees(const xgb_predictor *p, const int64_t range[2], xgb_call *call, savor_error *err)
{
    const sv_xgboost *m = p->model;
    int64_t n = (int64_t)m->n_iterations, begin = range[0], end = range[1] == 0 ? n : range[1];
    if (m->booster == SV_XGBOOST_GBLINEAR)
        return SAVOR_OK;
    if (end > n)
        return sv_fail(err, SAVOR_MODEL,
                       "Check failed: end <= model.BoostedRounds() (%lld vs. %lld) : Out of range for tree layers.",
                       (long long)end, (long long)n);
    if (begin < 0 || begin > end)
        return sv_fail(err, SAVOR_MODEL, "Check failed: tree_begin <= tree_end (%lld vs. %lld)", (long long)begin,
                       (long long)end);
    call->first_tree = m->iteration_first[begin];
    call->end_tree = m->iteration_first[end];
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
    if (is_sklearn(p) && range[1] == 0 && p->model->best_iteration >= 0) {
        range[0] = 0;
        range[1] = p->model->best_iteration + 1;
    }
    return set_trees(p, range, call, err);
}

/* Margins of all rows, in the request's arena. */
static savor_status add_margins(const xgb_predictor *p, const xgb_call *call, const xgb_rows *rows, sv_arena *arena,
                                float **out, savor_error *err)
{
    const sv_xgboost *m = p->model;
    size_t n, bytes;
    if (!sv_mul(rows->n_rows, m->n_groups, &n) || !sv_mul(n, sizeof **out, &bytes))
        return sv_fail(err, SAVOR_LIMIT, "%zu rows of %zu outputs were too many", rows->n_rows, m->n_groups);
    float *sums = sv_arena_alloc(arena, bytes);
    if (!sums)
        return sv_arena_fail(arena, bytes, err);
    for (size_t r = 0; r < rows->n_rows; r++)
        memcpy(sums + r * m->n_groups, m->base_margin, m->n_groups * sizeof *sums);
    *out = sums;
    if (m->booster == SV_XGBOOST_GBLINEAR) {
        sv_linear_predict(&m->linear, rows->values, rows->n_rows, sums);
        return SAVOR_OK;
    }
    const sv_forest *forest = is_inplace(p) ? p->inplace : &m->forest;
    return sv_forest_predict(forest, call->first_tree, call->end_tree, rows->values, rows->n_rows, sums, arena, err);
}

static size_t argmax(const float *row, size_t n)
{
    size_t best = 0;
    for (size_t i = 0; i < n; i++) {
        if (isnan(row[i]))
            return i; /* as numpy: the first NaN wins */
        if (row[i] > row[best])
            best = i;
    }
    return best;
}

/* Labels per row: the class with the largest value, or whether the value is above one half. */
static savor_status answer_labels(const float *values, size_t n_rows, size_t width, sv_arena *arena, sv_payload *out,
                                  savor_error *err)
{
    int64_t *labels = sv_arena_array(arena, n_rows, sizeof *labels);
    if (!labels)
        return sv_arena_fail(arena, n_rows * sizeof *labels, err);
    for (size_t r = 0; r < n_rows; r++)
        labels[r] = width > 1 ? (int64_t)argmax(values + r * width, width) : values[r] > 0.5f;
    *out = (sv_payload){.kind = SV_PAYLOAD_TENSOR, .tensor = sv_tensor_view(SAVOR_INT64, n_rows, 0, labels)};
    return SAVOR_OK;
}

/* Several yes-or-no answers per row: 1.0 or 0.0 each. */
static savor_status answer_multilabel(const float *values, size_t n_rows, size_t width, sv_arena *arena,
                                      sv_payload *out, savor_error *err)
{
    double *flags = sv_arena_array(arena, n_rows * width, sizeof *flags);
    if (!flags)
        return sv_arena_fail(arena, n_rows * width * sizeof *flags, err);
    for (size_t i = 0; i < n_rows * width; i++)
        flags[i] = values[i] > 0.5f ? 1.0 : 0.0;
    *out = (sv_payload){.kind = SV_PAYLOAD_TENSOR, .tensor = sv_tensor_view(SAVOR_FLOAT64, n_rows, width, flags)};
    return SAVOR_OK;
}

/* multi:softmax answers the class itself, as int32. */
static savor_status answer_classes(const float *values, size_t n_rows, sv_arena *arena, sv_payload *out,
                                   savor_error *err)
{
    int32_t *classes = sv_arena_array(arena, n_rows, sizeof *classes);
    if (!classes)
        return sv_arena_fail(arena, n_rows * sizeof *classes, err);
    for (size_t i = 0; i < n_rows; i++)
        classes[i] = (int32_t)values[i];
    *out = (sv_payload){.kind = SV_PAYLOAD_TENSOR, .tensor = sv_tensor_view(SAVOR_INT32, n_rows, 0, classes)};
    return SAVOR_OK;
}

static void answer_values(const xgb_call *call, const xgb_rows *rows, const float *values, size_t width,
                          sv_payload *out)
{
    size_t n_columns = width > 1 || call->is_strict ? width : 0;
    out->kind = SV_PAYLOAD_TENSOR;
    out->tensor = sv_tensor_view(SAVOR_FLOAT32, rows->n_rows, n_columns, values);
}

/* The library's answers to no rows at all: 1.x has shape (0, 0) and labels of float64; later a frame gives (0,). */
static savor_status answer_nothing(const xgb_predictor *p, const xgb_call *call, const xgb_rows *rows,
                                   sv_payload *out, savor_error *err)
{
    bool is_label = p->kind == CLASS_LABELS && !call->is_margin, is_old = p->version_major < 2;
    savor_dtype dtype = is_label ? (is_old ? SAVOR_FLOAT64 : SAVOR_INT64) : SAVOR_FLOAT32;
    size_t n_groups = p->model->n_groups;
    if (is_old && is_label && p->model->n_classes > 2)
        return sv_fail(err, SAVOR_MODEL, "attempt to get argmax of an empty sequence");
    bool is_wide = !is_label && !rows->is_frame && n_groups > 1;
    out->kind = SV_PAYLOAD_TENSOR;
    out->tensor = sv_tensor_view(dtype, 0, is_wide ? n_groups : 0, rows->values);
    out->tensor.n_dims = is_old || is_wide ? 2 : 1;
    if (is_old)
        out->tensor.shape[1] = 0;
    return SAVOR_OK;
}

static savor_status predict(const sv_predictor *self, const sv_payload *in, const sv_params *params, sv_arena *arena,
                            sv_payload *out, savor_error *err)
{
    const xgb_predictor *p = (const xgb_predictor *)self;
    const sv_xgboost *m = p->model;
    xgb_call call = {0};
    xgb_rows rows = {0};
    float *values = NULL;
    savor_status st = read_params(p, params, &call, err);
    xgb_input input = {.model = m, .version_major = p->version_major, .is_inplace = is_inplace(p)};
    input.is_unchecked = call.is_unchecked;
    input.learned = p->learned;
    input.missing = p->missing;
    if (st || (st = sv_xgb_rows_read(&input, in, arena, &rows, err)))
        return st;
    if (rows.n_rows == 0)
        return answer_nothing(p, &call, &rows, out, err);
    if ((st = add_margins(p, &call, &rows, arena, &values, err)))
        return st;
    size_t width = call.is_margin ? m->n_groups : sv_xgboost_transform(m, values, rows.n_rows);
    if (p->kind != CLASS_LABELS || call.is_margin) {
        answer_values(&call, &rows, values, width, out);
        return SAVOR_OK;
    }
    if (width > 1 && m->n_classes < 3)
        return answer_multilabel(values, rows.n_rows, width, arena, out, err);
    if (width == 1 && m->link == SV_XGBOOST_ARGMAX)
        return answer_classes(values, rows.n_rows, arena, out, err);
    return answer_labels(values, rows.n_rows, width, arena, out, err);
}

static void describe(const sv_predictor *self, sv_buf *json)
{
    static const char *const boosters[] = {"gbtree", "dart", "gblinear"};
    const xgb_predictor *p = (const xgb_predictor *)self;
    const sv_xgboost *m = p->model;
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

/*
 * inplace_predict of a DART model predicts each tree as base + leaf, takes the base off again and then weighs it, so
 * each leaf has been rounded twice. The forest that does the same holds the rounded leaves.
 */
static savor_status make_inplace(xgb_predictor *p, savor_error *err)
{
    const sv_forest *f = &p->model->forest;
    sv_arena *arena = &p->base.arena;
    p->inplace = f;
    if (p->model->booster != SV_XGBOOST_DART || !is_sklearn(p) || f->leaf_width != 1)
        return SAVOR_OK;
    sv_forest *copy = sv_arena_array(arena, 1, sizeof *copy);
    double *leaves = sv_arena_array(arena, f->n_leaves, sizeof *leaves);
    if (!copy || !leaves)
        return sv_arena_fail(arena, f->n_leaves * sizeof *leaves, err);
    for (size_t t = 0; t < f->n_trees; t++) {
        float base = p->model->base_margin[f->trees[t].group];
        for (size_t i = f->trees[t].first_leaf; i < f->trees[t].first_leaf + f->trees[t].n_leaves; i++) {
            float both = base + (float)f->leaf_values[i];
            leaves[i] = (double)(both - base);
        }
    }
    *copy = *f;
    copy->leaf_values = leaves;
    p->inplace = copy;
    return sv_forest_lower(copy, arena, err);
}

/* XGBoost 1.x restores its scikit-learn classes from the JSON that it left in an attribute; later ones do not. */
static savor_status read_sklearn(xgb_predictor *p, savor_error *err)
{
    const sv_json *root = NULL;
    sv_arena scratch;
    p->missing = NAN;
    if (!is_sklearn(p) || p->version_major >= 2 || p->model->sklearn.n == 0)
        return SAVOR_OK;
    sv_arena_init(&scratch, p->base.arena.max_bytes);
    savor_status st = sv_json_parse(p->model->sklearn, &SV_JSON_LIMITS, &scratch, &root, NULL, err);
    const sv_json *missing = !st && root->kind == SV_JSON_OBJECT ? sv_json_find(root, "missing") : NULL;
    if (!st && root->kind == SV_JSON_OBJECT && sv_json_find(root, "_le"))
        st = sv_fail(err, SAVOR_UNSUPPORTED, "the classifier's label encoder is not read");
    else if (st == SAVOR_FORMAT)
        st = sv_fail(err, SAVOR_FORMAT, "attribute scikit_learn was not JSON");
    if (missing && missing->kind == SV_JSON_DOUBLE)
        p->missing = (float)missing->u.f;
    else if (missing && missing->kind == SV_JSON_INT)
        p->missing = (float)missing->u.i;
    sv_arena_deinit(&scratch);
    return st;
}

static savor_status set_model(xgb_predictor *p, sv_str bytes, savor_error *err)
{
    sv_xgboost_options options = {.version_major = p->version_major};
    savor_status st = sv_xgboost_read(bytes, &options, &p->base.arena, &p->model, err);
    if (st)
        return st;
    if (p->version_major == 0)
        p->version_major = p->model->version_major;
    if (p->model->booster == SV_XGBOOST_GBLINEAR)
        p->base.cls = &linear_class;
    if ((st = read_sklearn(p, err)))
        return st;
    if (p->version_major < 2 && !is_inplace(p)) {
        p->learned = sv_arena_array(&p->base.arena, 1, sizeof *p->learned);
        if (!p->learned)
            return sv_arena_fail(&p->base.arena, sizeof *p->learned, err);
    }
    return make_inplace(p, err);
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
        p->version_major = version.major;
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
