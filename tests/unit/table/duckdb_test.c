/* duckdb_test.c: a library that is not there, and one that is something else. */
#include "table/duckdb_priv.h"

#include "unit/test.h"

#include <stdlib.h>
#include <string.h>

static void test_absent(void **state)
{
    (void)state;
    sv_duckdb db;
    savor_error err;
    assert_int_equal(setenv("SAVOR_DUCKDB_LIB", "/nowhere/libduckdb.so", 1), 0);
    assert_int_equal(sv_duckdb_find(&db, &err), SAVOR_UNSUPPORTED);
    assert_non_null(strstr(err.message, "\"/nowhere/libduckdb.so\" could not be opened"));
    assert_non_null(strstr(err.message, "npm install @duckdb/node-bindings-linux-x64"));
}

static void test_other(void **state)
{
    (void)state;
    sv_duckdb db;
    savor_error err;
    assert_int_equal(setenv("SAVOR_DUCKDB_LIB", "libc.so.6", 1), 0);
    assert_int_equal(sv_duckdb_find(&db, &err), SAVOR_UNSUPPORTED);
    assert_non_null(strstr(err.message, "lacks duckdb_create_config"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_absent),
        cmocka_unit_test(test_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
