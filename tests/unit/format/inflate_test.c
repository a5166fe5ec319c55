/* inflate_test.c: compressed files, whole and cut; the limit holds for what comes out. */
#include "unit/test.h"

#include "base/dir.h"
#include "format/inflate.h"

static savor_error err;

/* Five files of joblib with the same contents; libarchive does three of them. */
static const struct {
    const char *file, *kind;
} FILES[] = {
    {"joblib-numpy2-zlib", "zlib"}, {"joblib-numpy2-gzip", "gzip"}, {"joblib-numpy2-bz2", "bzip2"},
    {"joblib-numpy2-xz", "xz"},     {"joblib-numpy2-lzma", "lzma"},
};

static void read_file(const char *name, sv_buf *out)
{
    sv_dir dir;
    assert_int_equal(sv_dir_open(TEST_DATA "/pickle", &dir, &err), SAVOR_OK);
    assert_int_equal(sv_dir_read(&dir, sv_str_of(name), out, &err), SAVOR_OK);
    sv_dir_close(&dir);
}

static void test_kinds(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof FILES / sizeof *FILES; i++) {
        sv_buf packed = SV_BUF_INIT(1 << 20), out = SV_BUF_INIT(1 << 20), small = SV_BUF_INIT(100);
        read_file(FILES[i].file, &packed);
        assert_string_equal(sv_inflate_find(sv_buf_view(&packed)), FILES[i].kind);
        if (sv_inflate(sv_buf_view(&packed), &out, &err) != SAVOR_OK)
            fail_msg("%s: %s", FILES[i].file, err.message);
        assert_true(out.n > 500 && (uint8_t)out.p[0] == 0x80 && out.p[out.n - 1] == '.');
        assert_int_equal(sv_inflate(sv_buf_view(&packed), &small, &err), SAVOR_LIMIT);
        sv_buf_deinit(&small);
        sv_buf_deinit(&out);
        sv_buf_deinit(&packed);
    }
}

static void test_damage(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof FILES / sizeof *FILES; i++) {
        sv_buf packed = SV_BUF_INIT(1 << 20);
        read_file(FILES[i].file, &packed);
        for (size_t n = 16; n + 32 < packed.n; n += 97) {
            sv_buf out = SV_BUF_INIT(1 << 20);
            if (sv_inflate((sv_str){packed.p, n}, &out, &err) != SAVOR_FORMAT)
                fail_msg("%s was read from %zu bytes", FILES[i].file, n);
            sv_buf_deinit(&out);
        }
        sv_buf_deinit(&packed);
    }
}

/* bz2.compress(bz2.compress(b"N.")): what lies between two compressions has no limit. */
static void test_chain(void **state)
{
    (void)state;
    static const char twice[] =
        "\102\132\150\071\061\101\131\046\123\131\214\040\053\274\000\000\013\177\352\140\240\000\002\145"
        "\000\040\042\060\000\010\060\000\100\002\200\022\000\004\000\040\000\140\002\040\000\043\030\000"
        "\001\243\046\202\232\064\001\240\000\070\111\371\116\354\027\373\371\147\054\265\201\040\150\006"
        "\164\042\123\070\061\006\152\357\205\334\221\116\024\044\043\010\012\357\000";
    sv_buf out = SV_BUF_INIT(1 << 20);
    assert_int_equal(sv_inflate((sv_str){twice, sizeof twice - 1}, &out, &err), SAVOR_FORMAT);
    assert_non_null(strstr(err.message, "more than once"));
    sv_buf_deinit(&out);
}

static void test_others(void **state)
{
    (void)state;
    sv_buf out = SV_BUF_INIT(100);
    assert_null(sv_inflate_find(SV_STR("\x80\x04N.")));
    assert_null(sv_inflate_find(SV_STR("")));
    assert_null(sv_inflate_find(SV_STR("(dp0\n.")));
    assert_int_equal(sv_inflate(SV_STR("ZF0x12"), &out, &err), SAVOR_UNSUPPORTED);
    sv_buf_deinit(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_chain),
        cmocka_unit_test(test_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
