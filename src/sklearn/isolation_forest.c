/* isolation_forest.c: IsolationForest: how short the paths are that single a row out. */
#include "base/alloc.h"
#include "sklearn/attributes.h"
#include "sklearn/check.h"
#include "sklearn/families.h"
#include "sklearn/trees.h"

#include <math.h>

#define EULER_GAMMA 0.57721566490153286061

typedef struct isolation_forest {
    sv_estimator base;
    sv_trees trees; /* leaves hold the length of the path to them */
    double offset, denominator;
    unsigned flags; /* of the check */
} isolation_forest;

/* The mean length of a path to one of n rows. */
static double average_length(double n)
{
    if (n <= 1.0)
        return 0.0;
    if (n == 2.0)
        return 1.0;
    return 2.0 * (log(n - 1.0) + EULER_GAMMA) - 2.0 * (n - 1.0) / n;
}

/* ---- loading ---- */

/* n_node_samples of the leaves of one tree, in the file's order. */
static savor_status leaf_samples(const sv_record *tree, const sv_tree *t, double *out, savor_error *err)
{
    const sv_array *nodes = sv_record_array(sv_record_find(tree, "nodes"));
    const sv_array_field *left = sv_array_find_field(nodes, "left_child");
    const sv_array_field *samples = sv_array_find_field(nodes, "n_node_samples");
    size_t at = 0;
    if (!left || !samples || left->dtype != SAVOR_INT64 || samples->dtype != SAVOR_INT64)
        return sv_fail(err, SAVOR_FORMAT, "Tree: nodes lacked a field");
    for (size_t i = 0; i < nodes->tensor.n_items && at < t->n_leaves; i++) {
        const char *node = (const char *)nodes->tensor.data + i * nodes->item_bytes;
        int64_t child, n;
        memcpy(&child, node + left->offset_bytes, sizeof child);
        memcpy(&n, node + samples->offset_bytes, sizeof n);
        if (child == -1)
            out[at++] = (double)n;
    }
    return SAVOR_OK;
}

/* Leaves get (nodes on the path + what a subtree of its rows would add) - 1, added in that order. */
static savor_status set_lengths(sv_forest *f, const sv_tree *t, const double *samples, savor_error *err)
{
    double *leaves = f->leaf_values + t->first_leaf;
    const sv_tree_node *nodes = f->nodes + t->first_node;
    uint32_t *depths = sv_alloc_array(t->n_nodes + 1, sizeof *depths);
    if (!depths)
        return sv_fail_nomem(err, t->n_nodes * sizeof *depths);
    if (t->n_nodes == 0)
        leaves[0] = (1.0 + average_length(samples[0])) - 1.0;
    if (t->n_nodes)
        depths[0] = 1;
    /* a parent stands before its children in the arrays that scikit-learn writes; others are refused */
    savor_status st = SAVOR_OK;
    for (size_t i = 0; !st && i < t->n_nodes; i++) {
        const int32_t children[] = {nodes[i].left, nodes[i].right};
        for (size_t k = 0; k < 2; k++)
            if (children[k] < 0)
                leaves[~children[k]] = ((double)(depths[i] + 1) + average_length(samples[~children[k]])) - 1.0;
            else if ((size_t)children[k] <= i || depths[i] == 0)
                st = sv_fail(err, SAVOR_FORMAT, "Tree: a child stood before its parent");
            else
                depths[children[k]] = depths[i] + 1;
    }
    sv_free(depths);
    return st;
}

/* Features of one tree are numbers into its own columns. */
static savor_status map_features(const sv_record *object, const sv_record *features, sv_loader *loader, sv_forest *f,
                                 const sv_tree *t, size_t n_features, savor_error *err)
{
    sv_tensor columns;
    savor_status st = sv_record_doubles(features, loader->arena, &columns, err);
    if (st)
        return st;
    for (size_t i = t->first_node; i < t->first_node + t->n_nodes; i++) {
        size_t at = f->nodes[i].feature;
        double column = at < columns.n_items ? ((const double *)columns.data)[at] : -1.0;
        if (!(column >= 0 && column < (double)n_features))
            return sv_attr_fail(object, "estimators_features_", "a column that was not there", err);
        f->nodes[i].feature = (uint32_t)column;
    }
    return SAVOR_OK;
}

