/* linear_system_test.c: factor and solution against numpy.linalg.cholesky and scipy.linalg.solve. */
#include "unit/test.h"

#include "engine/linear_system.h"

#include <math.h>

static const double FACTOR[] = {
    2.0, 0.0, 0.0, 0.5, 1.6583123951777, 0.0, -0.25, 0.22613350843332272, 1.3734495390671027};

static void test_factor(void **state)
{
    (void)state;
    double a[] = {4.0, 7.0, 7.0, 1.0, 3.0, 7.0, -0.5, 0.25, 2.0}; /* above the diagonal: not read, not written */
    assert_true(sv_cholesky_factor(a, 3));
    for (size_t i = 0; i < 9; i++)
        assert_true(i % 3 > i / 3 ? a[i] == 7.0 : fabs(a[i] - FACTOR[i]) <= 1e-15);
}

static void test_not_definite(void **state)
{
    (void)state;
    double zero[] = {0.0}, singular[] = {1.0, 0.0, 1.0, 1.0}, unknown[] = {(double)NAN};
    assert_false(sv_cholesky_factor(zero, 1));
    assert_false(sv_cholesky_factor(singular, 2));
    assert_false(sv_cholesky_factor(unknown, 1));
}

static void test_solve(void **state)
{
    (void)state;
    static const double expected[] = {0.3343373493975903, 0.42771084337349397, 1.5301204819277106};
    double b[] = {1.0, 2.0, 3.0}, wide[12] = {0};
    sv_cholesky_solve(FACTOR, 3, 3, b);
    for (size_t i = 0; i < 3; i++)
        assert_true(fabs(b[i] - expected[i]) <= 4e-16);
    for (size_t i = 0; i < 9; i++)
        wide[i / 3 * 4 + i % 3] = FACTOR[i];
    double c[] = {1.0, 2.0, 3.0};
    sv_cholesky_solve(wide, 3, 4, c);
    assert_memory_equal(b, c, sizeof b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_factor), cmocka_unit_test(test_not_definite),
                                       cmocka_unit_test(test_solve)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
