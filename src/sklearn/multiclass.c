/* multiclass.c: one binary classifier per class, per pair of classes, or per bit of a code book. */
#include "base/alloc.h"
#include "engine/distance.h"
#include "sklearn/attributes.h"
#include "sklearn/check.h"
#include "sklearn/ensemble.h"
#include "sklearn/families.h"
#include "sklearn/stack.h"

#include <math.h>

typedef struct multiclass {
    sv_estimator base;
    size_t n;
    const sv_estimator *const *members; /* [n] */
    bool is_multilabel;
    sv_tensor code_book; /* output code: [n_classes x n] */
} multiclass;

/* ---- loading ---- */

static savor_status load_members(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                 multiclass **out, savor_error *err)
{
    sv_estimator *base;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(multiclass), &base, err);
    *out = (multiclass *)base;
    if (st || (st = sv_attr_estimators(loader, object, "estimators_", &(*out)->n, &(*out)->members, err)))
        return st;
    for (size_t i = 0; i < (*out)->n; i++)
        if (!sv_has_binary((*out)->members[i]))
            return sv_fail(err, SAVOR_UNSUPPORTED, "%s answers nothing here", (*out)->members[i]->cls->name);
    return SAVOR_OK;
}

static savor_status load_ovr(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                             const sv_estimator **out, savor_error *err)
{
    multiclass *self;
    const sv_record *binarizer = sv_record_find(object, "label_binarizer_");
    savor_status st = load_members(loader, cls, object, &self, err);
    if (st)
        return st;
    self->is_multilabel = sv_str_starts(sv_attr_text(binarizer, "y_type_"), SV_STR("multilabel"));
    if ((st = sv_record_to_labels(sv_record_find(binarizer, "classes_"), loader->arena, &self->base.classes, err)))
        return st;
    size_t n_classes = self->base.classes.n_items;
    if (n_classes != self->n && !(self->n == 1 && n_classes == 2))
        return sv_attr_fail(object, "estimators_", "not one for each class", err);
    *out = &self->base;
    return SAVOR_OK;
}

static savor_status load_ovo(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                             const sv_estimator **out, savor_error *err)
{
    multiclass *self;
    savor_status st = load_members(loader, cls, object, &self, err);
    size_t n_classes = st ? 0 : self->base.classes.n_items;
    if (st)
        return st;
    if (!sv_record_is_none(sv_record_find(object, "pairwise_indices_")))
        return sv_fail(err, SAVOR_UNSUPPORTED, "OneVsOneClassifier over a precomputed kernel is not known");
    if (n_classes < 2 || self->n != n_classes * (n_classes - 1) / 2)
        return sv_attr_fail(object, "estimators_", "not one for each pair of classes", err);
    *out = &self->base;
    return SAVOR_OK;
}

static savor_status load_code(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                              const sv_estimator **out, savor_error *err)
{
    multiclass *self;
    savor_status st = load_members(loader, cls, object, &self, err);
    if (st || (st = sv_attr_matrix(loader, object, "code_book_", self->base.classes.n_items, self->n,
                                   &self->code_book, err)))
        return st;
    if (self->base.classes.n_items == 0)
        return sv_attr_fail(object, "classes_", "empty", err);
    *out = &self->base;
    return SAVOR_OK;
}

/* The one class that was there at fit: 0 or 1 for every row. */
typedef struct constant {
    sv_estimator base;
    double y;
} constant;

static savor_status load_constant(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                  const sv_estimator **out, savor_error *err)
{
    sv_estimator *base;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(constant), &base, err);
    if (st || (st = sv_attr_double(object, "y_", &((constant *)base)->y, err)))
        return st;
    *out = base;
    return SAVOR_OK;
}

