/*
 * svm.c: the estimators around libsvm: SVC, NuSVC, SVR, NuSVR and OneClassSVM.
 *
 * For two classes the public dual_coef_ and intercept_ have the other sign; those with an underscore are libsvm's.
 */
#include "engine/svm.h"

#include "base/alloc.h"
#include "sklearn/attributes.h"
#include "sklearn/check.h"
#include "sklearn/families.h"
#include "sklearn/sparse_attribute.h"
#include "sklearn/stack.h"

#include <math.h>

typedef struct svm_model {
    sv_estimator base;
    sv_svm svm;
    bool is_sparse; /* fitted with sparse rows: takes both; others take dense rows only */
    bool is_ovr;    /* decision_function_shape */
    bool break_ties;
    double offset; /* of OneClassSVM */
} svm_model;

/* ---- loading ---- */

static savor_status read_kernel(const sv_record *object, sv_svm *svm, savor_error *err)
{
    static const char *const NAMES[] = {"linear", "poly", "rbf", "sigmoid", "precomputed"};
    sv_str name = sv_attr_text(object, "kernel");
    int64_t degree = sv_attr_int_or(object, "degree", 3);
    size_t kind = 0;
    while (kind < sizeof NAMES / sizeof *NAMES && !sv_str_is(name, NAMES[kind]))
        kind++;
    if (kind == sizeof NAMES / sizeof *NAMES)
        return name.n ? sv_fail(err, SAVOR_UNSUPPORTED, "kernel=%.*s is not known", SV_FMT(name))
                      : sv_fail(err, SAVOR_UNSUPPORTED, "a kernel that is a function of Python's is not computed");
    if (degree < 0 || degree > INT32_MAX)
        return sv_attr_fail(object, "degree", "not a degree", err);
    svm->kernel = (sv_svm_kernel)kind;
    svm->degree = (int)degree;
    svm->coef0 = sv_attr_double_or(object, "coef0", 0.0);
    return sv_attr_double(object, "_gamma", &svm->gamma, err);
}

static savor_status alloc_vectors(sv_loader *loader, size_t n, sv_svm *svm, sv_svm_row **out, savor_error *err)
{
    svm->n_vectors = n;
    svm->vectors = *out = sv_arena_array(loader->arena, n, sizeof **out);
    return *out ? SAVOR_OK : sv_arena_fail(loader->arena, n * sizeof **out, err);
}

static savor_status read_sparse_vectors(sv_loader *loader, const sv_record *object, svm_model *self, savor_error *err)
{
    sv_svm *svm = &self->svm;
    sv_svm_row *rows;
    sv_sparse matrix;
    savor_status st;
    self->is_sparse = true;
    if (svm->kernel == SV_SVM_PRECOMPUTED)
        return sv_fail(err, SAVOR_UNSUPPORTED, "kernel=precomputed fitted with a sparse matrix is not computed");
    if ((st = sv_attr_sparse(loader, object, "support_vectors_", self->base.n_features_in, &matrix, err)) ||
        (st = alloc_vectors(loader, matrix.n_rows, svm, &rows, err)))
        return st;
    svm->n_features = matrix.n_columns;
    for (size_t i = 0; i < matrix.n_rows; i++) {
        size_t first = matrix.row_first[i];
        rows[i] = (sv_svm_row){NULL, matrix.row_first[i + 1] - first, matrix.columns + first, matrix.values + first};
    }
    return SAVOR_OK;
}

static savor_status read_dense_vectors(sv_loader *loader, const sv_record *object, svm_model *self, savor_error *err)
{
    sv_svm *svm = &self->svm;
    sv_svm_row *rows;
    sv_tensor matrix;
    savor_status st = sv_attr_matrix(loader, object, "support_vectors_", 0, 0, &matrix, err);
    if (st || (st = alloc_vectors(loader, matrix.shape[0], svm, &rows, err)))
        return st;
    svm->n_features = matrix.shape[1];
    if (self->base.n_features_in && self->base.n_features_in != svm->n_features)
        return sv_attr_fail(object, "support_vectors_", "not one column for each feature", err);
    for (size_t i = 0; i < svm->n_vectors; i++)
        rows[i].dense = (const double *)matrix.data + i * svm->n_features;
    return SAVOR_OK;
}

