/* xgboost_objective_test.c: base_score to margin, margin to prediction; figures from XGBoost 1.7.6, 2.1.4 and 3.2.0.
 */
#include "unit/test.h"

#include "format/xgboost_priv.h"

#include <math.h>

static savor_status margin(const char *objective, int version, float score, float *out)
{
    static float scores[1];
    sv_arena arena;
    sv_xgboost m = {.n_groups = 1};
    xgb_reader r = {.model = &m, .arena = &arena, .version_major = version, .base_score = scores, .n_base_score = 1};
    scores[0] = score;
    sv_arena_init(&arena, 4096);
    savor_status st = sv_xgb_set_objective(&r, sv_str_of(objective));
    if (!st && !(st = sv_xgb_set_base(&r)))
        *out = m.base_margin[0];
    sv_arena_deinit(&arena);
    return st;
}

static void test_base(void **state)
{
    (void)state;
    static const struct {
        const char *objective;
        int version;
        float score, margin;
    } cases[] = {
        {"binary:logistic", 1, 0.3f, -0x1.b1d106p-1f},
        {"binary:logistic", 3, 0.7f, 0x1.b1d104p-1f},
        {"binary:logistic", 3, 0.0f, -0x1.ba18a8p+3f},
        {"reg:logistic", 3, 1.0f, 0x1.b7d85ap+3f},
        {"reg:logistic", 3, 1e-9f, -0x1.ba18a8p+3f},
        {"reg:logistic", 2, 1e-9f, -0x1.4b9280p+4f},
        {"binary:logitraw", 3, 0.3f, 0.3f},
        {"binary:hinge", 2, -2.0f, -2.0f},
        {"count:poisson", 1, 0.3f, -0x1.343790p+0f},
        {"survival:aft", 3, 100.0f, 0x1.26bb1cp+2f},
        {"reg:gamma", 2, 0.7f, -0x1.6d3c34p-2f},
        {"reg:tweedie", 3, 1.0f, 0.0f},
        {"multi:softprob", 3, 0.3f, 0.3f},
        {"rank:ndcg", 1, 0.5f, 0.5f},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        float got = 0;
        assert_int_equal(margin(cases[i].objective, cases[i].version, cases[i].score, &got), SAVOR_OK);
        if (got != cases[i].margin)
            fail_msg("%s %g: %a", cases[i].objective, (double)cases[i].score, (double)got);
    }
}

/* XGBoost 3.2.0 writes a number for each class; trees start at their own, gblinear at the first. */
static void test_base_of_each_output(void **state)
{
    (void)state;
    static const float scores[] = {0.5f, -0.25f, 0.75f};
    static const struct {
        sv_xgboost_booster booster;
        float margin[3];
    } cases[] = {
        {SV_XGBOOST_GBTREE, {0.5f, -0.25f, 0.75f}},
        {SV_XGBOOST_DART, {0.5f, -0.25f, 0.75f}},
        {SV_XGBOOST_GBLINEAR, {0.5f, 0.5f, 0.5f}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sv_arena arena;
        sv_xgboost m = {.n_groups = 3, .booster = cases[i].booster};
        xgb_reader r = {.model = &m, .arena = &arena, .version_major = 3, .base_score = scores, .n_base_score = 3};
        sv_arena_init(&arena, 4096);
        assert_int_equal(sv_xgb_set_objective(&r, sv_str_of("multi:softprob")), SAVOR_OK);
        assert_int_equal(sv_xgb_set_base(&r), SAVOR_OK);
        assert_memory_equal(m.base_margin, cases[i].margin, sizeof cases[i].margin);
        sv_arena_deinit(&arena);
    }
}

static void test_refused(void **state)
{
    (void)state;
    float out;
    assert_int_equal(margin("binary:logistic", 2, 0.0f, &out), SAVOR_FORMAT);
    assert_int_equal(margin("binary:logistic", 3, -2.0f, &out), SAVOR_FORMAT);
    assert_int_equal(margin("binary:logistic", 3, NAN, &out), SAVOR_FORMAT);
    assert_int_equal(margin("binary:other", 3, 0.5f, &out), SAVOR_UNSUPPORTED);
}

static void test_transform(void **state)
{
    (void)state;
    sv_xgboost m = {.n_groups = 1, .link = SV_XGBOOST_SIGMOID};
    float one[1] = {-0x1.b1d106p-1f};
    assert_int_equal(sv_xgboost_transform(&m, one, 1), 1);
    assert_true(one[0] == 0.30000001192092896f);
    one[0] = -1e9f;
    sv_xgboost_transform(&m, one, 1);
    assert_true(one[0] > 0.0f && one[0] < 1e-38f);
    m.link = SV_XGBOOST_STEP;
    float steps[3] = {0.0f, 1e-30f, -1.0f};
    sv_xgboost_transform(&m, steps, 3);
    assert_true(steps[0] == 0.0f && steps[1] == 1.0f && steps[2] == 0.0f);
    m = (sv_xgboost){.n_groups = 3, .link = SV_XGBOOST_ARGMAX};
    float rows[6] = {1, 3, 3, 2, 1, 0};
    assert_int_equal(sv_xgboost_transform(&m, rows, 2), 1);
    assert_true(rows[0] == 1.0f && rows[1] == 0.0f); /* the first of equals */
    m.link = SV_XGBOOST_SOFTMAX;
    float same[3] = {7, 7, 7};
    assert_int_equal(sv_xgboost_transform(&m, same, 1), 3);
    assert_true(same[0] == 0.3333333432674408f && same[2] == same[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_base),
        cmocka_unit_test(test_base_of_each_output),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_transform),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
