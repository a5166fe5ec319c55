/* catboost_json_ctr.c: target statistics in the JSON export: what they are about, and their tables. */
#include "format/catboost_json_priv.h"

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
    const sv_json *kind = json_member(v, "combination_element"), *category = json_member(v, "cat_feature_index");
    if (kind && sv_json_is_text(kind, "cat_feature_value"))
        return json_to_int32(category, &categories[base->n_categories++]);
    if (kind && sv_json_is_text(kind, "float_feature")) {
        catboost_float_test *test = &floats[base->n_floats++];
        return json_to_int32(json_member(v, "float_feature_index"), &test->index) &&
               json_to_float(json_member(v, "border"), &test->border);
    }
    catboost_value_test *test = &values[base->n_values++];
    return json_to_int32(category, &test->index) && json_to_int32(json_member(v, "value"), &test->value);
}

static savor_status read_base(catboost_document *d, const sv_json *elements, const sv_json *type, catboost_base *out)
{
    catboost_parts *p = &d->parts;
    const sv_json *item = NULL;
    size_t n = 0;
    if (!json_to_list(elements, &n, &item) || !read_type(type, &out->type))
        return json_wrong(d, "what a CTR is about");
    int32_t *categories = sv_catboost_alloc(p, n, sizeof *categories);
    catboost_float_test *floats = sv_catboost_alloc(p, n, sizeof *floats);
    catboost_value_test *values = sv_catboost_alloc(p, n, sizeof *values);
    if (!categories || !floats || !values)
        return p->failed;
    for (size_t i = 0; i < n; i++, item = sv_json_next(item))
        if (!read_element(item, out, categories, floats, values))
            return json_wrong(d, "an element of a combination");
    out->categories = categories;
    out->floats = floats;
    out->values = values;
    return SAVOR_OK;
}

static savor_status read_ctr(catboost_document *d, const sv_json *v, catboost_ctr *out)
{
    savor_status st = read_base(d, json_member(v, "elements"), json_member(v, "ctr_type"), &out->base);
    if (st)
        return st;
    if (!json_to_int32(json_member(v, "target_border_idx"), &out->target_border) ||
        !json_to_float(json_member(v, "prior_numerator"), &out->prior) ||
        !json_to_float(json_member(v, "prior_denomerator"), &out->prior_weight) || /* spelt so */
        !json_to_float(json_member(v, "shift"), &out->shift) || !json_to_float(json_member(v, "scale"), &out->scale))
        return json_wrong(d, "a number of a CTR");
    return sv_catboost_json_borders(d, json_member(v, "borders"), &out->borders);
}

savor_status sv_catboost_json_ctrs(catboost_document *d, const sv_json *list)
{
    catboost_parts *p = &d->parts;
    const sv_json *item = NULL;
    savor_status st = SAVOR_OK;
    if (!json_to_list(list, &p->n_ctrs, &item))
        return json_wrong(d, "\"ctrs\"");
    p->ctrs = sv_catboost_alloc(p, p->n_ctrs, sizeof *p->ctrs);
    if (!p->ctrs)
        return p->failed;
    for (size_t i = 0; i < p->n_ctrs && !st; i++, item = sv_json_next(item))
        st = read_ctr(d, item, &p->ctrs[i]);
    return st;
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
        return json_to_int32(v, out);
    if (!json_to_double(v, &value))
        return false;
    bool is_whole = value == (double)(int64_t)(value >= -1e15 && value <= 1e15 ? value : 0);
    float sum = is_whole ? (float)value : 0.0f;
    memcpy(out, &sum, sizeof sum);
    return true;
}

/* The list of a table: a hash as text, then its counts, again and again. */
static savor_status fill_table(catboost_document *d, const sv_json *list, size_t width, uint64_t *hashes,
                               sv_ctr_table *out)
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
            return json_wrong(d, "a hash");
        item = sv_json_next(item);
        for (size_t k = 0; k < width; k++, item = sv_json_next(item))
            if (!read_count(item, has_sums && k == 0, &counts[r * width + k]))
                return json_wrong(d, "a count");
        if (hash != SV_CTR_NO_HASH)
            put_place(hash, (uint32_t)r, out->n_places, hashes, rows);
    }
    out->rows = rows;
    out->counts = counts;
    return SAVOR_OK;
}

static savor_status read_table(catboost_document *d, const sv_json *v, catboost_table *out)
{
    const sv_json *list = json_member(v, "hash_map"), *denominator = json_member(v, "counter_denominator");
    sv_ctr_table *t = &out->table;
    int32_t stride = 0;
    t->type = (sv_ctr_type)out->base.type;
    if (!list || list->kind != SV_JSON_ARRAY || !json_to_int32(json_member(v, "hash_stride"), &stride) ||
        stride < 2 || list->n % (size_t)stride != 0)
        return json_wrong(d, "the list of a table of target statistics");
    t->n_classes = (size_t)stride - 1;
    size_t width = sv_ctr_row_width(t->type, t->n_classes);
    if (width != (size_t)stride - 1)
        return json_wrong(d, "\"hash_stride\"");
    if (denominator && !json_to_int32(denominator, &t->denominator))
        return json_wrong(d, "\"counter_denominator\"");
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
static savor_status read_key(catboost_document *d, sv_str key, catboost_base *out)
{
    const sv_json *root = NULL;
    savor_status st = sv_catboost_parse_json(key, &d->nodes, &root, d->parts.err);
    return st ? st : read_base(d, json_member(root, "identifier"), json_member(root, "type"), out);
}

savor_status sv_catboost_json_tables(catboost_document *d, const sv_json *data)
{
    catboost_parts *p = &d->parts;
    savor_status st = SAVOR_OK;
    if (!data || data->kind == SV_JSON_NULL)
        return SAVOR_OK;
    if (data->kind != SV_JSON_OBJECT)
        return json_wrong(d, "\"ctr_data\"");
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
