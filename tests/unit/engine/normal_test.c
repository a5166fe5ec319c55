/* normal.c against scipy.stats.norm of scipy 1.17.1. */
#include "engine/normal.h"
#include "unit/test.h"

#include <math.h>

static const struct {
    double p, x;
} quantiles[] = {
    {9.999999977795539e-08, -5.199337582605575},
    {1e-300, -37.0470962993612},
    {1e-20, -9.262340089798409},
    {0.001, -3.090232306167813},
    {0.1, -1.2815515655446004},
    {0.1353, -1.10168187367228},
    {0.1354, -1.101222112591979},
    {0.3, -0.5244005127080409},
    {0.5, 0.0},
    {0.7, 0.5244005127080407},
    {0.8646, 1.101222112591979},
    {0.8647, 1.10168187367228},
    {0.9, 1.2815515655446004},
    {0.999, 3.090232306167813},
    {0.999999999, 5.997807019601637},
};

static void assert_near(double got, double expected, double relative)
{
    if (fabs(got - expected) > relative * fabs(expected) + 1e-15)
        assert_string_equal("different", "near");
}

static void test_quantiles(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof quantiles / sizeof *quantiles; i++) {
        assert_near(sv_normal_quantile(quantiles[i].p), quantiles[i].x, 1e-15);
        assert_near(sv_normal_cumulative(quantiles[i].x), quantiles[i].p, 1e-12);
    }
}

static void test_edges(void **state)
{
    (void)state;
    assert_true(isinf(sv_normal_quantile(0.0)) && sv_normal_quantile(0.0) < 0);
    assert_true(isinf(sv_normal_quantile(1.0)) && sv_normal_quantile(1.0) > 0);
    assert_true(isnan(sv_normal_quantile(1.5)) && isnan(sv_normal_quantile((double)NAN)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_quantiles), cmocka_unit_test(test_edges)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
