/*
 * forest_check.c: the one proof that a forest's arrays fit together. Breadth first over each tree with a queue on the
 * heap, so that neither a deep tree nor a cycle costs stack; every step is bounded by the number of nodes.
 */
#include "engine/forest.h"

#include "base/alloc.h"

#define DEPTH_MAX 10000

/* What one check needs beside the forest; the queue holds nodes of the tree at hand. */
typedef struct checker {
    const sv_forest *forest;
    int32_t *queue;    /* [most nodes of a tree] */
    uint8_t *has_node; /* [n_nodes] reached already */
    uint8_t *has_leaf; /* [n_leaves] */
    size_t tree, n_queued;
    savor_error *err;
} checker;

static bool is_range(size_t first, size_t n, size_t total) { return first <= total && n <= total - first; }

static savor_status check_sizes(const sv_forest *f, savor_error *err)
{
    size_t product;
    if (f->compare != SV_COMPARE_F32_LT && f->compare != SV_COMPARE_F64_LE)
        return sv_fail(err, SAVOR_FORMAT, "forest had comparison %d, expected 0 or 1", (int)f->compare);
    if (f->n_groups < 1 || f->n_groups > INT32_MAX)
        return sv_fail(err, SAVOR_FORMAT, "forest had %zu outputs, expected at least 1", f->n_groups);
    if (f->leaf_width != 1 && f->leaf_width != f->n_groups)
        return sv_fail(err, SAVOR_FORMAT, "leaf width was %zu, expected 1 or %zu", f->leaf_width, f->n_groups);
    if (f->n_features > INT32_MAX || !sv_mul(f->n_leaves, f->leaf_width, &product))
        return sv_fail(err, SAVOR_LIMIT, "forest had %zu features and %zu leaves, too many", f->n_features,
                       f->n_leaves);
    if (f->linear && (f->compare != SV_COMPARE_F64_LE || f->leaf_width != 1))
        return sv_fail(err, SAVOR_FORMAT, "linear leaves stood in a forest of float32 or vector leaves");
    return SAVOR_OK;
}

static savor_status check_set(const checker *c, const sv_tree_node *node, size_t at)
{
    if (is_range(node->set_begin, node->set_words, c->forest->n_set_words))
        return SAVOR_OK;
    return sv_fail(c->err, SAVOR_FORMAT, "tree %zu, node %zu: category set %u + %u, expected at most %zu words",
                   c->tree, at, node->set_begin, node->set_words, c->forest->n_set_words);
}

static savor_status check_node(const checker *c, const sv_tree_node *node, size_t at)
{
    const sv_forest *f = c->forest;
    if (node->feature >= f->n_features)
        return sv_fail(c->err, SAVOR_FORMAT, "tree %zu, node %zu: feature %u, expected less than %zu", c->tree, at,
                       node->feature, f->n_features);
    if (node->missing > SV_MISSING_NONE || (f->compare == SV_COMPARE_F32_LT && node->missing != SV_MISSING_NAN))
        return sv_fail(c->err, SAVOR_FORMAT, "tree %zu, node %zu: missing type %u does not exist", c->tree, at,
                       (unsigned)node->missing);
    if (node->flags & SV_SPLIT_CATEGORICAL)
        return check_set(c, node, at);
    if (f->compare == SV_COMPARE_F32_LT && (double)(float)node->threshold != node->threshold &&
        node->threshold == node->threshold)
        return sv_fail(c->err, SAVOR_FORMAT, "tree %zu, node %zu: threshold %.17g is no float32", c->tree, at,
                       node->threshold);
    return SAVOR_OK;
}

/* A child is reached: it exists, and for the first time. */
static savor_status reach(checker *c, const sv_tree *tree, size_t at, int32_t child)
{
    bool is_leaf = child < 0;
    size_t index = is_leaf ? (size_t)~child : (size_t)child;
    size_t n = is_leaf ? tree->n_leaves : tree->n_nodes;
    const char *what = is_leaf ? "leaf" : "node";
    if (index >= n)
        return sv_fail(c->err, SAVOR_FORMAT, "tree %zu, node %zu: child %s %zu, expected less than %zu", c->tree, at,
                       what, index, n);
    uint8_t *seen = is_leaf ? &c->has_leaf[tree->first_leaf + index] : &c->has_node[tree->first_node + index];
    if (*seen)
        return sv_fail(c->err, SAVOR_FORMAT, "tree %zu, node %zu: child %s %zu was reached twice", c->tree, at, what,
                       index);
    *seen = 1;
    if (!is_leaf)
        c->queue[c->n_queued++] = child;
    return SAVOR_OK;
}

