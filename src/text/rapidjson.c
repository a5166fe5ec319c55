#include "text/rapidjson.h"

#include "base/number.h"

#define EXACT_MAX UINT64_C(0x1fffffffffffff) /* 2^53 - 1: more digits of a fraction are added as doubles */
#define DIGITS_MAX 17
#define POWER_MAX 308
#define EXPONENT_MAX 100000 /* any more changes nothing */

/* A number on its way. */
typedef struct number {
    const char *p, *end;
    uint64_t whole;
    double value; /* once is_double */
    bool is_double;
    int n_digits, exponent;
} number;

static bool is_digit(const number *n) { return n->p < n->end && (unsigned char)(*n->p - '0') < 10; }

static double power_of_ten(int n)
{
    char text[8] = {'1', 'e', (char)('0' + n / 100), (char)('0' + n / 10 % 10), (char)('0' + n % 10)};
    double value = 1;
    (void)sv_text_to_double((sv_str){text, 5}, &value);
    return value;
}

static void read_whole(number *n, bool is_negative)
{
    /* What the next digit must not exceed so that 64 bits, signed for negative numbers, still hold it. */
    uint64_t last = is_negative ? UINT64_C(0x0ccccccccccccccc) : UINT64_C(0x1999999999999999);
    char most = is_negative ? '8' : '5';
    for (; is_digit(n); n->p++) {
        if (!n->is_double && (n->whole > last || (n->whole == last && *n->p > most))) {
            n->value = (double)n->whole;
            n->is_double = true;
        }
        if (n->is_double)
            n->value = n->value * 10.0 + (*n->p - '0');
        else
            n->whole = n->whole * 10 + (uint64_t)(*n->p - '0');
        n->n_digits++;
    }
    if (n->n_digits > 0)
        n->n_digits--; /* RapidJSON does not count the first one */
}

static void read_fraction(number *n)
{
    for (; !n->is_double && n->whole <= EXACT_MAX && is_digit(n); n->p++) {
        n->whole = n->whole * 10 + (uint64_t)(*n->p - '0');
        n->exponent--;
        n->n_digits += n->whole != 0;
    }
    if (!n->is_double)
        n->value = (double)n->whole;
    n->is_double = true;
    for (; is_digit(n); n->p++) {
        if (n->n_digits >= DIGITS_MAX)
            continue;
        n->value = n->value * 10.0 + (*n->p - '0');
        n->exponent--;
        n->n_digits += n->value > 0.0;
    }
}

static int read_exponent(number *n)
{
    bool is_negative = n->p < n->end && *n->p == '-';
    int exponent = 0;
    if (n->p < n->end && (*n->p == '-' || *n->p == '+'))
        n->p++;
    for (; is_digit(n); n->p++)
        exponent = exponent < EXPONENT_MAX ? exponent * 10 + (*n->p - '0') : exponent;
    return is_negative ? -exponent : exponent;
}

static double scale(double value, int power)
{
    if (power < -POWER_MAX)
        return 0.0;
    if (power > POWER_MAX) /* RapidJSON refuses the number; only 0 stays what it is */
        return value * power_of_ten(POWER_MAX) * power_of_ten(POWER_MAX);
    return power >= 0 ? value * power_of_ten(power) : value / power_of_ten(-power);
}

double sv_rapidjson_double(sv_str text)
{
    bool is_negative = text.n > 0 && text.p[0] == '-';
    number n = {.p = text.p + is_negative, .end = text.p + text.n};
    read_whole(&n, is_negative);
    if (n.p < n.end && *n.p == '.') {
        n.p++;
        read_fraction(&n);
    }
    if (!n.is_double)
        n.value = (double)n.whole;
    if (n.p < n.end) { /* 'e' */
        n.p++;
        n.exponent += read_exponent(&n);
    }
    double value = n.exponent < -POWER_MAX ? scale(scale(n.value, -POWER_MAX), n.exponent + POWER_MAX)
                                           : scale(n.value, n.exponent);
    return is_negative ? -value : value;
}
