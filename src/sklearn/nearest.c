/*
 * nearest.c: KNeighbors*, RadiusNeighbors*, LocalOutlierFactor: what the rows nearby say.
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
    bool is_flat;             /* regressor: one dimension */
    const double *targets;    /* [n_rows x n_outputs] numbers of classes, or values */
    savor_dtype dtype;        /* regressor: what the values were; the mean of float32 is float32 */
    const sv_tensor *classes; /* classifier: [n_outputs] */
    size_t n_values;          /* the most classes that an output has */
    const size_t *outliers;   /* [n_outputs] radius: the class of a row without neighbors; SIZE_MAX: refused */
    const double *density;    /* local outlier factor: [n_rows] _lrd */
    const double *reach;      /* [n_rows] the distance to the k-th neighbor */
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

/* The number of the class that a label is; SIZE_MAX: none. */
static size_t find_class(const sv_tensor *classes, const sv_value *wanted)
{
    for (size_t i = 0; i < classes->n_items; i++) {
        sv_value mine = sv_item_get(classes->dtype, classes->data, i);
        double a, b;
        bool is_text = mine.kind == SV_VALUE_STRING && wanted->kind == SV_VALUE_STRING;
        if (is_text ? sv_str_equal((sv_str){mine.u.p, mine.n}, (sv_str){wanted->u.p, wanted->n})
                    : mine.kind != SV_VALUE_STRING && wanted->kind != SV_VALUE_STRING &&
                          !sv_value_to_double(&mine, &a) && !sv_value_to_double(wanted, &b) && a == b)
            return i;
    }
    return SIZE_MAX;
}

/* outlier_label_: a label for each output, or None. */
static savor_status read_outliers(sv_loader *loader, const sv_record *object, nearest *self, savor_error *err)
{
    const sv_record *r = sv_record_find(object, "outlier_label_");
    size_t *outliers = sv_arena_array(loader->arena, self->n_outputs, sizeof *outliers);
    sv_tensor labels;
    if (!outliers)
        return sv_arena_fail(loader->arena, self->n_outputs * sizeof *outliers, err);
    self->outliers = outliers;
    for (size_t o = 0; o < self->n_outputs; o++)
        outliers[o] = SIZE_MAX;
    if (sv_record_is_none(r))
        return SAVOR_OK;
    savor_status st = sv_record_to_labels(r, loader->arena, &labels, err);
    if (st || labels.n_items != self->n_outputs)
        return st;
    for (size_t o = 0; o < self->n_outputs; o++) {
        sv_value wanted = sv_item_get(labels.dtype, labels.data, o);
        if (wanted.kind != SV_VALUE_NONE && (outliers[o] = find_class(&self->classes[o], &wanted)) == SIZE_MAX)
            return sv_fail(err, SAVOR_UNSUPPORTED, "an outlier_label that is no class is not known");
    }
    for (size_t o = 1; o < self->n_outputs; o++) /* all of them or none */
        if ((outliers[o] == SIZE_MAX) != (outliers[0] == SIZE_MAX))
            return sv_attr_fail(object, "outlier_label_", "not a label for each output", err);
    return SAVOR_OK;
}

/* _y: numbers of classes, of each output. */
static savor_status read_codes(sv_loader *loader, const sv_record *object, nearest *self, savor_error *err)
{
    sv_tensor codes;
    savor_status st = sv_attr_doubles(loader, object, "_y", &codes, err);
    if (st)
        return st;
    if (codes.n_dims < 1 || codes.n_dims > 2 || codes.shape[0] != self->hood.n_rows ||
        codes.n_items != self->hood.n_rows * self->n_outputs)
        return sv_attr_fail(object, "_y", "not the numbers of classes for each row", err);
    self->targets = codes.data;
    for (size_t i = 0; i < codes.n_items; i++)
        if (!(self->targets[i] >= 0 && self->targets[i] < (double)self->classes[i % self->n_outputs].n_items))
            return sv_attr_fail(object, "_y", "no number of a class", err);
    return SAVOR_OK;
}

