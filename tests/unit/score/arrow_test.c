/* arrow_test.c: hand-made record batches: every format, offsets, nulls; and batches that are not what they say. */
#include "score/frame.h"
#include "unit/test.h"

#include <savor/arrow.h>

#include <math.h>

static void keep_schema(struct ArrowSchema *schema) { (void)schema; }
static void keep_array(struct ArrowArray *array) { (void)array; }

#define N_COLUMNS_MAX 8

/* A batch whose parts a test may change before it is read. */
typedef struct batch {
    struct ArrowSchema schema, columns[N_COLUMNS_MAX];
    struct ArrowArray array, arrays[N_COLUMNS_MAX];
    struct ArrowSchema *column_list[N_COLUMNS_MAX];
    struct ArrowArray *array_list[N_COLUMNS_MAX];
    const void *buffers[N_COLUMNS_MAX][3];
    const void *no_buffers[1];
} batch;

static void start(batch *b, int64_t n_rows)
{
    *b = (batch){.schema = {.format = "+s", .release = keep_schema}};
    b->array = (struct ArrowArray){.length = n_rows, .n_buffers = 1, .release = keep_array};
    b->schema.children = b->column_list;
    b->array.children = b->array_list;
    b->array.buffers = b->no_buffers;
}

static void add(batch *b, const char *format, const char *name, const void *valid, const void *data,
                const void *bytes)
{
    size_t c = (size_t)b->schema.n_children++;
    b->array.n_children++;
    b->buffers[c][0] = valid;
    b->buffers[c][1] = data;
    b->buffers[c][2] = bytes;
    b->columns[c] = (struct ArrowSchema){.format = format, .name = name, .release = keep_schema};
    b->arrays[c] = (struct ArrowArray){.length = b->array.length + b->array.offset,
                                       .null_count = valid ? -1 : 0,
                                       .n_buffers = bytes ? 3 : 2,
                                       .buffers = b->buffers[c],
                                       .release = keep_array};
    b->column_list[c] = &b->columns[c];
    b->array_list[c] = &b->arrays[c];
}

static savor_frame *read_batch(const batch *b)
{
    savor_frame *frame;
    savor_error err;
    if (savor_frame_from_arrow(&b->schema, &b->array, &frame, &err))
        fail_msg("%s", err.message);
    return frame;
}

static double cell(const savor_frame *frame, size_t c, size_t row)
{
    double value = -12345;
    assert_true(sv_column_to_double(&frame->view.columns[c], row, &value));
    return value;
}

/* ---- formats ---- */

static void test_numbers(void **state)
{
    (void)state;
    const struct {
        const char *format;
        savor_dtype dtype;
        const void *data; /* two rows */
        double first, second;
    } ROWS[] = {
        {"b", SAVOR_BOOL, (const uint8_t[]){2}, 0, 1},
        {"c", SAVOR_INT8, (const int8_t[]){-128, 127}, -128, 127},
        {"C", SAVOR_UINT8, (const uint8_t[]){0, 255}, 0, 255},
        {"s", SAVOR_INT16, (const int16_t[]){-32768, 32767}, -32768, 32767},
        {"S", SAVOR_UINT16, (const uint16_t[]){0, 65535}, 0, 65535},
        {"i", SAVOR_INT32, (const int32_t[]){INT32_MIN, 7}, -0x1p31, 7},
        {"I", SAVOR_UINT32, (const uint32_t[]){UINT32_MAX, 7}, 4294967295.0, 7},
        {"l", SAVOR_INT64, (const int64_t[]){INT64_MIN, 7}, -0x1p63, 7},
        {"L", SAVOR_UINT64, (const uint64_t[]){UINT64_MAX, 7}, 0x1p64, 7},
        {"f", SAVOR_FLOAT32, (const float[]){1.5F, -0x1p-149F}, 1.5, -0x1p-149},
        {"g", SAVOR_FLOAT64, (const double[]){0.1, 1e308}, 0.1, 1e308},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        batch b;
        start(&b, 2);
        add(&b, ROWS[i].format, "x", NULL, ROWS[i].data, NULL);
        savor_frame *frame = read_batch(&b);
        assert_int_equal(savor_frame_get_n_rows(frame), 2);
        assert_int_equal(savor_frame_get_n_columns(frame), 1);
        assert_true(sv_str_is(frame->view.columns[0].name.text, "x"));
        assert_int_equal(frame->view.columns[0].dtype, ROWS[i].dtype);
        assert_true(cell(frame, 0, 0) == ROWS[i].first && cell(frame, 0, 1) == ROWS[i].second);
        savor_frame_free(frame);
        /* the same with a null: NaN, and integers become float64 */
        b.buffers[0][0] = (const uint8_t[]){2};
        b.arrays[0].null_count = 1;
        frame = read_batch(&b);
        assert_int_equal(frame->view.columns[0].dtype,
                         ROWS[i].dtype == SAVOR_FLOAT32 ? SAVOR_FLOAT32 : SAVOR_FLOAT64);
        assert_true(isnan(cell(frame, 0, 0)) && cell(frame, 0, 1) == ROWS[i].second);
        savor_frame_free(frame);
    }
}

