/* bagging.c: BaggingClassifier and BaggingRegressor: members that each see some of the columns, averaged. */
#include "base/alloc.h"
#include "sklearn/attributes.h"
#include "sklearn/check.h"
#include "sklearn/ensemble.h"
#include "sklearn/families.h"
#include "sklearn/stack.h"

typedef struct bagging {
    sv_estimator base;
    size_t n;
    const sv_estimator *const *members; /* [n] */
    const size_t *const *columns;       /* [n] what each sees, NULL: all */
    const size_t *n_columns;            /* [n] */
} bagging;

/* One member's columns; NULL when they are all, in order. */
static savor_status read_columns(sv_loader *loader, const sv_record *object, const sv_record *features,
                                 size_t n_features, const size_t **out, size_t *n, savor_error *err)
{
    sv_tensor numbers;
    bool are_all;
    savor_status st = sv_record_doubles(features, loader->arena, &numbers, err);
    size_t *columns = st ? NULL : sv_arena_array(loader->arena, numbers.n_items, sizeof *columns);
    if (st)
        return st;
    if (!columns)
        return sv_arena_fail(loader->arena, numbers.n_items * sizeof *columns, err);
    are_all = numbers.n_items == n_features;
    for (size_t i = 0; i < numbers.n_items; i++) {
        double at = ((const double *)numbers.data)[i];
        if (!(at >= 0 && at < (double)n_features))
            return sv_attr_fail(object, "estimators_features_", "a column that was not there", err);
        columns[i] = (size_t)at;
        are_all = are_all && columns[i] == i;
    }
    *out = are_all ? NULL : columns;
    *n = numbers.n_items;
    return SAVOR_OK;
}

static savor_status load(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                         const sv_estimator **out, savor_error *err)
{
    sv_estimator *base;
    size_t n_features;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(bagging), &base, err);
    bagging *self = (bagging *)base;
    const sv_record *const *features = sv_record_items(sv_record_find(object, "estimators_features_"), &n_features);
    if (st || (st = sv_attr_estimators(loader, object, "estimators_", &self->n, &self->members, err)))
        return st;
    const size_t **columns = sv_arena_array(loader->arena, self->n, sizeof *columns);
    size_t *n_columns = sv_arena_array(loader->arena, self->n, sizeof *n_columns);
    if (!columns || !n_columns)
        return sv_arena_fail(loader->arena, self->n * sizeof *columns, err);
    if (n_features != self->n)
        return sv_attr_fail(object, "estimators_features_", "not one for each estimator", err);
    for (size_t i = 0; i < self->n; i++)
        if ((st = read_columns(loader, object, features[i], base->n_features_in, &columns[i], &n_columns[i], err)))
            return st;
    self->columns = columns;
    self->n_columns = n_columns;
    if (cls->methods[SV_PREDICT_PROBA] && base->classes.n_items == 0)
        return sv_attr_fail(object, "classes_", "not a list of classes", err);
    *out = base;
    return SAVOR_OK;
}

static savor_status see(const bagging *self, size_t m, const sv_batch *x, sv_arena *arena, sv_batch *out,
                        savor_error *err)
{
    sv_batch dense = {.kind = SV_BATCH_TENSOR}, taken;
    savor_status st;
    *out = *x;
    if (!self->columns[m])
        return SAVOR_OK;
    if (x->kind == SV_BATCH_FRAME) { /* an array of objects: a column may be taken twice, and has no name */
        st = sv_batch_take_columns(x, self->columns[m], self->n_columns[m], false, arena, &taken, err);
        return st ? st : sv_batch_to_objects(&taken, arena, out, err);
    }
    if (x->kind != SV_BATCH_SPARSE)
        return sv_batch_take_columns(x, self->columns[m], self->n_columns[m], false, arena, out, err);
    if ((st = sv_sparse_to_dense(&x->sparse, arena, &dense.tensor, err)))
        return st;
    return sv_batch_take_columns(&dense, self->columns[m], self->n_columns[m], false, arena, out, err);
}

