/* arena.h: an arena for each test of a file: cmocka_unit_test_setup_teardown(test, setup, teardown). */
#ifndef UNIT_ARENA_H
#define UNIT_ARENA_H

#include "base/arena.h"

static sv_arena arena;

static int setup(void **state)
{
    (void)state;
    sv_arena_init(&arena, SIZE_MAX);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    sv_arena_deinit(&arena);
    return 0;
}

#endif
