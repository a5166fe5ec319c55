/* unicode.c against CPython 3.11: str.lower, unicodedata.normalize and re. */
#include "base/unicode.h"
#include "unit/test.h"

static const struct {
    const char *text, *lower, *stripped, *ascii;
} cases[] = {
    {"", "", "", ""},
    {"Hello World", "hello world", "Hello World", "Hello World"},
    {"\316\237\316\224\316\237\316\243 \316\243\316\221\316\243",
     "\316\277\316\264\316\277\317\202 \317\203\316\261\317\202",
     "\316\237\316\224\316\237\316\243 \316\243\316\221\316\243", " "},
    {"\304\260stanbul I", "i\314\207stanbul i", "Istanbul I", "Istanbul I"},
    {"Stra\303\237e \341\272\236", "stra\303\237e \303\237", "Stra\303\237e \341\272\236", "Strae "},
    {"a\316\243.", "a\317\202.", "a\316\243.", "a."},
    {"a\316\243.b", "a\317\203.b", "a\316\243.b", "a.b"},
    {"\316\243", "\317\203", "\316\243", ""},
    {"\307\205 \307\204", "\307\206 \307\206", "Dz DZ", "Dz DZ"},
    {"\342\204\252\342\204\253\342\204\246", "k\303\245\317\211", "KA\316\251", "KA"},
    {"A\314\201\316\243\314\201", "a\314\201\317\202\314\201", "A\316\243", "A"},
    {"\360\220\220\200\360\235\223\220", "\360\220\220\250\360\235\223\220", "\360\220\220\200A", "A"},
    {"\320\220\320\221\320\222 \321\226\320\206", "\320\260\320\261\320\262 \321\226\321\226",
     "\320\220\320\221\320\222 \321\226\320\206", " "},
    {"\303\211\303\210\303\207 \303\261", "\303\251\303\250\303\247 \303\261", "EEC n", "EEC n"},
    {"\357\254\201n \302\275 x\302\262 \342\221\240", "\357\254\201n \302\275 x\302\262 \342\221\240",
     "fin 1\342\201\2042 x2 1", "fin 12 x2 1"},
    {"\355\225\234\352\265\255\354\226\264 \352\260\200", "\355\225\234\352\265\255\354\226\264 \352\260\200",
     "\341\204\222\341\205\241\341\206\253\341\204\200\341\205\256\341\206\250\341\204\213\341\205\245 "
     "\341\204\200\341\205\241",
     " "},
    {"\357\267\272", "\357\267\272",
     "\330\265\331\204\331\211 \330\247\331\204\331\204\331\207 \330\271\331\204\331\212\331\207 "
     "\331\210\330\263\331\204\331\205",
     "   "},
    {"\340\275\263a", "\340\275\263a", "a", "a"},
    {"\341\271\251\314\207", "\341\271\251\314\207", "s", "s"},
    {"caf\303\251 na\303\257ve \305\201\303\263d\305\272", "caf\303\251 na\303\257ve \305\202\303\263d\305\272",
     "cafe naive \305\201odz", "cafe naive odz"},
    {"\343\204\261\343\202\254\343\201\214", "\343\204\261\343\202\254\343\201\214",
     "\341\204\200\343\202\253\343\201\213", ""},
    {"\342\204\246\302\265\305\277", "\317\211\302\265\305\277", "\316\251\316\274s", "s"},
};

/* Every character that is no surrogate: how many are of a class, and a sum over what they become (31 * sum + c). */
#define N_WORDS 133548
#define N_DIGITS 660
#define N_SPACES 29
#define LOWER_SUM UINT64_C(0x1e064c63418b221b)
#define STRIP_SUM UINT64_C(0x194992b59bac1f65)

static sv_arena arena;

static void test_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sv_str text = sv_str_of(cases[i].text);
        assert_true(sv_str_is(sv_text_to_lower(text, &arena), cases[i].lower));
        assert_true(sv_str_is(sv_text_strip_accents(text, false, &arena), cases[i].stripped));
        assert_true(sv_str_is(sv_text_strip_accents(text, true, &arena), cases[i].ascii));
    }
}

static void test_classes(void **state)
{
    size_t n_words = 0, n_digits = 0, n_spaces = 0;
    (void)state;
    for (uint32_t c = 0; c < 0x110000; c++) {
        n_words += sv_char_is_word(c);
        n_digits += sv_char_is_digit(c);
        n_spaces += sv_char_is_space(c);
    }
    assert_int_equal(n_words, N_WORDS);
    assert_int_equal(n_digits, N_DIGITS);
    assert_int_equal(n_spaces, N_SPACES);
}

static uint64_t add_all(uint64_t sum, sv_str text)
{
    uint32_t c;
    for (size_t i = 0; i < text.n;) {
        i += sv_utf8_get(text.p + i, &c);
        sum = sum * 31 + c;
    }
    return sum;
}

static void test_every_character(void **state)
{
    uint64_t lower = 0, stripped = 0;
    char room[4];
    (void)state;
    for (uint32_t c = 0; c < 0x110000; c++) {
        if (c >= 0xd800 && c < 0xe000)
            continue;
        sv_str text = {room, sv_utf8_put(c, room)};
        sv_arena_reset(&arena);
        lower = add_all(lower, sv_text_to_lower(text, &arena));
        stripped = add_all(stripped, sv_text_strip_accents(text, false, &arena));
    }
    assert_true(lower == LOWER_SUM);
    assert_true(stripped == STRIP_SUM);
}

static void test_short_of_memory(void **state)
{
    sv_arena none;
    (void)state;
    sv_arena_init(&none, 0);
    assert_null(sv_text_to_lower(SV_STR("abc"), &none).p);
    assert_null(sv_text_strip_accents(SV_STR("\303\251"), false, &none).p);
    sv_arena_deinit(&none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_classes),
        cmocka_unit_test(test_every_character),
        cmocka_unit_test(test_short_of_memory),
    };
    sv_arena_init(&arena, 1 << 24);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    sv_arena_deinit(&arena);
    return failed;
}
