/* linear_system.h: systems of equations with a symmetric, positive definite matrix. */
#ifndef SV_ENGINE_LINEAR_SYSTEM_H
#define SV_ENGINE_LINEAR_SYSTEM_H

#include <stdbool.h>
#include <stddef.h>

/**
 * Cholesky's factor, in place of the lower triangle.
 *
 * a         [n x n]; what is above the diagonal is neither read nor written
 * Return    false: not positive definite; `a` is then half done
 * Threads   safe
 */
bool sv_cholesky_factor(double *a, size_t n);

/** Solve A x = b, in place of `b` [n]. factor: what sv_cholesky_factor left, [n x n] with rows `stride` apart. */
void sv_cholesky_solve(const double *factor, size_t n, size_t stride, double *b);

#endif
