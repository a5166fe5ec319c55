/* suggest_test.c: near words are found, far ones are not. */
#include "options.h"

#include "unit/test.h"

static const char *const WORDS[] = {"serve", "predict", "inspect", "compare", "--version", "model-uri"};

static const char *suggest(const char *word) { return cli_suggest(word, WORDS, sizeof WORDS / sizeof WORDS[0]); }

static void test_near(void **state)
{
    (void)state;
    static const char *const ROWS[][2] = {
        {"srve", "serve"},      {"sevre", "serve"},         {"serv", "serve"},
        {"pred", "predict"},    {"perdict", "predict"},     {"compair", "compare"},
        {"model", "model-uri"}, {"--versoin", "--version"}, {"model_uri", "model-uri"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++)
        assert_string_equal(suggest(ROWS[i][0]), ROWS[i][1]);
}

static void test_far(void **state)
{
    (void)state;
    static const char *const ROWS[] = {
        "", "x", "s", "bogus", "deploy", "predictpredictpredictpredictpredictpredictpredict",
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++)
        assert_null(suggest(ROWS[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_near), cmocka_unit_test(test_far)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
