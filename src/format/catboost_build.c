/*
 * catboost_build.c: parts -> model. Numbers the questions of all features, turns each tree's splits into questions
 * about bins, and finds what the CTRs were counted for.
 */
#include "base/alloc.h"
#include "base/index.h"
#include "format/catboost_priv.h"

#define BINS_MAX 65536 /* CatBoost's own limit */

typedef struct builder {
    catboost_parts *parts;
    sv_catboost *model;
    sv_catboost_float *floats; /* [used ones] */
    sv_catboost_one_hot *one_hots;
    sv_catboost_ctr *ctrs;
    sv_catboost_combination *combinations;
    size_t *float_of, *category_of; /* part -> its place among those that are used */
    sv_bin_split *questions;
    size_t n_questions, n_bins;
    savor_error *err;
} builder;

void *sv_catboost_alloc(catboost_parts *parts, size_t n, size_t size)
{
    size_t bytes = SIZE_MAX;
    void *p = sv_arena_array(parts->arena, n, size);
    (void)sv_mul(n, size, &bytes);
    if (!p)
        parts->failed = sv_arena_fail(parts->arena, bytes, parts->err);
    return p;
}

sv_str sv_catboost_copy(catboost_parts *parts, sv_str text)
{
    char *p = sv_catboost_alloc(parts, text.n + 1, 1);
    if (p && text.n)
        memcpy(p, text.p, text.n);
    return (sv_str){p, p ? text.n : 0};
}

static savor_status failed(const builder *b) { return b->parts->failed; }

/* ---- features ---- */

static savor_status check_borders(const builder *b, const catboost_borders *borders, const char *what)
{
    for (size_t i = 0; i < borders->n; i++)
        if (!(i == 0 ? borders->values[0] == borders->values[0] : borders->values[i - 1] <= borders->values[i]))
            return sv_fail(b->err, SAVOR_FORMAT, "%s: border %zu was not above the one before it", what, i);
    return SAVOR_OK;
}

static savor_status add_bins(builder *b, size_t n_values, uint32_t *first_bin)
{
    size_t n = (n_values + SV_BIN_BORDERS_MAX - 1) / SV_BIN_BORDERS_MAX;
    if (n > BINS_MAX - b->n_bins)
        return sv_fail(b->err, SAVOR_LIMIT, "the model had too many features, expected at most %d groups of borders",
                       BINS_MAX);
    *first_bin = (uint32_t)b->n_bins;
    b->n_bins += n;
    return SAVOR_OK;
}

/* The questions of one feature, in the order of its borders or values. */
static void add_questions(builder *b, uint32_t first_bin, size_t n, bool is_value)
{
    for (size_t i = 0; i < n; i++) {
        uint8_t bound = (uint8_t)(i % SV_BIN_BORDERS_MAX + 1);
        b->questions[b->n_questions++] = (sv_bin_split){
            .bin = first_bin + (uint32_t)(i / SV_BIN_BORDERS_MAX),
            .flip = is_value ? (uint8_t)~bound : 0,
            .bound = is_value ? 255 : bound,
        };
    }
}

static savor_status add_borders(builder *b, const catboost_borders *borders, const char *what, sv_catboost_bins *out)
{
    savor_status st = check_borders(b, borders, what);
    if (st || (st = add_bins(b, borders->n, &out->first_bin)))
        return st;
    out->n_borders = borders->n;
    out->borders = borders->values;
    add_questions(b, out->first_bin, borders->n, false);
    return SAVOR_OK;
}

static savor_status check_float(const builder *b, size_t i)
{
    const catboost_float *f = &b->parts->floats[i];
    if (f->index < 0 || f->column < 0 || (i > 0 && f->index <= f[-1].index))
        return sv_fail(b->err, SAVOR_FORMAT, "numeric feature %zu: index %d, column %d, expected ascending ones", i,
                       (int)f->index, (int)f->column);
    if (f->nan < CATBOOST_NAN_AS_IS || f->nan > CATBOOST_NAN_AS_TRUE)
        return sv_fail(b->err, SAVOR_FORMAT, "numeric feature %zu: treatment of NaN was %d, expected 0 to 2", i,
                       (int)f->nan);
    return SAVOR_OK;
}

