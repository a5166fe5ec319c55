#include "unit/format/catboost_file.h"

/* One number with two borders, one category with two values; pieces are put between these texts. */
static const char FEATURES[] =
    "\"features_info\":{\"float_features\":[{\"borders\":[0.5,1],\"feature_id\":\"a\",\"feature_index\":0,"
    "\"flat_feature_index\":0,\"has_nans\":true,\"nan_value_treatment\":\"AsTrue\"}],\"categorical_features\":[{"
    "\"feature_id\":\"b\",\"feature_index\":0,\"flat_feature_index\":1,\"values\":[5,-7]}]}";

static sv_buf make(const char *trees, const char *rest)
{
    sv_buf text = SV_BUF_INIT(CATBOOST_MAX_BYTES);
    sv_buf_printf(&text, "{%s,%s%s}", FEATURES, trees, rest);
    return text;
}

static void check(const char *trees, const char *rest, const double expected[4])
{
    static const float a[] = {0.5f, 0.75f, 2, __builtin_nanf("")};
    static const uint32_t b[] = {5, (uint32_t)-7, 5, 9};
    const float *floats[] = {a};
    const uint32_t *categories[] = {b};
    sv_buf text = make(trees, rest);
    sv_arena arena;
    savor_error err = {0};
    const sv_catboost *m = NULL;
    double out[4];
    sv_arena_init(&arena, CATBOOST_MAX_BYTES);
    if (sv_catboost_read_json(sv_buf_view(&text), &arena, &m, &err))
        fail_msg("%s", err.message);
    assert_int_equal(sv_catboost_formula_predict(&m->formula, floats, categories, 4, out, &arena, NULL), SAVOR_OK);
    for (size_t i = 0; i < 4; i++)
        assert_true(out[i] == expected[i]);
    sv_arena_deinit(&arena);
    sv_buf_deinit(&text);
}

static void both_kinds_of_trees_are_read(void **state)
{
    (void)state;
    /* questions: a > 0.5, a > 1, b == 5, b == -7 */
    check("\"oblivious_trees\":[{\"leaf_values\":[1,2,4,8],\"splits\":[{\"split_index\":1},{\"split_index\":2}]},"
          "{\"leaf_values\":[100],\"splits\":null}]",
          ",\"scale_and_bias\":[2,[0.5]]", (const double[]){208.5, 202.5, 216.5, 204.5});
    check("\"trees\":[{\"split\":{\"split_index\":0},\"left\":{\"value\":1},\"right\":{\"split\":{\"split_index\":3},"
          "\"left\":{\"value\":2},\"right\":{\"value\":4}}}]",
          ",\"scale_and_bias\":[1,0.25]", (const double[]){1.25, 4.25, 2.25, 2.25});
}

#define TREE "\"oblivious_trees\":[{\"leaf_values\":[1,2],\"splits\":[{\"split_index\":0}]}]"

static void faults_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *trees, *rest;
    } ROWS[] = {
        {"\"oblivious_trees\":[{\"leaf_values\":[1,2],\"splits\":[{\"split_index\":4}]}]", ""},
        {"\"oblivious_trees\":[{\"leaf_values\":[1],\"splits\":[{\"split_index\":0}]}]", ""},
        {"\"oblivious_trees\":[{\"leaf_values\":[1,\"2\"],\"splits\":[{\"split_index\":0}]}]", ""},
        {"\"oblivious_trees\":{}", ""},
        {"\"trees\":[{\"split\":{\"split_index\":0},\"left\":{\"value\":1}}]", ""},
        {"\"trees\":[{\"split\":{\"split_index\":9},\"left\":{\"value\":1},\"right\":{\"value\":1}}]", ""},
        {"\"x\":1", ""},
        {TREE, ",\"scale_and_bias\":[1,[1,2]]"},
        {TREE, ",\"scale_and_bias\":7"},
        {TREE, ",\"ctr_data\":[]"},
        {TREE, ",\"ctr_data\":{\"x\":{}}"},
        {TREE, ",\"model_info\":5"},
        {TREE, ",\"model_info\":{\"params\":\"{\"}"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        sv_buf text = make(ROWS[i].trees, ROWS[i].rest);
        savor_error err = {0};
        assert_int_equal(catboost_verdict(sv_catboost_read_json, sv_buf_view(&text), &err), SAVOR_FORMAT);
        assert_true(err.message[0] != 0);
        sv_buf_deinit(&text);
    }
}

static void deep_trees_are_limited(void **state)
{
    (void)state;
    sv_buf text = SV_BUF_INIT(CATBOOST_MAX_BYTES);
    savor_error err = {0};
    sv_buf_printf(&text, "{%s,\"trees\":[", FEATURES);
    for (int i = 0; i < 200; i++)
        sv_buf_put_text(&text, "{\"split\":{\"split_index\":0},\"right\":{\"value\":1},\"left\":");
    sv_buf_put_text(&text, "{\"value\":1}");
    for (int i = 0; i < 200; i++)
        sv_buf_put_char(&text, '}');
    sv_buf_put_text(&text, "]}");
    assert_int_equal(catboost_verdict(sv_catboost_read_json, sv_buf_view(&text), &err), SAVOR_LIMIT);
    sv_buf_deinit(&text);
}

static void text_features_are_unsupported(void **state)
{
    (void)state;
    static const char text[] =
        "{\"features_info\":{\"text_features\":[{}]},\"oblivious_trees\":[{\"leaf_values\":[1]}]}";
    savor_error err = {0};
    assert_int_equal(catboost_verdict(sv_catboost_read_json, sv_str_of(text), &err), SAVOR_UNSUPPORTED);
    assert_string_equal(err.message, "CatBoost models with text_features are not supported natively");
}

static void lack_of_memory_is_told(void **state)
{
    (void)state;
    sv_buf bytes = catboost_file("cb-json-v3");
    catboost_starve(sv_catboost_read_json, sv_buf_view(&bytes));
    sv_buf_deinit(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_kinds_of_trees_are_read), cmocka_unit_test(faults_are_refused),
        cmocka_unit_test(deep_trees_are_limited),       cmocka_unit_test(text_features_are_unsupported),
        cmocka_unit_test(lack_of_memory_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
