/*
 * imputer.c: SimpleImputer and MissingIndicator. Numbers are imputed in an array; text and mixtures stay columns, one
 * by one.
 */
#include "base/alloc.h"
#include "data/convert.h"
#include "sklearn/attributes.h"
#include "sklearn/categories.h"
#include "sklearn/check.h"
#include "sklearn/families.h"
#include "sklearn/missing.h"
#include "sklearn/stack.h"

#include <math.h>

typedef struct imputer {
    sv_estimator base;
    size_t n_columns;
    sv_value missing;       /* the value that counts as missing */
    const sv_value *fill;   /* [n_columns] statistics_; NULL for MissingIndicator */
    const bool *is_dropped; /* [n_columns] nothing was known of the column at fit */
    bool is_object;         /* fitted on objects: every batch becomes such an array */
    bool takes_any;         /* strategy most_frequent or constant: an array keeps its dtype */
    bool needs_cast;        /* strategy constant: the filling value has to fit the batch's dtype */
    savor_dtype fill_dtype; /* then: the dtype of that value */
    bool has_indicator;     /* perhaps of no columns */
    size_t n_flags;         /* columns of the indicator */
    const size_t *flagged;  /* [n_flags] */
    bool refuses_new;       /* MissingIndicator: error_on_new */
} imputer;

/* ---- loading ---- */

static savor_status read_missing(sv_loader *loader, const sv_record *object, sv_value *out, savor_error *err)
{
    const sv_record *r = sv_record_find(object, "missing_values");
    if (r && r->kind != SV_RECORD_OBJECT && r->kind != SV_RECORD_GLOBAL)
        return sv_record_to_value(r, loader->arena, out, err);
    *out = (sv_value){.kind = SV_VALUE_FLOAT, .u.f = (double)NAN}; /* NaN is the default; pandas.NA is like it */
    return r ? sv_fail(err, SAVOR_UNSUPPORTED, "missing_values=pandas.NA is not known") : SAVOR_OK;
}

static bool is_nan(const sv_value *v) { return v->kind == SV_VALUE_FLOAT && isnan(v->u.f); }

/* Whether the data of fit was an array of objects; `statistics` say so where the file does not. */
static bool was_object(const sv_record *object, const sv_tensor *statistics)
{
    savor_dtype dtype = statistics->dtype;
    (void)sv_record_to_dtype(sv_record_find(object, "_fit_dtype"), &dtype);
    return dtype == SAVOR_OBJECT || dtype == SAVOR_STRING;
}

/* What np.can_cast is asked about: the type of fill_value, from 1.8 on the dtype that was fitted. None is of any. */
static void read_cast(const sv_loader *loader, const sv_record *object, imputer *self)
{
    const sv_record *fill = sv_record_find(object, "fill_value");
    if (!sv_release_is_before(loader->release, 1, 8)) {
        self->needs_cast = sv_record_to_dtype(sv_record_find(object, "_fill_dtype"), &self->fill_dtype);
        return;
    }
    self->needs_cast = !sv_release_is_before(loader->release, 1, 4) && !sv_record_is_none(fill);
    self->fill_dtype = !fill || fill->kind == SV_RECORD_TEXT ? SAVOR_OBJECT
                       : fill->kind == SV_RECORD_FLOAT       ? SAVOR_FLOAT64
                       : fill->kind == SV_RECORD_BOOL        ? SAVOR_BOOL
                                                             : SAVOR_INT64;
}

