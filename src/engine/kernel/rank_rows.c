/*
 * rank_rows.c: the rank form for many rows, 64 at a time, one to a byte or a bit; elsewhere it is not there.
 *
 * A node is one comparison of its slot's 64 bins, its answer one word. Six selections among the words of a level give
 * each row's way, and the tree's 64 leaves are looked up in registers. Leaves are added in tree order for each row,
 * so sums are those of sv_forest_walk bit for bit. What a tree costs does not depend on how many of the rows are
 * there.
 */
#include "engine/kernel/rank_bin.h"

#if defined(__x86_64__) && defined(__GNUC__)

#include <string.h>

#define USES_BW __attribute__((target("avx512f,avx512bw,popcnt")))
#define LANES 16 /* floats of a register */

typedef struct row_bins {
    _Alignas(64) uint8_t of[RANK_SLOTS][RANK_ROWS];
} row_bins;

USES_BW static void find_bins(const sv_rank_form *f, size_t n_features, const float *rows, size_t n_rows,
                              row_bins *bins)
{
    for (size_t s = 0; s < f->n_slots; s++) {
        for (size_t r = 0; r < n_rows; r++)
            bins->of[s][r] = find_bin(&f->slots[s], &f->from[s], rows + r * n_features);
        memset(bins->of[s] + n_rows, 0, RANK_ROWS - n_rows);
    }
}

/*
 * Bit r of a node's word: there row r goes to the second child. Words lie in order: the root's in the middle, those
 * of the first child's nodes before it, of the second's behind; so the words below both children of a node lie alike.
 */
USES_BW static inline void compare_nodes(const rank_tree *tree, const row_bins *bins, uint64_t *words)
{
    for (size_t step = RANK_PLACES / 2, k = 1; step > 0; step /= 2)
        for (size_t at = step; at < RANK_PLACES; at += 2 * step, k++) {
            __m512i rank = _mm512_set1_epi8((char)tree->ranks[k]), bin = _mm512_load_si512(bins->of[tree->slots[k]]);
            words[at] = _cvtmask64_u64(_mm512_cmplt_epu8_mask(rank, bin));
        }
}

/* The first lane's word in all of them. */
USES_BW static inline __m512i spread(__m512i words) { return _mm512_broadcastq_epi64(_mm512_castsi512_si128(words)); }

/* Bit by bit: `second` where `way` is 1. */
USES_BW static inline __m512i choose(__m512i way, __m512i first, __m512i second)
{
    return _mm512_ternarylogic_epi64(way, second, first, 0xca);
}

USES_BW static inline __m512i append(__m512i leaf, __m512i way)
{
    __mmask64 rows = _cvtu64_mask64((uint64_t)_mm_cvtsi128_si64(_mm512_castsi512_si128(way)));
    leaf = _mm512_add_epi8(leaf, leaf);
    return _mm512_mask_sub_epi8(leaf, rows, leaf, _mm512_set1_epi8(-1));
}

/*
 * The leaf of each row, a byte. After the root's word each row keeps the words of one child, and so on down; the last
 * eight words are in one register, where the half that is kept moves to the front.
 */
USES_BW static inline __m512i find_leaves(const uint64_t *words)
{
    __m512i w[RANK_PLACES / 8], way = spread(_mm512_load_si512(words + RANK_PLACES / 2));
    __m512i leaf = append(_mm512_setzero_si512(), way);
    for (size_t i = 0; i < 4; i++)
        w[i] = choose(way, _mm512_load_si512(words + 8 * i), _mm512_load_si512(words + 8 * i + 32));
    leaf = append(leaf, way = spread(w[2]));
    for (size_t i = 0; i < 2; i++)
        w[i] = choose(way, w[i], w[i + 2]);
    leaf = append(leaf, way = spread(w[1]));
    __m512i rest = choose(way, w[0], w[1]), back = _mm512_shuffle_i64x2(rest, rest, 0xee);
    leaf = append(leaf, way = spread(back));
    rest = choose(way, rest, back);
    back = _mm512_permutex_epi64(rest, 0xee);
    leaf = append(leaf, way = spread(back));
    rest = choose(way, rest, back);
    return append(leaf, spread(_mm512_unpackhi_epi64(rest, rest)));
}

/* The values of sixteen rows' leaves. */
USES_BW static inline __m512 look_up(const float *leaves, __m128i leaf)
{
    __m512i at = _mm512_cvtepu8_epi32(leaf);
    __mmask16 high = _mm512_test_epi32_mask(at, _mm512_set1_epi32(2 * LANES));
    __m512 low = _mm512_permutex2var_ps(_mm512_load_ps(leaves), at, _mm512_load_ps(leaves + LANES));
    __m512 top = _mm512_permutex2var_ps(_mm512_load_ps(leaves + 2 * LANES), at, _mm512_load_ps(leaves + 3 * LANES));
    return _mm512_mask_mov_ps(low, high, top);
}

/* Add sixteen rows' values to what stands `stride` floats apart. */
USES_BW static inline void add_values(__m512 values, size_t n, size_t stride, float *sums)
{
    if (stride == 1) {
        __mmask16 is_there = (__mmask16)(n < LANES ? (1u << n) - 1 : 0xffff);
        __m512 sum = _mm512_add_ps(_mm512_maskz_loadu_ps(is_there, sums), values);
        _mm512_mask_storeu_ps(sums, is_there, sum);
        return;
    }
    float of[LANES];
    _mm512_storeu_ps(of, values);
    for (size_t r = 0; r < n && r < LANES; r++)
        sums[r * stride] += of[r];
}

USES_BW static inline void add_leaves(const float *leaves, __m512i leaf, size_t n_rows, size_t stride, float *sums)
{
    _Alignas(64) uint8_t at[RANK_ROWS];
    _mm512_store_si512(at, leaf);
    for (size_t r = 0; r < n_rows; r += LANES) {
        __m512 values = look_up(leaves, _mm_load_si128((const __m128i *)(at + r)));
        add_values(values, n_rows - r, stride, sums + r * stride);
    }
}

USES_BW void sv_rank_predict_rows(const kernel_call *call, const float *rows, size_t n_rows, float *sums)
{
    const sv_forest *f = call->forest;
    const sv_rank_form *form = f->kernel->ranks;
    row_bins bins;
    _Alignas(64) uint64_t words[RANK_PLACES] = {0};
    find_bins(form, f->n_features, rows, n_rows, &bins);
    for (size_t t = call->first_tree; t < call->end_tree; t++) {
        compare_nodes(&form->trees[t], &bins, words);
        add_leaves(form->leaves + t * RANK_PLACES, find_leaves(words), n_rows, f->n_groups, sums + f->trees[t].group);
    }
}

#else

void sv_rank_predict_rows(const kernel_call *call, const float *rows, size_t n_rows, float *sums)
{
    sv_forest_walk(call->forest, call->first_tree, call->end_tree, rows, n_rows, sums);
}

#endif
