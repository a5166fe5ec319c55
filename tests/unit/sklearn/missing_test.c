/* missing_test.c: what counts as missing, the marker of a file, and the columns of an indicator. */
#include "sklearn/missing.h"
#include "unit/sklearn/records.h"

#include <math.h>

static sv_arena arena;

static int setup(void **state)
{
    (void)state;
    sv_arena_init(&arena, (size_t)16 << 20);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    sv_arena_deinit(&arena);
    return 0;
}

static const sv_record *with(const char *name, const sv_record *value)
{
    return record_object(&arena, "sklearn.impute._knn", "KNNImputer",
                         RECORD_DICT(&arena, record_text(&arena, name), value));
}

static void test_cells(void **state)
{
    (void)state;
    assert_true(sv_is_missing((double)NAN, (double)NAN));
    assert_false(sv_is_missing((double)NAN, 0.0));
    assert_true(sv_is_missing(-1.0, -1.0));
    assert_false(sv_is_missing(-1.0, (double)NAN));
}

static void test_marker(void **state)
{
    (void)state;
    double marker = 0.0;
    savor_error err;
    assert_int_equal(sv_missing_read(with("missing_values", record_int(&arena, -1)), &marker, NULL), SAVOR_OK);
    assert_true(marker == -1.0);
    assert_int_equal(sv_missing_read(with("missing_values", record_text(&arena, "?")), &marker, &err),
                     SAVOR_UNSUPPORTED);
    assert_string_equal(err.message, "KNNImputer with missing_values that are no number is not known");
}

static void test_flagged(void **state)
{
    (void)state;
    static const double good[] = {0, 2}, bad[] = {0, 3}, negative[] = {-1};
    sv_loader loader = {.arena = &arena};
    const size_t *flagged = NULL;
    size_t n = 0;
    const sv_record *r = with("features_", record_array(&arena, SAVOR_FLOAT64, 2, 0, good));
    assert_int_equal(sv_flagged_read(&loader, r, 3, &n, &flagged, NULL), SAVOR_OK);
    assert_true(n == 2 && flagged[0] == 0 && flagged[1] == 2);
    r = with("features_", record_array(&arena, SAVOR_FLOAT64, 2, 0, bad));
    assert_int_equal(sv_flagged_read(&loader, r, 3, &n, &flagged, NULL), SAVOR_FORMAT);
    r = with("features_", record_array(&arena, SAVOR_FLOAT64, 1, 0, negative));
    assert_int_equal(sv_flagged_read(&loader, r, 3, &n, &flagged, NULL), SAVOR_FORMAT);
    assert_int_equal(sv_flagged_read(&loader, with("other", r), 3, &n, &flagged, NULL), SAVOR_FORMAT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_cells), cmocka_unit_test(test_marker),
                                       cmocka_unit_test(test_flagged)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
