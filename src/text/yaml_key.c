/* yaml_key.c: keys of mappings as Python compares them: 1 == 1.0 == True, text and numbers apart. */
#include "base/number.h"
#include "text/yaml_priv.h"

#include <math.h>
#include <stdio.h>

yaml_key_class sv_yaml_key_class_of(const sv_node *key)
{
    switch (key->kind) {
    case SV_NODE_NULL:
        return YAML_KEY_NULL;
    case SV_NODE_BOOL:
    case SV_NODE_INT:
    case SV_NODE_FLOAT:
        return YAML_KEY_NUMBER;
    case SV_NODE_STRING:
        return YAML_KEY_STRING;
    case SV_NODE_BINARY:
        return YAML_KEY_BINARY;
    case SV_NODE_TIMESTAMP:
        break;
    default:
        return YAML_KEY_NONE;
    }
    if (key->text.n == 10)
        return YAML_KEY_DATE;
    /* "YYYY-MM-DD HH:MM:SS": a zone adds its sign behind that. */
    sv_str tail = {key->text.p + 19, key->text.n < 19 ? 0 : key->text.n - 19};
    return sv_str_find(tail, '+') < tail.n || sv_str_find(tail, '-') < tail.n ? YAML_KEY_AWARE : YAML_KEY_NAIVE;
}

static double number_of(const sv_node *key)
{
    if (key->kind == SV_NODE_FLOAT)
        return key->f;
    if (!key->is_big)
        return (double)key->i;
    bool is_negative = key->text.p[0] == '-';
    double value = sv_decimal_to_double((sv_str){key->text.p + is_negative, key->text.n - is_negative});
    return is_negative ? -value : value;
}

static int compare_big(sv_str a, sv_str b)
{
    bool a_negative = a.p[0] == '-', b_negative = b.p[0] == '-';
    if (a_negative != b_negative)
        return a_negative ? -1 : 1;
    int order = a.n != b.n ? (a.n < b.n ? -1 : 1) : sv_str_compare(a, b);
    return a_negative ? -order : order;
}

/* An int64 against a double, exactly. */
static int compare_int_float(int64_t i, double f)
{
    if (isnan(f))
        return 1;
    if (f >= 9223372036854775808.0)
        return -1;
    if (f < -9223372036854775808.0)
        return 1;
    int64_t whole = (int64_t)f;
    if (i != whole)
        return i < whole ? -1 : 1;
    double rest = f - (double)whole;
    return rest > 0 ? -1 : rest < 0;
}

/* An integer beyond int64 against a double, exactly. */
static int compare_big_float(const sv_node *big, double f)
{
    char digits[320]; /* of the largest double */
    double value = number_of(big);
    if (isnan(f))
        return 1;
    if (value != f)
        return value < f ? -1 : 1;
    if (isinf(f)) /* no integer is */
        return f > 0 ? -1 : 1;
    int n = snprintf(digits, sizeof digits, "%.0f", f);
    return compare_big(big->text, (sv_str){digits, (size_t)n});
}

static int compare_numbers(const sv_node *a, const sv_node *b)
{
    bool a_is_float = a->kind == SV_NODE_FLOAT, b_is_float = b->kind == SV_NODE_FLOAT;
    if (a->is_big && b->is_big)
        return compare_big(a->text, b->text);
    if (a->is_big)
        return b_is_float ? compare_big_float(a, b->f) : a->text.p[0] == '-' ? -1 : 1;
    if (b->is_big)
        return a_is_float ? -compare_big_float(b, a->f) : b->text.p[0] == '-' ? 1 : -1;
    if (a_is_float != b_is_float)
        return a_is_float ? -compare_int_float(b->i, a->f) : compare_int_float(a->i, b->f);
    if (!a_is_float)
        return (a->i > b->i) - (a->i < b->i);
    double x = number_of(a), y = number_of(b);
    if (isnan(x) || isnan(y)) /* .nan is one object in PyYAML, so equal to itself */
        return isnan(x) - isnan(y);
    return (x > y) - (x < y);
}

int sv_yaml_key_compare(const sv_node *a, const sv_node *b)
{
    switch (sv_yaml_key_class_of(a)) {
    case YAML_KEY_NULL:
        return 0;
    case YAML_KEY_NUMBER:
        return compare_numbers(a, b);
    case YAML_KEY_AWARE:
        return (a->i > b->i) - (a->i < b->i);
    default:
        return sv_str_compare(a->text, b->text);
    }
}

static uint64_t mix(uint64_t h, uint64_t value) { return (h ^ value) * UINT64_C(0x100000001b3); }

uint64_t sv_yaml_key_hash(const sv_node *key)
{
    yaml_key_class class = sv_yaml_key_class_of(key);
    uint64_t h = mix(UINT64_C(0xcbf29ce484222325), class);
    if (class == YAML_KEY_AWARE)
        return mix(h, (uint64_t)key->i) >> 7;
    if (class == YAML_KEY_NUMBER) {
        double value = number_of(key);
        uint64_t bits = 0;
        if (value != 0.0 && !isnan(value)) /* 0, -0.0 and False are one key */
            memcpy(&bits, &value, sizeof bits);
        h = mix(h, bits);
        return h ^ h >> 29;
    }
    for (size_t i = 0; i < key->text.n && class != YAML_KEY_NULL; i++)
        h = mix(h, (unsigned char)key->text.p[i]);
    return h ^ h >> 29;
}
