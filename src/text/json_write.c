#include "base/number.h"
#include "text/json.h"

static void put_unit(sv_buf *out, uint32_t unit)
{
    static const char HEX[] = "0123456789abcdef";
    char text[6] = {'\\', 'u', HEX[unit >> 12 & 15], HEX[unit >> 8 & 15], HEX[unit >> 4 & 15], HEX[unit & 15]};
    sv_buf_put(out, text, sizeof text);
}

/* The short escapes of json.dumps; 0 for bytes that have none. */
static char short_escape(unsigned char c)
{
    switch (c) {
    case '"':
        return '"';
    case '\\':
        return '\\';
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\t':
        return 't';
    case '\b':
        return 'b';
    case '\f':
        return 'f';
    default:
        return 0;
    }
}

static size_t put_escaped(sv_buf *out, const char *p)
{
    unsigned char c = (unsigned char)*p;
    char letter = short_escape(c);
    if (letter) {
        char pair[2] = {'\\', letter};
        sv_buf_put(out, pair, 2);
        return 1;
    }
    uint32_t point;
    size_t n = sv_utf8_get(p, &point);
    if (point >= 0x10000) {
        put_unit(out, 0xD800 + ((point - 0x10000) >> 10));
        put_unit(out, 0xDC00 + ((point - 0x10000) & 0x3FF));
    } else {
        put_unit(out, point);
    }
    return n;
}

static bool is_plain(unsigned char c) { return c >= 0x20 && c < 0x7F && c != '"' && c != '\\'; }

void sv_json_put_string(sv_buf *out, sv_str s)
{
    sv_buf_put_char(out, '"');
    size_t i = 0;
    while (i < s.n) {
        size_t start = i;
        while (i < s.n && is_plain((unsigned char)s.p[i]))
            i++;
        sv_buf_put(out, s.p + start, i - start);
        if (i >= s.n)
            break;
        i += put_escaped(out, s.p + i);
    }
    sv_buf_put_char(out, '"');
}

void sv_json_put_double(sv_buf *out, double value)
{
    if (value != value) {
        sv_buf_put_text(out, "NaN");
    } else if (value - value != 0) {
        sv_buf_put_text(out, value > 0 ? "Infinity" : "-Infinity");
    } else {
        char *place = sv_buf_reserve(out, SV_DOUBLE_TEXT_MAX);
        if (!place)
            return;
        out->n += sv_double_to_text(value, place);
        out->p[out->n] = '\0';
    }
}

void sv_json_put_uint64(sv_buf *out, uint64_t value)
{
    char text[20];
    size_t n = sizeof text;
    do {
        text[--n] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    sv_buf_put(out, text + n, sizeof text - n);
}

void sv_json_put_int64(sv_buf *out, int64_t value)
{
    if (value < 0)
        sv_buf_put_char(out, '-');
    sv_json_put_uint64(out, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

static void put_scalar(sv_buf *out, const sv_json *v)
{
    switch ((sv_json_kind)v->kind) {
    case SV_JSON_FALSE:
        sv_buf_put_text(out, "false");
        break;
    case SV_JSON_TRUE:
        sv_buf_put_text(out, "true");
        break;
    case SV_JSON_INT:
        sv_json_put_int64(out, v->u.i);
        break;
    case SV_JSON_BIGINT:
        sv_buf_put_str(out, sv_json_text(v));
        break;
    case SV_JSON_DOUBLE:
        sv_json_put_double(out, v->u.f);
        break;
    case SV_JSON_STRING:
        sv_json_put_string(out, sv_json_text(v));
        break;
    default:
        sv_buf_put_text(out, "null");
        break;
    }
}

static bool is_later_duplicate(const sv_json *object, const sv_json *key)
{
    for (const sv_json *k = object + 1; k < key; k = sv_json_next(k + 1))
        if (sv_str_equal(sv_json_text(k), sv_json_text(key)))
            return true;
    return false;
}

static const sv_json *last_value(const sv_json *object, const sv_json *key)
{
    const sv_json *found = key + 1, *k = key;
    for (const sv_json *end = sv_json_next(object); k < end; k = sv_json_next(k + 1))
        if (sv_str_equal(sv_json_text(k), sv_json_text(key)))
            found = k + 1;
    return found;
}

/* Recursion is bounded by the depth limit of the parse that made the nodes. */
void sv_json_put_value(sv_buf *out, const sv_json *v)
{
    if (v->kind < SV_JSON_ARRAY) {
        put_scalar(out, v);
        return;
    }
    bool is_array = v->kind == SV_JSON_ARRAY, first = true;
    sv_buf_put_char(out, is_array ? '[' : '{');
    const sv_json *item = v + 1;
    for (uint32_t i = 0; i < v->n; i++, item = sv_json_next(is_array ? item : item + 1)) {
        if (!is_array && is_later_duplicate(v, item))
            continue;
        if (!first)
            sv_buf_put(out, ", ", 2);
        first = false;
        if (!is_array) {
            sv_json_put_string(out, sv_json_text(item));
            sv_buf_put(out, ": ", 2);
        }
        sv_json_put_value(out, is_array ? item : last_value(v, item));
    }
    sv_buf_put_char(out, is_array ? ']' : '}');
}
