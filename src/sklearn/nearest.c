/*
 * nearest.c: KNeighbors*, RadiusNeighbors*, NearestCentroid, LocalOutlierFactor, EllipticEnvelope: what the rows
 * nearby say.
 */
#include "base/alloc.h"
#include "data/convert.h"
#include "engine/dense.h"
#include "sklearn/attributes.h"
#include "sklearn/check.h"
#include "sklearn/families.h"
#include "sklearn/neighbors.h"

#include <math.h>

typedef struct nearest {
    sv_estimator base;
    sv_neighborhood hood;
    size_t k; /* neighbors that are asked; 0: all within the radius */
    double radius;
    bool by_distance; /* weights="distance" */
    size_t n_outputs;
    bool is_flat;          /* regressor: one dimension */
    const double *targets; /* [n_rows x n_outputs] numbers of classes, or values */
    savor_dtype dtype;     /* regressor: what the values were; the mean of float32 is float32 */
    size_t outlier;        /* radius classifier: the class of a row without neighbors; SIZE_MAX: refused */
    const double *density; /* local outlier factor: [n_rows] _lrd */
    const double *reach;   /* [n_rows] the distance to the k-th neighbor */
    double offset;
} nearest;

/* ---- loading ---- */

static savor_status read_weights(const sv_record *object, nearest *self, savor_error *err)
{
    const sv_record *weights = sv_record_find(object, "weights");
    self->by_distance = sv_record_is_text(weights, "distance");
    if (self->by_distance || sv_record_is_none(weights) || sv_record_is_text(weights, "uniform"))
        return SAVOR_OK;
    return sv_fail(err, SAVOR_UNSUPPORTED, "%s with weights of its own needs Python", self->base.cls->name);
}

static bool is_float32(const sv_record *object)
{
    const sv_array *rows = sv_record_array(sv_record_find(object, "_fit_X"));
    return rows && rows->tensor.dtype == SAVOR_FLOAT32;
}

/* Angles between rows that nearly point the same way are mostly rounding, which their reciprocals would show. */
static savor_status load_hood(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                              nearest **out, savor_error *err)
{
    sv_estimator *base;
    bool has_radius = sv_str_starts(sv_str_of(cls->name), SV_STR("Radius"));
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(nearest), &base, err);
    nearest *self = (nearest *)base;
    *out = self;
    if (st || (st = sv_neighborhood_load(loader, object, &self->hood, err)) || (st = read_weights(object, self, err)))
        return st;
    if (self->hood.metric == SV_METRIC_COSINE && (self->by_distance || is_float32(object)))
        return sv_fail(err, SAVOR_UNSUPPORTED, "metric=cosine with weights=distance, or of float32, is not known");
    int64_t k = has_radius ? 0 : sv_attr_int_or(object, "n_neighbors_", sv_attr_int_or(object, "n_neighbors", 5));
    if ((st = sv_estimator_set_features(base, object, self->hood.n_features, err)))
        return st;
    self->radius = sv_attr_double_or(object, "radius", 1.0);
    if (!has_radius && (k < 1 || (uint64_t)k > self->hood.n_rows))
        return sv_attr_fail(object, "n_neighbors", "more than there are rows", err);
    self->k = (size_t)k;
    return SAVOR_OK;
}

static savor_status load_regressor(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                   const sv_estimator **out, savor_error *err)
{
    nearest *self;
    sv_tensor targets;
    savor_status st = load_hood(loader, cls, object, &self, err);
    if (st || (st = sv_attr_doubles(loader, object, "_y", &targets, err)))
        return st;
    const sv_array *array = sv_record_array(sv_record_find(object, "_y"));
    self->dtype = array ? array->tensor.dtype : SAVOR_FLOAT64;
    self->is_flat = targets.n_dims == 1;
    self->n_outputs = targets.n_items / self->hood.n_rows;
    if (targets.n_dims < 1 || targets.n_dims > 2 || targets.shape[0] != self->hood.n_rows || self->n_outputs == 0)
        return sv_attr_fail(object, "_y", "not a target for each row", err);
    self->targets = targets.data;
    *out = &self->base;
    return SAVOR_OK;
}

