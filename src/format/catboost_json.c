/*
 * catboost_json.c: CatBoost's JSON export. A number may be written as an integer or with a fraction; an empty list as
 * null. The nodes live until the model is built, because tables of CTRs and metadata are read out of them.
 */
#include "base/alloc.h"
#include "format/catboost_priv.h"

#define TREE_DEPTH_MAX 100 /* CatBoost grows trees of depth 16 */

typedef struct document {
    catboost_parts parts;
    sv_arena nodes;
} document;

static savor_status wrong(const document *d, const char *what)
{
    return sv_fail(d->parts.err, SAVOR_FORMAT, "%s was missing or of the wrong kind", what);
}

/* ---- values ---- */

static const sv_json *member(const sv_json *object, const char *key)
{
    return object && object->kind == SV_JSON_OBJECT ? sv_json_find(object, key) : NULL;
}

static bool to_double(const sv_json *v, double *out)
{
    if (!v || (v->kind != SV_JSON_INT && v->kind != SV_JSON_DOUBLE))
        return false;
    *out = v->kind == SV_JSON_DOUBLE ? v->u.f : v->is_minus0 ? -0.0 : (double)v->u.i;
    return true;
}

static bool to_float(const sv_json *v, float *out)
{
    double value;
    if (!to_double(v, &value))
        return false;
    *out = v->kind == SV_JSON_INT && !v->is_minus0 ? (float)v->u.i : (float)value;
    return true;
}

static bool to_int32(const sv_json *v, int32_t *out)
{
    if (!v || v->kind != SV_JSON_INT || v->u.i < INT32_MIN || v->u.i > INT32_MAX)
        return false;
    *out = (int32_t)v->u.i;
    return true;
}

/* A list, or null and absence for an empty one; false for anything else. */
static bool to_list(const sv_json *v, size_t *n, const sv_json **first)
{
    bool is_empty = !v || v->kind == SV_JSON_NULL;
    if (!is_empty && v->kind != SV_JSON_ARRAY)
        return false;
    *n = is_empty ? 0 : v->n;
    *first = is_empty ? NULL : v + 1;
    return true;
}

/* ---- features ---- */

static savor_status read_text(document *d, const sv_json *v, sv_str *out)
{
    *out = sv_catboost_copy(&d->parts, v && v->kind == SV_JSON_STRING ? sv_json_text(v) : (sv_str){"", 0});
    return out->p ? SAVOR_OK : d->parts.failed;
}

static savor_status read_borders(document *d, const sv_json *v, catboost_borders *out)
{
    const sv_json *item = NULL;
    if (!to_list(v, &out->n, &item))
        return wrong(d, "\"borders\"");
    float *values = sv_catboost_alloc(&d->parts, out->n, sizeof *values);
    if (!values)
        return d->parts.failed;
    for (size_t i = 0; i < out->n; i++, item = sv_json_next(item))
        if (!to_float(item, &values[i]))
            return wrong(d, "a border");
    out->values = values;
    return SAVOR_OK;
}

static int32_t read_nan(const sv_json *v)
{
    if (!v)
        return CATBOOST_NAN_AS_IS;
    static const char *const NAMES[] = {"AsIs", "AsFalse", "AsTrue"};
    for (int32_t i = 0; i < 3; i++)
        if (sv_json_is_text(v, NAMES[i]))
            return i;
    return -1;
}

static savor_status read_float(document *d, const sv_json *v, catboost_float *out)
{
    const sv_json *has_nans = member(v, "has_nans");
    if (!to_int32(member(v, "feature_index"), &out->index) ||
        !to_int32(member(v, "flat_feature_index"), &out->column))
        return wrong(d, "the index of a numeric feature");
    out->has_nans = has_nans && has_nans->kind == SV_JSON_TRUE;
    out->nan = read_nan(member(v, "nan_value_treatment"));
    savor_status st = read_text(d, member(v, "feature_id"), &out->name);
    return st ? st : read_borders(d, member(v, "borders"), &out->borders);
}

static savor_status read_category(document *d, const sv_json *v, catboost_category *out)
{
    if (!to_int32(member(v, "feature_index"), &out->index) ||
        !to_int32(member(v, "flat_feature_index"), &out->column))
        return wrong(d, "the index of a categorical feature");
    out->is_used = true;
    return read_text(d, member(v, "feature_id"), &out->name);
}

