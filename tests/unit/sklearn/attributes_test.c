/* attributes_test.c: attributes of an estimator's record: kinds, shapes, copies, and what a wrong one is called. */
#include "sklearn/attributes.h"
#include "unit/sklearn/records.h"

#include "unit/arena.h" /* last: it names what the others call their argument */

static sv_loader loader = {.arena = &arena};

static const double NUMBERS[] = {1.0, 2.0, 3.0, 4.0, 5.0, 6.0};

static const sv_record *example(void)
{
    const sv_record *state = RECORD_DICT(
        &arena, record_text(&arena, "matrix"), record_array(&arena, SAVOR_FLOAT64, 2, 3, NUMBERS),
        record_text(&arena, "list"), RECORD_LIST(&arena, record_int(&arena, 7), record_float(&arena, 0.5)),
        record_text(&arena, "one"), record_float(&arena, 2.5), record_text(&arena, "count"), record_int(&arena, 9),
        record_text(&arena, "yes"), record_bool(&arena, true), record_text(&arena, "word"),
        record_text(&arena, "auto"), record_text(&arena, "nothing"), record_none(&arena));
    return record_object(&arena, "sklearn.some", "Thing", state);
}

static void assert_refused(savor_status st, const savor_error *err, const char *message)
{
    assert_int_equal(st, SAVOR_FORMAT);
    assert_string_equal(err->message, message);
}

static void test_numbers(void **state)
{
    (void)state;
    const sv_record *r = example();
    sv_tensor t;
    const double *vector;
    savor_error err;
    assert_int_equal(sv_attr_doubles(&loader, r, "matrix", &t, NULL), SAVOR_OK);
    assert_true(t.data != NUMBERS && t.n_dims == 2 && memcmp(t.data, NUMBERS, sizeof NUMBERS) == 0);
    assert_int_equal(sv_attr_matrix(&loader, r, "matrix", 0, 3, &t, NULL), SAVOR_OK);
    assert_refused(sv_attr_matrix(&loader, r, "matrix", 3, 2, &t, &err), &err,
                   "Thing.matrix: not a matrix of the shape it should have");
    assert_refused(sv_attr_matrix(&loader, r, "list", 0, 0, &t, &err), &err,
                   "Thing.list: not a matrix of the shape it should have");
    assert_int_equal(sv_attr_vector(&loader, r, "list", 2, &vector, NULL), SAVOR_OK);
    assert_true(vector[0] == 7.0 && vector[1] == 0.5);
    assert_int_equal(sv_attr_vector(&loader, r, "one", 1, &vector, NULL), SAVOR_OK);
    assert_true(vector[0] == 2.5);
    assert_refused(sv_attr_vector(&loader, r, "list", 3, &vector, &err), &err,
                   "Thing.list: not as many numbers as it should have");
    assert_null(vector);
    assert_refused(sv_attr_doubles(&loader, r, "word", &t, &err), &err, "Thing.word: not an array of numbers");
    assert_refused(sv_attr_doubles(&loader, r, "nothing", &t, &err), &err, "Thing.nothing: missing");
    assert_refused(sv_attr_doubles(&loader, r, "absent", &t, &err), &err, "Thing.absent: missing");
}

static void test_scalars(void **state)
{
    (void)state;
    const sv_record *r = example();
    double number;
    int64_t count;
    savor_error err;
    assert_true(sv_attr_double(r, "one", &number, NULL) == SAVOR_OK && number == 2.5);
    assert_true(sv_attr_int(r, "count", &count, NULL) == SAVOR_OK && count == 9);
    assert_refused(sv_attr_int(r, "one", &count, &err), &err, "Thing.one: not an integer");
    assert_refused(sv_attr_double(r, "word", &number, &err), &err, "Thing.word: not a number");
    assert_true(sv_attr_double_or(r, "word", 3.0) == 3.0 && sv_attr_double_or(r, "count", 3.0) == 9.0);
    assert_true(sv_attr_int_or(r, "absent", 4) == 4 && sv_attr_int_or(NULL, "count", 4) == 4);
    assert_true(sv_attr_bool_or(r, "yes", false) && sv_attr_bool_or(r, "count", true));
    assert_true(sv_str_is(sv_attr_text(r, "word"), "auto") && !sv_attr_text(r, "one").p);
}

static void test_labels(void **state)
{
    (void)state;
    static const int32_t ints[] = {3, 1, 2};
    static const sv_str words[] = {{"high", 4}, {"", 0}};
    const sv_record *mixed =
        RECORD_LIST(&arena, record_int(&arena, 1), record_text(&arena, "x"), record_none(&arena));
    sv_tensor t;
    assert_int_equal(sv_record_to_labels(record_array(&arena, SAVOR_INT32, 3, 0, ints), &arena, &t, NULL), SAVOR_OK);
    assert_true(t.dtype == SAVOR_INT32 && t.data != ints && memcmp(t.data, ints, sizeof ints) == 0);
    assert_int_equal(sv_record_to_labels(record_array(&arena, SAVOR_STRING, 2, 0, words), &arena, &t, NULL),
                     SAVOR_OK);
    assert_true(t.dtype == SAVOR_STRING && sv_str_is(((const sv_str *)t.data)[0], "high"));
    assert_true(((const sv_str *)t.data)[0].p != words[0].p && ((const sv_str *)t.data)[1].p != NULL);
    assert_int_equal(sv_record_to_labels(RECORD_LIST(&arena, record_text(&arena, "a")), &arena, &t, NULL), SAVOR_OK);
    assert_true(t.dtype == SAVOR_STRING && t.n_items == 1);
    assert_int_equal(sv_record_to_labels(mixed, &arena, &t, NULL), SAVOR_OK);
    assert_true(t.dtype == SAVOR_OBJECT && ((const sv_value *)t.data)[2].kind == SV_VALUE_NONE);
    assert_int_equal(sv_record_to_labels(record_array(&arena, SAVOR_FLOAT64, 2, 3, NUMBERS), &arena, &t, NULL),
                     SAVOR_FORMAT);
    assert_int_equal(sv_record_to_labels(RECORD_LIST(&arena, mixed), &arena, &t, NULL), SAVOR_UNSUPPORTED);
    assert_true(sv_record_to_labels(NULL, &arena, &t, NULL) == SAVOR_OK && t.n_items == 0);
}

static void test_estimators(void **state)
{
    (void)state;
    const sv_record *r = example();
    const sv_estimator *const *list, *one;
    savor_error err;
    size_t n;
    assert_refused(sv_attr_estimators(&loader, r, "word", &n, &list, &err), &err,
                   "Thing.word: not a list of estimators");
    assert_null(list);
    assert_refused(sv_attr_estimator(&loader, r, "absent", &one, &err), &err, "Thing.absent: missing");
    assert_int_equal(sv_attr_estimator(&loader, r, "one", &one, NULL), SAVOR_UNSUPPORTED);
    assert_null(one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_numbers, setup, teardown),
        cmocka_unit_test_setup_teardown(test_scalars, setup, teardown),
        cmocka_unit_test_setup_teardown(test_labels, setup, teardown),
        cmocka_unit_test_setup_teardown(test_estimators, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
