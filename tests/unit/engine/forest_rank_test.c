/*
 * forest_rank_test.c: which forests have ranks, and that sums by them are the walker's, bit for bit. Where the
 * processor cannot use them, sv_rank_lower must say so and the same forests are the plain kernel's.
 */
#include "unit/engine/random_forest.h"
#include "unit/test.h"

#include "base/alloc.h"
#include "engine/forest_rank_priv.h"

static const forest_shape FULL = {.compare = SV_COMPARE_F32_LT,
                                  .n_features = 3,
                                  .n_groups = 1,
                                  .leaf_width = 1,
                                  .n_trees = 150,
                                  .depth = RANK_DEPTH,
                                  .full = 95,
                                  .is_plain = true};

static void lower(sv_forest *f, sv_arena *arena)
{
    assert_int_equal(sv_forest_check(f, NULL), SAVOR_OK);
    assert_int_equal(sv_forest_lower(f, arena, NULL), SAVOR_OK);
    assert_non_null(f->kernel);
}

/* Thresholds i, i + step, ..: `n_cuts` different ones per feature, all with the same default side. */
static void spread_cuts(sv_forest *f, size_t n_cuts)
{
    size_t next[8] = {0};
    for (size_t i = 0; i < f->n_nodes; i++) {
        size_t feature = f->nodes[i].feature;
        f->nodes[i].threshold = (double)(float)(next[feature]++ % n_cuts) - 100.0;
        f->nodes[i].flags = 0;
    }
}

static void compare(const sv_forest *f, size_t first, size_t end, const float *rows, size_t n_rows)
{
    sv_arena arena;
    sv_arena_init(&arena, SIZE_MAX);
    float *walked = sv_arena_array(&arena, n_rows * f->n_groups, sizeof *walked);
    float *ranked = sv_arena_array(&arena, n_rows * f->n_groups, sizeof *ranked);
    for (size_t i = 0; i < n_rows * f->n_groups; i++)
        walked[i] = ranked[i] = 0.3f;
    sv_forest_walk(f, first, end, rows, n_rows, walked);
    assert_int_equal(sv_forest_predict(f, first, end, rows, n_rows, ranked, &arena, NULL), SAVOR_OK);
    assert_memory_equal(walked, ranked, n_rows * f->n_groups * sizeof *walked);
    sv_arena_deinit(&arena);
}

static void expect_form(const forest_shape *shape, size_t n_cuts, bool fits)
{
    sv_arena arena;
    rng r = {77};
    sv_arena_init(&arena, SIZE_MAX);
    sv_forest f = random_forest(&r, shape, &arena);
    if (n_cuts)
        spread_cuts(&f, n_cuts);
    lower(&f, &arena);
    assert_int_equal(f.kernel->ranks != NULL, fits && sv_rank_is_there());
    if (f.compare == SV_COMPARE_F32_LT)
        compare(&f, 0, f.n_trees, random_rows(&r, &f, 33, true, &arena), 33);
    sv_arena_deinit(&arena);
}

static void test_fit(void **state)
{
    (void)state;
    forest_shape deep = FULL, wide = FULL, doubles = FULL;
    deep.depth = RANK_DEPTH + 1;
    wide.n_features = 400;
    doubles.compare = SV_COMPARE_F64_LE;
    forest_shape few = FULL, stumps = FULL;
    few.n_trees = 2;
    stumps.depth = 1;
    expect_form(&FULL, 0, true);
    expect_form(&FULL, 1, true);
    expect_form(&FULL, 255, true);
    expect_form(&FULL, 256, false);
    expect_form(&deep, 0, false);
    expect_form(&wide, 0, false);
    expect_form(&doubles, 0, false);
    expect_form(&few, 0, false);
    expect_form(&stumps, 0, false);
}

/* Every number of cuts: each cut itself, its neighbours, NaN and the infinities. */
static void test_cuts(void **state)
{
    (void)state;
    forest_shape one = FULL;
    one.n_features = 1;
    one.n_trees = 9;
    for (size_t n_cuts = 1; n_cuts <= 256; n_cuts++) {
        sv_arena arena;
        rng r = {n_cuts};
        float rows[3 * 256 + 3] = {NAN, INFINITY, -INFINITY};
        sv_arena_init(&arena, SIZE_MAX);
        sv_forest f = random_forest(&r, &one, &arena);
        spread_cuts(&f, n_cuts);
        for (size_t i = 0; i < f.n_nodes && (n_cuts & 1); i++)
            f.nodes[i].flags = SV_SPLIT_DEFAULT_LEFT;
        lower(&f, &arena);
        for (size_t i = 0; i < 256; i++) {
            float cut = (float)i - 100.0f;
            rows[3 * i + 3] = cut;
            rows[3 * i + 4] = nextafterf(cut, INFINITY);
            rows[3 * i + 5] = nextafterf(cut, -INFINITY);
        }
        compare(&f, 0, f.n_trees, rows, sizeof rows / sizeof *rows);
        sv_arena_deinit(&arena);
    }
}

/* Both halves of the table of bins, several outputs, any range of trees, any number of rows. */
static void test_ranges(void **state)
{
    (void)state;
    rng r = {5};
    for (int i = 0; i < 120; i++) {
        sv_arena arena;
        forest_shape s = FULL;
        sv_arena_init(&arena, SIZE_MAX);
        s.n_features = i & 1 ? 65 + rng_below(&r, 60) : 1 + rng_below(&r, 64);
        s.n_groups = 1 + rng_below(&r, 3);
        s.n_trees = 300 + rng_below(&r, 100);
        s.has_weights = (i & 2) != 0;
        sv_forest f = random_forest(&r, &s, &arena);
        lower(&f, &arena);
        assert_int_equal(f.kernel->ranks != NULL, sv_rank_is_there());
        size_t first = rng_below(&r, f.n_trees + 1), end = first + rng_below(&r, f.n_trees - first + 1);
        size_t n_rows = 1 + rng_below(&r, 3 * RANK_ROWS);
        compare(&f, first, end, random_rows(&r, &f, n_rows, true, &arena), n_rows);
        sv_arena_deinit(&arena);
    }
}

static void test_memory(void **state)
{
    (void)state;
    rng r = {3};
    sv_arena arena;
    sv_arena_init(&arena, SIZE_MAX);
    sv_forest f = random_forest(&r, &FULL, &arena);
    lower(&f, &arena);
    const sv_rank_form *form = NULL;
    savor_status st = SAVOR_NOMEM;
    long n = 0;
    for (; st == SAVOR_NOMEM; n++) {
        sv_arena small;
        sv_arena_init(&small, SIZE_MAX);
        sv_alloc_fail_after(n);
        st = sv_rank_lower(f.kernel, f.n_trees, &small, &form, NULL);
        sv_alloc_fail_after(-1);
        assert_true(st == SAVOR_OK || form == NULL);
        sv_arena_deinit(&small);
    }
    assert_int_equal(st, SAVOR_OK);
    assert_true(n > 2 || !sv_rank_is_there());
    sv_arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fit),
        cmocka_unit_test(test_cuts),
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
