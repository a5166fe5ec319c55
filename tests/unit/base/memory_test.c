/* memory_test.c: arena, buffer and the allocation switch: limits hold, failures are told, nothing overlaps. */
#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"

#include "unit/test.h"

static void test_arena_pieces(void **state)
{
    (void)state;
    sv_arena arena;
    sv_arena_init(&arena, 1 << 20);
    unsigned char *pieces[200];
    for (size_t i = 0; i < 200; i++) {
        pieces[i] = sv_arena_alloc(&arena, i * 7 + 1);
        assert_non_null(pieces[i]);
        assert_int_equal((uintptr_t)pieces[i] % 16, 0);
        memset(pieces[i], (int)i, i * 7 + 1);
    }
    for (size_t i = 0; i < 200; i++)
        for (size_t j = 0; j < i * 7 + 1; j++)
            assert_int_equal(pieces[i][j], i & 0xFF);
    sv_arena_deinit(&arena);
}

/* A piece of 0 bytes is no failure, also as the first of an arena. */
static void test_arena_nothing(void **state)
{
    (void)state;
    sv_arena arena;
    sv_arena_init(&arena, 1024);
    assert_non_null(sv_arena_alloc(&arena, 0));
    assert_non_null(sv_arena_array(&arena, 0, 8));
    sv_arena_deinit(&arena);
}

static void test_arena_limit(void **state)
{
    (void)state;
    sv_arena arena;
    savor_error err;
    sv_arena_init(&arena, 1024);
    assert_non_null(sv_arena_alloc(&arena, 1000));
    assert_null(sv_arena_alloc(&arena, 100));
    assert_int_equal(sv_arena_fail(&arena, 100, &err), SAVOR_LIMIT);
    assert_null(sv_arena_alloc(&arena, SIZE_MAX));
    assert_null(sv_arena_array(&arena, SIZE_MAX / 2, 4));
    sv_arena_reset(&arena);
    assert_non_null(sv_arena_alloc(&arena, 1024));
    sv_arena_deinit(&arena);
}

static void test_arena_trim(void **state)
{
    (void)state;
    sv_arena arena;
    sv_arena_init(&arena, 4096);
    void *piece = sv_arena_alloc(&arena, 4000);
    assert_non_null(piece);
    sv_arena_trim(&arena, piece, 4000, 16);
    assert_int_equal(arena.used_bytes, 16);
    assert_non_null(sv_arena_alloc(&arena, 4000));
    sv_arena_deinit(&arena);
}

#ifndef SAVOR_ARENA_MALLOC
static void test_warm_arena(void **state)
{
    (void)state;
    sv_arena arena;
    sv_arena_init(&arena, 1 << 22);
    for (int round = 0; round < 3; round++) {
        size_t before = sv_alloc_count();
        for (int i = 0; i < 100; i++)
            assert_non_null(sv_arena_alloc(&arena, 1000));
        if (round == 2)
            assert_int_equal(sv_alloc_count() - before, 0);
        sv_arena_reset(&arena);
    }
    sv_arena_deinit(&arena);
}
#endif

static void test_buf(void **state)
{
    (void)state;
    savor_error err;
    sv_buf buf = SV_BUF_INIT(10);
    sv_buf_put_text(&buf, "hello");
    sv_buf_printf(&buf, "%d", 123);
    assert_string_equal(buf.p, "hello123");
    assert_int_equal(sv_buf_check(&buf, &err), SAVOR_OK);
    sv_buf_put_text(&buf, "456");
    assert_int_equal(sv_buf_check(&buf, &err), SAVOR_LIMIT);
    sv_buf_put_text(&buf, "x"); /* a failure sticks */
    assert_string_equal(buf.p, "hello123");
    sv_buf_reset(&buf);
    assert_int_equal(sv_buf_check(&buf, &err), SAVOR_OK);
    sv_buf_deinit(&buf);
}

static void test_fail_after(void **state)
{
    (void)state;
    sv_buf buf = SV_BUF_INIT(1000);
    sv_alloc_fail_after(0);
    sv_buf_put_text(&buf, "x");
    sv_alloc_fail_after(-1);
    assert_int_equal(sv_buf_check(&buf, NULL), SAVOR_NOMEM);
    sv_buf_deinit(&buf);
    assert_null(sv_alloc_array(SIZE_MAX / 2, 3));
}

static void test_error_text(void **state)
{
    (void)state;
    savor_error err;
    char long_text[1000];
    memset(long_text, 'a', sizeof long_text);
    memcpy(long_text + 381, "\xc3\xa9\xc3\xa9", 4); /* the cut at 383 bytes would split the second one */
    long_text[999] = '\0';
    assert_int_equal(sv_fail(&err, SAVOR_FORMAT, "%s", long_text), SAVOR_FORMAT);
    assert_int_equal(strlen(err.message), 383);
    assert_true(sv_utf8_check(err.message, strlen(err.message)));
    sv_error_at(&err, SAVOR_FORMAT, "row %d", 3);
    sv_error_at(&err, SAVOR_FORMAT, "file");
    assert_string_equal(err.where, "file: row 3");
    assert_int_equal(sv_fail(NULL, SAVOR_IO, "x"), SAVOR_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arena_pieces), cmocka_unit_test(test_arena_nothing), cmocka_unit_test(test_arena_limit),
        cmocka_unit_test(test_arena_trim),
#ifndef SAVOR_ARENA_MALLOC
        cmocka_unit_test(test_warm_arena),
#endif
        cmocka_unit_test(test_buf),          cmocka_unit_test(test_fail_after),    cmocka_unit_test(test_error_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
