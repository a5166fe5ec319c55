/*
 * dense_priv.h: the sums of dense.h, compiled twice: for any processor, and for those that fuse in one instruction.
 *
 * The order of adding is that of OpenBLAS's kernels for Haswell, which Zen shares and which others without AVX-512
 * have, too. A matrix times a vector goes line by line (a row, or the weights of an output): lines in fours by one
 * kernel, two that are left by another, the last one by a third. Where the rows lie as columns, columns come in
 * groups, and rows that four does not divide are added up one by one. A row times a vector is a dot product.
 */
#ifndef SV_ENGINE_DENSE_PRIV_H
#define SV_ENGINE_DENSE_PRIV_H

#include "engine/dense.h"

#include <math.h>
#include <stdbool.h>

#define DENSE_INLINE static inline __attribute__((always_inline))

/** Rows `first` to before `end` of `n`, of which numpy adds up all at once. */
typedef struct dense_rows {
    const double *cells; /* [end - first x n_in] */
    size_t first, end, n;
    bool by_columns; /* as numpy holds them */
} dense_rows;

/** What the compiler does not make of the loops below, for a processor. */
typedef struct dense_kernels {
    /**
     * What some features add to a tile: of `height` rows, `n_in` apart, and DENSE_WIDTH64 outputs.
     *
     * packed    [m x DENSE_WIDTH64] weights
     * sums      [height x DENSE_WIDTH64]
     */
    void (*tile)(const double *x, size_t n_in, const double *packed, size_t m, size_t height, double *sums);

    /** Four running sums for each of four lines, `n` apart, of m features, a multiple of 4: [4 x 4] lanes. */
    void (*fours)(const double *lines, size_t n, const double *vector, size_t m, double *lanes);
} dense_kernels;

#define DENSE_WIDTH64 ((size_t)8)  /* outputs of a tile */
#define DENSE_HEIGHT64 ((size_t)4) /* rows of a tile, added up at once so that none waits for its last sum */

/** dense.c: for any processor. */
extern const dense_kernels sv_dense_plain_kernels;

/** kernel/dense_fma.c: can this processor do it? */
bool sv_dense_fma_is_there(void);

/** kernel/dense_fma.c: the functions of dense.h for it; as there. */
void sv_dense_fma_predict(const sv_dense *layer, const dense_rows *rows, double *out);
void sv_dense_fma_predict_f32(const sv_dense *layer, bool by_columns, const float *rows, size_t n_rows, float *out);

/** Which kernel adds up a line. */
typedef enum dense_way {
    DENSE_IN_ORDER,
    DENSE_DOT,
    DENSE_FOUR,
    DENSE_TWO,
    DENSE_ONE,
    DENSE_COLUMNS,
    DENSE_COLUMNS_MANY, /* sixteen lines at once: of float32 only */
    DENSE_COLUMNS_LEFT,
    DENSE_COLUMNS_FEW,
} dense_way;

#define DENSE_LINES_BLOCK ((size_t)4096)

/* Lines in sixteens come last within the block that is not full. */
DENSE_INLINE dense_way dense_way_by_columns(size_t n_lines, size_t line)
{
    size_t n_fours = n_lines - n_lines % 4, begin = n_fours - n_fours % DENSE_LINES_BLOCK;
    if (n_lines < 4)
        return DENSE_COLUMNS_FEW;
    if (line >= n_fours)
        return DENSE_COLUMNS_LEFT;
    return line >= begin && line < begin + n_fours % 16 ? DENSE_COLUMNS : DENSE_COLUMNS_MANY;
}

/* The kernel for one sum of [n_rows x n_out]. */
DENSE_INLINE dense_way dense_way_of(const sv_dense *d, bool by_columns, size_t n_rows, size_t row, size_t output)
{
    size_t n_lines = n_rows * d->n_out, line = row + output; /* of a vector, where one of the two is 0 */
    if (n_rows > 1 && d->n_out > 1)
        return DENSE_IN_ORDER;
    if (n_lines == 1)
        return DENSE_DOT;
    if (by_columns)
        return dense_way_by_columns(n_lines, line);
    if (line < n_lines - n_lines % 4)
        return DENSE_FOUR;
    return line < n_lines - n_lines % 2 ? DENSE_TWO : DENSE_ONE;
}

