/* r_launch_test.c: how R would be started, in trees as Debian, conda and a build of R have them. Nothing is run. */
#define _GNU_SOURCE /* mkdtemp */

#include "worker/r_launch.h"

#include "base/alloc.h"
#include "unit/test.h"
#include "worker/folder.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct tree {
    char path[40], rscript[200], home[200];
} tree;

/* Folders on the way are made. */
static void put_program(const char *path)
{
    char part[300];
    for (const char *p = strchr(path + 1, '/'); p; p = strchr(p + 1, '/')) {
        snprintf(part, sizeof part, "%.*s", (int)(p - path), path);
        (void)mkdir(part, 0700);
    }
    int fd = open(path, O_CREAT | O_WRONLY, 0700);
    assert_true(fd >= 0);
    close(fd);
}

/* An Rscript, and an R at a home, both below a new folder; home NULL: there is none. */
static void make_tree(tree *t, const char *rscript, const char *home)
{
    char r[300];
    snprintf(t->path, sizeof t->path, "/tmp/savor-r-XXXXXX");
    assert_non_null(mkdtemp(t->path));
    snprintf(t->rscript, sizeof t->rscript, "%s/%s", t->path, rscript);
    put_program(t->rscript);
    if (!home)
        return;
    snprintf(t->home, sizeof t->home, "%s/%s", t->path, home);
    snprintf(r, sizeof r, "%s/bin/exec/R", t->home);
    put_program(r);
}

static bool has(const char *const *list, const char *start, const char *rest)
{
    for (; list && *list; list++)
        if (strncmp(*list, start, strlen(start)) == 0 && strcmp(*list + strlen(start), rest) == 0)
            return true;
    return false;
}

static void check_strict(const char *rscript, const char *home)
{
    tree t;
    char program[300], path[300];
    sv_arena arena;
    savor_error err;
    sv_process_options o = {.program = "/x y/main.R", .sandbox = SAVOR_SANDBOX_STRICT};
    make_tree(&t, rscript, home);
    sv_arena_init(&arena, 1 << 20);
    setenv("R_LIBS", "/first:relative:/second:", 1);
    setenv("LD_LIBRARY_PATH", "/given", 1);
    assert_int_equal(sv_r_launch(t.rscript, &arena, &o, &err), SAVOR_OK);
    snprintf(program, sizeof program, "%s/bin/exec/R", t.home);
    assert_string_equal(o.interpreter, program);
    assert_true(has(o.launch->words, "--file=", "/x y/main.R"));
    assert_true(has(o.launch->words, "--args", ""));
    assert_true(has(o.launch->settings, "R_HOME=", t.home));
    snprintf(path, sizeof path, "%s/lib:/given", t.home);
    assert_true(has(o.launch->settings, "LD_LIBRARY_PATH=", path));
    assert_true(has(o.launch->readable, t.home, ""));
    assert_true(has(o.launch->readable, "/first", ""));
    assert_true(has(o.launch->readable, "/second", ""));
    assert_false(has(o.launch->readable, "relative", ""));
    unsetenv("R_LIBS");
    unsetenv("LD_LIBRARY_PATH");
    sv_arena_deinit(&arena);
    sv_folder_remove(t.path);
}

static void test_strict(void **state)
{
    (void)state;
    check_strict("bin/Rscript", "lib/R");
    check_strict("bin/Rscript", "lib64/R");
    check_strict("R/bin/Rscript", "R");
}

static void test_plain(void **state)
{
    (void)state;
    tree t;
    sv_arena arena;
    savor_error err;
    const sv_launch before = {NULL, NULL, NULL, NULL};
    sv_process_options o = {.program = "/main.R", .launch = &before};
    make_tree(&t, "bin/Rscript", NULL);
    sv_arena_init(&arena, 1 << 20);
    assert_int_equal(sv_r_launch(t.rscript, &arena, &o, &err), SAVOR_OK);
    assert_string_equal(o.interpreter, t.rscript);
    assert_null(o.launch);
    o.sandbox = SAVOR_SANDBOX_STRICT;
    assert_int_equal(sv_r_launch(t.rscript, &arena, &o, &err), SAVOR_NOT_FOUND);
    assert_non_null(strstr(err.message, t.rscript));
    assert_int_equal(sv_r_launch("/nowhere/Rscript", &arena, &o, &err), SAVOR_NOT_FOUND);
    sv_arena_deinit(&arena);
    sv_folder_remove(t.path);
}

static void test_no_memory(void **state)
{
    (void)state;
    tree t;
    savor_status st = SAVOR_NOMEM;
    make_tree(&t, "bin/Rscript", "lib/R");
    for (long i = 0; st == SAVOR_NOMEM; i++) {
        sv_process_options o = {.program = "/main.R", .sandbox = SAVOR_SANDBOX_STRICT};
        sv_arena arena;
        savor_error err;
        sv_arena_init(&arena, 1 << 20);
        sv_alloc_fail_after(i);
        st = sv_r_launch(t.rscript, &arena, &o, &err);
        sv_alloc_fail_after(-1);
        assert_true(st == SAVOR_OK || st == SAVOR_NOMEM);
        sv_arena_deinit(&arena);
    }
    sv_folder_remove(t.path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_strict),
        cmocka_unit_test(test_plain),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
