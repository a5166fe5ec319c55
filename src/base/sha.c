#include "base/sha.h"

/* FIPS 180-4, with the letters that it uses. */

static const uint32_t K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t rotate_right(uint32_t x, unsigned n) { return x >> n | x << (32 - n); }

static uint32_t rotate_left(uint32_t x, unsigned n) { return x << n | x >> (32 - n); }

static uint32_t read_word(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void take_block_sha256(uint32_t *state, const unsigned char *block)
{
    uint32_t w[64], v[8];
    for (size_t t = 0; t < 16; t++)
        w[t] = read_word(block + 4 * t);
    for (size_t t = 16; t < 64; t++) {
        uint32_t x = w[t - 15], y = w[t - 2];
        w[t] = w[t - 16] + w[t - 7] + (rotate_right(x, 7) ^ rotate_right(x, 18) ^ x >> 3) +
               (rotate_right(y, 17) ^ rotate_right(y, 19) ^ y >> 10);
    }
    memcpy(v, state, sizeof v);
    for (size_t t = 0; t < 64; t++) {
        uint32_t a = v[0], e = v[4];
        uint32_t t1 = v[7] + (rotate_right(e, 6) ^ rotate_right(e, 11) ^ rotate_right(e, 25)) +
                      ((e & v[5]) ^ (~e & v[6])) + K[t] + w[t];
        uint32_t t2 = (rotate_right(a, 2) ^ rotate_right(a, 13) ^ rotate_right(a, 22)) +
                      ((a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]));
        v[7] = v[6], v[6] = v[5], v[5] = e, v[4] = v[3] + t1;
        v[3] = v[2], v[2] = v[1], v[1] = a, v[0] = t1 + t2;
    }
    for (size_t i = 0; i < 8; i++)
        state[i] += v[i];
}

static uint32_t mix(size_t t, uint32_t b, uint32_t c, uint32_t d)
{
    if (t < 20)
        return ((b & c) ^ (~b & d)) + 0x5a827999;
    if (t < 40)
        return (b ^ c ^ d) + 0x6ed9eba1;
    return t < 60 ? ((b & c) ^ (b & d) ^ (c & d)) + 0x8f1bbcdc : (b ^ c ^ d) + 0xca62c1d6;
}

static void take_block_sha1(uint32_t *state, const unsigned char *block)
{
    uint32_t w[80], a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
    for (size_t t = 0; t < 80; t++)
        w[t] = t < 16 ? read_word(block + 4 * t) : rotate_left(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
    for (size_t t = 0; t < 80; t++) {
        uint32_t sum = rotate_left(a, 5) + mix(t, b, c, d) + e + w[t];
        e = d, d = c, c = rotate_left(b, 30), b = a, a = sum;
    }
    state[0] += a, state[1] += b, state[2] += c, state[3] += d, state[4] += e;
}

static void take_block(sv_sha *sha, const unsigned char *block)
{
    (sha->is_sha1 ? take_block_sha1 : take_block_sha256)(sha->state, block);
}

void sv_sha1_init(sv_sha *sha)
{
    *sha = (sv_sha){.state = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0}, .is_sha1 = true};
}

void sv_sha256_init(sv_sha *sha)
{
    *sha = (sv_sha){
        .state = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19}};
}

void sv_sha_put(sv_sha *sha, const void *bytes, size_t n)
{
    const unsigned char *p = bytes;
    size_t filled = sha->n_bytes % sizeof sha->block;
    sha->n_bytes += n;
    if (filled) {
        size_t missing = sizeof sha->block - filled, take = n < missing ? n : missing;
        memcpy(sha->block + filled, p, take);
        if (take < missing)
            return;
        take_block(sha, sha->block);
        p += take;
        n -= take;
    }
    for (; n >= sizeof sha->block; p += sizeof sha->block, n -= sizeof sha->block)
        take_block(sha, p);
    if (n)
        memcpy(sha->block, p, n);
}

void sv_sha_end(sv_sha *sha, char out[SV_SHA256_HEX + 1])
{
    static const char DIGITS[] = "0123456789abcdef";
    static const unsigned char PADDING[64] = {0x80};
    uint64_t n_bits = sha->n_bytes * 8;
    size_t filled = sha->n_bytes % 64, n_words = sha->is_sha1 ? 5 : 8;
    unsigned char length[8];
    for (size_t i = 0; i < 8; i++)
        length[i] = (unsigned char)(n_bits >> (56 - 8 * i));
    sv_sha_put(sha, PADDING, filled < 56 ? 56 - filled : 120 - filled);
    sv_sha_put(sha, length, sizeof length);
    for (size_t i = 0; i < n_words * 8; i++)
        out[i] = DIGITS[sha->state[i / 8] >> (28 - 4 * (i % 8)) & 15];
    out[n_words * 8] = '\0';
}
