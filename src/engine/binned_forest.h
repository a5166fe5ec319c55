/*
 * binned_forest.h: decision trees over features that were binned first (CatBoost). A bin is a byte: how many borders
 * of a feature lie below its value, or which one of its known categories it is. A tree either asks one question per
 * level, the same for all nodes of the level (symmetric, "oblivious"), or one question per node.
 *
 * A reader fills the arrays with what its file says; sv_binned_forest_check then proves, once, that walking cannot
 * leave them.
 */
#ifndef SV_ENGINE_BINNED_FOREST_H
#define SV_ENGINE_BINNED_FOREST_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SV_BIN_BORDERS_MAX 254     /* borders or categories that one bin can count */
#define SV_BINNED_BLOCK_ROWS 128   /* rows that are binned and summed together */
#define SV_SYMMETRIC_DEPTH_MAX 30u /* levels; 2^levels leaves */

/** The question (bin ^ flip) >= bound: a border is crossed (flip 0), or the category is this one (bound 255). */
typedef struct sv_bin_split {
    uint32_t bin;
    uint8_t flip, bound;
} sv_bin_split;

/** How many nodes further the next question stands, after a no and after a yes; 0: the walk ends at this node. */
typedef struct sv_bin_step {
    uint16_t no, yes;
} sv_bin_step;

typedef struct sv_binned_forest {
    bool is_symmetric;
    size_t n_bins; /* bytes per row */
    size_t n_outputs;
    size_t n_trees, n_splits, n_leaf_values;
    const size_t *first_split;  /* [n_trees + 1] */
    const sv_bin_split *splits; /* [n_splits] one per level, first level first: bit 0 of the leaf; or one per node */
    const size_t *first_leaf;   /* symmetric: [n_trees] where the tree's leaf values start */
    const sv_bin_step *steps;   /* else: [n_splits] */
    const uint32_t *leaf;       /* else: [n_splits] where the leaf values of a node lie that can end a walk */
    const double *leaf_values;  /* [n_leaf_values], n_outputs in a row for each leaf */
} sv_binned_forest;

/**
 * Prove that the arrays fit together.
 *
 * Errors    FORMAT (the message names tree and node)
 * Threads   safe
 */
savor_status sv_binned_forest_check(const sv_binned_forest *forest, savor_error *err) SAVOR_MUST_CHECK;

/**
 * Add the leaves of all trees to the sums, tree by tree.
 *
 * bins      [n_bins x n_rows], one feature's bins side by side
 * n_rows    at most SV_BINNED_BLOCK_ROWS
 * sums      [n_rows x n_outputs]; holds the start values
 * Threads   safe
 * Source    CatBoost libs/model/cpu/evaluator_impl.cpp: doubles are added in the order of the trees
 */
void sv_binned_forest_sum(const sv_binned_forest *forest, const uint8_t *bins, size_t n_rows, double *sums);

#endif