/* check_array(dtype=None, ensure_2d=False): the values are not looked at, and one dimension will do. */
static savor_status check_constant(const sv_estimator *base, const sv_batch *in, savor_error *err)
{
    savor_status st = sv_check_names(base, in, err);
    if (st)
        return st;
    if (sv_batch_rows(in) == 0)
        return sv_fail(err, SAVOR_MODEL, "Found array with 0 sample(s) while a minimum of 1 is required by %s.",
                       base->cls->name);
    if (in->kind == SV_BATCH_TENSOR && in->tensor.n_dims > 2)
        return sv_fail(err, SAVOR_MODEL, "Found array with dim %u, while dim <= 2 is required by %s.",
                       (unsigned)in->tensor.n_dims, base->cls->name);
    if (sv_batch_columns(in) == 0)
        return sv_fail(err, SAVOR_MODEL, "Found array with 0 feature(s) while a minimum of 1 is required by %s.",
                       base->cls->name);
    return SAVOR_OK;
}

static savor_status constant_value(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                   savor_error *err)
{
    size_t n_rows = sv_batch_rows(in);
    double *values;
    savor_status st = check_constant(base, in, err);
    if (st || (st = sv_batch_alloc(arena, n_rows, 1, &values, err)))
        return st;
    for (size_t r = 0; !st && r < n_rows; r++)
        values[r] = ((const constant *)base)->y;
    *out = sv_batch_of_doubles(values, n_rows, 0);
    return st;
}

static savor_status constant_proba(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                   savor_error *err)
{
    size_t n_rows = sv_batch_rows(in);
    double *values, y = ((const constant *)base)->y;
    savor_status st = check_constant(base, in, err);
    if (st || (st = sv_batch_alloc(arena, n_rows, 2, &values, err)))
        return st;
    for (size_t r = 0; !st && r < n_rows; r++) {
        values[2 * r] = 1.0 - y;
        values[2 * r + 1] = y;
    }
    *out = sv_batch_of_doubles(values, n_rows, 2);
    return st;
}

/* ---- one-vs-rest ---- */

/* Scores of all members, [n_rows x n]. */
static savor_status scores_of(const multiclass *self, const sv_batch *in, sv_arena *arena, double **out,
                              double *threshold, savor_error *err)
{
    size_t n_rows = sv_batch_rows(in);
    savor_status st = sv_batch_alloc(arena, n_rows, self->n, out, err);
    for (size_t m = 0; !st && m < self->n; m++) {
        const double *scores;
        double limit;
        st = sv_ask_binary(self->members[m], in, arena, &scores, &limit, err);
        if (m == 0)
            *threshold = limit;
        for (size_t r = 0; !st && r < n_rows; r++)
            (*out)[r * self->n + m] = scores[r];
    }
    return st;
}

/* Up to 1.7 the last of equal scores won. */
static size_t best_of(const double *scores, size_t n, bool last_wins)
{
    size_t best = 0;
    double max = -INFINITY;
    for (size_t i = 0; i < n; i++)
        if (scores[i] > max || (last_wins && scores[i] == max)) {
            max = scores[i];
            best = i;
        }
    return best;
}

static savor_status flags_of(const double *scores, size_t n_rows, size_t n, double threshold, sv_arena *arena,
                             sv_batch *out, savor_error *err)
{
    int64_t *flags = sv_arena_array(arena, n_rows * n, sizeof *flags);
    if (!flags)
        return sv_arena_fail(arena, n_rows * n * sizeof *flags, err);
    for (size_t i = 0; i < n_rows * n; i++)
        flags[i] = scores[i] > threshold;
    *out = (sv_batch){.kind = SV_BATCH_TENSOR, .tensor = sv_tensor_view(SAVOR_INT64, n_rows, n, flags)};
    return SAVOR_OK;
}

