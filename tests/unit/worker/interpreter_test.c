/* interpreter_test.c: which Python serves a version. Looking for one is tested through the command:
 * tests/worker/environment_test.py. */
#include "worker/interpreter.h"

#include "unit/test.h"

static void test_match(void **state)
{
    (void)state;
    static const struct {
        const char *wanted, *version;
        int match;
    } CASES[] = {
        {"3.10.12", "3.10.12", 2},  {"3.10.12", "3.10.1", 1},
        {"3.10.12", "3.1.12", 0},   {"3.1", "3.10.1", 0},
        {"3.10", "3.10.1", 2},      {"3", "3.11.2", 2},
        {"3", "2.7.18", 0},         {"3", "30.1", 0},
        {"3.13.0rc1", "3.13.0", 1}, {"3.13.0rc1", "3.13.0rc1", 2},
        {"3.10.12", "", 0},         {"3.10.12", "pypy3.10", 0},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++)
        if (sv_interpreter_match(CASES[i].wanted, CASES[i].version) != CASES[i].match)
            fail_msg("%s %s", CASES[i].wanted, CASES[i].version);
}

static void test_missing(void **state)
{
    (void)state;
    const sv_command_options o = {.lock_fd = -1};
    sv_interpreter got;
    savor_error err = {.message = ""};
    assert_int_equal(sv_interpreter_find("3.0.1", &o, &got, &err), SAVOR_NOT_FOUND);
    assert_string_equal(got.path, "");
    assert_non_null(strstr(err.message, "the model needs Python 3.0.1, and no python3.0 was found"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_match), cmocka_unit_test(test_missing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
