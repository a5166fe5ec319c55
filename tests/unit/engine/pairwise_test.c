/* pairwise_test.c: kernels of two rows against sklearn.metrics.pairwise 1.9.1. */
#include "unit/test.h"

#include "engine/pairwise.h"

#include <math.h>

static const double X[] = {1.0, 2.0, 0.5}, Y[] = {0.25, 3.0, 1.5};

static void test_kernels(void **state)
{
    (void)state;
    static const struct {
        sv_pairwise kernel;
        double expected;
    } cases[] = {
        {{SV_PAIRWISE_LINEAR, 0, 0, 0}, 7.0},
        {{SV_PAIRWISE_POLYNOMIAL, 0.5, 2, 3}, 166.375},
        {{SV_PAIRWISE_RBF, 0.5, 0, 0}, 0.27768997095378994},
        {{SV_PAIRWISE_SIGMOID, 0.1, 0.2, 0}, 0.7162978701990245},
        {{SV_PAIRWISE_LAPLACIAN, 0.5, 0, 0}, 0.25283959580474646},
        {{SV_PAIRWISE_COSINE, 0, 0, 0}, 0.908320450345391},
        {{SV_PAIRWISE_ADDITIVE_CHI2, 0, 0, 0}, -1.15},
        {{SV_PAIRWISE_CHI2, 0.5, 0, 0}, 0.5627048688069557},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double got = sv_pairwise_kernel(&cases[i].kernel, X, Y, 3);
        if (!(fabs(got - cases[i].expected) <= 1e-14 * fabs(cases[i].expected)))
            fail_msg("kernel %zu: %.17g, expected %.17g", i, got, cases[i].expected);
    }
}

/* Rows of zeros stay zeros; 0 / 0 is nothing; a distance is not below zero. */
static void test_edges(void **state)
{
    (void)state;
    static const double ZEROS[3] = {0};
    sv_pairwise kernel = {.kind = SV_PAIRWISE_COSINE, .gamma = 1.0};
    assert_true(sv_pairwise_kernel(&kernel, ZEROS, Y, 3) == 0.0);
    kernel.kind = SV_PAIRWISE_CHI2;
    assert_true(sv_pairwise_kernel(&kernel, ZEROS, ZEROS, 3) == 1.0);
    kernel.kind = SV_PAIRWISE_RBF;
    assert_true(sv_pairwise_kernel(&kernel, Y, Y, 3) == 1.0);
}

static void test_power(void **state)
{
    (void)state;
    assert_true(sv_power(3.0, 2.0) == 9.0 && sv_power(3.0, 1.0) == 3.0 && sv_power(9.0, 0.5) == 3.0);
    assert_true(sv_power(4.0, -1.0) == 0.25 && sv_power(0.0, 0.0) == 1.0 && sv_power(2.0, 10.0) == 1024.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_kernels), cmocka_unit_test(test_edges),
                                       cmocka_unit_test(test_power)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