/* How many of `left` features are added up before they count, as a matrix times a matrix is cut. */
DENSE_INLINE size_t dense_depth(size_t left, size_t most, size_t unit)
{
    if (left >= 2 * most)
        return most;
    return left > most ? (left / 2 + unit - 1) / unit * unit : left;
}

/* ---- float64 ---- */

#define DENSE_BLOCK64 ((size_t)2048) /* features that a kernel adds up before they count */

/* Products to running sums in turn; n is a multiple of n_lanes. */
DENSE_INLINE void dense_lanes64(const double *x, const double *w, size_t n, size_t n_lanes, bool is_fused,
                                double *lanes)
{
    for (size_t i = 0; i < n; i += n_lanes)
        for (size_t k = 0; k < n_lanes; k++)
            lanes[k] = is_fused ? fma(x[i + k], w[i + k], lanes[k]) : lanes[k] + x[i + k] * w[i + k];
}

/* Four running sums for four lines at once, or for one that is left: then not fused. */
DENSE_INLINE double dense_four64(const double *x, const double *w, size_t n, bool is_fused)
{
    double lanes[4] = {0.0, 0.0, 0.0, 0.0};
    dense_lanes64(x, w, n, 4, is_fused, lanes);
    return (lanes[0] + lanes[2]) + (lanes[1] + lanes[3]);
}

/* Two lines that are left. */
DENSE_INLINE double dense_two64(const double *x, const double *w, size_t n)
{
    double lanes[2] = {0.0, 0.0};
    dense_lanes64(x, w, n, 2, false, lanes);
    return lanes[0] + lanes[1];
}

/* The features behind the last whole four are added to what those make. */
DENSE_INLINE double dense_tail64(double sum, const double *x, const double *w, size_t n)
{
    if (n == 1)
        return fma(x[0], w[0], sum);
    if (n == 2)
        return sum + fma(x[0], w[0], x[1] * w[1]);
    if (n == 3)
        return sum + fma(x[2], w[2], fma(x[0], w[0], x[1] * w[1]));
    return sum;
}

/* A line, block by block. */
DENSE_INLINE double dense_line64(dense_way way, const double *x, const double *w, size_t n)
{
    double sum = 0.0;
    size_t end = n - n % 4;
    for (size_t at = 0; at < end; at += DENSE_BLOCK64) {
        size_t m = end - at < DENSE_BLOCK64 ? end - at : DENSE_BLOCK64;
        sum += way == DENSE_FOUR  ? dense_four64(x + at, w + at, m, true)
               : way == DENSE_TWO ? dense_two64(x + at, w + at, m)
                                  : dense_four64(x + at, w + at, m, false);
    }
    return dense_tail64(sum, x + end, w + end, n - end);
}

/* Four lines as DENSE_FOUR adds them up. */
DENSE_INLINE void dense_four_lines64(const dense_kernels *kernels, const double *lines, const double *vector,
                                     size_t n, double *sums)
{
    size_t end = n - n % 4;
    for (size_t k = 0; k < 4; k++)
        sums[k] = 0.0;
    for (size_t at = 0, m; at < end; at += m) {
        double lanes[16];
        m = end - at < DENSE_BLOCK64 ? end - at : DENSE_BLOCK64;
        kernels->fours(lines + at, n, vector + at, m, lanes);
        for (size_t k = 0; k < 4; k++)
            sums[k] += (lanes[4 * k] + lanes[4 * k + 2]) + (lanes[4 * k + 1] + lanes[4 * k + 3]);
    }
    for (size_t k = 0; k < 4; k++)
        sums[k] = dense_tail64(sums[k], lines + k * n + end, vector + end, n - end);
}

/* `n` columns, the even and the odd ones apart, fused. */
DENSE_INLINE double dense_group64(const double *x, const double *w, size_t n)
{
    double even = x[0] * w[0], odd = x[1] * w[1];
    for (size_t i = 2; i < n; i += 2) {
        even = fma(x[i], w[i], even);
        odd = fma(x[i + 1], w[i + 1], odd);
    }
    return even + odd;
}