/* Members were taught the numbers of the classes, of which a sample may have missed some. */
static savor_status add_proba(const sv_estimator *member, const sv_batch *x, size_t n_classes, sv_arena *arena,
                              double *sums, savor_error *err)
{
    const double *answer;
    size_t n_rows = sv_batch_rows(x);
    bool has_proba = sv_estimator_has(member, SV_PREDICT_PROBA);
    size_t width = has_proba ? member->classes.n_items : 1;
    savor_status st = sv_ask_matrix(member, has_proba ? SV_PREDICT_PROBA : SV_PREDICT, x, width, arena, &answer, err);
    for (size_t i = 0; !st && i < n_rows * width; i++) {
        double at = (double)(i % width);
        if (!has_proba)
            at = answer[i];
        else if (width != n_classes && !sv_tensor_to_double(&member->classes, i % width, &at))
            at = -1.0;
        if (!(at >= 0 && at < (double)n_classes))
            return sv_fail(err, SAVOR_MODEL, "a member of the ensemble answered no number of a class");
        sums[i / width * n_classes + (size_t)at] += has_proba ? answer[i] : 1.0;
    }
    return st;
}

static savor_status sum_members(const sv_estimator *base, const sv_batch *in, size_t width, sv_arena *arena,
                                double **sums, size_t *n_rows, savor_error *err)
{
    const bagging *self = (const bagging *)base;
    sv_batch x, part;
    unsigned flags = SV_CHECK_ALLOW_NAN | SV_CHECK_ALLOW_INF | SV_CHECK_KEEP_FLOAT32 | SV_CHECK_ACCEPT_SPARSE;
    savor_status st =
        sv_check_untyped(base, in, flags, arena, &x, err); /* members see numbers, each in its columns */
    if (st)
        return st;
    *n_rows = sv_batch_rows(&x);
    if ((st = sv_batch_alloc(arena, *n_rows, width, sums, err)))
        return st;
    memset(*sums, 0, *n_rows * width * sizeof **sums);
    for (size_t m = 0; m < self->n; m++) {
        if ((st = see(self, m, &x, arena, &part, err)))
            return st;
        if ((st = add_proba(self->members[m], &part, width, arena, *sums, err)))
            return st;
    }
    for (size_t i = 0; i < *n_rows * width; i++)
        (*sums)[i] /= (double)self->n;
    return SAVOR_OK;
}

static savor_status predict_proba(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                  savor_error *err)
{
    size_t n_rows;
    double *proba;
    savor_status st = sum_members(base, in, base->classes.n_items, arena, &proba, &n_rows, err);
    if (!st)
        *out = sv_batch_of_doubles(proba, n_rows, base->classes.n_items);
    return st;
}

static savor_status predict_labels(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                   savor_error *err)
{
    size_t n_rows;
    double *proba;
    savor_status st = sum_members(base, in, base->classes.n_items, arena, &proba, &n_rows, err);
    return st ? st : sv_take_argmax(&base->classes, proba, n_rows, arena, out, err);
}

/* The mean of what the members say, in the shape of the first one's answer. */
static savor_status predict_values(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                   savor_error *err)
{
    const bagging *self = (const bagging *)base;
    sv_batch x, part;
    sv_tensor first = {0}, values;
    double *sums = NULL;
    unsigned flags = SV_CHECK_ALLOW_NAN | SV_CHECK_ALLOW_INF | SV_CHECK_KEEP_FLOAT32 | SV_CHECK_ACCEPT_SPARSE;
    savor_status st =
        sv_check_untyped(base, in, flags, arena, &x, err); /* members see numbers, each in its columns */
    for (size_t m = 0; !st && m < self->n; m++) {
        if ((st = see(self, m, &x, arena, &part, err)) ||
            (st = sv_ask_doubles(self->members[m], SV_PREDICT, &part, arena, &values, err)))
            return st;
        if (m == 0) {
            first = values;
            if ((st = sv_batch_alloc(arena, values.n_items, 1, &sums, err)))
                return st;
            memset(sums, 0, values.n_items * sizeof *sums);
        }
        if (values.n_items != first.n_items)
            return sv_fail(err, SAVOR_MODEL, "members of the ensemble answered different shapes");
        for (size_t i = 0; i < values.n_items; i++)
            sums[i] += ((const double *)values.data)[i];
    }
    if (st)
        return st;
    for (size_t i = 0; i < first.n_items; i++)
        sums[i] /= (double)self->n;
    first.data = sums;
    *out = (sv_batch){.kind = SV_BATCH_TENSOR, .tensor = first};
    return SAVOR_OK;
}

const sv_estimator_class sv_baggings[] = {
    {.name = "BaggingClassifier",
     .load = load,
     .methods = {[SV_PREDICT] = predict_labels,
                 [SV_PREDICT_PROBA] = predict_proba,
                 [SV_PREDICT_LOG_PROBA] = sv_log_of_proba}},
    {.name = "BaggingRegressor", .load = load, .methods = {[SV_PREDICT] = predict_values}},
    {.name = NULL},
};
