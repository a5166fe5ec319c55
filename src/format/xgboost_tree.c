/*
 * xgboost_tree.c: the arrays of gradient_booster.model -> one forest. A tree's nodes become splits and leaves that
 * are counted apart; which child exists, and that no node is reached twice, is proved afterwards by sv_forest_check.
 */
#include "base/alloc.h"
#include "format/xgboost_priv.h"

/* Codes from here on are no categories for XGBoost. */
#define CATEGORY_END 16777216

/* The arrays of one tree; each has n elements unless said otherwise, NULL where old versions have none. */
typedef struct tree_json {
    size_t n, index;
    const sv_json *left, *right, *feature, *condition, *default_left;
    const sv_json *split_type;
    const sv_json *leaf_values; /* vector leaves: per leaf (3.2 on) or per node, width numbers each */
    bool is_leaf_indexed;       /* right_children of a leaf is its number in leaf_values */
    const sv_json *categories, *category_nodes, *category_begins, *category_sizes;
} tree_json;

static savor_status tree_fault(xgb_reader *r, const tree_json *t, const char *what)
{
    return sv_fail(r->err, SAVOR_FORMAT, "tree %zu: %s", t->index, what);
}

static savor_status find_flat(xgb_reader *r, const sv_json *object, const char *key, const tree_json *t,
                              const sv_json **out)
{
    *out = sv_json_find(object, key);
    if (sv_xgb_is_flat(*out, t->n))
        return SAVOR_OK;
    return sv_fail(r->err, SAVOR_FORMAT, "tree %zu: \"%s\" was absent or had not %zu elements", t->index, key, t->n);
}

static savor_status open_categories(xgb_reader *r, const sv_json *object, tree_json *t)
{
    t->categories = sv_json_find(object, "categories");
    t->category_nodes = sv_json_find(object, "categories_nodes");
    t->category_begins = sv_json_find(object, "categories_segments");
    t->category_sizes = sv_json_find(object, "categories_sizes");
    if (!t->split_type || !t->category_nodes)
        return SAVOR_OK;
    if (t->category_nodes->kind != SV_JSON_ARRAY || !t->categories || t->categories->kind != SV_JSON_ARRAY ||
        !sv_xgb_is_flat(t->categories, t->categories->n) ||
        !sv_xgb_is_flat(t->category_nodes, t->category_nodes->n) ||
        !sv_xgb_is_flat(t->category_begins, t->category_nodes->n) ||
        !sv_xgb_is_flat(t->category_sizes, t->category_nodes->n))
        return tree_fault(r, t, "the arrays of categories did not fit together");
    return SAVOR_OK;
}

/* Vector leaves: "leaf_weights" with a number per leaf, else base_weights with one per node. */
static savor_status open_vectors(xgb_reader *r, const sv_json *object, tree_json *t)
{
    size_t width = r->model->forest.leaf_width, n;
    const sv_json *weights = sv_json_find(object, "leaf_weights");
    t->is_leaf_indexed = weights && weights->kind == SV_JSON_ARRAY && weights->n > 0;
    if (!t->is_leaf_indexed)
        weights = sv_json_find(object, "base_weights");
    t->leaf_values = weights;
    if (!weights || weights->kind != SV_JSON_ARRAY || !sv_xgb_is_flat(weights, weights->n) || weights->n % width != 0)
        return tree_fault(r, t, "the weights of vector leaves were absent or had the wrong length");
    if (!t->is_leaf_indexed && (!sv_mul(t->n, width, &n) || n != weights->n))
        return tree_fault(r, t, "\"base_weights\" had the wrong length for vector leaves");
    return SAVOR_OK;
}

