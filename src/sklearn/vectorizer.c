/* vectorizer.c: CountVectorizer, TfidfVectorizer and HashingVectorizer: documents to sparse counts of their terms. */
#include "base/alloc.h"
#include "data/convert.h"
#include "engine/tokens.h"
#include "sklearn/attributes.h"
#include "sklearn/families.h"
#include "sklearn/sparse.h"

#include <stdlib.h>

#define NGRAM_MAX 1000
#define DEFAULT_PATTERN "(?u)\\b\\w\\w+\\b"

typedef struct vectorizer {
    sv_estimator base;
    sv_analyzer analyzer;
    sv_index vocabulary;  /* term -> column; not of HashingVectorizer */
    size_t n_columns;     /* terms, or n_features */
    bool is_binary;       /* counts above 0 are 1 */
    bool alternates_sign; /* HashingVectorizer */
    bool is_utf8;         /* what bytes are read as */
    char norm;            /* HashingVectorizer: '1', '2' or 0 */
    savor_dtype dtype;
    const sv_estimator *tfidf; /* TfidfVectorizer */
} vectorizer;

/* ---- loading ---- */

static savor_status refuse(const sv_record *object, const char *what, savor_error *err)
{
    sv_global cls = sv_record_class(object);
    return sv_fail(err, SAVOR_UNSUPPORTED, "%.*s with %s needs Python", SV_FMT(cls.name), what);
}

static savor_status add_word(sv_loader *loader, sv_index *index, sv_str word, size_t position, savor_error *err)
{
    char *copy = sv_arena_text(loader->arena, word.p, word.n);
    if (!copy)
        return sv_arena_fail(loader->arena, word.n, err);
    return sv_index_put(index, (sv_str){copy, word.n}, position, err);
}

static savor_status read_stop_words(sv_loader *loader, const sv_record *object, sv_analyzer *out, savor_error *err)
{
    const sv_record *words = sv_record_find(object, "stop_words");
    size_t n;
    const sv_record *const *items = sv_record_items(words, &n);
    savor_status st = SAVOR_OK;
    sv_index_init(&out->stop_words, loader->arena);
    out->has_stop_words = !sv_record_is_none(words);
    if (sv_record_is_text(words, "english"))
        for (size_t i = 0; !st && sv_english_stop_words[i]; i++)
            st = sv_index_put(&out->stop_words, sv_str_of(sv_english_stop_words[i]), i, err);
    else if (out->has_stop_words && !items && words->kind != SV_RECORD_LIST && words->kind != SV_RECORD_SET)
        return refuse(object, "stop words that are no list", err);
    for (size_t i = 0; !st && i < n; i++)
        st = items[i]->kind == SV_RECORD_TEXT ? add_word(loader, &out->stop_words, sv_record_text(items[i]), i, err)
                                              : refuse(object, "stop words that are no text", err);
    return st;
}

static savor_status read_range(const sv_record *object, sv_analyzer *out, savor_error *err)
{
    size_t n;
    int64_t min, max;
    const sv_record *const *range = sv_record_items(sv_record_find(object, "ngram_range"), &n);
    if (n != 2 || !sv_record_to_int(range[0], &min) || !sv_record_to_int(range[1], &max) || min < 1 || min > max)
        return sv_attr_fail(object, "ngram_range", "not two growing numbers", err);
    if (min > NGRAM_MAX || max > NGRAM_MAX)
        return sv_fail(err, SAVOR_LIMIT, "n-grams of more than %d pieces were asked for", NGRAM_MAX);
    out->min_n = (size_t)min;
    out->max_n = (size_t)max;
    return SAVOR_OK;
}

/* Callables where words are expected. */
static savor_status check_plain(const sv_record *object, savor_error *err)
{
    static const char *const CALLABLES[] = {"preprocessor", "tokenizer"};
    for (size_t i = 0; i < 2; i++)
        if (!sv_record_is_none(sv_record_find(object, CALLABLES[i])))
            return refuse(object, "a tokenizer or preprocessor of its own", err);
    if (!sv_str_is(sv_attr_text(object, "input"), "content"))
        return refuse(object, "input from files", err);
    return SAVOR_OK;
}

