/* knn_imputer.c: KNNImputer: a missing cell is the mean of it in the nearest rows that have it. */
#include "base/alloc.h"
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
    const double *squares;  /* [n_rows] */
    const double *means;    /* [n_columns] of what is there */
    const bool *is_dropped; /* [n_columns] nothing was there */
    double missing;         /* NaN as a rule */
    bool weighs_distance, keeps_empty;
    size_t n_flags;
    const size_t *flagged; /* [n_flags] columns of the indicator */
} knn_imputer;

/* A row that may be given, and a way to it. */
typedef struct donor {
    double distance; /* NaN: nothing in common */
    size_t row;
} donor;

/* ---- loading ---- */

static savor_status read_columns(sv_loader *loader, knn_imputer *self, savor_error *err)
{
    size_t n = self->n_columns;
    double *means = sv_arena_array(loader->arena, n, sizeof *means);
    bool *is_dropped = sv_arena_array(loader->arena, n, sizeof *is_dropped);
    if (!means || !is_dropped)
        return sv_arena_fail(loader->arena, n * sizeof *means, err);
    for (size_t c = 0; c < n; c++) {
        size_t n_there = 0;
        for (size_t r = 0; r < self->n_rows; r++) {
            n_there += !self->is_missing[r * n + c];
            means[c] += self->rows[r * n + c];
        }
        is_dropped[c] = n_there == 0;
        means[c] /= (double)n_there;
    }
    self->means = means;
    self->is_dropped = is_dropped;
    return SAVOR_OK;
}

