#include "engine/svm.h"

#include <math.h>
#include <string.h>

#define PROBA_MIN 1e-7 /* of a pair */
#define PROBA_ROUNDS 100

/* ---- kernels ---- */

static double dot_of(const sv_svm *svm, const sv_svm_row *x, const sv_svm_row *y)
{
    double sum = 0.0;
    if (x->dense)
        for (size_t i = 0; i < svm->n_features; i++)
            sum += x->dense[i] * y->dense[i];
    for (size_t i = 0, j = 0; !x->dense && i < x->n && j < y->n;)
        if (x->columns[i] == y->columns[j])
            sum += x->values[i++] * y->values[j++];
        else if (x->columns[i] > y->columns[j])
            j++;
        else
            i++;
    return sum;
}

static double square(double x) { return x * x; }

/* Squared distance of rows of entries. */
static double sparse_distance(const sv_svm_row *x, const sv_svm_row *y)
{
    size_t i = 0, j = 0;
    double sum = 0.0;
    while (i < x->n && j < y->n)
        if (x->columns[i] == y->columns[j])
            sum += square(x->values[i++] - y->values[j++]);
        else if (x->columns[i] > y->columns[j])
            sum += square(y->values[j++]);
        else
            sum += square(x->values[i++]);
    for (; i < x->n; i++)
        sum += square(x->values[i]);
    for (; j < y->n; j++)
        sum += square(y->values[j]);
    return sum;
}

static double distance_of(const sv_svm *svm, const sv_svm_row *x, const sv_svm_row *y)
{
    double sum = 0.0;
    if (!x->dense)
        return sparse_distance(x, y);
    for (size_t i = 0; i < svm->n_features; i++)
        sum += square(x->dense[i] - y->dense[i]);
    return sum;
}

/* By repeated squaring, as libsvm does; its rounding differs from pow's. */
static double power_of(double base, int times)
{
    double answer = 1.0;
    for (int t = times; t > 0; t /= 2) {
        if (t % 2 == 1)
            answer *= base;
        base *= base;
    }
    return answer;
}

static double kernel_of(const sv_svm *svm, const sv_svm_row *x, size_t vector)
{
    if (svm->kernel == SV_SVM_PRECOMPUTED)
        return x->dense[svm->support[vector]];
    const sv_svm_row *y = &svm->vectors[vector];
    switch (svm->kernel) {
    case SV_SVM_POLY:
        return power_of(svm->gamma * dot_of(svm, x, y) + svm->coef0, svm->degree);
    case SV_SVM_RBF:
        return exp(-svm->gamma * distance_of(svm, x, y));
    case SV_SVM_SIGMOID:
        return tanh(svm->gamma * dot_of(svm, x, y) + svm->coef0);
    default:
        return dot_of(svm, x, y);
    }
}

/* ---- decisions ---- */

/* Vectors [first, last) of one class against another. */
static double add_class(const double *coef, const double *kernels, size_t first, size_t last, double sum)
{
    for (size_t k = first; k < last; k++)
        sum += coef[k] * kernels[k];
    return sum;
}

void sv_svm_decide(const sv_svm *svm, const sv_svm_row *row, double *kernels, double *decisions)
{
    size_t n = svm->n_vectors, pair = 0;
    for (size_t i = 0; i < n; i++)
        kernels[i] = kernel_of(svm, row, i);
    if (!svm->n_classes)
        decisions[0] = add_class(svm->coef, kernels, 0, n, 0.0) + svm->intercept[0];
    for (size_t i = 0; i < svm->n_classes; i++)
        for (size_t j = i + 1; j < svm->n_classes; j++, pair++) {
            double sum = add_class(svm->coef + (j - 1) * n, kernels, svm->starts[i], svm->starts[i + 1], 0.0);
            sum = add_class(svm->coef + i * n, kernels, svm->starts[j], svm->starts[j + 1], sum);
            decisions[pair] = sum + svm->intercept[pair];
        }
}

