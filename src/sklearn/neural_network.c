/* neural_network.c: MLPClassifier and MLPRegressor: dense layers. */
#include "base/alloc.h"
#include "engine/dense.h"
#include "sklearn/attributes.h"
#include "sklearn/check.h"
#include "sklearn/families.h"

#include <math.h>

#define LAYERS_MAX 10000

typedef enum activation {
    ACTIVATION_IDENTITY,
    ACTIVATION_LOGISTIC,
    ACTIVATION_RELU,
    ACTIVATION_TANH,
    ACTIVATION_SOFTMAX,
    ACTIVATION_EXP,
} activation;

typedef struct network {
    sv_estimator base;
    size_t n_layers;
    const sv_dense *layers; /* [n_layers]; weights are the transpose of coefs_ */
    activation hidden, last;
    bool is_multilabel;
    bool is_float32; /* coefs_ are float32: float32 rows stay so */
} network;

/* ---- loading ---- */

static savor_status read_activation(const sv_record *object, const char *attribute, activation *out, savor_error *err)
{
    static const char *const NAMES[] = {
        [ACTIVATION_IDENTITY] = "identity", [ACTIVATION_LOGISTIC] = "logistic", [ACTIVATION_RELU] = "relu",
        [ACTIVATION_TANH] = "tanh",         [ACTIVATION_SOFTMAX] = "softmax",   [ACTIVATION_EXP] = "exp"};
    sv_str name = sv_attr_text(object, attribute);
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
        if (sv_str_is(name, NAMES[i])) {
            *out = (activation)i;
            return SAVOR_OK;
        }
    return sv_fail(err, SAVOR_UNSUPPORTED, "%s=%.*s is not known", attribute, SV_FMT(name));
}

static savor_status read_layer(sv_loader *loader, const sv_record *object, const sv_record *coef,
                               const sv_record *intercept, sv_dense *out, savor_error *err)
{
    sv_tensor w, b;
    double *weights, *bias;
    savor_status st;
    if ((st = sv_record_doubles(coef, loader->arena, &w, err)) ||
        (st = sv_record_doubles(intercept, loader->arena, &b, err)))
        return st;
    if (w.n_dims != 2 || w.n_items == 0 || b.n_items != w.shape[1])
        return sv_attr_fail(object, "coefs_", "a layer whose weights and biases do not fit", err);
    out->n_in = w.shape[0];
    out->n_out = w.shape[1];
    if ((st = sv_batch_alloc(loader->arena, out->n_out, out->n_in, &weights, err)) ||
        (st = sv_batch_alloc(loader->arena, out->n_out, 1, &bias, err)))
        return st;
    for (size_t i = 0; i < out->n_in; i++)
        for (size_t o = 0; o < out->n_out; o++)
            weights[o * out->n_in + i] = ((const double *)w.data)[i * out->n_out + o];
    memcpy(bias, b.data, out->n_out * sizeof *bias);
    out->weights = weights;
    out->bias = bias;
    return SAVOR_OK;
}

static savor_status read_layers(sv_loader *loader, const sv_record *object, network *self, savor_error *err)
{
    size_t n, n_intercepts;
    const sv_record *const *coefs = sv_record_items(sv_record_find(object, "coefs_"), &n);
    const sv_record *const *intercepts = sv_record_items(sv_record_find(object, "intercepts_"), &n_intercepts);
    sv_dense *layers = sv_arena_array(loader->arena, n, sizeof *layers);
    const sv_array *first = n ? sv_record_array_head(coefs[0]) : NULL;
    savor_status st;
    self->is_float32 = first && first->tensor.dtype == SAVOR_FLOAT32;
    if (!layers)
        return sv_arena_fail(loader->arena, n * sizeof *layers, err);
    if (n == 0 || n > LAYERS_MAX || n_intercepts != n)
        return sv_attr_fail(object, "coefs_", "not a list of layers", err);
    for (size_t i = 0; i < n; i++) {
        if ((st = read_layer(loader, object, coefs[i], intercepts[i], &layers[i], err)))
            return st;
        if (i && layers[i].n_in != layers[i - 1].n_out)
            return sv_attr_fail(object, "coefs_", "layers that do not fit", err);
    }
    self->layers = layers;
    self->n_layers = n;
    return sv_estimator_set_features(&self->base, object, layers[0].n_in, err);
}