static savor_status read_ints(document *d, const sv_json *v, size_t *n, const int32_t **out)
{
    const sv_json *item = NULL;
    if (!to_list(v, n, &item))
        return wrong(d, "\"values\"");
    int32_t *values = sv_catboost_alloc(&d->parts, *n, sizeof *values);
    if (!values)
        return d->parts.failed;
    for (size_t i = 0; i < *n; i++, item = sv_json_next(item))
        if (!to_int32(item, &values[i]))
            return wrong(d, "a value of a categorical feature");
    *out = values;
    return SAVOR_OK;
}

/* The values that trees ask for stand with the feature itself. */
static savor_status read_categories(document *d, const sv_json *list)
{
    catboost_parts *p = &d->parts;
    const sv_json *item = NULL;
    savor_status st = SAVOR_OK;
    if (!to_list(list, &p->n_categories, &item))
        return wrong(d, "\"categorical_features\"");
    p->categories = sv_catboost_alloc(p, p->n_categories, sizeof *p->categories);
    p->one_hots = sv_catboost_alloc(p, p->n_categories, sizeof *p->one_hots);
    if (!p->categories || !p->one_hots)
        return p->failed;
    for (size_t i = 0; i < p->n_categories && !st; i++, item = sv_json_next(item)) {
        const sv_json *values = member(item, "values");
        st = read_category(d, item, &p->categories[i]);
        if (st || !values)
            continue;
        catboost_one_hot *one_hot = &p->one_hots[p->n_one_hots++];
        one_hot->index = p->categories[i].index;
        st = read_ints(d, values, &one_hot->n, &one_hot->values);
    }
    return st;
}

static savor_status read_floats(document *d, const sv_json *list)
{
    catboost_parts *p = &d->parts;
    const sv_json *item = NULL;
    savor_status st = SAVOR_OK;
    if (!to_list(list, &p->n_floats, &item))
        return wrong(d, "\"float_features\"");
    p->floats = sv_catboost_alloc(p, p->n_floats, sizeof *p->floats);
    if (!p->floats)
        return p->failed;
    for (size_t i = 0; i < p->n_floats && !st; i++, item = sv_json_next(item))
        st = read_float(d, item, &p->floats[i]);
    return st;
}

/* ---- CTRs ---- */

static bool read_type(const sv_json *v, int32_t *out)
{
    static const char *const NAMES[] = {"Borders", "Buckets",    "BinarizedTargetMeanValue", "FloatTargetMeanValue",
                                        "Counter", "FeatureFreq"};
    for (int32_t i = 0; v && i < 6; i++)
        if (sv_json_is_text(v, NAMES[i])) {
            *out = i;
            return true;
        }
    return false;
}

/* One element of a combination, by what it says it is. */
static bool read_element(const sv_json *v, catboost_base *base, int32_t *categories, catboost_float_test *floats,
                         catboost_value_test *values)
{
    const sv_json *kind = member(v, "combination_element"), *category = member(v, "cat_feature_index");
    if (kind && sv_json_is_text(kind, "cat_feature_value"))
        return to_int32(category, &categories[base->n_categories++]);
    if (kind && sv_json_is_text(kind, "float_feature")) {
        catboost_float_test *test = &floats[base->n_floats++];
        return to_int32(member(v, "float_feature_index"), &test->index) &&
               to_float(member(v, "border"), &test->border);
    }
    catboost_value_test *test = &values[base->n_values++];
    return to_int32(category, &test->index) && to_int32(member(v, "value"), &test->value);
}

static savor_status read_base(document *d, const sv_json *elements, const sv_json *type, catboost_base *out)
{
    catboost_parts *p = &d->parts;
    const sv_json *item = NULL;
    size_t n = 0;
    if (!to_list(elements, &n, &item) || !read_type(type, &out->type))
        return wrong(d, "what a CTR is about");
    int32_t *categories = sv_catboost_alloc(p, n, sizeof *categories);
    catboost_float_test *floats = sv_catboost_alloc(p, n, sizeof *floats);
    catboost_value_test *values = sv_catboost_alloc(p, n, sizeof *values);
    if (!categories || !floats || !values)
        return p->failed;
    for (size_t i = 0; i < n; i++, item = sv_json_next(item))
        if (!read_element(item, out, categories, floats, values))
            return wrong(d, "an element of a combination");
    out->categories = categories;
    out->floats = floats;
    out->values = values;
    return SAVOR_OK;
}

