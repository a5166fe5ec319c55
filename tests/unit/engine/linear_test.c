/* linear_test.c: order of the sum, NaN, several outputs. */
#include "unit/test.h"

#include "engine/linear.h"

#include <math.h>

static void test_sum(void **state)
{
    (void)state;
    static const float weights[] = {1.0f, 10.0f, 2.0f, 20.0f, 0.5f, 0.25f}; /* 2 features, 2 outputs, bias */
    static const float rows[] = {3.0f, 4.0f, NAN, 1.0f};
    float sums[4] = {100.0f, 200.0f, 0.0f, 0.0f};
    const sv_linear linear = {.n_features = 2, .n_groups = 2, .weights = weights};
    sv_linear_predict(&linear, rows, 2, sums);
    assert_true(sums[0] == 111.5f && sums[1] == 310.25f && sums[2] == 2.5f && sums[3] == 20.25f);
}

/* (bias + start) first, then feature by feature: another order loses the ones. */
static void test_order(void **state)
{
    (void)state;
    static const float weights[] = {1.0f, 1.0f, -16777216.0f}, rows[] = {16777216.0f, 1.0f};
    float sums[1] = {1.0f};
    const sv_linear linear = {.n_features = 2, .n_groups = 1, .weights = weights};
    sv_linear_predict(&linear, rows, 1, sums);
    assert_true(sums[0] == 2.0f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_sum), cmocka_unit_test(test_order)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
