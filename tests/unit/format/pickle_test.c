/* pickle_test.c: what a pickle says becomes records; sharing is kept; damage is refused at its byte. The whole of
 * what CPython writes is compared by corpus/pickle. */
#include "unit/test.h"

#include "base/alloc.h"
#include "format/pickle.h"

#define READ(literal, out) sv_pickle_read((sv_str){literal, sizeof(literal) - 1}, NULL, &arena, out, &err)

static sv_arena arena;
static savor_error err;

static int set_up(void **state)
{
    (void)state;
    sv_arena_init(&arena, (size_t)1 << 28);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    sv_arena_deinit(&arena);
    return 0;
}

/* pickle.dumps({'a': [1, 2.5], 'b': x, 'c': x} with x = ('t',), 2) */
static void test_values(void **state)
{
    (void)state;
    const sv_record *r;
    size_t n;
    double value;
    assert_int_equal(
        READ("\x80\x02}q\0(X\1\0\0\0aq\1]q\2(K\1G@\4\0\0\0\0\0\0eX\1\0\0\0bq\3X\1\0\0\0tq\4\x85q\5X\1\0\0\0c"
             "q\6h\5u.",
             &r),
        SAVOR_OK);
    assert_int_equal(r->kind, SV_RECORD_DICT);
    assert_int_equal(r->n, 3);
    const sv_record *const *items = sv_record_items(sv_record_find(r, "a"), &n);
    assert_int_equal(n, 2);
    assert_int_equal(items[0]->u.i, 1);
    assert_true(sv_record_to_double(items[1], &value) && value == 2.5);
    assert_ptr_equal(sv_record_find(r, "b"), sv_record_find(r, "c"));
    assert_true(sv_record_is_text(sv_record_find(r, "b")->u.items[0], "t"));
}

/* An object is memoised, then gets its state: both places see it. The list holds the object twice. */
static void test_shared_state(void **state)
{
    (void)state;
    const sv_record *r;
    assert_int_equal(READ("\x80\x02]q\0(csklearn.dummy\nD\nq\1)\x81q\2}q\3X\1\0\0\0xK\7sbh\2e.", &r), SAVOR_OK);
    assert_int_equal(r->n, 2);
    assert_ptr_equal(r->u.items[0], r->u.items[1]);
    assert_true(sv_record_is(r->u.items[1], "sklearn", "D"));
    assert_false(sv_record_is(r->u.items[1], "skl", "D"));
    assert_int_equal(sv_record_find(r->u.items[1], "x")->u.i, 7);
}

/* A list inside itself. */
static void test_cycle(void **state)
{
    (void)state;
    const sv_record *r;
    assert_int_equal(READ("\x80\x02]q\0h\0a.", &r), SAVOR_OK);
    assert_ptr_equal(r->u.items[0], r);
}

static void test_call_is_inert(void **state)
{
    (void)state;
    const sv_record *r;
    assert_int_equal(READ("cposix\nsystem\n(S'exit 3'\ntR.", &r), SAVOR_OK);
    assert_int_equal(r->kind, SV_RECORD_CALL);
    assert_true(sv_str_is(sv_record_class(r).module, "posix"));
    assert_true(sv_record_is_text(r->u.object->args->u.items[0], "exit 3"));
}

/* Ten thousand lists inside one another take no stack. */
static void test_deep(void **state)
{
    (void)state;
    static char deep[200001];
    const sv_record *r;
    size_t n = 0;
    memset(deep, ']', 100000);
    memset(deep + 100000, 'a', 99999);
    deep[199999] = '.';
    assert_int_equal(sv_pickle_read((sv_str){deep, 200000}, NULL, &arena, &r, &err), SAVOR_OK);
    while (r->n == 1) {
        r = r->u.items[0];
        n++;
    }
    assert_int_equal(n, 99999);
}