static savor_status read_ctr(document *d, const sv_json *v, catboost_ctr *out)
{
    savor_status st = read_base(d, member(v, "elements"), member(v, "ctr_type"), &out->base);
    if (st)
        return st;
    if (!to_int32(member(v, "target_border_idx"), &out->target_border) ||
        !to_float(member(v, "prior_numerator"), &out->prior) ||
        !to_float(member(v, "prior_denomerator"), &out->prior_weight) || /* spelt so */
        !to_float(member(v, "shift"), &out->shift) || !to_float(member(v, "scale"), &out->scale))
        return wrong(d, "a number of a CTR");
    return read_borders(d, member(v, "borders"), &out->borders);
}

static savor_status read_ctrs(document *d, const sv_json *list)
{
    catboost_parts *p = &d->parts;
    const sv_json *item = NULL;
    savor_status st = SAVOR_OK;
    if (!to_list(list, &p->n_ctrs, &item))
        return wrong(d, "\"ctrs\"");
    p->ctrs = sv_catboost_alloc(p, p->n_ctrs, sizeof *p->ctrs);
    if (!p->ctrs)
        return p->failed;
    for (size_t i = 0; i < p->n_ctrs && !st; i++, item = sv_json_next(item))
        st = read_ctr(d, item, &p->ctrs[i]);
    return st;
}

static savor_status read_features(document *d, const sv_json *info)
{
    static const char *const UNKNOWN[] = {"text_features", "embedding_features", "estimated_features"};
    const sv_json *first = NULL;
    savor_status st = SAVOR_OK;
    size_t n = 0;
    for (size_t i = 0; i < 3; i++)
        if (!to_list(member(info, UNKNOWN[i]), &n, &first) || n > 0)
            return sv_fail(d->parts.err, SAVOR_UNSUPPORTED, "CatBoost models with %s are not supported natively",
                           UNKNOWN[i]);
    if ((st = read_floats(d, member(info, "float_features"))) ||
        (st = read_categories(d, member(info, "categorical_features"))))
        return st;
    return read_ctrs(d, member(info, "ctrs"));
}

/* ---- tables of CTRs ---- */

/* The same places that the library would give them do not matter: a lookup finds the hash or an empty place. */
static void put_place(uint64_t hash, uint32_t row, size_t n_places, uint64_t *hashes, uint32_t *rows)
{
    size_t at = (size_t)hash & (n_places - 1);
    while (hashes[at] != SV_CTR_NO_HASH && hashes[at] != hash)
        at = (at + 1) & (n_places - 1);
    hashes[at] = hash;
    rows[at] = row;
}

/* A sum of targets goes through an integer when CatBoost reads it back. */
static bool read_count(const sv_json *v, bool is_sum, int32_t *out)
{
    double value = 0;
    if (!is_sum)
        return to_int32(v, out);
    if (!to_double(v, &value))
        return false;
    bool is_whole = value == (double)(int64_t)(value >= -1e15 && value <= 1e15 ? value : 0);
    float sum = is_whole ? (float)value : 0.0f;
    memcpy(out, &sum, sizeof sum);
    return true;
}

/* The list of a table: a hash as text, then its counts, again and again. */
static savor_status fill_table(document *d, const sv_json *list, size_t width, uint64_t *hashes, sv_ctr_table *out)
{
    catboost_parts *p = &d->parts;
    uint32_t *rows = sv_catboost_alloc(p, out->n_places, sizeof *rows);
    int32_t *counts = sv_catboost_alloc(p, out->n_rows * width, sizeof *counts);
    bool has_sums = out->type == SV_CTR_BINARIZED_MEAN || out->type == SV_CTR_FLOAT_MEAN;
    const sv_json *item = list + 1;
    if (!rows || !counts)
        return p->failed;
    for (size_t r = 0; r < out->n_rows; r++) {
        uint64_t hash = 0;
        if (item->kind != SV_JSON_STRING || !sv_str_to_uint64(sv_json_text(item), &hash))
            return wrong(d, "a hash");
        item = sv_json_next(item);
        for (size_t k = 0; k < width; k++, item = sv_json_next(item))
            if (!read_count(item, has_sums && k == 0, &counts[r * width + k]))
                return wrong(d, "a count");
        if (hash != SV_CTR_NO_HASH)
            put_place(hash, (uint32_t)r, out->n_places, hashes, rows);
    }
    out->rows = rows;
    out->counts = counts;
    return SAVOR_OK;
}

