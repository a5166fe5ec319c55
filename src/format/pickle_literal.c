#include "base/number.h"
#include "format/pickle_priv.h"

#include <math.h>

#define DIGITS_MAX 4300 /* as CPython has it */

/* ---- None, bool, int ---- */

savor_status sv_pickle_op_none(sv_pickle *v) { return sv_pickle_push(v, v->none); }
savor_status sv_pickle_op_true(sv_pickle *v) { return sv_pickle_push(v, v->yes); }
savor_status sv_pickle_op_false(sv_pickle *v) { return sv_pickle_push(v, v->no); }

static savor_status push_int(sv_pickle *v, int64_t value)
{
    sv_record *r;
    savor_status st = sv_pickle_make_int(v, value, &r);
    return st ? st : sv_pickle_push(v, r);
}

static savor_status push_long(sv_pickle *v, sv_str bytes)
{
    sv_record *r;
    savor_status st = sv_pickle_make_long(v, (const uint8_t *)bytes.p, bytes.n, &r);
    return st ? st : sv_pickle_push(v, r);
}

savor_status sv_pickle_op_binint(sv_pickle *v)
{
    uint64_t bits;
    savor_status st = sv_pickle_take_uint(v, 4, &bits);
    return st ? st : push_int(v, (int32_t)(uint32_t)bits);
}

savor_status sv_pickle_op_binint1(sv_pickle *v)
{
    uint64_t bits;
    savor_status st = sv_pickle_take_uint(v, 1, &bits);
    return st ? st : push_int(v, (int64_t)bits);
}

savor_status sv_pickle_op_binint2(sv_pickle *v)
{
    uint64_t bits;
    savor_status st = sv_pickle_take_uint(v, 2, &bits);
    return st ? st : push_int(v, (int64_t)bits);
}

savor_status sv_pickle_op_long1(sv_pickle *v)
{
    sv_str bytes;
    savor_status st = sv_pickle_take_counted(v, 1, &bytes);
    return st ? st : push_long(v, bytes);
}

/* The length is signed; a negative one is larger than any file. */
savor_status sv_pickle_op_long4(sv_pickle *v)
{
    sv_str bytes;
    savor_status st = sv_pickle_take_counted(v, 4, &bytes);
    if (!st && bytes.n > INT32_MAX)
        st = sv_pickle_fault(v, "a length was negative");
    return st ? st : push_long(v, bytes);
}

/* Multiply by `factor` and add, on words from the lowest. */
static void push_digits(uint32_t *words, size_t n, uint32_t factor, uint32_t digits)
{
    uint64_t carry = digits;
    for (size_t i = 0; i < n; i++) {
        carry += (uint64_t)words[i] * factor;
        words[i] = (uint32_t)carry;
        carry >>= 32;
    }
}

static void negate(uint32_t *words, size_t n)
{
    uint64_t carry = 1;
    for (size_t i = 0; i < n; i++) {
        carry += (uint32_t)~words[i];
        words[i] = (uint32_t)carry;
        carry >>= 32;
    }
}

/* Decimal digits of any number up to DIGITS_MAX; nine digits and a sign take less than a word. */
static savor_status push_decimal(sv_pickle *v, sv_str text)
{
    uint32_t words[DIGITS_MAX / 9 + 1] = {0};
    bool is_negative = text.n && text.p[0] == '-';
    sv_str digits = is_negative ? (sv_str){text.p + 1, text.n - 1} : text;
    size_t n = digits.n / 9 + 1;
    if (digits.n == 0 || digits.n > DIGITS_MAX)
        return sv_pickle_fault(v, "an integer without digits, or with too many");
    for (size_t i = 0; i < digits.n;) {
        uint32_t factor = 1, group = 0;
        for (; factor < 1000000000 && i < digits.n; i++, factor *= 10) {
            if (digits.p[i] < '0' || digits.p[i] > '9')
                return sv_pickle_fault(v, "an integer with other than digits");
            group = group * 10 + (uint32_t)(digits.p[i] - '0');
        }
        push_digits(words, n, factor, group);
    }
    if (is_negative)
        negate(words, n);
    return push_long(v, (sv_str){(const char *)words, n * sizeof *words}); /* little-endian, as all of savor is */
}