static savor_status add_floats(builder *b)
{
    catboost_parts *p = b->parts;
    sv_catboost_input *inputs = sv_catboost_alloc(p, p->n_floats, sizeof *inputs);
    savor_status st = SAVOR_OK;
    size_t n = 0;
    b->floats = sv_catboost_alloc(p, p->n_floats, sizeof *b->floats);
    b->float_of = sv_catboost_alloc(p, p->n_floats, sizeof *b->float_of);
    if (!inputs || !b->floats || !b->float_of)
        return failed(b);
    for (size_t i = 0; i < p->n_floats; i++) {
        const catboost_float *f = &p->floats[i];
        if ((st = check_float(b, i)))
            return st;
        b->float_of[i] = n;
        if (f->borders.n == 0)
            continue;
        if ((st = add_borders(b, &f->borders, "numeric feature", &b->floats[n].bins)))
            return st;
        b->floats[n].is_nan_above = f->has_nans && f->nan == CATBOOST_NAN_AS_TRUE;
        inputs[n++] = (sv_catboost_input){(size_t)f->column, f->name};
    }
    b->model->floats = inputs;
    b->model->formula.floats = b->floats;
    b->model->formula.n_floats = n;
    return SAVOR_OK;
}

static savor_status add_categories(builder *b)
{
    catboost_parts *p = b->parts;
    sv_catboost_input *inputs = sv_catboost_alloc(p, p->n_categories, sizeof *inputs);
    size_t *columns = sv_catboost_alloc(p, p->n_categories, sizeof *columns), n = 0;
    b->category_of = sv_catboost_alloc(p, p->n_categories, sizeof *b->category_of);
    if (!inputs || !columns || !b->category_of)
        return failed(b);
    for (size_t i = 0; i < p->n_categories; i++) {
        const catboost_category *c = &p->categories[i];
        if (c->index < 0 || c->column < 0 || (i > 0 && c->index <= c[-1].index))
            return sv_fail(b->err, SAVOR_FORMAT,
                           "categorical feature %zu: index %d, column %d, expected ascending ones", i, (int)c->index,
                           (int)c->column);
        columns[i] = (size_t)c->column;
        b->category_of[i] = c->is_used ? n : SIZE_MAX;
        if (c->is_used)
            inputs[n++] = (sv_catboost_input){(size_t)c->column, c->name};
    }
    b->model->categories = inputs;
    b->model->category_columns = columns;
    b->model->n_category_columns = p->n_categories;
    b->model->formula.n_categories = n;
    return SAVOR_OK;
}

/* The column that a category's index means. */
static savor_status find_category(const builder *b, int32_t index, size_t *out)
{
    size_t low = 0, end = b->parts->n_categories;
    while (low < end) {
        size_t middle = low + (end - low) / 2;
        if (b->parts->categories[middle].index < index)
            low = middle + 1;
        else
            end = middle;
    }
    bool is_there = low < b->parts->n_categories && b->parts->categories[low].index == index;
    if (!is_there || b->category_of[low] == SIZE_MAX)
        return sv_fail(b->err, SAVOR_FORMAT, "categorical feature %d was asked for, but is not among the used ones",
                       (int)index);
    *out = b->category_of[low];
    return SAVOR_OK;
}

static savor_status add_one_hots(builder *b)
{
    catboost_parts *p = b->parts;
    savor_status st = SAVOR_OK;
    b->one_hots = sv_catboost_alloc(p, p->n_one_hots, sizeof *b->one_hots);
    if (!b->one_hots)
        return failed(b);
    for (size_t i = 0; i < p->n_one_hots; i++) {
        const catboost_one_hot *from = &p->one_hots[i];
        sv_catboost_one_hot *to = &b->one_hots[i];
        if ((st = find_category(b, from->index, &to->category)) || (st = add_bins(b, from->n, &to->first_bin)))
            return st;
        to->n_values = from->n;
        to->values = from->values;
        add_questions(b, to->first_bin, from->n, true);
    }
    b->model->formula.one_hots = b->one_hots;
    b->model->formula.n_one_hots = p->n_one_hots;
    return SAVOR_OK;
}

/* ---- CTRs ---- */

