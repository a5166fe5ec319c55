/*
 * column_transformer.c: ColumnTransformer and FeatureUnion: several transformers beside each other, their columns
 * joined in the order of the list.
 */
#include "base/alloc.h"
#include "sklearn/attributes.h"
#include "sklearn/check.h"
#include "sklearn/families.h"
#include "sklearn/stack.h"

/* One transformer of the list. */
typedef struct branch {
    sv_str name;
    const sv_estimator *transformer; /* NULL: the columns pass as they are */
    size_t n_columns;                /* ColumnTransformer: which columns of the fitted data it sees */
    const size_t *columns;           /* [n_columns] */
    bool is_series;                  /* given as one name or number: the transformer sees one dimension */
    bool is_named;                   /* given by names: only a frame has them */
    bool has_weight;
    sv_value weight; /* FLOAT or INT */
} branch;

typedef struct union_of {
    sv_estimator base;
    size_t n_branches;
    branch *branches;
    bool is_sparse;   /* ColumnTransformer.sparse_output_ */
    bool has_columns; /* ColumnTransformer */
} union_of;

/* ---- loading ---- */

static bool is_word(const sv_record *r, const char *word) { return sv_record_is_text(r, word); }

static bool to_weight(const sv_record *r, sv_value *out)
{
    *out = (sv_value){.kind = r->kind == SV_RECORD_FLOAT ? SV_VALUE_FLOAT : SV_VALUE_INT};
    return out->kind == SV_VALUE_FLOAT ? sv_record_to_double(r, &out->u.f) : sv_record_to_int(r, &out->u.i);
}

static void read_weight(const sv_record *object, branch *b)
{
    const sv_record *weights = sv_record_find(object, "transformer_weights");
    for (size_t i = 0; weights && weights->kind == SV_RECORD_DICT && i < weights->n; i++)
        if (sv_str_equal(sv_record_text(weights->u.items[2 * i]), b->name))
            b->has_weight = to_weight(weights->u.items[2 * i + 1], &b->weight);
}

static savor_status read_name(sv_loader *loader, const sv_record *object, const sv_record *name, branch *out,
                              savor_error *err)
{
    sv_str text = sv_record_text(name);
    out->name.n = text.n;
    out->name.p = sv_arena_text(loader->arena, text.p ? text.p : "", text.n);
    if (!out->name.p)
        return sv_arena_fail(loader->arena, text.n, err);
    read_weight(object, out);
    return SAVOR_OK;
}

static savor_status read_transformer(sv_loader *loader, const sv_record *transformer, branch *out, savor_error *err)
{
    if (is_word(transformer, "passthrough"))
        return SAVOR_OK;
    savor_status st = sv_estimator_load_step(loader, out->name, transformer, &out->transformer, err);
    if (!st && !sv_estimator_has(out->transformer, SV_TRANSFORM))
        return sv_fail(err, SAVOR_UNSUPPORTED, "%s does not transform here", out->transformer->cls->name);
    return st;
}

/* _transformer_to_input_indices[name]: the positions that names, masks, slices and functions came to. */
static const sv_record *find_indices(const sv_record *object, sv_str name)
{
    const sv_record *map = sv_record_find(object, "_transformer_to_input_indices");
    for (size_t i = 0; map && map->kind == SV_RECORD_DICT && i < map->n; i++)
        if (sv_str_equal(sv_record_text(map->u.items[2 * i]), name))
            return map->u.items[2 * i + 1];
    return NULL;
}

static bool is_scalar(const sv_record *r) { return r && (r->kind == SV_RECORD_TEXT || r->kind == SV_RECORD_INT); }

/* Whether columns were given by name: one text, or a list of them. */
static bool are_names(const sv_record *columns)
{
    size_t n;
    const sv_record *const *items = sv_record_items(columns, &n);
    const sv_array *array = sv_record_array(columns);
    return (columns && columns->kind == SV_RECORD_TEXT) || (n && items[0]->kind == SV_RECORD_TEXT) ||
           (array && array->tensor.dtype == SAVOR_STRING);
}

