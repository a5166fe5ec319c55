/*
 * forest_kernel_type.h: the kernel's loops, written once and included for float and for double with
 *     REAL      the type of rows, thresholds and sums
 *     NODE      kernel_node32 or kernel_node64
 *     NODES     the member of sv_kernel that holds them
 *     PREDICT   the name of the function that is defined
 *
 * Leaves are added in tree order for each row, so sums are those of sv_forest_walk bit for bit.
 */

/* One step of KERNEL_WALKS walks. Written out, because the compiler must keep them all in flight. */
#define STEP(i, row) at[i] += (uint32_t)nodes[at[i]].step + !((row)[nodes[at[i]].slot] < nodes[at[i]].t)

/* Trees in flight for one row. */
static inline void walk_trees(const NODE *nodes, const REAL *row, const kernel_tree *trees, uint32_t *at)
{
    uint32_t depth = 0;
    for (size_t i = 0; i < KERNEL_WALKS; i++) {
        at[i] = trees[i].root;
        depth = trees[i].depth > depth ? trees[i].depth : depth;
    }
    for (uint32_t level = 0; level < depth; level++) {
        STEP(0, row);
        STEP(1, row);
        STEP(2, row);
        STEP(3, row);
        STEP(4, row);
        STEP(5, row);
        STEP(6, row);
        STEP(7, row);
        STEP(8, row);
        STEP(9, row);
        STEP(10, row);
        STEP(11, row);
        STEP(12, row);
        STEP(13, row);
        STEP(14, row);
        STEP(15, row);
    }
}

/* Rows in flight for one tree; `stride` is the length of a row of slots. */
static inline void walk_rows(const NODE *nodes, const REAL *rows, size_t stride, const kernel_tree *tree,
                             uint32_t *at)
{
    for (size_t i = 0; i < KERNEL_WALKS; i++)
        at[i] = tree->root;
    for (uint32_t level = 0; level < tree->depth; level++) {
        STEP(0, rows);
        STEP(1, rows + stride);
        STEP(2, rows + 2 * stride);
        STEP(3, rows + 3 * stride);
        STEP(4, rows + 4 * stride);
        STEP(5, rows + 5 * stride);
        STEP(6, rows + 6 * stride);
        STEP(7, rows + 7 * stride);
        STEP(8, rows + 8 * stride);
        STEP(9, rows + 9 * stride);
        STEP(10, rows + 10 * stride);
        STEP(11, rows + 11 * stride);
        STEP(12, rows + 12 * stride);
        STEP(13, rows + 13 * stride);
        STEP(14, rows + 14 * stride);
        STEP(15, rows + 15 * stride);
    }
}

/* The value of one tree for one row. */
static REAL walk_one(const NODE *nodes, const REAL *row, const kernel_tree *tree)
{
    uint32_t at = tree->root;
    for (uint32_t level = 0; level < tree->depth; level++)
        at += (uint32_t)nodes[at].step + !(row[nodes[at].slot] < nodes[at].t);
    return nodes[at].t;
}

/* One row as the nodes read it. */
static void fill_slots(const sv_kernel *k, const REAL *row, REAL *out)
{
    for (size_t i = 0; i < k->n_slots; i++) {
        REAL x = row[k->slots[i].feature];
        if (k->slots[i].is_zero_missing && x <= (REAL)1e-35f && x >= (REAL)-1e-35f)
            x = (REAL)NAN;
        out[i] = k->slots[i].is_negated ? -x : x;
    }
    out[k->n_slots] = (REAL)NAN;
}

/* How many trees from `t` on the kernel can do, at most KERNEL_WALKS. */
static size_t count_plain(const sv_kernel *k, size_t t, size_t end)
{
    size_t n = 0;
    while (n < KERNEL_WALKS && t + n < end && !k->trees[t + n].is_walked)
        n++;
    return n;
}

/* In tree order; one output's sum stays in a register. */
static void add_leaves(const NODE *nodes, const uint32_t *at, const sv_forest *f, const sv_tree *trees, REAL *sums)
{
    REAL sum = sums[0];
    if (f->n_groups > 1) {
        for (size_t i = 0; i < KERNEL_WALKS; i++)
            sums[trees[i].group] += nodes[at[i]].t;
        return;
    }
    for (size_t i = 0; i < KERNEL_WALKS; i++)
        sum += nodes[at[i]].t;
    sums[0] = sum;
}

/* One row, several trees at a time. */
static void predict_row(const kernel_call *call, const REAL *row, REAL *sums)
{
    const sv_forest *f = call->forest;
    const sv_kernel *k = f->kernel;
    REAL *slots = (REAL *)call->slots;
    uint32_t at[KERNEL_WALKS];
    fill_slots(k, row, slots);
    for (size_t t = call->first_tree; t < call->end_tree;) {
        size_t n = count_plain(k, t, call->end_tree);
        if (n == KERNEL_WALKS) {
            walk_trees(k->NODES, slots, &k->trees[t], at);
            add_leaves(k->NODES, at, f, &f->trees[t], sums);
            t += n;
        } else if (n > 0) {
            sums[f->trees[t].group] += walk_one(k->NODES, slots, &k->trees[t]);
            t++;
        } else {
            sv_forest_walk(f, t, t + 1, row, 1, sums);
            t++;
        }
    }
}

/* KERNEL_ROWS rows, tree by tree: a tree's nodes stay in the nearest cache. */
static void predict_block(const kernel_call *call, const REAL *rows, REAL *sums)
{
    const sv_forest *f = call->forest;
    const sv_kernel *k = f->kernel;
    REAL *slots = (REAL *)call->slots;
    size_t stride = k->n_slots + 1, n_groups = f->n_groups;
    uint32_t at[KERNEL_WALKS];
    for (size_t r = 0; r < KERNEL_ROWS; r++)
        fill_slots(k, rows + r * f->n_features, slots + r * stride);
    for (size_t t = call->first_tree; t < call->end_tree; t++) {
        if (k->trees[t].is_walked) {
            sv_forest_walk(f, t, t + 1, rows, KERNEL_ROWS, sums);
            continue;
        }
        REAL *to = sums + f->trees[t].group;
        for (size_t r = 0; r < KERNEL_ROWS; r += KERNEL_WALKS) {
            walk_rows(k->NODES, slots + r * stride, stride, &k->trees[t], at);
            for (size_t i = 0; i < KERNEL_WALKS; i++)
                to[(r + i) * n_groups] += k->NODES[at[i]].t;
        }
    }
}

/* Blocks of rows, then what is left one by one. */
void PREDICT(const kernel_call *call, const REAL *rows, size_t n_rows, REAL *sums)
{
    const sv_forest *f = call->forest;
    size_t r = 0;
    for (; n_rows - r >= KERNEL_ROWS; r += KERNEL_ROWS)
        predict_block(call, rows + r * f->n_features, sums + r * f->n_groups);
    for (; r < n_rows; r++)
        predict_row(call, rows + r * f->n_features, sums + r * f->n_groups);
}
