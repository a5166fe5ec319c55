/*
 * lightgbm_text.c: the file around the trees: header, where each tree lies, the last line. Two passes over
 * the trees: the first finds how much room the forest needs (sizes are held against the bytes that are there), the
 * second fills it.
 */
#include "format/lightgbm_text.h"

#include "base/alloc.h"
#include "format/lightgbm_priv.h"
#include "text/json.h"

#define GROUPS_MAX_WITHOUT_TREES 65536
#define JSON_SCRATCH_BYTES ((size_t)1 << 30)

#define HEADER_KEYS(X)        \
    X(version)                \
    X(num_class)              \
    X(num_tree_per_iteration) \
    X(label_index)            \
    X(max_feature_idx)        \
    X(objective)              \
    X(average_output)         \
    X(feature_names)          \
    X(monotone_constraints)   \
    X(feature_infos)          \
    X(tree_sizes)

typedef enum header_key {
#define X(name) HEADER_##name,
    HEADER_KEYS(X)
#undef X
        N_HEADER_KEYS
} header_key;

static const char *const header_names[N_HEADER_KEYS] = {
#define X(name) #name,
    HEADER_KEYS(X)
#undef X
};

typedef struct reader {
    sv_str text;
    sv_str header[N_HEADER_KEYS]; /* p == NULL: no such line */
    sv_str body;                  /* from the first "Tree=" line on */
    bool has_end_of_trees;        /* the header ran into it: a model without trees */
    sv_arena *arena;
    sv_lightgbm *model;
    sv_forest *forest; /* &model->forest */
    size_t longest_list;
    size_t missing_bytes; /* of the first piece that the arena did not give */
    savor_error *err;
} reader;

/* ---- header ---- */

static savor_status fail_header(const reader *r, savor_status st) { return sv_error_at(r->err, st, "header"); }

static savor_status fail_absent(const reader *r, header_key key)
{
    return fail_header(r, sv_fail(r->err, SAVOR_FORMAT, "there was no line %s", header_names[key]));
}

static void keep_line(reader *r, sv_str line)
{
    size_t at = sv_str_find(line, '=');
    sv_str key = {line.p, at};
    for (size_t k = 0; k < N_HEADER_KEYS; k++)
        if (sv_str_is(key, header_names[k]))
            r->header[k] = at < line.n ? (sv_str){line.p + at + 1, line.n - at - 1} : (sv_str){line.p + at, 0};
}

static savor_status find_header(reader *r)
{
    sv_str rest = r->text, line = {NULL, 0};
    if (!sv_lightgbm_line(&rest, &line) || !sv_str_is(line, "tree"))
        return sv_fail(r->err, SAVOR_FORMAT, "first line was \"%.*s\", expected \"tree\"",
                       SV_FMT(((sv_str){line.p, line.n < 40 ? line.n : 40})));
    for (;;) {
        r->body = rest;
        if (!sv_lightgbm_line(&rest, &line) || sv_str_starts(line, SV_STR("Tree=")))
            return SAVOR_OK;
        if (sv_str_is(line, "end of trees")) {
            r->has_end_of_trees = true;
            return SAVOR_OK;
        }
        keep_line(r, line);
    }
}

static savor_status read_count(reader *r, header_key key, int64_t low, int64_t *out)
{
    sv_str word = sv_str_trim(r->header[key]);
    if (!r->header[key].p)
        return fail_absent(r, key);
    if (!sv_str_to_int64(word, out) || *out < low || *out >= INT32_MAX)
        return fail_header(r, sv_fail(r->err, SAVOR_FORMAT, "%s was \"%.*s\", expected a number of at least %d",
                                      header_names[key], SV_FMT(((sv_str){word.p, word.n < 40 ? word.n : 40})),
                                      (int)low));
    return SAVOR_OK;
}

/* A list in the header has one word per feature. */
static savor_status check_list(const reader *r, header_key key, bool is_required)
{
    sv_str rest = r->header[key], word;
    size_t n = 0;
    if (!r->header[key].p)
        return is_required ? fail_absent(r, key) : SAVOR_OK;
    while (sv_lightgbm_word(&rest, &word))
        n++;
    if (n == r->forest->n_features)
        return SAVOR_OK;
    return fail_header(r, sv_fail(r->err, SAVOR_FORMAT, "%s held %zu words, expected %zu", header_names[key], n,
                                  r->forest->n_features));
}