static savor_status open_tree(xgb_reader *r, const sv_json *object, size_t index, tree_json *t)
{
    const sv_json *param = NULL;
    int64_t n_nodes, width;
    savor_status st;
    *t = (tree_json){.index = index};
    if (object->kind != SV_JSON_OBJECT)
        return tree_fault(r, t, "was not an object");
    if ((st = sv_xgb_get_object(object, "tree_param", &param, r->err)) ||
        (st = sv_xgb_get_int(param, "num_nodes", -1, &n_nodes, r->err)) ||
        (st = sv_xgb_get_int(param, "size_leaf_vector", 1, &width, r->err)))
        return sv_error_at(r->err, st, "tree %zu", index);
    if (n_nodes < 1 || n_nodes > INT32_MAX)
        return tree_fault(r, t, "num_nodes was not a positive number");
    if ((width > 1 ? (size_t)width : 1) != r->model->forest.leaf_width)
        return tree_fault(r, t, "size_leaf_vector did not fit the number of outputs");
    t->n = (size_t)n_nodes;
    if ((st = find_flat(r, object, "left_children", t, &t->left)) ||
        (st = find_flat(r, object, "right_children", t, &t->right)) ||
        (st = find_flat(r, object, "split_indices", t, &t->feature)) ||
        (st = find_flat(r, object, "split_conditions", t, &t->condition)) ||
        (st = find_flat(r, object, "default_left", t, &t->default_left)))
        return st;
    if (sv_json_find(object, "split_type") && (st = find_flat(r, object, "split_type", t, &t->split_type)))
        return st;
    if ((st = open_categories(r, object, t)))
        return st;
    return r->model->forest.leaf_width > 1 ? open_vectors(r, object, t) : SAVOR_OK;
}

static bool is_leaf(const tree_json *t, size_t i)
{
    int64_t left;
    return sv_xgb_to_int(sv_xgb_item(t->left, i), &left) && left == -1;
}

/* The number of a child in the forest: splits count up from 0, leaves as ~0, ~1, ...; `numbers` has one per node. */
static savor_status child_number(xgb_reader *r, const tree_json *t, const sv_json *children, size_t i,
                                 const int32_t *numbers, int32_t *out)
{
    int64_t child;
    if (!sv_xgb_to_int(sv_xgb_item(children, i), &child) || child < 0 || (uint64_t)child >= t->n)
        return sv_fail(r->err, SAVOR_FORMAT, "tree %zu, node %zu: a child was not a number from 0 to %zu", t->index,
                       i, t->n - 1);
    *out = numbers[child];
    return SAVOR_OK;
}

/* Set the bits of one categorical split. Segments are looked up by node; files list them in node order. */
static savor_status read_set(xgb_reader *r, const tree_json *t, size_t node, size_t *cursor, sv_tree_node *out)
{
    sv_forest *f = &r->model->forest;
    int64_t at = -1, begin, size, code, most = -1;
    size_t n = t->category_nodes ? t->category_nodes->n : 0;
    while (*cursor < n && (!sv_xgb_to_int(sv_xgb_item(t->category_nodes, *cursor), &at) || at != (int64_t)node))
        ++*cursor;
    if (*cursor == n || !sv_xgb_to_int(sv_xgb_item(t->category_begins, *cursor), &begin) ||
        !sv_xgb_to_int(sv_xgb_item(t->category_sizes, *cursor), &size) || begin < 0 || size < 0 ||
        begin > (int64_t)t->categories->n || size > (int64_t)t->categories->n - begin)
        return sv_fail(r->err, SAVOR_FORMAT, "tree %zu, node %zu: its categories were not all there", t->index, node);
    for (int64_t i = begin; i < begin + size; i++) {
        if (!sv_xgb_to_int(sv_xgb_item(t->categories, (size_t)i), &code) || code < 0 || code >= CATEGORY_END)
            return sv_fail(r->err, SAVOR_FORMAT, "tree %zu, node %zu: a category was not a number from 0 to %d",
                           t->index, node, CATEGORY_END - 1);
        most = code > most ? code : most;
    }
    out->set_begin = (uint32_t)f->n_set_words;
    out->set_words = (uint32_t)((most + 32) / 32);
    if (out->set_words > XGB_SET_WORDS_MAX - f->n_set_words)
        return sv_fail(r->err, SAVOR_LIMIT, "tree %zu, node %zu: the sets of categories took more than %zu words",
                       t->index, node, XGB_SET_WORDS_MAX);
    if (f->sets) /* the second round; the first only counts */
        for (int64_t i = begin; i < begin + size; i++) {
            sv_xgb_to_int(sv_xgb_item(t->categories, (size_t)i), &code);
            f->sets[out->set_begin + (uint32_t)code / 32] |= 1u << ((uint32_t)code % 32);
        }
    f->n_set_words += out->set_words;
    return SAVOR_OK;
}

