/* requirements_test.c: lines as mlflow.utils.requirements_utils._parse_requirements of MLflow 3.17.2 gave them, and
 * what is refused. */
#include "model/requirements.h"

#include "base/alloc.h"
#include "unit/test.h"

/* The folder "lines": constraints have a '!' before them. */
static const char *const LINES[] = {"--extra-index-url https://example.org/simple",
                                    "b>=1,<2",
                                    "a[x]==1 --hash=sha256:00",
                                    "url @ https://example.org/u.whl#egg=u",
                                    "!c<3",
                                    "!d<4",
                                    "!e<5",
                                    "f==1",
                                    "!c<3",
                                    "!d<4",
                                    "!e<5",
                                    "na\xc3\xafve==1",
                                    "tab\ttab",
                                    "\"quoted\"last"};
enum { N_LINES = sizeof LINES / sizeof LINES[0] };

static savor_status read_folder(sv_arena *arena, sv_requirements *out, savor_error *err)
{
    const sv_str line = SV_STR("-r requirements.txt");
    sv_dir dir;
    savor_status st = sv_dir_open(TEST_DATA "/python_env/lines", &dir, err);
    assert_int_equal(st, SAVOR_OK);
    st = sv_requirements_read(&line, 1, &dir, arena, out, err);
    sv_dir_close(&dir);
    return st;
}

static void test_lines(void **state)
{
    (void)state;
    sv_requirements got;
    sv_arena arena;
    savor_error err = {.message = ""};
    sv_arena_init(&arena, 1 << 20);
    if (read_folder(&arena, &got, &err))
        fail_msg("%s: %s", err.where, err.message);
    assert_int_equal(got.n, N_LINES);
    for (size_t i = 0; i < N_LINES; i++) {
        bool is_constraint = LINES[i][0] == '!';
        if (got.items[i].is_constraint != is_constraint || !sv_str_is(got.items[i].text, LINES[i] + is_constraint))
            fail_msg("line %zu: %.*s", i, SV_FMT(got.items[i].text));
    }
    sv_buf text = SV_BUF_INIT(1000);
    sv_requirements_write(&got, true, &text);
    assert_string_equal(text.p, "c<3\nd<4\ne<5\nc<3\nd<4\ne<5\n");
    sv_buf_deinit(&text);
    sv_arena_deinit(&arena);
}

static void test_refusals(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        savor_status status;
    } CASES[] = {
        {"-r ../python_env/lines/requirements.txt", SAVOR_FORMAT},
        {"-r /etc/hostname", SAVOR_FORMAT},
        {"-r none.txt", SAVOR_NOT_FOUND},
        {"-r .", SAVOR_FORMAT},
        {"-rsub/deep.txt", SAVOR_UNSUPPORTED},
        {"--requirement=sub/deep.txt", SAVOR_UNSUPPORTED},
        {"-c\tsub/deep.txt", SAVOR_UNSUPPORTED},
        {"--constraint", SAVOR_UNSUPPORTED},
        {"a\x01", SAVOR_FORMAT},
        {"a\nb", SAVOR_FORMAT},
        {"a\x7f", SAVOR_FORMAT},
        {"\xff", SAVOR_FORMAT},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        sv_str line = sv_str_of(CASES[i].line);
        sv_requirements got;
        savor_error err = {.message = ""};
        sv_arena arena;
        sv_dir dir;
        sv_arena_init(&arena, 1 << 20);
        assert_int_equal(sv_dir_open(TEST_DATA "/python_env/lines", &dir, NULL), SAVOR_OK);
        savor_status st = sv_requirements_read(&line, 1, &dir, &arena, &got, &err);
        if (st != CASES[i].status || got.n)
            fail_msg("%s: %d %s", CASES[i].line, st, err.message);
        sv_dir_close(&dir);
        sv_arena_deinit(&arena);
    }
}

/* A file that refers to itself ends at a limit. */
static void test_circle(void **state)
{
    (void)state;
    const sv_str line = SV_STR("-r self.txt");
    sv_requirements got;
    savor_error err = {.message = ""};
    sv_arena arena;
    sv_dir dir;
    sv_arena_init(&arena, 1 << 20);
    assert_int_equal(sv_dir_open(TEST_DATA "/python_env/circle", &dir, NULL), SAVOR_OK);
    assert_int_equal(sv_requirements_read(&line, 1, &dir, &arena, &got, &err), SAVOR_LIMIT);
    sv_dir_close(&dir);
    sv_arena_deinit(&arena);
}

static void test_memory(void **state)
{
    (void)state;
    for (long n = 0;; n++) {
        sv_requirements got;
        sv_arena arena;
        sv_arena_init(&arena, 1 << 20);
        sv_alloc_fail_after(n);
        savor_status st = read_folder(&arena, &got, NULL);
        sv_alloc_fail_after(-1);
        sv_arena_deinit(&arena);
        if (!st)
            break;
        assert_int_equal(st, SAVOR_NOMEM);
        assert_true(got.n == 0 && got.items == NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_lines), cmocka_unit_test(test_refusals),
                                       cmocka_unit_test(test_circle), cmocka_unit_test(test_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
