/* catboost_json_tree.c: trees in the JSON export: lists of splits and leaf values, or nodes inside one another. */
#include "format/catboost_json_priv.h"

#define TREE_DEPTH_MAX 100 /* CatBoost grows trees of depth 16 */

/* Counts first, so that the arrays are made once: every value, split and node of the list of trees. */
typedef struct tree_counts {
    size_t n_splits, n_values;
} tree_counts;

static savor_status alloc_trees(catboost_document *d, size_t n_trees, tree_counts counts)
{
    catboost_parts *p = &d->parts;
    p->tree_sizes = sv_catboost_alloc(p, n_trees, sizeof *p->tree_sizes);
    p->splits = sv_catboost_alloc(p, counts.n_splits, sizeof *p->splits);
    p->leaf_values = sv_catboost_alloc(p, counts.n_values, sizeof *p->leaf_values);
    p->n_trees = n_trees;
    p->n_splits = counts.n_splits;
    p->n_leaf_values = counts.n_values;
    if (!p->tree_sizes || !p->splits || !p->leaf_values)
        return p->failed;
    if (p->is_symmetric)
        return SAVOR_OK;
    p->steps = sv_catboost_alloc(p, counts.n_splits, sizeof *p->steps);
    p->leaf = sv_catboost_alloc(p, counts.n_splits, sizeof *p->leaf);
    return p->steps && p->leaf ? SAVOR_OK : p->failed;
}

static savor_status read_symmetric_tree(catboost_document *d, const sv_json *tree, tree_counts *at, int32_t *size)
{
    const sv_json *values = json_member(tree, "leaf_values"), *split = NULL;
    size_t n = 0;
    (void)json_to_list(json_member(tree, "splits"), &n, &split);
    savor_status st = sv_catboost_json_values(d, values, d->parts.leaf_values + at->n_values);
    for (size_t i = 0; i < n && !st; i++, split = sv_json_next(split))
        if (!json_to_int32(json_member(split, "split_index"), &d->parts.splits[at->n_splits + i]))
            st = json_wrong(d, "\"split_index\"");
    at->n_values += values->n;
    at->n_splits += n;
    *size = (int32_t)n;
    return st;
}

savor_status sv_catboost_json_symmetric(catboost_document *d, const sv_json *trees)
{
    tree_counts counts = {0, 0}, at = {0, 0};
    size_t n = 0, n_splits = 0;
    const sv_json *tree, *first = NULL, *split = NULL;
    savor_status st = SAVOR_OK;
    d->parts.is_symmetric = true;
    if (!json_to_list(trees, &n, &first))
        return json_wrong(d, "\"oblivious_trees\"");
    tree = first;
    for (size_t t = 0; t < n; t++, tree = sv_json_next(tree)) {
        const sv_json *values = json_member(tree, "leaf_values");
        bool ok =
            values && values->kind == SV_JSON_ARRAY && json_to_list(json_member(tree, "splits"), &n_splits, &split);
        if (!ok || n_splits > SV_SYMMETRIC_DEPTH_MAX || values->n >> n_splits == 0 ||
            values->n >> n_splits > INT32_MAX)
            return json_wrong(d, "the splits or leaf values of a tree");
        d->parts.n_outputs = (int32_t)(values->n >> n_splits);
        counts.n_splits += n_splits;
        counts.n_values += values->n;
    }
    st = alloc_trees(d, n, counts);
    tree = first;
    for (size_t t = 0; t < n && !st; t++, tree = sv_json_next(tree))
        st = read_symmetric_tree(d, tree, &at, &d->parts.tree_sizes[t]);
    return st;
}

/* Nodes and leaf values of a tree and those below it. */
static savor_status count_node(catboost_document *d, const sv_json *node, unsigned depth, tree_counts *counts)
{
    const sv_json *value = json_member(node, "value");
    savor_status st = SAVOR_OK;
    if (depth > TREE_DEPTH_MAX)
        return sv_fail(d->parts.err, SAVOR_LIMIT, "a tree was deeper than %d", TREE_DEPTH_MAX);
    counts->n_splits++;
    if (value) {
        counts->n_values += value->kind == SV_JSON_ARRAY ? value->n : 1;
        return SAVOR_OK;
    }
    if (!json_member(node, "left") || !json_member(node, "right"))
        return json_wrong(d, "a node's \"left\" or \"right\"");
    if ((st = count_node(d, json_member(node, "left"), depth + 1, counts)))
        return st;
    return count_node(d, json_member(node, "right"), depth + 1, counts);
}

static savor_status read_leaf(catboost_document *d, const sv_json *value, tree_counts *at, size_t node)
{
    catboost_parts *p = &d->parts;
    size_t n = value->kind == SV_JSON_ARRAY ? value->n : 1;
    if (n == 0 || n > INT32_MAX || at->n_values > UINT32_MAX)
        return json_wrong(d, "a node's \"value\"");
    p->n_outputs = (int32_t)n;
    p->leaf[node] = (uint32_t)at->n_values;
    at->n_values += n;
    if (value->kind == SV_JSON_ARRAY)
        return sv_catboost_json_values(d, value, p->leaf_values + at->n_values - n);
    return json_to_double(value, &p->leaf_values[at->n_values - n]) ? SAVOR_OK : json_wrong(d, "a node's \"value\"");
}

/* Nodes in the order in which CatBoost numbers them: a node, all to its left, all to its right. */
static savor_status read_node(catboost_document *d, const sv_json *node, tree_counts *at)
{
    catboost_parts *p = &d->parts;
    const sv_json *value = json_member(node, "value");
    size_t self = at->n_splits++, right;
    savor_status st = SAVOR_OK;
    if (value)
        return read_leaf(d, value, at, self);
    if (!json_to_int32(json_member(json_member(node, "split"), "split_index"), &p->splits[self]))
        return json_wrong(d, "\"split_index\"");
    if ((st = read_node(d, json_member(node, "left"), at)))
        return st;
    right = at->n_splits - self;
    if (right > UINT16_MAX)
        return sv_fail(p->err, SAVOR_LIMIT, "a tree had more than %u nodes", (unsigned)UINT16_MAX);
    p->steps[self] = (sv_bin_step){.no = 1, .yes = (uint16_t)right};
    return read_node(d, json_member(node, "right"), at);
}

savor_status sv_catboost_json_nodes(catboost_document *d, const sv_json *trees)
{
    tree_counts counts = {0, 0}, at = {0, 0};
    const sv_json *tree = trees + 1;
    savor_status st = SAVOR_OK;
    if (trees->kind != SV_JSON_ARRAY)
        return json_wrong(d, "\"trees\"");
    for (size_t t = 0; t < trees->n && !st; t++, tree = sv_json_next(tree))
        st = count_node(d, tree, 0, &counts);
    if (st || (st = alloc_trees(d, trees->n, counts)))
        return st;
    tree = trees + 1;
    for (size_t t = 0; t < trees->n && !st; t++, tree = sv_json_next(tree)) {
        size_t first = at.n_splits;
        st = read_node(d, tree, &at);
        d->parts.tree_sizes[t] = (int32_t)(at.n_splits - first);
    }
    return st;
}
