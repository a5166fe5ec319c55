/* target_encoder.c: TargetEncoder: the mean target of a cell's category, per class where there are several. */
#include "base/alloc.h"
#include "sklearn/attributes.h"
#include "sklearn/categories.h"
#include "sklearn/families.h"

typedef struct target_encoder {
    sv_encoder encoder;
    size_t n_each;                  /* output columns for each feature: classes, or 1 */
    const double *const *encodings; /* [n_columns * n_each] of as many numbers as the feature has categories */
    const double *means;            /* [n_each] of what is not known */
} target_encoder;

static savor_status read_encodings(sv_loader *loader, const sv_record *object, target_encoder *self, savor_error *err)
{
    size_t n, n_out = self->encoder.n_columns * self->n_each; /* of arrays that are in memory: no overflow */
    const sv_record *const *items = sv_record_items(sv_record_find(object, "encodings_"), &n);
    const double **encodings = sv_arena_array(loader->arena, n_out, sizeof *encodings);
    if (!encodings)
        return sv_arena_fail(loader->arena, n_out * sizeof *encodings, err);
    if (n != n_out)
        return sv_attr_fail(object, "encodings_", "not one for each feature and class", err);
    for (size_t i = 0; i < n; i++) {
        sv_tensor t;
        double *copy;
        savor_status st = sv_record_doubles(items[i], loader->arena, &t, err);
        if (st)
            return st;
        if (t.n_items != self->encoder.columns[i / self->n_each].n)
            return sv_attr_fail(object, "encodings_", "not one for each category", err);
        if ((st = sv_batch_alloc(loader->arena, t.n_items, 1, &copy, err)))
            return st;
        if (t.n_items)
            memcpy(copy, t.data, t.n_items * sizeof *copy);
        encodings[i] = copy;
    }
    self->encodings = encodings;
    return SAVOR_OK;
}

static savor_status load(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                         const sv_estimator **out, savor_error *err)
{
    sv_estimator *base;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(target_encoder), &base, err);
    target_encoder *self = (target_encoder *)base;
    if (st || (st = sv_encoder_load(loader, object, &self->encoder, err)))
        return st;
    bool is_multiclass = sv_str_is(sv_attr_text(object, "target_type_"), "multiclass");
    self->n_each = is_multiclass ? base->classes.n_items : 1;
    if (self->n_each == 0 || self->n_each > UINT16_MAX)
        return sv_attr_fail(object, "classes_", "not a number of classes", err);
    if ((st = sv_attr_vector(loader, object, "target_mean_", self->n_each, &self->means, err)) ||
        (st = read_encodings(loader, object, self, err)))
        return st;
    *out = base;
    return SAVOR_OK;
}

static savor_status transform(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                              savor_error *err)
{
    const target_encoder *self = (const target_encoder *)base;
    size_t *codes, n_rows = sv_batch_rows(in), n_columns = self->encoder.n_columns, n_out = n_columns * self->n_each;
    double *cells;
    savor_status st = sv_encoder_encode(&self->encoder, in, NULL, arena, &codes, err);
    if (st || (st = sv_batch_alloc(arena, n_rows, n_out, &cells, err)))
        return st;
    for (size_t i = 0; i < n_rows * n_out; i++) {
        size_t at = i % n_out, code = codes[i / n_out * n_columns + at / self->n_each];
        cells[i] = code == SV_CATEGORY_UNKNOWN ? self->means[at % self->n_each] : self->encodings[at][code];
    }
    *out = sv_batch_of_doubles(cells, n_rows, n_out);
    return SAVOR_OK;
}

const sv_estimator_class sv_target_encoders[] = {
    {.name = "TargetEncoder", .load = load, .methods = {[SV_TRANSFORM] = transform}},
    {.name = NULL},
};
