#include "serve/http_write_priv.h"

#include "serve/clock_priv.h"

#define FIXED_BYTES 512 /* everything but allow, location and content type, with room to spare */

typedef struct reason_row {
    int status;
    const char *reason;
} reason_row;

static const reason_row REASONS[] = {
    {200, "OK"},
    {307, "Temporary Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {422, "Unprocessable Content"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
};

const char *sv_http_reason(int http_status)
{
    for (size_t i = 0; i < sizeof REASONS / sizeof REASONS[0]; i++)
        if (REASONS[i].status == http_status)
            return REASONS[i].reason;
    return "";
}

static char *put(char *p, sv_str s)
{
    if (s.n)
        memcpy(p, s.p, s.n);
    return p + s.n;
}

static char *put_number(char *p, size_t n)
{
    char digits[24];
    size_t at = sizeof digits;
    do
        digits[--at] = (char)('0' + n % 10);
    while (n /= 10);
    return put(p, (sv_str){digits + at, sizeof digits - at});
}

static char *put_field(char *p, sv_str name, sv_str value)
{
    if (value.n == 0)
        return p;
    p = put(p, name);
    p = put(p, value);
    return put(p, SV_STR("\r\n"));
}

/* What starlette leaves alone in a redirect; everything else is percent-encoded. */
static bool is_plain_in_url(char c)
{
    static const char PLAIN[] = ":/%#?=@[]!$&'()*+,;-._~";
    bool is_letter = ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
    return is_letter || (c >= '0' && c <= '9') || (c && strchr(PLAIN, c));
}

static char *put_encoded(char *p, sv_str s)
{
    static const char HEX[] = "0123456789ABCDEF";
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (is_plain_in_url(s.p[i])) {
            *p++ = s.p[i];
        } else {
            *p++ = '%';
            *p++ = HEX[c >> 4];
            *p++ = HEX[c & 15];
        }
    }
    return p;
}

static char *put_location(char *p, const sv_answer *answer)
{
    if (answer->location_host.n == 0)
        return p;
    p = put(p, SV_STR("location: http://"));
    p = put_encoded(p, answer->location_host);
    p = put(p, answer->location_path);
    if (answer->location_query.n) {
        *p++ = '?';
        p = put_encoded(p, answer->location_query);
    }
    return put(p, SV_STR("\r\n"));
}

static char *put_head(char *p, const sv_answer *answer, const sv_framing *framing)
{
    p = put(p, SV_STR("HTTP/1.1 "));
    p = put_number(p, (size_t)answer->http_status);
    p = put(p, SV_STR(" "));
    p = put(p, sv_str_of(sv_http_reason(answer->http_status)));
    p = put(p, SV_STR("\r\ndate: "));
    p = put(p, (sv_str){framing->date, SV_DATE_BYTES});
    p = put(p, SV_STR("\r\nserver: savor\r\ncontent-length: "));
    p = put_number(p, answer->body.n);
    p = put(p, SV_STR("\r\n"));
    p = put_field(p, SV_STR("content-type: "), answer->content_type);
    p = put_field(p, SV_STR("allow: "), answer->allow);
    p = put_location(p, answer);
    if (answer->retry_after_s) {
        p = put(p, SV_STR("retry-after: "));
        p = put_number(p, (size_t)answer->retry_after_s);
        p = put(p, SV_STR("\r\n"));
    }
    if (framing->closes)
        p = put(p, SV_STR("connection: close\r\n"));
    else if (framing->tells_keep_alive)
        p = put(p, SV_STR("connection: keep-alive\r\n"));
    return put(p, SV_STR("x-content-type-options: nosniff\r\n\r\n"));
}

void sv_http_write(sv_buf *out, const sv_answer *answer, const sv_framing *framing)
{
    size_t n_location = 3 * (answer->location_host.n + answer->location_query.n) + answer->location_path.n;
    size_t n_body = framing->is_head ? 0 : answer->body.n;
    size_t n_head = FIXED_BYTES + answer->content_type.n + answer->allow.n + n_location;
    char *start = sv_buf_reserve(out, n_head + n_body);
    if (!start)
        return;
    char *p = put_head(start, answer, framing);
    p = put(p, (sv_str){answer->body.p, n_body});
    out->n += (size_t)(p - start);
    *p = '\0';
}
