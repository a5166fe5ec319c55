/*
 * forest_kernel.c: lowering of a checked forest to nodes that are walked without branches, and the choice between
 * that and the plain walker. Why `slot < t` serves both comparisons, for finite t:
 *
 *     x < t, NaN right     x < t                        x <= t, NaN right    x < next(t)
 *     x < t, NaN left      right when -x < -prev(t)     x <= t, NaN left     right when -x < -t
 */
#include "base/alloc.h"
#include "engine/forest_kernel_priv.h"
#include "engine/forest_rank_priv.h"

#include <math.h>

/* Deeper trees waste steps when shallow leaves wait for deep ones; the walker stops at each leaf. */
#define KERNEL_DEPTH_MAX 64

#define NO_SLOT UINT32_MAX
#define LEAF_STEP (-1)    /* with the one behind: itself */
#define SLOTS32_MAX 65000 /* a float node numbers its slot with 16 bits */

typedef struct lowering {
    const sv_forest *forest;
    sv_kernel *kernel;
    uint32_t *slot_of;   /* [2 x n_features] plain, negated; NO_SLOT: not read */
    uint8_t *missing_of; /* [n_features] 0: unseen, 1: NaN is missing, 2: zero is missing too, 3: splits differ */
    uint32_t *queue;     /* [2 x most leaves of a tree] what stands at each lowered place of the tree at hand */
    size_t n_nodes;      /* lowered so far */
    sv_arena *arena;
    savor_error *err;
} lowering;

/* Missing goes left? For NONE, NaN counts as zero, so its side is where zero goes. */
static bool is_default_left(const sv_tree_node *node)
{
    if (node->missing == SV_MISSING_NONE)
        return 0.0 <= node->threshold;
    return (node->flags & SV_SPLIT_DEFAULT_LEFT) != 0;
}

static bool is_plain_split(const lowering *l, const sv_tree_node *node)
{
    return !(node->flags & SV_SPLIT_CATEGORICAL) && isfinite(node->threshold) && l->missing_of[node->feature] != 3;
}

/* Which rule of missing values the splits of a feature share. */
static void note_missing(lowering *l)
{
    const sv_forest *f = l->forest;
    for (size_t i = 0; i < f->n_nodes; i++) {
        const sv_tree_node *node = &f->nodes[i];
        if ((node->flags & SV_SPLIT_CATEGORICAL) || node->feature >= f->n_features)
            continue; /* the latter only in nodes that nothing reaches */
        uint8_t rule = node->missing == SV_MISSING_ZERO ? 2 : 1;
        uint8_t *seen = &l->missing_of[node->feature];
        *seen = *seen == 0 || *seen == rule ? rule : 3;
    }
}

static double lowered_threshold(const lowering *l, const sv_tree_node *node)
{
    double t = node->threshold;
    if (l->forest->compare == SV_COMPARE_F32_LT)
        return is_default_left(node) ? (double)-nextafterf((float)t, -INFINITY) : t;
    return is_default_left(node) ? -t : nextafter(t, (double)INFINITY);
}

static uint32_t take_slot(lowering *l, const sv_tree_node *node)
{
    bool is_negated = is_default_left(node);
    uint32_t *slot = &l->slot_of[2 * (size_t)node->feature + is_negated];
    if (*slot == NO_SLOT) {
        *slot = (uint32_t)l->kernel->n_slots++;
        l->kernel->slots[*slot] = (kernel_slot){.feature = node->feature, .is_negated = is_negated};
        l->kernel->slots[*slot].is_zero_missing = l->missing_of[node->feature] == 2;
    }
    return *slot;
}

/* False when the child is too far away for the node's step. */
static bool put_node(lowering *l, size_t at, double t, uint32_t slot, int64_t step)
{
    if (!l->kernel->nodes32) {
        l->kernel->nodes64[at] = (kernel_node64){.t = t, .slot = slot, .step = (int32_t)step};
        return step <= INT32_MAX;
    }
    l->kernel->nodes32[at] = (kernel_node32){.t = (float)t, .slot = (uint16_t)slot, .step = (int16_t)step};
    return step <= INT16_MAX;
}

static double leaf_value(const sv_forest *f, size_t tree, size_t leaf)
{
    double value = f->leaf_values[f->trees[tree].first_leaf + leaf];
    if (!f->tree_weights)
        return value;
    if (f->compare == SV_COMPARE_F32_LT)
        return (double)((float)value * (float)f->tree_weights[tree]);
    return value * f->tree_weights[tree];
}

/*
 * Lay a tree out breadth first, children side by side. The queue holds what stands at each place: a node's number, or
 * ~leaf; false when some split cannot be lowered (what was laid out is then overwritten by the next tree).
 */
static bool lower_tree(lowering *l, size_t index, kernel_tree *out)
{
    const sv_forest *f = l->forest;
    const sv_tree *tree = &f->trees[index];
    size_t base = l->n_nodes, n = 1;
    *out = (kernel_tree){.root = (uint32_t)base};
    l->queue[0] = tree->n_nodes > 0 ? 0 : ~(uint32_t)0;
    for (size_t begin = 0, end = 1; begin < end; begin = end, end = n, out->depth++)
        for (size_t i = begin; i < end; i++) {
            int32_t what = (int32_t)l->queue[i];
            if (what < 0) { /* its slot, the one that is NaN, is set once their number is known */
                (void)put_node(l, base + i, leaf_value(f, index, (size_t)~what), 0, LEAF_STEP);
                continue;
            }
            const sv_tree_node *node = &f->nodes[tree->first_node + (size_t)what];
            if (!is_plain_split(l, node))
                return false;
            bool is_swapped = is_default_left(node);
            if (!put_node(l, base + i, lowered_threshold(l, node), take_slot(l, node), (int64_t)(n - i)))
                return false;
            l->queue[n++] = (uint32_t)(is_swapped ? node->right : node->left);
            l->queue[n++] = (uint32_t)(is_swapped ? node->left : node->right);
        }
    out->depth--; /* the last level holds only leaves */
    if (out->depth > KERNEL_DEPTH_MAX)
        return false;
    l->n_nodes += n;
    return true;
}

