/*
 * lightgbm_tree.c: one tree of a LightGBM text file. First its lines are found and the sizes they claim are held
 * against the bytes that are there (sv_lightgbm_block_read); once the whole forest has its room, the numbers are read
 * into it (sv_lightgbm_block_fill).
 */
#include "base/number.h"
#include "format/lightgbm_priv.h"

#define DECISION_CATEGORICAL 1
#define DECISION_DEFAULT_LEFT 2
#define DECISION_MAX 15

bool sv_lightgbm_line(sv_str *rest, sv_str *line)
{
    if (rest->n == 0)
        return false;
    const char *end = memchr(rest->p, '\n', rest->n);
    size_t n = end ? (size_t)(end - rest->p) : rest->n;
    *line = (sv_str){rest->p, n > 0 && rest->p[n - 1] == '\r' ? n - 1 : n};
    n += end ? 1 : 0;
    *rest = (sv_str){rest->p + n, rest->n - n};
    return true;
}

bool sv_lightgbm_word(sv_str *rest, sv_str *word)
{
    if (rest->n == 0) /* an absent line has no address to count from */
        return false;
    const char *p = rest->p, *end = rest->p + rest->n;
    while (p < end && *p == ' ')
        p++;
    const char *start = p;
    while (p < end && *p != ' ')
        p++;
    *word = (sv_str){start, (size_t)(p - start)};
    *rest = (sv_str){p, (size_t)(end - p)};
    return p > start;
}

static const char *const key_names[N_KEYS] = {
#define X(name) #name,
    LIGHTGBM_TREE_KEYS(X)
#undef X
};

static const uint8_t key_sizes[N_KEYS] = {
#define X(name) sizeof(#name) - 1,
    LIGHTGBM_TREE_KEYS(X)
#undef X
};

static savor_status fail_tree(const lightgbm_block *b, savor_error *err, savor_status st)
{
    return sv_error_at(err, st, "tree %zu", b->tree);
}

/* ---- reading numbers ---- */

static bool read_int(sv_str word, int64_t *out)
{
    size_t i = word.n > 0 && word.p[0] == '-' ? 1 : 0;
    int64_t value = 0;
    if (i == word.n || word.n - i > 10)
        return false;
    for (; i < word.n; i++) {
        unsigned digit = (unsigned)(word.p[i] - '0');
        if (digit > 9)
            return false;
        value = value * 10 + digit;
    }
    *out = word.p[0] == '-' ? -value : value;
    return true;
}

/* Words that strtod knows beside numbers; LightGBM falls back to it. */
static bool read_special(sv_str word, double *out)
{
    static const struct {
        const char *text;
        double value;
    } specials[] = {{"inf", __builtin_inf()}, {"nan", __builtin_nan("")}, {"infinity", __builtin_inf()}};
    bool is_negative = word.n > 0 && word.p[0] == '-';
    size_t start = is_negative || (word.n > 0 && word.p[0] == '+') ? 1 : 0, n = word.n - start;
    char lower[8] = {0};
    if (n >= sizeof lower + 1)
        return false;
    for (size_t i = 0; i < n; i++)
        lower[i] = (char)(word.p[start + i] | 0x20);
    for (size_t i = 0; i < sizeof specials / sizeof *specials; i++)
        if (sv_str_is((sv_str){lower, n}, specials[i].text)) {
            *out = is_negative ? -specials[i].value : specials[i].value;
            return true;
        }
    return false;
}

static savor_status fail_count(const lightgbm_block *b, lightgbm_key key, size_t n, size_t expected, savor_error *err)
{
    return fail_tree(b, err,
                     sv_fail(err, SAVOR_FORMAT, "%s held %s %zu numbers, expected %zu", key_names[key],
                             n > expected ? "more than" : "only", n > expected ? expected : n, expected));
}

static savor_status fail_word(const lightgbm_block *b, lightgbm_key key, sv_str word, const char *expected,
                              savor_error *err)
{
    sv_str cut = {word.p, word.n < 40 ? word.n : 40};
    return fail_tree(
        b, err, sv_fail(err, SAVOR_FORMAT, "%s held \"%.*s\", expected %s", key_names[key], SV_FMT(cut), expected));
}

/* Exactly `n` whole numbers from `low` to `high` into scratch->ints. */
static savor_status read_ints(const lightgbm_block *b, lightgbm_key key, size_t n, int64_t low, int64_t high,
                              lightgbm_scratch *scratch, savor_error *err)
{
    sv_str rest = b->values[key], word;
    size_t i = 0;
    for (; sv_lightgbm_word(&rest, &word); i++) {
        if (i == n)
            return fail_count(b, key, n + 1, n, err);
        if (!read_int(word, &scratch->ints[i]) || scratch->ints[i] < low || scratch->ints[i] > high)
            return fail_word(b, key, word, "a whole number in its range", err);
    }
    return i == n ? SAVOR_OK : fail_count(b, key, i, n, err);
}

