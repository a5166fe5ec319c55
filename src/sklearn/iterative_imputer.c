/*
 * iterative_imputer.c: IterativeImputer: gaps are filled simply, then predicted from the other columns, one column
 * after the other, by the estimators of every round of fit.
 */
#include "base/alloc.h"
#include "sklearn/attributes.h"
#include "sklearn/check.h"
#include "sklearn/families.h"
#include "sklearn/missing.h"

#include <math.h>

/* One estimator of one round. Columns are counted among those that are kept. */
typedef struct imputation {
    size_t column, n_neighbors;
    const size_t *neighbors; /* [n_neighbors] */
    const sv_estimator *estimator;
} imputation;

typedef struct iterative_imputer {
    sv_estimator base;
    double missing;              /* NaN as a rule */
    const sv_estimator *initial; /* SimpleImputer */
    size_t n_kept;
    const size_t *kept;       /* [n_kept] columns of which something was known */
    const bool *is_given;     /* [n_kept] the simple imputation is the answer: nothing was known, but it is kept */
    const double *low, *high; /* [n_kept] */
    size_t n_imputations;     /* 0: the simple imputation is the answer */
    const imputation *imputations;
    size_t n_flags; /* columns of the indicator */
    const size_t *flagged;
} iterative_imputer;

/* ---- loading ---- */

/* Which columns were empty at fit: _is_empty_feature since 1.6, before that those without a statistic. */
static savor_status read_empty(sv_loader *loader, const sv_record *object, iterative_imputer *self, const bool **out,
                               savor_error *err)
{
    size_t n = self->base.n_features_in;
    const sv_record *r = sv_record_find(object, "_is_empty_feature");
    const sv_array *flags = sv_record_array(r);
    bool *is_empty = sv_arena_array(loader->arena, n, sizeof *is_empty);
    const double *statistics = NULL;
    if (!is_empty)
        return sv_arena_fail(loader->arena, n, err);
    if (r && (!flags || flags->tensor.dtype != SAVOR_BOOL || flags->tensor.n_items != n))
        return sv_attr_fail(object, "_is_empty_feature", "not one for each feature", err);
    savor_status st =
        r ? SAVOR_OK
          : sv_attr_vector(loader, sv_record_find(object, "initial_imputer_"), "statistics_", n, &statistics, err);
    if (st)
        return st;
    for (size_t i = 0; i < n; i++)
        is_empty[i] = r ? ((const uint8_t *)flags->tensor.data)[i] != 0 : statistics[i] != statistics[i];
    *out = is_empty;
    return SAVOR_OK;
}

static savor_status read_kept(sv_loader *loader, const sv_record *object, iterative_imputer *self, savor_error *err)
{
    size_t n = self->base.n_features_in, *kept = sv_arena_array(loader->arena, n, sizeof *kept);
    bool *is_given = sv_arena_array(loader->arena, n, sizeof *is_given);
    bool keeps = sv_attr_bool_or(object, "keep_empty_features", false);
    const bool *is_empty = NULL;
    savor_status st;
    if (!kept || !is_given)
        return sv_arena_fail(loader->arena, n * sizeof *kept, err);
    if ((st = read_empty(loader, object, self, &is_empty, err)))
        return st;
    for (size_t i = 0; i < n; i++) {
        if (is_empty[i] && !keeps)
            continue;
        is_given[self->n_kept] = is_empty[i];
        kept[self->n_kept++] = i;
    }
    self->kept = kept;
    self->is_given = is_given;
    return SAVOR_OK;
}

/* The parts of a named tuple: (feat_idx, neighbor_feat_idx, estimator). */
static const sv_record *const *triplet_of(const sv_record *r)
{
    size_t n;
    bool is_made = r->kind == SV_RECORD_OBJECT || r->kind == SV_RECORD_CALL;
    const sv_record *const *items = sv_record_items(is_made ? r->u.object->args : r, &n);
    return n == 3 ? items : NULL;
}

