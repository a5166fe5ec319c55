#include "sklearn/trees.h"

#include "base/alloc.h"
#include "engine/dense.h"
#include "sklearn/attributes.h"
#include "sklearn/check.h"

/* One field of the node array. */
typedef struct node_field {
    const uint8_t *first;
    size_t stride_bytes;
    savor_dtype dtype;
} node_field;

/* The arrays of one Tree; in memory until end_tree. */
typedef struct tree_record {
    const sv_record *object;
    size_t n_nodes;
    node_field left, right, feature, threshold, missing_left;
    bool has_missing_left;
    const double *values; /* [n_nodes x n_outputs x n_values] */
    size_t n_outputs, n_values;
} tree_record;

static savor_status fail(const char *what, savor_error *err) { return sv_fail(err, SAVOR_FORMAT, "Tree: %s", what); }

/* ---- one tree ---- */

static bool find_field(const sv_array *nodes, const char *name, node_field *out)
{
    const sv_array_field *field = sv_array_find_field(nodes, name);
    if (!field || field->n_items != 1)
        return false;
    *out = (node_field){(const uint8_t *)nodes->tensor.data + field->offset_bytes, nodes->item_bytes, field->dtype};
    return true;
}

static int64_t field_int(const node_field *f, size_t i)
{
    const void *p = f->first + i * f->stride_bytes;
    int64_t i64;
    int32_t i32;
    if (f->dtype == SAVOR_INT64) {
        memcpy(&i64, p, sizeof i64);
        return i64;
    }
    if (f->dtype == SAVOR_INT32) {
        memcpy(&i32, p, sizeof i32);
        return i32;
    }
    return *(const uint8_t *)p;
}

static double field_double(const node_field *f, size_t i)
{
    double value;
    memcpy(&value, f->first + i * f->stride_bytes, sizeof value);
    return value;
}

static bool is_index(const node_field *f) { return f->dtype == SAVOR_INT64 || f->dtype == SAVOR_INT32; }

/* Tree(n_features, n_classes, n_outputs[, n_categories]): a fourth argument with categories is of 1.10. */
static savor_status check_categories(const sv_record *tree, savor_error *err)
{
    size_t n;
    const sv_record *const *args = sv_record_items(tree->u.object->args, &n);
    const sv_array *categories = n > 3 ? sv_record_array(args[3]) : NULL;
    for (size_t i = 0; categories && categories->tensor.dtype == SAVOR_INT64 && i < categories->tensor.n_items; i++)
        if (((const int64_t *)categories->tensor.data)[i] > 0)
            return sv_fail(err, SAVOR_UNSUPPORTED, "categorical splits of scikit-learn trees are not known");
    return SAVOR_OK;
}

/* All but the values of the leaves. */
static savor_status begin_tree(const sv_record *tree, tree_record *out, savor_error *err)
{
    const sv_array *nodes = sv_record_look(sv_record_find(tree, "nodes"));
    const sv_array *values = sv_record_array_head(sv_record_find(tree, "values"));
    if (!tree || (tree->kind != SV_RECORD_CALL && tree->kind != SV_RECORD_OBJECT))
        return fail("not an object", err);
    if (!nodes || nodes->n_fields == 0 || nodes->tensor.n_dims != 1 || !values)
        return fail("nodes or values were no arrays", err);
    *out = (tree_record){.object = tree, .n_nodes = nodes->tensor.n_items};
    if (!find_field(nodes, "left_child", &out->left) || !find_field(nodes, "right_child", &out->right) ||
        !find_field(nodes, "feature", &out->feature) || !find_field(nodes, "threshold", &out->threshold) ||
        !is_index(&out->left) || !is_index(&out->right) || !is_index(&out->feature) ||
        out->threshold.dtype != SAVOR_FLOAT64)
        return fail("nodes lacked a field", err);
    out->has_missing_left = find_field(nodes, "missing_go_to_left", &out->missing_left);
    if (out->has_missing_left && sv_dtype_size(out->missing_left.dtype) != 1)
        return fail("missing_go_to_left was no byte", err);
    const sv_tensor *v = &values->tensor;
    if (v->dtype != SAVOR_FLOAT64 || v->n_dims != 3 || v->shape[0] != out->n_nodes || v->n_items == 0 ||
        out->n_nodes > INT32_MAX)
        return fail("values did not fit nodes", err);
    out->n_outputs = v->shape[1];
    out->n_values = v->shape[2];
    return check_categories(tree, err);
}

