#include "serve/http_parse_priv.h"

#define TOKEN 1
#define TEXT 2
#define HOST 4

#define T (TOKEN | TEXT)
#define H (HOST | TEXT)
#define A (TOKEN | TEXT | HOST)
#define V TEXT

/* What each byte may be part of. Commas and quotes are left out of hosts: two hosts in one field are no host. */
static const uint8_t BYTES[256] = {
    ['\t'] = V, [' '] = V,  ['!'] = A, ['"'] = V, ['#'] = T, ['$'] = A, ['%'] = A, ['&'] = A, ['\''] = A, ['('] = H,
    [')'] = H,  ['*'] = A,  ['+'] = A, [','] = V, ['-'] = A, ['.'] = A, ['/'] = V, ['0'] = A, ['1'] = A,  ['2'] = A,
    ['3'] = A,  ['4'] = A,  ['5'] = A, ['6'] = A, ['7'] = A, ['8'] = A, ['9'] = A, [':'] = V, [';'] = H,  ['<'] = V,
    ['='] = H,  ['>'] = V,  ['?'] = V, ['@'] = V, ['A'] = A, ['B'] = A, ['C'] = A, ['D'] = A, ['E'] = A,  ['F'] = A,
    ['G'] = A,  ['H'] = A,  ['I'] = A, ['J'] = A, ['K'] = A, ['L'] = A, ['M'] = A, ['N'] = A, ['O'] = A,  ['P'] = A,
    ['Q'] = A,  ['R'] = A,  ['S'] = A, ['T'] = A, ['U'] = A, ['V'] = A, ['W'] = A, ['X'] = A, ['Y'] = A,  ['Z'] = A,
    ['['] = V,  ['\\'] = V, [']'] = V, ['^'] = T, ['_'] = A, ['`'] = T, ['a'] = A, ['b'] = A, ['c'] = A,  ['d'] = A,
    ['e'] = A,  ['f'] = A,  ['g'] = A, ['h'] = A, ['i'] = A, ['j'] = A, ['k'] = A, ['l'] = A, ['m'] = A,  ['n'] = A,
    ['o'] = A,  ['p'] = A,  ['q'] = A, ['r'] = A, ['s'] = A, ['t'] = A, ['u'] = A, ['v'] = A, ['w'] = A,  ['x'] = A,
    ['y'] = A,  ['z'] = A,  ['{'] = V, ['|'] = T, ['}'] = V, ['~'] = A,
};

static uint8_t byte_class(char c) { return (unsigned char)c >= 0x80 ? TEXT : BYTES[(unsigned char)c]; }

bool sv_http_is_token_byte(char c) { return byte_class(c) & TOKEN; }
bool sv_http_is_text_byte(char c) { return byte_class(c) & TEXT; }

static sv_http_verdict refuse(sv_http_head *head, int status, const char *why)
{
    head->refused_status = status;
    head->refused_why = why;
    return SV_HTTP_REFUSED;
}

static size_t count_class(sv_str s, uint8_t wanted)
{
    size_t n = 0;
    while (n < s.n && (byte_class(s.p[n]) & wanted))
        n++;
    return n;
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c; }

/* `word` is in lower case. */
static bool equals_word(sv_str s, sv_str word)
{
    if (s.n != word.n)
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (lower(s.p[i]) != word.p[i])
            return false;
    return true;
}

static sv_str trim_blanks(sv_str s)
{
    while (s.n && (s.p[0] == ' ' || s.p[0] == '\t'))
        s.p++, s.n--;
    while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
        s.n--;
    return s;
}

static sv_span span_of(const char *bytes, sv_str s) { return (sv_span){(uint32_t)(s.p - bytes), (uint32_t)s.n}; }

/* The host part of an authority: a bracketed address, or a name. */
static size_t host_bytes(sv_str s)
{
    if (s.n == 0 || s.p[0] != '[')
        return count_class(s, HOST);
    size_t n = 1;
    while (n < s.n && (byte_class(s.p[n]) & HOST || s.p[n] == ':'))
        n++;
    return n > 1 && n < s.n && s.p[n] == ']' ? n + 1 : 0;
}

bool sv_http_check_host(sv_str host)
{
    size_t n = host_bytes(host);
    if (n == 0 || n == host.n)
        return n > 0;
    uint64_t port = 0;
    sv_str digits = {host.p + n + 1, host.n - n - 1};
    if (host.p[n] != ':' || digits.n > 5)
        return false;
    return digits.n == 0 || (is_digit(digits.p[0]) && sv_str_to_uint64(digits, &port) && port <= 65535);
}

