#include "text/csv_number.h"

#include "base/number.h"

#include <math.h>

#define LEGACY_DIGITS 17
#define BIGINT_DIGITS 4300

/* 10^0 to 10^308, each the nearest double. */
static const double POWERS[] = {
    1e0,   1e1,   1e2,   1e3,   1e4,   1e5,   1e6,   1e7,   1e8,   1e9,   1e10,  1e11,  1e12,  1e13,  1e14,  1e15,
    1e16,  1e17,  1e18,  1e19,  1e20,  1e21,  1e22,  1e23,  1e24,  1e25,  1e26,  1e27,  1e28,  1e29,  1e30,  1e31,
    1e32,  1e33,  1e34,  1e35,  1e36,  1e37,  1e38,  1e39,  1e40,  1e41,  1e42,  1e43,  1e44,  1e45,  1e46,  1e47,
    1e48,  1e49,  1e50,  1e51,  1e52,  1e53,  1e54,  1e55,  1e56,  1e57,  1e58,  1e59,  1e60,  1e61,  1e62,  1e63,
    1e64,  1e65,  1e66,  1e67,  1e68,  1e69,  1e70,  1e71,  1e72,  1e73,  1e74,  1e75,  1e76,  1e77,  1e78,  1e79,
    1e80,  1e81,  1e82,  1e83,  1e84,  1e85,  1e86,  1e87,  1e88,  1e89,  1e90,  1e91,  1e92,  1e93,  1e94,  1e95,
    1e96,  1e97,  1e98,  1e99,  1e100, 1e101, 1e102, 1e103, 1e104, 1e105, 1e106, 1e107, 1e108, 1e109, 1e110, 1e111,
    1e112, 1e113, 1e114, 1e115, 1e116, 1e117, 1e118, 1e119, 1e120, 1e121, 1e122, 1e123, 1e124, 1e125, 1e126, 1e127,
    1e128, 1e129, 1e130, 1e131, 1e132, 1e133, 1e134, 1e135, 1e136, 1e137, 1e138, 1e139, 1e140, 1e141, 1e142, 1e143,
    1e144, 1e145, 1e146, 1e147, 1e148, 1e149, 1e150, 1e151, 1e152, 1e153, 1e154, 1e155, 1e156, 1e157, 1e158, 1e159,
    1e160, 1e161, 1e162, 1e163, 1e164, 1e165, 1e166, 1e167, 1e168, 1e169, 1e170, 1e171, 1e172, 1e173, 1e174, 1e175,
    1e176, 1e177, 1e178, 1e179, 1e180, 1e181, 1e182, 1e183, 1e184, 1e185, 1e186, 1e187, 1e188, 1e189, 1e190, 1e191,
    1e192, 1e193, 1e194, 1e195, 1e196, 1e197, 1e198, 1e199, 1e200, 1e201, 1e202, 1e203, 1e204, 1e205, 1e206, 1e207,
    1e208, 1e209, 1e210, 1e211, 1e212, 1e213, 1e214, 1e215, 1e216, 1e217, 1e218, 1e219, 1e220, 1e221, 1e222, 1e223,
    1e224, 1e225, 1e226, 1e227, 1e228, 1e229, 1e230, 1e231, 1e232, 1e233, 1e234, 1e235, 1e236, 1e237, 1e238, 1e239,
    1e240, 1e241, 1e242, 1e243, 1e244, 1e245, 1e246, 1e247, 1e248, 1e249, 1e250, 1e251, 1e252, 1e253, 1e254, 1e255,
    1e256, 1e257, 1e258, 1e259, 1e260, 1e261, 1e262, 1e263, 1e264, 1e265, 1e266, 1e267, 1e268, 1e269, 1e270, 1e271,
    1e272, 1e273, 1e274, 1e275, 1e276, 1e277, 1e278, 1e279, 1e280, 1e281, 1e282, 1e283, 1e284, 1e285, 1e286, 1e287,
    1e288, 1e289, 1e290, 1e291, 1e292, 1e293, 1e294, 1e295, 1e296, 1e297, 1e298, 1e299, 1e300, 1e301, 1e302, 1e303,
    1e304, 1e305, 1e306, 1e307, 1e308};

static inline bool is_digit(char c) { return (unsigned char)(c - '0') < 10; }
static inline bool is_space(char c) { return c == ' ' || (unsigned char)(c - '\t') < 5; }
static inline char lower(char c) { return (unsigned char)(c - 'A') < 26 ? (char)(c + 32) : c; }

static sv_str trim(sv_str s)
{
    while (s.n && is_space(s.p[0]))
        s = (sv_str){s.p + 1, s.n - 1};
    while (s.n && is_space(s.p[s.n - 1]))
        s.n--;
    return s;
}

