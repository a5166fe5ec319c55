/*
 * forest_rank_priv.h: a forest in bytes, for processors that look 64 bytes up in one instruction.
 *
 * Of a slot only its place among the thresholds that it is compared with matters. These, the cuts, are put in order
 * once; a row's value becomes its bin, the number of cuts that it is not below, and a node's threshold its rank, the
 * place of its cut. Then `slot < t` is `bin <= rank`, NaN (not below any cut) included, and a tree of up to 63 splits
 * is two lines of 64 bytes: all its comparisons are made at once, the path is read from the 64 answers afterwards.
 * Node k (1 .. 63) has children 2k and 2k + 1; a leaf that ends early stands in all places below it.
 */
#ifndef SV_ENGINE_FOREST_RANK_PRIV_H
#define SV_ENGINE_FOREST_RANK_PRIV_H

#include "engine/forest_kernel_priv.h"

#define RANK_DEPTH 6              /* steps to every leaf */
#define RANK_PLACES 64            /* nodes of a tree, the first unused; leaves of a tree */
#define RANK_SLOTS 256            /* a node names its slot with a byte */
#define RANK_CUTS 256             /* of a slot: up to 255 used, then +infinity */
#define RANK_RUN 16               /* cuts that are compared at once */
#define RANK_ROWS 64              /* rows that sv_rank_predict_rows takes together */
#define RANK_ROWS_MIN 24          /* fewer are done sooner one by one */
#define RANK_LINE ((uintptr_t)64) /* bytes: a tree's parts do not straddle cache lines */

typedef struct rank_tree {
    uint8_t slots[RANK_PLACES];
    uint8_t ranks[RANK_PLACES];
} rank_tree;

typedef struct rank_slot {
    float ends[RANK_RUN];  /* the last cut of each run; what stands last is not read */
    float cuts[RANK_CUTS]; /* ascending, all different up to the padding */
} rank_slot;

typedef struct sv_rank_form {
    size_t n_slots;
    const kernel_slot *from; /* [n_slots] */
    const rank_slot *slots;  /* [n_slots] */
    const rank_tree *trees;  /* [n_trees] at a multiple of RANK_LINE */
    const float *leaves;     /* [n_trees x RANK_PLACES] */
} sv_rank_form;

/**
 * Bring a lowered forest into this form, where the processor can use it: float, at most RANK_DEPTH steps to a leaf,
 * RANK_SLOTS slots and 255 cuts of each, and trees enough to make it pay. `*out` is NULL when it cannot.
 *
 * kernel    of a forest of `n_trees` trees; its slots are borrowed
 * Errors    NOMEM
 */
savor_status sv_rank_lower(const sv_kernel *kernel, size_t n_trees, sv_arena *arena, const sv_rank_form **out,
                           savor_error *err) SAVOR_MUST_CHECK;

/** kernel/rank_vbmi.c: can this processor do it? */
bool sv_rank_is_there(void);

/** sv_forest_walk's answer, bit for bit, for a forest that has this form. */
void sv_rank_predict(const kernel_call *call, const float *rows, size_t n_rows, float *sums);

/** kernel/rank_rows.c: the same for at most RANK_ROWS rows at once, where sv_rank_is_there. */
void sv_rank_predict_rows(const kernel_call *call, const float *rows, size_t n_rows, float *sums);

#endif