/* Groups of four columns, then two, then one. */
DENSE_INLINE double dense_columns64(const double *x, const double *w, size_t n)
{
    double sum = 0.0;
    size_t i = 0;
    for (; n - i >= 4; i += 4)
        sum += dense_group64(x + i, w + i, 4);
    if (n - i >= 2) {
        sum += x[i] * w[i] + x[i + 1] * w[i + 1];
        i += 2;
    }
    return i < n ? sum + x[i] * w[i] : sum;
}

/* Rows that are left: each product is rounded. */
DENSE_INLINE double dense_plain64(const double *x, const double *w, size_t n, bool in_pairs)
{
    double sum = 0.0;
    size_t i = 0;
    for (; in_pairs && i < n - n % 4; i += 2)
        sum += x[i] * w[i] + x[i + 1] * w[i + 1];
    for (; i < n; i++)
        sum += x[i] * w[i];
    return sum;
}

/* Four vectors of running sums, each halved before they meet; what is left over is not fused. */
DENSE_INLINE double dense_dot64(const double *x, const double *w, size_t n)
{
    double lanes[16] = {0.0}, half[8], sum = 0.0;
    size_t end = n - n % 16;
    if (end) {
        dense_lanes64(x, w, end, 16, true, lanes);
        for (size_t i = 0; i < 8; i++)
            half[i] = lanes[i / 2 * 4 + i % 2] + lanes[i / 2 * 4 + i % 2 + 2];
        sum = ((half[0] + half[2]) + (half[4] + half[6])) + ((half[1] + half[3]) + (half[5] + half[7]));
    }
    for (size_t i = end; i < n; i++)
        sum += x[i] * w[i];
    return sum;
}

#define DENSE_DEPTH64 ((size_t)256) /* features that a matrix times a matrix adds up before they count */

/* One sum of a matrix times a matrix. */
DENSE_INLINE double dense_in_order64(const double *x, const double *w, size_t n)
{
    double all = 0.0;
    for (size_t end = 0, i = 0; i < n;) {
        double sum = 0.0;
        end += dense_depth(n - end, DENSE_DEPTH64, 4);
        for (; i < end; i++)
            sum = fma(x[i], w[i], sum);
        all += sum;
    }
    return all;
}

/* The weights of some features for some outputs. */
typedef struct dense_slab {
    const sv_dense *layer;
    size_t output, n_outputs, feature, n_features;
    double packed[DENSE_DEPTH64 * DENSE_WIDTH64]; /* [n_features x DENSE_WIDTH64]; absent outputs weigh nothing */
} dense_slab;

/* Feature by feature. */
DENSE_INLINE void dense_pack64(dense_slab *slab)
{
    size_t n = slab->layer->n_in;
    const double *w = slab->layer->weights + slab->output * n + slab->feature;
    for (size_t i = 0; i < slab->n_features; i++)
        for (size_t k = 0; k < DENSE_WIDTH64; k++)
            slab->packed[i * DENSE_WIDTH64 + k] = k < slab->n_outputs ? w[k * n + i] : 0.0;
}

/* What a slab adds to its outputs of all rows. */
DENSE_INLINE void dense_add64(const dense_slab *slab, const double *x, size_t n_rows, const dense_kernels *kernels,
                              double *out)
{
    double sums[DENSE_HEIGHT64 * DENSE_WIDTH64];
    size_t n_in = slab->layer->n_in, n_out = slab->layer->n_out;
    for (size_t r = 0, height; r < n_rows; r += height) {
        height = n_rows - r < DENSE_HEIGHT64 ? n_rows - r : DENSE_HEIGHT64;
        kernels->tile(x + r * n_in + slab->feature, n_in, slab->packed, slab->n_features, height, sums);
        for (size_t i = 0; i < height; i++)
            for (size_t k = 0; k < slab->n_outputs; k++) {
                double *to = &out[(r + i) * n_out + slab->output + k];
                *to = (slab->feature ? *to : 0.0) + sums[i * DENSE_WIDTH64 + k];
            }
    }
}

