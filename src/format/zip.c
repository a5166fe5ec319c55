#include "format/zip.h"

#include "base/alloc.h"

#define ZLIB_CONST /* inflate does not write to its input */
#include <zlib.h>

/* Sizes of the records and where their parts lie; APPNOTE.TXT 4.3. All numbers are little-endian. */
enum {
    END_SIZE = 22,
    END_DIRECTORY_SIZE = 12,
    END_DIRECTORY_AT = 16,
    END_COMMENT_SIZE = 20,
    END64_SIZE = 56,
    END64_DIRECTORY_SIZE = 40,
    END64_DIRECTORY_AT = 48,
    LOCATOR_SIZE = 20,
    ENTRY_SIZE = 46,
    LOCAL_SIZE = 30,
};

#define END_MAGIC 0x06054b50u
#define END64_MAGIC 0x06064b50u
#define LOCATOR_MAGIC 0x07064b50u
#define ENTRY_MAGIC 0x02014b50u
#define LOCAL_MAGIC 0x04034b50u

#define COMMENT_MAX 0xffffu
#define FLAG_ENCRYPTED 0x0041u /* the plain and the strong one */
#define FLAG_PATCH 0x0020u
#define STORED 0
#define DEFLATED 8

static uint64_t little_endian(const char *p, size_t n)
{
    uint64_t v = 0;
    for (size_t i = n; i-- > 0;)
        v = v << 8 | (uint8_t)p[i];
    return v;
}

static uint16_t get16(const char *p) { return (uint16_t)little_endian(p, 2); }
static uint32_t get32(const char *p) { return (uint32_t)little_endian(p, 4); }
static uint64_t get64(const char *p) { return little_endian(p, 8); }

/* ---- the directory ---- */

typedef struct directory {
    const char *p, *end;
    size_t start; /* bytes in front of the archive: all offsets count from here */
} directory;

/* Where the end record begins: at the very end, or before a comment; SIZE_MAX when there is none. */
static size_t find_end(sv_str bytes)
{
    if (bytes.n < END_SIZE)
        return SIZE_MAX;
    size_t last = bytes.n - END_SIZE, first = last > COMMENT_MAX ? last - COMMENT_MAX : 0;
    for (size_t at = last;; at--) {
        const char *p = bytes.p + at;
        if (get32(p) == END_MAGIC && get16(p + END_COMMENT_SIZE) <= last - at)
            return at;
        if (at == first)
            return SIZE_MAX;
    }
}

static bool has_end64(sv_str bytes, size_t end)
{
    return end >= LOCATOR_SIZE + END64_SIZE && get32(bytes.p + end - LOCATOR_SIZE) == LOCATOR_MAGIC &&
           get32(bytes.p + end - LOCATOR_SIZE - END64_SIZE) == END64_MAGIC;
}

/* All that find_end and has_end64 may look at. */
static savor_status need_end(sv_str bytes, sv_source *source, savor_error *err)
{
    size_t n = END_SIZE + COMMENT_MAX + LOCATOR_SIZE + END64_SIZE;
    n = n < bytes.n ? n : bytes.n;
    return sv_source_need(source, bytes.p + (bytes.n - n), n, err);
}

static savor_status find_directory(sv_str bytes, sv_source *source, directory *out, savor_error *err)
{
    savor_status st = need_end(bytes, source, err);
    if (st)
        return st;
    size_t end = find_end(bytes);
    if (end == SIZE_MAX)
        return sv_fail(err, SAVOR_FORMAT, "%zu bytes were no zip archive: no end record was found", bytes.n);
    uint64_t size = get32(bytes.p + end + END_DIRECTORY_SIZE), at = get32(bytes.p + end + END_DIRECTORY_AT);
    if (has_end64(bytes, end)) {
        end -= LOCATOR_SIZE + END64_SIZE;
        size = get64(bytes.p + end + END64_DIRECTORY_SIZE);
        at = get64(bytes.p + end + END64_DIRECTORY_AT);
    }
    if (size > end || at > end - size)
        return sv_fail(err, SAVOR_FORMAT,
                       "the directory of the zip archive, %llu bytes at %llu, reached behind byte %zu",
                       (unsigned long long)size, (unsigned long long)at, end);
    *out = (directory){bytes.p + end - size, bytes.p + end, (size_t)(end - size - at)};
    return sv_source_need(source, out->p, (size_t)size, err);
}