/* outlier_label_: a list with one label. */
static savor_status read_outlier(sv_loader *loader, const sv_record *object, nearest *self, savor_error *err)
{
    const sv_record *r = sv_record_find(object, "outlier_label_");
    const sv_tensor *classes = &self->base.classes;
    sv_tensor labels;
    self->outlier = SIZE_MAX;
    if (sv_record_is_none(r))
        return SAVOR_OK;
    savor_status st = sv_record_to_labels(r, loader->arena, &labels, err);
    if (st)
        return st;
    sv_value wanted =
        labels.n_items == 1 ? sv_item_get(labels.dtype, labels.data, 0) : (sv_value){.kind = SV_VALUE_NONE};
    if (wanted.kind == SV_VALUE_NONE)
        return SAVOR_OK;
    for (size_t i = 0; i < classes->n_items; i++) {
        sv_value mine = sv_item_get(classes->dtype, classes->data, i);
        double a, b;
        bool is_text = mine.kind == SV_VALUE_STRING && wanted.kind == SV_VALUE_STRING;
        if (is_text ? sv_str_equal((sv_str){mine.u.p, mine.n}, (sv_str){wanted.u.p, wanted.n})
                    : mine.kind != SV_VALUE_STRING && wanted.kind != SV_VALUE_STRING &&
                          !sv_value_to_double(&mine, &a) && !sv_value_to_double(&wanted, &b) && a == b) {
            self->outlier = i;
            return SAVOR_OK;
        }
    }
    return sv_fail(err, SAVOR_UNSUPPORTED, "an outlier_label that is no class is not known");
}

static savor_status load_classifier(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                    const sv_estimator **out, savor_error *err)
{
    nearest *self;
    savor_status st = load_hood(loader, cls, object, &self, err);
    if (st)
        return st;
    if (self->base.classes.n_items == 0)
        return sv_fail(err, SAVOR_UNSUPPORTED, "%s of several outputs is not known", cls->name);
    if ((st = sv_attr_vector(loader, object, "_y", self->hood.n_rows, &self->targets, err)) ||
        (st = read_outlier(loader, object, self, err)))
        return st;
    for (size_t i = 0; i < self->hood.n_rows; i++)
        if (!(self->targets[i] >= 0 && self->targets[i] < (double)self->base.classes.n_items))
            return sv_attr_fail(object, "_y", "no number of a class", err);
    *out = &self->base;
    return SAVOR_OK;
}

static savor_status load_outliers(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                  const sv_estimator **out, savor_error *err)
{
    nearest *self;
    sv_tensor distances;
    double *reach;
    savor_status st;
    if (!sv_attr_bool_or(object, "novelty", false))
        return sv_fail(err, SAVOR_UNSUPPORTED, "LocalOutlierFactor without novelty=True does not predict");
    if ((st = load_hood(loader, cls, object, &self, err)) ||
        (st = sv_attr_vector(loader, object, "_lrd", self->hood.n_rows, &self->density, err)) ||
        (st = sv_attr_matrix(loader, object, "_distances_fit_X_", self->hood.n_rows, 0, &distances, err)) ||
        (st = sv_attr_double(object, "offset_", &self->offset, err)) ||
        (st = sv_batch_alloc(loader->arena, self->hood.n_rows, 1, &reach, err)))
        return st;
    if (distances.shape[1] < self->k)
        return sv_attr_fail(object, "_distances_fit_X_", "fewer than n_neighbors_", err);
    for (size_t i = 0; i < self->hood.n_rows; i++)
        reach[i] = ((const double *)distances.data)[i * distances.shape[1] + self->k - 1];
    self->reach = reach;
    *out = &self->base;
    return SAVOR_OK;
}

/* ---- asking ---- */

static savor_status alloc_neighbors(const nearest *self, sv_arena *arena, sv_neighbor **out, savor_error *err)
{
    size_t n = self->k ? self->k : self->hood.n_rows;
    *out = sv_arena_array(arena, n, sizeof **out);
    return *out ? SAVOR_OK : sv_arena_fail(arena, n * sizeof **out, err);
}

/* A weight beyond all numbers; among all within a radius the distance itself has to be 0. */
static bool is_here(const nearest *self, double distance)
{
    return self->k ? isinf(1.0 / distance) : distance == 0.0;
}