/* Exactly `n` numbers into `out`, correctly rounded as LightGBM reads them. */
static savor_status read_doubles(const lightgbm_block *b, lightgbm_key key, size_t n, double *out, savor_error *err)
{
    sv_str rest = b->values[key], word;
    size_t i = 0;
    for (; sv_lightgbm_word(&rest, &word); i++) {
        if (i == n)
            return fail_count(b, key, n + 1, n, err);
        if (!sv_text_to_double(word, &out[i]) && !read_special(word, &out[i]))
            return fail_word(b, key, word, "a number", err);
    }
    return i == n ? SAVOR_OK : fail_count(b, key, i, n, err);
}

/* ---- lines and sizes ---- */

static void keep_line(lightgbm_block *b, sv_str key, sv_str value)
{
    for (size_t k = 0; k < N_KEYS; k++)
        if (key.n == key_sizes[k] && memcmp(key.p, key_names[k], key.n) == 0) {
            b->values[k] = value;
            return;
        }
}

static savor_status find_lines(sv_str *rest, lightgbm_block *b, savor_error *err)
{
    sv_str line;
    while (sv_lightgbm_line(rest, &line) && line.n > 0) {
        size_t at = sv_str_find((sv_str){line.p, line.n < 64 ? line.n : 64}, '=');
        if (at >= line.n || line.p[at] != '=')
            return fail_tree(b, err,
                             sv_fail(err, SAVOR_FORMAT, "line \"%.*s\" was not of the form key=value",
                                     SV_FMT(((sv_str){line.p, line.n < 40 ? line.n : 40}))));
        keep_line(b, (sv_str){line.p, at}, (sv_str){line.p + at + 1, line.n - at - 1});
    }
    return SAVOR_OK;
}

static size_t count_words(sv_str text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++)
        n += text.p[i] != ' ' && (i == 0 || text.p[i - 1] == ' ');
    return n;
}

/* One whole number; an absent line is `absent`, or an error when that is negative. */
static savor_status read_size(const lightgbm_block *b, lightgbm_key key, int64_t absent, size_t *out,
                              savor_error *err)
{
    int64_t value = absent;
    sv_str word = sv_str_trim(b->values[key]);
    if (!b->values[key].p && absent < 0)
        return fail_tree(b, err, sv_fail(err, SAVOR_FORMAT, "there was no line %s", key_names[key]));
    if (b->values[key].p && (!read_int(word, &value) || value < 0 || value > INT32_MAX))
        return fail_word(b, key, word, "a count", err);
    *out = (size_t)value;
    return SAVOR_OK;
}

/* A list of `n` numbers needs a line of at least 2 n - 1 bytes. */
static savor_status check_room(const lightgbm_block *b, lightgbm_key key, size_t n, savor_error *err)
{
    if (!b->values[key].p && n > 0)
        return fail_tree(b, err, sv_fail(err, SAVOR_FORMAT, "there was no line %s", key_names[key]));
    if (n > (b->values[key].n + 1) / 2)
        return fail_count(b, key, count_words(b->values[key]), n, err);
    return SAVOR_OK;
}

static savor_status read_sizes(lightgbm_block *b, savor_error *err)
{
    static const lightgbm_key node_keys[] = {KEY_left_child, KEY_right_child, KEY_split_feature, KEY_threshold};
    size_t is_linear = 0;
    savor_status st = SAVOR_OK;
    if ((st = read_size(b, KEY_num_leaves, -1, &b->n_leaves, err)) ||
        (st = read_size(b, KEY_num_cat, -1, &b->n_sets, err)) ||
        (st = read_size(b, KEY_is_linear, 0, &is_linear, err)))
        return st;
    if (b->n_leaves == 0)
        return fail_tree(b, err, sv_fail(err, SAVOR_FORMAT, "num_leaves was 0, expected at least 1"));
    b->n_nodes = b->n_leaves - 1;
    b->is_linear = is_linear != 0;
    if (b->n_nodes == 0)
        b->n_sets = 0; /* LightGBM stops reading here, too */
    if ((st = check_room(b, KEY_leaf_value, b->n_leaves, err)) ||
        (b->n_sets > 0 && (st = check_room(b, KEY_cat_boundaries, b->n_sets + 1, err))))
        return st;
    for (size_t i = 0; i < sizeof node_keys / sizeof *node_keys; i++)
        if ((st = check_room(b, node_keys[i], b->n_nodes, err)))
            return st;
    b->n_words = b->n_sets > 0 ? count_words(b->values[KEY_cat_threshold]) : 0;
    b->n_terms = b->is_linear ? count_words(b->values[KEY_leaf_features]) : 0;
    return SAVOR_OK;
}