/* The parts of the zip64 extra field are there for those numbers only that are all ones, in this order. */
static bool read_extra64(sv_str extra, sv_zip_member *m)
{
    uint64_t *wide[] = {&m->n_unpacked, &m->n_packed, &m->header};
    for (; extra.n >= 4; extra.p += 4 + get16(extra.p + 2)) {
        size_t n = get16(extra.p + 2), used = 0;
        if (n > extra.n - 4)
            return false;
        for (size_t i = 0; get16(extra.p) == 1 && i < 3; i++) {
            if (*wide[i] != UINT32_MAX)
                continue;
            if (used + 8 > n)
                return false;
            *wide[i] = get64(extra.p + 4 + used);
            used += 8;
        }
        extra.n -= 4 + n;
    }
    return true;
}

static savor_status read_entry(directory *d, sv_zip_member *out, savor_error *err)
{
    size_t left = (size_t)(d->end - d->p);
    if (left < ENTRY_SIZE || get32(d->p) != ENTRY_MAGIC)
        return sv_fail(err, SAVOR_FORMAT, "the directory of the zip archive was damaged, %zu bytes before its end",
                       left);
    size_t n_name = get16(d->p + 28), n_extra = get16(d->p + 30), n_comment = get16(d->p + 32);
    if (n_name + n_extra + n_comment > left - ENTRY_SIZE)
        return sv_fail(err, SAVOR_FORMAT, "an entry of the zip archive reached behind the directory");
    *out = (sv_zip_member){
        .name = {d->p + ENTRY_SIZE, n_name},
        .flags = get16(d->p + 8),
        .method = get16(d->p + 10),
        .crc32 = get32(d->p + 16),
        .n_packed = get32(d->p + 20),
        .n_unpacked = get32(d->p + 24),
        .header = get32(d->p + 42),
    };
    if (!read_extra64((sv_str){d->p + ENTRY_SIZE + n_name, n_extra}, out))
        return sv_fail(err, SAVOR_FORMAT, "zip member \"%.*s\" had a damaged extra field", SV_FMT(out->name));
    d->p += ENTRY_SIZE + n_name + n_extra + n_comment;
    return SAVOR_OK;
}

/* What is left of the limits while entries are read. Members lie before the directory and do not overlap there. */
typedef struct allowance {
    size_t n_packed, n_unpacked, ratio;
} allowance;

static savor_status check_sizes(const sv_zip_member *m, allowance *left, savor_error *err)
{
    if (m->n_packed > left->n_packed || LOCAL_SIZE > left->n_packed - m->n_packed)
        return sv_fail(err, SAVOR_FORMAT,
                       "zip member \"%.*s\" of %llu bytes was larger than what the archive has left", SV_FMT(m->name),
                       (unsigned long long)m->n_packed);
    left->n_packed -= LOCAL_SIZE + (size_t)m->n_packed;
    if (m->n_unpacked / left->ratio > m->n_packed)
        return sv_fail(
            err, SAVOR_LIMIT, "zip member \"%.*s\" claimed %llu bytes from %llu, expected at most %zu for each",
            SV_FMT(m->name), (unsigned long long)m->n_unpacked, (unsigned long long)m->n_packed, left->ratio);
    if (m->n_unpacked > left->n_unpacked)
        return sv_fail(err, SAVOR_LIMIT, "the zip archive claimed more bytes than are allowed, with member \"%.*s\"",
                       SV_FMT(m->name));
    left->n_unpacked -= (size_t)m->n_unpacked;
    return SAVOR_OK;
}

