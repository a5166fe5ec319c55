/*
 * scaler.c: scalers as one or two arithmetic steps per column, each rounded to the dtype of X, as numpy's in-place
 * operators do; Normalizer and Binarizer, which look at rows and cells.
 */
#include "base/alloc.h"
#include "engine/dense.h"
#include "sklearn/attributes.h"
#include "sklearn/check.h"
#include "sklearn/families.h"

#include <float.h>
#include <math.h>

typedef enum step_kind {
    STEP_SUBTRACT,
    STEP_DIVIDE,
    STEP_MULTIPLY,
    STEP_ADD,
} step_kind;

typedef struct step {
    step_kind kind;
    const double *values; /* [n_features] */
} step;

typedef struct scaler {
    sv_estimator base;
    size_t n_columns, n_steps;
    step steps[2];
    bool rounds_values; /* the values themselves are cast to float32 first (StandardScaler since 1.8) */
    bool is_clipped;
    double low, high;
    bool takes_sparse;
} scaler;

/* ---- loading ---- */

static savor_status add_step(sv_loader *loader, const sv_record *object, const char *name, step_kind kind,
                             scaler *self, savor_error *err)
{
    const double *values;
    savor_status st = sv_attr_vector(loader, object, name, self->n_columns, &values, err);
    if (!st)
        self->steps[self->n_steps++] = (step){kind, values};
    return st;
}

static savor_status new_scaler(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                               const char *example, scaler **out, savor_error *err)
{
    sv_estimator *base;
    sv_tensor values;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(scaler), &base, err);
    *out = (scaler *)base;
    if (st || base->n_features_in) {
        if (!st)
            (*out)->n_columns = base->n_features_in;
        return st;
    }
    if (!example) /* releases before 0.24, and scalers that do nothing */
        return sv_attr_fail(object, "n_features_in_", "missing", err);
    if ((st = sv_attr_doubles(loader, object, example, &values, err)))
        return st;
    (*out)->n_columns = values.n_items;
    return sv_estimator_set_features(base, object, values.n_items, err);
}

static savor_status load_standard(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                  const sv_estimator **out, savor_error *err)
{
    bool with_mean = sv_attr_bool_or(object, "with_mean", true), with_std = sv_attr_bool_or(object, "with_std", true);
    scaler *self;
    savor_status st = new_scaler(loader, cls, object, with_mean ? "mean_" : with_std ? "scale_" : NULL, &self, err);
    if (st || (with_mean && (st = add_step(loader, object, "mean_", STEP_SUBTRACT, self, err))) ||
        (with_std && (st = add_step(loader, object, "scale_", STEP_DIVIDE, self, err))))
        return st;
    self->rounds_values = !sv_release_is_before(loader->release, 1, 8);
    self->takes_sparse = !with_mean;
    *out = &self->base;
    return SAVOR_OK;
}

/* feature_range, when clip is on. */
static savor_status read_range(const sv_record *object, scaler *self, savor_error *err)
{
    size_t n;
    const sv_record *const *range = sv_record_items(sv_record_find(object, "feature_range"), &n);
    self->is_clipped = sv_attr_bool_or(object, "clip", false);
    if (self->is_clipped &&
        (n != 2 || !sv_record_to_double(range[0], &self->low) || !sv_record_to_double(range[1], &self->high)))
        return sv_attr_fail(object, "feature_range", "not a pair of numbers", err);
    return SAVOR_OK;
}

static savor_status load_min_max(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                 const sv_estimator **out, savor_error *err)
{
    scaler *self;
    savor_status st = new_scaler(loader, cls, object, "scale_", &self, err);
    if (st || (st = add_step(loader, object, "scale_", STEP_MULTIPLY, self, err)) ||
        (st = add_step(loader, object, "min_", STEP_ADD, self, err)) || (st = read_range(object, self, err)))
        return st;
    *out = &self->base;
    return SAVOR_OK;
}

