/* spline.c against scipy.interpolate.BSpline of scipy 1.17.1. */
#include "engine/spline.h"
#include "unit/test.h"

#include <math.h>

static const double knots[] = {-3.0, -2.0, -1.0, 0.0, 1.0, 2.5, 3.0, 4.0, 5.0, 6.0};

static const struct {
    double x;
    bool is_derivative;
    double values[6];
} splines[] = {
    {0.0, false, {0.16666666666666666, 0.6904761904761905, 0.14285714285714285, 0.0, 0.0, 0.0}},
    {0.0, true, {-0.5, 0.07142857142857145, 0.42857142857142855, 0.0, 0.0, 0.0}},
    {0.5, false, {0.020833333333333332, 0.5470238095238096, 0.4154761904761905, 0.016666666666666666, 0.0, 0.0}},
    {0.5, true, {-0.125, -0.5392857142857144, 0.5642857142857144, 0.10000000000000002, 0.0, 0.0}},
    {1.0, false, {0.0, 0.2571428571428572, 0.6095238095238096, 0.13333333333333333, 0.0, 0.0}},
    {1.0, true, {0.0, -0.5142857142857143, 0.11428571428571427, 0.4000000000000001, 0.0, 0.0}},
    {2.7, false, {0.0, 0.0, 0.008999999999999985, 0.4522222222222221, 0.5345111111111113, 0.004266666666666678}},
    {2.7, true, {0.0, 0.0, -0.0899999999999999, -0.7666666666666669, 0.7926666666666666, 0.06400000000000011}},
    {3.0, false, {0.0, 0.0, 0.0, 0.2222222222222222, 0.711111111111111, 0.06666666666666667}},
    {3.0, true, {0.0, 0.0, 0.0, -0.6666666666666666, 0.2666666666666666, 0.4}},
    {-0.5, false, {0.5625, 0.36964285714285705, 0.08452380952380951, -0.016666666666666666, 0.0, 0.0}},
    {-0.5, true, {-1.125, 1.3178571428571428, -0.2928571428571429, 0.10000000000000002, 0.0, 0.0}},
    {3.6, false, {0.0, 0.0, -0.07200000000000004, 0.3022222222222224, 0.059911111111110804, 0.7098666666666669}},
    {3.6, true, {0.0, 0.0, -0.3600000000000001, 1.333333333333334, -2.909333333333334, 1.9360000000000004}},
};

static const double identity[36] = {[0] = 1, [7] = 1, [14] = 1, [21] = 1, [28] = 1, [35] = 1};
static const sv_spline spline = {10, 3, 6, knots, identity};

static void test_values(void **state)
{
    double out[6];
    (void)state;
    for (size_t i = 0; i < sizeof splines / sizeof *splines; i++) {
        sv_spline_evaluate(&spline, splines[i].x, splines[i].is_derivative, true, out);
        for (size_t k = 0; k < 6; k++)
            assert_true(out[k] == splines[i].values[k]);
    }
}

static void test_outside(void **state)
{
    double out[6];
    (void)state;
    sv_spline_evaluate(&spline, -0.5, false, false, out);
    assert_true(isnan(out[0]) && isnan(out[5]));
    sv_spline_evaluate(&spline, (double)NAN, false, true, out);
    assert_true(isnan(out[0]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_values), cmocka_unit_test(test_outside)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
