#include "request/body_text.h"

typedef enum encoding {
    UTF_8,
    UTF_16_LE,
    UTF_16_BE,
    UTF_32_LE,
    UTF_32_BE,
} encoding;

typedef struct mark {
    const char *bytes;
    size_t n;
    encoding encoding;
} mark;

static const mark MARKS[] = {
    {"\0\0\xfe\xff", 4, UTF_32_BE}, {"\xff\xfe\0\0", 4, UTF_32_LE}, {"\xfe\xff", 2, UTF_16_BE},
    {"\xff\xfe", 2, UTF_16_LE},     {"\xef\xbb\xbf", 3, UTF_8},
};

/* json.detect_encoding: a mark, or where the zero bytes of the first characters lie. */
static encoding detect(sv_str body, size_t *skip)
{
    const char *p = body.p;
    *skip = 0;
    for (size_t i = 0; i < sizeof MARKS / sizeof MARKS[0]; i++)
        if (body.n >= MARKS[i].n && memcmp(p, MARKS[i].bytes, MARKS[i].n) == 0) {
            *skip = MARKS[i].n;
            return MARKS[i].encoding;
        }
    if (body.n >= 4) {
        if (!p[0])
            return p[1] ? UTF_16_BE : UTF_32_BE;
        if (!p[1])
            return p[2] || p[3] ? UTF_16_LE : UTF_32_LE;
    } else if (body.n == 2) {
        if (!p[0])
            return UTF_16_BE;
        if (!p[1])
            return UTF_16_LE;
    }
    return UTF_8;
}

static uint32_t read_unit(const char *text, size_t width, bool big)
{
    const unsigned char *p = (const unsigned char *)text;
    uint32_t value = 0;
    for (size_t i = 0; i < width; i++)
        value |= (uint32_t)p[i] << 8 * (big ? width - 1 - i : i);
    return value;
}

/* False for a cut unit or a code point beyond Unicode; lone surrogates pass, as "surrogatepass" has it. */
static bool transcode(sv_str body, encoding from, char *out, size_t *n)
{
    size_t width = from == UTF_32_LE || from == UTF_32_BE ? 4 : 2;
    bool big = from == UTF_16_BE || from == UTF_32_BE;
    *n = 0;
    if (body.n % width)
        return false;
    for (size_t i = 0; i < body.n; i += width) {
        uint32_t c = read_unit(body.p + i, width, big);
        if (width == 2 && c >= 0xD800 && c < 0xDC00 && i + 4 <= body.n) {
            uint32_t low = read_unit(body.p + i + 2, 2, big);
            if (low >= 0xDC00 && low < 0xE000) {
                c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
                i += 2;
            }
        }
        if (c > 0x10FFFF)
            return false;
        *n += sv_utf8_put(c, out + *n);
    }
    return true;
}

static savor_status fail_decode(const sv_profile *profile, savor_error *err)
{
    return sv_fail(err, profile->era == SV_ERA_3 ? SAVOR_BAD_REQUEST : SAVOR_UNREADABLE,
                   "Ensure that input is a valid UTF-8 encoded string.");
}

savor_status sv_body_decode_json(sv_str body, const sv_profile *profile, sv_arena *arena, sv_str *out,
                                 savor_error *err)
{
    size_t skip = 0, n;
    encoding from = profile->is_fastapi ? detect(body, &skip) : UTF_8;
    sv_str text = {body.p + skip, body.n - skip};
    *out = text;
    if (from == UTF_8) {
        bool good = profile->is_fastapi ? sv_utf8_check_surrogates(text.p, text.n) : sv_utf8_check(text.p, text.n);
        return good ? SAVOR_OK : fail_decode(profile, err);
    }
    size_t bytes = text.n * 2 + 4; /* two bytes of UTF-16 are at most three of UTF-8 */
    char *copy = sv_arena_alloc(arena, bytes);
    if (!copy)
        return sv_arena_fail(arena, bytes, err);
    if (!transcode(text, from, copy, &n))
        return fail_decode(profile, err);
    *out = (sv_str){copy, n};
    return SAVOR_OK;
}

savor_status sv_body_check_csv(sv_str body, const sv_profile *profile, savor_error *err)
{
    return sv_utf8_check(body.p, body.n) ? SAVOR_OK : fail_decode(profile, err);
}
