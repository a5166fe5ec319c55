#define ZLIB_CONST
#include "format/inflate.h"

#include <dlfcn.h>
#include <zlib.h>

#define FIRST_STEP_BYTES ((size_t)4 * 1024)
#define STEP_BYTES ((size_t)256 * 1024)

static const struct {
    const char *name;
    sv_str magic;
    const char *enable; /* libarchive's function; NULL: zlib */
} KINDS[] = {
    {"zlib", {"\x78\x01", 2}, NULL},
    {"zlib", {"\x78\x5e", 2}, NULL},
    {"zlib", {"\x78\x9c", 2}, NULL},
    {"zlib", {"\x78\xda", 2}, NULL},
    {"gzip", {"\x1f\x8b", 2}, NULL},
    {"bzip2", {"BZh", 3}, "archive_read_support_filter_bzip2"},
    {"xz", {"\xfd\x37\x7a\x58\x5a\x00", 6}, "archive_read_support_filter_xz"},
    {"lzma", {"\x5d\x00", 2}, "archive_read_support_filter_lzma"},
    {"lz4", {"\x04\x22\x4d\x18", 4}, "archive_read_support_filter_lz4"},
    {"zstd", {"\x28\xb5\x2f\xfd", 4}, "archive_read_support_filter_zstd"},
};
enum { N_KINDS = sizeof KINDS / sizeof *KINDS };

static size_t find_kind(sv_str bytes)
{
    size_t i = 0;
    while (i < N_KINDS && !sv_str_starts(bytes, KINDS[i].magic))
        i++;
    return i;
}

const char *sv_inflate_find(sv_str bytes)
{
    size_t i = find_kind(bytes);
    return i < N_KINDS ? KINDS[i].name : NULL;
}

static savor_status refuse(const char *kind, const char *why, savor_error *err)
{
    return sv_fail(err, SAVOR_FORMAT, "a file compressed by %s was damaged: %s", kind, why);
}

/* Room for a step more, of as much as there is already; NULL when the buffer's maximum is reached. */
static char *reserve(sv_buf *out, size_t *n)
{
    size_t left = out->max_bytes > out->n ? out->max_bytes - out->n : 0;
    size_t step = out->n < FIRST_STEP_BYTES ? FIRST_STEP_BYTES : out->n < STEP_BYTES ? out->n : STEP_BYTES;
    *n = left == 0 ? 1 : left < step ? left : step; /* none left: one, so that the buffer says LIMIT */
    return sv_buf_reserve(out, *n);
}

/* ---- zlib ---- */

static savor_status inflate_step(z_stream *z, sv_buf *out, const char *kind, bool *is_end, savor_error *err)
{
    size_t room;
    char *p = reserve(out, &room);
    if (!p)
        return sv_buf_check(out, err);
    z->next_out = (Bytef *)p;
    z->avail_out = (uInt)room;
    int got = inflate(z, Z_NO_FLUSH);
    out->n += room - z->avail_out;
    if (got == Z_MEM_ERROR)
        return sv_fail_nomem(err, STEP_BYTES);
    *is_end = got == Z_STREAM_END;
    if (*is_end || (got == Z_OK && (z->avail_in || !z->avail_out)))
        return SAVOR_OK;
    return refuse(kind, got == Z_OK || got == Z_BUF_ERROR ? "it ended too early" : z->msg ? z->msg : "bad data", err);
}

static savor_status inflate_zlib(sv_str bytes, const char *kind, sv_buf *out, savor_error *err)
{
    z_stream z = {0};
    bool is_end = false;
    savor_status st = SAVOR_OK;
    if (bytes.n > UINT32_MAX)
        return sv_fail(err, SAVOR_LIMIT, "a compressed file was larger than %u bytes", UINT32_MAX);
    z.next_in = (const Bytef *)bytes.p;
    z.avail_in = (uInt)bytes.n;
    if (inflateInit2(&z, 15 + 32) != Z_OK) /* 32: a zlib or a gzip header */
        return sv_fail_nomem(err, sizeof z);
    while (!st && !is_end)
        st = inflate_step(&z, out, kind, &is_end, err);
    inflateEnd(&z);
    return st;
}

