/* ujson_test.c: numbers as pandas.read_json reads them without precise_float, against what pandas 1.5.3 gave. */
#include "text/ujson.h"

#include "unit/test.h"

#include <math.h>

static void test_doubles(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double value;
    } ROWS[] = {
        {"0.1", 0x1.999999999999ap-4},
        {"0.3", 0x1.3333333333334p-2},
        {"1.1", 0x1.199999999999ap+0},
        {"-0.0", -0x0.0p+0},
        {"-2.5", -0x1.4000000000000p+1},
        {"0.2", 0x1.999999999999ap-3},
        {"1e0", 0x1.0000000000000p+0},
        {"1e5", 0x1.86a0000000000p+16},
        {"1E-7", 0x1.ad7f29abcaf48p-24},
        {"1.5e+3", 0x1.7700000000000p+10},
        {"2.5e-3", 0x1.47ae147ae147bp-9},
        {"123456.789", 0x1.e240c9fbe76c9p+16},
        {"0.1234567890123456789", 0x1.f9add3746f62fp-4},
        {"3.141592653589793", 0x1.921fb54442d18p+1},
        {"9.87654321e15", 0x1.18b54f4d20740p+53},
        {"1e22", 0x1.0f0cf064dd592p+73},
        {"1e23", 0x1.52d02c7e14af7p+76},
        {"1e-300", 0x1.56e1fc2f8f359p-997},
        {"1e-320", 0x0.00000000007e8p-1022},
        {"1.7976931348623157e308", 0x1.ffffffffffffcp+1023},
        {"4.9e-324", 0x0.0p+0},
        {"5e-324", 0x0.0p+0},
        {"2.2250738585072014e-308", 0x0.fffffffffffffp-1022},
        {"12345678901234567.5", 0x1.5ee2a2eb5a5c4p+53},
        {"-34.3", -0x1.1266666666666p+5},
        {"61.55904307821637", 0x1.ec78eb93cff4bp+5},
        {"0.5622856740802724", 0x1.1fe3e86a5e403p-1},
        {"-2.458472603369349", -0x1.3aaf3af2caaabp+1},
        {"1e400", (double)INFINITY},
        {"-1e400", -(double)INFINITY},
        {"0.000000000000001", 0x1.203af9ee75616p-50},
        {"0.0000000000000001", 0x0.0p+0},
        {"0.9999999999999999", 0x1.ffffffffffff8p-1},
        {"1.0000000000000002", 0x1.0000000000000p+0},
        {"100000000000000000.25", 0x1.6345785d8a000p+56},
        {"1e-10", 0x1.b7cdfd9d7bdbbp-34},
        {"7.0e0", 0x1.c000000000000p+2},
        {"1234567890.123456789e-5", 0x1.81cd6e63c53d8p+13},
        {"0e0", 0x0.0p+0},
        {"0.0e99", 0x0.0p+0},
        {"1.25e+02", 0x1.f400000000000p+6},
        {"-352.3344703336753", -0x1.60559fd9089e2p+8},
        {"-698.3016521509962", -0x1.5d269c89a5a60p+9},
        {"301.8689460797075", 0x1.2dde73401254cp+8},
        {"-855.1274266649145", -0x1.ab904f8457392p+9},
        {"71.76400861337834", 0x1.1f0e5846214a0p+6},
        {"-268.622166174829", -0x1.0c9f46484d916p+8},
        {"-884.0021504505864", -0x1.ba00467749786p+9},
        {"14.871466378840523", 0x1.dbe30d7595e00p+3},
        {"-925.0086831160303", -0x1.ce811c8741b05p+9},
        {"-132.70863267522827", -0x1.096ad1e6e9f70p+7},
        {"-860.2891528507621", -0x1.ae2502f5eac8cp+9},
        {"-818.5739733122699", -0x1.994977f51e7cfp+9},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        double got = sv_ujson_double(sv_str_of(ROWS[i].text));
        if (memcmp(&got, &ROWS[i].value, sizeof got) != 0)
            fail_msg("%s: %a, expected %a", ROWS[i].text, got, ROWS[i].value);
    }
}

/* An integer that wraps around uint64 and lands higher is taken, as in pandas. */
static void test_integers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool is_taken;
    } ROWS[] = {
        {"0", true},
        {"-1", true},
        {"1000000000000000000", true},
        {"-1000000000000000000", true},
        {"12345678901234567890", true},
        {"9223372036854775807", true},
        {"9223372036854775808", true},
        {"-9223372036854775808", true},
        {"-9223372036854775809", false},
        {"-18446744073709551615", false},
        {"18446744073709551615", true},
        {"18446744073709551616", false},
        {"20000000000000000000", false},
        {"27670116110564327424", true},
        {"36893488147419103232", false},
        {"50000000000000000000", true},
        {"99999999999999999999", false},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++)
        if (sv_ujson_takes(sv_str_of(ROWS[i].text)) != ROWS[i].is_taken)
            fail_msg("%s", ROWS[i].text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_doubles),
        cmocka_unit_test(test_integers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
