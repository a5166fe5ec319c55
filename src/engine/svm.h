/*
 * svm.h: what libsvm computes after training: kernels against support vectors, one decision per pair of classes,
 * votes, and probabilities coupled from pairs.
 */
#ifndef SV_ENGINE_SVM_H
#define SV_ENGINE_SVM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum sv_svm_kernel {
    SV_SVM_LINEAR,
    SV_SVM_POLY,
    SV_SVM_RBF,
    SV_SVM_SIGMOID,
    SV_SVM_PRECOMPUTED, /* a row holds its kernel with every training row */
} sv_svm_kernel;

/** One row: dense, or its entries sorted by column. */
typedef struct sv_svm_row {
    const double *dense;     /* [n_features], or NULL: the entries below */
    size_t n;                /* entries */
    const uint32_t *columns; /* [n] rising */
    const double *values;    /* [n] */
} sv_svm_row;

/** Frozen after loading; who fills it has checked every size and index. */
typedef struct sv_svm {
    sv_svm_kernel kernel;
    double gamma, coef0;
    int degree;
    size_t n_features, n_vectors;
    size_t n_classes;          /* 0: one decision per row, no classes */
    const sv_svm_row *vectors; /* [n_vectors] support vectors, all dense or none; NULL when precomputed */
    const size_t *support;     /* [n_vectors] training rows, when precomputed */
    const size_t *starts;      /* [n_classes + 1] where each class's vectors begin */
    const double *coef;        /* [n_classes - 1 or 1, x n_vectors] */
    const double *intercept;   /* [n_classes * (n_classes - 1) / 2, or 1] */
    const double *prob_a;      /* like intercept, or NULL: no probabilities */
    const double *prob_b;
} sv_svm;

/** Decisions per row. */
static inline size_t sv_svm_pairs(const sv_svm *svm)
{
    return svm->n_classes ? svm->n_classes * (svm->n_classes - 1) / 2 : 1;
}

/**
 * The decisions of one row: for each pair of classes i < j, positive speaks for i.
 *
 * row        of the kind that the support vectors are
 * kernels    [n_vectors] scratch
 * decisions  [sv_svm_pairs]
 * Threads    safe
 * Source     libsvm svm.cpp, svm_predict_values, as scikit-learn changed it
 */
void sv_svm_decide(const sv_svm *svm, const sv_svm_row *row, double *kernels, double *decisions);

/** The class with most votes, the first of equals. `votes` is scratch of n_classes. */
size_t sv_svm_vote(const sv_svm *svm, const double *decisions, size_t *votes);

/** Doubles of scratch that sv_svm_proba needs: 2 * n_classes^2 + n_classes. */
size_t sv_svm_scratch(const sv_svm *svm);

/**
 * Probabilities of the classes: a sigmoid per pair, coupled by Wu, Lin and Weng's second method.
 *
 * scratch   [sv_svm_scratch]
 * out       [n_classes]
 * Source    libsvm svm.cpp, svm_predict_probability, multiclass_probability
 */
void sv_svm_proba(const sv_svm *svm, const double *decisions, double *scratch, double *out);

/** From the decisions of pairs a score per class: votes plus a fraction below a third. [n_classes]
 * Source    sklearn.utils.multiclass._ovr_decision_function */
void sv_svm_ovr(const sv_svm *svm, const double *decisions, double *out);

#endif
