/*
 * rank_vbmi.c: the rank form on x86-64 processors with AVX-512 VBMI; on others it says that it is not there.
 *
 * A row's bins are one table of bytes in registers. For each tree one instruction looks up what its 64 places read,
 * one compares it with their ranks, and leaves 64 bits. Eight trees then go down their six steps side by side, and
 * leaves are added in tree order, so sums are those of sv_forest_walk bit for bit.
 */
#include "engine/kernel/rank_bin.h"

#if defined(__x86_64__) && defined(__GNUC__)

#define USES_VBMI __attribute__((target("avx512f,avx512bw,avx512vbmi,popcnt")))
#define SIDE 8   /* trees that go down together: 64-bit lanes */
#define BATCH 64 /* trees compared before their paths are read: a wide load right behind narrow stores would wait */

bool sv_rank_is_there(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("popcnt");
}

USES_VBMI static void find_bins(const sv_rank_form *f, const float *row, uint8_t *bins)
{
    for (size_t s = 0; s < f->n_slots; s++)
        bins[s] = find_bin(&f->slots[s], &f->from[s], row);
}

/* Bit k of a tree's answer: at node k the row goes to the second child. `is_wide`: more than 128 slots. */
USES_VBMI static inline void compare_trees(const rank_tree *trees, size_t n, const uint8_t *bins, bool is_wide,
                                           uint64_t *answers)
{
    __m512i a = _mm512_load_si512(bins), b = _mm512_load_si512(bins + 64);
    __m512i c = _mm512_load_si512(bins + 128), d = _mm512_load_si512(bins + 192);
    for (size_t i = 0; i < n; i++) {
        __m512i slots = _mm512_load_si512(trees[i].slots), ranks = _mm512_load_si512(trees[i].ranks);
        __m512i read = _mm512_permutex2var_epi8(a, slots, b);
        if (is_wide)
            read = _mm512_mask_mov_epi8(read, _mm512_movepi8_mask(slots), _mm512_permutex2var_epi8(c, slots, d));
        answers[i] = _cvtmask64_u64(_mm512_cmpgt_epu8_mask(read, ranks));
    }
}

/* Eight answers to the places of eight leaves. */
USES_VBMI static inline void find_leaves(const uint64_t *answers, uint64_t *leaves)
{
    __m512i bits = _mm512_load_si512(answers), one = _mm512_set1_epi64(1), at = one;
    for (int level = 0; level < RANK_DEPTH; level++) {
        __m512i side = _mm512_and_si512(_mm512_srlv_epi64(bits, at), one);
        at = _mm512_or_si512(_mm512_add_epi64(at, at), side);
    }
    _mm512_store_si512(leaves, _mm512_sub_epi64(at, _mm512_set1_epi64(RANK_PLACES)));
}

/* In tree order. One output's eight are written out: the additions wait for each other, so nothing else should. */
USES_VBMI static inline void add_leaves(const sv_forest *f, const sv_tree *trees, size_t n, const float *leaves,
                                        const uint64_t *at, float *sums)
{
    if (f->n_groups > 1 || n < SIDE) {
        for (size_t i = 0; i < n; i++)
            sums[trees[i].group] += leaves[i * RANK_PLACES + at[i]];
        return;
    }
    float sum = sums[0];
    sum += leaves[at[0]];
    sum += leaves[1 * RANK_PLACES + at[1]];
    sum += leaves[2 * RANK_PLACES + at[2]];
    sum += leaves[3 * RANK_PLACES + at[3]];
    sum += leaves[4 * RANK_PLACES + at[4]];
    sum += leaves[5 * RANK_PLACES + at[5]];
    sum += leaves[6 * RANK_PLACES + at[6]];
    sum += leaves[7 * RANK_PLACES + at[7]];
    sums[0] = sum;
}

USES_VBMI static void predict_row(const kernel_call *call, const float *row, float *sums)
{
    const sv_rank_form *f = call->forest->kernel->ranks;
    _Alignas(64) uint8_t bins[RANK_SLOTS] = {0};
    _Alignas(64) uint64_t answers[BATCH] = {0}, at[SIDE];
    find_bins(f, row, bins);
    for (size_t t = call->first_tree; t < call->end_tree; t += BATCH) {
        size_t n = call->end_tree - t < BATCH ? call->end_tree - t : BATCH;
        if (f->n_slots > 128)
            compare_trees(f->trees + t, n, bins, true, answers);
        else
            compare_trees(f->trees + t, n, bins, false, answers);
        for (size_t i = 0; i < n; i += SIDE) {
            find_leaves(answers + i, at);
            add_leaves(call->forest, call->forest->trees + t + i, n - i < SIDE ? n - i : SIDE,
                       f->leaves + (t + i) * RANK_PLACES, at, sums);
        }
    }
}

void sv_rank_predict(const kernel_call *call, const float *rows, size_t n_rows, float *sums)
{
    const sv_forest *f = call->forest;
    size_t r = 0;
    for (size_t n; n_rows - r >= RANK_ROWS_MIN; r += n) {
        n = n_rows - r < RANK_ROWS ? n_rows - r : RANK_ROWS;
        sv_rank_predict_rows(call, rows + r * f->n_features, n, sums + r * f->n_groups);
    }
    for (; r < n_rows; r++)
        predict_row(call, rows + r * f->n_features, sums + r * f->n_groups);
}

#else

bool sv_rank_is_there(void) { return false; }

void sv_rank_predict(const kernel_call *call, const float *rows, size_t n_rows, float *sums)
{
    sv_forest_walk(call->forest, call->first_tree, call->end_tree, rows, n_rows, sums);
}

#endif
