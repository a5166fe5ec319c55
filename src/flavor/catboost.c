/*
 * catboost.c: the flavor `catboost`: what mlflow.catboost's wrapper does is model.predict(data) of the class that
 * saved the model, and nothing else: classes for a CatBoostClassifier, exp() for a regressor of counts, raw values
 * for all others. Params are not looked at.
 */
#include "engine/fast_exp.h"
#include "flavor/catboost_rows.h"
#include "flavor/flavor_priv.h"
#include "text/json.h"

#include <math.h>

typedef enum answer_kind {
    ANSWER_RAW,
    ANSWER_EXP,      /* Poisson, Tweedie */
    ANSWER_VARIANCE, /* RMSEWithUncertainty: the second output is half the logarithm of a variance */
    ANSWER_CLASS,    /* one label per row */
    ANSWER_BITS,     /* several labels: 0 or 1 for each */
} answer_kind;

typedef struct catboost_predictor {
    sv_predictor base;
    const sv_catboost *model;
    answer_kind answer;
} catboost_predictor;

/* One prediction on its way. */
typedef struct prediction {
    const catboost_predictor *self;
    size_t n_rows;
    bool is_single;
    const double *raw; /* [n_rows x formula outputs] */
    sv_arena *arena;
    savor_error *err;
} prediction;

/* ---- answers ---- */

/* One object's answer loses the dimension of rows. */
static sv_payload wrap(const prediction *p, savor_dtype dtype, size_t n_columns, const void *data)
{
    size_t n = n_columns ? n_columns : 1;
    sv_tensor t = sv_tensor_view(dtype, p->n_rows, n_columns, data);
    if (p->is_single)
        t = (sv_tensor){.dtype = dtype, .n_dims = n_columns > 0, .shape = {n_columns}, .n_items = n, .data = data};
    return (sv_payload){.kind = SV_PAYLOAD_TENSOR, .tensor = t};
}

/* Room for one cell of `size` bytes per row. */
static savor_status alloc_cells(const prediction *p, size_t size, void **out)
{
    *out = sv_arena_array(p->arena, p->n_rows, size);
    return *out ? SAVOR_OK : sv_arena_fail(p->arena, p->n_rows * size, p->err);
}

/* Raw values as the caller sees them: an output for each class, -inf for those that were missing in training. */
static savor_status answer_raw(const prediction *p, sv_payload *out)
{
    const sv_catboost *m = p->self->model;
    size_t n_outputs = m->formula.forest.n_outputs, n = m->n_visible;
    void *room = NULL;
    savor_status st = alloc_cells(p, n * sizeof(double), &room);
    double *cells = room;
    for (size_t i = 0; !st && i < p->n_rows * n; i++)
        cells[i] = -(double)INFINITY;
    for (size_t i = 0; !st && i < p->n_rows * n_outputs; i++)
        cells[i / n_outputs * n + m->visible[i % n_outputs]] = p->raw[i];
    *out = wrap(p, SAVOR_FLOAT64, n_outputs > 1 ? n : 0, cells);
    return st;
}

/* The first output only, through the library's own exp. */
static savor_status answer_exp(const prediction *p, sv_payload *out)
{
    size_t n_outputs = p->self->model->formula.forest.n_outputs;
    void *room = NULL;
    savor_status st = alloc_cells(p, sizeof(double), &room);
    double *cells = room;
    if (st)
        return st;
    for (size_t i = 0; i < p->n_rows; i++)
        cells[i] = p->raw[i * n_outputs];
    sv_fast_exp(cells, p->n_rows);
    *out = wrap(p, SAVOR_FLOAT64, n_outputs > 1 ? 1 : 0, cells);
    return SAVOR_OK;
}

static savor_status answer_variance(const prediction *p, sv_payload *out)
{
    void *room = NULL, *more = NULL;
    savor_status st = alloc_cells(p, 2 * sizeof(double), &room);
    if (st || (st = alloc_cells(p, sizeof(double), &more)))
        return st;
    double *cells = room, *variances = more;
    for (size_t i = 0; i < p->n_rows; i++)
        variances[i] = p->raw[2 * i + 1] * 2.0;
    sv_fast_exp(variances, p->n_rows);
    for (size_t i = 0; i < p->n_rows; i++) {
        cells[2 * i] = p->raw[2 * i];
        cells[2 * i + 1] = variances[i];
    }
    *out = wrap(p, SAVOR_FLOAT64, 2, cells);
    return SAVOR_OK;
}

static savor_status answer_bits(const prediction *p, sv_payload *out)
{
    const sv_catboost *m = p->self->model;
    size_t n_outputs = m->formula.forest.n_outputs, n = m->n_visible;
    void *room = NULL;
    savor_status st = alloc_cells(p, n * sizeof(int64_t), &room);
    int64_t *cells = room;
    for (size_t i = 0; !st && i < p->n_rows * n_outputs; i++)
        cells[i / n_outputs * n + m->visible[i % n_outputs]] = p->raw[i] > m->threshold;
    *out = wrap(p, SAVOR_INT64, n_outputs > 1 ? n : 0, cells);
    return st;
}

/* The number of the class of a row. Of equal values the first visible class wins. */
static size_t find_class(const sv_catboost *m, const double *raw)
{
    size_t n = m->formula.forest.n_outputs, best = 0;
    if (n == 1)
        return raw[0] > m->threshold;
    for (size_t k = 1; k < n; k++)
        if (raw[k] > raw[best] || (raw[k] == raw[best] && m->visible[k] < m->visible[best]))
            best = k;
    return m->visible[best];
}