/* "00" and "01" are bools. */
savor_status sv_pickle_op_int(sv_pickle *v)
{
    sv_str line;
    savor_status st = sv_pickle_take_line(v, &line);
    if (st)
        return st;
    if (sv_str_is(line, "00") || sv_str_is(line, "01"))
        return sv_pickle_push(v, line.p[1] == '1' ? v->yes : v->no);
    return push_decimal(v, line);
}

savor_status sv_pickle_op_long(sv_pickle *v)
{
    sv_str line;
    savor_status st = sv_pickle_take_line(v, &line);
    if (!st && line.n && line.p[line.n - 1] == 'L')
        line.n--;
    return st ? st : push_decimal(v, line);
}

/* ---- float ---- */

static savor_status push_float(sv_pickle *v, double value)
{
    sv_record *r;
    savor_status st = sv_pickle_make(v, SV_RECORD_FLOAT, &r);
    if (st)
        return st;
    r->u.f = value;
    return sv_pickle_push(v, r);
}

savor_status sv_pickle_op_binfloat(sv_pickle *v)
{
    uint64_t bits;
    double value;
    savor_status st = sv_pickle_take_uint(v, 8, &bits);
    bits = __builtin_bswap64(bits);
    memcpy(&value, &bits, sizeof value);
    return st ? st : push_float(v, value);
}

savor_status sv_pickle_op_float(sv_pickle *v)
{
    sv_str line;
    double value;
    savor_status st = sv_pickle_take_line(v, &line);
    if (st)
        return st;
    bool is_negative = line.n && line.p[0] == '-';
    sv_str size = is_negative ? (sv_str){line.p + 1, line.n - 1} : line;
    if (sv_str_is(size, "inf") || sv_str_is(size, "nan"))
        value = size.p[0] == 'i' ? (is_negative ? -INFINITY : INFINITY) : NAN;
    else if (!sv_text_to_double(line, &value))
        return sv_pickle_fault(v, "a float that is no number");
    return push_float(v, value);
}

/* ---- bytes and text ---- */

static savor_status push_part(sv_pickle *v, size_t n)
{
    sv_part *part;
    sv_record *r;
    savor_status st = sv_pickle_take_part(v, n, &part);
    if (!st)
        st = sv_pickle_make_part(v, part, &r);
    return st ? st : sv_pickle_push(v, r);
}

static savor_status push_counted(sv_pickle *v, sv_record_kind kind, size_t width)
{
    size_t n;
    const uint8_t *p = NULL;
    sv_record *r;
    savor_status st = sv_pickle_take_length(v, width, &n);
    if (!st && kind == SV_RECORD_BYTES && sv_source_has_parts(v->limits.source, n))
        return push_part(v, n);
    if (!st)
        st = sv_pickle_take(v, n, &p);
    sv_str bytes = {(const char *)p, n};
    if (!st && kind == SV_RECORD_TEXT && !sv_utf8_check_surrogates(bytes.p, bytes.n))
        st = sv_pickle_fault(v, "a text that is not UTF-8");
    if (!st)
        st = sv_pickle_make_bytes(v, kind, bytes, &r);
    return st ? st : sv_pickle_push(v, r);
}

savor_status sv_pickle_op_short_binbytes(sv_pickle *v) { return push_counted(v, SV_RECORD_BYTES, 1); }
savor_status sv_pickle_op_binbytes(sv_pickle *v) { return push_counted(v, SV_RECORD_BYTES, 4); }
savor_status sv_pickle_op_binbytes8(sv_pickle *v) { return push_counted(v, SV_RECORD_BYTES, 8); }
savor_status sv_pickle_op_short_binunicode(sv_pickle *v) { return push_counted(v, SV_RECORD_TEXT, 1); }
savor_status sv_pickle_op_binunicode(sv_pickle *v) { return push_counted(v, SV_RECORD_TEXT, 4); }
savor_status sv_pickle_op_binunicode8(sv_pickle *v) { return push_counted(v, SV_RECORD_TEXT, 8); }

/* Python 2's str: each byte is a character. */
static savor_status push_latin1(sv_pickle *v, sv_str bytes)
{
    sv_record *r;
    savor_status st = sv_pickle_make(v, SV_RECORD_TEXT, &r);
    size_t size = 0;
    for (size_t i = 0; i < bytes.n; i++)
        size += (uint8_t)bytes.p[i] < 0x80 ? 1 : 2;
    char *text = st ? NULL : sv_arena_alloc(v->arena, size + 1);
    if (!text)
        return st ? st : sv_arena_fail(v->arena, size + 1, v->err);
    for (size_t i = 0; i < bytes.n; i++)
        r->n += sv_utf8_put((uint8_t)bytes.p[i], text + r->n);
    text[r->n] = '\0';
    r->u.p = text;
    return sv_pickle_push(v, r);
}

