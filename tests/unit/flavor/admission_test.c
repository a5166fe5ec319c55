/* admission_test.c: which hashes admit a model's code. */
#include "flavor/admission.h"

#include "unit/test.h"

#include <stdio.h>

static savor_status ask(const char *admitted, const char *refused_by, char *digest, savor_error *err)
{
    sv_flavor_limits limits = SV_FLAVOR_LIMITS;
    sv_dir dir;
    limits.code_admitted = admitted;
    limits.code_refused_by = refused_by;
    assert_int_equal(sv_dir_open(TEST_DATA "/worker/plain", &dir, NULL), SAVOR_OK);
    savor_status st = sv_code_admit(&dir, SV_STR("loader x"), &limits, digest, err);
    sv_dir_close(&dir);
    return st;
}

static void test_hashes(void **state)
{
    (void)state;
    static const char *const FORMS[] = {"%s", "sha256:%s", "0,%s", "%s,", " %s , x"},
                             *const OTHERS[] = {"",        ",",      "%.63s",       "%s0",
                                                "sha256:", "0%.63s", "%.32s,%.32s", "sha1:%s"};
    char digest[SV_SHA256_HEX + 1], again[SV_SHA256_HEX + 1], text[300];
    savor_error err = {.message = ""};
    assert_int_equal(ask(NULL, NULL, digest, NULL), SAVOR_OK);
    assert_int_equal(strlen(digest), SV_SHA256_HEX);
    for (size_t i = 0; i < sizeof FORMS / sizeof FORMS[0]; i++) {
        sv_buf form = SV_BUF_INIT(sizeof text);
        sv_buf_printf(&form, FORMS[i], digest);
        assert_int_equal(ask(form.p, NULL, again, NULL), SAVOR_OK);
        sv_buf_deinit(&form);
    }
    for (size_t i = 0; i < sizeof OTHERS / sizeof OTHERS[0]; i++) {
        sv_buf form = SV_BUF_INIT(sizeof text);
        sv_buf_printf(&form, OTHERS[i], digest, digest);
        if (ask(form.n ? form.p : "", NULL, again, &err) != SAVOR_UNSUPPORTED || !strstr(err.message, digest))
            fail_msg("%s: %s", OTHERS[i], err.message);
        assert_string_equal(again, digest);
        sv_buf_deinit(&form);
    }
}

static void test_refused(void **state)
{
    (void)state;
    char digest[SV_SHA256_HEX + 1], want[300];
    savor_error err = {.message = ""};
    assert_int_equal(ask(NULL, "--no-code", digest, &err), SAVOR_UNSUPPORTED);
    snprintf(want, sizeof want, "the model's sha256 is %s, and --no-code forbids the code that would run: loader x",
             digest);
    assert_string_equal(err.message, want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_hashes), cmocka_unit_test(test_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
