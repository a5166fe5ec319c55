/*
 * zip.h: zip archives in memory: the central directory by name, stored members as they lie there, deflated ones
 * unpacked. Verdicts are those of Python's zipfile: the directory counts, of equal names the last one, and what is
 * in front of the archive is passed over. Zip64 and data descriptors are read; encryption and other packings are not.
 */
#ifndef SV_FORMAT_ZIP_H
#define SV_FORMAT_ZIP_H

#include "base/index.h"
#include "base/source.h"

/** One file of the archive. */
typedef struct sv_zip_member {
    sv_str name;         /* as it is written, borrowed from the archive */
    uint64_t header;     /* where its local header begins */
    uint64_t n_packed;   /* bytes in the archive */
    uint64_t n_unpacked; /* bytes it stands for */
    uint32_t crc32;      /* of the unpacked bytes */
    uint16_t method;     /* 0 stored, 8 deflated; others are found but not read */
    uint16_t flags;
} sv_zip_member;

typedef struct sv_zip {
    sv_str bytes;
    sv_source *source;            /* of the bytes; NULL: they are all there */
    const sv_zip_member *members; /* [n_members], names are unique, in the directory's order */
    size_t n_members;
    sv_index names;
} sv_zip;

/** What an archive may hold at most. */
typedef struct sv_zip_limits {
    size_t n_members;
    size_t n_unpacked; /* bytes of all members together */
    size_t ratio;      /* unpacked bytes for each packed one; deflate reaches 1032 */
} sv_zip_limits;

#define SV_ZIP_LIMITS ((sv_zip_limits){.n_members = (size_t)1 << 24, .n_unpacked = (size_t)16 << 30, .ratio = 1032})

/**
 * Read the central directory.
 *
 * bytes     the archive; borrowed: must outlive `out`
 * source    of the bytes, where they are not all there yet; NULL: they are
 * limits    held against what the directory declares, before anything is unpacked
 * arena     gets the members and the index
 * out       cleared on failure
 * Units     bytes
 * Errors    FORMAT (no zip, or a directory that reaches outside), LIMIT, NOMEM
 * Threads   safe
 * Source    APPNOTE.TXT 6.3; CPython zipfile
 */
savor_status sv_zip_read(sv_str bytes, sv_source *source, const sv_zip_limits *limits, sv_arena *arena, sv_zip *out,
                         savor_error *err) SAVOR_MUST_CHECK;

/** The member with this name, or NULL. */
const sv_zip_member *sv_zip_find(const sv_zip *zip, sv_str name);

/**
 * The bytes of a member, their CRC-32 checked.
 *
 * arena     gets the bytes of a deflated member; stored ones are borrowed from the archive
 * out       empty on failure
 * Errors    FORMAT (outside the archive, other name, length or CRC), UNSUPPORTED (encrypted, another packing),
 *           NOMEM, LIMIT
 */
savor_status sv_zip_read_member(const sv_zip *zip, const sv_zip_member *member, sv_arena *arena, sv_str *out,
                                savor_error *err) SAVOR_MUST_CHECK;

/**
 * Where the bytes of a stored member lie, which are neither read nor checked: sv_zip_check_crc is for who reads them.
 *
 * Errors    as above; FORMAT for a member that is not stored, too
 */
savor_status sv_zip_find_stored(const sv_zip *zip, const sv_zip_member *member, sv_str *out,
                                savor_error *err) SAVOR_MUST_CHECK;

/** Hold the CRC-32 of a member's bytes against what the directory tells. Errors: FORMAT. */
savor_status sv_zip_check_crc(const sv_zip_member *member, uint32_t crc32, savor_error *err) SAVOR_MUST_CHECK;

/** The CRC-32 of bytes behind those of which `crc32` is the CRC-32; 0 for none. */
uint32_t sv_zip_crc(uint32_t crc32, const void *bytes, size_t n);

#endif
