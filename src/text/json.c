#include "text/json.h"

#include "base/number.h"
#include "text/json_run_priv.h"
#include "text/rapidjson.h"
#include "text/ujson.h"

/* One parse: where it stands, and the nodes made so far. An open container keeps its parent's index in u.size. */
typedef struct parser {
    const char *start, *p, *end;
    const sv_json_limits *limits;
    sv_arena *arena;
    sv_json *nodes;
    size_t n_nodes;
    size_t open; /* index of the innermost open container, or NONE */
    uint32_t depth;
    sv_json_fault fault;
} parser;

#define NONE SIZE_MAX

static savor_status fail_at(parser *ps, const char *at, const char *message)
{
    ps->fault = (sv_json_fault){message, (size_t)(at - ps->start)};
    return SAVOR_FORMAT;
}

static savor_status fail_limit(parser *ps)
{
    (void)fail_at(ps, ps->p, "too many levels or digits");
    return SAVOR_LIMIT;
}

static void skip_blanks(parser *ps)
{
    while (ps->p < ps->end && (*ps->p == ' ' || *ps->p == '\n' || *ps->p == '\r' || *ps->p == '\t'))
        ps->p++;
}

static sv_json *add_node(parser *ps, sv_json_kind kind)
{
    sv_json *v = &ps->nodes[ps->n_nodes++];
    *v = (sv_json){.kind = (uint8_t)kind};
    return v;
}

static bool is_digit(char c) { return (unsigned char)(c - '0') < 10; }

/* ---- numbers ---- */

