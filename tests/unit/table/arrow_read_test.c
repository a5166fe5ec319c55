/* arrow_read_test.c: streams that pyarrow wrote, as pandas 2 and 3 read them (tests/corpus/table_vectors.py). */
#include "table/arrow_read.h"

#include "base/alloc.h"
#include "unit/test.h"

#include "unit/table/dump.h"

#include <stdlib.h>
#include <string.h>

static const char *const NAMES[] = {
    "ints",
    "ints-gaps",
    "floats",
    "floats-gaps",
    "texts",
    "texts-gaps",
    "texts-large",
    "views",
    "times",
    "times-gaps",
    "others",
    "batches",
    "sliced",
    "empty",
    "dictionaries",
    "dictionary-delta",
    "dictionary-replaced",
    "index",
    "legacy",
    "quoted",
    "single",
};

static void check_stream(const char *name, int major)
{
    char kind[16];
    snprintf(kind, sizeof kind, "pandas%d", major);
    sv_buf body = read_table_file(name, "arrows"), expected = read_table_file(name, kind), got = SV_BUF_INIT(1 << 20);
    sv_arena arena;
    sv_frame frame;
    savor_error err;
    sv_arena_init(&arena, 1 << 20);
    assert_int_equal(sv_arrow_read_frame(sv_buf_view(&body), major, &arena, &frame, &err), SAVOR_OK);
    dump_frame(&got, &frame);
    sv_buf_put_char(&expected, '\0');
    if (frame.n_columns)
        assert_string_equal(got.p, expected.p);
    assert_true(frame.n_columns > 0);
    sv_arena_deinit(&arena);
    sv_buf_deinit(&body);
    sv_buf_deinit(&expected);
    sv_buf_deinit(&got);
}

static void test_streams(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++)
        for (int major = 2; major <= 3; major++)
            check_stream(NAMES[i], major);
}

static void test_refused(void **state)
{
    (void)state;
    static const char *const ROWS[][2] = {
        {"refused-decimal", "the Arrow column \"a\" has the type decimal, which is not taken"},
        {"refused-list", "the Arrow column \"a\" has the type list, which is not taken"},
        {"refused-struct", "the Arrow column \"a\" has the type struct, which is not taken"},
        {"refused-zone", "the Arrow column \"a\" has the type timestamp with a time zone, which is not taken"},
        {"refused-duration", "the Arrow column \"a\" has the type duration, which is not taken"},
        {"refused-time", "the Arrow column \"a\" has the type time, which is not taken"},
        {"refused-lz4", "the Arrow stream is compressed with LZ4, which is not taken: send it without"},
        {"refused-zstd", "the Arrow stream is compressed with ZSTD, which is not taken: send it without"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        sv_buf body = read_table_file(ROWS[i][0], "arrows");
        sv_arena arena;
        sv_frame frame;
        savor_error err;
        sv_arena_init(&arena, 1 << 20);
        assert_int_equal(sv_arrow_read_frame(sv_buf_view(&body), 3, &arena, &frame, &err), SAVOR_UNSUPPORTED);
        assert_string_equal(err.message, ROWS[i][1]);
        sv_arena_deinit(&arena);
        sv_buf_deinit(&body);
    }
}

/* Every byte of a stream set to every extreme: an error or a frame whose cells can be read. */
static void test_damage(void **state)
{
    (void)state;
    static const char *const FILES[] = {"ints-gaps", "texts-gaps", "views", "dictionary-delta"};
    static const uint8_t BYTES[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
    size_t n_refused = 0;
    for (size_t f = 0; f < sizeof FILES / sizeof FILES[0]; f++) {
        sv_buf body = read_table_file(FILES[f], "arrows");
        char *exact = malloc(body.n); /* of exactly this size, so that ASan sees overruns */
        for (size_t i = 0; i < body.n * sizeof BYTES; i++) {
            sv_buf got = SV_BUF_INIT(1 << 20);
            sv_arena arena;
            sv_frame frame;
            sv_arena_init(&arena, 1 << 20);
            memcpy(exact, body.p, body.n);
            exact[i / sizeof BYTES] = (char)BYTES[i % sizeof BYTES];
            if (sv_arrow_read_frame((sv_str){exact, body.n}, 2, &arena, &frame, NULL))
                n_refused++;
            else
                dump_frame(&got, &frame);
            sv_buf_deinit(&got);
            sv_arena_deinit(&arena);
        }
        free(exact);
        sv_buf_deinit(&body);
    }
    assert_true(n_refused > 1000);
}

static void test_memory(void **state)
{
    (void)state;
    sv_buf body = read_table_file("dictionaries", "arrows");
    size_t n_failures = 0;
    for (savor_status st = SAVOR_NOMEM; st; n_failures++) {
        sv_arena arena;
        sv_frame frame;
        sv_arena_init(&arena, 1 << 20);
        sv_alloc_fail_after((long)n_failures);
        st = sv_arrow_read_frame(sv_buf_view(&body), 3, &arena, &frame, NULL);
        sv_alloc_fail_after(-1);
        assert_true(st == SAVOR_OK || st == SAVOR_NOMEM);
        sv_arena_deinit(&arena);
    }
    assert_true(n_failures > 1);
    sv_buf_deinit(&body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_streams),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
