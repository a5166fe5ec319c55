#include "engine/fast_exp.h"
#include "unit/test.h"

#include <math.h>

/* CatBoost 1.2.10: a model whose trees are zero, its bias as the raw value, prediction_type Exponent. */
static void values_are_the_librarys(void **state)
{
    (void)state;
    static const double ROWS[][2] = {
        {0.0, 1.0},
        {1.0, 0x1.5bf0a8b145769p+1},
        {-1.0, 0x1.78b56362cef39p-2},
        {0.5, 0x1.a61298e1e069cp+0},
        {3.3, 0x1.b1cd5e7807b7bp+4},
        {-7.25, 0x1.7455fe323faffp-11},
        {100.125, 0x1.5daaf24221d9dp+144},
        {-600.5, 0x1.94f535b837116p-867},
        {0.1, 0x1.1aec7b35a00d4p+0},
        {1e-9, 0x1.000000044b830p+0},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        double x[5] = {ROWS[i][0], ROWS[i][0], ROWS[i][0], ROWS[i][0], ROWS[i][0]};
        sv_fast_exp(x, 5);
        for (size_t k = 0; k < 5; k++)
            assert_true(x[k] == ROWS[i][1]);
    }
}

/* Likewise: the fourth value of four, the fifth of five. */
static void ends_hang_on_the_place(void **state)
{
    (void)state;
    static const double ROWS[][3] = {
        {710.0, INFINITY, INFINITY},
        {-710.0, 0x1p-1022, 0.0},
        {1e5, INFINITY, INFINITY},
        {-1e5, 0x1p-1022, 0.0},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        double x[5] = {0, 0, 0, ROWS[i][0], ROWS[i][0]};
        sv_fast_exp(x, 5);
        assert_true(x[3] == ROWS[i][1] && x[4] == ROWS[i][2]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_the_librarys),
        cmocka_unit_test(ends_hang_on_the_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
