/* example_test.c: examples made of data, and read from models of every era. The table of what MLflow writes is
 * corpus/infer/examples. */
#include "base/alloc.h"
#include "unit/score/folder.h"

#include <savor/savor.h>

static savor_data json(const char *text)
{
    return (savor_data){.content_type = "application/json", .body = text, .body_bytes = strlen(text)};
}

static void test_new(void **state)
{
    (void)state;
    savor_data data = json("{\"dataframe_split\": {\"columns\": [\"a\"], \"data\": [[1.5], [NaN]]}}");
    savor_data params = json("{\"t\": 1}");
    savor_example *example;
    size_t n;
    assert_int_equal(savor_example_new(&data, &params, NULL, &example, NULL), SAVOR_OK);
    assert_string_equal(savor_example_get_input(example, &n),
                        "{\"inputs\": {\"columns\": [\"a\"], \"data\": [[1.5], [NaN]]}, \"params\": {\"t\": 1}}");
    assert_int_equal(n, strlen(savor_example_get_input(example, NULL)));
    assert_string_equal(
        savor_example_get_serving(example, &n),
        "{\n  \"dataframe_split\": {\n    \"columns\": [\n      \"a\"\n    ],\n    \"data\": [\n      [\n"
        "        1.5\n      ],\n      [\n        NaN\n      ]\n    ]\n  },\n  \"params\": {\n    \"t\": "
        "1\n  }\n}");
    assert_ptr_equal(savor_example_get_request(example, NULL), savor_example_get_serving(example, NULL));
    assert_string_equal(
        savor_example_get_info(example),
        "{\"artifact_path\": \"input_example.json\", \"pandas_orient\": \"split\", \"params\": \"true\", "
        "\"serving_input_path\": \"serving_input_example.json\", \"type\": \"dataframe\"}");
    savor_example_free(example);
}

static void test_new_era_1(void **state)
{
    (void)state;
    savor_infer_options era_1 = {.size = sizeof era_1, .profile = SAVOR_PROFILE_1};
    savor_data array = json("[1.5, NaN]"), dict = json("{\"a\": \"x\", \"b\": null}"), nested = json("{\"a\": [1]}");
    savor_data params = json("{}");
    savor_example *example;
    savor_error err;
    assert_int_equal(savor_example_new(&array, NULL, &era_1, &example, NULL), SAVOR_OK);
    assert_string_equal(savor_example_get_request(example, NULL), "{\"inputs\": [1.5, null]}");
    assert_null(savor_example_get_serving(example, NULL));
    savor_example_free(example);
    assert_int_equal(savor_example_new(&dict, NULL, &era_1, &example, NULL), SAVOR_OK);
    assert_string_equal(savor_example_get_request(example, NULL),
                        "{\"columns\": [\"a\", \"b\"], \"data\": [[\"x\", null]]}");
    savor_example_free(example);
    assert_int_equal(savor_example_new(&nested, NULL, &era_1, &example, &err), SAVOR_SCHEMA);
    assert_null(example);
    assert_int_equal(savor_example_new(&dict, &params, &era_1, &example, &err), SAVOR_USAGE);
    assert_null(example);
}

typedef struct example_row {
    const char *version, *info; /* lines of saved_input_example_info */
    const char *input;
    savor_status status;
    const char *request;
} example_row;

static void load_row(const example_row *row)
{
    char mlmodel[600];
    folder f;
    savor_example *example;
    savor_error err = {.status = SAVOR_OK};
    folder_make(&f);
    snprintf(mlmodel, sizeof mlmodel, "flavors: {x: {}}\nmlflow_version: %s\n%s", row->version, row->info);
    folder_put_text(&f, "MLmodel", mlmodel);
    if (row->input)
        folder_put_text(&f, "input_example.json", row->input);
    savor_status st = savor_example_load(f.path, NULL, &example, &err);
    folder_remove(&f);
    if (st != row->status)
        fail_msg("%s: %s: %s", row->info, savor_status_name(st), err.message);
    if (st) {
        assert_null(example);
        assert_true(err.message[0]);
    } else {
        assert_string_equal(savor_example_get_request(example, NULL), row->request);
        assert_string_equal(savor_example_get_input(example, NULL), row->input);
    }
    savor_example_free(example);
}

#define INFO "saved_input_example_info:\n  artifact_path: input_example.json\n  "