size_t sv_svm_vote(const sv_svm *svm, const double *decisions, size_t *votes)
{
    size_t pair = 0, best = 0;
    memset(votes, 0, svm->n_classes * sizeof *votes);
    for (size_t i = 0; i < svm->n_classes; i++)
        for (size_t j = i + 1; j < svm->n_classes; j++, pair++)
            votes[decisions[pair] > 0 ? i : j]++;
    for (size_t i = 1; i < svm->n_classes; i++)
        if (votes[i] > votes[best])
            best = i;
    return best;
}

void sv_svm_ovr(const sv_svm *svm, const double *decisions, double *out)
{
    size_t n = svm->n_classes;
    for (size_t c = 0; c < n; c++) {
        double confidence = 0.0, votes = 0.0;
        for (size_t i = 0, pair = 0; i < n; i++)
            for (size_t j = i + 1; j < n; j++, pair++) {
                if (i != c && j != c)
                    continue;
                confidence += i == c ? decisions[pair] : -decisions[pair];
                votes += (decisions[pair] < 0) == (j == c);
            }
        out[c] = votes + confidence / (3 * (fabs(confidence) + 1));
    }
}

/* ---- probabilities ---- */

static double sigmoid_of(double decision, double a, double b)
{
    double x = decision * a + b;
    double p = x >= 0 ? exp(-x) / (1.0 + exp(-x)) : 1.0 / (1 + exp(x));
    if (p < PROBA_MIN || p != p) /* as C++'s max and min treat NaN */
        p = PROBA_MIN;
    return p > 1 - PROBA_MIN ? 1 - PROBA_MIN : p;
}

/* q from the pairs' probabilities r, both [n x n]. */
static void fill_q(size_t n, const double *r, double *q)
{
    for (size_t t = 0; t < n; t++) {
        q[t * n + t] = 0;
        for (size_t j = 0; j < n; j++) {
            if (j == t)
                continue;
            q[t * n + t] += r[j * n + t] * r[j * n + t];
            q[t * n + j] = j < t ? q[j * n + t] : -r[j * n + t] * r[t * n + j];
        }
    }
}

/* q * p into qp; returns p * q * p. */
static double multiply_q(size_t n, const double *q, const double *p, double *qp)
{
    double sum = 0.0;
    for (size_t t = 0; t < n; t++) {
        qp[t] = 0;
        for (size_t j = 0; j < n; j++)
            qp[t] += q[t * n + j] * p[j];
        sum += p[t] * qp[t];
    }
    return sum;
}

static void improve(size_t n, const double *q, double pqp, double *p, double *qp)
{
    for (size_t t = 0; t < n; t++) {
        double diff = (-qp[t] + pqp) / q[t * n + t];
        p[t] += diff;
        pqp = (pqp + diff * (diff * q[t * n + t] + 2 * qp[t])) / (1 + diff) / (1 + diff);
        for (size_t j = 0; j < n; j++) {
            qp[j] = (qp[j] + diff * q[t * n + j]) / (1 + diff);
            p[j] /= (1 + diff);
        }
    }
}

size_t sv_svm_scratch(const sv_svm *svm) { return (2 * svm->n_classes + 1) * svm->n_classes; }

void sv_svm_proba(const sv_svm *svm, const double *decisions, double *scratch, double *out)
{
    size_t n = svm->n_classes, pair = 0, rounds = n > PROBA_ROUNDS ? n : PROBA_ROUNDS;
    double *r = scratch, *q = r + n * n, *qp = q + n * n, eps = 0.005 / (double)n;
    for (size_t i = 0; i < n; i++)
        for (size_t j = i + 1; j < n; j++, pair++) {
            r[i * n + j] = sigmoid_of(decisions[pair], svm->prob_a[pair], svm->prob_b[pair]);
            r[j * n + i] = 1 - r[i * n + j];
        }
    fill_q(n, r, q);
    for (size_t t = 0; t < n; t++)
        out[t] = 1.0 / (double)n;
    for (size_t round = 0; round < rounds; round++) {
        double pqp = multiply_q(n, q, out, qp), worst = 0.0;
        for (size_t t = 0; t < n; t++)
            worst = fabs(qp[t] - pqp) > worst ? fabs(qp[t] - pqp) : worst;
        if (worst < eps)
            break;
        improve(n, q, pqp, out, qp);
    }
}
