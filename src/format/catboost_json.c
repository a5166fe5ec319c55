/*
 * catboost_json.c: CatBoost's JSON export. A number may be written as an integer or with a fraction; an empty list as
 * null. The nodes live until the model is built, because tables of CTRs and metadata are read out of them.
 */
#include "format/catboost_json_priv.h"

/* ---- features ---- */

savor_status sv_catboost_json_borders(catboost_document *d, const sv_json *v, catboost_borders *out)
{
    const sv_json *item = NULL;
    if (!json_to_list(v, &out->n, &item))
        return json_wrong(d, "\"borders\"");
    float *values = sv_catboost_alloc(&d->parts, out->n, sizeof *values);
    if (!values)
        return d->parts.failed;
    for (size_t i = 0; i < out->n; i++, item = sv_json_next(item))
        if (!json_to_float(item, &values[i]))
            return json_wrong(d, "a border");
    out->values = values;
    return SAVOR_OK;
}

static savor_status read_text(catboost_document *d, const sv_json *v, sv_str *out)
{
    *out = sv_catboost_copy(&d->parts, v && v->kind == SV_JSON_STRING ? sv_json_text(v) : (sv_str){"", 0});
    return out->p ? SAVOR_OK : d->parts.failed;
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

static savor_status read_float(catboost_document *d, const sv_json *v, catboost_float *out)
{
    const sv_json *has_nans = json_member(v, "has_nans");
    if (!json_to_int32(json_member(v, "feature_index"), &out->index) ||
        !json_to_int32(json_member(v, "flat_feature_index"), &out->column))
        return json_wrong(d, "the index of a numeric feature");
    out->has_nans = has_nans && has_nans->kind == SV_JSON_TRUE;
    out->nan = read_nan(json_member(v, "nan_value_treatment"));
    savor_status st = read_text(d, json_member(v, "feature_id"), &out->name);
    return st ? st : sv_catboost_json_borders(d, json_member(v, "borders"), &out->borders);
}

static savor_status read_category(catboost_document *d, const sv_json *v, catboost_category *out)
{
    if (!json_to_int32(json_member(v, "feature_index"), &out->index) ||
        !json_to_int32(json_member(v, "flat_feature_index"), &out->column))
        return json_wrong(d, "the index of a categorical feature");
    out->is_used = true;
    return read_text(d, json_member(v, "feature_id"), &out->name);
}

static savor_status read_ints(catboost_document *d, const sv_json *v, size_t *n, const int32_t **out)
{
    const sv_json *item = NULL;
    if (!json_to_list(v, n, &item))
        return json_wrong(d, "\"values\"");
    int32_t *values = sv_catboost_alloc(&d->parts, *n, sizeof *values);
    if (!values)
        return d->parts.failed;
    for (size_t i = 0; i < *n; i++, item = sv_json_next(item))
        if (!json_to_int32(item, &values[i]))
            return json_wrong(d, "a value of a categorical feature");
    *out = values;
    return SAVOR_OK;
}

/* The values that trees ask for stand with the feature itself. */
static savor_status read_categories(catboost_document *d, const sv_json *list)
{
    catboost_parts *p = &d->parts;
    const sv_json *item = NULL;
    savor_status st = SAVOR_OK;
    if (!json_to_list(list, &p->n_categories, &item))
        return json_wrong(d, "\"categorical_features\"");
    p->categories = sv_catboost_alloc(p, p->n_categories, sizeof *p->categories);
    p->one_hots = sv_catboost_alloc(p, p->n_categories, sizeof *p->one_hots);
    if (!p->categories || !p->one_hots)
        return p->failed;
    for (size_t i = 0; i < p->n_categories && !st; i++, item = sv_json_next(item)) {
        const sv_json *values = json_member(item, "values");
        st = read_category(d, item, &p->categories[i]);
        if (st || !values)
            continue;
        catboost_one_hot *one_hot = &p->one_hots[p->n_one_hots++];
        one_hot->index = p->categories[i].index;
        st = read_ints(d, values, &one_hot->n, &one_hot->values);
    }
    return st;
}

static savor_status read_floats(catboost_document *d, const sv_json *list)
{
    catboost_parts *p = &d->parts;
    const sv_json *item = NULL;
    savor_status st = SAVOR_OK;
    if (!json_to_list(list, &p->n_floats, &item))
        return json_wrong(d, "\"float_features\"");
    p->floats = sv_catboost_alloc(p, p->n_floats, sizeof *p->floats);
    if (!p->floats)
        return p->failed;
    for (size_t i = 0; i < p->n_floats && !st; i++, item = sv_json_next(item))
        st = read_float(d, item, &p->floats[i]);
    return st;
}

static savor_status read_features(catboost_document *d, const sv_json *info)
{
    static const char *const UNKNOWN[] = {"text_features", "embedding_features", "estimated_features"};
    const sv_json *first = NULL;
    savor_status st = SAVOR_OK;
    size_t n = 0;
    for (size_t i = 0; i < 3; i++)
        if (!json_to_list(json_member(info, UNKNOWN[i]), &n, &first) || n > 0)
            return sv_fail(d->parts.err, SAVOR_UNSUPPORTED, "CatBoost models with %s are not supported natively",
                           UNKNOWN[i]);
    if ((st = read_floats(d, json_member(info, "float_features"))) ||
        (st = read_categories(d, json_member(info, "categorical_features"))))
        return st;
    return sv_catboost_json_ctrs(d, json_member(info, "ctrs"));
}

savor_status sv_catboost_json_values(catboost_document *d, const sv_json *list, double *out)
{
    const sv_json *item = list + 1;
    for (size_t i = 0; i < list->n; i++, item = sv_json_next(item))
        if (!json_to_double(item, &out[i]))
            return json_wrong(d, "a leaf value");
    return SAVOR_OK;
}

/* [scale, [bias, ...]]; the bias of the oldest files is a number. */
static savor_status read_scale_and_bias(catboost_document *d, const sv_json *v)
{
    catboost_parts *p = &d->parts;
    const sv_json *scale = v && v->kind == SV_JSON_ARRAY && v->n == 2 ? v + 1 : NULL;
    const sv_json *bias = scale ? sv_json_next(scale) : NULL;
    size_t n = p->n_outputs > 0 ? (size_t)p->n_outputs : 0;
    bool is_list = bias && bias->kind == SV_JSON_ARRAY;
    p->scale = 1;
    if (v && (!json_to_double(scale, &p->scale) || (is_list && bias->n != n && bias->n != 0)))
        return json_wrong(d, "\"scale_and_bias\"");
    p->biases = sv_catboost_alloc(p, n, sizeof *p->biases);
    p->n_biases = n;
    if (!p->biases)
        return p->failed;
    if (is_list && bias->n)
        return sv_catboost_json_values(d, bias, p->biases);
    for (size_t i = 0; bias && !is_list && i < n; i++)
        if (!json_to_double(bias, &p->biases[i]))
            return json_wrong(d, "\"scale_and_bias\"");
    return SAVOR_OK;
}

/* ---- metadata and all ---- */

static savor_status read_entries(catboost_document *d, const sv_json *info)
{
    catboost_parts *p = &d->parts;
    if (!info || info->kind == SV_JSON_NULL)
        return SAVOR_OK;
    if (info->kind != SV_JSON_OBJECT)
        return json_wrong(d, "\"model_info\"");
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

static savor_status read_document(catboost_document *d, const sv_json *root)
{
    const sv_json *symmetric = json_member(root, "oblivious_trees"), *trees = json_member(root, "trees");
    savor_status st = SAVOR_OK;
    if (root->kind != SV_JSON_OBJECT || (!symmetric && !trees))
        return json_wrong(d, "\"oblivious_trees\" or \"trees\"");
    if ((st = symmetric ? sv_catboost_json_symmetric(d, symmetric) : sv_catboost_json_nodes(d, trees)))
        return st;
    if ((st = read_features(d, json_member(root, "features_info"))) ||
        (st = sv_catboost_json_tables(d, json_member(root, "ctr_data"))) ||
        (st = read_scale_and_bias(d, json_member(root, "scale_and_bias"))))
        return st;
    return read_entries(d, json_member(root, "model_info"));
}

savor_status sv_catboost_read_json(sv_str bytes, sv_arena *arena, const sv_catboost **out, savor_error *err)
{
    catboost_document d = {.parts = {.arena = arena, .err = err}};
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
