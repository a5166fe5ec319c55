#include "sklearn/categories.h"

#include "base/alloc.h"
#include "data/convert.h"
#include "sklearn/attributes.h"
#include "sklearn/check.h"

#include <math.h>
#include <stdlib.h>

struct sv_category_number {
    double value;
    bool is_integer;
    int64_t integer; /* what `value` is rounded from */
    size_t at;
};

static int compare_numbers(const void *a, const void *b)
{
    const struct sv_category_number *x = a, *y = b;
    if (x->value != y->value)
        return x->value < y->value ? -1 : 1;
    return x->integer < y->integer ? -1 : x->integer > y->integer;
}

static savor_status add_category(sv_categories *c, const sv_value *v, size_t at, savor_error *err)
{
    double value = v->kind == SV_VALUE_FLOAT ? v->u.f : (double)v->u.i;
    switch (v->kind) {
    case SV_VALUE_STRING:
        return sv_index_put(&c->texts, (sv_str){v->u.p, v->n}, at, err);
    case SV_VALUE_NONE:
        c->none_at = at;
        return SAVOR_OK;
    case SV_VALUE_BOOL:
    case SV_VALUE_INT:
    case SV_VALUE_FLOAT:
        if (isnan(value))
            c->nan_at = at;
        else
            c->numbers[c->n_numbers++] = (struct sv_category_number){value, v->kind != SV_VALUE_FLOAT,
                                                                     v->kind == SV_VALUE_FLOAT ? 0 : v->u.i, at};
        return SAVOR_OK;
    default:
        return sv_fail(err, SAVOR_UNSUPPORTED, "categories of type %s are not known", sv_value_type_name(v));
    }
}

savor_status sv_categories_load(sv_loader *loader, const sv_record *record, sv_categories *out, savor_error *err)
{
    sv_tensor labels;
    savor_status st = sv_record_to_labels(record, loader->arena, &labels, err);
    *out = (sv_categories){.none_at = SV_CATEGORY_UNKNOWN, .nan_at = SV_CATEGORY_UNKNOWN};
    if (st)
        return st;
    sv_index_init(&out->texts, loader->arena);
    const sv_array *array = sv_record_array(record);
    out->n = labels.n_items;
    out->are_objects = (array && array->cells) || labels.dtype == SAVOR_OBJECT || labels.dtype == SAVOR_STRING;
    if (!(out->numbers = sv_arena_array(loader->arena, out->n, sizeof *out->numbers)))
        return sv_arena_fail(loader->arena, out->n * sizeof *out->numbers, err);
    for (size_t i = 0; i < out->n; i++) {
        sv_value v = sv_item_get(labels.dtype, labels.data, i);
        if ((st = add_category(out, &v, i, err)))
            return st;
    }
    if (out->n_numbers)
        qsort(out->numbers, out->n_numbers, sizeof *out->numbers, compare_numbers);
    return SAVOR_OK;
}

/* Integers equal integers exactly, anything else as doubles do. */
static size_t find_number(const sv_categories *c, const sv_value *v)
{
    double value = v->kind == SV_VALUE_FLOAT ? v->u.f : (double)v->u.i;
    size_t low = 0, high = c->n_numbers;
    if (isnan(value))
        return c->nan_at;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (c->numbers[middle].value < value)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < c->n_numbers && c->numbers[low].value == value; low++)
        if (v->kind == SV_VALUE_FLOAT || !c->numbers[low].is_integer || c->numbers[low].integer == v->u.i)
            return c->numbers[low].at;
    return SV_CATEGORY_UNKNOWN;
}

size_t sv_categories_find(const sv_categories *c, const sv_value *v)
{
    switch (v->kind) {
    case SV_VALUE_STRING:
        return sv_index_find(&c->texts, (sv_str){v->u.p, v->n}); /* SV_INDEX_NONE is SV_CATEGORY_UNKNOWN */
    case SV_VALUE_NONE:
        return c->none_at;
    case SV_VALUE_BOOL:
    case SV_VALUE_INT:
    case SV_VALUE_FLOAT:
        return find_number(c, v);
    default:
        return SV_CATEGORY_UNKNOWN;
    }
}

_Static_assert(SV_CATEGORY_UNKNOWN == SV_INDEX_NONE, "sv_categories_find answers what the index answers");

/* ---- loading an encoder ---- */