static savor_status read_trees(sv_loader *loader, const sv_record *object, isolation_forest *self, savor_error *err)
{
    size_t n, n_features;
    const sv_record *const *estimators = sv_record_items(sv_record_find(object, "estimators_"), &n);
    const sv_record *const *features = sv_record_items(sv_record_find(object, "estimators_features_"), &n_features);
    const sv_record *const *trees;
    sv_forest *f = &self->trees.forest;
    savor_status st;
    if ((st = sv_trees_collect(loader, estimators, n, &trees, err)) ||
        (st = sv_trees_load(loader, trees, n, &(sv_trees_options){0}, &self->trees, err)))
        return st;
    if (f->n_groups != 1 || n_features != n)
        return sv_attr_fail(object, "estimators_features_", "not one for each estimator", err);
    for (size_t i = 0; i < n; i++) {
        const sv_tree *t = &f->trees[i];
        double *samples = sv_arena_array(loader->arena, t->n_leaves, sizeof *samples);
        if (!samples)
            return sv_arena_fail(loader->arena, t->n_leaves * sizeof *samples, err);
        if ((st = leaf_samples(trees[i], t, samples, err)) || (st = set_lengths(f, t, samples, err)) ||
            (st = map_features(object, features[i], loader, f, t, self->base.n_features_in, err)))
            return st;
    }
    f->n_features = self->base.n_features_in;
    st = sv_forest_check(f, err); /* the leaves and features changed */
    return st ? st : sv_forest_lower(f, loader->arena, err);
}

static savor_status load(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                         const sv_estimator **out, savor_error *err)
{
    sv_estimator *base;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(isolation_forest), &base, err);
    isolation_forest *self = (isolation_forest *)base;
    double max_samples = sv_attr_double_or(object, "_max_samples", sv_attr_double_or(object, "max_samples_", 0.0));
    if (st || (st = sv_attr_double(object, "offset_", &self->offset, err)) ||
        (st = read_trees(loader, object, self, err)))
        return st;
    self->denominator = (double)self->trees.forest.n_trees * average_length(max_samples);
    if (!sv_release_is_before(loader->release, 1, 6))
        self->flags = SV_CHECK_ALLOW_NAN | SV_CHECK_ALLOW_INF;
    else if (sv_release_is_before(loader->release, 1, 3))
        self->flags = SV_CHECK_NUMERIC;
    *out = base;
    return SAVOR_OK;
}

/* ---- predicting ---- */

static savor_status scores_of(const sv_estimator *base, const sv_batch *in, sv_arena *arena, double **out,
                              size_t *n_rows, savor_error *err)
{
    const isolation_forest *self = (const isolation_forest *)base;
    sv_tensor rows;
    savor_status st = sv_trees_rows(base, in, self->flags, arena, &rows, err);
    if (st || (st = sv_trees_sum(&self->trees, &rows, arena, out, err)))
        return st;
    *n_rows = rows.shape[0];
    for (size_t r = 0; r < *n_rows; r++)
        (*out)[r] = -pow(2.0, -(self->denominator != 0.0 ? (*out)[r] / self->denominator : 1.0));
    return SAVOR_OK;
}

static savor_status score_samples(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                  savor_error *err)
{
    size_t n_rows;
    double *scores;
    savor_status st = scores_of(base, in, arena, &scores, &n_rows, err);
    if (!st)
        *out = sv_batch_of_doubles(scores, n_rows, 0);
    return st;
}

static savor_status decision_function(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                      savor_error *err)
{
    size_t n_rows;
    double *scores;
    savor_status st = scores_of(base, in, arena, &scores, &n_rows, err);
    for (size_t r = 0; !st && r < n_rows; r++)
        scores[r] -= ((const isolation_forest *)base)->offset;
    if (!st)
        *out = sv_batch_of_doubles(scores, n_rows, 0);
    return st;
}

static savor_status predict(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                            savor_error *err)
{
    savor_status st = decision_function(base, in, arena, out, err);
    return st ? st : sv_take_signs(out, 1, arena, err);
}

const sv_estimator_class sv_isolation_forests[] = {
    {.name = "IsolationForest",
     .load = load,
     .methods =
         {[SV_PREDICT] = predict, [SV_DECISION_FUNCTION] = decision_function, [SV_SCORE_SAMPLES] = score_samples}},
    {.name = NULL},
};
