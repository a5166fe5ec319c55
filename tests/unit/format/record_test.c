/* record_test.c: looking at records: names, numbers, nested lists. */
#include "unit/test.h"

#include "format/pickle.h"

static sv_arena arena;
static savor_error err;

static int set_up(void **state)
{
    (void)state;
    sv_arena_init(&arena, (size_t)1 << 22);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    sv_arena_deinit(&arena);
    return 0;
}

/* A pickle of protocol 0 as text is the shortest way to a graph. */
static const sv_record *read(const char *text)
{
    const sv_record *r = NULL;
    if (sv_pickle_read(sv_str_of(text), NULL, &arena, &r, &err) != SAVOR_OK)
        fail_msg("%s", err.message);
    return r;
}

static void test_nothing(void **state)
{
    (void)state;
    sv_tensor doubles;
    savor_dtype dtype;
    int64_t number;
    double value;
    bool is_true;
    size_t n = 1;
    assert_null(sv_record_find(NULL, "x"));
    assert_int_equal(sv_record_class(NULL).name.n, 0);
    assert_true(sv_record_is_none(NULL) && !sv_record_is(NULL, NULL, ""));
    assert_false(sv_record_to_double(NULL, &value) || sv_record_to_int(NULL, &number));
    assert_false(sv_record_to_bool(NULL, &is_true) || sv_record_to_dtype(NULL, &dtype));
    assert_null(sv_record_text(NULL).p);
    assert_null(sv_record_items(NULL, &n));
    assert_int_equal(n, 0);
    assert_null(sv_record_array(NULL));
    assert_int_equal(sv_record_doubles(NULL, &arena, &doubles, &err), SAVOR_FORMAT);
}

static void test_find(void **state)
{
    (void)state;
    const sv_record *dict = read("(dS'a'\nI1\nsS'a'\nI2\nsI3\nI4\ns.");
    assert_int_equal(sv_record_find(dict, "a")->u.i, 2); /* the last one, as Python has it */
    assert_null(sv_record_find(dict, "b"));
    const sv_record *slots = read("ccopy_reg\n_reconstructor\n(cm\nC\nc__builtin__\nobject\nNtR(N(dS's'\nI5\nstb.");
    assert_int_equal(sv_record_find(slots, "s")->u.i, 5);
    const sv_record *bunch = read("\x80\x02"
                                  "cm\nBunch\n)\x81(U\1kI6\nu}b.");
    assert_int_equal(sv_record_find(bunch, "k")->u.i, 6);
}

static void test_numbers(void **state)
{
    (void)state;
    int64_t number = 0;
    double value = 0;
    bool is_true = false;
    assert_true(sv_record_to_int(read("I01\n."), &number) && number == 1);
    assert_true(sv_record_to_int(read("F-3.0\n."), &number) && number == -3);
    assert_false(sv_record_to_int(read("F0.5\n."), &number));
    assert_false(sv_record_to_int(read("F9.3e18\n."), &number));
    assert_false(sv_record_to_int(read("Fnan\n."), &number));
    assert_true(sv_record_to_int(read("L-9223372036854775808L\n."), &number) && number == INT64_MIN);
    const sv_record *big = read("L9223372036854775808L\n.");
    assert_int_equal(big->kind, SV_RECORD_BIGINT);
    assert_false(sv_record_to_int(big, &number));
    assert_true(sv_record_to_double(read("I-7\n."), &value) && value == -7);
    assert_true(sv_record_to_bool(read("I01\n."), &is_true) && is_true);
    assert_false(sv_record_to_bool(read("I1\n."), &is_true));
    assert_false(sv_record_to_double(read("S'1'\n."), &value));
}

static void test_dtypes(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        savor_dtype dtype;
    } CASES[] = {
        {"cnumpy\nfloat32\n.", SAVOR_FLOAT32},
        {"cnumpy\nbool_\n.", SAVOR_BOOL},
        {"c__builtin__\nfloat\n.", SAVOR_FLOAT64},
        {"c__builtin__\nint\n.", SAVOR_INT64},
        {"c__builtin__\nobject\n.", SAVOR_OBJECT},
        {"cnumpy\ndtype\n(S'f4'\nI0\nI1\ntR.", SAVOR_FLOAT32},
        {"cnumpy\ndtype\n(S'U5'\nI0\nI1\ntR.", SAVOR_STRING},
        {"S'float64'\n.", SAVOR_FLOAT64},
        {"S'<U3'\n.", SAVOR_STRING},
    };
    savor_dtype dtype;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
        if (!sv_record_to_dtype(read(CASES[i].text), &dtype) || dtype != CASES[i].dtype)
            fail_msg("case %zu: %s", i, CASES[i].text);
    assert_false(sv_record_to_dtype(read("cos\nfloat32\n."), &dtype));
    assert_false(sv_record_to_dtype(read("S'c16'\n."), &dtype));
}

static void test_doubles(void **state)
{
    (void)state;
    sv_tensor t;
    assert_int_equal(sv_record_doubles(read("((I1\nF2.5\nl(I3\nI01\ntl."), &arena, &t, &err), SAVOR_OK);
    assert_int_equal(t.n_dims, 2);
    assert_int_equal(t.n_items, 4);
    assert_true(((const double *)t.data)[1] == 2.5 && ((const double *)t.data)[3] == 1);
    assert_int_equal(sv_record_doubles(read("F2.0\n."), &arena, &t, &err), SAVOR_OK);
    assert_int_equal(t.n_dims, 0);
    assert_int_equal(sv_record_doubles(read("(l."), &arena, &t, &err), SAVOR_OK);
    assert_int_equal(t.n_items, 0);
    assert_int_equal(sv_record_doubles(read("((I1\nl(I1\nI2\nll."), &arena, &t, &err), SAVOR_FORMAT);
    assert_int_equal(sv_record_doubles(read("(S'a'\nl."), &arena, &t, &err), SAVOR_FORMAT);
    assert_int_equal(sv_record_doubles(read("(lp0\ng0\na."), &arena, &t, &err), SAVOR_LIMIT); /* inside itself */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing), cmocka_unit_test(test_find),    cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_dtypes),  cmocka_unit_test(test_doubles),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
