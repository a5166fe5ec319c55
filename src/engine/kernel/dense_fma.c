/* dense_fma.c: the sums of dense.c on x86-64 processors that fuse in one instruction; on others it says that it is
 * not there. Same bits: fma() rounds once wherever it runs. */
#include "engine/dense_priv.h"

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>

#define FMA_TARGET __attribute__((target("fma,avx2")))
bool sv_dense_fma_is_there(void) { return __builtin_cpu_supports("fma") && __builtin_cpu_supports("avx2"); }

/* `height` is known where this is inlined, and the sums stay in registers. */
FMA_TARGET DENSE_INLINE void tile_of(const double *x, size_t n_in, const double *packed, size_t m, size_t height,
                                     double *sums)
{
    __m256d left[DENSE_HEIGHT64], right[DENSE_HEIGHT64];
    for (size_t r = 0; r < height; r++)
        left[r] = right[r] = _mm256_setzero_pd();
    for (size_t i = 0; i < m; i++, packed += DENSE_WIDTH64) {
        __m256d a = _mm256_loadu_pd(packed), b = _mm256_loadu_pd(packed + 4);
        for (size_t r = 0; r < height; r++) {
            __m256d cell = _mm256_broadcast_sd(x + r * n_in + i);
            left[r] = _mm256_fmadd_pd(cell, a, left[r]);
            right[r] = _mm256_fmadd_pd(cell, b, right[r]);
        }
    }
    for (size_t r = 0; r < height; r++) {
        _mm256_storeu_pd(sums + r * DENSE_WIDTH64, left[r]);
        _mm256_storeu_pd(sums + r * DENSE_WIDTH64 + 4, right[r]);
    }
}

FMA_TARGET static void tile64(const double *x, size_t n_in, const double *packed, size_t m, size_t height,
                              double *sums)
{
    if (height == DENSE_HEIGHT64)
        tile_of(x, n_in, packed, m, DENSE_HEIGHT64, sums);
    else if (height == 3)
        tile_of(x, n_in, packed, m, 3, sums);
    else if (height == 2)
        tile_of(x, n_in, packed, m, 2, sums);
    else
        tile_of(x, n_in, packed, m, 1, sums);
}

FMA_TARGET static void fours64(const double *lines, size_t n, const double *vector, size_t m, double *lanes)
{
    __m256d sums[4];
    for (size_t k = 0; k < 4; k++)
        sums[k] = _mm256_setzero_pd();
    for (size_t i = 0; i < m; i += 4) {
        __m256d v = _mm256_loadu_pd(vector + i);
        for (size_t k = 0; k < 4; k++)
            sums[k] = _mm256_fmadd_pd(_mm256_loadu_pd(lines + k * n + i), v, sums[k]);
    }
    for (size_t k = 0; k < 4; k++)
        _mm256_storeu_pd(lanes + 4 * k, sums[k]);
}

static const dense_kernels fma_kernels = {tile64, fours64};
#define KERNELS (&fma_kernels)
#else
#define FMA_TARGET
#define KERNELS (&sv_dense_plain_kernels)
bool sv_dense_fma_is_there(void) { return false; }
#endif

FMA_TARGET void sv_dense_fma_predict(const sv_dense *layer, const dense_rows *rows, double *out)
{
    dense_predict64(layer, rows, KERNELS, out);
}

FMA_TARGET void sv_dense_fma_predict_f32(const sv_dense *layer, bool by_columns, const float *rows, size_t n_rows,
                                         float *out)
{
    dense_predict32(layer, by_columns, rows, n_rows, out);
}