static savor_status read_words(const sv_record *object, sv_analyzer *out, savor_error *err)
{
    static const char *const UNITS[] = {
        [SV_TOKENS_WORDS] = "word", [SV_TOKENS_CHARS] = "char", [SV_TOKENS_CHARS_IN_WORDS] = "char_wb"};
    static const char *const ACCENTS[] = {
        [SV_ACCENTS_KEEP] = "", [SV_ACCENTS_STRIP] = "unicode", [SV_ACCENTS_TO_ASCII] = "ascii"};
    const sv_record *accents = sv_record_find(object, "strip_accents");
    size_t unit = 0, how = 0;
    while (unit < 3 && !sv_str_is(sv_attr_text(object, "analyzer"), UNITS[unit]))
        unit++;
    while (how < 3 && !sv_record_is_none(accents) && !sv_record_is_text(accents, ACCENTS[how]))
        how++;
    if (unit == 3)
        return refuse(object, "an analyzer of its own", err);
    if (how == 3)
        return refuse(object, "strip_accents of its own", err);
    out->unit = (sv_token_unit)unit;
    out->accents = (sv_accents)how;
    out->lowercase = sv_attr_bool_or(object, "lowercase", true);
    return SAVOR_OK;
}

static savor_status read_analyzer(sv_loader *loader, const sv_record *object, sv_analyzer *out, savor_error *err)
{
    sv_str pattern = sv_attr_text(object, "token_pattern");
    savor_status st = check_plain(object, err);
    if (st || (st = read_words(object, out, err)) || (st = read_range(object, out, err)) ||
        (st = read_stop_words(loader, object, out, err)))
        return st;
    if (out->unit != SV_TOKENS_WORDS || sv_str_is(pattern, DEFAULT_PATTERN))
        return SAVOR_OK;
    if (!pattern.p)
        return refuse(object, "a token pattern that is no text", err);
    return sv_pattern_parse(pattern, loader->arena, &out->pattern, err);
}

static savor_dtype read_dtype(const sv_record *object, savor_dtype otherwise)
{
    const sv_record *r = sv_record_find(object, "dtype");
    sv_str name = r && r->kind == SV_RECORD_GLOBAL ? r->u.global.name : sv_record_text(r);
    savor_dtype dtype;
    return name.p && sv_dtype_of(name, &dtype) ? dtype : otherwise;
}

static savor_status new_vectorizer(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                   vectorizer **out, savor_error *err)
{
    sv_estimator *base;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(vectorizer), &base, err);
    vectorizer *self = (vectorizer *)base;
    *out = self;
    if (st || (st = read_analyzer(loader, object, &self->analyzer, err)))
        return st;
    sv_str encoding = sv_attr_text(object, "encoding");
    self->is_utf8 = sv_str_is(encoding, "utf-8") || sv_str_is(encoding, "utf8");
    self->is_binary = sv_attr_bool_or(object, "binary", false);
    self->dtype = read_dtype(object, SAVOR_FLOAT64);
    return SAVOR_OK;
}

static savor_status read_term(sv_loader *loader, const sv_record *term, const sv_record *at, vectorizer *self,
                              savor_error *err)
{
    int64_t column = 0;
    if (!term || term->kind != SV_RECORD_TEXT)
        return sv_fail(err, SAVOR_UNSUPPORTED, "a vocabulary with terms that are no text needs Python");
    if (!sv_record_to_int(at, &column) || column < 0 || (uint64_t)column >= self->n_columns)
        return sv_fail(err, SAVOR_FORMAT, "a vocabulary's columns were out of range");
    return add_word(loader, &self->vocabulary, sv_record_text(term), (size_t)column, err);
}

static int compare_terms(const void *a, const void *b)
{
    return sv_str_compare(sv_record_text(*(const sv_record *const *)a), sv_record_text(*(const sv_record *const *)b));
}