/* http://authority/path?query, which every server must understand (RFC 9112 3.2.2). */
static bool read_absolute_target(sv_http_head *head, const char *bytes, sv_str *target)
{
    static const sv_str SCHEMES[] = {{"http://", 7}, {"https://", 8}};
    for (size_t i = 0; i < sizeof SCHEMES / sizeof SCHEMES[0]; i++) {
        sv_str scheme = SCHEMES[i];
        if (target->n < scheme.n || !equals_word((sv_str){target->p, scheme.n}, scheme))
            continue;
        sv_str rest = {target->p + scheme.n, target->n - scheme.n};
        size_t n = 0;
        while (n < rest.n && rest.p[n] != '/' && rest.p[n] != '?')
            n++;
        head->absolute = true;
        head->host = span_of(bytes, (sv_str){rest.p, n});
        *target = (sv_str){rest.p + n, rest.n - n};
        return sv_http_check_host((sv_str){rest.p, n});
    }
    return false;
}

static sv_http_verdict read_target(sv_http_head *head, const char *bytes, sv_str target)
{
    for (size_t i = 0; i < target.n; i++)
        if ((unsigned char)target.p[i] <= ' ' || (unsigned char)target.p[i] > '~')
            return refuse(head, 400, "the request target held a byte that must be percent-encoded");
    bool is_star = sv_str_is(target, "*") && sv_str_is(sv_span_view(bytes, head->method), "OPTIONS");
    if (!is_star && (target.n == 0 || target.p[0] != '/') && !read_absolute_target(head, bytes, &target))
        return refuse(head, 400, "the request target was neither a path nor an http URL");

    size_t n_path = sv_str_find(target, '?');
    head->path = span_of(bytes, (sv_str){target.p, n_path});
    head->has_query = n_path < target.n;
    if (head->has_query)
        head->query = span_of(bytes, (sv_str){target.p + n_path + 1, target.n - n_path - 1});
    return SV_HTTP_MORE;
}

static sv_http_verdict read_request_line(sv_http_head *head, const char *bytes, sv_str line)
{
    size_t n_method = count_class(line, TOKEN);
    if (n_method == 0 || n_method == line.n || line.p[n_method] != ' ')
        return refuse(head, 400, "the request line began with no method");
    head->method = span_of(bytes, (sv_str){line.p, n_method});

    sv_str rest = {line.p + n_method + 1, line.n - n_method - 1};
    size_t n_target = sv_str_find(rest, ' ');
    sv_str version = {rest.p + n_target, rest.n - n_target};
    if (version.n != 9 || !sv_str_starts(version, SV_STR(" HTTP/")) || !is_digit(version.p[6]) ||
        version.p[7] != '.' || !is_digit(version.p[8]))
        return refuse(head, 400, "the request line did not end in HTTP/x.y");
    head->major = (uint8_t)(version.p[6] - '0');
    head->minor = (uint8_t)(version.p[8] - '0');
    head->has_request_line = true;
    return read_target(head, bytes, (sv_str){rest.p, n_target});
}

static sv_http_verdict take_host(sv_http_head *head, const char *bytes, sv_str value)
{
    if (head->has_host)
        return refuse(head, 400, "there were two Host fields");
    if (!sv_http_check_host(value))
        return refuse(head, 400, "Host was no host name or address");
    head->has_host = true;
    if (!head->absolute)
        head->host = span_of(bytes, value);
    return SV_HTTP_MORE;
}

static sv_http_verdict take_length(sv_http_head *head, const char *bytes, sv_str value)
{
    (void)bytes;
    if (head->has_length)
        return refuse(head, 400, "there were two Content-Length fields");
    if (value.n == 0 || value.n > 19 || !is_digit(value.p[0]) || !sv_str_to_uint64(value, &head->content_length) ||
        head->content_length > INT64_MAX)
        return refuse(head, 400, "Content-Length was not 1 to 19 digits");
    head->has_length = true;
    return SV_HTTP_MORE;
}

static sv_http_verdict take_transfer_encoding(sv_http_head *head, const char *bytes, sv_str value)
{
    (void)bytes;
    if (head->chunked)
        return refuse(head, 400, "there were two Transfer-Encoding fields");
    if (!equals_word(value, SV_STR("chunked")))
        return refuse(head, 400, "Transfer-Encoding was not chunked");
    head->chunked = true;
    return SV_HTTP_MORE;
}

/* The framing does not depend on it: who answers decides what two of them mean. */
static sv_http_verdict take_content_type(sv_http_head *head, const char *bytes, sv_str value)
{
    head->has_two_types = head->has_content_type;
    head->last_type = span_of(bytes, value);
    if (!head->has_content_type)
        head->content_type = head->last_type;
    head->has_content_type = true;
    return SV_HTTP_MORE;
}

/* Of several the first counts: what is not looked at is only a wish. */
static sv_http_verdict take_accept(sv_http_head *head, const char *bytes, sv_str value)
{
    if (head->accept.n == 0)
        head->accept = span_of(bytes, value);
    return SV_HTTP_MORE;
}

static sv_http_verdict take_expect(sv_http_head *head, const char *bytes, sv_str value)
{
    (void)bytes;
    if (!equals_word(value, SV_STR("100-continue")))
        return refuse(head, 417, "Expect was not 100-continue");
    head->expects_continue = true;
    return SV_HTTP_MORE;
}

