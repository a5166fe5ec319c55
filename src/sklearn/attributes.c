#include "sklearn/attributes.h"

#include "base/alloc.h"

#include <math.h>

#define ESTIMATORS_MAX 1000000 /* in one list */

savor_status sv_attr_fail(const sv_record *object, const char *name, const char *why, savor_error *err)
{
    sv_global cls = sv_record_class(object);
    return sv_fail(err, SAVOR_FORMAT, "%.*s.%s: %s", SV_FMT(cls.name), name, why);
}

savor_status sv_attr_get(const sv_record *object, const char *name, const sv_record **out, savor_error *err)
{
    *out = sv_record_find(object, name);
    return sv_record_is_none(*out) ? sv_attr_fail(object, name, "missing", err) : SAVOR_OK;
}

/* ---- numbers ---- */

static savor_status copy_doubles(sv_loader *loader, sv_tensor *t, savor_error *err)
{
    double *copy;
    savor_status st = sv_batch_alloc(loader->arena, t->n_items, 1, &copy, err);
    if (st)
        return st;
    if (t->n_items)
        memcpy(copy, t->data, t->n_items * sizeof *copy);
    t->data = copy;
    return SAVOR_OK;
}

savor_status sv_attr_doubles(sv_loader *loader, const sv_record *object, const char *name, sv_tensor *out,
                             savor_error *err)
{
    const sv_record *r;
    savor_status st = sv_attr_get(object, name, &r, err);
    if (st)
        return st;
    st = sv_record_doubles(r, loader->arena, out, err);
    if (st == SAVOR_FORMAT)
        return sv_attr_fail(object, name, "not an array of numbers", err);
    const sv_array *array = sv_record_array(r);
    return !st && array && array->tensor.data == out->data ? copy_doubles(loader, out, err) : st;
}

savor_status sv_attr_vector(sv_loader *loader, const sv_record *object, const char *name, size_t n,
                            const double **out, savor_error *err)
{
    sv_tensor t;
    savor_status st = sv_attr_doubles(loader, object, name, &t, err);
    *out = NULL;
    if (st)
        return st;
    if (t.n_items != n)
        return sv_attr_fail(object, name, "not as many numbers as it should have", err);
    *out = t.data;
    return SAVOR_OK;
}

savor_status sv_attr_matrix(sv_loader *loader, const sv_record *object, const char *name, size_t n_rows,
                            size_t n_columns, sv_tensor *out, savor_error *err)
{
    savor_status st = sv_attr_doubles(loader, object, name, out, err);
    if (st)
        return st;
    if (out->n_dims != 2 || (n_rows && out->shape[0] != n_rows) || (n_columns && out->shape[1] != n_columns))
        return sv_attr_fail(object, name, "not a matrix of the shape it should have", err);
    return SAVOR_OK;
}

savor_status sv_attr_double(const sv_record *object, const char *name, double *out, savor_error *err)
{
    if (sv_record_to_double(sv_record_find(object, name), out))
        return SAVOR_OK;
    return sv_attr_fail(object, name, "not a number", err);
}

savor_status sv_attr_int(const sv_record *object, const char *name, int64_t *out, savor_error *err)
{
    if (sv_record_to_int(sv_record_find(object, name), out))
        return SAVOR_OK;
    return sv_attr_fail(object, name, "not an integer", err);
}

double sv_attr_double_or(const sv_record *object, const char *name, double otherwise)
{
    double value;
    return sv_record_to_double(sv_record_find(object, name), &value) ? value : otherwise;
}

int64_t sv_attr_int_or(const sv_record *object, const char *name, int64_t otherwise)
{
    int64_t value;
    return sv_record_to_int(sv_record_find(object, name), &value) ? value : otherwise;
}

bool sv_attr_bool_or(const sv_record *object, const char *name, bool otherwise)
{
    bool value;
    return sv_record_to_bool(sv_record_find(object, name), &value) ? value : otherwise;
}

sv_str sv_attr_text(const sv_record *object, const char *name)
{
    return sv_record_text(sv_record_find(object, name));
}

/* ---- estimators ---- */

savor_status sv_attr_estimator(sv_loader *loader, const sv_record *object, const char *name, const sv_estimator **out,
                               savor_error *err)
{
    const sv_record *r;
    savor_status st = sv_attr_get(object, name, &r, err);
    *out = NULL;
    return st ? st : sv_estimator_load(loader, r, out, err);
}

savor_status sv_attr_estimators(sv_loader *loader, const sv_record *object, const char *name, size_t *n,
                                const sv_estimator *const **out, savor_error *err)
{
    const sv_record *r;
    const sv_record *const *items = NULL;
    savor_status st = sv_attr_get(object, name, &r, err);
    *out = NULL;
    if (st)
        return st;
    items = sv_record_items(r, n);
    if (*n == 0 || *n > ESTIMATORS_MAX)
        return sv_attr_fail(object, name, "not a list of estimators", err);
    const sv_estimator **list = sv_arena_array(loader->arena, *n, sizeof *list);
    if (!list)
        return sv_arena_fail(loader->arena, *n * sizeof *list, err);
    for (size_t i = 0; i < *n; i++)
        if ((st = sv_estimator_load(loader, items[i], &list[i], err)))
            return st;
    *out = list;
    return SAVOR_OK;
}

