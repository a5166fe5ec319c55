/* protocol_test.c: the bytes of a request, as docs/worker-protocol.md has them; answers that are what they should not
 * be. Answers that are right come from the Python end: tests/fuzz/seeds/worker_answer. */
#include "base/alloc.h"
#include "unit/test.h"
#include "worker/protocol.h"

static void test_header(void **state)
{
    (void)state;
    uint8_t bytes[SV_WIRE_HEADER_BYTES];
    sv_wire_header header = {
        .kind = SV_WIRE_ANSWER, .flags = SV_WIRE_IN_MEMFD, .id = 0x1122334455667788, .n_bytes = 9};
    sv_wire_header back = {.id = 0};
    savor_error err;
    sv_wire_header_write(&header, bytes);
    assert_memory_equal(bytes, "SVW1\3\0\x11\0\x88\x77\x66\x55\x44\x33\x22\x11\x09\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0",
                        32);
    assert_int_equal(sv_wire_header_read(bytes, &back, &err), SAVOR_OK);
    assert_true(back.kind == header.kind && back.id == header.id && back.n_bytes == 9 && back.flags == header.flags);
    static const struct {
        size_t at;
        uint8_t value;
        const char *why;
    } WRONG[] = {{0, 'X', "something else"}, {4, 2, "version 2"},     {6, 3, "of kind 3"},
                 {6, 16, "of kind 16"},      {24, 4, "with flags 4"}, {28, 1, "of kind"}};
    for (size_t i = 0; i < sizeof WRONG / sizeof WRONG[0]; i++) {
        sv_wire_header_write(&header, bytes);
        bytes[WRONG[i].at] = WRONG[i].value;
        assert_int_equal(sv_wire_header_read(bytes, &back, &err), SAVOR_FORMAT);
        assert_non_null(strstr(err.message, WRONG[i].why));
    }
}

/* Expected bytes: struct.pack of Python, by the document. */
static void test_request(void **state)
{
    (void)state;
    static const double FLOATS[] = {1.5, -2};
    static const sv_str TEXTS[] = {{"ab", 2}, {NULL, 0}};
    const sv_value items[] = {{.kind = SV_VALUE_INT, .u.i = 5}, {.kind = SV_VALUE_NONE}};
    const sv_value list = {.kind = SV_VALUE_LIST, .n = 2, .u.items = items};
    const sv_column columns[] = {
        {.name = {.text = {"x", 1}}, .dtype = SAVOR_FLOAT64, .data = FLOATS},
        {.name = {.number = 3}, .dtype = SAVOR_STRING, .data = TEXTS},
    };
    sv_payload in = {.kind = SV_PAYLOAD_FRAME, .frame = {.n_rows = 2, .n_columns = 2, .columns = columns}};
    const sv_param param = {{"p", 1}, list};
    sv_params params = {.n = 1, .items = &param};
    sv_wire_body out = SV_WIRE_BODY_INIT(10000);
    static const char WANT[] =
        "\1\0\0\0\0\0\0\0"                                                  /* one param */
        "\1\0\0\0\0\0\0\0p\0\0\0\0\0\0\0"                                   /* its name */
        "\x13\0\0\0\0\0\0\0"                                                /* 19 bytes of value */
        "\x08\2\0\0\0\0\0\0\0\2\5\0\0\0\0\0\0\0\0\0\0\0\0\0"                /* list of 2: int 5, none; padding */
        "\0\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0"                  /* frame, 2 rows, 2 columns */
        "\0\0\0\0\0\0\0\0"                                                  /* rows are counted */
        "\x40\0\0\0\0\0\0\0"                                                /* 64 bytes of heads */
        "\0\0\0\0\0\0\0\0"                                                  /* names of a list */
        "\x0b\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0x\0\0\0\0\0\0\0" /* float64 "x" */
        "\x0c\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\3\0\0\0\0\0\0\0"                /* str 3 */
        "\0\0\0\0\0\0\xf8\x3f\0\0\0\0\0\0\0\xc0"                            /* 1.5, -2 */
        "\1\0\0\0\0\0\0\0"                                                  /* the first is there */
        "\0\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0"                  /* offsets */
        "ab\0\0\0\0\0\0";
    sv_wire_request_write(&in, &params, &out);
    assert_int_equal(sv_wire_body_check(&out, NULL), SAVOR_OK);
    assert_int_equal(sv_wire_body_size(&out), sizeof WANT - 1);
    assert_memory_equal(out.own.p, WANT, sizeof WANT - 1);
    sv_wire_body_deinit(&out);
}