static savor_status load_max_abs(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                 const sv_estimator **out, savor_error *err)
{
    scaler *self;
    savor_status st = new_scaler(loader, cls, object, "scale_", &self, err);
    if (st || (st = add_step(loader, object, "scale_", STEP_DIVIDE, self, err)))
        return st;
    self->is_clipped = sv_attr_bool_or(object, "clip", false);
    self->low = -1.0;
    self->high = 1.0;
    self->takes_sparse = true;
    *out = &self->base;
    return SAVOR_OK;
}

static savor_status load_robust(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                const sv_estimator **out, savor_error *err)
{
    bool with_centering = sv_attr_bool_or(object, "with_centering", true);
    bool with_scaling = sv_attr_bool_or(object, "with_scaling", true);
    const char *example = with_centering ? "center_" : with_scaling ? "scale_" : NULL;
    scaler *self;
    savor_status st = new_scaler(loader, cls, object, example, &self, err);
    if (st || (with_centering && (st = add_step(loader, object, "center_", STEP_SUBTRACT, self, err))) ||
        (with_scaling && (st = add_step(loader, object, "scale_", STEP_DIVIDE, self, err))))
        return st;
    self->takes_sparse = true; /* which is scaled and never centered */
    *out = &self->base;
    return SAVOR_OK;
}

/* ---- transforming ---- */

static double apply(step_kind kind, double x, double v)
{
    switch (kind) {
    case STEP_SUBTRACT:
        return x - v;
    case STEP_DIVIDE:
        return x / v;
    case STEP_MULTIPLY:
        return x * v;
    case STEP_ADD:
        return x + v;
    }
    return x;
}

static step inverse_of(step s)
{
    static const step_kind INVERSE[] = {[STEP_SUBTRACT] = STEP_ADD,
                                        [STEP_DIVIDE] = STEP_MULTIPLY,
                                        [STEP_MULTIPLY] = STEP_DIVIDE,
                                        [STEP_ADD] = STEP_SUBTRACT};
    return (step){INVERSE[s.kind], s.values};
}

static double scale_cell(const scaler *self, const step *steps, double x, size_t column, bool is_float32, bool clips)
{
    for (size_t i = 0; i < self->n_steps; i++) {
        double v = steps[i].values[column];
        x = apply(steps[i].kind, x, is_float32 && self->rounds_values ? (double)(float)v : v);
        if (is_float32)
            x = (double)(float)x;
    }
    if (clips && x < self->low)
        return self->low;
    return clips && x > self->high ? self->high : x;
}

/* Cells of a checked array into a new one of its dtype. */
static savor_status scale_dense(const scaler *self, const step *steps, const sv_tensor *x, bool clips,
                                sv_arena *arena, sv_batch *out, savor_error *err)
{
    bool is_float32 = x->dtype == SAVOR_FLOAT32;
    size_t n_columns = self->n_columns, size = sv_dtype_size(x->dtype);
    void *cells = sv_arena_array(arena, x->n_items, size);
    if (!cells)
        return sv_arena_fail(arena, x->n_items * size, err);
    for (size_t i = 0; i < x->n_items; i++) {
        double from = is_float32 ? (double)((const float *)x->data)[i] : ((const double *)x->data)[i];
        double to = scale_cell(self, steps, from, i % n_columns, is_float32, clips);
        if (is_float32)
            ((float *)cells)[i] = (float)to;
        else
            ((double *)cells)[i] = to;
    }
    *out = (sv_batch){.kind = SV_BATCH_TENSOR, .tensor = *x};
    out->tensor.data = cells;
    return SAVOR_OK;
}

/* A stored cell times 1 / scale; each product is rounded to the dtype of the cells. */
static double scale_stored(const scaler *self, double cell, size_t column, bool is_float32)
{
    for (size_t k = 0; k < self->n_steps; k++)
        if (self->steps[k].kind == STEP_DIVIDE) {
            cell *= 1.0 / self->steps[k].values[column];
            cell = is_float32 ? (double)(float)cell : cell;
        }
    if (self->is_clipped)
        cell = cell < self->low ? self->low : cell > self->high ? self->high : cell;
    return cell;
}

