/* requirements_fuzz.c: whatever a requirements file holds, its lines are lines: none has an end of line or a NUL in
 * it, and those that were read are read the same again. */
#include "model/requirements.h"

#include <stdlib.h>

static void check_lines(const sv_requirements *r)
{
    for (size_t i = 0; i < r->n; i++) {
        sv_str s = r->items[i].text;
        if (s.n == 0 || s.p[0] == '#')
            abort();
        for (size_t k = 0; k < s.n; k++)
            if (((unsigned char)s.p[k] < 0x20 && s.p[k] != '\t') || s.p[k] == 0x7F)
                abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const sv_str *lines;
    sv_requirements got;
    sv_arena arena;
    size_t n;
    sv_arena_init(&arena, (size_t)32 << 20);
    if (!sv_lines_cut((sv_str){(const char *)data, size}, &arena, &lines, &n, NULL)) {
        size_t total = 0;
        for (size_t i = 0; i < n; i++)
            total += lines[i].n;
        if (total > size)
            abort();
        if (!sv_requirements_read(lines, n, NULL, &arena, &got, NULL))
            check_lines(&got);
    }
    sv_arena_deinit(&arena);
    return 0;
}
