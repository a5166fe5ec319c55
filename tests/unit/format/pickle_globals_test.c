/* pickle_globals_test.c: what names are; known is an allow-list, and a path through an innocent module is found. */
#include "unit/test.h"

#include "format/pickle_globals.h"

static void test_kinds(void **state)
{
    (void)state;
    static const struct {
        const char *module, *name;
        sv_global_kind kind;
    } CASES[] = {
        {"sklearn.linear_model._base", "LinearRegression", SV_GLOBAL_KNOWN},
        {"sklearn.calibration", "_CalibratedClassifier", SV_GLOBAL_KNOWN},
        {"sklearn.metrics._classification", "accuracy_score", SV_GLOBAL_KNOWN},
        {"sklearn._loss._loss", "__pyx_unpickle_CyHalfPoissonLoss", SV_GLOBAL_KNOWN},
        {"statsmodels.tsa.statespace._kalman_filter", "cKalmanFilter", SV_GLOBAL_KNOWN},
        {"numpy.core.multiarray", "_reconstruct", SV_GLOBAL_KNOWN},
        {"numpy", "log1p", SV_GLOBAL_KNOWN},
        {"builtins", "set", SV_GLOBAL_KNOWN},
        {"sklearn.base", "clone", SV_GLOBAL_UNKNOWN},
        {"sklearn", "", SV_GLOBAL_UNKNOWN},
        {"sklearnx.base", "Base", SV_GLOBAL_UNKNOWN},
        {"sklearn.base", "BaseEstimator.fit", SV_GLOBAL_UNKNOWN},
        {"__main__", "Mine", SV_GLOBAL_UNKNOWN},
        {"pandas", "HDFStore", SV_GLOBAL_UNKNOWN},
        {"osmnx", "graph", SV_GLOBAL_UNKNOWN},
        {"", "", SV_GLOBAL_UNKNOWN},
        {"os", "system", SV_GLOBAL_DANGEROUS},
        {"os.path", "join", SV_GLOBAL_DANGEROUS},
        {"posix", "system", SV_GLOBAL_DANGEROUS},
        {"nt", "system", SV_GLOBAL_DANGEROUS},
        {"subprocess", "Popen", SV_GLOBAL_DANGEROUS},
        {"builtins", "eval", SV_GLOBAL_DANGEROUS},
        {"builtins", "getattr", SV_GLOBAL_DANGEROUS},
        {"operator", "attrgetter", SV_GLOBAL_DANGEROUS},
        {"numpy.testing._private.utils", "runstring", SV_GLOBAL_DANGEROUS},
        {"numpy", "load", SV_GLOBAL_DANGEROUS},
        {"sklearn.base", "os.system", SV_GLOBAL_DANGEROUS},
        {"sklearn.base", "warnings.sys.modules", SV_GLOBAL_DANGEROUS},
        {"sklearn.base", "Base.builtins.eval", SV_GLOBAL_DANGEROUS},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        sv_global_kind kind = sv_global_classify((sv_global){sv_str_of(CASES[i].module), sv_str_of(CASES[i].name)});
        if (kind != CASES[i].kind)
            fail_msg("%s.%s is %s", CASES[i].module, CASES[i].name, sv_global_kind_name(kind));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_kinds)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