/* Take a sign off the front, without a branch (half of all numbers may have one); true for '-'. */
static inline bool take_sign(sv_str *s)
{
    char c = s->n ? s->p[0] : '0';
    size_t skip = (size_t)((c == '-') | (c == '+'));
    *s = (sv_str){s->p + skip, s->n - skip};
    return c == '-';
}

/* An exact mantissa with its sign, "-0" included. */
static inline double with_sign(uint64_t mantissa, bool negative)
{
    int64_t sign = -(int64_t)negative;
    double value = (double)(((int64_t)mantissa ^ sign) - sign);
    return mantissa ? value : negative ? -0. : 0.;
}

static bool is_word(sv_str s, const char *word)
{
    size_t i = 0;
    for (; i < s.n && word[i]; i++)
        if (lower(s.p[i]) != word[i])
            return false;
    return i == s.n && !word[i];
}

/* "inf" or "infinity" with an optional sign; blanks are not allowed here. */
static bool read_infinity(sv_str s, double *out)
{
    bool negative = take_sign(&s);
    if (!is_word(s, "inf") && !is_word(s, "infinity"))
        return false;
    *out = negative ? -(double)INFINITY : (double)INFINITY;
    return true;
}

/* ---- short numbers, eight characters at once ---- */

#define ONES 0x0101010101010101u
#define HIGHS 0x8080808080808080u

/* Four characters, the first in the lowest byte. */
static inline uint64_t load_four(const char *p)
{
    uint32_t word;
    memcpy(&word, p, 4);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap32(word);
#endif
    return word;
}

/* 1 to 8 characters, the first in the lowest byte, zero behind them; no byte outside is touched. */
static inline uint64_t load_word(const char *p, size_t n)
{
    if (n >= 4)
        return load_four(p) | load_four(p + n - 4) << (8 * (n - 4));
    uint64_t first = (unsigned char)p[0], middle = (unsigned char)p[n / 2], last = (unsigned char)p[n - 1];
    return first | middle << (8 * (n / 2)) | last << (8 * (n - 1));
}

/* The value of n <= 8 digits in `word`; false when one of them is not a digit. */
static inline bool eight_digits(uint64_t word, unsigned n, uint64_t *out)
{
    if (n == 0)
        return false;
    if (n < 8)
        word = word << (8 * (8 - n)) | ('0' * ONES) >> (8 * n);
    if (((word & (0xf0 * ONES)) | ((word + 6 * ONES) & (0xf0 * ONES)) >> 4) != 0x33 * ONES)
        return false;
    word = ((word & (0x0f * ONES)) * 2561) >> 8;
    word = ((word & 0x00ff00ff00ff00ffu) * 6553601) >> 16;
    *out = ((word & 0x0000ffff0000ffffu) * 42949672960001u) >> 32;
    return true;
}

/* The high bit of each byte that is a point. */
static inline uint64_t find_points(uint64_t word)
{
    uint64_t x = word ^ ('.' * ONES);
    return ~(((x & ~HIGHS) + ~HIGHS) | x) & HIGHS;
}

/* Up to 8 characters: digits and at most one point. */
static inline bool read_word(sv_str s, uint64_t *mantissa, unsigned *n_decimals)
{
    uint64_t word = load_word(s.p, s.n), point = find_points(word);
    unsigned n = (unsigned)s.n;
    *n_decimals = 0;
    if (point) {
        unsigned at = (unsigned)__builtin_ctzll(point) & ~7u; /* in bits */
        uint64_t before = ((uint64_t)1 << at) - 1;
        word = (word & before) | (word >> 8 & ~before);
        n--;
        *n_decimals = n - at / 8;
    }
    return eight_digits(word, n, mantissa);
}

/* 9 to 16 characters, at most 15 of them digits. */
static inline bool read_long(sv_str s, uint64_t *mantissa, unsigned *n_decimals)
{
    const char *end = s.p + s.n, *point = NULL;
    uint64_t value = 0;
    for (const char *p = s.p; p < end; p++) {
        if (is_digit(*p))
            value = value * 10 + (uint64_t)(*p - '0');
        else if (*p == '.' && !point)
            point = p;
        else
            return false;
    }
    *mantissa = value;
    *n_decimals = point ? (unsigned)(end - point - 1) : 0;
    return s.n - (point ? 1 : 0) <= 15;
}

/*
 * The common case: up to 15 digits, an optional point, no exponent, no blanks. Mantissa and power of ten are exact
 * doubles then, so one division rounds correctly and both readers agree.
 */