savor_status sv_lightgbm_block_read(sv_str *rest, size_t tree, lightgbm_block *out, savor_error *err)
{
    *out = (lightgbm_block){.tree = tree};
    savor_status st = find_lines(rest, out, err);
    return st ? st : read_sizes(out, err);
}

/* ---- filling ---- */

static savor_status fill_topology(const lightgbm_block *b, lightgbm_scratch *s, sv_tree_node *nodes, savor_error *err)
{
    size_t n = b->n_nodes;
    savor_status st = read_ints(b, KEY_left_child, n, INT32_MIN, INT32_MAX, s, err);
    for (size_t i = 0; !st && i < n; i++)
        nodes[i].left = (int32_t)s->ints[i];
    st = st ? st : read_ints(b, KEY_right_child, n, INT32_MIN, INT32_MAX, s, err);
    for (size_t i = 0; !st && i < n; i++)
        nodes[i].right = (int32_t)s->ints[i];
    st = st ? st : read_ints(b, KEY_split_feature, n, 0, INT32_MAX, s, err);
    for (size_t i = 0; !st && i < n; i++)
        nodes[i].feature = (uint32_t)s->ints[i];
    return st;
}

static savor_status set_decision(const lightgbm_block *b, int64_t type, sv_tree_node *node, savor_error *err)
{
    static const uint8_t missing_of[] = {SV_MISSING_NONE, SV_MISSING_ZERO, SV_MISSING_NAN};
    size_t missing = (size_t)type >> 2;
    if (missing >= sizeof missing_of)
        return fail_tree(b, err, sv_fail(err, SAVOR_FORMAT, "decision_type was %d, which does not exist", (int)type));
    node->missing = missing_of[missing];
    if (type & DECISION_CATEGORICAL) /* a missing category is no member: it goes right whatever the flag says */
        node->flags = SV_SPLIT_CATEGORICAL | SV_SPLIT_SET_LEFT;
    else
        node->flags = type & DECISION_DEFAULT_LEFT ? SV_SPLIT_DEFAULT_LEFT : 0;
    return SAVOR_OK;
}

static savor_status fill_decisions(const lightgbm_block *b, lightgbm_scratch *s, sv_tree_node *nodes,
                                   savor_error *err)
{
    savor_status st = SAVOR_OK;
    if (b->values[KEY_decision_type].p) {
        if ((st = read_ints(b, KEY_decision_type, b->n_nodes, 0, DECISION_MAX, s, err)))
            return st;
    } else {
        memset(s->ints, 0, b->n_nodes * sizeof *s->ints);
    }
    for (size_t i = 0; !st && i < b->n_nodes; i++)
        st = set_decision(b, s->ints[i], &nodes[i], err);
    if (st || (st = read_doubles(b, KEY_threshold, b->n_nodes, s->doubles, err)))
        return st;
    for (size_t i = 0; i < b->n_nodes; i++)
        nodes[i].threshold = s->doubles[i];
    return SAVOR_OK;
}

/* A categorical node's threshold is the number of its set; scratch->ints holds where the sets begin. */
static savor_status link_sets(const lightgbm_block *b, size_t first_word, const int64_t *bounds, sv_tree_node *nodes,
                              savor_error *err)
{
    for (size_t i = 0; i < b->n_nodes; i++) {
        if (!(nodes[i].flags & SV_SPLIT_CATEGORICAL))
            continue;
        if (!(nodes[i].threshold >= 0 && nodes[i].threshold < (double)b->n_sets))
            return fail_tree(b, err,
                             sv_fail(err, SAVOR_FORMAT, "node %zu: category set %g, expected less than num_cat %zu",
                                     i, nodes[i].threshold, b->n_sets));
        size_t set = (size_t)nodes[i].threshold;
        nodes[i].set_begin = (uint32_t)(first_word + (size_t)bounds[set]);
        nodes[i].set_words = (uint32_t)(bounds[set + 1] - bounds[set]);
    }
    return SAVOR_OK;
}

