/* python_env_test.c: what a model asks for, and the names that MLflow 3.17.2 gave to its environments: those of
 * mlflow.utils.virtualenv._get_virtualenv_name and mlflow.utils.conda._get_conda_env_name for the folders of
 * tests/data/python_env. */
#include "model/python_env.h"

#include "unit/test.h"

#include <stdio.h>

static const struct {
    const char *folder, *name, *salted; /* salted: with the MLflow to install, "3.17.2" */
} NAMES[] = {
    {"plain", "mlflow-6eef1c356732a9cf8e9d8ac796e1f16e1843e498", "mlflow-46244bc40dc77c8d26450b68b571beea0150e43f"},
    {"lines", "mlflow-81a63b4e2eb354f1cbf1eba722c316de955fda7e", "mlflow-97d78cdac5d035bef1e092c7750f2f646bb3a00e"},
    {"conda", "mlflow-691001f27543795ec9f332af2746dd32d0c05053", "mlflow-c9795bf5ca7fd0c0cb7b9b360ad6336bbb973496"},
    {"conda-requirements", "mlflow-6ebded472b792457312c6dd112190b338b7fb741",
     "mlflow-dd2ff582e25e8584a07ead6fa7f8a798638ab49d"},
    {"named", "mlflow-d6f70e27cc501e170ea10289895c94b3ad8b614b", "mlflow-06dbf23b6a7e22501aed8c06eeb93180bbff892d"},
};

typedef struct opened {
    sv_dir dir;
    sv_arena arena;
    const sv_mlmodel *model;
    sv_python_env env;
    sv_requirements requirements;
} opened;

static void open_folder(const char *folder, opened *o)
{
    char path[512];
    sv_buf text = SV_BUF_INIT(1 << 16);
    savor_error err = {.message = ""};
    snprintf(path, sizeof path, TEST_DATA "/python_env/%s", folder);
    sv_arena_init(&o->arena, 8 << 20);
    if (sv_dir_open(path, &o->dir, &err) || sv_dir_read(&o->dir, SV_STR("MLmodel"), &text, &err) ||
        sv_mlmodel_read(sv_buf_view(&text), &o->arena, &o->model, &err) ||
        sv_python_env_read(&o->dir, o->model, &o->arena, &o->env, &err) ||
        sv_requirements_read(o->env.dependencies, o->env.n_dependencies, &o->dir, &o->arena, &o->requirements, &err))
        fail_msg("%s: %s: %s", folder, err.where, err.message);
    sv_buf_deinit(&text);
}

static void close_folder(opened *o)
{
    sv_arena_deinit(&o->arena);
    sv_dir_close(&o->dir);
}

static void test_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
        char name[SV_ENV_NAME_BYTES];
        opened o;
        open_folder(NAMES[i].folder, &o);
        assert_int_equal(sv_python_env_name(&o.env, &o.requirements, SV_STR(""), &o.arena, name, NULL), SAVOR_OK);
        assert_string_equal(name, NAMES[i].name);
        assert_int_equal(sv_python_env_name(&o.env, &o.requirements, SV_STR("3.17.2"), &o.arena, name, NULL),
                         SAVOR_OK);
        assert_string_equal(name, NAMES[i].salted);
        close_folder(&o);
    }
}

static void test_conda(void **state)
{
    (void)state;
    char name[SV_ENV_NAME_BYTES];
    sv_buf text = SV_BUF_INIT(1 << 16);
    opened o;
    open_folder("conda", &o);
    assert_true(sv_str_is(o.env.python, "3.9.16"));
    assert_true(sv_str_is(o.env.unmatched, "libgcc=12, numpy"));
    assert_true(sv_str_is(sv_conda_env_find(&o.dir, o.model), "conda.yaml"));
    assert_int_equal(sv_dir_read(&o.dir, SV_STR("conda.yaml"), &text, NULL), SAVOR_OK);
    sv_conda_env_name(sv_buf_view(&text), SV_STR("s"), name);
    assert_string_equal(name, "mlflow-419876d64bef3ee4c546910d51577a65591bd068");
    sv_buf_deinit(&text);
    close_folder(&o);
}

/* What MLflow refuses, too, but for versions that are none. */
static void test_refusals(void **state)
{
    (void)state;
    static const struct {
        const char *text, *why;
        bool is_conda;
    } CASES[] = {
        {"python: 3.10\n", "`python` must be a string", false},
        {"python: 3.9.1; true\n", "expected a version such as 3.10.12", false},
        {"python: --help\n", "expected a version such as 3.10.12", false},
        {"python: 3.9.1\nextra: 1\n", "\"extra\" was not expected", false},
        {"dependencies: x\n", "expected a list", false},
        {"build_dependencies: [1]\n", "expected text", false},
        {"- a\n", "was no mapping", false},
        {"dependencies: [python]\n", "It must be pinned", true},
        {"dependencies: ['python<3.9']\n", "Invalid version comparator for python: '<'", true},
        {"dependencies: [['python=3']]\n", "Invalid conda dependency", true},
        {"dependencies: ['python=1.2.3.4']\n", "expected a version such as 3.10.12", true},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        savor_error err = {.message = ""};
        sv_python_env env;
        sv_arena arena;
        sv_arena_init(&arena, 1 << 20);
        savor_status st = (CASES[i].is_conda ? sv_conda_env_parse : sv_python_env_parse)(sv_str_of(CASES[i].text),
                                                                                         &arena, &env, &err);
        if (st != SAVOR_FORMAT || !strstr(err.message, CASES[i].why) || env.python.n)
            fail_msg("%s: %d %s", CASES[i].text, st, err.message);
        sv_arena_deinit(&arena);
    }
}

static void test_versions(void **state)
{
    (void)state;
    static const char *const GOOD[] = {"3", "3.10", "3.10.12", "3.13.0rc1", "3.14.0a2", "3.13b1"},
                             *const BAD[] = {"",       ".",        "3.",      "3.10.", "3.10.12.1", "x",
                                             "3.1000", "3 ",       "3.10 -h", "-3",    "3.13.0rc",  "3.13.0c1",
                                             "3/4",    "3.10.12 ", "03a",     "3\n",   "3.13.0rc1x"};
    for (size_t i = 0; i < sizeof GOOD / sizeof GOOD[0]; i++)
        assert_true(sv_python_version_is_valid(sv_str_of(GOOD[i])));
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++)
        if (sv_python_version_is_valid(sv_str_of(BAD[i])))
            fail_msg("\"%s\"", BAD[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_names), cmocka_unit_test(test_conda),
                                       cmocka_unit_test(test_refusals), cmocka_unit_test(test_versions)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
