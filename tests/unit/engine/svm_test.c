/* svm_test.c: SVC and OneClassSVM of scikit-learn 1.9.1 on small data, and what they answered. */
#include "unit/test.h"

#include "engine/svm.h"

#include <math.h>

#define N_VECTORS 23

static const double VECTORS[] = {1.79, 0.44, 0.1,   -1.86, -0.28, -0.35, -0.04, -0.48, -1.31, 0.88,  0.88,  1.71,
                                 0.05, -0.4, 0.95,  -0.55, 2.48,  -0.1,  0.31,  0.79,  2.99,  1.24,  0.48,  0.29,
                                 2.13, 0.84, 0.73,  0.77,  2.25,  2.98,  -1.24, 1.37,  -0.8,  -0.42, -0.92, 0.98,
                                 1.12, 1.87, -1.62, 2.65,  -0.36, 0.26,  -0.6,  1.41,  -0.87, 2.03};
static const double COEF[] = {0.7,
                              0.7,
                              0.6581188523404622,
                              0.7,
                              0.7,
                              0.7,
                              0.7,
                              -0.7,
                              -0.6107124263301423,
                              -0.7,
                              -0.4967583438212861,
                              -0.7,
                              -0.2816644941485983,
                              -0.6689835880404355,
                              -0.7,
                              -0.31407326437560734,
                              -0.7,
                              -0.7,
                              -0.7,
                              -0.7,
                              -0.7,
                              -0.5027688963357692,
                              -0.0,
                              0.7,
                              0.46674875099642854,
                              0.7,
                              0.7,
                              0.7,
                              0.7,
                              0.35009340971494807,
                              0.2866970732950349,
                              0.38075820764755314,
                              0.7,
                              0.5988819847419603,
                              0.7,
                              0.0,
                              0.4672972061404344,
                              0.7,
                              -0.0,
                              -0.7,
                              -0.2885380794798972,
                              -0.7,
                              -0.7,
                              -0.7,
                              -0.7,
                              -0.04509639234508555};
static const double INTERCEPT[] = {-0.20725066662212085, 0.16093434162425527, 0.1743655463267134};
static const double PROB_A[] = {-1.1092028365098152, -1.4668329211691669, -2.3107714085243107};
static const double PROB_B[] = {-0.14471072737572357, -0.006832976290478343, 0.07196220187794632};
static const double ROWS[] = {0.7, 0.9, -1.0, 2.5};
static const double OVR[] = {0.8763508694417321,   2.2163772635365304, -0.18586555632348434,
                             -0.16005210760864003, 0.8479558179813129, 2.212662628869322};
static const double DECISIONS[] = {-0.9700552340274241, 0.38036307352208554, 0.8800177370672739,
                                   -0.0459239283089522, -0.8777312855739903, -0.8846072191518696};
static const double PROBA[] = {0.2428479189308224, 0.6491130489554281,  0.10803903211374974,
                               0.1784980883272364, 0.10679014845424843, 0.7147117632185153};
static const double ONE_V[] = {1.79, 0.44, -0.28, -0.35, -1.31, 0.88, 0.88, 1.71, 0.05, -0.4};
static const double ONE_C[] = {0.006669050281959868, 0.15315651122855878, 0.03978292113909326, 0.0260095375374232,
                               0.5743819798129648};
static const double ONE_I[] = {-0.9441220018649948};
static const double ONE_D[] = {-0.2370137822218451, 0.514813712562218};

static void assert_near(double got, double expected)
{
    if (!(fabs(got - expected) <= 1e-12 * fabs(expected)))
        fail_msg("%.17g, expected %.17g", got, expected);
}

static void fill_rows(const double *values, size_t n, sv_svm_row *out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = (sv_svm_row){.dense = values + 2 * i};
}

static sv_svm make_classifier(sv_svm_row *rows)
{
    static const size_t STARTS[] = {0, 7, 15, 23};
    fill_rows(VECTORS, N_VECTORS, rows);
    return (sv_svm){.kernel = SV_SVM_RBF,
                    .gamma = 0.5,
                    .n_features = 2,
                    .n_vectors = N_VECTORS,
                    .n_classes = 3,
                    .vectors = rows,
                    .starts = STARTS,
                    .coef = COEF,
                    .intercept = INTERCEPT,
                    .prob_a = PROB_A,
                    .prob_b = PROB_B};
}

