/* factorization.c against NMF and MiniBatchNMF of scikit-learn 1.9.1 (alpha_W=0.01, l1_ratio=0.3, tol=1e-6). */
#include "engine/factorization.h"
#include "unit/test.h"

#include <math.h>

static const double rows[] = {1.76, 0.4, 0.98, 2.24, 1.87, 0.98, 0.95, 0.15, 0.1, 0.41, 0.14, 1.45};
static const double parts[] = {1.464, 1.044, 0.252, 0.046, 0.34, 0.069, 0.751, 1.288};
static const double descended[] = {
    0.6144847567562219, 1.5739299700188045, 1.1311103294649747, 0.2835934889213493, 0.0, 0.8531290352236277};
static const double multiplied[] = {0.6144846119920743, 1.5739300199743662,     1.131110303381114,
                                    0.283593497922431,  3.9920065928902194e-05, 0.8531145664599497};
static void assert_near(double got, double expected, double relative)
{
    if (fabs(got - expected) > relative * fabs(expected) + 1e-15)
        assert_string_equal("different", "near");
}

static sv_factorization describe(double *gram)
{
    sv_factorization_gram(parts, 2, 4, gram);
    return (sv_factorization){4, 2, parts, gram, 4 * 0.01 * 0.3, 4 * 0.01 * (1.0 - 0.3), 1e-6, 200};
}

static void test_descend(void **state)
{
    double gram[4], w[6], scratch[6];
    sv_factorization f = describe(gram);
    (void)state;
    sv_factorization_descend(&f, rows, 3, w, scratch);
    for (size_t i = 0; i < 6; i++)
        assert_near(w[i], descended[i], 1e-12);
}

static void test_multiply(void **state)
{
    double gram[4], w[6], scratch[6];
    sv_factorization f = describe(gram);
    (void)state;
    sv_factorization_multiply(&f, rows, 3, w, scratch);
    for (size_t i = 0; i < 6; i++)
        assert_near(w[i], multiplied[i], 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_descend), cmocka_unit_test(test_multiply)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