/* Which columns a branch sees. */
static savor_status read_columns(sv_loader *loader, const sv_record *object, const sv_record *columns,
                                 const union_of *self, branch *b, savor_error *err)
{
    const sv_record *indices = find_indices(object, b->name);
    size_t *list;
    sv_tensor numbers;
    savor_status st;
    if (!indices)
        return sv_fail(err, SAVOR_UNSUPPORTED, "a ColumnTransformer of a release before 1.0 is not known");
    if ((st = sv_record_doubles(indices, loader->arena, &numbers, err)))
        return st;
    if (!(list = sv_arena_array(loader->arena, numbers.n_items, sizeof *list)))
        return sv_arena_fail(loader->arena, numbers.n_items * sizeof *list, err);
    for (size_t i = 0; i < numbers.n_items; i++) {
        double at = ((const double *)numbers.data)[i];
        if (!(at >= 0 && at < (double)self->base.n_features_in))
            return sv_attr_fail(object, "_transformer_to_input_indices", "a column that was not there", err);
        list[i] = (size_t)at;
    }
    b->n_columns = numbers.n_items;
    b->columns = list;
    b->is_named = are_names(columns);
    b->is_series = is_scalar(columns) && b->n_columns == 1;
    return SAVOR_OK;
}

/* (name, transformer, columns), or without columns in a FeatureUnion. `*is_there` is false for "drop", and where no
 * columns were chosen: that transformer was never fitted. */
static savor_status read_branch(sv_loader *loader, const sv_record *object, const sv_record *const *parts,
                                const union_of *self, branch *out, bool *is_there, savor_error *err)
{
    *is_there = !is_word(parts[1], "drop") && !sv_record_is_none(parts[1]);
    if (!*is_there)
        return SAVOR_OK;
    savor_status st = read_name(loader, object, parts[0], out, err);
    if (st || (self->has_columns && (st = read_columns(loader, object, parts[2], self, out, err))))
        return st;
    *is_there = !self->has_columns || out->n_columns > 0;
    return *is_there ? read_transformer(loader, parts[1], out, err) : SAVOR_OK;
}

static savor_status load_list(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                              const char *attribute, union_of **out, savor_error *err)
{
    sv_estimator *base;
    const sv_record *list;
    size_t n;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(union_of), &base, err);
    union_of *self = *out = (union_of *)base;
    if (st || (st = sv_attr_get(object, attribute, &list, err)))
        return st;
    const sv_record *const *items = sv_record_items(list, &n);
    self->has_columns = sv_str_is(sv_str_of(attribute), "transformers_");
    if (!(self->branches = sv_arena_array(loader->arena, n, sizeof(branch))))
        return sv_arena_fail(loader->arena, n * sizeof(branch), err);
    for (size_t i = 0; i < n; i++) {
        size_t n_parts;
        bool is_there;
        const sv_record *const *parts = sv_record_items(items[i], &n_parts);
        branch *b = &self->branches[self->n_branches];
        if (n_parts != (self->has_columns ? 3u : 2u))
            return sv_attr_fail(object, attribute, "not a list of names and transformers", err);
        *b = (branch){0};
        if ((st = read_branch(loader, object, parts, self, b, &is_there, err)))
            return st;
        self->n_branches += is_there;
    }
    return SAVOR_OK;
}

static savor_status load_columns(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                 const sv_estimator **out, savor_error *err)
{
    union_of *self;
    savor_status st = load_list(loader, cls, object, "transformers_", &self, err);
    if (st)
        return st;
    self->is_sparse = sv_attr_bool_or(object, "sparse_output_", false);
    *out = &self->base;
    return SAVOR_OK;
}

static savor_status load_union(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                               const sv_estimator **out, savor_error *err)
{
    union_of *self;
    savor_status st = load_list(loader, cls, object, "transformer_list", &self, err);
    if (!st)
        *out = &self->base;
    return st;
}

