/* distance_test.c: distances of two rows against scipy.spatial.distance, and the nearest of several. */
#include "unit/test.h"

#include "engine/distance.h"

#include <math.h>

static double next(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (double)((z ^ (z >> 31)) >> 11) * 0x1p-52 - 1.0;
}

static void assert_near(double got, double want)
{
    if (!(fabs(got - want) <= 4e-16 * fabs(want)))
        fail_msg("%a, expected %a", got, want);
}

/* scipy 1.17.1: euclidean, cityblock, chebyshev, minkowski(p=3). */
static void test_scipy(void **state)
{
    (void)state;
    static const struct {
        size_t n;
        double euclidean, manhattan, chebyshev, minkowski;
    } ROWS[] = {
        {1, 0x1.ffc0e3992313cp-2, 0x1.ffc0e3992313cp-2, 0x1.ffc0e3992313cp-2, 0x1.ffc0e3992313cp-2},
        {3, 0x1.a24637c1bc328p-1, 0x1.d5959274c296ap-1, 0x1.a0134e4f57eacp-1, 0x1.a0361e89ec50cp-1},
        {8, 0x1.fafb8e9edae98p+0, 0x1.103901632f3f8p+2, 0x1.4b487f6ce167fp+0, 0x1.a15d294361414p+0},
        {17, 0x1.e31201108f44cp+1, 0x1.99e1ffd27dc1cp+3, 0x1.d5f054dbe8ec4p+0, 0x1.576ba631f89a6p+1},
    };
    double a[17], b[17];
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        uint64_t first = ROWS[i].n, second = ROWS[i].n + 100;
        for (size_t k = 0; k < ROWS[i].n; k++) {
            a[k] = next(&first);
            b[k] = next(&second);
        }
        assert_near(sv_distance(SV_METRIC_EUCLIDEAN, 2.0, a, b, ROWS[i].n), ROWS[i].euclidean);
        assert_near(sv_distance(SV_METRIC_MANHATTAN, 1.0, a, b, ROWS[i].n), ROWS[i].manhattan);
        assert_true(sv_distance(SV_METRIC_CHEBYSHEV, 2.0, a, b, ROWS[i].n) == ROWS[i].chebyshev);
        assert_near(sv_distance(SV_METRIC_MINKOWSKI, 3.0, a, b, ROWS[i].n), ROWS[i].minkowski);
        assert_near(sqrt(sv_distance_squared(a, b, ROWS[i].n)), ROWS[i].euclidean);
    }
}

/* Of equal ones the first; a point that is no number is never nearer. */
/* sklearn 1.9.1: DistanceMetric of canberra, braycurtis and hamming, cosine_distances; a cell that is 0 in both rows,
 * and a row without length. */
static void test_ratios(void **state)
{
    (void)state;
    static const double a[] = {1.0, -2.0, 0.5, 0.0}, b[] = {0.25, 3.0, -1.5, 0.0}, zero[4];
    assert_near(sv_distance(SV_METRIC_CANBERRA, 0, a, b, 4), 2.6);
    assert_near(sv_distance(SV_METRIC_BRAYCURTIS, 0, a, b, 4), 0.9393939393939394);
    assert_near(sv_distance(SV_METRIC_COSINE, 0, a, b, 4), 1.8434404181778632);
    assert_near(sv_distance(SV_METRIC_SQEUCLIDEAN, 0, a, b, 4), 29.5625);
    assert_true(sv_distance(SV_METRIC_HAMMING, 0, a, b, 4) == 0.75);
    assert_true(sv_distance(SV_METRIC_COSINE, 0, zero, b, 4) == 1.0);
    assert_true(sv_distance(SV_METRIC_BRAYCURTIS, 0, zero, zero, 4) == 0.0);
    assert_true(sv_distance(SV_METRIC_CANBERRA, 0, zero, zero, 4) == 0.0);
}

static void test_nearest(void **state)
{
    (void)state;
    static const double points[] = {NAN, 0.0, 3.0, 0.0, -3.0, 0.0, 0.0, 2.0, 2.0, 0.0}, x[] = {0.0, 0.0};
    assert_int_equal(sv_nearest(SV_METRIC_EUCLIDEAN, 2.0, x, points, 5, 2), 3);
    assert_int_equal(sv_nearest(SV_METRIC_MANHATTAN, 1.0, x, points, 3, 2), 1);
    assert_int_equal(sv_nearest(SV_METRIC_EUCLIDEAN, 2.0, x, points, 1, 2), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_scipy), cmocka_unit_test(test_ratios),
                                       cmocka_unit_test(test_nearest)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
