/* arrow_write_test.c: what pyarrow wrote, read, written and read again, is still what pandas makes of it. The reader
 * is tested against pyarrow; whether pyarrow reads what is written: tests/corpus/table_check.py. */
#include "table/arrow_write.h"

#include "base/alloc.h"
#include "table/arrow_read.h"
#include "unit/test.h"

#include "unit/table/dump.h"

#include <string.h>

static const char *const NAMES[] = {"ints",  "floats", "floats-gaps", "texts",  "texts-gaps",   "views",
                                    "empty", "quoted", "single",      "sliced", "dictionaries", "index"};

static savor_status write_file(const sv_buf *body, int major, sv_buf *stream)
{
    sv_arena arena;
    sv_frame frame;
    sv_arena_init(&arena, 1 << 20);
    savor_status st = sv_arrow_read_frame(sv_buf_view(body), major, &arena, &frame, NULL);
    if (!st)
        assert_true(sv_arrow_write_frame(&frame, &arena, stream));
    sv_arena_deinit(&arena);
    return st ? st : stream->failed;
}

static void check_file(const char *name, int major)
{
    sv_buf body = read_table_file(name, "arrows"), stream = SV_BUF_INIT(1 << 20), got = SV_BUF_INIT(1 << 20);
    sv_buf expected = read_table_file(name, major == 2 ? "pandas2" : "pandas3");
    sv_arena arena;
    sv_frame frame;
    sv_arena_init(&arena, 1 << 20);
    assert_int_equal(write_file(&body, major, &stream), SAVOR_OK);
    assert_int_equal(stream.n % 8, 0);
    assert_int_equal(sv_arrow_read_frame(sv_buf_view(&stream), major, &arena, &frame, NULL), SAVOR_OK);
    dump_frame(&got, &frame);
    sv_buf_put_char(&expected, '\0');
    assert_string_equal(got.p, expected.p);
    sv_arena_deinit(&arena);
    sv_buf_deinit(&body);
    sv_buf_deinit(&stream);
    sv_buf_deinit(&got);
    sv_buf_deinit(&expected);
}

static void test_files(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++)
        for (int major = 2; major <= 3; major++)
            check_file(NAMES[i], major);
}

/* Bools beside None are no type of Arrow's here: nothing is written. */
static void test_refused(void **state)
{
    (void)state;
    static const sv_value CELLS[] = {{.kind = SV_VALUE_BOOL, .u.i = 1}, {.kind = SV_VALUE_NONE}};
    static const sv_column COLUMN = {.name = {.text = {"a", 1}}, .dtype = SAVOR_OBJECT, .data = CELLS};
    sv_frame frame = {.n_rows = 2, .n_columns = 1, .columns = &COLUMN};
    sv_buf stream = SV_BUF_INIT(1 << 20);
    sv_arena arena;
    sv_arena_init(&arena, 1 << 20);
    assert_false(sv_arrow_write_frame(&frame, &arena, &stream));
    assert_int_equal(stream.n, 0);
    sv_arena_deinit(&arena);
    sv_buf_deinit(&stream);
}

static void test_memory(void **state)
{
    (void)state;
    sv_buf body = read_table_file("texts-gaps", "arrows");
    size_t n_failures = 0;
    for (savor_status st = SAVOR_NOMEM; st; n_failures++) {
        sv_buf stream = SV_BUF_INIT(1 << 20);
        sv_alloc_fail_after((long)n_failures);
        st = write_file(&body, 2, &stream);
        sv_alloc_fail_after(-1);
        assert_true(st == SAVOR_OK || st == SAVOR_NOMEM);
        sv_buf_deinit(&stream);
    }
    assert_true(n_failures > 1);
    sv_buf_deinit(&body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
