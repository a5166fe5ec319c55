/* zip_fuzz.c: each member of what is read as an archive is found by its name, and read or refused. */
#include "format/zip.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sv_arena arena;
    sv_zip zip;
    sv_zip_limits limits = {.n_members = 1000, .n_unpacked = (size_t)16 << 20, .ratio = 1032};
    sv_arena_init(&arena, (size_t)64 << 20);
    if (!sv_zip_read((sv_str){(const char *)data, size}, NULL, &limits, &arena, &zip, NULL))
        for (size_t i = 0; i < zip.n_members; i++) {
            sv_str bytes;
            const sv_zip_member *m = &zip.members[i];
            if (sv_zip_find(&zip, m->name) != m)
                abort();
            if (!sv_zip_read_member(&zip, m, &arena, &bytes, NULL) && bytes.n != m->n_unpacked)
                abort();
        }
    sv_arena_deinit(&arena);
    return 0;
}