static void put_label(const sv_catboost *m, size_t class, void *cells, size_t i)
{
    const sv_catboost_label *label = &m->labels[class];
    switch (m->label_kind) {
    case SV_CATBOOST_INT_LABELS:
        ((int64_t *)cells)[i] = label->number;
        return;
    case SV_CATBOOST_FLOAT_LABELS:
        ((double *)cells)[i] = label->real;
        return;
    case SV_CATBOOST_BOOL_LABELS:
        ((bool *)cells)[i] = label->truth;
        return;
    default:
        ((sv_value *)cells)[i] = (sv_value){.kind = SV_VALUE_STRING, .n = label->text.n, .u.p = label->text.p};
    }
}

static savor_dtype label_dtype(sv_catboost_label_kind kind)
{
    switch (kind) {
    case SV_CATBOOST_INT_LABELS:
        return SAVOR_INT64;
    case SV_CATBOOST_FLOAT_LABELS:
        return SAVOR_FLOAT64;
    case SV_CATBOOST_BOOL_LABELS:
        return SAVOR_BOOL;
    default:
        return SAVOR_OBJECT;
    }
}

static savor_status answer_class(const prediction *p, sv_payload *out)
{
    const sv_catboost *m = p->self->model;
    size_t n_outputs = m->formula.forest.n_outputs;
    savor_dtype dtype = label_dtype(m->label_kind);
    void *cells = NULL;
    savor_status st = alloc_cells(p, sv_dtype_size(dtype), &cells);
    if (st)
        return st;
    for (size_t i = 0; i < p->n_rows; i++)
        put_label(m, find_class(m, p->raw + i * n_outputs), cells, i);
    *out = wrap(p, dtype, n_outputs > 1 ? 1 : 0, cells);
    if (p->is_single && n_outputs == 1 && dtype == SAVOR_OBJECT) /* str, no array */
        *out = (sv_payload){.kind = SV_PAYLOAD_VALUE, .value = *(const sv_value *)cells};
    return SAVOR_OK;
}

/* ---- predict ---- */

typedef savor_status (*answer_function)(const prediction *, sv_payload *);

static const answer_function answers[] = {
    [ANSWER_RAW] = answer_raw,     [ANSWER_EXP] = answer_exp,   [ANSWER_VARIANCE] = answer_variance,
    [ANSWER_CLASS] = answer_class, [ANSWER_BITS] = answer_bits,
};

static savor_status predict(const sv_predictor *base, const sv_payload *in, const sv_params *params, sv_arena *arena,
                            sv_payload *out, savor_error *err)
{
    const catboost_predictor *self = (const catboost_predictor *)base;
    const sv_catboost_formula *f = &self->model->formula;
    catboost_rows rows;
    savor_status st = sv_catboost_rows_read(self->model, in, arena, &rows, err);
    (void)params;
    if (st)
        return st;
    if (f->forest.n_trees == 0)
        return sv_fail(err, SAVOR_MODEL, "Empty tree range [0, 0)");
    double *raw = sv_arena_array(arena, rows.n_rows, f->forest.n_outputs * sizeof *raw);
    if (!raw)
        return sv_arena_fail(arena, rows.n_rows * f->forest.n_outputs * sizeof *raw, err);
    if ((st = sv_catboost_formula_predict(f, rows.floats, rows.categories, rows.n_rows, raw, arena, err)))
        return st;
    prediction p = {self, rows.n_rows, rows.is_single, raw, arena, err};
    return answers[self->answer](&p, out);
}

static void describe(const sv_predictor *base, sv_buf *json)
{
    const sv_catboost *m = ((const catboost_predictor *)base)->model;
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

static bool is_multilabel(sv_str loss)
{
    return sv_str_is(loss, "MultiLogloss") || sv_str_is(loss, "MultiCrossEntropy");
}

/* What a CatBoostRegressor's predict does by default hangs on the loss as its user asked for it. */
static answer_kind find_regressor_answer(const sv_catboost *m)
{
    if (sv_str_starts(m->asked_loss, SV_STR("Poisson")) || sv_str_starts(m->asked_loss, SV_STR("Tweedie")))
        return ANSWER_EXP;
    bool is_variance = sv_str_is(m->asked_loss, "RMSEWithUncertainty") && m->formula.forest.n_outputs == 2;
    return is_variance ? ANSWER_VARIANCE : ANSWER_RAW;
}

static savor_status check_labels(const sv_catboost *m, savor_error *err)
{
    size_t n_needed = m->formula.forest.n_outputs == 1 ? 2 : m->n_visible;
    if (m->n_labels >= n_needed)
        return SAVOR_OK;
    return sv_fail(err, SAVOR_UNSUPPORTED, "a CatBoostClassifier with %zu class names for %zu classes", m->n_labels,
                   n_needed);
}

static savor_status find_answer(sv_str class, const sv_catboost *m, answer_kind *out, savor_error *err)
{
    *out = ANSWER_RAW;
    if (sv_str_is(class, "CatBoost") || sv_str_is(class, "CatBoostRanker"))
        return SAVOR_OK;
    if (sv_str_is(class, "CatBoostRegressor")) {
        *out = find_regressor_answer(m);
        return SAVOR_OK;
    }
    if (!sv_str_is(class, "CatBoostClassifier"))
        return sv_fail(err, SAVOR_UNSUPPORTED, "CatBoost model_type \"%.*s\" is unknown", SV_FMT(class));
    *out = is_multilabel(m->loss) ? ANSWER_BITS : ANSWER_CLASS;
    return *out == ANSWER_BITS ? SAVOR_OK : check_labels(m, err);
}

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
                        &self->model, err))) {
        st = sv_error_at(err, st, "%.*s", SV_FMT(file));
        goto done;
    }
    if ((st = find_answer(find_text(conf, "model_type", SV_STR("")), self->model, &self->answer, err)))
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