/* Sparse cells are multiplied by 1 / scale. */
static savor_status scale_sparse(const scaler *self, const sv_sparse *x, sv_arena *arena, sv_batch *out,
                                 savor_error *err)
{
    size_t n = x->row_first[x->n_rows];
    double *values;
    savor_status st = sv_batch_alloc(arena, n, 1, &values, err);
    if (st)
        return st;
    for (size_t i = 0; i < n; i++)
        values[i] = scale_stored(self, x->values[i], x->columns[i], x->dtype == SAVOR_FLOAT32);
    *out = (sv_batch){.kind = SV_BATCH_SPARSE, .sparse = *x};
    out->sparse.values = values;
    return SAVOR_OK;
}

static savor_status transform(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                              savor_error *err)
{
    const scaler *self = (const scaler *)base;
    unsigned flags = SV_CHECK_ALLOW_NAN | SV_CHECK_KEEP_FLOAT32 | SV_CHECK_ACCEPT_SPARSE;
    sv_batch x;
    savor_status st = sv_check_batch(base, in, flags, arena, &x, err);
    if (st)
        return st;
    if (x.kind == SV_BATCH_TENSOR)
        return scale_dense(self, self->steps, &x.tensor, self->is_clipped, arena, out, err);
    if (!self->takes_sparse)
        return sv_fail(err, SAVOR_MODEL, "Cannot center sparse matrices: %s", base->cls->name);
    return scale_sparse(self, &x.sparse, arena, out, err);
}

static savor_status inverse_transform(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                      savor_error *err)
{
    const scaler *self = (const scaler *)base;
    step steps[2] = {{STEP_ADD, NULL}, {STEP_ADD, NULL}};
    sv_tensor x;
    savor_status st = sv_check_dense(base, in, SV_CHECK_ALLOW_NAN | SV_CHECK_KEEP_FLOAT32, arena, &x, err);
    if (st)
        return st;
    for (size_t i = 0; i < self->n_steps; i++)
        steps[i] = inverse_of(self->steps[self->n_steps - 1 - i]);
    return scale_dense(self, steps, &x, false, arena, out, err);
}

/* ---- rows and cells ---- */

typedef struct cell_rule {
    sv_estimator base;
    double threshold; /* Binarizer */
    char norm;        /* Normalizer: '1', '2', 'm' */
} cell_rule;

static savor_status load_binarizer(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                   const sv_estimator **out, savor_error *err)
{
    sv_estimator *base;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(cell_rule), &base, err);
    if (st)
        return st;
    ((cell_rule *)base)->threshold = sv_attr_double_or(object, "threshold", 0.0);
    *out = base;
    return SAVOR_OK;
}

static savor_status load_normalizer(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                    const sv_estimator **out, savor_error *err)
{
    sv_estimator *base;
    sv_str norm = sv_attr_text(object, "norm");
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(cell_rule), &base, err);
    if (st)
        return st;
    if (!sv_str_is(norm, "l1") && !sv_str_is(norm, "l2") && !sv_str_is(norm, "max"))
        return sv_fail(err, SAVOR_UNSUPPORTED, "Normalizer with norm=%.*s is not known", SV_FMT(norm));
    ((cell_rule *)base)->norm = norm.p[0] == 'm' ? 'm' : norm.p[1];
    *out = base;
    return SAVOR_OK;
}

/* A checked batch whose numbers may be changed: doubles, whether it is dense or sparse, float32 or not. */
typedef struct cell_copy {
    sv_batch batch;
    bool is_sparse, is_float32;
    size_t n;
    double *cells; /* [n] */
} cell_copy;

static savor_status copy_cells(const sv_estimator *self, const sv_batch *in, sv_arena *arena, cell_copy *out,
                               savor_error *err)
{
    sv_batch checked;
    savor_status st = sv_check_batch(self, in, SV_CHECK_ACCEPT_SPARSE | SV_CHECK_KEEP_FLOAT32, arena, &checked, err);
    if (st)
        return st;
    out->batch = checked;
    out->is_sparse = checked.kind == SV_BATCH_SPARSE;
    out->is_float32 = (out->is_sparse ? checked.sparse.dtype : checked.tensor.dtype) == SAVOR_FLOAT32;
    if (!out->is_sparse && (st = sv_batch_to_floats(&checked, SAVOR_FLOAT64, arena, &out->batch.tensor, err)))
        return st;
    out->n = out->is_sparse ? checked.sparse.row_first[checked.sparse.n_rows] : checked.tensor.n_items;
    if ((st = sv_batch_alloc(arena, out->n, 1, &out->cells, err)))
        return st;
    if (out->n)
        memcpy(out->cells, out->is_sparse ? checked.sparse.values : out->batch.tensor.data,
               out->n * sizeof *out->cells);
    if (out->is_sparse)
        out->batch.sparse.values = out->cells;
    else
        out->batch.tensor.data = out->cells;
    return SAVOR_OK;
}

