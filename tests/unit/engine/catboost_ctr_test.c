#include "engine/catboost_ctr.h"
#include "unit/test.h"

#include <string.h>

/* Hashes 2 and 6 meet at place 2 of four; 1 stands alone. */
static const uint64_t HASHES[] = {SV_CTR_NO_HASH, 1, 2, 6};
static const uint32_t ROWS[] = {9, 0, 1, 2};
static const int32_t COUNTS[] = {3, 5, 7, 1, 0, 2, 4, 4, 4};

static sv_ctr_table make(sv_ctr_type type, size_t n_classes)
{
    return (sv_ctr_table){.type = type,
                          .n_places = 4,
                          .hashes = HASHES,
                          .rows = ROWS,
                          .n_rows = 9 / sv_ctr_row_width(type, n_classes),
                          .n_classes = n_classes,
                          .counts = COUNTS,
                          .denominator = 10};
}

/* Expected values: by hand after TModelCtr::Calc, ((count + prior) / (total + weight) + shift) * scale in floats. */
static void check(sv_ctr_type type, size_t n_classes, int32_t border, const float expected[4])
{
    static const uint64_t asked[] = {1, 2, 6, 10};
    sv_ctr_table table = make(type, n_classes);
    sv_ctr ctr = {&table, border, 0.5f, 1, 0.25f, 15};
    float out[4];
    assert_int_equal(sv_ctr_table_check(&table, NULL), SAVOR_OK);
    assert_int_equal(sv_ctr_check(&ctr, NULL), SAVOR_OK);
    sv_ctr_compute(&ctr, asked, 4, out);
    for (size_t i = 0; i < 4; i++)
        assert_true(out[i] == expected[i]);
}

static void borders_and_buckets_count_classes(void **state)
{
    (void)state;
    /* rows of three: 3 5 7, 1 0 2, 4 4 4; an unseen hash is (0 + 0.5) / (0 + 1) */
    check(SV_CTR_BORDERS, 3, 0,
          (float[]){((12.5f / 16) + 0.25f) * 15, ((2.5f / 4) + 0.25f) * 15, ((8.5f / 13) + 0.25f) * 15, 11.25f});
    check(SV_CTR_BORDERS, 3, 1,
          (float[]){((7.5f / 16) + 0.25f) * 15, ((2.5f / 4) + 0.25f) * 15, ((4.5f / 13) + 0.25f) * 15, 11.25f});
    check(SV_CTR_BUCKETS, 3, 0,
          (float[]){((3.5f / 16) + 0.25f) * 15, ((1.5f / 4) + 0.25f) * 15, ((4.5f / 13) + 0.25f) * 15, 11.25f});
    /* rows of two: 3 5, 7 1, 0 2 */
    check(SV_CTR_BORDERS, 2, 7,
          (float[]){((5.5f / 9) + 0.25f) * 15, ((1.5f / 9) + 0.25f) * 15, ((2.5f / 3) + 0.25f) * 15, 11.25f});
}

static void counters_divide_by_one_number(void **state)
{
    (void)state;
    const float expected[] = {((3.5f / 11) + 0.25f) * 15, ((5.5f / 11) + 0.25f) * 15, ((7.5f / 11) + 0.25f) * 15,
                              ((0.5f / 11) + 0.25f) * 15};
    check(SV_CTR_COUNTER, 0, 0, expected);
    check(SV_CTR_FEATURE_FREQ, 0, 0, expected);
}

static void means_hold_a_float_and_a_count(void **state)
{
    (void)state;
    int32_t counts[6] = {0, 4, 0, 1, 0, 2};
    const float total = 2.25f;
    const uint64_t asked = 1;
    float out;
    memcpy(&counts[0], &total, sizeof total);
    sv_ctr_table table = make(SV_CTR_BINARIZED_MEAN, 0);
    table.n_rows = 3;
    table.counts = counts;
    sv_ctr ctr = {&table, 0, 0.5f, 1, 0, 1};
    sv_ctr_compute(&ctr, &asked, 1, &out);
    assert_true(out == 2.75f / 5);
}

static void full_tables_end(void **state)
{
    (void)state;
    static const uint64_t full[] = {4, 1, 2, 6};
    static const uint32_t rows[] = {0, 0, 1, 2};
    const uint64_t asked = 3;
    sv_ctr_table table = make(SV_CTR_COUNTER, 0);
    sv_ctr ctr = {&table, 0, 0, 1, 0, 1};
    float out;
    table.hashes = full;
    table.rows = rows;
    assert_int_equal(sv_ctr_table_check(&table, NULL), SAVOR_OK);
    sv_ctr_compute(&ctr, &asked, 1, &out);
    assert_true(out == 0.0f);
}

static void faults_are_found(void **state)
{
    (void)state;
    sv_ctr_table table = make(SV_CTR_BUCKETS, 3);
    sv_ctr ctr = {&table, 3, 0, 1, 0, 1};
    assert_int_equal(sv_ctr_check(&ctr, NULL), SAVOR_FORMAT);
    ctr.target_border = -1;
    assert_int_equal(sv_ctr_check(&ctr, NULL), SAVOR_FORMAT);
    table.n_rows = 2;
    assert_int_equal(sv_ctr_table_check(&table, NULL), SAVOR_FORMAT);
    table = make(SV_CTR_BUCKETS, 3);
    table.n_places = 3;
    assert_int_equal(sv_ctr_table_check(&table, NULL), SAVOR_FORMAT);
    table.n_places = 0;
    assert_int_equal(sv_ctr_table_check(&table, NULL), SAVOR_FORMAT);
    table = make(SV_CTR_BUCKETS, 3);
    table.type = (sv_ctr_type)6;
    assert_int_equal(sv_ctr_table_check(&table, NULL), SAVOR_FORMAT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(borders_and_buckets_count_classes),
        cmocka_unit_test(counters_divide_by_one_number),
        cmocka_unit_test(means_hold_a_float_and_a_count),
        cmocka_unit_test(full_tables_end),
        cmocka_unit_test(faults_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
