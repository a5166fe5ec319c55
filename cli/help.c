/* help.c: what --help prints, from the same table that parsing uses. */
#include "options.h"

#include <stdio.h>
#include <string.h>

enum { WIDTH = 100, INDENT = 2, COLUMN = 36 };

/* Print `text` wrapped at blanks, each line from `column` on; the cursor stands at `at`. */
static void print_wrapped(const char *text, int column, int at)
{
    while (*text) {
        int n = (int)strcspn(text, " ");
        if (at > column && at + 1 + n > WIDTH) {
            putchar('\n');
            at = 0;
        }
        at += at < column ? printf("%*s", column - at, "") : printf(" ");
        at += printf("%.*s", n, text);
        text += n;
        text += strspn(text, " ");
    }
    putchar('\n');
}

static const char *value_name(const cli_option *o)
{
    if (o->kind == CLI_FLAG)
        return NULL;
    if (o->kind == CLI_CHOICE)
        return o->choices;
    return o->metavar;
}

/* "-p, --port INTEGER" */
static int format_head(const cli_option *o, char *text, size_t size)
{
    const char *value = value_name(o);
    char letter[8] = "";
    if (o->letter)
        snprintf(letter, sizeof letter, "-%c, ", o->letter);
    return snprintf(text, size, "%s--%s%s%s", letter, o->name, value ? " " : "", value ? value : "");
}

static const char *separator(const char *tail) { return *tail ? "; " : "  ["; }

/* "  [env var: MLFLOW_PORT; default: 5000]" */
static void format_tail(const cli_option *o, char *text, size_t size)
{
    size_t n = 0;
    *text = 0;
    if (o->env)
        n += (size_t)snprintf(text + n, size - n, "%senv var: %s", separator(text), o->env);
    if (o->fallback)
        n += (size_t)snprintf(text + n, size - n, "%sdefault: %s", separator(text), o->fallback);
    if (o->is_required)
        n += (size_t)snprintf(text + n, size - n, "%srequired", separator(text));
    if (n)
        snprintf(text + n, size - n, "]");
}

static void print_option(const cli_option *o)
{
    char head[120], tail[160], text[900];
    int n = format_head(o, head, sizeof head);
    format_tail(o, tail, sizeof tail);
    snprintf(text, sizeof text, "%s%s", o->help, tail);
    printf("%*s%s", INDENT, "", head);
    n += INDENT;
    if (n + 2 > COLUMN) {
        putchar('\n');
        n = 0;
    }
    print_wrapped(text, COLUMN, n);
}

void cli_print_help(const cli_usage *usage)
{
    static const cli_option HELP = {.name = "help", .kind = CLI_FLAG, .help = "Show this message and exit."};
    printf("Usage: savor %s [OPTIONS]%s%s\n\n", usage->words, usage->positional ? " " : "",
           usage->positional ? usage->positional : "");
    print_wrapped(usage->sentence, INDENT, 0);
    if (usage->more)
        printf("\n%s", usage->more);
    puts("\nOptions:");
    for (size_t i = 0; i < usage->n_options; i++)
        print_option(&usage->options[i]);
    print_option(&HELP);
}
