/* catboost_cell.c: one cell -> a float, or the hash of a category, with the verdicts of _catboost.pyx. */
#include "base/number.h"
#include "data/convert.h"
#include "engine/city_hash.h"
#include "flavor/catboost_rows.h"

#include <math.h>

#define DIGITS_MAX 24

static const char no_number[] = "Cannot convert it to float";
static const char no_category[] =
    "cat_features must be integer or string, real number values and NaN values should be "
    "converted to string.";

/* ---- text to float ---- */

static bool is_missing(sv_str text)
{
    static const char *const WORDS[] = {"",     "-",      "na",      "NA",      "Na",       "nan",
                                        "NaN",  "NAN",    "N/A",     "n/a",     "#N/A",     "#NA",
                                        "null", "NULL",   "Null",    "None",    "none",     "-NaN",
                                        "-nan", "1.#IND", "-1.#IND", "1.#QNAN", "-1.#QNAN", "#N/A N/A"};
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++)
        if (sv_str_is(text, WORDS[i]))
            return true;
    return false;
}

static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
static bool is_digit(char c) { return (unsigned char)(c - '0') < 10; }

static bool read_hex(sv_str digits, double *out)
{
    double value = 0;
    for (size_t i = 0; i < digits.n; i++) {
        int digit = sv_hex_digit(digits.p[i]);
        if (digit < 0)
            return false;
        value = value * 16 + digit;
    }
    *out = value;
    return digits.n > 0;
}

/* Digits with at most one point among them and at least one digit; then an exponent, if any. */
static bool is_decimal(sv_str s)
{
    size_t i = 0, n_digits = 0, n_points = 0;
    for (; i < s.n && (is_digit(s.p[i]) || (s.p[i] == '.' && n_points == 0)); i++) {
        n_digits += is_digit(s.p[i]);
        n_points += s.p[i] == '.';
    }
    if (n_digits == 0 || i == s.n || (s.p[i] != 'e' && s.p[i] != 'E'))
        return n_digits > 0 && i == s.n;
    i++;
    i += i < s.n && (s.p[i] == '+' || s.p[i] == '-');
    size_t first = i;
    while (i < s.n && is_digit(s.p[i]))
        i++;
    return i == s.n && i > first;
}

/* Blanks before it, a sign, decimal or hexadecimal digits; neither nan nor inf. Source: util/string StrToD. */
static bool read_number(sv_str s, double *out)
{
    while (s.n && is_space(*s.p))
        s = (sv_str){s.p + 1, s.n - 1};
    bool is_negative = s.n && *s.p == '-';
    if (s.n && (*s.p == '-' || *s.p == '+'))
        s = (sv_str){s.p + 1, s.n - 1};
    bool is_hex = s.n > 2 && s.p[0] == '0' && (s.p[1] == 'x' || s.p[1] == 'X');
    if (is_hex && !read_hex((sv_str){s.p + 2, s.n - 2}, out))
        return false;
    if (!is_hex) {
        if (!is_decimal(s))
            return false;
        *out = sv_decimal_to_double(s);
    }
    *out = is_negative ? -*out : *out;
    return true;
}

static const char *text_to_float(sv_str text, float *out)
{
    double value = (double)NAN;
    if (text.p && !read_number(text, &value) && !is_missing(text))
        return no_number;
    *out = (float)value;
    return NULL;
}

static const char *value_to_float(const sv_value *v, float *out)
{
    double value = 0;
    switch (v->kind) {
    case SV_VALUE_NONE:
        *out = NAN;
        return NULL;
    case SV_VALUE_STRING:
    case SV_VALUE_BYTES:
        return text_to_float((sv_str){v->u.p, v->n}, out);
    case SV_VALUE_BOOL:
    case SV_VALUE_INT:
    case SV_VALUE_BIGINT:
    case SV_VALUE_FLOAT:
        if (sv_value_to_double(v, &value) || (v->kind == SV_VALUE_BIGINT && isinf(value)))
            return no_number;
        *out = (float)value;
        return NULL;
    default:
        return no_number;
    }
}

/* A time counts as its nanoseconds; not-a-time is refused. */
static const char *time_to_float(int64_t time, float *out)
{
    *out = (float)(double)time;
    return time == SV_NAT ? no_number : NULL;
}

/* One macro per numeric C type: the plain cast that numpy and the library make. */
#define CAST(name, type)                                                     \
    static void name(const void *cells, size_t n, size_t stride, float *out) \
    {                                                                        \
        for (size_t i = 0; i < n; i++)                                       \
            out[i] = (float)((const type *)cells)[i * stride];               \
    }

