/* feature_dict.c: DictVectorizer and FeatureHasher: named values to columns, by a vocabulary or by hashes. */
#include "base/alloc.h"
#include "data/convert.h"
#include "engine/tokens.h"
#include "sklearn/attributes.h"
#include "sklearn/families.h"
#include "sklearn/sparse.h"

#include <math.h>

typedef struct feature_dict feature_dict;

/* A named value of a row. */
typedef savor_status (*feature_fn)(const feature_dict *self, sv_str name, double value, sv_rows *rows,
                                   savor_error *err);

struct feature_dict {
    sv_estimator base;
    sv_str separator;
    size_t n_columns;
    sv_index vocabulary; /* DictVectorizer */
    bool is_sparse;
    bool alternates_sign; /* FeatureHasher */
    bool takes_words;     /* FeatureHasher: rows are lists of names */
    feature_fn add;
};

/* ---- loading ---- */

static savor_status add_name(const feature_dict *self, sv_str name, double value, sv_rows *rows, savor_error *err)
{
    size_t column = sv_index_find(&self->vocabulary, name);
    return column == SV_INDEX_NONE ? SAVOR_OK : sv_rows_add(rows, column, value, err);
}

static savor_status add_hash(const feature_dict *self, sv_str name, double value, sv_rows *rows, savor_error *err)
{
    int32_t hash = sv_murmur3(name);
    if (value == 0.0)
        return SAVOR_OK;
    return sv_rows_add(rows, sv_hash_column(hash, self->n_columns),
                       hash < 0 && self->alternates_sign ? -value : value, err);
}

static savor_status check_dtype(const sv_record *object, savor_error *err)
{
    const sv_record *r = sv_record_find(object, "dtype");
    sv_str name = r && r->kind == SV_RECORD_GLOBAL ? r->u.global.name : sv_record_text(r);
    if (sv_record_is_none(r) || sv_str_is(name, "float64") || sv_str_is(name, "float"))
        return SAVOR_OK;
    return sv_fail(err, SAVOR_UNSUPPORTED, "a vectorizer of dicts with dtype=%.*s is not known", SV_FMT(name));
}

static savor_status read_vocabulary(sv_loader *loader, const sv_record *object, feature_dict *self, savor_error *err)
{
    const sv_record *terms = sv_record_find(object, "vocabulary_");
    savor_status st = SAVOR_OK;
    if (!terms || terms->kind != SV_RECORD_DICT || terms->n > UINT32_MAX)
        return sv_attr_fail(object, "vocabulary_", "not a dict", err);
    sv_index_init(&self->vocabulary, loader->arena);
    self->n_columns = terms->n;
    for (size_t i = 0; !st && i < terms->n; i++) {
        sv_str name = sv_record_text(terms->u.items[2 * i]);
        int64_t at = -1;
        if (!name.p)
            return sv_fail(err, SAVOR_UNSUPPORTED, "DictVectorizer with names that are no text needs Python");
        if (!sv_record_to_int(terms->u.items[2 * i + 1], &at) || at < 0 || (uint64_t)at >= terms->n)
            return sv_attr_fail(object, "vocabulary_", "a column out of range", err);
        char *copy = sv_arena_text(loader->arena, name.p, name.n);
        st = copy ? sv_index_put(&self->vocabulary, (sv_str){copy, name.n}, (size_t)at, err)
                  : sv_arena_fail(loader->arena, name.n, err);
    }
    return st;
}

static savor_status load_vectorizer(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                    const sv_estimator **out, savor_error *err)
{
    sv_estimator *base;
    sv_str separator = sv_attr_text(object, "separator");
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(feature_dict), &base, err);
    feature_dict *self = (feature_dict *)base;
    if (st || (st = check_dtype(object, err)) || (st = read_vocabulary(loader, object, self, err)))
        return st;
    self->separator =
        (sv_str){sv_arena_text(loader->arena, separator.p ? separator.p : "", separator.n), separator.n};
    if (!self->separator.p)
        return sv_arena_fail(loader->arena, separator.n, err);
    self->is_sparse = sv_attr_bool_or(object, "sparse", true);
    self->add = add_name;
    *out = base;
    return SAVOR_OK;
}

static savor_status load_hasher(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                const sv_estimator **out, savor_error *err)
{
    sv_estimator *base;
    sv_str type = sv_attr_text(object, "input_type");
    int64_t n = 0;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(feature_dict), &base, err);
    feature_dict *self = (feature_dict *)base;
    if (st || (st = check_dtype(object, err)) || (st = sv_attr_int(object, "n_features", &n, err)))
        return st;
    if (n < 1 || n > INT32_MAX)
        return sv_attr_fail(object, "n_features", "out of range", err);
    if (!sv_str_is(type, "dict") && !sv_str_is(type, "string"))
        return sv_fail(err, SAVOR_UNSUPPORTED, "FeatureHasher with input_type=%.*s is not known", SV_FMT(type));
    self->n_columns = (size_t)n;
    self->separator = SV_STR("=");
    self->is_sparse = true;
    self->takes_words = sv_str_is(type, "string");
    self->alternates_sign = sv_attr_bool_or(object, "alternate_sign", true);
    self->add = add_hash;
    *out = base;
    return SAVOR_OK;
}

