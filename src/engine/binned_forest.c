#include "engine/binned_forest.h"

/* ---- check ---- */

static savor_status check_splits(const sv_binned_forest *f, size_t tree, size_t first, size_t end, savor_error *err)
{
    if (first > end || end > f->n_splits)
        return sv_fail(err, SAVOR_FORMAT, "tree %zu: splits %zu to %zu, expected at most %zu", tree, first, end,
                       f->n_splits);
    for (size_t i = first; i < end; i++)
        if (f->splits[i].bin >= f->n_bins)
            return sv_fail(err, SAVOR_FORMAT, "tree %zu: split %zu asked for bin %u, expected less than %zu", tree,
                           i - first, f->splits[i].bin, f->n_bins);
    return SAVOR_OK;
}

static savor_status check_leaves(const sv_binned_forest *f, size_t tree, size_t at, size_t n_leaves, savor_error *err)
{
    if (at <= f->n_leaf_values && n_leaves <= (f->n_leaf_values - at) / f->n_outputs)
        return SAVOR_OK;
    return sv_fail(err, SAVOR_FORMAT, "tree %zu: %zu leaves from %zu on, expected at most %zu values", tree, n_leaves,
                   at, f->n_leaf_values);
}

static savor_status check_symmetric(const sv_binned_forest *f, size_t tree, savor_error *err)
{
    size_t depth = f->first_split[tree + 1] - f->first_split[tree];
    if (depth > SV_SYMMETRIC_DEPTH_MAX)
        return sv_fail(err, SAVOR_FORMAT, "tree %zu: depth was %zu, expected at most %u", tree, depth,
                       SV_SYMMETRIC_DEPTH_MAX);
    return check_leaves(f, tree, f->first_leaf[tree], (size_t)1 << depth, err);
}

/* Steps go forward only, so no walk is endless. */
static savor_status check_nodes(const sv_binned_forest *f, size_t tree, savor_error *err)
{
    size_t first = f->first_split[tree], end = f->first_split[tree + 1];
    savor_status st = SAVOR_OK;
    if (first == end)
        return sv_fail(err, SAVOR_FORMAT, "tree %zu had no node", tree);
    for (size_t i = first; i < end && !st; i++) {
        sv_bin_step step = f->steps[i];
        if (step.no >= end - i || step.yes >= end - i)
            return sv_fail(err, SAVOR_FORMAT, "tree %zu, node %zu: the next node lay outside of the tree", tree,
                           i - first);
        if (step.no == 0 || step.yes == 0)
            st = check_leaves(f, tree, f->leaf[i], 1, err);
    }
    return st;
}

savor_status sv_binned_forest_check(const sv_binned_forest *f, savor_error *err)
{
    savor_status st = SAVOR_OK;
    if (f->n_outputs == 0)
        return sv_fail(err, SAVOR_FORMAT, "forest had no output");
    for (size_t t = 0; t < f->n_trees && !st; t++) {
        st = check_splits(f, t, f->first_split[t], f->first_split[t + 1], err);
        if (!st)
            st = f->is_symmetric ? check_symmetric(f, t, err) : check_nodes(f, t, err);
    }
    return st;
}

/* ---- walk ---- */

static bool is_yes(const sv_bin_split *split, const uint8_t *bins, size_t n_rows, size_t row)
{
    return (uint8_t)(bins[split->bin * n_rows + row] ^ split->flip) >= split->bound;
}

/* Each level gives one bit of the leaf's number, the first level the lowest. */
static void find_symmetric_leaves(const sv_binned_forest *f, size_t tree, const uint8_t *bins, size_t n_rows,
                                  uint32_t *leaf)
{
    size_t first = f->first_split[tree], depth = f->first_split[tree + 1] - first;
    for (size_t r = 0; r < n_rows; r++)
        leaf[r] = 0;
    for (size_t d = 0; d < depth; d++) {
        sv_bin_split split = f->splits[first + d];
        const uint8_t *bin = bins + split.bin * n_rows;
        for (size_t r = 0; r < n_rows; r++)
            leaf[r] |= (uint32_t)((uint8_t)(bin[r] ^ split.flip) >= split.bound) << d;
    }
}

static size_t find_node(const sv_binned_forest *f, size_t tree, const uint8_t *bins, size_t n_rows, size_t row)
{
    size_t at = f->first_split[tree], step;
    do {
        step = is_yes(&f->splits[at], bins, n_rows, row) ? f->steps[at].yes : f->steps[at].no;
        at += step;
    } while (step);
    return at;
}

static void add_leaf(const sv_binned_forest *f, size_t at, double *sums)
{
    for (size_t k = 0; k < f->n_outputs; k++)
        sums[k] += f->leaf_values[at + k];
}

void sv_binned_forest_sum(const sv_binned_forest *f, const uint8_t *bins, size_t n_rows, double *sums)
{
    uint32_t leaf[SV_BINNED_BLOCK_ROWS];
    for (size_t t = 0; t < f->n_trees; t++) {
        if (f->is_symmetric)
            find_symmetric_leaves(f, t, bins, n_rows, leaf);
        for (size_t r = 0; r < n_rows; r++) {
            size_t at = f->is_symmetric ? f->first_leaf[t] + (size_t)leaf[r] * f->n_outputs
                                        : f->leaf[find_node(f, t, bins, n_rows, r)];
            add_leaf(f, at, sums + r * f->n_outputs);
        }
    }
}
