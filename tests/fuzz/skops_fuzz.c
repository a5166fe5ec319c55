/*
 * skops_fuzz.c: any bytes as a skops file: as they are, and as the schema.json of an archive that has two members;
 * each once more with arrays that are read when they are asked for.
 */
#include "format/skops.h"
#include "fuzz/record_walk.h"
#include "fuzz/stored_zip.h"

#include <stdlib.h>

#define ARENA_BYTES ((size_t)64 << 20)

static savor_status read_records(sv_str bytes, sv_source *source, uint64_t *sum)
{
    const sv_record_limits limits = {.n_records = 100000, .depth = 500, .source = source};
    sv_arena arena;
    const sv_record *root;
    sv_arena_init(&arena, ARENA_BYTES);
    savor_status st = sv_skops_read(bytes, &limits, &arena, &root, NULL);
    *sum = st ? 0 : record_walk_all(root);
    sv_arena_deinit(&arena);
    return st;
}

static void check_parts(sv_str bytes)
{
    uint64_t sum, sum_of_parts;
    sv_source source = sv_source_of(bytes);
    source.part_min = 1;
    if (read_records(bytes, NULL, &sum) != read_records(bytes, &source, &sum_of_parts) || sum != sum_of_parts)
        abort();
    sv_source_close(&source);
}

static void read_all(sv_str bytes)
{
    sv_arena arena;
    const sv_global *types;
    size_t n_types;
    volatile uint64_t sum = 0;
    check_parts(bytes);
    sv_arena_init(&arena, ARENA_BYTES);
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
