#include "engine/factorization.h"

#include <float.h>
#include <math.h>
#include <string.h>

static double dot(const double *a, const double *b, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

void sv_factorization_gram(const double *components, size_t n_components, size_t n_features, double *out)
{
    for (size_t a = 0; a < n_components; a++)
        for (size_t b = 0; b < n_components; b++)
            out[a * n_components + b] = dot(components + a * n_features, components + b * n_features, n_features);
}

/* X H^T. */
static void project(const sv_factorization *f, const double *x, size_t n_rows, double *out)
{
    for (size_t r = 0; r < n_rows; r++)
        for (size_t k = 0; k < f->n_components; k++)
            out[r * f->n_components + k] =
                dot(x + r * f->n_features, f->components + k * f->n_features, f->n_features);
}

/* Each cell of W once; how far they were from the optimum. */
static double sweep(const sv_factorization *f, const double *target, size_t n_rows, double *w)
{
    size_t n = f->n_components;
    double violation = 0.0;
    for (size_t t = 0; t < n; t++) {
        double curve = f->gram[t * n + t] + f->l2;
        for (size_t i = 0; i < n_rows; i++) {
            double *row = w + i * n, slope = -(target[i * n + t] - f->l1);
            for (size_t r = 0; r < n; r++)
                slope += (r == t ? curve : f->gram[t * n + r]) * row[r];
            violation += fabs(row[t] == 0.0 && slope > 0.0 ? 0.0 : slope);
            if (curve != 0.0) {
                double next = row[t] - slope / curve;
                row[t] = next > 0.0 ? next : 0.0;
            }
        }
    }
    return violation;
}

void sv_factorization_descend(const sv_factorization *f, const double *x, size_t n_rows, double *w, double *scratch)
{
    double first = 0.0;
    project(f, x, n_rows, scratch);
    memset(w, 0, n_rows * f->n_components * sizeof *w);
    for (size_t round = 0; round < f->max_rounds; round++) {
        double violation = sweep(f, scratch, n_rows, w);
        if (round == 0)
            first = violation;
        if (first == 0.0 || violation / first <= f->tolerance)
            return;
    }
}

/* One row of W times what pulls it up over what pulls it down. `change` and `size` gather squares of the change and
 * of the new values. */
static void multiply_row(const sv_factorization *f, const double *target, double *row, double *change, double *size)
{
    size_t n = f->n_components;
    double down[256];
    for (size_t k = 0; k < n; k++) {
        down[k] = 0.0;
        for (size_t r = 0; r < n; r++)
            down[k] += row[r] * f->gram[r * n + k];
        down[k] += f->l1 + f->l2 * row[k];
        if (down[k] == 0.0)
            down[k] = (double)FLT_EPSILON; /* sklearn's EPSILON is float32's */
    }
    for (size_t k = 0; k < n; k++) {
        double next = row[k] * (target[k] / down[k]);
        *change += (next - row[k]) * (next - row[k]);
        *size += next * next;
        row[k] = next;
    }
}

void sv_factorization_multiply(const sv_factorization *f, const double *x, size_t n_rows, double *w, double *scratch)
{
    double sum = 0.0;
    size_t n = n_rows * f->n_components;
    for (size_t i = 0; i < n_rows * f->n_features; i++)
        sum += x[i];
    double start = sqrt(sum / (double)(n_rows * f->n_features) / (double)f->n_components);
    for (size_t i = 0; i < n; i++)
        w[i] = start;
    project(f, x, n_rows, scratch);
    for (size_t round = 0; round < f->max_rounds; round++) {
        double change = 0.0, size = 0.0;
        for (size_t r = 0; r < n_rows; r++)
            multiply_row(f, scratch + r * f->n_components, w + r * f->n_components, &change, &size);
        if (f->tolerance > 0.0 && sqrt(change) / sqrt(size) <= f->tolerance)
            return;
    }
}