/* The neighbors of one row; their distances become weights. */
static size_t ask(const nearest *self, const sv_neighborhood *hood, const double *x, sv_neighbor *near)
{
    size_t n = self->k;
    bool any_here = false;
    if (self->k)
        sv_neighborhood_nearest(hood, x, self->k, near);
    else
        n = sv_neighborhood_within(hood, x, self->radius, near);
    for (size_t i = 0; i < n; i++)
        any_here = any_here || is_here(self, near[i].distance);
    for (size_t i = 0; i < n; i++) /* a neighbor at the very place outweighs all others */
        near[i].distance = !self->by_distance ? 1.0
                           : any_here         ? is_here(self, near[i].distance)
                                              : 1.0 / near[i].distance;
    return n;
}

/* Sums of one output's terms, which lie side by side for numpy if there is one output or the nearest are weighted;
 * else it adds rows to rows. */
static double sum_of(const nearest *self, const double *terms, size_t n)
{
    bool is_float32 = self->dtype == SAVOR_FLOAT32 && !self->by_distance;
    double sum = 0.0;
    if (!is_float32 && (self->n_outputs == 1 || (self->k && self->by_distance)))
        return sv_pairwise_sum(terms, n);
    for (size_t i = 0; i < n; i++)
        sum = is_float32 ? (float)(sum + terms[i]) : sum + terms[i];
    return sum;
}

/* `terms` is scratch: [n]. */
static double mean_of(const nearest *self, const sv_neighbor *near, size_t n, size_t output, double *terms)
{
    double sum;
    for (size_t i = 0; i < n; i++) {
        double y = self->targets[near[i].at * self->n_outputs + output];
        terms[i] = self->by_distance ? y * near[i].distance : y;
    }
    sum = sum_of(self, terms, n);
    for (size_t i = 0; i < n; i++)
        terms[i] = near[i].distance;
    if (n)
        return sum / sv_pairwise_sum(terms, n);
    return self->dtype == SAVOR_INT64 ? (double)INT64_MIN : (double)NAN; /* np.full_like(y, nan) */
}

/* Rows without neighbors alone: the integers are left. */
static savor_status only_lonely(sv_batch *values, sv_arena *arena, savor_error *err)
{
    size_t n = values->tensor.n_items;
    int64_t *numbers = sv_arena_array(arena, n, sizeof *numbers);
    if (!numbers)
        return sv_arena_fail(arena, n * sizeof *numbers, err);
    for (size_t i = 0; i < n; i++)
        numbers[i] = INT64_MIN;
    values->tensor.dtype = SAVOR_INT64;
    values->tensor.data = numbers;
    return SAVOR_OK;
}

static savor_status to_float32(sv_batch *values, sv_arena *arena, savor_error *err)
{
    sv_batch doubles = *values;
    return sv_batch_to_floats(&doubles, SAVOR_FLOAT32, arena, &values->tensor, err);
}

static savor_status predict_values(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                   savor_error *err)
{
    const nearest *self = (const nearest *)base;
    size_t n_lonely = 0;
    sv_neighbor *near;
    sv_tensor x;
    double *values, *terms;
    savor_status st = sv_check_dense(base, in, SV_CHECK_NUMERIC, arena, &x, err);
    sv_neighborhood hood;
    if (st || (st = alloc_neighbors(self, arena, &near, err)) ||
        (st = sv_batch_alloc(arena, self->k ? self->k : self->hood.n_rows, 1, &terms, err)) ||
        (st = sv_neighborhood_begin(&self->hood, base->release, in, arena, &hood, err)) ||
        (st = sv_batch_alloc(arena, x.shape[0], self->n_outputs, &values, err)))
        return st;
    for (size_t r = 0; r < x.shape[0]; r++) {
        size_t n = ask(self, &hood, (const double *)x.data + r * self->hood.n_features, near);
        n_lonely += n == 0;
        for (size_t o = 0; o < self->n_outputs; o++)
            values[r * self->n_outputs + o] = mean_of(self, near, n, o, terms);
    }
    *out = sv_batch_of_doubles(values, x.shape[0], self->is_flat ? 0 : self->n_outputs);
    if (self->dtype == SAVOR_INT64 && n_lonely == x.shape[0])
        return only_lonely(out, arena, err);
    return self->dtype == SAVOR_FLOAT32 && !self->by_distance ? to_float32(out, arena, err) : SAVOR_OK;
}

static bool weighs_nothing(const sv_neighbor *near, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (near[i].distance != 0.0)
            return false;
    return true;
}