static savor_status find_border(const builder *b, catboost_float_test test, sv_catboost_test *out)
{
    catboost_parts *p = b->parts;
    size_t low = 0, end = p->n_floats, at = 0;
    while (low < end) {
        size_t middle = low + (end - low) / 2;
        if (p->floats[middle].index < test.index)
            low = middle + 1;
        else
            end = middle;
    }
    bool is_there = low < p->n_floats && p->floats[low].index == test.index;
    const catboost_borders *borders = is_there ? &p->floats[low].borders : NULL;
    for (end = is_there ? borders->n : 0; at < end;) {
        size_t middle = at + (end - at) / 2;
        if (borders->values[middle] < test.border)
            at = middle + 1;
        else
            end = middle;
    }
    if (!is_there || at >= borders->n || borders->values[at] != test.border)
        return sv_fail(b->err, SAVOR_FORMAT,
                       "a combination asked for numeric feature %d above %g, which no split has", (int)test.index,
                       (double)test.border);
    out->bin = b->floats[b->float_of[low]].bins.first_bin + (uint32_t)(at / SV_BIN_BORDERS_MAX);
    out->value = (uint8_t)(at % SV_BIN_BORDERS_MAX + 1);
    out->is_equal = false;
    return SAVOR_OK;
}

static const catboost_one_hot *find_one_hot(const catboost_parts *p, int32_t index)
{
    size_t low = 0, end = p->n_one_hots;
    while (low < end) {
        size_t middle = low + (end - low) / 2;
        if (p->one_hots[middle].index < index)
            low = middle + 1;
        else
            end = middle;
    }
    return low < p->n_one_hots && p->one_hots[low].index == index ? &p->one_hots[low] : NULL;
}

static savor_status find_value(const builder *b, catboost_value_test test, sv_catboost_test *out)
{
    const catboost_one_hot *one_hot = find_one_hot(b->parts, test.index);
    size_t at = 0;
    for (size_t end = one_hot ? one_hot->n : 0; at < end;) {
        size_t middle = at + (end - at) / 2;
        if (one_hot->values[middle] < test.value)
            at = middle + 1;
        else
            end = middle;
    }
    if (!one_hot || at >= one_hot->n || one_hot->values[at] != test.value)
        return sv_fail(b->err, SAVOR_FORMAT, "a combination asked for value %d of category %d, which no split has",
                       (int)test.value, (int)test.index);
    out->bin = b->one_hots[one_hot - b->parts->one_hots].first_bin + (uint32_t)(at / SV_BIN_BORDERS_MAX);
    out->value = (uint8_t)(at % SV_BIN_BORDERS_MAX + 1);
    out->is_equal = true;
    return SAVOR_OK;
}

static savor_status make_combination(const builder *b, const catboost_base *from, sv_catboost_combination *out)
{
    savor_status st = SAVOR_OK;
    size_t n = from->n_floats + from->n_values;
    size_t *categories = sv_catboost_alloc(b->parts, from->n_categories, sizeof *categories);
    sv_catboost_test *tests = sv_catboost_alloc(b->parts, n, sizeof *tests);
    if (!categories || !tests)
        return failed(b);
    for (size_t i = 0; i < from->n_categories && !st; i++)
        st = find_category(b, from->categories[i], &categories[i]);
    for (size_t i = 0; i < from->n_floats && !st; i++)
        st = find_border(b, from->floats[i], &tests[i]);
    for (size_t i = 0; i < from->n_values && !st; i++)
        st = find_value(b, from->values[i], &tests[from->n_floats + i]);
    *out = (sv_catboost_combination){from->n_categories, n, categories, tests};
    return st;
}

static bool is_same(const void *a, const void *b, size_t n) { return n == 0 || memcmp(a, b, n) == 0; }

static bool is_same_combination(const catboost_base *a, const catboost_base *b)
{
    return a->n_categories == b->n_categories && a->n_floats == b->n_floats && a->n_values == b->n_values &&
           is_same(a->categories, b->categories, a->n_categories * sizeof *a->categories) &&
           is_same(a->floats, b->floats, a->n_floats * sizeof *a->floats) &&
           is_same(a->values, b->values, a->n_values * sizeof *a->values);
}

