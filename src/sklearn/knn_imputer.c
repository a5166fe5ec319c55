/* knn_imputer.c: KNNImputer: a missing cell is the mean of it in the nearest rows that have it. */
#include "base/alloc.h"
#include "engine/dense.h"
#include "engine/distance.h"
#include "engine/select.h"
#include "sklearn/attributes.h"
#include "sklearn/check.h"
#include "sklearn/families.h"
#include "sklearn/missing.h"

#include <math.h>

typedef struct knn_imputer {
    sv_estimator base;
    size_t n_rows, n_columns, n_neighbors;
    const double *rows;     /* [n_rows x n_columns] what is missing is 0 */
    const bool *is_missing; /* [n_rows x n_columns] */
    const double *masks;    /* the same as numbers */
    const double *squares;  /* [n_rows x n_columns] of `rows` */
    bool by_columns;        /* numpy holds them column by column */
    const double *means;    /* [n_columns] of what is there */
    const bool *is_dropped; /* [n_columns] nothing was there */
    double missing;         /* NaN as a rule */
    bool weighs_distance, keeps_empty;
    size_t n_flags;
    const size_t *flagged; /* [n_flags] columns of the indicator */
} knn_imputer;

/* ---- loading ---- */

static savor_status read_columns(sv_loader *loader, knn_imputer *self, savor_error *err)
{
    size_t n = self->n_columns;
    double *means = sv_arena_array(loader->arena, n, sizeof *means);
    double *column = sv_arena_array(loader->arena, self->n_rows, sizeof *column);
    bool *is_dropped = sv_arena_array(loader->arena, n, sizeof *is_dropped);
    if (!means || !column || !is_dropped)
        return sv_arena_fail(loader->arena, n * sizeof *means, err);
    for (size_t c = 0; c < n; c++) {
        size_t n_there = 0;
        for (size_t r = 0; r < self->n_rows; r++) {
            n_there += !self->is_missing[r * n + c];
            column[r] = self->rows[r * n + c];
        }
        is_dropped[c] = n_there == 0;
        means[c] = sv_pairwise_sum(column, self->n_rows) / (double)n_there;
    }
    self->means = means;
    self->is_dropped = is_dropped;
    return SAVOR_OK;
}

static savor_status read_rows(sv_loader *loader, const sv_record *object, knn_imputer *self, savor_error *err)
{
    sv_tensor fitted;
    double *rows, *masks, *squares;
    savor_status st = sv_attr_matrix(loader, object, "_fit_X", 0, self->base.n_features_in, &fitted, err);
    if (st || (st = sv_batch_alloc(loader->arena, fitted.n_items, 1, &rows, err)) ||
        (st = sv_batch_alloc(loader->arena, fitted.n_items, 1, &masks, err)) ||
        (st = sv_batch_alloc(loader->arena, fitted.n_items, 1, &squares, err)))
        return st;
    self->n_rows = fitted.shape[0];
    self->n_columns = self->base.n_features_in = fitted.shape[1];
    if (fitted.n_items == 0)
        return sv_attr_fail(object, "_fit_X", "empty", err);
    bool *missing = sv_arena_array(loader->arena, fitted.n_items, sizeof *missing);
    if (!missing)
        return sv_arena_fail(loader->arena, fitted.n_items, err);
    for (size_t i = 0; i < fitted.n_items; i++) {
        double x = ((const double *)fitted.data)[i];
        missing[i] = sv_is_missing(self->missing, x);
        rows[i] = missing[i] ? 0.0 : x;
        masks[i] = missing[i];
        squares[i] = rows[i] * rows[i];
    }
    const sv_array *array = sv_record_array(sv_record_find(object, "_fit_X"));
    self->by_columns = array && array->by_columns && self->n_rows > 1 && self->n_columns > 1;
    self->masks = masks;
    self->rows = rows;
    self->is_missing = missing;
    self->squares = squares;
    return SAVOR_OK;
}

static savor_status load(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                         const sv_estimator **out, savor_error *err)
{
    sv_estimator *base;
    sv_str weights = sv_attr_text(object, "weights");
    int64_t n = sv_attr_int_or(object, "n_neighbors", 5);
    const sv_record *indicator = sv_record_find(object, "indicator_");
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(knn_imputer), &base, err);
    knn_imputer *self = (knn_imputer *)base;
    if (st)
        return st;
    self->weighs_distance = sv_str_is(weights, "distance");
    if ((!self->weighs_distance && !sv_str_is(weights, "uniform")) ||
        !sv_str_is(sv_attr_text(object, "metric"), "nan_euclidean"))
        return sv_fail(err, SAVOR_UNSUPPORTED, "KNNImputer with a metric or weights of its own needs Python");
    if ((st = sv_missing_read(object, &self->missing, err)))
        return st;
    if (n < 1)
        return sv_attr_fail(object, "n_neighbors", "not a number of neighbours", err);
    self->n_neighbors = (size_t)n;
    self->keeps_empty = sv_attr_bool_or(object, "keep_empty_features", false);
    if ((st = read_rows(loader, object, self, err)) || (st = read_columns(loader, self, err)) ||
        (!sv_record_is_none(indicator) &&
         (st = sv_flagged_read(loader, indicator, self->n_columns, &self->n_flags, &self->flagged, err))))
        return st;
    *out = base;
    return SAVOR_OK;
}

