/* sha.h: SHA-1 and SHA-256 of bytes that come piece by piece. */
#ifndef SV_BASE_SHA_H
#define SV_BASE_SHA_H

#include "base/str.h"

#define SV_SHA1_HEX 40
#define SV_SHA256_HEX 64

typedef struct sv_sha {
    uint32_t state[8]; /* SHA-1 uses five */
    uint64_t n_bytes;  /* so far */
    unsigned char block[64];
    bool is_sha1;
} sv_sha;

/** Start a digest. SHA-1 names things as others name them; it protects nothing. */
void sv_sha1_init(sv_sha *sha);
void sv_sha256_init(sv_sha *sha);

/** The next bytes. */
void sv_sha_put(sv_sha *sha, const void *bytes, size_t n);

/** End it: lower-case hexadecimal digits and a NUL. Source: FIPS 180-4 */
void sv_sha_end(sv_sha *sha, char out[SV_SHA256_HEX + 1]);

#endif