static void expect_text(const savor_frame *frame, size_t row, const char *text)
{
    const sv_str *cells = frame->view.columns[0].data;
    assert_int_equal(frame->view.columns[0].dtype, SAVOR_STRING);
    if (text ? !cells[row].p || !sv_str_is(cells[row], text) : cells[row].p != NULL)
        fail_msg("row %zu: \"%.*s\"", row, SV_FMT(cells[row]));
}

static void test_texts(void **state)
{
    (void)state;
    static const int32_t small[] = {1, 1, 4, 6};
    static const int64_t large[] = {1, 1, 4, 6};
    for (int is_large = 0; is_large < 2; is_large++) {
        batch b;
        start(&b, 3);
        add(&b, is_large ? "U" : "u", NULL, (const uint8_t[]){3}, is_large ? (const void *)large : small, "-abcde-");
        savor_frame *frame = read_batch(&b);
        assert_true(sv_str_is(frame->view.columns[0].name.text, "")); /* no name is an empty one */
        expect_text(frame, 0, "");
        expect_text(frame, 1, "abc");
        expect_text(frame, 2, NULL); /* null, and not the bytes that lie there */
        savor_frame_free(frame);
    }
}

/* Empty texts need no bytes; a batch may have no rows, or no columns. */
static void test_empty(void **state)
{
    (void)state;
    batch b;
    start(&b, 2);
    add(&b, "u", "t", NULL, (const int32_t[]){0, 0, 0}, NULL);
    b.arrays[0].n_buffers = 3;
    savor_frame *frame = read_batch(&b);
    expect_text(frame, 0, "");
    expect_text(frame, 1, "");
    savor_frame_free(frame);
    start(&b, 0);
    add(&b, "g", "x", NULL, NULL, NULL);
    frame = read_batch(&b);
    assert_int_equal(savor_frame_get_n_rows(frame), 0);
    assert_int_equal(savor_frame_get_n_columns(frame), 1);
    savor_frame_free(frame);
    start(&b, 0);
    b.schema.children = NULL;
    b.array.children = NULL;
    frame = read_batch(&b);
    assert_int_equal(savor_frame_get_n_columns(frame), 0);
    savor_frame_free(frame);
    savor_frame_free(NULL);
}

