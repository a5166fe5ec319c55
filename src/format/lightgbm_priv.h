/* lightgbm_priv.h: what lightgbm_text.c (the file), lightgbm_objective.c and lightgbm_tree.c (one tree) share. */
#ifndef SV_FORMAT_LIGHTGBM_PRIV_H
#define SV_FORMAT_LIGHTGBM_PRIV_H

#include "format/lightgbm_text.h"

/*  the lines of a tree that matter for predictions; all others (gains, weights, counts) are passed over */
#define LIGHTGBM_TREE_KEYS(X) \
    X(num_leaves)             \
    X(num_cat)                \
    X(split_feature)          \
    X(threshold)              \
    X(decision_type)          \
    X(left_child)             \
    X(right_child)            \
    X(leaf_value)             \
    X(cat_boundaries)         \
    X(cat_threshold)          \
    X(is_linear)              \
    X(leaf_const)             \
    X(num_features)           \
    X(leaf_features)          \
    X(leaf_coeff)

typedef enum lightgbm_key {
#define X(name) KEY_##name,
    LIGHTGBM_TREE_KEYS(X)
#undef X
        N_KEYS
} lightgbm_key;

/* The lines of one tree, and the sizes that they claim; each size has its bytes in the lines. */
typedef struct lightgbm_block {
    size_t tree;              /* for messages */
    sv_str values[N_KEYS];    /* p == NULL: no such line */
    size_t n_leaves, n_nodes; /* n_nodes = n_leaves - 1 */
    size_t n_sets, n_words;   /* categorical splits, 32-bit words of their sets */
    size_t n_terms;           /* of linear leaves */
    bool is_linear;
} lightgbm_block;

/* Room for one list of numbers: as long as the longest of the file. */
typedef struct lightgbm_scratch {
    int64_t *ints;
    double *doubles;
    size_t n;
} lightgbm_scratch;

/* Split off the next line (without its end); false at the end of the text. */
bool sv_lightgbm_line(sv_str *rest, sv_str *line);

/* Split off the next word between blanks; false when there is none. */
bool sv_lightgbm_word(sv_str *rest, sv_str *word);

/*
 * Read the header's line `objective` (p == NULL: absent) into out->link and out->objective. FORMAT, UNSUPPORTED,
 * NOMEM.
 */
savor_status sv_lightgbm_objective_read(sv_str text, size_t n_groups, sv_arena *arena, sv_lightgbm *out,
                                        savor_error *err);

/*
 * Find the lines of the tree that starts at `rest` (behind its "Tree=" line) and check what they claim about sizes.
 * `rest` moves to the blank line behind them.
 */
savor_status sv_lightgbm_block_read(sv_str *rest, size_t tree, lightgbm_block *out, savor_error *err);

/*
 * Fill tree `block->tree` of the forest. Its first_node and first_leaf are set; `first_word` and `first_term` are
 * where its sets and terms begin.
 */
savor_status sv_lightgbm_block_fill(const lightgbm_block *block, size_t first_word, size_t first_term,
                                    lightgbm_scratch *scratch, sv_forest *forest, savor_error *err);

#endif
