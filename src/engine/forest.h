/*
 * forest.h: one validated record for every ensemble of decision trees, whatever file it came from.
 *
 * A reader fills the arrays with what its file says; sv_forest_check then proves, once, that walking cannot leave
 * them: every child exists, no node is reached twice, every feature and leaf index is in range. After that
 * sv_forest_walk (the definition) and the kernels (equal to it, bit for bit) have no checks left.
 */
#ifndef SV_ENGINE_FOREST_H
#define SV_ENGINE_FOREST_H

#include "base/arena.h"

#include <stdbool.h>

typedef enum sv_compare {
    SV_COMPARE_F32_LT, /* float32 x < t goes left (XGBoost): rows are float, sums are float */
    SV_COMPARE_F64_LE, /* double x <= t goes left (LightGBM): rows are double, sums are double */
} sv_compare;

typedef enum sv_missing {
    SV_MISSING_NAN,  /* NaN goes to the default side */
    SV_MISSING_ZERO, /* NaN and |x| <= 1e-35f go to the default side (LightGBM) */
    SV_MISSING_NONE, /* NaN counts as 0.0 (LightGBM) */
} sv_missing;

/* Flags of a node. */
#define SV_SPLIT_DEFAULT_LEFT 1u
#define SV_SPLIT_CATEGORICAL 2u /* member of the set goes left when SV_SPLIT_SET_LEFT is set, else right */
#define SV_SPLIT_SET_LEFT 4u

/*
 * A categorical split: NaN goes to the default side whatever `missing` says; a value that is no category (F32_LT:
 * < 0 or >= 2^24; F64_LE: <= -1 or >= 2^31) is no member; else its fraction is cut off and looked up in the set.
 */

typedef struct sv_tree_node {
    double threshold; /* numeric split; exactly a float for F32_LT */
    int32_t left,
        right; /* >= 0: a node of the same tree, counted from its first; < 0: leaf ~value of the same tree */
    uint32_t feature;
    uint8_t flags;
    uint8_t missing;    /* sv_missing */
    uint16_t reserved;  /* 0 */
    uint32_t set_begin; /* categorical: first 32-bit word in `sets` */
    uint32_t set_words; /* categorical: how many words; a code beyond them is no member */
} sv_tree_node;

typedef struct sv_tree {
    size_t first_node, n_nodes; /* n_nodes == 0: the tree is leaf 0 alone */
    size_t first_leaf, n_leaves;
    uint32_t group; /* which output its leaves add to; 0 when leaves are vectors */
} sv_tree;

/** A linear leaf of LightGBM: constant + sum of coefficient * x; a NaN among the x gives the plain leaf value. */
typedef struct sv_linear_leaf {
    double constant;
    size_t first_term, n_terms; /* in terms_feature, terms_coefficient */
} sv_linear_leaf;

typedef struct sv_forest {
    sv_compare compare;
    size_t n_features;
    size_t n_groups;   /* outputs per row */
    size_t leaf_width; /* 1, or n_groups for vector leaves */
    size_t n_trees, n_nodes, n_leaves;
    sv_tree *trees;       /* [n_trees] */
    sv_tree_node *nodes;  /* [n_nodes] */
    double *leaf_values;  /* [n_leaves x leaf_width]; exactly floats for F32_LT */
    double *tree_weights; /* [n_trees] or NULL: DART's factor per tree, exactly floats for F32_LT */
    uint32_t *sets;       /* bit c of word c / 32: category c is a member */
    size_t n_set_words;
    sv_linear_leaf *linear; /* [n_leaves] or NULL */
    uint32_t *terms_feature;
    double *terms_coefficient;
    size_t n_terms;
    struct sv_kernel *kernel; /* made by sv_forest_lower; NULL: walk */
} sv_forest;

/**
 * Prove that the arrays fit together. Nothing is changed.
 *
 * Errors    FORMAT (the message names tree, node and field), LIMIT (deeper than 10,000)
 * Threads   safe
 */
savor_status sv_forest_check(const sv_forest *forest, savor_error *err) SAVOR_MUST_CHECK;

/**
 * Make the fast form of a checked forest, where there is one for it; otherwise leave it to the walker.
 *
 * arena     gets the kernel's tables; must outlive the forest
 * Errors    NOMEM
 */
savor_status sv_forest_lower(sv_forest *forest, sv_arena *arena, savor_error *err) SAVOR_MUST_CHECK;

/**
 * Add the leaves of trees [first_tree, end_tree) to the sums, tree by tree: the definition of the answer.
 *
 * rows      [n_rows x n_features] float for F32_LT, double for F64_LE; row-major
 * sums      [n_rows x n_groups] float for F32_LT, double for F64_LE; holds the start values, gets the margins
 * Units     the model's margin
 * Threads   safe
 */
void sv_forest_walk(const sv_forest *forest, size_t first_tree, size_t end_tree, const void *rows, size_t n_rows,
                    void *sums);

/** The same answer by the fastest kernel there is. `scratch` is the request's arena. Errors: NOMEM, LIMIT. */
savor_status sv_forest_predict(const sv_forest *forest, size_t first_tree, size_t end_tree, const void *rows,
                               size_t n_rows, void *sums, sv_arena *scratch, savor_error *err) SAVOR_MUST_CHECK;

#endif