static savor_status read_entries(directory d, const sv_zip_limits *limits, sv_zip *zip, sv_zip_member *members,
                                 savor_error *err)
{
    allowance left = {(size_t)(d.p - zip->bytes.p), limits->n_unpacked, limits->ratio ? limits->ratio : 1};
    for (size_t n_read = 0; d.p < d.end; n_read++) {
        sv_zip_member m;
        size_t position = 0;
        savor_status st = read_entry(&d, &m, err);
        if (st || (st = check_sizes(&m, &left, err)))
            return st;
        if (n_read >= limits->n_members)
            return sv_fail(err, SAVOR_LIMIT, "the zip archive had more than %zu members", limits->n_members);
        if ((st = sv_index_add(&zip->names, m.name, &position, err)))
            return st;
        m.header += (uint64_t)(d.start);
        members[position] = m;
        zip->n_members = zip->names.n;
    }
    return SAVOR_OK;
}

savor_status sv_zip_read(sv_str bytes, sv_source *source, const sv_zip_limits *limits, sv_arena *arena, sv_zip *out,
                         savor_error *err)
{
    directory d;
    *out = (sv_zip){0};
    savor_status st = find_directory(bytes, source, &d, err);
    if (st)
        return st;
    size_t room = (size_t)(d.end - d.p) / ENTRY_SIZE + 1;
    sv_zip_member *members = sv_arena_array(arena, room, sizeof *members);
    if (!members)
        return sv_arena_fail(arena, room * sizeof *members, err);
    sv_zip zip = {.bytes = bytes, .source = source, .members = members};
    sv_index_init(&zip.names, arena);
    if ((st = read_entries(d, limits, &zip, members, err)))
        return st;
    *out = zip;
    return SAVOR_OK;
}

const sv_zip_member *sv_zip_find(const sv_zip *zip, sv_str name)
{
    size_t position = sv_index_find(&zip->names, name);
    return position == SV_INDEX_NONE ? NULL : &zip->members[position];
}

/* ---- members ---- */

static savor_status fail_member(const sv_zip_member *m, const char *what, savor_error *err)
{
    return sv_fail(err, SAVOR_FORMAT, "zip member \"%.*s\" %s", SV_FMT(m->name), what);
}

/* The packed bytes: behind the local header, whose name and extra field have lengths of their own. */
static savor_status find_packed(const sv_zip *zip, const sv_zip_member *m, sv_str *out, savor_error *err)
{
    sv_str bytes = zip->bytes;
    if (m->header > bytes.n || bytes.n - m->header < LOCAL_SIZE)
        return fail_member(m, "lay outside the archive", err);
    const char *p = bytes.p + m->header;
    size_t left = bytes.n - (size_t)m->header - LOCAL_SIZE;
    savor_status st = sv_source_need(zip->source, p, LOCAL_SIZE, err);
    if (st)
        return st;
    if (get32(p) != LOCAL_MAGIC)
        return fail_member(m, "had no local header", err);
    size_t n_name = get16(p + 26), n_extra = get16(p + 28);
    if (n_name + n_extra > left || m->n_packed > left - n_name - n_extra)
        return fail_member(m, "reached behind the archive", err);
    if ((st = sv_source_need(zip->source, p + LOCAL_SIZE, n_name, err)))
        return st;
    if (!sv_str_equal((sv_str){p + LOCAL_SIZE, n_name}, m->name))
        return fail_member(m, "had another name in its local header", err);
    *out = (sv_str){p + LOCAL_SIZE + n_name + n_extra, (size_t)m->n_packed};
    return SAVOR_OK;
}

static voidpf take_memory(voidpf opaque, uInt n, uInt size)
{
    (void)opaque;
    return sv_alloc_array(n, size);
}

static void give_memory(voidpf opaque, voidpf p)
{
    (void)opaque;
    sv_free(p);
}

/* zlib counts in 32 bits: large members go in pieces. */
static uInt piece(size_t n) { return n > (1u << 30) ? 1u << 30 : (uInt)n; }

