/* forest_rank.c: from the lowered form to ranks. A forest that does not fit stays with the plain kernel. */
#include "engine/forest_rank_priv.h"

#include "base/alloc.h"

#include <math.h>
#include <string.h>

typedef struct ranking {
    const sv_kernel *kernel;
    size_t n_trees;
    uint16_t *n_cuts; /* [n_slots] */
    rank_slot *slots;
    rank_tree *trees;
    float *leaves;
} ranking;

static bool is_leaf(const kernel_node32 *node) { return node->step < 0; }

/* Where `t` is among a slot's cuts, or belongs. */
static size_t find_cut(const ranking *r, size_t slot, float t)
{
    const float *cuts = r->slots[slot].cuts;
    size_t begin = 0, end = r->n_cuts[slot];
    while (begin < end) {
        size_t middle = begin + (end - begin) / 2;
        if (cuts[middle] < t)
            begin = middle + 1;
        else
            end = middle;
    }
    return begin;
}

static bool add_cut(ranking *r, size_t slot, float t)
{
    float *cuts = r->slots[slot].cuts;
    size_t at = find_cut(r, slot, t), n = r->n_cuts[slot];
    if (at < n && cuts[at] == t)
        return true;
    if (n == RANK_CUTS - 1)
        return false;
    memmove(cuts + at + 1, cuts + at, (n - at) * sizeof *cuts);
    cuts[at] = t;
    r->n_cuts[slot]++;
    return true;
}

/* A tree's nodes lie side by side: those of one end where the next begins, or at the last leaf that is reached. */
static bool gather_tree(ranking *r, const kernel_node32 *nodes, size_t root)
{
    size_t end = root + 1;
    for (size_t i = root; i < end; i++) {
        if (is_leaf(&nodes[i]))
            continue;
        if (!add_cut(r, nodes[i].slot, nodes[i].t))
            return false;
        end = i + (size_t)nodes[i].step + 2;
    }
    return true;
}

static bool gather_cuts(ranking *r)
{
    for (size_t s = 0; s < r->kernel->n_slots; s++)
        for (size_t i = 0; i < RANK_CUTS; i++)
            r->slots[s].cuts[i] = INFINITY;
    for (size_t t = 0; t < r->n_trees; t++)
        if (!gather_tree(r, r->kernel->nodes32, r->kernel->trees[t].root))
            return false;
    for (size_t s = 0; s < r->kernel->n_slots; s++)
        for (size_t i = 0; i < RANK_RUN; i++)
            r->slots[s].ends[i] = r->slots[s].cuts[RANK_RUN * i + RANK_RUN - 1];
    return true;
}

/* Below an early leaf every place is that leaf; what its splits compare does not matter. */
static void rank_nodes(ranking *r, size_t tree)
{
    const kernel_node32 *nodes = r->kernel->nodes32;
    rank_tree *out = &r->trees[tree];
    size_t at[2 * RANK_PLACES];
    at[1] = r->kernel->trees[tree].root;
    for (size_t k = 1; k < RANK_PLACES; k++) {
        const kernel_node32 *node = &nodes[at[k]];
        if (is_leaf(node)) {
            at[2 * k] = at[2 * k + 1] = at[k];
            continue;
        }
        out->slots[k] = (uint8_t)node->slot;
        out->ranks[k] = (uint8_t)find_cut(r, node->slot, node->t);
        at[2 * k] = at[k] + (size_t)node->step;
        at[2 * k + 1] = at[2 * k] + 1;
    }
    for (size_t i = 0; i < RANK_PLACES; i++)
        r->leaves[tree * RANK_PLACES + i] = nodes[at[RANK_PLACES + i]].t;
}

/*
 * Does it fit, and pay? A tree costs here what two steps cost in the plain kernel, a slot's bin what three do; so few
 * or shallow trees, which would also take many times the memory, stay where they are.
 */
static bool fits(const sv_kernel *k, size_t n_trees)
{
    size_t n_steps = 0;
    bool fits = k->nodes32 && k->n_slots > 0 && k->n_slots <= RANK_SLOTS;
    for (size_t s = 0; fits && s < k->n_slots; s++)
        fits = !k->slots[s].is_zero_missing;
    for (size_t t = 0; fits && t < n_trees; t++) {
        fits = !k->trees[t].is_walked && k->trees[t].depth <= RANK_DEPTH;
        n_steps += k->trees[t].depth;
    }
    return fits && n_steps >= 2 * n_trees + 3 * k->n_slots;
}

/* `n` pieces of a multiple of RANK_LINE bytes, cleared. */
static void *alloc_lines(sv_arena *arena, size_t n, size_t size)
{
    size_t bytes;
    if (!sv_mul(n, size, &bytes) || !sv_add(bytes, RANK_LINE, &bytes))
        return NULL;
    uint8_t *p = sv_arena_array(arena, bytes, 1);
    return p ? p + (RANK_LINE - (uintptr_t)p % RANK_LINE) % RANK_LINE : NULL;
}

savor_status sv_rank_lower(const sv_kernel *kernel, size_t n_trees, sv_arena *arena, const sv_rank_form **out,
                           savor_error *err)
{
    *out = NULL;
    if (!sv_rank_is_there() || !fits(kernel, n_trees))
        return SAVOR_OK;
    savor_status st = SAVOR_OK;
    sv_rank_form *form = sv_arena_array(arena, 1, sizeof *form);
    ranking r = {.kernel = kernel,
                 .n_trees = n_trees,
                 .n_cuts = sv_alloc_array(kernel->n_slots, sizeof *r.n_cuts),
                 .slots = alloc_lines(arena, kernel->n_slots, sizeof *r.slots),
                 .trees = alloc_lines(arena, n_trees, sizeof *r.trees),
                 .leaves = alloc_lines(arena, n_trees, RANK_PLACES * sizeof *r.leaves)};
    if (!form || !r.n_cuts || !r.slots || !r.trees || !r.leaves) {
        st = sv_arena_fail(arena, n_trees * sizeof *r.trees, err);
        goto done;
    }
    if (!gather_cuts(&r))
        goto done;
    for (size_t t = 0; t < n_trees; t++)
        rank_nodes(&r, t);
    *form = (sv_rank_form){kernel->n_slots, kernel->slots, r.slots, r.trees, r.leaves};
    *out = form;
done:
    sv_free(r.n_cuts);
    return st;
}
