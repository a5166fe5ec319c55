/*
 * dense_test.c: sums bit for bit as numpy has them where the order is its order, and near the true sum everywhere;
 * softmax, logsumexp and pairwise sums against numpy's and scipy's.
 */
#include "unit/test.h"

#include "engine/dense_priv.h"
#include "unit/engine/dense_numpy.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { CELLS_MAX = 30 * 5003, OUT_MAX = 33, SUMS_MAX = 30 * OUT_MAX };

typedef struct problem {
    double rows[CELLS_MAX], weights[OUT_MAX * 5003], bias[OUT_MAX], sums[SUMS_MAX];
    float rows32[CELLS_MAX], sums32[SUMS_MAX];
} problem;

static double next(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (double)((z ^ (z >> 31)) >> 11) * 0x1p-52 - 1.0;
}

static void fill(uint64_t *state, double *to, size_t n)
{
    for (size_t i = 0; i < n; i++)
        to[i] = next(state);
}

static void solve(problem *p, size_t n_in, size_t n_rows, size_t n_out, bool by_columns)
{
    uint64_t state = n_in * 1000003 + n_rows * 1009 + n_out;
    assert_true(n_rows * n_in <= CELLS_MAX && n_out <= OUT_MAX && n_rows * n_out <= SUMS_MAX);
    fill(&state, p->rows, n_rows * n_in);
    fill(&state, p->weights, n_out * n_in);
    fill(&state, p->bias, n_out);
    const sv_dense layer = {n_in, n_out, p->weights, p->bias};
    (by_columns ? sv_dense_predict_columns : sv_dense_predict)(&layer, p->rows, n_rows, p->sums);
}

static void round_all(double *values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        values[i] = (double)(float)values[i];
}

static void solve32(problem *p, size_t n_in, size_t n_rows, size_t n_out, bool by_columns)
{
    const sv_dense layer = {n_in, n_out, p->weights, p->bias};
    for (size_t i = 0; i < n_rows * n_in; i++)
        p->rows32[i] = (float)p->rows[i];
    round_all(p->weights, n_out * n_in);
    round_all(p->bias, n_out);
    (by_columns ? sv_dense_predict_columns_f32 : sv_dense_predict_f32)(&layer, p->rows32, n_rows, p->sums32);
}

static uint64_t hash_of(const problem *p, size_t n, bool is_float32, uint64_t hash)
{
    for (size_t i = 0; i < n; i++) {
        uint64_t bits = 0;
        uint32_t bits32;
        memcpy(&bits, &p->sums[i], sizeof bits);
        memcpy(&bits32, &p->sums32[i], sizeof bits32);
        hash = (hash ^ (is_float32 ? bits32 : bits)) * 0x100000001b3u;
    }
    return hash;
}

static void test_numpy(void **state)
{
    (void)state;
    static problem p;
    for (size_t i = 0; i < sizeof NUMPY_SUMS / sizeof *NUMPY_SUMS; i++) {
        size_t n_rows = NUMPY_SUMS[i].n_rows, n_out = NUMPY_SUMS[i].n_out;
        bool is_float32 = NUMPY_SUMS[i].is_float32, by_columns = NUMPY_SUMS[i].by_columns;
        uint64_t hash = 0xcbf29ce484222325u;
        for (size_t k = 0; k < sizeof NUMPY_FEATURES / sizeof *NUMPY_FEATURES; k++) {
            size_t n_in = NUMPY_FEATURES[k];
            if (n_rows > NUMPY_MANY_ROWS && n_in > NUMPY_FEATURES_OF_MANY)
                continue;
            solve(&p, n_in, n_rows, n_out, by_columns);
            if (is_float32)
                solve32(&p, n_in, n_rows, n_out, by_columns);
            hash = hash_of(&p, n_rows * n_out, is_float32, hash);
        }
        if (hash != NUMPY_SUMS[i].hash)
            fail_msg("%zu rows, %zu outputs, %s, by %s: other bits than numpy's", n_rows, n_out,
                     is_float32 ? "float32" : "float64", by_columns ? "columns" : "rows");
    }
}

/* Processors without a fused multiply and add of their own: the same bits. */
static void test_plain(void **state)
{
    (void)state;
    static problem p;
    static double plain[SUMS_MAX];
    for (size_t i = 0; i < sizeof NUMPY_SUMS / sizeof *NUMPY_SUMS; i++)
        for (size_t n_in = 0; n_in < 700; n_in += n_in < 20 ? 1 : 97) {
            size_t n_rows = NUMPY_SUMS[i].n_rows, n_out = NUMPY_SUMS[i].n_out;
            solve(&p, n_in, n_rows, n_out, NUMPY_SUMS[i].by_columns);
            const sv_dense layer = {n_in, n_out, p.weights, p.bias};
            const dense_rows rows = {p.rows, 0, n_rows, n_rows, NUMPY_SUMS[i].by_columns};
            dense_predict64(&layer, &rows, &sv_dense_plain_kernels, plain);
            if (memcmp(plain, p.sums, n_rows * n_out * sizeof *plain))
                fail_msg("%zu rows, %zu outputs, %zu features: other bits than the kernels'", n_rows, n_out, n_in);
        }
}

