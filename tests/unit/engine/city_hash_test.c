#include "engine/city_hash.h"
#include "unit/test.h"

/* The low halves are CatBoost 1.2.10's own: cat_features_hash of a JSON export with its pool. */
static void hashes_are_the_librarys(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int repeat;
        uint32_t hash;
    } ROWS[] = {
        {"", 1, 797982799u},
        {"a", 1, 3489901818u},
        {"abc", 1, 978243121u},
        {"abcd", 1, 345588365u},
        {"12345678", 1, 1054993967u},
        {"123456789", 1, 1389760245u},
        {"exactly sixteen.", 1, 2778923685u},
        {"seventeen bytes..", 1, 1397974228u},
        {"x", 32, 664286079u},
        {"y", 33, 3368352023u},
        {"\xc3\xa9", 32, 3318364533u},
        {"z", 65, 1972452671u},
        {"w", 200, 3383302310u},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        char text[256];
        size_t n = strlen(ROWS[i].text);
        for (int k = 0; k < ROWS[i].repeat; k++)
            memcpy(text + (size_t)k * n, ROWS[i].text, n);
        assert_int_equal((uint32_t)sv_city_hash64((sv_str){text, n * (size_t)ROWS[i].repeat}), ROWS[i].hash);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(hashes_are_the_librarys)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
