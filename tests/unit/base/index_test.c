/* index_test.c: text -> position: first come, first kept; growing; keys with NULs; without memory. */
#include "base/index.h"

#include "base/alloc.h"
#include "unit/test.h"

#include <stdio.h>

#define N_NAMES 5000

static void test_names(void **state)
{
    (void)state;
    static char names[N_NAMES][16];
    sv_arena arena;
    sv_index index;
    sv_arena_init(&arena, 1 << 24);
    sv_index_init(&index, &arena);
    assert_true(sv_index_find(&index, SV_STR("x")) == SV_INDEX_NONE); /* before there is a table */
    for (size_t i = 0; i < N_NAMES; i++) {
        size_t position = SV_INDEX_NONE;
        snprintf(names[i], sizeof names[i], "f%zu", i);
        assert_int_equal(sv_index_add(&index, sv_str_of(names[i]), &position, NULL), SAVOR_OK);
        assert_int_equal(position, i);
        assert_int_equal(index.n, i + 1);
    }
    for (size_t i = 0; i < N_NAMES; i++) {
        char copy[16];
        size_t position;
        snprintf(copy, sizeof copy, "f%zu", i); /* equal text elsewhere */
        assert_int_equal(sv_index_find(&index, sv_str_of(copy)), i);
        assert_int_equal(sv_index_add(&index, sv_str_of(copy), &position, NULL), SAVOR_OK);
        assert_int_equal(position, i);
    }
    assert_int_equal(index.n, N_NAMES);
    assert_true(sv_index_find(&index, SV_STR("f5000")) == SV_INDEX_NONE);
    assert_true(sv_index_find(&index, SV_STR("f")) == SV_INDEX_NONE);
    sv_arena_deinit(&arena);
}

/* Keys of every length around the hash's words of eight bytes, which differ only in length or in the last byte. */
static void test_lengths(void **state)
{
    (void)state;
    static const char ZEROS[40] = {0};
    char ends[40][40] = {{0}};
    sv_arena arena;
    sv_index index;
    size_t position;
    sv_arena_init(&arena, 1 << 20);
    sv_index_init(&index, &arena);
    for (size_t n = 0; n < 40; n++) {
        assert_int_equal(sv_index_add(&index, (sv_str){ZEROS, n}, &position, NULL), SAVOR_OK);
        assert_int_equal(position, n);
    }
    for (size_t n = 1; n < 40; n++) {
        ends[n][n - 1] = 'x';
        assert_true(sv_index_find(&index, (sv_str){ends[n], n}) == SV_INDEX_NONE);
        assert_int_equal(sv_index_add(&index, (sv_str){ends[n], n}, &position, NULL), SAVOR_OK);
        assert_int_equal(position, 39 + n);
    }
    assert_int_equal(sv_index_find(&index, (sv_str){NULL, 0}), 0); /* empty is empty, wherever it points */
    sv_arena_deinit(&arena);
}

static void test_put(void **state)
{
    (void)state;
    sv_arena arena;
    sv_index index;
    size_t position;
    sv_arena_init(&arena, 1 << 20);
    sv_index_init(&index, &arena);
    assert_int_equal(sv_index_put(&index, (sv_str){NULL, 0}, 70, NULL), SAVOR_OK);
    assert_int_equal(sv_index_put(&index, SV_STR("a"), 7, NULL), SAVOR_OK);
    assert_int_equal(sv_index_put(&index, SV_STR("a"), 8, NULL), SAVOR_OK);
    assert_int_equal(sv_index_find(&index, SV_STR("a")), 7);
    assert_int_equal(sv_index_find(&index, SV_STR("")), 70);
    assert_int_equal(sv_index_add(&index, SV_STR("a"), &position, NULL), SAVOR_OK);
    assert_int_equal(position, 7);
    assert_int_equal(sv_index_add(&index, SV_STR("b"), &position, NULL), SAVOR_OK);
    assert_int_equal(position, 2);
    sv_arena_deinit(&arena);
}

/* A table that cannot grow says so and still holds what it held. */
static void test_no_memory(void **state)
{
    (void)state;
    static char names[200][8];
    sv_arena arena;
    sv_index index;
    size_t position = 0, i = 0;
    savor_error err;
    savor_status st = SAVOR_OK;
    sv_arena_init(&arena, 1 << 12);
    sv_index_init(&index, &arena);
    sv_alloc_fail_after(0);
    assert_int_equal(sv_index_add(&index, SV_STR("x"), &position, &err), SAVOR_NOMEM);
    sv_alloc_fail_after(-1);
    for (; !st && i < 200; i++) {
        snprintf(names[i], sizeof names[i], "%zu", i);
        st = sv_index_add(&index, sv_str_of(names[i]), &position, &err);
    }
    assert_int_equal(st, SAVOR_LIMIT);
    assert_int_equal(index.n, i - 1);
    for (size_t k = 0; k + 1 < i; k++)
        assert_int_equal(sv_index_find(&index, sv_str_of(names[k])), k);
    sv_arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_put),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