/* Weights of the classes nearby, [n_rows x n_classes], not divided by their sum. */
static savor_status votes_of(const sv_estimator *base, const sv_batch *in, sv_arena *arena, double **out,
                             size_t *n_rows, savor_error *err)
{
    const nearest *self = (const nearest *)base;
    sv_neighborhood hood;
    size_t n_classes = base->classes.n_items;
    sv_neighbor *near;
    sv_tensor x;
    savor_status st = sv_check_dense(base, in, SV_CHECK_NUMERIC, arena, &x, err);
    if (st || (st = alloc_neighbors(self, arena, &near, err)) ||
        (st = sv_neighborhood_begin(&self->hood, base->release, in, arena, &hood, err)) ||
        (st = sv_batch_alloc(arena, x.shape[0], n_classes, out, err)))
        return st;
    *n_rows = x.shape[0];
    memset(*out, 0, *n_rows * n_classes * sizeof **out);
    for (size_t r = 0; r < *n_rows; r++) {
        size_t n = ask(self, &hood, (const double *)x.data + r * self->hood.n_features, near);
        if (self->k && weighs_nothing(near, n) && !sv_release_is_before(base->release, 1, 4))
            return sv_fail(err, SAVOR_MODEL, "All neighbors of some sample is getting zero weights.");
        for (size_t i = 0; i < n; i++)
            (*out)[r * n_classes + (size_t)self->targets[near[i].at]] += near[i].distance;
        if (n == 0 && self->outlier == SIZE_MAX)
            return sv_fail(err, SAVOR_MODEL,
                           "No neighbors found for test samples [%zu], you can try using larger radius, giving a "
                           "label for outliers, or considering removing them from your dataset.",
                           r);
        if (n == 0)
            (*out)[r * n_classes + self->outlier] = 1.0;
    }
    return SAVOR_OK;
}

static savor_status predict_labels(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                   savor_error *err)
{
    size_t n_rows;
    double *votes;
    savor_status st = votes_of(base, in, arena, &votes, &n_rows, err);
    return st ? st : sv_take_argmax(&base->classes, votes, n_rows, arena, out, err);
}

static savor_status predict_proba(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                  savor_error *err)
{
    size_t n_rows, n = base->classes.n_items;
    double *votes;
    savor_status st = votes_of(base, in, arena, &votes, &n_rows, err);
    for (size_t r = 0; !st && r < n_rows; r++) {
        double sum = 0.0;
        for (size_t k = 0; k < n; k++)
            sum += votes[r * n + k];
        for (size_t k = 0; k < n && sum != 0.0; k++)
            votes[r * n + k] /= sum;
    }
    if (!st)
        *out = sv_batch_of_doubles(votes, n_rows, n);
    return st;
}

/* ---- local outlier factor ---- */

static double factor_of(const nearest *self, const sv_neighborhood *hood, const double *x, sv_neighbor *near)
{
    double sum = 0.0, ratios = 0.0;
    sv_neighborhood_nearest(hood, x, self->k, near);
    for (size_t i = 0; i < self->k; i++)
        sum += near[i].distance > self->reach[near[i].at] ? near[i].distance : self->reach[near[i].at];
    double density = 1.0 / (sum / (double)self->k + 1e-10);
    for (size_t i = 0; i < self->k; i++)
        ratios += self->density[near[i].at] / density;
    return -(ratios / (double)self->k);
}

static savor_status factors(const sv_estimator *base, const sv_batch *in, double offset, sv_arena *arena,
                            sv_batch *out, savor_error *err)
{
    const nearest *self = (const nearest *)base;
    sv_neighbor *near;
    sv_estimator nameless = *base; /* the rows are an array already when the names could be looked at */
    sv_tensor x;
    double *values;
    nameless.feature_names = NULL;
    sv_neighborhood hood;
    savor_status st = sv_check_dense(&nameless, in, SV_CHECK_NUMERIC, arena, &x, err);
    if (st || (st = alloc_neighbors(self, arena, &near, err)) ||
        (st = sv_neighborhood_begin(&self->hood, base->release, in, arena, &hood, err)) ||
        (st = sv_batch_alloc(arena, x.shape[0], 1, &values, err)))
        return st;
    for (size_t r = 0; r < x.shape[0]; r++)
        values[r] = factor_of(self, &hood, (const double *)x.data + r * self->hood.n_features, near) - offset;
    *out = sv_batch_of_doubles(values, x.shape[0], 0);
    return SAVOR_OK;
}