/* A vocabulary that was given and never fitted may be a list or a set of terms. */
static savor_status read_terms(sv_loader *loader, const sv_record *terms, vectorizer *self, savor_error *err)
{
    size_t n;
    const sv_record *const *items = sv_record_items(terms, &n);
    const sv_record **sorted = sv_arena_array(loader->arena, n, sizeof *sorted);
    savor_status st = SAVOR_OK;
    if (!sorted)
        return sv_arena_fail(loader->arena, n * sizeof *sorted, err);
    if (n)
        memcpy(sorted, items, n * sizeof *sorted);
    if (terms->kind == SV_RECORD_SET)
        qsort(sorted, n, sizeof *sorted, compare_terms);
    self->n_columns = n;
    for (size_t i = 0; !st && i < n; i++) {
        sv_record at = {.kind = SV_RECORD_INT, .u.i = (int64_t)i};
        st = read_term(loader, sorted[i], &at, self, err);
    }
    return st;
}

static savor_status read_vocabulary(sv_loader *loader, const sv_record *object, vectorizer *self, savor_error *err)
{
    const sv_record *terms = sv_record_find(object, "vocabulary_");
    savor_status st = SAVOR_OK;
    sv_index_init(&self->vocabulary, loader->arena);
    if (!terms)
        terms = sv_record_find(object, "vocabulary");
    if (sv_record_is_none(terms))
        return sv_attr_fail(object, "vocabulary_", "missing", err);
    if (terms->kind != SV_RECORD_DICT)
        st = read_terms(loader, terms, self, err);
    else
        self->n_columns = terms->n;
    for (size_t i = 0; !st && terms->kind == SV_RECORD_DICT && i < terms->n; i++)
        st = read_term(loader, terms->u.items[2 * i], terms->u.items[2 * i + 1], self, err);
    if (!st && (self->n_columns == 0 || self->n_columns > UINT32_MAX))
        return sv_attr_fail(object, "vocabulary_", "not a number of terms that is possible", err);
    return st;
}

static savor_status load_count(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                               const sv_estimator **out, savor_error *err)
{
    vectorizer *self;
    savor_status st = new_vectorizer(loader, cls, object, &self, err);
    if (!st && !(st = read_vocabulary(loader, object, self, err)))
        *out = &self->base;
    return st;
}

static savor_status load_tfidf(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                               const sv_estimator **out, savor_error *err)
{
    vectorizer *self;
    savor_status st = new_vectorizer(loader, cls, object, &self, err);
    if (st || (st = read_vocabulary(loader, object, self, err)) ||
        (st = sv_attr_estimator(loader, object, "_tfidf", &self->tfidf, err)))
        return st;
    if (!sv_estimator_has(self->tfidf, SV_TRANSFORM))
        return sv_attr_fail(object, "_tfidf", "not a transformer", err);
    *out = &self->base;
    return SAVOR_OK;
}

static savor_status load_hashing(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                 const sv_estimator **out, savor_error *err)
{
    vectorizer *self;
    int64_t n = 0;
    sv_str norm = sv_attr_text(object, "norm");
    savor_status st = new_vectorizer(loader, cls, object, &self, err);
    if (st || (st = sv_attr_int(object, "n_features", &n, err)))
        return st;
    if (n < 1 || n > INT32_MAX)
        return sv_attr_fail(object, "n_features", "out of range", err);
    if (norm.p && !sv_str_is(norm, "l1") && !sv_str_is(norm, "l2"))
        return refuse(object, "a norm other than l1 and l2", err);
    self->n_columns = (size_t)n;
    self->norm = norm.p ? norm.p[1] : 0;
    self->alternates_sign = sv_attr_bool_or(object, "alternate_sign", true);
    *out = &self->base;
    return SAVOR_OK;
}

/* ---- documents ---- */

/* Iterating a frame gives the names of its columns, an array its items. */
static savor_status count_documents(const sv_batch *in, size_t *out, savor_error *err)
{
    *out = in->kind == SV_BATCH_FRAME ? in->frame.n_columns : sv_batch_rows(in);
    if (in->kind == SV_BATCH_SPARSE || (in->kind == SV_BATCH_TENSOR && in->tensor.n_dims > 1))
        return sv_fail(err, SAVOR_MODEL, "documents were expected, and rows of an array have no attribute 'lower'");
    if (in->kind == SV_BATCH_LIST || (in->kind == SV_BATCH_TENSOR && in->tensor.n_dims == 0))
        return sv_fail(err, SAVOR_MODEL, "Iterable over raw text documents expected");
    return SAVOR_OK;
}

