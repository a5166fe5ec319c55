/* one_hot_encoder.c: OneHotEncoder: a column of zeros and ones per category that was not dropped. */
#include "base/alloc.h"
#include "sklearn/attributes.h"
#include "sklearn/categories.h"
#include "sklearn/families.h"

typedef struct one_hot {
    sv_encoder encoder;
    size_t *first;   /* [n_columns + 1] the first output column of each */
    size_t *dropped; /* [n_columns] the category (after grouping) without a column, SV_CATEGORY_UNKNOWN: none */
    bool is_sparse;
    savor_dtype dtype;
} one_hot;

/* How many groups the categories of a column have. */
static size_t count_groups(const sv_encoder *encoder, size_t column)
{
    const size_t *mapping = encoder->mappings ? encoder->mappings[column] : NULL;
    size_t n = 0;
    if (!mapping)
        return encoder->columns[column].n;
    for (size_t i = 0; i < encoder->columns[column].n; i++)
        n = mapping[i] + 1 > n ? mapping[i] + 1 : n;
    return n;
}

static savor_status read_drop(const sv_record *object, one_hot *self, savor_error *err)
{
    size_t n;
    const sv_record *drop = sv_record_find(object, "_drop_idx_after_grouping");
    if (!drop) /* before 1.3 */
        drop = sv_record_find(object, "drop_idx_");
    const sv_record *const *items = sv_record_items(drop, &n);
    const sv_array *array = sv_record_array(drop);
    for (size_t i = 0; i < self->encoder.n_columns; i++) {
        int64_t at = -1;
        self->dropped[i] = SV_CATEGORY_UNKNOWN;
        if (sv_record_is_none(drop))
            continue;
        if (array && !array->cells && array->tensor.dtype == SAVOR_INT64 &&
            array->tensor.n_items == self->encoder.n_columns)
            at = ((const int64_t *)array->tensor.data)[i];
        else if (n != self->encoder.n_columns)
            return sv_attr_fail(object, "drop_idx_", "not one for each column", err);
        else if (sv_record_is_none(items[i]))
            continue;
        else if (!sv_record_to_int(items[i], &at))
            at = -1;
        if (at < 0 || (uint64_t)at >= count_groups(&self->encoder, i))
            return sv_attr_fail(object, "drop_idx_", "out of range", err);
        self->dropped[i] = (size_t)at;
    }
    return SAVOR_OK;
}

/* dtype=np.float64 is a global, a text or a dtype. */
static savor_dtype read_dtype(const sv_record *object)
{
    savor_dtype dtype;
    return sv_record_to_dtype(sv_record_find(object, "dtype"), &dtype) ? dtype : SAVOR_FLOAT64;
}

static savor_status load(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                         const sv_estimator **out, savor_error *err)
{
    sv_estimator *base;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(one_hot), &base, err);
    one_hot *self = (one_hot *)base;
    if (st || (st = sv_encoder_load(loader, object, &self->encoder, err)))
        return st;
    size_t n = self->encoder.n_columns;
    self->first = sv_arena_array(loader->arena, n + 1, sizeof *self->first);
    self->dropped = sv_arena_array(loader->arena, n, sizeof *self->dropped);
    if (!self->first || !self->dropped)
        return sv_arena_fail(loader->arena, n * sizeof *self->first, err);
    if ((st = read_drop(object, self, err)))
        return st;
    for (size_t i = 0; i < n; i++)
        self->first[i + 1] =
            self->first[i] + count_groups(&self->encoder, i) - (self->dropped[i] != SV_CATEGORY_UNKNOWN);
    if (self->first[n] > UINT32_MAX)
        return sv_attr_fail(object, "categories_", "too many", err);
    self->is_sparse = sv_attr_bool_or(object, "sparse_output", sv_attr_bool_or(object, "sparse", true));
    self->dtype = read_dtype(object);
    *out = base;
    return SAVOR_OK;
}

/* The output column of a code, or SV_CATEGORY_UNKNOWN where the cell has none. */
static size_t column_of(const one_hot *self, size_t code, size_t column)
{
    size_t dropped = self->dropped[column];
    if (code == SV_CATEGORY_UNKNOWN || code == dropped)
        return SV_CATEGORY_UNKNOWN;
    return self->first[column] + code - (dropped != SV_CATEGORY_UNKNOWN && code > dropped);
}

static savor_status make_sparse(const one_hot *self, const size_t *codes, size_t n_rows, sv_arena *arena,
                                sv_batch *out, savor_error *err)
{
    size_t n_columns = self->encoder.n_columns, n = n_rows * n_columns, at = 0;
    size_t *row_first = sv_arena_array(arena, n_rows + 1, sizeof *row_first);
    uint32_t *columns = sv_arena_array(arena, n, sizeof *columns);
    double *values = sv_arena_array(arena, n, sizeof *values);
    if (!row_first || !columns || !values)
        return sv_arena_fail(arena, n * sizeof *values, err);
    for (size_t r = 0; r < n_rows; r++) {
        for (size_t c = 0; c < n_columns; c++) {
            size_t column = column_of(self, codes[r * n_columns + c], c);
            if (column == SV_CATEGORY_UNKNOWN)
                continue;
            columns[at] = (uint32_t)column;
            values[at++] = 1.0;
        }
        row_first[r + 1] = at;
    }
    *out = (sv_batch){.kind = SV_BATCH_SPARSE};
    out->sparse = (sv_sparse){n_rows, self->first[n_columns], self->dtype, row_first, columns, values};
    return SAVOR_OK;
}

/* The dense answer in the dtype that was asked for, as far as it matters to what comes after. */
static savor_status make_dense(const one_hot *self, const sv_batch *sparse, sv_arena *arena, sv_batch *out,
                               savor_error *err)
{
    sv_tensor doubles;
    savor_status st = sv_sparse_to_dense(&sparse->sparse, arena, &doubles, err);
    *out = (sv_batch){.kind = SV_BATCH_TENSOR, .tensor = doubles};
    if (st || sv_dtype_size(self->dtype) > 1) {
        sv_batch wide = *out;
        return st || self->dtype != SAVOR_FLOAT32
                   ? st
                   : sv_batch_to_floats(&wide, SAVOR_FLOAT32, arena, &out->tensor, err);
    }
    int8_t *bytes = sv_arena_array(arena, doubles.n_items, 1);
    if (!bytes)
        return sv_arena_fail(arena, doubles.n_items, err);
    for (size_t i = 0; i < doubles.n_items; i++)
        bytes[i] = (int8_t)((const double *)doubles.data)[i];
    out->tensor.dtype = self->dtype;
    out->tensor.data = bytes;
    return SAVOR_OK;
}

static savor_status transform(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                              savor_error *err)
{
    const one_hot *self = (const one_hot *)base;
    size_t *codes;
    savor_status st = sv_encoder_encode(&self->encoder, in, NULL, arena, &codes, err);
    if (st || (st = make_sparse(self, codes, sv_batch_rows(in), arena, out, err)) || self->is_sparse)
        return st;
    sv_batch sparse = *out;
    return make_dense(self, &sparse, arena, out, err);
}

const sv_estimator_class sv_one_hot_encoders[] = {
    {.name = "OneHotEncoder", .load = load, .methods = {[SV_TRANSFORM] = transform}},
    {.name = NULL},
};