static savor_status read_values(tree_record *t, savor_error *err)
{
    const sv_array *values = sv_record_look(sv_record_find(t->object, "values"));
    if (!values)
        return fail("values could not be read", err);
    t->values = values->tensor.data;
    return SAVOR_OK;
}

static void end_tree(const sv_record *tree)
{
    sv_record_forget(sv_record_find(tree, "nodes"));
    sv_record_forget(sv_record_find(tree, "values"));
}

/* ---- all of them ---- */

/* A leaf has left_child == -1; nodes and leaves are numbered apart, in the file's order. */
static bool is_leaf(const tree_record *t, size_t i) { return field_int(&t->left, i) == -1; }

static size_t count_leaves(const tree_record *t)
{
    size_t n = 0;
    for (size_t i = 0; i < t->n_nodes; i++)
        n += is_leaf(t, i);
    return n;
}

static void copy_leaf(const sv_trees *trees, const double *from, const sv_trees_options *options, double *to)
{
    for (size_t k = 0; k < trees->n_outputs; k++, from += trees->n_values, to += trees->n_values) {
        double sum = options->as_fractions ? sv_pairwise_sum(from, trees->n_classes[k]) : 0.0;
        for (size_t j = 0; j < trees->n_values; j++)
            to[j] = sum != 0.0 ? from[j] / sum : options->scale != 0.0 ? options->scale * from[j] : from[j];
    }
}

/* `numbers` maps the file's node numbers to ours: >= 0 a node, < 0 ~leaf. */
static savor_status child_of(const int32_t *numbers, size_t n, int64_t child, int32_t *out, savor_error *err)
{
    if (child < 0 || (uint64_t)child >= n)
        return fail("a child was out of range", err);
    *out = numbers[child];
    return SAVOR_OK;
}

static savor_status fill_nodes(const tree_record *t, const int32_t *numbers, sv_tree_node *nodes, savor_error *err)
{
    for (size_t i = 0; i < t->n_nodes; i++) {
        if (numbers[i] < 0)
            continue;
        sv_tree_node *node = &nodes[numbers[i]];
        int64_t feature = field_int(&t->feature, i);
        savor_status st;
        if ((st = child_of(numbers, t->n_nodes, field_int(&t->left, i), &node->left, err)) ||
            (st = child_of(numbers, t->n_nodes, field_int(&t->right, i), &node->right, err)))
            return st;
        if (feature < 0 || feature > INT32_MAX)
            return fail("a feature was out of range", err);
        node->feature = (uint32_t)feature;
        node->threshold = field_double(&t->threshold, i);
        node->missing = SV_MISSING_NAN;
        if (t->has_missing_left && field_int(&t->missing_left, i))
            node->flags = SV_SPLIT_DEFAULT_LEFT;
    }
    return SAVOR_OK;
}

static savor_status add_tree(sv_trees *trees, const tree_record *t, size_t i, const sv_trees_options *options,
                             savor_error *err)
{
    sv_tree *tree = &trees->forest.trees[i];
    size_t n_leaves = 0, n_nodes = 0, width = trees->n_outputs * trees->n_values;
    double *leaves = trees->forest.leaf_values + trees->forest.n_leaves * width;
    int32_t *numbers = sv_alloc_array(t->n_nodes, sizeof *numbers);
    if (!numbers)
        return sv_fail_nomem(err, t->n_nodes * sizeof *numbers);
    for (size_t k = 0; k < t->n_nodes; k++)
        if (is_leaf(t, k)) {
            copy_leaf(trees, t->values + k * width, options, leaves + n_leaves * width);
            if (options->as_nodes)
                leaves[n_leaves * width] = (double)k;
            numbers[k] = ~(int32_t)n_leaves++;
        } else {
            numbers[k] = (int32_t)n_nodes++;
        }
    *tree = (sv_tree){trees->forest.n_nodes, n_nodes, trees->forest.n_leaves, n_leaves, 0};
    if (options->n_groups)
        tree->group = (uint32_t)(i % options->n_groups);
    trees->forest.n_nodes += n_nodes;
    trees->forest.n_leaves += n_leaves;
    savor_status st = fill_nodes(t, numbers, trees->forest.nodes + tree->first_node, err);
    if (!st && n_nodes > 0 && numbers[0] < 0)
        st = fail("the root was a leaf beside other nodes", err);
    sv_free(numbers);
    return st;
}

