/* datetime_test.c: dates in text. Expected values come from numpy 2.4 and pandas 2.3 and 3.1. */
#include "data/datetime.h"

#include "unit/test.h"

typedef struct row {
    const char *text;
    int64_t ns;
} row;

/* numpy.array([text], "datetime64[ns]").view("i8") */
static void test_numpy(void **state)
{
    (void)state;
    static const row GOOD[] = {
        {" 2020", 1577836800000000000},
        {"2020-01", 1577836800000000000},
        {"2020-01-02T03", 1577934000000000000},
        {"2020-01-02 03:04:05.1234567891", 1577934245123456789},
        {"2020-01-02T03:04:05+01:00", 1577930645000000000},
        {"2020-01-02T03:04:05+0100", 1577930645000000000},
        {"2020-01-02T03:04:05Z", 1577934245000000000},
        {"+5", -6669134178871345152},
        {"-5", -6984753378871345152},
        {"99999", -5556559583204671488},
        {"20200102", 1134033913863012352},
        {"", SV_NAT},
        {"nat", SV_NAT},
    };
    static const char *const BAD[] = {"2020-1-2",
                                      "2020-01-2",
                                      "2020-",
                                      "2020-13-01",
                                      "2020-02-30",
                                      "2020-01-02T",
                                      "2020-01-02T24:00",
                                      "2020-01-02T03:60",
                                      "2020-01-02T03:04:60",
                                      "T",
                                      "NaN",
                                      "2020-01-02T0304",
                                      "01/02/2020",
                                      "7 ",
                                      "2020-01-02T03:04:05.",
                                      "+"};
    int64_t ns;
    for (size_t i = 0; i < sizeof GOOD / sizeof GOOD[0]; i++) {
        assert_true(sv_text_to_datetime64(sv_str_of(GOOD[i].text), &ns));
        assert_int_equal(ns, GOOD[i].ns);
    }
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++)
        assert_false(sv_text_to_datetime64(sv_str_of(BAD[i]), &ns));
}

static void test_pandas(void **state)
{
    (void)state;
    static const row GOOD[] = {
        {"2020-01-02", 1577923200000000000},
        {"01/02/2020", 1577923200000000000},
        {"20200102", 1577923200000000000},
        {"Jan 5 2020", 1578182400000000000},
        {"Jan 5, 2020", 1578182400000000000},
        {"2020", 1577836800000000000},
        {"NaN", SV_NAT},
        {"2020-01-02T03:04:05.678", 1577934245678000000},
    };
    static const char *const BAD[] = {"7",          " 7 ",        "2.5",        "true",
                                      "2020-13-01", "3000-01-01", "1600-01-01", "Janx 5 2020",
                                      "inf",        "None",       "1/2/20",     "2020-01-02T03:04:05Zx"};
    sv_datetime time;
    for (size_t i = 0; i < sizeof GOOD / sizeof GOOD[0]; i++) {
        assert_true(sv_text_to_datetime(sv_str_of(GOOD[i].text), &time));
        assert_int_equal(time.ns, GOOD[i].ns);
    }
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++)
        assert_false(sv_text_to_datetime(sv_str_of(BAD[i]), &time));
}

static savor_status convert(const char *a, const char *b, sv_datetime_rules rules)
{
    sv_arena arena;
    sv_value cells[] = {{.kind = SV_VALUE_STRING, .n = strlen(a), .u.p = a},
                        {.kind = SV_VALUE_STRING, .n = strlen(b), .u.p = b}};
    sv_column column = {.dtype = SAVOR_OBJECT, .data = cells};
    sv_arena_init(&arena, 1 << 16);
    savor_status st = sv_column_to_datetime(&column, 2, rules, &arena, NULL);
    assert_int_equal(column.dtype, st ? SAVOR_OBJECT : SAVOR_DATETIME_NS);
    sv_arena_deinit(&arena);
    return st;
}