/* A base as bytes, for an index over tables. */
static sv_str make_key(const builder *b, const catboost_base *base)
{
    size_t n_categories = base->n_categories * sizeof *base->categories;
    size_t n_floats = base->n_floats * sizeof *base->floats, n_values = base->n_values * sizeof *base->values;
    uint64_t head[4] = {(uint32_t)base->type, (uint32_t)base->classifier, base->n_categories, base->n_floats};
    char *p = sv_catboost_alloc(b->parts, sizeof head + n_categories + n_floats + n_values, 1), *at = p;
    if (!p)
        return (sv_str){NULL, 0};
    memcpy(at, head, sizeof head);
    at += sizeof head;
    if (n_categories)
        memcpy(at, base->categories, n_categories);
    at += n_categories;
    if (n_floats)
        memcpy(at, base->floats, n_floats);
    at += n_floats;
    if (n_values)
        memcpy(at, base->values, n_values);
    return (sv_str){p, (size_t)(at - p) + n_values};
}

/* Backwards, because the last of several tables with one key counts, and the first one that is put stays. */
static savor_status index_tables(const builder *b, sv_index *index)
{
    savor_status st = SAVOR_OK;
    sv_index_init(index, b->parts->arena);
    for (size_t i = b->parts->n_tables; i-- > 0;) {
        catboost_table *t = &b->parts->tables[i];
        sv_str key = make_key(b, &t->base);
        if (!key.p)
            return failed(b);
        t->table.type = (sv_ctr_type)t->base.type;
        if ((st = sv_ctr_table_check(&t->table, b->err)) || (st = sv_index_put(index, key, i, b->err)))
            return sv_error_at(b->err, st, "CTR table %zu", i);
    }
    return SAVOR_OK;
}

static savor_status make_ctr(builder *b, const sv_index *index, const catboost_ctr *from, sv_catboost_ctr *out)
{
    sv_str key = make_key(b, &from->base);
    if (!key.p)
        return failed(b);
    size_t at = sv_index_find(index, key);
    if (at == SV_INDEX_NONE)
        return sv_fail(b->err, SAVOR_FORMAT, "the file had no table for it");
    out->ctr = (sv_ctr){&b->parts->tables[at].table, from->target_border, from->prior,
                        from->prior_weight,          from->shift,         from->scale};
    savor_status st = sv_ctr_check(&out->ctr, b->err);
    return st ? st : add_borders(b, &from->borders, "CTR", &out->bins);
}

static savor_status add_ctrs(builder *b)
{
    catboost_parts *p = b->parts;
    sv_index index;
    savor_status st = index_tables(b, &index);
    size_t n = 0;
    b->ctrs = st ? NULL : sv_catboost_alloc(p, p->n_ctrs, sizeof *b->ctrs);
    b->combinations = st ? NULL : sv_catboost_alloc(p, p->n_ctrs, sizeof *b->combinations);
    if (!b->ctrs || !b->combinations)
        return st ? st : failed(b);
    for (size_t i = 0; i < p->n_ctrs; i++) {
        const catboost_base *base = &p->ctrs[i].base;
        bool is_new = i == 0 || !is_same_combination(base, &p->ctrs[i - 1].base);
        if (is_new && (st = make_combination(b, base, &b->combinations[n++])))
            return sv_error_at(b->err, st, "CTR %zu", i);
        b->ctrs[i].combination = n - 1;
        if ((st = make_ctr(b, &index, &p->ctrs[i], &b->ctrs[i])))
            return sv_error_at(b->err, st, "CTR %zu", i);
    }
    b->model->formula.ctrs = b->ctrs;
    b->model->formula.n_ctrs = p->n_ctrs;
    b->model->formula.combinations = b->combinations;
    b->model->formula.n_combinations = n;
    return SAVOR_OK;
}

/* ---- trees ---- */

static savor_status make_questions(builder *b)
{
    catboost_parts *p = b->parts;
    size_t n = 0;
    for (size_t i = 0; i < p->n_floats; i++)
        n += p->floats[i].borders.n;
    for (size_t i = 0; i < p->n_one_hots; i++)
        n += p->one_hots[i].n;
    for (size_t i = 0; i < p->n_ctrs; i++)
        n += p->ctrs[i].borders.n;
    b->questions = sv_catboost_alloc(p, n, sizeof *b->questions);
    return b->questions ? SAVOR_OK : failed(b);
}

