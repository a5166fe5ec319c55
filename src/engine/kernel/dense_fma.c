/* dense_fma.c: the sums of dense.c on x86-64 processors that fuse in one instruction; on others it says that it is
 * not there. Same bits: fma() rounds once wherever it runs. */
#include "engine/dense_priv.h"

#if defined(__x86_64__) && defined(__GNUC__)
#define FMA_TARGET __attribute__((target("fma,avx2")))
bool sv_dense_fma_is_there(void) { return __builtin_cpu_supports("fma") && __builtin_cpu_supports("avx2"); }
#else
#define FMA_TARGET
bool sv_dense_fma_is_there(void) { return false; }
#endif

FMA_TARGET void sv_dense_fma_predict(const sv_dense *layer, const dense_rows *rows, double *out)
{
    dense_predict64(layer, rows, out);
}

FMA_TARGET void sv_dense_fma_predict_f32(const sv_dense *layer, bool by_columns, const float *rows, size_t n_rows,
                                         float *out)
{
    dense_predict32(layer, by_columns, rows, n_rows, out);
}
