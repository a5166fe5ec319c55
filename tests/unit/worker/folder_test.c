/* folder_test.c: a folder goes with all that is in it, and nothing else does. */
#define _GNU_SOURCE /* mkdtemp */

#include "worker/folder.h"

#include "unit/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void put_file(const char *folder, const char *name)
{
    char path[600];
    assert_true(snprintf(path, sizeof path, "%s/%s", folder, name) < (int)sizeof path);
    int fd = open(path, O_CREAT | O_WRONLY, 0600);
    assert_true(fd >= 0);
    close(fd);
}

static void test_remove(void **state)
{
    (void)state;
    char other[] = "/tmp/savor-other-XXXXXX", folder[] = "/tmp/savor-folder-XXXXXX", path[600];
    assert_non_null(mkdtemp(other));
    assert_non_null(mkdtemp(folder));
    put_file(other, "kept");
    put_file(folder, "a");
    snprintf(path, sizeof path, "%s/below", folder);
    assert_int_equal(mkdir(path, 0700), 0);
    put_file(path, "b");
    snprintf(path, sizeof path, "%s/link", folder);
    assert_int_equal(symlink(other, path), 0);
    sv_folder_remove(folder);
    assert_int_equal(access(folder, F_OK), -1);
    snprintf(path, sizeof path, "%s/kept", other);
    assert_int_equal(access(path, F_OK), 0); /* the link went, not what it names */
    sv_folder_remove(other);
    sv_folder_remove(other); /* not there any more */
    assert_int_equal(access(other, F_OK), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_remove)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
