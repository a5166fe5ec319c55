/* csv_frame_test.c: what vectors cannot show: chunks that differ, messages, short memory. Values from pandas. */
#include "base/alloc.h"
#include "request/csv_frame.h"

#include "unit/test.h"

#include <math.h>

#define WIDTH 2000
#define CHUNK_ROWS 512 /* pandas' chunk at this width */

/* One chunk of `first` and one of `second` in column a, 1999 empty columns beside it. */
static void write_chunks(sv_buf *out, const char *first, const char *second)
{
    sv_buf_put_text(out, "a");
    for (int i = 1; i < WIDTH; i++)
        sv_buf_put_text(out, ",b");
    for (int row = 0; row < 2 * CHUNK_ROWS; row++) {
        sv_buf_printf(out, "\n%s", row < CHUNK_ROWS ? first : second);
        for (int i = 1; i < WIDTH; i++)
            sv_buf_put_char(out, ',');
    }
}

static void check_chunks(const char *first, const char *second, const savor_dtype *want)
{
    sv_buf text = SV_BUF_INIT(1 << 24);
    write_chunks(&text, first, second);
    for (int major = 1; major <= 3; major++) {
        sv_arena arena;
        sv_frame frame;
        savor_error err;
        sv_csv_options options = {.pandas_major = major};
        sv_arena_init(&arena, (size_t)1 << 28);
        assert_int_equal(sv_csv_read_frame(sv_buf_view(&text), &options, &arena, &frame, &err), SAVOR_OK);
        assert_int_equal(frame.n_rows, 2 * CHUNK_ROWS);
        assert_int_equal(frame.columns[0].dtype, want[major - 1]);
        sv_arena_deinit(&arena);
    }
    sv_buf_deinit(&text);
}

static void test_chunks(void **state)
{
    (void)state;
    check_chunks("5", "1.5", (savor_dtype[]){SAVOR_FLOAT64, SAVOR_FLOAT64, SAVOR_FLOAT64});
    check_chunks("true", "5", (savor_dtype[]){SAVOR_INT64, SAVOR_OBJECT, SAVOR_OBJECT});
    check_chunks("5", "x", (savor_dtype[]){SAVOR_OBJECT, SAVOR_OBJECT, SAVOR_OBJECT});
    check_chunks("NA", "x", (savor_dtype[]){SAVOR_OBJECT, SAVOR_OBJECT, SAVOR_STRING});
    check_chunks("5", "9223372036854775808", (savor_dtype[]){SAVOR_FLOAT64, SAVOR_FLOAT64, SAVOR_FLOAT64});
}

static const sv_spec SPECS[] = {
    {.name = {.text = {"a", 1}}, .has_name = true, .type = {.kind = SV_TYPE_LONG}},
    {.name = {.text = {"b", 1}}, .has_name = true, .type = {.kind = SV_TYPE_STRING}},
};
static const sv_schema SCHEMA = {.n_specs = 2, .specs = SPECS, .has_names = true};

static void test_messages(void **state)
{
    (void)state;
    sv_arena arena;
    sv_frame frame;
    savor_error err;
    sv_csv_options options = {.pandas_major = 3, .schema = &SCHEMA};
    sv_arena_init(&arena, 1 << 20);
    assert_int_equal(sv_csv_read_frame(SV_STR("a,b\n1,x\n,y\n"), &options, &arena, &frame, &err), SAVOR_BAD_REQUEST);
    assert_string_equal(err.message, "Integer column has NA values in column 0: \"a\", row 1");
    assert_int_equal(sv_csv_read_frame(SV_STR("b,a\nx,2.5\n"), &options, &arena, &frame, &err), SAVOR_BAD_REQUEST);
    assert_string_equal(err.message, "cannot safely convert column 1, \"a\", to int64: found \"2.5\" in row 0");
    sv_arena_deinit(&arena);
}

/* Rows longer than the header: the columns in front are the index, if somebody wants it. */
static void test_labels(void **state)
{
    (void)state;
    sv_arena arena;
    sv_frame frame;
    savor_error err;
    sv_csv_options options = {.pandas_major = 3, .keeps_labels = true};
    sv_arena_init(&arena, 1 << 20);
    assert_int_equal(sv_csv_read_frame(SV_STR("a\nu,7,1\nv,8,2\n"), &options, &arena, &frame, &err), SAVOR_OK);
    assert_int_equal(frame.labels->naming, SV_ROWS_COLUMNS);
    assert_int_equal(frame.labels->n_levels, 2);
    assert_int_equal(frame.labels->levels[0].dtype, SAVOR_STRING);
    assert_int_equal(((const int64_t *)frame.labels->levels[1].data)[1], 8);
    assert_int_equal(((const int64_t *)frame.columns[0].data)[1], 2);
    assert_int_equal(sv_csv_read_frame(SV_STR("a,b\n7,1\n"), &options, &arena, &frame, &err), SAVOR_OK);
    assert_null(frame.labels);
    options.keeps_labels = false;
    assert_int_equal(sv_csv_read_frame(SV_STR("a\nu,7,1\n"), &options, &arena, &frame, &err), SAVOR_OK);
    assert_null(frame.labels);
    sv_arena_deinit(&arena);
}

/* A table without rows has the declared types; MLflow 1.x declares dates in a way that pandas refuses. */
static void test_empty_dates(void **state)
{
    (void)state;
    static const sv_spec DATE = {.name = {.text = {"a", 1}}, .has_name = true, .type = {.kind = SV_TYPE_DATETIME}};
    static const sv_schema DATES = {.n_specs = 1, .specs = &DATE, .has_names = true};
    for (int major = 1; major <= 3; major++) {
        sv_arena arena;
        sv_frame frame;
        savor_error err;
        sv_csv_options options = {.pandas_major = major, .schema = &DATES};
        sv_arena_init(&arena, 1 << 20);
        assert_int_equal(sv_csv_read_frame(SV_STR("a\n"), &options, &arena, &frame, &err),
                         major == 1 ? SAVOR_BAD_REQUEST : SAVOR_OK);
        sv_arena_deinit(&arena);
    }
}

/* Each allocation fails once: NOMEM, nothing leaked, the frame untouched. */
static void test_short_memory(void **state)
{
    (void)state;
    static const char TEXT[] = "a,b,c,c,\ni,1,\"x\"\"y\",18446744073709551616,true,\nk,2,,3,NA,1.5\n";
    sv_csv_options options = {.pandas_major = 3, .schema = &SCHEMA, .keeps_labels = true};
    savor_status st = SAVOR_NOMEM;
    for (long n = 0; st != SAVOR_OK; n++) {
        sv_arena arena;
        sv_frame frame = {.n_rows = 77};
        savor_error err;
        sv_arena_init(&arena, 1 << 20);
        sv_alloc_fail_after(n);
        st = sv_csv_read_frame(sv_str_of(TEXT), &options, &arena, &frame, &err);
        sv_alloc_fail_after(-1);
        assert_true(st == SAVOR_OK || (st == SAVOR_NOMEM && frame.n_rows == 77));
        sv_arena_deinit(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chunks),      cmocka_unit_test(test_messages),     cmocka_unit_test(test_labels),
        cmocka_unit_test(test_empty_dates), cmocka_unit_test(test_short_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