/* Rows with labels of two levels, columns of a dict, and one whose label is no text. */
static void test_labels(void **state)
{
    (void)state;
    static const int64_t NUMBERS[] = {7, -1};
    static const sv_str TEXTS[] = {{"u", 1}, {"", 0}};
    static const uint8_t BOOLS[] = {1, 0};
    const sv_column levels[] = {{.dtype = SAVOR_INT64, .data = NUMBERS}, {.dtype = SAVOR_STRING, .data = TEXTS}};
    const sv_row_labels labels = {SV_ROWS_LEVELS, 2, levels};
    const sv_column column = {.name = {.text = {"1.5", 3}, .number = 1}, .dtype = SAVOR_BOOL, .data = BOOLS};
    sv_payload in = {.kind = SV_PAYLOAD_FRAME, .frame = {2, 1, &column, &labels, SV_NAMING_DICT, true}};
    sv_wire_body out = SV_WIRE_BODY_INIT(10000);
    static const char WANT[] = "\0\0\0\0\0\0\0\0"
                               "\0\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0"
                               "\2\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0"                                 /* levels */
                               "\4\0\0\0\0\0\0\0\7\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff" /* int64 */
                               "\x0c\0\0\0\0\0\0\0\3\0\0\0\0\0\0\0"
                               "\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0u\0\0\0\0\0\0\0"
                               "\x28\0\0\0\0\0\0\0\2\0\0\0\1\0\0\0" /* heads: a dict's, of read_json */
                               "\0\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0\3\0\0\0\0\0\0\0"
                               "1.5\0\0\0\0\0"
                               "\1\0\0\0\0\0\0\0";
    sv_wire_request_write(&in, NULL, &out);
    assert_int_equal(sv_wire_body_check(&out, NULL), SAVOR_OK);
    assert_int_equal(sv_wire_body_size(&out), sizeof WANT - 1);
    assert_memory_equal(out.own.p, WANT, sizeof WANT - 1);
    sv_wire_body_deinit(&out);
}

/* An array of text says how much room its elements have; params that nobody sent are None. */
static void test_text_array(void **state)
{
    (void)state;
    static const sv_str TEXTS[] = {{"1", 1}, {"a", 1}};
    sv_payload in = {
        .kind = SV_PAYLOAD_TENSOR,
        .tensor = {.dtype = SAVOR_STRING, .n_dims = 1, .shape = {2}, .n_items = 2, .text_chars = 21, .data = TEXTS}};
    const sv_params none = {.is_none = true};
    sv_wire_body out = SV_WIRE_BODY_INIT(10000);
    static const char WANT[] = "\xff\xff\xff\xff\xff\xff\xff\xff"
                               "\1\0\0\0\0\0\0\0\x0c\0\0\0\1\0\0\0\2\0\0\0\0\0\0\0"
                               "\x15\0\0\0\0\0\0\0\3\0\0\0\0\0\0\0"
                               "\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0"
                               "1a\0\0\0\0\0\0";
    sv_wire_request_write(&in, &none, &out);
    assert_int_equal(sv_wire_body_check(&out, NULL), SAVOR_OK);
    assert_int_equal(sv_wire_body_size(&out), sizeof WANT - 1);
    assert_memory_equal(out.own.p, WANT, sizeof WANT - 1);
    sv_wire_body_deinit(&out);
}

