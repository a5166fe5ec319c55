#include "sklearn/importances.h"

#include "base/alloc.h"
#include "engine/dense.h"
#include "sklearn/attributes.h"

#include <math.h>

/* |coef_|, or the norm over its rows. */
static savor_status norm_of_coef(sv_loader *loader, const sv_record *estimator, double order, double **out, size_t *n,
                                 savor_error *err)
{
    sv_tensor coef;
    savor_status st = sv_attr_doubles(loader, estimator, "coef_", &coef, err);
    if (st)
        return st;
    size_t n_rows = coef.n_dims == 2 ? coef.shape[0] : 1;
    if (n_rows == 0 || coef.n_items == 0)
        return sv_attr_fail(estimator, "coef_", "empty", err);
    *n = coef.n_items / n_rows;
    if ((st = sv_batch_alloc(loader->arena, *n, 1, out, err)))
        return st;
    for (size_t i = 0; i < *n; i++) {
        double sum = 0.0;
        for (size_t r = 0; r < n_rows; r++) {
            double x = fabs(((const double *)coef.data)[r * *n + i]);
            if (isinf(order))
                sum = x > sum ? x : sum;
            else
                sum += order == 1.0 ? x : pow(x, order);
        }
        (*out)[i] = order == 1.0 || isinf(order) || coef.n_dims == 1 ? sum : pow(sum, 1.0 / order);
    }
    return SAVOR_OK;
}

/* ---- trees ---- */

typedef struct tree_fields {
    const sv_array *nodes;
    const sv_array_field *left, *right, *feature, *impurity, *weight;
} tree_fields;

static double field_of(const tree_fields *t, size_t i, const sv_array_field *f)
{
    double value = 0.0;
    _Alignas(8) char room[8] = {0};
    memcpy(room, (const char *)t->nodes->tensor.data + i * t->nodes->item_bytes + f->offset_bytes,
           sv_dtype_size(f->dtype) > sizeof room ? sizeof room : sv_dtype_size(f->dtype));
    sv_tensor view = sv_tensor_view(f->dtype, 1, 0, room);
    return sv_tensor_to_double(&view, 0, &value) ? value : 0.0;
}

static bool find_fields(const sv_record *tree, tree_fields *out)
{
    out->nodes = sv_record_array(sv_record_find(tree, "nodes"));
    if (!out->nodes || out->nodes->n_fields == 0 || out->nodes->tensor.n_items == 0)
        return false;
    out->left = sv_array_find_field(out->nodes, "left_child");
    out->right = sv_array_find_field(out->nodes, "right_child");
    out->feature = sv_array_find_field(out->nodes, "feature");
    out->impurity = sv_array_find_field(out->nodes, "impurity");
    out->weight = sv_array_find_field(out->nodes, "weighted_n_node_samples");
    return out->left && out->right && out->feature && out->impurity && out->weight;
}

/* Tree.compute_feature_importances: what each split gained, in the order of the nodes. */
static savor_status add_gains(const sv_record *tree, bool normalize, double *gains, size_t n, savor_error *err)
{
    tree_fields t;
    if (!find_fields(tree, &t))
        return sv_fail(err, SAVOR_FORMAT, "Tree: nodes lacked a field");
    size_t n_nodes = t.nodes->tensor.n_items;
    for (size_t i = 0; i < n_nodes; i++) {
        double left = field_of(&t, i, t.left), right = field_of(&t, i, t.right), feature = field_of(&t, i, t.feature);
        if (left == -1.0)
            continue;
        if (!(left >= 0 && left < (double)n_nodes && right >= 0 && right < (double)n_nodes && feature >= 0 &&
              feature < (double)n))
            return sv_fail(err, SAVOR_FORMAT, "Tree: a child or feature was out of range");
        size_t l = (size_t)left, r = (size_t)right;
        gains[(size_t)feature] += field_of(&t, i, t.weight) * field_of(&t, i, t.impurity) -
                                  field_of(&t, l, t.weight) * field_of(&t, l, t.impurity) -
                                  field_of(&t, r, t.weight) * field_of(&t, r, t.impurity);
    }
    double root = field_of(&t, 0, t.weight), sum = 0.0;
    for (size_t i = 0; i < n; i++)
        gains[i] /= root;
    sum = sv_pairwise_sum(gains, n);
    for (size_t i = 0; normalize && sum > 0.0 && i < n; i++)
        gains[i] /= sum;
    return SAVOR_OK;
}

static bool has_splits(const sv_record *tree)
{
    const sv_array *nodes = sv_record_array(sv_record_find(tree, "nodes"));
    return nodes && nodes->tensor.n_items > 1;
}

/* The mean of the trees' gains, divided by its sum. */
static savor_status mean_of_gains(sv_loader *loader, const sv_record *const *estimators, size_t n_trees,
                                  bool normalize, double *out, size_t n, savor_error *err)
{
    double *gains;
    size_t n_used = 0;
    savor_status st = sv_batch_alloc(loader->arena, n, 1, &gains, err);
    if (st)
        return st;
    for (size_t t = 0; t < n_trees; t++) {
        const sv_record *tree = sv_record_find(estimators[t], "tree_");
        if (!has_splits(tree))
            continue;
        memset(gains, 0, n * sizeof *gains);
        if ((st = add_gains(tree, normalize, gains, n, err)))
            return st;
        for (size_t i = 0; i < n; i++)
            out[i] += gains[i];
        n_used++;
    }
    for (size_t i = 0; n_used && i < n; i++)
        out[i] /= (double)n_used;
    double sum = sv_pairwise_sum(out, n);
    for (size_t i = 0; n_used && i < n; i++)
        out[i] /= sum;
    return SAVOR_OK;
}

savor_status sv_importances_read(sv_loader *loader, const sv_record *estimator, double norm_order, double **out,
                                 size_t *n, savor_error *err)
{
    const sv_record *tree = sv_record_find(estimator, "tree_"), *list = sv_record_find(estimator, "estimators_");
    sv_global cls = sv_record_class(estimator);
    int64_t n_features = sv_attr_int_or(estimator, "n_features_in_", 0);
    savor_status st;
    if (sv_record_find(estimator, "coef_"))
        return norm_of_coef(loader, estimator, norm_order, out, n, err);
    bool is_boosting = sv_str_starts(cls.name, SV_STR("GradientBoosting"));
    bool is_forest = sv_str_starts(cls.name, SV_STR("RandomForest")) || sv_str_starts(cls.name, SV_STR("ExtraTrees"));
    if ((!tree && !is_boosting && !is_forest) || n_features <= 0 || n_features > SV_FEATURES_MAX)
        return sv_fail(err, SAVOR_UNSUPPORTED, "importances of %.*s are not known", SV_FMT(cls.name));
    *n = (size_t)n_features;
    if ((st = sv_batch_alloc(loader->arena, *n, 1, out, err)))
        return st;
    memset(*out, 0, *n * sizeof **out);
    if (tree)
        return add_gains(tree, true, *out, *n, err);
    size_t n_trees;
    const sv_array *array = sv_record_array(list);
    const sv_record *const *items = sv_record_items(list, &n_trees);
    if (is_boosting && array && array->cells) {
        items = array->cells;
        n_trees = array->tensor.n_items;
    }
    return mean_of_gains(loader, items, n_trees, !is_boosting, *out, *n, err);
}
