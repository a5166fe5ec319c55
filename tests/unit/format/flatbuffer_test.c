#include "format/flatbuffer.h"
#include "unit/test.h"

/*
 * Root at 16; its fields at 4: int32 at 20, int8 at 24, an absent one, a string, a vector of two int32, a vector of
 * one table (the root itself), a double.
 */
static const uint8_t BYTES[] = {
    /*  0 */ 20,   0,    0,    0, /* -> 20 */
    /*  4 */ 16,   0,    32,   0, /* size of this table of fields, of the object */
    /*  8 */ 4,    0,    8,    0,    0,   0,   12,  0,
    /* 16 */ 16,   0,    20,   0,
    /* 20 */ 16,   0,    0,    0, /* fields lie 16 before */
    /* 24 */ 0xfe, 0xff, 0xff, 0xff,
    /* 28 */ 1,    0,    0,    0,
    /* 32 */ 12,   0,    0,    0, /* string at 44 */
    /* 36 */ 16,   0,    0,    0, /* vector at 52 */
    /* 40 */ 24,   0,    0,    0, /* vector at 64 */
    /* 44 */ 3,    0,    0,    0,    'a', 'b', 'c', 0,
    /* 52 */ 2,    0,    0,    0,    7,   0,   0,   0, 9, 0, 0, 0,
    /* 64 */ 1,    0,    0,    0,    4,   0,   0,   0,
    /* 72 */ 68,   0,    0,    0,    0,   0,   0,   0,
};

static sv_str all(void) { return (sv_str){(const char *)BYTES, sizeof BYTES}; }

static void fields_are_found_by_slot(void **state)
{
    (void)state;
    sv_flatbuffer fb;
    sv_fb_table root = sv_fb_open(&fb, all());
    assert_int_equal(root.at, 20);
    assert_int_equal(sv_fb_int32(&fb, root, 0, 5), -2);
    assert_true(sv_fb_bool(&fb, root, 1, false));
    assert_int_equal(sv_fb_int32(&fb, root, 2, 5), 5);
    assert_true(sv_fb_double(&fb, root, 40, 1.5) == 1.5);
    assert_true(sv_fb_float(&fb, root, 2, 0.5f) == 0.5f);
    assert_true(sv_str_is(sv_fb_string(&fb, root, 3), "abc"));
    sv_fb_vector v = sv_fb_vector_of(&fb, root, 4, 4);
    assert_int_equal(v.n, 2);
    assert_int_equal(sv_fb_bytes(&fb, v)[4], 9);
    assert_int_equal(sv_fb_vector_of(&fb, root, 9, 4).n, 0);
    assert_int_equal(sv_fb_check(&fb, NULL), SAVOR_OK);
}

static void vectors_of_tables_lead_to_tables(void **state)
{
    (void)state;
    sv_flatbuffer fb;
    sv_fb_table root = sv_fb_open(&fb, all());
    sv_fb_vector v = sv_fb_vector_of(&fb, root, 5, 4);
    assert_int_equal(v.n, 1);
    /* its one element leads to byte 72, which is no table: 68 bytes before it there are no fields */
    sv_fb_table table = sv_fb_table_at(&fb, v, 0);
    assert_int_equal(table.at, 72);
    assert_int_equal(table.vtable, 4);
    assert_int_equal(sv_fb_child(&fb, root, 9).at, 0);
    assert_int_equal(sv_fb_check(&fb, NULL), SAVOR_OK);
}

static void first_fault_sticks(void **state)
{
    (void)state;
    sv_flatbuffer fb;
    savor_error err = {0};
    sv_fb_table root = sv_fb_open(&fb, all());
    (void)sv_fb_vector_of(&fb, root, 4, 1000); /* two elements of 1000 bytes */
    assert_int_equal(sv_fb_check(&fb, &err), SAVOR_FORMAT);
    assert_string_equal(err.message, "FlatBuffers byte 52 claimed more elements than bytes were left");
    assert_int_equal(sv_fb_int32(&fb, root, 0, 5), 5);
    assert_int_equal(sv_fb_string(&fb, root, 3).n, 0);
}

static void vectors_are_not_handed_out_without_end(void **state)
{
    (void)state;
    sv_flatbuffer fb;
    size_t n = 0;
    sv_fb_table root = sv_fb_open(&fb, all());
    while (!fb.fault && n++ < 10000)
        (void)sv_fb_vector_of(&fb, root, 4, 4);
    assert_true(fb.fault && n > 100 && n < 10000);
}

static void every_prefix_is_safe(void **state)
{
    (void)state;
    for (size_t n = 0; n < sizeof BYTES; n++) {
        sv_flatbuffer fb;
        char copy[sizeof BYTES];
        memcpy(copy, BYTES, n);
        sv_fb_table root = sv_fb_open(&fb, (sv_str){copy, n});
        (void)sv_fb_string(&fb, root, 3);
        sv_fb_vector v = sv_fb_vector_of(&fb, root, 5, 4);
        if (v.n)
            (void)sv_fb_table_at(&fb, v, 0);
        assert_true(n >= 76 || sv_fb_check(&fb, NULL) == SAVOR_FORMAT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_found_by_slot), cmocka_unit_test(vectors_of_tables_lead_to_tables),
        cmocka_unit_test(first_fault_sticks),       cmocka_unit_test(vectors_are_not_handed_out_without_end),
        cmocka_unit_test(every_prefix_is_safe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
