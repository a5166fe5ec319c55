#include "base/number.h"

#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <system_error>

namespace {

/* Digits of "d.ddde±XX" as std::to_chars writes them, taken apart. */
struct Scientific {
    char digits[24];
    size_t n_digits;
    int exponent;
};

template <typename Float> Scientific take_apart(Float value)
{
    char text[48];
    auto end = std::to_chars(text, text + sizeof text, value, std::chars_format::scientific).ptr;
    Scientific s = {{0}, 0, 0};
    const char *p = text;
    for (; p < end && *p != 'e'; p++)
        if (*p != '.')
            s.digits[s.n_digits++] = *p;
    bool negative = p + 1 < end && p[1] == '-';
    for (p += 2; p < end; p++)
        s.exponent = s.exponent * 10 + (*p - '0');
    if (negative)
        s.exponent = -s.exponent;
    return s;
}

size_t put(char *out, const char *text, size_t n)
{
    std::memcpy(out, text, n);
    return n;
}

size_t put_exponent(const Scientific &s, char *out)
{
    size_t n = 0;
    out[n++] = s.digits[0];
    if (s.n_digits > 1) {
        out[n++] = '.';
        n += put(out + n, s.digits + 1, s.n_digits - 1);
    }
    out[n++] = 'e';
    out[n++] = s.exponent < 0 ? '-' : '+';
    int e = s.exponent < 0 ? -s.exponent : s.exponent;
    if (e >= 100)
        out[n++] = static_cast<char>('0' + e / 100);
    out[n++] = static_cast<char>('0' + e / 10 % 10);
    out[n++] = static_cast<char>('0' + e % 10);
    return n;
}

size_t put_positional(const Scientific &s, char *out)
{
    size_t n = 0;
    if (s.exponent < 0) {
        n += put(out, "0.", 2);
        for (int i = -1; i > s.exponent; i--)
            out[n++] = '0';
        return n + put(out + n, s.digits, s.n_digits);
    }
    size_t whole = static_cast<size_t>(s.exponent) + 1;
    for (size_t i = 0; i < whole; i++)
        out[n++] = i < s.n_digits ? s.digits[i] : '0';
    out[n++] = '.';
    if (s.n_digits > whole)
        return n + put(out + n, s.digits + whole, s.n_digits - whole);
    out[n++] = '0';
    return n;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* The grammar is checked here, because std::from_chars also takes "inf", "nan" and a prefix of the text. */
bool is_decimal(sv_str text)
{
    size_t i = text.n && text.p[0] == '-' ? 1 : 0, start = i;
    while (i < text.n && is_digit(text.p[i]))
        i++;
    size_t n_digits = i - start;
    if (i < text.n && text.p[i] == '.') {
        start = ++i;
        while (i < text.n && is_digit(text.p[i]))
            i++;
        n_digits += i - start;
    }
    if (n_digits == 0)
        return false;
    if (i < text.n && (text.p[i] == 'e' || text.p[i] == 'E')) {
        i++;
        if (i < text.n && (text.p[i] == '+' || text.p[i] == '-'))
            i++;
        start = i;
        while (i < text.n && is_digit(text.p[i]))
            i++;
        if (i == start)
            return false;
    }
    return i == text.n;
}

/* std::from_chars leaves the value alone when it is out of range and does not say which way. */
template <typename Float> Float out_of_range(sv_str text)
{
    bool negative = text.p[0] == '-';
    long long exponent = 0, point = 0;
    bool seen_point = false, seen_nonzero = false;
    for (size_t i = negative ? 1 : 0; i < text.n; i++) {
        char c = text.p[i];
        if (c == '.') {
            seen_point = true;
        } else if (c == 'e' || c == 'E') {
            bool minus = text.p[i + 1] == '-';
            for (size_t j = i + 1; j < text.n; j++)
                if (is_digit(text.p[j]) && exponent < 1000000000)
                    exponent = exponent * 10 + (text.p[j] - '0');
            exponent = minus ? -exponent : exponent;
            break;
        } else {
            seen_nonzero = seen_nonzero || c != '0';
            if (!seen_point && seen_nonzero)
                point++;
            else if (seen_point && !seen_nonzero)
                point--;
        }
    }
    Float value = exponent + point > 0 ? std::numeric_limits<Float>::infinity() : Float(0);
    return negative ? -value : value;
}

template <typename Float> Float from_decimal(sv_str text)
{
    Float value = 0;
    auto result = std::from_chars(text.p, text.p + text.n, value, std::chars_format::general);
    return result.ec == std::errc::result_out_of_range ? out_of_range<Float>(text) : value;
}

template <typename Float> bool from_text(sv_str text, Float *out)
{
    if (!is_decimal(text))
        return false;
    *out = from_decimal<Float>(text);
    return true;
}

template <typename Float> size_t to_text(Float value, char *out)
{
    size_t n = 0;
    if (std::isnan(value))
        return put(out, "nan", 3);
    if (std::signbit(value)) {
        out[n++] = '-';
        value = -value;
    }
    if (std::isinf(value))
        return n + put(out + n, "inf", 3);
    Scientific s = take_apart(value);
    if (s.exponent < -4 || s.exponent >= 16)
        return n + put_exponent(s, out + n);
    return n + put_positional(s, out + n);
}

} // namespace

size_t sv_double_to_text(double value, char *out) { return to_text(value, out); }
size_t sv_float_to_text(float value, char *out) { return to_text(value, out); }
double sv_decimal_to_double(sv_str text) { return from_decimal<double>(text); }
bool sv_text_to_double(sv_str text, double *out) { return from_text(text, out); }
bool sv_text_to_float(sv_str text, float *out) { return from_text(text, out); }
