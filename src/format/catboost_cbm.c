/*
 * catboost_cbm.c: "CBM1", a size, a FlatBuffers table of the whole model, and the parts that it names. Slots are
 * those of CatBoost's model.fbs, features.fbs and ctr_data.fbs; docs/formats/catboost.md lists them.
 */
#include "base/alloc.h"
#include "format/catboost_priv.h"
#include "format/flatbuffer.h"

#define BUCKET_BYTES 12 /* u64 hash, u32 row */

typedef struct cbm {
    catboost_parts parts;
    sv_flatbuffer fb;
    sv_str rest; /* of the file, behind what has been read */
} cbm;

/* ---- vectors into the model's arena ---- */

/* The elements of a vector, copied and so aligned; true unless memory is short. */
static bool copy_vector(cbm *c, sv_fb_vector v, size_t element_bytes, void *out)
{
    void *p = sv_catboost_alloc(&c->parts, v.n, element_bytes);
    if (p && v.n)
        memcpy(p, sv_fb_bytes(&c->fb, v), v.n * element_bytes);
    memcpy(out, &p, sizeof p);
    return p != NULL;
}

static bool read_vector(cbm *c, sv_fb_table t, unsigned slot, size_t element_bytes, size_t *n, void *out)
{
    sv_fb_vector v = sv_fb_vector_of(&c->fb, t, slot, element_bytes);
    *n = v.n;
    return copy_vector(c, v, element_bytes, out);
}

static bool read_text(cbm *c, sv_fb_table t, unsigned slot, sv_str *out)
{
    *out = sv_catboost_copy(&c->parts, sv_fb_string(&c->fb, t, slot));
    return out->p != NULL;
}

static bool read_borders(cbm *c, sv_fb_table t, unsigned slot, catboost_borders *out)
{
    return read_vector(c, t, slot, sizeof *out->values, &out->n, &out->values);
}

/* ---- features ---- */

static bool read_float(cbm *c, sv_fb_table t, catboost_float *out)
{
    out->has_nans = sv_fb_bool(&c->fb, t, 0, false);
    out->index = sv_fb_int32(&c->fb, t, 1, -1);
    out->column = sv_fb_int32(&c->fb, t, 2, -1);
    out->nan = sv_fb_int8(&c->fb, t, 5, CATBOOST_NAN_AS_IS);
    return read_borders(c, t, 3, &out->borders) && read_text(c, t, 4, &out->name);
}

static bool read_category(cbm *c, sv_fb_table t, catboost_category *out)
{
    out->index = sv_fb_int32(&c->fb, t, 0, -1);
    out->column = sv_fb_int32(&c->fb, t, 1, -1);
    out->is_used = sv_fb_bool(&c->fb, t, 3, true);
    return read_text(c, t, 2, &out->name);
}

static bool read_one_hot(cbm *c, sv_fb_table t, catboost_one_hot *out)
{
    out->index = sv_fb_int32(&c->fb, t, 0, -1);
    return read_vector(c, t, 1, sizeof *out->values, &out->n, &out->values);
}

static bool read_base(cbm *c, sv_fb_table t, catboost_base *out)
{
    sv_fb_table combination = sv_fb_child(&c->fb, t, 0);
    out->type = sv_fb_int8(&c->fb, t, 1, 0);
    out->classifier = sv_fb_int32(&c->fb, t, 2, 0);
    return read_vector(c, combination, 0, sizeof *out->categories, &out->n_categories, &out->categories) &&
           read_vector(c, combination, 1, sizeof *out->floats, &out->n_floats, &out->floats) &&
           read_vector(c, combination, 2, sizeof *out->values, &out->n_values, &out->values);
}

static bool read_ctr(cbm *c, sv_fb_table t, catboost_ctr *out)
{
    sv_fb_table ctr = sv_fb_child(&c->fb, t, 0);
    out->target_border = sv_fb_int32(&c->fb, ctr, 1, 0);
    out->prior = sv_fb_float(&c->fb, ctr, 2, 0.0f);
    out->prior_weight = sv_fb_float(&c->fb, ctr, 3, 1.0f);
    out->shift = sv_fb_float(&c->fb, ctr, 4, 0.0f);
    out->scale = sv_fb_float(&c->fb, ctr, 5, 1.0f);
    return read_base(c, sv_fb_child(&c->fb, ctr, 0), &out->base) && read_borders(c, t, 1, &out->borders);
}