static savor_status load(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                         const sv_estimator **out, savor_error *err)
{
    sv_estimator *base;
    const sv_record *binarizer = sv_record_find(object, "_label_binarizer");
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(network), &base, err);
    network *self = (network *)base;
    if (st || (st = read_layers(loader, object, self, err)) ||
        (st = read_activation(object, "activation", &self->hidden, err)) ||
        (st = read_activation(object, "out_activation_", &self->last, err)))
        return st;
    size_t n_out = self->layers[self->n_layers - 1].n_out;
    self->is_multilabel = sv_str_starts(sv_attr_text(binarizer, "y_type_"), SV_STR("multilabel"));
    size_t n = base->classes.n_items;
    if (cls->methods[SV_PREDICT_PROBA] && !self->is_multilabel && (n_out == 1 ? n != 1 && n != 2 : n != n_out))
        return sv_attr_fail(object, "classes_", "not as many as outputs", err);
    *out = base;
    return SAVOR_OK;
}

/* ---- predicting ---- */

static void activate(activation kind, double *values, size_t n_rows, size_t n)
{
    for (size_t r = 0; kind == ACTIVATION_SOFTMAX && r < n_rows; r++)
        sv_softmax(values + r * n, n);
    for (size_t i = 0; i < n_rows * n; i++)
        switch (kind) {
        case ACTIVATION_LOGISTIC:
            values[i] = sv_expit(values[i]);
            break;
        case ACTIVATION_RELU:
            values[i] = values[i] > 0 ? values[i] : 0.0;
            break;
        case ACTIVATION_TANH:
            values[i] = tanh(values[i]);
            break;
        case ACTIVATION_EXP:
            values[i] = exp(values[i]);
            break;
        default:
            return;
        }
}

static void softmax32(float *row, size_t n)
{
    float max = -INFINITY, sum = 0.0f;
    for (size_t i = 0; i < n; i++)
        max = row[i] > max ? row[i] : max;
    for (size_t i = 0; i < n; i++) {
        row[i] = expf(row[i] - max);
        sum += row[i];
    }
    for (size_t i = 0; i < n; i++)
        row[i] /= sum;
}

static void activate32(activation kind, float *values, size_t n_rows, size_t n)
{
    for (size_t r = 0; kind == ACTIVATION_SOFTMAX && r < n_rows; r++)
        softmax32(values + r * n, n);
    for (size_t i = 0; i < n_rows * n; i++)
        switch (kind) {
        case ACTIVATION_LOGISTIC:
            values[i] = 1.0f / (1.0f + expf(-values[i]));
            break;
        case ACTIVATION_RELU:
            values[i] = values[i] > 0 ? values[i] : 0.0f;
            break;
        case ACTIVATION_TANH:
            values[i] = tanhf(values[i]);
            break;
        case ACTIVATION_EXP:
            values[i] = expf(values[i]);
            break;
        default:
            return;
        }
}

/* numpy holds coefs_ as they are, which is column by column of the layer; of rows only those that come in may be. */
static bool is_by_columns(const sv_batch *x, size_t layer)
{
    return sv_batch_rows(x) == 1 || (layer == 0 && sv_is_fortran(x));
}

static savor_status forward64(const network *self, const sv_batch *x, sv_arena *arena, double **out, savor_error *err)
{
    size_t n_rows = sv_batch_rows(x);
    const double *values = x->tensor.data;
    for (size_t i = 0; i < self->n_layers; i++) {
        const sv_dense *l = &self->layers[i];
        savor_status st = sv_batch_alloc(arena, n_rows, l->n_out, out, err);
        if (st)
            return st;
        (is_by_columns(x, i) ? sv_dense_predict_columns : sv_dense_predict)(l, values, n_rows, *out);
        activate(i + 1 < self->n_layers ? self->hidden : self->last, *out, n_rows, l->n_out);
        values = *out;
    }
    return SAVOR_OK;
}

static savor_status forward32(const network *self, const sv_batch *x, sv_arena *arena, float **out, savor_error *err)
{
    size_t n_rows = sv_batch_rows(x), n;
    const float *values = x->tensor.data;
    for (size_t i = 0; i < self->n_layers; i++) {
        const sv_dense *l = &self->layers[i];
        *out = sv_mul(n_rows, l->n_out, &n) ? sv_arena_array(arena, n, sizeof **out) : NULL;
        if (!*out)
            return sv_arena_fail(arena, n_rows * sizeof **out, err);
        (is_by_columns(x, i) ? sv_dense_predict_columns_f32 : sv_dense_predict_f32)(l, values, n_rows, *out);
        activate32(i + 1 < self->n_layers ? self->hidden : self->last, *out, n_rows, l->n_out);
        values = *out;
    }
    return SAVOR_OK;
}