static inline bool read_short(sv_str s, double *out)
{
    uint64_t mantissa;
    unsigned n_decimals;
    bool negative = take_sign(&s);
    if (s.n == 0 || s.n > 16)
        return false;
    if (!(s.n <= 8 ? read_word(s, &mantissa, &n_decimals) : read_long(s, &mantissa, &n_decimals)))
        return false;
    *out = with_sign(mantissa, negative) / POWERS[n_decimals];
    return true;
}

/* The mantissa of `legacy`: digits in a double, and the power of ten that is still to be applied. */
typedef struct legacy_scan {
    double number;
    int n_digits;
    uint32_t exponent; /* an int that wraps */
} legacy_scan;

static inline void add_digit(legacy_scan *scan, char c)
{
    scan->number = scan->number * 10. + (c - '0');
    scan->n_digits++;
}

static const char *scan_mantissa(const char *p, const char *end, legacy_scan *scan)
{
    for (; p < end && is_digit(*p); p++) {
        if (scan->n_digits < LEGACY_DIGITS)
            add_digit(scan, *p);
        else
            scan->exponent++;
    }
    if (p == end || *p != '.')
        return p;
    for (p++; p < end && is_digit(*p); p++) {
        if (scan->n_digits == LEGACY_DIGITS)
            continue;
        add_digit(scan, *p);
        scan->exponent--;
    }
    return p;
}

/* "e", a sign, at most 17 digits; without digits nothing is taken. */
static const char *scan_exponent(const char *p, const char *end, legacy_scan *scan)
{
    if (p == end || (*p != 'e' && *p != 'E'))
        return p;
    const char *q = p + 1;
    bool negative = q < end && *q == '-';
    if (q < end && (*q == '-' || *q == '+'))
        q++;
    uint32_t n = 0;
    const char *first = q;
    for (; q < end && is_digit(*q) && q - first < LEGACY_DIGITS; q++)
        n = n * 10 + (uint32_t)(*q - '0');
    if (q == first)
        return p;
    scan->exponent += negative ? 0u - n : n;
    return q;
}

/* False for an overflow. */
static bool scale(double number, int32_t exponent, double *out)
{
    if (exponent > 308)
        return false;
    if (exponent > 0)
        number *= POWERS[exponent];
    else if (exponent >= -308)
        number /= POWERS[-exponent];
    else if (exponent >= -616)
        number = number / POWERS[-308 - exponent] / POWERS[308];
    else
        number = 0;
    *out = number;
    return number < (double)INFINITY && number > -(double)INFINITY;
}

bool sv_csv_double_legacy(sv_str cell, double *out)
{
    if (read_short(cell, out))
        return true;
    sv_str s = trim(cell);
    legacy_scan scan = {0};
    bool negative = take_sign(&s);
    const char *end = s.p + s.n, *p = scan_mantissa(s.p, end, &scan);
    if (scan.n_digits == 0)
        return read_infinity(cell, out);
    p = scan_exponent(p, end, &scan);
    return p == end && scale(negative ? -scan.number : scan.number, (int32_t)scan.exponent, out);
}

/*
 * Numbers with a '+' and blanks around them take another way in pandas 3.1: its exact parser refuses them, and the
 * older one reads them, improved to gather 17 significant digits in an integer, and with C's strtol for the exponent
 * (blanks before it).
 */
typedef struct plus_scan {
    uint64_t mantissa;
    int64_t exponent;
    unsigned n_digits; /* significant ones, at most 17 */
    bool seen;         /* some digit, even a zero */
} plus_scan;

static const char *scan_plus_digits(const char *p, const char *end, bool behind_point, plus_scan *scan)
{
    for (; p < end && is_digit(*p); p++) {
        bool kept = scan->n_digits < LEGACY_DIGITS;
        scan->seen = true;
        if (kept) {
            scan->mantissa = scan->mantissa * 10 + (uint64_t)(*p - '0');
            scan->n_digits += scan->mantissa != 0;
        }
        if (behind_point && kept)
            scan->exponent--;
        else if (!behind_point && !kept)
            scan->exponent++;
    }
    return p;
}

/* strtol clamps; an exponent beyond all doubles is as good as that. */
static const char *scan_plus_exponent(const char *p, const char *end, plus_scan *scan)
{
    static const int64_t CLAMP = INT64_MAX / 4;
    sv_str s = {p + 1, (size_t)(end - p - 1)};
    while (s.n && is_space(s.p[0]))
        s = (sv_str){s.p + 1, s.n - 1};
    bool negative = take_sign(&s);
    int64_t n = 0;
    const char *q = s.p;
    for (; q < end && is_digit(*q); q++)
        n = n < CLAMP / 10 ? n * 10 + (*q - '0') : CLAMP;
    if (q == s.p)
        return p;
    scan->exponent += negative ? -n : n;
    return q;
}

