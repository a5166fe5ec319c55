#include "engine/fast_exp.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#define STEP_BITS 11
#define N_STEPS (1 << STEP_BITS)
#define ROUNDER 6755399441055744.0 /* 3 * 2^51: adding it leaves an integer in the low bits */
#define MANTISSA ((UINT64_C(1) << 52) - 1)
#define GROUP 4 /* values that one AVX2 register holds */

static const double ABOVE = 709.78272569338397, BELOW = -708.39641853226408;
static const double TAIL_ABOVE = 709.78271289338397;
static const double C2 = 0.16666666685227835064, C3 = 3.0000000027955394;

static uint64_t bits_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static double of_bits(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* 2^(n / 2048) * polynomial of the rest. pow() is within half a unit in the last place of what the table holds. */
static double exp_in_range(double x)
{
    const double steps_per_one = N_STEPS / 0.693147180559945309417; /* log(2) */
    const double one_per_step = 1 / steps_per_one;
    double d = x * steps_per_one + ROUNDER;
    uint64_t bits = bits_of(d), step = bits & (N_STEPS - 1);
    uint64_t adjust = (UINT64_C(1) << (STEP_BITS + 10)) - (UINT64_C(1) << STEP_BITS);
    uint64_t exponent = ((bits + adjust) >> STEP_BITS) << 52;
    uint64_t mantissa = bits_of(pow(2.0, (double)step * (1.0 / N_STEPS))) & MANTISSA;
    double t = (d - ROUNDER) * one_per_step - x;
    double y = (C3 - t) * (t * t) * C2 - t + 1.0;
    return y * of_bits(exponent | mantissa);
}

void sv_fast_exp(double *values, size_t n)
{
    size_t n_grouped = n - n % GROUP;
    for (size_t i = 0; i < n; i++) {
        double x = values[i];
        if (i < n_grouped) { /* as minpd and maxpd do: a NaN becomes the bound */
            x = x < ABOVE ? x : ABOVE;
            values[i] = exp_in_range(x > BELOW ? x : BELOW);
        } else {
            values[i] = x <= BELOW ? 0.0 : x >= TAIL_ABOVE ? (double)INFINITY : exp_in_range(x);
        }
    }
}