/* One function per kind of feature: the vector of tables at a slot -> an array. */
#define READ_ALL(name, read_one, type)                                            \
    static bool name(cbm *c, sv_fb_table t, unsigned slot, size_t *n, type **out) \
    {                                                                             \
        sv_fb_vector v = sv_fb_vector_of(&c->fb, t, slot, 4);                     \
        *n = v.n;                                                                 \
        *out = sv_catboost_alloc(&c->parts, v.n, sizeof **out);                   \
        bool ok = *out != NULL;                                                   \
        for (size_t i = 0; i < v.n && ok && !c->fb.fault; i++)                    \
            ok = read_one(c, sv_fb_table_at(&c->fb, v, i), *out + i);             \
        return ok;                                                                \
    }

READ_ALL(read_floats, read_float, catboost_float)
READ_ALL(read_categories, read_category, catboost_category)
READ_ALL(read_one_hots, read_one_hot, catboost_one_hot)
READ_ALL(read_ctrs, read_ctr, catboost_ctr)

static savor_status check_absent(cbm *c, sv_fb_table trees, unsigned slot, const char *what)
{
    if (sv_fb_vector_of(&c->fb, trees, slot, 4).n == 0)
        return SAVOR_OK;
    return sv_fail(c->parts.err, SAVOR_UNSUPPORTED, "CatBoost models with %s are not supported natively", what);
}

static savor_status read_features(cbm *c, sv_fb_table trees)
{
    catboost_parts *p = &c->parts;
    savor_status st = SAVOR_OK;
    if ((st = check_absent(c, trees, 12, "text features")) ||
        (st = check_absent(c, trees, 18, "embedding features")) ||
        (st = check_absent(c, trees, 13, "estimated features")))
        return st;
    bool ok = read_categories(c, trees, 4, &p->n_categories, &p->categories) &&
              read_floats(c, trees, 5, &p->n_floats, &p->floats) &&
              read_one_hots(c, trees, 6, &p->n_one_hots, &p->one_hots) &&
              read_ctrs(c, trees, 7, &p->n_ctrs, &p->ctrs);
    return ok ? sv_fb_check(&c->fb, p->err) : p->failed;
}

/* ---- trees ---- */

static savor_status check_starts(cbm *c, size_t n_starts, const int32_t *starts)
{
    const catboost_parts *p = &c->parts;
    int64_t at = 0;
    if (n_starts != 0 && n_starts != p->n_trees)
        return sv_fail(p->err, SAVOR_FORMAT, "there were %zu starts for %zu trees", n_starts, p->n_trees);
    for (size_t t = 0; t < n_starts; t++) {
        if (starts[t] != at)
            return sv_fail(p->err, SAVOR_FORMAT, "tree %zu started at %d, expected %lld", t, (int)starts[t],
                           (long long)at);
        at += p->tree_sizes[t];
    }
    return SAVOR_OK;
}

static savor_status check_nodes(const catboost_parts *p, size_t n_steps, size_t n_leaves)
{
    if (p->is_symmetric || (n_steps == p->n_splits && n_leaves == p->n_splits))
        return SAVOR_OK;
    return sv_fail(p->err, SAVOR_FORMAT, "there were %zu splits, %zu steps and %zu leaves, expected as many of each",
                   p->n_splits, n_steps, n_leaves);
}

/* One bias for all, in files of older versions, or one each. */
static savor_status read_biases(cbm *c, sv_fb_table trees)
{
    catboost_parts *p = &c->parts;
    double bias = sv_fb_double(&c->fb, trees, 15, 0);
    p->scale = sv_fb_double(&c->fb, trees, 14, 1);
    if (!read_vector(c, trees, 16, sizeof *p->biases, &p->n_biases, &p->biases))
        return p->failed;
    if (p->n_biases > 0 || p->n_outputs < 1)
        return SAVOR_OK;
    if ((size_t)p->n_outputs > c->fb.bytes.n) /* each output has leaf values */
        return sv_fail(p->err, SAVOR_FORMAT, "the model claimed %d outputs", (int)p->n_outputs);
    p->biases = sv_catboost_alloc(p, (size_t)p->n_outputs, sizeof *p->biases);
    if (!p->biases)
        return p->failed;
    p->n_biases = (size_t)p->n_outputs;
    for (size_t i = 0; i < p->n_biases; i++)
        p->biases[i] = bias;
    return SAVOR_OK;
}

