/*
 * forest_walk.c: the plain definition of what a forest answers: node by node, tree by tree, row by row. Kernels are
 * compared with it. Nothing is checked here: sv_forest_check has proved that every index exists.
 */
#include "engine/forest.h"

#include <math.h>

/* LightGBM's kZeroThreshold: a float constant that is compared as a double. */
#define ZERO_THRESHOLD ((double)1e-35f)

/* The first code that XGBoost takes for no category at all (2^24: above it floats skip integers). */
#define CATEGORY_END 16777216.0

static bool is_member(const sv_forest *f, const sv_tree_node *node, uint32_t code)
{
    uint32_t word = code / 32;
    return word < node->set_words && (f->sets[node->set_begin + word] >> (code % 32) & 1);
}

/*
 * The category of a value that is not NaN, or -1. XGBoost refuses negative values before it cuts the fraction off,
 * LightGBM after (so -0.5 is category 0 there).
 */
static int64_t category_of(const sv_forest *f, double x)
{
    if (f->compare == SV_COMPARE_F32_LT)
        return x < 0 || x >= CATEGORY_END ? -1 : (int64_t)x;
    return x <= -1.0 || x >= 2147483648.0 ? -1 : (int64_t)x;
}

static bool goes_left_by_set(const sv_forest *f, const sv_tree_node *node, double x)
{
    bool is_left = (node->flags & SV_SPLIT_SET_LEFT) != 0;
    if (isnan(x))
        return (node->flags & SV_SPLIT_DEFAULT_LEFT) != 0;
    int64_t code = category_of(f, x);
    return code >= 0 && is_member(f, node, (uint32_t)code) ? is_left : !is_left;
}

static bool is_missing(const sv_tree_node *node, double x)
{
    if (node->missing == SV_MISSING_NAN)
        return isnan(x);
    return node->missing == SV_MISSING_ZERO && (isnan(x) || fabs(x) <= ZERO_THRESHOLD);
}

static bool goes_left(const sv_forest *f, const sv_tree_node *node, double x)
{
    if (node->flags & SV_SPLIT_CATEGORICAL)
        return goes_left_by_set(f, node, x);
    if (is_missing(node, x))
        return (node->flags & SV_SPLIT_DEFAULT_LEFT) != 0;
    if (isnan(x))
        x = 0.0;
    /* A float widens to double without loss, so one comparison type serves both. */
    return f->compare == SV_COMPARE_F32_LT ? x < node->threshold : x <= node->threshold;
}

static double value_of(const sv_forest *f, const void *row, uint32_t feature)
{
    return f->compare == SV_COMPARE_F32_LT ? (double)((const float *)row)[feature] : ((const double *)row)[feature];
}

/* The leaf, counted from the forest's first. */
static size_t find_leaf(const sv_forest *f, const sv_tree *tree, const void *row)
{
    if (tree->n_nodes == 0)
        return tree->first_leaf;
    int32_t at = 0;
    do {
        const sv_tree_node *node = &f->nodes[tree->first_node + (size_t)at];
        at = goes_left(f, node, value_of(f, row, node->feature)) ? node->left : node->right;
    } while (at >= 0);
    return tree->first_leaf + (size_t)~at;
}

static double linear_value(const sv_forest *f, size_t leaf, const double *row)
{
    const sv_linear_leaf *linear = &f->linear[leaf];
    double sum = linear->constant;
    for (size_t i = linear->first_term; i < linear->first_term + linear->n_terms; i++) {
        double x = row[f->terms_feature[i]];
        if (isnan(x))
            return f->leaf_values[leaf];
        sum += f->terms_coefficient[i] * x;
    }
    return sum;
}

static void add_f32(const sv_forest *f, size_t tree, size_t leaf, float *sums)
{
    const double *values = f->leaf_values + leaf * f->leaf_width;
    float *to = f->leaf_width == 1 ? sums + f->trees[tree].group : sums;
    for (size_t k = 0; k < f->leaf_width; k++) {
        float value = (float)values[k];
        to[k] += f->tree_weights ? value * (float)f->tree_weights[tree] : value;
    }
}

static void add_f64(const sv_forest *f, size_t tree, size_t leaf, const double *row, double *sums)
{
    double *to = f->leaf_width == 1 ? sums + f->trees[tree].group : sums;
    for (size_t k = 0; k < f->leaf_width; k++) {
        double value = f->linear ? linear_value(f, leaf, row) : f->leaf_values[leaf * f->leaf_width + k];
        to[k] += f->tree_weights ? value * f->tree_weights[tree] : value;
    }
}

void sv_forest_walk(const sv_forest *forest, size_t first_tree, size_t end_tree, const void *rows, size_t n_rows,
                    void *sums)
{
    bool is_f32 = forest->compare == SV_COMPARE_F32_LT;
    for (size_t r = 0; r < n_rows; r++) {
        const float *row32 = (const float *)rows + (is_f32 ? r * forest->n_features : 0);
        const double *row64 = (const double *)rows + (is_f32 ? 0 : r * forest->n_features);
        const void *row = is_f32 ? (const void *)row32 : (const void *)row64;
        for (size_t t = first_tree; t < end_tree; t++) {
            size_t leaf = find_leaf(forest, &forest->trees[t], row);
            if (is_f32)
                add_f32(forest, t, leaf, (float *)sums + r * forest->n_groups);
            else
                add_f64(forest, t, leaf, row64, (double *)sums + r * forest->n_groups);
        }
    }
}