/* statistics_: an array of numbers or of anything. */
static savor_status read_fill(sv_loader *loader, const sv_record *object, imputer *self, savor_error *err)
{
    sv_tensor labels;
    savor_status st = sv_record_to_labels(sv_record_find(object, "statistics_"), loader->arena, &labels, err);
    if (st)
        return st;
    size_t n = labels.n_items;
    sv_value *fill = sv_arena_array(loader->arena, n, sizeof *fill);
    bool *dropped = sv_arena_array(loader->arena, n, sizeof *dropped);
    sv_str strategy = sv_attr_text(object, "strategy");
    bool is_constant = sv_str_is(strategy, "constant");
    bool keeps = sv_attr_bool_or(object, "keep_empty_features", false) ||
                 (is_constant && sv_release_is_before(loader->release, 1, 8));
    if (!fill || !dropped)
        return sv_arena_fail(loader->arena, n * sizeof *fill, err);
    if (n == 0 || (self->base.n_features_in && self->base.n_features_in != n))
        return sv_attr_fail(object, "statistics_", "not one for each feature", err);
    for (size_t i = 0; i < n; i++) {
        fill[i] = sv_item_get(labels.dtype, labels.data, i);
        dropped[i] = !keeps && is_nan(&fill[i]);
    }
    self->base.n_features_in = self->n_columns = n;
    self->fill = fill;
    self->is_dropped = dropped;
    self->is_object = was_object(object, &labels);
    self->takes_any = is_constant || sv_str_is(strategy, "most_frequent");
    if (is_constant)
        read_cast(loader, object, self);
    return SAVOR_OK;
}

static savor_status load_imputer(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                 const sv_estimator **out, savor_error *err)
{
    sv_estimator *base;
    const sv_record *indicator = sv_record_find(object, "indicator_");
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(imputer), &base, err);
    imputer *self = (imputer *)base;
    if (st || (st = read_missing(loader, object, &self->missing, err)) ||
        (st = read_fill(loader, object, self, err)) ||
        (!sv_record_is_none(indicator) &&
         (st = sv_flagged_read(loader, indicator, self->n_columns, &self->n_flags, &self->flagged, err))))
        return st;
    self->has_indicator = !sv_record_is_none(indicator);
    *out = base;
    return SAVOR_OK;
}

static savor_status load_indicator(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                   const sv_estimator **out, savor_error *err)
{
    sv_estimator *base;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(imputer), &base, err);
    imputer *self = (imputer *)base;
    if (st)
        return st;
    self->n_columns = base->n_features_in ? base->n_features_in : (size_t)sv_attr_int_or(object, "_n_features", 0);
    if ((st = sv_estimator_set_features(base, object, self->n_columns, err)) ||
        (st = read_missing(loader, object, &self->missing, err)) ||
        (st = sv_flagged_read(loader, object, self->n_columns, &self->n_flags, &self->flagged, err)))
        return st;
    self->takes_any = true;
    self->refuses_new = sv_attr_bool_or(object, "error_on_new", true) &&
                        sv_record_is_text(sv_record_find(object, "features"), "missing-only");
    *out = base;
    return SAVOR_OK;
}

/* ---- cells ---- */

/* X == missing_values, or X != X where that is NaN. */
static bool is_missing(const imputer *self, const sv_value *v)
{
    double a, b;
    if (is_nan(&self->missing))
        return is_nan(v);
    if (self->missing.kind == SV_VALUE_NONE || v->kind == SV_VALUE_NONE)
        return self->missing.kind == v->kind;
    if (self->missing.kind == SV_VALUE_STRING || v->kind == SV_VALUE_STRING)
        return self->missing.kind == v->kind &&
               sv_str_equal((sv_str){v->u.p, v->n}, (sv_str){self->missing.u.p, self->missing.n});
    return !sv_value_to_double(&self->missing, &a) && !sv_value_to_double(v, &b) && a == b;
}

/* The dtype that check_array leaves; of numbers, what they were before they became floats here. */
static savor_dtype input_dtype(const imputer *self, const sv_batch *in)
{
    savor_dtype dtype = sv_check_dtype(in);
    if (self->is_object)
        return SAVOR_OBJECT;
    return self->takes_any || dtype == SAVOR_FLOAT32 ? dtype : SAVOR_FLOAT64; /* whose text is refused there */
}

/* np.can_cast(from, to, "same_kind") between bools, integers, floats and objects. */
static bool can_cast(savor_dtype from, savor_dtype to)
{
    static const char KINDS[] = "buifO";
    const char *a = strchr(KINDS, sv_dtype_kind(from)), *b = strchr(KINDS, sv_dtype_kind(to));
    return a && b && a <= b;
}