/* The batch's offset and the column's add up, for cells, bits and texts alike. */
static void test_offsets(void **state)
{
    (void)state;
    static const double doubles[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    static const int32_t ends[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    static const uint8_t valid[] = {0xff, 0xfb}, bits[] = {0x00, 0x0a}; /* bit 10 is null; 9 and 11 are set */
    batch b;
    start(&b, 3);
    b.array.offset = 4;
    add(&b, "u", "t", valid, ends, "abcdefghijkl");
    add(&b, "g", "x", valid, doubles, NULL);
    add(&b, "b", "b", NULL, bits, NULL);
    add(&b, "g", "near", NULL, doubles, NULL);
    for (size_t c = 0; c < 3; c++)
        b.arrays[c].offset = 5;
    savor_frame *frame = read_batch(&b); /* rows 9, 10, 11; of the last column 4, 5, 6 */
    expect_text(frame, 0, "j");
    expect_text(frame, 1, NULL);
    expect_text(frame, 2, "l");
    assert_true(cell(frame, 1, 0) == 9 && isnan(cell(frame, 1, 1)) && cell(frame, 1, 2) == 11);
    assert_true(cell(frame, 2, 0) == 1 && cell(frame, 2, 1) == 0 && cell(frame, 2, 2) == 1);
    assert_true(cell(frame, 3, 0) == 4 && cell(frame, 3, 2) == 6);
    savor_frame_free(frame);
}

/* ---- batches that are not what they say ---- */

static const int32_t BACKWARDS[] = {0, 2, 1}, BELOW[] = {-1, 2, 3};

static void no_change(batch *b) { (void)b; }
static void release_schema(batch *b) { b->schema.release = NULL; }
static void release_array(batch *b) { b->array.release = NULL; }
static void release_column(batch *b) { b->arrays[1].release = NULL; }
static void release_column_schema(batch *b) { b->columns[1].release = NULL; }
static void forget_format(batch *b) { b->schema.format = NULL; }
static void change_format(batch *b) { b->schema.format = "g"; }
static void lose_column(batch *b) { b->array.n_children = 1; }
static void lose_lists(batch *b) { b->array.children = NULL; }
static void lose_names(batch *b) { b->schema.children = NULL; }
static void turn_count(batch *b) { b->schema.n_children = b->array.n_children = -1; }
static void turn_length(batch *b) { b->array.length = -1; }
static void turn_offset(batch *b) { b->array.offset = -1; }
static void turn_column_offset(batch *b) { b->arrays[1].offset = -1; }
static void turn_column_length(batch *b) { b->arrays[1].length = -1; }
static void lengthen(batch *b) { b->array.length = 3; }
static void shift(batch *b) { b->array.offset = INT64_MAX; }
static void lose_child(batch *b) { b->array_list[1] = NULL; }
static void lose_child_schema(batch *b) { b->column_list[1] = NULL; }
static void lose_child_format(batch *b) { b->columns[1].format = NULL; }
static void lose_buffers(batch *b) { b->arrays[1].buffers = NULL; }
static void lose_buffer(batch *b) { b->arrays[1].n_buffers = 1; }
static void lose_data(batch *b) { b->buffers[1][1] = NULL; }
static void lose_text_buffer(batch *b) { b->arrays[0].n_buffers = 2; }
static void lose_bytes(batch *b) { b->buffers[0][2] = NULL; }
static void run_backwards(batch *b) { b->buffers[0][1] = BACKWARDS; }
static void run_below(batch *b) { b->buffers[0][1] = BELOW; }
static void encode(batch *b) { b->columns[1].dictionary = &b->schema; }
static void nest(batch *b) { b->columns[1].format = "+l"; }
static void use_half(batch *b) { b->columns[1].format = "e"; }
static void use_date(batch *b) { b->columns[1].format = "tsn:"; }
static void use_null(batch *b) { b->columns[1].format = "n"; }
static void use_nothing(batch *b) { b->columns[1].format = ""; }

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        void (*change)(batch *b);
        savor_status status;
        const char *word;
    } ROWS[] = {
        {no_change, SAVOR_OK, NULL},
        {release_schema, SAVOR_USAGE, "released"},
        {release_array, SAVOR_USAGE, "released"},
        {release_column, SAVOR_USAGE, "\"x\" was released"},
        {release_column_schema, SAVOR_USAGE, "\"x\" was released"},
        {forget_format, SAVOR_USAGE, "+s"},
        {change_format, SAVOR_USAGE, "\"g\""},
        {lose_column, SAVOR_USAGE, "2 columns and the array 1"},
        {lose_lists, SAVOR_USAGE, "2 columns"},
        {lose_names, SAVOR_USAGE, "2 columns"},
        {turn_count, SAVOR_USAGE, "-1"},
        {turn_length, SAVOR_USAGE, "length -1"},
        {turn_offset, SAVOR_USAGE, "offset -1"},
        {turn_column_offset, SAVOR_USAGE, "\"x\""},
        {turn_column_length, SAVOR_USAGE, "\"x\""},
        {lengthen, SAVOR_USAGE, "3 rows"},
        {shift, SAVOR_USAGE, "\"t\" is shorter"},
        {lose_child, SAVOR_USAGE, "\"x\""},
        {lose_child_schema, SAVOR_USAGE, "Arrow column"},
        {lose_child_format, SAVOR_USAGE, "\"x\""},
        {lose_buffers, SAVOR_USAGE, "buffers"},
        {lose_buffer, SAVOR_USAGE, "1 buffers, expected 2"},
        {lose_data, SAVOR_USAGE, "\"x\""},
        {lose_text_buffer, SAVOR_USAGE, "2 buffers, expected 3"},
        {lose_bytes, SAVOR_USAGE, "\"t\""},
        {run_backwards, SAVOR_USAGE, "backwards in row 1"},
        {run_below, SAVOR_USAGE, "backwards in row 0"},
        {encode, SAVOR_UNSUPPORTED, "dictionary"},
        {nest, SAVOR_UNSUPPORTED, "\"x\" has format \"+l\""},
        {use_half, SAVOR_UNSUPPORTED, "\"e\""},
        {use_date, SAVOR_UNSUPPORTED, "\"tsn:\""},
        {use_null, SAVOR_UNSUPPORTED, "\"n\""},
        {use_nothing, SAVOR_UNSUPPORTED, "\"\""},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        batch b;
        char dangling;
        savor_frame *frame = (savor_frame *)&dangling;
        savor_error err = {.status = SAVOR_OK};
        start(&b, 2);
        add(&b, "u", "t", NULL, (const int32_t[]){0, 1, 2}, "ab");
        add(&b, "g", "x", NULL, (const double[]){1, 2}, NULL);
        ROWS[i].change(&b);
        savor_status st = savor_frame_from_arrow(&b.schema, &b.array, &frame, &err);
        if (st != ROWS[i].status || (st && !strstr(err.message, ROWS[i].word)))
            fail_msg("row %zu: %s: %s", i, savor_status_name(st), err.message);
        assert_int_equal(frame == NULL, st != SAVOR_OK);
        savor_frame_free(frame);
    }
    savor_frame *frame;
    assert_int_equal(savor_frame_from_arrow(NULL, NULL, &frame, NULL), SAVOR_USAGE);
}