static savor_status read_neighbors(sv_loader *loader, const sv_record *object, const sv_record *r, size_t n_columns,
                                   imputation *out, savor_error *err)
{
    sv_tensor columns;
    savor_status st = sv_record_doubles(r, loader->arena, &columns, err);
    if (st)
        return st;
    size_t *list = sv_arena_array(loader->arena, columns.n_items, sizeof *list);
    if (!list)
        return sv_arena_fail(loader->arena, columns.n_items * sizeof *list, err);
    for (size_t i = 0; i < columns.n_items; i++) {
        double at = ((const double *)columns.data)[i];
        if (!(at >= 0 && at < (double)n_columns))
            return sv_attr_fail(object, "imputation_sequence_", "a column that was not there", err);
        list[i] = (size_t)at;
    }
    out->neighbors = list;
    out->n_neighbors = columns.n_items;
    return SAVOR_OK;
}

static savor_status read_imputation(sv_loader *loader, const sv_record *object, const sv_record *r, size_t n_columns,
                                    imputation *out, savor_error *err)
{
    const sv_record *const *parts = triplet_of(r);
    int64_t column;
    savor_status st;
    if (!parts || !sv_record_to_int(parts[0], &column) || column < 0 || (uint64_t)column >= n_columns)
        return sv_attr_fail(object, "imputation_sequence_", "not a list of columns and estimators", err);
    out->column = (size_t)column;
    if ((st = read_neighbors(loader, object, parts[1], n_columns, out, err)) ||
        (st = sv_estimator_load(loader, parts[2], &out->estimator, err)))
        return st;
    if (!sv_estimator_has(out->estimator, SV_PREDICT))
        return sv_fail(err, SAVOR_UNSUPPORTED, "%s does not predict here", out->estimator->cls->name);
    if (out->n_neighbors == 0 || (out->estimator->n_features_in && out->estimator->n_features_in != out->n_neighbors))
        return sv_attr_fail(object, "imputation_sequence_", "not as many columns as its estimator takes", err);
    return SAVOR_OK;
}

/* Without a round at fit there is none here. Before 1.6, columns that were kept though empty ended it, too. */
static savor_status read_sequence(sv_loader *loader, const sv_record *object, iterative_imputer *self,
                                  savor_error *err)
{
    size_t n;
    savor_status st = SAVOR_OK;
    const sv_record *const *items = sv_record_items(sv_record_find(object, "imputation_sequence_"), &n);
    bool is_old = !sv_record_find(object, "_is_empty_feature");
    if (sv_attr_int_or(object, "n_iter_", 0) == 0 ||
        (is_old && sv_attr_bool_or(object, "keep_empty_features", false)))
        return SAVOR_OK;
    imputation *list = sv_arena_array(loader->arena, n, sizeof *list);
    if (!list)
        return sv_arena_fail(loader->arena, n * sizeof *list, err);
    if ((st = sv_attr_vector(loader, object, "_min_value", self->n_kept, &self->low, err)) ||
        (st = sv_attr_vector(loader, object, "_max_value", self->n_kept, &self->high, err)))
        return st;
    for (size_t i = 0; i < n; i++)
        if ((st = read_imputation(loader, object, items[i], self->n_kept, &list[i], err)))
            return st;
    self->imputations = list;
    self->n_imputations = n;
    return SAVOR_OK;
}

