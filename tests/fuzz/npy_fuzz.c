/* npy_fuzz.c: any bytes as an .npy file, and as a sparse matrix in an .npz file. */
#include "format/npy.h"
#include "fuzz/record_walk.h"

#define ARENA_BYTES ((size_t)64 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sv_arena arena, scratch;
    sv_str bytes = {(const char *)data, size};
    sv_array array;
    sv_record *r, holder = {.kind = SV_RECORD_ARRAY};
    sv_arena_init(&arena, ARENA_BYTES);
    sv_arena_init(&scratch, ARENA_BYTES);
    sv_record_maker maker = {.arena = &arena, .n_left = 10000};
    volatile uint64_t sum = 0;
    if (!sv_npy_read(bytes, false, &arena, &array, NULL)) {
        holder.u.array = &array;
        sum = record_walk_all(&holder);
    }
    if (!sv_npz_read_sparse(bytes, &scratch, &maker, &r, NULL))
        sum = record_walk_all(r);
    (void)sum;
    sv_arena_deinit(&arena);
    sv_arena_deinit(&scratch);
    return 0;
}
