/* record_make_test.c: integers of any size as two's complement (expected bytes are int.to_bytes of CPython), JSON. */
#include "format/record_make.h"

#include "unit/test.h"

static savor_error err;

static void test_digits(void **state)
{
    (void)state;
    static const struct {
        const char *digits, *bytes;
        size_t n;
    } cases[] = {
        {"9223372036854775808", "\0\0\0\0\0\0\0\x80\0", 9},
        {"-9223372036854775809", "\xff\xff\xff\xff\xff\xff\xff\x7f\xff", 9},
        {"18446744073709551615", "\xff\xff\xff\xff\xff\xff\xff\xff\0", 9},
        {"1000000000000000000000000000000", "\0\0\0\x40\xea\xed\x74\x46\xd0\x9c\x2c\x9f\x0c", 13},
        {"-1000000000000000000000000000000", "\0\0\0\xc0\x15\x12\x8b\xb9\x2f\x63\xd3\x60\xf3", 13},
        {"170141183460469231731687303715884105728", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x80\0", 17},
        {"-170141183460469231731687303715884105728", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x80", 16},
        {"-340282366920938463463374607431768211456", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\xff", 17},
    };
    sv_arena arena;
    sv_arena_init(&arena, 1 << 20);
    sv_record_maker maker = {&arena, 100};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sv_record r;
        assert_int_equal(sv_record_set_digits(&maker, sv_str_of(cases[i].digits), &r, &err), SAVOR_OK);
        assert_int_equal(r.kind, SV_RECORD_BIGINT);
        assert_int_equal(r.n, cases[i].n);
        assert_memory_equal(r.u.p, cases[i].bytes, r.n);
    }
    sv_record r;
    assert_int_equal(sv_record_set_digits(&maker, SV_STR("-9223372036854775808"), &r, &err), SAVOR_OK);
    assert_true(r.kind == SV_RECORD_INT && r.u.i == INT64_MIN);
    sv_arena_deinit(&arena);
}

static void test_json(void **state)
{
    (void)state;
    sv_arena arena;
    const sv_json *v;
    sv_record r;
    size_t n;
    sv_arena_init(&arena, 1 << 20);
    sv_record_maker maker = {&arena, 100};
    sv_str text = SV_STR("{\"a\": [1, 2.5, null, true], \"b\": \"x\"}");
    assert_int_equal(sv_json_parse(text, &SV_JSON_LIMITS, &arena, &v, NULL, &err), SAVOR_OK);
    assert_int_equal(sv_record_set_json(&maker, v, &r, &err), SAVOR_OK);
    assert_true(sv_record_is_text(sv_record_find(&r, "b"), "x"));
    const sv_record *const *items = sv_record_items(sv_record_find(&r, "a"), &n);
    assert_int_equal(n, 4);
    assert_true(items[0]->kind == SV_RECORD_INT && items[1]->kind == SV_RECORD_FLOAT &&
                items[2]->kind == SV_RECORD_NONE && items[3]->kind == SV_RECORD_BOOL);
    char deep[200];
    memset(deep, '[', 100);
    memset(deep + 100, ']', 100);
    assert_int_equal(sv_json_parse((sv_str){deep, 200}, &SV_JSON_LIMITS, &arena, &v, NULL, &err), SAVOR_OK);
    maker.n_left = 1000;
    assert_int_equal(sv_record_set_json(&maker, v, &r, &err), SAVOR_LIMIT);
    sv_arena_deinit(&arena);
}

static void test_limit(void **state)
{
    (void)state;
    sv_arena arena;
    sv_record *r;
    sv_arena_init(&arena, 1 << 20);
    sv_record_maker maker = {&arena, 1};
    assert_int_equal(sv_record_new_text(&maker, SV_STR("x"), &r, &err), SAVOR_OK);
    assert_int_equal(sv_record_new_text(&maker, SV_STR("x"), &r, &err), SAVOR_LIMIT);
    assert_null(r);
    sv_arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_digits),
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