static savor_status load_columns(sv_loader *loader, const sv_record *object, sv_encoder *out, savor_error *err)
{
    size_t n;
    const sv_record *const *items = sv_record_items(sv_record_find(object, "categories_"), &n);
    savor_status st = SAVOR_OK;
    if (n == 0)
        return sv_attr_fail(object, "categories_", "not a list of arrays", err);
    if (out->base.n_features_in && out->base.n_features_in != n)
        return sv_attr_fail(object, "categories_", "not as many as features", err);
    out->base.n_features_in = out->n_columns = n;
    if (!(out->columns = sv_arena_array(loader->arena, n, sizeof *out->columns)))
        return sv_arena_fail(loader->arena, n * sizeof *out->columns, err);
    for (size_t i = 0; !st && i < n; i++) {
        st = sv_categories_load(loader, items[i], &out->columns[i], err);
        if (!st && out->columns[i].n == 0)
            st = sv_attr_fail(object, "categories_", "a column without categories", err);
    }
    return st;
}

/* category -> group, of one column. */
static savor_status load_mapping(sv_loader *loader, const sv_record *object, const sv_record *record,
                                 const sv_categories *categories, const size_t **out, savor_error *err)
{
    sv_tensor groups;
    size_t n = categories->n;
    size_t *mapping;
    *out = NULL;
    if (sv_record_is_none(record))
        return SAVOR_OK;
    savor_status st = sv_record_doubles(record, loader->arena, &groups, err);
    if (st)
        return st;
    if (!(mapping = sv_arena_array(loader->arena, n, sizeof *mapping)))
        return sv_arena_fail(loader->arena, n * sizeof *mapping, err);
    bool leaves_nan = categories->nan_at == n - 1 && groups.n_items + 1 == n; /* the last category is in no group */
    if (groups.n_items != n && !leaves_nan)
        return sv_attr_fail(object, "_default_to_infrequent_mappings", "not a group for each category", err);
    for (size_t i = 0; i < n; i++) {
        double group = i < groups.n_items ? ((const double *)groups.data)[i] : (double)i;
        if (!(group >= 0 && group < (double)n))
            return sv_attr_fail(object, "_default_to_infrequent_mappings", "not a group for each category", err);
        mapping[i] = (size_t)group;
    }
    *out = mapping;
    return SAVOR_OK;
}

static savor_status load_infrequent(sv_loader *loader, const sv_record *object, sv_encoder *out, savor_error *err)
{
    size_t n_mappings, n_indices;
    const sv_record *const *mappings =
        sv_record_items(sv_record_find(object, "_default_to_infrequent_mappings"), &n_mappings);
    const sv_record *const *indices = sv_record_items(sv_record_find(object, "_infrequent_indices"), &n_indices);
    savor_status st = SAVOR_OK;
    if (!sv_attr_bool_or(object, "_infrequent_enabled", false))
        return SAVOR_OK;
    if (n_mappings != out->n_columns || n_indices != out->n_columns)
        return sv_attr_fail(object, "_infrequent_indices", "not one for each column", err);
    const size_t **groups = sv_arena_array(loader->arena, out->n_columns, sizeof *groups);
    size_t *first = sv_arena_array(loader->arena, out->n_columns, sizeof *first);
    if (!groups || !first)
        return sv_arena_fail(loader->arena, out->n_columns * sizeof *first, err);
    for (size_t i = 0; i < out->n_columns; i++) {
        sv_tensor rare = {0};
        first[i] = SV_CATEGORY_UNKNOWN;
        if ((st = load_mapping(loader, object, mappings[i], &out->columns[i], &groups[i], err)) ||
            (!sv_record_is_none(indices[i]) && (st = sv_record_doubles(indices[i], loader->arena, &rare, err))))
            return st;
        double at = rare.n_items ? ((const double *)rare.data)[0] : -1.0;
        if (at >= 0 && at < (double)out->columns[i].n)
            first[i] = (size_t)at;
    }
    out->mappings = groups;
    out->infrequent_first = first;
    return SAVOR_OK;
}

savor_status sv_encoder_load(sv_loader *loader, const sv_record *object, sv_encoder *out, savor_error *err)
{
    sv_str unknown = sv_attr_text(object, "handle_unknown");
    out->refuses_unknown = sv_str_is(unknown, "error");
    out->groups_unknown = sv_str_is(unknown, "infrequent_if_exist") || sv_str_is(unknown, "warn");
    savor_status st = load_columns(loader, object, out, err);
    return st ? st : load_infrequent(loader, object, out, err);
}

/* ---- encoding ---- */