/* What each pandas takes in one column. */
static void test_columns(void **state)
{
    (void)state;
    static const uint8_t FLAG = 1;
    static const char *const DAY = "2020-01-02", *const TIME = "2020-01-02T03:04:05",
                             *const ZONED = "2020-01-02T03:04Z";
    assert_int_equal(convert(DAY, TIME, SV_DATETIME_ASTYPE), SAVOR_OK);
    assert_int_equal(convert(DAY, TIME, SV_DATETIME_TO_DATETIME), SAVOR_BAD_REQUEST);
    assert_int_equal(convert(DAY, "NaT", SV_DATETIME_TO_DATETIME), SAVOR_OK);
    assert_int_equal(convert(ZONED, ZONED, SV_DATETIME_READ_JSON), SAVOR_OK);
    assert_int_equal(convert(ZONED, ZONED, SV_DATETIME_ASTYPE), SAVOR_BAD_REQUEST);
    assert_int_equal(convert(ZONED, ZONED, SV_DATETIME_TO_DATETIME), SAVOR_SCHEMA);
    sv_value mixed[] = {{.kind = SV_VALUE_STRING, .n = strlen(DAY), .u.p = DAY}, {.kind = SV_VALUE_INT, .u.i = 7}},
             turned[] = {mixed[1], mixed[0]}, far[] = {mixed[0], {.kind = SV_VALUE_FLOAT, .u.f = 1e300}};
    sv_arena arena;
    sv_arena_init(&arena, 1 << 16);
    for (int i = 0; i < 6; i++) { /* after a text its format holds for all; nanoseconds must fit */
        sv_value *const CELLS[] = {mixed, turned, far};
        static const savor_status WANT[] = {SAVOR_OK,          SAVOR_OK, SAVOR_BAD_REQUEST,
                                            SAVOR_BAD_REQUEST, SAVOR_OK, SAVOR_BAD_REQUEST};
        sv_column column = {.dtype = SAVOR_OBJECT, .data = CELLS[i % 3]};
        sv_datetime_rules rules = i < 3 ? SV_DATETIME_ASTYPE : SV_DATETIME_TO_DATETIME;
        assert_int_equal(sv_column_to_datetime(&column, 2, rules, &arena, NULL), WANT[i]);
    }
    sv_value loose[] = {mixed[1], mixed[0], {.kind = SV_VALUE_STRING, .n = strlen(TIME), .u.p = TIME}};
    sv_column numbered = {.dtype = SAVOR_OBJECT, .data = loose}; /* a number first: texts have no format in common */
    assert_int_equal(sv_column_to_datetime(&numbered, 3, SV_DATETIME_TO_DATETIME, &arena, NULL), SAVOR_OK);
    sv_column flags = {.dtype = SAVOR_BOOL, .data = &FLAG}, same = flags;
    assert_int_equal(sv_column_to_datetime(&same, 1, SV_DATETIME_TO_DATETIME, &arena, NULL), SAVOR_BAD_REQUEST);
    assert_int_equal(sv_column_to_datetime(&flags, 1, SV_DATETIME_ASTYPE, &arena, NULL), SAVOR_OK);
    assert_int_equal(*(const int64_t *)flags.data, 1);
    sv_arena_deinit(&arena);
}

/* pandas.Timestamp(ns).isoformat() */
static void test_text(void **state)
{
    (void)state;
    static const row ROWS[] = {{"1970-01-01T00:00:00", 0},
                               {"2020-01-02T03:04:05.678000", 1577934245678000000},
                               {"1969-12-31T23:59:59.999999999", -1},
                               {"2262-04-11T23:47:16.854775807", INT64_MAX},
                               {"1677-09-21T00:12:43.145224193", -INT64_MAX},
                               {"2000-02-29T00:00:00", 951782400000000000},
                               {"NaT", SV_NAT}};
    char room[40];
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        size_t n = sv_datetime_to_text(ROWS[i].ns, room);
        assert_int_equal(n, strlen(ROWS[i].text));
        assert_memory_equal(room, ROWS[i].text, n);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_numpy), cmocka_unit_test(test_pandas),
                                       cmocka_unit_test(test_columns), cmocka_unit_test(test_text)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
