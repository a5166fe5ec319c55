#include "text/ujson.h"

#include <math.h>

#define DECIMALS_MAX 15

static const double NEGATIVE_POWERS[DECIMALS_MAX + 1] = {1.0,  1e-1, 1e-2,  1e-3,  1e-4,  1e-5,  1e-6,  1e-7,
                                                         1e-8, 1e-9, 1e-10, 1e-11, 1e-12, 1e-13, 1e-14, 1e-15};

static bool is_digit(char c) { return (unsigned char)(c - '0') < 10; }

double sv_ujson_double(sv_str text)
{
    const char *p = text.p, *end = text.p + text.n;
    double sign = 1.0, fraction = 0.0, exponent = 0.0, exponent_sign = 1.0;
    uint64_t whole = 0;
    int n_decimals = 0;
    if (p < end && *p == '-') {
        sign = -1.0;
        p++;
    }
    for (; p < end && is_digit(*p); p++)
        whole = whole * 10 + (uint64_t)(*p - '0');
    if (p < end && *p == '.')
        for (p++; p < end && is_digit(*p); p++)
            if (n_decimals < DECIMALS_MAX) {
                fraction = fraction * 10.0 + (double)(*p - '0');
                n_decimals++;
            }
    double value = ((double)whole + fraction * NEGATIVE_POWERS[n_decimals]) * sign;
    if (p >= end)
        return value;
    p++; /* 'e' */
    if (p < end && (*p == '-' || *p == '+'))
        exponent_sign = *p++ == '-' ? -1.0 : 1.0;
    for (; p < end && is_digit(*p); p++)
        exponent = exponent * 10.0 + (double)(*p - '0');
    return value * pow(10.0, exponent * exponent_sign);
}

bool sv_ujson_takes(sv_str text)
{
    bool negative = text.n && text.p[0] == '-';
    uint64_t value = 0;
    for (size_t i = negative; i < text.n; i++) {
        uint64_t next = value * 10 + (uint64_t)(text.p[i] - '0');
        if (negative ? next > (uint64_t)1 << 63 : value > next)
            return false;
        value = next;
    }
    return true;
}
