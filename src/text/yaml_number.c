/* yaml_number.c: YAML 1.1 integers and floats as PyYAML's constructor reads them, integers of any size. */
#include "base/alloc.h"
#include "base/number.h"
#include "text/yaml_priv.h"

#include <math.h>

/* Python's int() and str() refuse more decimal digits than these. */
enum { MAX_DIGITS = 4300, LIMB_DIGITS = 9, LIMB = 1000000000, MAX_LIMBS = (MAX_DIGITS + 8) / LIMB_DIGITS + 1 };

/* A natural number in base 10^9, least limb first. */
typedef struct big {
    uint32_t limbs[MAX_LIMBS];
    size_t n;
} big;

/* v = v * factor + add; false when it gets longer than Python prints. */
static bool big_step(big *v, uint32_t factor, uint32_t add)
{
    uint64_t carry = add;
    for (size_t i = 0; i < v->n; i++) {
        uint64_t product = (uint64_t)v->limbs[i] * factor + carry;
        v->limbs[i] = (uint32_t)(product % LIMB);
        carry = product / LIMB;
    }
    while (carry) {
        if (v->n == MAX_LIMBS)
            return false;
        v->limbs[v->n++] = (uint32_t)(carry % LIMB);
        carry /= LIMB;
    }
    return true;
}

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : 99;
}

/* Digits of a base behind what is already in `v`; false for anything else, nothing, or too much. */
static bool big_digits(big *v, sv_str digits, uint32_t base)
{
    for (size_t i = 0; i < digits.n; i++) {
        int digit = digit_of(digits.p[i]);
        if (digit >= (int)base || !big_step(v, base, (uint32_t)digit))
            return false;
    }
    return digits.n > 0;
}

/* The number between colons: base 60, each part decimal. */
static bool big_sexagesimal(big *v, sv_str text)
{
    for (;;) {
        size_t colon = sv_str_find(text, ':');
        sv_str part = {text.p, colon};
        big value = {.n = 0};
        if (part.n > LIMB_DIGITS) {
            if (v->n || !big_digits(v, part, 10))
                return false;
        } else if (!big_digits(&value, part, 10) || !big_step(v, 60, value.n ? value.limbs[0] : 0)) {
            return false;
        }
        if (colon == text.n)
            return true;
        text = (sv_str){text.p + colon + 1, text.n - colon - 1};
    }
}

/* The decimal digits, at most MAX_LIMBS * LIMB_DIGITS of them; how many. */
static size_t big_text(const big *v, bool is_negative, char *out)
{
    size_t n = 0;
    if (is_negative && v->n)
        out[n++] = '-';
    size_t first = n;
    for (size_t i = v->n; i-- > 0;) {
        for (uint32_t unit = LIMB / 10; unit; unit /= 10) {
            char c = (char)('0' + v->limbs[i] / unit % 10);
            if (n > first || c != '0')
                out[n++] = c;
        }
    }
    if (n == first)
        out[n++] = '0';
    return n;
}

/* A copy without '_', with a NUL behind it. */
static char *copy_plain(sv_str text, size_t *n)
{
    char *copy = sv_alloc(text.n + 1);
    *n = 0;
    for (size_t i = 0; copy && i < text.n; i++) {
        if (text.p[i] != '_')
            copy[(*n)++] = text.p[i];
    }
    if (copy)
        copy[*n] = '\0';
    return copy;
}

/* PyYAML hands digits to Python's int(text, base), which takes a prefix of its own: "0o7" behind an explicit !!int.
 */
static sv_str without_prefix(sv_str s, char letter)
{
    bool has = s.n > 2 && s.p[0] == '0' && (s.p[1] | 0x20) == letter;
    return has ? (sv_str){s.p + 2, s.n - 2} : s;
}

static bool read_natural(sv_str s, big *v)
{
    if (sv_str_is(s, "0"))
        return true;
    if (sv_str_starts(s, SV_STR("0b")))
        return big_digits(v, without_prefix((sv_str){s.p + 2, s.n - 2}, 'b'), 2);
    if (sv_str_starts(s, SV_STR("0x")))
        return big_digits(v, without_prefix((sv_str){s.p + 2, s.n - 2}, 'x'), 16);
    if (s.n && s.p[0] == '0')
        return big_digits(v, without_prefix(s, 'o'), 8);
    if (sv_str_find(s, ':') < s.n)
        return big_sexagesimal(v, s);
    return s.n <= MAX_DIGITS && big_digits(v, sv_str_trim(s), 10);
}