static sv_http_verdict take_connection(sv_http_head *head, const char *bytes, sv_str value)
{
    (void)bytes;
    while (value.n) {
        size_t n = sv_str_find(value, ',');
        sv_str word = trim_blanks((sv_str){value.p, n});
        head->wants_close = head->wants_close || equals_word(word, SV_STR("close"));
        head->wants_keep_alive = head->wants_keep_alive || equals_word(word, SV_STR("keep-alive"));
        size_t used = n < value.n ? n + 1 : n;
        value = (sv_str){value.p + used, value.n - used};
    }
    return SV_HTTP_MORE;
}

typedef struct field_row {
    sv_str name;
    sv_http_verdict (*take)(sv_http_head *head, const char *bytes, sv_str value);
} field_row;

/* The fields that mean something to this server; all others are checked for form and dropped. */
static const field_row FIELDS[] = {
    {{"host", 4}, take_host},
    {{"content-length", 14}, take_length},
    {{"transfer-encoding", 17}, take_transfer_encoding},
    {{"content-type", 12}, take_content_type},
    {{"accept", 6}, take_accept},
    {{"connection", 10}, take_connection},
    {{"expect", 6}, take_expect},
};

static sv_http_verdict read_field(sv_http_head *head, const sv_http_limits *limits, const char *bytes, sv_str line)
{
    size_t n_name = count_class(line, TOKEN);
    if (++head->n_fields > limits->max_fields)
        return refuse(head, 431, "there were too many fields");
    if (n_name == 0 || n_name == line.n || line.p[n_name] != ':')
        return refuse(head, 400, "a field had no name right before its colon");
    sv_str name = {line.p, n_name};
    for (size_t i = 0; i < sizeof FIELDS / sizeof FIELDS[0]; i++)
        if (equals_word(name, FIELDS[i].name))
            return FIELDS[i].take(head, bytes, trim_blanks((sv_str){line.p + n_name + 1, line.n - n_name - 1}));
    return SV_HTTP_MORE;
}

static sv_http_verdict end_head(sv_http_head *head)
{
    if (sv_http_is_11(head) && !head->has_host)
        return refuse(head, 400, "there was no Host field");
    if (head->chunked && head->has_length)
        return refuse(head, 400, "there were both Transfer-Encoding and Content-Length");
    if (head->chunked && !sv_http_is_11(head))
        return refuse(head, 400, "Transfer-Encoding was sent with HTTP/1.0");
    head->n_bytes = head->scanned;
    return SV_HTTP_DONE;
}

static sv_http_verdict end_line(sv_http_head *head, const sv_http_limits *limits, const char *bytes)
{
    sv_str line = {bytes + head->line_at, head->scanned - 2 - head->line_at};
    head->line_at = head->scanned;
    head->saw_cr = false;
    if (head->has_request_line)
        return line.n ? read_field(head, limits, bytes, line) : end_head(head);
    if (line.n)
        return read_request_line(head, bytes, line);
    if (head->skipped_empty_line)
        return refuse(head, 400, "there were two empty lines before the request");
    head->skipped_empty_line = true; /* RFC 9112 2.2: old clients send one behind a body */
    return SV_HTTP_MORE;
}

static sv_http_verdict refuse_length(sv_http_head *head, size_t at, const sv_http_limits *limits)
{
    if (at < limits->max_head_bytes && !head->has_request_line)
        return refuse(head, 414, "the request line was too long");
    return refuse(head, 431, "the head was too long");
}

static sv_http_verdict end_text(sv_http_head *head, const sv_http_limits *limits, const char *bytes)
{
    char c = bytes[head->scanned++];
    if (head->saw_cr)
        return c == '\n' ? end_line(head, limits, bytes) : refuse(head, 400, "a CR came without its LF");
    if (c == '\n')
        return refuse(head, 400, "an LF came without its CR");
    if (c != '\r')
        return refuse(head, 400, "there was a control byte in the head");
    head->saw_cr = true;
    return SV_HTTP_MORE;
}

sv_http_verdict sv_http_parse(sv_http_head *head, const sv_http_limits *limits, const char *bytes, size_t n)
{
    while (head->scanned < n) {
        size_t i = head->scanned;
        size_t end = head->line_at + limits->max_line_bytes;
        if (end > limits->max_head_bytes)
            end = limits->max_head_bytes;
        if (i >= end)
            return refuse_length(head, i, limits);
        if (end > n)
            end = n;
        while (!head->saw_cr && i < end && (byte_class(bytes[i]) & TEXT))
            i++;
        head->scanned = (uint32_t)i;
        if (i == end)
            continue;
        sv_http_verdict verdict = end_text(head, limits, bytes);
        if (verdict != SV_HTTP_MORE)
            return verdict;
    }
    return SV_HTTP_MORE;
}
