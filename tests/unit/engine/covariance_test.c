/* covariance_test.c: kernels of two rows, and of a row with itself, against sklearn.gaussian_process.kernels 1.9.1.
 */
#include "unit/test.h"

#include "engine/covariance.h"

#include <math.h>

static const double X[] = {1.0, 2.0, 0.5}, Y[] = {0.25, 3.0, 1.5};
static const double TWO[] = {2.0}, SCALES[] = {1.0, 2.0, 0.5};

static void check(const sv_covariance *kernel, double expected, double own)
{
    double got = sv_covariance_of(kernel, X, Y, 3);
    if (!(fabs(got - expected) <= 1e-14 * expected))
        fail_msg("kernel %d: %.17g, expected %.17g", (int)kernel->kind, got, expected);
    got = sv_covariance_own(kernel, X, 3);
    if (!(fabs(got - own) <= 1e-14 * own))
        fail_msg("kernel %d with itself: %.17g, expected %.17g", (int)kernel->kind, got, own);
}

static void test_leaves(void **state)
{
    (void)state;
    static const struct {
        sv_covariance kernel;
        double expected, own;
    } cases[] = {
        {{.kind = SV_COVARIANCE_RBF, .n_scales = 3, .scales = SCALES}, 0.09015273423081638, 1.0},
        {{.kind = SV_COVARIANCE_MATERN_1_2, .n_scales = 1, .scales = TWO}, 0.44915352208094267, 1.0},
        {{.kind = SV_COVARIANCE_MATERN_3_2, .n_scales = 1, .scales = TWO}, 0.5965657223283838, 1.0},
        {{.kind = SV_COVARIANCE_MATERN_5_2, .n_scales = 1, .scales = TWO}, 0.644213602095143, 1.0},
        {{.kind = SV_COVARIANCE_MATERN_INF, .n_scales = 1, .scales = TWO}, 0.7259221509524082, 1.0},
        {{.kind = SV_COVARIANCE_RATIONAL, .value = 1.5, .n_scales = 1, .scales = TWO}, 0.748028184199153, 1.0},
        {{.kind = SV_COVARIANCE_PERIODIC, .value = 3.0, .n_scales = 1, .scales = TWO}, 0.6099053211393628, 1.0},
        {{.kind = SV_COVARIANCE_DOT, .value = 2.0}, 11.0, 9.25},
        {{.kind = SV_COVARIANCE_PAIRWISE, .pairwise = {SV_PAIRWISE_LINEAR, 0, 0, 0}}, 7.0, 5.25},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check(&cases[i].kernel, cases[i].expected, cases[i].own);
}

/* ConstantKernel(3) * RBF(2) + WhiteKernel(0.5), and DotProduct(2) ** 1.5 */
static void test_trees(void **state)
{
    (void)state;
    const sv_covariance three = {.kind = SV_COVARIANCE_CONSTANT, .value = 3.0};
    const sv_covariance rbf = {.kind = SV_COVARIANCE_RBF, .n_scales = 1, .scales = TWO};
    const sv_covariance white = {.kind = SV_COVARIANCE_WHITE, .value = 0.5};
    const sv_covariance product = {.kind = SV_COVARIANCE_PRODUCT, .a = &three, .b = &rbf};
    const sv_covariance sum = {.kind = SV_COVARIANCE_SUM, .a = &product, .b = &white};
    const sv_covariance dot = {.kind = SV_COVARIANCE_DOT, .value = 2.0};
    const sv_covariance power = {.kind = SV_COVARIANCE_POWER, .a = &dot, .value = 1.5};
    check(&sum, 2.1777664528572247, 3.5);
    check(&power, 36.4828726939094, 28.132776702629265);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_leaves), cmocka_unit_test(test_trees)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