static savor_status is_categorical(xgb_reader *r, const tree_json *t, size_t i, bool *out)
{
    int64_t type = 0;
    if (t->split_type && (!sv_xgb_to_int(sv_xgb_item(t->split_type, i), &type) || type < 0 || type > 1))
        return sv_fail(r->err, SAVOR_FORMAT, "tree %zu, node %zu: split_type was not 0 or 1", t->index, i);
    *out = type == 1;
    return SAVOR_OK;
}

static savor_status read_split(xgb_reader *r, const tree_json *t, size_t i, const int32_t *numbers, sv_tree_node *out)
{
    int64_t feature, to_left;
    float threshold;
    savor_status st;
    if (!sv_xgb_to_int(sv_xgb_item(t->feature, i), &feature) ||
        !sv_xgb_to_float(sv_xgb_item(t->condition, i), &threshold) ||
        !sv_xgb_to_int(sv_xgb_item(t->default_left, i), &to_left))
        return sv_fail(r->err, SAVOR_FORMAT, "tree %zu, node %zu: a field was not a number", t->index, i);
    /* An index that does not fit is kept as one that cannot exist: deleted nodes have such, and nobody reaches them.
     */
    out->feature = feature < 0 || feature > INT32_MAX ? UINT32_MAX : (uint32_t)feature;
    out->threshold = (double)threshold;
    out->missing = SV_MISSING_NAN;
    out->flags = to_left ? SV_SPLIT_DEFAULT_LEFT : 0;
    if ((st = child_number(r, t, t->left, i, numbers, &out->left)))
        return st;
    return child_number(r, t, t->right, i, numbers, &out->right);
}

static savor_status read_leaf(xgb_reader *r, const tree_json *t, size_t i, double *out)
{
    size_t width = r->model->forest.leaf_width;
    int64_t at = (int64_t)i;
    float value;
    if (width == 1) {
        if (!sv_xgb_to_float(sv_xgb_item(t->condition, i), &value))
            return sv_fail(r->err, SAVOR_FORMAT, "tree %zu, node %zu: a leaf was not a number", t->index, i);
        *out = (double)value;
        return SAVOR_OK;
    }
    if (t->is_leaf_indexed &&
        (!sv_xgb_to_int(sv_xgb_item(t->right, i), &at) || at < 0 || (uint64_t)at >= t->leaf_values->n / width))
        return sv_fail(r->err, SAVOR_FORMAT, "tree %zu, node %zu: its leaf was not in leaf_weights", t->index, i);
    for (size_t k = 0; k < width; k++) {
        if (!sv_xgb_to_float(sv_xgb_item(t->leaf_values, (size_t)at * width + k), &value))
            return sv_fail(r->err, SAVOR_FORMAT, "tree %zu, node %zu: a leaf was not a number", t->index, i);
        out[k] = (double)value;
    }
    return SAVOR_OK;
}

/* Count what a tree needs; with `sets` NULL read_set counts words. */
static savor_status count_tree(xgb_reader *r, const tree_json *t)
{
    sv_forest *f = &r->model->forest;
    size_t cursor = 0;
    for (size_t i = 0; i < t->n; i++) {
        bool categorical = false;
        sv_tree_node ignored = {0};
        savor_status st;
        if (is_leaf(t, i)) {
            f->n_leaves++;
            continue;
        }
        f->n_nodes++;
        if ((st = is_categorical(r, t, i, &categorical)) ||
            (categorical && (st = read_set(r, t, i, &cursor, &ignored))))
            return st;
    }
    return SAVOR_OK;
}

