/*
 * inflate.h: whole files that joblib compressed: zlib, gzip, bzip2, xz, lzma, lz4 and zstd, told by their first
 * bytes.
 *
 * zlib does the first two. The others are libarchive's, which is opened when the first such file is read; where it is
 * not installed the file is UNSUPPORTED.
 */
#ifndef SV_FORMAT_INFLATE_H
#define SV_FORMAT_INFLATE_H

#include "base/buf.h"

/** The name of the compression that `bytes` begins as ("zlib", "bzip2" ...), or NULL for none of them. */
const char *sv_inflate_find(sv_str bytes);

/**
 * Append what the compressed file holds to `out`, whose maximum is the limit.
 *
 * bytes     such that sv_inflate_find knows it
 * Errors    FORMAT (damaged or cut), LIMIT, NOMEM, UNSUPPORTED (no libarchive, or one without this compression)
 * Threads   safe
 * Source    RFC 1950, RFC 1952; libarchive(3); joblib/compressor.py (which there are)
 */
savor_status sv_inflate(sv_str bytes, sv_buf *out, savor_error *err) SAVOR_MUST_CHECK;

#endif