static savor_status load(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                         const sv_estimator **out, savor_error *err)
{
    sv_estimator *base;
    sv_tensor statistics;
    const sv_record *indicator = sv_record_find(object, "indicator_");
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(iterative_imputer), &base, err);
    iterative_imputer *self = (iterative_imputer *)base;
    if (st)
        return st;
    if (sv_attr_bool_or(object, "sample_posterior", false))
        return sv_fail(err, SAVOR_UNSUPPORTED, "IterativeImputer with sample_posterior draws at random");
    if ((st = sv_missing_read(object, &self->missing, err)) ||
        (st = sv_attr_estimator(loader, object, "initial_imputer_", &self->initial, err)) ||
        (st = sv_attr_doubles(loader, sv_record_find(object, "initial_imputer_"), "statistics_", &statistics, err)) ||
        (st = sv_estimator_set_features(base, object, statistics.n_items, err)) ||
        (st = read_kept(loader, object, self, err)) || (st = read_sequence(loader, object, self, err)))
        return st;
    if (!sv_record_is_none(indicator) &&
        (st = sv_flagged_read(loader, indicator, base->n_features_in, &self->n_flags, &self->flagged, err)))
        return st;
    *out = base;
    return SAVOR_OK;
}

/* ---- transforming ---- */

/* What one request fills. */
typedef struct filling {
    size_t n_rows;
    bool is_float32;    /* what is filled in is rounded */
    const double *x;    /* [n_rows x n_features_in] */
    double *cells;      /* [n_rows x n_kept] */
    const bool *is_gap; /* [n_rows x n_kept] */
} filling;

/* The simple imputation, in room of its own. */
static savor_status fill_simply(const iterative_imputer *self, const sv_tensor *x, sv_arena *arena, filling *f,
                                savor_error *err)
{
    sv_batch in = {.kind = SV_BATCH_TENSOR, .tensor = *x}, filled;
    sv_tensor doubles, cells;
    savor_status st = sv_estimator_call(self->initial, SV_TRANSFORM, &in, arena, &filled, err);
    if (st || (st = sv_batch_to_floats(&in, SAVOR_FLOAT64, arena, &doubles, err)) ||
        (st = sv_batch_to_floats(&filled, SAVOR_FLOAT64, arena, &cells, err)) ||
        (st = sv_batch_alloc(arena, x->shape[0], self->n_kept, &f->cells, err)))
        return st;
    if (sv_batch_columns(&filled) != self->n_kept || sv_batch_rows(&filled) != x->shape[0])
        return sv_fail(err, SAVOR_MODEL, "the initial imputation gave %zu columns, %zu were expected",
                       sv_batch_columns(&filled), self->n_kept);
    memcpy(f->cells, cells.data, cells.n_items * sizeof *f->cells);
    f->n_rows = x->shape[0];
    f->is_float32 = x->dtype == SAVOR_FLOAT32;
    f->x = doubles.data;
    return SAVOR_OK;
}

/* How many cells are to be predicted. */
static savor_status find_gaps(const iterative_imputer *self, sv_arena *arena, filling *f, size_t *n_gaps,
                              savor_error *err)
{
    size_t n = f->n_rows * self->n_kept;
    bool *is_gap = sv_arena_array(arena, n, sizeof *is_gap);
    *n_gaps = 0;
    if (!is_gap)
        return sv_arena_fail(arena, n, err);
    for (size_t i = 0; i < n; i++) {
        size_t r = i / self->n_kept, c = i % self->n_kept;
        double cell = f->x[r * self->base.n_features_in + self->kept[c]];
        is_gap[i] = !self->is_given[c] && sv_is_missing(self->missing, cell);
        *n_gaps += is_gap[i];
    }
    f->is_gap = is_gap;
    return SAVOR_OK;
}

/* The neighbors of those rows that have a gap in the column. */
static savor_status gather(const iterative_imputer *self, const imputation *m, const filling *f, sv_arena *arena,
                           sv_batch *out, savor_error *err)
{
    size_t n_rows = 0, at = 0;
    double *rows;
    for (size_t r = 0; r < f->n_rows; r++)
        n_rows += f->is_gap[r * self->n_kept + m->column];
    savor_status st = sv_batch_alloc(arena, n_rows, m->n_neighbors, &rows, err);
    for (size_t r = 0; !st && r < f->n_rows; r++)
        for (size_t i = 0; f->is_gap[r * self->n_kept + m->column] && i < m->n_neighbors; i++)
            rows[at++] = f->cells[r * self->n_kept + m->neighbors[i]];
    if (st)
        return st;
    sv_batch doubles = sv_batch_of_doubles(rows, n_rows, m->n_neighbors);
    *out = doubles;
    return f->is_float32 ? sv_batch_to_floats(&doubles, SAVOR_FLOAT32, arena, &out->tensor, err) : SAVOR_OK;
}