/* ---- libarchive, as its manual declares it ---- */

struct archive;
struct archive_entry;

typedef struct library {
    void *handle;
    struct archive *(*read_new)(void);
    int (*enable)(struct archive *);
    int (*enable_raw)(struct archive *);
    int (*open_memory)(struct archive *, const void *, size_t);
    int (*next_header)(struct archive *, struct archive_entry **);
    int (*count_filters)(struct archive *);
    ssize_t (*read_data)(struct archive *, void *, size_t);
    int (*read_free)(struct archive *);
} library;

/* POSIX has dlsym's answer be a function's address, too; C has no cast for it. */
static bool find_function(const library *lib, const char *name, void *out)
{
    void *found = dlsym(lib->handle, name);
    memcpy(out, &found, sizeof found);
    return found != NULL;
}

static bool open_library(library *lib, const char *enable)
{
    *lib = (library){.handle = dlopen("libarchive.so.13", RTLD_NOW | RTLD_LOCAL)};
    return lib->handle && find_function(lib, "archive_read_new", &lib->read_new) &&
           find_function(lib, enable, &lib->enable) &&
           find_function(lib, "archive_read_support_format_raw", &lib->enable_raw) &&
           find_function(lib, "archive_read_open_memory", &lib->open_memory) &&
           find_function(lib, "archive_read_next_header", &lib->next_header) &&
           find_function(lib, "archive_filter_count", &lib->count_filters) &&
           find_function(lib, "archive_read_data", &lib->read_data) &&
           find_function(lib, "archive_read_free", &lib->read_free);
}

static savor_status read_all(const library *lib, struct archive *a, const char *kind, sv_buf *out, savor_error *err)
{
    for (;;) {
        size_t room;
        char *p = reserve(out, &room);
        if (!p)
            return sv_buf_check(out, err);
        ssize_t n = lib->read_data(a, p, room);
        if (n <= 0)
            return n == 0 ? SAVOR_OK : refuse(kind, "bad data", err);
        out->n += (size_t)n;
    }
}

static savor_status inflate_other(sv_str bytes, const char *kind, const char *enable, sv_buf *out, savor_error *err)
{
    library lib;
    struct archive_entry *entry;
    struct archive *a = NULL;
    savor_status st = SAVOR_OK;
    if (!open_library(&lib, enable))
        st =
            sv_fail(err, SAVOR_UNSUPPORTED, "a file compressed by %s needs libarchive, which is not installed", kind);
    else if (!(a = lib.read_new()))
        st = sv_fail_nomem(err, STEP_BYTES);
    else if (lib.enable(a)) /* a warning: it would start a program */
        st = sv_fail(err, SAVOR_UNSUPPORTED, "this libarchive does not read %s", kind);
    else if (lib.enable_raw(a) || lib.open_memory(a, bytes.p, bytes.n) || lib.next_header(a, &entry))
        st = refuse(kind, "bad header", err);
    else if (lib.count_filters(a) > 2) /* and the one for the file itself; no limit of ours reaches into a chain */
        st = refuse(kind, "it was compressed more than once", err);
    else
        st = read_all(&lib, a, kind, out, err);
    if (a)
        lib.read_free(a);
    if (lib.handle)
        dlclose(lib.handle);
    return st;
}

savor_status sv_inflate(sv_str bytes, sv_buf *out, savor_error *err)
{
    size_t i = find_kind(bytes);
    if (i == N_KINDS)
        return sv_fail(err, SAVOR_UNSUPPORTED, "the compression of a file is not known");
    return KINDS[i].enable ? inflate_other(bytes, KINDS[i].name, KINDS[i].enable, out, err)
                           : inflate_zlib(bytes, KINDS[i].name, out, err);
}
