/*
 * tree_ensemble.c: one decision tree, and forests that average many: DecisionTree*, ExtraTree*, RandomForest*,
 * ExtraTrees*; RandomTreesEmbedding, which encodes leaves. Probabilities are added tree by tree in the ensemble's
 * order, then divided by their number.
 */
#include "base/alloc.h"
#include "engine/dense.h"
#include "sklearn/attributes.h"
#include "sklearn/check.h"
#include "sklearn/families.h"
#include "sklearn/trees.h"

typedef struct tree_ensemble {
    sv_estimator base;
    sv_trees trees;
    const sv_tensor *classes; /* [n_outputs] of classifiers */
    bool is_forest;           /* sums are divided by the number of trees */
    bool allows_nan;
    const sv_estimator *encoder; /* RandomTreesEmbedding: of the leaves */
    bool has_counts;             /* one tree of 1.3 or older: leaves are counts, fractions are made when asked for */
} tree_ensemble;

/* ---- loading ---- */

/* Whether NaN is taken depends on how the (first) tree was grown, and since when trees can. */
static bool allows_nan(const sv_record *tree, sv_release release)
{
    static const char *const CRITERIA[] = {"gini", "log_loss", "entropy", "squared_error", "friedman_mse", "poisson"};
    sv_str splitter = sv_attr_text(tree, "splitter"), criterion = sv_attr_text(tree, "criterion");
    bool is_extra = sv_str_starts(sv_record_class(tree).name, SV_STR("Extra")), is_known = false;
    for (size_t i = 0; i < sizeof CRITERIA / sizeof *CRITERIA; i++)
        is_known = is_known || sv_str_is(criterion, CRITERIA[i]);
    if (!sv_release_is_before(release, 1, 9))
        return !is_extra || sv_str_is(splitter, "random");
    if (!is_known || !sv_record_is_none(sv_record_find(tree, "monotonic_cst")))
        return false;
    return sv_str_is(splitter, "best") ? !sv_release_is_before(release, 1, 3) : !sv_release_is_before(release, 1, 6);
}

static savor_status read_classes(sv_loader *loader, const sv_record *object, tree_ensemble *self, savor_error *err)
{
    size_t n = self->trees.n_outputs;
    savor_status st = sv_attr_classes(loader, object, &self->base.classes, n, &self->classes, err);
    for (size_t k = 0; k < n && !st; k++)
        if (self->classes[k].n_items != self->trees.n_classes[k])
            return sv_attr_fail(object, "classes_", "not as many classes as the trees have", err);
    return st;
}

static bool is_classifier(const sv_estimator_class *cls)
{
    return sv_str_ends(sv_str_of(cls->name), SV_STR("Classifier"));
}

static savor_status finish(sv_loader *loader, const sv_record *object, tree_ensemble *self, const sv_estimator **out,
                           savor_error *err)
{
    savor_status st = SAVOR_OK;
    if (self->base.n_features_in && self->base.n_features_in != self->trees.forest.n_features)
        return sv_attr_fail(object, "n_features_in_", "not the number of features of the trees", err);
    self->base.n_features_in = self->trees.forest.n_features;
    if (is_classifier(self->base.cls))
        st = read_classes(loader, object, self, err);
    else if (self->trees.n_values != 1)
        st = sv_attr_fail(object, "tree_", "a regressor's leaves were no single values", err);
    if (!st)
        *out = &self->base;
    return st;
}

static savor_status load_tree(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                              const sv_estimator **out, savor_error *err)
{
    sv_estimator *base;
    const sv_record *tree;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(tree_ensemble), &base, err);
    if (st || (st = sv_attr_get(object, "tree_", &tree, err)))
        return st;
    tree_ensemble *self = (tree_ensemble *)base;
    self->allows_nan = allows_nan(object, loader->release);
    self->has_counts = sv_release_is_before(loader->release, 1, 4);
    if ((st = sv_trees_load(loader, &tree, 1, &(sv_trees_options){0}, &self->trees, err)))
        return st;
    return finish(loader, object, self, out, err);
}

static savor_status load_forest(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                const sv_estimator **out, savor_error *err)
{
    sv_estimator *base;
    const sv_record *list;
    const sv_record *const *trees;
    size_t n;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(tree_ensemble), &base, err);
    if (st || (st = sv_attr_get(object, "estimators_", &list, err)))
        return st;
    tree_ensemble *self = (tree_ensemble *)base;
    const sv_record *const *estimators = sv_record_items(list, &n);
    if ((st = sv_trees_collect(loader, estimators, n, &trees, err)))
        return st;
    self->is_forest = true;
    self->allows_nan = !sv_release_is_before(loader->release, 1, 4) && allows_nan(estimators[0], loader->release);
    sv_trees_options options = {.as_fractions = is_classifier(cls) && sv_release_is_before(loader->release, 1, 4)};
    if ((st = sv_trees_load(loader, trees, n, &options, &self->trees, err)))
        return st;
    return finish(loader, object, self, out, err);
}

/* Every tree is an output, whose value is the number of the leaf. */
static savor_status load_embedding(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                   const sv_estimator **out, savor_error *err)
{
    sv_estimator *base;
    const sv_record *const *trees;
    size_t n;
    const sv_record *const *estimators = sv_record_items(sv_record_find(object, "estimators_"), &n);
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(tree_ensemble), &base, err);
    tree_ensemble *self = (tree_ensemble *)base;
    if (st || (st = sv_trees_collect(loader, estimators, n, &trees, err)))
        return st;
    sv_trees_options options = {.as_nodes = true, .n_groups = n};
    self->allows_nan = !sv_release_is_before(loader->release, 1, 4) && allows_nan(estimators[0], loader->release);
    if ((st = sv_trees_load(loader, trees, n, &options, &self->trees, err)) ||
        (st = sv_attr_estimator(loader, object, "one_hot_encoder_", &self->encoder, err)))
        return st;
    if (!sv_estimator_has(self->encoder, SV_TRANSFORM))
        return sv_attr_fail(object, "one_hot_encoder_", "not an encoder", err);
    return finish(loader, object, self, out, err);
}