static savor_status read_rows(sv_loader *loader, const sv_record *object, knn_imputer *self, savor_error *err)
{
    sv_tensor fitted;
    double *rows, *squares;
    savor_status st = sv_attr_matrix(loader, object, "_fit_X", 0, self->base.n_features_in, &fitted, err);
    if (st || (st = sv_batch_alloc(loader->arena, fitted.n_items, 1, &rows, err)))
        return st;
    self->n_rows = fitted.shape[0];
    self->n_columns = self->base.n_features_in = fitted.shape[1];
    if (fitted.n_items == 0)
        return sv_attr_fail(object, "_fit_X", "empty", err);
    bool *missing = sv_arena_array(loader->arena, fitted.n_items, sizeof *missing);
    squares = sv_arena_array(loader->arena, self->n_rows, sizeof *squares);
    if (!missing || !squares)
        return sv_arena_fail(loader->arena, fitted.n_items, err);
    for (size_t i = 0; i < fitted.n_items; i++) {
        double x = ((const double *)fitted.data)[i];
        missing[i] = sv_is_missing(self->missing, x);
        rows[i] = missing[i] ? 0.0 : x;
        squares[i / self->n_columns] += rows[i] * rows[i];
    }
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

/* nan_euclidean_distances of one row to all; `x` has 0 where `gone`. */
static void measure(const knn_imputer *self, const double *x, const bool *gone, double *out)
{
    size_t n = self->n_columns;
    double square = 0.0;
    for (size_t c = 0; c < n; c++)
        square += x[c] * x[c];
    for (size_t r = 0; r < self->n_rows; r++) {
        const double *y = self->rows + r * n;
        double dot = 0.0, only_x = 0.0, only_y = 0.0;
        size_t n_common = 0;
        for (size_t c = 0; c < n; c++) {
            bool other_gone = self->is_missing[r * n + c];
            dot += x[c] * y[c];
            only_x += other_gone ? x[c] * x[c] : 0.0;
            only_y += gone[c] ? y[c] * y[c] : 0.0;
            n_common += !gone[c] && !other_gone;
        }
        double d = -2.0 * dot + square + self->squares[r];
        d = (d > 0.0 ? d : 0.0) - only_x - only_y;
        d = (d > 0.0 ? d : 0.0) / (double)(n_common ? n_common : 1) * (double)n;
        out[r] = n_common ? sqrt(d) : (double)NAN;
    }
}

/* NaN comes last, equals in the order of the rows. */
static bool is_nearer(const donor *a, const donor *b)
{
    if (a->distance != a->distance || b->distance != b->distance)
        return a->distance == a->distance && b->distance != b->distance;
    return a->distance < b->distance;
}

/* The n nearest of those that have the column, nearest first; how many there are. */
static size_t find_donors(const knn_imputer *self, const double *distances, size_t column, donor *out)
{
    size_t n = 0;
    for (size_t r = 0; r < self->n_rows; r++) {
        donor d = {distances[r], r};
        if (self->is_missing[r * self->n_columns + column])
            continue;
        if (n == self->n_neighbors && !is_nearer(&d, &out[n - 1]))
            continue;
        size_t at = n < self->n_neighbors ? n++ : n - 1;
        for (; at > 0 && is_nearer(&d, &out[at - 1]); at--)
            out[at] = out[at - 1];
        out[at] = d;
    }
    return n;
}

static double weight_of(const knn_imputer *self, const donor *d, bool has_zero)
{
    if (!self->weighs_distance && sv_release_is_before(self->base.release, 1, 6))
        return 1.0; /* rows with nothing in common count */
    if (d->distance != d->distance)
        return 0.0;
    if (!self->weighs_distance)
        return 1.0;
    return has_zero ? d->distance == 0.0 : 1.0 / d->distance;
}

static double impute(const knn_imputer *self, const double *distances, size_t column, donor *room)
{
    size_t n = find_donors(self, distances, column, room);
    double sum = 0.0, weights = 0.0;
    bool has_zero = room[0].distance == 0.0; /* equal rows, and nothing else, decide */
    if (n == 0 || room[0].distance != room[0].distance)
        return self->means[column];
    for (size_t i = 0; i < n; i++) {
        double weight = weight_of(self, &room[i], has_zero);
        sum += self->rows[room[i].row * self->n_columns + column] * weight;
        weights += weight;
    }
    return sum / weights;
}

/* ---- transforming ---- */

/* What one row needs while it is filled. */
typedef struct filling {
    double *x;         /* [n_columns] the row, 0 where it is gone */
    bool *gone;        /* [n_columns] */
    double *distances; /* [n_rows] */
    donor *donors;     /* [n_neighbors] */
} filling;

static savor_status new_filling(const knn_imputer *self, sv_arena *arena, filling *out, savor_error *err)
{
    size_t n_donors = self->n_neighbors < self->n_rows ? self->n_neighbors : self->n_rows;
    out->x = sv_arena_array(arena, self->n_columns, sizeof *out->x);
    out->gone = sv_arena_array(arena, self->n_columns, sizeof *out->gone);
    out->distances = sv_arena_array(arena, self->n_rows, sizeof *out->distances);
    out->donors = sv_arena_array(arena, n_donors, sizeof *out->donors);
    return out->x && out->gone && out->distances && out->donors ? SAVOR_OK : sv_arena_fail(arena, self->n_rows, err);
}

/* One row with its gaps filled, and the flags of its gaps; how many cells it has. */
static size_t fill_row(const knn_imputer *self, const double *row, filling *f, double *out)
{
    size_t at = 0;
    bool any_gone = false;
    for (size_t c = 0; c < self->n_columns; c++) {
        f->gone[c] = sv_is_missing(self->missing, row[c]);
        f->x[c] = f->gone[c] ? 0.0 : row[c];
        any_gone = any_gone || (f->gone[c] && !self->is_dropped[c]);
    }
    if (any_gone)
        measure(self, f->x, f->gone, f->distances);
    for (size_t c = 0; c < self->n_columns; c++) {
        if (self->is_dropped[c] && !self->keeps_empty)
            continue;
        out[at++] = self->is_dropped[c] ? 0.0 : f->gone[c] ? impute(self, f->distances, c, f->donors) : row[c];
    }
    for (size_t i = 0; i < self->n_flags; i++)
        out[at++] = f->gone[self->flagged[i]];
    return at;
}

static savor_status transform(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                              savor_error *err)
{
    const knn_imputer *self = (const knn_imputer *)base;
    unsigned flags = self->missing != self->missing ? SV_CHECK_ALLOW_NAN : 0u;
    size_t width = self->n_flags, at = 0;
    sv_tensor x;
    double *cells;
    filling f;
    for (size_t c = 0; c < self->n_columns; c++)
        width += !self->is_dropped[c] || self->keeps_empty;
    savor_status st = sv_check_dense(base, in, flags, arena, &x, err);
    if (st || (st = new_filling(self, arena, &f, err)) ||
        (st = sv_batch_alloc(arena, x.shape[0], width, &cells, err)))
        return st;
    for (size_t r = 0; r < x.shape[0]; r++)
        at += fill_row(self, (const double *)x.data + r * self->n_columns, &f, cells + at);
    *out = sv_batch_of_doubles(cells, x.shape[0], width);
    out->tensor.n_dims = 2;
    out->tensor.shape[1] = width;
    return SAVOR_OK;
}

const sv_estimator_class sv_knn_imputers[] = {
    {.name = "KNNImputer", .load = load, .methods = {[SV_TRANSFORM] = transform}},
    {.name = NULL},
};