static savor_status read_table(document *d, const sv_json *v, catboost_table *out)
{
    const sv_json *list = member(v, "hash_map"), *denominator = member(v, "counter_denominator");
    sv_ctr_table *t = &out->table;
    int32_t stride = 0;
    t->type = (sv_ctr_type)out->base.type;
    if (!list || list->kind != SV_JSON_ARRAY || !to_int32(member(v, "hash_stride"), &stride) || stride < 2 ||
        list->n % (size_t)stride != 0)
        return wrong(d, "the list of a table of target statistics");
    t->n_classes = (size_t)stride - 1;
    size_t width = sv_ctr_row_width(t->type, t->n_classes);
    if (width != (size_t)stride - 1)
        return wrong(d, "\"hash_stride\"");
    if (denominator && !to_int32(denominator, &t->denominator))
        return wrong(d, "\"counter_denominator\"");
    t->n_rows = list->n / (size_t)stride;
    for (t->n_places = 2; t->n_places < 2 * t->n_rows;)
        t->n_places *= 2;
    uint64_t *hashes = sv_catboost_alloc(&d->parts, t->n_places, sizeof *hashes);
    if (!hashes)
        return d->parts.failed;
    memset(hashes, 0xff, t->n_places * sizeof *hashes);
    t->hashes = hashes;
    return fill_table(d, list, width, hashes, t);
}

/* The key of a table is JSON itself: what it was counted for. */
static savor_status read_key(document *d, sv_str key, catboost_base *out)
{
    const sv_json *root = NULL;
    savor_status st = sv_catboost_parse_json(key, &d->nodes, &root, d->parts.err);
    return st ? st : read_base(d, member(root, "identifier"), member(root, "type"), out);
}

static savor_status read_tables(document *d, const sv_json *data)
{
    catboost_parts *p = &d->parts;
    savor_status st = SAVOR_OK;
    if (!data || data->kind == SV_JSON_NULL)
        return SAVOR_OK;
    if (data->kind != SV_JSON_OBJECT)
        return wrong(d, "\"ctr_data\"");
    p->tables = sv_catboost_alloc(p, data->n, sizeof *p->tables);
    if (!p->tables)
        return p->failed;
    p->n_tables = data->n;
    const sv_json *key = data + 1;
    for (size_t i = 0; i < data->n; i++, key = sv_json_next(key + 1))
        if ((st = read_key(d, sv_json_text(key), &p->tables[i].base)) || (st = read_table(d, key + 1, &p->tables[i])))
            return sv_error_at(p->err, st, "CTR table %zu", i);
    return SAVOR_OK;
}

/* ---- trees ---- */

/* Counts first, so that the arrays are made once: every value, split and node of the list of trees. */
typedef struct tree_counts {
    size_t n_splits, n_values;
} tree_counts;

static savor_status read_values(document *d, const sv_json *list, double *out)
{
    const sv_json *item = list + 1;
    for (size_t i = 0; i < list->n; i++, item = sv_json_next(item))
        if (!to_double(item, &out[i]))
            return wrong(d, "a leaf value");
    return SAVOR_OK;
}

static savor_status alloc_trees(document *d, size_t n_trees, tree_counts counts)
{
    catboost_parts *p = &d->parts;
    p->tree_sizes = sv_catboost_alloc(p, n_trees, sizeof *p->tree_sizes);
    p->splits = sv_catboost_alloc(p, counts.n_splits, sizeof *p->splits);
    p->leaf_values = sv_catboost_alloc(p, counts.n_values, sizeof *p->leaf_values);
    p->n_trees = n_trees;
    p->n_splits = counts.n_splits;
    p->n_leaf_values = counts.n_values;
    if (!p->tree_sizes || !p->splits || !p->leaf_values)
        return p->failed;
    if (p->is_symmetric)
        return SAVOR_OK;
    p->steps = sv_catboost_alloc(p, counts.n_splits, sizeof *p->steps);
    p->leaf = sv_catboost_alloc(p, counts.n_splits, sizeof *p->leaf);
    return p->steps && p->leaf ? SAVOR_OK : p->failed;
}