/* ---- distances ---- */

/* What one row needs while it is filled. */
typedef struct filling {
    bool is_alone;                            /* no other row of the request has gaps */
    double *x;                                /* [n_columns] the row, 0 where it is gone */
    double *squares;                          /* [n_columns] of it */
    double *mask;                             /* [n_columns] `gone` as numbers */
    bool *gone;                               /* [n_columns] */
    double *distances;                        /* [n_rows] */
    double *only_x, *only_y, *values, *terms; /* [n_rows] */
    size_t *rows, *order;                     /* [n_rows] */
} filling;

/* One row with all rows, as all rows that have gaps with all rows. */
static void multiply(const knn_imputer *self, const filling *f, const double *x, const double *rows, double *out)
{
    size_t n = self->n_columns;
    sv_rows a = {x, 1, n, false}, b = {rows, self->n_rows, n, self->by_columns};
    if (f->is_alone)
        sv_rows_multiply(&a, &b, out);
    for (size_t r = 0; !f->is_alone && r < self->n_rows; r++)
        out[r] = sv_dot(x, rows + r * n, n);
}

/* nan_euclidean_distances of one row to all. */
static void measure(const knn_imputer *self, filling *f)
{
    size_t n = self->n_columns;
    sv_rows row = {f->x, 1, n, false}, rows = {self->rows, self->n_rows, n, self->by_columns};
    double norm = sv_row_norm(&row, 0);
    multiply(self, f, f->x, self->rows, f->distances);
    multiply(self, f, f->squares, self->masks, f->only_x);
    multiply(self, f, f->mask, self->squares, f->only_y);
    for (size_t r = 0; r < self->n_rows; r++) {
        double d = -2.0 * f->distances[r] + norm + sv_row_norm(&rows, r);
        size_t n_common = 0;
        for (size_t c = 0; c < n; c++)
            n_common += !f->gone[c] && !self->is_missing[r * n + c];
        d = (d > 0.0 ? d : 0.0) - f->only_x[r] - f->only_y[r];
        d = (d > 0.0 ? d : 0.0) / (double)(n_common ? n_common : 1) * (double)n;
        f->distances[r] = n_common ? sqrt(d) : (double)NAN;
    }
}

/* ---- donors ---- */

static bool is_anyone_near(const double *distances, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (distances[i] == distances[i])
            return true;
    return false;
}

/* The nearest of those that have the column, in the order in which numpy selects them: rows in f->order, distances in
 * f->terms. How many; 0: none has anything in common. */
static size_t find_donors(const knn_imputer *self, size_t column, filling *f)
{
    sv_select_way way = sv_release_is_before(self->base.release, 1, 5) ? SV_SELECT_NUMPY_1 : SV_SELECT_NUMPY_2;
    size_t n = 0;
    for (size_t r = 0; r < self->n_rows; r++)
        if (!self->is_missing[r * self->n_columns + column]) {
            f->values[n] = f->distances[r];
            f->order[n] = n;
            f->rows[n++] = r;
        }
    if (!is_anyone_near(f->values, n))
        return 0;
    size_t n_donors = n < self->n_neighbors ? n : self->n_neighbors;
    sv_arg_select(way, f->values, n, n_donors, f->order);
    for (size_t i = 0; i < n_donors; i++) {
        f->terms[i] = f->values[f->order[i]];
        f->order[i] = f->rows[f->order[i]];
    }
    return n_donors;
}

static double weight_of(const knn_imputer *self, double distance, bool has_zero)
{
    if (!self->weighs_distance && sv_release_is_before(self->base.release, 1, 6))
        return 1.0; /* rows with nothing in common count */
    if (distance != distance)
        return 0.0;
    if (!self->weighs_distance)
        return 1.0;
    return has_zero ? isinf(1.0 / distance) : 1.0 / distance;
}

static double impute(const knn_imputer *self, size_t column, filling *f)
{
    size_t n = find_donors(self, column, f);
    bool has_zero = false; /* equal rows, and nothing else, decide */
    if (n == 0)
        return self->means[column];
    for (size_t i = 0; i < n; i++)
        has_zero = has_zero || isinf(1.0 / f->terms[i]);
    for (size_t i = 0; i < n; i++) {
        double weight = weight_of(self, f->terms[i], has_zero);
        f->terms[i] = self->rows[f->order[i] * self->n_columns + column] * weight;
        f->values[i] = weight;
    }
    return sv_pairwise_sum(f->terms, n) / sv_pairwise_sum(f->values, n);
}

