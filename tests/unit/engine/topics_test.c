/* topics_test.c: topics against sklearn.decomposition._lda._update_doc_distribution 1.9.1; digamma against
 * scipy.special, to what its approximation is good for. */
#include "unit/test.h"

#include "engine/topics.h"

#include <math.h>

static const double WEIGHTS[] = {0.5, 0.25, 0.125, 0.0625, 0.1, 0.2, 0.3, 0.4};

static void check(const uint32_t *words, const double *counts, size_t n, size_t max_rounds, const double *expected)
{
    const sv_topics topics = {2, 4, WEIGHTS, 0.5, max_rounds, 1e-3};
    double scratch[6], out[2];
    sv_topics_infer(&topics, words, counts, n, scratch, out);
    for (size_t k = 0; k < 2; k++)
        assert_true(fabs(out[k] - expected[k]) <= 1e-12 * expected[k]);
}

static void test_infer(void **state)
{
    (void)state;
    static const uint32_t three[] = {0, 2, 3}, one[] = {1};
    static const double counts[] = {3.0, 1.0, 2.0}, five[] = {5.0};
    check(three, counts, 3, 100, (const double[]){3.6477142607919872, 3.3522857392080074});
    check(one, five, 1, 100, (const double[]){5.183987388274823, 0.8160126117251714});
    check(three, counts, 3, 2, (const double[]){3.600876999536494, 3.399123000463501});
    check(three, counts, 3, 0, (const double[]){1.0, 1.0});
    check(NULL, NULL, 0, 100, (const double[]){0.5, 0.5});
}

static void test_digamma(void **state)
{
    (void)state;
    static const double rows[][2] = {
        {0.5, -1.9635100260214235}, {1.0, -0.5772156649015329}, {7.5, 1.9467574842460866}, {1e-7, -10000000.5772155}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_true(fabs(sv_digamma(rows[i][0]) - rows[i][1]) <= 1e-8 * fabs(rows[i][1]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_infer), cmocka_unit_test(test_digamma)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
