/* sha_test.c: the example messages of FIPS 180-4 and RFC 6234, in one piece and in pieces of every size. */
#include "base/sha.h"

#include "unit/test.h"

#include <stdio.h>

static const char TWO_BLOCKS[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";

static const struct {
    const char *text, *sha1, *sha256;
} CASES[] = {
    {"", "da39a3ee5e6b4b0d3255bfef95601890afd80709",
     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", "a9993e364706816aba3e25717850c26c9cd0d89d",
     "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {TWO_BLOCKS, "84983e441c3bd26ebaae4aa1f95129e5e54670f1",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
};

static void check(const char *text, size_t piece, bool is_sha1, const char *want)
{
    char got[SV_SHA256_HEX + 1];
    sv_sha sha;
    (is_sha1 ? sv_sha1_init : sv_sha256_init)(&sha);
    for (size_t n = strlen(text), at = 0; at < n; at += piece)
        sv_sha_put(&sha, text + at, piece < n - at ? piece : n - at);
    sv_sha_end(&sha, got);
    assert_string_equal(got, want);
}

static void test_examples(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++)
        for (size_t piece = 1; piece < 70; piece++) {
            check(CASES[i].text, piece, true, CASES[i].sha1);
            check(CASES[i].text, piece, false, CASES[i].sha256);
        }
}

/* A million times "a", in pieces that meet the blocks everywhere. */
static void test_million(void **state)
{
    (void)state;
    static const char *const WANT[] = {"cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
                                       "34aa973cd4c4daa4f61eeb2bdbad27316534016f"};
    char room[1000], got[SV_SHA256_HEX + 1];
    memset(room, 'a', sizeof room);
    for (int is_sha1 = 0; is_sha1 < 2; is_sha1++) {
        sv_sha sha;
        (is_sha1 ? sv_sha1_init : sv_sha256_init)(&sha);
        for (size_t left = 1000000, n = 1; left; left -= n, n = n % 997 + 1) {
            n = n < left ? n : left;
            sv_sha_put(&sha, room, n);
        }
        sv_sha_end(&sha, got);
        assert_string_equal(got, WANT[is_sha1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_examples), cmocka_unit_test(test_million)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
