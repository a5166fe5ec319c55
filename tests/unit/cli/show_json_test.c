/* show_json_test.c: values are found and made fit for a terminal, also in text that is cut. */
#include "show_json.h"

#include "unit/test.h"

#include <stdlib.h>
#include <string.h>

static void check(const char *json, const char *key, const char *expected)
{
    char text[64];
    const char *value = cli_json_find(json, key);
    if (!expected) {
        assert_null(value);
        return;
    }
    assert_non_null(value);
    assert_string_equal(cli_json_text(value, text, sizeof text), expected);
}

static void test_values(void **state)
{
    (void)state;
    check("{\"a\": 1, \"b\": [1, {\"c\": \"]\"}], \"c\": true}", "c", "true");
    check("{\"a\": 1, \"b\": [1, {\"c\": \"]\"}], \"c\": true}", "b", "[1, {\"c\": \"]\"}]");
    check("{\"a\":\"x\\\"}\",\"b\":-1.5e3}", "b", "-1.5e3");
    check("{\"a\": null}", "a", "none");
    check("{\"a\": {\"b\": 1}}", "b", NULL);
    check("{\"ab\": 1}", "a", NULL);
    check("[\"a\"]", "a", NULL);
    check("", "a", NULL);
    check("{}", "a", NULL);
}

/* Nothing that a terminal would obey comes through: C0, DEL, C1, line separators, marks that turn the direction. */
static void test_terminal(void **state)
{
    (void)state;
    check("{\"a\": \"caf\\u00e9 \\ud83d\\ude00\"}", "a", "caf\xc3\xa9 \xf0\x9f\x98\x80");
    check("{\"a\": \"\\u001b[31m\"}", "a", "\\u001b[31m");
    check("{\"a\": \"\\u009b\\u007f\\u202e\\ud800\"}", "a", "\\u009b\\u007f\\u202e\\ud800");
    check("{\"a\": \"x\x1b[31m\xc2\x9b\"}", "a", "x?[31m?");
    check("{\"a\": \"one\\ntwo\\tthree\"}", "a", "one two three");
    check("{\"a\": \"\\\"\\\\\\/\"}", "a", "\"\\/");
}

static void test_cut(void **state)
{
    (void)state;
    char text[8];
    assert_string_equal(cli_json_text("\"0123456789\"", text, sizeof text), "0123456");
    assert_string_equal(cli_json_text("\"012345\\u00e9\"", text, sizeof text), "012345");
}

/* Every prefix in a piece of memory of its own, so that a sanitizer sees a step behind the end. */
static void test_prefixes(void **state)
{
    (void)state;
    static const char WHOLE[] = "{\"a\": [1, \"\\ud83d\\ude00\\\\\"], \"b\": {\"c\": null}, \"d\": \"x\\n\"}";
    for (size_t n = 0; n < sizeof WHOLE; n++) {
        char text[32], *cut = malloc(n + 1);
        assert_non_null(cut);
        memcpy(cut, WHOLE, n);
        cut[n] = 0;
        const char *value = cli_json_find(cut, "d");
        if (value)
            cli_json_text(value, text, sizeof text);
        value = cli_json_find(cut, "a");
        if (value)
            cli_json_text(value, text, sizeof text);
        free(cut);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_terminal),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_prefixes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