static bool read_plus(sv_str s, double *out)
{
    plus_scan scan = {0};
    const char *end = s.p + s.n, *p = scan_plus_digits(s.p + 1, end, false, &scan);
    if (p < end && *p == '.')
        p = scan_plus_digits(p + 1, end, true, &scan);
    if (!scan.seen)
        return false;
    if (p < end && (*p == 'e' || *p == 'E'))
        p = scan_plus_exponent(p, end, &scan);
    if (p != end)
        return false;
    double number = (double)scan.mantissa;
    if (scan.exponent > 308)
        *out = scan.mantissa ? (double)INFINITY : 0;
    else
        scale(number, scan.exponent < -617 ? -617 : (int32_t)scan.exponent, out);
    return true;
}

bool sv_csv_double_exact(sv_str cell, double *out)
{
    if (read_short(cell, out))
        return true;
    sv_str s = trim(cell);
    if (s.n == 0 || s.p[0] != '+')
        return sv_text_to_double(s, out) || read_infinity(cell, out);
    bool is_plain = s.n == cell.n && s.n > 1 && s.p[1] != '-';
    if (is_plain && sv_text_to_double((sv_str){s.p + 1, s.n - 1}, out))
        return true;
    return read_plus(s, out) || read_infinity(cell, out);
}

/* Digits to the end of `s` into `magnitude`; what is left in `s` is not a digit, or did not fit. */
static bool take_digits(sv_str *s, uint64_t max, uint64_t *magnitude)
{
    uint64_t value = 0;
    for (; s->n && is_digit(s->p[0]); *s = (sv_str){s->p + 1, s->n - 1}) {
        uint64_t digit = (uint64_t)(s->p[0] - '0');
        if (value > (max - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *magnitude = value;
    return true;
}

static bool all_digits(sv_str s)
{
    while (s.n && is_digit(s.p[0]))
        s = (sv_str){s.p + 1, s.n - 1};
    return s.n == 0;
}

static sv_csv_int take_magnitude(sv_str s, bool legacy, uint64_t max, uint64_t *out)
{
    if (s.n == 0 || !is_digit(s.p[0]))
        return SV_CSV_INT_NONE;
    if (!take_digits(&s, max, out))
        return legacy || all_digits(s) ? SV_CSV_INT_TOO_BIG : SV_CSV_INT_NONE;
    while (s.n && is_space(s.p[0]))
        s = (sv_str){s.p + 1, s.n - 1};
    return s.n == 0 ? SV_CSV_INT_OK : SV_CSV_INT_NONE;
}

static inline sv_str skip_space(sv_str s)
{
    while (s.n && is_space(s.p[0]))
        s = (sv_str){s.p + 1, s.n - 1};
    return s;
}

sv_csv_int sv_csv_int64(sv_str cell, bool legacy, int64_t *out)
{
    sv_str s = cell;
    bool negative = take_sign(&s);
    uint64_t magnitude = 0;
    if (s.n && s.n <= 8 && eight_digits(load_word(s.p, s.n), (unsigned)s.n, &magnitude)) {
        *out = negative ? -(int64_t)magnitude : (int64_t)magnitude;
        return SV_CSV_INT_OK;
    }
    s = skip_space(cell);
    negative = take_sign(&s);
    sv_csv_int got = take_magnitude(s, legacy, (uint64_t)INT64_MAX + negative, &magnitude);
    if (got == SV_CSV_INT_OK)
        *out = (int64_t)(negative ? 0u - magnitude : magnitude);
    return got;
}

sv_csv_int sv_csv_uint64(sv_str cell, bool legacy, uint64_t *out, bool *is_negative)
{
    sv_str s = skip_space(cell);
    *is_negative = s.n > 0 && s.p[0] == '-';
    *out = 0;
    if (*is_negative)
        return SV_CSV_INT_OK;
    take_sign(&s);
    return take_magnitude(s, legacy, UINT64_MAX, out);
}

bool sv_csv_bigint(sv_str cell, char *out, size_t *n)
{
    sv_str s = trim(cell);
    size_t n_out = 0, n_digits = 0;
    bool negative = take_sign(&s), after_digit = false, seen_nonzero = false;
    if (negative)
        out[n_out++] = '-';
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '_' ? !after_digit : !is_digit(s.p[i]))
            return false;
        after_digit = s.p[i] != '_';
        if (!after_digit)
            continue;
        n_digits++;
        seen_nonzero = seen_nonzero || s.p[i] != '0';
        if (seen_nonzero)
            out[n_out++] = s.p[i];
    }
    if (!after_digit || n_digits > BIGINT_DIGITS)
        return false;
    if (!seen_nonzero)
        out[0] = '0';
    *n = seen_nonzero ? n_out : 1;
    return true;
}