static int inflate_all(z_stream *z, sv_str packed, size_t n_unpacked)
{
    size_t n_in = packed.n, n_out = n_unpacked;
    int rc = Z_OK;
    while (rc == Z_OK) {
        uInt in = piece(n_in), out = piece(n_out);
        z->avail_in = in;
        z->avail_out = out;
        rc = inflate(z, Z_NO_FLUSH);
        n_in -= in - z->avail_in;
        n_out -= out - z->avail_out;
    }
    return rc == Z_STREAM_END && n_out > 0 ? Z_BUF_ERROR : rc;
}

static savor_status unpack(const sv_zip_member *m, sv_str packed, sv_arena *arena, sv_str *out, savor_error *err)
{
    size_t n = (size_t)m->n_unpacked;
    Bytef *text = sv_arena_alloc(arena, n ? n : 1);
    if (!text)
        return sv_arena_fail(arena, n, err);
    z_stream z = {.zalloc = take_memory, .zfree = give_memory, .next_out = text};
    z.next_in = (z_const Bytef *)packed.p;
    if (inflateInit2(&z, -MAX_WBITS) != Z_OK)
        return sv_fail_nomem(err, sizeof z);
    int rc = inflate_all(&z, packed, n);
    inflateEnd(&z);
    if (rc == Z_MEM_ERROR)
        return sv_fail_nomem(err, sizeof z);
    if (rc != Z_STREAM_END)
        return fail_member(m, "could not be unpacked to the length that the directory tells", err);
    *out = (sv_str){(const char *)text, n};
    return SAVOR_OK;
}

static savor_status check_readable(const sv_zip_member *m, savor_error *err)
{
    if (m->flags & FLAG_ENCRYPTED)
        return sv_fail(err, SAVOR_UNSUPPORTED, "zip member \"%.*s\" is encrypted", SV_FMT(m->name));
    if (m->flags & FLAG_PATCH || (m->method != STORED && m->method != DEFLATED))
        return sv_fail(err, SAVOR_UNSUPPORTED,
                       "zip member \"%.*s\" is packed by method %u, expected 0 (stored) or 8 (deflated)",
                       SV_FMT(m->name), m->method);
    if (m->method == STORED && m->n_packed != m->n_unpacked)
        return fail_member(m, "was stored in another length than its own", err);
    return SAVOR_OK;
}

uint32_t sv_zip_crc(uint32_t crc32, const void *bytes, size_t n) { return (uint32_t)crc32_z(crc32, bytes, n); }

savor_status sv_zip_check_crc(const sv_zip_member *member, uint32_t crc32, savor_error *err)
{
    return crc32 == member->crc32 ? SAVOR_OK
                                  : fail_member(member, "had another CRC-32 than the directory tells", err);
}

savor_status sv_zip_find_stored(const sv_zip *zip, const sv_zip_member *member, sv_str *out, savor_error *err)
{
    *out = (sv_str){"", 0};
    savor_status st = check_readable(member, err);
    if (!st && member->method != STORED)
        st = fail_member(member, "was packed, expected a stored one", err);
    return st ? st : find_packed(zip, member, out, err);
}

savor_status sv_zip_read_member(const sv_zip *zip, const sv_zip_member *member, sv_arena *arena, sv_str *out,
                                savor_error *err)
{
    sv_str packed = {0}, data = {0};
    *out = (sv_str){"", 0};
    savor_status st = check_readable(member, err);
    if (st || (st = find_packed(zip, member, &packed, err)) ||
        (st = sv_source_need(zip->source, packed.p, packed.n, err)))
        return st;
    data = packed;
    if (member->method == DEFLATED && (st = unpack(member, packed, arena, &data, err)))
        return st;
    if ((st = sv_zip_check_crc(member, sv_zip_crc(0, data.p, data.n), err)))
        return st;
    *out = data;
    return SAVOR_OK;
}