CAST(cast_int8, int8_t)
CAST(cast_int16, int16_t)
CAST(cast_int32, int32_t)
CAST(cast_int64, int64_t)
CAST(cast_uint8, uint8_t)
CAST(cast_uint16, uint16_t)
CAST(cast_uint32, uint32_t)
CAST(cast_uint64, uint64_t)
CAST(cast_float32, float)
CAST(cast_float64, double)

static const struct {
    savor_dtype dtype;
    void (*cast)(const void *, size_t, size_t, float *);
} CASTS[] = {
    {SAVOR_BOOL, cast_uint8},      {SAVOR_INT8, cast_int8},       {SAVOR_INT16, cast_int16},
    {SAVOR_INT32, cast_int32},     {SAVOR_INT64, cast_int64},     {SAVOR_UINT8, cast_uint8},
    {SAVOR_UINT16, cast_uint16},   {SAVOR_UINT32, cast_uint32},   {SAVOR_UINT64, cast_uint64},
    {SAVOR_FLOAT32, cast_float32}, {SAVOR_FLOAT64, cast_float64},
};

static const char *cell_to_float(savor_dtype dtype, const void *cells, size_t i, float *out)
{
    sv_value v;
    switch (dtype) {
    case SAVOR_STRING:
    case SAVOR_BYTES:
        return text_to_float(((const sv_str *)cells)[i], out);
    case SAVOR_OBJECT:
        return value_to_float(&((const sv_value *)cells)[i], out);
    case SAVOR_DATETIME_NS:
        return time_to_float(((const int64_t *)cells)[i], out);
    default:
        v = sv_item_get(dtype, cells, i);
        return value_to_float(&v, out);
    }
}

bool sv_catboost_cells_to_floats(savor_dtype dtype, const void *cells, size_t n, size_t stride, float *out,
                                 catboost_cell *at)
{
    for (size_t k = 0; k < sizeof CASTS / sizeof *CASTS; k++)
        if (CASTS[k].dtype == dtype) {
            CASTS[k].cast(cells, n, stride, out);
            return true;
        }
    for (size_t i = 0; i < n; i++) {
        at->row = i;
        at->refusal = cell_to_float(dtype, cells, i * stride, &out[i]);
        if (at->refusal)
            return false;
    }
    return true;
}

/* ---- categories ---- */

static uint32_t hash_text(sv_str text) { return (uint32_t)sv_city_hash64(text); }

/* An integer is named by its decimal digits. */
static uint32_t hash_number(uint64_t magnitude, bool is_negative)
{
    char room[DIGITS_MAX], *p = room + sizeof room;
    do
        *--p = (char)('0' + magnitude % 10);
    while (magnitude /= 10);
    if (is_negative)
        *--p = '-';
    return hash_text((sv_str){p, (size_t)(room + sizeof room - p)});
}

static uint32_t hash_int(int64_t v) { return hash_number(v < 0 ? 0 - (uint64_t)v : (uint64_t)v, v < 0); }

static bool hash_value(const sv_value *v, uint32_t *out)
{
    if (v->kind == SV_VALUE_STRING || v->kind == SV_VALUE_BYTES)
        *out = hash_text((sv_str){v->u.p, v->n});
    else if (v->kind == SV_VALUE_INT || v->kind == SV_VALUE_BOOL)
        *out = hash_int(v->u.i);
    else
        return false;
    return true;
}

static bool hash_cell(savor_dtype dtype, const void *cells, size_t i, uint32_t *out)
{
    sv_value v;
    switch (dtype) {
    case SAVOR_STRING:
    case SAVOR_BYTES:
        if (!((const sv_str *)cells)[i].p)
            return false;
        *out = hash_text(((const sv_str *)cells)[i]);
        return true;
    case SAVOR_UINT64:
        *out = hash_number(((const uint64_t *)cells)[i], false);
        return true;
    case SAVOR_OBJECT:
        return hash_value(&((const sv_value *)cells)[i], out);
    default:
        v = sv_item_get(dtype, cells, i);
        return hash_value(&v, out);
    }
}

bool sv_catboost_cells_to_hashes(savor_dtype dtype, const void *cells, size_t n, size_t stride, uint32_t *out,
                                 catboost_cell *at)
{
    for (size_t i = 0; i < n; i++)
        if (!hash_cell(dtype, cells, i * stride, &out[i])) {
            at->row = i;
            at->refusal = no_category;
            return false;
        }
    return true;
}