/* What the library says about dtypes, when the array is made. */
static savor_status check_dtype(const imputer *self, savor_dtype dtype, savor_error *err)
{
    char kind = sv_dtype_kind(dtype);
    if (dtype != SAVOR_OBJECT && kind != 'i' && kind != 'u' && kind != 'f')
        return sv_fail(err, SAVOR_MODEL, "%s does not support data with dtype %s.", self->base.cls->name,
                       savor_dtype_name(dtype));
    if (dtype != SAVOR_OBJECT && (self->missing.kind == SV_VALUE_STRING || self->missing.kind == SV_VALUE_NONE))
        return sv_fail(err, SAVOR_MODEL, "'X' and 'missing_values' types are expected to be both numerical.");
    if (self->needs_cast && !can_cast(self->fill_dtype, dtype))
        return sv_fail(err, SAVOR_MODEL,
                       "The dtype of the filling value (i.e. %s) cannot be cast to the input data that is %s.",
                       savor_dtype_name(self->fill_dtype), savor_dtype_name(dtype));
    return SAVOR_OK;
}

/* Rows of numbers as one checked array; anything else as columns of objects. */
static savor_status check_input(const imputer *self, const sv_batch *in, savor_dtype dtype, sv_arena *arena,
                                sv_batch *out, savor_error *err)
{
    unsigned flags = SV_CHECK_KEEP_FLOAT32 | (is_nan(&self->missing) ? SV_CHECK_ALLOW_NAN : 0);
    if (dtype == SAVOR_OBJECT && in->kind != SV_BATCH_SPARSE)
        return sv_check_objects(&self->base, in, flags, arena, out, err);
    savor_status st = sv_check_batch(&self->base, in, flags, arena, out, err);
    return st ? st : check_dtype(self, dtype, err);
}

/* `is_integer`: the library keeps integers, and cuts what it fills into them. */
static savor_status impute_numbers(const imputer *self, const sv_tensor *x, bool by_columns, bool is_integer,
                                   sv_arena *arena, sv_batch *out, savor_error *err)
{
    size_t n_kept = 0, n_rows = x->shape[0], at = 0;
    double *cells;
    savor_status st;
    for (size_t c = 0; c < self->n_columns; c++)
        n_kept += !self->is_dropped[c];
    if ((st = sv_batch_alloc(arena, n_rows, n_kept, &cells, err)))
        return st;
    for (size_t i = 0; i < x->n_items; i++) {
        size_t c = i % self->n_columns;
        sv_value v = {.kind = SV_VALUE_FLOAT};
        if (self->is_dropped[c])
            continue;
        v.u.f = x->dtype == SAVOR_FLOAT32 ? (double)((const float *)x->data)[i] : ((const double *)x->data)[i];
        bool is_filled = is_missing(self, &v);
        if (is_filled && sv_value_to_double(&self->fill[c], &v.u.f))
            return sv_fail(err, SAVOR_MODEL, "The dtype of the filling value cannot be cast to a number");
        cells[at++] = is_filled && is_integer ? trunc(v.u.f) : v.u.f;
    }
    *out = sv_batch_of_doubles(cells, n_rows, n_kept);
    out->by_columns = by_columns || n_kept < self->n_columns; /* numpy lays out what an index has chosen so */
    out->tensor.n_dims = 2;
    out->tensor.shape[1] = n_kept;
    if (x->dtype != SAVOR_FLOAT32)
        return SAVOR_OK;
    sv_batch doubles = *out;
    return sv_batch_to_floats(&doubles, SAVOR_FLOAT32, arena, &out->tensor, err);
}

/* Every cell as a value: one column of objects for each that is kept. */
static savor_status impute_objects(const imputer *self, const sv_batch *x, sv_arena *arena, sv_batch *out,
                                   savor_error *err)
{
    size_t n_rows = sv_batch_rows(x), at = 0;
    sv_column *columns = sv_arena_array(arena, self->n_columns, sizeof *columns);
    if (!columns)
        return sv_arena_fail(arena, self->n_columns * sizeof *columns, err);
    for (size_t c = 0; c < self->n_columns; c++) {
        if (self->is_dropped[c])
            continue;
        sv_value *cells = sv_arena_array(arena, n_rows, sizeof *cells);
        if (!cells)
            return sv_arena_fail(arena, n_rows * sizeof *cells, err);
        for (size_t r = 0; r < n_rows; r++) {
            sv_value v = sv_batch_cell(x, r, c);
            cells[r] = is_missing(self, &v) ? self->fill[c] : v;
        }
        columns[at] = (sv_column){sv_label_number((int64_t)at), SAVOR_OBJECT, cells};
        at++;
    }
    *out = (sv_batch){.kind = SV_BATCH_FRAME, .frame = {.n_rows = n_rows, .n_columns = at, .columns = columns}};
    return SAVOR_OK;
}