/* ---- labels ---- */

savor_status sv_record_to_value(const sv_record *record, sv_arena *arena, sv_value *out, savor_error *err)
{
    sv_str text = record->kind == SV_RECORD_TEXT ? sv_record_text(record) : sv_record_bytes(record);
    switch (record->kind) {
    case SV_RECORD_NONE:
        *out = (sv_value){.kind = SV_VALUE_NONE};
        return SAVOR_OK;
    case SV_RECORD_BOOL:
        *out = (sv_value){.kind = SV_VALUE_BOOL, .u.i = record->u.i};
        return SAVOR_OK;
    case SV_RECORD_INT:
        *out = (sv_value){.kind = SV_VALUE_INT, .u.i = record->u.i};
        return SAVOR_OK;
    case SV_RECORD_FLOAT:
        *out = (sv_value){.kind = SV_VALUE_FLOAT, .u.f = record->u.f};
        return SAVOR_OK;
    case SV_RECORD_TEXT:
    case SV_RECORD_BYTES:
        *out = (sv_value){.kind = record->kind == SV_RECORD_TEXT ? SV_VALUE_STRING : SV_VALUE_BYTES, .n = text.n};
        out->u.p = sv_arena_text(arena, text.p, text.n);
        return out->u.p ? SAVOR_OK : sv_arena_fail(arena, record->n, err);
    default:
        return sv_fail(err, SAVOR_UNSUPPORTED, "a label or category was no plain value");
    }
}

/* All values text: STRING; otherwise they stay objects. */
static savor_status values_to_labels(const sv_record *const *items, size_t n, sv_arena *arena, sv_tensor *out,
                                     savor_error *err)
{
    sv_value *values = sv_arena_array(arena, n, sizeof *values);
    sv_str *texts = sv_arena_array(arena, n, sizeof *texts);
    bool all_text = n > 0;
    savor_status st;
    if (!values || !texts)
        return sv_arena_fail(arena, n * sizeof *values, err);
    for (size_t i = 0; i < n; i++) {
        if ((st = sv_record_to_value(items[i], arena, &values[i], err)))
            return st;
        all_text = all_text && values[i].kind == SV_VALUE_STRING;
        if (all_text)
            texts[i] = (sv_str){values[i].u.p, values[i].n};
    }
    *out = sv_tensor_view(all_text ? SAVOR_STRING : SAVOR_OBJECT, n, 0, all_text ? (const void *)texts : values);
    return SAVOR_OK;
}

static savor_status copy_texts(const sv_tensor *from, sv_arena *arena, sv_tensor *out, savor_error *err)
{
    sv_str *texts = sv_arena_array(arena, from->n_items, sizeof *texts);
    const sv_str *in = from->data;
    if (!texts)
        return sv_arena_fail(arena, from->n_items * sizeof *texts, err);
    for (size_t i = 0; i < from->n_items; i++) {
        texts[i] = (sv_str){sv_arena_text(arena, in[i].p, in[i].n), in[i].n};
        if (!texts[i].p)
            return sv_arena_fail(arena, in[i].n, err);
    }
    *out = *from;
    out->data = texts;
    return SAVOR_OK;
}

savor_status sv_record_to_labels(const sv_record *record, sv_arena *arena, sv_tensor *out, savor_error *err)
{
    const sv_array *array = sv_record_array(record);
    size_t n, size;
    const sv_record *const *items = sv_record_items(record, &n);
    if (!array || array->cells)
        return values_to_labels(items, n, arena, out, err);
    if (array->n_fields || array->tensor.n_dims > 1)
        return sv_fail(err, SAVOR_FORMAT, "labels were no one-dimensional array");
    if (array->tensor.dtype == SAVOR_STRING || array->tensor.dtype == SAVOR_BYTES)
        return copy_texts(&array->tensor, arena, out, err);
    size = array->tensor.n_items * sv_dtype_size(array->tensor.dtype); /* fits: the array is in memory */
    void *copy = sv_arena_alloc(arena, size);
    if (!copy)
        return sv_arena_fail(arena, size, err);
    if (size)
        memcpy(copy, array->tensor.data, size);
    *out = array->tensor;
    out->data = copy;
    return SAVOR_OK;
}

savor_status sv_attr_classes(sv_loader *loader, const sv_record *object, const sv_tensor *only, size_t n_outputs,
                             const sv_tensor **out, savor_error *err)
{
    size_t n_items;
    sv_tensor *list = sv_arena_array(loader->arena, n_outputs, sizeof *list);
    const sv_record *const *items = sv_record_items(sv_record_find(object, "classes_"), &n_items);
    savor_status st = SAVOR_OK;
    if (!list)
        return sv_arena_fail(loader->arena, n_outputs * sizeof *list, err);
    if (n_outputs == 1)
        list[0] = *only;
    else if (n_items != n_outputs)
        return sv_attr_fail(object, "classes_", "not a list of classes for each output", err);
    for (size_t k = 0; k < n_outputs && n_outputs > 1; k++) {
        if ((st = sv_record_to_labels(items[k], loader->arena, &list[k], err)))
            return st;
        if (list[k].n_items == 0 || list[k].dtype != list[0].dtype)
            return sv_attr_fail(object, "classes_", "not labels of one type for each output", err);
    }
    *out = list;
    return SAVOR_OK;
}
