/*
 * joblib_fuzz.c: any bytes as a joblib file: as they are, once more with arrays that are read when they are asked
 * for, and once more inside a zlib stream. An array lies behind its pickle in all, so that all give the same verdict
 * and the same records.
 */
#include "format/inflate.h"
#include "format/pickle.h"
#include "fuzz/foreign.h"
#include "fuzz/record_walk.h"

#include <stdlib.h>
#include <zlib.h>

#define ARENA_BYTES ((size_t)64 << 20)
#define STORED_MAX ((size_t)65535)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static savor_status read_file(sv_str bytes, sv_source *source, uint64_t *sum, savor_error *err)
{
    const sv_record_limits limits = {
        .n_records = 1 << 20, .depth = 64, .inflated_bytes = (size_t)1 << 22, .source = source};
    const sv_record *r = NULL;
    sv_arena arena;
    sv_arena_init(&arena, ARENA_BYTES);
    savor_status st = sv_pickle_read(bytes, &limits, &arena, &r, err);
    if ((st == SAVOR_OK) != (r != NULL) || (st && err->message[0] == 0))
        abort();
    *sum = r ? record_walk_all(r) : 0;
    sv_arena_deinit(&arena);
    return st;
}

static void check_parts(sv_str bytes, savor_status plain, uint64_t plain_sum, const savor_error *plain_err)
{
    savor_error err = {0};
    uint64_t sum;
    sv_source source = sv_source_of(bytes);
    source.part_min = 1;
    savor_status st = read_file(bytes, &source, &sum, &err);
    if (st != plain || sum != plain_sum || strcmp(plain_err->message, err.message) != 0)
        abort();
    sv_source_close(&source);
}

static void put_number(sv_buf *out, uint32_t value, size_t n, bool is_big)
{
    for (size_t i = 0; i < n; i++)
        sv_buf_put_char(out, (char)(value >> (8 * (is_big ? n - 1 - i : i))));
}

/* A zlib stream of stored blocks: nothing to compress, the same to read. */
static void put_zlib(sv_buf *out, sv_str bytes)
{
    put_number(out, 0x7801, 2, true);
    for (size_t at = 0, n; at == 0 || at < bytes.n; at += n ? n : 1) {
        n = bytes.n - at < STORED_MAX ? bytes.n - at : STORED_MAX;
        put_number(out, at + n == bytes.n, 1, false);
        put_number(out, (uint32_t)n, 2, false);
        put_number(out, ~(uint32_t)n, 2, false);
        sv_buf_put_str(out, (sv_str){bytes.p + at, n});
    }
    put_number(out, (uint32_t)adler32(1, (const Bytef *)bytes.p, (uInt)bytes.n), 4, true);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    savor_error plain_err = {0}, packed_err = {0};
    uint64_t plain_sum, packed_sum;
    sv_str bytes = {(const char *)data, size};
    sv_buf packed = SV_BUF_INIT((size_t)8 << 20);
    if (is_foreign(bytes))
        return 0;
    savor_status plain = read_file(bytes, NULL, &plain_sum, &plain_err);
    check_parts(bytes, plain, plain_sum, &plain_err);
    if (!sv_inflate_find(bytes) && size < (size_t)1 << 22) { /* one compression, not two */
        put_zlib(&packed, bytes);
        savor_status st = read_file(sv_buf_view(&packed), NULL, &packed_sum, &packed_err);
        if (st != plain || packed_sum != plain_sum || strcmp(plain_err.message, packed_err.message) != 0)
            abort();
    }
    sv_buf_deinit(&packed);
    return 0;
}
