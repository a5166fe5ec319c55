#include "flavor/catboost_answer.h"

#include "engine/fast_exp.h"

#include <math.h>

/* One prediction on its way. */
typedef struct prediction {
    const catboost_scorer *self;
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
static savor_status make_raw(const prediction *p, double **out)
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
    *out = cells;
    return st;
}

static savor_status answer_raw(const prediction *p, sv_payload *out)
{
    const sv_catboost *m = p->self->model;
    double *cells;
    savor_status st = make_raw(p, &cells);
    *out = wrap(p, SAVOR_FLOAT64, m->formula.forest.n_outputs > 1 ? m->n_visible : 0, cells);
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

/* A sigmoid for each of two classes, and of several that do not exclude one another; a softmax else. */
static void set_sigmoids(const double *raw, size_t n, double *cells)
{
    for (size_t i = 0; i < n; i++) {
        cells[2 * i] = 1.0 / (1.0 + exp(raw[i]));
        cells[2 * i + 1] = 1.0 / (1.0 + exp(-raw[i]));
    }
}

static void set_softmax(double *row, size_t n)
{
    double most = row[0], sum = 0;
    for (size_t i = 1; i < n; i++)
        most = row[i] > most ? row[i] : most;
    for (size_t i = 0; i < n; i++)
        row[i] -= most;
    sv_fast_exp(row, n);
    for (size_t i = 0; i < n; i++)
        sum += row[i];
    for (size_t i = 0; i < n; i++)
        row[i] /= sum;
}

static savor_status answer_pairs(const prediction *p, sv_payload *out)
{
    void *room = NULL;
    savor_status st = alloc_cells(p, 2 * sizeof(double), &room);
    if (!st)
        set_sigmoids(p->raw, p->n_rows, room);
    *out = wrap(p, SAVOR_FLOAT64, 2, room);
    return st;
}

static savor_status answer_probability(const prediction *p, sv_payload *out)
{
    const sv_catboost *m = p->self->model;
    size_t n = m->n_visible;
    bool is_apart = sv_catboost_is_multilabel(m) || sv_str_is(m->loss, "MultiClassOneVsAll");
    double *cells;
    if (m->formula.forest.n_outputs == 1)
        return answer_pairs(p, out);
    savor_status st = make_raw(p, &cells);
    if (st)
        return st;
    for (size_t i = 0; is_apart && i < p->n_rows * n; i++)
        cells[i] = 1.0 / (1.0 + exp(-cells[i]));
    for (size_t r = 0; !is_apart && r < p->n_rows; r++)
        set_softmax(cells + r * n, n);
    *out = wrap(p, SAVOR_FLOAT64, n, cells);
    return SAVOR_OK;
}

typedef savor_status (*answer_function)(const prediction *, sv_payload *);

static const answer_function answers[] = {
    [CATBOOST_RAW] = answer_raw,     [CATBOOST_EXP] = answer_exp,   [CATBOOST_VARIANCE] = answer_variance,
    [CATBOOST_CLASS] = answer_class, [CATBOOST_BITS] = answer_bits, [CATBOOST_PROBABILITY] = answer_probability,
};

savor_status sv_catboost_answer(const catboost_scorer *self, catboost_answer kind, const sv_payload *in,
                                sv_arena *arena, sv_payload *out, savor_error *err)
{
    const sv_catboost_formula *f = &self->model->formula;
    catboost_rows rows;
    savor_status st = sv_catboost_rows_read(self->model, in, arena, &rows, err);
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
    return answers[kind](&p, out);
}

/* ---- which answer ---- */

bool sv_catboost_is_multilabel(const sv_catboost *model)
{
    return sv_str_is(model->loss, "MultiLogloss") || sv_str_is(model->loss, "MultiCrossEntropy");
}

/* What a CatBoostRegressor's predict does by default hangs on the loss as its user asked for it. */
static catboost_answer find_regressor_answer(const sv_catboost *m)
{
    if (sv_str_starts(m->asked_loss, SV_STR("Poisson")) || sv_str_starts(m->asked_loss, SV_STR("Tweedie")))
        return CATBOOST_EXP;
    bool is_variance = sv_str_is(m->asked_loss, "RMSEWithUncertainty") && m->formula.forest.n_outputs == 2;
    return is_variance ? CATBOOST_VARIANCE : CATBOOST_RAW;
}

static savor_status check_labels(const sv_catboost *m, savor_error *err)
{
    size_t n_needed = m->formula.forest.n_outputs == 1 ? 2 : m->n_visible;
    if (m->n_labels >= n_needed)
        return SAVOR_OK;
    return sv_fail(err, SAVOR_UNSUPPORTED, "a CatBoostClassifier with %zu class names for %zu classes", m->n_labels,
                   n_needed);
}

savor_status sv_catboost_scorer_init(catboost_scorer *scorer, sv_str class, savor_error *err)
{
    const sv_catboost *m = scorer->model;
    scorer->answer = CATBOOST_RAW;
    if (sv_str_is(class, "CatBoost") || sv_str_is(class, "CatBoostRanker"))
        return SAVOR_OK;
    if (sv_str_is(class, "CatBoostRegressor")) {
        scorer->answer = find_regressor_answer(m);
        return SAVOR_OK;
    }
    if (!sv_str_is(class, "CatBoostClassifier"))
        return sv_fail(err, SAVOR_UNSUPPORTED, "CatBoost model_type \"%.*s\" is unknown", SV_FMT(class));
    scorer->answer = sv_catboost_is_multilabel(m) ? CATBOOST_BITS : CATBOOST_CLASS;
    return scorer->answer == CATBOOST_BITS ? SAVOR_OK : check_labels(m, err);
}
