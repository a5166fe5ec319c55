/* seed.h: reads a file of tests/fuzz/seeds into an arena. */
#ifndef SV_TESTS_UNIT_FORMAT_SEED_H
#define SV_TESTS_UNIT_FORMAT_SEED_H

#include "unit/test.h"

#include "base/arena.h"
#include "base/str.h"

#include <stdio.h>

/** The bytes of `name`, a path below tests/fuzz/seeds; the test fails when it cannot be read. */
static inline sv_str seed_read(const char *name, sv_arena *arena)
{
    char path[512];
    snprintf(path, sizeof path, TEST_DATA "/../fuzz/seeds/%s", name);
    FILE *f = fopen(path, "rb");
    size_t room = (size_t)1 << 20;
    char *p = sv_arena_alloc(arena, room);
    if (!f || !p)
        fail_msg("cannot read %s", path);
    size_t n = fread(p, 1, room, f);
    fclose(f);
    sv_arena_trim(arena, p, room, n);
    return (sv_str){p, n};
}

#endif
