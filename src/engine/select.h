/* select.h: the k least of many numbers, in the order in which numpy finds them: what it leaves of equal ones. */
#ifndef SV_ENGINE_SELECT_H
#define SV_ENGINE_SELECT_H

#include <stddef.h>

/** Which numpy: before 2.0 one way for all; from 2.0 on, where the processor has AVX2, up to 256 numbers by a
 * network. */
typedef enum sv_select_way {
    SV_SELECT_NUMPY_1,
    SV_SELECT_NUMPY_2,
} sv_select_way;

/**
 * numpy.argpartition(values, k - 1): indices of the k least come first. NaN is above all.
 *
 * k         1 to n
 * order     [n] in: 0, 1, 2 ...; out: a permutation of it
 * Threads   safe
 * Source    numpy 1.23 and 2.4, compared, with NaN too. Processors with AVX2 and with AVX-512 differ in more than 256
 *           numbers alone: here it is as without both
 */
void sv_arg_select(sv_select_way way, const double *values, size_t n, size_t k, size_t *order);

/** numpy.argsort of values[order[0]], values[order[1]] ...: order itself is sorted. Source: as sv_arg_select. */
void sv_arg_sort(sv_select_way way, const double *values, size_t *order, size_t n);

#endif