static savor_status keep_names(reader *r)
{
    size_t n = r->forest->n_features, bytes = 0;
    sv_str *names = sv_arena_array(r->arena, n, sizeof *names);
    sv_str rest = r->header[HEADER_feature_names];
    const char *copy = names ? sv_arena_text(r->arena, rest.p, rest.n) : NULL;
    if (!copy)
        return sv_arena_fail(r->arena, sv_mul(n, sizeof *names, &bytes) ? bytes : SIZE_MAX, r->err);
    rest.p = copy;
    for (size_t i = 0; i < n && sv_lightgbm_word(&rest, &names[i]); i++)
        ;
    r->model->feature_names = names;
    return SAVOR_OK;
}

static savor_status read_version(reader *r)
{
    static const char *const known[] = {"", "v2", "v3", "v4"};
    sv_str version = sv_str_trim(r->header[HEADER_version]);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (sv_str_is(version, known[i])) {
            r->model->version = sv_str_of(known[i]);
            return SAVOR_OK;
        }
    return fail_header(r, sv_fail(r->err, SAVOR_UNSUPPORTED,
                                  "LightGBM model version \"%.*s\" is not known, expected v2, v3 or v4",
                                  SV_FMT(((sv_str){version.p, version.n < 40 ? version.n : 40}))));
}

static savor_status read_header(reader *r)
{
    int64_t n_classes = 0, n_groups = 0, last_feature = 0, label = 0;
    savor_status st = SAVOR_OK;
    if ((st = find_header(r)) || (st = read_version(r)) || (st = read_count(r, HEADER_num_class, 1, &n_classes)) ||
        (st = read_count(r, HEADER_label_index, INT32_MIN, &label)) ||
        (st = read_count(r, HEADER_max_feature_idx, 0, &last_feature)))
        return st;
    n_groups = n_classes;
    if (r->header[HEADER_num_tree_per_iteration].p &&
        (st = read_count(r, HEADER_num_tree_per_iteration, 1, &n_groups)))
        return st;
    if (n_groups != n_classes)
        return fail_header(r, sv_fail(r->err, SAVOR_FORMAT, "num_tree_per_iteration was %d, expected num_class %d",
                                      (int)n_groups, (int)n_classes));
    r->forest->n_groups = (size_t)n_groups;
    r->forest->n_features = (size_t)last_feature + 1;
    r->model->is_averaged = r->header[HEADER_average_output].p != NULL;
    if ((st = check_list(r, HEADER_feature_names, true)) || (st = check_list(r, HEADER_feature_infos, true)) ||
        (st = check_list(r, HEADER_monotone_constraints, false)) || (st = keep_names(r)))
        return st;
    return sv_lightgbm_objective_read(r->header[HEADER_objective], r->forest->n_groups, r->arena, r->model, r->err);
}

/* ---- trees ---- */

/* Walks over the trees, in both passes. */
typedef struct tree_cursor {
    sv_str body, sizes; /* what is left */
    bool has_sizes;
    size_t n; /* trees so far */
} tree_cursor;

static tree_cursor first_tree(const reader *r)
{
    sv_str sizes = r->header[HEADER_tree_sizes];
    return (tree_cursor){.body = r->body, .sizes = sizes, .has_sizes = sizes.p != NULL};
}

/* The bytes of the next tree when the header says how many there are. */
static savor_status cut_tree(const reader *r, tree_cursor *c, sv_str *out, bool *is_there)
{
    sv_str word;
    uint64_t size = 0;
    *is_there = sv_lightgbm_word(&c->sizes, &word);
    if (!*is_there)
        return SAVOR_OK;
    if (!sv_str_to_uint64(word, &size) || size > c->body.n)
        return fail_header(r,
                           sv_fail(r->err, SAVOR_FORMAT, "tree_sizes held \"%.*s\" for tree %zu, %zu bytes were left",
                                   SV_FMT(((sv_str){word.p, word.n < 40 ? word.n : 40})), c->n, c->body.n));
    *out = (sv_str){c->body.p, (size_t)size};
    c->body = (sv_str){c->body.p + size, c->body.n - (size_t)size};
    return SAVOR_OK;
}