/* Four outputs of a last row that two does not divide: what eight does not divide goes to the first of four sums. */
DENSE_INLINE double dense_lone64(const double *x, const double *w, size_t n)
{
    double lanes[4] = {0.0, 0.0, 0.0, 0.0};
    size_t end = n - n % 8;
    dense_lanes64(x, w, end, 4, true, lanes);
    for (size_t i = end; i < n; i++)
        lanes[0] = fma(x[i], w[i], lanes[0]);
    return (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]);
}

/* Rows times outputs, without bias. */
DENSE_INLINE void dense_matrix64(const sv_dense *d, const double *x, size_t n_rows, const dense_kernels *kernels,
                                 double *out)
{
    dense_slab slab; /* its room is not cleared */
    slab.layer = d;
    for (size_t i = 0; d->n_in == 0 && i < n_rows * d->n_out; i++)
        out[i] = 0.0;
    for (slab.output = 0; slab.output < d->n_out; slab.output += slab.n_outputs) {
        slab.n_outputs = d->n_out - slab.output < DENSE_WIDTH64 ? d->n_out - slab.output : DENSE_WIDTH64;
        for (slab.feature = 0; slab.feature < d->n_in; slab.feature += slab.n_features) {
            slab.n_features = dense_depth(d->n_in - slab.feature, DENSE_DEPTH64, 4);
            dense_pack64(&slab);
            dense_add64(&slab, x, n_rows, kernels, out);
        }
    }
}

/* A last row that two does not divide: its outputs in fours, then those that are left. */
DENSE_INLINE void dense_lone_row64(const sv_dense *d, const double *x, double *out)
{
    for (size_t o = 0; o < d->n_out; o++) {
        const double *w = d->weights + o * d->n_in;
        double all = 0.0;
        for (size_t at = 0, m; o < d->n_out - d->n_out % 4 && at < d->n_in; at += m) {
            m = dense_depth(d->n_in - at, DENSE_DEPTH64, 4);
            all += dense_lone64(x + at, w + at, m);
        }
        out[o] = o < d->n_out - d->n_out % 4 ? all : dense_in_order64(x, w, d->n_in);
    }
}

/* All outputs of all rows. */
DENSE_INLINE void dense_rows_in_order64(const sv_dense *d, const dense_rows *rows, const dense_kernels *kernels,
                                        double *out)
{
    size_t n_rows = rows->end - rows->first;
    bool has_lone = n_rows && rows->n % 2 && rows->end == rows->n;
    dense_matrix64(d, rows->cells, n_rows - has_lone, kernels, out);
    if (has_lone)
        dense_lone_row64(d, rows->cells + (n_rows - 1) * d->n_in, out + (n_rows - 1) * d->n_out);
    for (size_t r = 0; d->bias && r < n_rows; r++)
        for (size_t o = 0; o < d->n_out; o++)
            out[r * d->n_out + o] += d->bias[o];
}

/* One sum by its kernel. */
DENSE_INLINE double dense_sum64(dense_way way, const double *x, const double *w, size_t n)
{
    switch (way) {
    case DENSE_DOT:
        return dense_dot64(x, w, n);
    case DENSE_COLUMNS:
    case DENSE_COLUMNS_MANY:
        return dense_columns64(x, w, n);
    case DENSE_COLUMNS_LEFT:
        return dense_plain64(x, w, n, false);
    case DENSE_COLUMNS_FEW:
        return dense_plain64(x, w, n, true);
    default:
        return dense_line64(way, x, w, n);
    }
}

/* A matrix times a vector: rows times one output, or one row times outputs, that are all there. How many lines it is.
 */
