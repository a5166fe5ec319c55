/* str.h: text that may lack a NUL: a borrowed pointer and a length. */
#ifndef SV_BASE_STR_H
#define SV_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct sv_str {
    const char *p;
    size_t n;
} sv_str;

/** A literal as sv_str. */
#define SV_STR(literal) ((sv_str){"" literal, sizeof(literal) - 1})

/** For printf's "%.*s": the length as int (cut at INT_MAX) and the pointer. */
#define SV_FMT(s) ((int)((s).n > 0x7fffffff ? 0x7fffffff : (s).n)), (s).p

/** The whole of a C string; NULL gives an empty view. */
static inline sv_str sv_str_of(const char *text) { return (sv_str){text ? text : "", text ? strlen(text) : 0}; }

/*
 * Names are short, and a call of memcmp costs more than they do: two words that may overlap cover 8 to 16 bytes, two
 * halves of one 4 to 7, and first, middle and last byte up to 3.
 */
static inline bool sv_bytes_equal(const char *a, const char *b, size_t n)
{
    uint64_t a0, a1, b0, b1;
    uint32_t a2, a3, b2, b3;
    if (n > 16)
        return memcmp(a, b, n) == 0;
    if (n >= 8) {
        memcpy(&a0, a, 8);
        memcpy(&b0, b, 8);
        memcpy(&a1, a + n - 8, 8);
        memcpy(&b1, b + n - 8, 8);
        return ((a0 ^ b0) | (a1 ^ b1)) == 0;
    }
    if (n >= 4) {
        memcpy(&a2, a, 4);
        memcpy(&b2, b, 4);
        memcpy(&a3, a + n - 4, 4);
        memcpy(&b3, b + n - 4, 4);
        return ((a2 ^ b2) | (a3 ^ b3)) == 0;
    }
    return n == 0 || ((a[0] ^ b[0]) | (a[n / 2] ^ b[n / 2]) | (a[n - 1] ^ b[n - 1])) == 0;
}

static inline bool sv_str_equal(sv_str a, sv_str b) { return a.n == b.n && sv_bytes_equal(a.p, b.p, a.n); }

/** Compare with a C string. */
static inline bool sv_str_is(sv_str a, const char *text) { return sv_str_equal(a, sv_str_of(text)); }

static inline bool sv_str_starts(sv_str a, sv_str prefix)
{
    return a.n >= prefix.n && (prefix.n == 0 || memcmp(a.p, prefix.p, prefix.n) == 0);
}

static inline bool sv_str_ends(sv_str a, sv_str suffix)
{
    return a.n >= suffix.n && (suffix.n == 0 || memcmp(a.p + a.n - suffix.n, suffix.p, suffix.n) == 0);
}

/** The first `max` bytes or fewer: UTF-8 is not cut inside a character. */
static inline sv_str sv_str_cut(sv_str s, size_t max)
{
    if (s.n <= max)
        return s;
    while (max > 0 && ((unsigned char)s.p[max] & 0xC0) == 0x80)
        max--;
    return (sv_str){s.p, max};
}

/** Order by bytes, which for UTF-8 is the order of code points; < 0, 0 or > 0. */
int sv_str_compare(sv_str a, sv_str b);

/** Without the blanks, tabs and line ends around it. */
sv_str sv_str_trim(sv_str s);

/** The position of the first `c`, or `s.n`. */
size_t sv_str_find(sv_str s, char c);

/** A decimal integer of digits with an optional sign and nothing else; false when it is not one or does not fit. */
bool sv_str_to_int64(sv_str s, int64_t *out);

/** Likewise, without a sign. */
bool sv_str_to_uint64(sv_str s, uint64_t *out);

/** 0 to 15, or -1. */
int sv_hex_digit(char c);

/** Percent-decode `s` once into `out` (room for s.n bytes); a broken escape stays as it is. How many bytes came out.
 */
size_t sv_str_unquote(sv_str s, char *out);

/** True when the bytes are well-formed UTF-8 (no overlong forms, no surrogates, at most U+10FFFF). */
bool sv_utf8_check(const char *p, size_t n);

/** Like sv_utf8_check, but encoded surrogates (ED A0..BF xx) pass, as Python's "surrogatepass" has it. */
bool sv_utf8_check_surrogates(const char *p, size_t n);

/** Write code point `c` (at most U+10FFFF, surrogates included) to `out` (4 bytes); how many bytes were written. */
size_t sv_utf8_put(uint32_t c, char *out);

/** Decode one code point of well-formed text at `p`; `*c` is the code point; how many bytes it took. */
size_t sv_utf8_get(const char *p, uint32_t *c);

#endif