/* Whatever the order, a sum of n products is off by n roundings of their sizes at most. */
static void test_near(void **state)
{
    (void)state;
    static const size_t rows[] = {1, 2, 4, 5, 200}, outs[] = {1, 3};
    static problem p;
    for (size_t k = 0; k < 34 * 20; k++) {
        size_t n_in = k / 20 == 33 ? 100 : k / 20 + 1, n_rows = rows[k % 5], n_out = outs[k / 5 % 2];
        solve(&p, n_in, n_rows, n_out, k / 10 % 2);
        for (size_t i = 0; i < n_rows * n_out; i++) {
            long double sum = p.bias[i % n_out], size = fabs(p.bias[i % n_out]);
            for (size_t f = 0; f < n_in; f++) {
                long double product = (long double)p.rows[i / n_out * n_in + f] * p.weights[i % n_out * n_in + f];
                sum += product;
                size += fabsl(product);
            }
            assert_true(fabsl(p.sums[i] - sum) <= (long double)(n_in + 1) * DBL_EPSILON * size);
        }
    }
}

static void test_no_bias(void **state)
{
    (void)state;
    static const double rows[] = {1.0, 2.0, 3.0, 4.0}, weights[] = {0.5, 0.25};
    double sums[2];
    const sv_dense layer = {2, 1, weights, NULL};
    sv_dense_predict(&layer, rows, 2, sums);
    assert_true(sums[0] == 1.0 && sums[1] == 2.5);
}

/* scipy.special.expit and logsumexp, sklearn.utils.extmath.softmax; numpy 2.4.6, scipy 1.17.1. */
static void test_functions(void **state)
{
    (void)state;
    double row[] = {1.0, 2.0, 3.0}, huge[] = {1000.0, 1000.0}, none[] = {-INFINITY, -INFINITY};
    assert_true(sv_expit(0.0) == 0.5 && sv_expit(800.0) == 1.0 && sv_expit(-800.0) == 0.0);
    assert_true(fabs(sv_expit(1.0) - 0x1.764d4f5d5a2bdp-1) < 1e-15);
    assert_true(fabs(sv_logsumexp(row, 3) - 0x1.b42c6ea778b93p+1) < 1e-14);
    assert_true(fabs(sv_logsumexp(huge, 2) - 0x1.f458b90bfbe8ep+9) < 1e-12);
    assert_true(sv_logsumexp(none, 2) == -INFINITY);
    sv_softmax(row, 3);
    assert_true(fabs(row[0] - 0x1.70c3e5f682bdap-4) < 1e-15 && fabs(row[2] - 0x1.549a766a06790p-1) < 1e-15);
    sv_softmax(huge, 2);
    assert_true(huge[0] == 0.5 && huge[1] == 0.5);
}

/* np.sum of the generator's numbers, numpy 2.4.6: eight lanes from 8 on, halves from 129 on. */
static void test_pairwise(void **state)
{
    (void)state;
    static const struct {
        size_t n;
        double sum;
    } SUMS[] = {
        {1, 0x1.10a2dec890258p-3},    {2, 0x1.5c81efb8a24dap-1},    {7, -0x1.c26bdb109c0acp-1},
        {8, 0x1.a4886a36582e4p-2},    {9, 0x1.ab8421bfa65d0p-2},    {15, -0x1.017799113da74p+0},
        {16, -0x1.869356b579906p-1},  {127, -0x1.33d7ad198f84ep+2}, {128, 0x1.ec67cd0593261p+2},
        {129, -0x1.3b4b184b8180fp+2}, {136, 0x1.4941e8956f49ep+3},  {200, -0x1.14758f0ed8b09p+2},
        {256, 0x1.de576292aa848p+1},  {257, 0x1.6cd4679b233a0p-3},  {1000, 0x1.8f89b6e27b9fcp+4},
    };
    static double values[1000];
    for (size_t i = 0; i < sizeof SUMS / sizeof *SUMS; i++) {
        uint64_t seed = SUMS[i].n;
        fill(&seed, values, SUMS[i].n);
        double sum = sv_pairwise_sum(values, SUMS[i].n);
        if (sum != SUMS[i].sum)
            fail_msg("%zu numbers: %a, numpy has %a", SUMS[i].n, sum, SUMS[i].sum);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numpy),   cmocka_unit_test(test_plain),     cmocka_unit_test(test_near),
        cmocka_unit_test(test_no_bias), cmocka_unit_test(test_functions), cmocka_unit_test(test_pairwise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