/* ---- the same numbers by both ways ---- */

static void test_predict(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"age", "income", "balance", "tenure", "ratio", "score"};
    double rows[4][6], columns[6][4];
    savor_model *model;
    savor_frame *by_rows;
    savor_prediction *a, *b;
    batch in;
    start(&in, 4);
    for (size_t r = 0; r < 4; r++)
        for (size_t c = 0; c < 6; c++)
            columns[c][r] = rows[r][c] = (r + c) % 5 == 4 ? (double)NAN : (double)(r * 7 + c) / 4 - 3;
    for (size_t c = 0; c < 6; c++)
        add(&in, "g", NAMES[c], NULL, columns[c], NULL);
    assert_int_equal(savor_model_load(TEST_DATA "/models/xgb-squarederror-v3/model", NULL, &model, NULL), SAVOR_OK);
    assert_int_equal(savor_frame_from_rows(NAMES, 6, SAVOR_FLOAT64, rows, 4, &by_rows, NULL), SAVOR_OK);
    savor_frame *by_columns = read_batch(&in);
    assert_int_equal(savor_model_predict(model, by_rows, &a, NULL), SAVOR_OK);
    assert_int_equal(savor_model_predict(model, by_columns, &b, NULL), SAVOR_OK);
    assert_memory_equal(savor_prediction_get_data(a), savor_prediction_get_data(b), 4 * sizeof(float));
    savor_prediction_free(a);
    savor_prediction_free(b);
    savor_frame_free(by_rows);
    savor_frame_free(by_columns);
    savor_model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers), cmocka_unit_test(test_texts),   cmocka_unit_test(test_empty),
        cmocka_unit_test(test_offsets), cmocka_unit_test(test_refused), cmocka_unit_test(test_predict),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
