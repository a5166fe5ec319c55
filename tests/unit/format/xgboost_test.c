/* xgboost_test.c: one model in three formats, old and new spellings, each damaged field, memory that runs out. */
#include "unit/test.h"

#include "base/alloc.h"
#include "format/xgboost.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* x0 < 0.5 ? (x1 in {1, 3} ? 8 : 4) : -2, then a single leaf 0.25; base_score 0.5. The second tree weighs 0.5. */
static const char document[] =
    "{\"learner\": {\"attributes\": {\"best_iteration\": \"1\", \"other\": \"x\"}, \"feature_names\": [\"a\", \"b\"],"
    "\"feature_types\": [\"float\", \"c\"], \"gradient_booster\": {\"name\": \"dart\", \"weight_drop\": [1.0, 5E-1],"
    "\"gbtree\": {\"name\": \"gbtree\", \"model\": {\"gbtree_model_param\": {\"num_trees\": \"2\", "
    "\"num_parallel_tree\": \"1\"}, \"iteration_indptr\": [0, 1, 2], \"tree_info\": [0, 0], \"trees\": ["
    "{\"tree_param\": {\"num_nodes\": \"5\", \"size_leaf_vector\": \"1\"}, \"left_children\": [1, 3, -1, -1, -1],"
    "\"right_children\": [2, 4, -1, -1, -1], \"split_indices\": [0, 1, 0, 0, 0], \"split_type\": [0, 1, 0, 0, 0],"
    "\"split_conditions\": [5E-1, 0, -2, 4.0, 8], \"default_left\": [1, 0, 0, 0, 0], \"categories\": [1, 3],"
    "\"categories_nodes\": [1], \"categories_segments\": [0], \"categories_sizes\": [2]},"
    "{\"tree_param\": {\"num_nodes\": \"1\"}, \"left_children\": [-1], \"right_children\": [-1],"
    "\"split_indices\": [0], \"split_conditions\": [2.5E-1], \"default_left\": [false]}]}}},"
    "\"learner_model_param\": {\"base_score\": \"[5E-1]\", \"num_class\": \"0\", \"num_feature\": \"2\","
    "\"num_target\": \"1\"}, \"objective\": {\"name\": \"reg:squarederror\"}}, \"version\": [3, 1, 0]}";

static savor_status read_text(const char *text, size_t n, sv_arena *arena, const sv_xgboost **m, savor_error *err)
{
    return sv_xgboost_read((sv_str){text, n}, NULL, arena, m, err);
}

static float predict(const sv_xgboost *m, float a, float b)
{
    float row[2] = {a, b}, sum = m->base_margin[0];
    sv_forest_walk(&m->forest, 0, m->forest.n_trees, row, 1, &sum);
    return sum;
}

static void test_document(void **state)
{
    (void)state;
    sv_arena arena;
    const sv_xgboost *m;
    savor_error err;
    sv_arena_init(&arena, SIZE_MAX);
    if (read_text(document, strlen(document), &arena, &m, &err))
        fail_msg("%s", err.message);
    assert_int_equal(m->booster, SV_XGBOOST_DART);
    assert_int_equal(m->n_iterations, 2);
    assert_int_equal(m->best_iteration, 1);
    assert_true(m->has_categories && !m->has_category_names);
    assert_true(sv_str_is(m->feature_names[1], "b"));
    assert_true(predict(m, 0.5f, 1) == -1.375f && predict(m, 0.25f, 3) == 8.625f && predict(m, 0, 0) == 4.625f);
    assert_true(predict(m, NAN, 40) == 4.625f && predict(m, 0, NAN) == 8.625f);
    sv_arena_deinit(&arena);
}

/* The document with one piece replaced; the message must name what is wrong. */
static void refused(const char *piece, const char *by, savor_status status, const char *part)
{
    sv_arena arena;
    const sv_xgboost *m;
    savor_error err = {0};
    char text[4096];
    const char *at = strstr(document, piece);
    assert_non_null(at);
    snprintf(text, sizeof text, "%.*s%s%s", (int)(at - document), document, by, at + strlen(piece));
    sv_arena_init(&arena, SIZE_MAX);
    savor_status st = read_text(text, strlen(text), &arena, &m, &err);
    if (st != status || !strstr(err.message, part))
        fail_msg("%s -> %s: status %d, %s", piece, by, st, err.message);
    assert_null(m);
    sv_arena_deinit(&arena);
}

