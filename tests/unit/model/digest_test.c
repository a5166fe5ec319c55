/* digest_test.c: the SHA-256 of a directory is that of what sha256sum prints for its files. */
#define _GNU_SOURCE /* mkdtemp */
#include "model/digest.h"

#include "base/alloc.h"
#include "unit/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[] = "/tmp/savor-digest-test-XXXXXX";

static const char *path_of(const char *name)
{
    static _Thread_local char path[256];
    snprintf(path, sizeof path, "%s/%s", root, name);
    return path;
}

static void write_file(const char *name, const char *text)
{
    int fd = open(path_of(name), O_CREAT | O_WRONLY | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static savor_status digest(char *out, savor_error *err)
{
    sv_dir dir;
    assert_int_equal(sv_dir_open(root, &dir, NULL), SAVOR_OK);
    savor_status st = sv_model_digest(&dir, out, err);
    sv_dir_close(&dir);
    return st;
}

/* printf a > MLmodel; mkdir code; printf b > code/x.py; printf c > code-2
 * find . -type f -printf '%P\n' | LC_ALL=C sort | xargs sha256sum | sha256sum */
static const char WANT[] = "1e84c41c6cc712fb9deb0e3169e61ec5d0a81b0d816d4c961edc2b4a9ec035c4";

static int set_up(void **state)
{
    (void)state;
    if (!mkdtemp(root) || mkdir(path_of("code"), 0700) != 0)
        return 1;
    write_file("MLmodel", "a");
    write_file("code/x.py", "b");
    write_file("code-2", "c");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"MLmodel", "code/x.py", "code-2", "registered_model_meta"};
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++)
        unlink(path_of(NAMES[i]));
    return rmdir(path_of("code")) || rmdir(root);
}

static void test_value(void **state)
{
    (void)state;
    char got[SV_SHA256_HEX + 1];
    assert_int_equal(digest(got, NULL), SAVOR_OK);
    assert_string_equal(got, WANT);
    write_file("registered_model_meta", "model_name: x\n"); /* of the copy, not of the model */
    assert_int_equal(digest(got, NULL), SAVOR_OK);
    assert_string_equal(got, WANT);
    write_file("code/registered_model_meta", "");
    assert_int_equal(digest(got, NULL), SAVOR_OK);
    assert_string_not_equal(got, WANT);
    unlink(path_of("code/registered_model_meta"));
    chmod(path_of("MLmodel"), 0700); /* modes do not count */
    assert_int_equal(digest(got, NULL), SAVOR_OK);
    assert_string_equal(got, WANT);
}

static void expect_refusal(const char *name)
{
    char got[SV_SHA256_HEX + 1] = "x";
    savor_error err = {.message = ""};
    assert_int_equal(digest(got, &err), SAVOR_FORMAT);
    assert_string_equal(got, "");
    assert_non_null(strstr(err.message, name));
    unlink(path_of(name));
}

static void test_refused(void **state)
{
    (void)state;
    assert_int_equal(symlink("x.py", path_of("code/link.py")), 0);
    expect_refusal("code/link.py");
    assert_int_equal(symlink("/etc", path_of("folder")), 0);
    expect_refusal("folder");
    assert_int_equal(mkfifo(path_of("pipe"), 0600), 0);
    expect_refusal("pipe");
    write_file("line\nend", "");
    char got[SV_SHA256_HEX + 1];
    assert_int_equal(digest(got, NULL), SAVOR_FORMAT);
    unlink(path_of("line\nend"));
}

static void test_memory(void **state)
{
    (void)state;
    for (long n = 0;; n++) {
        char got[SV_SHA256_HEX + 1];
        sv_alloc_fail_after(n);
        savor_status st = digest(got, NULL);
        sv_alloc_fail_after(-1);
        if (!st)
            break;
        assert_int_equal(st, SAVOR_NOMEM);
        assert_string_equal(got, "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_value), cmocka_unit_test(test_refused),
                                       cmocka_unit_test(test_memory)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
