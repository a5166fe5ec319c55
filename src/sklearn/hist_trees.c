#include "sklearn/hist_trees.h"

#include "base/alloc.h"
#include "data/convert.h"
#include "sklearn/attributes.h"

#include <math.h>

#define SET_WORDS 8 /* 256 categories */

/* The fields of a node, by their names in the array's dtype. */
enum {
    FIELD_VALUE,
    FIELD_FEATURE,
    FIELD_THRESHOLD,
    FIELD_MISSING_LEFT,
    FIELD_LEFT,
    FIELD_RIGHT,
    FIELD_IS_LEAF,
    FIELD_IS_CATEGORICAL,
    FIELD_BITSET,
    FIELD_COUNT,
};

static const char *const FIELD_NAMES[FIELD_COUNT] = {
    "value", "feature_idx", "num_threshold",  "missing_go_to_left", "left",
    "right", "is_leaf",     "is_categorical", "bitset_idx",
};

typedef struct hist_tree {
    const uint8_t *nodes;
    size_t n_nodes, node_bytes;
    const sv_array_field *fields[FIELD_COUNT];
    const uint32_t *bitsets; /* [n_bitsets x 8] raw_left_cat_bitsets */
    size_t n_bitsets;
} hist_tree;

static savor_status fail(const char *what, savor_error *err)
{
    return sv_fail(err, SAVOR_FORMAT, "TreePredictor: %s", what);
}

double sv_hist_category(double value)
{
    if (!(value >= 0)) /* NaN too */
        return (double)NAN;
    return (double)(uint8_t)sv_double_to_int32(value);
}

/* ---- one tree ---- */

static savor_status read_tree(const sv_record *r, hist_tree *out, savor_error *err)
{
    const sv_array *nodes = sv_record_array(sv_record_find(r, "nodes"));
    const sv_array *bitsets = sv_record_array(sv_record_find(r, "raw_left_cat_bitsets"));
    *out = (hist_tree){0};
    if (!nodes || nodes->n_fields == 0 || nodes->tensor.n_dims != 1 || nodes->tensor.n_items == 0 ||
        nodes->tensor.n_items > INT32_MAX)
        return fail("nodes were no array", err);
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        out->fields[i] = sv_array_find_field(nodes, FIELD_NAMES[i]);
        if (!out->fields[i] && i == FIELD_THRESHOLD)
            return sv_fail(err, SAVOR_UNSUPPORTED, "histogram trees of a release before 0.24 are not known");
        if (!out->fields[i] || out->fields[i]->n_items != 1)
            return fail("nodes lacked a field", err);
    }
    out->nodes = nodes->tensor.data;
    out->n_nodes = nodes->tensor.n_items;
    out->node_bytes = nodes->item_bytes;
    if (bitsets && bitsets->tensor.n_items) {
        if (bitsets->tensor.dtype != SAVOR_UINT32 || bitsets->tensor.n_dims != 2 ||
            bitsets->tensor.shape[1] != SET_WORDS)
            return fail("raw_left_cat_bitsets were no sets", err);
        out->bitsets = bitsets->tensor.data;
        out->n_bitsets = bitsets->tensor.shape[0];
    }
    return SAVOR_OK;
}

/* Fields are packed, so they are copied out before they are looked at. */
static double field_of(const hist_tree *t, size_t node, int field)
{
    const sv_array_field *f = t->fields[field];
    _Alignas(8) char room[8] = {0};
    size_t size = sv_dtype_size(f->dtype);
    double value = 0.0;
    memcpy(room, t->nodes + node * t->node_bytes + f->offset_bytes, size > sizeof room ? sizeof room : size);
    sv_tensor view = sv_tensor_view(f->dtype, 1, 0, room);
    return sv_tensor_to_double(&view, 0, &value) ? value : 0.0;
}

static bool is_leaf(const hist_tree *t, size_t i) { return field_of(t, i, FIELD_IS_LEAF) != 0.0; }

/* The set that goes left: what the node says, and with missing values all that nobody knows. */
static savor_status fill_set(const hist_tree *t, size_t i, const sv_known_categories *known, sv_tree_node *node,
                             uint32_t *set, savor_error *err)
{
    double bitset = field_of(t, i, FIELD_BITSET);
    if (!(bitset >= 0 && bitset < (double)t->n_bitsets))
        return fail("a category set was out of range", err);
    const uint32_t *left = t->bitsets + (size_t)bitset * SET_WORDS;
    bool missing_left = node->flags & SV_SPLIT_DEFAULT_LEFT;
    for (size_t w = 0; w < SET_WORDS; w++)
        set[w] = left[w] | (missing_left ? ~known->bits[w] : 0u);
    node->flags |= SV_SPLIT_CATEGORICAL | SV_SPLIT_SET_LEFT;
    node->set_words = SET_WORDS;
    return SAVOR_OK;
}

static savor_status child_of(const hist_tree *t, const int32_t *numbers, size_t i, int field, int32_t *out,
                             savor_error *err)
{
    double child = field_of(t, i, field);
    if (!(child >= 0 && child < (double)t->n_nodes))
        return fail("a child was out of range", err);
    *out = numbers[(size_t)child];
    return SAVOR_OK;
}