static savor_status fill_tree(xgb_reader *r, const tree_json *t, int32_t *numbers)
{
    sv_forest *f = &r->model->forest;
    sv_tree *tree = &f->trees[t->index];
    size_t cursor = 0, n_nodes = 0, n_leaves = 0;
    savor_status st;
    for (size_t i = 0; i < t->n; i++)
        numbers[i] = is_leaf(t, i) ? ~(int32_t)n_leaves++ : (int32_t)n_nodes++;
    *tree = (sv_tree){.first_node = f->n_nodes, .first_leaf = f->n_leaves, .group = tree->group};
    tree->n_nodes = n_nodes;
    tree->n_leaves = n_leaves;
    for (size_t i = 0; i < t->n; i++) {
        bool categorical = false;
        if (numbers[i] < 0) {
            if ((st = read_leaf(r, t, i, f->leaf_values + f->n_leaves++ * f->leaf_width)))
                return st;
            continue;
        }
        sv_tree_node *node = &f->nodes[f->n_nodes++];
        if ((st = is_categorical(r, t, i, &categorical)) || (st = read_split(r, t, i, numbers, node)) ||
            (categorical && (st = read_set(r, t, i, &cursor, node))))
            return st;
        node->flags |= categorical ? SV_SPLIT_CATEGORICAL : 0;
    }
    if (numbers[0] < 0) /* the root is a leaf; splits behind it were cut off */
        tree->n_nodes = 0;
    return SAVOR_OK;
}

/* The widest tree decides how much scratch numbering needs. */
static savor_status count_trees(xgb_reader *r, const sv_json *trees, size_t *widest)
{
    tree_json t;
    savor_status st = SAVOR_OK;
    const sv_json *object = trees + 1;
    for (size_t i = 0; i < trees->n && !st; i++, object = sv_json_next(object)) {
        if ((st = open_tree(r, object, i, &t)))
            return st;
        *widest = t.n > *widest ? t.n : *widest;
        st = count_tree(r, &t);
    }
    return st;
}

static savor_status alloc_forest(xgb_reader *r, size_t n_trees)
{
    sv_forest *f = &r->model->forest;
    size_t n_values;
    if (!sv_mul(f->n_leaves, f->leaf_width, &n_values))
        return sv_fail(r->err, SAVOR_LIMIT, "there were %zu leaves, too many", f->n_leaves);
    f->trees = sv_arena_array(r->arena, n_trees, sizeof *f->trees);
    f->nodes = sv_arena_array(r->arena, f->n_nodes, sizeof *f->nodes);
    f->leaf_values = sv_arena_array(r->arena, n_values, sizeof *f->leaf_values);
    f->sets = sv_arena_array(r->arena, f->n_set_words, sizeof *f->sets);
    if (!f->trees || !f->nodes || !f->leaf_values || !f->sets)
        return sv_arena_fail(r->arena, f->n_nodes * sizeof *f->nodes, r->err);
    f->n_trees = n_trees;
    f->n_nodes = f->n_leaves = f->n_set_words = 0; /* filled up again, in the same order */
    return SAVOR_OK;
}

static savor_status read_groups(xgb_reader *r, const sv_json *model)
{
    sv_forest *f = &r->model->forest;
    const sv_json *info = sv_json_find(model, "tree_info");
    int64_t group;
    if (!sv_xgb_is_flat(info, f->n_trees))
        return sv_fail(r->err, SAVOR_FORMAT, "\"tree_info\" was absent or had not %zu elements", f->n_trees);
    for (size_t i = 0; i < f->n_trees; i++) {
        if (!sv_xgb_to_int(sv_xgb_item(info, i), &group) || group < 0 || (uint64_t)group >= f->n_groups)
            return sv_fail(r->err, SAVOR_FORMAT, "tree %zu: its group was not a number from 0 to %zu", i,
                           f->n_groups - 1);
        f->trees[i].group = f->leaf_width == 1 ? (uint32_t)group : 0;
    }
    return SAVOR_OK;
}

static savor_status read_indptr(xgb_reader *r, const sv_json *model)
{
    size_t n_trees = r->model->forest.n_trees;
    const sv_json *array = sv_json_find(model, "iteration_indptr");
    int64_t at = 0, before = 0;
    if (!array)
        return SAVOR_OK;
    if (array->kind != SV_JSON_ARRAY || array->n == 0 || !sv_xgb_is_flat(array, array->n))
        return sv_fail(r->err, SAVOR_FORMAT, "\"iteration_indptr\" was not an array of numbers");
    size_t *first = sv_arena_array(r->arena, array->n, sizeof *first);
    if (!first)
        return sv_arena_fail(r->arena, array->n * sizeof *first, r->err);
    for (size_t i = 0; i < array->n; i++, before = at) {
        if (!sv_xgb_to_int(sv_xgb_item(array, i), &at) || at < before || (uint64_t)at > n_trees ||
            (i == 0 && at != 0))
            return sv_fail(r->err, SAVOR_FORMAT, "iteration_indptr[%zu] did not rise from 0 to %zu", i, n_trees);
        first[i] = (size_t)at;
    }
    if ((uint64_t)at != n_trees)
        return sv_fail(r->err, SAVOR_FORMAT, "iteration_indptr ended at %lld, expected %zu", (long long)at, n_trees);
    r->iteration_first = first;
    r->n_iterations = array->n - 1;
    return SAVOR_OK;
}