/* With kernel="precomputed" the support vectors are numbers of training rows. */
static savor_status read_support(sv_loader *loader, const sv_record *object, svm_model *self, savor_error *err)
{
    sv_svm *svm = &self->svm;
    sv_tensor support;
    savor_status st = sv_attr_doubles(loader, object, "support_", &support, err);
    if (st)
        return st;
    size_t *rows = sv_arena_array(loader->arena, support.n_items, sizeof *rows);
    if (!rows)
        return sv_arena_fail(loader->arena, support.n_items * sizeof *rows, err);
    svm->n_features = self->base.n_features_in;
    for (size_t i = 0; i < support.n_items; i++) {
        double at = ((const double *)support.data)[i];
        if (!(at >= 0 && at < (double)svm->n_features))
            return sv_attr_fail(object, "support_", "not rows of the training data", err);
        rows[i] = (size_t)at;
    }
    svm->support = rows;
    svm->n_vectors = support.n_items;
    return SAVOR_OK;
}

/* _dual_coef_; a sparse one has all its entries. */
static savor_status read_coef(sv_loader *loader, const sv_record *object, sv_svm *svm, savor_error *err)
{
    const sv_record *coef = sv_record_find(object, "_dual_coef_");
    size_t n_rows = svm->n_classes ? svm->n_classes - 1 : 1, n;
    if (!sv_mul(n_rows, svm->n_vectors, &n))
        return sv_attr_fail(object, "_dual_coef_", "too large", err);
    if (sv_attr_is_sparse(object, "_dual_coef_"))
        return sv_attr_vector(loader, coef, "data", n, &svm->coef, err);
    return sv_attr_vector(loader, object, "_dual_coef_", n, &svm->coef, err);
}

static savor_status load_svm(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                             size_t n_classes, svm_model **out, savor_error *err)
{
    sv_estimator *base;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(svm_model), &base, err);
    svm_model *self = (svm_model *)base;
    *out = self;
    if (st || (st = read_kernel(object, &self->svm, err)))
        return st;
    self->svm.n_classes = n_classes;
    if (sv_attr_is_sparse(object, "support_vectors_"))
        st = read_sparse_vectors(loader, object, self, err);
    else if (self->svm.kernel == SV_SVM_PRECOMPUTED)
        st = read_support(loader, object, self, err);
    else
        st = read_dense_vectors(loader, object, self, err);
    if (st || (st = read_coef(loader, object, &self->svm, err)) ||
        (st = sv_estimator_set_features(base, object, self->svm.n_features, err)))
        return st;
    return sv_attr_vector(loader, object, "_intercept_", sv_svm_pairs(&self->svm), &self->svm.intercept, err);
}

/* How many support vectors each class has. */
static savor_status read_starts(sv_loader *loader, const sv_record *object, sv_svm *svm, savor_error *err)
{
    const char *name = sv_record_find(object, "_n_support") ? "_n_support" : "n_support_";
    size_t *starts = sv_arena_array(loader->arena, svm->n_classes + 1, sizeof *starts);
    const double *counts;
    savor_status st = sv_attr_vector(loader, object, name, svm->n_classes, &counts, err);
    if (st)
        return st;
    if (!starts)
        return sv_arena_fail(loader->arena, (svm->n_classes + 1) * sizeof *starts, err);
    for (size_t i = 0; i < svm->n_classes; i++) {
        if (!(counts[i] >= 0 && counts[i] <= (double)(svm->n_vectors - starts[i])))
            return sv_attr_fail(object, name, "more than there are support vectors", err);
        starts[i + 1] = starts[i] + (size_t)counts[i];
    }
    if (starts[svm->n_classes] != svm->n_vectors)
        return sv_attr_fail(object, name, "fewer than there are support vectors", err);
    svm->starts = starts;
    return SAVOR_OK;
}

