/* dir_test.c: nothing outside the opened directory is read, whatever the path or link says. */
#define _GNU_SOURCE
#include "base/dir.h"

#include "unit/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[] = "/tmp/savor-dir-test-XXXXXX";

static void write_file(const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", root, name);
    int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static int set_up(void **state)
{
    (void)state;
    char path[256];
    if (!mkdtemp(root))
        return 1;
    snprintf(path, sizeof path, "%s/model", root);
    if (mkdir(path, 0700) != 0)
        return 1;
    write_file("secret", "secret");
    write_file("model/MLmodel", "flavors: {}\n");
    snprintf(path, sizeof path, "%s/model/link", root);
    if (symlink("../secret", path) != 0)
        return 1;
    snprintf(path, sizeof path, "%s/model/up", root);
    return symlink("..", path) != 0;
}

static int tear_down(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"model/link", "model/up", "model/MLmodel", "secret"};
    char path[256];
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", root, NAMES[i]);
        unlink(path);
    }
    snprintf(path, sizeof path, "%s/model", root);
    return rmdir(path) || rmdir(root);
}

static savor_status read_path(const char *path, sv_buf *out, savor_error *err)
{
    char full[256];
    sv_dir dir;
    snprintf(full, sizeof full, "%s/model", root);
    assert_int_equal(sv_dir_open(full, &dir, err), SAVOR_OK);
    savor_status st = sv_dir_read(&dir, sv_str_of(path), out, err);
    sv_dir_close(&dir);
    return st;
}

static void test_read(void **state)
{
    (void)state;
    savor_error err;
    sv_buf out = SV_BUF_INIT(100), small = SV_BUF_INIT(5);
    assert_int_equal(read_path("MLmodel", &out, &err), SAVOR_OK);
    assert_string_equal(out.p, "flavors: {}\n");
    assert_int_equal(read_path("MLmodel", &small, &err), SAVOR_LIMIT);
    assert_int_equal(read_path("absent", &small, &err), SAVOR_NOT_FOUND);
    sv_buf_deinit(&out);
    sv_buf_deinit(&small);
}

static void test_escapes(void **state)
{
    (void)state;
    static const char *const PATHS[] = {"../secret", "link", "up/secret", "/etc/passwd", "a/../../secret",
                                        "",          "..",   "a\\b",      "a//b",        "MLmodel/../../secret",
                                        "a\nb"};
    for (size_t i = 0; i < sizeof PATHS / sizeof PATHS[0]; i++) {
        sv_buf out = SV_BUF_INIT(100);
        savor_error err;
        assert_int_not_equal(read_path(PATHS[i], &out, &err), SAVOR_OK);
        assert_int_equal(out.n, 0);
        sv_buf_deinit(&out);
    }
}

/* Links are neither listed nor followed; "model/up" would lead to the secret. */
static void test_list(void **state)
{
    (void)state;
    char path[256];
    savor_error err;
    sv_dir_files files;
    sv_arena arena;
    sv_dir dir;
    char head[4];
    snprintf(path, sizeof path, "%s/model/folder", root);
    assert_int_equal(mkdir(path, 0700), 0);
    write_file("model/folder/inner", "12");
    snprintf(path, sizeof path, "%s/model", root);
    assert_int_equal(sv_dir_open(path, &dir, &err), SAVOR_OK);
    sv_arena_init(&arena, 1 << 16);
    assert_int_equal(sv_dir_list(&dir, 10, &arena, &files, &err), SAVOR_OK);
    assert_int_equal(files.n, 2);
    assert_string_equal(files.paths[0].p, "MLmodel");
    assert_string_equal(files.paths[1].p, "folder/inner");
    assert_int_equal(sv_dir_list(&dir, 1, &arena, &files, &err), SAVOR_LIMIT);
    assert_int_equal(files.n, 0);
    assert_int_equal(sv_dir_read_head(&dir, SV_STR("folder/inner"), head, sizeof head), 2);
    assert_memory_equal(head, "12", 2);
    assert_int_equal(sv_dir_read_head(&dir, SV_STR("link"), head, sizeof head), 0);
    assert_int_equal(sv_dir_read_head(&dir, SV_STR("folder"), head, sizeof head), 0);
    sv_arena_deinit(&arena);
    sv_dir_close(&dir);
    snprintf(path, sizeof path, "%s/model/folder/inner", root);
    unlink(path);
    snprintf(path, sizeof path, "%s/model/folder", root);
    assert_int_equal(rmdir(path), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_escapes),
        cmocka_unit_test(test_list),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