/* Tree(n_features, n_classes, n_outputs): the number of classes of each output. */
static savor_status read_shape(sv_loader *loader, const tree_record *t, sv_trees *out, savor_error *err)
{
    size_t n, *n_classes = sv_arena_array(loader->arena, t->n_outputs, sizeof *n_classes);
    const sv_record *const *args = sv_record_items(t->object->u.object->args, &n);
    const sv_array *classes = n > 1 ? sv_record_array(args[1]) : NULL;
    int64_t n_features;
    if (!n_classes)
        return sv_arena_fail(loader->arena, t->n_outputs * sizeof *n_classes, err);
    if (n < 3 || !sv_record_to_int(args[0], &n_features) || n_features < 0 || n_features > INT32_MAX || !classes ||
        classes->tensor.dtype != SAVOR_INT64 || classes->tensor.n_items != t->n_outputs)
        return fail("arguments were not (n_features, n_classes, n_outputs)", err);
    for (size_t k = 0; k < t->n_outputs; k++) {
        int64_t count = ((const int64_t *)classes->tensor.data)[k];
        if (count < 1 || (uint64_t)count > t->n_values)
            return fail("an output had more classes than values", err);
        n_classes[k] = (size_t)count;
    }
    out->n_outputs = t->n_outputs;
    out->n_values = t->n_values;
    out->n_classes = n_classes;
    out->forest.compare = SV_COMPARE_F64_LE;
    out->forest.n_features = (size_t)n_features;
    out->forest.leaf_width = out->forest.n_groups = t->n_outputs * t->n_values;
    return SAVOR_OK;
}

static savor_status set_groups(sv_trees *trees, size_t n_groups, savor_error *err)
{
    if (n_groups == 0)
        return SAVOR_OK;
    if (trees->forest.leaf_width != 1)
        return fail("a boosted tree's leaves were no single values", err);
    trees->forest.n_groups = n_groups;
    return SAVOR_OK;
}

static savor_status alloc_forest(sv_loader *loader, size_t n_trees, size_t n_nodes, size_t n_leaves, sv_forest *out,
                                 savor_error *err)
{
    size_t n_values = 0;
    out->n_trees = n_trees;
    out->trees = sv_arena_array(loader->arena, n_trees, sizeof *out->trees);
    out->nodes = sv_arena_array(loader->arena, n_nodes, sizeof *out->nodes);
    if (!out->trees || !out->nodes || !sv_mul(n_leaves, out->leaf_width, &n_values))
        return sv_arena_fail(loader->arena, n_nodes * sizeof *out->nodes, err);
    return sv_batch_alloc(loader->arena, n_values, 1, &out->leaf_values, err);
}

/* What all trees take together. */
typedef struct tree_counts {
    size_t n_nodes, n_leaves, n_outputs, n_values;
} tree_counts;

static savor_status count_tree(const sv_record *tree, size_t max_nodes, tree_counts *counts, savor_error *err)
{
    tree_record t;
    savor_status st = begin_tree(tree, &t, err);
    if (st)
        return st;
    if (counts->n_nodes == 0) {
        counts->n_outputs = t.n_outputs;
        counts->n_values = t.n_values;
    }
    counts->n_nodes += t.n_nodes;
    if (counts->n_nodes > max_nodes) /* a tree may stand in the list more than once */
        return sv_fail(err, SAVOR_LIMIT, "trees had more than %zu nodes", counts->n_nodes);
    counts->n_leaves += count_leaves(&t);
    if (t.n_outputs != counts->n_outputs || t.n_values != counts->n_values)
        return fail("trees of one ensemble had different shapes", err);
    return SAVOR_OK;
}