/* _probA and _probB are empty where probability=False. */
static savor_status read_proba(sv_loader *loader, const sv_record *object, sv_svm *svm, savor_error *err)
{
    const char *a = sv_record_find(object, "_probA") ? "_probA" : "probA_";
    const char *b = sv_record_find(object, "_probB") ? "_probB" : "probB_";
    savor_status st = SAVOR_OK;
    if (!sv_attr_bool_or(object, "probability", false))
        return SAVOR_OK;
    if ((st = sv_attr_vector(loader, object, a, sv_svm_pairs(svm), &svm->prob_a, err)))
        return st;
    return sv_attr_vector(loader, object, b, sv_svm_pairs(svm), &svm->prob_b, err);
}

static savor_status load_classifier(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                    const sv_estimator **out, savor_error *err)
{
    const sv_array *classes = sv_record_array(sv_record_find(object, "classes_"));
    size_t n_classes = classes ? classes->tensor.n_items : 0;
    svm_model *self;
    savor_status st;
    if (n_classes < 2 || n_classes > INT16_MAX)
        return sv_attr_fail(object, "classes_", "not a list of classes", err);
    if ((st = load_svm(loader, cls, object, n_classes, &self, err)))
        return st;
    if (self->base.classes.n_items != n_classes)
        return sv_attr_fail(object, "classes_", "not a list of classes", err);
    if ((st = read_starts(loader, object, &self->svm, err)) || (st = read_proba(loader, object, &self->svm, err)))
        return st;
    self->is_ovr = sv_str_is(sv_attr_text(object, "decision_function_shape"), "ovr");
    self->break_ties = sv_attr_bool_or(object, "break_ties", false);
    *out = &self->base;
    return SAVOR_OK;
}

static savor_status load_regressor(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                   const sv_estimator **out, savor_error *err)
{
    svm_model *self;
    savor_status st = load_svm(loader, cls, object, 0, &self, err);
    if (!st)
        *out = &self->base;
    return st;
}

static savor_status load_one_class(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                   const sv_estimator **out, savor_error *err)
{
    svm_model *self;
    savor_status st = load_svm(loader, cls, object, 0, &self, err);
    if (st || (st = sv_attr_double(object, "offset_", &self->offset, err)))
        return st;
    *out = &self->base;
    return SAVOR_OK;
}

static bool has(const sv_estimator *base, sv_method method)
{
    const svm_model *self = (const svm_model *)base;
    return (method != SV_PREDICT_PROBA && method != SV_PREDICT_LOG_PROBA) || self->svm.prob_a;
}

/* ---- deciding ---- */

/* Rows as the model was fitted with; sparse ones sorted, in the request's arena. */
static savor_status check_rows(const svm_model *self, const sv_batch *in, sv_arena *arena, sv_batch *out,
                               savor_error *err)
{
    sv_sparse *x = &out->sparse;
    savor_status st = sv_check_batch(&self->base, in, SV_CHECK_ACCEPT_SPARSE, arena, out, err);
    if (st || (out->kind == SV_BATCH_TENSOR && !self->is_sparse))
        return st;
    if (!self->is_sparse)
        return sv_fail(err, SAVOR_MODEL, "cannot use sparse input in '%s' trained on dense data",
                       self->base.cls->name);
    if (out->kind == SV_BATCH_TENSOR) {
        sv_batch dense = *out;
        out->kind = SV_BATCH_SPARSE;
        return sv_batch_to_sparse(&dense, arena, x, err);
    }
    size_t n = x->row_first[x->n_rows];
    uint32_t *columns = sv_arena_array(arena, n, sizeof *columns);
    double *values = sv_arena_array(arena, n, sizeof *values);
    if (!columns || !values)
        return sv_arena_fail(arena, n * sizeof *values, err);
    for (size_t i = 0; i < n; i++) {
        columns[i] = x->columns[i];
        values[i] = x->values[i];
    }
    for (size_t r = 0; r < x->n_rows; r++)
        sv_sparse_sort(columns + x->row_first[r], values + x->row_first[r], x->row_first[r + 1] - x->row_first[r]);
    x->columns = columns;
    x->values = values;
    return SAVOR_OK;
}