/* Back in the dtype that came. */
static savor_status give_cells(const cell_copy *copy, sv_arena *arena, sv_batch *out, savor_error *err)
{
    *out = copy->batch;
    return copy->is_float32 && !copy->is_sparse
               ? sv_batch_to_floats(&copy->batch, SAVOR_FLOAT32, arena, &out->tensor, err)
               : SAVOR_OK;
}

static savor_status binarize(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                             savor_error *err)
{
    const cell_rule *self = (const cell_rule *)base;
    cell_copy copy;
    savor_status st = copy_cells(base, in, arena, &copy, err);
    if (st)
        return st;
    double threshold = copy.is_float32 ? (double)(float)self->threshold : self->threshold;
    for (size_t i = 0; i < copy.n; i++)
        copy.cells[i] = copy.cells[i] > threshold;
    return give_cells(&copy, arena, out, err);
}

/* `rounds`: products and sums of float32. */
static double norm_of(char norm, const double *row, size_t n, bool rounds)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        double term = norm == '2' ? row[i] * row[i] : fabs(row[i]);
        if (norm == 'm')
            sum = term > sum ? term : sum;
        else
            sum += rounds ? (double)(float)term : term;
        sum = rounds ? (double)(float)sum : sum;
    }
    if (norm == '2')
        sum = sqrt(sum);
    return rounds ? (double)(float)sum : sum;
}

static savor_status normalize(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                              savor_error *err)
{
    const cell_rule *self = (const cell_rule *)base;
    cell_copy copy;
    savor_status st = copy_cells(base, in, arena, &copy, err);
    if (st)
        return st;
    double epsilon = 10 * (copy.is_float32 ? (double)FLT_EPSILON : DBL_EPSILON);
    for (size_t r = 0; r < sv_batch_rows(&copy.batch); r++) {
        size_t first = copy.is_sparse ? copy.batch.sparse.row_first[r] : r * copy.batch.tensor.shape[1];
        size_t width = copy.is_sparse ? copy.batch.sparse.row_first[r + 1] - first : copy.batch.tensor.shape[1];
        double norm = norm_of(self->norm, copy.cells + first, width, copy.is_float32);
        if (norm < (copy.is_sparse ? DBL_TRUE_MIN : epsilon)) /* rows of almost nothing stay */
            continue;
        for (size_t i = first; i < first + width; i++)
            copy.cells[i] = copy.is_float32 ? (double)(float)(copy.cells[i] / norm) : copy.cells[i] / norm;
    }
    return give_cells(&copy, arena, out, err);
}

#define SCALER(text, loader)                                                                 \
    {                                                                                        \
        .name = text, .load = loader,                                                        \
        .methods = {[SV_TRANSFORM] = transform, [SV_INVERSE_TRANSFORM] = inverse_transform}, \
        .layout = SV_LAYOUT_OF_INPUT                                                         \
    }

const sv_estimator_class sv_scalers[] = {
    {.name = "Binarizer",
     .load = load_binarizer,
     .methods = {[SV_TRANSFORM] = binarize},
     .layout = SV_LAYOUT_OF_INPUT},
    SCALER("MaxAbsScaler", load_max_abs),
    SCALER("MinMaxScaler", load_min_max),
    {.name = "Normalizer",
     .load = load_normalizer,
     .methods = {[SV_TRANSFORM] = normalize},
     .layout = SV_LAYOUT_OF_INPUT},
    SCALER("RobustScaler", load_robust),
    SCALER("StandardScaler", load_standard),
    {.name = NULL},
};