/* Large buffers stay where they are; with them the message has the same bytes. */
static void test_loans(void **state)
{
    (void)state;
    enum { N = 1001 };
    static uint8_t bools[N];
    static double doubles[N];
    const sv_column columns[] = {{.name = {.number = 0}, .dtype = SAVOR_BOOL, .data = bools},
                                 {.name = {.number = 1}, .dtype = SAVOR_FLOAT64, .data = doubles},
                                 {.name = {.number = 2}, .dtype = SAVOR_FLOAT64, .data = doubles}};
    sv_payload in = {.kind = SV_PAYLOAD_FRAME, .frame = {.n_rows = N, .n_columns = 3, .columns = columns}};
    sv_wire_body out = SV_WIRE_BODY_INIT(10000);
    size_t at = 0, n = 0, n_lent = 0;
    sv_str piece;
    sv_wire_request_write(&in, NULL, &out);
    assert_int_equal(sv_wire_body_check(&out, NULL), SAVOR_OK);
    while (sv_wire_body_next(&out, &at, &piece)) {
        assert_int_equal(piece.n % 8, 0);
        n += piece.n;
        n_lent += piece.p == (const char *)doubles;
    }
    assert_int_equal(n_lent, 2);
    assert_int_equal(n, sv_wire_body_size(&out));
    assert_int_equal(n, 8 * 7 + 3 * 24 + 1008 + 2 * 8 * N);
    sv_wire_body_deinit(&out);
    sv_alloc_fail_after(0);
    sv_wire_request_write(&in, NULL, &out);
    assert_int_equal(sv_wire_body_check(&out, NULL), SAVOR_NOMEM);
    sv_alloc_fail_after(-1);
    sv_wire_body_deinit(&out);
}

/* A numpy array in a cell keeps its dtype and shape. */
static void test_numpy(void **state)
{
    (void)state;
    const sv_value numbers[] = {{.kind = SV_VALUE_INT, .variant = SV_VARIANT_NUMPY, .dtype = SAVOR_INT8, .u.i = 1},
                                {.kind = SV_VALUE_INT, .variant = SV_VARIANT_NUMPY, .dtype = SAVOR_INT8, .u.i = 2}};
    const sv_value rows[] = {
        {.kind = SV_VALUE_LIST, .variant = SV_VARIANT_NUMPY, .dtype = SAVOR_INT8, .n = 1, .u.items = numbers},
        {.kind = SV_VALUE_LIST, .variant = SV_VARIANT_NUMPY, .dtype = SAVOR_INT8, .n = 1, .u.items = numbers + 1}};
    const sv_value array = {
        .kind = SV_VALUE_LIST, .variant = SV_VARIANT_NUMPY, .dtype = SAVOR_INT8, .n = 2, .u.items = rows};
    const sv_value huge = {.kind = SV_VALUE_INT, .variant = SV_VARIANT_NUMPY, .dtype = SAVOR_UINT64, .u.i = -1};
    const sv_value items[] = {array, numbers[1], huge};
    sv_payload in = {.kind = SV_PAYLOAD_VALUE, .value = {.kind = SV_VALUE_LIST, .n = 3, .u.items = items}};
    sv_wire_body out = SV_WIRE_BODY_INIT(10000);
    static const char WANT[] = "\0\0\0\0\0\0\0\0\3\0\0\0\0\0\0\0"
                               "\x6c\0\0\0\0\0\0\0\x08\3\0\0\0\0\0\0\0"
                               "\x0a\1\0\0\0\2\0\0\0\2\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0"
                               "\2\1\0\0\0\0\0\0\0\2\2\0\0\0\0\0\0\0"
                               "\x0b\1\0\0\0\0\0\0\0\2\2\0\0\0\0\0\0\0"
                               "\x0b\x08\0\0\0\0\0\0\0\3\x14\0\0\0\0\0\0\0"
                               "18446744073709551615\0\0\0\0";
    sv_wire_request_write(&in, NULL, &out);
    assert_int_equal(sv_wire_body_check(&out, NULL), SAVOR_OK);
    assert_int_equal(sv_wire_body_size(&out), sizeof WANT - 1);
    assert_memory_equal(out.own.p, WANT, sizeof WANT - 1);
    sv_wire_body_deinit(&out);
}