/* np.clip, which leaves NaN. */
static double clip(double x, double low, double high)
{
    x = x < low ? low : x;
    return x > high ? high : x;
}

static savor_status impute_column(const iterative_imputer *self, const imputation *m, const filling *f,
                                  sv_arena *arena, savor_error *err)
{
    sv_batch rows, answer;
    sv_tensor values;
    size_t at = 0;
    savor_status st = gather(self, m, f, arena, &rows, err);
    if (st || sv_batch_rows(&rows) == 0)
        return st;
    if ((st = sv_estimator_call(m->estimator, SV_PREDICT, &rows, arena, &answer, err)) ||
        (st = sv_batch_to_floats(&answer, SAVOR_FLOAT64, arena, &values, err)))
        return st;
    if (values.n_items != sv_batch_rows(&rows))
        return sv_fail(err, SAVOR_MODEL, "%s gave %zu values for %zu rows", m->estimator->cls->name, values.n_items,
                       sv_batch_rows(&rows));
    for (size_t r = 0; r < f->n_rows; r++) {
        size_t cell = r * self->n_kept + m->column;
        if (!f->is_gap[cell])
            continue;
        double value = clip(((const double *)values.data)[at++], self->low[m->column], self->high[m->column]);
        f->cells[cell] = f->is_float32 ? (double)(float)value : value;
    }
    return SAVOR_OK;
}

/* The cells and, beside them, the flags. */
static savor_status give(const iterative_imputer *self, const filling *f, sv_arena *arena, sv_batch *out,
                         savor_error *err)
{
    size_t width = self->n_kept + self->n_flags, at = 0;
    double *cells;
    savor_status st = sv_batch_alloc(arena, f->n_rows, width, &cells, err);
    if (st)
        return st;
    for (size_t r = 0; r < f->n_rows; r++) {
        for (size_t c = 0; c < self->n_kept; c++)
            cells[at++] = f->cells[r * self->n_kept + c];
        for (size_t i = 0; i < self->n_flags; i++)
            cells[at++] = sv_is_missing(self->missing, f->x[r * self->base.n_features_in + self->flagged[i]]);
    }
    sv_batch doubles = sv_batch_of_doubles(cells, f->n_rows, width);
    doubles.tensor.n_dims = 2;
    doubles.tensor.shape[1] = width;
    *out = doubles;
    return f->is_float32 ? sv_batch_to_floats(&doubles, SAVOR_FLOAT32, arena, &out->tensor, err) : SAVOR_OK;
}

static savor_status transform(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                              savor_error *err)
{
    const iterative_imputer *self = (const iterative_imputer *)base;
    unsigned flags = SV_CHECK_KEEP_FLOAT32 | (self->missing != self->missing ? SV_CHECK_ALLOW_NAN : 0u);
    size_t n_gaps;
    sv_tensor x;
    filling f;
    savor_status st = sv_check_dense(base, in, flags, arena, &x, err);
    if (st || (st = fill_simply(self, &x, arena, &f, err)) || (st = find_gaps(self, arena, &f, &n_gaps, err)))
        return st;
    bool is_all = n_gaps == f.n_rows * self->n_kept; /* nothing to predict from */
    for (size_t i = 0; !is_all && i < self->n_imputations; i++)
        if ((st = impute_column(self, &self->imputations[i], &f, arena, err)))
            return st;
    return give(self, &f, arena, out, err);
}

const sv_estimator_class sv_iterative_imputers[] = {
    {.name = "IterativeImputer", .load = load, .methods = {[SV_TRANSFORM] = transform}, .layout = SV_LAYOUT_COLUMNS},
    {.name = NULL},
};
