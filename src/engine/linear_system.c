#include "engine/linear_system.h"

#include <math.h>

bool sv_cholesky_factor(double *a, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++) {
            double sum = a[i * n + j];
            for (size_t k = 0; k < j; k++)
                sum = fma(-a[i * n + k], a[j * n + k], sum);
            if (i == j && !(sum > 0.0))
                return false;
            a[i * n + j] = i == j ? sqrt(sum) : sum / a[j * n + j];
        }
    return true;
}

void sv_cholesky_solve(const double *factor, size_t n, size_t stride, double *b)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < i; k++)
            b[i] = fma(-factor[i * stride + k], b[k], b[i]);
        b[i] /= factor[i * stride + i];
    }
    for (size_t i = n; i-- > 0;) {
        for (size_t k = i + 1; k < n; k++)
            b[i] = fma(-factor[k * stride + i], b[k], b[i]);
        b[i] /= factor[i * stride + i];
    }
}
