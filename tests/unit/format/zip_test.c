/* zip_test.c: what Python's zipfile wrote is found and read; what is wrong is refused. */
#include "format/zip.h"

#include "base/alloc.h"
#include "fuzz/stored_zip.h"
#include "unit/format/seed.h"

#define ARENA_BYTES ((size_t)64 << 20)

static sv_arena arena;
static savor_error err;

static int set_up(void **state)
{
    (void)state;
    sv_arena_init(&arena, ARENA_BYTES);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    sv_arena_deinit(&arena);
    return 0;
}

static savor_status read_zip(sv_str bytes, sv_zip *out)
{
    return sv_zip_read(bytes, NULL, &SV_ZIP_LIMITS, &arena, out, &err);
}

static sv_str read_member(const sv_zip *zip, const char *name)
{
    sv_str out;
    const sv_zip_member *m = sv_zip_find(zip, sv_str_of(name));
    assert_non_null(m);
    assert_int_equal(sv_zip_read_member(zip, m, &arena, &out, &err), SAVOR_OK);
    return out;
}

/* Stored and deflated members, behind a prefix, with data descriptors, with a comment, with zip64 numbers. */
static void test_read(void **state)
{
    (void)state;
    static const char *const names[] = {"zip/plain.zip", "zip/descriptor.zip", "zip/prefix.zip", "zip/comment.zip",
                                        "zip/zip64.zip"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        sv_zip zip;
        assert_int_equal(read_zip(seed_read(names[i], &arena), &zip), SAVOR_OK);
        assert_true(sv_str_is(read_member(&zip, "a.txt"), "hello"));
        assert_null(sv_zip_find(&zip, SV_STR("b.txt")));
        if (i >= 3)
            continue;
        assert_int_equal(zip.n_members, 3);
        sv_str text = read_member(&zip, "long.txt");
        assert_int_equal(text.n, 1200);
        assert_true(sv_str_starts(text, SV_STR("savor savor ")) && sv_str_ends(text, SV_STR("savor ")));
        assert_int_equal(read_member(&zip, "empty").n, 0);
    }
}

/* Stored bytes are not copied. */
static void test_borrowed(void **state)
{
    (void)state;
    sv_zip zip;
    sv_str bytes = seed_read("zip/plain.zip", &arena);
    assert_int_equal(read_zip(bytes, &zip), SAVOR_OK);
    sv_str text = read_member(&zip, "a.txt");
    assert_true(text.p > bytes.p && text.p < bytes.p + bytes.n);
}

/* Of equal names the last counts, as in zipfile. */
static void test_twice(void **state)
{
    (void)state;
    sv_zip zip;
    assert_int_equal(read_zip(seed_read("zip/twice.zip", &arena), &zip), SAVOR_OK);
    assert_int_equal(zip.n_members, 2);
    assert_true(sv_str_is(read_member(&zip, "a.txt"), "hello"));
}

static void test_none(void **state)
{
    (void)state;
    sv_zip zip;
    assert_int_equal(read_zip(seed_read("zip/none.zip", &arena), &zip), SAVOR_OK);
    assert_int_equal(zip.n_members, 0);
    assert_null(sv_zip_find(&zip, SV_STR("")));
    assert_int_equal(read_zip(SV_STR("PK"), &zip), SAVOR_FORMAT);
    assert_int_equal(read_zip((sv_str){"", 0}, &zip), SAVOR_FORMAT);
}

static savor_status read_first(sv_str bytes, const sv_zip_limits *limits)
{
    sv_zip zip;
    sv_str out;
    savor_status st = sv_zip_read(bytes, NULL, limits, &arena, &zip, &err);
    return st ? st : sv_zip_read_member(&zip, &zip.members[0], &arena, &out, &err);
}