/* One column of zeros and ones for each flagged column. */
static savor_status make_flags(const imputer *self, const sv_batch *x, sv_arena *arena, sv_batch *out,
                               savor_error *err)
{
    size_t n_rows = sv_batch_rows(x);
    uint8_t *flags = sv_arena_array(arena, n_rows, self->n_flags);
    if (!flags)
        return sv_arena_fail(arena, n_rows * self->n_flags, err);
    for (size_t r = 0; r < n_rows; r++)
        for (size_t i = 0; i < self->n_flags; i++) {
            sv_value v = sv_batch_cell(x, r, self->flagged[i]);
            flags[r * self->n_flags + i] = is_missing(self, &v);
        }
    *out = (sv_batch){.kind = SV_BATCH_TENSOR, .tensor = sv_tensor_view(SAVOR_BOOL, n_rows, self->n_flags, flags)};
    out->by_columns = self->n_flags < self->n_columns || sv_is_fortran(x);
    out->tensor.n_dims = 2;
    out->tensor.shape[1] = self->n_flags;
    return SAVOR_OK;
}

static savor_status impute(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                           savor_error *err)
{
    const imputer *self = (const imputer *)base;
    sv_batch x, parts[2];
    savor_dtype dtype = input_dtype(self, in);
    savor_status st = check_input(self, in, dtype, arena, &x, err);
    if (st)
        return st;
    bool is_integer = sv_dtype_kind(dtype) != 'f';
    st = dtype == SAVOR_OBJECT
             ? impute_objects(self, &x, arena, &parts[0], err)
             : impute_numbers(self, &x.tensor, sv_is_fortran(&x), is_integer, arena, &parts[0], err);
    *out = parts[0];
    if (!st && self->has_indicator && self->n_flags == 0)
        out->by_columns = false; /* numpy has put nothing beside it, in an array by rows */
    if (st || self->n_flags == 0)
        return st;
    if ((st = make_flags(self, &x, arena, &parts[1], err)))
        return st;
    return sv_batches_stack(parts, 2, sv_batch_rows(&x), false, arena, out, err);
}

/* MissingIndicator alone: a column that had nothing missing at fit may be refused. */
static savor_status check_new(const imputer *self, const sv_batch *x, savor_error *err)
{
    for (size_t c = 0; self->refuses_new && c < self->n_columns; c++) {
        bool is_flagged = false;
        for (size_t i = 0; i < self->n_flags; i++)
            is_flagged = is_flagged || self->flagged[i] == c;
        for (size_t r = 0; !is_flagged && r < sv_batch_rows(x); r++) {
            sv_value v = sv_batch_cell(x, r, c);
            if (is_missing(self, &v))
                return sv_fail(err, SAVOR_MODEL,
                               "The features [%zu] have missing values in transform but have no missing values in "
                               "fit.",
                               c);
        }
    }
    return SAVOR_OK;
}

static savor_status indicate(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                             savor_error *err)
{
    const imputer *self = (const imputer *)base;
    sv_batch x;
    savor_status st = check_input(self, in, input_dtype(self, in), arena, &x, err);
    if (st || (st = check_new(self, &x, err)))
        return st;
    return make_flags(self, &x, arena, out, err);
}

const sv_estimator_class sv_imputers[] = {
    {.name = "MissingIndicator", .load = load_indicator, .methods = {[SV_TRANSFORM] = indicate}},
    {.name = "SimpleImputer", .load = load_imputer, .methods = {[SV_TRANSFORM] = impute}},
    {.name = NULL},
};