/* ---- transforming ---- */

/* Where the columns of the fitted data lie in this batch: by name in a frame, else by position. */
static savor_status locate(const union_of *self, const sv_batch *in, const branch *b, sv_arena *arena, size_t **out,
                           savor_error *err)
{
    bool by_name = in->kind == SV_BATCH_FRAME && self->base.feature_names && !in->is_renamed;
    if (!(*out = sv_arena_array(arena, b->n_columns, sizeof **out)))
        return sv_arena_fail(arena, b->n_columns * sizeof **out, err);
    if (b->is_named && in->kind != SV_BATCH_FRAME && !in->is_renamed)
        return sv_fail(err, SAVOR_MODEL, "Specifying the columns using strings is only supported for dataframes.");
    for (size_t i = 0; i < b->n_columns; i++) {
        (*out)[i] = b->columns[i];
        if (!by_name)
            continue;
        sv_label name = sv_label_text(self->base.feature_names[b->columns[i]]); /* as many as n_features_in */
        const sv_column *column = b->columns[i] < in->frame.n_columns ? &in->frame.columns[b->columns[i]] : NULL;
        if (!column || !sv_label_equal(&column->name, &name)) /* mostly they lie where they lay */
            column = sv_frame_find(&in->frame, &name);
        if (!column)
            return sv_fail(err, SAVOR_MODEL, "columns are missing: {'%.*s'}", SV_FMT(name.text));
        (*out)[i] = (size_t)(column - in->frame.columns);
    }
    return SAVOR_OK;
}

static savor_status run_branch(const union_of *self, const sv_batch *in, const branch *b, sv_arena *arena,
                               sv_batch *out, savor_error *err)
{
    sv_batch part = *in;
    size_t *columns;
    savor_status st = SAVOR_OK;
    if (self->has_columns &&
        ((st = locate(self, in, b, arena, &columns, err)) ||
         (st = sv_batch_take_columns(in, columns, b->n_columns, b->is_series, arena, &part, err))))
        return st;
    part.is_renamed = in->is_renamed;
    *out = part;
    if (b->transformer && (st = sv_estimator_call(b->transformer, SV_TRANSFORM, &part, arena, out, err)))
        return st;
    return b->has_weight ? sv_batch_scale(out, &b->weight, arena, err) : SAVOR_OK;
}

static savor_status check_columns(const union_of *self, const sv_batch *in, savor_error *err)
{
    bool by_name = in->kind == SV_BATCH_FRAME && self->base.feature_names && !in->is_renamed;
    if (self->has_columns && !by_name && sv_batch_columns(in) != self->base.n_features_in)
        return sv_fail(err, SAVOR_MODEL, "X has %zu features, but %s is expecting %zu features as input.",
                       sv_batch_columns(in), self->base.cls->name, self->base.n_features_in);
    return SAVOR_OK;
}

static savor_status transform(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                              savor_error *err)
{
    const union_of *self = (const union_of *)base;
    sv_batch *parts = sv_arena_array(arena, self->n_branches, sizeof *parts);
    bool any_sparse = false;
    savor_status st = check_columns(self, in, err);
    if (st)
        return st;
    if (!parts)
        return sv_arena_fail(arena, self->n_branches * sizeof *parts, err);
    for (size_t i = 0; i < self->n_branches; i++) {
        if ((st = run_branch(self, in, &self->branches[i], arena, &parts[i], err)))
            return st;
        any_sparse = any_sparse || parts[i].kind == SV_BATCH_SPARSE;
    }
    return sv_batches_stack(parts, self->n_branches, sv_batch_rows(in),
                            self->has_columns ? self->is_sparse : any_sparse, arena, out, err);
}

const sv_estimator_class sv_column_transformers[] = {
    {.name = "ColumnTransformer", .load = load_columns, .methods = {[SV_TRANSFORM] = transform}},
    {.name = "FeatureUnion", .load = load_union, .methods = {[SV_TRANSFORM] = transform}},
    {.name = NULL},
};
