/*
 * forest_kernel_priv.h: the lowered form of a forest.
 *
 * Every test becomes one `slot < t`, true: go to the child, `step` nodes on, false (NaN too): to the one behind it. A
 * split whose missing values go right reads the feature as it is; one whose missing values go left reads the negated
 * feature, and has its children swapped. A leaf reads a slot that is always NaN and has itself as the one behind, so
 * that walking on stays there; its `t` is the leaf's value. Eight bytes a node for float: one load fetches it, and
 * twice as many fit a cache. So a walk has no branch on data, and trees of any shape walk side by side.
 */
#ifndef SV_ENGINE_FOREST_KERNEL_PRIV_H
#define SV_ENGINE_FOREST_KERNEL_PRIV_H

#include "engine/forest.h"

typedef struct kernel_node32 {
    float t;
    uint16_t slot;
    int16_t step; /* from this node to its child; -1 for a leaf */
} kernel_node32;

typedef struct kernel_node64 {
    double t;
    uint32_t slot;
    int32_t step;
} kernel_node64;

/** Where a slot's value comes from. */
typedef struct kernel_slot {
    uint32_t feature;
    bool is_negated;
    bool is_zero_missing; /* LightGBM: |x| <= 1e-35f counts as NaN */
} kernel_slot;

typedef struct kernel_tree {
    uint32_t root;  /* in the nodes */
    uint32_t depth; /* steps to the deepest leaf */
    bool is_walked; /* has splits that the kernel cannot express: sv_forest_walk does the tree */
} kernel_tree;

typedef struct sv_kernel {
    size_t n_slots; /* slot n_slots is the one that is NaN */
    kernel_slot *slots;
    kernel_tree *trees;               /* [n_trees] */
    kernel_node32 *nodes32;           /* F32_LT */
    kernel_node64 *nodes64;           /* F64_LE */
    const struct sv_rank_form *ranks; /* NULL, or a faster form: forest_rank_priv.h */
} sv_kernel;

/** What one call of the kernel works on. */
typedef struct kernel_call {
    const sv_forest *forest;
    size_t first_tree, end_tree;
    void *slots; /* room for KERNEL_ROWS rows of n_slots + 1 */
} kernel_call;

/** Rows that share a pass over the trees, and walks that are in flight at once. */
#define KERNEL_ROWS 32
#define KERNEL_WALKS 16

/** forest_kernel32.c, forest_kernel64.c: the loops for one type. */
void sv_kernel_predict32(const kernel_call *call, const float *rows, size_t n_rows, float *sums);
void sv_kernel_predict64(const kernel_call *call, const double *rows, size_t n_rows, double *sums);

#endif
