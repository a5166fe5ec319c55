/* yaml_resolve.c: which type an untagged plain scalar has. Source: PyYAML resolver.py (YAML 1.1). */
#include "text/yaml_priv.h"

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static bool is_number_char(char c) { return is_digit(c) || c == '_'; }

/* How many bytes from `i` on are digits or '_'. */
static size_t span_number(sv_str s, size_t i)
{
    size_t from = i;
    while (i < s.n && is_number_char(s.p[i]))
        i++;
    return i - from;
}

/* The end of (?::[0-5]?[0-9])+ from `i` on, or `i` when there is none. */
static size_t skip_sexagesimal(sv_str s, size_t i)
{
    while (i + 1 < s.n && s.p[i] == ':' && is_digit(s.p[i + 1])) {
        bool has_two = i + 2 < s.n && is_digit(s.p[i + 2]);
        if (has_two && s.p[i + 1] > '5')
            break;
        i += has_two ? 3 : 2;
    }
    return i;
}

/* The end of (?:[eE][-+][0-9]+)? */
static size_t skip_exponent(sv_str s, size_t i)
{
    if (i + 2 >= s.n || (s.p[i] != 'e' && s.p[i] != 'E') || (s.p[i + 1] != '-' && s.p[i + 1] != '+') ||
        !is_digit(s.p[i + 2]))
        return i;
    i += 2;
    while (i < s.n && is_digit(s.p[i]))
        i++;
    return i;
}

static bool is_one_of(sv_str s, const char *const *words)
{
    for (; *words; words++) {
        if (sv_str_is(s, *words))
            return true;
    }
    return false;
}

static bool is_bool(sv_str s)
{
    static const char *const WORDS[] = {"yes",   "Yes",   "YES", "no", "No", "NO",  "true", "True", "TRUE", "false",
                                        "False", "FALSE", "on",  "On", "ON", "off", "Off",  "OFF",  NULL};
    return is_one_of(s, WORDS);
}

static bool is_null(sv_str s)
{
    static const char *const WORDS[] = {"", "~", "null", "Null", "NULL", NULL};
    return is_one_of(s, WORDS);
}

/* Infinities and NaN, the sign already taken off; NaN has none. */
static bool is_special_float(sv_str s, bool has_sign)
{
    static const char *const INF[] = {".inf", ".Inf", ".INF", NULL};
    static const char *const NAN_[] = {".nan", ".NaN", ".NAN", NULL};
    return is_one_of(s, INF) || (!has_sign && is_one_of(s, NAN_));
}

static bool is_float(sv_str s)
{
    bool has_sign = s.n && (s.p[0] == '-' || s.p[0] == '+');
    sv_str body = has_sign ? (sv_str){s.p + 1, s.n - 1} : s;
    if (body.n == 0)
        return false;
    if (body.p[0] == '.')
        return is_special_float(body, has_sign) || (!has_sign && body.n > 1 && is_digit(body.p[1]) &&
                                                    skip_exponent(body, 1 + span_number(body, 1)) == body.n);
    if (!is_digit(body.p[0]))
        return false;
    size_t i = span_number(body, 0);
    size_t after = skip_sexagesimal(body, i);
    if (after >= body.n || body.p[after] != '.')
        return false;
    size_t end = after + 1 + span_number(body, after + 1);
    return (after == i ? skip_exponent(body, end) : end) == body.n;
}

/* Whether all bytes from `from` on (at least one) are '_' or in `digits`. */
static bool is_all(sv_str s, size_t from, const char *digits)
{
    for (size_t i = from; i < s.n; i++) {
        if (s.p[i] != '_' && (s.p[i] == '\0' || !strchr(digits, s.p[i])))
            return false;
    }
    return s.n > from;
}

static bool is_int(sv_str s)
{
    if (s.n && (s.p[0] == '-' || s.p[0] == '+'))
        s = (sv_str){s.p + 1, s.n - 1};
    if (s.n == 0 || !is_digit(s.p[0]))
        return false;
    if (s.p[0] != '0') {
        size_t i = span_number(s, 0);
        return i == s.n || (skip_sexagesimal(s, i) == s.n);
    }
    if (s.n == 1)
        return true;
    if (s.p[1] == 'b')
        return is_all(s, 2, "01");
    if (s.p[1] == 'x')
        return is_all(s, 2, "0123456789abcdefABCDEF");
    return is_all(s, 1, "01234567");
}

yaml_tag sv_yaml_resolve(sv_str text)
{
    if (is_bool(text))
        return YAML_TAG_BOOL;
    if (is_float(text))
        return YAML_TAG_FLOAT;
    if (is_int(text))
        return YAML_TAG_INT;
    if (sv_str_is(text, "<<"))
        return YAML_TAG_MERGE;
    if (is_null(text))
        return YAML_TAG_NULL;
    if (sv_yaml_timestamp_match(text, false))
        return YAML_TAG_TIMESTAMP;
    return sv_str_is(text, "=") ? YAML_TAG_VALUE : YAML_TAG_STR;
}

yaml_tag sv_yaml_tag_find(sv_str text)
{
    static const char *const NAMES[] = {
#define X(name, text) text,
        YAML_TAG_MAP(X)
#undef X
    };
    sv_str prefix = SV_STR("tag:yaml.org,2002:");
    if (!sv_str_starts(text, prefix))
        return YAML_TAG_OTHER;
    sv_str name = {text.p + prefix.n, text.n - prefix.n};
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
        if (sv_str_is(name, NAMES[i]))
            return (yaml_tag)i;
    }
    return YAML_TAG_OTHER;
}