static void test_classes(void **state)
{
    (void)state;
    static const size_t LABELS[] = {1, 2};
    sv_svm_row rows[N_VECTORS];
    double kernels[N_VECTORS], decisions[3], scores[3], proba[3], scratch[21];
    size_t votes[3];
    const sv_svm svm = make_classifier(rows);
    assert_int_equal(sv_svm_pairs(&svm), 3);
    assert_int_equal(sv_svm_scratch(&svm), 21);
    for (size_t r = 0; r < 2; r++) {
        const sv_svm_row row = {.dense = ROWS + 2 * r};
        sv_svm_decide(&svm, &row, kernels, decisions);
        sv_svm_ovr(&svm, decisions, scores);
        sv_svm_proba(&svm, decisions, scratch, proba);
        assert_int_equal(sv_svm_vote(&svm, decisions, votes), LABELS[r]);
        for (size_t i = 0; i < 3; i++) {
            assert_near(decisions[i], DECISIONS[3 * r + i]);
            assert_near(scores[i], OVR[3 * r + i]);
            assert_near(proba[i], PROBA[3 * r + i]);
        }
    }
}

/* The same vectors as entries: no zeros among them, so every bit is equal. */
static void test_entries(void **state)
{
    (void)state;
    static const uint32_t COLUMNS[] = {0, 1};
    static const sv_svm_kernel KERNELS[] = {SV_SVM_LINEAR, SV_SVM_POLY, SV_SVM_RBF, SV_SVM_SIGMOID};
    sv_svm_row rows[N_VECTORS], entries[N_VECTORS];
    double kernels[N_VECTORS], dense[3], sparse[3];
    sv_svm svm = make_classifier(rows);
    svm.degree = 3;
    for (size_t i = 0; i < N_VECTORS; i++)
        entries[i] = (sv_svm_row){NULL, 2, COLUMNS, VECTORS + 2 * i};
    for (size_t k = 0; k < 4; k++) {
        const sv_svm_row row = {.dense = ROWS}, entry = {NULL, 2, COLUMNS, ROWS};
        svm.kernel = KERNELS[k];
        svm.vectors = rows;
        sv_svm_decide(&svm, &row, kernels, dense);
        svm.vectors = entries;
        sv_svm_decide(&svm, &entry, kernels, sparse);
        assert_memory_equal(dense, sparse, sizeof dense);
    }
}

/* (1, 0, 2) and (0, 3, 2) as entries: absent ones are zeros. */
static void test_absent(void **state)
{
    (void)state;
    static const uint32_t A[] = {0, 2}, B[] = {1, 2};
    static const double A_VALUES[] = {1, 2}, B_VALUES[] = {3, 2}, ONE[] = {1}, ZERO[] = {0};
    const sv_svm_row vector = {NULL, 2, B, B_VALUES}, row = {NULL, 2, A, A_VALUES};
    sv_svm svm = {.kernel = SV_SVM_LINEAR, .n_features = 3, .n_vectors = 1, .vectors = &vector, .coef = ONE};
    double kernel, decision;
    svm.intercept = ZERO;
    sv_svm_decide(&svm, &row, &kernel, &decision);
    assert_true(decision == 4.0);
    svm.kernel = SV_SVM_RBF;
    svm.gamma = 0.25;
    sv_svm_decide(&svm, &row, &kernel, &decision);
    assert_true(decision == exp(-0.25 * 10.0));
}

static void test_one_class(void **state)
{
    (void)state;
    sv_svm_row rows[5];
    double kernels[5], decision;
    fill_rows(ONE_V, 5, rows);
    const sv_svm svm = {.kernel = SV_SVM_POLY,
                        .gamma = 0.5,
                        .coef0 = 1,
                        .degree = 3,
                        .n_features = 2,
                        .n_vectors = 5,
                        .vectors = rows,
                        .coef = ONE_C,
                        .intercept = ONE_I};
    for (size_t r = 0; r < 2; r++) {
        const sv_svm_row row = {.dense = ROWS + 2 * r};
        sv_svm_decide(&svm, &row, kernels, &decision);
        assert_near(decision, ONE_D[r]);
    }
}

static void test_precomputed(void **state)
{
    (void)state;
    static const size_t SUPPORT[] = {3, 1};
    static const double COEFS[] = {2, -1}, INTERCEPTS[] = {0.5}, VALUES[] = {9, 4, 9, 8};
    const sv_svm svm = {.kernel = SV_SVM_PRECOMPUTED,
                        .n_features = 4,
                        .n_vectors = 2,
                        .support = SUPPORT,
                        .coef = COEFS,
                        .intercept = INTERCEPTS};
    const sv_svm_row row = {.dense = VALUES};
    double kernels[2], decision;
    sv_svm_decide(&svm, &row, kernels, &decision);
    assert_true(decision == 2 * 8 - 4 + 0.5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_classes),   cmocka_unit_test(test_entries),     cmocka_unit_test(test_absent),
        cmocka_unit_test(test_one_class), cmocka_unit_test(test_precomputed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