static savor_status next_tree(const reader *r, tree_cursor *c, lightgbm_block *block, bool *is_there)
{
    sv_str rest = c->body, line = {NULL, 0};
    savor_status st = SAVOR_OK;
    if (c->has_sizes) {
        if ((st = cut_tree(r, c, &rest, is_there)) || !*is_there)
            return st;
        (void)sv_lightgbm_line(&rest, &line);
    } else {
        while (sv_lightgbm_line(&rest, &line) && line.n == 0)
            ;
    }
    *is_there = sv_str_starts(line, SV_STR("Tree="));
    if (!*is_there)
        return c->has_sizes ? sv_fail(r->err, SAVOR_FORMAT, "tree %zu did not lie where tree_sizes put it", c->n)
                            : SAVOR_OK;
    if ((st = sv_lightgbm_block_read(&rest, c->n, block, r->err)))
        return st;
    if (!c->has_sizes)
        c->body = rest;
    c->n++;
    return SAVOR_OK;
}

static void lengthen(reader *r, size_t n)
{
    if (n > r->longest_list)
        r->longest_list = n;
}

static savor_status measure_trees(reader *r)
{
    sv_forest *f = r->forest;
    tree_cursor c = first_tree(r);
    lightgbm_block b;
    bool is_there = false;
    savor_status st = SAVOR_OK;
    while (!(st = next_tree(r, &c, &b, &is_there)) && is_there) {
        f->n_nodes += b.n_nodes;
        f->n_leaves += b.n_leaves;
        f->n_terms += b.n_terms;
        f->n_set_words += b.n_words;
        r->model->has_linear_leaves = r->model->has_linear_leaves || b.is_linear;
        lengthen(r, b.n_leaves);
        lengthen(r, b.n_words);
        lengthen(r, b.n_sets + 1);
        lengthen(r, b.n_terms);
    }
    f->n_trees = c.n;
    return st;
}

static savor_status check_trees(const reader *r)
{
    const sv_forest *f = r->forest;
    if (f->n_trees == 0 && !r->has_end_of_trees)
        return sv_fail(r->err, SAVOR_FORMAT, "file ended behind its header");
    if (f->n_trees == 0 ? f->n_groups > GROUPS_MAX_WITHOUT_TREES : f->n_groups > f->n_trees)
        return sv_fail(r->err, SAVOR_FORMAT, "there were %zu trees for %zu outputs", f->n_trees, f->n_groups);
    if (f->n_set_words > UINT32_MAX)
        return sv_fail(r->err, SAVOR_LIMIT, "category sets held %zu words, expected at most %u", f->n_set_words,
                       UINT32_MAX);
    return SAVOR_OK;
}

/* `n` cleared items; NULL for none, and when memory is short, which is remembered. */
static void *take_room(reader *r, size_t n, size_t size)
{
    void *room = n > 0 ? sv_arena_array(r->arena, n, size) : NULL;
    if (n > 0 && !room && !sv_mul(n, size, &r->missing_bytes))
        r->missing_bytes = SIZE_MAX;
    return room;
}

static savor_status make_room(reader *r)
{
    sv_forest *f = r->forest;
    f->trees = take_room(r, f->n_trees, sizeof *f->trees);
    f->nodes = take_room(r, f->n_nodes, sizeof *f->nodes);
    f->leaf_values = take_room(r, f->n_leaves, sizeof *f->leaf_values);
    f->sets = take_room(r, f->n_set_words, sizeof *f->sets);
    if (r->model->has_linear_leaves)
        f->linear = take_room(r, f->n_leaves, sizeof *f->linear);
    f->terms_feature = take_room(r, f->n_terms, sizeof *f->terms_feature);
    f->terms_coefficient = take_room(r, f->n_terms, sizeof *f->terms_coefficient);
    return r->missing_bytes ? sv_arena_fail(r->arena, r->missing_bytes, r->err) : SAVOR_OK;
}