static sv_svm_row row_of(const sv_batch *x, size_t r)
{
    const sv_sparse *s = &x->sparse;
    if (x->kind == SV_BATCH_TENSOR)
        return (sv_svm_row){.dense = (const double *)x->tensor.data + r * x->tensor.shape[1]};
    size_t first = s->row_first[r];
    return (sv_svm_row){NULL, s->row_first[r + 1] - first, s->columns + first, s->values + first};
}

/* libsvm's decisions, [n_rows x pairs]. */
static savor_status decide(const svm_model *self, const sv_batch *in, sv_arena *arena, double **out, size_t *n_rows,
                           savor_error *err)
{
    size_t n_pairs = sv_svm_pairs(&self->svm);
    double *kernels;
    sv_batch x;
    savor_status st = check_rows(self, in, arena, &x, err);
    *n_rows = st ? 0 : sv_batch_rows(&x);
    if (st || (st = sv_batch_alloc(arena, self->svm.n_vectors, 1, &kernels, err)) ||
        (st = sv_batch_alloc(arena, *n_rows, n_pairs, out, err)))
        return st;
    for (size_t r = 0; r < *n_rows; r++) {
        sv_svm_row row = row_of(&x, r);
        sv_svm_decide(&self->svm, &row, kernels, *out + r * n_pairs);
    }
    return SAVOR_OK;
}

/* ---- classifiers ---- */

static savor_status ovr_scores(const svm_model *self, const double *decisions, size_t n_rows, sv_arena *arena,
                               double **out, savor_error *err)
{
    size_t n_pairs = sv_svm_pairs(&self->svm), n_classes = self->svm.n_classes;
    savor_status st = sv_batch_alloc(arena, n_rows, n_classes, out, err);
    for (size_t r = 0; !st && r < n_rows; r++)
        sv_svm_ovr(&self->svm, decisions + r * n_pairs, *out + r * n_classes);
    return st;
}

static savor_status decision_function(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                      savor_error *err)
{
    const svm_model *self = (const svm_model *)base;
    double *decisions, *scores;
    size_t n_rows, n_classes = self->svm.n_classes;
    savor_status st = decide(self, in, arena, &decisions, &n_rows, err);
    if (st)
        return st;
    if (n_classes == 2)
        for (size_t r = 0; r < n_rows; r++)
            decisions[r] = -decisions[r];
    if (n_classes > 2 && self->is_ovr) {
        st = ovr_scores(self, decisions, n_rows, arena, &scores, err);
        *out = sv_batch_of_doubles(scores, n_rows, n_classes);
        return st;
    }
    *out = sv_batch_of_doubles(decisions, n_rows, n_classes == 2 ? 0 : sv_svm_pairs(&self->svm));
    return SAVOR_OK;
}

static savor_status predict_votes(const svm_model *self, const double *decisions, size_t n_rows, sv_arena *arena,
                                  sv_batch *out, savor_error *err)
{
    size_t *votes = sv_arena_array(arena, self->svm.n_classes, sizeof *votes);
    size_t *indices = sv_arena_array(arena, n_rows, sizeof *indices);
    if (!votes || !indices)
        return sv_arena_fail(arena, n_rows * sizeof *indices, err);
    for (size_t r = 0; r < n_rows; r++)
        indices[r] = sv_svm_vote(&self->svm, decisions + r * sv_svm_pairs(&self->svm), votes);
    return sv_take_labels(&self->base.classes, indices, n_rows, arena, out, err);
}

