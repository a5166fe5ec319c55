/*
 * xgboost_binary.c: the deprecated binary format (0.4 to 3.0): little-endian structs in file order. Its splits are
 * numeric, its leaves scalar, and it holds no feature names.
 */
#include "format/xgboost_priv.h"

#include <math.h>

#define LEARNER_PARAM_BYTES 136
#define GBTREE_PARAM_BYTES 160
#define GBLINEAR_PARAM_BYTES 136
#define TREE_PARAM_BYTES 148
#define NODE_BYTES 20
#define STAT_BYTES 16
#define DEFAULT_LEFT_BIT 0x80000000u

typedef struct stream {
    const uint8_t *p, *start, *end;
    savor_error *err;
} stream;

static savor_status cut(const stream *s, const char *what)
{
    return sv_fail(s->err, SAVOR_FORMAT, "binary model, byte %zu: the file ended before %s",
                   (size_t)(s->p - s->start), what);
}

static size_t bytes_left(const stream *s) { return (size_t)(s->end - s->p); }

static uint32_t u32_at(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static int32_t i32_at(const uint8_t *p) { return (int32_t)u32_at(p); }

static float f32_at(const uint8_t *p)
{
    uint32_t bits = u32_at(p);
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

/* The next `n` pieces of `size` bytes. */
static savor_status take(stream *s, size_t n, size_t size, const char *what, const uint8_t **out)
{
    if (n > bytes_left(s) / size)
        return cut(s, what);
    *out = s->p;
    s->p += n * size;
    return SAVOR_OK;
}

/* A 64-bit count of pieces of `size` bytes, which must be there. */
static savor_status take_count(stream *s, size_t size, const char *what, size_t *out)
{
    const uint8_t *p = NULL;
    savor_status st = take(s, 1, 8, what, &p);
    if (st)
        return st;
    uint64_t n = (uint64_t)u32_at(p) | (uint64_t)u32_at(p + 4) << 32;
    if (n > bytes_left(s) / size)
        return cut(s, what);
    *out = (size_t)n;
    return SAVOR_OK;
}

static savor_status take_text(stream *s, const char *what, sv_str *out)
{
    size_t n = 0;
    const uint8_t *p = NULL;
    savor_status st = take_count(s, 1, what, &n);
    if (st || (st = take(s, n, 1, what, &p)))
        return st;
    *out = (sv_str){(const char *)p, n};
    return SAVOR_OK;
}

typedef struct learner_param {
    float base_score;
    bool has_attributes;
} learner_param;

static savor_status read_learner(xgb_reader *r, stream *s, learner_param *param)
{
    const uint8_t *p = NULL;
    savor_status st = take(s, 1, LEARNER_PARAM_BYTES, "its learner parameters", &p);
    if (st)
        return st;
    param->base_score = f32_at(p);
    param->has_attributes = i32_at(p + 12) != 0;
    int32_t major = i32_at(p + 20), minor = i32_at(p + 24);
    if (major < 0 || major > 1000 || minor < 0 || minor > 1000)
        return sv_fail(r->err, SAVOR_FORMAT, "binary model: version was %d.%d", major, minor);
    r->model->version_major = major;
    r->model->version_minor = minor;
    return sv_xgb_set_sizes(r, (int64_t)u32_at(p + 4), (int64_t)i32_at(p + 8), (int64_t)u32_at(p + 28));
}

/* Before 1.0 the file held the margin; what base_score was is found by the link, as the library does. */
static savor_status read_base_score(xgb_reader *r, float score)
{
    float *out = sv_arena_array(r->arena, 1, sizeof *out);
    if (!out)
        return sv_arena_fail(r->arena, sizeof *out, r->err);
    if (!isfinite(score))
        return sv_fail(r->err, SAVOR_FORMAT, "base_score was %g, expected a finite number", (double)score);
    *out = score;
    if (r->model->version_major == 0 && !sv_str_starts(r->model->objective, SV_STR("multi:"))) {
        size_t n_groups = r->model->n_groups;
        r->model->n_groups = 1;
        sv_xgboost_transform(r->model, out, 1);
        r->model->n_groups = n_groups;
    }
    r->base_score = out;
    r->n_base_score = 1;
    return SAVOR_OK;
}

/* Where a tree's nodes lie, how many there are, and which tree it is. */
typedef struct tree_bytes {
    size_t index;
    const uint8_t *nodes;
    size_t n;
} tree_bytes;

static savor_status take_tree(xgb_reader *r, stream *s, size_t index, tree_bytes *out)
{
    const uint8_t *p = NULL, *stats = NULL;
    savor_status st = take(s, 1, TREE_PARAM_BYTES, "a tree", &p);
    if (st)
        return st;
    int32_t n_roots = i32_at(p), n = i32_at(p + 4), width = i32_at(p + 20);
    if (n < 1)
        return sv_fail(r->err, SAVOR_FORMAT, "tree %zu: num_nodes was %d, expected at least 1", index, n);
    if (n_roots > 1 || width > 1)
        return sv_fail(r->err, SAVOR_UNSUPPORTED, "tree %zu: %d roots and leaves of %d numbers are not read", index,
                       n_roots, width);
    if ((st = take(s, (size_t)n, NODE_BYTES, "a tree's nodes", &out->nodes)) ||
        (st = take(s, (size_t)n, STAT_BYTES, "a tree's statistics", &stats)))
        return st;
    out->n = (size_t)n;
    out->index = index;
    return SAVOR_OK;
}

static bool is_leaf(const tree_bytes *t, size_t i) { return i32_at(t->nodes + i * NODE_BYTES + 4) == -1; }

/* The child whose number lies `offset` bytes into node `i`. */
static savor_status read_child(xgb_reader *r, const tree_bytes *t, size_t i, size_t offset, const int32_t *numbers,
                               int32_t *out)
{
    int32_t child = i32_at(t->nodes + i * NODE_BYTES + offset);
    if (child < 0 || (size_t)child >= t->n)
        return sv_fail(r->err, SAVOR_FORMAT, "tree %zu, node %zu: child %d, expected 0 to %zu", t->index, i, child,
                       t->n - 1);
    *out = numbers[child];
    return SAVOR_OK;
}

static savor_status read_split(xgb_reader *r, const tree_bytes *t, size_t i, const int32_t *numbers)
{
    sv_forest *f = &r->model->forest;
    const uint8_t *p = t->nodes + i * NODE_BYTES;
    sv_tree_node *node = &f->nodes[f->n_nodes++];
    savor_status st;
    *node = (sv_tree_node){.threshold = (double)f32_at(p + 16), .missing = SV_MISSING_NAN};
    node->feature = u32_at(p + 12) & ~DEFAULT_LEFT_BIT;
    node->flags = u32_at(p + 12) & DEFAULT_LEFT_BIT ? SV_SPLIT_DEFAULT_LEFT : 0;
    if ((st = read_child(r, t, i, 4, numbers, &node->left)))
        return st;
    return read_child(r, t, i, 8, numbers, &node->right);
}

static savor_status fill_tree(xgb_reader *r, const tree_bytes *t, int32_t *numbers)
{
    sv_forest *f = &r->model->forest;
    sv_tree *tree = &f->trees[t->index];
    int32_t n_nodes = 0, n_leaves = 0;
    savor_status st = SAVOR_OK;
    for (size_t i = 0; i < t->n; i++)
        numbers[i] = is_leaf(t, i) ? ~n_leaves++ : n_nodes++;
    *tree = (sv_tree){.first_node = f->n_nodes, .first_leaf = f->n_leaves};
    tree->n_nodes = numbers[0] < 0 ? 0 : (size_t)n_nodes; /* a root that is a leaf hides cut-off splits */
    tree->n_leaves = (size_t)n_leaves;
    for (size_t i = 0; i < t->n && !st; i++) {
        if (numbers[i] < 0)
            f->leaf_values[f->n_leaves++] = (double)f32_at(t->nodes + i * NODE_BYTES + 16);
        else
            st = read_split(r, t, i, numbers);
    }
    return st;
}

/* Count splits and leaves of all trees, so that one allocation each holds them. */
static savor_status count_trees(xgb_reader *r, stream s, size_t n_trees, size_t *widest)
{
    sv_forest *f = &r->model->forest;
    for (size_t k = 0; k < n_trees; k++) {
        tree_bytes t = {0};
        savor_status st = take_tree(r, &s, k, &t);
        if (st)
            return st;
        *widest = t.n > *widest ? t.n : *widest;
        for (size_t i = 0; i < t.n; i++)
            *(is_leaf(&t, i) ? &f->n_leaves : &f->n_nodes) += 1;
    }
    return SAVOR_OK;
}

static savor_status read_groups(xgb_reader *r, stream *s)
{
    sv_forest *f = &r->model->forest;
    const uint8_t *p = NULL;
    savor_status st = take(s, f->n_trees, 4, "tree_info", &p);
    for (size_t i = 0; i < f->n_trees && !st; i++) {
        f->trees[i].group = u32_at(p + 4 * i);
        if (f->trees[i].group >= f->n_groups)
            return sv_fail(r->err, SAVOR_FORMAT, "tree %zu: group %u, expected less than %zu", i, f->trees[i].group,
                           f->n_groups);
    }
    return st;
}

static savor_status read_weight_drop(xgb_reader *r, stream *s)
{
    sv_forest *f = &r->model->forest;
    size_t n = 0;
    const uint8_t *p = NULL;
    savor_status st;
    if (f->n_trees > 0 && ((st = take_count(s, 4, "weight_drop", &n)) || (st = take(s, n, 4, "weight_drop", &p))))
        return st;
    if (n != f->n_trees)
        return sv_fail(r->err, SAVOR_FORMAT, "weight_drop had %zu numbers, expected %zu", n, f->n_trees);
    f->tree_weights = sv_arena_array(r->arena, n, sizeof *f->tree_weights);
    if (!f->tree_weights)
        return sv_arena_fail(r->arena, n * sizeof *f->tree_weights, r->err);
    for (size_t i = 0; i < n; i++)
        f->tree_weights[i] = (double)f32_at(p + 4 * i);
    return SAVOR_OK;
}

static savor_status alloc_forest(xgb_reader *r, size_t widest, int32_t **numbers)
{
    sv_forest *f = &r->model->forest;
    f->trees = sv_arena_array(r->arena, f->n_trees, sizeof *f->trees);
    f->nodes = sv_arena_array(r->arena, f->n_nodes, sizeof *f->nodes);
    f->leaf_values = sv_arena_array(r->arena, f->n_leaves, sizeof *f->leaf_values);
    *numbers = sv_arena_array(r->arena, widest, sizeof **numbers);
    if (!f->trees || !f->nodes || !f->leaf_values || !*numbers)
        return sv_arena_fail(r->arena, f->n_nodes * sizeof *f->nodes, r->err);
    f->n_nodes = f->n_leaves = 0; /* filled up again */
    return SAVOR_OK;
}

static savor_status read_trees(xgb_reader *r, stream *s)
{
    sv_forest *f = &r->model->forest;
    const uint8_t *p = NULL;
    int32_t *numbers = NULL;
    size_t widest = 1;
    savor_status st = take(s, 1, GBTREE_PARAM_BYTES, "its tree parameters", &p);
    if (st)
        return st;
    int32_t n_trees = i32_at(p), n_parallel = i32_at(p + 4);
    if (n_trees < 0)
        return sv_fail(r->err, SAVOR_FORMAT, "num_trees was %d", n_trees);
    r->n_parallel = n_parallel > 0 ? (size_t)n_parallel : 1;
    f->compare = SV_COMPARE_F32_LT;
    f->n_features = r->model->n_features;
    f->n_groups = r->model->n_groups;
    f->leaf_width = 1;
    if ((st = count_trees(r, *s, (size_t)n_trees, &widest)))
        return st;
    f->n_trees = (size_t)n_trees; /* at least 184 bytes each were there */
    if ((st = alloc_forest(r, widest, &numbers)))
        return st;
    for (size_t k = 0; k < f->n_trees; k++) {
        tree_bytes t = {0};
        if ((st = take_tree(r, s, k, &t)) || (st = fill_tree(r, &t, numbers)))
            return st;
    }
    if ((st = read_groups(r, s)))
        return st;
    return r->model->booster == SV_XGBOOST_DART ? read_weight_drop(r, s) : SAVOR_OK;
}

static savor_status read_linear(xgb_reader *r, stream *s)
{
    sv_xgboost *m = r->model;
    const uint8_t *p = NULL;
    size_t n = 0;
    savor_status st;
    if ((st = take(s, 1, GBLINEAR_PARAM_BYTES, "its linear parameters", &p)) ||
        (st = take_count(s, 4, "its weights", &n)) || (st = take(s, n, 4, "its weights", &p)))
        return st;
    if (n != (m->n_features + 1) * m->n_groups)
        return sv_fail(r->err, SAVOR_FORMAT, "there were %zu linear weights, expected %zu", n,
                       (m->n_features + 1) * m->n_groups);
    float *weights = sv_arena_array(r->arena, n, sizeof *weights);
    if (!weights)
        return sv_arena_fail(r->arena, n * sizeof *weights, r->err);
    for (size_t i = 0; i < n; i++)
        weights[i] = f32_at(p + 4 * i);
    m->linear = (sv_linear){.n_features = m->n_features, .n_groups = m->n_groups, .weights = weights};
    return SAVOR_OK;
}

static savor_status read_attributes(xgb_reader *r, stream *s)
{
    sv_xgboost *m = r->model;
    size_t n = 0;
    savor_status st = take_count(s, 16, "its attributes", &n); /* two lengths each */
    for (size_t i = 0; i < n && !st; i++) {
        sv_str key = {0}, value = {0};
        if ((st = take_text(s, "an attribute", &key)) || (st = take_text(s, "an attribute", &value)))
            return st;
        if (sv_str_is(key, "best_iteration") && !sv_str_to_int64(value, &m->best_iteration))
            return sv_fail(r->err, SAVOR_FORMAT, "attribute best_iteration was \"%.*s\"", SV_FMT(value));
        if (sv_str_is(key, "scikit_learn")) {
            m->sklearn = sv_xgb_copy_text(r->arena, value);
            if (!m->sklearn.p)
                return sv_arena_fail(r->arena, value.n, r->err);
        }
    }
    return st;
}

savor_status sv_xgb_read_binary(xgb_reader *r, sv_str bytes)
{
    const uint8_t *p = (const uint8_t *)bytes.p;
    stream s = {.p = p, .start = p, .end = p + bytes.n, .err = r->err};
    learner_param param = {0};
    sv_str objective = {0}, booster = {0};
    savor_status st;
    if (sv_str_starts(bytes, SV_STR("binf")))
        s.p += 4;
    if ((st = read_learner(r, &s, &param)) || (st = take_text(&s, "its objective", &objective)) ||
        (st = take_text(&s, "its booster", &booster)) || (st = sv_xgb_set_objective(r, objective)) ||
        (st = sv_xgb_set_booster(r, booster)) || (st = read_base_score(r, param.base_score)))
        return st;
    st = r->model->booster == SV_XGBOOST_GBLINEAR ? read_linear(r, &s) : read_trees(r, &s);
    return st || !param.has_attributes ? st : read_attributes(r, &s);
}
