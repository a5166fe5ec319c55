#include "text/rapidjson.h"
#include "unit/test.h"

/* CatBoost 1.2.10: the text as a leaf value of a JSON model, read back by get_leaf_values. */
static void values_are_the_librarys(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double value;
    } ROWS[] = {
        {"0.1", 0x1.999999999999ap-4},
        {"-0.028253442722566132", -0x1.cee7871f8a89fp-6},
        {"1.7976931348623157", 0x1.cc359e067a347p+0}, /* nearest: ...348 */
        {"123456789012345678.5", 0x1.b69b4ba630f35p+56},
        {"5e-324", 0x0.0000000000001p-1022},
        {"2.2250738585072014e-308", 0x1p-1022},
        {"1e22", 0x1.0f0cf064dd592p+73},
        {"1e23", 0x1.52d02c7e14af6p+76},
        {"0.30000000000000004", 0x1.3333333333334p-2},
        {"9007199254740993.0", 0x1p+53},
        {"1.2345678901234567e-10", 0x1.0f7bfe5e2538bp-33},
        {"12345678901234567890123.5", 0x1.4ea15b273b38ap+73},
        {"-9223372036854775809.5", -0x1p+63},
        {"3.0000000000000004e-5", 0x1.f75104d551d6ap-16},
        {"1e-310", 0x0.012688b70e62bp-1022},
        {"0.00000000000000000012345678901234567", 0x1.23810cc7adffcp-63},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++)
        if (sv_rapidjson_double(sv_str_of(ROWS[i].text)) != ROWS[i].value)
            fail_msg("%s: %a, expected %a", ROWS[i].text, sv_rapidjson_double(sv_str_of(ROWS[i].text)),
                     ROWS[i].value);
}

/* Far exponents end at 0 and infinity. */
static void extremes_stay_in_range(void **state)
{
    (void)state;
    assert_true(sv_rapidjson_double(SV_STR("1e-700")) == 0);
    assert_true(sv_rapidjson_double(SV_STR("0e99999999999")) == 0);
    assert_true(sv_rapidjson_double(SV_STR("1E+99999999999")) > 1.7976931348623157e308);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_the_librarys),
        cmocka_unit_test(extremes_stay_in_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
