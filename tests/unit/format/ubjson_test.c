/* ubjson_test.c: markers become the nodes that JSON text gives; every length is held against the bytes. */
#include "unit/test.h"

#include "base/alloc.h"
#include "format/ubjson.h"

#define PARSE(literal, out) sv_ubjson_parse((sv_str){literal, sizeof(literal) - 1}, out, &err)

static savor_error err;

static void test_values(void **state)
{
    (void)state;
    sv_ubjson u;
    static const char doc[] = "{U\1aSi\2hiU\1bl\377\377\377\376U\1cd\277\200\0\0U\1dTU\1eZU\1fD\77\360\0\0\0\0\0\0}";
    assert_int_equal(PARSE(doc, &u), SAVOR_OK);
    assert_int_equal(u.n_nodes, 13);
    assert_int_equal(u.nodes->u.size, 13);
    assert_true(sv_json_is_text(sv_json_find(u.nodes, "a"), "hi"));
    assert_int_equal(sv_json_find(u.nodes, "b")->u.i, -2);
    assert_true(sv_json_find(u.nodes, "c")->u.f == -1.0 && sv_json_find(u.nodes, "f")->u.f == 1.0);
    assert_int_equal(sv_json_find(u.nodes, "d")->kind, SV_JSON_TRUE);
    assert_int_equal(sv_json_find(u.nodes, "e")->kind, SV_JSON_NULL);
    sv_ubjson_deinit(&u);
}

static void test_arrays(void **state)
{
    (void)state;
    sv_ubjson u;
    assert_int_equal(PARSE("[$I#U\2\1\0\377\377", &u), SAVOR_OK);
    assert_int_equal(u.nodes->n, 2);
    assert_int_equal(u.nodes[1].u.i, 256);
    assert_int_equal(u.nodes[2].u.i, -1);
    sv_ubjson_deinit(&u);
    assert_int_equal(PARSE("[#U\2U\7[i\1i\2]", &u), SAVOR_OK); /* counted, without a bracket; an open one inside */
    assert_int_equal(u.nodes->n, 2);
    assert_int_equal(u.nodes->u.size, 5);
    assert_int_equal(u.nodes[2].u.size, 3);
    sv_ubjson_deinit(&u);
    assert_int_equal(PARSE("[$d#L\0\0\0\0\0\0\0\0", &u), SAVOR_OK);
    assert_int_equal(u.nodes->n, 0);
    sv_ubjson_deinit(&u);
}

static void test_damage(void **state)
{
    (void)state;
    static const struct {
        const char *p;
        size_t n;
    } cases[] = {
#define CASE(literal) {literal, sizeof(literal) - 1}
        CASE(""),
        CASE("{"),
        CASE("["),
        CASE("Si\5hi"),
        CASE("Si\377hi"),
        CASE("SL\177\377\377\377\377\377\377\377x"),
        CASE("[$d#L\177\377\377\377\377\377\377\377"),
        CASE("[$d#i\2\0\0\0\0"),
        CASE("[$d"),
        CASE("[$d#d\0\0\0\0"),
        CASE("[$T#L\0\0\0\0\377\377\377\377"),
        CASE("[#L\0\0\0\0\377\377\377\377"),
        CASE("l\0\0"),
        CASE("x"),
        CASE("{U\1a}"),
#undef CASE
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sv_ubjson u;
        if (sv_ubjson_parse((sv_str){cases[i].p, cases[i].n}, &u, &err) != SAVOR_FORMAT)
            fail_msg("case %zu was read", i);
        sv_ubjson_deinit(&u);
    }
}

static void test_depth(void **state)
{
    (void)state;
    char deep[1000];
    sv_ubjson u;
    memset(deep, '[', sizeof deep);
    assert_int_equal(sv_ubjson_parse((sv_str){deep, sizeof deep}, &u, &err), SAVOR_LIMIT);
    sv_ubjson_deinit(&u);
}

static void test_memory(void **state)
{
    (void)state;
    sv_ubjson u;
    sv_alloc_fail_after(0);
    assert_int_equal(PARSE("[$U#U\3\1\2\3", &u), SAVOR_NOMEM);
    sv_alloc_fail_after(-1);
    sv_ubjson_deinit(&u);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values), cmocka_unit_test(test_arrays), cmocka_unit_test(test_damage),
        cmocka_unit_test(test_depth),  cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
