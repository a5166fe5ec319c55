/* stored_zip.h: a zip archive of a few stored members, for tests that make up what is in them. */
#ifndef SV_TESTS_FUZZ_STORED_ZIP_H
#define SV_TESTS_FUZZ_STORED_ZIP_H

#include "base/buf.h"

#include <zlib.h>

/** An .npy file of two doubles. */
#define STORED_ZIP_NPY \
    SV_STR("\223NUMPY\1\0\x39\0{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }0123456789abcdef")

static inline void stored_zip_number(sv_buf *out, uint64_t value, size_t n)
{
    uint8_t bytes[16] = {0};
    for (size_t i = 0; i < n && i < sizeof value; i++)
        bytes[i] = (uint8_t)(value >> (8 * i));
    sv_buf_put_str(out, (sv_str){(const char *)bytes, n});
}

/* What a local header and a directory's entry have in common. */
static inline void stored_zip_common(sv_buf *out, const char *name, sv_str content)
{
    stored_zip_number(out, 0, 8); /* flags, stored, time, date */
    stored_zip_number(out, crc32(0, (const Bytef *)content.p, (uInt)content.n), 4);
    stored_zip_number(out, content.n, 4);
    stored_zip_number(out, content.n, 4);
    stored_zip_number(out, strlen(name), 2);
    stored_zip_number(out, 0, 2);
}

/** Append the archive; at most four members. */
static inline void stored_zip_put(sv_buf *out, const char *const *names, const sv_str *contents, size_t n)
{
    size_t headers[4];
    for (size_t i = 0; i < n; i++) {
        headers[i] = out->n;
        stored_zip_number(out, 0x04034b50, 4);
        stored_zip_number(out, 20, 2);
        stored_zip_common(out, names[i], contents[i]);
        sv_buf_put_text(out, names[i]);
        sv_buf_put_str(out, contents[i]);
    }
    size_t start = out->n;
    for (size_t i = 0; i < n; i++) {
        stored_zip_number(out, 0x02014b50, 4);
        stored_zip_number(out, 20 << 16 | 20, 4);
        stored_zip_common(out, names[i], contents[i]);
        stored_zip_number(out, 0, 10);
        stored_zip_number(out, headers[i], 4);
        sv_buf_put_text(out, names[i]);
    }
    size_t size = out->n - start;
    stored_zip_number(out, 0x06054b50, 4);
    stored_zip_number(out, 0, 4);
    stored_zip_number(out, n << 16 | n, 4);
    stored_zip_number(out, size, 4);
    stored_zip_number(out, start, 4);
    stored_zip_number(out, 0, 2);
}

#endif
