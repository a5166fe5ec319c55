#include "engine/glm_link.h"
#include "unit/test.h"

#include <math.h>
#include <string.h>

/* Values from statsmodels 0.15 with scipy 1.17: link.inverse(x). */
static void links_are_inverted(void **state)
{
    (void)state;
    static const double in[] = {-3.5, -0.25, 0.5, 2.0};
    static const struct {
        sv_glm_link link;
        double expected[4];
    } cases[] = {
        {{SV_GLM_IDENTITY, 0}, {-3.5, -0.25, 0.5, 2.0}},
        {{SV_GLM_LOGIT, 0}, {0.02931223075135632, 0.43782349911420193, 0.6224593312018546, 0.8807970779778823}},
        {{SV_GLM_PROBIT, 0}, {0.00023262907903552502, 0.4012936743170763, 0.6914624612740131, 0.9772498680518208}},
        {{SV_GLM_CAUCHY, 0}, {0.08858553278290475, 0.42202086962263075, 0.6475836176504333, 0.8524163823495667}},
        {{SV_GLM_CLOGLOG, 0}, {0.029745997408937574, 0.5410439306923363, 0.807704354452035, 0.9993820210106689}},
        {{SV_GLM_LOGLOG, 0}, {4.150896920109045e-15, 0.27692033409990896, 0.545239211892605, 0.8734230184931167}},
        {{SV_GLM_LOG, 0}, {0.0301973834223185, 0.7788007830714049, 1.6487212707001282, 7.38905609893065}},
        {{SV_GLM_LOGC, 0}, {0.9698026165776815, 0.22119921692859512, -0.6487212707001282, -6.38905609893065}},
        {{SV_GLM_NEGATIVE_BINOMIAL, 2},
         {0.015568829628899895, 1.7604058320938998, -1.2707470412683992, -0.5782588213748329}},
        {{SV_GLM_POWER, -1}, {-0.2857142857142857, -4.0, 2.0, 0.5}},
        {{SV_GLM_POWER, 0.5}, {12.25, 0.0625, 0.25, 4.0}},
        {{SV_GLM_POWER, 1}, {-3.5, -0.25, 0.5, 2.0}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double x[4];
        memcpy(x, in, sizeof x);
        sv_glm_link_invert(&cases[i].link, x, 4);
        for (size_t k = 0; k < 4; k++)
            if (!(fabs(x[k] - cases[i].expected[k]) <= 1e-13 * fabs(cases[i].expected[k])))
                fail_msg("%s of %g: %.17g", sv_glm_link_name(cases[i].link.kind), in[k], x[k]);
    }
}

/* MNLogit.cdf does not shift by the maximum. */
static void softmax_overflows_as_the_library_does(void **state)
{
    (void)state;
    static const double in[] = {0.5, -1.0, 800.0, 0.0};
    static const double expected[] = {0x1.537476a6b7c75p-2, 0x1.17d5523fea067p-1, 0x1.f3839365d0af3p-4, 0, NAN, 0};
    double out[6];
    sv_glm_softmax(in, 2, 3, out);
    for (size_t i = 0; i < 6; i++)
        assert_true(isnan(expected[i]) ? isnan(out[i]) : fabs(out[i] - expected[i]) <= 1e-15 * expected[i]);
}

static void links_have_names(void **state)
{
    (void)state;
    assert_string_equal(sv_glm_link_name(SV_GLM_LOGIT), "logit");
    assert_string_equal(sv_glm_link_name(SV_GLM_SOFTMAX), "softmax");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(links_are_inverted),
        cmocka_unit_test(softmax_overflows_as_the_library_does),
        cmocka_unit_test(links_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
