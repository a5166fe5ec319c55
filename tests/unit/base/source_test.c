/* source_test.c: a file that is read where it is looked at says the same as the file, or why it does not. */
#define _GNU_SOURCE
#include "base/source.h"

#include "base/alloc.h"
#include "unit/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define LARGE ((size_t)1000003)
#define FAR ((size_t)700001) /* behind what is read when a file is opened */

static char root[] = "/tmp/savor-source-test-XXXXXX";
static uint8_t large[LARGE];

static void path_of(const char *name, char out[256]) { snprintf(out, 256, "%s/%s", root, name); }

static void write_file(const char *name, size_t n)
{
    char path[256];
    path_of(name, path);
    int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, large, n), (ssize_t)n);
    close(fd);
}

static int set_up(void **state)
{
    (void)state;
    uint32_t x = 1;
    for (size_t i = 0; i < LARGE; i++)
        large[i] = (uint8_t)((x = x * 1664525 + 1013904223) >> 24);
    return mkdtemp(root) == NULL;
}

static int tear_down(void **state)
{
    (void)state;
    char path[256];
    path_of("file", path);
    unlink(path);
    return rmdir(root);
}

static savor_status open_source(const char *name, size_t max_bytes, sv_source *out, savor_error *err)
{
    sv_dir dir;
    assert_int_equal(sv_dir_open(root, &dir, NULL), SAVOR_OK);
    savor_status st = sv_source_open(&dir, sv_str_of(name), max_bytes, out, err);
    sv_dir_close(&dir);
    return st;
}

static void small_files_are_there(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 4096, 5000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        sv_source source;
        write_file("file", sizes[i]);
        assert_int_equal(open_source("file", LARGE, &source, NULL), SAVOR_OK);
        assert_int_equal(source.bytes.n, sizes[i]);
        assert_false(sv_source_has_parts(&source, sizes[i]));
        if (sizes[i])
            assert_memory_equal(source.bytes.p, large, sizes[i]);
        sv_source_close(&source);
        sv_source_close(&source);
    }
}

/* In any order, across blocks, the last of which is short. */
static void bytes_are_read_when_needed(void **state)
{
    (void)state;
    static const struct {
        size_t at, n;
    } looks[] = {{LARGE - 1, 1}, {FAR, 1}, {FAR - 5000, 20000}, {FAR + 4096, 4096}, {LARGE - 9000, 9000}, {FAR, 0}};
    sv_source source;
    write_file("file", LARGE);
    assert_int_equal(open_source("file", LARGE, &source, NULL), SAVOR_OK);
    for (size_t i = 0; i < sizeof looks / sizeof *looks; i++) {
        const char *p = source.bytes.p + looks[i].at;
        assert_int_equal(sv_source_need(&source, p, looks[i].n, NULL), SAVOR_OK);
        assert_memory_equal(p, large + looks[i].at, looks[i].n);
    }
    assert_int_equal(source.bytes.p[FAR + 100000], 0); /* nobody needed it */
    assert_int_equal(sv_source_need(NULL, large, LARGE, NULL), SAVOR_OK);
    sv_source_close(&source);
}

static void parts_come_and_go(void **state)
{
    (void)state;
    sv_source source;
    write_file("file", LARGE);
    assert_int_equal(open_source("file", LARGE, &source, NULL), SAVOR_OK);
    assert_true(sv_source_has_parts(&source, 100000));
    assert_false(sv_source_has_parts(&source, 100));
    assert_false(sv_source_has_parts(NULL, 100000));
    sv_part *part = sv_source_part(&source, source.bytes.p + FAR, 100000);
    assert_non_null(part);
    for (int i = 0; i < 2; i++) {
        const void *bytes = sv_part_bytes(part);
        assert_non_null(bytes);
        assert_int_equal((uintptr_t)bytes % 16, 0);
        assert_memory_equal(bytes, large + FAR, 100000);
        assert_ptr_equal(sv_part_bytes(part), bytes);
        sv_part_forget(part);
        assert_null(part->bytes);
    }
    const void *kept = sv_part_bytes(part);
    sv_part_keep(part);
    sv_part_forget(part);
    assert_ptr_equal(part->bytes, kept);
    assert_memory_equal(kept, large + FAR, 100000);
    assert_int_equal(sv_source_check(&source, NULL), SAVOR_OK);
    sv_source_close(&source);
}