static savor_status read_body(sv_wire_kind kind, const uint64_t *words, size_t n_words, sv_arena *arena,
                              sv_payload *out, savor_error *err)
{
    sv_wire_header header = {.kind = kind, .n_bytes = n_words * 8};
    return sv_wire_answer_read(&header, (sv_str){(const char *)words, n_words * 8}, arena, out, err);
}

#define HEAD(dtype, n_dims) ((uint64_t)(dtype) | (uint64_t)(n_dims) << 32)

static void test_wrong_answers(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        sv_wire_kind kind;
        uint64_t words[8];
        size_t n;
    } ROWS[] = {
        {"ended inside an answer", SV_WIRE_ANSWER, {0}, 0},
        {"answer of kind 3", SV_WIRE_ANSWER, {3}, 1},
        {"not an answer", SV_WIRE_READY, {0}, 1},
        {"ended inside the head", SV_WIRE_ANSWER, {SV_PAYLOAD_TENSOR}, 1},
        {"of 33 dimensions", SV_WIRE_ANSWER, {SV_PAYLOAD_TENSOR, HEAD(SAVOR_FLOAT64, 33)}, 2},
        {"elements of type 15", SV_WIRE_ANSWER, {SV_PAYLOAD_TENSOR, HEAD(SAVOR_OBJECT, 1), 0}, 3},
        {"elements of type 12", SV_WIRE_ANSWER, {SV_PAYLOAD_TENSOR, HEAD(SAVOR_STRING, 1), 0}, 3},
        {"ended inside its elements", SV_WIRE_ANSWER, {SV_PAYLOAD_TENSOR, HEAD(SAVOR_FLOAT64, 1), 2, 0}, 4},
        {"ended inside its elements",
         SV_WIRE_ANSWER,
         {SV_PAYLOAD_TENSOR, HEAD(SAVOR_FLOAT64, 1), UINT64_MAX / 8, 0},
         4},
        {"ended inside an array", SV_WIRE_ANSWER, {SV_PAYLOAD_TENSOR, HEAD(SAVOR_FLOAT64, 2), UINT64_MAX, 9}, 4},
        {"8 bytes too many", SV_WIRE_ANSWER, {SV_PAYLOAD_TENSOR, HEAD(SAVOR_FLOAT64, 1), 1, 0, 0}, 5},
        {"a bool of 2", SV_WIRE_ANSWER, {SV_PAYLOAD_TENSOR, HEAD(SAVOR_BOOL, 1), 1, 2}, 4},
        {"empty array with more", SV_WIRE_ANSWER, {SV_PAYLOAD_TENSOR, HEAD(SAVOR_BOOL, 2), 2000000, 0}, 4},
        {"ended inside a frame", SV_WIRE_ANSWER, {SV_PAYLOAD_FRAME, 0, 1000}, 3},
        {"ended inside a frame", SV_WIRE_ANSWER, {SV_PAYLOAD_FRAME, UINT64_MAX, 0}, 3},
        {"JSON text that is not UTF-8", SV_WIRE_ANSWER, {SV_PAYLOAD_JSON, 2, 0x28c8}, 3},
        {"JSON text that is not UTF-8", SV_WIRE_ANSWER, {SV_PAYLOAD_JSON, 3, 0x80a0ed}, 3}, /* a surrogate */
        {"ended inside the names", SV_WIRE_ANSWER, {SV_PAYLOAD_FRAME, 0, 1, 32, SAVOR_INT64, 1, 4}, 7},
        {"ended inside the names", SV_WIRE_ANSWER, {SV_PAYLOAD_FRAME, 0, 1, UINT64_MAX, SAVOR_INT64, 1, 4}, 7},
        {"ended inside a column's name", SV_WIRE_ANSWER, {SV_PAYLOAD_FRAME, 0, 1, 16, SAVOR_INT64, 1, 4}, 7},
        {"names of a frame had 8 bytes", SV_WIRE_ANSWER, {SV_PAYLOAD_FRAME, 0, 1, 32, SAVOR_INT64, 1, 4, 0}, 8},
        {"elements of type 15", SV_WIRE_ANSWER, {SV_PAYLOAD_FRAME, 0, 1, 24, SAVOR_OBJECT, 1, 4}, 7},
        {"with the byte 10", SV_WIRE_ANSWER, {SV_PAYLOAD_JSON, 1, '\n'}, 3},
        {"not UTF-8", SV_WIRE_ERROR, {0, 1, 0xff, 0, 0}, 5},
        {"error of kind 9", SV_WIRE_ERROR, {9, 0, 0, 0}, 4},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        savor_error err = {.message = ""};
        sv_payload out;
        sv_arena arena;
        sv_arena_init(&arena, 1 << 20);
        savor_status st = read_body(ROWS[i].kind, ROWS[i].words, ROWS[i].n, &arena, &out, &err);
        bool is_byte_200 = strstr(ROWS[i].why, "byte 200") && strstr(err.message, "not UTF-8");
        if ((st != SAVOR_FORMAT && st != SAVOR_LIMIT) || (!strstr(err.message, ROWS[i].why) && !is_byte_200))
            fail_msg("%s: %d %s", ROWS[i].why, st, err.message);
        sv_arena_deinit(&arena);
    }
}