static savor_status get_document(const vectorizer *self, const sv_batch *in, size_t i, sv_str *out, savor_error *err)
{
    sv_value v = {.kind = SV_VALUE_INT};
    if (in->kind == SV_BATCH_FRAME) {
        const sv_label *name = &in->frame.columns[i].name;
        if (!sv_label_is_number(name))
            v = (sv_value){.kind = SV_VALUE_STRING, .n = name->text.n, .u.p = name->text.p};
    } else {
        v = sv_item_get(in->tensor.dtype, in->tensor.data, i);
    }
    *out = (sv_str){v.u.p, v.n};
    if (v.kind == SV_VALUE_STRING)
        return SAVOR_OK;
    if (v.kind != SV_VALUE_BYTES)
        return sv_fail(err, SAVOR_MODEL, "'%s' object has no attribute 'lower'", sv_value_type_name(&v));
    if (!self->is_utf8)
        return sv_fail(err, SAVOR_UNSUPPORTED, "%s reads bytes of UTF-8 alone here", self->base.cls->name);
    return sv_utf8_check(v.u.p, v.n) ? SAVOR_OK : sv_fail(err, SAVOR_MODEL, "'utf-8' codec can't decode a document");
}

typedef struct counting {
    const vectorizer *self;
    sv_rows *rows;
} counting;

static savor_status count_term(void *sink, sv_str term, savor_error *err)
{
    const counting *c = sink;
    size_t column = sv_index_find(&c->self->vocabulary, term);
    return column == SV_INDEX_NONE ? SAVOR_OK : sv_rows_add(c->rows, column, 1.0, err);
}

static savor_status hash_term(void *sink, sv_str term, savor_error *err)
{
    const counting *c = sink;
    int32_t hash = sv_murmur3(term);
    return sv_rows_add(c->rows, sv_hash_column(hash, c->self->n_columns),
                       hash < 0 && c->self->alternates_sign ? -1.0 : 1.0, err);
}

static savor_status count_all(const vectorizer *self, sv_token_fn each, const sv_batch *in, sv_arena *arena,
                              sv_batch *out, savor_error *err)
{
    sv_rows rows;
    counting sink = {self, &rows};
    size_t n;
    savor_status st = count_documents(in, &n, err);
    if (st || (st = sv_rows_init(&rows, n, self->n_columns, arena, err)))
        return st;
    for (size_t i = 0; i < n; i++) {
        sv_str document;
        if ((st = get_document(self, in, i, &document, err)) ||
            (st = sv_analyzer_split(&self->analyzer, document, arena, each, &sink, err)))
            return st;
        sv_rows_end_row(&rows);
    }
    if (self->is_binary)
        sv_rows_fill(&rows, 1.0);
    return sv_rows_finish(&rows, self->dtype, out, err);
}

static savor_status transform_count(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                    savor_error *err)
{
    const vectorizer *self = (const vectorizer *)base;
    sv_batch counts;
    savor_status st = count_all(self, count_term, in, arena, &counts, err);
    if (st || !self->tfidf) {
        *out = counts;
        return st;
    }
    return sv_estimator_call(self->tfidf, SV_TRANSFORM, &counts, arena, out, err);
}

static savor_status transform_hashing(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                      savor_error *err)
{
    const vectorizer *self = (const vectorizer *)base;
    double *values;
    savor_status st = count_all(self, hash_term, in, arena, out, err);
    if (st || (st = sv_sparse_copy_values(&out->sparse, arena, &values, err)))
        return st;
    if (out->sparse.n_rows == 0)
        return sv_fail(err, SAVOR_MODEL, "Cannot vectorize empty sequence.");
    if (self->norm)
        sv_sparse_normalize(&out->sparse, values, self->norm);
    return SAVOR_OK;
}

const sv_estimator_class sv_vectorizers[] = {
    {.name = "CountVectorizer", .load = load_count, .methods = {[SV_TRANSFORM] = transform_count}},
    {.name = "HashingVectorizer", .load = load_hashing, .methods = {[SV_TRANSFORM] = transform_hashing}},
    {.name = "TfidfVectorizer", .load = load_tfidf, .methods = {[SV_TRANSFORM] = transform_count}},
    {.name = NULL},
};
