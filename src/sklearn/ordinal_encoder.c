/* ordinal_encoder.c: OrdinalEncoder: the number of the category. */
#include "base/alloc.h"
#include "sklearn/attributes.h"
#include "sklearn/categories.h"
#include "sklearn/families.h"

#include <math.h>

typedef struct ordinal {
    sv_encoder encoder;
    size_t *missing;        /* [n_columns] the category that stands for "missing", SV_CATEGORY_UNKNOWN: none */
    double encoded_missing; /* what it becomes */
    double unknown;         /* what values that are not known become */
    bool is_float32;        /* dtype=np.float32 */
} ordinal;

/* _missing_indices: {column: category}. */
static savor_status read_missing(const sv_record *object, ordinal *self, savor_error *err)
{
    const sv_record *map = sv_record_find(object, "_missing_indices");
    for (size_t i = 0; i < self->encoder.n_columns; i++)
        self->missing[i] = SV_CATEGORY_UNKNOWN;
    for (size_t i = 0; map && map->kind == SV_RECORD_DICT && i < map->n; i++) {
        int64_t column, category;
        if (!sv_record_to_int(map->u.items[2 * i], &column) ||
            !sv_record_to_int(map->u.items[2 * i + 1], &category) || column < 0 ||
            (uint64_t)column >= self->encoder.n_columns || category < 0)
            return sv_attr_fail(object, "_missing_indices", "not columns and categories", err);
        self->missing[column] = (size_t)category;
    }
    return SAVOR_OK;
}

static savor_status load(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                         const sv_estimator **out, savor_error *err)
{
    sv_estimator *base;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(ordinal), &base, err);
    ordinal *self = (ordinal *)base;
    if (st || (st = sv_encoder_load(loader, object, &self->encoder, err)))
        return st;
    self->missing = sv_arena_array(loader->arena, self->encoder.n_columns, sizeof *self->missing);
    if (!self->missing)
        return sv_arena_fail(loader->arena, self->encoder.n_columns * sizeof *self->missing, err);
    if ((st = read_missing(object, self, err)))
        return st;
    self->encoded_missing = sv_attr_double_or(object, "encoded_missing_value", (double)NAN);
    self->unknown = sv_attr_double_or(object, "unknown_value", (double)NAN);
    savor_dtype dtype;
    self->is_float32 = sv_record_to_dtype(sv_record_find(object, "dtype"), &dtype) && dtype == SAVOR_FLOAT32;
    *out = base;
    return SAVOR_OK;
}

static savor_status transform(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                              savor_error *err)
{
    const ordinal *self = (const ordinal *)base;
    size_t n_columns = self->encoder.n_columns, n_rows = sv_batch_rows(in), *codes;
    double *values;
    savor_status st = sv_encoder_encode(&self->encoder, in, self->missing, arena, &codes, err);
    if (st || (st = sv_batch_alloc(arena, n_rows, n_columns, &values, err)))
        return st;
    for (size_t i = 0; i < n_rows * n_columns; i++) {
        size_t code = codes[i];
        if (code == SV_CATEGORY_UNKNOWN)
            values[i] = self->unknown;
        else
            values[i] = code == self->missing[i % n_columns] ? self->encoded_missing : (double)code;
    }
    sv_batch doubles = sv_batch_of_doubles(values, n_rows, n_columns);
    *out = doubles;
    return self->is_float32 ? sv_batch_to_floats(&doubles, SAVOR_FLOAT32, arena, &out->tensor, err) : SAVOR_OK;
}

const sv_estimator_class sv_ordinal_encoders[] = {
    {.name = "OrdinalEncoder", .load = load, .methods = {[SV_TRANSFORM] = transform}},
    {.name = NULL},
};
