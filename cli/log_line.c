/* log_line.c: key=value or JSON, as docs/server.md has it. */
#include "log_line.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* A value is cut, so that the fields of a line always fit; what is kept free is for closing quotes and the line end.
 */
enum { MAX_VALUE = 256, KEPT_BYTES = 64 };

static void put(cli_line *line, const char *p, size_t n)
{
    if (line->n + n + KEPT_BYTES > sizeof line->text)
        return;
    memcpy(line->text + line->n, p, n);
    line->n += n;
}

static void put_text(cli_line *line, const char *text) { put(line, text, strlen(text)); }

static void put_escaped(cli_line *line, unsigned char c)
{
    char text[8];
    if (c == '"' || c == '\\')
        snprintf(text, sizeof text, "\\%c", c);
    else if (c < 0x20 || c >= 0x7f)
        snprintf(text, sizeof text, line->is_json ? "\\u%04x" : "\\x%02x", c);
    else
        snprintf(text, sizeof text, "%c", c);
    put_text(line, text);
}

static int is_plain(const char *value)
{
    static const char PLAIN[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-._~/:%+*@[],";
    return *value && strlen(value) <= MAX_VALUE && !value[strspn(value, PLAIN)];
}

static void put_key(cli_line *line, const char *key)
{
    int is_first = line->n == (line->is_json ? 1u : 0u);
    put_text(line, is_first ? "" : line->is_json ? "," : " ");
    if (line->is_json)
        put_text(line, "\"");
    put_text(line, key);
    put_text(line, line->is_json ? "\":" : "=");
}

void cli_line_put(cli_line *line, const char *key, const char *value)
{
    put_key(line, key);
    if (!line->is_json && is_plain(value)) {
        put_text(line, value);
        return;
    }
    put_text(line, "\"");
    for (int i = 0; value[i] && i < MAX_VALUE; i++)
        put_escaped(line, (unsigned char)value[i]);
    line->text[line->n++] = '"';
}

void cli_line_put_number(cli_line *line, const char *key, uint64_t value)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, value);
    put_key(line, key);
    put_text(line, text);
}

void cli_line_begin(cli_line *line, int is_json, const char *event)
{
    struct timespec now;
    struct tm day;
    char date[24] = "", stamp[40];
    line->n = 0;
    line->is_json = is_json;
    clock_gettime(CLOCK_REALTIME, &now);
    if (gmtime_r(&now.tv_sec, &day))
        strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &day);
    snprintf(stamp, sizeof stamp, "%s.%03dZ", date, (int)(now.tv_nsec / 1000000));
    if (is_json)
        put_text(line, "{");
    cli_line_put(line, "time", stamp);
    cli_line_put(line, "level", "info");
    cli_line_put(line, "event", event);
}

void cli_line_end(cli_line *line)
{
    if (line->is_json)
        line->text[line->n++] = '}';
    line->text[line->n++] = '\n';
    fwrite(line->text, 1, line->n, stderr);
}