/* ---- rows ---- */

static savor_status refuse(const sv_value *v, savor_error *err)
{
    return sv_fail(err, SAVOR_MODEL, "Unsupported value type %s in a dict of features", sv_value_type_name(v));
}

/* A text is a feature of its own, "name=text", that is there. */
static savor_status add_text(const feature_dict *self, sv_str name, sv_str text, sv_rows *rows, savor_error *err)
{
    size_t n = name.n + self->separator.n + text.n; /* pieces of one request: no overflow */
    char *joined = sv_arena_alloc(rows->arena, n + 1);
    if (!joined)
        return sv_arena_fail(rows->arena, n + 1, err);
    memcpy(joined, name.p, name.n);
    memcpy(joined + name.n, self->separator.p, self->separator.n);
    memcpy(joined + name.n + self->separator.n, text.p, text.n);
    return self->add(self, (sv_str){joined, n}, 1.0, rows, err);
}

/* DictVectorizer alone takes None, which is NaN, and lists of texts. */
static savor_status add_value(const feature_dict *self, sv_str name, const sv_value *v, sv_rows *rows,
                              savor_error *err)
{
    bool is_number = v->kind == SV_VALUE_BOOL || v->kind == SV_VALUE_INT || v->kind == SV_VALUE_BIGINT ||
                     v->kind == SV_VALUE_FLOAT;
    bool is_hasher = self->add == add_hash;
    double number = (double)NAN;
    savor_status st = SAVOR_OK;
    if (v->kind == SV_VALUE_STRING)
        return add_text(self, name, (sv_str){v->u.p, v->n}, rows, err);
    if (is_number && sv_value_to_double(v, &number))
        return refuse(v, err);
    if (is_number || (v->kind == SV_VALUE_NONE && !is_hasher))
        return self->add(self, name, number, rows, err);
    if (is_hasher || v->kind != SV_VALUE_LIST)
        return refuse(v, err);
    for (size_t i = 0; !st && i < v->n; i++) {
        const sv_value *item = &v->u.items[i];
        st = item->kind == SV_VALUE_STRING ? add_text(self, name, (sv_str){item->u.p, item->n}, rows, err)
                                           : refuse(item, err);
    }
    return st;
}

static savor_status add_row(const feature_dict *self, const sv_value *v, sv_rows *rows, savor_error *err)
{
    savor_status st = SAVOR_OK;
    if (v->kind != (self->takes_words ? SV_VALUE_LIST : SV_VALUE_DICT))
        return sv_fail(err, SAVOR_MODEL, "'%s' object has no attribute 'items'", sv_value_type_name(v));
    for (size_t i = 0; !st && i < v->n; i++) {
        const sv_value *item = &v->u.items[self->takes_words ? i : 2 * i];
        sv_str name = {item->u.p, item->n};
        if (item->kind != SV_VALUE_STRING)
            return sv_fail(err, SAVOR_MODEL, "feature names must be strings");
        st = self->takes_words ? self->add(self, name, 1.0, rows, err) : add_value(self, name, item + 1, rows, err);
    }
    sv_rows_end_row(rows);
    return st;
}

static savor_status transform(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                              savor_error *err)
{
    const feature_dict *self = (const feature_dict *)base;
    sv_rows rows;
    savor_status st;
    if (in->kind != SV_BATCH_TENSOR || in->tensor.n_dims != 1)
        return sv_fail(err, SAVOR_MODEL, "%s expects a list of dicts", base->cls->name);
    if (in->tensor.n_items == 0)
        return sv_fail(err, SAVOR_MODEL, "Sample sequence X is empty.");
    if ((st = sv_rows_init(&rows, in->tensor.n_items, self->n_columns, arena, err)))
        return st;
    for (size_t i = 0; i < in->tensor.n_items; i++) {
        sv_value v = sv_item_get(in->tensor.dtype, in->tensor.data, i);
        if ((st = add_row(self, &v, &rows, err)))
            return st;
    }
    if ((st = sv_rows_finish(&rows, SAVOR_FLOAT64, out, err)) || self->is_sparse)
        return st;
    sv_sparse sparse = out->sparse;
    *out = (sv_batch){.kind = SV_BATCH_TENSOR};
    return sv_sparse_to_dense(&sparse, arena, &out->tensor, err);
}

const sv_estimator_class sv_feature_dicts[] = {
    {.name = "DictVectorizer", .load = load_vectorizer, .methods = {[SV_TRANSFORM] = transform}},
    {.name = "FeatureHasher", .load = load_hasher, .methods = {[SV_TRANSFORM] = transform}},
    {.name = NULL},
};
