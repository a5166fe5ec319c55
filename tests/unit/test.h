/* test.h: cmocka with the headers that it wants, in the order that it wants them. */
#ifndef SV_TESTS_UNIT_TEST_H
#define SV_TESTS_UNIT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
