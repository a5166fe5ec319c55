#include "engine/city_hash.h"

/* The primes of the algorithm. */
#define K0 UINT64_C(0xc3a5c85c97cb3127)
#define K1 UINT64_C(0xb492b66fbe98f273)
#define K2 UINT64_C(0x9ae16a3b2f90404f)
#define K3 UINT64_C(0xc949d7c7509e6557)
#define K_MUL UINT64_C(0x9ddfea08eb382d69)

typedef struct pair {
    uint64_t first, second;
} pair;

static uint64_t load64(const char *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static uint64_t load32(const char *p)
{
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static uint64_t rotate(uint64_t v, unsigned shift) { return shift == 0 ? v : v >> shift | v << (64 - shift); }
static uint64_t mix(uint64_t v) { return v ^ v >> 47; }

/* Two words to one. */
static uint64_t join(uint64_t u, uint64_t v)
{
    uint64_t a = mix((u ^ v) * K_MUL);
    return mix((v ^ a) * K_MUL) * K_MUL;
}

static uint64_t hash_up_to_16(const char *s, size_t n)
{
    if (n > 8) {
        uint64_t b = load64(s + n - 8);
        return join(load64(s), rotate(b + n, (unsigned)n)) ^ b;
    }
    if (n >= 4)
        return join(n + (load32(s) << 3), load32(s + n - 4));
    if (n == 0)
        return K2;
    uint32_t y = (uint32_t)(uint8_t)s[0] + ((uint32_t)(uint8_t)s[n >> 1] << 8);
    uint32_t z = (uint32_t)n + ((uint32_t)(uint8_t)s[n - 1] << 2);
    return mix((uint64_t)y * K2 ^ (uint64_t)z * K3) * K2;
}

static uint64_t hash_up_to_32(const char *s, size_t n)
{
    uint64_t a = load64(s) * K1, b = load64(s + 8);
    uint64_t c = load64(s + n - 8) * K2, d = load64(s + n - 16) * K0;
    return join(rotate(a - b, 43) + rotate(c, 30) + d, a + rotate(b ^ K3, 20) - c + n);
}

/* Half of what 33 to 64 bytes need: `a` and `z` have been begun, 16 bytes more come from `s`. */
static pair fold(uint64_t a, uint64_t z, const char *s)
{
    uint64_t b = rotate(a + z, 52), c = rotate(a, 37);
    a += load64(s);
    c += rotate(a, 7);
    a += load64(s + 8);
    return (pair){a + z, b + rotate(a, 31) + c};
}

static uint64_t hash_up_to_64(const char *s, size_t n)
{
    pair v = fold(load64(s) + (n + load64(s + n - 16)) * K0, load64(s + 24), s + 8);
    pair w = fold(load64(s + 16) + load64(s + n - 32), load64(s + n - 8), s + n - 24);
    uint64_t r = mix((v.first + w.second) * K2 + (w.first + v.second) * K0);
    return mix(r * K0 + v.second) * K2;
}

/* 32 bytes and two seeds to two words. */
static pair stir(const char *s, uint64_t a, uint64_t b)
{
    a += load64(s);
    b = rotate(b + a + load64(s + 24), 21);
    uint64_t c = a;
    a += load64(s + 8);
    a += load64(s + 16);
    b += rotate(a, 44);
    return (pair){a + load64(s + 24), b + c};
}

static uint64_t hash_long(const char *s, size_t n)
{
    uint64_t x = load64(s), y = load64(s + n - 16) ^ K1, z = load64(s + n - 56) ^ K0;
    pair v = stir(s + n - 64, n, y), w = stir(s + n - 32, n * K1, K0);
    z += mix(v.second) * K1;
    x = rotate(z + x, 39) * K1;
    y = rotate(y, 33) * K1;
    for (n = (n - 1) & ~(size_t)63; n != 0; n -= 64, s += 64) {
        x = rotate(x + y + v.first + load64(s + 16), 37) * K1 ^ w.second;
        y = rotate(y + v.second + load64(s + 48), 42) * K1 ^ v.first;
        z = rotate(z ^ w.first, 33);
        v = stir(s, v.second * K1, x + w.first);
        w = stir(s + 32, z + w.second, y);
        uint64_t swap = z;
        z = x;
        x = swap;
    }
    return join(join(v.first, w.first) + mix(y) * K1 + z, join(v.second, w.second) + x);
}

uint64_t sv_city_hash64(sv_str bytes)
{
    if (bytes.n <= 16)
        return hash_up_to_16(bytes.p, bytes.n);
    if (bytes.n <= 32)
        return hash_up_to_32(bytes.p, bytes.n);
    return bytes.n <= 64 ? hash_up_to_64(bytes.p, bytes.n) : hash_long(bytes.p, bytes.n);
}