DENSE_INLINE size_t dense_fours64(const sv_dense *d, const dense_rows *rows, const dense_kernels *kernels,
                                  double *out)
{
    bool is_row = rows->n == 1;
    size_t n_lines = is_row ? d->n_out : rows->n, line = 0;
    const double *lines = is_row ? d->weights : rows->cells, *vector = is_row ? rows->cells : d->weights;
    if (rows->by_columns || rows->end - rows->first < rows->n)
        return 0;
    for (; n_lines - line >= 4; line += 4) {
        dense_four_lines64(kernels, lines + line * d->n_in, vector, d->n_in, out + line);
        for (size_t k = line; d->bias && k < line + 4; k++)
            out[k] += d->bias[is_row ? k : 0];
    }
    return line;
}

/* To be compiled for a processor. */
DENSE_INLINE void dense_predict64(const sv_dense *d, const dense_rows *rows, const dense_kernels *kernels,
                                  double *out)
{
    if (rows->n > 1 && d->n_out > 1) {
        dense_rows_in_order64(d, rows, kernels, out);
        return;
    }
    size_t n_lines = (rows->end - rows->first) * d->n_out;
    for (size_t line = dense_fours64(d, rows, kernels, out); line < n_lines; line++) {
        size_t r = line / d->n_out, o = line % d->n_out;
        dense_way way = dense_way_of(d, rows->by_columns, rows->n, rows->first + r, o);
        double sum = dense_sum64(way, rows->cells + r * d->n_in, d->weights + o * d->n_in, d->n_in);
        out[line] = d->bias ? sum + d->bias[o] : sum;
    }
}

/* ---- float32: weights are floats held as doubles ---- */

#define DENSE_BLOCK32 ((size_t)4096)

/* As above; what does not fill the lanes comes first, for the first ones. */
DENSE_INLINE void dense_lanes32(const float *x, const double *w, size_t n, size_t n_lanes, bool is_fused,
                                float *lanes)
{
    size_t head = n % n_lanes;
    for (size_t k = 0; k < head; k++)
        lanes[k] = x[k] * (float)w[k];
    for (size_t i = head; i < n; i += n_lanes)
        for (size_t k = 0; k < n_lanes; k++)
            lanes[k] = is_fused ? fmaf(x[i + k], (float)w[i + k], lanes[k]) : lanes[k] + x[i + k] * (float)w[i + k];
}

/* As dense_four64, in eight running sums. */
DENSE_INLINE float dense_eight32(const float *x, const double *w, size_t n, bool is_fused)
{
    float lanes[8] = {0.0f};
    dense_lanes32(x, w, n, 8, is_fused, lanes);
    return ((lanes[0] + lanes[4]) + (lanes[1] + lanes[5])) + ((lanes[2] + lanes[6]) + (lanes[3] + lanes[7]));
}

/* As dense_two64. */
DENSE_INLINE float dense_four32(const float *x, const double *w, size_t n)
{
    float lanes[4] = {0.0f};
    dense_lanes32(x, w, n, 4, false, lanes);
    return (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]);
}

/* As dense_tail64, not fused. */
DENSE_INLINE float dense_tail32(float sum, const float *x, const double *w, size_t n)
{
    if (n == 0)
        return sum;
    float tail = x[0] * (float)w[0];
    for (size_t i = 1; i < n; i++)
        tail += x[i] * (float)w[i];
    return sum + tail;
}

/* As dense_line64. */
DENSE_INLINE float dense_line32(dense_way way, const float *x, const double *w, size_t n)
{
    float sum = 0.0f;
    size_t end = n - n % 4;
    for (size_t at = 0; at < end; at += DENSE_BLOCK32) {
        size_t m = end - at < DENSE_BLOCK32 ? end - at : DENSE_BLOCK32;
        sum += way == DENSE_FOUR  ? dense_eight32(x + at, w + at, m, true)
               : way == DENSE_TWO ? dense_four32(x + at, w + at, m)
                                  : dense_eight32(x + at, w + at, m, false);
    }
    return dense_tail32(sum, x + end, w + end, n - end);
}