static void test_fields(void **state)
{
    (void)state;
    refused("[1, 3, -1, -1, -1]", "[0, 3, -1, -1, -1]", SAVOR_FORMAT, "reached twice");
    refused("[1, 3, -1, -1, -1]", "[5, 3, -1, -1, -1]", SAVOR_FORMAT, "tree 0, node 0: a child was not");
    refused("[2, 4, -1, -1, -1]", "[-1, 4, -1, -1, -1]", SAVOR_FORMAT, "a child was not");
    refused("[1, 3, -1, -1, -1]", "[1, 3, -1, -1]", SAVOR_FORMAT, "\"left_children\" was absent or had not 5");
    refused("[0, 1, 0, 0, 0]", "[2, 1, 0, 0, 0]", SAVOR_FORMAT, "feature 2, expected less than 2");
    refused("[0, 1, 0, 0, 0]", "[-1, 1, 0, 0, 0]", SAVOR_FORMAT, "expected less than 2");
    refused("[5E-1, 0, -2", "[null, 0, -2", SAVOR_FORMAT, "a field was not a number");
    refused("\"categories\": [1, 3]", "\"categories\": [1, 16777216]", SAVOR_FORMAT, "a category was not");
    refused("\"categories\": [1, 3]", "\"categories\": [1]", SAVOR_FORMAT, "categories were not all there");
    refused("\"categories_segments\": [0]", "\"categories_segments\": [9223372036854775807]", SAVOR_FORMAT,
            "categories were not all there");
    refused("\"categories_nodes\": [1]", "\"categories_nodes\": [0]", SAVOR_FORMAT, "were not all there");
    refused("\"num_nodes\": \"5\"", "\"num_nodes\": \"0\"", SAVOR_FORMAT, "num_nodes");
    refused("\"num_nodes\": \"5\"", "\"num_nodes\": \"2147483648\"", SAVOR_FORMAT, "num_nodes");
    refused("\"size_leaf_vector\": \"1\"", "\"size_leaf_vector\": \"3\"", SAVOR_FORMAT, "size_leaf_vector was 3");
    refused("\"tree_info\": [0, 0]", "\"tree_info\": [0, 1]", SAVOR_FORMAT, "tree 1: its group");
    refused("\"iteration_indptr\": [0, 1, 2]", "\"iteration_indptr\": [0, 2, 1]", SAVOR_FORMAT, "did not rise");
    refused("\"num_trees\": \"2\"", "\"num_trees\": \"3\"", SAVOR_FORMAT, "there were 2 trees, expected 3");
    refused("[1.0, 5E-1]", "[1.0]", SAVOR_FORMAT, "weight_drop");
    refused("\"[5E-1]\"", "\"[5E-1,1]\"", SAVOR_FORMAT, "base_score had 2 numbers, expected 1 or 1");
    refused("\"[5E-1]\"", "\"[x]\"", SAVOR_FORMAT, "base_score \"x\"");
    refused("\"num_class\": \"0\"", "\"num_class\": \"-1\"", SAVOR_FORMAT, "num_class was -1");
    refused("\"num_feature\": \"2\"", "\"num_feature\": \"3\"", SAVOR_FORMAT, "2 feature names, expected 3");
    refused("reg:squarederror", "reg:none", SAVOR_UNSUPPORTED, "\"reg:none\"");
    refused("\"dart\"", "\"forest\"", SAVOR_UNSUPPORTED, "\"forest\"");
    refused("\"learner\"", "\"teacher\"", SAVOR_FORMAT, "\"learner\"");
    refused("[3, 1, 0]}", "[3, 1, 0]", SAVOR_FORMAT, "JSON byte");
}

static void read_seed(const char *name, char *room, size_t *n)
{
    char path[512];
    snprintf(path, sizeof path, TEST_DATA "/../fuzz/seeds/%s", name);
    FILE *f = fopen(path, "rb");
    if (!f)
        fail_msg("%s", path);
    *n = fread(room, 1, 1 << 16, f);
    fclose(f);
}

/* The library wrote one model three times: the readers must agree. */
static void test_formats(void **state)
{
    (void)state;
    static const char *const pairs[][3] = {
        {"xgboost_json/logistic-v1", "xgboost_ubj/logistic-v1", "xgboost_binary/logistic-v1"},
        {"xgboost_json/dart-v1", "xgboost_ubj/dart-v1", "xgboost_binary/dart-v1"},
        {"xgboost_json/softprob-v1", "xgboost_ubj/softprob-v1", "xgboost_binary/softprob-v1"},
    };
    static const float rows[4][3] = {{0.1f, 0.2f, 0.9f}, {NAN, 0.6f, 0.1f}, {0.7f, NAN, NAN}, {0.4f, 0.5f, -0.0f}};
    char *bytes = malloc(1 << 16);
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        float sums[3][12] = {{0}};
        for (size_t k = 0; k < 3; k++) {
            sv_arena arena;
            const sv_xgboost *m;
            size_t n;
            sv_arena_init(&arena, SIZE_MAX);
            read_seed(pairs[i][k], bytes, &n);
            assert_int_equal(read_text(bytes, n, &arena, &m, NULL), SAVOR_OK);
            sv_forest_walk(&m->forest, 0, m->forest.n_trees, rows, 4, sums[k]);
            sv_arena_deinit(&arena);
        }
        assert_memory_equal(sums[0], sums[1], sizeof sums[0]);
        assert_memory_equal(sums[0], sums[2], sizeof sums[0]);
    }
    free(bytes);
}

/* Allow 0, 1, 2, ... allocations: NOMEM and nothing left behind each time, until one is enough. */
static void test_memory(void **state)
{
    (void)state;
    static const char *const seeds[] = {"xgboost_json/dart-v3",     "xgboost_ubj/cat-v3",
                                        "xgboost_ubj/vector-v3",    "xgboost_json/linear-v1",
                                        "xgboost_binary/linear-v1", "xgboost_binary/dart-v1"};
    char *bytes = malloc(1 << 16);
    for (size_t i = 0; i < sizeof seeds / sizeof *seeds; i++) {
        size_t n;
        savor_status st = SAVOR_NOMEM;
        long allowed = 0;
        read_seed(seeds[i], bytes, &n);
        for (; st == SAVOR_NOMEM; allowed++) {
            sv_arena arena;
            const sv_xgboost *m;
            sv_arena_init(&arena, SIZE_MAX);
            sv_alloc_fail_after(allowed);
            st = read_text(bytes, n, &arena, &m, NULL);
            sv_alloc_fail_after(-1);
            assert_true((st == SAVOR_OK) == (m != NULL));
            sv_arena_deinit(&arena);
        }
        assert_int_equal(st, SAVOR_OK);
        assert_true(allowed > 1);
    }
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_document),
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_formats),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
