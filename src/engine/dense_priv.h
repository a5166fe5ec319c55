/* dense_priv.h: the sums of dense.h, compiled twice: for any processor, and for those that fuse in one instruction.
 */
#ifndef SV_ENGINE_DENSE_PRIV_H
#define SV_ENGINE_DENSE_PRIV_H

#include "engine/dense.h"

#include <math.h>
#include <stdbool.h>

#define DENSE_INLINE static inline __attribute__((always_inline))

/** kernel/dense_fma.c: can this processor do it? */
bool sv_dense_fma_is_there(void);

/** kernel/dense_fma.c: sv_dense_predict for it; as there. */
void sv_dense_fma_predict(const sv_dense *layer, const double *rows, size_t n_rows, double *out);

/* Four running sums; the features behind the last whole four are added to what they make. */
DENSE_INLINE double dense_sum_lanes(const double *x, const double *w, size_t n)
{
    double lanes[4] = {0.0, 0.0, 0.0, 0.0}, sum;
    size_t end = n - n % 4;
    for (size_t i = 0; i < end; i += 4)
        for (size_t k = 0; k < 4; k++)
            lanes[k] = fma(x[i + k], w[i + k], lanes[k]);
    sum = (lanes[0] + lanes[2]) + (lanes[1] + lanes[3]);
    x += end;
    w += end;
    if (n - end == 1)
        return fma(x[0], w[0], sum);
    if (n - end == 2)
        return sum + fma(x[0], w[0], x[1] * w[1]);
    if (n - end == 3)
        return sum + fma(x[2], w[2], fma(x[0], w[0], x[1] * w[1]));
    return sum;
}

/* Feature by feature, as a matrix times a matrix is added up. */
DENSE_INLINE double dense_sum_in_order(const double *x, const double *w, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum = fma(x[i], w[i], sum);
    return sum;
}

/* sv_dense_predict, to be compiled for a processor. */
DENSE_INLINE void dense_predict(const sv_dense *d, const double *rows, size_t n_rows, double *out)
{
    bool in_lanes = (d->n_out == 1) != (n_rows == 1); /* a vector comes out: a matrix times a vector went in */
    for (size_t r = 0; r < n_rows; r++)
        for (size_t o = 0; o < d->n_out; o++) {
            const double *x = rows + r * d->n_in, *w = d->weights + o * d->n_in;
            double sum = in_lanes ? dense_sum_lanes(x, w, d->n_in) : dense_sum_in_order(x, w, d->n_in);
            out[r * d->n_out + o] = d->bias ? sum + d->bias[o] : sum;
        }
}

#endif
