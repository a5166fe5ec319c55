/* fast_exp.h: the exponential function as CatBoost computes it: 2048 steps of a table and a polynomial, a few bits
 * off the C library's. */
#ifndef SV_ENGINE_FAST_EXP_H
#define SV_ENGINE_FAST_EXP_H

#include <stddef.h>

/**
 * exp() of each value, in place.
 *
 * values    [n]; where they lie counts: out of range, groups of four saturate, the one to three behind the last
 *           group become 0 or infinity
 * Errors    none
 * Threads   safe
 * Source    fmath::expd_v with AVX2 (herumi), which CatBoost 1.x calls on x86-64
 */
void sv_fast_exp(double *values, size_t n);

#endif
