#include "model/digest.h"

#define FILES_MAX 100000
#define PATHS_BYTES_MAX ((size_t)64 << 20)

static void add_piece(void *sha, const void *bytes, size_t n) { sv_sha_put(sha, bytes, n); }

static savor_status add_file(const sv_dir *dir, sv_str path, sv_sha *all, savor_error *err)
{
    char digits[SV_SHA256_HEX + 1];
    sv_sha one;
    sv_sha256_init(&one);
    savor_status st = sv_dir_visit(dir, path, add_piece, &one, err);
    if (st)
        return st;
    sv_sha_end(&one, digits);
    sv_sha_put(all, digits, SV_SHA256_HEX);
    sv_sha_put(all, "  ", 2);
    sv_sha_put(all, path.p, path.n);
    sv_sha_put(all, "\n", 1);
    return SAVOR_OK;
}

savor_status sv_model_digest(const sv_dir *dir, char out[SV_SHA256_HEX + 1], savor_error *err)
{
    sv_dir_files files;
    sv_arena arena;
    sv_sha all;
    out[0] = '\0';
    sv_arena_init(&arena, PATHS_BYTES_MAX);
    sv_sha256_init(&all);
    savor_status st = sv_dir_list_whole(dir, FILES_MAX, &arena, &files, err);
    for (size_t i = 0; !st && i < files.n; i++)
        if (!sv_str_is(files.paths[i], "registered_model_meta"))
            st = add_file(dir, files.paths[i], &all, err);
    if (!st)
        sv_sha_end(&all, out);
    sv_arena_deinit(&arena);
    return st;
}