static void a_file_that_shrinks_is_an_error(void **state)
{
    (void)state;
    char path[256];
    savor_error err = {0};
    sv_source source;
    write_file("file", LARGE);
    path_of("file", path);
    assert_int_equal(open_source("file", LARGE, &source, NULL), SAVOR_OK);
    sv_part *part = sv_source_part(&source, source.bytes.p + FAR, 100000);
    sv_part *other = sv_source_part(&source, source.bytes.p, 1000);
    assert_int_equal(truncate(path, (off_t)FAR + 10), 0);
    assert_null(sv_part_bytes(part));
    assert_null(sv_part_bytes(other)); /* nothing is looked at after that */
    assert_int_equal(sv_source_check(&source, &err), SAVOR_IO);
    assert_non_null(strstr(err.message, "ended at byte 700011"));
    err = (savor_error){0};
    assert_int_equal(sv_source_need(&source, source.bytes.p + FAR, 20000, &err), SAVOR_IO);
    assert_non_null(strstr(err.message, "it had 1000003 when it was opened"));
    sv_source_close(&source);
}

static void what_is_no_such_file_is_refused(void **state)
{
    (void)state;
    savor_error err = {0};
    sv_source source;
    write_file("file", LARGE);
    assert_int_equal(open_source("file", LARGE - 1, &source, &err), SAVOR_LIMIT);
    assert_int_equal(source.fd, -1);
    assert_int_equal(open_source("missing", LARGE, &source, &err), SAVOR_NOT_FOUND);
    assert_int_equal(open_source("../file", LARGE, &source, &err), SAVOR_FORMAT);
    assert_int_equal(open_source(".", LARGE, &source, &err), SAVOR_FORMAT);
    sv_source_close(&source);
}

static void bytes_in_memory_may_have_parts(void **state)
{
    (void)state;
    sv_source source = sv_source_of((sv_str){(const char *)large, LARGE});
    assert_false(sv_source_has_parts(&source, LARGE));
    source.part_min = 10;
    assert_true(sv_source_has_parts(&source, 10));
    sv_part *part = sv_source_part(&source, large + 7, 11);
    assert_memory_equal(sv_part_bytes(part), large + 7, 11);
    assert_ptr_not_equal(sv_part_bytes(part), large + 7);
    sv_source_close(&source);
}

static void lack_of_memory_is_told(void **state)
{
    (void)state;
    savor_error err = {0};
    sv_source source;
    write_file("file", LARGE);
    sv_alloc_fail_after(0);
    assert_int_equal(open_source("file", LARGE, &source, &err), SAVOR_NOMEM);
    sv_alloc_fail_after(-1);
    assert_int_equal(open_source("file", LARGE, &source, &err), SAVOR_OK);
    sv_part *part = sv_source_part(&source, source.bytes.p + FAR, 100000);
    sv_alloc_fail_after(0);
    assert_null(sv_source_part(&source, source.bytes.p, 100000));
    assert_null(sv_part_bytes(part));
    sv_alloc_fail_after(-1);
    assert_int_equal(sv_source_check(&source, &err), SAVOR_NOMEM);
    sv_source_close(&source);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_files_are_there),
        cmocka_unit_test(bytes_are_read_when_needed),
        cmocka_unit_test(parts_come_and_go),
        cmocka_unit_test(a_file_that_shrinks_is_an_error),
        cmocka_unit_test(what_is_no_such_file_is_refused),
        cmocka_unit_test(bytes_in_memory_may_have_parts),
        cmocka_unit_test(lack_of_memory_is_told),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
