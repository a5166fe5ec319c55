/* rank_bin.h: a value's bin in the rank form, sixteen cuts at a time: AVX-512 with popcnt. Only for this folder. */
#ifndef SV_ENGINE_KERNEL_RANK_BIN_H
#define SV_ENGINE_KERNEL_RANK_BIN_H

#include "engine/forest_rank_priv.h"

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>

/** A slot's bin of `row`: first the run of cuts, then the place in it. NaN is not below any cut: the last bin. */
__attribute__((target("avx512f,popcnt"))) static inline uint8_t find_bin(const rank_slot *slot,
                                                                         const kernel_slot *from, const float *row)
{
    float x = row[from->feature];
    __m512 value = _mm512_set1_ps(from->is_negated ? -x : x);
    __mmask16 ends = _mm512_mask_cmp_ps_mask(0x7fff, value, _mm512_load_ps(slot->ends), _CMP_NLT_UQ);
    size_t run = (size_t)_mm_popcnt_u32(ends) * RANK_RUN;
    __mmask16 cuts = _mm512_cmp_ps_mask(value, _mm512_load_ps(slot->cuts + run), _CMP_NLT_UQ);
    size_t bin = run + (size_t)_mm_popcnt_u32(cuts);
    return (uint8_t)(bin < RANK_CUTS ? bin : RANK_CUTS - 1);
}

#endif
#endif
