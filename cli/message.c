/* message.c: one message is one write, so that lines of several threads do not mix. */
#include "message.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct style {
    const char *label, *colour;
} style;

static const style ERROR = {"error: ", "\033[1;31m"};
static const style WARNING = {"warning: ", "\033[1;33m"};
static const style NOTE = {"", ""};

static int is_set(const char *name)
{
    const char *value = getenv(name);
    return value && *value;
}

/* https://no-color.org and its counterpart; a terminal that says it is dumb gets none. */
static int wants_colour(void)
{
    const char *term = getenv("TERM");
    if (is_set("NO_COLOR"))
        return 0;
    if (is_set("FORCE_COLOR"))
        return 1;
    return isatty(STDERR_FILENO) && term && *term && strcmp(term, "dumb") != 0;
}

/* A message may quote a file; nothing in it is an order to the terminal. C1 controls are C2 80..9F in UTF-8. */
static void disarm(char *text)
{
    for (unsigned char *c = (unsigned char *)text; *c; c++)
        if (*c < 0x20 || *c == 0x7f || (c[0] == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0))
            *c = *c == 0xc2 ? (c[1] = '?') : '?';
}

static void write_line(const style *s, const char *fmt, va_list args)
{
    char text[1200];
    int colour = *s->colour && wants_colour();
    int n = snprintf(text, sizeof text, "savor: %s%s%s", colour ? s->colour : "", s->label, colour ? "\033[0m" : "");
    int more = vsnprintf(text + n, sizeof text - (size_t)n, fmt, args);
    disarm(text + n);
    n = more < 0 ? n : n + more;
    if (n > (int)sizeof text - 2)
        n = (int)sizeof text - 2;
    text[n++] = '\n';
    fwrite(text, 1, (size_t)n, stderr);
}

int cli_fail(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    write_line(&ERROR, fmt, args);
    va_end(args);
    return 1;
}

void cli_warn(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    write_line(&WARNING, fmt, args);
    va_end(args);
}

void cli_note(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    write_line(&NOTE, fmt, args);
    va_end(args);
}

int cli_error(const savor_error *err)
{
    cli_fail("%s%s%s", err->where, err->where[0] ? ": " : "", err->message);
    return savor_status_exit_code(err->status);
}
