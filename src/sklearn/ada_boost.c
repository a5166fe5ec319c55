/* ada_boost.c: AdaBoostClassifier (SAMME, and SAMME.R of old releases) and AdaBoostRegressor (a weighted median). */
#include "base/alloc.h"
#include "data/convert.h"
#include "engine/dense.h"
#include "sklearn/attributes.h"
#include "sklearn/check.h"
#include "sklearn/ensemble.h"
#include "sklearn/families.h"

#include <float.h>
#include <math.h>

typedef struct ada_boost {
    sv_estimator base;
    size_t n;
    const sv_estimator *const *members; /* [n] */
    const double *weights;              /* [n] */
    double weight_sum;
    bool is_real; /* SAMME.R: members vote with their probabilities */
} ada_boost;

static savor_status load(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                         const sv_estimator **out, savor_error *err)
{
    sv_estimator *base;
    sv_tensor weights;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(ada_boost), &base, err);
    ada_boost *self = (ada_boost *)base;
    if (st || (st = sv_attr_estimators(loader, object, "estimators_", &self->n, &self->members, err)) ||
        (st = sv_attr_doubles(loader, object, "estimator_weights_", &weights, err)))
        return st;
    if (weights.n_items < self->n) /* there is room for all rounds that were planned */
        return sv_attr_fail(object, "estimator_weights_", "not one for each estimator", err);
    self->weights = weights.data;
    self->weight_sum = sv_pairwise_sum(weights.data, weights.n_items);
    self->is_real = sv_record_is_text(sv_record_find(object, "algorithm"), "SAMME.R");
    if (cls->methods[SV_PREDICT_PROBA] && base->classes.n_items == 0)
        return sv_attr_fail(object, "classes_", "not a list of classes", err);
    *out = base;
    return SAVOR_OK;
}

static bool is_same(const sv_tensor *labels, size_t i, const sv_tensor *classes, size_t k)
{
    sv_value a = sv_item_get(labels->dtype, labels->data, i), b = sv_item_get(classes->dtype, classes->data, k);
    double x, y;
    if (a.kind == SV_VALUE_STRING || b.kind == SV_VALUE_STRING)
        return a.kind == b.kind && sv_str_equal((sv_str){a.u.p, a.n}, (sv_str){b.u.p, b.n});
    return !sv_value_to_double(&a, &x) && !sv_value_to_double(&b, &y) && x == y;
}

/* SAMME: a member's weight for the class it names; since 1.3 the other classes lose their share of it. */
static savor_status add_votes(const ada_boost *self, size_t m, const sv_batch *x, sv_arena *arena, double *sums,
                              savor_error *err)
{
    const sv_tensor *classes = &self->base.classes;
    size_t n = classes->n_items;
    double w = self->weights[m];
    double other = sv_release_is_before(self->base.release, 1, 3) ? 0.0 : -1.0 / (double)(n - 1) * w;
    sv_batch answer;
    savor_status st = sv_estimator_call(self->members[m], SV_PREDICT, x, arena, &answer, err);
    if (st)
        return st;
    if (answer.kind != SV_BATCH_TENSOR || answer.tensor.n_items != sv_batch_rows(x))
        return sv_fail(err, SAVOR_MODEL, "%s answered no labels", self->members[m]->cls->name);
    for (size_t r = 0; r < answer.tensor.n_items; r++)
        for (size_t k = 0; k < n; k++)
            sums[r * n + k] += is_same(&answer.tensor, r, classes, k) ? w : other;
    return SAVOR_OK;
}

/* SAMME.R: how far the logarithm of each probability lies from their mean. */
static savor_status add_logs(const ada_boost *self, size_t m, const sv_batch *x, sv_arena *arena, double *sums,
                             savor_error *err)
{
    size_t n = self->base.classes.n_items;
    const double *proba;
    double *logs;
    savor_status st = sv_ask_matrix(self->members[m], SV_PREDICT_PROBA, x, n, arena, &proba, err);
    if (st || (st = sv_batch_alloc(arena, n, 1, &logs, err)))
        return st;
    for (size_t r = 0; r < sv_batch_rows(x); r++) {
        for (size_t k = 0; k < n; k++)
            logs[k] = log(proba[r * n + k] < DBL_EPSILON ? DBL_EPSILON : proba[r * n + k]);
        double sum = sv_pairwise_sum(logs, n);
        for (size_t k = 0; k < n; k++)
            sums[r * n + k] += (double)(n - 1) * (logs[k] - 1.0 / (double)n * sum);
    }
    return SAVOR_OK;
}