static savor_status fill_trees(reader *r, lightgbm_scratch *scratch)
{
    sv_forest *f = r->forest;
    tree_cursor c = first_tree(r);
    lightgbm_block b;
    size_t node = 0, leaf = 0, word = 0, term = 0;
    bool is_there = false;
    savor_status st = SAVOR_OK;
    while (!(st = next_tree(r, &c, &b, &is_there)) && is_there) {
        f->trees[b.tree] = (sv_tree){node, b.n_nodes, leaf, b.n_leaves, (uint32_t)(b.tree % f->n_groups)};
        if ((st = sv_lightgbm_block_fill(&b, word, term, scratch, f, r->err)))
            return st;
        node += b.n_nodes;
        leaf += b.n_leaves;
        word += b.n_words;
        term += b.n_terms;
    }
    return st;
}

static savor_status read_trees(reader *r)
{
    lightgbm_scratch scratch = {NULL, NULL, 0};
    savor_status st = SAVOR_OK;
    if ((st = measure_trees(r)) || (st = check_trees(r)) || (st = make_room(r)))
        return st;
    scratch.n = r->longest_list;
    scratch.ints = sv_alloc_array(scratch.n, sizeof *scratch.ints);
    scratch.doubles = sv_alloc_array(scratch.n, sizeof *scratch.doubles);
    if (!scratch.ints || !scratch.doubles)
        st = sv_fail_nomem(r->err, scratch.n * sizeof *scratch.ints);
    else
        st = fill_trees(r, &scratch);
    sv_free(scratch.ints);
    sv_free(scratch.doubles);
    r->model->n_iterations = r->forest->n_trees / r->forest->n_groups;
    return st;
}

/* ---- the last line ---- */

static sv_str take_last_line(sv_str *text)
{
    size_t end = text->n > 0 && text->p[text->n - 1] == '\n' ? text->n - 1 : text->n, start = end;
    while (start > 0 && text->p[start - 1] != '\n')
        start--;
    sv_str line = {text->p + start, end - start};
    text->n = start;
    return sv_str_trim(line);
}

/* The Python package looks at the last line, then at the one before. */
static savor_status read_pandas_categories(reader *r)
{
    const sv_str key = SV_STR("pandas_categorical:");
    sv_str rest = r->text, line = take_last_line(&rest);
    const sv_json *value = NULL;
    sv_arena scratch;
    if (!sv_str_starts(line, key))
        line = take_last_line(&rest);
    if (!sv_str_starts(line, key))
        return SAVOR_OK;
    line = (sv_str){line.p + key.n, line.n - key.n};
    sv_arena_init(&scratch, JSON_SCRATCH_BYTES);
    savor_status st = sv_utf8_check(line.p, line.n)
                          ? sv_json_parse(line, &SV_JSON_LIMITS, &scratch, &value, NULL, r->err)
                          : sv_fail(r->err, SAVOR_FORMAT, "text was not UTF-8");
    if (!st && value->kind != SV_JSON_ARRAY && value->kind != SV_JSON_NULL)
        st = sv_fail(r->err, SAVOR_FORMAT, "value was no list and not null");
    if (!st && value->kind == SV_JSON_ARRAY) {
        r->model->has_pandas_categories = true;
        r->model->n_pandas_categories = value->n;
    }
    sv_arena_deinit(&scratch);
    return sv_error_at(r->err, st, "pandas_categorical");
}

savor_status sv_lightgbm_read(sv_str text, sv_arena *arena, const sv_lightgbm **out, savor_error *err)
{
    sv_lightgbm *model = NULL;
    savor_status st = SAVOR_OK;
    *out = NULL;
    if (!(model = sv_arena_array(arena, 1, sizeof *model)))
        return sv_arena_fail(arena, sizeof *model, err);
    reader r = {.text = text, .arena = arena, .model = model, .forest = &model->forest, .err = err};
    *r.forest = (sv_forest){.compare = SV_COMPARE_F64_LE, .leaf_width = 1};
    if ((st = read_header(&r)) || (st = read_trees(&r)) || (st = read_pandas_categories(&r)) ||
        (st = sv_forest_check(r.forest, err)) || (st = sv_forest_lower(r.forest, arena, err)))
        return st;
    *out = model;
    return SAVOR_OK;
}