static savor_status lof_scores(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                               savor_error *err)
{
    return factors(base, in, 0.0, arena, out, err);
}

static savor_status lof_decision(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                 savor_error *err)
{
    return factors(base, in, ((const nearest *)base)->offset, arena, out, err);
}

/* -1 where the decision is negative, else 1; for NaN what the class says. */
static savor_status signs_of(sv_batch *decision, int64_t of_nan, sv_arena *arena, savor_error *err)
{
    size_t n = decision->tensor.n_items;
    int64_t *labels = sv_arena_array(arena, n, sizeof *labels);
    if (!labels)
        return sv_arena_fail(arena, n * sizeof *labels, err);
    for (size_t i = 0; i < n; i++) {
        double d = ((const double *)decision->tensor.data)[i];
        labels[i] = d < 0 ? -1 : d >= 0 ? 1 : of_nan;
    }
    decision->tensor = sv_tensor_view(SAVOR_INT64, n, 0, labels);
    return SAVOR_OK;
}

static savor_status lof_predict(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                savor_error *err)
{
    savor_status st = lof_decision(base, in, arena, out, err);
    return st ? st : signs_of(out, 1, arena, err);
}

/* ---- elliptic envelope ---- */

typedef struct envelope {
    sv_estimator base;
    const double *location;  /* [n_features] */
    const double *precision; /* [n_features x n_features] */
    double offset;
} envelope;

static savor_status load_envelope(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                  const sv_estimator **out, savor_error *err)
{
    sv_estimator *base;
    sv_tensor location, precision;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(envelope), &base, err);
    envelope *self = (envelope *)base;
    if (st || (st = sv_attr_doubles(loader, object, "location_", &location, err)) ||
        (st = sv_attr_matrix(loader, object, "precision_", location.n_items, location.n_items, &precision, err)) ||
        (st = sv_attr_double(object, "offset_", &self->offset, err)) ||
        (st = sv_estimator_set_features(base, object, location.n_items, err)))
        return st;
    self->location = location.data;
    self->precision = precision.data;
    *out = base;
    return SAVOR_OK;
}

/* x y in two running sums, what is left over behind them: scipy's loops as compilers make them. */
static double dot_of(const double *x, const double *y, size_t n)
{
    double even = 0.0, odd = 0.0;
    for (size_t i = 0; i + 2 <= n; i += 2) {
        even += x[i] * y[i];
        odd += x[i + 1] * y[i + 1];
    }
    return n % 2 ? even + odd + x[n - 1] * y[n - 1] : even + odd;
}

/* Minus the squared Mahalanobis distance, less the offset. scipy takes its root first: NaN where rounding made it
 * negative. */
static savor_status envelope_scores(const sv_estimator *base, const sv_batch *in, double offset, sv_arena *arena,
                                    sv_batch *out, savor_error *err)
{
    const envelope *self = (const envelope *)base;
    sv_tensor x;
    double *values, *d, *products;
    savor_status st = sv_check_dense(base, in, SV_CHECK_NUMERIC, arena, &x, err);
    size_t n = base->n_features_in;
    if (st || (st = sv_batch_alloc(arena, x.shape[0], 1, &values, err)) ||
        (st = sv_batch_alloc(arena, n, 1, &d, err)) || (st = sv_batch_alloc(arena, n, 1, &products, err)))
        return st;
    for (size_t r = 0; r < x.shape[0]; r++) {
        for (size_t i = 0; i < n; i++)
            d[i] = ((const double *)x.data)[r * n + i] - self->location[i];
        for (size_t i = 0; i < n; i++)
            products[i] = dot_of(d, self->precision + i * n, n);
        double distance = sqrt(dot_of(d, products, n));
        values[r] = -(distance * distance) - offset;
    }
    *out = sv_batch_of_doubles(values, x.shape[0], 0);
    return SAVOR_OK;
}

static savor_status envelope_samples(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                     savor_error *err)
{
    return envelope_scores(base, in, 0.0, arena, out, err);
}

static savor_status envelope_decision(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                      savor_error *err)
{
    return envelope_scores(base, in, ((const envelope *)base)->offset, arena, out, err);
}

static savor_status envelope_predict(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                     savor_error *err)
{
    savor_status st = envelope_decision(base, in, arena, out, err);
    return st ? st : signs_of(out, -1, arena, err);
}