static savor_status fill_node(const hist_tree *t, const int32_t *numbers, size_t i, const sv_known_categories *known,
                              sv_forest *f, savor_error *err)
{
    sv_tree_node *node = &f->nodes[f->n_nodes + (size_t)numbers[i]];
    double feature = field_of(t, i, FIELD_FEATURE);
    savor_status st;
    if (!(feature >= 0 && feature < (double)f->n_features))
        return fail("a feature was out of range", err);
    if ((st = child_of(t, numbers, i, FIELD_LEFT, &node->left, err)) ||
        (st = child_of(t, numbers, i, FIELD_RIGHT, &node->right, err)))
        return st;
    node->feature = (uint32_t)feature;
    node->threshold = field_of(t, i, FIELD_THRESHOLD);
    node->missing = SV_MISSING_NAN;
    if (field_of(t, i, FIELD_MISSING_LEFT) != 0.0)
        node->flags = SV_SPLIT_DEFAULT_LEFT;
    if (field_of(t, i, FIELD_IS_CATEGORICAL) == 0.0)
        return SAVOR_OK;
    if (!known[node->feature].is_categorical)
        return fail("a numeric column was split by category", err);
    node->set_begin = (uint32_t)f->n_set_words;
    f->n_set_words += SET_WORDS;
    return fill_set(t, i, &known[node->feature], node, f->sets + node->set_begin, err);
}

static savor_status add_tree(const hist_tree *t, size_t at, const sv_hist_shape *shape, sv_forest *f,
                             savor_error *err)
{
    size_t n_nodes = 0, n_leaves = 0;
    int32_t *numbers = sv_alloc_array(t->n_nodes, sizeof *numbers);
    savor_status st = SAVOR_OK;
    if (!numbers)
        return sv_fail_nomem(err, t->n_nodes * sizeof *numbers);
    for (size_t i = 0; i < t->n_nodes; i++)
        if (is_leaf(t, i)) {
            f->leaf_values[f->n_leaves + n_leaves] = field_of(t, i, FIELD_VALUE);
            numbers[i] = ~(int32_t)n_leaves++;
        } else {
            numbers[i] = (int32_t)n_nodes++;
        }
    for (size_t i = 0; !st && i < t->n_nodes; i++)
        if (numbers[i] >= 0)
            st = fill_node(t, numbers, i, shape->known, f, err);
    if (!st && n_nodes > 0 && numbers[0] < 0)
        st = fail("the root was a leaf beside other nodes", err);
    f->trees[at] = (sv_tree){f->n_nodes, n_nodes, f->n_leaves, n_leaves, (uint32_t)(at % shape->n_groups)};
    f->n_nodes += n_nodes;
    f->n_leaves += n_leaves;
    sv_free(numbers);
    return st;
}

/* ---- all of them ---- */

static savor_status alloc_forest(sv_loader *loader, const hist_tree *trees, size_t n, sv_forest *f, savor_error *err)
{
    size_t n_nodes = 0, n_leaves = 0, n_sets = 0, n_all = 0;
    for (size_t t = 0; t < n; t++)
        if ((n_all += trees[t].n_nodes) > loader->arena->max_bytes / sizeof(double)) /* trees may be shared */
            return sv_fail(err, SAVOR_LIMIT, "trees had more than %zu nodes", n_all);
    for (size_t t = 0; t < n; t++)
        for (size_t i = 0; i < trees[t].n_nodes; i++) {
            n_leaves += is_leaf(&trees[t], i);
            n_nodes += !is_leaf(&trees[t], i);
            n_sets += field_of(&trees[t], i, FIELD_IS_CATEGORICAL) != 0.0;
        }
    if (n_sets > UINT32_MAX / SET_WORDS)
        return sv_fail(err, SAVOR_LIMIT, "%zu categorical splits were too many", n_sets);
    f->n_trees = n;
    f->trees = sv_arena_array(loader->arena, n, sizeof *f->trees);
    f->nodes = sv_arena_array(loader->arena, n_nodes, sizeof *f->nodes);
    f->leaf_values = sv_arena_array(loader->arena, n_leaves, sizeof *f->leaf_values);
    f->sets = sv_arena_array(loader->arena, n_sets * SET_WORDS, sizeof *f->sets);
    return f->trees && f->nodes && f->leaf_values && f->sets
               ? SAVOR_OK
               : sv_arena_fail(loader->arena, n_nodes * sizeof *f->nodes, err);
}

savor_status sv_hist_trees_load(sv_loader *loader, const sv_record *const *predictors, size_t n,
                                const sv_hist_shape *shape, sv_forest *out, savor_error *err)
{
    hist_tree *trees = sv_alloc_array(n, sizeof *trees);
    savor_status st = SAVOR_OK;
    *out = (sv_forest){
        .compare = SV_COMPARE_F64_LE, .n_features = shape->n_features, .n_groups = shape->n_groups, .leaf_width = 1};
    if (!trees)
        return sv_fail_nomem(err, n * sizeof *trees);
    for (size_t i = 0; i < n; i++)
        if ((st = read_tree(predictors[i], &trees[i], err)))
            goto done;
    if ((st = alloc_forest(loader, trees, n, out, err)))
        goto done;
    for (size_t i = 0; i < n; i++)
        if ((st = add_tree(&trees[i], i, shape, out, err)))
            goto done;
    if (!(st = sv_forest_check(out, err)))
        st = sv_forest_lower(out, loader->arena, err);
done:
    sv_free(trees);
    return st;
}
