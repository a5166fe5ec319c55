/* base64_test.c: base64.decodebytes and encodebytes. Expected values come from CPython 3.11. */
#include "request/base64.h"

#include "unit/test.h"

static void test_decode(void **state)
{
    (void)state;
    static const struct {
        const char *text, *bytes;
    } GOOD[] = {{"aGVsbG8=", "hello"}, {"aGVs bG8=\n", "hello"}, {"aGVs-bG8_=", "hello"}, {"", ""},
                {"====", ""},          {"eA==eA==", "x"},        {"\xc3\xa9", ""},        {"aGVs", "hel"}};
    static const char *const BAD[] = {"aGVsbG8", "a", "eA", "eA="};
    sv_arena arena;
    savor_error err;
    sv_str out;
    sv_arena_init(&arena, 1 << 16);
    for (size_t i = 0; i < sizeof GOOD / sizeof GOOD[0]; i++) {
        assert_int_equal(sv_base64_decode(sv_str_of(GOOD[i].text), &arena, &out, &err), SAVOR_OK);
        assert_true(sv_str_is(out, GOOD[i].bytes));
    }
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        assert_int_equal(sv_base64_decode(sv_str_of(BAD[i]), &arena, &out, &err), SAVOR_BAD_REQUEST);
        assert_string_equal(err.message, "Incorrect padding");
    }
    sv_arena_deinit(&arena);
}

/* A line end behind every 76 characters and at the end; nothing for nothing. */
static void test_encode(void **state)
{
    (void)state;
    char bytes[58];
    sv_buf out = SV_BUF_INIT(1000);
    memset(bytes, 'x', sizeof bytes);
    sv_base64_put(&out, (sv_str){bytes, 57});
    assert_int_equal(out.n, 77);
    sv_buf_reset(&out);
    sv_base64_put(&out, (sv_str){bytes, 58});
    assert_int_equal(out.n, 77 + 5);
    assert_string_equal(out.p + 77, "eA==\n");
    sv_buf_reset(&out);
    sv_base64_put(&out, SV_STR("\x00\xff\xfe"));
    assert_string_equal(out.p, "AP/+\n");
    sv_buf_reset(&out);
    sv_base64_put(&out, SV_STR(""));
    assert_int_equal(out.n, 0);
    sv_buf_deinit(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_decode), cmocka_unit_test(test_encode)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
