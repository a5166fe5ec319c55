#include "engine/sparse_code.h"

#include "engine/linear_system.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

static double product_of(const sv_dictionary *d, const sv_coding *c, size_t a, size_t b)
{
    return d->gram[c->order[a] * d->n_atoms + c->order[b]];
}

/* One more row of the factor, for the atom at place `at`. False: it depends on those that are chosen. */
static bool extend(const sv_dictionary *d, const sv_coding *c, size_t stride, size_t n, size_t at)
{
    double *row = c->factor + n * stride, square = 0.0;
    for (size_t i = 0; i < n; i++) {
        double sum = product_of(d, c, at, i);
        for (size_t k = 0; k < i; k++)
            sum = fma(-c->factor[i * stride + k], row[k], sum);
        row[i] = sum / c->factor[i * stride + i];
        square = fma(row[i], row[i], square);
    }
    double left = product_of(d, c, at, at) - square;
    if (n > 0 && left <= DBL_EPSILON)
        return false;
    row[n] = sqrt(left);
    return true;
}

/* What the chosen ones do not explain, atom by atom in the order of now. */
static void subtract(const sv_dictionary *d, const sv_coding *c, const double *products, size_t n)
{
    for (size_t i = 0; i < d->n_atoms; i++) {
        double sum = 0.0;
        for (size_t k = 0; k < n; k++)
            sum = fma(product_of(d, c, i, k), c->weights[k], sum);
        c->rest[i] = products[c->order[i]] - sum;
    }
}

static size_t largest(const double *values, size_t n)
{
    size_t best = 0;
    for (size_t i = 1; i < n; i++)
        best = fabs(values[i]) > fabs(values[best]) ? i : best;
    return best;
}

void sv_pursue(const sv_dictionary *d, const double *products, size_t n_nonzero, const sv_coding *c, double *out)
{
    size_t n = 0;
    for (size_t i = 0; i < d->n_atoms; i++)
        c->order[i] = i;
    memcpy(c->rest, products, d->n_atoms * sizeof *c->rest);
    while (n < n_nonzero) {
        size_t at = largest(c->rest, d->n_atoms), taken;
        if (at < n || c->rest[at] * c->rest[at] < DBL_EPSILON || !extend(d, c, n_nonzero, n, at))
            break;
        taken = c->order[at];
        c->order[at] = c->order[n];
        c->order[n++] = taken;
        for (size_t k = 0; k < n; k++)
            c->weights[k] = products[c->order[k]];
        sv_cholesky_solve(c->factor, n, n_nonzero, c->weights);
        subtract(d, c, products, n);
    }
    memset(out, 0, d->n_atoms * sizeof *out);
    for (size_t k = 0; k < n; k++)
        out[c->order[k]] = c->weights[k];
}