/* A model whose trees ask nothing has zeros where questions would be. */
static savor_status make_splits(const builder *b, sv_binned_forest *f)
{
    catboost_parts *p = b->parts;
    sv_bin_split *splits = sv_catboost_alloc(p, p->n_splits, sizeof *splits);
    if (!splits)
        return failed(b);
    for (size_t i = 0; i < p->n_splits; i++) {
        if (b->n_questions == 0 && p->splits[i] == 0 && !p->is_symmetric)
            continue;
        if (p->splits[i] < 0 || (size_t)p->splits[i] >= b->n_questions)
            return sv_fail(b->err, SAVOR_FORMAT, "split %zu asked question %d, expected less than %zu", i,
                           (int)p->splits[i], b->n_questions);
        splits[i] = b->questions[p->splits[i]];
    }
    f->splits = splits;
    f->n_splits = p->n_splits;
    f->n_bins = b->n_bins ? b->n_bins : 1;
    return SAVOR_OK;
}

static savor_status make_trees(const builder *b, sv_binned_forest *f)
{
    catboost_parts *p = b->parts;
    size_t *first_split = sv_catboost_alloc(p, p->n_trees + 1, sizeof *first_split), at = 0, n = 0;
    size_t *first_leaf = sv_catboost_alloc(p, p->n_trees, sizeof *first_leaf);
    if (!first_split || !first_leaf)
        return failed(b);
    for (size_t t = 0; t < p->n_trees; t++) {
        if (p->tree_sizes[t] < 0 || (p->is_symmetric && (unsigned)p->tree_sizes[t] > SV_SYMMETRIC_DEPTH_MAX))
            return sv_fail(b->err, SAVOR_FORMAT, "tree %zu: size was %d", t, (int)p->tree_sizes[t]);
        first_split[t] = at;
        first_leaf[t] = n;
        at += (size_t)p->tree_sizes[t];
        n += p->is_symmetric ? ((size_t)1 << p->tree_sizes[t]) * (size_t)p->n_outputs : 0;
        if (n > p->n_leaf_values)
            return sv_fail(b->err, SAVOR_FORMAT, "tree %zu needed %zu leaf values, but there were %zu", t, n,
                           p->n_leaf_values);
    }
    first_split[p->n_trees] = at;
    f->first_split = first_split;
    f->first_leaf = first_leaf;
    f->n_trees = p->n_trees;
    return SAVOR_OK;
}

static savor_status make_forest(const builder *b)
{
    catboost_parts *p = b->parts;
    sv_binned_forest *f = &b->model->formula.forest;
    savor_status st = SAVOR_OK;
    if (p->n_outputs < 1 || (size_t)p->n_outputs != p->n_biases)
        return sv_fail(b->err, SAVOR_FORMAT, "the model had %d outputs and %zu biases", (int)p->n_outputs,
                       p->n_biases);
    f->is_symmetric = p->is_symmetric;
    f->n_outputs = (size_t)p->n_outputs;
    f->steps = p->steps;
    f->leaf = p->leaf;
    f->leaf_values = p->leaf_values;
    f->n_leaf_values = p->n_leaf_values;
    b->model->formula.scale = p->scale;
    b->model->formula.bias = p->biases;
    if ((st = make_splits(b, f)) || (st = make_trees(b, f)))
        return st;
    return sv_binned_forest_check(f, b->err);
}

savor_status sv_catboost_build(catboost_parts *parts, const char *format, const sv_catboost **out)
{
    builder b = {.parts = parts, .err = parts->err};
    savor_status st = SAVOR_OK;
    *out = NULL;
    b.model = sv_catboost_alloc(parts, 1, sizeof *b.model);
    if (!b.model)
        return failed(&b);
    b.model->format = format;
    if ((st = make_questions(&b)) || (st = add_floats(&b)) || (st = add_categories(&b)) || (st = add_one_hots(&b)) ||
        (st = add_ctrs(&b)) || (st = make_forest(&b)) || (st = sv_catboost_read_info(parts, b.model)))
        return st;
    *out = b.model;
    return SAVOR_OK;
}