/* plain.zip with one number changed: where it is from the start, or (negative) from the end of the file. */
static void test_damage(void **state)
{
    (void)state;
    sv_str bytes = seed_read("zip/plain.zip", &arena);
    char *p = sv_arena_text(&arena, bytes.p, bytes.n);
    const char *entry = NULL;
    for (size_t i = 0; !entry && i + 4 < bytes.n; i++)
        entry = memcmp(p + i, "PK\1\2", 4) == 0 ? p + i : NULL;
    assert_non_null(entry);
    size_t directory = (size_t)(entry - p), end = bytes.n - 22;
    const struct {
        size_t at;
        char value;
        savor_status st;
    } cases[] = {
        {0, 'X', SAVOR_FORMAT},                  /* no local header */
        {31, 'b', SAVOR_FORMAT},                 /* another name there */
        {36, 'H', SAVOR_FORMAT},                 /* another CRC */
        {26, 120, SAVOR_FORMAT},                 /* a name that reaches into the data */
        {directory, 'X', SAVOR_FORMAT},          /* no entry */
        {directory + 8, 1, SAVOR_UNSUPPORTED},   /* encrypted */
        {directory + 10, 99, SAVOR_UNSUPPORTED}, /* packed otherwise */
        {directory + 10, 8, SAVOR_FORMAT},       /* stored bytes are no deflate */
        {directory + 21, 9, SAVOR_FORMAT},       /* larger than the archive */
        {directory + 24, 9, SAVOR_FORMAT},       /* stored in another length */
        {directory + 29, 9, SAVOR_FORMAT},       /* a name behind the directory */
        {directory + 44, 9, SAVOR_FORMAT},       /* a header behind the archive */
        {end + 13, 9, SAVOR_FORMAT},             /* a directory larger than the archive */
        {end + 18, 9, SAVOR_FORMAT},             /* a directory behind the archive */
        {end, 'X', SAVOR_FORMAT},                /* no end */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char was = p[cases[i].at];
        p[cases[i].at] = cases[i].value;
        savor_status st = read_first((sv_str){p, bytes.n}, &SV_ZIP_LIMITS);
        if (st != cases[i].st)
            fail_msg("case %zu gave %d: %s", i, (int)st, err.message);
        p[cases[i].at] = was;
    }
    assert_int_equal(read_first((sv_str){p, bytes.n}, &SV_ZIP_LIMITS), SAVOR_OK);
}

static void test_unsupported(void **state)
{
    (void)state;
    assert_int_equal(read_first(seed_read("zip/bzip2.zip", &arena), &SV_ZIP_LIMITS), SAVOR_UNSUPPORTED);
    assert_non_null(strstr(err.message, "method 12"));
}

static void test_limits(void **state)
{
    (void)state;
    sv_str bytes = seed_read("zip/plain.zip", &arena);
    sv_zip_limits few = SV_ZIP_LIMITS, small = SV_ZIP_LIMITS, dense = SV_ZIP_LIMITS;
    few.n_members = 2;
    small.n_unpacked = 1204;
    dense.ratio = 10;
    assert_int_equal(read_first(bytes, &few), SAVOR_LIMIT);
    assert_int_equal(read_first(bytes, &small), SAVOR_LIMIT);
    assert_int_equal(read_first(bytes, &dense), SAVOR_LIMIT);
    few.n_members = 3;
    small.n_unpacked = 1205;
    assert_int_equal(read_first(bytes, &few), SAVOR_OK);
    assert_int_equal(read_first(bytes, &small), SAVOR_OK);
}

/* Two entries for the same bytes: an archive that pretends to hold more than it does. */
static void test_overlap(void **state)
{
    (void)state;
    sv_str bytes = seed_read("zip/plain.zip", &arena);
    sv_zip zip;
    sv_buf out = SV_BUF_INIT(ARENA_BYTES);
    size_t end = bytes.n - 22, directory = (uint8_t)bytes.p[end + 16], size = end - directory;
    sv_buf_put(&out, bytes.p, end);
    for (int i = 0; i < 20; i++)
        sv_buf_put(&out, bytes.p + directory, size);
    stored_zip_number(&out, 0x06054b50, 4);
    stored_zip_number(&out, 0, 8);
    stored_zip_number(&out, 21 * size, 4);
    stored_zip_number(&out, directory, 4);
    stored_zip_number(&out, 0, 2);
    assert_int_equal(read_zip(sv_buf_view(&out), &zip), SAVOR_FORMAT);
    assert_non_null(strstr(err.message, "larger than what the archive has left"));
    sv_buf_deinit(&out);
}

static void test_memory(void **state)
{
    (void)state;
    sv_str bytes = seed_read("zip/plain.zip", &arena);
    long n = 0;
    for (savor_status st = SAVOR_NOMEM; st; n++) {
        sv_arena mine;
        sv_zip zip;
        sv_str out;
        sv_arena_init(&mine, ARENA_BYTES);
        sv_alloc_fail_after(n);
        if (!(st = sv_zip_read(bytes, NULL, &SV_ZIP_LIMITS, &mine, &zip, &err)))
            st = sv_zip_read_member(&zip, sv_zip_find(&zip, SV_STR("long.txt")), &mine, &out, &err);
        sv_alloc_fail_after(-1);
        sv_arena_deinit(&mine);
        assert_true(st == SAVOR_OK || st == SAVOR_NOMEM);
    }
    assert_true(n > 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read),   cmocka_unit_test(test_borrowed), cmocka_unit_test(test_twice),
        cmocka_unit_test(test_none),   cmocka_unit_test(test_damage),   cmocka_unit_test(test_unsupported),
        cmocka_unit_test(test_limits), cmocka_unit_test(test_overlap),  cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
