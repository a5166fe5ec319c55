/* body_text_test.c: the encodings that json.loads(bytes) finds, and bytes that are none; before 2.21 only UTF-8. */
#include "request/body_text.h"

#include "base/alloc.h"
#include "unit/test.h"

static const sv_profile FLASK_1 = {.era = SV_ERA_1, .pandas_major = 1},
                        FLASK_2 = {.era = SV_ERA_2, .pandas_major = 2},
                        FASTAPI_2 = {.era = SV_ERA_2, .is_fastapi = true, .pandas_major = 2},
                        FASTAPI_3 = {.era = SV_ERA_3, .is_fastapi = true, .pandas_major = 3};

static savor_status decode(const char *body, size_t n, const sv_profile *profile, char room[64], savor_error *err)
{
    sv_arena arena;
    sv_str text = {NULL, 0};
    sv_arena_init(&arena, 1 << 16);
    savor_status st = sv_body_decode_json((sv_str){body, n}, profile, &arena, &text, err);
    if (!st) {
        assert_true(text.n < 64);
        memcpy(room, text.p, text.n);
        room[text.n] = '\0';
    }
    sv_arena_deinit(&arena);
    return st;
}

#define BYTES(literal) literal, sizeof(literal) - 1

/* Each row was read by json.loads of CPython 3.11; NULL: UnicodeDecodeError. */
static void test_encodings(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        size_t n;
        const char *text;
    } ROWS[] = {
        {BYTES("\"a\""), "\"a\""},
        {BYTES("\xef\xbb\xbf\"a\""), "\"a\""},
        {BYTES("\xff\xfe\"\0\xe9\0\xac =\xd8\0\xde\"\0"), "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\""},
        {BYTES("\"\0\xe9\0\xac =\xd8\0\xde\"\0"), "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\""},
        {BYTES("\0\"\0\xe9 \xac\xd8=\xde\0\0\""), "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\""},
        {BYTES("\xfe\xff\0\"\0\xe9\0\""), "\"\xc3\xa9\""},
        {BYTES("\xff\xfe\0\0\"\0\0\0\xe9\0\0\0\xac \0\0\0\xf6\1\0\"\0\0\0"),
         "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\""},
        {BYTES("\"\0\0\0\xe9\0\0\0\xac \0\0\0\xf6\1\0\"\0\0\0"), "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\""},
        {BYTES("\0\0\0\"\0\0\0\xe9\0\0 \xac\0\1\xf6\0\0\0\0\""), "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\""},
        {BYTES("\0\0\xfe\xff\0\0\0\"\0\1\xf6\0\0\0\0\""), "\"\xf0\x9f\x98\x80\""},
        {BYTES("1\0"), "1"},
        {BYTES("\0001"), "1"},
        {BYTES("\"\xed\xa0\x80\""), "\"\xed\xa0\x80\""}, /* an encoded surrogate */
        {BYTES("\xff\xfe\"\0\0\xd8\"\0"), "\"\xed\xa0\x80\""},
        {BYTES("\xfe\xff\0\"\xdc\0\0\""), "\"\xed\xb0\x80\""},
        {BYTES(""), ""},
        {BYTES("\xff\xfe"), ""},
        {BYTES("\"\xff\""), NULL},
        {BYTES("\"\xc0\xaf\""), NULL},
        {BYTES("\xff\xfe\"\0a"), NULL},
        {BYTES("\xff\xfe"
               "1"),
         NULL},
        {BYTES("\xff\xfe\0\0\0\0\x11\0"), NULL},
        {BYTES("\xff\xfe\0\0\"\0\0"), NULL},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        char got[64] = "";
        savor_error err;
        savor_status st = decode(ROWS[i].body, ROWS[i].n, &FASTAPI_3, got, &err);
        if (st != (ROWS[i].text ? SAVOR_OK : SAVOR_BAD_REQUEST) || (ROWS[i].text && strcmp(got, ROWS[i].text) != 0))
            fail_msg("row %zu: %s \"%s\"", i, savor_status_name(st), got);
        assert_int_equal(decode(ROWS[i].body, ROWS[i].n, &FASTAPI_2, got, &err),
                         ROWS[i].text ? SAVOR_OK : SAVOR_UNREADABLE);
    }
}

/* Flask's body.decode("utf-8"): no marks, no guessing, no surrogates. */
static void test_flask(void **state)
{
    (void)state;
    char got[64];
    savor_error err;
    assert_int_equal(decode(BYTES("\"\xc3\xa9\""), &FLASK_2, got, &err), SAVOR_OK);
    assert_string_equal(got, "\"\xc3\xa9\"");
    assert_int_equal(decode(BYTES("\xef\xbb\xbf"
                                  "1"),
                            &FLASK_2, got, &err),
                     SAVOR_OK);
    assert_string_equal(got, "\xef\xbb\xbf"
                             "1"); /* the mark stays, and is no JSON */
    assert_int_equal(decode(BYTES("1\0"), &FLASK_2, got, &err), SAVOR_OK);
    assert_int_equal(decode(BYTES("\"\xed\xa0\x80\""), &FLASK_2, got, &err), SAVOR_UNREADABLE);
    assert_int_equal(decode(BYTES("\xff\xfe"
                                  "1\0"),
                            &FLASK_1, got, &err),
                     SAVOR_UNREADABLE);
    assert_string_equal(err.message, "Ensure that input is a valid UTF-8 encoded string.");
}

static void test_csv(void **state)
{
    (void)state;
    savor_error err;
    assert_int_equal(sv_body_check_csv(SV_STR("a,\xc3\xa9\n1,2\n"), &FASTAPI_3, &err), SAVOR_OK);
    assert_int_equal(sv_body_check_csv(SV_STR(""), &FLASK_1, &err), SAVOR_OK);
    assert_int_equal(sv_body_check_csv(SV_STR("a\n\xff\n"), &FASTAPI_3, &err), SAVOR_BAD_REQUEST);
    assert_int_equal(sv_body_check_csv(SV_STR("a\n\xff\n"), &FLASK_1, &err), SAVOR_UNREADABLE);
    assert_int_equal(sv_body_check_csv(SV_STR("a\n\xed\xa0\x80\n"), &FASTAPI_3, &err), SAVOR_BAD_REQUEST);
}

static void test_no_memory(void **state)
{
    (void)state;
    char got[64];
    savor_error err;
    sv_alloc_fail_after(0);
    savor_status wide = decode(BYTES("1\0"), &FASTAPI_3, got, &err), narrow = decode("1", 1, &FASTAPI_3, got, NULL);
    sv_alloc_fail_after(-1);
    assert_int_equal(wide, SAVOR_NOMEM);
    assert_int_equal(narrow, SAVOR_OK); /* UTF-8 is not copied */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_encodings),
        cmocka_unit_test(test_flask),
        cmocka_unit_test(test_csv),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