static savor_status ovr_predict(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                savor_error *err)
{
    const multiclass *self = (const multiclass *)base;
    size_t n_rows = sv_batch_rows(in), *indices = sv_arena_array(arena, n_rows, sizeof *indices);
    double *scores, threshold = 0.0;
    savor_status st = scores_of(self, in, arena, &scores, &threshold, err);
    if (st)
        return st;
    if (!indices)
        return sv_arena_fail(arena, n_rows * sizeof *indices, err);
    if (self->is_multilabel)
        return flags_of(scores, n_rows, self->n, threshold, arena, out, err);
    for (size_t r = 0; r < n_rows; r++)
        indices[r] = self->n == 1 ? scores[r] > threshold
                                  : best_of(scores + r * self->n, self->n, sv_release_is_before(base->release, 1, 8));
    return sv_take_labels(&base->classes, indices, n_rows, arena, out, err);
}

static savor_status ovr_proba(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                              savor_error *err)
{
    const multiclass *self = (const multiclass *)base;
    size_t n_rows = sv_batch_rows(in), width = self->n == 1 ? 2 : self->n;
    bool keeps_zero = !sv_release_is_before(base->release, 1, 7);
    double *proba;
    savor_status st = sv_batch_alloc(arena, n_rows, width, &proba, err);
    for (size_t m = 0; !st && m < self->n; m++) {
        const double *pair;
        st = sv_ask_matrix(self->members[m], SV_PREDICT_PROBA, in, 2, arena, &pair, err);
        for (size_t r = 0; !st && r < n_rows; r++)
            proba[r * width + (self->n == 1 ? 1 : m)] = pair[2 * r + 1];
    }
    for (size_t r = 0; !st && r < n_rows; r++) {
        double *row = proba + r * width, sum = 0.0;
        if (self->n == 1)
            row[0] = 1.0 - row[1];
        for (size_t i = 0; i < width; i++)
            sum += row[i];
        for (size_t i = 0; !self->is_multilabel && !(keeps_zero && sum == 0.0) && i < width; i++)
            row[i] /= sum;
    }
    *out = sv_batch_of_doubles(proba, n_rows, width);
    return st;
}

static savor_status ovr_decision(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                 savor_error *err)
{
    const multiclass *self = (const multiclass *)base;
    double *scores, threshold;
    savor_status st = scores_of(self, in, arena, &scores, &threshold, err);
    if (!st)
        *out = sv_batch_of_doubles(scores, sv_batch_rows(in), self->n > 1 ? self->n : 0);
    return st;
}

static bool ovr_has(const sv_estimator *base, sv_method method)
{
    return method == SV_PREDICT || sv_estimator_has(((const multiclass *)base)->members[0], method);
}

/* ---- one-vs-one ---- */

/* _ovr_decision_function: votes, and confidences squeezed below half a vote. [n_rows x n_classes] */
static savor_status ovo_scores(const multiclass *self, const sv_batch *in, sv_arena *arena, double **votes,
                               double *threshold, savor_error *err)
{
    size_t n_rows = sv_batch_rows(in), n = self->base.classes.n_items, k = 0;
    double *sums;
    sv_batch x;
    savor_status st =
        sv_plain_rows(&self->base, in, SV_CHECK_NUMERIC | SV_CHECK_ALLOW_NAN | SV_CHECK_ALLOW_INF, arena, &x, err);
    if (st || (st = sv_batch_alloc(arena, n_rows, n, votes, err)) ||
        (st = sv_batch_alloc(arena, n_rows, n, &sums, err)))
        return st;
    memset(*votes, 0, n_rows * n * sizeof **votes);
    memset(sums, 0, n_rows * n * sizeof *sums);
    for (size_t i = 0; i < n; i++)
        for (size_t j = i + 1; j < n; j++, k++) {
            const double *predictions, *confidences;
            double limit;
            if ((st = sv_ask_matrix(self->members[k], SV_PREDICT, &x, 1, arena, &predictions, err)) ||
                (st = sv_ask_binary(self->members[k], &x, arena, &confidences, &limit, err)))
                return st;
            if (k == 0)
                *threshold = limit;
            for (size_t r = 0; r < n_rows; r++) {
                sums[r * n + i] -= confidences[r];
                sums[r * n + j] += confidences[r];
                (*votes)[r * n + i] += predictions[r] == 0.0;
                (*votes)[r * n + j] += predictions[r] == 1.0;
            }
        }
    for (size_t i = 0; i < n_rows * n; i++)
        (*votes)[i] += sums[i] / (3 * (fabs(sums[i]) + 1));
    return SAVOR_OK;
}