/* Shape and room from the first tree and the counts. */
static savor_status begin_forest(sv_loader *loader, const sv_record *first, size_t n, const tree_counts *counts,
                                 const sv_trees_options *options, sv_trees *out, savor_error *err)
{
    tree_record t;
    savor_status st = begin_tree(first, &t, err);
    if (st || (st = read_shape(loader, &t, out, err)) || (st = set_groups(out, options->n_groups, err)))
        return st;
    return alloc_forest(loader, n, counts->n_nodes - counts->n_leaves, counts->n_leaves, &out->forest, err);
}

static savor_status read_tree(sv_trees *trees, const sv_record *tree, size_t i, const sv_trees_options *options,
                              savor_error *err)
{
    tree_record t;
    savor_status st = begin_tree(tree, &t, err);
    if (st || (st = read_values(&t, err)))
        return st;
    return add_tree(trees, &t, i, options, err);
}

savor_status sv_trees_load(sv_loader *loader, const sv_record *const *trees, size_t n,
                           const sv_trees_options *options, sv_trees *out, savor_error *err)
{
    tree_counts counts = {0};
    savor_status st = SAVOR_OK;
    *out = (sv_trees){0};
    if (n == 0)
        return fail("an ensemble had no trees", err);
    for (size_t i = 0; !st && i < n; i++) {
        st = count_tree(trees[i], loader->arena->max_bytes / sizeof(double), &counts, err);
        end_tree(trees[i]);
    }
    if (st || (st = begin_forest(loader, trees[0], n, &counts, options, out, err)))
        return st;
    for (size_t i = 0; !st && i < n; i++) {
        st = read_tree(out, trees[i], i, options, err);
        end_tree(trees[i]);
    }
    if (st || (st = sv_forest_check(&out->forest, err)))
        return st;
    return sv_forest_lower(&out->forest, loader->arena, err);
}

savor_status sv_trees_collect(sv_loader *loader, const sv_record *const *estimators, size_t n,
                              const sv_record *const **out, savor_error *err)
{
    const sv_record **trees = sv_arena_array(loader->arena, n, sizeof *trees);
    *out = NULL;
    if (!trees)
        return sv_arena_fail(loader->arena, n * sizeof *trees, err);
    if (n == 0)
        return fail("an ensemble had no trees", err);
    for (size_t i = 0; i < n; i++)
        if (!(trees[i] = sv_record_find(estimators[i], "tree_")))
            return fail("an estimator had no tree_", err);
    *out = trees;
    return SAVOR_OK;
}

/* ---- predicting ---- */

savor_status sv_trees_rows(const sv_estimator *self, const sv_batch *in, unsigned flags, sv_arena *arena,
                           sv_tensor *out, savor_error *err)
{
    sv_tensor floats;
    sv_batch batch = {.kind = SV_BATCH_TENSOR};
    if (in->kind == SV_BATCH_SPARSE)
        flags &= ~(unsigned)(SV_CHECK_ALLOW_NAN | SV_CHECK_ALLOW_INF);
    savor_status st = sv_check_dense(self, in, flags | SV_CHECK_FLOAT32, arena, &floats, err);
    batch.tensor = floats;
    return st ? st : sv_batch_to_floats(&batch, SAVOR_FLOAT64, arena, out, err);
}

savor_status sv_trees_add(const sv_trees *trees, const sv_tensor *rows, double *sums, sv_arena *arena,
                          savor_error *err)
{
    const sv_forest *f = &trees->forest;
    if (rows->shape[1] != f->n_features)
        return sv_fail(err, SAVOR_MODEL, "X has %zu features, but the trees are expecting %zu features as input.",
                       rows->shape[1], f->n_features);
    return sv_forest_predict(f, 0, f->n_trees, rows->data, rows->shape[0], sums, arena, err);
}

savor_status sv_trees_sum(const sv_trees *trees, const sv_tensor *rows, sv_arena *arena, double **out,
                          savor_error *err)
{
    size_t n_groups = trees->forest.n_groups;
    savor_status st = sv_batch_alloc(arena, rows->shape[0], n_groups, out, err);
    if (st)
        return st;
    memset(*out, 0, rows->shape[0] * n_groups * sizeof **out);
    return sv_trees_add(trees, rows, *out, arena, err);
}