static void point_leaves(sv_kernel *k, size_t n_nodes)
{
    for (size_t i = 0; i < n_nodes; i++) {
        if (k->nodes32 && k->nodes32[i].step == LEAF_STEP)
            k->nodes32[i].slot = (uint16_t)k->n_slots;
        if (k->nodes64 && k->nodes64[i].step == LEAF_STEP)
            k->nodes64[i].slot = (uint32_t)k->n_slots;
    }
}

static savor_status lowering_init(lowering *l, size_t n_places)
{
    const sv_forest *f = l->forest;
    size_t most = 1, n_slots = f->n_nodes < 2 * f->n_features ? f->n_nodes : 2 * f->n_features;
    for (size_t i = 0; i < f->n_trees; i++)
        most = f->trees[i].n_leaves > most ? f->trees[i].n_leaves : most;
    sv_kernel *k = l->kernel = sv_arena_array(l->arena, 1, sizeof *k);
    if (!k)
        return sv_arena_fail(l->arena, sizeof *k, l->err);
    k->trees = sv_arena_array(l->arena, f->n_trees, sizeof *k->trees);
    k->slots = sv_arena_array(l->arena, n_slots, sizeof *k->slots);
    bool is_32 = f->compare == SV_COMPARE_F32_LT;
    k->nodes32 = is_32 ? sv_arena_array(l->arena, n_places, sizeof *k->nodes32) : NULL;
    k->nodes64 = is_32 ? NULL : sv_arena_array(l->arena, n_places, sizeof *k->nodes64);
    if (!k->trees || !k->slots || (is_32 ? !k->nodes32 : !k->nodes64))
        return sv_arena_fail(l->arena, n_places * sizeof(kernel_node64), l->err);
    l->slot_of = sv_alloc_array(f->n_features, 2 * sizeof *l->slot_of);
    l->missing_of = sv_alloc_array(f->n_features, 1);
    l->queue = sv_alloc_array(most, 2 * sizeof *l->queue);
    if (!l->slot_of || !l->missing_of || !l->queue)
        return sv_fail_nomem(l->err, f->n_features * 2 * sizeof *l->slot_of);
    for (size_t i = 0; i < 2 * f->n_features; i++)
        l->slot_of[i] = NO_SLOT;
    return SAVOR_OK;
}

/* Vector and linear leaves are the walker's; so are row widths and node counts that a node cannot number. */
static bool is_lowered(const sv_forest *f)
{
    if (f->compare == SV_COMPARE_F32_LT && f->n_features > SLOTS32_MAX / 2)
        return false;
    return f->leaf_width == 1 && !f->linear && f->n_trees > 0 && f->n_features > 0 && f->n_features < 1u << 24 &&
           f->n_leaves < 1u << 30 && f->n_nodes < 1u << 30;
}

savor_status sv_forest_lower(sv_forest *forest, sv_arena *arena, savor_error *err)
{
    lowering l = {.forest = forest, .arena = arena, .err = err};
    forest->kernel = NULL;
    if (!is_lowered(forest))
        return SAVOR_OK;
    savor_status st = lowering_init(&l, 2 * forest->n_leaves);
    if (st)
        goto done;
    note_missing(&l);
    for (size_t t = 0; t < forest->n_trees; t++)
        l.kernel->trees[t].is_walked = !lower_tree(&l, t, &l.kernel->trees[t]);
    point_leaves(l.kernel, l.n_nodes);
    st = sv_rank_lower(l.kernel, forest->n_trees, arena, &l.kernel->ranks, err);
    forest->kernel = st ? NULL : l.kernel;
done:
    sv_free(l.slot_of);
    sv_free(l.missing_of);
    sv_free(l.queue);
    return st;
}

savor_status sv_forest_predict(const sv_forest *forest, size_t first_tree, size_t end_tree, const void *rows,
                               size_t n_rows, void *sums, sv_arena *scratch, savor_error *err)
{
    const sv_kernel *k = forest->kernel;
    kernel_call call = {.forest = forest, .first_tree = first_tree, .end_tree = end_tree};
    if (!k) {
        sv_forest_walk(forest, first_tree, end_tree, rows, n_rows, sums);
        return SAVOR_OK;
    }
    if (k->ranks) {
        sv_rank_predict(&call, rows, n_rows, sums);
        return SAVOR_OK;
    }
    size_t n = n_rows < KERNEL_ROWS ? 1 : KERNEL_ROWS;
    size_t bytes = n * (k->n_slots + 1) * (k->nodes32 ? sizeof(float) : sizeof(double));
    call.slots = sv_arena_alloc(scratch, bytes);
    if (!call.slots)
        return sv_arena_fail(scratch, bytes, err);
    if (k->nodes32)
        sv_kernel_predict32(&call, rows, n_rows, sums);
    else
        sv_kernel_predict64(&call, rows, n_rows, sums);
    return SAVOR_OK;
}
