/* profile_test.c: which rules count: by version, by pinned pandas, or as forced. */
#include "request/profile.h"

#include "unit/test.h"

/* Releases: FastAPI since 2.21, sqlstate since 3.11; pandas 3.1 reads CSV exactly. */
static void test_versions(void **state)
{
    (void)state;
    static const struct {
        const char *version, *requirements;
        sv_profile profile;
    } ROWS[] = {
        {"1.30.1", "", {.era = SV_ERA_1, .pandas_major = 1}},
        {"2.0.0", "", {.era = SV_ERA_2, .pandas_major = 2}},
        {"2.20.4", "", {.era = SV_ERA_2, .pandas_major = 2}},
        {"2.21.0", "", {.era = SV_ERA_2, .is_fastapi = true, .pandas_major = 2}},
        {"3.0.0", "", {.era = SV_ERA_3, .is_fastapi = true, .pandas_major = 3, .exact_csv = true}},
        {"3.10.9", "", {.era = SV_ERA_3, .is_fastapi = true, .pandas_major = 3, .exact_csv = true}},
        {"3.11.0",
         "",
         {.era = SV_ERA_3, .is_fastapi = true, .pandas_major = 3, .exact_csv = true, .has_sqlstate = true}},
        {"2.5.0", "mlflow==2.5.0\r\n  pandas==1.5.3 \nnumpy\n", {.era = SV_ERA_2, .pandas_major = 1}},
        {"2.5.0", "pandas==0.25", {.era = SV_ERA_2, .pandas_major = 1}},
        {"2.5.0", "pandas==2.2.3\npandas==1.5.3\n", {.era = SV_ERA_2, .pandas_major = 2}},
        {"2.5.0", "pandas==3.0.1\n", {.era = SV_ERA_2, .pandas_major = 3}},
        {"2.5.0", "pandas==3.1.0\n", {.era = SV_ERA_2, .pandas_major = 3, .exact_csv = true}},
        {"3.1.0", "pandas==2.3.3", {.era = SV_ERA_3, .is_fastapi = true, .pandas_major = 2}},
        {"1.30.1", "geopandas==3.1\npandas>=3.1\npandas-stubs==3.1\n", {.era = SV_ERA_1, .pandas_major = 1}},
        {"1.30.1", "pandas==x\n", {.era = SV_ERA_1, .pandas_major = 1}},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        sv_mlmodel model = {.n_flavors = 0};
        assert_true(sv_version_read(sv_str_of(ROWS[i].version), &model.version));
        model.era = model.version.major == 1 ? SV_ERA_1 : model.version.major == 2 ? SV_ERA_2 : SV_ERA_3;
        sv_profile got = sv_profile_of(&model, sv_str_of(ROWS[i].requirements), SAVOR_PROFILE_AUTO);
        const sv_profile *want = &ROWS[i].profile;
        if (got.era != want->era || got.is_forced || got.is_fastapi != want->is_fastapi ||
            got.pandas_major != want->pandas_major || got.exact_csv != want->exact_csv ||
            got.has_sqlstate != want->has_sqlstate)
            fail_msg("row %zu: era %d fastapi %d pandas %d exact %d sqlstate %d", i, (int)got.era, got.is_fastapi,
                     got.pandas_major, got.exact_csv, got.has_sqlstate);
    }
}

/* A forced era counts whole, whatever wrote the model and whatever it pins. */
static void test_forced(void **state)
{
    (void)state;
    static const savor_profile FORCED[] = {SAVOR_PROFILE_1, SAVOR_PROFILE_2, SAVOR_PROFILE_3};
    sv_mlmodel model = {.version = {2, 22, 0}, .era = SV_ERA_2};
    for (int i = 0; i < 3; i++) {
        sv_profile got = sv_profile_of(&model, SV_STR("pandas==2.0.0\n"), FORCED[i]);
        assert_true(got.is_forced);
        assert_int_equal(got.era, SV_ERA_1 + i);
        assert_int_equal(got.pandas_major, i + 1);
        assert_int_equal(got.is_fastapi, i == 2);
        assert_int_equal(got.exact_csv, i == 2);
    }
}

static void test_words(void **state)
{
    (void)state;
    static const char *const WORDS[] = {"auto", "1.x", "2.x", "3.x"};
    static const char *const OTHERS[] = {"", "1", "1.X", " 1.x", "4.x", "AUTO", NULL};
    for (size_t i = 0; i < 4; i++) {
        savor_profile got = (savor_profile)99;
        assert_int_equal(savor_profile_read(WORDS[i], &got, NULL), SAVOR_OK);
        assert_int_equal(got, SAVOR_PROFILE_AUTO + i);
    }
    for (size_t i = 0; i < sizeof OTHERS / sizeof OTHERS[0]; i++) {
        savor_profile got = (savor_profile)99;
        savor_error err;
        assert_int_equal(savor_profile_read(OTHERS[i], &got, &err), SAVOR_USAGE);
        assert_int_equal(got, 99); /* unchanged */
        assert_non_null(strstr(err.message, "auto, 1.x, 2.x or 3.x"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_versions),
        cmocka_unit_test(test_forced),
        cmocka_unit_test(test_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
