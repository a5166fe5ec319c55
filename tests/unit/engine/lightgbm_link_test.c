#include "engine/lightgbm_link.h"
#include "unit/test.h"

#include <math.h>

/* Values from Python: math.exp and so on, one operation at a time, as LightGBM's source has them. */

static void check(sv_lightgbm_link link, const double *in, const double *expected, size_t n_rows, size_t n_groups)
{
    double x[8];
    for (size_t i = 0; i < n_rows * n_groups; i++)
        x[i] = in[i];
    sv_lightgbm_link_apply(&link, x, n_rows, n_groups);
    for (size_t i = 0; i < n_rows * n_groups; i++)
        if (isnan(expected[i]))
            assert_true(isnan(x[i]));
        else if (isinf(expected[i]) || expected[i] == 0)
            assert_true(x[i] == expected[i]);
        else
            assert_true(fabs(x[i] - expected[i]) <= 1e-14 * fabs(expected[i]));
}

static void identity_changes_nothing(void **state)
{
    (void)state;
    const double x[] = {1.5, -2, NAN};
    check((sv_lightgbm_link){SV_LIGHTGBM_IDENTITY, 1}, x, x, 3, 1);
}

static void signed_square_keeps_the_sign(void **state)
{
    (void)state;
    const double x[] = {1.5, -2, 0, -INFINITY}, y[] = {2.25, -4, 0, -INFINITY};
    check((sv_lightgbm_link){SV_LIGHTGBM_SIGNED_SQUARE, 1}, x, y, 4, 1);
}

static void exp_overflows_to_infinity(void **state)
{
    (void)state;
    const double x[] = {0.5, -3, 1000, -1000}, y[] = {1.6487212707001282, 0.049787068367863944, INFINITY, 0};
    check((sv_lightgbm_link){SV_LIGHTGBM_EXP, 1}, x, y, 4, 1);
}

static void sigmoid_is_steeper(void **state)
{
    (void)state;
    const double x[] = {0, 0.5, -2, -INFINITY}, y[] = {0.5, 0.6648537304059736, 0.060653903315652125, 0};
    check((sv_lightgbm_link){SV_LIGHTGBM_SIGMOID, 1.37}, x, y, 4, 1);
}

static void softmax_takes_each_row(void **state)
{
    (void)state;
    const double x[] = {1, 2, 3, 1000, -1000, 1000};
    const double y[] = {0.09003057317038046, 0.24472847105479767, 0.6652409557748219, 0.5, 0, 0.5};
    check((sv_lightgbm_link){SV_LIGHTGBM_SOFTMAX, 1}, x, y, 2, 3);
}

static void log1p_exp_stays_positive(void **state)
{
    (void)state;
    const double x[] = {0, -40, 3}, y[] = {0.6931471805599453, 4.248354255291589e-18, 3.048587351573742};
    check((sv_lightgbm_link){SV_LIGHTGBM_LOG1P_EXP, 1}, x, y, 3, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(identity_changes_nothing),  cmocka_unit_test(signed_square_keeps_the_sign),
        cmocka_unit_test(exp_overflows_to_infinity), cmocka_unit_test(sigmoid_is_steeper),
        cmocka_unit_test(softmax_takes_each_row),    cmocka_unit_test(log1p_exp_stays_positive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
