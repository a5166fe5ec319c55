/* skops_fuzz.c: any bytes as a skops file: as they are, and as the schema.json of an archive that has two members. */
#include "format/skops.h"
#include "fuzz/record_walk.h"
#include "fuzz/stored_zip.h"

#define ARENA_BYTES ((size_t)64 << 20)

static void read_all(sv_str bytes)
{
    sv_arena arena;
    const sv_record *root;
    const sv_global *types;
    size_t n_types;
    sv_arena_init(&arena, ARENA_BYTES);
    volatile uint64_t sum = 0;
    if (!sv_skops_read(bytes, &(sv_record_limits){.n_records = 100000, .depth = 500}, &arena, &root, NULL))
        sum = record_walk_all(root);
    if (!sv_skops_list_types(bytes, &arena, &types, &n_types, NULL))
        for (size_t i = 0; i < n_types; i++)
            sum += types[i].module.n + types[i].name.n;
    (void)sum;
    sv_arena_deinit(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *names[] = {"a.npy", "schema.json"};
    sv_str bytes = {(const char *)data, size}, contents[] = {STORED_ZIP_NPY, bytes};
    sv_buf archive = SV_BUF_INIT((size_t)16 << 20);
    read_all(bytes);
    if (size < 1 << 20 && (size < 2 || data[0] != 'P')) {
        stored_zip_put(&archive, names, contents, 2);
        read_all(sv_buf_view(&archive));
    }
    sv_buf_deinit(&archive);
    return 0;
}
