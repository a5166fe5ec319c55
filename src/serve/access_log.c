#include "serve/access_log_priv.h"

#include "serve/clock_priv.h"

#define END_BYTES 16        /* kept free for the mark of a cut and the closing brace */
#define MAX_VALUE_BYTES 256 /* of one text, before escaping */

static void put(sv_line *line, const char *p, size_t n)
{
    if (line->is_cut || n > SV_LINE_BYTES - END_BYTES - line->n) {
        line->is_cut = true;
        return;
    }
    memcpy(line->text + line->n, p, n);
    line->n += n;
}

static void put_text(sv_line *line, const char *text) { put(line, text, strlen(text)); }

static void put_escaped_byte(sv_line *line, unsigned char c)
{
    static const char HEX[] = "0123456789abcdef";
    char json[6] = {'\\', 'u', '0', '0', HEX[c >> 4], HEX[c & 15]};
    char plain[4] = {'\\', 'x', HEX[c >> 4], HEX[c & 15]};
    char quoted[2] = {'\\', (char)c};
    if (c == '"' || c == '\\')
        put(line, quoted, sizeof quoted);
    else if (line->is_json)
        put(line, json, sizeof json);
    else
        put(line, plain, sizeof plain);
}

/* Bytes that need no quotes: every value of every line is looked through. */
static const bool PLAIN[256] = {
    ['0'] = 1, ['1'] = 1, ['2'] = 1, ['3'] = 1, ['4'] = 1, ['5'] = 1, ['6'] = 1, ['7'] = 1, ['8'] = 1, ['9'] = 1,
    ['A'] = 1, ['B'] = 1, ['C'] = 1, ['D'] = 1, ['E'] = 1, ['F'] = 1, ['G'] = 1, ['H'] = 1, ['I'] = 1, ['J'] = 1,
    ['K'] = 1, ['L'] = 1, ['M'] = 1, ['N'] = 1, ['O'] = 1, ['P'] = 1, ['Q'] = 1, ['R'] = 1, ['S'] = 1, ['T'] = 1,
    ['U'] = 1, ['V'] = 1, ['W'] = 1, ['X'] = 1, ['Y'] = 1, ['Z'] = 1, ['a'] = 1, ['b'] = 1, ['c'] = 1, ['d'] = 1,
    ['e'] = 1, ['f'] = 1, ['g'] = 1, ['h'] = 1, ['i'] = 1, ['j'] = 1, ['k'] = 1, ['l'] = 1, ['m'] = 1, ['n'] = 1,
    ['o'] = 1, ['p'] = 1, ['q'] = 1, ['r'] = 1, ['s'] = 1, ['t'] = 1, ['u'] = 1, ['v'] = 1, ['w'] = 1, ['x'] = 1,
    ['y'] = 1, ['z'] = 1, ['-'] = 1, ['.'] = 1, ['_'] = 1, ['~'] = 1, ['/'] = 1, [':'] = 1, ['%'] = 1, ['+'] = 1,
    ['*'] = 1, ['@'] = 1, ['['] = 1, [']'] = 1, [','] = 1,
};

static void put_value(sv_line *line, sv_str value)
{
    bool is_long = value.n > MAX_VALUE_BYTES;
    bool is_quoted = line->is_json || is_long || value.n == 0;
    value.n = is_long ? MAX_VALUE_BYTES : value.n;
    for (size_t i = 0; i < value.n && !is_quoted; i++)
        is_quoted = !PLAIN[(unsigned char)value.p[i]];
    if (!is_quoted) {
        put(line, value.p, value.n);
        return;
    }
    put_text(line, "\"");
    for (size_t i = 0; i < value.n; i++) {
        unsigned char c = (unsigned char)value.p[i];
        if (c < ' ' || c >= 0x7F || c == '"' || c == '\\')
            put_escaped_byte(line, c);
        else
            put(line, value.p + i, 1);
    }
    put_text(line, is_long ? "...\"" : "\"");
}

/* `at` is where the field began, so that one that does not fit vanishes whole: half a string would spoil the line. */
static void end_field(sv_line *line, size_t at)
{
    if (line->is_cut)
        line->n = at;
}

static size_t begin_field(sv_line *line, const char *key)
{
    size_t at = line->n;
    if (line->is_json) {
        put_text(line, at > 1 ? ",\"" : "\"");
        put_text(line, key);
        put_text(line, "\":");
    } else {
        put_text(line, at ? " " : "");
        put_text(line, key);
        put_text(line, "=");
    }
    return at;
}

void sv_line_put(sv_line *line, const char *key, sv_str value)
{
    size_t at = begin_field(line, key);
    put_value(line, value);
    end_field(line, at);
}

void sv_line_put_number(sv_line *line, const char *key, int64_t value)
{
    char digits[24];
    size_t i = sizeof digits;
    uint64_t n = value < 0 ? (uint64_t)0 - (uint64_t)value : (uint64_t)value;
    do
        digits[--i] = (char)('0' + n % 10);
    while (n /= 10);
    if (value < 0)
        digits[--i] = '-';
    size_t at = begin_field(line, key);
    put(line, digits + i, sizeof digits - i);
    end_field(line, at);
}

void sv_line_begin(sv_line *line, bool is_json, const char *stamp, const char *level, const char *event)
{
    line->n = 0;
    line->is_json = is_json;
    line->is_cut = false;
    if (is_json)
        put_text(line, "{");
    sv_line_put(line, "time", (sv_str){stamp, SV_STAMP_BYTES});
    sv_line_put(line, "level", sv_str_of(level));
    sv_line_put(line, "event", sv_str_of(event));
}

sv_str sv_line_end(sv_line *line)
{
    sv_str end = SV_STR("");
    if (line->is_json)
        end = line->is_cut ? SV_STR(",\"cut\":true}") : SV_STR("}");
    else if (line->is_cut)
        end = SV_STR(" cut=true");
    memcpy(line->text + line->n, end.p, end.n);
    line->n += end.n;
    return (sv_str){line->text, line->n};
}

sv_str sv_access_write(sv_line *line, bool is_json, const sv_access *access)
{
    const char *level = access->http_status >= 500 ? "error" : "info";
    sv_line_begin(line, is_json, access->stamp, level, "request");
    sv_line_put(line, "client", sv_str_of(access->client));
    sv_line_put(line, "method", access->method);
    sv_line_put(line, "path", access->path);
    sv_line_put_number(line, "status", access->http_status);
    sv_line_put_number(line, "in", (int64_t)access->n_in);
    sv_line_put_number(line, "out", (int64_t)access->n_out);
    sv_line_put_number(line, "us", access->duration_us);
    if (access->error && access->error[0])
        sv_line_put(line, "error", sv_str_of(access->error));
    return sv_line_end(line);
}
