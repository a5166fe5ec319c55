/* json_run.c: eight characters at once, and no branch on how many of them are digits. */
#include "text/json_run_priv.h"

#define ONES 0x0101010101010101u
#define HIGHS 0x8080808080808080u
#define SPARE_BYTES 40 /* comma, blank, minus, 7 digits, point and 3 words: reading ahead stays inside the text */
#define DIGITS_MAX 19  /* of a mantissa that surely fits 64 bits */

static const uint64_t TENS[] = {1,
                                10,
                                100,
                                1000,
                                10000,
                                100000,
                                1000000,
                                10000000,
                                100000000,
                                1000000000,
                                10000000000,
                                100000000000,
                                1000000000000,
                                10000000000000,
                                100000000000000,
                                1000000000000000,
                                10000000000000000,
                                100000000000000000,
                                1000000000000000000,
                                10000000000000000000u};

/* Dividing by the negative power gives the negative number, -0.0 included. */
static const double POWERS[2][8] = {{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7},
                                    {-1e0, -1e1, -1e2, -1e3, -1e4, -1e5, -1e6, -1e7}};

/* The first in the lowest byte. */
static inline uint64_t load_eight(const char *p)
{
    uint64_t word;
    memcpy(&word, p, 8);
    return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? __builtin_bswap64(word) : word;
}

/* How many bytes lie below the lowest one that is marked by its high bit. */
static inline unsigned count_below(uint64_t marks) { return marks ? (unsigned)__builtin_ctzll(marks) / 8 : 8; }

/* Digits as their values, everything else above 9; and how many digits stand in front. */
static inline unsigned count_digits(uint64_t values)
{
    return count_below((((values & ~HIGHS) + 0x76 * ONES) | values) & HIGHS);
}

/* The number that the first n values write, 1 to 8 of them: pairs, fours, all. */
static inline uint64_t join_digits(uint64_t values, unsigned n)
{
    values <<= 8 * (8 - n);
    values = (values * 2561) >> 8;
    values = ((values & 0x00ff00ff00ff00ffu) * 6553601) >> 16;
    return ((values & 0x0000ffff0000ffffu) * 42949672960001u) >> 32;
}

#ifdef __SIZEOF_INT128__
/*
 * m / d with one rounding, both above 0: a quotient of 63 or 64 bits, its last one also set for what remains, so that
 * the conversion rounds as if it saw all of it; then an exact power of two.
 */
static inline double divide(uint64_t m, uint64_t d)
{
    __extension__ typedef unsigned __int128 wide;
    int m_shift = __builtin_clzll(m), d_shift = __builtin_clzll(d);
    uint64_t divisor = d << d_shift;
    wide dividend = (wide)(m << m_shift) << 63;
    uint64_t quotient = (uint64_t)(dividend / divisor);
    quotient |= (uint64_t)dividend != quotient * divisor;
    uint64_t bits = (uint64_t)(1023 - 63 + d_shift - m_shift) << 52;
    double power;
    memcpy(&power, &bits, sizeof power);
    return (double)quotient * power;
}

/* The digits behind the point, eight and more of them; NULL when there are too many for a mantissa of 64 bits. */
static inline const char *take_long(const char *p, uint64_t mantissa, unsigned n_whole, bool negative, sv_json *out)
{
    unsigned n = 8, total = 0;
    for (int i = 0; i < 3 && n == 8; i++, p += n, total += n) {
        uint64_t values = load_eight(p) ^ ('0' * ONES);
        n = count_digits(values);
        mantissa = n ? mantissa * TENS[n] + join_digits(values, n) : mantissa;
    }
    if (n_whole + total > DIGITS_MAX || (*p | 0x20) == 'e')
        return NULL;
    double value = mantissa ? divide(mantissa, TENS[total]) : 0;
    *out = (sv_json){.kind = SV_JSON_DOUBLE, .u.f = negative ? -value : value};
    return p;
}
#else
static inline const char *take_long(const char *p, uint64_t mantissa, unsigned n_whole, bool negative, sv_json *out)
{
    (void)p, (void)mantissa, (void)n_whole, (void)negative, (void)out;
    return NULL;
}
#endif

/* NULL when the number is of another form. Mantissa and power are exact doubles, so there is one rounding. */
static inline const char *take_number(const char *p, sv_json *out)
{
    unsigned negative = *p == '-';
    p += negative;
    uint64_t values = load_eight(p) ^ ('0' * ONES), mantissa = values & 0xff;
    unsigned n, n_whole = mantissa > 0;
    if (p[1] == '.' && mantissa < 10) { /* so often that guessing it saves waiting for the count */
        p++;
    } else {
        n = count_digits(values);
        if (n == 0 || n == 8 || (n > 1 && *p == '0'))
            return NULL;
        mantissa = join_digits(values, n);
        n_whole = n;
        p += n;
        if ((*p | 0x20) == 'e')
            return NULL;
        if (*p != '.') {
            *out = (sv_json){.kind = SV_JSON_INT, .is_minus0 = negative && mantissa == 0};
            out->u.i = negative ? -(int64_t)mantissa : (int64_t)mantissa;
            return p;
        }
    }
    values = load_eight(p + 1) ^ ('0' * ONES);
    n = count_digits(values);
    if (n == 8)
        return take_long(p + 1, mantissa, n_whole, negative, out);
    if (n == 0 || (p[1 + n] | 0x20) == 'e')
        return NULL;
    mantissa = mantissa * TENS[n] + join_digits(values, n);
    *out = (sv_json){.kind = SV_JSON_DOUBLE, .u.f = (double)(int64_t)mantissa / POWERS[negative][n]};
    return p + 1 + n;
}

/* From behind the opening quote; NULL for an escape, a control character, or no end. */
static inline const char *take_text(const char *start, const char *end, sv_json *out)
{
    for (const char *p = start; end - p >= 8; p += 8) {
        uint64_t word = load_eight(p), quote = word ^ ('"' * ONES), slash = word ^ ('\\' * ONES);
        uint64_t marks = ((quote - ONES) & ~quote) | ((slash - ONES) & ~slash) | ((word - 0x20 * ONES) & ~word);
        unsigned n = count_below(marks & HIGHS); /* a borrow makes false marks, but only above a true one */
        if (n == 8)
            continue;
        p += n;
        *out = (sv_json){.kind = SV_JSON_STRING, .n = (uint32_t)(p - start), .u.p = start};
        return *p == '"' ? p + 1 : NULL;
    }
    return NULL;
}

uint32_t sv_json_parse_run(const char **p, const char *end, sv_json *nodes)
{
    const char *at = *p;
    uint32_t n = 0;
    while (end - at >= SPARE_BYTES && *at == ',') {
        const char *q = at + 2;
        if (__builtin_expect(at[1] != ' ', 0)) /* a guess of the processor's, too, rather than a sum to wait for */
            q = at + 1;
        q = *q == '"' ? take_text(q + 1, end, &nodes[n]) : take_number(q, &nodes[n]);
        if (!q)
            break;
        at = q;
        n++;
    }
    *p = at;
    return n;
}