static savor_status read_gbtree_param(xgb_reader *r, const sv_json *model, const sv_json *trees)
{
    const sv_json *param = NULL;
    int64_t n_trees, n_parallel;
    savor_status st = sv_xgb_get_object(model, "gbtree_model_param", &param, r->err);
    if (st || (st = sv_xgb_get_int(param, "num_trees", -1, &n_trees, r->err)) ||
        (st = sv_xgb_get_int(param, "num_parallel_tree", 1, &n_parallel, r->err)))
        return st;
    if (n_trees != (int64_t)trees->n)
        return sv_fail(r->err, SAVOR_FORMAT, "there were %u trees, expected %lld", trees->n, (long long)n_trees);
    if (n_parallel > INT32_MAX)
        return sv_fail(r->err, SAVOR_FORMAT, "num_parallel_tree was %lld", (long long)n_parallel);
    r->n_parallel = n_parallel > 0 ? (size_t)n_parallel : 1; /* 0.x wrote 0 */
    return SAVOR_OK;
}

/* 3.1 on: the categories of data frames; an entry per feature when any feature had some. */
static void read_category_names(xgb_reader *r, const sv_json *model)
{
    const sv_json *cats = sv_json_find(model, "cats");
    const sv_json *enc = cats && cats->kind == SV_JSON_OBJECT ? sv_json_find(cats, "enc") : NULL;
    r->model->has_category_names = enc && enc->kind == SV_JSON_ARRAY && enc->n > 0;
}

/* One output per leaf, or all of them: the first tree tells, open_tree holds the others to it. */
static savor_status set_leaf_width(xgb_reader *r, const sv_json *trees)
{
    sv_forest *f = &r->model->forest;
    const sv_json *param =
        trees->n > 0 && trees[1].kind == SV_JSON_OBJECT ? sv_json_find(trees + 1, "tree_param") : NULL;
    int64_t width = 1;
    savor_status st;
    f->leaf_width = 1;
    if (!param || param->kind != SV_JSON_OBJECT)
        return SAVOR_OK;
    if ((st = sv_xgb_get_int(param, "size_leaf_vector", 1, &width, r->err)))
        return st;
    if (width > 1 && (uint64_t)width != f->n_groups)
        return sv_fail(r->err, SAVOR_FORMAT, "size_leaf_vector was %lld, expected %zu", (long long)width,
                       f->n_groups);
    f->leaf_width = width > 1 ? (size_t)width : 1;
    return SAVOR_OK;
}

savor_status sv_xgb_read_trees(xgb_reader *r, const sv_json *model)
{
    sv_forest *f = &r->model->forest;
    const sv_json *trees = NULL;
    size_t widest = 1;
    savor_status st;
    f->compare = SV_COMPARE_F32_LT;
    f->n_features = r->model->n_features;
    f->n_groups = r->model->n_groups;
    read_category_names(r, model);
    if ((st = sv_xgb_get_array(model, "trees", &trees, r->err)) || (st = read_gbtree_param(r, model, trees)) ||
        (st = set_leaf_width(r, trees)) || (st = count_trees(r, trees, &widest)) ||
        (st = alloc_forest(r, trees->n)) || (st = read_groups(r, model)) || (st = read_indptr(r, model)))
        return st;
    int32_t *numbers = sv_arena_array(r->arena, widest, sizeof *numbers);
    if (!numbers)
        return sv_arena_fail(r->arena, widest * sizeof *numbers, r->err);
    const sv_json *object = trees + 1;
    tree_json t;
    for (size_t i = 0; i < trees->n && !st; i++, object = sv_json_next(object))
        if (!(st = open_tree(r, object, i, &t)))
            st = fill_tree(r, &t, numbers);
    return st;
}