static savor_status read_trees(cbm *c, sv_fb_table trees)
{
    catboost_parts *p = &c->parts;
    size_t n_starts = 0, n_steps = 0, n_leaves = 0;
    int32_t *starts = NULL;
    savor_status st = SAVOR_OK;
    p->n_outputs = sv_fb_int32(&c->fb, trees, 0, 0);
    bool ok = read_vector(c, trees, 1, sizeof *p->splits, &p->n_splits, &p->splits) &&
              read_vector(c, trees, 2, sizeof *p->tree_sizes, &p->n_trees, &p->tree_sizes) &&
              read_vector(c, trees, 3, sizeof *starts, &n_starts, &starts) &&
              read_vector(c, trees, 8, sizeof *p->leaf_values, &p->n_leaf_values, &p->leaf_values) &&
              read_vector(c, trees, 10, sizeof *p->steps, &n_steps, &p->steps) &&
              read_vector(c, trees, 11, sizeof *p->leaf, &n_leaves, &p->leaf);
    if (!ok)
        return p->failed;
    p->is_symmetric = n_steps == 0 && n_leaves == 0;
    if ((st = read_biases(c, trees)) || (st = sv_fb_check(&c->fb, p->err)) ||
        (st = check_starts(c, n_starts, starts)))
        return st;
    return check_nodes(p, n_steps, n_leaves);
}

/* ---- metadata ---- */

/* The text stays in the file's bytes: it is read before they end. */
static savor_status read_entries(cbm *c, sv_fb_table core)
{
    catboost_parts *p = &c->parts;
    sv_fb_vector v = sv_fb_vector_of(&c->fb, core, 2, 4);
    p->entries = sv_catboost_alloc(p, v.n, sizeof *p->entries);
    if (!p->entries)
        return p->failed;
    p->n_entries = v.n;
    for (size_t i = 0; i < v.n && !c->fb.fault; i++) {
        sv_fb_table entry = sv_fb_table_at(&c->fb, v, i);
        p->entries[i].key = sv_fb_string(&c->fb, entry, 0);
        p->entries[i].text = sv_fb_string(&c->fb, entry, 1);
    }
    return sv_fb_check(&c->fb, p->err);
}

/* ---- tables of CTRs ---- */

static bool take(cbm *c, void *out, size_t n)
{
    if (c->rest.n < n)
        return false;
    memcpy(out, c->rest.p, n);
    c->rest = (sv_str){c->rest.p + n, c->rest.n - n};
    return true;
}

/* A size as CatBoost saves it: 32 bits, or all ones and then 64. At most what is left of the file. */
static savor_status take_size(cbm *c, const char *what, size_t *out)
{
    uint32_t small = 0;
    uint64_t size = 0;
    bool ok = take(c, &small, sizeof small);
    size = small;
    if (ok && small == UINT32_MAX)
        ok = take(c, &size, sizeof size);
    if (!ok || size > c->rest.n)
        return sv_fail(c->parts.err, SAVOR_FORMAT, "%s did not fit into the file", what);
    *out = (size_t)size;
    return SAVOR_OK;
}

static savor_status take_bytes(cbm *c, const char *what, sv_str *out)
{
    size_t n = 0;
    savor_status st = take_size(c, what, &n);
    if (st)
        return st;
    *out = (sv_str){c->rest.p, n};
    c->rest = (sv_str){c->rest.p + n, c->rest.n - n};
    return SAVOR_OK;
}

static savor_status read_places(cbm *c, sv_fb_vector v, sv_ctr_table *out)
{
    catboost_parts *p = &c->parts;
    size_t n = v.n / BUCKET_BYTES;
    uint64_t *hashes = sv_catboost_alloc(p, n, sizeof *hashes);
    uint32_t *rows = sv_catboost_alloc(p, n, sizeof *rows);
    if (!hashes || !rows)
        return p->failed;
    for (size_t i = 0; i < n; i++) {
        const char *bucket = sv_fb_bytes(&c->fb, v) + i * BUCKET_BYTES;
        memcpy(&hashes[i], bucket, sizeof *hashes);
        memcpy(&rows[i], bucket + sizeof *hashes, sizeof *rows);
    }
    out->hashes = hashes;
    out->rows = rows;
    out->n_places = n;
    return SAVOR_OK;
}