static void test_load(void **state)
{
    (void)state;
    static const example_row ROWS[] = {
        {"1.30.1", INFO "type: dataframe", "{\"data\": [[1, 2]]}", SAVOR_OK, "{\"data\": [[1, 2]]}"},
        {"2.9.2", INFO "type: dataframe", "{\"data\": [[1, 2]]}", SAVOR_OK,
         "{\"dataframe_split\": {\"data\": [[1, 2]]}}"},
        {"2.9.2", INFO "type: ndarray\n  format: tf-serving", "{\"inputs\": [1]}", SAVOR_OK, "{\"inputs\": [1]}"},
        {"3.1.0", INFO "type: ndarray", "{\"x\": [1]}", SAVOR_OK, "{\"inputs\": {\"x\": [1]}}"},
        {"3.1.0", INFO "type: ndarray\n  params: 'true'", "{\"inputs\": [1], \"params\": {\"k\": 2}}", SAVOR_OK,
         "{\"inputs\": [1], \"params\": {\"k\": 2}}"},
        {"3.1.0", INFO "type: json_object", "{\"prompt\": \"hi\"}", SAVOR_OK, "{\"prompt\": \"hi\"}"},
        {"3.1.0", INFO "type: sparse_matrix_csc",
         "{\"data\": [2.5, 1.0], \"indices\": [1, 0], \"indptr\": [0, 1, 2, 2], \"shape\": [2, 3]}", SAVOR_OK,
         "{\"inputs\": [[0.0, 1.0, 0.0], [2.5, 0.0, 0.0]]}"},
        {"3.1.0", INFO "type: sparse_matrix_csr",
         "{\"data\": [2.5], \"indices\": [3], \"indptr\": [0, 1, 1], \"shape\": [2, 3]}", SAVOR_FORMAT, NULL},
        {"3.1.0", INFO "type: sparse_matrix_csr",
         "{\"data\": [], \"indices\": [], \"indptr\": [0], \"shape\": [0, 2147483648]}", SAVOR_OK,
         "{\"inputs\": []}"},
        {"3.1.0", INFO "type: sparse_matrix_csr",
         "{\"data\": [], \"indices\": [], \"indptr\": [0, 0], \"shape\": [1, 300000000]}", SAVOR_LIMIT, NULL},
        {"3.1.0", INFO "type: hologram", "[]", SAVOR_UNSUPPORTED, NULL},
        {"3.1.0", INFO "type: dataframe", "[", SAVOR_FORMAT, NULL},
        {"3.1.0", INFO "type: dataframe", "[]", SAVOR_FORMAT, NULL},
        {"3.1.0", INFO "type: dataframe", NULL, SAVOR_NOT_FOUND, NULL},
        {"3.1.0", "", NULL, SAVOR_NOT_FOUND, NULL},
        {"3.1.0", "saved_input_example_info: [1]", NULL, SAVOR_FORMAT, NULL},
        {"3.1.0", "saved_input_example_info: {artifact_path: ../../etc/hosts, type: json_object}", NULL, SAVOR_FORMAT,
         NULL},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++)
        load_row(&ROWS[i]);
}

/* Where there is a serving example, it is the request. */
static void test_serving(void **state)
{
    (void)state;
    static const char SERVING[] = "{\n  \"dataframe_split\": {\"data\": [[1]]}\n}";
    folder f;
    savor_example *example;
    folder_make(&f);
    folder_put_text(&f, "MLmodel",
                    "flavors: {}\nmlflow_version: 2.16.2\n" INFO
                    "type: dataframe\n  serving_input_path: serving_input_payload.json\n");
    folder_put_text(&f, "input_example.json", "{\"data\": [[1]]}");
    folder_put_text(&f, "serving_input_payload.json", SERVING);
    assert_int_equal(savor_example_load(f.path, NULL, &example, NULL), SAVOR_OK);
    assert_string_equal(savor_example_get_request(example, NULL), SERVING);
    savor_example_free(example);
    folder_remove(&f);
}

/* Every allocation fails once. */
static void test_memory(void **state)
{
    (void)state;
    savor_data data = json("{\"a\": {\"b\": [1, null]}, \"c\": \"x\"}"), params = json("{\"k\": 2}");
    savor_data row = json("{\"a\": 1}");
    savor_infer_options era_1 = {.size = sizeof era_1, .profile = SAVOR_PROFILE_1};
    folder f;
    savor_status st = SAVOR_NOMEM;
    folder_make(&f);
    folder_put_text(&f, "MLmodel", "flavors: {}\nmlflow_version: 3.1.0\n" INFO "type: sparse_matrix_csr\n");
    folder_put_text(&f, "input_example.json",
                    "{\"data\": [1], \"indices\": [0], \"indptr\": [0, 1], \"shape\": [1, 1]}");
    for (long n = 0; st; n++) {
        savor_example *made = NULL, *loaded = NULL, *old = NULL;
        savor_error err = {.status = SAVOR_OK};
        sv_alloc_fail_after(n);
        if (!(st = savor_example_new(&data, &params, NULL, &made, &err)) &&
            !(st = savor_example_new(&row, NULL, &era_1, &old, &err)))
            st = savor_example_load(f.path, NULL, &loaded, &err);
        sv_alloc_fail_after(-1);
        assert_true(n < 1000 && (!st || st == SAVOR_NOMEM));
        savor_example_free(made);
        savor_example_free(old);
        savor_example_free(loaded);
    }
    folder_remove(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_new), cmocka_unit_test(test_new_era_1),
                                       cmocka_unit_test(test_load), cmocka_unit_test(test_serving),
                                       cmocka_unit_test(test_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
