/* parquet_test.c: Parquet files that pyarrow wrote, as pandas reads them; needs DuckDB's library. */
#include "table/parquet.h"

#include "table/duckdb_priv.h"
#include "unit/test.h"

#include "unit/table/dump.h"

#include <stdlib.h>

static const char *const NAMES[] = {
    "file-ints",       "file-ints-gaps", "file-floats-gaps", "file-texts-gaps", "file-texts-large",
    "file-times-gaps", "file-others",    "file-batches",     "file-empty",      "file-index",
};

static int open_library(void **state)
{
    sv_duckdb db;
    savor_error err;
    (void)state;
    if (sv_duckdb_find(&db, &err) == SAVOR_OK)
        return 0;
    printf("skipped: %s\n", err.message);
    exit(77);
}

static savor_status read_file(const sv_buf *body, int major, sv_buf *got, savor_error *err)
{
    sv_arena arena;
    sv_frame frame;
    sv_arena_init(&arena, 1 << 20);
    savor_status st = sv_parquet_read_frame(sv_buf_view(body), major, &arena, &frame, err);
    if (!st)
        dump_frame(got, &frame);
    sv_arena_deinit(&arena);
    return st;
}

static void test_files(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2 * (sizeof NAMES / sizeof NAMES[0]); i++) {
        const char *name = NAMES[i / 2];
        sv_buf body = read_table_file(name, "parquet"), got = SV_BUF_INIT(1 << 20);
        sv_buf expected = read_table_file(name, i % 2 ? "pandas3" : "pandas2");
        savor_error err = {.status = SAVOR_OK};
        assert_int_equal(read_file(&body, i % 2 ? 3 : 2, &got, &err), SAVOR_OK);
        assert_string_equal(err.message, "");
        sv_buf_put_char(&expected, '\0');
        assert_string_equal(got.p, expected.p);
        sv_buf_deinit(&body);
        sv_buf_deinit(&got);
        sv_buf_deinit(&expected);
    }
}

static void test_refused(void **state)
{
    (void)state;
    static const char *const ROWS[][2] = {
        {"refused-decimal", "the Parquet column \"a\" has the type decimal, which is not taken"},
        {"refused-list", "the Parquet column \"a\" has the type list, which is not taken"},
        {"refused-struct", "the Parquet column \"a\" has the type struct, which is not taken"},
        {"refused-zone", "the Parquet column \"a\" has the type timestamp with a time zone, which is not taken"},
        {"refused-time", "the Parquet column \"a\" has the type time with a time zone, which is not taken"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        sv_buf body = read_table_file(ROWS[i][0], "parquet"), got = SV_BUF_INIT(1 << 20);
        savor_error err;
        assert_int_equal(read_file(&body, 3, &got, &err), SAVOR_UNSUPPORTED);
        assert_string_equal(err.message, ROWS[i][1]);
        sv_buf_deinit(&body);
        sv_buf_deinit(&got);
    }
}

static void test_damage(void **state)
{
    (void)state;
    sv_buf body = read_table_file("file-ints", "parquet"), got = SV_BUF_INIT(1 << 20);
    savor_error err;
    for (size_t n = 0; n < body.n; n += 97) {
        sv_buf cut = body;
        cut.n = n;
        assert_int_equal(read_file(&cut, 3, &got, &err), SAVOR_BAD_REQUEST);
    }
    sv_buf_deinit(&body);
    sv_buf_deinit(&got);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_damage),
    };
    return cmocka_run_group_tests(tests, open_library, NULL);
}