/* ---- nearest centroid ---- */

typedef struct centroids {
    sv_estimator base;
    sv_metric metric;
    const double *centroids; /* [n_classes x n_features] */
} centroids;

static savor_status load_centroids(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                   const sv_estimator **out, savor_error *err)
{
    sv_estimator *base;
    sv_tensor rows, priors;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(centroids), &base, err);
    centroids *self = (centroids *)base;
    sv_str metric = sv_attr_text(object, "metric");
    size_t n_classes = st ? 0 : base->classes.n_items;
    if (st || (st = sv_attr_matrix(loader, object, "centroids_", n_classes, 0, &rows, err)))
        return st;
    if (n_classes == 0 || rows.n_items == 0)
        return sv_attr_fail(object, "classes_", "empty", err);
    if (!sv_str_is(metric, "euclidean") && !sv_str_is(metric, "manhattan"))
        return sv_fail(err, SAVOR_UNSUPPORTED, "NearestCentroid with metric=%.*s is not known", SV_FMT(metric));
    if (sv_record_find(object, "class_prior_") &&
        (st = sv_attr_doubles(loader, object, "class_prior_", &priors, err)))
        return st;
    for (size_t i = 0; sv_record_find(object, "class_prior_") && i < priors.n_items; i++)
        if (fabs(((const double *)priors.data)[i] - 1.0 / (double)n_classes) > 1e-8 + 1e-5 / (double)n_classes)
            return sv_fail(err, SAVOR_UNSUPPORTED, "NearestCentroid with priors is not known");
    self->metric = sv_str_is(metric, "manhattan") ? SV_METRIC_MANHATTAN : SV_METRIC_EUCLIDEAN;
    self->centroids = rows.data;
    if ((st = sv_estimator_set_features(base, object, rows.shape[1], err)))
        return st;
    *out = base;
    return SAVOR_OK;
}

static savor_status centroid_predict(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                     savor_error *err)
{
    const centroids *self = (const centroids *)base;
    sv_tensor x;
    savor_status st = sv_check_dense(base, in, SV_CHECK_NUMERIC, arena, &x, err);
    size_t n = base->n_features_in, *indices = st ? NULL : sv_arena_array(arena, x.shape[0], sizeof *indices);
    if (st)
        return st;
    if (!indices)
        return sv_arena_fail(arena, x.shape[0] * sizeof *indices, err);
    bool by_root = sv_is_fortran(in);
    for (size_t r = 0; r < x.shape[0]; r++) {
        const double *row = (const double *)x.data + r * n;
        indices[r] = self->metric == SV_METRIC_EUCLIDEAN
                         ? sv_nearest_by_product(row, self->centroids, base->classes.n_items, n, by_root)
                         : sv_nearest(self->metric, 1.0, row, self->centroids, base->classes.n_items, n);
    }
    return sv_take_labels(&base->classes, indices, x.shape[0], arena, out, err);
}

#define CLASSIFIER(text)                                    \
    {                                                       \
        .name = text, .load = load_classifier, .methods = { \
            [SV_PREDICT] = predict_labels,                  \
            [SV_PREDICT_PROBA] = predict_proba              \
        }                                                   \
    }

const sv_estimator_class sv_nearest_family[] = {
    {.name = "EllipticEnvelope",
     .load = load_envelope,
     .methods = {[SV_PREDICT] = envelope_predict,
                 [SV_DECISION_FUNCTION] = envelope_decision,
                 [SV_SCORE_SAMPLES] = envelope_samples}},
    CLASSIFIER("KNeighborsClassifier"),
    {.name = "KNeighborsRegressor", .load = load_regressor, .methods = {[SV_PREDICT] = predict_values}},
    {.name = "LocalOutlierFactor",
     .load = load_outliers,
     .methods = {[SV_PREDICT] = lof_predict, [SV_DECISION_FUNCTION] = lof_decision, [SV_SCORE_SAMPLES] = lof_scores}},
    {.name = "NearestCentroid", .load = load_centroids, .methods = {[SV_PREDICT] = centroid_predict}},
    CLASSIFIER("RadiusNeighborsClassifier"),
    {.name = "RadiusNeighborsRegressor", .load = load_regressor, .methods = {[SV_PREDICT] = predict_values}},
    {.name = NULL},
};