static savor_status ovo_predict(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                savor_error *err)
{
    const multiclass *self = (const multiclass *)base;
    size_t n_rows = sv_batch_rows(in), *indices;
    double *scores, threshold = 0.0;
    savor_status st = ovo_scores(self, in, arena, &scores, &threshold, err);
    if (st)
        return st;
    if (base->classes.n_items > 2)
        return sv_take_argmax(&base->classes, scores, n_rows, arena, out, err);
    if (!(indices = sv_arena_array(arena, n_rows, sizeof *indices)))
        return sv_arena_fail(arena, n_rows * sizeof *indices, err);
    for (size_t r = 0; r < n_rows; r++)
        indices[r] = scores[2 * r + 1] > threshold;
    return sv_take_labels(&base->classes, indices, n_rows, arena, out, err);
}

static savor_status ovo_decision(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                 savor_error *err)
{
    static const size_t SECOND[] = {1};
    const multiclass *self = (const multiclass *)base;
    double *scores, threshold;
    savor_status st = ovo_scores(self, in, arena, &scores, &threshold, err);
    if (st)
        return st;
    *out = sv_batch_of_doubles(scores, sv_batch_rows(in), base->classes.n_items);
    sv_batch all = *out;
    return base->classes.n_items == 2 ? sv_batch_take_columns(&all, SECOND, 1, true, arena, out, err) : SAVOR_OK;
}

/* ---- output code ---- */

static savor_status code_predict(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                 savor_error *err)
{
    const multiclass *self = (const multiclass *)base;
    size_t n_rows = sv_batch_rows(in), *indices = sv_arena_array(arena, n_rows, sizeof *indices);
    double *scores, threshold;
    savor_status st = scores_of(self, in, arena, &scores, &threshold, err);
    if (st)
        return st;
    if (!indices)
        return sv_arena_fail(arena, n_rows * sizeof *indices, err);
    if (n_rows == 0)
        return sv_fail(err, SAVOR_MODEL, "Found array with 0 sample(s) while a minimum of 1 is required.");
    for (size_t i = 0; i < n_rows * self->n; i++)
        if (!isfinite(scores[i]))
            return sv_fail(err, SAVOR_MODEL, "Input contains NaN or infinity: the scores of a member.");
    for (size_t r = 0; r < n_rows; r++)
        indices[r] =
            sv_nearest_by_product(scores + r * self->n, self->code_book.data, base->classes.n_items, self->n, false);
    return sv_take_labels(&base->classes, indices, n_rows, arena, out, err);
}

const sv_estimator_class sv_multiclass[] = {
    {.name = "OneVsOneClassifier",
     .load = load_ovo,
     .methods = {[SV_PREDICT] = ovo_predict, [SV_DECISION_FUNCTION] = ovo_decision}},
    {.name = "OneVsRestClassifier",
     .load = load_ovr,
     .has = ovr_has,
     .methods = {[SV_PREDICT] = ovr_predict, [SV_PREDICT_PROBA] = ovr_proba, [SV_DECISION_FUNCTION] = ovr_decision}},
    {.name = "OutputCodeClassifier", .load = load_code, .methods = {[SV_PREDICT] = code_predict}},
    {.name = "_ConstantPredictor",
     .load = load_constant,
     .methods = {[SV_PREDICT] = constant_value,
                 [SV_PREDICT_PROBA] = constant_proba,
                 [SV_DECISION_FUNCTION] = constant_value}},
    {.name = NULL},
};