static savor_status read_symmetric_tree(document *d, const sv_json *tree, tree_counts *at, int32_t *size)
{
    const sv_json *values = member(tree, "leaf_values"), *split = NULL;
    size_t n = 0;
    (void)to_list(member(tree, "splits"), &n, &split);
    savor_status st = read_values(d, values, d->parts.leaf_values + at->n_values);
    for (size_t i = 0; i < n && !st; i++, split = sv_json_next(split))
        if (!to_int32(member(split, "split_index"), &d->parts.splits[at->n_splits + i]))
            st = wrong(d, "\"split_index\"");
    at->n_values += values->n;
    at->n_splits += n;
    *size = (int32_t)n;
    return st;
}

static savor_status read_symmetric(document *d, const sv_json *trees)
{
    tree_counts counts = {0, 0}, at = {0, 0};
    size_t n = 0, n_splits = 0;
    const sv_json *tree, *first = NULL, *split = NULL;
    savor_status st = SAVOR_OK;
    d->parts.is_symmetric = true;
    if (!to_list(trees, &n, &first))
        return wrong(d, "\"oblivious_trees\"");
    tree = first;
    for (size_t t = 0; t < n; t++, tree = sv_json_next(tree)) {
        const sv_json *values = member(tree, "leaf_values");
        bool ok = values && values->kind == SV_JSON_ARRAY && to_list(member(tree, "splits"), &n_splits, &split);
        if (!ok || n_splits > SV_SYMMETRIC_DEPTH_MAX || values->n >> n_splits == 0 ||
            values->n >> n_splits > INT32_MAX)
            return wrong(d, "the splits or leaf values of a tree");
        d->parts.n_outputs = (int32_t)(values->n >> n_splits);
        counts.n_splits += n_splits;
        counts.n_values += values->n;
    }
    st = alloc_trees(d, n, counts);
    tree = first;
    for (size_t t = 0; t < n && !st; t++, tree = sv_json_next(tree))
        st = read_symmetric_tree(d, tree, &at, &d->parts.tree_sizes[t]);
    return st;
}

/* Nodes and leaf values of a tree and those below it. */
static savor_status count_node(document *d, const sv_json *node, unsigned depth, tree_counts *counts)
{
    const sv_json *value = member(node, "value");
    savor_status st = SAVOR_OK;
    if (depth > TREE_DEPTH_MAX)
        return sv_fail(d->parts.err, SAVOR_LIMIT, "a tree was deeper than %d", TREE_DEPTH_MAX);
    counts->n_splits++;
    if (value) {
        counts->n_values += value->kind == SV_JSON_ARRAY ? value->n : 1;
        return SAVOR_OK;
    }
    if (!member(node, "left") || !member(node, "right"))
        return wrong(d, "a node's \"left\" or \"right\"");
    if ((st = count_node(d, member(node, "left"), depth + 1, counts)))
        return st;
    return count_node(d, member(node, "right"), depth + 1, counts);
}

static savor_status read_leaf(document *d, const sv_json *value, tree_counts *at, size_t node)
{
    catboost_parts *p = &d->parts;
    size_t n = value->kind == SV_JSON_ARRAY ? value->n : 1;
    if (n == 0 || n > INT32_MAX || at->n_values > UINT32_MAX)
        return wrong(d, "a node's \"value\"");
    p->n_outputs = (int32_t)n;
    p->leaf[node] = (uint32_t)at->n_values;
    at->n_values += n;
    if (value->kind == SV_JSON_ARRAY)
        return read_values(d, value, p->leaf_values + at->n_values - n);
    return to_double(value, &p->leaf_values[at->n_values - n]) ? SAVOR_OK : wrong(d, "a node's \"value\"");
}

/* Nodes in the order in which CatBoost numbers them: a node, all to its left, all to its right. */
static savor_status read_node(document *d, const sv_json *node, tree_counts *at)
{
    catboost_parts *p = &d->parts;
    const sv_json *value = member(node, "value");
    size_t self = at->n_splits++, right;
    savor_status st = SAVOR_OK;
    if (value)
        return read_leaf(d, value, at, self);
    if (!to_int32(member(member(node, "split"), "split_index"), &p->splits[self]))
        return wrong(d, "\"split_index\"");
    if ((st = read_node(d, member(node, "left"), at)))
        return st;
    right = at->n_splits - self;
    if (right > UINT16_MAX)
        return sv_fail(p->err, SAVOR_LIMIT, "a tree had more than %u nodes", (unsigned)UINT16_MAX);
    p->steps[self] = (sv_bin_step){.no = 1, .yes = (uint16_t)right};
    return read_node(d, member(node, "right"), at);
}

