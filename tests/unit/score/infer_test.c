/* infer_test.c: data of a caller -> the text of a signature; what JSON stands for. Expected: MLflow 1.30.1, 3.17.2.
 */
#include "base/alloc.h"
#include "unit/test.h"

#include <savor/savor.h>

#include <string.h>

static savor_data json(const char *text)
{
    return (savor_data){.content_type = "application/json", .body = text, .body_bytes = strlen(text)};
}

static void check(const savor_data *inputs, const savor_infer_options *options, const char *want)
{
    char *text;
    savor_error err;
    if (savor_signature_infer(inputs, NULL, NULL, options, &text, &err))
        fail_msg("%s", err.message);
    assert_string_equal(text, want);
    savor_text_free(text);
}

#define TWO                                                                                              \
    "{\"inputs\": \"[{\\\"type\\\": \\\"long\\\", \\\"name\\\": \\\"a\\\", \\\"required\\\": true}]\", " \
    "\"outputs\": null, \"params\": null}"

/* A frame is a frame, whatever it comes as. */
static void test_frames(void **state)
{
    (void)state;
    static const char *const BODIES[] = {
        "{\"dataframe_split\": {\"columns\": [\"a\"], \"data\": [[1], [2]]}}",
        "{\"columns\": [\"a\"], \"data\": [[1], [2]]}",
        "{\"dataframe_records\": [{\"a\": 1}]}",
        "[{\"a\": 1}, {\"a\": 2}]",
    };
    for (size_t i = 0; i < sizeof BODIES / sizeof BODIES[0]; i++) {
        savor_data data = json(BODIES[i]);
        check(&data, NULL, TWO);
    }
    savor_data csv = {.content_type = "text/csv", .body = "a\n1\n", .body_bytes = 4};
    check(&csv, NULL, TWO);
    static const char *const NAMES[] = {"a"};
    static const int64_t ROWS[] = {1, 2};
    savor_frame *frame;
    assert_int_equal(savor_frame_from_rows(NAMES, 1, SAVOR_INT64, ROWS, 2, &frame, NULL), SAVOR_OK);
    savor_data data = {.frame = frame};
    check(&data, NULL, TWO);
    savor_frame_free(frame);
}

static void test_arrays(void **state)
{
    (void)state;
    savor_infer_options era_1 = {.size = sizeof era_1, .profile = SAVOR_PROFILE_1};
    savor_data inputs = json("{\"inputs\": [[1.5, 2], [3, 4]]}"), list = json("[[1.5, 2], [3, 4]]");
    check(&inputs, NULL,
          "{\"inputs\": \"[{\\\"type\\\": \\\"tensor\\\", \\\"tensor-spec\\\": {\\\"dtype\\\": \\\"float64\\\", "
          "\\\"shape\\\": [-1, 2]}}]\", \"outputs\": null, \"params\": null}");
    check(&list, &era_1,
          "{\"inputs\": \"[{\\\"type\\\": \\\"tensor\\\", \\\"tensor-spec\\\": {\\\"dtype\\\": \\\"float64\\\", "
          "\\\"shape\\\": [-1, 2]}}]\", \"outputs\": null}");
}

static void test_yaml(void **state)
{
    (void)state;
    savor_infer_options yaml = {.size = sizeof yaml, .yaml = 1};
    savor_data data = json("[{\"a\": 1}]");
    check(&data, &yaml,
          "signature:\n  inputs: '[{\"type\": \"long\", \"name\": \"a\", \"required\": true}]'\n  outputs: null\n"
          "  params: null\n");
}

static void test_outputs(void **state)
{
    (void)state;
    savor_data inputs = json("[1]"), outputs = json("{\"predictions\": [true]}"), params = json("{\"k\": \"v\"}");
    char *text;
    assert_int_equal(savor_signature_infer(&inputs, &outputs, &params, NULL, &text, NULL), SAVOR_OK);
    assert_non_null(strstr(text, "\"outputs\": \"[{\\\"type\\\": \\\"boolean\\\", \\\"required\\\": true}]\", "
                                 "\"params\": \"[{\\\"name\\\": \\\"k\\\", \\\"default\\\": \\\"v\\\", "));
    savor_text_free(text);
}

static void test_refusals(void **state)
{
    (void)state;
    static const struct {
        const char *type, *body;
        savor_profile profile;
        savor_status status;
    } ROWS[] = {
        {"application/json", "[1", SAVOR_PROFILE_AUTO, SAVOR_BAD_REQUEST},
        {"application/json", "{\"a\": 1}", SAVOR_PROFILE_1, SAVOR_SCHEMA},
        {"application/json", "[1, 1.5]", SAVOR_PROFILE_2, SAVOR_SCHEMA},
        {"text/html", "<p>", SAVOR_PROFILE_AUTO, SAVOR_MEDIA_TYPE},
        {NULL, "", SAVOR_PROFILE_AUTO, SAVOR_USAGE},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        savor_infer_options options = {.size = sizeof options, .profile = ROWS[i].profile};
        savor_data data = {.content_type = ROWS[i].type, .body = ROWS[i].body, .body_bytes = strlen(ROWS[i].body)};
        char *text = (char *)&options;
        savor_error err = {.status = SAVOR_OK};
        assert_int_equal(savor_signature_infer(&data, NULL, NULL, &options, &text, &err), ROWS[i].status);
        assert_null(text);
        assert_true(err.message[0]);
    }
    savor_data good = json("[1]"), bad = json("[1]");
    char *text;
    savor_error err;
    assert_int_equal(savor_signature_infer(&good, NULL, &bad, NULL, &text, &err), SAVOR_BAD_REQUEST);
    assert_string_equal(err.where, "params");
    assert_int_equal(savor_signature_infer(NULL, NULL, NULL, NULL, &text, &err), SAVOR_SCHEMA);
}

/* Every allocation fails once. */
static void test_memory(void **state)
{
    (void)state;
    savor_data inputs =
        json("{\"dataframe_split\": {\"columns\": [\"a\", \"b\"], \"data\": [[1, \"x\"], [2, null]]}}");
    savor_data outputs = json("[{\"y\": [1.5]}]"), params = json("{\"p\": [1, 2]}");
    savor_infer_options yaml = {.size = sizeof yaml, .yaml = 1};
    savor_status st = SAVOR_NOMEM;
    for (long n = 0; st; n++) {
        char *text;
        savor_error err = {.status = SAVOR_OK};
        sv_alloc_fail_after(n);
        st = savor_signature_infer(&inputs, &outputs, &params, &yaml, &text, &err);
        sv_alloc_fail_after(-1);
        assert_true(n < 1000 && (!st || (st == SAVOR_NOMEM && !text)));
        savor_text_free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_frames),   cmocka_unit_test(test_arrays),
                                       cmocka_unit_test(test_yaml),     cmocka_unit_test(test_outputs),
                                       cmocka_unit_test(test_refusals), cmocka_unit_test(test_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