/* ---- methods ---- */

/* Means of the leaves: [n_rows x n_outputs * n_values]. */
static savor_status means_of(const tree_ensemble *self, const sv_batch *in, sv_arena *arena, double **out,
                             size_t *n_rows, savor_error *err)
{
    sv_tensor rows;
    savor_status st = sv_trees_rows(&self->base, in, self->allows_nan ? SV_CHECK_ALLOW_NAN : 0, arena, &rows, err);
    if (st || (st = sv_trees_sum(&self->trees, &rows, arena, out, err)))
        return st;
    *n_rows = rows.shape[0];
    for (size_t i = 0; self->is_forest && i < *n_rows * self->trees.forest.n_groups; i++)
        (*out)[i] /= (double)self->trees.forest.n_trees;
    return SAVOR_OK;
}

static savor_status predict_values(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                   savor_error *err)
{
    const tree_ensemble *self = (const tree_ensemble *)base;
    double *means;
    size_t n_rows;
    savor_status st = means_of(self, in, arena, &means, &n_rows, err);
    if (!st)
        *out = sv_batch_of_doubles(means, n_rows, self->trees.n_outputs > 1 ? self->trees.n_outputs : 0);
    return st;
}

static savor_status embed(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                          savor_error *err)
{
    const tree_ensemble *self = (const tree_ensemble *)base;
    sv_tensor rows;
    double *leaves;
    savor_status st = sv_trees_rows(base, in, self->allows_nan ? SV_CHECK_ALLOW_NAN : 0, arena, &rows, err);
    if (st || (st = sv_trees_sum(&self->trees, &rows, arena, &leaves, err)))
        return st;
    sv_batch codes = sv_batch_of_doubles(leaves, rows.shape[0], self->trees.forest.n_groups);
    return sv_estimator_call(self->encoder, SV_TRANSFORM, &codes, arena, out, err);
}

/* The class with the largest value, for each output. */
static savor_status predict_labels(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                   savor_error *err)
{
    const tree_ensemble *self = (const tree_ensemble *)base;
    size_t n_rows = 0;
    double *means = NULL;
    savor_status st = means_of(self, in, arena, &means, &n_rows, err);
    sv_tensor values = {.n_dims = 3, .shape = {n_rows, self->trees.n_outputs, self->trees.n_values}, .data = means};
    return st ? st : sv_take_argmax_of_outputs(self->classes, &values, arena, out, err);
}

/* Output `k` of the leaves as a matrix of its own. */
static savor_status proba_of(const tree_ensemble *self, const double *means, size_t n_rows, size_t k, sv_arena *arena,
                             sv_tensor *out, savor_error *err)
{
    size_t n_classes = self->trees.n_classes[k], width = self->trees.forest.n_groups;
    double *proba;
    savor_status st = sv_batch_alloc(arena, n_rows, n_classes, &proba, err);
    if (st)
        return st;
    for (size_t r = 0; r < n_rows; r++) {
        const double *row = means + r * width + k * self->trees.n_values;
        double sum = self->has_counts ? sv_pairwise_sum(row, n_classes) : 1.0;
        for (size_t i = 0; i < n_classes; i++)
            proba[r * n_classes + i] = self->has_counts && sum != 0.0 ? row[i] / sum : row[i];
    }
    *out = sv_tensor_view(SAVOR_FLOAT64, n_rows, n_classes, proba);
    return SAVOR_OK;
}

static savor_status predict_proba(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                  savor_error *err)
{
    const tree_ensemble *self = (const tree_ensemble *)base;
    size_t n_rows, n_outputs = self->trees.n_outputs;
    double *means;
    savor_status st = means_of(self, in, arena, &means, &n_rows, err);
    sv_tensor *list = st ? NULL : sv_arena_array(arena, n_outputs, sizeof *list);
    if (st)
        return st;
    if (!list)
        return sv_arena_fail(arena, n_outputs * sizeof *list, err);
    for (size_t k = 0; k < n_outputs; k++)
        if ((st = proba_of(self, means, n_rows, k, arena, &list[k], err)))
            return st;
    *out = sv_batch_of_outputs(list, n_outputs);
    return SAVOR_OK;
}

#define REGRESSOR(text, loader)                                                    \
    {                                                                              \
        .name = text, .load = loader, .methods = { [SV_PREDICT] = predict_values } \
    }
#define CLASSIFIER(text, loader)                     \
    {                                                \
        .name = text, .load = loader, .methods = {   \
            [SV_PREDICT] = predict_labels,           \
            [SV_PREDICT_PROBA] = predict_proba,      \
            [SV_PREDICT_LOG_PROBA] = sv_log_of_proba \
        }                                            \
    }

const sv_estimator_class sv_tree_ensembles[] = {
    CLASSIFIER("DecisionTreeClassifier", load_tree),
    REGRESSOR("DecisionTreeRegressor", load_tree),
    CLASSIFIER("ExtraTreeClassifier", load_tree),
    REGRESSOR("ExtraTreeRegressor", load_tree),
    CLASSIFIER("ExtraTreesClassifier", load_forest),
    REGRESSOR("ExtraTreesRegressor", load_forest),
    CLASSIFIER("RandomForestClassifier", load_forest),
    REGRESSOR("RandomForestRegressor", load_forest),
    {.name = "RandomTreesEmbedding", .load = load_embedding, .methods = {[SV_TRANSFORM] = embed}},
    {.name = NULL},
};