static const double POWERS_OF_TEN[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                       1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* At most 18 digits are gathered exactly; more than that goes through the general reader. */
typedef struct decimal {
    uint64_t mantissa;
    int64_t n_digits; /* leading zeros of a fraction count, too: they only send it the longer way */
    int64_t exponent; /* of ten */
} decimal;

static const char *gather_digits(const char *p, const char *end, decimal *d)
{
    const char *start = p;
    uint64_t mantissa = d->mantissa;
    for (; p < end && is_digit(*p); p++)
        mantissa = mantissa * 10 + (uint64_t)(*p - '0'); /* wraps beyond 19 digits; then it is not used */
    d->mantissa = mantissa;
    d->n_digits += p - start;
    return p;
}

static const char *gather_exponent(const char *p, const char *end, decimal *d)
{
    const char *q = p + 1;
    bool negative = q < end && *q == '-';
    if (q < end && (*q == '-' || *q == '+'))
        q++;
    if (q >= end || !is_digit(*q))
        return p; /* "1e" is the number 1 and something behind it */
    int64_t e = 0;
    for (; q < end && is_digit(*q); q++)
        if (e < 100000)
            e = e * 10 + (*q - '0');
    d->exponent += negative ? -e : e;
    return q;
}

/* Exact when mantissa and power are both doubles: one rounding. Clinger's fast path. */
static double decimal_value(const decimal *d, sv_str text, bool negative)
{
    if (d->n_digits <= 18 && d->mantissa < ((uint64_t)1 << 53) && d->exponent >= -22 && d->exponent <= 22) {
        double m = (double)d->mantissa;
        m = d->exponent < 0 ? m / POWERS_OF_TEN[-d->exponent] : m * POWERS_OF_TEN[d->exponent];
        return negative ? -m : m;
    }
    return sv_decimal_to_double(text);
}

static savor_status put_integer(parser *ps, const decimal *d, sv_str text, bool negative)
{
    if (d->n_digits <= 18) {
        sv_json *v = add_node(ps, SV_JSON_INT);
        v->u.i = negative ? -(int64_t)d->mantissa : (int64_t)d->mantissa;
        v->is_minus0 = negative && d->mantissa == 0;
        return SAVOR_OK;
    }
    if ((uint64_t)d->n_digits > ps->limits->n_digits)
        return fail_limit(ps);
    int64_t value;
    if (ps->limits->is_ujson && !sv_ujson_takes(text))
        return fail_at(ps, text.p, "Value is too big");
    sv_json *v = add_node(ps, SV_JSON_BIGINT);
    if (sv_str_to_int64(text, &value)) {
        v->kind = SV_JSON_INT;
        v->u.i = value;
    } else {
        v->u.p = text.p;
        v->n = (uint32_t)text.n;
    }
    return SAVOR_OK;
}

static savor_status parse_number(parser *ps)
{
    const char *start = ps->p, *p = start;
    bool negative = *p == '-';
    p += negative;
    if (p >= ps->end || !is_digit(*p))
        return fail_at(ps, start, "Expecting value");
    decimal d = {0, 0, 0};
    if (*p == '0')
        p++;
    else
        p = gather_digits(p, ps->end, &d);
    bool is_integer = true;
    if (p + 1 < ps->end && *p == '.' && is_digit(p[1])) {
        const char *q = gather_digits(p + 1, ps->end, &d);
        d.exponent = -(int64_t)(q - p - 1);
        is_integer = false;
        p = q;
    }
    if (p < ps->end && (*p == 'e' || *p == 'E')) {
        const char *q = gather_exponent(p, ps->end, &d);
        is_integer = is_integer && q == p;
        p = q;
    }
    sv_str text = {start, (size_t)(p - start)};
    ps->p = p;
    if (is_integer)
        return put_integer(ps, &d, text, negative);
    double value = ps->limits->is_rapidjson ? sv_rapidjson_double(text)
                   : ps->limits->is_ujson   ? sv_ujson_double(text)
                                            : decimal_value(&d, text, negative);
    add_node(ps, SV_JSON_DOUBLE)->u.f = value;
    return SAVOR_OK;
}

/* ---- strings ---- */

static const char *find_special(const char *p, const char *end)
{
    for (; end - p >= 8; p += 8) {
        uint64_t w, ones = 0x0101010101010101u, high = 0x8080808080808080u;
        memcpy(&w, p, 8);
        uint64_t quote = w ^ (ones * '"'), slash = w ^ (ones * '\\');
        uint64_t hit = ((quote - ones) & ~quote) | ((slash - ones) & ~slash) | ((w - ones * 0x20) & ~w);
        if (hit & high)
            break;
    }
    while (p < end && *p != '"' && *p != '\\' && (unsigned char)*p >= 0x20)
        p++;
    return p;
}

/* Four hex digits at p, or -1. */
static int32_t read_hex4(const char *p, const char *end)
{
    int32_t value = 0;
    if (end - p < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        int digit = sv_hex_digit(p[i]);
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

/* The part behind "\u"; a high surrogate takes a following low one along, as Python does. */
static const char *unescape_unicode(const char *p, const char *end, char **out)
{
    int32_t c = read_hex4(p, end);
    if (c < 0)
        return NULL;
    p += 4;
    if (c >= 0xD800 && c < 0xDC00 && end - p >= 6 && p[0] == '\\' && p[1] == 'u') {
        int32_t low = read_hex4(p + 2, end);
        if (low >= 0xDC00 && low < 0xE000) {
            c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
            p += 6;
        }
    }
    *out += sv_utf8_put((uint32_t)c, *out);
    return p;
}

static const char ESCAPES[] = "\"\"\\\\//b\bf\fn\nr\rt\t";

static savor_status unescape(parser *ps, const char *start, const char **stop, sv_json *v)
{
    /* An escape never grows, so the distance to the end of the text bounds it; trimmed below. */
    const char *close = start;
    for (close = find_special(close, ps->end); close < ps->end && *close == '\\';)
        close = find_special(close + (ps->end - close >= 2 ? 2 : 1), ps->end);
    size_t size = (size_t)(close - start);
    char *text = sv_arena_alloc(ps->arena, size + 1), *out = text;
    if (!text)
        return SAVOR_NOMEM;
    const char *p = start;
    while (p < close) {
        const char *next = find_special(p, close);
        memcpy(out, p, (size_t)(next - p));
        out += next - p;
        if (next >= close)
            break;
        if (close - next < 2)
            break; /* a lone backslash ends the text: unterminated */
        char c = next[1];
        const char *entry = c ? strchr(ESCAPES, c) : NULL;
        if (c == 'u') {
            p = unescape_unicode(next + 2, close, &out);
            if (!p)
                return fail_at(ps, next + 1, "Invalid \\uXXXX escape");
        } else if (entry && (entry - ESCAPES) % 2 == 0) {
            *out++ = entry[1];
            p = next + 2;
        } else {
            return fail_at(ps, next, "Invalid \\escape");
        }
    }
    v->u.p = text;
    v->n = (uint32_t)(out - text);
    *stop = close;
    return SAVOR_OK;
}

static savor_status parse_string(parser *ps)
{
    const char *quote = ps->p, *start = quote + 1, *stop = find_special(start, ps->end);
    sv_json *v = add_node(ps, SV_JSON_STRING);
    v->u.p = start;
    v->n = (uint32_t)(stop - start);
    if (stop < ps->end && *stop == '\\') {
        savor_status st = unescape(ps, start, &stop, v);
        if (st)
            return st;
    }
    if (stop >= ps->end)
        return fail_at(ps, quote, "Unterminated string starting at");
    if (*stop != '"')
        return fail_at(ps, stop, "Invalid control character at");
    ps->p = stop + 1;
    return SAVOR_OK;
}

/* ---- values ---- */

typedef struct literal {
    const char *text;
    size_t n;
    sv_json_kind kind;
    double value;
} literal;

static const literal LITERALS[] = {
    {"null", 4, SV_JSON_NULL, 0},
    {"true", 4, SV_JSON_TRUE, 0},
    {"false", 5, SV_JSON_FALSE, 0},
    {"NaN", 3, SV_JSON_DOUBLE, (double)__builtin_nanf("")},
    {"Infinity", 8, SV_JSON_DOUBLE, (double)__builtin_inff()},
    {"-Infinity", 9, SV_JSON_DOUBLE, -(double)__builtin_inff()},
};

static bool parse_literal(parser *ps)
{
    size_t left = (size_t)(ps->end - ps->p);
    for (size_t i = 0; i < sizeof LITERALS / sizeof LITERALS[0]; i++) {
        const literal *l = &LITERALS[i];
        if (left >= l->n && memcmp(ps->p, l->text, l->n) == 0) {
            sv_json *v = add_node(ps, l->kind);
            if (l->kind == SV_JSON_DOUBLE)
                v->u.f = l->value;
            ps->p += l->n;
            return true;
        }
    }
    return false;
}

static savor_status open_container(parser *ps, sv_json_kind kind)
{
    if (++ps->depth > ps->limits->depth)
        return fail_limit(ps);
    sv_json *v = add_node(ps, kind);
    v->u.size = ps->open;
    ps->open = (size_t)(v - ps->nodes);
    ps->p++;
    return SAVOR_OK;
}

/* An array that begins and ends like the heading needs no look at its elements; it is closed in the usual way. */
static void take_heading(parser *ps)
{
    const sv_json_heading *h = ps->limits->heading;
    size_t left = (size_t)(ps->end - ps->p);
    for (size_t i = 0; i < 2; i++) {
        sv_str text = h->texts[i];
        if (left < text.n || memcmp(ps->p, text.p, text.n) != 0)
            continue;
        memcpy(&ps->nodes[ps->n_nodes], h->nodes, h->n * sizeof *h->nodes);
        ps->n_nodes += h->n;
        ps->nodes[ps->open].n = h->n;
        ps->p += text.n - 1;
        return;
    }
}

static void close_container(parser *ps)
{
    sv_json *v = &ps->nodes[ps->open];
    size_t parent = v->u.size;
    v->u.size = ps->n_nodes - ps->open;
    ps->open = parent;
    ps->depth--;
    ps->p++;
}

static savor_status open_array(parser *ps)
{
    savor_status st = open_container(ps, SV_JSON_ARRAY);
    if (!st && ps->limits->heading && ps->p < ps->end && *ps->p == '"')
        take_heading(ps);
    return st;
}

/* One value, or the opening of one; the caller goes on inside. */
static savor_status parse_value(parser *ps)
{
    skip_blanks(ps);
    if (ps->p >= ps->end)
        return fail_at(ps, ps->p, "Expecting value");
    char c = *ps->p;
    if (is_digit(c) || (c == '-' && !(ps->end - ps->p > 1 && ps->p[1] == 'I')))
        return parse_number(ps);
    if (c == '"')
        return parse_string(ps);
    if (c == '[')
        return open_array(ps);
    if (c == '{')
        return open_container(ps, SV_JSON_OBJECT);
    return parse_literal(ps) ? SAVOR_OK : fail_at(ps, ps->p, "Expecting value");
}

static savor_status parse_key(parser *ps)
{
    skip_blanks(ps);
    if (ps->p >= ps->end || *ps->p != '"')
        return fail_at(ps, ps->p, "Expecting property name enclosed in double quotes");
    savor_status st = parse_string(ps);
    if (st)
        return st;
    skip_blanks(ps);
    if (ps->p >= ps->end || *ps->p != ':')
        return fail_at(ps, ps->p, "Expecting ':' delimiter");
    ps->p++;
    return SAVOR_OK;
}

/* The elements of an array that are of the most usual kinds; pandas' reader of old has digits of its own. */
static void parse_run(parser *ps, sv_json *array)
{
    bool is_plain = !ps->limits->is_ujson && !ps->limits->is_rapidjson;
    uint32_t n = !is_plain ? 0 : sv_json_parse_run(&ps->p, ps->end, &ps->nodes[ps->n_nodes]);
    array->n += n;
    ps->n_nodes += n;
}

/* Inside the innermost container, before a member or its end. */
static savor_status parse_member(parser *ps)
{
    sv_json *v = &ps->nodes[ps->open];
    if (v->kind == SV_JSON_ARRAY && v->n > 0)
        parse_run(ps, v);
    char closing = v->kind == SV_JSON_ARRAY ? ']' : '}';
    skip_blanks(ps);
    if (v->n > 0 || (ps->p < ps->end && *ps->p == closing)) {
        if (ps->p < ps->end && *ps->p == closing) {
            close_container(ps);
            return SAVOR_OK;
        }
        if (ps->p >= ps->end || *ps->p != ',')
            return fail_at(ps, ps->p, "Expecting ',' delimiter");
        ps->p++;
    }
    v->n++;
    savor_status st = v->kind == SV_JSON_OBJECT ? parse_key(ps) : SAVOR_OK;
    return st ? st : parse_value(ps);
}

static savor_status parse_document(parser *ps)
{
    savor_status st = parse_value(ps);
    while (!st && ps->open != NONE)
        st = parse_member(ps);
    if (st)
        return st;
    skip_blanks(ps);
    return ps->p < ps->end ? fail_at(ps, ps->p, "Extra data") : SAVOR_OK;
}

savor_status sv_json_parse(sv_str text, const sv_json_limits *limits, sv_arena *arena, const sv_json **out,
                           sv_json_fault *fault, savor_error *err)
{
    /* Each value takes at least two bytes, its separator or closing bracket included, but for those still open. */
    size_t max_nodes = text.n / 2 + limits->depth + 2, bytes = max_nodes * sizeof(sv_json);
    parser ps = {
        .start = text.p, .p = text.p, .end = text.p + text.n, .limits = limits, .arena = arena, .open = NONE};
    *out = NULL;
    if (text.n > UINT32_MAX)
        return sv_fail(err, SAVOR_LIMIT, "JSON text of %zu bytes, expected at most 4 GiB", text.n);
    ps.nodes = sv_arena_alloc(arena, bytes);
    if (!ps.nodes)
        return sv_arena_fail(arena, bytes, err);
    savor_status st = parse_document(&ps);
    if (fault)
        *fault = ps.fault;
    sv_arena_trim(arena, ps.nodes, bytes, ps.n_nodes * sizeof(sv_json));
    if (st == SAVOR_FORMAT)
        return sv_fail(err, st, "%s at byte %zu", ps.fault.message, ps.fault.offset);
    if (st == SAVOR_NOMEM)
        return sv_arena_fail(arena, text.n, err);
    if (st)
        return sv_fail(err, st, "JSON is deeper than %u levels or has an integer of more than %u digits, at byte %zu",
                       limits->depth, limits->n_digits, (size_t)(ps.p - ps.start));
    *out = ps.nodes;
    return SAVOR_OK;
}

const sv_json *sv_json_find(const sv_json *v, const char *key)
{
    const sv_json *found = NULL, *name = v + 1;
    for (uint32_t i = 0; i < v->n; i++) {
        const sv_json *value = name + 1;
        if (sv_str_is(sv_json_text(name), key))
            found = value;
        name = sv_json_next(value);
    }
    return found;
}
