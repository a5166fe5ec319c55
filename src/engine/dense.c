#include "engine/dense_priv.h"

/* Feature by feature; neither rows nor outputs wait for each other. */
static void tile64(const double *x, size_t n_in, const double *packed, size_t m, size_t height, double *sums)
{
    for (size_t i = 0; i < height * DENSE_WIDTH64; i++)
        sums[i] = 0.0;
    for (size_t i = 0; i < m; i++)
        for (size_t r = 0; r < height; r++)
            for (size_t k = 0; k < DENSE_WIDTH64; k++)
                sums[r * DENSE_WIDTH64 + k] =
                    fma(x[r * n_in + i], packed[i * DENSE_WIDTH64 + k], sums[r * DENSE_WIDTH64 + k]);
}

static void fours64(const double *lines, size_t n, const double *vector, size_t m, double *lanes)
{
    for (size_t k = 0; k < 16; k++)
        lanes[k] = 0.0;
    for (size_t i = 0; i < m; i += 4)
        for (size_t k = 0; k < 16; k++)
            lanes[k] = fma(lines[k / 4 * n + i + k % 4], vector[i + k % 4], lanes[k]);
}

const dense_kernels sv_dense_plain_kernels = {tile64, fours64};

static void predict64(const sv_dense *layer, const dense_rows *rows, double *out)
{
    if (sv_dense_fma_is_there())
        sv_dense_fma_predict(layer, rows, out);
    else
        dense_predict64(layer, rows, &sv_dense_plain_kernels, out);
}

static void predict32(const sv_dense *layer, bool by_columns, const float *rows, size_t n_rows, float *out)
{
    if (sv_dense_fma_is_there())
        sv_dense_fma_predict_f32(layer, by_columns, rows, n_rows, out);
    else
        dense_predict32(layer, by_columns, rows, n_rows, out);
}

void sv_dense_predict(const sv_dense *layer, const double *rows, size_t n_rows, double *out)
{
    predict64(layer, &(dense_rows){rows, 0, n_rows, n_rows, false}, out);
}

void sv_dense_predict_columns(const sv_dense *layer, const double *rows, size_t n_rows, double *out)
{
    predict64(layer, &(dense_rows){rows, 0, n_rows, n_rows, true}, out);
}

void sv_dense_predict_row(const sv_dense *layer, const double *row, size_t r, size_t n_rows, double *out)
{
    predict64(layer, &(dense_rows){row, r, r + 1, n_rows, false}, out);
}

void sv_dense_predict_f32(const sv_dense *layer, const float *rows, size_t n_rows, float *out)
{
    predict32(layer, false, rows, n_rows, out);
}

void sv_dense_predict_columns_f32(const sv_dense *layer, const float *rows, size_t n_rows, float *out)
{
    predict32(layer, true, rows, n_rows, out);
}

double sv_expit(double x) { return 1.0 / (1.0 + exp(-x)); }

void sv_softmax(double *row, size_t n)
{
    double max = -INFINITY, sum = 0.0;
    for (size_t i = 0; i < n; i++)
        max = row[i] > max ? row[i] : max;
    for (size_t i = 0; i < n; i++)
        row[i] = exp(row[i] - max);
    sum = sv_pairwise_sum(row, n);
    for (size_t i = 0; i < n; i++)
        row[i] /= sum;
}

double sv_logsumexp(const double *row, size_t n)
{
    double max = -INFINITY, sum = 0.0;
    for (size_t i = 0; i < n; i++)
        max = row[i] > max ? row[i] : max;
    double shift = isfinite(max) ? max : 0.0;
    for (size_t i = 0; i < n; i++)
        sum += exp(row[i] - shift);
    return log(sum) + shift;
}

double sv_pairwise_sum(const double *values, size_t n)
{
    double r[8], sum = 0.0;
    size_t i = 8;
    if (n < 8) {
        for (i = 0; i < n; i++)
            sum += values[i];
        return sum;
    }
    if (n > 128) { /* the recursion halves: at most 64 deep */
        size_t half = n / 2;
        half -= half % 8;
        return sv_pairwise_sum(values, half) + sv_pairwise_sum(values + half, n - half);
    }
    for (size_t k = 0; k < 8; k++)
        r[k] = values[k];
    for (; i < n - n % 8; i += 8)
        for (size_t k = 0; k < 8; k++)
            r[k] += values[i + k];
    sum = ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]));
    for (; i < n; i++)
        sum += values[i];
    return sum;
}
