/*
 * random_forest.h: forests and rows for tests, from a seed: any depth, both comparisons, categorical splits, missing
 * modes, tree weights, vector leaves; rows full of thresholds, their neighbours, NaN, infinities and -0.0.
 */
#ifndef TEST_RANDOM_FOREST_H
#define TEST_RANDOM_FOREST_H

#include "engine/forest.h"

#include <math.h>
#include <stdlib.h>

typedef struct rng {
    uint64_t state;
} rng;

static inline uint64_t rng_next(rng *r)
{
    uint64_t z = (r->state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static inline size_t rng_below(rng *r, size_t n) { return (size_t)(rng_next(r) % n); }
static inline double rng_unit(rng *r) { return (double)(rng_next(r) >> 11) * 0x1p-53; }

typedef struct forest_shape {
    sv_compare compare;
    size_t n_features, n_groups, leaf_width, n_trees, depth;
    unsigned full; /* of 100 places, how many are split further */
    bool is_plain; /* numeric splits with NaN to the default side only */
    bool has_weights;
    bool has_linear;
} forest_shape;

/* A value on the grid that thresholds and rows share. */
static inline double grid_value(rng *r, sv_compare compare)
{
    double v = ((double)rng_below(r, 41) - 20.0) / 7.0;
    return compare == SV_COMPARE_F32_LT ? (double)(float)v : v;
}

static inline int32_t grow(rng *r, const forest_shape *s, sv_forest *f, sv_tree *tree, size_t depth)
{
    if (depth == 0 || rng_below(r, 100) >= s->full) {
        for (size_t k = 0; k < s->leaf_width; k++)
            f->leaf_values[f->n_leaves * s->leaf_width + k] = (double)(float)(rng_unit(r) - 0.5);
        f->n_leaves++;
        return ~(int32_t)tree->n_leaves++;
    }
    size_t at = tree->n_nodes++;
    sv_tree_node *node = &f->nodes[f->n_nodes++];
    node->feature = (uint32_t)rng_below(r, s->n_features);
    node->threshold = grid_value(r, s->compare);
    node->flags = rng_below(r, 2) ? SV_SPLIT_DEFAULT_LEFT : 0;
    if (!s->is_plain && s->compare == SV_COMPARE_F64_LE)
        node->missing = (uint8_t)rng_below(r, 3);
    if (!s->is_plain && rng_below(r, 4) == 0) {
        node->flags |= SV_SPLIT_CATEGORICAL | (rng_below(r, 2) ? SV_SPLIT_SET_LEFT : 0);
        node->set_words = (uint32_t)rng_below(r, 3);
        node->set_begin = (uint32_t)rng_below(r, f->n_set_words - node->set_words + 1);
    }
    node->left = grow(r, s, f, tree, depth - 1);
    node->right = grow(r, s, f, tree, depth - 1);
    return (int32_t)at;
}

/* Everything lies in `arena`. */
static inline sv_forest random_forest(rng *r, const forest_shape *s, sv_arena *arena)
{
    size_t most = s->n_trees << s->depth;
    sv_forest f = {.compare = s->compare,
                   .n_features = s->n_features,
                   .n_groups = s->n_groups,
                   .leaf_width = s->leaf_width,
                   .n_trees = s->n_trees,
                   .n_set_words = 16};
    f.trees = sv_arena_array(arena, s->n_trees, sizeof *f.trees);
    f.nodes = sv_arena_array(arena, most, sizeof *f.nodes);
    f.leaf_values = sv_arena_array(arena, most * s->leaf_width, sizeof *f.leaf_values);
    f.sets = sv_arena_array(arena, f.n_set_words, sizeof *f.sets);
    for (size_t i = 0; i < f.n_set_words; i++)
        f.sets[i] = (uint32_t)rng_next(r);
    for (size_t t = 0; t < s->n_trees; t++) {
        f.trees[t] = (sv_tree){.first_node = f.n_nodes, .first_leaf = f.n_leaves};
        f.trees[t].group = s->leaf_width == 1 ? (uint32_t)rng_below(r, s->n_groups) : 0;
        grow(r, s, &f, &f.trees[t], s->depth);
    }
    if (s->has_weights) {
        f.tree_weights = sv_arena_array(arena, s->n_trees, sizeof *f.tree_weights);
        for (size_t t = 0; t < s->n_trees; t++)
            f.tree_weights[t] = (double)(float)rng_unit(r);
    }
    if (s->has_linear) {
        f.n_terms = 64;
        f.terms_feature = sv_arena_array(arena, f.n_terms, sizeof *f.terms_feature);
        f.terms_coefficient = sv_arena_array(arena, f.n_terms, sizeof *f.terms_coefficient);
        f.linear = sv_arena_array(arena, f.n_leaves, sizeof *f.linear);
        for (size_t i = 0; i < f.n_terms; i++) {
            f.terms_feature[i] = (uint32_t)rng_below(r, s->n_features);
            f.terms_coefficient[i] = rng_unit(r) - 0.5;
        }
        for (size_t i = 0; i < f.n_leaves; i++)
            f.linear[i] = (sv_linear_leaf){rng_unit(r), rng_below(r, 60), rng_below(r, 4)};
    }
    return f;
}

static inline double hard_value(rng *r, sv_compare compare)
{
    static const double odd[] = {NAN,        -NAN,       INFINITY,     -INFINITY, 0.0,           -0.0,
                                 1e-35,      -1e-35,     1e-40,        5e-324,    3e38,          -0.5,
                                 16777216.0, 16777215.0, 2147483648.0, -1.0,      -2147483649.0, 1e300};
    size_t kind = rng_below(r, 8);
    if (kind == 0)
        return odd[rng_below(r, sizeof odd / sizeof *odd)];
    if (kind == 1)
        return (double)rng_below(r, 100);
    double v = grid_value(r, compare);
    if (kind < 4) {
        double to = kind == 2 ? INFINITY : -INFINITY;
        return compare == SV_COMPARE_F32_LT ? (double)nextafterf((float)v, (float)to) : nextafter(v, to);
    }
    return kind < 6 ? v : (rng_unit(r) - 0.5) * 6.0;
}

/* Rows of the forest's own type; `missing` is false for rows without NaN. */
static inline void *random_rows(rng *r, const sv_forest *f, size_t n_rows, bool missing, sv_arena *arena)
{
    size_t n = n_rows * f->n_features;
    bool is_f32 = f->compare == SV_COMPARE_F32_LT;
    void *rows = sv_arena_array(arena, n, is_f32 ? sizeof(float) : sizeof(double));
    for (size_t i = 0; i < n; i++) {
        double v = hard_value(r, f->compare);
        if (isnan(v) && !missing)
            v = 0.25;
        if (is_f32)
            ((float *)rows)[i] = (float)v;
        else
            ((double *)rows)[i] = v;
    }
    return rows;
}

#endif