/* What the last layer gives: [n_rows x n_out] of float64, or of float32 where all is. */
static savor_status forward(const network *self, const sv_batch *in, sv_arena *arena, sv_tensor *out,
                            savor_error *err)
{
    unsigned flags = SV_CHECK_NUMERIC | (self->is_float32 ? SV_CHECK_KEEP_FLOAT32 : 0u);
    sv_batch x;
    double *values = NULL;
    float *floats = NULL;
    savor_status st = sv_check_batch(&self->base, in, flags, arena, &x, err);
    bool is_float32 = !st && x.tensor.dtype == SAVOR_FLOAT32;
    if (st || (st = is_float32 ? forward32(self, &x, arena, &floats, err) : forward64(self, &x, arena, &values, err)))
        return st;
    *out = sv_tensor_view(x.tensor.dtype, sv_batch_rows(&x), self->layers[self->n_layers - 1].n_out,
                          is_float32 ? (const void *)floats : values);
    return SAVOR_OK;
}

/* The same as float64, whose order is the same. */
static savor_status forward_doubles(const network *self, const sv_batch *in, sv_arena *arena, const double **out,
                                    size_t *n_rows, savor_error *err)
{
    sv_batch last = {.kind = SV_BATCH_TENSOR};
    sv_tensor doubles;
    savor_status st = forward(self, in, arena, &last.tensor, err);
    if (st || (st = sv_batch_to_floats(&last, SAVOR_FLOAT64, arena, &doubles, err)))
        return st;
    *out = doubles.data;
    *n_rows = doubles.shape[0];
    return SAVOR_OK;
}

static savor_status predict_values(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                   savor_error *err)
{
    *out = (sv_batch){.kind = SV_BATCH_TENSOR};
    savor_status st = forward((const network *)base, in, arena, &out->tensor, err);
    if (!st && out->tensor.shape[1] == 1)
        out->tensor = sv_tensor_view(out->tensor.dtype, out->tensor.shape[0], 0, out->tensor.data);
    return st;
}

static savor_status predict_labels(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                   savor_error *err)
{
    const network *self = (const network *)base;
    size_t n_rows, n_out = self->layers[self->n_layers - 1].n_out;
    const double *values;
    savor_status st = forward_doubles(self, in, arena, &values, &n_rows, err);
    if (st)
        return st;
    if (!self->is_multilabel && n_out > 1)
        return sv_take_argmax(&base->classes, values, n_rows, arena, out, err);
    size_t n = n_rows * n_out; /* fits: the values are in memory */
    int64_t *flags = sv_arena_array(arena, n, sizeof *flags);
    size_t *indices = sv_arena_array(arena, n, sizeof *indices);
    if (!flags || !indices)
        return sv_arena_fail(arena, n * sizeof *flags, err);
    for (size_t i = 0; i < n; i++) {
        flags[i] = values[i] > 0.5;
        indices[i] = base->classes.n_items == 1 ? 0 : (size_t)flags[i];
    }
    if (!self->is_multilabel)
        return sv_take_labels(&base->classes, indices, n_rows, arena, out, err);
    *out = (sv_batch){.kind = SV_BATCH_TENSOR, .tensor = sv_tensor_view(SAVOR_INT64, n_rows, n_out, flags)};
    return SAVOR_OK;
}

static savor_status predict_proba(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                  savor_error *err)
{
    *out = (sv_batch){.kind = SV_BATCH_TENSOR};
    savor_status st = forward((const network *)base, in, arena, &out->tensor, err);
    const sv_tensor last = out->tensor;
    if (st || last.shape[1] > 1)
        return st;
    size_t n_rows = last.shape[0], size = sv_dtype_size(last.dtype), bytes = SIZE_MAX;
    void *proba = sv_mul(n_rows, 2 * size, &bytes) ? sv_arena_alloc(arena, bytes) : NULL;
    if (!proba)
        return sv_arena_fail(arena, bytes, err);
    for (size_t r = 0; r < n_rows; r++)
        if (last.dtype == SAVOR_FLOAT32) {
            float p = ((const float *)last.data)[r];
            ((float *)proba)[2 * r] = 1.0f - p;
            ((float *)proba)[2 * r + 1] = p;
        } else {
            double p = ((const double *)last.data)[r];
            ((double *)proba)[2 * r] = 1.0 - p;
            ((double *)proba)[2 * r + 1] = p;
        }
    out->tensor = sv_tensor_view(last.dtype, n_rows, 2, proba);
    return SAVOR_OK;
}

const sv_estimator_class sv_neural_networks[] = {
    {.name = "MLPClassifier",
     .load = load,
     .methods = {[SV_PREDICT] = predict_labels,
                 [SV_PREDICT_PROBA] = predict_proba,
                 [SV_PREDICT_LOG_PROBA] = sv_log_of_proba}},
    {.name = "MLPRegressor", .load = load, .methods = {[SV_PREDICT] = predict_values}},
    {.name = NULL},
};