/* decision_function before two classes become one number: [n_rows x n_classes] */
static savor_status decide(const sv_estimator *base, const sv_batch *in, sv_arena *arena, double **out,
                           size_t *n_rows, savor_error *err)
{
    const ada_boost *self = (const ada_boost *)base;
    size_t n = base->classes.n_items;
    sv_batch x;
    savor_status st = sv_check_untyped(base, in, SV_CHECK_KEEP_FLOAT32 | SV_CHECK_ACCEPT_SPARSE, arena, &x, err);
    if (st)
        return st;
    *n_rows = sv_batch_rows(&x);
    if ((st = sv_batch_alloc(arena, *n_rows, n, out, err)))
        return st;
    memset(*out, 0, *n_rows * n * sizeof **out);
    if (n == 1 && !self->is_real && !sv_release_is_before(base->release, 1, 3)) /* no other class to lose anything */
        return sv_release_is_before(base->release, 1, 6) ? sv_fail(err, SAVOR_MODEL, "division by zero") : SAVOR_OK;
    for (size_t m = 0; !st && m < self->n; m++)
        st = self->is_real ? add_logs(self, m, &x, arena, *out, err) : add_votes(self, m, &x, arena, *out, err);
    for (size_t i = 0; !st && i < *n_rows * n; i++)
        (*out)[i] /= self->weight_sum;
    for (size_t r = 0; !st && n == 2 && r < *n_rows; r++)
        (*out)[r] = -(*out)[2 * r] + (*out)[2 * r + 1]; /* rows shrink to one number, in place */
    return st;
}

static savor_status decision_function(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                      savor_error *err)
{
    size_t n_rows, n = base->classes.n_items;
    double *decision;
    savor_status st = decide(base, in, arena, &decision, &n_rows, err);
    if (!st)
        *out = sv_batch_of_doubles(decision, n_rows, n != 2 ? n : 0);
    return st;
}

static savor_status predict_labels(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                   savor_error *err)
{
    size_t n_rows;
    double *decision;
    savor_status st = decide(base, in, arena, &decision, &n_rows, err);
    if (st)
        return st;
    if (base->classes.n_items != 2)
        return sv_take_argmax(&base->classes, decision, n_rows, arena, out, err);
    return sv_take_positive(&base->classes, decision, n_rows, arena, out, err);
}

static savor_status predict_proba(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                  savor_error *err)
{
    size_t n_rows = sv_batch_rows(in), n = base->classes.n_items;
    double *decision, *proba;
    savor_status st =
        n == 1 ? SAVOR_OK : decide(base, in, arena, &decision, &n_rows, err); /* one: X is not looked at */
    if (st || (st = sv_batch_alloc(arena, n_rows, n, &proba, err)))
        return st;
    for (size_t r = 0; r < n_rows; r++) {
        double *row = proba + r * n;
        for (size_t k = 0; k < n; k++)
            row[k] = n == 1   ? 0.0 /* of which the softmax is 1 */
                     : n == 2 ? (k ? decision[r] : -decision[r]) / 2
                              : decision[r * n + k] / (double)(n - 1);
        sv_softmax(row, n);
    }
    *out = sv_batch_of_doubles(proba, n_rows, n);
    return SAVOR_OK;
}

/* ---- regressor ---- */

/* The members in the order of what they say (few and mostly sorted: insertion), until half the weight is reached. */
static double median_of(const ada_boost *self, const double *values, size_t *order)
{
    double total = 0.0, sum = 0.0;
    for (size_t i = 0; i < self->n; i++) {
        size_t k = i;
        for (; k > 0 && values[order[k - 1]] > values[i]; k--)
            order[k] = order[k - 1];
        order[k] = i;
    }
    for (size_t i = 0; i < self->n; i++)
        total += self->weights[order[i]];
    for (size_t i = 0; i < self->n; i++)
        if ((sum += self->weights[order[i]]) >= 0.5 * total)
            return values[order[i]];
    return values[order[0]];
}

static savor_status predict_values(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                   savor_error *err)
{
    const ada_boost *self = (const ada_boost *)base;
    sv_batch x;
    double *values, *answer;
    savor_status st = sv_check_untyped(base, in, SV_CHECK_KEEP_FLOAT32 | SV_CHECK_ACCEPT_SPARSE, arena, &x, err);
    size_t n_rows = st ? 0 : sv_batch_rows(&x), *order = sv_arena_array(arena, self->n, sizeof *order);
    if (st || (st = sv_batch_alloc(arena, n_rows, self->n, &values, err)) ||
        (st = sv_batch_alloc(arena, n_rows, 1, &answer, err)))
        return st;
    if (!order)
        return sv_arena_fail(arena, self->n * sizeof *order, err);
    for (size_t m = 0; m < self->n; m++) {
        const double *column;
        if ((st = sv_ask_matrix(self->members[m], SV_PREDICT, &x, 1, arena, &column, err)))
            return st;
        for (size_t r = 0; r < n_rows; r++)
            values[r * self->n + m] = column[r];
    }
    for (size_t r = 0; r < n_rows; r++)
        answer[r] = median_of(self, values + r * self->n, order);
    *out = sv_batch_of_doubles(answer, n_rows, 0);
    return SAVOR_OK;
}

const sv_estimator_class sv_ada_boosts[] = {
    {.name = "AdaBoostClassifier",
     .load = load,
     .methods = {[SV_PREDICT] = predict_labels,
                 [SV_PREDICT_PROBA] = predict_proba,
                 [SV_PREDICT_LOG_PROBA] = sv_log_of_proba,
                 [SV_DECISION_FUNCTION] = decision_function}},
    {.name = "AdaBoostRegressor", .load = load, .methods = {[SV_PREDICT] = predict_values}},
    {.name = NULL},
};