static savor_status predict_class(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                  savor_error *err)
{
    const svm_model *self = (const svm_model *)base;
    double *decisions, *scores;
    size_t n_rows;
    savor_status st;
    if (self->break_ties && !self->is_ovr)
        return sv_fail(err, SAVOR_MODEL, "break_ties must be False when decision_function_shape is 'ovo'");
    if ((st = decide(self, in, arena, &decisions, &n_rows, err)))
        return st;
    if (!self->break_ties || self->svm.n_classes == 2)
        return predict_votes(self, decisions, n_rows, arena, out, err);
    if ((st = ovr_scores(self, decisions, n_rows, arena, &scores, err)))
        return st;
    return sv_take_argmax(&base->classes, scores, n_rows, arena, out, err);
}

static savor_status predict_proba(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                  savor_error *err)
{
    const svm_model *self = (const svm_model *)base;
    size_t n_rows, n_classes = self->svm.n_classes;
    double *decisions, *scratch, *proba;
    savor_status st = decide(self, in, arena, &decisions, &n_rows, err);
    if (st || (st = sv_batch_alloc(arena, sv_svm_scratch(&self->svm), 1, &scratch, err)) ||
        (st = sv_batch_alloc(arena, n_rows, n_classes, &proba, err)))
        return st;
    for (size_t r = 0; r < n_rows; r++)
        sv_svm_proba(&self->svm, decisions + r * sv_svm_pairs(&self->svm), scratch, proba + r * n_classes);
    *out = sv_batch_of_doubles(proba, n_rows, n_classes);
    return SAVOR_OK;
}

/* ---- one decision per row ---- */

static savor_status decide_flat(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                savor_error *err)
{
    double *decisions;
    size_t n_rows;
    savor_status st = decide((const svm_model *)base, in, arena, &decisions, &n_rows, err);
    if (!st)
        *out = sv_batch_of_doubles(decisions, n_rows, 0);
    return st;
}

static savor_status score_samples(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                  savor_error *err)
{
    const svm_model *self = (const svm_model *)base;
    double *decisions;
    size_t n_rows;
    savor_status st = decide(self, in, arena, &decisions, &n_rows, err);
    for (size_t r = 0; !st && r < n_rows; r++)
        decisions[r] += self->offset;
    if (!st)
        *out = sv_batch_of_doubles(decisions, n_rows, 0);
    return st;
}

static savor_status predict_inlier(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                   savor_error *err)
{
    double *decisions;
    size_t n_rows;
    savor_status st = decide((const svm_model *)base, in, arena, &decisions, &n_rows, err);
    int64_t *labels = st ? NULL : sv_arena_array(arena, n_rows, sizeof *labels);
    if (st)
        return st;
    if (!labels)
        return sv_arena_fail(arena, n_rows * sizeof *labels, err);
    for (size_t r = 0; r < n_rows; r++)
        labels[r] = decisions[r] > 0 ? 1 : -1;
    *out = (sv_batch){.kind = SV_BATCH_TENSOR, .tensor = sv_tensor_view(SAVOR_INT64, n_rows, 0, labels)};
    return SAVOR_OK;
}

#define CLASSIFIER(text)                                                \
    {                                                                   \
        .name = text, .load = load_classifier, .has = has, .methods = { \
            [SV_PREDICT] = predict_class,                               \
            [SV_PREDICT_PROBA] = predict_proba,                         \
            [SV_PREDICT_LOG_PROBA] = sv_log_of_proba,                   \
            [SV_DECISION_FUNCTION] = decision_function                  \
        }                                                               \
    }
#define REGRESSOR(text)                                                                 \
    {                                                                                   \
        .name = text, .load = load_regressor, .methods = { [SV_PREDICT] = decide_flat } \
    }

const sv_estimator_class sv_svms[] = {
    CLASSIFIER("NuSVC"),
    REGRESSOR("NuSVR"),
    {.name = "OneClassSVM",
     .load = load_one_class,
     .methods =
         {[SV_PREDICT] = predict_inlier, [SV_DECISION_FUNCTION] = decide_flat, [SV_SCORE_SAMPLES] = score_samples}},
    CLASSIFIER("SVC"),
    REGRESSOR("SVR"),
    {.name = NULL},
};