static savor_status store_int(const big *v, bool is_negative, sv_arena *arena, sv_node *node, savor_error *err)
{
    char digits[MAX_LIMBS * LIMB_DIGITS + 1];
    size_t n = big_text(v, is_negative, digits);
    node->kind = SV_NODE_INT;
    if (sv_str_to_int64((sv_str){digits, n}, &node->i))
        return SAVOR_OK;
    if (n > MAX_DIGITS + (size_t)is_negative)
        return sv_fail(err, SAVOR_FORMAT, "integer had more than %d digits", (int)MAX_DIGITS);
    node->is_big = true;
    node->text = (sv_str){sv_arena_text(arena, digits, n), n};
    return node->text.p ? SAVOR_OK : sv_arena_fail(arena, n, err);
}

savor_status sv_yaml_int_read(sv_str text, sv_arena *arena, sv_node *node, savor_error *err)
{
    size_t n;
    char *copy = copy_plain(text, &n);
    if (!copy)
        return sv_fail_nomem(err, text.n + 1);
    bool has_sign = n && (copy[0] == '-' || copy[0] == '+');
    big v = {.n = 0};
    savor_status st;
    if (read_natural((sv_str){copy + has_sign, n - has_sign}, &v))
        st = store_int(&v, copy[0] == '-', arena, node, err);
    else
        st = sv_fail(err, SAVOR_FORMAT, "expected an integer, got \"%.*s\"", SV_FMT(text));
    sv_free(copy);
    return st;
}

/* Digits, optional fraction, optional exponent; at least one digit before the exponent. */
static bool is_decimal(sv_str s)
{
    size_t i = 0, n_digits = 0;
    for (; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++)
        n_digits++;
    if (i < s.n && s.p[i] == '.') {
        for (i++; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++)
            n_digits++;
    }
    if (n_digits == 0 || i == s.n || s.p[i] != 'e')
        return n_digits && i == s.n;
    i++;
    if (i < s.n && (s.p[i] == '-' || s.p[i] == '+'))
        i++;
    size_t from = i;
    while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9')
        i++;
    return i == s.n && i > from;
}

/* What Python's float() takes once blanks are off: decimal, inf, infinity, nan, with a sign. */
static bool read_python_float(sv_str s, double *out)
{
    s = sv_str_trim(s);
    bool is_negative = s.n && s.p[0] == '-';
    if (s.n && (s.p[0] == '-' || s.p[0] == '+'))
        s = (sv_str){s.p + 1, s.n - 1};
    if (sv_str_is(s, "inf") || sv_str_is(s, "infinity"))
        *out = INFINITY;
    else if (sv_str_is(s, "nan"))
        *out = NAN;
    else if (is_decimal(s))
        *out = sv_decimal_to_double(s);
    else
        return false;
    if (is_negative)
        *out = -*out;
    return true;
}

/* Parts from the last to the first, each times a power of 60, summed in that order. */
static bool read_sexagesimal_float(sv_str s, double *out)
{
    double base = 1.0, part = 0.0;
    *out = 0.0;
    for (;;) {
        size_t from = s.n;
        while (from && s.p[from - 1] != ':')
            from--;
        if (!read_python_float((sv_str){s.p + from, s.n - from}, &part) || isinf(base))
            return false;
        *out += part * base;
        base *= 60.0;
        if (from == 0)
            return true;
        s.n = from - 1;
    }
}

static bool read_float(sv_str s, double *out)
{
    if (sv_str_is(s, ".inf"))
        *out = INFINITY;
    else if (sv_str_is(s, ".nan"))
        *out = NAN;
    else if (sv_str_find(s, ':') < s.n)
        return read_sexagesimal_float(s, out);
    else
        return read_python_float(s, out);
    return true;
}

savor_status sv_yaml_float_read(sv_str text, sv_arena *arena, sv_node *node, savor_error *err)
{
    (void)arena;
    size_t n;
    char *copy = copy_plain(text, &n);
    if (!copy)
        return sv_fail_nomem(err, text.n + 1);
    for (size_t i = 0; i < n; i++) {
        if (copy[i] >= 'A' && copy[i] <= 'Z')
            copy[i] = (char)(copy[i] - 'A' + 'a');
    }
    bool has_sign = n && (copy[0] == '-' || copy[0] == '+');
    bool ok = n > 0 && read_float((sv_str){copy + has_sign, n - has_sign}, &node->f);
    if (ok && copy[0] == '-' && !isnan(node->f))
        node->f = -node->f;
    node->kind = SV_NODE_FLOAT;
    sv_free(copy);
    return ok ? SAVOR_OK : sv_fail(err, SAVOR_FORMAT, "expected a number, got \"%.*s\"", SV_FMT(text));
}