static savor_status read_counts(cbm *c, sv_fb_table t, const catboost_base *base, sv_ctr_table *out)
{
    sv_fb_vector v = sv_fb_vector_of(&c->fb, t, 2, 1);
    int32_t *counts = NULL;
    int32_t n_classes = sv_fb_int32(&c->fb, t, 4, 0);
    out->denominator = sv_fb_int32(&c->fb, t, 3, 0);
    out->n_classes = n_classes > 0 ? (size_t)n_classes : 0;
    v.n /= sizeof *counts;
    if (!copy_vector(c, v, sizeof *counts, &counts))
        return c->parts.failed;
    size_t width = sv_ctr_row_width((sv_ctr_type)base->type, out->n_classes);
    out->counts = counts;
    out->n_rows = width ? v.n / width : 0;
    return SAVOR_OK;
}

static savor_status read_table(cbm *c, catboost_table *out)
{
    sv_str bytes = {"", 0};
    savor_status st = take_bytes(c, "a table of target statistics", &bytes);
    if (st)
        return st;
    sv_fb_table t = sv_fb_open(&c->fb, bytes);
    if (!read_base(c, sv_fb_child(&c->fb, t, 0), &out->base))
        return c->parts.failed;
    if ((st = read_places(c, sv_fb_vector_of(&c->fb, t, 1, 1), &out->table)) ||
        (st = read_counts(c, t, &out->base, &out->table)))
        return st;
    return sv_fb_check(&c->fb, c->parts.err);
}

static savor_status read_tables(cbm *c)
{
    catboost_parts *p = &c->parts;
    size_t n = 0;
    savor_status st = take_size(c, "the number of tables of target statistics", &n);
    if (st)
        return st;
    if (n > c->rest.n / sizeof(uint32_t)) /* each begins with its size */
        return sv_fail(p->err, SAVOR_FORMAT, "the file claimed %zu tables of target statistics", n);
    p->tables = sv_catboost_alloc(p, n, sizeof *p->tables);
    if (!p->tables)
        return p->failed;
    p->n_tables = n;
    for (size_t i = 0; i < n; i++)
        if ((st = read_table(c, &p->tables[i])))
            return sv_error_at(p->err, st, "CTR table %zu", i);
    return SAVOR_OK;
}

/* ---- the file ---- */

/* The names of the parts behind the core; only tables of CTRs are read, and only once. */
static savor_status read_parts(cbm *c, sv_fb_table core)
{
    sv_fb_vector v = sv_fb_vector_of(&c->fb, core, 3, 4);
    bool has_tables = false;
    for (size_t i = 0; i < v.n; i++) {
        sv_str name = sv_fb_string_at(&c->fb, v, i);
        if (c->fb.fault)
            break;
        if (has_tables || !sv_str_is(name, "static_provider_v1"))
            return sv_fail(c->parts.err, SAVOR_UNSUPPORTED, "CatBoost model part \"%.*s\" is not supported natively",
                           SV_FMT(name));
        has_tables = true;
    }
    savor_status st = sv_fb_check(&c->fb, c->parts.err);
    return st || !has_tables ? st : read_tables(c);
}

static savor_status read_core(cbm *c, sv_str bytes)
{
    savor_error *err = c->parts.err;
    sv_fb_table core = sv_fb_open(&c->fb, bytes);
    sv_str version = sv_fb_string(&c->fb, core, 0);
    sv_fb_table trees = sv_fb_child(&c->fb, core, 1);
    savor_status st = sv_fb_check(&c->fb, err);
    if (st)
        return st;
    if (!sv_str_is(version, "FlabuffersModel_v1")) /* spelt so */
        return sv_fail(err, SAVOR_UNSUPPORTED, "CatBoost model format \"%.*s\" is unknown", SV_FMT(version));
    if (trees.at == 0)
        return sv_fail(err, SAVOR_FORMAT, "the model had no trees");
    if ((st = read_features(c, trees)) || (st = read_trees(c, trees)) || (st = read_entries(c, core)))
        return st;
    return read_parts(c, core);
}

savor_status sv_catboost_read_cbm(sv_str bytes, sv_arena *arena, const sv_catboost **out, savor_error *err)
{
    cbm c = {.parts = {.arena = arena, .err = err}, .rest = bytes};
    char magic[4] = "";
    sv_str core = {"", 0};
    savor_status st = SAVOR_OK;
    *out = NULL;
    if (!take(&c, magic, sizeof magic) || memcmp(magic, "CBM1", 4) != 0)
        return sv_fail(err, SAVOR_FORMAT, "the file did not begin with CBM1");
    if ((st = take_bytes(&c, "the model", &core)) || (st = read_core(&c, core)))
        return st;
    return sv_catboost_build(&c.parts, "cbm", out);
}