static savor_status load_classifier(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                    const sv_estimator **out, savor_error *err)
{
    nearest *self;
    savor_status st = load_hood(loader, cls, object, &self, err);
    if (st)
        return st;
    self->n_outputs = 1;
    if (self->base.classes.n_items == 0 &&
        (!sv_record_items(sv_record_find(object, "classes_"), &self->n_outputs) || self->n_outputs < 2))
        return sv_attr_fail(object, "classes_", "neither classes nor a list of them for each output", err);
    if ((st = sv_attr_classes(loader, object, &self->base.classes, self->n_outputs, &self->classes, err)) ||
        (st = read_codes(loader, object, self, err)) || (st = read_outliers(loader, object, self, err)))
        return st;
    for (size_t o = 0; o < self->n_outputs; o++)
        if (self->classes[o].n_items > self->n_values)
            self->n_values = self->classes[o].n_items;
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

/* What the neighbors of a row say of each output: [n_outputs x n_values], cleared. */
static void vote(const nearest *self, const sv_neighbor *near, size_t n, double *votes)
{
    for (size_t o = 0; o < self->n_outputs; o++, votes += self->n_values) {
        for (size_t i = 0; i < n; i++)
            votes[(size_t)self->targets[near[i].at * self->n_outputs + o]] += near[i].distance;
        if (n == 0)
            votes[self->outliers[o]] = 1.0;
    }
}

/* Weights of the classes nearby, [n_rows x n_outputs x n_values], not divided by their sum. */
static savor_status votes_of(const sv_estimator *base, const sv_batch *in, sv_arena *arena, double **out,
                             size_t *n_rows, savor_error *err)
{
    const nearest *self = (const nearest *)base;
    sv_neighborhood hood;
    size_t width = self->n_outputs * self->n_values;
    sv_neighbor *near;
    sv_tensor x;
    savor_status st = sv_check_dense(base, in, SV_CHECK_NUMERIC, arena, &x, err);
    if (st || (st = alloc_neighbors(self, arena, &near, err)) ||
        (st = sv_neighborhood_begin(&self->hood, base->release, in, arena, &hood, err)) ||
        (st = sv_batch_alloc(arena, x.shape[0], width, out, err)))
        return st;
    *n_rows = x.shape[0];
    memset(*out, 0, *n_rows * width * sizeof **out);
    for (size_t r = 0; r < *n_rows; r++) {
        size_t n = ask(self, &hood, (const double *)x.data + r * self->hood.n_features, near);
        if (self->k && weighs_nothing(near, n) && !sv_release_is_before(base->release, 1, 4))
            return sv_fail(err, SAVOR_MODEL, "All neighbors of some sample is getting zero weights.");
        if (n == 0 && self->outliers[0] == SIZE_MAX)
            return sv_fail(err, SAVOR_MODEL,
                           "No neighbors found for test samples [%zu], you can try using larger radius, giving a "
                           "label for outliers, or considering removing them from your dataset.",
                           r);
        vote(self, near, n, *out + r * width);
    }
    return SAVOR_OK;
}

static savor_status predict_labels(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                   savor_error *err)
{
    const nearest *self = (const nearest *)base;
    size_t n_rows = 0;
    double *votes = NULL;
    savor_status st = votes_of(base, in, arena, &votes, &n_rows, err);
    sv_tensor values = {.n_dims = 3, .shape = {n_rows, self->n_outputs, self->n_values}, .data = votes};
    return st ? st : sv_take_argmax_of_outputs(self->classes, &values, arena, out, err);
}

/* Shares of the classes of one output: [n_rows x classes]. */
static savor_status shares_of(const nearest *self, const double *votes, size_t n_rows, size_t output, sv_arena *arena,
                              sv_tensor *out, savor_error *err)
{
    size_t n = self->classes[output].n_items;
    double *shares;
    savor_status st = sv_batch_alloc(arena, n_rows, n, &shares, err);
    for (size_t r = 0; !st && r < n_rows; r++) {
        const double *mine = votes + (r * self->n_outputs + output) * self->n_values;
        double sum = 0.0;
        for (size_t k = 0; k < n; k++)
            sum += mine[k];
        for (size_t k = 0; k < n; k++)
            shares[r * n + k] = sum != 0.0 ? mine[k] / sum : mine[k];
    }
    if (!st)
        *out = sv_batch_of_doubles(shares, n_rows, n).tensor;
    return st;
}

static savor_status predict_proba(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                  savor_error *err)
{
    const nearest *self = (const nearest *)base;
    size_t n_rows;
    double *votes;
    sv_tensor *list;
    savor_status st = votes_of(base, in, arena, &votes, &n_rows, err);
    if (st)
        return st;
    if (!(list = sv_arena_array(arena, self->n_outputs, sizeof *list)))
        return sv_arena_fail(arena, self->n_outputs * sizeof *list, err);
    for (size_t o = 0; o < self->n_outputs && !st; o++)
        st = shares_of(self, votes, n_rows, o, arena, &list[o], err);
    if (!st)
        *out = sv_batch_of_outputs(list, self->n_outputs);
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

static savor_status lof_predict(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                savor_error *err)
{
    savor_status st = lof_decision(base, in, arena, out, err);
    return st ? st : sv_take_signs(out, 1, arena, err);
}

#define CLASSIFIER(text)                                    \
    {                                                       \
        .name = text, .load = load_classifier, .methods = { \
            [SV_PREDICT] = predict_labels,                  \
            [SV_PREDICT_PROBA] = predict_proba              \
        }                                                   \
    }

const sv_estimator_class sv_nearest_family[] = {
    CLASSIFIER("KNeighborsClassifier"),
    {.name = "KNeighborsRegressor", .load = load_regressor, .methods = {[SV_PREDICT] = predict_values}},
    {.name = "LocalOutlierFactor",
     .load = load_outliers,
     .methods = {[SV_PREDICT] = lof_predict, [SV_DECISION_FUNCTION] = lof_decision, [SV_SCORE_SAMPLES] = lof_scores}},
    CLASSIFIER("RadiusNeighborsClassifier"),
    {.name = "RadiusNeighborsRegressor", .load = load_regressor, .methods = {[SV_PREDICT] = predict_values}},
    {.name = NULL},
};