static savor_status check_batch(const sv_encoder *self, const sv_batch *in, savor_error *err)
{
    savor_status st = sv_check_names(&self->base, in, err);
    const char *name = self->base.cls->name;
    if (st)
        return st;
    if (in->kind == SV_BATCH_SPARSE || in->kind == SV_BATCH_LIST)
        return sv_fail(err, SAVOR_MODEL, "A dense array is required by %s", name);
    if (in->kind == SV_BATCH_TENSOR && in->tensor.n_dims != 2)
        return sv_fail(err, SAVOR_MODEL, "Expected 2D array, got %uD array instead.", (unsigned)in->tensor.n_dims);
    if (sv_batch_rows(in) == 0)
        return sv_fail(err, SAVOR_MODEL, "Found array with 0 sample(s) while a minimum of 1 is required by %s.",
                       name);
    if (sv_batch_columns(in) != self->n_columns)
        return sv_fail(err, SAVOR_MODEL, "X has %zu features, but %s is expecting %zu features as input.",
                       sv_batch_columns(in), name, self->n_columns);
    return SAVOR_OK;
}

static savor_status fail_unknown(const sv_value *v, size_t row, size_t column, savor_error *err)
{
    if (v->kind == SV_VALUE_STRING)
        return sv_fail(err, SAVOR_MODEL, "Found unknown categories ['%.*s'] in column %zu during transform (row %zu)",
                       (int)(v->n > 80 ? 80 : v->n), v->u.p, column, row);
    return sv_fail(err, SAVOR_MODEL, "Found unknown categories in column %zu during transform (row %zu, %s)", column,
                   row, sv_value_type_name(v));
}

static size_t group_of(const sv_encoder *self, size_t code, size_t column, const size_t *keeps)
{
    const size_t *mapping = self->mappings ? self->mappings[column] : NULL;
    bool is_rare_column = self->infrequent_first && self->infrequent_first[column] != SV_CATEGORY_UNKNOWN;
    if (code == SV_CATEGORY_UNKNOWN && is_rare_column && self->groups_unknown)
        code = self->infrequent_first[column];
    if (code == SV_CATEGORY_UNKNOWN || !mapping || (keeps && keeps[column] == code))
        return code;
    return mapping[code];
}

/* Numbers are looked up among numbers: numpy does not ask for NaN among objects. */
static savor_status check_column(const sv_encoder *self, const sv_batch *in, size_t column, savor_error *err)
{
    savor_dtype dtype = in->kind == SV_BATCH_FRAME ? in->frame.columns[column].dtype : in->tensor.dtype;
    char kind = sv_dtype_kind(dtype);
    bool is_number =
        kind == 'i' || kind == 'u' || kind == 'f' || (kind == 'b' && sv_release_is_before(self->base.release, 1, 6));
    if (is_number && self->columns[column].are_objects)
        return sv_fail(err, SAVOR_MODEL, "ufunc 'isnan' not supported for the input types (column %zu of %s)", column,
                       savor_dtype_name(dtype));
    for (size_t r = 0; kind == 'f' && r < sv_batch_rows(in); r++) {
        sv_value v = sv_batch_cell(in, r, column);
        if (isinf(v.u.f))
            return sv_fail(err, SAVOR_MODEL, "Input contains infinity in column %zu, row %zu.", column, r);
    }
    return SAVOR_OK;
}

static savor_status encode_column(const sv_encoder *self, const sv_batch *in, size_t column, const size_t *keeps,
                                  size_t *codes, savor_error *err)
{
    savor_status st = check_column(self, in, column, err);
    for (size_t r = 0; r < sv_batch_rows(in) && !st; r++) {
        sv_value v = sv_batch_cell(in, r, column);
        size_t code = sv_categories_find(&self->columns[column], &v);
        if (code == SV_CATEGORY_UNKNOWN && self->refuses_unknown)
            return fail_unknown(&v, r, column, err);
        codes[r * self->n_columns + column] = group_of(self, code, column, keeps);
    }
    return st;
}

savor_status sv_encoder_encode(const sv_encoder *self, const sv_batch *in, const size_t *keeps, sv_arena *arena,
                               size_t **codes, savor_error *err)
{
    size_t n_rows = sv_batch_rows(in), n = 0, bytes = SIZE_MAX;
    savor_status st = check_batch(self, in, err);
    if (st)
        return st;
    if (sv_mul(n_rows, self->n_columns, &n))
        (void)sv_mul(n, sizeof **codes, &bytes);
    if (!(*codes = sv_arena_alloc(arena, bytes)))
        return sv_arena_fail(arena, bytes, err);
    for (size_t c = 0; c < self->n_columns && !st; c++)
        st = encode_column(self, in, c, keeps, *codes, err);
    return st;
}