static savor_status check_walks(checker *c, const sv_tree *tree)
{
    const sv_tree_node *nodes = c->forest->nodes + tree->first_node;
    savor_status st = SAVOR_OK;
    c->n_queued = 1;
    c->queue[0] = 0;
    c->has_node[tree->first_node] = 1;
    for (size_t begin = 0, end = 1, depth = 1; begin < end; begin = end, end = c->n_queued, depth++) {
        if (depth > DEPTH_MAX)
            return sv_fail(c->err, SAVOR_LIMIT, "tree %zu was deeper than %d", c->tree, DEPTH_MAX);
        for (size_t i = begin; i < end; i++) {
            size_t at = (size_t)c->queue[i];
            if ((st = check_node(c, &nodes[at], at)) || (st = reach(c, tree, at, nodes[at].left)) ||
                (st = reach(c, tree, at, nodes[at].right)))
                return st;
        }
    }
    return SAVOR_OK;
}

static savor_status check_tree(checker *c, const sv_tree *tree)
{
    const sv_forest *f = c->forest;
    if (!is_range(tree->first_node, tree->n_nodes, f->n_nodes) ||
        !is_range(tree->first_leaf, tree->n_leaves, f->n_leaves) || tree->n_leaves == 0 || tree->n_nodes > INT32_MAX)
        return sv_fail(c->err, SAVOR_FORMAT, "tree %zu: %zu nodes and %zu leaves were not all there", c->tree,
                       tree->n_nodes, tree->n_leaves);
    if (tree->group >= f->n_groups)
        return sv_fail(c->err, SAVOR_FORMAT, "tree %zu: output %u, expected less than %zu", c->tree, tree->group,
                       f->n_groups);
    return tree->n_nodes > 0 ? check_walks(c, tree) : SAVOR_OK;
}

static savor_status check_linear(const sv_forest *f, savor_error *err)
{
    for (size_t i = 0; f->linear && i < f->n_leaves; i++)
        if (!is_range(f->linear[i].first_term, f->linear[i].n_terms, f->n_terms))
            return sv_fail(err, SAVOR_FORMAT, "leaf %zu: linear terms %zu + %zu, expected at most %zu", i,
                           f->linear[i].first_term, f->linear[i].n_terms, f->n_terms);
    for (size_t i = 0; f->linear && i < f->n_terms; i++)
        if (f->terms_feature[i] >= f->n_features)
            return sv_fail(err, SAVOR_FORMAT, "linear term %zu: feature %u, expected less than %zu", i,
                           f->terms_feature[i], f->n_features);
    return SAVOR_OK;
}

static savor_status checker_init(checker *c)
{
    size_t longest = 1;
    for (size_t i = 0; i < c->forest->n_trees; i++)
        if (c->forest->trees[i].n_nodes > longest && c->forest->trees[i].n_nodes <= c->forest->n_nodes)
            longest = c->forest->trees[i].n_nodes;
    c->queue = sv_alloc_array(longest, sizeof *c->queue);
    c->has_node = sv_alloc_array(c->forest->n_nodes, 1);
    c->has_leaf = sv_alloc_array(c->forest->n_leaves, 1);
    return c->queue && c->has_node && c->has_leaf ? SAVOR_OK : sv_fail_nomem(c->err, longest * sizeof *c->queue);
}

savor_status sv_forest_check(const sv_forest *forest, savor_error *err)
{
    checker c = {.forest = forest, .err = err};
    savor_status st = SAVOR_OK;
    if ((st = check_sizes(forest, err)) || (st = check_linear(forest, err)) || (st = checker_init(&c)))
        goto done;
    for (c.tree = 0; c.tree < forest->n_trees; c.tree++)
        if ((st = check_tree(&c, &forest->trees[c.tree])))
            goto done;
done:
    sv_free(c.queue);
    sv_free(c.has_node);
    sv_free(c.has_leaf);
    return st;
}
