/* content_type_test.c: which header leads to which reader. Rows from MLflow 1.30.1 (Flask), 2.16.2 and 3.17.2. */
#include "request/content_type.h"

#include "unit/test.h"

#define REFUSED (-2)
#define CRASHED (-3) /* MLflow answers 500 */

typedef struct row {
    const char *header;
    int form1, form3, form_auto; /* forced 1.x, forced 3.x, the default profile of a 3.x model */
} row;

static const row ROWS[] = {
    {"application/json", SV_FORM_JSON, SV_FORM_JSON, SV_FORM_JSON},
    {"text/csv", SV_FORM_CSV, SV_FORM_CSV, SV_FORM_CSV},
    {"application/json; charset=utf-8", SV_FORM_JSON, SV_FORM_JSON, SV_FORM_JSON},
    {"application/json; charset=UTF-8", SV_FORM_JSON, SV_FORM_JSON, SV_FORM_JSON},
    {"application/json;charset=latin1; charset=utf-8", SV_FORM_JSON, SV_FORM_JSON, SV_FORM_JSON},
    {"application/json; charset=utf-8; charset=latin1", REFUSED, REFUSED, REFUSED},
    {"application/json; charset=latin1", REFUSED, REFUSED, REFUSED},
    {"application/json; charset=utf-16", REFUSED, REFUSED, REFUSED},
    {"Application/JSON", REFUSED, REFUSED, REFUSED},
    {"application/json;", SV_FORM_JSON, REFUSED, REFUSED},
    {"application/json; x=1", SV_FORM_JSON, REFUSED, REFUSED},
    {"application/json; format=pandas-split", SV_FORM_SPLIT, REFUSED, SV_FORM_SPLIT},
    {"application/json; format=pandas-records", SV_FORM_RECORDS, REFUSED, SV_FORM_RECORDS},
    {"application/json; format=xml", REFUSED, REFUSED, REFUSED},
    {"application/json-numpy-split", SV_FORM_SPLIT_NUMPY, REFUSED, SV_FORM_SPLIT_NUMPY},
    {"application/csv", REFUSED, REFUSED, SV_FORM_CSV},
    {"application/vnd.apache.arrow.stream", REFUSED, REFUSED, SV_FORM_ARROW},
    {"application/vnd.apache.parquet; charset=utf-8", REFUSED, REFUSED, SV_FORM_PARQUET},
    {"text/plain", REFUSED, REFUSED, REFUSED},
    {"", REFUSED, REFUSED, REFUSED},
    {";", REFUSED, REFUSED, REFUSED},
    {"=;=;=", REFUSED, REFUSED, REFUSED},
    {NULL, CRASHED, CRASHED, REFUSED},
};

static void check(const char *header, const sv_profile *profile, int expected)
{
    savor_error err = {.status = SAVOR_OK};
    sv_form form = SV_FORM_CSV;
    sv_str text = {header, header ? strlen(header) : 0};
    savor_status st = sv_content_type_read(text, profile, &form, &err);
    if (expected == CRASHED)
        assert_int_equal(st, SAVOR_UNREADABLE);
    else if (expected == REFUSED)
        assert_int_equal(st, SAVOR_MEDIA_TYPE);
    else
        assert_int_equal(st, SAVOR_OK);
    if (!st)
        assert_int_equal(form, expected);
    else
        assert_int_not_equal(err.message[0], 0);
}

static void test_rows(void **state)
{
    (void)state;
    static const sv_profile ERA_1 = {.era = SV_ERA_1, .is_forced = true},
                            ERA_3 = {.era = SV_ERA_3, .is_forced = true}, AUTO = {.era = SV_ERA_3};
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        check(ROWS[i].header, &ERA_1, ROWS[i].form1);
        check(ROWS[i].header, &ERA_3, ROWS[i].form3);
        check(ROWS[i].header, &AUTO, ROWS[i].form_auto);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