/* ---- transforming ---- */

static savor_status new_filling(const knn_imputer *self, sv_arena *arena, filling *out, savor_error *err)
{
    double **const doubles[] = {&out->distances, &out->only_x, &out->only_y, &out->values, &out->terms};
    savor_status st = SAVOR_OK;
    for (size_t i = 0; !st && i < sizeof doubles / sizeof *doubles; i++)
        st = sv_batch_alloc(arena, self->n_rows, 1, doubles[i], err);
    if (st || (st = sv_batch_alloc(arena, self->n_columns, 1, &out->x, err)) ||
        (st = sv_batch_alloc(arena, self->n_columns, 1, &out->squares, err)) ||
        (st = sv_batch_alloc(arena, self->n_columns, 1, &out->mask, err)))
        return st;
    out->gone = sv_arena_array(arena, self->n_columns, sizeof *out->gone);
    out->rows = sv_arena_array(arena, self->n_rows, sizeof *out->rows);
    out->order = sv_arena_array(arena, self->n_rows, sizeof *out->order);
    return out->gone && out->rows && out->order ? SAVOR_OK : sv_arena_fail(arena, self->n_rows, err);
}

/* Whether there is a gap to fill. */
static bool has_gaps(const knn_imputer *self, const double *row)
{
    for (size_t c = 0; c < self->n_columns; c++)
        if (!self->is_dropped[c] && sv_is_missing(self->missing, row[c]))
            return true;
    return false;
}

/* One row with its gaps filled, and the flags of its gaps; how many cells it has. */
static size_t fill_row(const knn_imputer *self, const double *row, filling *f, double *out)
{
    size_t at = 0;
    for (size_t c = 0; c < self->n_columns; c++) {
        f->gone[c] = sv_is_missing(self->missing, row[c]);
        f->x[c] = f->gone[c] ? 0.0 : row[c];
        f->squares[c] = f->x[c] * f->x[c];
        f->mask[c] = f->gone[c];
    }
    if (has_gaps(self, row))
        measure(self, f);
    for (size_t c = 0; c < self->n_columns; c++) {
        if (self->is_dropped[c] && !self->keeps_empty)
            continue;
        out[at++] = self->is_dropped[c] ? 0.0 : f->gone[c] ? impute(self, c, f) : row[c];
    }
    for (size_t i = 0; i < self->n_flags; i++)
        out[at++] = f->gone[self->flagged[i]];
    return at;
}

static savor_status transform(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                              savor_error *err)
{
    const knn_imputer *self = (const knn_imputer *)base;
    unsigned flags = SV_CHECK_KEEP_FLOAT32 | (self->missing != self->missing ? SV_CHECK_ALLOW_NAN : 0u);
    size_t width = self->n_flags, at = 0, n_filled = 0;
    sv_tensor x;
    double *cells;
    filling f;
    for (size_t c = 0; c < self->n_columns; c++)
        width += !self->is_dropped[c] || self->keeps_empty;
    savor_status st = sv_check_dense(base, in, flags, arena, &x, err);
    if (st)
        return st;
    savor_dtype dtype =
        x.dtype; /* float32 is rounded to at the end: only donors that are nearly as near may differ */
    sv_batch checked = {.kind = SV_BATCH_TENSOR, .tensor = x};
    if ((st = sv_batch_to_floats(&checked, SAVOR_FLOAT64, arena, &x, err)) ||
        (st = new_filling(self, arena, &f, err)) || (st = sv_batch_alloc(arena, x.shape[0], width, &cells, err)))
        return st;
    for (size_t r = 0; r < x.shape[0]; r++)
        n_filled += has_gaps(self, (const double *)x.data + r * self->n_columns);
    f.is_alone = n_filled == 1;
    for (size_t r = 0; r < x.shape[0]; r++)
        at += fill_row(self, (const double *)x.data + r * self->n_columns, &f, cells + at);
    sv_batch doubles = sv_batch_of_doubles(cells, x.shape[0], width);
    doubles.tensor.n_dims = 2;
    doubles.tensor.shape[1] = width;
    *out = doubles;
    return sv_batch_to_floats(&doubles, dtype, arena, &out->tensor, err);
}

const sv_estimator_class sv_knn_imputers[] = {
    {.name = "KNNImputer", .load = load, .methods = {[SV_TRANSFORM] = transform}, .layout = SV_LAYOUT_COLUMNS},
    {.name = NULL},
};