static void test_damage(void **state)
{
    (void)state;
    static const struct {
        const char *p;
        size_t n;
        const char *message;
    } CASES[] = {
#define CASE(literal, message) {literal, sizeof(literal) - 1, message}
        CASE("", "byte 0: the file ended without STOP"),
        CASE("\x80\x04", "byte 2: the file ended without STOP"),
        CASE("\x80\x04\xff.", "byte 2: 0xff is no opcode"),
        CASE("\x80\x04.", "byte 2: STOP with other than one object"),
        CASE("K\1K\2.", "byte 4: STOP with other than one object"),
        CASE("K\1(.", "byte 3: STOP with other than one object"),
        CASE("\x80\x04\x8c\5ab", "byte 2: a length was larger"),
        CASE("X\377\377\377\377a.", "byte 0: a length was larger"),
        CASE("\x8d\377\377\377\377\377\377\377\377.", "byte 0: a length was larger"),
        CASE("\x95\377\377\377\377\377\377\377\377.", "byte 0: a frame was larger"),
        CASE("h\1.", "byte 0: nothing in the memo"),
        CASE("Nr\377\377\377\377.", "byte 1: the number of a memo entry was too large"),
        CASE("K\1t.", "byte 2: no mark"),
        CASE("a.", "byte 0: nothing on the stack"),
        CASE("K\1(a.", "byte 3: nothing on the stack"),
        CASE("K\1K\2a.", "byte 4: items for what holds none"),
        CASE("}(K\1u.", "byte 4: a key without a value"),
        CASE("}(]K\1u.", "byte 5: a key that can be changed"),
        CASE("K\1)R.", "byte 3: a call of what cannot be called"),
        CASE("cos\nsystem\nK\1R.", "arguments that are no tuple"),
        CASE("K\1}b.", "byte 3: a state for what has none"),
        CASE("cA\nB\n)\x81}b}b.", "a second state"),
        CASE("X\1\0\0\0\377.", "byte 0: a text that is not UTF-8"),
        CASE("S'a.\n.", "byte 0: a str without quotes"),
        CASE("S'\\q'\n.", "byte 0: a str with an unknown escape"),
        CASE("V\\u12\n.", "byte 0: a text with a broken escape"),
        CASE("I1x\n.", "byte 0: an integer with other than digits"),
        CASE("Fx\n.", "byte 0: a float that is no number"),
        CASE("N\x80\x04.", "byte 1: a protocol number inside"),
        CASE("\x8b\0\0\0\x80.", "byte 0: a length was larger"),
        CASE("I1", "byte 0: the file ended inside a line"),
#undef CASE
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        const sv_record *r = (const sv_record *)&arena;
        savor_status st = sv_pickle_read((sv_str){CASES[i].p, CASES[i].n}, NULL, &arena, &r, &err);
        if (st != SAVOR_FORMAT || r || !strstr(err.message, CASES[i].message))
            fail_msg("case %zu: %d %s, expected %s", i, (int)st, err.message, CASES[i].message);
    }
}

static void test_unsupported(void **state)
{
    (void)state;
    const sv_record *r;
    assert_int_equal(READ("\x80\x06N.", &r), SAVOR_UNSUPPORTED);
    assert_int_equal(READ("\x80\x05\x97.", &r), SAVOR_UNSUPPORTED);
    assert_int_equal(READ("\x82\1.", &r), SAVOR_UNSUPPORTED);
    assert_int_equal(READ("cjoblib.numpy_pickle\nZNDArrayWrapper\n)\x81}b.", &r), SAVOR_UNSUPPORTED);
    assert_non_null(strstr(err.message, "ZNDArrayWrapper"));
}

static void test_limits(void **state)
{
    (void)state;
    const sv_record *r;
    const sv_record_limits few = {.n_records = 8};
    char bytes[] = "(](](](](](](](]t.";
    assert_int_equal(sv_pickle_read((sv_str){bytes, sizeof bytes - 1}, &few, &arena, &r, &err), SAVOR_LIMIT);
    sv_arena small;
    sv_arena_init(&small, 1024);
    char text[4096] = "X\xf0\x0f\0\0"; /* 4080 bytes of text */
    memset(text + 5, 'a', 4080);
    text[4085] = '.';
    assert_int_equal(sv_pickle_read((sv_str){text, 4086}, NULL, &small, &r, &err), SAVOR_LIMIT);
    sv_arena_deinit(&small);
}

/* A list of 2,000 items, then list(it) again and again: each is a copy, and memory is held against the file. */
static void test_copies(void **state)
{
    (void)state;
    static const char copy[] = "h\1h\0\x85R0";
    sv_buf bytes = SV_BUF_INIT(1 << 20);
    const sv_record *r;
    sv_buf_put_text(&bytes, "](");
    for (int i = 0; i < 2000; i++)
        sv_buf_put_char(&bytes, 'N');
    sv_buf_put_str(&bytes, SV_STR("eq\0cbuiltins\nlist\nq\1"));
    for (int i = 0; i < 20000; i++)
        sv_buf_put_str(&bytes, (sv_str){copy, sizeof copy - 1});
    sv_buf_put_text(&bytes, "0.");
    sv_arena large;
    sv_arena_init(&large, (size_t)8 << 30);
    assert_int_equal(sv_pickle_read(sv_buf_view(&bytes), NULL, &large, &r, &err), SAVOR_LIMIT);
    assert_true(large.used_bytes <= ((size_t)64 << 20) + 128 * bytes.n);
    assert_int_equal(large.max_bytes, (size_t)8 << 30);
    sv_arena_deinit(&large);
    sv_buf_deinit(&bytes);
}

/* numpy's _frombuffer of 8,192 bytes of `dtype`, eight each, all bytes 1, that begin `at` bytes behind a multiple
 * of 16. */
