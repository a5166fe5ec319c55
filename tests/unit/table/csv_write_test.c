/* csv_write_test.c: frames as to_csv(index=False) of pandas 2 and 3 writes them (tests/corpus/table_vectors.py). */
#include "table/csv_write.h"

#include "base/alloc.h"
#include "table/arrow_read.h"
#include "unit/test.h"

#include "unit/table/dump.h"

static const char *const NAMES[] = {"ints-gaps", "texts-gaps", "batches", "others", "quoted", "single", "empty"};

static savor_status write_file(const sv_buf *body, int major, sv_buf *out)
{
    sv_arena arena;
    sv_frame frame;
    sv_arena_init(&arena, 1 << 20);
    savor_status st = sv_arrow_read_frame(sv_buf_view(body), major, &arena, &frame, NULL);
    if (!st) {
        sv_csv_write_frame(&frame, &arena, out);
        st = out->failed;
    }
    sv_arena_deinit(&arena);
    return st;
}

static void test_files(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2 * (sizeof NAMES / sizeof NAMES[0]); i++) {
        sv_buf body = read_table_file(NAMES[i / 2], "arrows"), got = SV_BUF_INIT(1 << 20);
        sv_buf expected = read_table_file(NAMES[i / 2], i % 2 ? "csv3" : "csv2");
        assert_int_equal(write_file(&body, i % 2 ? 3 : 2, &got), SAVOR_OK);
        sv_buf_put_char(&expected, '\0');
        assert_string_equal(got.p, expected.p);
        sv_buf_deinit(&body);
        sv_buf_deinit(&got);
        sv_buf_deinit(&expected);
    }
}

static void test_memory(void **state)
{
    (void)state;
    sv_buf body = read_table_file("others", "arrows");
    size_t n_failures = 0;
    for (savor_status st = SAVOR_NOMEM; st; n_failures++) {
        sv_buf got = SV_BUF_INIT(1 << 20);
        sv_alloc_fail_after((long)n_failures);
        st = write_file(&body, 2, &got);
        sv_alloc_fail_after(-1);
        assert_true(st == SAVOR_OK || st == SAVOR_NOMEM);
        sv_buf_deinit(&got);
    }
    assert_true(n_failures > 1);
    sv_buf_deinit(&body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