static void test_right_answers(void **state)
{
    (void)state;
    static const uint64_t TENSOR[] = {SV_PAYLOAD_TENSOR, HEAD(SAVOR_INT64, 2), 1, 2, 7, 8};
    static const uint64_t FRAME[] = {SV_PAYLOAD_FRAME, 2, 1, 24, SAVOR_INT64, 1, 4, 7, 8};
    static const uint64_t ERROR[] = {SV_EXCEPTION_MLFLOW, 1, 'C', 1, 'm', 0};
    sv_payload out;
    sv_arena arena;
    sv_arena_init(&arena, 1 << 20);
    assert_int_equal(read_body(SV_WIRE_ANSWER, TENSOR, 6, &arena, &out, NULL), SAVOR_OK);
    assert_true(out.kind == SV_PAYLOAD_TENSOR && out.tensor.n_dims == 2 && out.tensor.n_items == 2);
    assert_int_equal(((const int64_t *)out.tensor.data)[1], 8);
    assert_int_equal(read_body(SV_WIRE_ANSWER, FRAME, 9, &arena, &out, NULL), SAVOR_OK);
    assert_true(out.kind == SV_PAYLOAD_FRAME && out.frame.n_rows == 2 && out.frame.n_columns == 1);
    assert_int_equal(out.frame.columns[0].name.number, 4);
    assert_int_equal(read_body(SV_WIRE_ERROR, ERROR, 6, &arena, &out, NULL), SAVOR_OK);
    assert_true(out.kind == SV_PAYLOAD_EXCEPTION && out.exception.kind == SV_EXCEPTION_MLFLOW);
    assert_true(sv_str_is(out.exception.code, "C") && sv_str_is(out.exception.message, "m"));
    sv_alloc_fail_after(0);
    sv_arena_deinit(&arena);
    assert_int_equal(read_body(SV_WIRE_ANSWER, FRAME, 9, &arena, &out, NULL), SAVOR_NOMEM);
    sv_alloc_fail_after(-1);
    sv_arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_header),        cmocka_unit_test(test_request), cmocka_unit_test(test_text_array),
        cmocka_unit_test(test_loans),         cmocka_unit_test(test_numpy),   cmocka_unit_test(test_wrong_answers),
        cmocka_unit_test(test_right_answers), cmocka_unit_test(test_labels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