static savor_status fill_sets(const lightgbm_block *b, size_t first_word, lightgbm_scratch *s, sv_forest *forest,
                              sv_tree_node *nodes, savor_error *err)
{
    savor_status st = SAVOR_OK;
    if (b->n_sets == 0)
        return link_sets(b, first_word, NULL, nodes, err);
    if ((st = read_ints(b, KEY_cat_threshold, b->n_words, 0, UINT32_MAX, s, err)))
        return st;
    for (size_t i = 0; i < b->n_words; i++)
        forest->sets[first_word + i] = (uint32_t)s->ints[i];
    if ((st = read_ints(b, KEY_cat_boundaries, b->n_sets + 1, 0, (int64_t)b->n_words, s, err)))
        return st;
    for (size_t i = 0; i < b->n_sets; i++)
        if (s->ints[i] > s->ints[i + 1])
            return fail_tree(b, err,
                             sv_fail(err, SAVOR_FORMAT, "cat_boundaries fell from %d to %d", (int)s->ints[i],
                                     (int)s->ints[i + 1]));
    if ((size_t)s->ints[b->n_sets] != b->n_words)
        return fail_count(b, KEY_cat_threshold, b->n_words, (size_t)s->ints[b->n_sets], err);
    return link_sets(b, first_word, s->ints, nodes, err);
}

/* Without linear models each leaf is a constant, which the same record says with no terms. */
static void fill_plain_leaves(const lightgbm_block *b, const double *values, sv_linear_leaf *leaves)
{
    for (size_t i = 0; i < b->n_leaves; i++)
        leaves[i] = (sv_linear_leaf){.constant = values[i]};
}

static savor_status fill_terms(const lightgbm_block *b, size_t first_term, lightgbm_scratch *s, sv_forest *forest,
                               sv_linear_leaf *leaves, savor_error *err)
{
    savor_status st = SAVOR_OK;
    size_t at = 0;
    if (b->values[KEY_num_features].p && (st = read_ints(b, KEY_num_features, b->n_leaves, 0, INT32_MAX, s, err)))
        return st;
    for (size_t i = 0; b->values[KEY_num_features].p && i < b->n_leaves; i++) {
        leaves[i].first_term = first_term + at;
        leaves[i].n_terms = (size_t)s->ints[i];
        if (leaves[i].n_terms > b->n_terms - at)
            return fail_count(b, KEY_leaf_features, b->n_terms, at + leaves[i].n_terms, err);
        at += leaves[i].n_terms;
    }
    if (at != b->n_terms)
        return fail_count(b, KEY_leaf_features, b->n_terms, at, err);
    if ((st = read_ints(b, KEY_leaf_features, b->n_terms, 0, INT32_MAX, s, err)))
        return st;
    for (size_t i = 0; i < b->n_terms; i++)
        forest->terms_feature[first_term + i] = (uint32_t)s->ints[i];
    return b->n_terms ? read_doubles(b, KEY_leaf_coeff, b->n_terms, forest->terms_coefficient + first_term, err)
                      : SAVOR_OK;
}

static savor_status fill_linear(const lightgbm_block *b, size_t first_term, lightgbm_scratch *s, sv_forest *forest,
                                savor_error *err)
{
    const sv_tree *tree = &forest->trees[b->tree];
    sv_linear_leaf *leaves = forest->linear + tree->first_leaf;
    savor_status st = SAVOR_OK;
    if (!b->is_linear) {
        fill_plain_leaves(b, forest->leaf_values + tree->first_leaf, leaves);
        return SAVOR_OK;
    }
    if (b->values[KEY_leaf_const].p) {
        if ((st = read_doubles(b, KEY_leaf_const, b->n_leaves, s->doubles, err)))
            return st;
    } else {
        memset(s->doubles, 0, b->n_leaves * sizeof *s->doubles);
    }
    for (size_t i = 0; i < b->n_leaves; i++)
        leaves[i] = (sv_linear_leaf){.constant = s->doubles[i]};
    return fill_terms(b, first_term, s, forest, leaves, err);
}

savor_status sv_lightgbm_block_fill(const lightgbm_block *block, size_t first_word, size_t first_term,
                                    lightgbm_scratch *scratch, sv_forest *forest, savor_error *err)
{
    const sv_tree *tree = &forest->trees[block->tree];
    sv_tree_node *nodes = block->n_nodes > 0 ? forest->nodes + tree->first_node : NULL;
    savor_status st =
        read_doubles(block, KEY_leaf_value, block->n_leaves, forest->leaf_values + tree->first_leaf, err);
    if (!st && block->n_nodes > 0)
        (void)((st = fill_topology(block, scratch, nodes, err)) ||
               (st = fill_decisions(block, scratch, nodes, err)) ||
               (st = fill_sets(block, first_word, scratch, forest, nodes, err)));
    if (!st && forest->linear)
        st = fill_linear(block, first_term, scratch, forest, err);
    return st;
}