static savor_status push_latin1_counted(sv_pickle *v, size_t width)
{
    sv_str bytes;
    savor_status st = sv_pickle_take_counted(v, width, &bytes);
    if (!st && bytes.n > INT32_MAX)
        st = sv_pickle_fault(v, "a length was negative");
    return st ? st : push_latin1(v, bytes);
}

savor_status sv_pickle_op_short_binstring(sv_pickle *v) { return push_latin1_counted(v, 1); }
savor_status sv_pickle_op_binstring(sv_pickle *v) { return push_latin1_counted(v, 4); }

/* `n` hexadecimal digits. */
static bool read_hex(sv_str s, size_t at, size_t n, uint32_t *out)
{
    *out = 0;
    if (n > s.n - at)
        return false;
    for (size_t i = 0; i < n; i++) {
        int digit = sv_hex_digit(s.p[at + i]);
        if (digit < 0)
            return false;
        *out = *out << 4 | (uint32_t)digit;
    }
    return true;
}

/* One escape of Python 2's repr of a str at `at`, behind the backslash; how many characters it took, 0 for none. */
static size_t read_escape(sv_str s, size_t at, char *out)
{
    static const char NAMES[] = "\\'\"abfnrtv", MEANT[] = "\\'\"\a\b\f\n\r\t\v";
    uint32_t code;
    if (at == s.n)
        return 0;
    const char *found = memchr(NAMES, s.p[at], sizeof NAMES - 1);
    if (found) {
        *out = MEANT[found - NAMES];
        return 1;
    }
    if (s.p[at] != 'x' || !read_hex(s, at + 1, 2, &code))
        return 0;
    *out = (char)code;
    return 3;
}

/* A quoted str with escapes, as Python 2's repr writes it. */
savor_status sv_pickle_op_string(sv_pickle *v)
{
    sv_str s;
    size_t n = 0;
    savor_status st = sv_pickle_take_line(v, &s);
    if (st)
        return st;
    if (s.n < 2 || (s.p[0] != '\'' && s.p[0] != '"') || s.p[s.n - 1] != s.p[0])
        return sv_pickle_fault(v, "a str without quotes");
    s = (sv_str){s.p + 1, s.n - 2};
    char *bytes = sv_arena_alloc(v->arena, s.n);
    if (!bytes)
        return sv_arena_fail(v->arena, s.n, v->err);
    for (size_t i = 0; i < s.n; n++) {
        size_t took = 1;
        bytes[n] = s.p[i];
        if (s.p[i] == '\\' && (took = 1 + read_escape(s, i + 1, &bytes[n])) == 1)
            return sv_pickle_fault(v, "a str with an unknown escape");
        i += took;
    }
    return push_latin1(v, (sv_str){bytes, n});
}

/* A code point in Python's raw-unicode-escape; 0: not of that form. */
static size_t read_raw_unicode(sv_str s, size_t at, uint32_t *out)
{
    *out = (uint8_t)s.p[at];
    if (s.p[at] != '\\' || at + 1 == s.n || (s.p[at + 1] != 'u' && s.p[at + 1] != 'U'))
        return 1;
    size_t n = s.p[at + 1] == 'u' ? 4 : 8;
    return read_hex(s, at + 2, n, out) && *out <= 0x10ffff ? n + 2 : 0;
}

savor_status sv_pickle_op_unicode(sv_pickle *v)
{
    sv_str line;
    sv_record *r = NULL;
    uint32_t c;
    savor_status st = sv_pickle_take_line(v, &line);
    if (!st)
        st = sv_pickle_make(v, SV_RECORD_TEXT, &r);
    char *text = st ? NULL : sv_arena_alloc(v->arena, 2 * line.n + 1); /* a byte gives two at most, an escape four */
    if (!text)
        return st ? st : sv_arena_fail(v->arena, 2 * line.n + 1, v->err);
    for (size_t i = 0; i < line.n;) {
        size_t took = read_raw_unicode(line, i, &c);
        if (!took)
            return sv_pickle_fault(v, "a text with a broken escape");
        r->n += sv_utf8_put(c, text + r->n);
        i += took;
    }
    text[r->n] = '\0';
    r->u.p = text;
    return sv_pickle_push(v, r);
}
