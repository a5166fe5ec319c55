/* accept_test.c: which Accept header asks for which form. */
#include "score/accept.h"

#include "unit/test.h"

#include <string.h>

static void test_headers(void **state)
{
    (void)state;
    static const struct {
        const char *header;
        sv_answer_form form;
    } ROWS[] = {
        {"", SV_ANSWER_JSON},
        {"*/*", SV_ANSWER_JSON},
        {"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", SV_ANSWER_JSON},
        {"application/json", SV_ANSWER_JSON},
        {"text/csv", SV_ANSWER_CSV},
        {"Text/CSV", SV_ANSWER_CSV},
        {"text/csv; charset=utf-8", SV_ANSWER_CSV},
        {"text/*", SV_ANSWER_CSV},
        {"*/*, text/csv", SV_ANSWER_CSV},
        {"application/vnd.apache.arrow.stream", SV_ANSWER_ARROW},
        {"text/csv;q=0.5, application/vnd.apache.arrow.stream;q=0.875", SV_ANSWER_ARROW},
        {"text/csv, application/vnd.apache.arrow.stream", SV_ANSWER_CSV},
        {"text/csv;q=0", SV_ANSWER_JSON},
        {"text/csv;q=0.000, */*", SV_ANSWER_JSON},
        {"text/csv ; q=0.1", SV_ANSWER_CSV},
        {"text/csv;q=0.1, application/json", SV_ANSWER_JSON},
        {"image/png", SV_ANSWER_JSON},
        {",;=,;q", SV_ANSWER_JSON},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++)
        assert_int_equal(sv_accept_read(sv_str_of(ROWS[i].header)), ROWS[i].form);
    assert_int_equal(sv_accept_read((sv_str){NULL, 0}), SV_ANSWER_JSON);
}

static void check_csv(const sv_tensor *tensor, const char *expected)
{
    sv_payload answer = {.kind = SV_PAYLOAD_TENSOR, .tensor = *tensor};
    sv_buf out = SV_BUF_INIT(1 << 16);
    sv_arena arena;
    sv_arena_init(&arena, 1 << 16);
    assert_int_equal(sv_table_answer_write(&answer, SV_ANSWER_CSV, &arena, &out), expected != NULL);
    assert_int_equal(out.n, expected ? strlen(expected) : 0);
    if (expected)
        assert_string_equal(out.p, expected);
    sv_arena_deinit(&arena);
    sv_buf_deinit(&out);
}

static void test_tensors(void **state)
{
    (void)state;
    static const float VALUES[] = {0.1f, 1.0f, -2.5f, 3.0f};
    sv_tensor flat = sv_tensor_view(SAVOR_FLOAT32, 4, 0, VALUES),
              matrix = sv_tensor_view(SAVOR_FLOAT32, 2, 2, VALUES);
    sv_tensor cube = {.dtype = SAVOR_FLOAT32, .n_dims = 3, .shape = {1, 2, 2}, .n_items = 4, .data = VALUES};
    sv_tensor scalar = {.dtype = SAVOR_FLOAT32, .n_items = 1, .data = VALUES};
    check_csv(&flat, "0\n0.1\n1.0\n-2.5\n3.0\n");
    check_csv(&matrix, "0,1\n0.1,1.0\n-2.5,3.0\n");
    check_csv(&cube, NULL);
    check_csv(&scalar, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_headers),
        cmocka_unit_test(test_tensors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