static savor_status read_nodes(document *d, const sv_json *trees)
{
    tree_counts counts = {0, 0}, at = {0, 0};
    const sv_json *tree = trees + 1;
    savor_status st = SAVOR_OK;
    if (trees->kind != SV_JSON_ARRAY)
        return wrong(d, "\"trees\"");
    for (size_t t = 0; t < trees->n && !st; t++, tree = sv_json_next(tree))
        st = count_node(d, tree, 0, &counts);
    if (st || (st = alloc_trees(d, trees->n, counts)))
        return st;
    tree = trees + 1;
    for (size_t t = 0; t < trees->n && !st; t++, tree = sv_json_next(tree)) {
        size_t first = at.n_splits;
        st = read_node(d, tree, &at);
        d->parts.tree_sizes[t] = (int32_t)(at.n_splits - first);
    }
    return st;
}

/* [scale, [bias, ...]]; the bias of the oldest files is a number. */
static savor_status read_scale_and_bias(document *d, const sv_json *v)
{
    catboost_parts *p = &d->parts;
    const sv_json *scale = v && v->kind == SV_JSON_ARRAY && v->n == 2 ? v + 1 : NULL;
    const sv_json *bias = scale ? sv_json_next(scale) : NULL;
    size_t n = p->n_outputs > 0 ? (size_t)p->n_outputs : 0;
    bool is_list = bias && bias->kind == SV_JSON_ARRAY;
    p->scale = 1;
    if (v && (!to_double(scale, &p->scale) || (is_list && bias->n != n && bias->n != 0)))
        return wrong(d, "\"scale_and_bias\"");
    p->biases = sv_catboost_alloc(p, n, sizeof *p->biases);
    p->n_biases = n;
    if (!p->biases)
        return p->failed;
    if (is_list && bias->n)
        return read_values(d, bias, p->biases);
    for (size_t i = 0; bias && !is_list && i < n; i++)
        if (!to_double(bias, &p->biases[i]))
            return wrong(d, "\"scale_and_bias\"");
    return SAVOR_OK;
}

/* ---- metadata and all ---- */

static savor_status read_entries(document *d, const sv_json *info)
{
    catboost_parts *p = &d->parts;
    if (!info || info->kind == SV_JSON_NULL)
        return SAVOR_OK;
    if (info->kind != SV_JSON_OBJECT)
        return wrong(d, "\"model_info\"");
    p->entries = sv_catboost_alloc(p, info->n, sizeof *p->entries);
    if (!p->entries)
        return p->failed;
    p->n_entries = info->n;
    const sv_json *key = info + 1;
    for (size_t i = 0; i < info->n; i++, key = sv_json_next(key + 1)) {
        bool is_text = key[1].kind == SV_JSON_STRING;
        sv_str text = is_text ? sv_json_text(key + 1) : (sv_str){"", 0};
        p->entries[i] = (catboost_entry){sv_json_text(key), text, is_text ? NULL : key + 1};
    }
    return SAVOR_OK;
}

static savor_status read_document(document *d, const sv_json *root)
{
    const sv_json *symmetric = member(root, "oblivious_trees"), *trees = member(root, "trees");
    savor_status st = SAVOR_OK;
    if (root->kind != SV_JSON_OBJECT || (!symmetric && !trees))
        return wrong(d, "\"oblivious_trees\" or \"trees\"");
    if ((st = symmetric ? read_symmetric(d, symmetric) : read_nodes(d, trees)))
        return st;
    if ((st = read_features(d, member(root, "features_info"))) || (st = read_tables(d, member(root, "ctr_data"))) ||
        (st = read_scale_and_bias(d, member(root, "scale_and_bias"))))
        return st;
    return read_entries(d, member(root, "model_info"));
}

savor_status sv_catboost_read_json(sv_str bytes, sv_arena *arena, const sv_catboost **out, savor_error *err)
{
    document d = {.parts = {.arena = arena, .err = err}};
    const sv_json *root = NULL;
    *out = NULL;
    sv_arena_init(&d.nodes, arena->max_bytes);
    savor_status st = sv_catboost_parse_json(bytes, &d.nodes, &root, err);
    if (!st)
        st = read_document(&d, root);
    if (!st)
        st = sv_catboost_build(&d.parts, "json", out);
    sv_arena_deinit(&d.nodes);
    return st;
}
