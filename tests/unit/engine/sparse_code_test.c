/* sparse_code_test.c: weights of atoms against sklearn.linear_model.orthogonal_mp_gram 1.9.1. The last two atoms are
 * equal, so that one of them is never taken. */
#include "unit/test.h"

#include "engine/sparse_code.h"

#include <math.h>

static const double GRAM[] = {1.0, 0.48, 0.48, 0.7, 0.7, 0.48, 1.0, 0.0, 0.7, 0.7, 0.48, 0.0, 1.0,
                              0.7, 0.7,  0.7,  0.7, 0.7, 1.0,  1.0, 0.7, 0.7, 0.7, 1.0,  1.0};
static const double PRODUCTS[] = {0.19999999999999996, -0.09999999999999998, 2.0, 1.375, 1.375};

static void pursue(const double *products, size_t n_nonzero, double *out)
{
    size_t order[5];
    double factor[25], weights[5], rest[5];
    const sv_dictionary dictionary = {5, GRAM};
    sv_pursue(&dictionary, products, n_nonzero, &(sv_coding){order, factor, weights, rest}, out);
}

static void test_weights(void **state)
{
    (void)state;
    static const struct {
        size_t n;
        double expected[5];
    } ROWS[] = {{1, {0.0, 0.0, 2.0, 0.0, 0.0}},
                {2, {-0.9875259875259876, 0.0, 2.4740124740124743, 0.0, 0.0}},
                {3, {-1.3204747774480712, 0.5338278931750741, 2.633827893175074, 0.0, 0.0}},
                {5, {-1.55, -2.45, -0.35, 4.42, 0.0}}};
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        double out[5];
        pursue(PRODUCTS, ROWS[i].n, out);
        for (size_t k = 0; k < 5; k++)
            assert_true(fabs(out[k] - ROWS[i].expected[k]) <= 1e-13);
    }
}

static void test_nothing(void **state)
{
    (void)state;
    static const double zeros[5];
    double out[] = {7.0, 7.0, 7.0, 7.0, 7.0};
    pursue(zeros, 3, out);
    assert_memory_equal(out, zeros, sizeof out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_weights), cmocka_unit_test(test_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