/* As dense_group64, or all columns in one sum. */
DENSE_INLINE float dense_group32(const float *x, const double *w, size_t n, bool is_one_sum)
{
    float all = x[0] * (float)w[0];
    for (size_t i = 1; is_one_sum && i < n; i++)
        all = fmaf(x[i], (float)w[i], all);
    if (is_one_sum)
        return all;
    float even = x[0] * (float)w[0], odd = x[1] * (float)w[1];
    for (size_t i = 2; i < n; i += 2) {
        even = fmaf(x[i], (float)w[i], even);
        odd = fmaf(x[i + 1], (float)w[i + 1], odd);
    }
    return even + odd;
}

/* Groups of eight columns, then four, then one by one. */
DENSE_INLINE float dense_columns32(const float *x, const double *w, size_t n, bool is_one_sum)
{
    float sum = 0.0f;
    size_t i = 0;
    for (; n - i >= 8; i += 8)
        sum += dense_group32(x + i, w + i, 8, is_one_sum);
    if (n - i >= 4) {
        sum += dense_group32(x + i, w + i, 4, is_one_sum);
        i += 4;
    }
    for (; i < n; i++)
        sum += x[i] * (float)w[i];
    return sum;
}

/* As dense_plain64. */
DENSE_INLINE float dense_plain32(const float *x, const double *w, size_t n, bool in_pairs)
{
    float sum = 0.0f;
    size_t i = 0;
    for (; in_pairs && i < n - n % 4; i += 2)
        sum += x[i] * (float)w[i] + x[i + 1] * (float)w[i + 1];
    for (; i < n; i++)
        sum += x[i] * (float)w[i];
    return sum;
}

/* As that of float64; what is left over is added up in float64. */
DENSE_INLINE float dense_dot32(const float *x, const double *w, size_t n)
{
    float lanes[32] = {0.0f}, quarter[4], whole = 0.0f;
    double sum = 0.0;
    size_t end = n - n % 32;
    if (end) {
        dense_lanes32(x, w, end, 32, true, lanes);
        for (size_t k = 0; k < 4; k++)
            quarter[k] = ((lanes[k] + lanes[k + 4]) + (lanes[k + 8] + lanes[k + 12])) +
                         ((lanes[k + 16] + lanes[k + 20]) + (lanes[k + 24] + lanes[k + 28]));
        whole = (quarter[0] + quarter[1]) + (quarter[2] + quarter[3]);
    }
    for (size_t i = end; i < n; i++) {
        float product = x[i] * (float)w[i];
        sum += (double)product;
    }
    return (float)(sum + (double)whole);
}

/* As dense_in_order64. */
DENSE_INLINE float dense_in_order32(const float *x, const double *w, size_t n)
{
    float all = 0.0f;
    for (size_t end = 0, i = 0; i < n;) {
        float sum = 0.0f;
        end += dense_depth(n - end, 320, 8);
        for (; i < end; i++)
            sum = fmaf(x[i], (float)w[i], sum);
        all += sum;
    }
    return all;
}

/* As dense_sum64. */
DENSE_INLINE float dense_sum32(dense_way way, const float *x, const double *w, size_t n)
{
    switch (way) {
    case DENSE_IN_ORDER:
        return dense_in_order32(x, w, n);
    case DENSE_DOT:
        return dense_dot32(x, w, n);
    case DENSE_COLUMNS:
    case DENSE_COLUMNS_MANY:
        return dense_columns32(x, w, n, way == DENSE_COLUMNS_MANY);
    case DENSE_COLUMNS_LEFT:
        return dense_plain32(x, w, n, false);
    case DENSE_COLUMNS_FEW:
        return dense_plain32(x, w, n, true);
    default:
        return dense_line32(way, x, w, n);
    }
}

/* As dense_predict64. */
DENSE_INLINE void dense_predict32(const sv_dense *d, bool by_columns, const float *rows, size_t n_rows, float *out)
{
    for (size_t r = 0; r < n_rows; r++)
        for (size_t o = 0; o < d->n_out; o++) {
            const float *x = rows + r * d->n_in;
            const double *w = d->weights + o * d->n_in;
            float sum = dense_sum32(dense_way_of(d, by_columns, n_rows, r, o), x, w, d->n_in);
            out[r * d->n_out + o] = d->bias ? sum + (float)d->bias[o] : sum;
        }
}

#endif