static void put_array(sv_buf *out, const char *dtype, size_t at)
{
    sv_buf_put_text(out, "(cnumpy.core.numeric\n_frombuffer\n(");
    if ((out->n + 5) % 2 != at % 2)
        sv_buf_put_text(out, "K\0010"); /* three bytes that leave nothing */
    while ((out->n + 5) % 16 != at)
        sv_buf_put_text(out, "N0"); /* two */
    sv_buf_put_str(out, SV_STR("B\0\x20\0\0"));
    for (int i = 0; i < 8192; i++)
        sv_buf_put_char(out, 1);
    sv_buf_put_text(out, "cnumpy\ndtype\n(S'");
    sv_buf_put_text(out, dtype);
    sv_buf_put_str(out, SV_STR("'\ntRM\0\4\x85S'C'\ntR")); /* 1,024 of them */
}

static void test_borrowing(void **state)
{
    (void)state;
    static const struct {
        const char *dtype;
        size_t at;
        bool is_borrowing, lies_in_file;
    } CASES[] = {{"f8", 0, true, true}, {"f8", 8, true, true}, {"f8", 3, true, false}, {"f8", 0, false, false}};
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        sv_record_limits limits = SV_RECORD_LIMITS;
        sv_buf bytes = SV_BUF_INIT(1 << 20);
        const sv_record *r;
        limits.is_borrowing = CASES[i].is_borrowing;
        put_array(&bytes, CASES[i].dtype, CASES[i].at);
        sv_buf_put_text(&bytes, "t.");
        if (sv_pickle_read(sv_buf_view(&bytes), &limits, &arena, &r, &err))
            fail_msg("case %zu: %s", i, err.message);
        const sv_array *array = sv_record_array(r->u.items[0]);
        assert_non_null(array);
        const char *p = array->tensor.data;
        assert_int_equal(array->tensor.n_items, 1024);
        assert_int_equal(p >= bytes.p && p < bytes.p + bytes.n, CASES[i].lies_in_file);
        assert_int_equal((uintptr_t)p % sizeof(double), 0);
        assert_int_equal(p[8191], 1);
        sv_buf_deinit(&bytes);
    }
}

static void test_globals(void **state)
{
    (void)state;
    static const char bytes[] = "(cposix\nsystem\ncsklearn.dummy\nDummyRegressor\ncsklearn.dummy\nDummyRegressor\n"
                                "c__builtin__\neval\n\xff";
    sv_global_list list;
    savor_status st = sv_pickle_list_globals((sv_str){bytes, sizeof bytes - 1}, NULL, &arena, &list, &err);
    assert_int_equal(st, SAVOR_FORMAT); /* and the names before the fault are told */
    assert_int_equal(list.n, 3);
    assert_int_equal(list.uses[0].kind, SV_GLOBAL_DANGEROUS);
    assert_int_equal(list.uses[1].kind, SV_GLOBAL_KNOWN);
    assert_int_equal(list.uses[1].n_uses, 2);
    assert_true(sv_str_is(list.uses[2].global.module, "builtins"));
    assert_int_equal(list.uses[2].kind, SV_GLOBAL_DANGEROUS);
}

/* numpy's array of two floats, by hand: each allocation that fails is told, and nothing is left behind. */
static void test_memory(void **state)
{
    (void)state;
    static const char bytes[] = "\x80\2cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\x85"
                                "C\1b\x87R(K\1K\2\x85"
                                "cnumpy\ndtype\n"
                                "X\2\0\0\0f8K\0K\1\x87R(K\3X\1\0\0\0<NNNJ\377\377\377\377J\377\377\377\377K\0tb\x89"
                                "C\20\0\0\0\0\0\0\370\77\0\0\0"
                                "\0\0\0\4\300tb.";
    const sv_record *r;
    savor_status st = SAVOR_NOMEM;
    for (long n = 0; st == SAVOR_NOMEM && n < 100; n++) {
        sv_arena scratch;
        sv_arena_init(&scratch, (size_t)1 << 20);
        sv_alloc_fail_after(n);
        st = sv_pickle_read((sv_str){bytes, sizeof bytes - 1}, NULL, &scratch, &r, &err);
        sv_alloc_fail_after(-1);
        assert_true((st == SAVOR_OK) == (r != NULL));
        if (st == SAVOR_OK)
            assert_true(((const double *)sv_record_array(r)->tensor.data)[1] == -2.5);
        sv_arena_deinit(&scratch);
    }
    assert_int_equal(st, SAVOR_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),        cmocka_unit_test(test_shared_state), cmocka_unit_test(test_cycle),
        cmocka_unit_test(test_call_is_inert), cmocka_unit_test(test_deep),         cmocka_unit_test(test_damage),
        cmocka_unit_test(test_unsupported),   cmocka_unit_test(test_limits),       cmocka_unit_test(test_globals),
        cmocka_unit_test(test_memory),        cmocka_unit_test(test_copies),       cmocka_unit_test(test_borrowing),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
