/*
 * forest_kernel_test.c: over random forests and hard rows, the kernel's sums are the walker's, bit for bit: those of
 * the form that this processor is given, and those of the plain one.
 */
#include "unit/engine/random_forest.h"
#include "unit/test.h"

#include "base/alloc.h"
#include "engine/forest_kernel_priv.h"

#include <string.h>

enum { N_ROWS = 77 }; /* two blocks, and single rows behind them */

/* The plain kernel's turn, which a processor with a faster one would not come to. */
static void forget_ranks(sv_forest *f)
{
    if (f->kernel)
        f->kernel->ranks = NULL;
}

static void compare_once(rng *r, const forest_shape *shape, bool has_missing)
{
    sv_arena arena, scratch;
    savor_error err;
    sv_arena_init(&arena, SIZE_MAX);
    sv_arena_init(&scratch, SIZE_MAX);
    sv_forest f = random_forest(r, shape, &arena);
    if (sv_forest_check(&f, &err) || sv_forest_lower(&f, &arena, &err))
        fail_msg("%s", err.message);
    void *rows = random_rows(r, &f, N_ROWS, has_missing, &arena);
    size_t size = f.compare == SV_COMPARE_F32_LT ? sizeof(float) : sizeof(double);
    uint8_t *walked = sv_arena_array(&arena, N_ROWS * f.n_groups, size);
    uint8_t *fast = sv_arena_array(&arena, N_ROWS * f.n_groups, size);
    size_t first = rng_below(r, f.n_trees + 1), end = first + rng_below(r, f.n_trees - first + 1);
    sv_forest_walk(&f, first, end, rows, N_ROWS, walked);
    assert_int_equal(sv_forest_predict(&f, first, end, rows, N_ROWS, fast, &scratch, &err), SAVOR_OK);
    assert_memory_equal(walked, fast, N_ROWS * f.n_groups * size);
    forget_ranks(&f);
    memset(fast, 0, N_ROWS * f.n_groups * size);
    assert_int_equal(sv_forest_predict(&f, first, end, rows, N_ROWS, fast, &scratch, &err), SAVOR_OK);
    assert_memory_equal(walked, fast, N_ROWS * f.n_groups * size);
    sv_arena_deinit(&scratch);
    sv_arena_deinit(&arena);
}

static void test_shapes(void **state)
{
    (void)state;
    rng r = {42};
    for (int i = 0; i < 600; i++) {
        forest_shape s = {.compare = i & 1 ? SV_COMPARE_F64_LE : SV_COMPARE_F32_LT, .leaf_width = 1};
        s.n_features = 1 + rng_below(&r, 9);
        s.n_groups = 1 + rng_below(&r, 3);
        s.n_trees = 1 + rng_below(&r, 30);
        s.depth = rng_below(&r, 8);
        s.full = 40 + (unsigned)rng_below(&r, 61);
        s.is_plain = (i & 2) != 0;
        s.has_weights = (i & 4) != 0;
        s.has_linear = i % 11 == 1 && s.compare == SV_COMPARE_F64_LE;
        if (i % 13 == 0 && !s.has_linear)
            s.leaf_width = s.n_groups;
        compare_once(&r, &s, (i & 8) != 0);
    }
}

/* Thresholds that have no neighbour on one side, and those that the kernel leaves to the walker. */
static void test_odd_thresholds(void **state)
{
    (void)state;
    static const float odd[] = {INFINITY, -INFINITY, NAN,    3.402823466e38f, -3.402823466e38f,
                                0.0f,     -0.0f,     1e-45f, -1e-45f};
    rng r = {9};
    for (int i = 0; i < 200; i++) {
        sv_arena arena;
        sv_arena_init(&arena, SIZE_MAX);
        forest_shape s = {.compare = i & 1 ? SV_COMPARE_F64_LE : SV_COMPARE_F32_LT,
                          .n_features = 3,
                          .n_groups = 1,
                          .leaf_width = 1,
                          .n_trees = 12,
                          .depth = 4,
                          .full = 90,
                          .is_plain = (i & 2) != 0};
        sv_forest f = random_forest(&r, &s, &arena);
        for (size_t k = 0; k < f.n_nodes; k++)
            if (rng_below(&r, 2))
                f.nodes[k].threshold = (double)odd[rng_below(&r, sizeof odd / sizeof *odd)];
        assert_int_equal(sv_forest_check(&f, NULL), SAVOR_OK);
        assert_int_equal(sv_forest_lower(&f, &arena, NULL), SAVOR_OK);
        void *rows = random_rows(&r, &f, N_ROWS, true, &arena);
        double walked[N_ROWS] = {0}, fast[N_ROWS] = {0};
        sv_forest_walk(&f, 0, f.n_trees, rows, N_ROWS, walked);
        assert_int_equal(sv_forest_predict(&f, 0, f.n_trees, rows, N_ROWS, fast, &arena, NULL), SAVOR_OK);
        assert_memory_equal(walked, fast, sizeof walked);
        forget_ranks(&f);
        memset(fast, 0, sizeof fast);
        assert_int_equal(sv_forest_predict(&f, 0, f.n_trees, rows, N_ROWS, fast, &arena, NULL), SAVOR_OK);
        assert_memory_equal(walked, fast, sizeof walked);
        sv_arena_deinit(&arena);
    }
}

static void test_memory(void **state)
{
    (void)state;
    rng r = {3};
    sv_arena arena;
    sv_arena_init(&arena, SIZE_MAX);
    forest_shape s = {.compare = SV_COMPARE_F32_LT,
                      .n_features = 4,
                      .n_groups = 1,
                      .leaf_width = 1,
                      .n_trees = 3,
                      .depth = 3,
                      .full = 100,
                      .is_plain = true};
    sv_forest f = random_forest(&r, &s, &arena);
    savor_status st = SAVOR_NOMEM;
    long n = 0;
    for (; st == SAVOR_NOMEM; n++) {
        sv_arena small;
        sv_arena_init(&small, SIZE_MAX);
        sv_alloc_fail_after(n);
        st = sv_forest_lower(&f, &small, NULL);
        sv_alloc_fail_after(-1);
        sv_arena_deinit(&small);
    }
    assert_int_equal(st, SAVOR_OK);
    assert_true(n > 4);
    sv_arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_odd_thresholds),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
