#include "engine/catboost.h"
#include "unit/test.h"

#include <math.h>

#define N_BORDERS 300 /* more than one bin can count */

static float borders[N_BORDERS];
static const sv_bin_split SPLITS[] = {{1, 0, 45},
                                      {2, 0xfd, 255}}; /* border 298 of the number; value 1 of the category */
static const size_t FIRST_SPLIT[] = {0, 2}, FIRST_LEAF[] = {0};
static const double LEAVES[] = {1, 2, 3, 4};
static const int32_t VALUES[] = {-5, 7};

/* One number with borders 0, 1, ... 299, one category. */
static sv_catboost_formula make(sv_catboost_float *number, const sv_catboost_one_hot *one_hot, const double *bias)
{
    for (size_t i = 0; i < N_BORDERS; i++)
        borders[i] = (float)i;
    *number = (sv_catboost_float){.bins = {0, N_BORDERS, borders}};
    return (sv_catboost_formula){.n_floats = 1,
                                 .n_categories = 1,
                                 .floats = number,
                                 .n_one_hots = 1,
                                 .one_hots = one_hot,
                                 .scale = 1,
                                 .bias = bias,
                                 .forest = {.is_symmetric = true,
                                            .n_bins = 3,
                                            .n_outputs = 1,
                                            .n_trees = 1,
                                            .n_splits = 2,
                                            .n_leaf_values = 4,
                                            .first_split = FIRST_SPLIT,
                                            .splits = SPLITS,
                                            .first_leaf = FIRST_LEAF,
                                            .leaf_values = LEAVES}};
}

static const sv_catboost_one_hot ONE_HOT = {0, 2, 2, VALUES};

static void rows_beyond_a_block_are_binned(void **state)
{
    (void)state;
    enum { N = 400 };
    static float x[N];
    static uint32_t c[N];
    static double out[N];
    const float *floats[] = {x};
    const uint32_t *categories[] = {c};
    const double bias = 0;
    sv_catboost_float number;
    sv_catboost_formula f = make(&number, &ONE_HOT, &bias);
    sv_arena arena;
    sv_arena_init(&arena, SIZE_MAX);
    for (size_t i = 0; i < N; i++) {
        x[i] = (float)i;
        c[i] = i % 2 ? 7 : (uint32_t)-5;
    }
    assert_int_equal(sv_catboost_formula_predict(&f, floats, categories, N, out, &arena, NULL), SAVOR_OK);
    for (size_t i = 0; i < N; i++)
        assert_true(out[i] == 1 + (i > 298) + 2 * (i % 2));
    assert_int_equal(sv_catboost_formula_predict(&f, floats, categories, 0, out, &arena, NULL), SAVOR_OK);
    sv_arena_deinit(&arena);
}

static void nan_goes_to_its_side(void **state)
{
    (void)state;
    const float x[] = {NAN, INFINITY, -INFINITY};
    const uint32_t c[] = {0, 0, 0};
    const float *floats[] = {x};
    const uint32_t *categories[] = {c};
    const double bias = 0.25;
    double out[3];
    sv_catboost_float number;
    sv_catboost_formula f = make(&number, &ONE_HOT, &bias);
    sv_arena arena;
    sv_arena_init(&arena, SIZE_MAX);
    assert_int_equal(sv_catboost_formula_predict(&f, floats, categories, 3, out, &arena, NULL), SAVOR_OK);
    assert_true(out[0] == 1.25 && out[1] == 2.25 && out[2] == 1.25);
    number.is_nan_above = true;
    f.scale = -2;
    assert_int_equal(sv_catboost_formula_predict(&f, floats, categories, 3, out, &arena, NULL), SAVOR_OK);
    assert_true(out[0] == -3.75 && out[1] == -3.75 && out[2] == -1.75);
    sv_arena_deinit(&arena);
}

/* A combination of the category and both answers; its hash is the only one in the table. */
static void combinations_are_hashed_in_order(void **state)
{
    (void)state;
    static const size_t which[] = {0};
    static const sv_catboost_test tests[] = {{1, false, 45}, {2, true, 2}};
    static const float ctr_borders[] = {0.5f};
    static const uint32_t rows[] = {0, 0};
    static const int32_t counts[] = {1};
    uint64_t hash = sv_ctr_hash(sv_ctr_hash(sv_ctr_hash(0, (uint64_t)(int64_t)-5), 1), 0);
    const uint64_t hashes[] = {hash % 2 ? SV_CTR_NO_HASH : hash, hash % 2 ? hash : SV_CTR_NO_HASH};
    const sv_ctr_table table = {SV_CTR_COUNTER, 2, hashes, rows, 1, 0, counts, 0};
    const sv_catboost_combination combination = {1, 2, which, tests};
    const sv_catboost_ctr ctr = {0, {&table, 0, 0, 1, 0, 1}, {3, 1, ctr_borders}};
    static const sv_bin_split splits[] = {{3, 0, 1}, {3, 0, 1}};
    const float x[] = {299, 299, 5};
    const uint32_t c[] = {(uint32_t)-5, 7, (uint32_t)-5};
    const float *floats[] = {x};
    const uint32_t *categories[] = {c};
    const double bias = 0;
    double out[3];
    sv_catboost_float number;
    sv_catboost_formula f = make(&number, &ONE_HOT, &bias);
    sv_arena arena;
    f.n_combinations = f.n_ctrs = 1;
    f.combinations = &combination;
    f.ctrs = &ctr;
    f.forest.n_bins = 4;
    f.forest.splits = splits;
    sv_arena_init(&arena, SIZE_MAX);
    assert_int_equal(sv_catboost_formula_predict(&f, floats, categories, 3, out, &arena, NULL), SAVOR_OK);
    assert_true(out[0] == 4 && out[1] == 1 && out[2] == 1);
    sv_arena_deinit(&arena);
}

static void short_memory_is_told(void **state)
{
    (void)state;
    const float x[] = {1};
    const uint32_t c[] = {1};
    const float *floats[] = {x};
    const uint32_t *categories[] = {c};
    const double bias = 0;
    double out[1];
    sv_catboost_float number;
    sv_catboost_formula f = make(&number, &ONE_HOT, &bias);
    sv_arena arena;
    sv_arena_init(&arena, 2);
    assert_int_equal(sv_catboost_formula_predict(&f, floats, categories, 1, out, &arena, NULL), SAVOR_LIMIT);
    sv_arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_beyond_a_block_are_binned),
        cmocka_unit_test(nan_goes_to_its_side),
        cmocka_unit_test(combinations_are_hashed_in_order),
        cmocka_unit_test(short_memory_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
